"""The walk over the graph: from the entities of a question to passages.

After LinearRAG (arXiv 2510.10114): entities of the question activate the entities that share a sentence
close to the question with them; personalised PageRank over passages and entities then ranks the passages.
Everything happens in the part of the graph that the question touches, and no entity, however common, brings
more than `WalkOptions.hub` passages: the cost follows the question, not the collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

import numpy as np
from numpy.typing import NDArray

from index.edges import Pack, Sentences
from index.graph import KnowledgeGraph
from index.pooling import Vectors
from index.rows import TITLE
from index.transitions import Transitions
from index.types import Bridge

_RANKED = 200
"""Passages that a walk returns at most."""


@dataclass(frozen=True, slots=True)
class WalkOptions:
    """How far a walk goes. None of it depends on the size of the collection."""

    rounds: int = 2
    """How many sentences an activation may cross; 0: only the question's own entities."""
    sentences: int = 3
    """Sentences that one entity activates through, a round."""
    threshold: float = 0.15
    """Activations below it stop, 0 to 1."""
    damping: float = 0.7
    """Share of the rank that goes on along the edges at each iteration of PageRank, 0 to 1."""
    iterations: int = 12
    """Of PageRank; twenty rank the same (docs/log.md)."""
    passage_weight: float = 0.05
    """Weight of what the other voices found, beside the entities', in the restart vector."""
    active: int = 48
    """Entities that passages are ranked from: the surest."""
    frontier: int = 8
    """Entities that activate others in a round: the surest."""
    hub: int = 20
    """Places that one entity brings at most: those that the other voices found, then the oldest."""
    prior: int = 100
    """Passages that the other voices found which the walk looks at: the best."""
    alias_weight: float = 0.9
    """What an entity's activation is worth for another name of it."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Passages ranked by the graph."""

    passages: list[tuple[int, float]]
    """(passage id, PageRank), best first."""
    bridges: dict[str, Bridge]
    """Each activated entity and what activated it."""
    packs: Mapping[int, Pack]
    """The entities of the passages that were touched."""
    ids: Mapping[str, int]
    """The ids of the activated entities."""


NOWHERE = Walk([], {}, {}, {})


def walk(
    graph: KnowledgeGraph,
    seeds: Mapping[str, float],
    question: Vectors,
    prior: Sequence[tuple[int, float]],
    options: WalkOptions,
    among: frozenset[int] | None = None,
) -> Walk:
    """Rank passages from the entities of a question.

    Args:
        seeds: entity -> weight in 0..1.
        question: (dim,) float32, the question's vector.
        prior: (passage id, score in 0..1) from the other voices, best first.
        among: only these passages count; None: all.

    Returns:
        NOWHERE when no seed is in the graph.
    """
    prior = prior[: options.prior]
    steps = _Activation(graph, question, prior, options, among)
    steps.start(seeds)
    if not steps.active:
        return NOWHERE
    for _ in range(options.rounds):
        steps.cross()
    surest = steps.surest(options.active)
    steps.touch(surest)
    packs = graph.packs([*steps.touched(), *(i for i, _ in prior)])
    transitions = Transitions(packs)
    ranks = transitions.pagerank(
        {e: steps.active[e].score / steps.frequency(e) for e in surest},
        {i: options.passage_weight * score for i, score in prior},
        options.damping,
        options.iterations,
    )[: len(packs)]
    ranks = ranks.round(12)  # the order in which terms are added up must not part equals
    order = np.argsort(-ranks, kind="stable")[:_RANKED].tolist()
    ids = transitions.passages
    passages = [(int(ids[i]), float(ranks[i])) for i in order if ranks[i] > 0]
    return Walk(passages, steps.bridges(), packs, {key: e for e, key in steps.keys.items()})


@dataclass(frozen=True, slots=True)
class _Step:
    """Activation of one entity, by ids."""

    entity: int
    by: int
    passage_id: int = 0
    start: int = 0
    end: int = 0
    score: float = 1.0


