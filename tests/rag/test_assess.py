"""Comparing modes: scores against worked numbers, every rank against retrieval itself, verdicts."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from index.corpus import Corpus
from index.errors import NotFound
from index.types import Document, Hit, Passage
from rag.assess import COMPARED, DEPTH, Assessment, Found, Result, assess
from rag.needs import Need, Question, holds, plain, ranks
from rag.retrieve import Mode, Retrieved, RetrieveOptions, retrieve
from rag.verdict import Difference, difference, judge

TEXTS = {
    "leave.md": "Staff have 25 days of leave a year. Ask Maria Lopez.",
    "pump.md": "The B-200 pump is assembled in the plant of Linhai.",
    "年假.md": "员工每年有二十五天年假。请向人事部申请。",
}
QUESTIONS = [
    Question("1", "How many days of leave?", "single", (Need(("25 days",)),)),
    Question("2", "员工有多少天年假？", "single", (Need(("二十五天",)),)),
    Question("3", "Who asks of the B-200 leave?", "joined", (Need(("maria lopez",)), Need(("b-200",)))),
    Question("4", "What is not there?", "single", (Need(("nowhere",)),)),
]


@pytest.fixture
def filled(corpus: Corpus, make_document: Callable[..., Document]) -> Corpus:
    corpus.add([make_document(text, source, source) for source, text in TEXTS.items()])
    return corpus


def result(kind: str, places: dict[Mode, tuple[int | None, ...]], seconds: float = 0.1) -> Result:
    count = len(places["graph"])
    question = Question("q", "?", kind, tuple(Need((f"n{i}",)) for i in range(count)))
    nothing = Retrieved([], {}, {}, 1, np.zeros(0, np.float32))
    return Result(
        question, {m: Found(places.get(m, (None,) * count), seconds, (), nothing) for m in COMPARED}
    )


def test_scores_against_worked_numbers() -> None:
    found = Assessment(
        (
            result("one", {"graph": (1,), "hybrid": (6,)}, 0.1),
            result("one", {"graph": (None,), "hybrid": (None,)}, 0.4),
            result("two", {"graph": (4, 2), "hybrid": (2, 9)}, 0.2),
        ),
        revision=1,
    )
    scores = found.scores("graph")
    assert [scores.recall[k] for k in (1, 2, 5, 10)] == pytest.approx([1 / 3, 1.5 / 3, 2 / 3, 2 / 3])
    assert (scores.hit1, scores.mrr, scores.both) == (pytest.approx(1 / 3), pytest.approx(1.5 / 3), 1.0)
    assert scores.milliseconds == pytest.approx(200)
    assert found.scores("hybrid").both == 0
    assert found.scores("graph", "one").both is None
    assert found.gains() == [1, 0, 0]
    assert found.difference("one").mean == 0.5
    assert found.difference().mean == pytest.approx(1 / 3)
    at5 = replace(found, read=5)
    assert at5.gains() == [1, 0, 0.5]
    assert at5.difference().mean == pytest.approx(0.5)
    assert found.kinds() == ["one", "two"]
    assert len(found.of("two")) == 1
    assert found.verdict().graph == "unclear"


def test_every_question_is_asked_in_every_mode(filled: Corpus) -> None:
    ticks: list[int] = []
    found = assess(filled, QUESTIONS, lambda: ticks.append(1))
    assert len(ticks) == len(found.results) == len(QUESTIONS)
    assert found.revision == filled.store.revision
    for one in found.results:
        assert set(one.found) == set(COMPARED)
        for mode in COMPARED:
            hits = retrieve(filled, one.question.text, RetrieveOptions(top_k=DEPTH, mode=mode)).hits
            assert [hit.passage.id for hit in one.found[mode].hits] == [hit.passage.id for hit in hits]
            places = [[i for i, h in enumerate(hits, 1) if n.met_by(h.passage)] for n in one.question.needs]
            assert one.found[mode].ranks == tuple(p[0] if p else None for p in places)
            assert one.found[mode].seconds > 0
    assert found.results[0].found["text"].ranks == (1,)
    assert found.results[1].found["text"].ranks == (1,)
    assert found.results[3].found["graph"].recall(DEPTH) == 0


def test_an_empty_collection_says_what_to_do(corpus: Corpus) -> None:
    with pytest.raises(NotFound, match="jujube add"):
        assess(corpus, QUESTIONS)


def test_the_interval_is_that_of_the_mean() -> None:
    """Against the normal approximation, on shares whose spread is known."""
    values = np.array([1.0] * 30 + [0.0] * 170)
    found = difference(values.tolist(), [0.0] * 200)
    error = 1.96 * np.sqrt(0.15 * 0.85 / 200)
    assert found.mean == pytest.approx(0.15)
    assert (found.low, found.high) == (
        pytest.approx(0.15 - error, abs=0.01),
        pytest.approx(0.15 + error, abs=0.01),
    )
    assert found == difference(values.tolist(), [0.0] * 200)
    assert difference([], []) == Difference(0, 0, 0)


def test_the_interval_of_many_questions_needs_little_memory() -> None:
    tracemalloc.start()
    try:
        difference([1.0, 0.5] * 10_000, [0.5, 1.0] * 10_000)
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("apart", "count", "graph"),
    [
        (Difference(0.07, 0.01, 0.12), 100, "helps"),
        (Difference(-0.07, -0.12, -0.01), 100, "costs"),
        (Difference(0.07, 0.0, 0.12), 100, "unclear"),
        (Difference(-0.07, -0.12, 0.0), 100, "unclear"),
        (Difference(0.0, 0.0, 0.0), 100, "unclear"),
        (Difference(1.0, 1.0, 1.0), 19, "unclear"),
        (Difference(1.0, 1.0, 1.0), 20, "helps"),
    ],
)
def test_a_verdict_needs_the_whole_interval_and_enough_questions(
    apart: Difference, count: int, graph: str
) -> None:
    verdict = judge(apart, count)
    assert verdict.graph == graph
    assert verdict.text.startswith({"helps": "The graph finds", "costs": "The graph costs"}.get(graph, ""))
    assert (f"{count} questions" in verdict.text) == (graph == "unclear")


@pytest.mark.parametrize(
    ("text", "words", "there"),
    [
        ("It is 45 N·m.", "45 N·m", True),
        ("in 2014", "14", False),
        ("14年", "14", True),
        ("3.14", "14", False),
        ("1,400", "400", False),
        ("version 2.4.1.", "2.4.1", True),
        ("version 2.4.10", "2.4.1", False),
        ("pumps", "pump", False),
        ("三十五天年假", "五天", True),
        ("臺灣 水泵", "台湾水泵", True),
        ("a14, then 14.", "14", True),
    ],
)
def test_words_stand_whole(text: str, words: str, there: bool) -> None:
    assert holds(plain(text), plain(words)) == there


def test_ranks_count_from_one_and_need_the_document() -> None:
    hits = [Hit(Passage(i, f"d{i}", text, 0, 1), 1.0, ()) for i, text in enumerate(["a b", "b c", "b"])]
    needs = [Need(("b",)), Need(("b",), frozenset({"d2"})), Need((), frozenset({"d1"})), Need(("x",))]
    assert ranks(needs, hits) == (1, 3, 2, None)
