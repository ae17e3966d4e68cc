"""The routes of retraining and of feedback."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import anyio
from fastapi import Depends, FastAPI, Query
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.concurrency import run_in_threadpool

from api.bases import refuse_folder
from api.events import STREAMED
from api.files import Files, copies_below
from api.job_log import Logged
from api.jobs import JobRunner
from api.problems import json_only
from api.schemas_finetune import (
    EventOut,
    EventsOut,
    FeedbackIn,
    FeedbackList,
    FeedbackOut,
    JobOut,
    JobRequest,
    JobsOut,
    event_out,
    feedback_out,
    job_out,
)
from api.service import Service
from index.errors import NotFound
from index.feedback import Feedback
from index.jobs import Job

After = Annotated[int, Query(ge=0, description="Only events after this number.")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0)]
_PAGE: dict[int | str, dict[str, Any]] = {200: {"description": "The page.", "content": {"text/html": {}}}}
_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
_EVERY_SECONDS = 0.3
_BEAT_SECONDS = 15.0
"""A stream in which nothing happens says so: no proxy takes it for dead."""


def add_finetune(app: FastAPI, service: Service) -> None:
    """Add them to the application."""
    _add_jobs(app, service)
    _add_events(app, service)
    _add_feedback(app, service)


def _add_jobs(app: FastAPI, service: Service) -> None:
    runner, files = service.jobs, Files(service.settings.files_path)

    @app.post("/v1/finetune/jobs", tags=["retraining"], dependencies=[Depends(json_only)])
    def create(body: JobRequest) -> JobOut:
        """Train a better generator, in a process of its own, while questions go on.

        It is queued; one runs at a time. A version is published only if it answers held-out questions better.
        """
        with copies_below(service.settings.jobs_path) as copies:
            paths, exam = (
                [str(_copied(files.content(one), copies / one)) for one in ids]
                for ids in (body.files, body.exam)
            )
            data = _data_of(runner, body.data) if body.data else ""
            plan = body.plan(paths, data, exam)
            refuse_folder(service.settings, plan["base"])
            return job_out(runner, runner.create(plan))

    @app.get("/v1/finetune/jobs", tags=["retraining"])
    def jobs(limit: Limit = 100, offset: Offset = 0) -> JobsOut:
        """All trainings, the latest first."""
        return JobsOut(jobs=[job_out(runner, job) for job in runner.jobs.list(limit, offset)])

    @app.get("/v1/finetune/jobs/{job_id}", tags=["retraining"])
    def job(job_id: str) -> JobOut:
        """How a training stands, and what came of it."""
        return job_out(runner, runner.jobs.show(job_id))

    @app.post("/v1/finetune/jobs/{job_id}/cancel", tags=["retraining"])
    def cancel(job_id: str) -> JobOut:
        """End a training: at once if it waits, after its step if it runs. It can be resumed."""
        return job_out(runner, runner.cancel(job_id))

    @app.post("/v1/finetune/jobs/{job_id}/resume", tags=["retraining"])
    def resume(job_id: str) -> JobOut:
        """Queue a training that was cancelled or failed, to go on from its last checkpoint."""
        return job_out(runner, runner.resume(job_id))

    @app.get("/v1/finetune/jobs/{job_id}/report", tags=["retraining"], response_model=None, responses=_PAGE)
    def report(job_id: str) -> HTMLResponse:
        """Loss curves, scores before and after, answers side by side: one page that needs no network."""
        page = runner.folder(job_id) / "report.html"
        if not page.is_file():
            raise NotFound(f"{job_id} has no report yet: it is written at its end")
        return HTMLResponse(page.read_text("utf-8"))


def _copied(file: Path, folder: Path) -> Path:
    """A file of the job's own: the one that was sent may be deleted meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(file, folder))


def _data_of(runner: JobRunner, job_id: str) -> str:
    data = runner.folder(job_id) / "data"
    if not data.is_dir():
        raise NotFound(f"{job_id} has no data set: name another job, or leave `data` empty to make one")
    return str(data)


def _add_events(app: FastAPI, service: Service) -> None:
    runner = service.jobs

    @app.get(
        "/v1/finetune/jobs/{job_id}/events",
        tags=["retraining"],
        response_model=EventsOut,
        responses=STREAMED,
    )
    def events(job_id: str, after: After = 0, stream: bool = False) -> EventsOut | EventSourceResponse:
        """What a training told: stages, steps with their loss, validations, scores.

        With `stream`, as server-sent events until it ends: `event` for each, then the `job`.
        """
        job = runner.jobs.show(job_id)
        if stream:
            return EventSourceResponse(_followed(runner, job_id, after), headers=_HEADERS)
        told = runner.log(job_id).read(after)
        return EventsOut(events=[event_out(event) for event in told], status=job.status)


async def _followed(runner: JobRunner, job_id: str, after: int) -> AsyncIterator[bytes]:
    """No thread is held while nothing happens."""

    def look() -> tuple[Job, list[Logged]]:
        job = runner.jobs.show(job_id)  # first: what an ended job told is then all there
        return job, runner.log(job_id).read(after)

    quiet = 0.0
    while not runner.closing.is_set():
        job, told = await run_in_threadpool(look)
        for event in told:
            after = event.number
            out: EventOut = event_out(event)
            yield format_sse_event(event="event", data_str=out.model_dump_json(), id=str(after))
        if job.ended:
            shown = await run_in_threadpool(job_out, runner, job)
            yield format_sse_event(event="job", data_str=shown.model_dump_json())
            return
        quiet = 0.0 if told else quiet + _EVERY_SECONDS
        if quiet >= _BEAT_SECONDS:
            quiet = 0.0
            yield b": nothing new\n\n"
        await anyio.sleep(_EVERY_SECONDS)


def _add_feedback(app: FastAPI, service: Service) -> None:
    @app.post("/v1/feedback", tags=["feedback"], dependencies=[Depends(json_only)])
    def add(body: FeedbackIn) -> FeedbackOut:
        """Say that an answer was right or wrong, and what is right: the next training learns it first."""
        return feedback_out(Feedback(service.store).add(body.remark()))

    @app.get("/v1/feedback", tags=["feedback"])
    def feedback(limit: Limit = 100, offset: Offset = 0) -> FeedbackList:
        """What was said of answers, the latest first."""
        kept = Feedback(service.store)
        remarks = [feedback_out(remark) for remark in kept.list(limit, offset)]
        return FeedbackList(feedback=remarks, total=kept.count())

    @app.delete("/v1/feedback/{feedback_id}", tags=["feedback"])
    def remove(feedback_id: int) -> dict[str, int]:
        """Forget what was said."""
        Feedback(service.store).remove(feedback_id)
        return {"removed": feedback_id}
