"""Retraining over HTTP, on the command line and in `--json`: what is asked for, how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.job_log import Logged
from api.jobs import JobRunner
from index.feedback import Remark
from index.jobs import Job

Number = Annotated[float, Field(allow_inf_nan=False)]


class TrainIn(BaseModel):
    """How the weights are changed; what is unset stays as `finetune.options.TrainOptions` has it."""

    model_config = ConfigDict(extra="forbid")
    method: Annotated[
        Literal["lora", "frozen", "full"] | None,
        Field(description="lora: adapters on every linear layer; frozen: the last layers; full: everything."),
    ] = None
    learning_rate: Annotated[Number | None, Field(gt=0, le=1)] = None
    epochs: Annotated[Number | None, Field(gt=0, le=1000, description="Times that all is learnt.")] = None
    batch: Annotated[int | None, Field(ge=1, le=4096, description="Examples a step.")] = None
    rank: Annotated[int | None, Field(ge=1, le=1024, description="Of lora.")] = None
    last_layers: Annotated[int | None, Field(ge=1, le=1000, description="That frozen trains.")] = None
    warmup: Annotated[Number | None, Field(ge=0, lt=1)] = None
    weight_decay: Annotated[Number | None, Field(ge=0, le=10)] = None
    patience: Annotated[
        int | None, Field(ge=0, le=1000, description="Validations without a better loss; 0: no early stop.")
    ] = None
    seed: Annotated[int | None, Field(ge=0, lt=2**63)] = None


class PlanIn(BaseModel):
    """A retraining, but for its files."""

    model_config = ConfigDict(extra="forbid")
    recipe: Annotated[
        Literal["text", "qa", "raft"],
        Field(
            description="text: the documents' own words; qa: your questions, answered; raft: questions made "
            "from the index."
        ),
    ]
    base: Annotated[
        str,
        Field(max_length=300, description="A version, embedded, or a hub id; empty: what answers now."),
    ] = ""
    name: Annotated[str, Field(max_length=100, description="Of the version; empty: made up.")] = ""
    questions: Annotated[int | None, Field(ge=1, le=1_000_000, description="That raft makes, at most.")] = (
        None
    )
    minutes: Annotated[
        Number, Field(ge=0, le=100_000, description="Of training at most; 0: as long as it takes.")
    ] = 0
    search_minutes: Annotated[
        Number, Field(ge=0, le=100_000, description="For a search of hyper-parameters before it; 0: none.")
    ] = 0
    activate: Annotated[bool, Field(description="Answer with the version from then on, if it is better.")] = (
        False
    )
    train: TrainIn = TrainIn()

    def plan(self, files: list[str], data: str = "", exam: list[str] | None = None) -> dict[str, Any]:
        """As `finetune.plan.Plan.from_json` takes it."""
        more = {} if self.questions is None else {"questions": self.questions}
        return {
            "recipe": self.recipe,
            "base": self.base,
            "name": self.name,
            "files": files,
            "data": data,
            "exam": exam or [],
            "seconds": self.minutes * 60,
            "search_seconds": self.search_minutes * 60,
            "activate": self.activate,
            "train": self.train.model_dump(exclude_none=True),
            **more,
        }


class JobRequest(PlanIn):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"recipe": "raft", "questions": 400, "activate": True},
                {"recipe": "qa", "files": ["file-3f9a1c2e77aa"], "train": {"method": "full", "epochs": 3}},
            ]
        },
    )
    files: Annotated[
        list[Annotated[str, Field(max_length=100)]],
        Field(max_length=100, description="Ids of files sent to /v1/files: questions, or texts."),
    ] = []
    exam: Annotated[
        list[Annotated[str, Field(max_length=100)]],
        Field(max_length=100, description="Ids of files of questions that are never learnt and judge it."),
    ] = []
    data: Annotated[
        str, Field(max_length=100, description="Id of a job whose data set is learnt again, as it is now.")
    ] = ""


class Fault(BaseModel):
    code: str
    message: str


class ProgressOut(BaseModel):
    stage: Annotated[str, Field(description="What is being done.")]
    step: int | None
    steps: int | None
    loss: float | None
    tokens_per_second: float | None
    seconds_left: float | None


class JobOut(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "ftjob-3f9a1c2e77",
                    "status": "running",
                    "recipe": "raft",
                    "base": "embedded",
                    "version": None,
                    "reasons": [],
                    "error": None,
                    "progress": {
                        "stage": "training",
                        "step": 12,
                        "steps": 100,
                        "loss": 1.25,
                        "tokens_per_second": 610.0,
                        "seconds_left": 180.0,
                    },
                    "attempts": 1,
                    "created_at": "2026-11-26T08:00:00.000+00:00",
                    "updated_at": "2026-11-26T08:00:01.000+00:00",
                    "report": False,
                    "plan": {"recipe": "raft"},
                }
            ]
        }
    )
    id: str
    status: Literal["queued", "running", "succeeded", "not_better", "failed", "cancelled"]
    recipe: str
    base: Annotated[str, Field(description="Empty until it has begun, where what answers then is trained.")]
    version: Annotated[str | None, Field(description="That was published.")]
    reasons: Annotated[list[str], Field(description="Why it was published, or was not.")]
    error: Fault | None
    progress: ProgressOut
    attempts: Annotated[int, Field(description="How often it was begun since it last got further.")]
    created_at: str
    updated_at: str
    report: Annotated[bool, Field(description="Whether there is one at .../report.")]
    plan: dict[str, Any]


class JobsOut(BaseModel):
    jobs: list[JobOut]


class EventOut(BaseModel):
    number: Annotated[int, Field(description="Grows; `after` takes it.")]
    at: str
    kind: str
    message: str
    data: dict[str, Any]


class EventsOut(BaseModel):
    events: list[EventOut]
    status: str


class FeedbackIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "question": "年假有几天？",
                    "answer": "二十天",
                    "verdict": "wrong",
                    "right_answer": "二十五天",
                }
            ]
        },
    )
    question: Annotated[str, Field(max_length=2000)]
    verdict: Literal["right", "wrong"]
    answer: Annotated[str, Field(max_length=20_000, description="That was given.")] = ""
    right_answer: Annotated[
        str | None,
        Field(max_length=20_000, description="Unset: not known; empty: the documents do not say it."),
    ] = None
    document_id: Annotated[str, Field(max_length=4000, description="Where the right answer stands.")] = ""
    passage: Annotated[str, Field(max_length=100_000, description="The words around it.")] = ""
    model_version: Annotated[str, Field(max_length=300, description="As the answer named it.")] = ""

    def remark(self) -> Remark:
        return Remark(**self.model_dump())


class FeedbackOut(FeedbackIn):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": []})
    id: int
    created_at: str


class FeedbackList(BaseModel):
    feedback: list[FeedbackOut]
    total: int


def job_out(runner: JobRunner, job: Job) -> JobOut:
    plan, error = job.detail.get("plan", {}), job.detail.get("error")
    folder = runner.folder(job.id)
    return JobOut(
        id=job.id,
        status=job.status,
        recipe=str(plan.get("recipe", "")),
        base=str(job.detail.get("base") or plan.get("base", "")),
        version=job.detail.get("version"),
        reasons=list(job.detail.get("reasons") or ()),
        error=Fault(**error) if error else None,
        progress=progress_of(runner.log(job.id).tail()),
        attempts=job.attempts,
        created_at=job.created_at,
        updated_at=job.updated_at,
        report=(folder / "report.html").is_file(),
        plan=dict(plan),
    )


def progress_of(told: list[Logged]) -> ProgressOut:
    """What the latest events say."""
    stage = next((one.message for one in reversed(told) if one.kind == "stage"), "")
    steps = (
        one for one in reversed(told) if one.kind == "stage" or (one.kind == "step" and "of" in one.data)
    )
    step: Mapping[str, Any] = next((one.data for one in steps), {})
    return ProgressOut(
        stage=stage,
        step=step.get("number", step.get("done")),
        steps=step.get("of"),
        loss=step.get("loss"),
        tokens_per_second=step.get("tokens_per_second"),
        seconds_left=step.get("seconds_left"),
    )


def event_out(event: Logged) -> EventOut:
    return EventOut(
        number=event.number, at=event.at, kind=event.kind, message=event.message, data=dict(event.data)
    )


def feedback_out(remark: Remark) -> FeedbackOut:
    return FeedbackOut(**{name: getattr(remark, name) for name in FeedbackOut.model_fields})
