"""Scores of answers, against numbers worked out by hand."""

from __future__ import annotations

import pytest

from rag.answer_scores import Given, groups, made_up, mark, score_answers, wrong
from rag.expected import Expected


def row(answers: str, said: str, confidence: float, question: str = "Who?", **more: object) -> object:
    accepted = tuple(answers.split("|")) if answers else ()
    given = {name: more.pop(name) for name in list(more) if name in Given.__dataclass_fields__}
    return mark(Expected(question, question, accepted, **more), Given(said, confidence, **given))  # type: ignore[arg-type]


ROWS = [
    row("Chen Guang|陈光", "Chen Guang", 0.9, seconds=0.1, citations=1, true_citations=1),
    row("Chen Guang", "Dr. Chen Guang", 0.7, seconds=0.2, citations=2, true_citations=1),
    row("45 Nm", "80 °C", 0.6, seconds=0.3),
    row("25 days", "25 days", 0.2, seconds=0.4),
    row("", "Bob", 0.5, seconds=0.5),
    row("", "Bob", 0.1, seconds=0.6),
    row("3", "", 0.0, silent=True),
    row("二十五天", "25天", 0.4, question="年假有多少天？"),
]


def test_every_number() -> None:
    scores = score_answers(ROWS, threshold=0.5, precision=0.66)  # type: ignore[arg-type]
    assert (scores.questions, scores.answerable) == (8, 6)
    chinese = 2 / 6  # 天 of 二十五天 and 25天: two pieces said, four expected
    assert scores.exact.mean == pytest.approx(2 / 6)
    assert scores.f1.mean == pytest.approx((1 + 0.8 + 0 + 1 + 0 + chinese) / 6)
    assert scores.exact.low < scores.exact.mean < scores.exact.high
    at = scores.at
    assert at.answered == 4  # .9 .7 .6 .5
    assert at.precision == 0.5
    assert at.refused == 0.5
    assert at.exact.mean == pytest.approx((1 + 0 + 0 + 0 + 0 + 1 + 0 + 0) / 8)
    assert at.f1.mean == pytest.approx((1 + 0.8 + 0 + 0 + 0 + 1 + 0 + 0) / 8)
    assert scores.auroc_answerable == pytest.approx((2 + 2 + 2 + 1 + 0 + 1) / 12)
    assert scores.auroc_right == pytest.approx((5 + 5 + 2) / 15)  # right are .9 .7 .2
    assert scores.accuracy == {1.0: 3 / 8, 0.8: 3 / 6, 0.5: 2 / 4}
    assert scores.accuracy_exact == {1.0: 2 / 8, 0.8: 2 / 6, 0.5: 1 / 4}
    assert scores.chosen is not None
    assert (scores.chosen.threshold, scores.chosen.answered) == (0.6, 3)
    assert scores.brier == pytest.approx((0.01 + 0.09 + 0.36 + 0.64 + 0.25 + 0.01 + 0 + 0.16) / 8)
    assert (scores.citations, scores.citations_true) == (3, pytest.approx(2 / 3))
    assert (scores.named, scores.document_in) == (0, {1: None, 3: None})
    assert scores.seconds_median == pytest.approx(0.25)
    assert scores.seconds_95 == 0.5


def test_where_the_right_document_stands() -> None:
    right = {"documents": frozenset({"a", "b"})}
    rows = [
        mark(Expected("1", "?", ("x",), **right), Given("x", 1, documents=hits))
        for hits in (("b", "c"), ("c", "c", "a"), ("c", "d", "e", "a"), ())
    ]
    assert [one.place() for one in rows] == [1, 3, 4, None]
    assert score_answers(rows, 0.5, 0.9).document_in == {1: 0.25, 3: 0.5}


@pytest.mark.parametrize("threshold", [0.0, 0.3, 1.0])
def test_only_questions_that_nothing_answers(threshold: float) -> None:
    rows = [row("", "Bob", confidence) for confidence in (0.2, 0.4)]
    scores = score_answers(rows, threshold, 0.9)  # type: ignore[arg-type]
    assert (scores.answerable, scores.auroc_answerable, scores.auroc_right, scores.chosen) == (
        0,
        None,
        None,
        None,
    )
    assert scores.at.exact.mean == scores.at.f1.mean == {0.0: 0, 0.3: 0.5, 1.0: 1}[threshold]
    assert scores.at.precision == (None if threshold == 1 else 0)


def test_silence_is_never_an_answer() -> None:
    silent = row("", "", 0.0, silent=True)
    scores = score_answers([silent], 0.0, 0.9)  # type: ignore[list-item]
    assert (scores.at.answered, scores.at.refused, scores.at.exact.mean) == (0, 1, 1)
    assert wrong([row("x", "", 0.0, silent=True)]) == []  # type: ignore[list-item]


def test_groups_by_language_and_by_kind() -> None:
    rows = [
        row("a", "a", 1, "Who?", kind="x"),
        row("a", "a", 1, "谁？", kind="y"),
        row("a", "a", 1, "Where?"),
    ]
    assert {name: len(own) for name, own in groups(rows).items()} == {
        "all": 3,
        "en": 2,
        "zh": 1,
        "x": 1,
        "y": 1,
    }  # type: ignore[arg-type]
    assert list(groups(rows[:1])) == ["all"]  # type: ignore[arg-type]
    assert list(groups([*rows[:1], row("", "a", 1)])) == ["all", "answerable"]  # type: ignore[list-item]


def test_the_worst_come_first() -> None:
    assert [one.given.confidence for one in wrong(ROWS)] == [0.6, 0.4]  # type: ignore[arg-type]
    assert [one.given.confidence for one in made_up(ROWS, 0.3)] == [0.5]  # type: ignore[arg-type]
