"""What is wrong with a collection's file, in words that say what to do."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import JujubeError, StorageFull, StoreBusy, StoreDamaged, StoreError
from index.rows import NAMED_BY_NOTHING, TITLE, VECTOR_TYPE, pack

_COUNTS = (
    (
        "SELECT count(*) FROM passages WHERE id NOT IN (SELECT rowid FROM words)",
        "{} passages are missing from the full-text index",
    ),
    (
        "SELECT count(*) FROM words WHERE rowid NOT IN (SELECT id FROM passages)",
        "the full-text index still holds {} passages that were removed",
    ),
    (
        "SELECT count(*) FROM passages WHERE id NOT IN (SELECT passage_id FROM sentences)",
        "{} passages are missing their sentences",
    ),
    (f"SELECT count(*) FROM entities WHERE {NAMED_BY_NOTHING}", "{} entities are named by nothing"),
    (
        "SELECT count(*) FROM entities WHERE id NOT IN (SELECT rowid FROM entity_words)",
        "{} entities are missing from the index of names",
    ),
    (
        "SELECT count(*) FROM entity_words WHERE rowid NOT IN (SELECT id FROM entities)",
        "the index of names still holds {} entities that were removed",
    ),
    (
        "SELECT count(*) FROM passages WHERE length(vector) != "
        f"{np.dtype(VECTOR_TYPE).itemsize} * (SELECT json_extract(value, '$.dim') FROM meta "
        "WHERE key = 'embedder')",
        "{} passages hold no vector of this collection's embedder",
    ),
)
"""(how many, what that means when it is not 0)."""


def find_problems(db: Any) -> list[str]:
    """What SQLite finds wrong with the file, and where its tables contradict each other.

    One pass over the mentions in the order of the passages, and no more than one passage in memory.
    """
    found = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
    found += [f"a row of {row[0]} points nowhere" for row in db.execute("PRAGMA foreign_key_check")]
    for query, told in _COUNTS:
        if count := db.execute(query).fetchone()[0]:
            found.append(told.format(count))
    halves, packs = _contradicted(db)
    if halves:
        found.append(f"{halves} passages hold other sentences than vectors of sentences")
    if packs:
        found.append(f"{packs} passages name other entities than their mentions say")
    return found


def _contradicted(db: Any) -> tuple[int, int]:
    """Passages whose sentences lack vectors, and passages whose entities are not those of their mentions."""
    halves = packs = 0
    mentions = _named(db)
    passage, named = next(mentions, _NO_MORE)
    rows = db.execute(
        "SELECT id, entities, spans, length(vectors) FROM passages JOIN sentences ON passage_id = id "
        "ORDER BY id"
    )
    for passage_id, entities, spans, size in rows:
        while passage and passage < passage_id:
            passage, named = next(mentions, _NO_MORE)
        starts = [start for start, _ in struct.iter_unpack("=ii", spans[: len(spans) // 8 * 8])]
        halves += len(spans) % 8 != 0 or size % max(1, len(starts) * np.dtype(VECTOR_TYPE).itemsize) != 0
        own = [(entity, sentence) for entity, sentence, _ in named] if passage == passage_id else []
        places = [TITLE if s == TITLE else max(0, bisect_right(starts, start) - 1) for _, s, start in named]
        moved = bool(own) and places != [sentence for _, sentence in own]
        packs += moved or pack(own).tobytes() != entities
    return halves, packs


_NO_MORE: tuple[int, list[tuple[int, int, int]]] = (0, [])


def _named(db: Any) -> Iterator[tuple[int, list[tuple[int, int, int]]]]:
    """(passage id, its mentions as (entity id, number of the sentence, start)), ascending."""
    rows = db.execute("SELECT passage_id, entity_id, sentence, start FROM mentions ORDER BY passage_id")
    for passage_id, own in groupby(rows, key=itemgetter(0)):
        yield passage_id, [(entity, sentence, start) for _, entity, sentence, start in own]


def explained(error: Exception, path: Path) -> JujubeError:
    """What went wrong, in words that say what to do."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return StoreBusy(f"another process is writing to {path}: try again when it is done")
    if "full" in text or "disk I/O" in text:
        return StorageFull(f"no room left on the disk of {path}: free some space and run the command again")
    if "readonly" in text or "unable to open" in text:
        return StorageFull(
            f"cannot write to {path}: check that you own the file and its folder, or use --home"
        )
    if "malformed" in text or "not a database" in text or "encrypted" in text:
        return StoreDamaged(f"{path} is damaged ({text}): restore a backup, or remove it and index again")
    return StoreError(f"{path}: {text}")
