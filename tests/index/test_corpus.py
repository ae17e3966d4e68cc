"""A collection in use: whatever is done to it, the store, the vectors and the graph say the same."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import corpus as corpus_module
from index.corpus import Corpus
from index.embed import Embedder
from index.errors import EmbedderMismatch, EmptyDocument, StoreError
from index.extract import Extractor
from index.prepare import passage_head
from index.rows import Delta
from index.store import Store
from index.types import Document, Passage, document_id_for
from index.vectors import VectorIndex
from index.walk import WalkOptions, walk

Make = Callable[..., Document]
Open = Callable[..., Corpus]

LINES = [
    "The pump B-200 stands in the yard.\n",
    "水泵B-200每六个月加一次油。\n",
    "Model: C-7; Plant: Linhai; Made by: Acme\n",
    "型号：V-77；产地：杭州\n",
    "参见《水泵手册》和《枣树》。\n",
    "🌳🌳🌳\n",
    "## Care\n",
    "## 保养\n",
]
SOURCES = [f"docs/{n}.md" for n in range(5)]
TEXTS = st.lists(st.sampled_from(LINES), max_size=5).map("".join)
ADD = st.tuples(st.just("add"), st.dictionaries(st.sampled_from(SOURCES), TEXTS, max_size=3))
REMOVE = st.tuples(st.just("remove"), st.lists(st.sampled_from(SOURCES), max_size=3))
OTHERS = st.tuples(st.sampled_from(["reopen", "reindex", "refresh"]), st.none())
STEPS = st.lists(st.one_of(ADD, ADD, REMOVE, OTHERS), max_size=8)


def document(source: str, text: str) -> Document:
    return Document(document_id_for(source), f"Title {source}", text, source)


def asked(corpus: Corpus, vectors: VectorIndex) -> dict[str, Any]:
    """What the vectors and the graph answer to all that is asked of them here."""
    graph = corpus.graph
    query = np.linspace(-1, 1, vectors.dim, dtype=np.float32)
    names = ("b-200", "c-7", "v-77", "linhai", "杭州", "水泵手册", "care", "保养")
    ids, scores = vectors.search(query, 100)
    return {
        "vectors": dict(zip(ids.tolist(), np.round(scores, 3).tolist(), strict=True)),
        "packs": {i: pack.tolist() for i, pack in graph.packs(ids.tolist()).items()},
        "sentences": {i: one.spans.tolist() for i, one in graph.sentences(ids.tolist()).items()},
        "entities": len(graph),
        "names": {name: (graph.passages_of(name), graph.facts_of(name)) for name in names},
        "facts": sorted(map(str, graph.facts(sorted(ids.tolist()), names))),
        "walk": {
            i: round(score, 4)
            for i, score in walk(
                graph, dict.fromkeys(names, 1.0), query, [(i, 0.5) for i in ids.tolist()], WalkOptions()
            ).passages
        },
    }


def built_anew(corpus: Corpus) -> dict[str, Any]:
    """What a corpus answers that has followed nothing and remembers nothing."""
    fresh = Corpus(corpus.store, corpus.embedder, corpus._extractor, corpus._count_tokens)
    with fresh.views() as views:
        return asked(fresh, views.vectors)


def check(corpus: Corpus, model: dict[str, str]) -> None:
    """The views followed, nothing is wrong, and the texts of all passages are those of the model."""
    store = corpus.store
    with corpus.views() as views:
        assert views.revision == store.revision
        assert asked(corpus, views.vectors) == built_anew(corpus)
        ids = sorted(views.vectors.ids().tolist())
    assert corpus.verify() == []
    assert store.document_ids() == sorted(map(document_id_for, model))
    assert {store.document(i).source: store.document(i).text for i in store.document_ids()} == model
    passages = store.passages(ids)
    assert sorted(passages) == ids == store.delta(0).passages.tolist()
    for passage, source, _ in passages.values():
        assert model[source][passage.start : passage.end] == passage.text


@settings(max_examples=60)
@given(STEPS)
def test_any_sequence_of_changes_leaves_what_a_plain_dictionary_holds(
    make_corpus: Open, steps: list[tuple[str, Any]]
) -> None:
    model: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sqlite"
        corpus, follower = make_corpus(Store(path)), make_corpus(Store(path))
        for step, argument in steps:
            before = corpus.store.revision
            if step == "add":
                texts = {source: text for source, text in argument.items() if set(text) - set("# \n")}
                changed = {s: t for s, t in texts.items() if model.get(s) != t}
                result = corpus.add([document(*item) for item in argument.items()])
                replaced = sum(s in model for s in changed)
                assert (result.added, result.replaced) == (len(changed) - replaced, replaced)
                assert result.unchanged == len(texts) - len(changed)
                assert [source for source, _ in result.failures] == [s for s in argument if s not in texts]
                assert result.revision == corpus.store.revision == before + bool(changed)
                model |= texts
            elif step == "remove":
                gone = [source for source in dict.fromkeys(argument) if source in model]
                assert corpus.store.remove(map(document_id_for, dict.fromkeys(argument))) == len(gone)
                model = {source: text for source, text in model.items() if source not in gone}
            elif step == "reopen":
                corpus.store.close()
                corpus = make_corpus(Store(path))
            elif step == "reindex":
                assert corpus.reindex().added == len(model)
            else:
                corpus.refresh()
                follower.refresh()
        check(corpus, model)
        check(follower, model)  # as another process: its own store, views that followed now and then
        corpus.store.close()
        follower.store.close()


def test_views_follow_another_process(tmp_path: Path, make_corpus: Open) -> None:
    with closing(Store(tmp_path / "a.sqlite")) as one, closing(Store(tmp_path / "a.sqlite")) as two:
        writer, reader = make_corpus(one), make_corpus(two)
        with reader.views() as views:
            assert (len(views.vectors), views.revision) == (0, 0)
        writer.add([document("a", "Pump B-200."), document("b", "Valve V-77.")])
        with reader.views() as views:
            assert (len(views.vectors), reader.graph.passages_of("b-200"), views.revision) == (2, [1], 1)
        one.remove(one.document_ids("a"))
        with reader.views() as views:
            assert (len(views.vectors), "b-200" in reader.graph, "v-77" in reader.graph) == (1, False, True)
        assert reader.refresh() == writer.refresh() == 2


def test_add_says_what_it_did(corpus: Corpus, make_document: Make) -> None:
    progress: list[tuple[int, int]] = []
    batch = [make_document("One.", "a"), make_document("Two.", "b"), make_document("  \n", "empty")]
    result = corpus.add(batch, lambda *done: progress.append(done))
    assert (result.added, result.replaced, result.unchanged, result.passages, result.revision) == (
        2,
        0,
        0,
        2,
        1,
    )
    ((source, error),) = result.failures
    assert (source, type(error), str(error)) == ("empty", EmptyDocument, "empty: no text to index in it")
    assert progress == [(2, 2)]
    again = corpus.add([make_document("One.", "a"), make_document("Two!", "b"), make_document("三。", "c")])
    assert (again.added, again.replaced, again.unchanged, again.revision) == (1, 1, 1, 2)
    nothing = corpus.add([])
    assert (nothing.added, nothing.revision) == (0, 2)


def test_what_makes_a_document_new(corpus: Corpus, make_document: Make) -> None:
    def changes(text: str = "One. Two.", **more: Any) -> int:
        return corpus.add([make_document(text, **more)]).replaced

    assert corpus.add([make_document("One. Two.")]).added == 1
    assert changes() == 0
    assert changes("One. Two!") == 1
    assert changes("One. Two!", title="T") == 1
    assert changes("One. Two!", title="T", metadata={"by": "Li"}) == 1
    assert changes("One. Two!", title="T", metadata={"by": "Li"}) == 0
    assert changes("One. Two!", title="T", metadata={"by": "Li"}, pages=(0,)) == 1
    assert corpus.store.counts()["documents"] == 1


def test_many_passages_are_committed_in_batches(
    corpus: Corpus, make_document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus_module, "BATCH_PASSAGES", 4)
    revisions: list[int] = []
    documents = [make_document("# A\nOne.\n# B\nTwo.", f"{n}") for n in range(7)]
    result = corpus.add(documents, lambda *_: revisions.append(corpus.store.revision))
    assert (result.added, result.passages, revisions) == (7, 14, [1, 2, 3, 4])
    check(corpus, {d.source: d.text for d in documents})


def test_a_failure_leaves_the_batches_before_it(
    corpus: Corpus, make_document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus_module, "BATCH_PASSAGES", 2)

    def documents() -> Iterator[Document]:
        yield from (make_document("Text.", f"{n}") for n in range(3))
        raise OSError("the disk was pulled")

    with pytest.raises(OSError, match="pulled"):
        corpus.add(documents())
    check(corpus, {"0": "Text.", "1": "Text."})


def test_documents_that_share_a_source_replace_each_other(corpus: Corpus, make_document: Make) -> None:
    corpus.add([make_document("First."), make_document("Second."), make_document("Third.", id="own")])
    assert corpus.store.document_ids() == ["own"]
    check_text = corpus.store.document("own").text
    assert (check_text, corpus.verify()) == ("Third.", [])


BACK_AND_FORTH = [("one", "One."), ("two", "Two."), ("one", "One.")]


@pytest.mark.parametrize("ids", [False, True], ids=["same id", "other ids"])
@pytest.mark.parametrize("stored", [False, True])
def test_the_last_of_one_source_wins_even_when_it_was_there_before(
    corpus: Corpus, make_document: Make, ids: bool, stored: bool
) -> None:
    documents = [
        make_document(text, **({"id": name} if ids else {})) for name, text in BACK_AND_FORTH[stored:]
    ]
    if stored:
        corpus.add([documents[-1]])
    corpus.add(documents)
    assert [corpus.store.document(i).text for i in corpus.store.document_ids()] == ["One."]


def test_a_source_under_another_id_counts_as_replaced(corpus: Corpus, make_document: Make) -> None:
    corpus.add([make_document("One.")])
    result = corpus.add([make_document("Two.", id="own")])
    assert (result.added, result.replaced) == (0, 1)


# -- the embedder --------------------------------------------------------------------------------------


def test_another_embedder_is_refused_and_told_to_reindex(
    store: Store, corpus: Corpus, make_corpus: Open, make_document: Make
) -> None:
    corpus.add([make_document("One.", "a"), make_document("Two.", "b")])
    with pytest.raises(EmbedderMismatch, match=r"'hash' \(48 dimensions\), not with 'hash2'.*jujube reindex"):
        make_corpus(store, "2")
    other = make_corpus(store, "2", any_embedder=True)
    with pytest.raises(StoreError, match="embedder"):
        other.add([make_document("Three.", "c")])
    with pytest.raises(EmbedderMismatch):
        other.refresh()
    assert corpus.verify() == []


def test_reindex_swaps_everything_in_one_revision(
    store: Store, corpus: Corpus, make_corpus: Open, make_document: Make
) -> None:
    texts = {"a": "Pump B-200. " * 30, "b": "阀门V-77。"}
    corpus.add([make_document(text, source) for source, text in texts.items()])
    corpus.refresh()
    old = store.delta(0)
    done: list[tuple[int, int]] = []
    other = make_corpus(store, "2", any_embedder=True)
    result = other.reindex(lambda *counts: done.append(counts))
    assert (result.added, result.revision, store.revision) == (2, 2, 2)
    assert done == [(2, result.passages)]
    assert store.delta(1).removed.tolist() == old.passages.tolist()
    assert store.embedder is not None
    assert store.embedder.name == "hash2"
    check(other, texts)
    with pytest.raises(EmbedderMismatch):
        corpus.refresh()  # it was open while everything was swapped
    with other.views() as views:
        for i, row in zip(store.delta(0).passages, store.delta(0).vectors, strict=True):
            passage, _, title = store.passages([int(i)])[int(i)]
            expected = other.embedder.embed_passages([passage_head(title, passage) + passage.text])[0]
            assert row == pytest.approx(expected, abs=1e-3)
        assert len(views.vectors) == result.passages


def test_a_failure_while_reindexing_changes_nothing(
    corpus: Corpus, make_document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.add([make_document("Pump B-200.")])

    def broken(*_: Any) -> Any:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(corpus.embedder, "embed_sentences", broken)
        with pytest.raises(MemoryError):
            corpus.reindex()
    check(corpus, {"a.md": "Pump B-200."})
    assert corpus.store.revision == 1


def test_what_another_process_does_while_reindex_begins_is_kept(
    tmp_path: Path, make_corpus: Open, make_document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store(tmp_path / "a.sqlite")) as one, closing(Store(tmp_path / "a.sqlite")) as two:
        corpus, other = make_corpus(one), make_corpus(two)
        corpus.add([make_document("Keep.", "a"), make_document("Secret.", "b")])
        commit = one.commit

        def late(*args: Any, **kwargs: Any) -> int:
            other.add([make_document("New.", "c")])
            two.remove(two.document_ids("b"))
            return commit(*args, **kwargs)

        monkeypatch.setattr(one, "commit", late)
        corpus.reindex()
        assert {one.document(i).text for i in one.document_ids()} == {"Keep.", "New."}


# -- views that went wrong -----------------------------------------------------------------------------


def test_verify_finds_and_mends_views_that_differ(corpus: Corpus, make_document: Make) -> None:
    corpus.add([make_document("Pump B-200.", "a"), make_document("Valve V-77.", "b")])
    with corpus.views() as views:
        views.vectors.remove(views.vectors.ids()[:1])
    assert corpus.verify() == ["the vector index held other passages than the store: rebuilt"]
    assert corpus.verify() == []
    check(corpus, {"a": "Pump B-200.", "b": "Valve V-77."})


def test_views_recover_from_a_failure_half_way(
    corpus: Corpus, make_document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.add([make_document("Pump B-200.")])

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    corpus.refresh()
    corpus.add([make_document("Pump B-300."), make_document("Valve V-77.", "b")])
    with monkeypatch.context() as patch:
        patch.setattr("index.vectors.VectorIndex.add", broken)  # what was removed is removed by then
        with pytest.raises(KeyboardInterrupt):
            corpus.refresh()
    with corpus.views() as views:
        assert sorted(views.vectors.ids().tolist()) == [2, 3]
    assert corpus.verify() == []


def test_views_never_step_back_behind_what_they_hold(
    tmp_path: Path, make_corpus: Open, make_document: Make
) -> None:
    """One thread reads an older revision while another has brought the views to the newer one."""
    with closing(Store(tmp_path / "a.sqlite")) as store:
        corpus = make_corpus(store)
        corpus.add([make_document("Pump B-200.", "a")])
        with store.snapshot():
            assert store.revision == 1
            with ThreadPoolExecutor(1) as other:
                other.submit(corpus.add, [make_document("Valve V-77.", "b")]).result()
                assert other.submit(corpus.refresh).result() == 2
            with corpus.views() as views:
                assert len(views.vectors) == 2
        with corpus.views() as views:
            assert sorted(views.vectors.ids().tolist()) == [1, 2]
            assert views.revision == 2


def test_verify_bears_with_another_process_that_writes(
    tmp_path: Path, make_corpus: Open, make_document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store(tmp_path / "a.sqlite")) as one, closing(Store(tmp_path / "a.sqlite")) as two:
        corpus, other = make_corpus(one), make_corpus(two)
        corpus.add([make_document("Pump B-200.", "a")])
        corpus.refresh()
        delta = one.delta

        def late(since: int) -> Delta:
            other.add([make_document("Valve V-77.", "b")])
            return delta(since)

        monkeypatch.setattr(one, "delta", late)
        assert corpus.verify() == []


def test_the_head_of_a_passage_is_its_title_and_its_headings() -> None:
    passage = Passage(1, "d", "Text.", 0, 5, heading="A > B")
    assert passage_head("Title", passage) == "Title\nA > B\n"
    assert passage_head("", Passage(1, "d", "Text.", 0, 5)) == ""


# -- with the real models ------------------------------------------------------------------------------


def test_a_collection_on_the_real_models(
    store: Store, embedder: Embedder, extractor: Extractor, make_document: Make
) -> None:
    corpus = Corpus(store, embedder, extractor, lambda text: len(text) // 2)
    texts = {
        "holiday.md": "# Holidays\n\nEmployees have fifteen days of paid holiday a year.\n\n"
        "# Lunch\n\nThe cafeteria in Hangzhou serves lunch from noon to two.",
        "水泵.md": "# 保养\n\n水泵B-200每六个月必须加一次油。\n\n# 历史\n\n李明毕业于浙江大学。",
    }
    corpus.add([make_document(text, source) for source, text in texts.items()])
    check(corpus, texts)

    def best(question: str) -> str:
        with corpus.views() as views:
            ids, _ = views.vectors.search(embedder.embed_queries([question])[0], 1)
        return store.passages(ids)[int(ids[0])][0].text

    assert "fifteen days" in best("How much vacation do I get?")
    assert "noon to two" in best("When can I eat?")
    assert "加一次油" in best("水泵多久保养一次？")
    assert corpus.graph.passages_of("hangzhou") != []
    facts = corpus.graph.facts(corpus.graph.passages_of("李明"), ["李明"])
    (fact,) = [fact for fact in facts if fact.object == "浙江大学"]
    assert (fact.subject, fact.relation) == ("李明", "毕业于")
    assert texts["水泵.md"][fact.start : fact.end] == "李明毕业于浙江大学。"
