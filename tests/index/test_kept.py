"""The kept vector index: a start uses it, follows what changed, and passes over what cannot be trusted."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from index import corpus as corpus_module
from index import kept
from index.corpus import Corpus
from index.store import Store
from index.types import Document
from index.vectors import VectorIndex

Make = Callable[..., Document]
Open = Callable[..., Corpus]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three passages make a large collection."""
    monkeypatch.setattr(kept, "KEPT_FROM", 3)
    monkeypatch.setattr(corpus_module, "KEPT_FROM", 3)


def texts(make: Make, names: str) -> list[Document]:
    return [make(f"Text {name} about pump {name}.", f"{name}.md") for name in names]


def files(store: Store) -> list[Path]:
    return sorted(store.path.parent.glob("*.vectors"))


def found(corpus: Corpus, name: str) -> set[str]:
    with corpus.views() as views:
        ids, _ = views.vectors.search(corpus.embedder.embed_queries([f"pump {name}"])[0], 50)
    return {source for _, source, _ in corpus.store.passages(ids.tolist()).values()}


def loads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Fills with what `VectorIndex.load` gave."""
    given: list[object] = []
    load = VectorIndex.load

    def noted(*arguments: object) -> object:
        given.append(load(*arguments))  # type: ignore[arg-type]
        return given[-1]

    monkeypatch.setattr(VectorIndex, "load", noted)
    return given


def test_a_start_reads_the_file_and_follows_what_changed_since(
    store: Store, make_corpus: Open, make_document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_corpus(store).add(texts(make_document, "abcd"))
    assert len(files(store)) == 1
    other = make_corpus(store)
    other.add(texts(make_document, "e"))
    store.remove([make_document("", "a.md").id])
    given = loads(monkeypatch)
    fresh = make_corpus(store)
    assert found(fresh, "b") == {"b.md", "c.md", "d.md", "e.md"}
    assert [index is not None for index in given] == [True]
    assert fresh.verify() == []


def test_a_new_file_replaces_the_old_one_only_when_enough_changed(
    store: Store, make_corpus: Open, make_document: Make
) -> None:
    corpus = make_corpus(store)
    corpus.add(texts(make_document, "abcd"))
    before = files(store)
    corpus.keep_views(settle=True)
    assert files(store) == before
    corpus.add(texts(make_document, "efg"))
    assert len(files(store)) == 1
    assert files(store) != before


def test_a_small_collection_keeps_no_file(store: Store, make_corpus: Open, make_document: Make) -> None:
    corpus = make_corpus(store)
    corpus.add(texts(make_document, "ab"))
    corpus.keep_views(settle=True)
    assert files(store) == []


@pytest.mark.parametrize("damage", [b"", b"nothing", None])
def test_a_damaged_or_missing_file_is_made_good_from_the_store(
    store: Store, make_corpus: Open, make_document: Make, damage: bytes | None
) -> None:
    make_corpus(store).add(texts(make_document, "abcd"))
    (file,) = files(store)
    file.unlink()
    if damage is not None:
        file.write_bytes(damage)
    assert found(make_corpus(store), "a") == {"a.md", "b.md", "c.md", "d.md"}


def test_a_backup_put_back_does_not_trust_what_came_after_it(
    tmp_path: Path, make_corpus: Open, make_document: Make
) -> None:
    path = tmp_path / "a.db"
    with closing(Store(path)) as store:
        make_corpus(store).add(texts(make_document, "ab"))
    shutil.copy(path, tmp_path / "backup")
    with closing(Store(path)) as store:
        make_corpus(store).add(texts(make_document, "cdefg"))
        assert files(store)
    for leftover in tmp_path.glob("a.db*"):
        leftover.unlink()
    shutil.copy(tmp_path / "backup", path)
    with closing(Store(path)) as store:
        corpus = make_corpus(store)
        corpus.add(texts(make_document, "x"))
        corpus.add(texts(make_document, "y"))
        assert found(make_corpus(store), "x") == {"a.md", "b.md", "x.md", "y.md"}


def test_the_file_of_another_collection_stays(tmp_path: Path, make_corpus: Open, make_document: Make) -> None:
    for name in ("a.b", "a[b]", "a", "a[b]"):  # a name may go on where another ends, or look like a pattern
        with closing(Store(tmp_path / f"{name}.db")) as store:
            corpus = make_corpus(store)
            corpus.reindex()
            corpus.add(texts(make_document, "abcd"))
            corpus.keep_views()
    names = [
        file.name.rpartition(".vectors")[0].rpartition(".")[0] for file in sorted(tmp_path.glob("*.vectors"))
    ]
    assert sorted(names) == ["a", "a.b", "a[b]"]


def test_questions_are_answered_while_lists_are_waited_for(
    store: Store, make_corpus: Open, make_document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = make_corpus(store)
    corpus.add(texts(make_document, "ab"))
    waiting, made = threading.Event(), threading.Event()

    def slow(_: VectorIndex) -> None:
        waiting.set()
        made.wait(30)

    monkeypatch.setattr(VectorIndex, "settle", slow)
    with ThreadPoolExecutor(2) as others:
        try:
            adding = others.submit(corpus.add, texts(make_document, "cdef"))
            assert waiting.wait(10)
            assert others.submit(found, corpus, "a").result(timeout=60) == {f"{name}.md" for name in "abcdef"}
            assert files(store) == []
        finally:
            made.set()
        assert adding.result().added == 4
    assert len(files(store)) == 1


def test_what_was_added_is_added_even_where_no_file_can_be_kept(
    store: Store, make_corpus: Open, make_document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    corpus = make_corpus(store)
    with monkeypatch.context() as patch:
        patch.setattr(VectorIndex, "save", full)
        assert corpus.add(texts(make_document, "abcd")).added == 4
        with pytest.raises(OSError, match="No space"):
            corpus.keep_views()
    assert files(store) == []
    corpus.keep_views()
    assert len(files(store)) == 1
