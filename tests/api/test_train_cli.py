"""`jujube train`, `jobs`, `feedback`: for a person, for machines, and Ctrl-C; the training only counts."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api import jobs as api_jobs
from api.service import Service
from api.settings import Settings

Command = Callable[..., Any]
Until = Callable[..., None]
TOY = Path(__file__).parent / "toy_training.py"


@pytest.fixture
def jujube(jujube: Command, documents: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line over a collection of two documents, whose trainings only count."""
    monkeypatch.setattr(api_jobs, "WORK", (sys.executable, str(TOY)))
    assert jujube("add", documents).status == 0
    return jujube


def test_a_training_for_a_person(jujube: Command) -> None:
    ran = jujube("train", "raft", "--name", "steps-3")
    assert ran.status == 0, ran.err
    first, reason, report = ran.out.splitlines()
    assert (first, reason) == ("better: published as steps-3", "  EM +7.0")
    assert Path(report.removeprefix("report: ")).is_file()
    told = ran.err.splitlines()
    assert told[:3] == ["making the data set", "training", "step 1/3, loss 1.000, 100 tokens/s, 0:01 left"]
    assert told[-1] == "`jujube models activate steps-3` lets it answer"
    listed = jujube("jobs", "list").out.split("\t")
    assert listed[1:3] == ["succeeded", "raft"]
    assert jujube("jobs", "show").out == ran.out
    log = jujube("jobs", "log").out.splitlines()
    assert [line.split()[2] for line in log] == ["stage", "stage", "step", "step", "step", "outcome"]


def test_an_exam_of_my_own(jujube: Command, tmp_path: Path) -> None:
    exam = tmp_path / "exam.jsonl"
    exam.write_text('{"question": "How many days of leave?", "answers": ["25 days"]}', "utf-8")
    job = jujube("train", "raft", "--name", "steps-3", "--exam", exam, "--json").json
    assert job["plan"]["exam"] == [str(exam)]
    missing = jujube("train", "raft", "--exam", tmp_path / "gone.jsonl")
    assert missing.status == 1
    assert "gone.jsonl: no such file" in missing.err
    data = tmp_path / "data"
    assert jujube("train", "raft", "--exam", exam, "--prepare", "--data", data).status == 0
    (held,) = (data / "heldout.jsonl").read_text("utf-8").splitlines()
    assert json.loads(held)["question"] == "How many days of leave?"


def test_a_training_for_machines(jujube: Command) -> None:
    given = ("--method", "full", "--epochs", 2, "--batch", 4, "--seed", 9, "--minutes", 1.5, "--activate")
    ran = jujube("train", "text", "--name", "worse", "--questions", 7, *given, "--json")
    assert ran.status == 0
    job = ran.json
    assert (job["status"], job["reasons"], job["version"]) == ("not_better", ["EM -2.0"], None)
    assert job["plan"]["train"] == {"method": "full", "epochs": 2.0, "batch": 4, "seed": 9}
    assert (job["plan"]["seconds"], job["plan"]["activate"], job["plan"]["questions"]) == (90, True, 7)
    assert jujube("jobs", "list", "--json").json["id"] == job["id"]
    assert jujube("jobs", "show", job["id"], "--json").json == job
    events = [json.loads(line) for line in jujube("jobs", "log", job["id"], "--json").out.splitlines()]
    assert events[-1]["kind"] == "outcome"


def test_what_fails_is_told(jujube: Command) -> None:
    ran = jujube("train", "raft", "--name", "refuse")
    assert ran.status == 1
    assert ran.out == "failed: all examples are equal: 没有可学的\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rafts",), "recipe: Input should be 'text', 'qa' or 'raft'"),
        (("qa",), "name a file"),
        (("qa", "/no/such/file.jsonl"), "/no/such/file.jsonl: no such file"),
        (("raft", "--base", "./no-model"), "no model folder ./no-model"),
        (("raft", "--learning-rate", 0), "train.learning_rate"),
        (("raft", "--rank", 0), "train.rank"),
        (("raft", "--name", "a b"), "cannot name a version"),
        (("raft", "--prepare"), "--prepare needs --data"),
    ],
)
def test_what_cannot_be_done_is_refused_before_it_begins(
    jujube: Command, arguments: tuple[Any, ...], words: str
) -> None:
    ran = jujube("train", *arguments)
    assert (ran.status, ran.out) == (1, "")
    assert words in ran.err
    assert jujube("jobs", "list", "--json").out == ""


def test_no_job_yet(jujube: Command) -> None:
    assert "jujube train raft" in jujube("jobs", "list").err
    for command in ("show", "log", "cancel", "resume"):
        assert (jujube("jobs", command).status, jujube("jobs", command, "ftjob-none").status) == (1, 1)


