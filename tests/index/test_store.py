"""The store: whole commits, nothing half-done, true after crashes, clear about what is wrong.

Run as a script, this file is the other process of its own tests: `python test_store.py COMMAND PATH`.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import database, edges
from index.browse import mentions_in
from index.embed import Fingerprint, unit_rows
from index.errors import NotFound, StorageFull, StoreBusy, StoreError
from index.extract import Extraction
from index.fulltext import FullText
from index.rows import Prepared
from index.store import Store
from index.types import Alias, Document, Fact, Mention, Passage, document_id_for

DIM = 4
EMBEDDER = Fingerprint("test", DIM, (1.0, 0.0, 0.0, 0.0))
OTHER = Fingerprint("other", DIM, (0.0, 1.0, 0.0, 0.0))


def rows(count: int, seed: int = 0) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).standard_normal((count, DIM)))


def prepared(text: str, source: str = "a.md", **more: Any) -> Prepared:
    """A document ready to be committed: each line a passage and a sentence; its first word is an entity and
    says its last one, and a word before " aka " is another name of the one after it."""
    document = Document(**{"id": document_id_for(source), "title": "", **more}, text=text, source=source)
    passages, extractions, at = [], [], 0
    for line in text.split("\n"):
        end = at + len(line)
        passages.append(Passage(0, document.id, line, at, end, 1 if document.pages else None, "Head"))
        first, last = line.split()[0], line.split()[-1]
        mention = Mention(first.casefold(), "OTHER", first, at, at + len(first))
        fact = Fact(first.casefold(), "says", last.casefold(), 0, at, end)
        names = re.findall(r"(\w+) aka (\w+)", line)
        aliases = tuple(Alias(a.casefold(), b.casefold(), at, end) for a, b in names)
        extractions.append(Extraction((mention,), (fact,), aliases))
        at = end + 1
    spans = [(i, p.start, p.end) for i, p in enumerate(passages)]
    vectors = rows(len(passages), len(text))
    return Prepared(document, passages, vectors, extractions, spans, vectors[:, ::-1])


def dump(store: Store) -> dict[str, list[Any]]:
    """Every row of every table of our own."""
    tables = (
        *("documents", "passages", "sentences", "entities", "entity_words", "mentions", "facts", "aliases"),
        *("removed", "jobs", "words"),
    )
    return {t: store._db.execute(f"SELECT rowid, * FROM {t}").fetchall() for t in tables} | {
        "meta": store._db.execute("SELECT * FROM meta ORDER BY key").fetchall()
    }


def passage_ids(store: Store) -> list[int]:
    return store.delta(0).passages.tolist()


def found(store: Store, query: str) -> list[str]:
    """The texts of the passages that hold words of `query`, best first."""
    ids = [i for i, _ in FullText(store).search(query, 10)]
    passages = store.passages(ids)
    return [passages[i][0].text for i in ids]


# -- what is written is read ---------------------------------------------------------------------------


def test_all_that_was_written_is_read(store: Store) -> None:
    text = "枣园 makes pumps 🌳\nPumps need 油"
    more = {"title": "手册", "metadata": {"部门": ["研发", 1, None]}, "pages": (0, 5), "id": "my id"}
    written = prepared(text, "dir/手册.pdf", **more)
    assert store.commit([written], EMBEDDER) == store.revision == 1
    assert store.document("my id") == written.document
    assert store.counts() == {
        "documents": 1,
        "passages": 2,
        "entities": 4,
        "mentions": 2,
        "facts": 2,
        "aliases": 0,
    }
    (listed,) = store.documents()
    assert listed[:5] == ("my id", "dir/手册.pdf", "手册", len(text), 2)
    delta = store.delta(0)
    first, second = ids = delta.passages.tolist()
    passages = store.passages([*ids, 99])
    assert list(passages) == ids
    assert passages[second] == (
        Passage(second, "my id", "Pumps need 油", 17, 29, 1, "Head"),
        "dir/手册.pdf",
        "手册",
    )
    assert (delta.revision, delta.removed.tolist()) == (1, [])
    assert delta.vectors == pytest.approx(written.vectors, abs=1e-3)
    assert delta.vectors.dtype == np.float32
    with store.read() as db:
        sentences = edges.sentences_of(db, ids)
        assert [sentences[i].spans.tolist() for i in ids] == [[[0, 16]], [[17, 29]]]
        for i, row in zip(ids, written.sentence_vectors, strict=True):
            assert sentences[i].vectors[0] == pytest.approx(row, abs=1e-3)
            assert sentences[i].first == 0
        number = edges.entity_ids(db, ["枣园", "pumps", "🌳", "油", "Pumps"])
        assert sorted(number) == sorted(["枣园", "pumps", "🌳", "油"])
        packs = {i: pack.tolist() for i, pack in edges.packs(db, ids).items()}
        assert packs == {first: [[number["枣园"], 0, 1]], second: [[number["pumps"], 0, 1]]}
        assert edges.facts_of_passages(db, ids) == [
            Fact("枣园", "says", "🌳", first, 0, 16),
            Fact("pumps", "says", "油", second, 17, 29),
        ]
    assert mentions_in(store, ids) == {
        first: [Mention("枣园", "OTHER", "枣园", 0, 2)],
        second: [Mention("pumps", "OTHER", "Pumps", 17, 22)],
    }
    assert store.held(["my id"]) == store.held(["dir/手册.pdf"])
    assert store.held(["my id"]) == [("my id", "dir/手册.pdf", written.document.fingerprint)]
    assert store.held(["my"]) == []
    assert store.embedder == EMBEDDER
    assert store.problems() == []


def test_what_was_written_is_there_when_opened_again(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "new" / "a.sqlite")) as store:
        store.commit([prepared("one line")], EMBEDDER)
        before = dump(store)
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["a.sqlite"]  # no log left behind
    shutil.copy(tmp_path / "new" / "a.sqlite", tmp_path / "copy.sqlite")
    with closing(Store(tmp_path / "copy.sqlite")) as store:
        assert dump(store) == before


@pytest.mark.parametrize(
    "second",
    [
        prepared("new text", "a.md"),
        prepared("new text", "a.md", id="another id"),
        prepared("new text", "b.md", id=document_id_for("a.md")),
    ],
    ids=["same id and source", "same source", "same id"],
)
def test_the_same_source_or_id_replaces(store: Store, second: Prepared) -> None:
    store.commit([prepared("old text\nmore of it", "a.md"), prepared("beside it", "c.md")], EMBEDDER)
    old = store.delta(0)
    store.commit([second], EMBEDDER)
    assert store.document_ids() == sorted([second.document.id, document_id_for("c.md")])
    assert store.counts()["passages"] == store.counts()["facts"] == len(dump(store)["sentences"]) == 2
    assert found(store, "old more") == []
    assert sorted(found(store, "text beside")) == ["beside it", "new text"]
    delta = store.delta(old.revision)
    assert delta.removed.tolist() == old.passages.tolist()[:2]
    assert [store.passages([i])[i][0].text for i in delta.passages.tolist()] == ["new text"]


def test_one_document_twice_in_a_batch_leaves_the_later(store: Store) -> None:
    store.commit([prepared("first"), prepared("second")], EMBEDDER)
    assert store.document(document_id_for("a.md")).text == "second"
    assert store.counts()["passages"] == 1


def test_removing_takes_everything_and_raises_the_revision_once(store: Store) -> None:
    store.commit([prepared("one", "a"), prepared("two", "b"), prepared("three", "c")], EMBEDDER)
    ids = store.document_ids("a") + store.document_ids("b")
    assert store.remove([*ids, "unknown"]) == 2
    assert store.revision == 2
    assert store.counts() == {
        "documents": 1,
        "passages": 1,
        "entities": 1,
        "mentions": 1,
        "facts": 1,
        "aliases": 0,
    }
    assert found(store, "one two three") == ["three"]
    with pytest.raises(NotFound, match=ids[0]):
        store.document(ids[0])
    assert store.remove(ids) == store.remove([]) == 0
    assert store.revision == 2
    assert store.problems() == []


def test_an_entity_stays_as_long_as_anything_names_it(store: Store) -> None:
    store.commit([prepared("acme sells pumps", "a"), prepared("oil for acme", "b")], EMBEDDER)
    store.commit([prepared("ap aka acme", "c"), prepared("acme aka ap", "d")], EMBEDDER)

    def known() -> set[str]:
        return {key for _, key in store._db.execute("SELECT id, key FROM entities")}

    assert known() == {"acme", "pumps", "oil", "ap"}
    store.remove(store.document_ids("a"))  # its mention went; it is the object of a fact, and an alias
    assert known() == {"acme", "oil", "ap"}
    store.remove(store.document_ids("b"))
    store.commit([prepared("nothing", "d")], EMBEDDER)
    assert known() == {"acme", "ap", "nothing"}
    store.remove(store.document_ids("c"))
    assert known() == {"nothing"}
    assert len(dump(store)["entity_words"]) == 1
    store.commit([prepared("other", "e")], EMBEDDER, replace_all=True)
    assert known() == {"other"}
    assert store.problems() == []


def test_a_sentence_rests_without_its_empty_columns(store: Store) -> None:
    """Two models side by side leave one half empty where only one of them reads a language."""
    one = prepared("left words\nright words\nno words")
    vectors = np.zeros((3, DIM), np.float32)
    vectors[0, :2], vectors[1, 3] = (0.6, 0.8), 1.0
    store.commit([replace(one, sentence_vectors=vectors)], EMBEDDER)
    with store.read() as db:
        kept = edges.sentences_of(db, passage_ids(store))
    assert [(s.first, s.vectors.shape) for s in kept.values()] == [(0, (1, 2)), (3, (1, 1)), (0, (1, 0))]
    assert kept[1].vectors[0].tolist() == pytest.approx([0.6, 0.8], abs=1e-3)


def test_what_is_recorded_beside_the_documents_is_no_revision(store: Store) -> None:
    store.set_meta("graph", "off")
    assert (store.meta("graph"), store.meta("other"), store.revision) == ("off", None, 0)
    store.set_meta("graph", None)
    assert (store.meta("graph"), store.revision) == (None, 0)


def test_a_passage_id_is_never_used_twice(tmp_path: Path) -> None:
    seen: set[int] = set()
    for n in range(4):
        with closing(Store(tmp_path / "a.sqlite")) as store:
            store.commit([prepared(f"text {n}\nmore")], EMBEDDER)
            ids = set(passage_ids(store))
            assert not ids & seen
            seen |= ids
            store.remove(store.document_ids())
    assert len(seen) == 8


def test_deltas_add_up_to_the_whole(store: Store) -> None:
    held: set[int] = set()
    since = 0
    for step in [
        lambda: store.commit([prepared("one\ntwo", "a"), prepared("three", "b")], EMBEDDER),
        lambda: store.commit([prepared("four", "a")], EMBEDDER),
        lambda: store.remove(store.document_ids("b")),
        lambda: store.commit([prepared("five", "c")], EMBEDDER),
    ]:
        step()
        delta = store.delta(since)
        held = (held - set(delta.removed.tolist())) | set(delta.passages.tolist())
        since = delta.revision
        assert since == store.revision
        assert sorted(held) == passage_ids(store)
    assert since == 4
    nothing = store.delta(since)
    assert (len(nothing.passages), len(nothing.removed), nothing.vectors.size) == (0, 0, 0)


def test_documents_are_found_by_id_source_and_folder(store: Store) -> None:
    sources = [
        "docs/a.md",
        "docs/sub/b.md",
        "docs.md",
        "docs2/c.md",
        "faq.jsonl#1",
        "faq.jsonl#2",
        "文档/年假.md",
    ]
    store.commit([prepared("text", source, id=source.upper()) for source in sources], EMBEDDER)

    def under(source: str) -> list[str]:
        return [i.lower() for i in store.document_ids(source)]

    assert under("docs") == under("docs/") == ["docs/a.md", "docs/sub/b.md"]
    assert under("docs/a.md") == under("DOCS/A.MD") == ["docs/a.md"]
    assert under("faq.jsonl") == ["faq.jsonl#1", "faq.jsonl#2"]
    assert under("文档") == ["文档/年假.md"]
    assert under("%") == under("doc") == under("docs_") == []
    assert [row[1] for row in store.documents(2, 1)] == ["docs/a.md", "docs/sub/b.md"]


def test_no_source_names_no_document(store: Store) -> None:
    store.commit([prepared("text", "/srv/docs/a.md")], EMBEDDER)
    assert store.document_ids("") == []


# -- whole or not at all -------------------------------------------------------------------------------


def failing(after: int, error: BaseException) -> Iterator[Prepared]:
    yield from (prepared(f"number {n}", f"{n}.md") for n in range(after))
    raise error


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("replace_all", [False, True])
def test_a_failure_inside_a_commit_leaves_everything_as_it_was(
    store: Store, error: BaseException, replace_all: bool
) -> None:
    store.commit([prepared("old text", "0.md"), prepared("other", "x.md")], EMBEDDER)
    before = dump(store)
    with pytest.raises(type(error)):
        store.commit(failing(2, error), OTHER if replace_all else EMBEDDER, replace_all=replace_all)
    assert dump(store) == before
    assert found(store, "number old") == ["old text"]
    assert (store.embedder, store.problems()) == (EMBEDDER, [])
    assert store.commit([prepared("after", "y.md")], EMBEDDER) == 2


def test_a_reader_sees_the_state_before_until_the_commit_is_done(store: Store) -> None:
    store.commit([prepared("old text", "a.md")], EMBEDDER)
    seen: list[Any] = []
    with closing(Store(store.path)) as reader:

        def batch() -> Iterator[Prepared]:
            yield prepared("new text", "a.md")
            seen.append((reader.revision, found(reader, "old new text"), passage_ids(reader)))

        store.commit(batch(), EMBEDDER)
        assert seen == [(1, ["old text"], [1])]
        assert (reader.revision, found(reader, "old new text")) == (2, ["new text"])


def test_a_snapshot_is_one_revision_whatever_is_written_meanwhile(store: Store) -> None:
    store.commit([prepared("old text", "a.md")], EMBEDDER)
    with closing(Store(store.path)) as writer, store.snapshot():
        assert store.revision == 1
        writer.commit([prepared("new text", "a.md")], EMBEDDER)
        with store.snapshot():  # inside another: the same revision
            assert (store.revision, found(store, "old new")) == (1, ["old text"])
        assert (store.revision, passage_ids(store)) == (1, [1])
    assert (store.revision, found(store, "old new")) == (2, ["new text"])
    assert store.commit([prepared("later", "b.md")], EMBEDDER) == 3


def test_a_snapshot_ends_with_what_fails_inside(store: Store) -> None:
    with pytest.raises(ValueError, match="broken"), store.snapshot():
        raise ValueError("broken")
    assert store.commit([prepared("text")], EMBEDDER) == 1


def test_another_embedder_is_refused_unless_all_is_replaced(store: Store) -> None:
    store.commit([prepared("one", "a"), prepared("two", "b")], EMBEDDER)
    with pytest.raises(StoreError, match="embedder"):
        store.commit([prepared("three", "c")], OTHER)
    assert (store.revision, store.embedder) == (1, EMBEDDER)
    store.commit([prepared("one", "a")], OTHER, replace_all=True)
    assert (store.revision, store.embedder, store.document_ids()) == (2, OTHER, [document_id_for("a")])
    assert store.delta(1).removed.tolist() == [1, 2]


# -- many at once --------------------------------------------------------------------------------------


def commit_many(store: Store, name: str, count: int) -> None:
    for n in range(count):
        store.commit([prepared(f"{name} number {n}", f"{name}-{n}.md")], EMBEDDER)


def test_threads_that_write_at_once_lose_nothing(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: commit_many(store, name, 10), "abcd"))
    assert store.revision == 40
    assert len(store.document_ids()) == len(passage_ids(store)) == 40
    assert store.problems() == []


def child(command: str, path: Path, *arguments: str) -> subprocess.Popen[str]:
    """This file as another process."""
    line = [sys.executable, __file__, command, str(path), *arguments]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    Store(path).close()
    children = [child("many", path, name, "20") for name in ("a", "b")]
    for process in children:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    with closing(Store(path)) as store:
        assert store.revision == 40
        assert len(store.document_ids()) == len(passage_ids(store)) == 40
        assert store.problems() == []


def test_who_comes_second_waits_until_the_collection_is_made(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    first = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    first.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, first.execute, ["ROLLBACK"])
    release.start()
    try:
        with closing(Store(path)) as store:
            assert store.commit([prepared("text")], EMBEDDER) == 1
    finally:
        release.join()
        first.close()


@pytest.mark.parametrize("round_", range(3))
def test_what_a_killed_process_reported_is_there(tmp_path: Path, round_: int) -> None:
    path = tmp_path / "a.sqlite"
    process = child("for-ever", path)
    assert process.stdout is not None
    reported = [int(process.stdout.readline()) for _ in range(5 + 7 * round_)]
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate(timeout=60)
    reported += [int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    with closing(Store(path)) as store:
        assert store.problems() == []
        assert reported == [*range(1, len(reported) + 1)]
        assert store.revision - len(reported) in (0, 1)  # the last may be written, and not yet reported
        assert len(store.document_ids()) == store.revision
        assert {f"number {n} of" for n in reported} <= {
            store.document(i).text.split(" many")[0] for i in store.document_ids()
        }
        assert len(passage_ids(store)) == 3 * store.revision
        assert store.commit([prepared("goes on", "new.md")], EMBEDDER) == store.revision


def test_a_writer_that_waits_too_long_is_told_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.05)
    with closing(Store(store.path)) as other:
        store._db.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="another process is writing"):
            other.commit([prepared("text")], EMBEDDER)
        assert other.revision == 0  # readers do not wait
        store._db.execute("ROLLBACK")
        assert other.commit([prepared("text")], EMBEDDER) == 1


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files in /proc")
def test_threads_that_end_give_their_connections_back(store: Store) -> None:
    def open_files() -> int:
        links = (os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if fd.isdigit())
        return sum(link == str(store.path) for link in _existing(links))

    for _ in range(30):
        thread = threading.Thread(target=lambda: store.revision)
        thread.start()
        thread.join()
    assert open_files() < 10


def _existing(links: Iterator[str]) -> Iterator[str]:
    while True:
        try:
            yield next(links)
        except StopIteration:
            return
        except OSError:  # the folder itself, closed again
            return


# -- what can be wrong with a disk and a file ----------------------------------------------------------


def test_a_full_disk_is_told_and_nothing_is_half_done(store: Store) -> None:
    store.commit([prepared("old text", "0.md")], EMBEDDER)
    before = dump(store)
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages + 3}")
    batch = [prepared("word " * 500 + str(n), f"{n}.md") for n in range(20)]
    with pytest.raises(StorageFull, match="free some space"):
        store.commit(batch, EMBEDDER)
    assert dump(store) == before
    assert store.problems() == []
    store._db.execute("PRAGMA max_page_count = 1073741823")
    assert store.commit(batch, EMBEDDER) == 2
    assert found(store, "old") == []


def test_a_write_that_the_system_refuses_is_told_and_nothing_is_half_done(tmp_path: Path) -> None:
    """The child may not let a file grow beyond 512 KiB: writes fail as on a full disk."""
    path = tmp_path / "a.sqlite"
    process = child("limited", path)
    out, errors = process.communicate(timeout=60)
    *revisions, last = out.split("\n")[:-1]
    assert last.startswith("StorageFull: no room left"), (out, errors)
    with closing(Store(path)) as store:
        assert store.revision == len(revisions) == len(store.document_ids()) > 0
        assert store.problems() == []


def test_a_path_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text", encoding="utf-8")
    with pytest.raises(StorageFull, match="cannot make the folder"):
        Store(tmp_path / "file" / "a.sqlite")
    with pytest.raises(StorageFull, match="cannot write to"):
        Store(tmp_path)  # a folder


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageFull, match="own the file"):
        Store(tmp_path / "a.sqlite")


def main(command: str, path: Path, *arguments: str) -> None:
    with closing(Store(path)) as store:
        if command == "many":
            commit_many(store, arguments[0], int(arguments[1]))
        if command == "limited":
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (512 * 1024, 512 * 1024))
        number = 0
        while command in ("for-ever", "limited"):
            number += 1
            text = "\n".join([f"number {number} of" + " many" * 200] * 3)
            try:
                print(store.commit([prepared(text, f"{number}.md")], EMBEDDER), flush=True)
            except StorageFull as error:
                print(f"StorageFull: {error}", flush=True)
                return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
