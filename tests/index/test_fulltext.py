"""Full text: both languages, all spellings, BM25 as worked out by hand, and no question that breaks it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import fulltext
from index.corpus import Corpus
from index.fulltext import FullText
from index.language import index_terms
from index.types import Document

Make = Callable[..., Document]


def found(corpus: Corpus, query: str) -> list[str]:
    """The texts of the passages that hold words of `query`, best first."""
    ids = [i for i, _ in FullText(corpus.store).search(query, 10)]
    passages = corpus.store.passages(ids)
    return [passages[i][0].text for i in ids]


def add(corpus: Corpus, make_document: Make, *texts: str) -> None:
    corpus.add([make_document(text, f"{n}.md") for n, text in enumerate(texts)])


def test_full_text_finds_both_languages_until_removed(corpus: Corpus, make_document: Make) -> None:
    chinese, english = "水泵每六个月加一次油", "The pumps are oiled twice a year"
    titles = ("《保养手册》", "Caring for B-200")
    texts = (f"# Head\n{chinese}", f"# Head\n{english}")
    documents = [make_document(t, s, title) for t, s, title in zip(texts, ("zh", "en"), titles, strict=True)]
    corpus.add(documents)
    assert found(corpus, "水泵什么时候加油") == [chinese]
    assert found(corpus, "水幫水泵") == [chinese]
    assert found(corpus, "When is the PUMP oiled?") == [english]
    assert found(corpus, "保養手冊") == [chinese]  # traditional, in the title
    assert found(corpus, "ｂ２００ b-200") == [english]
    assert set(found(corpus, "head")) == {chinese, english}  # the heading
    assert found(corpus, "valve 阀门") == found(corpus, "") == found(corpus, "？！ \"'") == []
    corpus.store.remove(corpus.store.document_ids("zh"))
    assert found(corpus, "水泵") == []
    corpus.add([make_document("Nothing about that", "en")])
    assert found(corpus, "pump oiled year B-200") == []


TEXTS = ["pump and pump and pump", "pump and valve and seal", "valve", "seal of the valve"]


def test_full_text_ranks_by_bm25(corpus: Corpus, make_document: Make) -> None:
    """Robertson and Zaragoza 2009 with k1 = 1.2 and b = .75, as SQLite has it."""
    add(corpus, make_document, *TEXTS)
    counts = [Counter(index_terms(text)) for text in TEXTS]
    mean = sum(sum(c.values()) for c in counts) / len(counts)

    def bm25(held: Counter[str], term: str) -> float:
        documents = sum(term in c for c in counts)
        # SQLite keeps terms that stand in half of all passages above zero.
        idf = max(1e-6, math.log((len(counts) - documents + 0.5) / (documents + 0.5)))
        length = 1.2 * (1 - 0.75 + 0.75 * sum(held.values()) / mean)
        return idf * held[term] * 2.2 / (held[term] + length)

    scores = dict(FullText(corpus.store).search("seals or pumps", 10))
    expected = {i: bm25(held, "pump") + bm25(held, "seal") for i, held in enumerate(counts, 1) if i != 3}
    assert scores == pytest.approx(expected, rel=1e-6)
    assert list(scores.values()) == sorted(scores.values(), reverse=True)
    assert len(FullText(corpus.store).search("pump", 1)) == 1


def test_the_weight_of_a_term_is_its_inverse_document_frequency(corpus: Corpus, make_document: Make) -> None:
    add(corpus, make_document, *TEXTS)
    assert FullText(corpus.store).frequencies(["valv", "pump", "zebra"]) == {"valv": 3, "pump": 2}
    told = FullText(corpus.store).weights(["valv", "pump", "zebra"])
    assert told == pytest.approx(
        {"valv": math.log(1 + 1.5 / 3.5), "pump": math.log(1 + 2.5 / 2.5), "zebra": 0}
    )
    corpus.store.remove(corpus.store.document_ids("0.md"))
    assert FullText(corpus.store).frequencies(["pump"]) == {"pump": 1}


def test_counts_are_kept_while_a_large_collection_changes_a_little(
    corpus: Corpus, make_document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fulltext, "_LARGE", 20)
    add(corpus, make_document, *["pump"] * 20)
    text = FullText(corpus.store)
    assert text.frequencies({"pump", "zebra"}) == {"pump": 20}
    corpus.add([make_document("pump zebra", "new.md")])
    assert text.frequencies(["pump", "zebra"]) == {"pump": 20, "zebra": 1}  # what was nowhere may come
    assert text.weights(["zebra"])["zebra"] > 1
    add(corpus, make_document, *["pump valve"] * 24)
    assert text.frequencies(["pump"]) == {"pump": 25}


def test_the_terms_of_a_passage_are_those_it_was_indexed_under(corpus: Corpus, make_document: Make) -> None:
    corpus.add([make_document("# Care\nOil the 水泵厂.", title="Pumps")])
    held = frozenset(["pump", "care", "oil", "the", "水泵", "泵厂"])
    text = FullText(corpus.store)
    assert text.terms_of([1, 99]) == text.terms_of([1]) == {1: held}


def test_the_most_common_terms_are_left_out_where_rarer_ones_stay(
    corpus: Corpus, make_document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fulltext, "_COMMON", 3)
    add(corpus, make_document, *["pump oil"] * 6, "pump valve seal ring", "gear")
    ids = [i for i, _ in FullText(corpus.store).search("pump valve seal ring", 20)]
    assert ids == [7]
    assert len(FullText(corpus.store).search("pump oil gear", 20)) == 8  # three terms are no more than few
    assert {i for i, _ in FullText(corpus.store).search("pump oil gear zebra", 20)} == {*range(1, 7), 8}


def test_only_the_passages_that_may_be_seen_are_found(corpus: Corpus, make_document: Make) -> None:
    add(corpus, make_document, *TEXTS)
    text = FullText(corpus.store)
    everything = dict(text.search("pump valve", 10))
    for among in (frozenset({1, 3}), frozenset({2, 99}), frozenset()):
        assert dict(text.search("pump valve", 10, among)) == {i: everything[i] for i in among & {*everything}}
    assert [i for i, _ in text.search("pump valve", 1, frozenset({3}))] == [3]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(),
        st.lists(st.sampled_from(['"', "AND", "NEAR(", "a*", "terms:", "-", "水", "𫝀"])).map(" ".join),
    )
)
def test_no_question_breaks_the_search(corpus: Corpus, query: str) -> None:
    assert FullText(corpus.store).search(query, 3) == []


def test_a_question_of_many_words_is_no_error(corpus: Corpus, make_document: Make) -> None:
    add(corpus, make_document, "w7 and more")
    assert len(FullText(corpus.store).search(" ".join(f"w{i}" for i in range(3_000)), 3)) == 1


def test_a_question_of_one_character_finds_the_pairs_that_begin_with_it(
    corpus: Corpus, make_document: Make
) -> None:
    add(corpus, make_document, "水泵每六个月加一次油")
    assert len(FullText(corpus.store).search("泵", 3)) == 1


def test_words_that_ask_find_nothing_beside_words_that_tell(corpus: Corpus, make_document: Make) -> None:
    add(corpus, make_document, "Where is what and who?", "The pump.", "什么是什么")
    assert found(corpus, "Where is the pump?") == ["The pump."]
    assert found(corpus, "什么水泵？") == []
    assert found(corpus, "what?") == ["Where is what and who?"]  # nothing else was asked
