"""The report of `jujube evaluate --questions`: one HTML file that needs no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from api import answer_table, plots
from api.exam import HITS, Told
from api.options import write_whole
from api.report_html import excerpt, template
from index.errors import InputError
from rag.answer_scores import RIGHT, AnswerScores, Marked, at_threshold, groups, made_up, wrong
from rag.selective import Bin, accuracies, bins

_SHOWN = 15
"""Wrong answers of each sort that are shown."""
_ACCEPTED = 4
"""Accepted answers that are shown of one question."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a report was made of."""

    collection: str
    at: str
    """Date and time, with the offset of the time zone."""
    questions: str
    """Where they come from, and how many of them were drawn."""
    embedder: str
    mode: str
    model: str
    passages: int
    revision: int
    counts: Mapping[str, int]
    precision: float
    """That a threshold was looked for to reach, 0 to 1."""
    applied: str
    """What became of that threshold, in a sentence."""
    left_out: int
    unknown: tuple[str, ...]
    elsewhere: int


def write_report(path: Path, told: Sequence[Told], scores: Mapping[str, AnswerScores], made: Made) -> None:
    """Write the page; an earlier one is replaced whole.

    Args:
        scores: by group; "all" comes first.

    Raises:
        StorageFull: it cannot be written.
    """
    write_whole(path, render(told, scores, made).encode("utf-8", "replace"), "--report")


def write_picture(path: Path, rows: Sequence[Marked], scores: AnswerScores) -> None:
    """Write the coverage curve and the reliability as PNG, SVG or PDF.

    Raises:
        InputError: another kind of file, or matplotlib is not installed.
        StorageFull: it cannot be written.
    """
    content = plots.picture(path, curves(rows), marks(rows, scores), _bins(rows))
    write_whole(path, content, "--plot")


def render(told: Sequence[Told], scores: Mapping[str, AnswerScores], made: Made) -> str:
    """The page. All that comes from documents and questions is escaped by the template engine."""
    rows = [one.marked for one in told]
    lines = {one.marked.expected.id: one.line for one in told}
    drawn, missing = _drawn(rows, scores["all"])
    problems = [line["problem"] for line in lines.values() if line["problem"]]
    threshold = scores["all"].at.threshold
    page = template("answers.html").render(
        made=made,
        all=scores["all"],
        sentence=answer_table.sentence(scores["all"]),
        names=list(scores),
        table=answer_table.sections(list(scores.values()), made.precision),
        colours=plots.COLOURS,
        plots=drawn,
        missing=missing,
        right=RIGHT,
        errors=[_case(row, lines[row.expected.id]) for row in wrong(rows)[:_SHOWN]],
        inventions=[_case(row, lines[row.expected.id]) for row in made_up(rows, threshold)[:_SHOWN]],
        problems=len(problems),
        problem=problems[0] if problems else "",
    )
    return str(page)


def curves(rows: Sequence[Marked]) -> dict[str, Sequence[float]]:
    """Name -> accuracy of the k most confident answers, for all and for each language."""
    found: dict[str, Sequence[float]] = {"right": _curve(rows), "exact match": _curve(rows, exact=True)}
    languages = {row.expected.language for row in rows}
    if len(languages) > 1:
        found |= {f"right, {name}": _curve(own) for name, own in groups(rows).items() if name in languages}
    return found


def marks(rows: Sequence[Marked], scores: AnswerScores) -> dict[str, float]:
    """Words -> the coverage of a threshold."""
    found = {f"confidence {scores.at.threshold:.2f}, as set": scores.at.answered / scores.questions}
    if scores.chosen:
        at = at_threshold(rows, scores.chosen.threshold)
        found[f"confidence {scores.chosen.threshold:.2f}"] = at.answered / scores.questions
    return found


def _curve(rows: Sequence[Marked], *, exact: bool = False) -> Sequence[float]:
    confidence = [row.given.confidence for row in rows]
    return [float(v) for v in accuracies(confidence, [row.exact if exact else row.right for row in rows])]


def _bins(rows: Sequence[Marked]) -> list[Bin]:
    return bins([row.given.confidence for row in rows], [row.right for row in rows])


def _drawn(rows: Sequence[Marked], scores: AnswerScores) -> tuple[list[Markup], str]:
    """The plots; without matplotlib none, and what to install."""
    answerable = [row for row in rows if row.answerable]
    sorts = {
        "right": [row.given.confidence for row in answerable if row.right],
        "wrong": [row.given.confidence for row in answerable if not row.right],
        "nothing answers it": [row.given.confidence for row in rows if not row.answerable],
    }
    try:
        drawn = [
            plots.coverage(curves(rows), marks(rows, scores)),
            plots.reliability(_bins(rows)),
            plots.confidences(sorts),
        ]
    except InputError as error:
        return [], str(error)
    return [Markup(svg) for svg in drawn], ""


def _case(row: Marked, line: Mapping[str, Any]) -> dict[str, Any]:
    expected, place = row.expected, row.place()
    there = f"is hit {place}" if place else f"is not among the first {HITS} hits"
    return {
        "id": expected.id,
        "question": expected.text,
        "confidence": row.given.confidence,
        "tag": expected.kind or expected.language,
        "said": row.given.text,
        "expected": list(dict.fromkeys(expected.answers))[:_ACCEPTED],
        "f1": row.f1,
        "place": there if expected.documents else None,
        "citations": [_cited(one) for one in line["citations"]],
        "hits": [
            {**hit, "text": excerpt(hit["text"]), "right": hit["document_id"] in expected.documents}
            for hit in line["hits"][:3]
        ],
    }


def _cited(citation: Mapping[str, Any]) -> dict[str, Any]:
    """A cited sentence around the answer."""
    text: str = citation["text"]
    first, last = (citation[name] - citation["start"] for name in ("answer_start", "answer_end"))
    return {
        "before": text[:first],
        "answer": text[first:last],
        "after": text[last:],
        "source": citation["source"],
        "page": citation["page"],
    }
