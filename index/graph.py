"""The knowledge graph: passages, the entities they mention, and facts between entities.

The only file that imports networkx. The graph is a view of the store: every edge carries the passage and the
offsets of the words it comes from, and goes when that passage goes.

The walk follows LinearRAG (arXiv 2510.10114): entities of the question activate entities that share a
sentence close to the question with them; personalised PageRank (Haveliwala 2002) over passages and entities
then ranks the passages. No language model builds or walks the graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from index.embed import Vectors
from index.rows import Delta
from index.types import Fact

_MENTION = "mention"
_TITLE_COUNT = 2
"""A title counts as two mentions."""


@dataclass(frozen=True, slots=True)
class WalkOptions:
    rounds: int = 3
    """How many sentences an activation may cross."""
    sentences: int = 2
    """Sentences that one entity activates through, a round."""
    threshold: float = 0.15
    """Activations below it stop."""
    damping: float = 0.7
    iterations: int = 20
    passage_weight: float = 0.05
    """Weight of what the other voices found, beside the entities', in the restart vector."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """Why an entity was activated: it shares a sentence with one that was active already."""

    entity: str
    by: str
    """The entity before it; empty for one that the question names."""
    passage_id: int = 0
    start: int = 0
    end: int = 0
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Walk:
    """Passages ranked by the graph."""

    passages: list[tuple[int, float]]
    """(passage id, PageRank), best first."""
    bridges: dict[str, Bridge]
    """Each activated entity and what activated it."""


class SentenceRows:
    """Sentence vectors in one growing matrix; a removed row is only reused after `compact`."""

    def __init__(self) -> None:
        self.vectors: Vectors = np.empty((0, 0), np.float32)
        self.places: list[tuple[int, int, int]] = []
        """(passage id, start, end) of each row."""
        self.entities: list[list[str]] = []

    def extend(self, places: Sequence[tuple[int, int, int]], vectors: Vectors) -> range:
        """Append rows; returns their numbers."""
        first, last = len(self.places), len(self.places) + len(places)
        if last > len(self.vectors):
            grown = np.empty((max(last, 2 * len(self.vectors)), vectors.shape[1]), np.float32)
            grown[:first] = self.vectors[:first] if first else grown[:0]
            self.vectors = grown
        self.vectors[first:last] = vectors
        self.places += places
        self.entities += [[] for _ in places]
        return range(first, last)


