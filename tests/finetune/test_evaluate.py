from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
import torch

from finetune.evaluate import (
    fit_calibration,
    is_true,
    log_likelihood,
    odds_of,
    perplexity,
    score_questions,
    scores_of,
)
from finetune.examples import Example
from index.corpus import Corpus
from index.errors import InputError
from index.types import Document
from rag.answer_scores import Given, Marked, mark
from rag.calibration import Calibration
from rag.causal import CausalGenerator
from rag.engine import AskOptions, Engine
from rag.expected import Expected
from rag.ground import GroundOptions
from rag.prompt import encode_answer
from rag.types import Citation

MakeDocument = Callable[..., Document]
SHORT = AskOptions(ground=GroundOptions(room=32, longest=20, threshold=1.0))


def marked(identity: str, answers: tuple[str, ...], said: str, confidence: float, **more: int) -> Marked:
    return mark(Expected(identity, "Who?", answers), Given(said, confidence, **more))


ROWS = [
    marked("right", ("Li Ming",), "Li Ming", 0.9, citations=1, true_citations=1),
    marked("half", ("Li Ming",), "Li", 0.6, citations=2, true_citations=1),
    marked("unsure", ("Li Ming",), "Li Ming", 0.1, citations=1, true_citations=1),
    marked("wrong", ("Li Ming",), "Wang", 0.8),
    marked("refused", (), "Wang", 0.2),
    marked("made up", (), "Wang", 0.7),
]


def test_scores_by_hand() -> None:
    scores = scores_of(ROWS, 0.5, perplexity=4.2)
    third = 2 / 3  # F1 of "Li" against "Li Ming"
    assert (scores.questions, scores.answerable, scores.threshold) == (6, 4, 0.5)
    assert scores.exact == pytest.approx(2 / 4)
    assert scores.f1 == pytest.approx((1 + third + 1 + 0) / 4)
    assert scores.answered == pytest.approx(4 / 6)
    assert scores.refused == pytest.approx(1 / 2)
    assert scores.right == pytest.approx((1 + 1 + 0 + 0 + 1 + 0) / 6)
    assert scores.exact_at == pytest.approx((1 + 0 + 0 + 0 + 1 + 0) / 6)
    assert scores.f1_at == pytest.approx((1 + third + 0 + 0 + 1 + 0) / 6)
    assert scores.score == pytest.approx((scores.exact_at + scores.f1_at) / 2)
    assert scores.points == pytest.approx(
        {"right": 1, "half": third / 2, "unsure": 0, "wrong": 0, "refused": 1, "made up": 0}
    )
    assert (scores.citations, scores.citations_true, scores.perplexity) == (4, 0.75, 4.2)


def test_scores_of_nothing() -> None:
    scores = scores_of([], 0.3)
    assert (scores.questions, scores.score, scores.refused, scores.citations_true) == (0, 0.0, None, None)
    assert scores_of(ROWS[:4], 0.3).refused is None


def test_questions_are_asked_of_a_collection(
    corpus: Corpus, tiny: CausalGenerator, make_document: MakeDocument
) -> None:
    corpus.add([make_document("It sells 308 pumps.", "a.md"), make_document("年假15天。", "b.md")])
    engine = Engine(corpus, tiny)
    questions = [
        Expected("1", "How many pumps?", ("308",)),
        Expected("2", "年假几天？", ("15天",)),
        Expected("3", "word " * 300, ("x",)),
    ]
    rows = list(score_questions(engine, questions, SHORT))
    assert [row.expected.id for row in rows] == ["1", "2", "3"]
    for row in rows[:2]:  # though the options' threshold lets nothing through
        assert not row.given.silent
        assert row.given.citations == row.given.true_citations >= 1
        assert row.given.seconds > 0
        assert set(row.given.documents) == {
            hit.passage.document_id for hit in engine.search("年假 pumps").hits
        }
    assert rows[2].given.silent  # too long for the window
    assert all(row.given.text in "It sells 308 pumps. 年假15天。" for row in rows[:2])


