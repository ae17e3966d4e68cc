"""Does the graph help? The difference between two modes on the same questions, and what it allows to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FEWEST = 20
"""Questions below which nothing is decided."""
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean, or a mean difference, with its 95 % interval, in shares (0.07: 7 of 100, or 7 of 100 more)."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the questions show."""

    graph: Literal["helps", "costs", "unclear"]
    text: str
    """One sentence."""


def difference(first: Sequence[float], second: Sequence[float], seed: int = 0) -> Difference:
    """How much more `first` is than `second` on average, question by question.

    The interval is the percentile bootstrap's (Efron and Tibshirani 1993) over questions, paired.

    >>> difference([1, 1, 1], [0, 0, 0])
    Difference(mean=1.0, low=1.0, high=1.0)
    """
    return interval(np.asarray(first, np.float64) - np.asarray(second, np.float64), seed)


def interval(values: Sequence[float] | NDArray[np.float64], seed: int = 0) -> Difference:
    """The mean, with the 95 % interval that the percentile bootstrap gives it.

    >>> interval([0.5, 0.5])
    Difference(mean=0.5, low=0.5, high=0.5)
    """
    given = np.asarray(values, np.float64)
    if not len(given):
        return Difference(0.0, 0.0, 0.0)
    # How often each value is drawn, not which question: there are few values, however many questions.
    found, counts = np.unique(given, return_counts=True)
    draws = np.random.default_rng(seed).multinomial(len(given), counts / len(given), _RESAMPLES)
    low, high = np.quantile(draws @ found / len(given), (0.025, 0.975))
    return Difference(float(given.mean()), float(low), float(high))


def judge(found: Difference, questions: int) -> Verdict:
    """A sentence, and whether the graph should be on.

    >>> judge(Difference(0.07, 0.02, 0.12), 100).text
    'The graph finds 7 of 100 more: keep it.'
    >>> judge(Difference(-0.04, -0.08, -0.01), 100).text
    'The graph costs 4 of 100: switch it off.'
    >>> judge(Difference(0.01, -0.02, 0.04), 100).text
    'The graph makes no difference that 100 questions can show.'
    """
    if questions < FEWEST:
        return Verdict("unclear", f"{questions} questions are too few to say: ask {FEWEST} or more.")
    share = _of_100(found.mean)
    if found.low > 0:
        return Verdict("helps", f"The graph finds {share} of 100 more: keep it.")
    if found.high < 0:
        return Verdict("costs", f"The graph costs {share} of 100: switch it off.")
    return Verdict("unclear", f"The graph makes no difference that {questions} questions can show.")


def _of_100(share: float) -> str:
    """
    >>> _of_100(-0.04), _of_100(0.004)
    ('4', '0.4')
    """
    size = abs(100 * share)
    return f"{size:.0f}" if size >= 1 else f"{size:.1f}"
