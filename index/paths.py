"""From one entity to another: a search from both ends, and what each step of a way stands on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index import edges, shown
from index.graph import KnowledgeGraph
from index.rows import TITLE

MOST_OF_ONE = 200
"""Passages that are read of one entity, however many name it."""
_MOST_FACTS = 500
"""Facts and other names that are read of one entity."""

_ALIAS, _FACT, _SENTENCE, _PASSAGE, _HUB = 0.0, 0.01, 0.03, 0.08, 0.02
"""What is added to the cost of a step, 1: so little that the fewest steps always win."""

Step = tuple[int, int, float]
"""Entity, entity, cost."""


def find_way(db: Any, start: int, end: int, limit: int) -> Iterator[Step]:
    """The steps that a search from both ends meets: all shortest ways are among them, where there are any.

    Level by level, first from the end that fewer passages name; at most `limit` passages are read, and of
    one entity MOST_OF_ONE, so that entities that stand everywhere come last and cost no more than others.
    """
    if start != end:
        yield from _direct(db, start, end)
    seen = [{start}, {end}]
    frontiers = [[start], [end]]
    left = limit
    while frontiers[0] and frontiers[1] and not seen[0] & seen[1] and left > 0:
        naming = [{e: edges.passages_naming(db, e, MOST_OF_ONE) for e in f} for f in frontiers]
        costs = [sum(map(len, of.values())) for of in naming]
        side = 0 if costs[0] <= costs[1] else 1
        new: dict[int, None] = {}
        for e, passages in sorted(naming[side].items(), key=lambda item: len(item[1])):
            if left <= 0:
                break
            left -= max(len(passages), 1)
            for other, cost in _neighbours(db, e, passages).items():
                yield e, other, 1 + cost + _HUB * min(1.0, math.log10(len(passages) + 1) / 3)
                new[other] = None
        frontiers[side] = [e for e in new if e not in seen[side]]
        seen[side].update(new)


def _direct(db: Any, start: int, end: int) -> Iterator[Step]:
    """What joins two entities however many passages name each."""
    if shown.passages_naming_both(db, start, end, 1):
        yield start, end, 1 + _PASSAGE
    if any({row[1], row[3]} == {start, end} for row in shown.facts_between(db, [start, end], -1)):
        yield start, end, 1 + _FACT


def _neighbours(db: Any, entity: int, passages: Sequence[int]) -> dict[int, float]:
    """entity -> what a step to it costs more than 1."""
    near: dict[int, float] = {}
    for pack in edges.packs(db, passages).values():
        rows = [(int(e), int(sentence)) for e, sentence, _ in pack]
        own = {sentence for e, sentence in rows if e == entity}
        for e, sentence in rows:
            together = sentence in own and sentence != TITLE
            near[e] = min(near.get(e, 1.0), _SENTENCE if together else _PASSAGE)
    for _, subject, _, target, _, _ in shown.facts_touching(db, [entity], _MOST_FACTS):
        near[subject if target == entity else target] = _FACT
    for _, alias, other, _, _ in shown.aliases_touching(db, [entity], _MOST_FACTS):
        near[alias if other == entity else other] = _ALIAS
    near.pop(entity, None)
    return near


@dataclass(frozen=True, slots=True)
class Join:
    """What joins two entities: `document.text[start:end] == words`."""

    by: str
    """ "alias", "fact", or "passage": one that names both."""
    relation: str
    """Of a fact."""
    backwards: bool
    """Whether the second is the fact's subject, or the other name."""
    passage_id: int
    start: int
    end: int
    words: str


def told_between(graph: KnowledgeGraph, db: Any, one: int, other: int) -> Join:
    """The nearest thing that joins two neighbours: another name, a fact, a sentence, a passage."""
    both = {one, other}
    for passage_id, alias, entity, start, end in shown.aliases_touching(db, both, -1):
        if {alias, entity} == both:
            return _join(graph, "alias", "", alias == other, passage_id, start, end)
    for passage_id, subject, relation, target, start, end in shown.facts_between(db, both, -1):
        if {subject, target} == both:
            return _join(graph, "fact", relation, subject == other, passage_id, start, end)
    return min(
        (_together(graph, db, i, one, other) for i in shown.passages_naming_both(db, one, other, 50)),
        key=lambda join: (join.end - join.start, join.passage_id),
    )


def _together(graph: KnowledgeGraph, db: Any, passage_id: int, one: int, other: int) -> Join:
    """The shortest run of sentences of a passage that names both; a title stands with any sentence."""
    pack = edges.packs(db, [passage_id])[passage_id]
    places = [{int(s) for e, s, _ in pack if e == entity} for entity in (one, other)]
    first, last = min(
        (sorted((b if a == TITLE else a, a if b == TITLE else b)) for a in places[0] for b in places[1]),
        key=lambda run: (run[1] - run[0], run),
    )
    spans = graph.sentences([passage_id])[passage_id].spans
    start, end = int(spans[max(first, 0)][0]), int(spans[max(last, 0)][1])
    return _join(graph, "passage", "", False, passage_id, start, end)


def _join(
    graph: KnowledgeGraph, by: str, relation: str, backwards: bool, passage_id: int, start: int, end: int
) -> Join:
    passage = graph.store.passages([passage_id])[passage_id][0]
    words = passage.text[start - passage.start : end - passage.start]
    return Join(by, relation, backwards, passage_id, start, end, words)
