"""What a person looks at of the graph, straight from the store's indexes. Holds SQL, but no connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from index.edges import THESE, json_list


def passage_count(db: Any, entity_id: int, most: int) -> int:
    """How many passages mention an entity; counts no further than `most`, -1: to the end."""
    row = db.execute(
        "SELECT count(*) FROM (SELECT DISTINCT passage_id FROM mentions WHERE entity_id = ? LIMIT ?)",
        (entity_id, most),
    ).fetchone()
    return int(row[0])


def spelling(db: Any, entity_id: int, among: int) -> tuple[str, str]:
    """(kind, text) of an entity as it is written most often in its first mentions; ("", "") without any."""
    row = db.execute(
        "SELECT kind, text FROM (SELECT kind, text FROM mentions WHERE entity_id = ? LIMIT ?) "
        "GROUP BY kind, text ORDER BY kind = 'TITLE', count(*) DESC, text LIMIT 1",
        (entity_id, among),
    ).fetchone()
    return (str(row[0]), str(row[1])) if row else ("", "")


def mentions_of(
    db: Any, passage_ids: Iterable[int], ids: Iterable[int]
) -> list[tuple[int, int, str, str, int, int]]:
    """(passage, entity, kind, text, start, end) of these entities in these passages, in order of place."""
    rows = db.execute(
        "SELECT passage_id, entity_id, kind, text, start, end FROM mentions "
        f"WHERE passage_id IN {THESE} AND entity_id IN {THESE} ORDER BY passage_id, start, end, entity_id",
        (json_list(passage_ids), json_list(ids)),
    )
    return [*rows]


def facts_touching(db: Any, ids: Iterable[int], limit: int) -> list[tuple[int, int, str, int, int, int]]:
    """(passage, subject, relation, object, start, end) of at most `limit` facts about any of these."""
    given = json_list(ids)
    rows = db.execute(
        "SELECT passage_id, subject_id, relation, object_id, start, end FROM ("
        f"SELECT rowid, * FROM facts WHERE subject_id IN {THESE} UNION "
        f"SELECT rowid, * FROM facts WHERE object_id IN {THESE}) ORDER BY passage_id, start, rowid LIMIT ?",
        (given, given, limit),
    )
    return [*rows]


def facts_between(db: Any, ids: Iterable[int], limit: int) -> list[tuple[int, int, str, int, int, int]]:
    """As `facts_touching`, of the facts whose subject and object are both among these entities."""
    given = json_list(ids)
    rows = db.execute(
        "SELECT passage_id, subject_id, relation, object_id, start, end FROM facts "
        f"WHERE subject_id IN {THESE} AND object_id IN {THESE} ORDER BY passage_id, start, rowid LIMIT ?",
        (given, given, limit),
    )
    return [*rows]


def aliases_touching(db: Any, ids: Iterable[int], limit: int) -> list[tuple[int, int, int, int, int]]:
    """(passage, alias, entity, start, end) of at most `limit` other names of any of these entities."""
    given = json_list(ids)
    rows = db.execute(
        "SELECT passage_id, alias_id, entity_id, start, end FROM ("
        f"SELECT rowid, * FROM aliases WHERE alias_id IN {THESE} UNION "
        f"SELECT rowid, * FROM aliases WHERE entity_id IN {THESE}) ORDER BY passage_id, start LIMIT ?",
        (given, given, limit),
    )
    return [*rows]


def passages_naming_both(db: Any, one: int, other: int, limit: int) -> list[int]:
    """Ids of at most `limit` passages that mention both entities, ascending."""
    rows = db.execute(
        "SELECT DISTINCT a.passage_id FROM mentions a JOIN mentions b ON b.passage_id = a.passage_id "
        "WHERE a.entity_id = ? AND b.entity_id = ? ORDER BY a.passage_id LIMIT ?",
        (one, other, limit),
    )
    return [row[0] for row in rows]


def passages_left(db: Any, ids: Iterable[int], passage_ids: Iterable[int]) -> int:
    """How many passages mention any of these entities, these passages not counted."""
    row = db.execute(
        "SELECT count(DISTINCT passage_id) FROM mentions "
        f"WHERE entity_id IN {THESE} AND passage_id NOT IN {THESE}",
        (json_list(ids), json_list(passage_ids)),
    ).fetchone()
    return int(row[0])


def most_named(db: Any, limit: int) -> list[int]:
    """The `limit` entities with the most facts and passages, -1: all. Reads the whole graph."""
    rows = db.execute(
        "SELECT entities.id FROM entities "
        "LEFT JOIN (SELECT entity_id e, count(DISTINCT passage_id) n FROM mentions WHERE kind <> 'TITLE' "
        "GROUP BY entity_id) named ON named.e = entities.id "
        "LEFT JOIN (SELECT e, count(*) n FROM (SELECT subject_id e FROM facts UNION ALL "
        "SELECT object_id FROM facts) GROUP BY e) told ON told.e = entities.id "
        "ORDER BY coalesce(named.n, 0) + 2 * coalesce(told.n, 0) DESC, entities.id LIMIT ?",
        (limit,),
    )
    return [row[0] for row in rows]


def entities_near(db: Any, terms: Sequence[str], begins: int, limit: int) -> list[str]:
    """Keys of at most `limit` entities with a word that is one of `terms`, or has its first characters."""
    words = dict.fromkeys([*(f'"{t}"' for t in terms), *(f'"{t[:begins]}"*' for t in terms)])
    if not words:
        return []
    rows = db.execute(
        "SELECT key FROM (SELECT rowid FROM entity_words WHERE entity_words MATCH ? LIMIT ?) found "
        "JOIN entities ON entities.id = found.rowid",
        (" OR ".join(words), limit),
    )
    return [str(row[0]) for row in rows]


def entities_holding(db: Any, piece: str, limit: int) -> list[str]:
    """Keys of at most `limit` entities with these characters anywhere. Reads all keys."""
    rows = db.execute("SELECT key FROM entities WHERE instr(key, ?) LIMIT ?", (piece, limit))
    return [str(row[0]) for row in rows]