def test_a_citation_that_is_not_there_is_not_true(corpus: Corpus, make_document: MakeDocument) -> None:
    document = make_document("It sells 308 pumps.", "a.md")
    corpus.add([document])
    good = {"source": "a.md", "passage_id": 1, "answer_start": 9, "answer_end": 12}
    true = Citation(document.id, start=0, end=19, text="It sells 308 pumps.", **good)
    assert is_true(corpus.store, true)
    assert not is_true(
        corpus.store, Citation(document.id, start=0, end=19, text="It sells 309 pumps.", **good)
    )
    assert not is_true(corpus.store, Citation(document.id, start=10, end=19, text="08 pumps.", **good))
    assert not is_true(corpus.store, Citation("gone", start=0, end=19, text="It sells 308 pumps.", **good))


def test_perplexity_is_that_of_the_model(tiny: CausalGenerator) -> None:
    asked = Example(tuple(tiny.encode("Question: x\nAnswer:")), tuple(encode_answer(tiny, "yes 是")))
    text = Example((), tuple(tiny.encode("枣树 and another tree. " * 9)))
    total, count = 0.0, 0
    for prompt, rest in ((asked.prompt, asked.completion), (text.completion[:1], text.completion[1:])):
        with torch.no_grad():
            logs = tiny.model(torch.tensor([[*prompt, *rest]])).logits[0].log_softmax(-1)
        own = sum(logs[len(prompt) + i - 1, token].item() for i, token in enumerate(rest))
        assert log_likelihood(tiny, prompt, rest) == pytest.approx(own, rel=1e-5)
        total, count = total + own, count + len(rest)
    assert len(text.completion) > 150  # more than one piece
    assert perplexity(tiny, [asked, text]) == pytest.approx(math.exp(-total / count), rel=1e-5)


def test_perplexity_of_what_is_too_long_or_nothing(tiny: CausalGenerator) -> None:
    long = Example((), tuple(tiny.encode("a" * 400)))
    cut = Example((), long.completion[: tiny.window])
    assert perplexity(tiny, [long]) == perplexity(tiny, [cut])
    with pytest.raises(InputError, match="no text to measure"):
        perplexity(tiny, [Example((1, 2), ()), Example((), (1,)), Example(tuple([1] * 256), (1,))])


def drawn(count: int, slope: float = 2.0, bias: float = -1.0) -> list[Marked]:
    """Right with the probability that `slope` and `bias` make of the odds, with default confidences."""
    draw, rows = random.Random(5), []
    for n in range(count):
        odds = draw.gauss(0, 2)
        right = draw.random() < 1 / (1 + math.exp(-bias - slope * odds))
        expected = ("yes",) if right or n % 2 else ()
        rows.append(marked(str(n), expected, "yes" if right else "no", Calibration().confidence(odds)))
    return rows


def test_a_calibration_is_found_again() -> None:
    fitted = fit_calibration(drawn(4000), Calibration())
    assert fitted is not None
    assert fitted.slope == pytest.approx(2.0, rel=0.12)
    assert fitted.bias == pytest.approx(-1.0, rel=0.12)
    told = [fitted.confidence(odds_of(row.given.confidence, Calibration())) for row in drawn(4000)]
    assert sum(told) == pytest.approx(sum(row.right for row in drawn(4000)), rel=0.02)


def test_the_threshold_parts_what_has_an_answer_from_what_has_none() -> None:
    rows = [marked(f"y{n}", ("yes",), "yes", 0.30 + 0.01 * (n % 20)) for n in range(60)]
    rows += [marked(f"n{n}", (), "yes", 0.05 + 0.01 * (n % 20)) for n in range(60)]
    fitted = fit_calibration(rows, Calibration())
    assert fitted is not None
    again = [fitted.confidence(odds_of(row.given.confidence, Calibration())) for row in rows]
    kept = [row for row, confidence in zip(rows, again, strict=True) if confidence >= fitted.threshold]
    assert {row.expected.id[0] for row in kept} == {"y"}
    answerable_only = fit_calibration([*drawn(400)[1::2]], Calibration(threshold=0.25))
    assert answerable_only is not None
    assert answerable_only.threshold == 0.25


@pytest.mark.parametrize(
    "rows",
    [
        drawn(39),
        [marked(str(n), ("yes",), "yes", 0.5) for n in range(100)],
        [marked(str(n), ("yes",), "yes" if n < 9 else "no", 0.5) for n in range(100)],
        [marked(str(n), ("yes",), "yes" if n < 50 else "no", n / 100) for n in range(100)],
    ],
    ids=["too few", "all right", "nine right", "surest when wrong"],
)
def test_without_enough_to_go_by_there_is_no_calibration(rows: list[Marked]) -> None:
    assert fit_calibration(rows, Calibration()) is None
