"""What a question reads of the graph, straight from the store's indexes. Holds SQL, but no connection.

Nothing here reads more than what the ids that are given touch, and `limit` bounds that for entities that
stand in very many passages: the cost of a question does not follow the size of the collection.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.language import search_terms
from index.rows import VECTOR_TYPE
from index.types import Fact

Pack = NDArray[np.int32]
"""(n, 3): entity id, number of the sentence that names it (rows.TITLE for a title), how often."""

THESE = "(SELECT value FROM json_each(?))"
"""The values of a `json_list`, however many: a statement takes only so many of single ones."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of one passage."""

    spans: NDArray[np.int32]
    """(n, 2): start and end in the document's text."""
    vectors: NDArray[np.float16]
    """(n, width): only the columns from `first` on that hold anything but zeros."""
    first: int


def json_list(values: Iterable[Any]) -> str:
    """What THESE reads."""
    return json.dumps(list(values), ensure_ascii=False)


def entity_ids(db: Any, keys: Iterable[str]) -> dict[str, int]:
    """key -> id; keys that are no entity are left out."""
    return dict(
        db.execute(f"SELECT key, id FROM entities WHERE key IN {THESE}", (json_list(keys),)).fetchall()
    )


def entity_keys(db: Any, ids: Iterable[int]) -> dict[int, str]:
    """id -> key."""
    return dict(db.execute(f"SELECT id, key FROM entities WHERE id IN {THESE}", (json_list(ids),)).fetchall())


def entities_with(db: Any, name: str, limit: int, *, prefix: bool = False) -> list[tuple[int, str]]:
    """(id, key) of at most `limit` entities that hold all terms of `name`, the shortest first."""
    terms = search_terms(name)
    if not terms:
        return []
    match = " AND ".join(f'"{term}"' for term in terms) + ("*" if prefix else "")
    rows = db.execute(
        "SELECT entities.id, key FROM (SELECT rowid FROM entity_words WHERE entity_words MATCH ? LIMIT ?) "
        "found JOIN entities ON entities.id = found.rowid ORDER BY length(key), key",
        (match, limit),
    )
    return [(int(row[0]), str(row[1])) for row in rows]


def entities_beginning(db: Any, prefix: str, limit: int) -> list[str]:
    """Keys of at most `limit` entities that begin with `prefix`, in order."""
    rows = db.execute(
        "SELECT key FROM entities WHERE key >= ? AND key < ? ORDER BY key LIMIT ?",
        (prefix, prefix + "\U0010ffff", limit),
    )
    return [str(row[0]) for row in rows]


def sentences_naming(db: Any, entity_id: int, limit: int) -> list[tuple[int, int]]:
    """(passage id, number of the sentence or rows.TITLE) of at most `limit` places that name an entity."""
    rows = db.execute(
        "SELECT DISTINCT passage_id, sentence FROM mentions WHERE entity_id = ? "
        "ORDER BY passage_id, sentence LIMIT ?",
        (entity_id, limit),
    )
    return list(rows)


def passages_naming(db: Any, entity_id: int, limit: int, *, title: bool = False) -> list[int]:
    """Ids of at most `limit` passages that mention an entity, or have it as title or heading; ascending."""
    titled = "AND kind = 'TITLE' " if title else ""
    rows = db.execute(
        f"SELECT DISTINCT passage_id FROM mentions WHERE entity_id = ? {titled}ORDER BY passage_id LIMIT ?",
        (entity_id, limit),
    )
    return [row[0] for row in rows]


def packs(db: Any, passage_ids: Iterable[int]) -> dict[int, Pack]:
    """passage id -> its entities."""
    rows = db.execute(f"SELECT id, entities FROM passages WHERE id IN {THESE}", (json_list(passage_ids),))
    return {row[0]: np.frombuffer(row[1], np.int32).reshape(-1, 3) for row in rows}


def sentences_of(db: Any, passage_ids: Iterable[int]) -> dict[int, Sentences]:
    """passage id -> its sentences."""
    rows = db.execute(
        f"SELECT passage_id, spans, vectors, first FROM sentences WHERE passage_id IN {THESE}",
        (json_list(passage_ids),),
    )
    found: dict[int, Sentences] = {}
    for passage_id, spans, vectors, first in rows:
        places = np.frombuffer(spans, np.int32).reshape(-1, 2)
        halves = np.frombuffer(vectors, VECTOR_TYPE).reshape(len(places), -1)
        found[passage_id] = Sentences(places, halves, first)
    return found


def partners(db: Any, ids: Sequence[int]) -> list[tuple[int, int, int, int, int]]:
    """(entity, its other name, passage, start, end) for these entities, both ways; oldest first."""
    given, place = json_list(ids), "passage_id, start, end FROM aliases"
    rows = db.execute(
        f"SELECT alias_id, entity_id, {place} WHERE alias_id IN {THESE} UNION ALL "
        f"SELECT entity_id, alias_id, {place} WHERE entity_id IN {THESE} ORDER BY passage_id, start",
        (given, given),
    )
    return [*rows]


def facts_of_passages(db: Any, passage_ids: Iterable[int]) -> list[Fact]:
    """All that these passages say, in order of place."""
    rows = db.execute(
        "SELECT subject, relation, object, passage_id, start, end FROM named_facts "
        f"WHERE passage_id IN {THESE} ORDER BY passage_id, start, subject, relation, object",
        (json_list(passage_ids),),
    )
    return [Fact(*row) for row in rows]


def facts_of_entity(db: Any, entity_id: int, limit: int) -> list[Fact]:
    """At most `limit` facts about an entity, as subject or object."""
    rows = db.execute(
        "SELECT s.key, relation, o.key, passage_id, start, end FROM ("
        "SELECT * FROM facts WHERE subject_id = :id UNION SELECT * FROM facts WHERE object_id = :id) f "
        "JOIN entities s ON s.id = f.subject_id JOIN entities o ON o.id = f.object_id "
        "ORDER BY passage_id, start, relation LIMIT :limit",
        {"id": entity_id, "limit": limit},
    )
    return [Fact(*row) for row in rows]
