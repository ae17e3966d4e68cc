"""What the store holds about some passages: for looking through a collection without loading all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from index.edges import THESE, facts_of_passages, json_list
from index.store import Store
from index.types import Fact, Mention


def passage_ids(store: Store) -> list[int]:
    """Ids of all passages, ascending."""
    with store.read() as db:
        return [int(row[0]) for row in db.execute("SELECT id FROM passages ORDER BY id")]


def mentions_in(store: Store, ids: Iterable[int]) -> dict[int, list[Mention]]:
    """Passage id -> its mentions in order of place; offsets are the document's."""
    found: dict[int, list[Mention]] = defaultdict(list)
    with store.read() as db:
        rows = db.execute(
            "SELECT passage_id, entity, kind, text, start, end FROM named_mentions "
            f"WHERE passage_id IN {THESE} ORDER BY passage_id, start, end, entity",
            (json_list(ids),),
        )
        for passage_id, *mention in rows:
            found[passage_id].append(Mention(*mention))
    return found


def facts_in(store: Store, ids: Iterable[int]) -> dict[int, list[Fact]]:
    """Passage id -> the facts that it says, in order of place; offsets are the document's."""
    found: dict[int, list[Fact]] = defaultdict(list)
    with store.read() as db:
        for fact in facts_of_passages(db, ids):
            found[fact.passage_id].append(fact)
    return found


def passages_with(store: Store, entity: str, limit: int) -> list[int]:
    """Ids of at most `limit` passages that mention an entity, ascending."""
    with store.read() as db:
        rows = db.execute(
            "SELECT DISTINCT passage_id FROM named_mentions WHERE entity = ? ORDER BY passage_id LIMIT ?",
            (entity, limit),
        )
        return [int(row[0]) for row in rows]
