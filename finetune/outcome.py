"""How a retraining ended: everything that its report shows, and JSON in and out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import TypeAdapter, ValidationError

from finetune.evaluate import Scores
from finetune.gate import Verdict
from finetune.options import Step, Validation
from index.errors import InputError
from rag.answer_scores import Marked
from rag.card import first_line

Status = Literal["succeeded", "not_better", "failed", "cancelled"]

SIDE_BY_SIDE = 24
"""Answers that are shown side by side at most."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """What was said to one question before and after."""

    question: str
    expected: tuple[str, ...]
    """Accepted answers; empty: nothing answers it."""
    before: str
    """What a user would have read; empty: silence."""
    after: str
    points_before: float
    """Mean of exact match and F1 at the threshold, 0 to 1."""
    points_after: float
    confidence_before: float
    confidence_after: float


@dataclass(frozen=True, slots=True)
class Written:
    """What the model wrote on from a prompt before and after."""

    prompt: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One setting that the search of hyper-parameters tried."""

    options: Mapping[str, Any]
    """Those that were searched."""
    loss: float | None = None
    """On the validation examples; None: it was stopped before."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a retraining ended."""

    status: Status
    plan: Mapping[str, Any]
    """As `finetune.plan.Plan.to_json` gives it, with everything decided."""
    at: str = ""
    """Date and time of its end, with the offset of the time zone."""
    version: str = ""
    """That was published; empty: none."""
    active: bool = False
    """Whether it answers now."""
    parent: str = ""
    """The version that was trained further, by name; the scores before are its."""
    error: str = ""
    """Why it failed."""
    verdict: Verdict | None = None
    before: Mapping[str, Scores] = field(default_factory=dict)
    """By set: "domain", "general" ..."""
    after: Mapping[str, Scores] = field(default_factory=dict)
    answers: tuple[SideBySide, ...] = ()
    written: tuple[Written, ...] = ()
    data_hash: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Records by kind, and examples by part: "train", "validation", "heldout"."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Reason -> how many."""
    samples: tuple[Mapping[str, Any], ...] = ()
    """Some records of the data set, as their lines of JSON."""
    steps: tuple[Step, ...] = ()
    validations: tuple[Validation, ...] = ()
    trials: tuple[Trial, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Of each stage, in their order."""
    machine: str = ""
    """What computed it, in words."""
    memory: int = 0
    """Bytes in use at the most; 0: not measured."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Raises InputError: it is no outcome; names what is wrong first."""
        try:
            return TypeAdapter(cls).validate_python(values)
        except ValidationError as error:
            first = error.errors()[0]
            raise InputError(f"no outcome: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def write_outcome(path: Path, outcome: Outcome) -> None:
    """Raises OSError: there is no room."""
    text = json.dumps(outcome.to_json(), ensure_ascii=False)
    path.write_text(text + "\n", "utf-8", errors="replace")


def read_outcome(path: Path) -> Outcome:
    """Raises InputError: it cannot be read."""
    try:
        return Outcome.from_json(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read: {first_line(error)}") from error


def side_by_side(
    before: Sequence[Marked],
    after: Sequence[Marked],
    thresholds: tuple[float, float],
    most: int = SIDE_BY_SIDE,
) -> tuple[SideBySide, ...]:
    """The same questions before and after, those whose points changed most first, then others.

    Args:
        before, after: of the same questions in any order; one that only one of them has is left out.
        thresholds: confidence from which an answer is given, before and after.
    """
    then = {row.expected.id: row for row in before}
    pairs = [_pair(then[row.expected.id], row, thresholds) for row in after if row.expected.id in then]
    pairs.sort(key=lambda pair: -abs(pair.points_after - pair.points_before))
    gained = [pair for pair in pairs if pair.points_after > pair.points_before]
    lost = [pair for pair in pairs if pair.points_after < pair.points_before]
    same = [pair for pair in pairs if pair.points_after == pair.points_before]
    third = most // 3
    # What got worse is never pushed out by what got better.
    worse = lost[: max(third, most - third - len(gained))]
    better = gained[: most - min(third, len(same)) - len(worse)]
    return (*better, *worse, *same[: most - len(better) - len(worse)])


def _pair(before: Marked, after: Marked, thresholds: tuple[float, float]) -> SideBySide:
    said, points = [], []
    for row, threshold in zip((before, after), thresholds, strict=True):
        said.append(row.given.text if row.answered(threshold) else "")
        points.append(row.at(threshold, lambda one: (one.exact + one.f1) / 2))
    return SideBySide(
        question=after.expected.text,
        expected=tuple(dict.fromkeys(after.expected.answers)),
        before=said[0],
        after=said[1],
        points_before=points[0],
        points_after=points[1],
        confidence_before=before.given.confidence,
        confidence_after=after.given.confidence,
    )
