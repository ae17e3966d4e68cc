"""The one truth of a collection: a SQLite file. The only file that imports sqlite3.

Every commit raises `revision` by one. Views (vector index, graph) remember the revision they were built from
and follow with `delta`.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from index.embed import Fingerprint
from index.errors import NotFound, StorageFull, StoreDamaged, StoreError
from index.faults import explained, find_problems
from index.language import has_cjk, search_terms
from index.rows import DOCUMENT_COLUMNS, Delta, Prepared, insert, raise_revision, read_delta, read_document
from index.types import Document, Passage

SCHEMA_VERSION = 1
_BUSY_SECONDS = 30.0


class Store:
    """One collection on disk.

    Safe for threads (one connection each) and for processes (WAL: readers never wait; writers queue up to
    30 seconds, then StoreBusy).
    """

    def __init__(self, path: Path) -> None:
        """Open `path`, creating it when missing.

        Raises:
            StoreDamaged: not a Jujube collection, or SQLite finds it corrupt.
            StorageFull: the folder cannot be written.
        """
        self.path = path
        self._local = threading.local()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFull(
                f"cannot make the folder {path.parent}: {error.strerror}. Name another with --home"
            ) from error
        try:
            with self._errors():
                self._create_once()
        except BaseException:
            self.close()
            raise

    def _create_once(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            with self._write() as db:
                if db.execute("PRAGMA user_version").fetchone()[0] == 0:
                    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                        raise StoreDamaged(f"{self.path} belongs to another program: name another file")
                    _create(db)
        if version in (0, SCHEMA_VERSION):
            self._use_wal()
        else:
            raise StoreError(
                f"{self.path} was written by another version of Jujube (schema {version}, this one reads "
                f"{SCHEMA_VERSION}): use that version, or index the documents again"
            )

    def _use_wal(self) -> None:
        """SQLite does not wait for a lock here, so we do; nothing happens when the file is in WAL already."""
        until = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)

    @property
    def _db(self) -> sqlite3.Connection:
        """This thread's connection."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = sqlite3.connect(
                self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA synchronous = FULL")
            self._local.db = db
            with self._lock:
                for thread in [t for t in self._connections if not t.is_alive()]:
                    self._connections.pop(thread).close()
                self._connections[threading.current_thread()] = db
        return db

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for db in self._connections.values():
                db.close()
            self._connections.clear()
        self._local = threading.local()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise explained(error, self.path) from error

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that takes the write lock at once; it commits whole or not at all."""
        with self._errors():
            db = self._db
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._errors():
            yield self._db

    # -- what was recorded -----------------------------------------------------------------------------

    @property
    def revision(self) -> int:
        """Raised by one by every commit."""
        return int(self.meta("revision") or 0)

    def meta(self, key: str) -> str | None:
        with self._read() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

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
        with self._write() as db:
            recorded = self.embedder
            if not replace_all and recorded is not None and not embedder.matches(recorded):
                raise StoreError("the collection's embedder changed meanwhile: add the documents again")
            if replace_all or recorded is None:
                value = {"name": embedder.name, "dim": embedder.dim, "probe": embedder.probe}
                db.execute("INSERT OR REPLACE INTO meta VALUES ('embedder', ?)", (json.dumps(value),))
            revision = self.revision + 1
            for prepared in batch:
                key = (prepared.document.id, prepared.document.source)
                db.execute("DELETE FROM documents WHERE id = ? OR source = ?", key)
                insert(db, prepared, revision)
            if replace_all:
                new = "SELECT document_id FROM passages WHERE revision = ?"
                db.execute(f"DELETE FROM documents WHERE id NOT IN ({new})", (revision,))
            return raise_revision(db)

    def remove(self, document_ids: Iterable[str]) -> int:
        """Remove documents and all that came from them, in one transaction. Returns how many there were."""
        with self._write() as db:
            removed = sum(
                db.execute("DELETE FROM documents WHERE id = ?", (i,)).rowcount for i in document_ids
            )
            if removed:
                raise_revision(db)
        return removed

    # -- reading ---------------------------------------------------------------------------------------

    def delta(self, since: int) -> Delta:
        """All changes after revision `since`, read in one snapshot."""
        with self._read() as db:
            db.execute("BEGIN")
            try:
                return read_delta(db, since, self.revision)
            finally:
                db.execute("ROLLBACK")

    def document(self, document_id: str) -> Document:
        """Raises: NotFound."""
        with self._read() as db:
            query = f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id = ?"
            row = db.execute(query, (document_id,)).fetchone()
        if row is None:
            raise NotFound(
                f"no document {document_id!r} in this collection: `jujube list` shows what there is"
            )
        return read_document(row)

    def document_ids(self, source: str | None = None) -> list[str]:
        """Ids of all documents, or of those whose id or source is `source` or lies inside that folder."""
        if source == "":
            return []
        if source is None:
            query, values = "SELECT id FROM documents ORDER BY id", {}
        else:
            inside = source.rstrip("/")
            query = (
                "SELECT id FROM documents WHERE id = :s OR source = :s "
                "OR substr(source, 1, :n) IN (:a, :b) ORDER BY id"
            )
            values = {"s": source, "n": len(inside) + 1, "a": inside + "/", "b": inside + "#"}
        with self._read() as db:
            return [str(row[0]) for row in db.execute(query, values)]

    def documents(self, limit: int = -1, offset: int = 0) -> list[tuple[str, str, str, int, int, str]]:
        """(id, source, title, characters, passages, added_at) by source."""
        with self._read() as db:
            return db.execute(
                "SELECT d.id, d.source, d.title, length(d.text), "
                "(SELECT count(*) FROM passages WHERE document_id = d.id), d.added_at "
                "FROM documents d ORDER BY d.source LIMIT ? OFFSET ?",
                (limit, offset),
            ).fetchall()

    def fingerprints(self) -> dict[tuple[str, str], str]:
        """(id, source) -> fingerprint of every document."""
        with self._read() as db:
            rows = db.execute("SELECT id, source, fingerprint FROM documents")
            return {(row[0], row[1]): row[2] for row in rows}

    def counts(self) -> dict[str, int]:
        """How many rows each table holds."""
        tables = ("documents", "passages", "sentences", "mentions", "facts")
        with self._read() as db:
            return {t: int(db.execute(f"SELECT count(*) FROM {t}").fetchone()[0]) for t in tables}

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, str, str]]:
        """id -> (passage, its document's source, its title); ids that are gone are left out."""
        with self._read() as db:
            rows = db.execute(
                "SELECT p.id, p.document_id, p.text, p.start, p.end, p.page, p.heading, d.source, d.title "
                "FROM passages p JOIN documents d ON d.id = p.document_id "
                "WHERE p.id IN (SELECT value FROM json_each(?))",
                (json.dumps([int(i) for i in ids]),),
            )
            return {row[0]: (Passage(*row[:7]), row[7], row[8]) for row in rows}

    def search_text(self, query: str, k: int) -> list[tuple[int, float]]:
        """BM25 over the words of passages, titles and headings: (passage id, score > 0), best first."""
        terms = dict.fromkeys(search_terms(query))
        if not terms:
            return []
        # A single Chinese character is no pair: it finds the pairs that begin with it.
        match = " OR ".join(f'"{t}"*' if len(t) == 1 and has_cjk(t) else f'"{t}"' for t in terms)
        with self._read() as db:
            rows = db.execute(
                "SELECT rowid, -bm25(words) FROM words WHERE words MATCH ? ORDER BY bm25(words) LIMIT ?",
                (match, k),
            )
            return [(int(row[0]), float(row[1])) for row in rows]

    def problems(self) -> list[str]:
        """What SQLite and the full-text index find wrong with the file; empty when it is sound."""
        with self._read() as db:
            return find_problems(db)


def _create(db: sqlite3.Connection) -> None:
    statement = ""
    for line in files("index").joinpath("schema.sql").read_text("utf-8").splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""
    db.execute("INSERT INTO meta VALUES ('revision', '0')")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
