"""What a generator is worth: scores on questions whose answers are known, and perplexity on text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from statistics import fmean
from typing import Any

import numpy as np

from finetune.examples import Example
from index.errors import InputError, QuestionError
from index.store import Store
from rag.answer_scores import Given, Marked, is_true, mark
from rag.calibration import Calibration
from rag.engine import AskOptions, Engine
from rag.expected import Expected
from rag.generator import Generator
from rag.selective import logistic
from rag.types import Answer

HITS = 5
"""Hits whose documents are kept of each question."""
FEWEST_TO_CALIBRATE = 40
FEWEST_OF_EACH = 10
"""Right answers, and wrong ones, without which no calibration is fitted."""
_PIECE = 128
"""Tokens whose probabilities are in memory at once."""
_THRESHOLDS = tuple(step / 20 for step in range(3, 13))
_MOST_NATS = 700.0
"""Of which the exponential is still a number."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares are 0 to 1. At the threshold, silence is right exactly where nothing answers the question."""

    questions: int
    answerable: int = 0
    exact: float = 0.0
    """Exact match of the questions that have an answer, each answered; so is `f1`."""
    f1: float = 0.0
    threshold: float = 0.0
    """Confidence from which an answer is given."""
    answered: float = 0.0
    """Share of all questions that are answered there."""
    refused: float | None = None
    """Share of the questions that nothing answers that are left unanswered; None: there are none."""
    right: float = 0.0
    """Share of all questions with a right answer, or rightly none, at the threshold (F1 of .5 or more)."""
    exact_at: float = 0.0
    """Exact match of all questions at the threshold; so is `f1_at`."""
    f1_at: float = 0.0
    citations: int = 0
    citations_true: float | None = None
    perplexity: float | None = None
    """On held-out text or answers; None: not measured."""
    points: Mapping[str, float] = field(default_factory=dict)
    """Id of a question -> mean of its exact match and F1 at the threshold."""

    @property
    def score(self) -> float:
        """What versions are compared by: the mean of exact match and F1 at the threshold."""
        return (self.exact_at + self.f1_at) / 2


def card_scores(scores: Mapping[str, Scores]) -> dict[str, dict[str, Any]]:
    """Scores by set as a version's card keeps them: with the score, without that of every question."""
    return {
        name: {"score": own.score, **{key: value for key, value in asdict(own).items() if key != "points"}}
        for name, own in scores.items()
    }


def score_questions(
    engine: Engine, questions: Sequence[Expected], options: AskOptions | None = None
) -> Iterator[Marked]:
    """Ask each question so that its best candidate is always given, as sure as its readers are, and mark it.

    One at a time, so that the caller can show progress. One that cannot be asked (too long) is unanswered.
    """
    options = options or AskOptions()
    always = replace(options, ground=replace(options.ground, threshold=0.0), scope=None)
    for expected in questions:
        try:
            answer = engine.ask(expected.text, always)
        except QuestionError:
            yield mark(expected, Given("", 0.0, silent=True))
        else:
            yield mark(expected, _given(answer, engine.corpus.store))


def scores_of(rows: Sequence[Marked], threshold: float, perplexity: float | None = None) -> Scores:
    """Means of marked answers.

    Args:
        threshold: confidence from which an answer is given, 0 to 1.
    """
    if not rows:
        return Scores(0, threshold=threshold, perplexity=perplexity)
    answerable = [row for row in rows if row.answerable]
    silent = [float(not row.answered(threshold)) for row in rows if not row.answerable]
    exact, f1 = ([row.at(threshold, score) for row in rows] for score in (_exact, _f1))
    citations = sum(row.given.citations for row in rows)
    true = sum(row.given.true_citations for row in rows)
    return Scores(
        questions=len(rows),
        answerable=len(answerable),
        exact=_mean([row.exact for row in answerable]),
        f1=_mean([row.f1 for row in answerable]),
        threshold=threshold,
        answered=fmean(row.answered(threshold) for row in rows),
        refused=fmean(silent) if silent else None,
        right=fmean(row.at(threshold, lambda one: one.right) for row in rows),
        exact_at=fmean(exact),
        f1_at=fmean(f1),
        citations=citations,
        citations_true=true / citations if citations else None,
        perplexity=perplexity,
        points={row.expected.id: (e + f) / 2 for row, e, f in zip(rows, exact, f1, strict=True)},
    )


