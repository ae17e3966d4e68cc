"""A damaged file is told, and each contradiction between its tables is named."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index.corpus import Corpus
from index.database import SCHEMA_VERSION
from index.errors import StoreDamaged, StoreError
from index.store import Store
from index.types import Document

Make = Callable[..., Document]
Open = Callable[..., Corpus]


@pytest.fixture
def file(tmp_path: Path, make_marked: Open, make_document: Make) -> Path:
    """A collection of 50 documents, closed."""
    path = tmp_path / "full.sqlite"
    with closing(Store(path)) as store:
        texts = [f"[Acme] =makes= [P-{n}]. " + "Some words. " * 40 for n in range(50)]
        make_marked(store).add([make_document(text, f"{n}.md") for n, text in enumerate(texts)])
    return path


def overwrite(path: Path, at: int, junk: bytes) -> None:
    with path.open("r+b") as handle:
        handle.seek(at)
        handle.write(junk)


@pytest.mark.parametrize(
    "content", [b"just some words\n" * 400, b"\0" * 8192, b"%PDF-1.7\n" + bytes(range(256)) * 40]
)
def test_what_is_no_database_is_told_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreDamaged, match="restore a backup"):
        Store(path)
    assert path.read_bytes() == content


def test_a_damaged_header_is_told(file: Path) -> None:
    overwrite(file, 0, b"junk" * 25)
    with pytest.raises(StoreDamaged, match=r"full\.sqlite is damaged"):
        Store(file)


def problems_of(path: Path) -> list[str]:
    try:
        with closing(Store(path)) as store:
            return store.problems()
    except StoreDamaged as error:
        return [str(error)]


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_damage_in_the_middle_is_found(file: Path, share: float) -> None:
    assert problems_of(file) == []
    pages = file.stat().st_size // 4096
    overwrite(file, int(pages * share) * 4096, bytes(range(256)) * 16)
    assert problems_of(file) != []


def test_a_file_cut_short_is_found(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2 // 4096 * 4096)
    assert problems_of(file) != []


def test_an_empty_file_becomes_a_collection(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").touch()
    with closing(Store(tmp_path / "a.sqlite")) as store:
        assert (store.revision, store.document_ids(), store.problems()) == (0, [], [])


def test_another_schema_is_refused(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StoreError, match=f"schema {SCHEMA_VERSION + 1}, this one reads {SCHEMA_VERSION}"):
        Store(file)


def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bookmarks.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")
        db.commit()
    before = path.read_bytes()
    with pytest.raises(StoreDamaged):
        Store(path)
    assert path.read_bytes() == before


# -- tables that contradict each other -----------------------------------------------------------------


@pytest.fixture
def sound(store: Store, make_marked: Open, make_document: Make) -> Store:
    """Two passages with a title, mentions, a fact, another name; and one that names nothing."""
    texts = ["# Pumps\n[Acme Pumps] aka [AP]. It =makes= nothing.\n# Sale\n[AP] =sells= [B-200]. So it is."]
    make_marked(store).add([make_document(text, f"{n}.md") for n, text in enumerate([*texts, "Nothing."])])
    assert store.counts() == {
        "documents": 2,
        "passages": 3,
        "entities": 5,
        "mentions": 6,
        "facts": 1,
        "aliases": 1,
    }
    return store


PACK = np.array([[1, 0, 1]], np.int32).tobytes()
DAMAGES = {
    "DELETE FROM words WHERE rowid = 1": "1 passages are missing from the full-text index",
    "INSERT INTO words (rowid, terms) VALUES (77, 'secret')": (
        "the full-text index still holds 1 passages that were removed"
    ),
    "DELETE FROM sentences WHERE passage_id > 1": "2 passages are missing their sentences",
    "UPDATE aliases SET alias_id = entity_id": "1 entities are named by nothing",
    "DELETE FROM entity_words WHERE rowid = 2": "1 entities are missing from the index of names",
    "INSERT INTO entity_words (rowid, terms) VALUES (77, 'secret')": (
        "the index of names still holds 1 entities that were removed"
    ),
    "UPDATE passages SET vector = x'0011' WHERE id = 1": (
        "1 passages hold no vector of this collection's embedder"
    ),
    "UPDATE sentences SET vectors = substr(vectors, 3) WHERE passage_id = 1": (
        "1 passages hold other sentences than vectors of sentences"
    ),
    "UPDATE sentences SET spans = x'00' WHERE passage_id = 3": (
        "1 passages hold other sentences than vectors of sentences"
    ),
    "UPDATE passages SET entities = x''": "2 passages name other entities than their mentions say",
    f"UPDATE passages SET entities = x'{PACK.hex()}' WHERE id = 3": (
        "1 passages name other entities than their mentions say"
    ),
    "DELETE FROM mentions WHERE passage_id = 2 AND text = 'AP'": (
        "1 passages name other entities than their mentions say"
    ),
    "UPDATE mentions SET sentence = 1 WHERE text = 'B-200'": (
        "1 passages name other entities than their mentions say"
    ),
    "UPDATE mentions SET start = 0 WHERE passage_id = 2 AND kind = 'TITLE'": None,
    "INSERT INTO facts VALUES (77, 1, 'is', 2, 0, 1)": "a row of facts points nowhere",
    "INSERT INTO facts VALUES (1, 1, 'is', 77, 0, 1)": "a row of facts points nowhere",
    "INSERT INTO aliases VALUES (1, 1, 77, 0, 1)": "a row of aliases points nowhere",
}
"""What is done to the file, and what is said of it; None: that is no fault."""


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_contradiction_is_named(sound: Store, damage: str) -> None:
    assert sound.problems() == []
    sound._db.execute("PRAGMA foreign_keys = OFF")
    assert sound._db.execute(damage).rowcount > 0
    told = DAMAGES[damage]
    assert sound.problems() == ([told] if told else [])


def test_a_removed_row_of_entities_is_named_by_all_that_pointed_to_it(sound: Store) -> None:
    sound._db.execute("PRAGMA foreign_keys = OFF")
    sound._db.execute("DELETE FROM entities WHERE key = 'acme pumps'")
    told = [f"a row of {table} points nowhere" for table in ("aliases", "facts", *["mentions"] * 3)]
    assert sorted(sound.problems()) == told


def test_verify_tells_them(sound: Store, make_marked: Open) -> None:
    corpus = make_marked(sound)
    assert corpus.verify() == []
    sound._db.execute("INSERT INTO entities (key) VALUES ('nobody')")
    sound._db.execute("INSERT INTO entity_words (rowid, terms) VALUES (last_insert_rowid(), 'nobody')")
    assert corpus.verify() == ["1 entities are named by nothing"]


def test_a_collection_is_checked_as_of_one_revision(
    sound: Store, make_marked: Open, make_document: Make
) -> None:
    """Another process writes between two of the questions that are put to the file."""
    with closing(Store(sound.path)) as other:
        writer = make_marked(other)
        texts = iter(f"[Acme] =makes= [P-{n}]." for n in range(1000))

        def write(*_: object) -> None:
            writer.add([make_document(next(texts), "changing.md")])

        sound._db.set_trace_callback(lambda _: write())
        try:
            assert sound.problems() == []
        finally:
            sound._db.set_trace_callback(None)
        assert other.revision > 5