class KnowledgeGraph:
    """Entities are nodes named by their key (str), passages by their id (int)."""

    def __init__(self) -> None:
        self.network: Any = nx.MultiDiGraph()
        self._sentences = SentenceRows()
        self._rows_of_passage: dict[int, range] = {}
        self._rows_of_entity: dict[str, set[int]] = defaultdict(set)
        self._facts_of_passage: dict[int, list[tuple[str, str, str]]] = {}
        self._words: dict[str, set[str]] = defaultdict(set)
        self._matrix: _Transitions | None = None

    def __contains__(self, entity: str) -> bool:
        return entity in self._rows_of_entity

    def __len__(self) -> int:
        """How many entities there are."""
        return len(self._rows_of_entity)

    # -- following the store ---------------------------------------------------------------------------

    def apply(self, delta: Delta) -> None:
        """Take out what was removed and put in what was added."""
        if not len(delta.removed) and not len(delta.passages):
            return
        for passage_id in delta.removed.tolist():
            self._remove(passage_id)
        self._add_sentences(delta)
        spans: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
        for passage_id, entity, _, start, end in delta.mentions:
            spans[passage_id, entity].append((start, end))
        self.network.add_nodes_from(delta.passages.tolist())
        for (passage_id, entity), places in spans.items():
            count = sum(1 if end > start else _TITLE_COUNT for start, end in places)
            self.network.add_edge(passage_id, entity, key=_MENTION, count=count, spans=places)
            self._link_sentences(passage_id, entity, places)
        for passage_id, subject, relation, target, start, end in delta.facts:
            key = f"{passage_id}:{relation}"
            self.network.add_edge(
                subject, target, key=key, relation=relation, passage_id=passage_id, start=start, end=end
            )
            self._facts_of_passage.setdefault(passage_id, []).append((subject, target, key))
        self._matrix = None

    def _add_sentences(self, delta: Delta) -> None:
        if not delta.sentences:
            return
        rows = self._sentences.extend(delta.sentences, delta.sentence_vectors)
        first = 0
        for i in range(1, len(rows) + 1):
            if i == len(rows) or delta.sentences[i][0] != delta.sentences[first][0]:
                self._rows_of_passage[delta.sentences[first][0]] = rows[first:i]
                first = i

    def _link_sentences(self, passage_id: int, entity: str, places: Iterable[tuple[int, int]]) -> None:
        """Tie an entity to the sentences that name it; a title is tied to every sentence below it."""
        linked = self._rows_of_entity[entity]
        if not linked:
            for word in entity.split():
                self._words[word].add(entity)
        for row in self._rows_of_passage.get(passage_id, ()):
            _, begin, stop = self._sentences.places[row]
            if any(begin <= start < stop or start == end for start, end in places):
                linked.add(row)
                self._sentences.entities[row].append(entity)

    def _remove(self, passage_id: int) -> None:
        if passage_id not in self.network:
            return
        for subject, target, key in self._facts_of_passage.pop(passage_id, ()):
            if self.network.has_edge(subject, target, key):
                self.network.remove_edge(subject, target, key)
        touched = list(self.network.successors(passage_id))
        rows = self._rows_of_passage.pop(passage_id, range(0))
        self.network.remove_node(passage_id)
        for row in rows:
            self._sentences.entities[row] = []
        for entity in touched:
            self._rows_of_entity[entity].difference_update(rows)
            if not any(isinstance(n, int) for n in self.network.predecessors(entity)):
                self._forget(entity)

    def _forget(self, entity: str) -> None:
        self.network.remove_node(entity)
        del self._rows_of_entity[entity]
        for word in entity.split():
            self._words[word].discard(entity)
            if not self._words[word]:
                del self._words[word]

    def edges(self) -> set[tuple[Any, Any, str]]:
        """All edges as (from, to, key), for comparing two graphs."""
        return set(self.network.edges(keys=True))

    # -- asking ----------------------------------------------------------------------------------------

    def entities_with(self, word: str) -> set[str]:
        """Entities that have `word` (folded) as one of their words."""
        return self._words.get(word, set())

    def frequency(self, entity: str) -> int:
        """In how many passages an entity is mentioned."""
        return self._transitions().frequency(entity)

    def passages_of(self, entity: str) -> list[int]:
        """Ids of the passages that mention an entity."""
        return [n for n in self.network.predecessors(entity) if isinstance(n, int)] if entity in self else []

    def facts(self, passage_ids: Iterable[int], entities: Iterable[str]) -> list[Fact]:
        """Facts that these passages say about these entities, in order."""
        wanted = set(entities)
        return [
            Fact(subject, edge["relation"], target, passage_id, edge["start"], edge["end"])
            for passage_id in passage_ids
            for subject, target, key in self._facts_of_passage.get(passage_id, ())
            if subject in wanted or target in wanted
            for edge in [self.network.edges[subject, target, key]]
        ]

    def walk(
        self,
        seeds: Mapping[str, float],
        question: Vectors,
        prior: Sequence[tuple[int, float]],
        options: WalkOptions,
    ) -> Walk:
        """Rank passages from the entities of a question.

        Args:
            seeds: entity -> weight in 0..1.
            question: (dim,) float32, the question's vector.
            prior: (passage id, score in 0..1) from the other voices.

        Returns:
            Nothing when no seed is in the graph.
        """
        bridges = self._activate(seeds, question, options)
        if not bridges:
            return Walk([], {})
        matrix = self._transitions()
        restart = np.zeros(matrix.size, np.float64)
        for entity, bridge in bridges.items():
            restart[matrix.node[entity]] = bridge.score / matrix.frequency(entity)
        for passage_id, score in prior:
            if passage_id in matrix.node:
                restart[matrix.node[passage_id]] = options.passage_weight * score
        ranks = matrix.pagerank(restart, options.damping, options.iterations)[: matrix.passages]
        order = np.argsort(-ranks)[:200]
        return Walk([(matrix.names[i], float(ranks[i])) for i in order.tolist() if ranks[i] > 0], bridges)

    def _activate(
        self, seeds: Mapping[str, float], question: Vectors, options: WalkOptions
    ) -> dict[str, Bridge]:
        """Sentence bridging: from active entities through their sentences nearest to the question."""
        active = {
            entity: Bridge(entity, "", score=score) for entity, score in seeds.items() if entity in self
        }
        frontier = list(active.values())
        used: set[int] = set()
        for _ in range(options.rounds):
            found: dict[str, Bridge] = {}
            for bridge in frontier:
                rows = np.fromiter(self._rows_of_entity[bridge.entity] - used, np.int64)
                if not len(rows):
                    continue
                cosines = self._sentences.vectors[rows] @ question
                for at in np.argsort(-cosines)[: options.sentences].tolist():
                    row, score = int(rows[at]), bridge.score * float(cosines[at])
                    used.add(row)
                    if score < options.threshold:
                        continue
                    for entity in self._sentences.entities[row]:
                        if score > found.get(entity, bridge).score or (
                            entity not in found and entity not in active
                        ):
                            found[entity] = Bridge(entity, bridge.entity, *self._sentences.places[row], score)
            frontier = [b for e, b in found.items() if e not in active]
            active.update((b.entity, b) for b in frontier)
        return active

    def _transitions(self) -> _Transitions:
        if self._matrix is None:
            self._matrix = _Transitions(self.network)
        return self._matrix


