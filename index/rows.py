"""Between the store's rows and Jujube's values. Holds SQL, but no connection of its own."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.extract import Extraction
from index.language import index_terms, search_terms
from index.pooling import Vectors
from index.types import Document, Filter, Mention, Passage

VECTOR_TYPE = np.float16
"""Vectors rest as half floats: a cosine moves by less than .001 and the file is half the size."""

TITLE = -1
"""Stands for a sentence's number where an entity is a passage's title or heading."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document made ready to be committed."""

    document: Document
    passages: Sequence[Passage]
    vectors: Vectors
    """(passages, dim) float32."""
    extractions: Sequence[Extraction]
    """One a passage."""
    sentences: Sequence[tuple[int, int, int]]
    """(position of its passage in `passages`, start, end)."""
    sentence_vectors: Vectors
    """(sentences, dim) float32."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What happened after a revision, as the vector index needs it."""

    revision: int
    """The revision that the delta leads to."""
    removed: NDArray[np.int64]
    """(r,) passage ids."""
    passages: NDArray[np.int64]
    """(p,) passage ids, ascending."""
    vectors: Vectors
    """(p, dim) float32, rows of length 1."""


DOCUMENT_COLUMNS = "id, title, text, source, metadata, pages"


def read_document(row: Sequence[Any]) -> Document:
    """A row of DOCUMENT_COLUMNS."""
    return Document(row[0], row[1], row[2], row[3], json.loads(row[4]), tuple(json.loads(row[5])))


def wanted(only: Filter) -> tuple[str, dict[str, Any]]:
    """The WHERE clause over `documents` that a filter stands for, and its values."""
    conditions: list[str] = []
    values: dict[str, Any] = {}
    if only.source == "":
        conditions.append("FALSE")  # no source names no document
    elif only.source is not None:
        # "0" comes after "/", and "$" after "#": ranges that the index of sources serves.
        conditions.append(
            "(id = :s OR source = :s OR source >= :i || '/' AND source < :i || '0' "
            "OR source >= :i || '#' AND source < :i || '$')"
        )
        values |= {"s": only.source, "i": only.source.rstrip("/")}
    for at, (name, value) in enumerate(only.metadata):
        conditions.append(
            f"EXISTS (SELECT 1 FROM json_each(metadata) field WHERE field.key = :k{at} AND ("
            f"field.atom IS :v{at} OR field.type = 'array' AND EXISTS "
            f"(SELECT 1 FROM json_each(field.value) item WHERE item.atom IS :v{at})))"
        )
        values |= {f"k{at}": name, f"v{at}": value}
    return ("WHERE " + " AND ".join(conditions) if conditions else ""), values


def insert(db: Any, prepared: Prepared, revision: int) -> None:
    """Write one document and all that comes from it, inside the caller's transaction."""
    document = prepared.document
    db.execute(
        "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document.id,
            document.source,
            document.title,
            document.text,
            json.dumps(dict(document.metadata), ensure_ascii=False),
            json.dumps(document.pages),
            document.fingerprint,
            datetime.now(UTC).isoformat(timespec="seconds"),
        ),
    )
    rows_of: dict[int, list[int]] = {}
    for row, (owner, _, _) in enumerate(prepared.sentences):
        rows_of.setdefault(owner, []).append(row)
    entities = entity_ids(db, prepared.extractions)
    for at, (passage, vector, extraction) in enumerate(
        zip(prepared.passages, prepared.vectors, prepared.extractions, strict=True)
    ):
        rows = rows_of.get(at, [])
        spans = [prepared.sentences[row][1:] for row in rows]
        starts = [start for start, _ in spans]
        named = [(m, entities[m.entity], sentence_of(m, starts)) for m in extraction.mentions]
        packed = pack((entity, sentence) for _, entity, sentence in named)
        passage_id = _insert_passage(db, document, passage, vector, packed, revision)
        vectors, first = _narrow(prepared.sentence_vectors[rows])
        db.execute(
            "INSERT INTO sentences VALUES (?, ?, ?, ?)",
            (passage_id, np.array(spans, np.int32).tobytes(), _blob(vectors), first),
        )
        db.executemany(
            "INSERT INTO mentions VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((passage_id, entity, m.kind, m.text, m.start, m.end, at) for m, entity, at in named),
        )
        _insert_facts(db, passage_id, extraction, entities)


def _insert_facts(db: Any, passage_id: int, extraction: Extraction, ids: Mapping[str, int]) -> None:
    db.executemany(
        "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)",
        ((passage_id, ids[f.subject], f.relation, ids[f.object], f.start, f.end) for f in extraction.facts),
    )
    db.executemany(
        "INSERT INTO aliases VALUES (?, ?, ?, ?, ?)",
        ((passage_id, ids[a.alias], ids[a.entity], a.start, a.end) for a in extraction.aliases),
    )


def entity_ids(db: Any, extractions: Iterable[Extraction]) -> dict[str, int]:
    """key -> id of all entities that these name in any way; new ones are written."""
    keys: set[str] = set()
    for one in extractions:
        keys.update(m.entity for m in one.mentions)
        keys.update(key for f in one.facts for key in (f.subject, f.object))
        keys.update(key for a in one.aliases for key in (a.alias, a.entity))
    known = "SELECT key, id FROM entities WHERE key IN (SELECT value FROM json_each(?))"
    ids = dict(db.execute(known, (json.dumps(sorted(keys)),)).fetchall())
    for key in sorted(keys - ids.keys()):
        ids[key] = int(db.execute("INSERT INTO entities (key) VALUES (?)", (key,)).lastrowid)
        terms = " ".join(search_terms(key))
        db.execute("INSERT INTO entity_words (rowid, terms) VALUES (?, ?)", (ids[key], terms))
    return ids


