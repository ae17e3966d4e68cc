"""One SQLite file: a connection a thread, whole transactions. The only file that imports sqlite3."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from index.errors import StorageFull, StoreDamaged, StoreError
from index.faults import explained

SCHEMA_VERSION = 3
_BEFORE = 2
"""The schema before: a file of it is brought up to date when it is opened."""
_SINCE_3 = "CREATE TABLE jobs ("
"""Where in schema.sql the statements begin that schema 2 lacks; its own table of jobs was never used."""
_BUSY_SECONDS = 30.0


class Database:
    """One SQLite file on disk.

    Safe for threads (one connection each) and for processes (WAL: readers never wait; writers queue up to
    30 seconds, then StoreBusy).
    """

    def __init__(self, path: Path) -> None:
        """Open `path`, creating it when missing.

        Raises:
            StoreDamaged: not a Jujube collection, or SQLite finds it corrupt.
            StoreError: another version of Jujube wrote it.
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
        version = _version(self._db)
        if version in (0, _BEFORE):
            with self.write() as db:
                version = _version(db)  # another process may have been faster
                if version == 0:
                    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                        raise StoreDamaged(f"{self.path} belongs to another program: name another file")
                    _create(db)
                elif version == _BEFORE:
                    self._bring_up(db)
                version = _version(db)
        if version == SCHEMA_VERSION:
            self._use_wal()
        else:
            raise StoreError(
                f"{self.path} was written by another version of Jujube (schema {version}, this one reads "
                f"{SCHEMA_VERSION}): use that version, or index the documents again"
            )

    def _bring_up(self, db: sqlite3.Connection) -> None:
        """From schema 2, inside the caller's transaction."""
        if db.execute("SELECT count(*) FROM jobs").fetchone()[0]:
            raise StoreDamaged(f"{self.path} has jobs that Jujube did not write: name another file")
        db.execute("DROP TABLE jobs")
        schema = _schema()
        _run(db, schema[schema.index(_SINCE_3) :])
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

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

    @property
    def bytes(self) -> int:
        """Of its files, SQLite's log included."""
        return sum(map(_size, (self.path, self.path.with_name(self.path.name + "-wal"))))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise explained(error, self.path) from error

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
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
    def read(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, for reading; what SQLite says comes as an error of ours."""
        with self._errors():
            yield self._db

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """`read`, and all that this thread reads inside is of one revision."""
        with self.read() as db:
            if db.in_transaction:
                yield db
                return
            db.execute("BEGIN")
            try:
                yield db
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")


def _size(file: Path) -> int:
    """Bytes; 0 for a file that is not, or no longer, there: SQLite removes its log when nobody reads."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _create(db: sqlite3.Connection) -> None:
    _run(db, _schema())
    db.execute("INSERT INTO meta VALUES ('revision', '0')")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _schema() -> str:
    return files("index").joinpath("schema.sql").read_text("utf-8")


def _run(db: sqlite3.Connection, statements: str) -> None:
    """One by one: sqlite3's own way for many would commit first."""
    statement = ""
    for line in statements.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""
