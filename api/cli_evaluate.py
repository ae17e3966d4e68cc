"""`jujube evaluate`: what the parts of Jujube are worth on this collection; its answers in `cli_answers`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api import console
from api.cli_answers import Wanted, evaluate_answers
from api.options import Collection, EmbedderName, Generator, Home, Json, opened
from api.report_html import Made, write_report
from api.service import Service
from index.errors import InputError
from rag.assess import COMPARED, DEPTH, Assessment, assess, require_passages
from rag.question_file import Asked, read_questions
from rag.questions import make_questions
from rag.retrieve import MODES, Mode
from rag.verdict import Verdict

_SHOWN = (2, 5, DEPTH)
_MADE = 100
"""Questions that are made where nobody says how many."""
_NAMED = 5
"""Documents that are not there, named on the screen; the report names all."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(evaluate)


def evaluate(
    retrieval: Annotated[
        bool, typer.Option("--retrieval", help="Compare text, vector, hybrid and hybrid with the graph.")
    ] = False,
    questions: Annotated[
        Path | None,
        typer.Option(
            help="Your questions: JSON lines, CSV or SQuAD JSON, also .gz. Asks them and scores the answers; "
            "with --retrieval, what is found. Without it, --retrieval makes questions from the documents."
        ),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000_000,
            help="Questions to draw from the file [all]; with --retrieval, to make [100].",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another number draws or makes other questions.")] = 0,
    precision: Annotated[
        float, typer.Option(help="Share of right answers that a threshold is looked for to reach.")
    ] = 0.9,
    apply_threshold: Annotated[
        bool, typer.Option("--apply-threshold", help="Answer this collection from that threshold on.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="JSON lines of every answer; a run that was stopped goes on there.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Coverage curve and reliability as a picture: .png, .svg or .pdf.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="HTML report [HOME/reports/COLLECTION-retrieval or -answers.html].")
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Search the collection from now on as the verdict says.")
    ] = False,
    mode: Annotated[
        str | None, typer.Option(help="With --apply: set this mode by hand; no question is asked.")
    ] = None,
    home: Home = None,
    collection: Collection = None,
    generator: Generator = None,
    embedder: EmbedderName = None,
    json: Json = False,
) -> None:
    """How good are the answers to your questions? With --retrieval: does the graph help? Writes a report."""
    given = {"home": home, "collection": collection, "generator": generator, "embedder": embedder}
    with opened(**given) as service:
        reports = service.settings.home / "reports"
        if not retrieval:
            if questions is None:
                raise InputError(
                    "say what to evaluate: --retrieval compares the ways of finding passages, "
                    "--questions FILE asks them and scores the answers"
                )
            if apply or mode is not None:
                raise InputError("--apply and --mode go with --retrieval: they set how passages are found")
            path = report or reports / f"{service.settings.collection}-answers.html"
            wanted = Wanted(questions, sample, seed, precision, apply_threshold, out, path, plot, json)
            evaluate_answers(service, wanted)
            return
        if apply_threshold or out or plot:
            raise InputError("--apply-threshold, --out and --plot are about answers: leave out --retrieval")
        if mode is not None:
            _set_by_hand(service, mode, apply, json)
            return
        require_passages(service.store)
        asked = _questions(service, questions, sample or _MADE, seed)
        with console.steps("questions", len(asked.questions)) as tick:
            found = assess(service.corpus, asked.questions, tick, service.settings.passages)
        if apply:
            apply_verdict(service, found.verdict())
        path = report or reports / f"{service.settings.collection}-retrieval.html"
        if json:
            console.print_json(as_json(found, asked) | {"mode": service.mode, "report": str(path)})
        else:
            _show(found, asked, service.mode, path)
        # Last: where it cannot be written, the numbers are there.
        write_report(path, found, _made(service, questions, seed, asked), service.store)


def _set_by_hand(service: Service, name: str, apply: bool, json: bool) -> None:
    mode = next((mode for mode in MODES if mode == name), None)
    if mode is None:
        raise InputError(f"no mode {name!r}: there are {', '.join(MODES)}")
    if not apply:
        raise InputError("--mode sets how the collection is searched: say --apply, too")
    service.set_mode(mode)
    if json:
        console.print_json({"mode": mode})
    else:
        console.say(f"the collection is searched in mode {mode} from now on")


def _questions(service: Service, file: Path | None, sample: int, seed: int) -> Asked:
    if file is not None:
        asked = read_questions(file, service.store)
        if asked.unknown:
            names = ", ".join(asked.unknown[:_NAMED])
            more = f" and {len(asked.unknown) - _NAMED} more" if len(asked.unknown) > _NAMED else ""
            console.say(f"not in this collection, so that only answers count for them: {names}{more}")
        return asked
    made = make_questions(service.store, sample, seed)
    if not made:
        raise InputError("no question can be made from these documents: give yours with --questions FILE")
    return Asked(made)


def apply_verdict(service: Service, verdict: Verdict) -> None:
    """Switch the graph on or off where the questions show something; else leave what is set."""
    modes: dict[str, Mode] = {"helps": "graph", "costs": "hybrid"}
    mode = modes.get(verdict.graph)
    if mode is not None:
        service.set_mode(mode)
    console.say(f"mode {service.mode} " + ("from now on" if mode else "stays: nothing was shown"))


def _made(service: Service, file: Path | None, seed: int, asked: Asked) -> Made:
    embedder = service.store.embedder
    return Made(
        collection=service.settings.collection,
        at=datetime.now().astimezone().isoformat(" ", "minutes"),
        questions=str(file) if file else f"made from the documents, seed {seed}",
        made_up=file is None,
        embedder=embedder.name if embedder else "",
        mode=service.mode,
        counts=service.store.counts(),
        unanswerable=asked.unanswerable,
        unknown=tuple(asked.unknown),
    )


def as_json(found: Assessment, asked: Asked) -> dict[str, Any]:
    """All numbers of the table, by kind of question; `null` for the kind stands for all."""
    kinds = [
        {
            "kind": kind,
            "questions": len(found.of(kind)),
            "modes": {mode: asdict(found.scores(mode, kind)) for mode in COMPARED},
            "graph_minus_hybrid": asdict(found.difference(kind)),
        }
        for kind in [None, *found.kinds()]
    ]
    return {
        "verdict": asdict(found.verdict()),
        "kinds": kinds,
        "read": found.read,
        "revision": found.revision,
        "unanswerable": asked.unanswerable,
        "unknown_documents": asked.unknown,
    }


def _show(found: Assessment, asked: Asked, mode: Mode, report: Path) -> None:
    console.show_scores(list(_lines(found)))
    if asked.unanswerable:
        console.say(f"{asked.unanswerable} questions that nothing answers were left out")
    console.out.print(found.verdict().text, style="bold", markup=False)
    console.out.print(f"mode of the collection: {mode}; report: {report}", style="dim", markup=False)


def _lines(found: Assessment) -> list[tuple[str, ...]]:
    """Rows of the table; the first cell of a kind's own row is its name, the others are empty."""
    rows: list[tuple[str, ...]] = [("", *(f"R@{k}" for k in _SHOWN), "hit@1", "MRR", "both@5", "ms")]
    kinds = found.kinds()
    for kind in [None, *kinds] if len(kinds) > 1 else [None]:
        rows.append((f"{kind or 'all'} ({len(found.of(kind))})", *[""] * 7))
        for mode in COMPARED:
            scores = found.scores(mode, kind)
            shares = [*(scores.recall[k] for k in _SHOWN), scores.hit1, scores.mrr, scores.both]
            rows.append((f"  {mode}", *map(_share, shares), f"{scores.milliseconds:.0f}"))
        apart = found.difference(kind)
        span = f"R@{found.read} {apart.mean:+.3f}, 95 % of it {apart.low:+.3f} to {apart.high:+.3f}"
        rows.append((f"  graph - hybrid: {span}", *[""] * 7))
    return rows


def _share(value: float | None) -> str:
    """
    >>> _share(0.5), _share(1.0), _share(None)
    ('.500', '1.000', '-')
    """
    return "-" if value is None else f"{value:.3f}".removeprefix("0")
