"""Retrieval while others write, under filters, and on documents that nobody would write."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from index.corpus import Corpus
from index.fulltext import FullText
from index.graph import KnowledgeGraph
from index.language import search_terms
from index.split import SplitOptions
from index.store import Store
from index.types import Document, Filter
from rag.retrieve import MODES, RetrieveOptions, retrieve

MakeDocument = Callable[..., Document]

# -- one revision --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_a_question_sees_one_revision_whatever_is_written_meanwhile(
    store: Store,
    make_marked: Callable[..., Corpus],
    make_document: MakeDocument,
    monkeypatch: pytest.MonkeyPatch,
    mode: Any,
) -> None:
    """Another thread replaces and removes between each two reads of one question."""
    corpus = make_marked(store)

    def write(number: int) -> None:
        corpus.add([make_document(f"[Pump] =has= [version {number}].", s) for s in ("a.md", "b.md")])
        corpus.store.remove(store.document_ids("gone.md"))
        corpus.add([make_document(f"[Pump] left {number}.", "gone.md")])
        corpus.refresh()

    write(0)
    numbers = iter(range(1, 1000))
    asking = threading.current_thread()
    enough: list[int] = []
    """How often the other thread still writes; each time between two reads of the question."""
    with ThreadPoolExecutor(1) as other:

        def between(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **more: Any) -> Any:
                if threading.current_thread() is asking and enough:
                    enough.pop()
                    other.submit(write, next(numbers)).result()
                return real(*args, **more)

            return call

        for place in ("search", "weights", "terms_of"):
            monkeypatch.setattr(FullText, place, between(getattr(FullText, place)))
        for place in ("ids", "packs", "sentences", "passages_naming"):
            monkeypatch.setattr(KnowledgeGraph, place, between(getattr(KnowledgeGraph, place)))
        monkeypatch.setattr(Store, "passages", between(Store.passages))
        for n in range(5):
            before = next(numbers)
            write(before)
            revision = store.revision
            enough.extend(range(6))
            found = retrieve(corpus, "Which version has the Pump?", RetrieveOptions(mode=mode))
            assert found.revision == revision
            expected = sorted([f"[Pump] =has= [version {before}]."] * 2 + [f"[Pump] left {before}."])
            assert sorted(hit.passage.text for hit in found.hits) == expected, n
            assert store.revision > revision
            enough.clear()


@pytest.mark.parametrize("mode", MODES)
def test_what_was_removed_is_never_returned_while_others_write(
    store: Store, make_marked: Callable[..., Corpus], make_document: MakeDocument, mode: Any
) -> None:
    corpus = make_marked(store)
    corpus.add([make_document(f"[Pump] =has= [part {n}].", f"{n}.md") for n in range(20)])
    removed: set[str] = set()

    def remove() -> None:
        for n in range(0, 20, 2):
            store.remove(store.document_ids(f"{n}.md"))
            removed.add(f"{n}.md")

    with ThreadPoolExecutor(1) as other:
        writing = other.submit(remove)
        while not writing.done():
            gone = set(removed)
            hits = retrieve(corpus, "Which part has the Pump?", RetrieveOptions(mode=mode, top_k=100)).hits
            assert not gone & {hit.source for hit in hits}
            assert len(hits) >= 10
        writing.result()
    hits = retrieve(corpus, "Which part has the Pump?", RetrieveOptions(mode=mode, top_k=100)).hits
    assert {hit.source for hit in hits} == {f"{n}.md" for n in range(1, 20, 2)}


# -- filters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("only", "sources"),
    [
        (Filter(source="docs"), {"docs/a.md", "docs/b.md"}),
        (Filter(source="docs/b.md"), {"docs/b.md"}),
        (Filter(metadata=(("year", 2025),)), {"docs/a.md", "c.md"}),
        (Filter(source="docs", metadata=(("year", 2025),)), {"docs/a.md"}),
        (Filter(metadata=(("teams", "sales"),)), {"docs/b.md"}),
        (Filter(source="nowhere"), set()),
        (Filter(metadata=(("year", "2025"),)), set()),
        (Filter(), {"docs/a.md", "docs/b.md", "c.md"}),
    ],
    ids=lambda one: str(sorted(one) if isinstance(one, set) else one),
)
def test_a_filter_hides_all_else_in_every_mode(
    store: Store,
    make_marked: Callable[..., Corpus],
    make_document: MakeDocument,
    mode: Any,
    only: Filter,
    sources: set[str],
) -> None:
    corpus = make_marked(store)
    metadata = {
        "docs/a.md": {"year": 2025},
        "docs/b.md": {"year": 2024, "teams": ["sales", "law"]},
        "c.md": {"year": 2025},
    }
    corpus.add(
        [make_document(f"[Acme] aka [AP]. [Acme] sold [{s}].", s, metadata=m) for s, m in metadata.items()]
    )
    found = retrieve(corpus, "What has Acme sold?", RetrieveOptions(mode=mode, only=only))
    assert {hit.source for hit in found.hits} == sources
    brought = store.passages([bridge.passage_id for bridge in found.bridges.values()])
    assert {source for _, source, _ in brought.values()} <= sources


# -- bad input -----------------------------------------------------------------------------------------


def in_every_mode(corpus: Corpus, query: str, top_k: int = 10) -> list[Any]:
    """The hits of each mode, ranked and without one twice."""
    found = [retrieve(corpus, query, RetrieveOptions(mode=mode, top_k=top_k)).hits for mode in MODES]
    for hits in found:
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True)
        assert len({hit.passage.id for hit in hits}) == len(hits)
    return found


STRANGE = {
    "no entity": "nothing at all happened here on that day and nobody said so",
    "mixed": "The 水泵 B-200 läuft in Линьхай bei 35℃ since 二〇〇九年",
    "emoji": "👩‍💻 fixed 🌳🌳 and ❤️ it",
    "rare": "Ꮳꮃꭹ ᚠᚢᚦ 𐎠𐎡 ꦲꦏ 𠜎𠜱 الميزان हिन्दी ไทย",
    "marks": "!!! ??? … ——— 。。。 ，，，",
    "one long word": "x" * 200,
    "numbers": "1 2 3 4 5 6 7 8 9 10 11",
}


def test_strange_passages_stay_findable_in_every_mode(
    store: Store, make_marked: Callable[..., Corpus], make_document: MakeDocument
) -> None:
    filled = make_marked(store, 2048)
    filled.add([make_document(f"The plant number {n} was opened in 1996.", f"{n}.md") for n in range(5)])
    filled.add([make_document(text, name) for name, text in STRANGE.items()])
    for name, text in STRANGE.items():
        for mode, hits in zip(MODES, in_every_mode(filled, text), strict=True):
            if search_terms(text) or mode == "vector":
                assert name in [hit.source for hit in hits], (name, mode)
    for word in ("Ꮳꮃꭹ", "𐎠𐎡", "𠜎𠜱", "الميزان", "हिन्दी", "ไทย", "Линьхай", "水泵", "B-200", "läuft"):
        found = {hit.source for hit in in_every_mode(filled, f"{word}?")[MODES.index("text")]}
        assert found & {"rare", "mixed"}, word
    assert filled.verify() == []


def test_one_entity_in_every_passage(
    store: Store, make_marked: Callable[..., Corpus], make_document: MakeDocument
) -> None:
    corpus = make_marked(store, 1024)
    corpus.add([make_document(f"[Acme] sells item{n} at gate{n % 7}.", f"{n}.md") for n in range(300)])
    for hits in in_every_mode(corpus, "Where does Acme sell item250?"):
        assert hits[0].source == "250.md"
        assert len(hits) == 10
    assert len(in_every_mode(corpus, "Acme", 300)[0]) >= 200


def test_ten_thousand_entities_in_one_passage(
    store: Store, make_marked: Callable[..., Corpus], make_document: MakeDocument
) -> None:
    made = make_marked(store)
    whole = SplitOptions(max_tokens=1_000_000)
    corpus = Corpus(store, made.embedder, made._extractor, lambda text: len(text), whole)
    crowd = " ".join(f"[n{i}]" for i in range(10_000)) + "."
    texts = [crowd, "[n77] is near [Ghent].", "Nothing.", "[Ghent] is far."]
    corpus.add([make_document(text, f"{n}.md") for n, text in enumerate(texts)])
    assert store.counts()["passages"] == 4
    assert len(corpus.graph) == 10_001
    graph, *others = in_every_mode(corpus, "What is near n77?")
    assert "1.md" in [hit.source for hit in graph][:2]
    assert {hit.source for hit in graph} == {f"{n}.md" for n in range(4)}
    assert all(hits for hits in others)
    assert "0.md" in [hit.source for hit in in_every_mode(corpus, "n9999")[MODES.index("text")]]
    store.remove(store.document_ids("0.md"))
    assert len(corpus.graph) == 2
    assert corpus.verify() == []


def test_a_thousand_near_duplicates(
    store: Store, make_marked: Callable[..., Corpus], make_document: MakeDocument
) -> None:
    corpus = make_marked(store, 2048)
    text = (
        "The pump of hall {} was checked, oiled and found in order by all the staff of the old yard at noon."
    )
    corpus.add([make_document(text.format(f"h{n}"), f"{n}.md") for n in range(1000)])
    corpus.add([make_document("Pumps are checked because of the law of 1996.", "law.md")])
    for query, source in (("Was the pump of hall h777 checked?", "777.md"), ("the law of 1996", "law.md")):
        graph, hybrid, _, text_only = in_every_mode(corpus, query)
        assert [hits[0].source for hits in (graph, hybrid, text_only)] == [source] * 3
    # Why pumps are checked is said once: it does not drown in what says the same a thousand times.
    hits = in_every_mode(corpus, "Why are the pumps checked, by which law?")[0]
    assert hits[0].source == "law.md"
    assert all(hit.duplicate_of is None for hit in hits[:2])
    assert [hit.duplicate_of for hit in hits[2:]] == [hits[1].passage.id] * 8
