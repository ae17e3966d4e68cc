"""The odds of a newly trained reader, brought back to the scale that its confidence was fitted on.

A reader that learns to be silent beside wrong passages gives more to silence everywhere: odds fall, by two
natural log units after ten minutes on the sample documents, and answers as right as before stay below
the threshold. No labels are needed to put that right: on questions that the training did not touch the two
readers' odds go along a line (correlation .993), and along it the new ones are put back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import correlation, fmean, pstdev

from finetune.evaluate import odds_of
from rag.answer_scores import Marked
from rag.calibration import Calibration

FEWEST = 20
"""Questions that both answered without which nothing is changed."""
_ALIKE = 0.5
"""Least correlation of the odds: with less, the one tells nothing of the other."""
_STRETCH = (0.5, 2.0)
"""How much steeper the new odds may count, at least and at most."""


def aligned(before: Sequence[Marked], after: Sequence[Marked], current: Calibration) -> Calibration:
    """A calibration under which the new reader is as sure, on the whole, as the old one was.

    The new odds are moved and stretched to the mean and the deviation of the old ones. Which answers are
    right is not looked at, so the same questions may judge the reader afterwards.

    Args:
        before, after: the same general questions, answered by the base and by what was trained from it, both
            under `current`.
    """
    then = {row.expected.id: row.given for row in before if not row.given.silent}
    now = {row.expected.id: row.given for row in after if not row.given.silent}
    shared = [one for one in then if one in now]
    if len(shared) < FEWEST:
        return current
    old = [odds_of(then[one].confidence, current) for one in shared]
    new = [odds_of(now[one].confidence, current) for one in shared]
    if min(pstdev(old), pstdev(new)) == 0 or correlation(old, new) < _ALIKE:
        return current
    stretch = min(max(pstdev(old) / pstdev(new), _STRETCH[0]), _STRETCH[1])
    shift = fmean(old) - stretch * fmean(new)
    return replace(current, bias=current.bias + current.slope * shift, slope=current.slope * stretch)


def under(rows: Sequence[Marked], current: Calibration, other: Calibration) -> list[Marked]:
    """The same answers with the confidence that another calibration gives them."""
    return [
        replace(
            row,
            given=replace(row.given, confidence=other.confidence(odds_of(row.given.confidence, current))),
        )
        for row in rows
    ]
