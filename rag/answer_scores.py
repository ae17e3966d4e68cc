"""Answers compared with the accepted ones: how many are right, and whether the confidence knows which.

Every question is asked so that its best candidate is always given; what happens at a threshold follows from
the confidence. Right is an answer with an F1 of `RIGHT` or more against an accepted one, which is what the
confidence estimates (`rag.ground.Calibration`); an answer to a question that nothing answers is wrong.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.errors import NotFound
from index.store import Store
from rag.expected import Expected
from rag.metrics import exact_match, token_f1
from rag.selective import Chosen, accuracy_at, auroc, calibration_error, threshold_for
from rag.types import Citation
from rag.verdict import Difference, interval

RIGHT = 0.5
COVERAGES = (1.0, 0.8, 0.5)
_PLACES = (1, 3)


@dataclass(frozen=True, slots=True)
class Given:
    """What was answered to one question, whatever the confidence."""

    text: str
    confidence: float
    """0 to 1."""
    silent: bool = False
    """There was not one candidate."""
    citations: int = 0
    true_citations: int = 0
    """Those whose text stands in their document as cited."""
    documents: tuple[str, ...] = ()
    """Ids of the documents of the hits, in their order."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Marked:
    """A question, its answer, and what that is worth when it is given."""

    expected: Expected
    given: Given
    exact: float
    """0 or 1; 0 where nothing answers the question."""
    f1: float
    """0 to 1; 0 where nothing answers the question."""

    @property
    def right(self) -> float:
        """0 or 1."""
        return float(self.f1 >= RIGHT)

    @property
    def answerable(self) -> bool:
        return bool(self.expected.answers)

    def answered(self, threshold: float) -> bool:
        """Whether the answer is given where `threshold` is set."""
        return not self.given.silent and self.given.confidence >= threshold

    def at(self, threshold: float, score: Callable[[Marked], float]) -> float:
        """The score where `threshold` is set: silence is right exactly when nothing answers the question."""
        return score(self) if self.answered(threshold) else float(not self.answerable)

    def place(self) -> int | None:
        """Of the first hit from a right document, from 1; None where there is none."""
        hits = enumerate(self.given.documents, 1)
        return next((place for place, document in hits if document in self.expected.documents), None)


def mark(expected: Expected, given: Given) -> Marked:
    """Compare an answer with the accepted ones.

    >>> marked = mark(Expected("1", "Who?", ("Dr. Chen Guang",)), Given("Chen Guang", 0.4))
    >>> marked.exact, marked.f1, marked.at(0.5, lambda m: m.f1)
    (0.0, 0.8, 0.0)
    """
    if given.silent or not expected.answers:
        return Marked(expected, given, 0.0, 0.0)
    exact = exact_match(given.text, expected.answers)
    return Marked(expected, given, exact, token_f1(given.text, expected.answers))


def is_true(store: Store, citation: Citation) -> bool:
    """Whether a citation's words stand in its document as it says, with the answer inside."""
    try:
        text = store.document(citation.document_id).text
    except NotFound:
        return False
    inside = citation.start <= citation.answer_start <= citation.answer_end <= citation.end
    return inside and text[citation.start : citation.end] == citation.text


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """All questions, with silence below a confidence: right where nothing answers it, else wrong."""

    threshold: float
    answered: int
    exact: Difference
    f1: Difference
    precision: float | None
    """Share of the answers given that are right; None where none is given."""
    refused: float | None
    """Share of the questions that nothing answers that were left unanswered; None without such questions."""


@dataclass(frozen=True, slots=True)
class AnswerScores:
    """Shares are 0 to 1; None: there is nothing to take it of."""

    questions: int
    answerable: int
    exact: Difference
    """Of the questions that have an answer, each answered."""
    f1: Difference
    at: AtThreshold
    auroc_answerable: float | None
    """Of the confidence, telling questions that have an answer from those that nothing answers."""
    auroc_right: float | None
    """Of the confidence, telling right answers from wrong ones."""
    accuracy: dict[float, float | None]
    """Coverage -> share of right answers among the most confident of all questions."""
    accuracy_exact: dict[float, float | None]
    """The same, with exact match for right."""
    chosen: Chosen | None
    """The threshold for the precision that was asked for; None where no threshold reaches it."""
    calibration_error: float | None
    brier: float | None
    """Mean square of confidence minus right."""
    citations: int
    citations_true: float | None
    named: int
    """Questions whose right document is known."""
    document_in: dict[int, float | None]
    """k -> share of them with a right document among the first k hits."""
    seconds_median: float
    seconds_95: float


