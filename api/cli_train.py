"""`jujube train`: a better generator from the collection's documents, or from your questions."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from api import console
from api.console_training import telling
from api.jobs import GRACE_SECONDS, JobRunner
from api.options import Collection, EmbedderName, Generator, Home, Json, checked, opened
from api.schemas_finetune import JobOut, PlanIn, job_out
from api.service import Service
from index.errors import InputError

Threads = Annotated[
    int | None, typer.Option(help="Threads of the training [JUJUBE_JOB_THREADS, half of the cores].")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(train)


def train(
    recipe: Annotated[
        str,
        typer.Argument(
            help="text: the documents' own words; qa: your questions with answers; raft: questions made "
            "from the index."
        ),
    ],
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="qa, raft: your questions, in SQuAD JSON, JSON lines or CSV. text: files and folders [the "
            "collection]."
        ),
    ] = None,
    base: Annotated[
        str, typer.Option(help="What is trained further: a version, a folder, a hub id, embedded.")
    ] = "",
    name: Annotated[str, typer.Option(help="Of the version [the recipe and the time].")] = "",
    method: Annotated[
        str | None, typer.Option(help="lora: adapters; frozen: the last layers; full: everything [lora].")
    ] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Its highest value [2e-4].")] = None,
    epochs: Annotated[float | None, typer.Option(help="Times that all is learnt [1].")] = None,
    batch: Annotated[int | None, typer.Option(help="Examples a step [16].")] = None,
    rank: Annotated[int | None, typer.Option(help="Of lora [16].")] = None,
    last_layers: Annotated[int | None, typer.Option(help="That frozen trains [4].")] = None,
    patience: Annotated[
        int | None, typer.Option(help="Validations without a better loss before it stops; 0: never [3].")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same version.")] = None,
    minutes: Annotated[float, typer.Option(help="Of training at most; 0: as long as it takes.")] = 0,
    search_minutes: Annotated[
        float, typer.Option(help="For a search of hyper-parameters before it; 0: none.")
    ] = 0,
    questions: Annotated[int | None, typer.Option(help="That raft makes, at most [400].")] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="A data set that is used as it is; with --prepare, the folder it is written to."),
    ] = None,
    exam: Annotated[
        list[Path] | None,
        typer.Option(help="Questions that are never learnt: the version is judged by them. More than once."),
    ] = None,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only make the data set, to be read and edited.")
    ] = False,
    activate: Annotated[
        bool, typer.Option("--activate", help="Answer with the version from then on, if it is better.")
    ] = False,
    threads: Threads = None,
    home: Home = None,
    collection: Collection = None,
    generator: Generator = None,
    embedder: EmbedderName = None,
    json: Json = False,
) -> None:
    """Train a better generator; a version is made only if it answers held-out questions better.

    It runs in a process of its own; Ctrl-C stops it, and `jujube jobs resume` goes on from there.
    """
    options = {"method": method, "learning_rate": learning_rate, "epochs": epochs, "batch": batch}
    options |= {"rank": rank, "last_layers": last_layers, "patience": patience, "seed": seed}
    settings: dict[str, Any] = {"home": home, "collection": collection, "generator": generator}
    with opened(**settings, embedder=embedder, job_threads=threads) as service:
        body = checked(
            PlanIn,
            recipe=recipe,
            base=base,
            name=name,
            questions=questions,
            minutes=minutes,
            search_minutes=search_minutes,
            activate=activate,
            train={key: value for key, value in options.items() if value is not None},
        )
        plan = body.plan([str(f) for f in files or ()], str(data or ""), [str(f) for f in exam or ()])
        if prepare:
            _prepare(service, {**plan, "data": ""}, data, json)
        else:
            job = service.jobs.create(plan)
            follow(service.jobs, job.id, json)


def _prepare(service: Service, asked: dict[str, Any], folder: Path | None, json: bool) -> None:
    """In this process: nothing is trained."""
    if folder is None:
        raise InputError("--prepare needs --data: the folder that the data set is written to")
    from finetune.dataset import make_data
    from finetune.plan import Plan

    plan = Plan.from_json(asked)
    making = make_data(plan, folder, service.corpus, lambda: None)
    while True:
        try:
            console.say(console.one_line(next(making).message))
        except StopIteration as end:
            made = end.value
            break
    counts = {part: sum(kinds.values()) for part, kinds in made.counts().items()}
    if json:
        console.print_json({"data": str(folder), "hash": made.hash, **made.to_json()})
        return
    told = ", ".join(f"{count} {part}" for part, count in counts.items())
    console.out.print(f"{told}: {folder}", markup=False)
    for one in made.dropped:
        console.say(f"left out, {one.count}: {console.one_line(one.reason)}")
    console.say(f"read and edit it, then: jujube train {plan.recipe} --data {folder}")


def follow(runner: JobRunner, job_id: str, json: bool) -> None:
    """Run a job and show what happens, until it has ended; Ctrl-C cancels it.

    Raises:
        typer.Exit: it failed (1), or was cancelled (130).
    """
    others = [job.id for job in runner.jobs.list(status="running") if job.id != job_id]
    if others:
        console.say(f"{', '.join(others)} runs: {job_id} waits for its turn (Ctrl-C cancels it)")
    try:
        with telling() as tell:
            for event in runner.run(job_id):
                tell(event)
    except KeyboardInterrupt as error:
        console.say(f"stopping {job_id} after its step")
        _cancel(runner, job_id)
        show_end(job_out(runner, runner.jobs.show(job_id)), runner.folder(job_id), json)
        raise typer.Exit(130) from error
    out = job_out(runner, runner.jobs.show(job_id))
    show_end(out, runner.folder(job_id), json)
    if out.status in ("failed", "cancelled"):
        raise typer.Exit(1 if out.status == "failed" else 130)


def _cancel(runner: JobRunner, job_id: str) -> None:
    """Until it has ended, whatever it takes."""
    runner.cancel(job_id)
    end = time.monotonic() + 2 * GRACE_SECONDS
    while not runner.jobs.show(job_id).ended and time.monotonic() < end:
        runner.step(job_id)
        time.sleep(0.2)


def show_end(job: JobOut, folder: Path, json: bool) -> None:
    """What came of a job, and what to do next."""
    if json:
        console.print_json(job.model_dump() | {"folder": str(folder)})
        return
    said = {
        "succeeded": f"better: published as {job.version}",
        "not_better": "not better: nothing was published",
        "failed": f"failed: {job.error.message if job.error else 'nobody knows why'}",
        "cancelled": f"cancelled; `jujube jobs resume {job.id}` goes on from its last checkpoint",
    }
    console.out.print(console.one_line(said.get(job.status, job.status)), style="bold", markup=False)
    for reason in job.reasons:
        console.out.print(f"  {console.one_line(reason)}", markup=False)
    if job.report:
        console.out.print(f"report: {folder / 'report.html'}", style="dim", markup=False)
    if job.status == "succeeded" and not job.plan.get("activate"):
        console.say(f"`jujube models activate {job.version}` lets it answer")
