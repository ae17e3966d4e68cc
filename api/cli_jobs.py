"""`jujube jobs`: the trainings of a collection, what they said, cancelling them and going on with them."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from api import console
from api.cli_train import Threads, follow, show_end
from api.console_training import figures
from api.options import Collection, Home, Json, opened
from api.schemas_finetune import JobOut, event_out, job_out
from api.service import Service
from index.errors import NotFound

jobs = typer.Typer(
    help="Trainings: list, show, log, cancel, resume.", no_args_is_help=True, rich_markup_mode=None
)

JobId = Annotated[str | None, typer.Argument(help="Of the job [the latest].")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(jobs, name="jobs")


@jobs.command("list")
def list_(home: Home = None, collection: Collection = None, json: Json = False) -> None:
    """All trainings, the latest first."""
    with opened(home=home, collection=collection) as service:
        service.jobs.recover()
        found = [job_out(service.jobs, job) for job in service.jobs.jobs.list()]
        if json:
            for job in found:
                console.print_json(job.model_dump())
            return
        if not found:
            console.say("no trainings yet: `jujube train raft` starts one")
            return
        rows = [(j.id, j.status, j.recipe, j.created_at[:16].replace("T", " "), _told(j)) for j in found]
        console.show_table(("job", "status", "recipe", "created", ""), rows)


@jobs.command()
def show(job: JobId = None, home: Home = None, collection: Collection = None, json: Json = False) -> None:
    """How a training stands, and what came of it."""
    with opened(home=home, collection=collection) as service:
        service.jobs.recover()
        job_id = _named(service, job)
        out = job_out(service.jobs, service.jobs.jobs.show(job_id))
        if json or out.status not in ("queued", "running"):
            show_end(out, service.jobs.folder(job_id), json)
        else:
            console.out.print(f"{out.id}: {out.status}, {_told(out)}", markup=False)
            if out.status == "queued":
                console.say("`jujube serve` runs it when its turn comes, `jujube jobs resume` at once")


@jobs.command()
def log(job: JobId = None, home: Home = None, collection: Collection = None, json: Json = False) -> None:
    """What a training told, from the beginning."""
    with opened(home=home, collection=collection) as service:
        for event in service.jobs.log(_named(service, job)).read():
            if json:
                console.print_json(event_out(event).model_dump())
            else:
                told = figures(event.data) if event.kind == "step" and "of" in event.data else event.message
                console.out.print(
                    f"{event.at[:19].replace('T', ' ')} {event.kind:10} {console.one_line(told)}",
                    markup=False,
                )


@jobs.command()
def cancel(job: JobId = None, home: Home = None, collection: Collection = None, json: Json = False) -> None:
    """End a training: at once if it waits, after its step if it runs."""
    with opened(home=home, collection=collection) as service:
        job_id = _named(service, job)
        service.jobs.cancel(job_id)
        service.jobs.recover()
        while not service.jobs.jobs.show(job_id).ended:
            service.jobs.look_after()
            time.sleep(0.2)
        show_end(job_out(service.jobs, service.jobs.jobs.show(job_id)), service.jobs.folder(job_id), json)


@jobs.command()
def resume(
    job: JobId = None,
    threads: Threads = None,
    home: Home = None,
    collection: Collection = None,
    json: Json = False,
) -> None:
    """Go on with a training that was cancelled, failed or waits, from its last checkpoint."""
    with opened(home=home, collection=collection, job_threads=threads) as service:
        job_id = _named(service, job)
        service.jobs.recover()
        service.jobs.resume(job_id)
        follow(service.jobs, job_id, json)


def _named(service: Service, job_id: str | None) -> str:
    if job_id is not None:
        return service.jobs.jobs.show(job_id).id
    latest = service.jobs.jobs.list(1)
    if not latest:
        raise NotFound("no trainings yet: `jujube train raft` starts one")
    return latest[0].id


def _told(job: JobOut) -> str:
    if job.status == "running":
        step = job.progress.model_dump() | {"number": job.progress.step, "of": job.progress.steps}
        stage = job.progress.stage or "starting"
        return f"{stage}: {figures(step)}" if job.progress.step is not None else stage
    if job.error:
        return console.one_line(job.error.message)[:100]
    return job.version or "; ".join(job.reasons)[:100]
