from __future__ import annotations

import random
from collections.abc import Sequence
from statistics import fmean

import pytest

from finetune.align import FEWEST, aligned, under
from finetune.evaluate import odds_of
from rag.answer_scores import Given, Marked, mark
from rag.calibration import Calibration
from rag.expected import Expected

OLD = Calibration()


def rows(odds: Sequence[float]) -> list[Marked]:
    return [
        mark(Expected(str(n), "Who?", ("Max",)), Given("Max" if n % 2 else "Mia", OLD.confidence(one)))
        for n, one in enumerate(odds)
    ]


def drawn(count: int, seed: int = 0) -> list[float]:
    draw = random.Random(seed)
    return [draw.gauss(3, 2.5) for _ in range(count)]


def test_a_reader_that_gives_more_to_silence_is_as_sure_as_it_was() -> None:
    before = drawn(60)
    after = [0.8 * one - 2 for one in before]
    new = aligned(rows(before), rows(after), OLD)
    assert new.threshold == OLD.threshold
    for then, now in zip(before, after, strict=True):
        assert new.confidence(now) == pytest.approx(OLD.confidence(then), abs=1e-6)
    moved = under(rows(after), OLD, new)
    assert [row.given.confidence for row in moved] == pytest.approx([OLD.confidence(one) for one in before])
    assert [row.right for row in moved] == [row.right for row in rows(after)]


def test_which_answers_are_right_is_not_looked_at() -> None:
    before, after = drawn(60), [one - 1 for one in drawn(60)]
    wrong = [mark(Expected(row.expected.id, "Who?", ("Zoe",)), row.given) for row in rows(after)]
    assert aligned(rows(before), rows(after), OLD) == aligned(rows(before), wrong, OLD)


def test_where_little_can_be_told_nothing_changes() -> None:
    few = drawn(FEWEST - 1)
    assert aligned(rows(few), rows([one - 2 for one in few]), OLD) == OLD
    assert aligned(rows([1.0] * 40), rows([2.0] * 40), OLD) == OLD
    assert aligned(rows(drawn(60)), rows(drawn(60, seed=1)), OLD) == OLD  # the two go no common way
    assert aligned([], [], OLD) == OLD


def test_stretching_has_its_limits() -> None:
    before = drawn(60)
    new = aligned(rows(before), rows([one / 10 for one in before]), OLD)
    assert new.slope == pytest.approx(2 * OLD.slope)
    kept = [odds_of(new.confidence(one / 10), OLD) for one in before]
    assert fmean(kept) == pytest.approx(fmean(before), abs=1e-6)
