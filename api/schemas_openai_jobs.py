"""Retraining in the shapes of OpenAI's API, so that its clients work as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.chat_rows import read_rows
from api.files import Files, StoredFile
from api.job_log import Logged
from api.jobs import JobRunner
from finetune.options import TrainOptions
from index.errors import InputError
from index.jobs import Job

Auto = Literal["auto"]
_SHAPE = "openai"
"""Where in a job's detail stands what this API gives back as it came."""


class Hyperparameters(BaseModel):
    n_epochs: Auto | Annotated[float, Field(gt=0, le=1000)] = "auto"
    learning_rate_multiplier: Auto | Annotated[float, Field(gt=0, le=1000)] = "auto"
    batch_size: Auto | Annotated[int, Field(ge=1, le=4096)] = "auto"


class Supervised(BaseModel):
    hyperparameters: Hyperparameters = Hyperparameters()


class Method(BaseModel):
    type: Annotated[str, Field(description='Only "supervised".')]
    supervised: Supervised = Supervised()


class FineTuningRequest(BaseModel):
    """As OpenAI's clients send it; what does not apply here is ignored, or refused where it would matter."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={"examples": [{"model": "embedded", "training_file": "file-3f9a1c2e77aa"}]},
    )
    model: Annotated[
        str,
        Field(max_length=300, description='A version, "embedded", a hub id, or "active": what answers now.'),
    ]
    training_file: Annotated[str, Field(max_length=100)]
    validation_file: Annotated[
        str | None, Field(max_length=100, description="Never learnt: the exam before and after.")
    ] = None
    hyperparameters: Hyperparameters | None = None
    method: Method | None = None
    seed: Annotated[int | None, Field(ge=0, lt=2**31)] = None
    suffix: Annotated[str | None, Field(max_length=64, description="Of the version's name.")] = None
    metadata: Annotated[dict[str, str] | None, Field(max_length=16)] = None

    @property
    def chosen(self) -> Hyperparameters:
        if self.method is None:
            return self.hyperparameters or Hyperparameters()
        if self.method.type != "supervised":
            raise InputError(f'method {self.method.type!r}: only "supervised" is done here')
        return self.method.supervised.hyperparameters


class FileOut(BaseModel):
    id: str
    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    filename: str
    purpose: str
    status: Literal["processed"] = "processed"


class FilesOut(BaseModel):
    object: Literal["list"] = "list"
    data: list[FileOut]
    has_more: bool
    first_id: str | None
    last_id: str | None


class FileDeleted(BaseModel):
    id: str
    object: Literal["file"] = "file"
    deleted: bool = True


class FineTuningError(BaseModel):
    code: str
    message: str
    param: str | None = None


class FineTuningJob(BaseModel):
    id: str
    object: Literal["fine_tuning.job"] = "fine_tuning.job"
    created_at: int
    finished_at: int | None
    model: str
    fine_tuned_model: str | None
    organization_id: str = "local"
    status: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    hyperparameters: Hyperparameters
    method: Method
    training_file: str
    validation_file: str | None
    result_files: list[str] = []
    trained_tokens: int | None
    error: FineTuningError | None
    seed: int
    estimated_finish: int | None
    integrations: list[Any] = []
    metadata: dict[str, str] | None = None


class FineTuningJobs(BaseModel):
    object: Literal["list"] = "list"
    data: list[FineTuningJob]
    has_more: bool


class FineTuningEvent(BaseModel):
    id: str
    object: Literal["fine_tuning.job.event"] = "fine_tuning.job.event"
    created_at: int
    level: Literal["info", "warn", "error"]
    message: str
    type: Literal["message", "metrics"]
    data: dict[str, Any]


class FineTuningEvents(BaseModel):
    object: Literal["list"] = "list"
    data: list[FineTuningEvent]
    has_more: bool


def start(runner: JobRunner, files: Files, body: FineTuningRequest, folder: Path) -> Job:
    """Create the job: the chat format becomes questions with passages, in a file of the job's own.

    Args:
        folder: below which that file goes.

    Raises:
        InputError: a line of a file cannot be learnt; names it.
    """
    chosen = body.chosen
    default = TrainOptions()
    train: dict[str, Any] = {}
    if chosen.n_epochs != "auto":
        train["epochs"] = chosen.n_epochs
    if chosen.batch_size != "auto":
        train["batch"] = chosen.batch_size
    if chosen.learning_rate_multiplier != "auto":
        train["learning_rate"] = default.learning_rate * chosen.learning_rate_multiplier
    if body.seed is not None:
        train["seed"] = body.seed
    learnt = write_rows(files, body.training_file, folder)
    exam = [write_rows(files, body.validation_file, folder)] if body.validation_file else []
    plan = {
        "recipe": "qa",
        "base": "" if body.model == "active" else body.model,
        "name": body.suffix or "",
        "files": [str(learnt)],
        "exam": [str(one) for one in exam],
        "train": train,
    }
    given = body.model_dump(include={"model", "training_file", "validation_file", "metadata"})
    return runner.create(plan, **{_SHAPE: {**given, "hyperparameters": chosen.model_dump()}})


def write_rows(files: Files, file_id: str, folder: Path) -> Path:
    """A stored file as JSON lines of questions."""
    rows = [
        json.dumps(row, ensure_ascii=False)
        for row in read_rows(files.content(file_id), files.show(file_id).filename)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{file_id}.jsonl"
    target.write_text("\n".join(rows) + "\n", "utf-8")
    return target


def file_out(file: StoredFile) -> FileOut:
    return FileOut(
        id=file.id, bytes=file.bytes, created_at=file.created_at, filename=file.filename, purpose=file.purpose
    )


def fine_tuning_job(runner: JobRunner, job: Job) -> FineTuningJob:
    """Any training in this shape, however it was started."""
    plan, given = job.detail.get("plan", {}), job.detail.get(_SHAPE, {})
    options = plan.get("train", {})
    chosen = Hyperparameters(**given.get("hyperparameters", {}))
    told = runner.log(job.id).tail()
    step: Mapping[str, Any] = next((one.data for one in reversed(told) if one.kind == "step"), {})
    tokens = step.get("tokens") if job.ended else None
    left = step.get("seconds_left") if job.status == "running" else None
    error = job.detail.get("error")
    if job.status == "not_better":
        reasons = "; ".join(job.detail.get("reasons") or ())
        error = {"code": "not_better", "message": f"no version was published: {reasons}"}
    return FineTuningJob(
        id=job.id,
        created_at=_seconds(job.created_at),
        finished_at=_seconds(job.updated_at) if job.ended else None,
        model=given.get("model") or job.detail.get("base") or plan.get("base") or "active",
        fine_tuned_model=job.detail.get("version"),
        status="failed" if job.status == "not_better" else job.status,
        hyperparameters=chosen,
        method=Method(type="supervised", supervised=Supervised(hyperparameters=chosen)),
        training_file=given.get("training_file") or plan.get("recipe", ""),
        validation_file=given.get("validation_file"),
        trained_tokens=tokens if isinstance(tokens, int) else None,
        error=FineTuningError(**error) if error else None,
        seed=options.get("seed", TrainOptions().seed),
        estimated_finish=_seconds(told[-1].at) + int(left) if left is not None else None,
        metadata=given.get("metadata"),
    )


def fine_tuning_event(job: Job, event: Logged) -> FineTuningEvent:
    failed = event.kind == "warning" and "code" in event.data
    metrics: dict[str, Any] = dict(event.data)
    if event.kind == "step":
        metrics |= {"step": metrics.get("number"), "train_loss": metrics.get("loss")}
    return FineTuningEvent(
        id=f"{job.id}-{event.number}",
        created_at=_seconds(event.at),
        level="error" if failed else "warn" if event.kind == "warning" else "info",
        message=event.message,
        type="metrics" if event.kind in ("step", "validation") else "message",
        data=metrics,
    )


def _seconds(iso: str) -> int:
    return int(datetime.fromisoformat(iso).timestamp())