def started(settings: Settings, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """The command line in a process of its own, whose trainings only count."""
    code = (
        f"import sys, api.jobs; api.jobs.WORK = (sys.executable, {str(TOY)!r}); "
        "from api.cli import main; main()"
    )
    names = ("home", "collection", "generator", "embedder", "extractor")
    given = {f"JUJUBE_{name.upper()}": str(getattr(settings, name)) for name in names}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env={**os.environ, **given}, **options)


def test_ctrl_c_stops_it_and_resume_goes_on(
    jujube: Command, settings: Settings, service: Service, until: Until
) -> None:
    process = started(settings, "train", "raft", "--name", "slow", stdout=-1, stderr=-1)
    until(lambda: service.jobs.jobs.list(status="running"))
    (job,) = service.jobs.jobs.list()
    until(lambda: len(service.jobs.log(job.id).read()) > 5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err.decode()
    assert out.decode() == f"cancelled; `jujube jobs resume {job.id}` goes on from its last checkpoint\n"
    assert "Traceback" not in err.decode()
    done = len(service.jobs.log(job.id).read())
    again = started(settings, "jobs", "resume", stdout=-1, stderr=-1)
    until(lambda: len(service.jobs.log(job.id).read()) > done + 3)
    assert jujube("jobs", "show").out.startswith(f"{job.id}: running, training: ")
    ran = jujube("jobs", "cancel", "--json")
    assert (ran.status, ran.json["status"]) == (0, "cancelled")
    out, _ = again.communicate(timeout=60)
    assert again.returncode == 130
    numbers = [e.data["number"] for e in service.jobs.log(job.id).read() if e.kind == "step"]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_live_line_in_a_terminal(jujube: Command, settings: Settings) -> None:
    del jujube  # it has made the collection
    ours, theirs = pty.openpty()
    process = started(settings, "train", "raft", "--name", "steps-3", stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            read = os.read(ours, 4096)
        except OSError:
            break
        shown += read
        if not read:
            break
    os.close(ours)
    assert process.wait(60) == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode("utf-8", "replace"))
    assert "3/3, loss 0.333, 100 tokens/s, 0:01 left" in plain
    assert "better: published as steps-3" in plain


def test_two_trainings_at_once_wait_for_each_other(
    jujube: Command, settings: Settings, service: Service, until: Until
) -> None:
    first = started(settings, "train", "raft", "--name", "slow", stdout=-1, stderr=-1)
    until(lambda: service.jobs.jobs.list(status="running"))
    (job,) = service.jobs.jobs.list()
    second = started(settings, "train", "raft", "--name", "steps-3", stdout=-1, stderr=-1)
    until(lambda: len(service.jobs.jobs.list()) == 2)
    time.sleep(1)
    assert [one.status for one in service.jobs.jobs.list()] == ["queued", "running"]
    jujube("jobs", "cancel", job.id)
    assert (first.wait(60), second.wait(60)) == (130, 0)
    _, err = second.communicate()
    assert f"{job.id} runs: " in err.decode()
    first.communicate()


# -- feedback ------------------------------------------------------------------------------------------


def test_feedback_from_first_to_last(jujube: Command, documents: Path) -> None:
    said = (
        "年假有几天？",
        "--wrong",
        "--answer",
        "二十五天",
        "--given",
        "二十天",
        "--document",
        documents / "年假.md",
    )
    kept = jujube("feedback", "add", *said, "--json").json
    assert (kept["question"], kept["verdict"], kept["right_answer"]) == ("年假有几天？", "wrong", "二十五天")
    assert kept["document_id"]
    assert jujube("feedback", "add", "Who is king?", "--wrong", "--silence").out == "kept as 2\n"
    assert "nothing can be learnt" in jujube("feedback", "add", "q", "--wrong").err
    assert jujube("feedback", "list").out.splitlines()[1:] == [
        "2\twrong\tWho is king?\t(silence)",
        "1\twrong\t年假有几天？\t二十五天",
    ]
    assert jujube("feedback", "remove", 2).out == "2 removed\n"
    assert [json.loads(line)["id"] for line in jujube("feedback", "list", "--json").out.splitlines()] == [
        3,
        1,
    ]
    assert jujube("feedback", "remove", 2).status == 1


@pytest.mark.parametrize(
    "given",
    [
        ("q",),
        ("q", "--right", "--wrong"),
        ("q", "--wrong", "--silence", "--answer", "a"),
        (" ", "--right"),
        ("q", "--right", "--document", "no-such-document"),
    ],
)
def test_feedback_that_says_nothing(jujube: Command, given: tuple[str, ...]) -> None:
    ran = jujube("feedback", "add", *given)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("error: ")
