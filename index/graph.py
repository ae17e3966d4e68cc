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

from index.pooling import Vectors
from index.rows import Delta
from index.transitions import Transitions
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
    """Sentence vectors in one growing matrix; removed rows stay until `keep`."""

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

    def keep(self, rows: Sequence[int]) -> None:
        """Drop all rows but these, ascending."""
        self.vectors = self.vectors[rows]
        self.places = [self.places[row] for row in rows]
        self.entities = [self.entities[row] for row in rows]


class KnowledgeGraph:
    """Entities are nodes named by their key (str), passages by their id (int)."""

    def __init__(self) -> None:
        self.network: Any = nx.MultiDiGraph()
        self._sentences = SentenceRows()
        self._rows_of_passage: dict[int, range] = {}
        self._rows_of_entity: dict[str, set[int]] = defaultdict(set)
        self._facts_of_passage: dict[int, list[tuple[str, str, str]]] = {}
        self._words: dict[str, set[str]] = defaultdict(set)
        self._matrix: Transitions | None = None

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
        self._compact()
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
            key = f"{passage_id}:{start}:{relation}"
            if self.network.has_edge(subject, target, key):
                continue
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
        ends: set[str] = set()
        for subject, target, key in self._facts_of_passage.pop(passage_id, ()):
            self.network.remove_edge(subject, target, key)
            ends |= {subject, target}
        touched = set(self.network.successors(passage_id))
        rows = self._rows_of_passage.pop(passage_id, range(0))
        self.network.remove_node(passage_id)
        for row in rows:
            self._sentences.entities[row] = []
        for entity in touched:
            self._rows_of_entity[entity].difference_update(rows)
            if not any(isinstance(n, int) for n in self.network.predecessors(entity)):
                self._forget(entity)
        # A fact may name what no passage mentions (a number in a table): it holds its node on its own.
        self.network.remove_nodes_from([e for e in touched | ends if not self.network.degree(e)])

    def _compact(self) -> None:
        """Give back the rows of removed sentences once they are most of all."""
        kept = sorted(row for rows in self._rows_of_passage.values() for row in rows)
        if len(self._sentences.places) < 2 * len(kept) + 256:
            return
        self._sentences.keep(kept)
        new = {row: i for i, row in enumerate(kept)}
        self._rows_of_passage = {
            passage_id: range(new[rows[0]], new[rows[-1]] + 1)
            for passage_id, rows in self._rows_of_passage.items()
        }
        for entity, rows in self._rows_of_entity.items():
            self._rows_of_entity[entity] = {new[row] for row in rows}

    def _forget(self, entity: str) -> None:
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

    def _transitions(self) -> Transitions:
        if self._matrix is None:
            self._matrix = Transitions(self.network)
        return self._matrix
