"""Retrieval on real indexes: each voice against its own source, the fusion against worked numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from index.corpus import Corpus
from index.embed import Embedder
from index.errors import QuestionError
from index.extract import load_extractor
from index.store import Store
from index.types import Document
from rag.retrieve import (
    LONGEST_QUERY,
    MODES,
    RetrieveOptions,
    checked_query,
    fuse_graph,
    fuse_hybrid,
    min_max,
    retrieve,
)
from rag.select import SelectOptions

MakeDocument = Callable[..., Document]

TEXTS = {
    "leave.md": "Staff have 25 days of leave a year. Ask Maria Lopez.",
    "pump.md": "The B-200 pump is assembled in the Linhai plant. The Linhai plant was opened in 1996.",
    "plant.md": "Chen Guang leads the Linhai plant. Before, Chen Guang worked in Ghent.",
    "年假.md": "员工每年有二十五天年假。请向人事部申请。",
    "水泵.md": "水泵在临海工厂装配。临海工厂的厂长是陈光。",
}


@pytest.fixture
def corpus(store: Store, make_embedder: Callable[..., Embedder]) -> Corpus:
    """With rows so long that hardly two words share a column."""
    return Corpus(store, make_embedder(dim=2048), load_extractor("patterns"), lambda text: len(text) // 2)


@pytest.fixture
def filled(corpus: Corpus, make_document: MakeDocument) -> Corpus:
    corpus.add([make_document(text, source, source.removesuffix(".md")) for source, text in TEXTS.items()])
    return corpus


def sources(found: Any) -> list[str]:
    return [hit.source for hit in found.hits]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("query", "source"),
    [
        ("How many days of leave do staff have?", "leave.md"),
        ("Where is the B-200 pump assembled?", "pump.md"),
        ("员工每年有多少天年假？", "年假.md"),
        ("水泵在哪里装配？", "水泵.md"),
    ],
)
def test_every_mode_finds_in_both_languages(filled: Corpus, mode: Any, query: str, source: str) -> None:
    found = retrieve(filled, query, RetrieveOptions(mode=mode))
    assert sources(found)[0] == source
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert found.revision == filled.store.revision
    for hit in found.hits:
        assert hit.title == hit.source.removesuffix(".md")
        text = filled.store.document(hit.passage.document_id).text
        assert text[hit.passage.start : hit.passage.end] == hit.passage.text
        assert set(hit.found_by) <= {"vector", "text", "graph"}
        assert mode in ("graph", "hybrid") or hit.found_by == (mode,)


def test_the_vector_voice_is_the_cosine(filled: Corpus) -> None:
    query = "the plant of Chen Guang"
    found = retrieve(filled, query, RetrieveOptions(mode="vector"))
    asked = filled.embedder.embed_queries([query])[0]
    rows = filled.embedder.embed_passages([f"{s.removesuffix('.md')}\n{text}" for s, text in TEXTS.items()])
    cosines = dict(zip(TEXTS, (rows @ asked).tolist(), strict=True))
    assert sources(found) == sorted(cosines, key=lambda source: -cosines[source])


def test_the_text_voice_is_the_full_text_index(filled: Corpus) -> None:
    found = retrieve(filled, "Linhai plant", RetrieveOptions(mode="text"))
    ranked = filled.text.search("Linhai plant", 10)
    assert [hit.passage.id for hit in found.hits] == [i for i, _ in ranked]
    assert retrieve(filled, "zebra", RetrieveOptions(mode="text")).hits == []
    assert retrieve(filled, "?!，。", RetrieveOptions(mode="text")).hits == []


def test_the_graph_reaches_what_shares_no_word_with_the_question(
    corpus: Corpus, make_document: MakeDocument
) -> None:
    """Two steps: the question names the product, one document its plant, another who leads the plant."""
    texts = [f"Note {n}: the weather was fine on day {n}." for n in range(30)]
    texts += ["The F-30 line stands in hall Q-77.", "Hall Q-77 obeys Chen Guang."]
    corpus.add([make_document(text, f"{n}.md") for n, text in enumerate(texts)])
    found = retrieve(corpus, "Who commands the place of the F-30?", RetrieveOptions(mode="graph", top_k=3))
    assert found.seeds == {"f-30": 1.0}
    assert sources(found)[:2] == ["30.md", "31.md"]
    assert "graph" in found.hits[1].found_by


@pytest.mark.parametrize("top_k", [1, 3, 100])
def test_as_many_hits_as_are_asked_for(filled: Corpus, top_k: int) -> None:
    found = retrieve(filled, "Linhai plant 工厂", RetrieveOptions(top_k=top_k))
    assert len(found.hits) == min(top_k, len(TEXTS))
    everything = retrieve(filled, "Linhai plant 工厂", RetrieveOptions(top_k=100))
    assert sources(found) == sources(everything)[:top_k]


@pytest.mark.parametrize("mode", MODES)
def test_what_was_removed_is_found_no_more(filled: Corpus, mode: Any) -> None:
    (gone,) = filled.store.document_ids("plant.md")
    filled.store.remove([gone])
    found = retrieve(filled, "Who leads the Linhai plant? Chen Guang", RetrieveOptions(mode=mode))
    assert "plant.md" not in sources(found)
    assert found.revision == filled.store.revision == 2


def test_an_empty_collection_gives_nothing(corpus: Corpus) -> None:
    for mode in MODES:
        found = retrieve(corpus, "anything", RetrieveOptions(mode=mode))
        assert (found.hits, found.seeds, found.revision) == ([], {}, 0)


@pytest.mark.parametrize("query", ["", "   ", "\0", "\n\t"])
def test_an_empty_query(corpus: Corpus, query: str) -> None:
    with pytest.raises(QuestionError, match="empty"):
        retrieve(corpus, query)


def test_the_length_of_a_query_is_bounded(corpus: Corpus) -> None:
    assert checked_query(" a\0b ") == "a b"
    assert len(checked_query("x" * LONGEST_QUERY)) == LONGEST_QUERY
    with pytest.raises(QuestionError, match="20,001"):
        checked_query("x" * (LONGEST_QUERY + 1))
    assert retrieve(corpus, "年" * LONGEST_QUERY).hits == []


@pytest.mark.parametrize(
    "query", ['"', "a AND b NEAR(", "-*:^", "leave OR", "';--", "\ud800leave", "👩‍💻", "%_", "x" * 5000]
)
def test_no_query_is_a_command(filled: Corpus, query: str) -> None:
    before = filled.store.counts()
    for mode in MODES:
        hits = retrieve(filled, query, RetrieveOptions(mode=mode)).hits
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert filled.store.counts() == before


def test_min_max() -> None:
    assert min_max([]) == {}
    assert min_max([(1, 5.0)]) == {1: 1.0}
    assert min_max([(1, 5.0), (2, 5.0)]) == {1: 1.0, 2: 1.0}
    assert min_max([(1, 4.0), (2, 1.0)], floor=0.0) == {1: 1.0, 2: 0.25}


def test_the_fusion_of_two_voices() -> None:
    voices = {"vector": [(1, 0.9), (2, 0.5), (3, 0.1)], "text": [(2, 8.0), (4, 2.0)]}
    fused = fuse_hybrid(voices, 0.4)
    assert fused == pytest.approx({1: 0.4, 2: 0.4 * 0.5 + 0.6, 3: 0.0, 4: 0.6 * 0.25})
    assert fuse_hybrid({"vector": voices["vector"]}, 0.4) == pytest.approx({1: 1, 2: 0.5, 3: 0})
    assert fuse_hybrid({"text": voices["text"]}, 0.4) == pytest.approx({2: 1, 4: 0.25})
    assert fuse_hybrid({}, 0.4) == {}


def test_the_fusion_with_the_graph() -> None:
    """Ranks flattened to log(1 + 1000 rank) and scaled by the best, beside the hybrid score."""
    fused = fuse_graph([(1, 0.02), (2, 0.002)], {2: 1.0, 3: 0.5}, 1.5)
    assert fused == pytest.approx(
        {1: 1 / 2.5, 2: (math.log(3) / math.log(21) + 1.5) / 2.5, 3: 1.5 * 0.5 / 2.5}
    )
    assert fuse_graph([], {}, 1.5) == {}


@pytest.mark.parametrize("query", ["How many days do staff have?", "员工每年有多少天？", "zebra"])
def test_a_question_that_names_nothing_falls_back_to_hybrid(filled: Corpus, query: str) -> None:
    graph = retrieve(filled, query, RetrieveOptions(select=SelectOptions(pool=0)))
    hybrid = retrieve(filled, query, RetrieveOptions(mode="hybrid"))
    assert (graph.seeds, graph.bridges) == ({}, {})
    assert graph.hits == hybrid.hits
    assert not any(hit.path for hit in graph.hits)


# -- the way that the graph went -----------------------------------------------------------------------


def test_each_hit_tells_the_way_from_the_question_and_its_words_are_true(
    store: Store, make_marked: Callable[..., Corpus], make_document: MakeDocument
) -> None:
    corpus = make_marked(store, 1024)
    texts = [
        "The [F-30] line stands in [Hall Q]. It is old.",
        "Nothing. [Hall Q] obeys [Chen Guang].",
        "[Chen Guang] aka [CG].",
        "[CG] studied in [Ghent].",
        *(f"Note {n}: the weather was fine on day {n}." for n in range(20)),
    ]
    corpus.add([make_document(text, f"{n}.md") for n, text in enumerate(texts)])
    found = retrieve(corpus, "Where did he who commands the hall of the F-30 line study?")
    paths = {hit.source: hit.path for hit in found.hits}
    assert [step.entity for step in paths["0.md"]] == ["f-30"]
    assert [step.entity for step in paths["1.md"]] == ["f-30", "hall q"]
    walked = [path for path in paths.values() if len(path) > 1]
    assert walked
    for source, path in paths.items():
        before = ""
        for step in path:
            assert step.by == before
            before = step.entity
            if step.passage_id:
                passage, _, _ = store.passages([step.passage_id])[step.passage_id]
                words = store.document(passage.document_id).text[step.start : step.end].casefold()
                assert f"[{step.entity}]" in words
                assert not step.by or f"[{step.by}]" in words
        if path:  # its end is named by the passage that was found
            hit = next(hit for hit in found.hits if hit.source == source)
            assert path[0].entity in found.seeds or (len(path) == 1 and path[0].passage_id)
            assert f"[{path[-1].entity}]" in hit.passage.text.casefold()
