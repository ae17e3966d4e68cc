"""Retraining over HTTP: our own routes, and OpenAI's with its own client; the training only counts."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai.types.fine_tuning import FineTuningJob

from api import jobs as api_jobs
from api.chat_rows import read_rows
from api.files import COPIES, Files
from api.schemas_finetune import JobRequest, PlanIn, TrainIn
from api.service import Service
from finetune.options import TrainOptions
from finetune.plan import RECIPES, Plan
from index.errors import InputError

Until = Callable[..., None]
PASSAGE = "Staff have 25 days of leave. Ask Maria Lopez in Lisbon."


@pytest.fixture
def http(
    service: Service, documents: Path, serving: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[httpx.Client]:
    """A server with documents, whose trainings only count."""
    monkeypatch.setattr(api_jobs, "_EVERY_SECONDS", 0.1)
    toy = Path(__file__).parent / "toy_training.py"
    service.jobs._command = (sys.executable, str(toy))
    service.add_paths([documents])
    with serving(service) as client:
        yield client
        for job in service.jobs.jobs.list():
            service.jobs.cancel(job.id)
        wait = time.monotonic() + 30
        while service.jobs.jobs.list(status="running") and time.monotonic() < wait:
            time.sleep(0.1)


@pytest.fixture
def client(http: httpx.Client) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        api_key="none",
        base_url=f"{http.base_url}/v1",
        max_retries=0,
        http_client=httpx.Client(trust_env=False),
    ) as made:
        yield made


def chat(*turns: tuple[str, str]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": text} for role, text in turns]}


def lines(*rows: Any) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def ended(http: httpx.Client, job_id: str, until: Until) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def done() -> bool:
        found.update(http.get(f"/v1/finetune/jobs/{job_id}").json())
        return found["status"] not in ("queued", "running")

    until(done)
    return found


def streamed(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in response.iter_lines():
        key, _, value = line.partition(": ")
        if key == "event":
            name = value
        elif key == "data":
            yield name, json.loads(value)


# -- our own routes ------------------------------------------------------------------------------------


def test_a_training_from_first_to_last_while_questions_go_on(http: httpx.Client, until: Until) -> None:
    body = {"recipe": "raft", "name": "steps-4", "train": {"epochs": 2}}
    made = http.post("/v1/finetune/jobs", json=body).json()
    assert (made["status"], made["recipe"], made["plan"]["train"]) == ("queued", "raft", {"epochs": 2})
    with http.stream("GET", f"/v1/finetune/jobs/{made['id']}/events?stream=true") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        told = list(streamed(response))
    assert [data["kind"] for name, data in told if name == "event"] == [
        *("stage", "stage", "step", "step", "step", "step", "outcome")
    ]
    (name, done) = told[-1]
    assert (name, done["status"], done["version"], done["report"]) == ("job", "succeeded", "steps-4", True)
    assert done["progress"]["step"] == done["progress"]["steps"] == 4
    assert ended(http, made["id"], until) == done
    events = http.get(f"/v1/finetune/jobs/{made['id']}/events").json()
    assert [event for _, event in told[:-1]] == events["events"]
    after = events["events"][2]["number"]
    part = http.get(f"/v1/finetune/jobs/{made['id']}/events", params={"after": after}).json()
    assert part["events"] == events["events"][3:]
    assert "报告" in http.get(f"/v1/finetune/jobs/{made['id']}/report").text
    assert [job["id"] for job in http.get("/v1/finetune/jobs").json()["jobs"]] == [made["id"]]
    assert http.post("/v1/ask", json={"question": "How many days of leave?"}).status_code == 200


def test_cancel_and_resume(http: httpx.Client, until: Until) -> None:
    first = http.post("/v1/finetune/jobs", json={"recipe": "raft", "name": "slow"}).json()
    second = http.post("/v1/finetune/jobs", json={"recipe": "text", "name": "steps-3"}).json()
    until(lambda: http.get(f"/v1/finetune/jobs/{first['id']}").json()["progress"]["step"])
    assert http.get(f"/v1/finetune/jobs/{second['id']}").json()["status"] == "queued"
    assert http.post(f"/v1/finetune/jobs/{second['id']}/cancel").json()["status"] == "cancelled"
    http.post(f"/v1/finetune/jobs/{first['id']}/cancel")
    assert ended(http, first["id"], until)["status"] == "cancelled"
    assert http.post(f"/v1/finetune/jobs/{second['id']}/resume").json()["status"] in ("queued", "running")
    assert ended(http, second["id"], until)["status"] == "succeeded"
    refused = http.post(f"/v1/finetune/jobs/{second['id']}/resume")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_input")


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"recipe": "rafts"}, 422, "raft"),
        ({"recipe": "qa"}, 422, "name a file"),
        ({"recipe": "qa", "files": ["file-000000000000"]}, 404, "no file"),
        ({"recipe": "qa", "files": ["../../etc/passwd"]}, 404, "no file"),
        ({"recipe": "raft", "exam": ["../../etc/passwd"]}, 404, "no file"),
        ({"recipe": "raft", "data": "ftjob-none"}, 404, "no job"),
        ({"recipe": "raft", "base": "/etc"}, 422, "name a version"),
        ({"recipe": "raft", "base": "tests"}, 422, "name a version"),
        ({"recipe": "raft", "base": "no-such-version"}, 200, ""),
        ({"recipe": "raft", "name": "../x"}, 422, "cannot name a version"),
        ({"recipe": "raft", "train": {"epochs": 0}}, 422, "greater than 0"),
        ({"recipe": "raft", "train": {"learning_rate": 2}}, 422, "less than or equal to 1"),
        ({"recipe": "raft", "surprise": 1}, 422, "surprise"),
    ],
)
def test_what_is_asked_for_is_checked(
    http: httpx.Client, body: dict[str, Any], status: int, words: str
) -> None:
    answer = http.post("/v1/finetune/jobs", json=body)
    assert answer.status_code == status, answer.text
    assert words in answer.text


def test_a_job_that_is_refused_leaves_no_copies(
    http: httpx.Client, client: openai.OpenAI, service: Service
) -> None:
    row = lines({"question": "Who?", "context": "Ada did.", "answer": "Ada"})
    file = client.files.create(file=("t.jsonl", row), purpose="fine-tune").id
    turns = lines(chat(("user", "Context: Ada did.\nQuestion: Who?"), ("assistant", "Ada")))
    chats = client.files.create(file=("t.jsonl", turns), purpose="fine-tune").id
    for more in ({"name": "../x"}, {"data": "ftjob-none"}, {"files": [file, "file-none"]}):
        answer = http.post("/v1/finetune/jobs", json={"recipe": "qa", "files": [file], **more})
        assert answer.status_code in (404, 422), answer.text
    with pytest.raises(openai.NotFoundError, match="no file"):
        client.fine_tuning.jobs.create(model="active", training_file=chats, validation_file="file-none")
    copies = service.settings.jobs_path / COPIES
    assert not copies.exists() or not list(copies.iterdir())


@pytest.mark.parametrize("path", ["", "/events", "/events?stream=true", "/report"])
def test_a_job_that_is_not_there(http: httpx.Client, path: str) -> None:
    answer = http.get(f"/v1/finetune/jobs/ftjob-none{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_who_follows_and_goes_away_costs_nothing(http: httpx.Client, until: Until) -> None:
    made = http.post("/v1/finetune/jobs", json={"recipe": "raft", "name": "slow"}).json()
    before = threading.active_count()
    for _ in range(5):
        with http.stream("GET", f"/v1/finetune/jobs/{made['id']}/events?stream=true") as response:
            next(streamed(response))
    assert http.get("/healthz").status_code == 200
    assert threading.active_count() <= before + 5


def test_the_plan_is_one_that_training_takes() -> None:
    assert set(TrainIn.model_fields) <= {*TrainOptions.__dataclass_fields__}
    assert set(PlanIn.model_fields["recipe"].annotation.__args__) == set(RECIPES)  # type: ignore[union-attr]
    for example in JobRequest.model_json_schema()["examples"]:
        body = JobRequest.model_validate(example)
        plan = Plan.from_json(body.plan(["a.jsonl"]))
        assert (plan.recipe, plan.files) == (body.recipe, ("a.jsonl",))
        assert Plan.from_json(plan.to_json()) == plan
    given = PlanIn(recipe="raft", minutes=2, search_minutes=1, train=TrainIn(method="full", rank=8))
    plan = Plan.from_json(given.plan([]))
    assert (plan.seconds, plan.search_seconds, plan.train.method, plan.train.rank) == (120, 60, "full", 8)
    assert plan.train.epochs == TrainOptions().epochs


# -- feedback ------------------------------------------------------------------------------------------


def test_feedback_is_kept_listed_and_forgotten(http: httpx.Client) -> None:
    body = {"question": "年假有几天？", "answer": "二十天", "verdict": "wrong", "right_answer": "二十五天"}
    made = http.post("/v1/feedback", json=body).json()
    assert made == {
        **body,
        "id": 1,
        "document_id": "",
        "passage": "",
        "model_version": "",
        "created_at": made["created_at"],
    }
    http.post("/v1/feedback", json={"question": "q", "verdict": "right"})
    listed = http.get("/v1/feedback", params={"limit": 1}).json()
    assert ([one["id"] for one in listed["feedback"]], listed["total"]) == ([2], 2)
    assert http.delete("/v1/feedback/1").json() == {"removed": 1}
    assert http.delete("/v1/feedback/1").status_code == 404
    for bad in ({"question": "q"}, {"question": " ", "verdict": "wrong"}, {**body, "verdict": "maybe"}):
        assert http.post("/v1/feedback", json=bad).status_code == 422


# -- OpenAI's client -----------------------------------------------------------------------------------


def test_files_with_the_openai_client(client: openai.OpenAI) -> None:
    content = lines(chat(("user", "年假有几天？"), ("assistant", "二十五天")))
    made = client.files.create(file=("问答.jsonl", content), purpose="fine-tune")
    assert (made.object, made.bytes, made.filename, made.status) == (
        *("file", len(content), "问答.jsonl", "processed"),
    )
    other = client.files.create(file=("../../b.csv", b"question,answer\n"), purpose="fine-tune")
    assert other.filename == "b.csv"
    assert {file.id for file in client.files.list()} == {made.id, other.id}
    assert client.files.retrieve(made.id) == made
    assert client.files.content(made.id).content == content
    assert client.files.delete(made.id).deleted is True
    with pytest.raises(openai.NotFoundError, match="no file"):
        client.files.retrieve(made.id)
    with pytest.raises(openai.UnprocessableEntityError, match="purpose"):
        client.files.create(file=("a.jsonl", content), purpose="batch")
    with pytest.raises(openai.UnprocessableEntityError, match="empty"):
        client.files.create(file=("a.jsonl", b""), purpose="fine-tune")


def finished(client: openai.OpenAI, job_id: str, until: Until) -> FineTuningJob:
    until(lambda: client.fine_tuning.jobs.retrieve(job_id).status not in ("queued", "running"))
    return client.fine_tuning.jobs.retrieve(job_id)


def test_a_training_with_the_openai_client(
    client: openai.OpenAI, http: httpx.Client, service: Service, until: Until
) -> None:
    rows = [chat(("system", PASSAGE), ("user", "How many days of leave?"), ("assistant", "25 days"))]
    file = client.files.create(file=("train.jsonl", lines(*rows)), purpose="fine-tune")
    held = client.files.create(file=("exam.jsonl", lines(*rows)), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(
        model="active",
        training_file=file.id,
        validation_file=held.id,
        method={
            "type": "supervised",
            "supervised": {"hyperparameters": {"n_epochs": 2, "learning_rate_multiplier": 0.5}},
        },
        seed=7,
        suffix="steps-5",
        metadata={"who": "me"},
    )
    assert (job.object, job.status, job.fine_tuned_model, job.error) == (
        "fine_tuning.job",
        "queued",
        None,
        None,
    )
    assert (job.seed, job.training_file, job.metadata) == (7, file.id, {"who": "me"})
    assert (job.hyperparameters.n_epochs, job.hyperparameters.batch_size) == (2, "auto")
    done = finished(client, job.id, until)
    assert (done.status, done.fine_tuned_model, done.trained_tokens) == ("succeeded", "steps-5", 50)
    assert done.finished_at is not None
    assert done.finished_at >= done.created_at
    plan = http.get(f"/v1/finetune/jobs/{job.id}").json()["plan"]
    assert plan["train"] == {"epochs": 2, "learning_rate": TrainOptions().learning_rate * 0.5, "seed": 7}
    for copy in (*plan["files"], *plan["exam"]):
        until(lambda copy=copy: not Path(copy).exists())  # what was learnt from it is in the data set
    events = list(client.fine_tuning.jobs.list_events(job.id, limit=3))
    assert len(events) == 8  # by pages
    assert events[0].message == "version steps-5"
    metrics = [event for event in events if event.type == "metrics"]
    assert [event.data["train_loss"] for event in metrics][::-1] == [1 / n for n in range(1, 6)]
    assert (len(plan["files"]), len(plan["exam"]), done.validation_file) == (1, 1, held.id)
    assert [one.id for one in client.fine_tuning.jobs.list()] == [job.id]


def test_ends_that_are_no_success_with_the_openai_client(client: openai.OpenAI, until: Until) -> None:
    file = client.files.create(
        file=("a.jsonl", lines({"question": "q", "answers": ["a"]})), purpose="fine-tune"
    )
    start = client.fine_tuning.jobs.create
    worse = start(model="active", training_file=file.id, suffix="worse")
    refuse = start(model="active", training_file=file.id, suffix="refuse")
    slow = start(model="active", training_file=file.id, suffix="slow")
    assert client.fine_tuning.jobs.cancel(slow.id).status == "cancelled"
    assert client.fine_tuning.jobs.resume(slow.id).status == "queued"
    assert client.fine_tuning.jobs.cancel(slow.id).status == "cancelled"
    done = finished(client, worse.id, until)
    assert (done.status, done.fine_tuned_model) == ("failed", None)
    assert done.error is not None
    assert (done.error.code, done.error.message) == ("not_better", "no version was published: EM -2.0")
    failed = finished(client, refuse.id, until)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == ("failed", "invalid_input")
    (last, *_) = client.fine_tuning.jobs.list_events(refuse.id)
    assert (last.level, "没有可学的" in last.message) == ("error", True)


def test_what_the_openai_client_asks_for_is_checked(client: openai.OpenAI) -> None:
    start = client.fine_tuning.jobs.create
    with pytest.raises(openai.NotFoundError, match="no file"):
        start(model="active", training_file="file-none")
    many = chat(("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d"))
    file = client.files.create(
        file=("t.jsonl", lines(chat(("user", "a"), ("assistant", "b")), many)), purpose="fine-tune"
    )
    with pytest.raises(
        openai.UnprocessableEntityError, match=r"t\.jsonl, line 2: has to have one user message"
    ):
        start(model="active", training_file=file.id)
    with pytest.raises(openai.UnprocessableEntityError, match="supervised"):
        start(model="active", training_file=file.id, method={"type": "dpo"})
    with pytest.raises(openai.UnprocessableEntityError, match="name a version"):
        start(model="../secret", training_file=file.id)
    with pytest.raises(openai.NotFoundError):
        client.fine_tuning.jobs.retrieve("ftjob-none")
    with pytest.raises(openai.NotFoundError):
        client.fine_tuning.jobs.list_events("ftjob-none")


# -- the chat format -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turns", "row"),
    [
        (
            [
                ("user", f"Passage 1: {PASSAGE}\nQuestion: How many days?\nAnswer:"),
                ("assistant", " 25 days "),
            ],
            {"question": "How many days?", "answers": ["25 days"], "context": PASSAGE},
        ),
        (
            [("user", "资料：员工每年有二十五天年假。\n问题：年假有几天？"), ("assistant", "二十五天")],
            {"question": "年假有几天？", "answers": ["二十五天"], "context": "员工每年有二十五天年假。"},
        ),
        (
            [("user", f"Question: How many days?\nContext: {PASSAGE}"), ("assistant", "25 days")],
            {"question": "How many days?", "answers": ["25 days"], "context": PASSAGE},
        ),
        (
            [
                ("system", "Answer briefly."),
                ("user", f"{PASSAGE}\n\nHow many days?"),
                ("assistant", "25 days"),
            ],
            {"question": "How many days?", "answers": ["25 days"], "context": PASSAGE},
        ),
        (
            [("system", PASSAGE), ("user", "How many days?"), ("assistant", "25 days")],
            {"question": "How many days?", "answers": ["25 days"], "context": PASSAGE},
        ),
        (
            [("system", "You are helpful."), ("user", "How many days?"), ("assistant", "25 days")],
            {"question": "How many days?", "answers": ["25 days"]},
        ),
        (
            [("user", f"Passage: {PASSAGE}\nQuestion: Who is the king?"), ("assistant", "I don't know.")],
            {"question": "Who is the king?", "answers": [], "context": PASSAGE},
        ),
        ([("user", "国王是谁？"), ("assistant", "我不知道。")], {"question": "国王是谁？", "answers": []}),
    ],
)
def test_a_chat_becomes_a_question_with_its_passage(tmp_path: Path, turns: Any, row: dict[str, Any]) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + lines(chat(*turns)) + b"\n\n")
    assert list(read_rows(file, "a.jsonl")) == [{"id": "1", **row}]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("[1]", "needs"),
        ('{"prompt": "a"}', "needs"),
        ('{"messages": []}', "one user message"),
        ('{"messages": [{"role": "tool", "content": "x"}]}', "'tool'"),
        ('{"messages": [{"role": "user", "content": null}]}', "no text"),
        ('{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}', "no text"),
        (
            '{"messages": [{"role": "assistant", "content": "x"}, {"role": "user", "content": "y"}]}',
            "end with the assistant",
        ),
    ],
)
def test_a_line_that_cannot_be_learnt_is_named(tmp_path: Path, line: str, words: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"question": "q", "answers": ["a"]}\n' + line, "utf-8")
    with pytest.raises(InputError, match=r"训练\.jsonl, line 2: ") as caught:
        list(read_rows(file, "训练.jsonl"))
    assert words in str(caught.value)
    file.write_text("\n", "utf-8")
    with pytest.raises(InputError, match="is empty"):
        list(read_rows(file, "a.jsonl"))


def test_a_file_that_was_not_wholly_kept_is_not_there(tmp_path: Path) -> None:
    files = Files(tmp_path / "files")
    assert files.list() == []

    class Broken:
        def read(self, _: int) -> bytes:
            raise OSError(28, "No space left on device")

    with pytest.raises(Exception, match="No space left"):
        files.add("a.jsonl", Broken(), "fine-tune")  # type: ignore[arg-type]
    assert list((tmp_path / "files").iterdir()) == []
