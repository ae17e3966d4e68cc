"""`jujube evaluate --questions FILE`: how good the answers are, and whether the confidence knows it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from api import answer_table, console, plots
from api.exam import Told, ask_all
from api.report_answers import Made, write_picture, write_report
from api.service import Service
from api.thresholds import set_threshold, threshold_of
from index.errors import InputError
from rag.answer_scores import AnswerScores, Marked, groups, score_answers
from rag.assess import require_passages
from rag.expected import Exam, Expected, read_expected
from rag.verdict import FEWEST

_NAMED = 5
"""Documents that are not there, named on the screen; the report names all."""
_WIDTH = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one evaluation is to do."""

    questions: Path
    sample: int | None
    """Questions to draw; None: all."""
    seed: int
    precision: float
    """Above 0, at most 1."""
    apply_threshold: bool
    out: Path | None
    """Where every answer is kept; None: nowhere."""
    report: Path
    plot: Path | None
    json: bool


def evaluate_answers(service: Service, wanted: Wanted) -> None:
    """Ask, score, show, and last of all write: where that fails, the numbers are there.

    Raises:
        InputError: the questions, `out` or an option cannot be used.
        NotFound: the collection is empty.
        StorageFull: a file cannot be written.
    """
    if not 0 < wanted.precision <= 1:
        raise InputError(
            f"--precision {wanted.precision:g}: it is a share above 0 and at most 1, such as 0.9"
        )
    if wanted.plot:
        plots.check_picture(wanted.plot)
    require_passages(service.store)
    exam = read_expected(wanted.questions, service.store)
    questions = exam.sampled(wanted.sample, wanted.seed)
    if wanted.apply_threshold and len(questions) < FEWEST:
        raise InputError(
            f"{len(questions)} questions are too few for --apply-threshold: ask {FEWEST} or more"
        )
    _say_what_is_missing(exam)
    told = _asked(service, questions, wanted.out)
    rows = [one.marked for one in told]
    set_ = threshold_of(service.settings, service.store)
    threshold = service.generator.calibration.threshold if set_ is None else set_
    scores = {name: score_answers(own, threshold, wanted.precision) for name, own in groups(rows).items()}
    applied = _applied(service, scores["all"], wanted)
    made = _made(service, wanted, exam, told, applied)
    if wanted.json:
        console.print_json(as_json(scores, made) | {"report": str(wanted.report)})
    else:
        _show(scores, rows, made, wanted)
    write_report(wanted.report, told, scores, made)
    if wanted.plot:
        write_picture(wanted.plot, rows, scores["all"])


def _say_what_is_missing(exam: Exam) -> None:
    if exam.unknown:
        names = ", ".join(exam.unknown[:_NAMED])
        more = f" and {len(exam.unknown) - _NAMED} more" if len(exam.unknown) > _NAMED else ""
        console.say(f"not in this collection: {names}{more}")
    if exam.elsewhere:
        console.say(f"{exam.elsewhere} paragraphs of the file stand in no document of this collection")
    if exam.left_out:
        console.say(f"{exam.left_out} questions name a document but no answer: they are left out")


def _asked(service: Service, questions: Sequence[Expected], out: Path | None) -> list[Told]:
    with tempfile.TemporaryDirectory() as folder:
        file = out or Path(folder) / "answers.jsonl"
        with console.steps("questions", len(questions)) as tick:
            return ask_all(service, questions, file, tick)


def _applied(service: Service, scores: AnswerScores, wanted: Wanted) -> str:
    """Set the threshold where that is wanted and there is one; what became of it, in a sentence."""
    set_ = f"The collection answers from confidence {scores.at.threshold:.4g} on"
    if not wanted.apply_threshold:
        return f"{set_}; --apply-threshold sets another."
    if scores.chosen is None:
        said = f"{set_}, as before: no threshold reaches {wanted.precision:.1%}."
    elif service.settings.threshold is not None:
        set_threshold(service.store, scores.chosen.threshold)
        said = (
            f"Confidence {scores.chosen.threshold:.4g} is kept with the collection, but JUJUBE_THRESHOLD "
            f"says {service.settings.threshold:.4g}, which wins."
        )
    else:
        set_threshold(service.store, scores.chosen.threshold)
        said = f"The collection answers from confidence {scores.chosen.threshold:.4g} on from now on."
    console.say(said)
    return said


def _made(service: Service, wanted: Wanted, exam: Exam, told: Sequence[Told], applied: str) -> Made:
    embedder = service.store.embedder
    drawn = (
        ""
        if len(told) == len(exam.questions)
        else f": {len(told)} of {len(exam.questions)}, seed {wanted.seed}"
    )
    asked = told[0].line["asked"]
    return Made(
        collection=service.settings.collection,
        at=datetime.now().astimezone().isoformat(" ", "minutes"),
        questions=f"{wanted.questions}{drawn}",
        embedder=embedder.name if embedder else "",
        mode=asked["mode"],
        model=asked["model"],
        passages=asked["passages"],
        revision=asked["revision"],
        counts=service.store.counts(),
        precision=wanted.precision,
        applied=applied,
        left_out=exam.left_out,
        unknown=tuple(exam.unknown),
        elsewhere=exam.elsewhere,
    )


def as_json(scores: Mapping[str, AnswerScores], made: Made) -> dict[str, Any]:
    """All numbers of the table by group, and what they were made of."""
    fields = asdict(made)
    fields["counts"] = dict(made.counts)
    return fields | {"groups": [{"group": name, **asdict(own)} for name, own in scores.items()]}


def _show(scores: Mapping[str, AnswerScores], rows: Sequence[Marked], made: Made, wanted: Wanted) -> None:
    """The columns but those of the kinds, which stand in the report."""
    names = {"all", "answerable"} | {row.expected.language for row in rows}
    shown = {name: own for name, own in scores.items() if name in names}
    lines: list[tuple[str, ...]] = [("", *shown)]
    for heading, own in answer_table.sections(list(shown.values()), made.precision):
        lines.append((heading, *[""] * len(shown)))
        lines += [(f"  {label}", *cells) for label, cells in own]
    console.show_scores(lines, _WIDTH)
    console.out.print(answer_table.sentence(scores["all"]), style="bold", markup=False)
    console.out.print(f"report: {wanted.report}", style="dim", markup=False)