def perplexity(generator: Generator, examples: Sequence[Example]) -> float:
    """Exponential of the mean negative log-likelihood (natural) of the tokens of all completions.

    Where there is no prompt the first token is the prompt; what does not fit the window is left out.

    Raises:
        InputError: there is no token to predict.
    """
    total, count = 0.0, 0
    for example in examples:
        ids = [*example.prompt, *example.completion]
        first = len(example.prompt) or 1
        prompt, rest = ids[:first], ids[first : generator.window]
        if rest and first < generator.window:
            total -= log_likelihood(generator, prompt, rest)
            count += len(rest)
    if not count:
        raise InputError("no text to measure perplexity on: every completion is empty or does not fit")
    return math.exp(min(total / count, _MOST_NATS))


def log_likelihood(generator: Generator, prompt: Sequence[int], completion: Sequence[int]) -> float:
    """Natural log of the probability of `completion`, one token or more, behind `prompt`."""
    reading = generator.read(prompt)
    rows, total = reading.first, 0.0
    for start in range(0, len(completion), _PIECE):
        piece = completion[start : start + _PIECE]
        total += float(rows[-1][piece[0]])
        nodes = list(range(start - 1, start + len(piece) - 1))
        rows = reading.extend(piece, nodes)
        total += float(rows[np.arange(len(piece) - 1), piece[1:]].sum())
    return total


def fit_calibration(rows: Sequence[Marked], current: Calibration) -> Calibration | None:
    """How sure this generator's odds are; None where the rows are too few, or show nothing.

    Bias and slope are a logistic regression of "is right" on the odds. The threshold is, of .15 to .6, the
    one that gives the best mean of exact match and F1, questions with an answer and those without weighing
    alike; without questions of both sorts it stays.

    Args:
        rows: asked so that the best candidate is always given, by the generator that `current` belongs to;
            not those that it is to be judged on.
    """
    given = [row for row in rows if not row.given.silent]
    right = [row.right for row in given]
    if len(given) < FEWEST_TO_CALIBRATE or not FEWEST_OF_EACH <= sum(right) <= len(given) - FEWEST_OF_EACH:
        return None
    bias, slope = logistic([odds_of(row.given.confidence, current) for row in given], right)
    if slope <= 0:  # the odds tell right from wrong the wrong way round: nothing to rely on
        return None
    fitted = replace(current, bias=bias, slope=slope)
    asked = [
        replace(
            row,
            given=replace(row.given, confidence=fitted.confidence(odds_of(row.given.confidence, current))),
        )
        for row in given
    ]
    return replace(fitted, threshold=_threshold(asked, current.threshold))


def odds_of(confidence: float, calibration: Calibration) -> float:
    """The odds behind a confidence.

    >>> round(odds_of(Calibration().confidence(2.5), Calibration()), 6)
    2.5
    """
    held = min(max(confidence, 1e-12), 1 - 1e-12)
    return (math.log(held / (1 - held)) - calibration.bias) / calibration.slope


def _given(answer: Answer, store: Store) -> Given:
    return Given(
        text=answer.text,
        confidence=answer.confidence,
        silent=answer.abstained,
        citations=len(answer.citations),
        true_citations=sum(is_true(store, one) for one in answer.citations),
        documents=tuple(hit.passage.document_id for hit in answer.hits[:HITS]),
        seconds=answer.timings["total"],
    )


def _threshold(rows: Sequence[Marked], current: float) -> float:
    """Of several that are as good, the one nearest to the current one."""
    sorts = [[row for row in rows if row.answerable == kind] for kind in (True, False)]
    if min(map(len, sorts)) < FEWEST_OF_EACH:
        return current

    def worth(threshold: float) -> float:
        return fmean(
            fmean(row.at(threshold, lambda one: (one.exact + one.f1) / 2) for row in sort) for sort in sorts
        )

    return max(_THRESHOLDS, key=lambda one: (round(worth(one), 6), -abs(one - current)))


def _exact(row: Marked) -> float:
    return row.exact


def _f1(row: Marked) -> float:
    return row.f1


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else 0.0