def sentence_of(mention: Mention, starts: Sequence[int]) -> int:
    """Number of the sentence that a mention begins in, of those that begin at `starts`; TITLE for a title."""
    return TITLE if mention.kind == "TITLE" else max(0, bisect_right(starts, mention.start) - 1)


def pack(named: Iterable[tuple[int, int]]) -> NDArray[np.int32]:
    """(entity id, sentence) of mentions -> (n, 3) int32, sorted: entity id, sentence, how often.

    A title counts twice.
    """
    counts: dict[tuple[int, int], int] = {}
    for entity, sentence in named:
        counts[entity, sentence] = counts.get((entity, sentence), 0) + (2 if sentence == TITLE else 1)
    return np.array([(*key, count) for key, count in sorted(counts.items())], np.int32).reshape(-1, 3)


def entities_of(db: Any, document_ids: Sequence[str]) -> set[int]:
    """Entities that these documents name in any way."""
    inside = (
        "passage_id IN (SELECT id FROM passages WHERE document_id IN (SELECT value FROM json_each(:ids)))"
    )
    query = " UNION ".join(
        f"SELECT {column} FROM {table} WHERE {inside}"
        for table, column in (
            ("mentions", "entity_id"),
            ("facts", "subject_id"),
            ("facts", "object_id"),
            ("aliases", "alias_id"),
            ("aliases", "entity_id"),
        )
    )
    return {row[0] for row in db.execute(query, {"ids": json.dumps(list(document_ids))})}


def forget_entities(db: Any, ids: Iterable[int] | None = None) -> None:
    """Remove those of `ids` (None: of all) that nothing names any more."""
    among = "" if ids is None else "id IN (SELECT value FROM json_each(:ids)) AND"
    db.execute(
        f"DELETE FROM entities WHERE {among} {NAMED_BY_NOTHING}",
        {} if ids is None else {"ids": json.dumps(list(ids))},
    )


NAMED_BY_NOTHING = (
    "NOT EXISTS (SELECT 1 FROM mentions WHERE entity_id = entities.id) "
    "AND NOT EXISTS (SELECT 1 FROM facts WHERE subject_id = entities.id) "
    "AND NOT EXISTS (SELECT 1 FROM facts WHERE object_id = entities.id) "
    "AND NOT EXISTS (SELECT 1 FROM aliases WHERE alias_id = entities.id) "
    "AND NOT EXISTS (SELECT 1 FROM aliases WHERE entity_id = entities.id)"
)


def _insert_passage(
    db: Any,
    document: Document,
    passage: Passage,
    vector: Vectors,
    entities: NDArray[np.int32],
    revision: int,
) -> int:
    cursor = db.execute(
        "INSERT INTO passages (document_id, text, start, end, page, heading, vector, entities, revision) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document.id,
            passage.text,
            passage.start,
            passage.end,
            passage.page,
            passage.heading,
            _blob(vector),
            entities.tobytes(),
            revision,
        ),
    )
    terms = index_terms(f"{document.title}\n{passage.heading}\n{passage.text}")
    db.execute("INSERT INTO words (rowid, terms) VALUES (?, ?)", (cursor.lastrowid, " ".join(terms)))
    return int(cursor.lastrowid)


def read_delta(db: Any, since: int, revision: int) -> Delta:
    """All changes after revision `since`, inside the caller's transaction."""
    passages = db.execute(
        # Ids grow with the revision. By `id` alone SQLite would read all passages.
        "SELECT id, vector FROM passages WHERE revision > ? ORDER BY revision, id",
        (since,),
    ).fetchall()
    removed = db.execute("SELECT passage_id FROM removed WHERE revision > ?", (since,))
    return Delta(
        revision=revision,
        removed=np.array([row[0] for row in removed], np.int64),
        passages=np.array([row[0] for row in passages], np.int64),
        vectors=read_matrix([row[1] for row in passages]),
    )


def _narrow(vectors: Vectors) -> tuple[Vectors, int]:
    """The columns from the first to the last that hold anything, and the number of the first.

    Two models side by side leave one half empty where only one of them reads a language.
    """
    used = np.flatnonzero(vectors.any(axis=0))
    if not len(used):
        return vectors[:, :0], 0
    return vectors[:, used[0] : used[-1] + 1], int(used[0])


def _blob(vectors: Vectors) -> bytes:
    return np.asarray(vectors, VECTOR_TYPE).tobytes()


def read_matrix(blobs: Sequence[bytes]) -> Vectors:
    """(rows, dim) float32 from rows that rest as blobs."""
    if not blobs:
        return np.empty((0, 0), np.float32)
    return np.frombuffer(b"".join(blobs), VECTOR_TYPE).reshape(len(blobs), -1).astype(np.float32)


def raise_revision(db: Any) -> int:
    query = "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision' RETURNING value"
    return int(db.execute(query).fetchone()[0])
