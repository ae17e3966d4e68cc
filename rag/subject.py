"""Whether a passage is about what the question is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from index.graph import KnowledgeGraph
from index.language import fold, has_cjk
from index.types import Hit
from rag.prompt import Included

_MEANT = 1.0
"""How surely an entity must be meant: one that the question names word for word."""


def subject_priors(
    graph: KnowledgeGraph,
    seeds: Mapping[str, float],
    included: Sequence[Included],
    hits: Sequence[Hit],
    weight: float,
) -> list[float]:
    """For each passage, minus `weight` times the share of the question's entities that it does not name.

    A reader that sees one passage at a time takes the weight of a B-350 for that of the B-200 that was asked
    for, when the passage only says "it weighs 124 kg". A passage names an entity in its words, its headings,
    its document's title or what else it is read under, by that name or by another that the graph knows.

    Of the passages that hold the answer 19 % (English) and 6 % (Chinese) name none of these entities, of
    other passages among the first three 40 % and 20 %; they name all of them in 50 % and 76 % against 30 %
    and 53 % (300 questions each of squad1.1/dev-part and CMRC dev, counted in the graph alone, docs/log.md,
    2026-11-25): between all and none lie 1.2 and 1.6 natural log units.

    Args:
        seeds: entity key -> how surely it is meant, 0 to 1.
        hits: those that `included` were packed from.
        weight: natural log units.
    """
    ids = graph.ids(meant(seeds))
    if not ids:
        return [0.0] * len(included)
    named = graph.named([part.passage.id for part in included])
    titles = {hit.passage.id: hit.title for hit in hits}
    priors = []
    for part in included:
        passage = part.passage
        entities = frozenset[int]().union(*named.get(passage.id, ()))
        words = fold(f"{titles.get(passage.id, '')}\n{passage.heading}\n{part.title}\n{passage.text}")
        missing = [key for key, own in ids.items() if own not in entities and not holds(words, key)]
        priors.append(-weight * len(missing) / len(ids))
    return priors


def meant(seeds: Mapping[str, float]) -> list[str]:
    """Keys of the entities that a question names word for word."""
    return [key for key, sure in seeds.items() if sure >= _MEANT]


def holds(words: str, key: str) -> bool:
    """Whether folded text has a name whole: "b-20" does not stand in "b-200"."""
    return key in words if has_cjk(key) else re.search(rf"(?<!\w){re.escape(key)}(?!\w)", words) is not None
