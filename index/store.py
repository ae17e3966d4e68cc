"""The one truth of a collection: a SQLite file.

Every commit raises `revision` by one. The vector index remembers the revision it was built from and follows
with `delta`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from index.database import Database
from index.embed import Fingerprint
from index.errors import NotFound, StoreError
from index.faults import find_problems
from index.rows import (
    DOCUMENT_COLUMNS,
    Delta,
    Prepared,
    entities_of,
    forget_entities,
    insert,
    raise_revision,
    read_delta,
    read_document,
    wanted,
)
from index.types import Document, Filter, Passage


class Store(Database):
    """One collection on disk. Safe for threads and for processes, as `Database` says."""

    # -- what was recorded -----------------------------------------------------------------------------

    @property
    def revision(self) -> int:
        """Raised by one by every commit."""
        return int(self.meta("revision") or 0)

    def meta(self, key: str) -> str | None:
        with self.read() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str | None) -> None:
        """Record something about the collection that is no document: the revision stays. None forgets it."""
        with self.write() as db:
            if value is None:
                db.execute("DELETE FROM meta WHERE key = ?", (key,))
            else:
                db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def embedder(self) -> Fingerprint | None:
        """The fingerprint of the embedder that this collection's vectors come from."""
        recorded = self.meta("embedder")
        if recorded is None:
            return None
        fields = json.loads(recorded)
        return Fingerprint(fields["name"], fields["dim"], tuple(fields["probe"]))

    # -- changing --------------------------------------------------------------------------------------

    def commit(self, batch: Iterable[Prepared], embedder: Fingerprint, *, replace_all: bool = False) -> int:
        """Write documents in one transaction, each replacing what had its id or its source.

        Args:
            batch: consumed inside the transaction.
            embedder: where the vectors come from.
            replace_all: remove everything else; the only way to change the embedder.

        Returns:
            The new revision; nothing is written when anything raises.
        """
        with self.write() as db:
            recorded = self.embedder
            if not replace_all and recorded is not None and not embedder.matches(recorded):
                raise StoreError("the collection's embedder changed meanwhile: add the documents again")
            if replace_all or recorded is None:
                value = {"name": embedder.name, "dim": embedder.dim, "probe": embedder.probe}
                db.execute("INSERT OR REPLACE INTO meta VALUES ('embedder', ?)", (json.dumps(value),))
            revision = self.revision + 1
            touched: set[int] = set()
            for prepared in batch:
                key = (prepared.document.id, prepared.document.source)
                old = db.execute("SELECT id FROM documents WHERE id = ? OR source = ?", key).fetchall()
                touched |= _delete(db, [row[0] for row in old])
                insert(db, prepared, revision)
            if replace_all:
                new = "SELECT document_id FROM passages WHERE revision = ?"
                db.execute(f"DELETE FROM documents WHERE id NOT IN ({new})", (revision,))
            forget_entities(db, None if replace_all else touched)
            return raise_revision(db)

    def remove(self, document_ids: Iterable[str]) -> int:
        """Remove documents and all that came from them, in one transaction. Returns how many there were."""
        with self.write() as db:
            query = "SELECT id FROM documents WHERE id IN (SELECT value FROM json_each(?))"
            there = [row[0] for row in db.execute(query, (json.dumps(list(document_ids)),))]
            forget_entities(db, _delete(db, there))
            if there:
                raise_revision(db)
        return len(there)

    # -- reading ---------------------------------------------------------------------------------------

    def delta(self, since: int) -> Delta:
        """All changes after revision `since`, read in one snapshot."""
        with self.snapshot() as db:
            return read_delta(db, since, self.revision)

    def document(self, document_id: str) -> Document:
        """Raises: NotFound."""
        with self.read() as db:
            query = f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id = ?"
            row = db.execute(query, (document_id,)).fetchone()
        if row is None:
            raise NotFound(
                f"no document {document_id!r} in this collection: `jujube list` shows what there is"
            )
        return read_document(row)

    def beginning(self, document_id: str, length: int) -> tuple[str, tuple[int, ...]]:
        """The first characters of a document, and where its pages begin; nothing, where it is not there."""
        with self.read() as db:
            query = "SELECT substr(text, 1, ?), pages FROM documents WHERE id = ?"
            row = db.execute(query, (length, document_id)).fetchone()
        return (row[0], tuple(json.loads(row[1]))) if row else ("", ())

    def document_ids(self, source: str | None = None) -> list[str]:
        """Ids of all documents, or of those whose id or source is `source` or lies inside that folder."""
        if source == "":
            return []
        where, values = wanted(Filter(source))
        with self.read() as db:
            return [
                str(row[0]) for row in db.execute(f"SELECT id FROM documents {where} ORDER BY id", values)
            ]

    def passage_ids(self, only: Filter) -> frozenset[int]:
        """Ids of the passages of the documents that a filter lets through."""
        where, values = wanted(only)
        query = f"SELECT id FROM passages WHERE document_id IN (SELECT id FROM documents {where})"
        with self.read() as db:
            return frozenset(row[0] for row in db.execute(query, values))

    def documents(self, limit: int = -1, offset: int = 0) -> list[tuple[str, str, str, int, int, str]]:
        """(id, source, title, characters, passages, added_at) by source."""
        with self.read() as db:
            return db.execute(
                "SELECT d.id, d.source, d.title, length(d.text), "
                "(SELECT count(*) FROM passages WHERE document_id = d.id), d.added_at "
                "FROM documents d ORDER BY d.source LIMIT ? OFFSET ?",
                (limit, offset),
            ).fetchall()

    def held(self, names: Iterable[str]) -> list[tuple[str, str, str]]:
        """(id, source, fingerprint) of the documents whose id or source is among `names`."""
        with self.read() as db:
            return db.execute(
                "SELECT id, source, fingerprint FROM documents WHERE id IN (SELECT value FROM json_each(:n)) "
                "OR source IN (SELECT value FROM json_each(:n))",
                {"n": json.dumps(list(names))},
            ).fetchall()

    def passage_count(self) -> int:
        with self.read() as db:
            return int(db.execute("SELECT count(*) FROM passages").fetchone()[0])

    def counts(self) -> dict[str, int]:
        """How many rows each table holds."""
        tables = ("documents", "passages", "entities", "mentions", "facts", "aliases")
        with self.read() as db:
            return {t: int(db.execute(f"SELECT count(*) FROM {t}").fetchone()[0]) for t in tables}

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, str, str]]:
        """id -> (passage, its document's source, its title); ids that are gone are left out."""
        with self.read() as db:
            rows = db.execute(
                "SELECT p.id, p.document_id, p.text, p.start, p.end, p.page, p.heading, d.source, d.title "
                "FROM passages p JOIN documents d ON d.id = p.document_id "
                "WHERE p.id IN (SELECT value FROM json_each(?))",
                (json.dumps([int(i) for i in ids]),),
            )
            return {row[0]: (Passage(*row[:7]), row[7], row[8]) for row in rows}

    def passages_at(
        self, document_id: str, spans: Iterable[tuple[int, int]]
    ) -> dict[tuple[int, int], tuple[Passage, str, str]]:
        """span of a document's text -> a passage that holds it, its source, its title; where there is one."""
        query = 'SELECT id FROM passages WHERE document_id = ? AND start <= ? AND "end" >= ? LIMIT 1'
        with self.read() as db:
            rows = {span: db.execute(query, (document_id, *span)).fetchone() for span in spans}
            found = self.passages([row[0] for row in rows.values() if row])
            return {span: found[row[0]] for span, row in rows.items() if row and row[0] in found}

    def problems(self) -> list[str]:
        """What is wrong with the file, as of one revision; empty when it is sound."""
        with self.snapshot() as db:
            return find_problems(db)


def _delete(db: Any, document_ids: Sequence[str]) -> set[int]:
    """Delete documents; returns the entities that they named, which may now be named by nothing."""
    touched = entities_of(db, document_ids) if document_ids else set()
    db.executemany("DELETE FROM documents WHERE id = ?", [(i,) for i in document_ids])
    return touched