class _Transitions:
    """The graph's mentions as sparse arrays: passages are nodes 0..p-1, entities follow."""

    def __init__(self, network: Any) -> None:
        self.names: list[Any] = [n for n in network if isinstance(n, int)]
        self.passages = len(self.names)
        self.names += [n for n in network if isinstance(n, str)]
        self.size = len(self.names)
        self.node: dict[Any, int] = {name: i for i, name in enumerate(self.names)}
        edges = [
            (self.node[passage], self.node[entity], count)
            for passage, entity, count in network.edges(data="count")
            if count is not None
        ]
        columns = np.array(edges, np.float64).reshape(-1, 3)
        rows, cols = columns[:, 0].astype(np.int64), columns[:, 1].astype(np.int64)
        totals = np.bincount(rows, columns[:, 2], minlength=self.size)
        weights = columns[:, 2] / np.maximum(totals[rows], 1e-12)
        self._degree = np.bincount(cols, minlength=self.size)
        both = csr_array(
            (np.r_[weights, weights], (np.r_[rows, cols], np.r_[cols, rows])), shape=(self.size, self.size)
        )
        out = np.asarray(both.sum(axis=1)).ravel()
        # Column-stochastic: rank flows from a node to its neighbours by the weight of the edge.
        self._flow = (both / np.maximum(out, 1e-12)[:, None]).T.tocsr()

    def frequency(self, entity: str) -> int:
        return int(self._degree[self.node[entity]]) if entity in self.node else 0

    def pagerank(self, restart: NDArray[np.float64], damping: float, iterations: int) -> NDArray[np.float64]:
        """Power iteration of rank = (1 - damping) * restart + damping * flow @ rank. (nodes,) float64."""
        restart = restart / max(restart.sum(), 1e-12)
        rank = restart
        for _ in range(iterations):
            rank = (1 - damping) * restart + damping * (self._flow @ rank)
        return np.asarray(rank)
