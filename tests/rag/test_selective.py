"""What a confidence is worth, compared with the definitions counted out one by one."""

from __future__ import annotations

from itertools import product
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.selective import (
    BINS,
    accuracies,
    accuracy_at,
    auroc,
    bins,
    calibration_error,
    threshold_for,
)

CONFIDENCE = st.one_of(st.sampled_from([0.0, 0.2, 0.5, 1.0]), st.floats(0, 1))
ROWS = st.lists(st.tuples(CONFIDENCE, st.sampled_from([0.0, 0.5, 1.0])), min_size=1, max_size=30)


@given(st.lists(CONFIDENCE, min_size=1), st.lists(CONFIDENCE, min_size=1))
def test_auroc_is_the_share_of_pairs_in_order(positive: list[float], negative: list[float]) -> None:
    pairs = [(a > b) + 0.5 * (a == b) for a, b in product(positive, negative)]
    assert auroc(positive, negative) == pytest.approx(fmean(pairs))


def test_auroc_of_nothing() -> None:
    assert auroc([], []) is auroc([], [0.5]) is auroc([0.5], []) is None


@given(ROWS)
def test_accuracies_are_those_of_any_order_among_equals(rows: list[tuple[float, float]]) -> None:
    confidence, right = zip(*rows, strict=True)
    curve = accuracies(confidence, right)
    assert curve[-1] == pytest.approx(fmean(right))
    draws = []
    for seed in range(200):
        shuffled = list(rows)
        Random(seed).shuffle(shuffled)
        ordered = sorted(shuffled, key=lambda row: -row[0])
        draws.append([fmean(r for _, r in ordered[: k + 1]) for k in range(len(rows))])
    assert curve == pytest.approx([fmean(column) for column in zip(*draws, strict=True)], abs=0.2)
    mirrored = accuracies(confidence[::-1], right[::-1])
    assert curve == pytest.approx(mirrored)  # the order of the file is nothing to it


def test_accuracy_at_a_coverage() -> None:
    confidence, right = [0.9, 0.8, 0.7, 0.6, 0.5], [1, 1, 0, 1, 0]
    assert [accuracy_at(confidence, right, share) for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)] == [
        1, 1, 1, pytest.approx(2 / 3), 0.75, 0.6,
    ]  # fmt: skip
    assert accuracy_at([], [], 0.5) is None
    assert accuracy_at([0.5, 0.5], [1, 0], 0.5) == 0.5  # equals are answered together


@given(ROWS, st.floats(0.01, 1))
def test_the_threshold_answers_most_at_the_precision(
    rows: list[tuple[float, float]], precision: float
) -> None:
    confidence, right = zip(*rows, strict=True)

    def precision_from(threshold: float) -> tuple[int, float]:
        kept = [r for c, r in rows if c >= threshold]
        return len(kept), fmean(kept) if kept else 0.0

    possible = [precision_from(c) for c in confidence]
    wanted = max((count for count, value in possible if value >= precision - 1e-12), default=0)
    found = threshold_for(confidence, right, precision)
    if found is None:
        assert wanted == 0
        return
    assert (found.answered, found.coverage) == (wanted, wanted / len(rows))
    assert precision_from(found.threshold) == (wanted, pytest.approx(found.precision))
    assert 0 <= found.threshold <= 1


def test_no_threshold_of_nothing_or_of_wrong_answers() -> None:
    assert threshold_for([], [], 0.9) is None
    assert threshold_for([0.4, 0.6], [0, 0], 0.01) is None


@given(ROWS)
def test_bins_hold_every_answer_once(rows: list[tuple[float, float]]) -> None:
    confidence, right = zip(*rows, strict=True)
    found = bins(confidence, right)
    assert sum(one.count for one in found) == len(rows)
    assert sum(one.count * one.right for one in found) == pytest.approx(sum(right))
    assert sum(one.count * one.confidence for one in found) == pytest.approx(sum(confidence))
    assert len({min(int(one.confidence * BINS + 1e-9), BINS - 1) for one in found}) == len(found)
    error = calibration_error(confidence, right)
    assert error == pytest.approx(
        sum(one.count * abs(one.confidence - one.right) for one in found) / len(rows)
    )


def test_calibration_error_of_a_true_and_of_a_false_confidence() -> None:
    assert calibration_error([0.75] * 4, [1, 1, 1, 0]) == 0
    assert calibration_error([1.0] * 4, [0] * 4) == 1
    assert calibration_error([], []) is None
