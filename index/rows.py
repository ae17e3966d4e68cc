"""Between the store's rows and Jujube's values. Holds SQL, but no connection of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.extract import Extraction
from index.language import search_terms
from index.pooling import Vectors
from index.types import Document, Passage

VECTOR_TYPE = np.float16
"""Vectors rest as half floats: a cosine moves by less than .001 and the file is half the size."""


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
    """What happened after a revision, as the views need it."""

    revision: int
    """The revision that the delta leads to."""
    removed: NDArray[np.int64]
    """(r,) passage ids."""
    passages: NDArray[np.int64]
    """(p,) passage ids, ascending."""
    vectors: Vectors
    """(p, dim) float32, rows of length 1."""
    sentences: list[tuple[int, int, int]]
    """(passage id, start, end), by passage and place."""
    sentence_vectors: Vectors
    """(s, dim) float32."""
    mentions: list[tuple[int, str, str, int, int]]
    """(passage id, entity, kind, start, end)."""
    facts: list[tuple[int, str, str, str, int, int]]
    """(passage id, subject, relation, object, start, end)."""


DOCUMENT_COLUMNS = "id, title, text, source, metadata, pages"


def read_document(row: Sequence[Any]) -> Document:
    """A row of DOCUMENT_COLUMNS."""
    return Document(row[0], row[1], row[2], row[3], json.loads(row[4]), tuple(json.loads(row[5])))


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
    ids = [
        _insert_passage(db, document, passage, vector, revision)
        for passage, vector in zip(prepared.passages, prepared.vectors, strict=True)
    ]
    db.executemany(
        "INSERT INTO sentences (passage_id, start, end, vector) VALUES (?, ?, ?, ?)",
        (
            (ids[i], start, end, _blob(vector))
            for (i, start, end), vector in zip(prepared.sentences, prepared.sentence_vectors, strict=True)
        ),
    )
    for passage_id, extraction in zip(ids, prepared.extractions, strict=True):
        db.executemany(
            "INSERT INTO mentions VALUES (?, ?, ?, ?, ?, ?)",
            ((passage_id, m.entity, m.kind, m.text, m.start, m.end) for m in extraction.mentions),
        )
        db.executemany(
            "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)",
            ((passage_id, f.subject, f.relation, f.object, f.start, f.end) for f in extraction.facts),
        )


def _insert_passage(db: Any, document: Document, passage: Passage, vector: Vectors, revision: int) -> int:
    cursor = db.execute(
        "INSERT INTO passages (document_id, text, start, end, page, heading, vector, revision) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document.id,
            passage.text,
            passage.start,
            passage.end,
            passage.page,
            passage.heading,
            _blob(vector),
            revision,
        ),
    )
    terms = search_terms(f"{document.title}\n{passage.heading}\n{passage.text}")
    db.execute("INSERT INTO words (rowid, terms) VALUES (?, ?)", (cursor.lastrowid, " ".join(terms)))
    return int(cursor.lastrowid)


def read_delta(db: Any, since: int, revision: int) -> Delta:
    """All changes after revision `since`, inside the caller's transaction."""
    passages = db.execute(
        "SELECT id, vector FROM passages WHERE revision > ? ORDER BY id", (since,)
    ).fetchall()
    new = "JOIN passages p ON p.id = passage_id WHERE p.revision > ?"
    sentences = db.execute(
        f"SELECT passage_id, s.start, s.end, s.vector FROM sentences s {new} ORDER BY s.id", (since,)
    ).fetchall()
    return Delta(
        revision=revision,
        removed=np.array(
            [row[0] for row in db.execute("SELECT passage_id FROM removed WHERE revision > ?", (since,))],
            np.int64,
        ),
        passages=np.array([row[0] for row in passages], np.int64),
        vectors=_matrix([row[1] for row in passages]),
        sentences=[row[:3] for row in sentences],
        sentence_vectors=_matrix([row[3] for row in sentences]),
        mentions=db.execute(
            f"SELECT passage_id, entity, kind, m.start, m.end FROM mentions m {new} ORDER BY m.rowid",
            (since,),
        ).fetchall(),
        facts=db.execute(
            "SELECT passage_id, subject, relation, object, f.start, f.end "
            f"FROM facts f {new} ORDER BY f.rowid",
            (since,),
        ).fetchall(),
    )


def _blob(vector: Vectors) -> bytes:
    return np.asarray(vector, VECTOR_TYPE).tobytes()


def _matrix(blobs: Iterable[bytes]) -> Vectors:
    rows = [np.frombuffer(blob, VECTOR_TYPE) for blob in blobs]
    return np.stack(rows).astype(np.float32) if rows else np.empty((0, 0), np.float32)


def raise_revision(db: Any) -> int:
    query = "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision' RETURNING value"
    return int(db.execute(query).fetchone()[0])
