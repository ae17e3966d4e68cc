"""What a confidence is worth: when silence below it makes the answers above it better. Pure functions.

`confidence` is of one value a question, `right` of as many between 0 and 1, such as exact match. Questions of
equal confidence are answered or not together; where a share cuts through them, each counts with their mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BINS = 10


@dataclass(frozen=True, slots=True)
class Chosen:
    """A threshold and what it does to the questions that it was chosen on."""

    threshold: float
    """Answers are given from this confidence on."""
    coverage: float
    """Share of the questions that are answered."""
    precision: float
    """Share of the answers that are right."""
    answered: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like confidence."""

    confidence: float
    """Mean."""
    right: float
    """Mean."""
    count: int


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """The probability that one of `positive` is above one of `negative`, ties half; None where one is empty.

    It is the area under the receiver operating characteristic (Hanley and McNeil 1982).

    >>> auroc([0.9, 0.6], [0.5, 0.6]), auroc([0.9], [])
    (0.875, None)
    """
    if not positive or not negative:
        return None
    from sklearn.metrics import roc_auc_score  # a second, which every other command does without

    labels = [1] * len(positive) + [0] * len(negative)
    return float(roc_auc_score(labels, [*positive, *negative]))


def accuracies(confidence: Sequence[float], right: Sequence[float]) -> Floats:
    """(n,): the accuracy of the k most confident answers, for k = 1 .. n.

    Over k / n it is the accuracy-coverage curve, 1 minus the risk of El-Yaniv and Wiener (2010).

    >>> accuracies([0.2, 0.9, 0.6], [0, 1, 0]).round(2).tolist()
    [1.0, 0.5, 0.33]
    """
    found, own = _descending(confidence, right)
    return np.asarray(np.cumsum(_tied(found, own)) / np.arange(1, len(own) + 1))


def accuracy_at(confidence: Sequence[float], right: Sequence[float], coverage: float) -> float | None:
    """The accuracy of the most confident `coverage` of all questions; None without questions.

    >>> accuracy_at([0.2, 0.9, 0.6, 0.5], [0, 1, 1, 0], 0.5)
    1.0
    """
    curve = accuracies(confidence, right)
    return float(curve[max(1, round(coverage * len(curve))) - 1]) if len(curve) else None


def threshold_for(confidence: Sequence[float], right: Sequence[float], precision: float) -> Chosen | None:
    """The lowest threshold whose answers are right as often as `precision`; None where none is.

    Args:
        precision: above 0, at most 1.

    >>> threshold_for([0.2, 0.9, 0.6, 0.5], [0, 1, 1, 0], 0.9)
    Chosen(threshold=0.6, coverage=0.5, precision=1.0, answered=2)
    """
    found, own = _descending(confidence, right)
    means = np.cumsum(own) / np.arange(1, len(own) + 1)
    cuts = np.append(found[1:] < found[:-1], True)[: len(found)]  # not between equals
    good = np.flatnonzero(cuts & (means >= precision - 1e-12))
    if not len(good):
        return None
    last = int(good[-1])
    return Chosen(
        _between(float(found[last]), float(found[last + 1]) if last + 1 < len(found) else -1.0),
        (last + 1) / len(found),
        float(means[last]),
        last + 1,
    )


def _between(last: float, below: float) -> float:
    """A threshold that lets `last` through and not `below`; with four digits, where they do.

    >>> _between(0.48371, 0.4), _between(0.48371, 0.48370)
    (0.4837, 0.48371)
    """
    short = np.floor(last * 1e4) / 1e4
    return float(short) if short > below else last


def logistic(values: Sequence[float], right: Sequence[float]) -> tuple[float, float]:
    """Bias and slope of the logistic regression of `right` (0 or 1, both occur) on `values`.

    A weak penalty keeps the slope finite where a value parts the two without a fault.

    >>> bias, slope = logistic([0, 0, 0, 1, 1, 1] * 9, [0, 0, 1, 0, 1, 1] * 9)
    >>> f"{1 / (1 + np.exp(-bias)):.1f} {1 / (1 + np.exp(-bias - slope)):.1f}"
    '0.3 0.7'
    """
    from sklearn.linear_model import LogisticRegression  # as in `auroc`

    model = LogisticRegression(C=10.0).fit(np.asarray(values, np.float64)[:, None], np.asarray(right) > 0.5)
    return float(model.intercept_[0]), float(model.coef_[0, 0])


def bins(confidence: Sequence[float], right: Sequence[float], count: int = BINS) -> list[Bin]:
    """Answers by confidence, in `count` ranges of equal width; empty ones are left out.

    >>> bins([0.12, 0.18, 0.95], [0, 1, 1])
    [Bin(confidence=0.15, right=0.5, count=2), Bin(confidence=0.95, right=1.0, count=1)]
    """
    found, own = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    place = np.minimum((found * count).astype(int), count - 1)
    return [
        Bin(float(found[place == at].mean()), float(own[place == at].mean()), int((place == at).sum()))
        for at in np.unique(place)
    ]


def calibration_error(confidence: Sequence[float], right: Sequence[float]) -> float | None:
    """Expected calibration error over `BINS` ranges (Naeini et al. 2015); None without answers.

    >>> calibration_error([0.5, 0.5, 1.0], [1, 0, 1]), calibration_error([0.9, 0.9], [0, 0])
    (0.0, 0.9)
    """
    apart = [(abs(one.confidence - one.right), one.count) for one in bins(confidence, right)]
    total = sum(count for _, count in apart)
    return sum(distance * count for distance, count in apart) / total if total else None


def _descending(confidence: Sequence[float], right: Sequence[float]) -> tuple[Floats, Floats]:
    found, own = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    order = np.argsort(-found, kind="stable")
    return found[order], own[order]


def _tied(found: Floats, own: Floats) -> Floats:
    """`own`, each replaced by the mean of those with equal `found`, which is sorted."""
    _, group, sizes = np.unique(-found, return_inverse=True, return_counts=True)
    return np.asarray(np.bincount(group, own)[group] / sizes[group]) if len(own) else own