class _Activation:
    """Sentence bridging: from active entities through their sentences nearest to the question."""

    def __init__(
        self,
        graph: KnowledgeGraph,
        question: Vectors,
        prior: Sequence[tuple[int, float]],
        options: WalkOptions,
        among: frozenset[int] | None,
    ) -> None:
        self._graph = graph
        self._prior = [i for i, _ in prior]
        self._options = options
        self._among = among
        self._places: dict[int, list[tuple[int, int]]] = {}
        """entity -> (passage id, number of the sentence or TITLE) where it stands."""
        self._before: NDArray[np.int64] | None = None
        self._read = _Read(graph, question)
        self._used: set[tuple[int, int]] = set()
        self._frontier: list[int] = []
        self.active: dict[int, _Step] = {}
        self.keys: dict[int, str] = {}
        """The names of all that is active."""

    def start(self, seeds: Mapping[str, float]) -> None:
        ids = self._graph.ids(seeds)
        own = {ids[key]: _Step(ids[key], 0, score=score) for key, score in seeds.items() if key in ids}
        self._activate(own)

    def _activate(self, found: Mapping[int, _Step]) -> None:
        """Make entities active, and with each what else it is called."""
        new = {e: step for e, step in found.items() if e not in self.active}
        own = dict(new)
        for entity, other, passage_id, start, end in self._graph.partners(list(own)):
            score = own[entity].score * self._options.alias_weight
            if self._among is not None and passage_id not in self._among:
                continue  # a filter hides what introduces the name, too
            if other not in self.active and score > (new[other].score if other in new else 0.0):
                new[other] = _Step(other, entity, passage_id, start, end, score)
        self.active.update(new)
        self.keys.update(self._graph.keys(new))
        # Of equals the first by name: ids depend on what was added when.
        surest = sorted(new, key=lambda e: (-new[e].score, self.keys.get(e, "")))
        self._frontier = surest[: self._options.frontier]

    def touch(self, entities: Iterable[int]) -> None:
        """Find where these entities stand."""
        missing = [e for e in entities if e not in self._places]
        found = self._graph.sentences_naming(missing, self._options.hub)
        for entity, places in found.items():
            if len(places) == self._options.hub:
                # It may stand in more: first come those that the other voices found, too.
                places = list(dict.fromkeys([*self._found_before(entity), *places]))[: self._options.hub]
            self._places[entity] = [p for p in places if self._among is None or p[0] in self._among]

    def _found_before(self, entity: int) -> list[tuple[int, int]]:
        """Where an entity stands in the passages that the other voices found, best first."""
        if self._before is None:
            packs = self._graph.packs(self._prior)
            found = [(i, packs[i]) for i in self._prior if i in packs]
            owners = np.repeat([i for i, _ in found], [len(pack) for _, pack in found])
            whole = np.concatenate([np.empty((0, 3), np.int32), *(pack for _, pack in found)])
            rows = np.column_stack([whole[:, 0], owners.astype(np.int64), whole[:, 1]])
            self._before = rows[np.argsort(rows[:, 0], kind="stable")]  # of one entity: still best first
        first, last = np.searchsorted(self._before[:, 0], [entity, entity + 1])
        return [(i, row) for _, i, row in self._before[first:last].tolist()]

    def surest(self, count: int) -> list[int]:
        """At most so many of the active entities; of equals the first by name."""
        ranked = sorted(self.active, key=lambda e: (-self.active[e].score, self.keys.get(e, "")))
        return ranked[:count]

    def touched(self) -> set[int]:
        return {i for places in self._places.values() for i, _ in places}

    def frequency(self, entity: int) -> int:
        """In how many passages an entity stands, as far as was looked."""
        return max(1, len({i for i, _ in self._places[entity]}))

    def cross(self) -> None:
        """One round: each entity of the frontier activates those in its nearest unused sentences."""
        self.touch(self._frontier)
        self._read.more(i for e in self._frontier for i, _ in self._places[e])
        found: dict[int, _Step] = {}
        for entity in self._frontier:
            step = self.active[entity]
            for cosine, passage_id, row in self._nearest(entity):
                self._used.add((passage_id, row))
                score = step.score * cosine
                if score < self._options.threshold:
                    continue
                for other in self._read.named_in(passage_id, row):
                    if other not in self.active and score > (found[other].score if other in found else 0.0):
                        start, end = self._read.sentences[passage_id].spans[row].tolist()
                        found[other] = _Step(other, entity, passage_id, start, end, score)
        self._activate(found)

    def _nearest(self, entity: int) -> list[tuple[float, int, int]]:
        """(cosine, passage id, number) of the unused sentences nearest to the question that name an entity.

        A title is tied to every sentence below it.
        """
        cosines = self._read.cosines
        near: set[tuple[float, int, int]] = set()
        for i, at in self._places[entity]:
            own = cosines.get(i, ())  # empty for a passage that was removed meanwhile
            rows = range(len(own)) if at == TITLE else range(at, min(at + 1, len(own)))
            near.update((own[row], i, row) for row in rows if (i, row) not in self._used)
        return sorted(near, key=lambda one: (-one[0], one[1], one[2]))[: self._options.sentences]

    def bridges(self) -> dict[str, Bridge]:
        """What is active, by name."""
        keys = self.keys
        return {
            keys[e]: Bridge(keys[e], keys.get(s.by, ""), s.passage_id, s.start, s.end, s.score)
            for e, s in self.active.items()
            if e in keys
        }


class _Read:
    """The sentences of the passages that were touched."""

    def __init__(self, graph: KnowledgeGraph, question: Vectors) -> None:
        self._graph = graph
        self._question = question
        self._packs: dict[int, Pack] = {}
        self.sentences: dict[int, Sentences] = {}
        self.cosines: dict[int, list[float]] = {}
        """passage id -> the cosine of each of its sentences and the question."""

    def more(self, passage_ids: Iterable[int]) -> None:
        """Read what was not read yet."""
        new = sorted({i for i in passage_ids if i not in self.sentences})
        read = self._graph.sentences(new)
        self.sentences.update(read)
        self._packs.update(self._graph.packs(read))
        for (first, width), group in groupby(
            read.items(), key=lambda item: (item[1].first, item[1].vectors.shape[1])
        ):
            # Each passage is compared in the columns that it uses.
            passages = dict(group)
            part = self._question[first : first + width]
            part = part / max(float(np.linalg.norm(part)), 1e-12)
            vectors = np.concatenate([one.vectors for one in passages.values()]).astype(np.float32)
            # Rounded: equal sentences tie, whatever they were multiplied together with.
            cosines = iter(np.round(vectors @ part, 6).tolist())
            for i, one in passages.items():
                self.cosines[i] = list(islice(cosines, len(one.spans)))

    def named_in(self, passage_id: int, row: int) -> list[int]:
        """Entities that a sentence names, and those that its passage is about."""
        pack = self._packs.get(passage_id)
        if pack is None:
            return []
        return [int(e) for e in pack[(pack[:, 1] == row) | (pack[:, 1] == TITLE), 0].tolist()]
