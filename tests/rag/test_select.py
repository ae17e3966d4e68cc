"""The order of the best: passages that complete each other first, those that repeat one last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from index.corpus import Corpus
from index.store import Store
from index.types import Document, Hit
from rag.retrieve import RetrieveOptions, retrieve
from rag.select import Selection, SelectOptions

MakeDocument = Callable[..., Document]
Fill = Callable[[Sequence[tuple[str, str]]], Corpus]

AS_IT_WAS = RetrieveOptions(select=SelectOptions(pool=0), top_k=100)
CHOSEN = RetrieveOptions(top_k=100)


@pytest.fixture
def fill(store: Store, make_marked: Callable[..., Corpus], make_document: MakeDocument) -> Fill:
    """[(title, text)] -> a collection whose passages have the numbers 1, 2, ..."""

    def made(pages: Sequence[tuple[str, str]]) -> Corpus:
        corpus = make_marked(store, 1024)
        corpus.add([make_document(text, f"{n}.md", title) for n, (title, text) in enumerate(pages, 1)])
        return corpus

    return made


def ids(hits: Sequence[Hit]) -> list[int]:
    return [hit.passage.id for hit in hits]


TWO_HOPS = [
    ("F-30", "The [F-30] is a line for bottles. Its maker is [Acme Pumps]."),
    ("Acme Pumps", "At the top stands [Chen Guang], born in [Ghent]."),
    *(("", f"Who leads the maker of which line number {n} for cans? Nobody said.") for n in range(8)),
    *(("", f"The weather of day {n} was fine.") for n in range(8)),
]


def test_a_passage_that_completes_the_best_comes_right_after_it(fill: Fill) -> None:
    corpus = fill(TWO_HOPS)
    question = "Who stands at the head of the maker of the F-30?"
    plain, chosen = (retrieve(corpus, question, o).hits for o in (replace(AS_IT_WAS, mode="hybrid"), CHOSEN))
    assert ids(chosen)[:2] == [1, 2]
    assert ids(plain).index(2) > 1
    assert "graph" in chosen[1].found_by


def test_it_comes_even_when_no_voice_found_it(fill: Fill) -> None:
    """It shares no word with the question; what the best passage names is its title."""
    corpus = fill([("", "[B-200] was sold by [Zoe]."), ("Zoe", "Lives abroad."), *TWO_HOPS[2:]])
    options = SelectOptions()
    order = Selection(corpus, "sold B-200", {1: 1.0, 4: 0.5, 5: 0.4}, [], options).choose()
    assert [one.passage_id for one in order][:2] == [1, 2]
    assert (order[1].tied_to, corpus.graph.keys([order[1].through])) == (1, {order[1].through: "zoe"})
    assert order[0].tied_to == order[0].through == 0
    among = Selection(corpus, "sold B-200", {1: 1.0, 4: 0.5}, [], options, frozenset({1, 4})).choose()
    assert [one.passage_id for one in among] == [1, 4]


def test_what_ties_two_passages_is_told_and_true(fill: Fill) -> None:
    corpus = fill(
        [
            ("", "First. The [B-200] was sold by [Zoe]."),
            ("Zoe", "Lives abroad."),
            ("", "[Zoe] swims. So."),
            *TWO_HOPS[2:10],
        ]
    )
    hits = retrieve(corpus, "what was sold", CHOSEN).hits
    told = {hit.passage.id: hit.path for hit in hits}
    assert {2, 3} <= told.keys()
    for i in (2, 3):
        (step,) = told[i]
        assert (step.entity, step.by) == ("zoe", "")
        passage, _, _ = corpus.store.passages([step.passage_id])[step.passage_id]
        text = corpus.store.document(passage.document_id).text[step.start : step.end]
        assert text == "The [B-200] was sold by [Zoe]."


def test_comparing_two_things_covers_both(fill: Fill) -> None:
    text = "The pump was made in the plant and the pump is {}."
    corpus = fill(
        [*[("", text.format(f"blue {w}")) for w in ("one", "two", "three")], ("", "A valve is red.")]
    )
    question = "Are the blue pump and the red valve alike?"
    assert ids(retrieve(corpus, question, CHOSEN).hits)[:2] in (
        [1, 4],
        [2, 4],
        [3, 4],
        [4, 1],
        [4, 2],
        [4, 3],
    )


# -- duplicates ----------------------------------------------------------------------------------------


def test_duplicates_stand_behind_and_say_of_what(fill: Fill) -> None:
    same = "The pump is oiled twice a year by the staff of the plant in the yard."
    corpus = fill(
        [("", same), ("", same), ("", "The valve is oiled once a year."), ("", same.upper()), ("", "Pump.")]
    )
    hits = retrieve(corpus, "When is the pump oiled?", CHOSEN).hits
    assert len(hits) == 5
    repeated = [hit for hit in hits if hit.duplicate_of]
    assert repeated == hits[-2:]
    first = next(hit for hit in hits if hit.passage.id in (1, 2, 4))
    assert {hit.duplicate_of for hit in repeated} == {first.passage.id}
    assert {1, 2, 4} == {first.passage.id, *ids(repeated)}
    assert not any(hit.duplicate_of for hit in retrieve(corpus, "When is the pump oiled?", AS_IT_WAS).hits)


def test_a_duplicate_is_marked_only_by_one_that_stands_before_it(fill: Fill) -> None:
    corpus = fill([("", f"Pump {n % 3} is oiled twice a year by the staff of the yard.") for n in range(12)])
    seen: set[int] = set()
    for hit in retrieve(corpus, "Who oils pump 1?", CHOSEN).hits:
        assert hit.duplicate_of is None or hit.duplicate_of in seen
        seen.add(hit.passage.id)
    assert len(seen) == 12


# -- what always holds ---------------------------------------------------------------------------------

QUESTIONS = ["Who leads the maker of the F-30?", "Chen Guang", "weather", "Which line?", "年假", "zebra"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_is_lost_and_scores_never_rise(fill: Fill, question: str) -> None:
    corpus = fill([*TWO_HOPS, *TWO_HOPS[:4]])
    before = retrieve(corpus, question, AS_IT_WAS).hits
    after = retrieve(corpus, question, CHOSEN).hits
    assert set(ids(before)) <= set(ids(after))
    assert len(set(ids(after))) == len(after)
    for hits in (before, after):
        assert all(one.score >= other.score for one, other in pairwise(hits))
    for top_k in (1, 2, 5):
        fewer = retrieve(corpus, question, replace(CHOSEN, top_k=top_k)).hits
        assert ids(fewer) == ids(after)[:top_k]
    assert retrieve(corpus, question, CHOSEN) == retrieve(corpus, question, CHOSEN)


@pytest.mark.parametrize("question", QUESTIONS)
def test_without_a_pool_the_order_stays(fill: Fill, question: str) -> None:
    corpus = fill(TWO_HOPS)
    order = ids(retrieve(corpus, question, AS_IT_WAS).hits)
    nothing = SelectOptions(coverage=0.0, link=0.0, reach=0.0, hops=0, alike=2.0)
    assert ids(retrieve(corpus, question, replace(CHOSEN, select=nothing)).hits) == order


def test_what_very_many_passages_name_ties_none_together(fill: Fill) -> None:
    corpus = fill([("", f"[Acme] has item{n}.") for n in range(12)])
    ranked = {1: 1.0}
    few = Selection(corpus, "item0", ranked, [], SelectOptions(hub=11)).choose()
    many = Selection(corpus, "item0", ranked, [], SelectOptions(hub=12)).choose()
    assert [one.passage_id for one in few] == [1]
    assert len(many) == 10
    acme = corpus.graph.ids(["acme"])["acme"]
    asked = Selection(corpus, "item0", ranked, [acme], SelectOptions(hub=12)).choose()
    assert [one.passage_id for one in asked] == [1]  # the question itself names it: that ties nothing


def test_only_as_many_are_chosen_as_is_asked(fill: Fill) -> None:
    corpus = fill([("", f"pump word{n} {'pump ' * (n % 3)}") for n in range(9)])
    ranked = {i: 1 - i / 20 for i in range(1, 10)}
    order = Selection(corpus, "pump word7", ranked, [], SelectOptions(chosen=3)).choose()
    assert order[0].passage_id == 8 or order[1].passage_id == 8
    rest = [one.passage_id for one in order[3:]]
    assert rest == sorted(rest)  # by their own score
    assert Selection(corpus, "pump", {}, [], SelectOptions()).choose() == []