def score_answers(rows: Sequence[Marked], threshold: float, precision: float) -> AnswerScores:
    """Scores of answered questions.

    Args:
        rows: one or more.
        threshold: that is set, 0 to 1.
        precision: that a threshold is looked for to reach, above 0, at most 1.
    """
    answerable = [row for row in rows if row.answerable]
    nothing = [row.given.confidence for row in rows if not row.answerable]
    confidence, right = [row.given.confidence for row in rows], [row.right for row in rows]
    exact = [row.exact for row in rows]
    places = [row.place() for row in rows if row.expected.documents]
    seconds = sorted(row.given.seconds for row in rows)
    citations = sum(row.given.citations for row in rows)
    true = sum(row.given.true_citations for row in rows)
    return AnswerScores(
        questions=len(rows),
        answerable=len(answerable),
        exact=interval([row.exact for row in answerable]),
        f1=interval([row.f1 for row in answerable]),
        at=at_threshold(rows, threshold),
        auroc_answerable=auroc([row.given.confidence for row in answerable], nothing),
        auroc_right=auroc(*([row.given.confidence for row in rows if row.right == is_] for is_ in (1, 0))),
        accuracy={share: accuracy_at(confidence, right, share) for share in COVERAGES},
        accuracy_exact={share: accuracy_at(confidence, exact, share) for share in COVERAGES},
        chosen=threshold_for(confidence, right, precision),
        calibration_error=calibration_error(confidence, right),
        brier=_mean([(c - r) ** 2 for c, r in zip(confidence, right, strict=True)]),
        citations=citations,
        citations_true=true / citations if citations else None,
        named=len(places),
        document_in={
            k: _mean([float(place is not None and place <= k) for place in places]) for k in _PLACES
        },
        seconds_median=statistics.median(seconds),
        seconds_95=seconds[int(0.95 * (len(seconds) - 1))],
    )


def at_threshold(rows: Sequence[Marked], threshold: float) -> AtThreshold:
    """What the same answers are worth where `threshold` is set."""
    answered = [row for row in rows if row.answered(threshold)]
    nothing = [row for row in rows if not row.answerable]
    return AtThreshold(
        threshold=threshold,
        answered=len(answered),
        exact=interval([row.at(threshold, lambda m: m.exact) for row in rows]),
        f1=interval([row.at(threshold, lambda m: m.f1) for row in rows]),
        precision=_mean([row.right for row in answered]),
        refused=_mean([float(not row.answered(threshold)) for row in nothing]),
    )


def groups(rows: Sequence[Marked]) -> dict[str, list[Marked]]:
    """All; those that have an answer, where others have none; by language where there are two; by kind where
    the file says several.
    """
    found: dict[str, list[Marked]] = {"all": list(rows)}
    if 0 < sum(row.answerable for row in rows) < len(rows):
        found["answerable"] = [row for row in rows if row.answerable]
    for names in ([row.expected.language for row in rows], [row.expected.kind for row in rows]):
        parts: dict[str, list[Marked]] = {}
        for name, row in zip(names, rows, strict=True):
            if name:
                parts.setdefault(name, []).append(row)
        if len(parts) > 1:
            found |= {name: parts[name] for name in sorted(parts) if name not in found}
    return found


def wrong(rows: Sequence[Marked]) -> list[Marked]:
    """Wrong answers to questions that have an answer, the most confident first."""
    found = [row for row in rows if row.answerable and not row.right and not row.given.silent]
    return sorted(found, key=lambda row: -row.given.confidence)


def made_up(rows: Sequence[Marked], threshold: float) -> list[Marked]:
    """Questions that nothing answers and that are answered all the same, the most confident first."""
    found = [row for row in rows if not row.answerable and row.answered(threshold)]
    return sorted(found, key=lambda row: -row.given.confidence)


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None
