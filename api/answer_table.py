"""The scores of answers as rows of words, for the terminal and for the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.answer_scores import AnswerScores
from rag.verdict import Difference

Section = tuple[str, list[tuple[str, list[str]]]]
"""A heading, and its rows: what is measured, then a cell for each group."""

Cell = Callable[[AnswerScores], str]


def sections(scores: Sequence[AnswerScores], precision: float) -> list[Section]:
    """All numbers, a column for each of `scores`; shares in hundredths."""
    threshold = scores[0].at.threshold
    rows: list[tuple[str, list[tuple[str, Cell]]]] = [
        (
            "questions with an answer, every one answered",
            [
                ("questions", lambda s: f"{s.answerable:,}"),
                ("exact match", lambda s: share(s.exact.mean if s.answerable else None)),
                ("  95 % interval", lambda s: _interval(s.exact, s.answerable)),
                ("F1", lambda s: share(s.f1.mean if s.answerable else None)),
                ("  95 % interval", lambda s: _interval(s.f1, s.answerable)),
            ],
        ),
        (
            f"all questions, answered from confidence {threshold:.4g} on",
            [
                ("questions", lambda s: f"{s.questions:,}"),
                ("answered", lambda s: share(s.at.answered / s.questions)),
                ("right of the answers", lambda s: share(s.at.precision)),
                ("exact match", lambda s: share(s.at.exact.mean)),
                ("  95 % interval", lambda s: _interval(s.at.exact, s.questions)),
                ("F1", lambda s: share(s.at.f1.mean)),
                ("  95 % interval", lambda s: _interval(s.at.f1, s.questions)),
                ("without an answer, and refused", lambda s: share(s.at.refused)),
            ],
        ),
        (
            "what the confidence knows, of all questions",
            [
                ("AUROC, has an answer", lambda s: number(s.auroc_answerable)),
                ("AUROC, is right", lambda s: number(s.auroc_right)),
                ("right, every question answered", lambda s: share(s.accuracy[1.0])),
                ("right, the most confident 80 %", lambda s: share(s.accuracy[0.8])),
                ("right, the most confident 50 %", lambda s: share(s.accuracy[0.5])),
                ("exact match, every question answered", lambda s: share(s.accuracy_exact[1.0])),
                ("exact match, the most confident 80 %", lambda s: share(s.accuracy_exact[0.8])),
                ("exact match, the most confident 50 %", lambda s: share(s.accuracy_exact[0.5])),
                (
                    f"threshold for {share(precision)} % right",
                    lambda s: f"{s.chosen.threshold:.4f}" if s.chosen else "-",
                ),
                ("  answered there", lambda s: share(s.chosen.coverage if s.chosen else None)),
                ("calibration error", lambda s: number(s.calibration_error)),
                ("Brier score", lambda s: number(s.brier)),
            ],
        ),
        (
            "sources",
            [
                ("citations", lambda s: f"{s.citations:,}"),
                ("true spans of their document", lambda s: share(s.citations_true)),
                ("right document first", lambda s: share(s.document_in[1])),
                ("right document among the first 3", lambda s: share(s.document_in[3])),
            ],
        ),
        (
            "time",
            [
                ("seconds a question, median", lambda s: f"{s.seconds_median:.3f}"),
                ("seconds a question, 95th percentile", lambda s: f"{s.seconds_95:.3f}"),
            ],
        ),
    ]
    return [
        (heading, [(label, [cell(one) for one in scores]) for label, cell in own]) for heading, own in rows
    ]


def sentence(all_: AnswerScores) -> str:
    """The run in one sentence."""
    parts = []
    if all_.answerable:
        parts.append(f"{share(all_.exact.mean)} % exact match and {share(all_.f1.mean)} % F1, all answered")
    answered = share(all_.at.answered / all_.questions)
    right = "" if all_.at.precision is None else f", {share(all_.at.precision)} % of these right"
    parts.append(f"from confidence {all_.at.threshold:.4g} on, {answered} % are answered{right}")
    return "; ".join(parts) + "."


def share(value: float | None) -> str:
    """In hundredths.

    >>> share(0.6123), share(1.0), share(None)
    ('61.2', '100.0', '-')
    """
    return "-" if value is None else f"{100 * value:.1f}"


def number(value: float | None) -> str:
    """
    >>> number(0.9012), number(None)
    ('.901', '-')
    """
    return "-" if value is None else f"{value:.3f}".removeprefix("0")


def _interval(found: Difference, count: int) -> str:
    return f"{share(found.low)}-{share(found.high)}" if count else "-"
