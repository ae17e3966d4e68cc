"""OpenAI's routes for files and fine-tuning jobs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.bases import refuse_folder
from api.files import PURPOSE, Files, copies_below
from api.problems import json_only
from api.schemas_openai_jobs import (
    FileDeleted,
    FileOut,
    FilesOut,
    FineTuningEvents,
    FineTuningJob,
    FineTuningJobs,
    FineTuningRequest,
    file_out,
    fine_tuning_event,
    fine_tuning_job,
    start,
)
from api.service import Service
from index.errors import InputError, NotFound

Limit = Annotated[int, Query(ge=1, le=10_000)]
After = Annotated[str | None, Query(max_length=200, description="The id of the last one that is known.")]
_JOBS = "/v1/fine_tuning/jobs"
_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "purpose"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "purpose": {"type": "string", "enum": [PURPOSE]},
                    },
                }
            }
        },
    }
}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "As it was sent.", "content": {"application/octet-stream": {}}}
}


def add_openai_jobs(app: FastAPI, service: Service) -> None:
    """Add them to the application."""
    _add_files(app, Files(service.settings.files_path))
    _add_jobs(app, service, Files(service.settings.files_path))


def _add_files(app: FastAPI, files: Files) -> None:
    @app.post("/v1/files", tags=["files"], openapi_extra=_UPLOAD)
    async def upload(request: Request) -> FileOut:
        """Keep a file to learn from: JSON lines in OpenAI's chat format, or any that `jujube train` takes."""
        async with request.form(max_files=1, max_fields=10) as form:
            file, purpose = form.get("file"), form.get("purpose")
            if not isinstance(file, UploadFile):
                raise InputError('no file in the form: send it in a field named "file"')
            name = file.filename or "upload.jsonl"
            return file_out(await run_in_threadpool(files.add, name, file.file, str(purpose or "")))

    @app.get("/v1/files", tags=["files"])
    def list_(limit: Limit = 10_000, after: After = None, purpose: str | None = None) -> FilesOut:
        """What was sent, the latest first."""
        every = [file for file in files.list() if purpose in (None, file.purpose)]
        rows, more = _part(every, after, limit)
        ids = [file.id for file in rows]
        first, last = (ids[0], ids[-1]) if ids else (None, None)
        return FilesOut(data=[file_out(f) for f in rows], has_more=more, first_id=first, last_id=last)

    @app.get("/v1/files/{file_id}", tags=["files"])
    def show(file_id: str) -> FileOut:
        """One file, without its content."""
        return file_out(files.show(file_id))

    @app.get("/v1/files/{file_id}/content", tags=["files"], response_class=FileResponse, responses=_BYTES)
    def content(file_id: str) -> FileResponse:
        """A file as it was sent."""
        return FileResponse(files.content(file_id), media_type="application/octet-stream")

    @app.delete("/v1/files/{file_id}", tags=["files"])
    def delete(file_id: str) -> FileDeleted:
        """Forget a file; a training that was started with it goes on."""
        files.remove(file_id)
        return FileDeleted(id=file_id)


def _add_jobs(app: FastAPI, service: Service, files: Files) -> None:
    runner = service.jobs

    @app.post(_JOBS, tags=["retraining"], dependencies=[Depends(json_only)])
    def create(body: FineTuningRequest) -> FineTuningJob:
        """Train on a file of questions with answers, as OpenAI's clients ask for it."""
        refuse_folder(service.settings, body.model)
        with copies_below(service.settings.jobs_path) as copies:
            return fine_tuning_job(runner, start(runner, files, body, copies))

    @app.get(_JOBS, tags=["retraining"])
    def list_(limit: Limit = 20, after: After = None) -> FineTuningJobs:
        """All trainings, the latest first."""
        rows, more = _part(list(runner.jobs.list()), after, limit)
        return FineTuningJobs(data=[fine_tuning_job(runner, job) for job in rows], has_more=more)

    @app.get(_JOBS + "/{job_id}", tags=["retraining"])
    def show(job_id: str) -> FineTuningJob:
        """How a training stands."""
        return fine_tuning_job(runner, runner.jobs.show(job_id))

    @app.post(_JOBS + "/{job_id}/cancel", tags=["retraining"])
    def cancel(job_id: str) -> FineTuningJob:
        """End a training: at once if it waits, after its step if it runs."""
        return fine_tuning_job(runner, runner.cancel(job_id))

    @app.post(_JOBS + "/{job_id}/resume", tags=["retraining"])
    def resume(job_id: str) -> FineTuningJob:
        """Queue a training that was cancelled or failed, to go on from its last checkpoint."""
        return fine_tuning_job(runner, runner.resume(job_id))

    @app.get(_JOBS + "/{job_id}/events", tags=["retraining"])
    def events(job_id: str, limit: Limit = 20, after: After = None) -> FineTuningEvents:
        """What a training told, the latest first."""
        job = runner.jobs.show(job_id)
        told = [fine_tuning_event(job, event) for event in runner.log(job_id).read()][::-1]
        rows, more = _part(told, after, limit)
        return FineTuningEvents(data=rows, has_more=more)


def _part(rows: list[Any], after: str | None, limit: int) -> tuple[list[Any], bool]:
    """At most `limit` of what comes after an id, and whether there is more."""
    if after is not None:
        places = [number for number, row in enumerate(rows) if row.id == after]
        if not places:
            raise NotFound(f"after={after!r} names nothing in this list")
        rows = rows[places[0] + 1 :]
    return rows[:limit], len(rows) > limit
