"""Which part of the graph lies around some entities, and which names are near one: bounded in number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import chain, zip_longest
from typing import Any

from index import edges, shown
from index.edges import Pack
from index.language import entity_key, search_terms

_A_FACT = 6
_A_SENTENCE = 3
_A_PASSAGE = 1
"""How near an entity is: by a fact or another name, in a sentence together, in a passage together."""
_CANDIDATES = 500
"""Names that are compared with one that is not there."""


@dataclass(slots=True)
class Part:
    """Entities and passages of the graph."""

    entities: dict[int, int]
    """id -> steps from what was asked for."""
    passages: dict[int, int] = field(default_factory=dict)
    """id -> steps from what was asked for."""
    entities_left: int = 0
    """Entities within reach that the limit left out."""
    passages_left: int = 0
    """Passages within reach that the limit left out."""


def reach(db: Any, start: Sequence[int], hops: int, limit: int) -> Part:
    """At most `limit` entities and passages around `start`, the nearest first.

    One hop leads from an entity to those that a fact or a passage joins with it; other names of an entity
    are as near as it is. No hop: the passages that name the entities themselves.
    """
    seen, expanded = _with_names(db, start), set[int]()
    frontier = list(seen)[:limit]
    part = Part(dict.fromkeys(frontier, 0))
    for hop in range(1, max(hops, 1) + 1):
        room = limit - len(part.entities) - len(part.passages)
        joined = _joined(db, frontier, limit)
        new = [i for i in _passages(db, frontier, joined, limit) if i not in part.passages]
        part.passages |= dict.fromkeys(new[: room if hops == 0 else (room + 1) // 2], hop)
        expanded.update(frontier)
        if hops == 0:
            break
        near = _with_names(db, _nearest(joined, frontier, edges.packs(db, part.passages)))
        seen |= near
        room = limit - len(part.entities) - len(part.passages)
        frontier = [e for e in near if e not in part.entities][:room]
        part.entities |= dict.fromkeys(frontier, hop)
    part.entities_left = len(seen.keys() - part.entities.keys())
    part.passages_left = shown.passages_left(db, expanded, part.passages)
    return part


def _with_names(db: Any, ids: Sequence[int]) -> dict[int, None]:
    """Entities in this order, each followed by its other names."""
    names: dict[int, list[int]] = {}
    for _, alias, entity, _, _ in shown.aliases_touching(db, ids, -1):
        names.setdefault(alias, []).append(entity)
        names.setdefault(entity, []).append(alias)
    return dict.fromkeys(e for one in ids for e in (one, *names.get(one, ())))


@dataclass(slots=True)
class _Joined:
    """What facts and other names join with the entities of a frontier."""

    passages: list[int]
    entities: list[int]


def _joined(db: Any, ids: Iterable[int], limit: int) -> _Joined:
    given = list(ids)
    facts = [(row[0], row[1], row[3]) for row in shown.facts_touching(db, given, limit)]
    aliases = [(row[0], row[1], row[2]) for row in shown.aliases_touching(db, given, limit)]
    both = [*aliases, *facts]
    return _Joined([row[0] for row in both], [e for row in both for e in row[1:]])


def _passages(db: Any, ids: Iterable[int], joined: _Joined, limit: int) -> list[int]:
    """Those that say something of the entities first, then those that name them, in turn."""
    naming = [edges.passages_naming(db, e, limit) for e in ids]
    in_turn = (i for row in zip_longest(*naming) for i in row if i is not None)
    return list(dict.fromkeys(chain(joined.passages, in_turn)))


def _nearest(joined: _Joined, frontier: Iterable[int], packs: dict[int, Pack]) -> list[int]:
    near: Counter[int] = Counter()
    for e in joined.entities:
        near[e] += _A_FACT
    own = set(frontier)
    for pack in packs.values():
        rows = [(int(e), int(sentence)) for e, sentence, _ in pack]
        sentences = {sentence for e, sentence in rows if e in own}
        if sentences:
            for e, sentence in set(rows):
                near[e] += _A_SENTENCE if sentence in sentences else _A_PASSAGE
    return [e for e, _ in sorted(near.items(), key=lambda item: (-item[1], item[0])) if e not in own]


def overview(db: Any, limit: int) -> Part:
    """At most `limit` of the entities that most is said about, and of the passages that join them."""
    entities = shown.most_named(db, (limit + 1) // 2)
    found: Counter[int] = Counter()
    for e in entities:
        found.update(edges.passages_naming(db, e, limit))
    passages = [i for i, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
    return Part(dict.fromkeys(entities, 0), dict.fromkeys(passages[: limit - len(entities)], 0))


def everything(db: Any) -> Part:
    """All entities and all passages."""
    passages = [row[0] for row in db.execute("SELECT id FROM passages ORDER BY id")]
    return Part(dict.fromkeys(sorted(shown.most_named(db, -1)), 0), dict.fromkeys(passages, 0))


def nearest_keys(db: Any, name: str, count: int) -> list[str]:
    """Keys of at most `count` entities that are written nearly like `name`, the nearest first.

    Looked for among those that share a word (of Chinese: two characters), or the beginning of one, with it;
    else the last character of one.
    """
    key, terms = entity_key(name), search_terms(name)
    found: dict[str, None] = {}
    for begins in (4, 3, 2, 1):
        found |= dict.fromkeys(shown.entities_near(db, terms, begins, _CANDIDATES))
        if len(found) >= count:
            break
    if not found:
        found = {key: None for t in terms for key in shown.entities_holding(db, t[-1], _CANDIDATES)}
    scores = {other: SequenceMatcher(None, key, other).ratio() for other in found}
    return sorted(scores, key=lambda other: (-scores[other], other))[:count]


def spelled(key: str, words: str) -> str:
    """How a key is written in some words, or "".

    >>> spelled("ac", "Acme Corporation (AC)"), spelled("枣林", "枣林仪器"), spelled("x", "y")
    ('AC', '枣林', '')
    """
    name = re.escape(key)
    found = re.search(rf"(?<!\w){name}(?!\w)", words, re.IGNORECASE) or re.search(name, words, re.IGNORECASE)
    return found.group() if found else ""
