"""Jobs in processes of their own: killed, cancelled, found again, given up; their training only counts."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api import jobs as api_jobs
from api.job_log import JobLog
from api.jobs import JobRunner
from api.processes import alive, end, process_of
from api.service import Service
from index.errors import InputError, NotFound, StorageFull, UnknownModel
from index.jobs import Job, Owner

Until = Callable[..., None]
TOY = (sys.executable, str(Path(__file__).parent / "toy_training.py"))
FAST = {"recipe": "raft", "name": "steps-3"}


@pytest.fixture
def runner(service: Service, documents: Path) -> Iterator[JobRunner]:
    service.add_paths([documents])
    made = JobRunner(service.settings, lambda: service.store, TOY)
    yield made
    made.stop()
    for job in made.jobs.list(status="running"):
        if job.owner:
            end(job.owner, hard=True)


def plan(name: str, **more: Any) -> dict[str, Any]:
    return {"recipe": "raft", "name": name, **more}


def steps(runner: JobRunner, job: Job) -> list[int]:
    return [event.data["number"] for event in runner.log(job.id).read() if event.kind == "step"]


def running(runner: JobRunner, job: Job, until: Until, past: int = 0) -> Owner:
    """Once it has done some steps."""
    until(lambda: len(steps(runner, job)) > past)
    owner = runner.jobs.show(job.id).owner
    assert owner is not None
    return owner


def test_a_job_runs_beside_with_less_of_the_machine(runner: JobRunner, service: Service) -> None:
    made = runner.create(plan("steps-3"), note="kept")
    folder = runner.folder(made.id)
    assert json.loads((folder / "plan.json").read_text("utf-8"))["recipe"] == "raft"
    events = list(runner.run(made.id))
    assert [event.kind for event in events] == ["stage", "stage", "step", "step", "step", "outcome"]
    assert events == runner.log(made.id).read()
    done = runner.jobs.show(made.id)
    assert (done.status, done.detail["version"], done.detail["note"]) == ("succeeded", "steps-3", "kept")
    assert done.detail["base"] == service.settings.generator
    told = json.loads((folder / "told.json").read_text("utf-8"))
    assert told["nice"] == min(19, os.nice(0) + 10)
    assert told["threads"] == str(service.settings.training_threads)
    assert told["pid"] != os.getpid()


def test_a_job_may_be_begun_before_it_is_written_down(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = runner.jobs.create

    def faster(*what: Any, **more: Any) -> Job:
        """Another server of the same home is at work the moment that the job is there."""
        job = create(*what, **more)
        runner.step()
        return job

    monkeypatch.setattr(type(runner.jobs), "create", lambda self, *what, **more: faster(*what, **more))
    made = runner.create(plan("steps-3"))
    list(runner.run(made.id))
    assert runner.jobs.show(made.id).status == "succeeded"


def test_not_better_is_an_end_of_its_own(runner: JobRunner) -> None:
    made = runner.create(plan("worse"))
    list(runner.run(made.id))
    done = runner.jobs.show(made.id)
    assert (done.status, done.detail["reasons"], done.detail.get("version")) == (
        "not_better",
        ["EM -2.0"],
        None,
    )
    with pytest.raises(InputError, match="is done"):
        runner.resume(made.id)


def test_one_at_a_time_in_their_order_and_a_cancelled_one_goes_on_later(
    runner: JobRunner, until: Until
) -> None:
    slow, fast = runner.create(plan("slow")), runner.create(plan("steps-3"))
    runner.start()
    running(runner, slow, until, past=3)
    time.sleep(1.5)  # the runner looks once a second
    assert runner.jobs.show(fast.id).status == "queued"
    runner.cancel(slow.id)
    until(lambda: runner.jobs.show(fast.id).ended)
    assert [runner.jobs.show(job.id).status for job in (slow, fast)] == ["cancelled", "succeeded"]
    assert runner.log(slow.id).read()[-1].message.startswith("stopped after step ")
    done = steps(runner, slow)
    assert runner.resume(slow.id).status == "queued"
    running(runner, slow, until, past=len(done) + 2)
    after = steps(runner, slow)
    assert after == list(range(1, len(after) + 1))  # none twice, none left out
    assert runner.cancel(slow.id).cancelled is not None


def test_a_waiting_job_is_cancelled_at_once(runner: JobRunner) -> None:
    made = runner.create(plan("steps-3"))
    assert runner.cancel(made.id).status == "cancelled"
    assert list(runner.run(made.id)) == []
    with pytest.raises(NotFound):
        runner.cancel("ftjob-none")


def test_one_that_does_not_listen_is_stopped(
    runner: JobRunner, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_jobs, "GRACE_SECONDS", 0.5)
    made = runner.create(plan("deaf"))
    runner.start()
    owner = running(runner, made, until)
    runner.cancel(made.id)
    until(lambda: runner.jobs.show(made.id).status == "cancelled")
    assert not alive(owner)


def test_a_killed_job_is_begun_again_from_its_checkpoint(runner: JobRunner, until: Until) -> None:
    made = runner.create(plan("slow"))
    runner.start()
    first = running(runner, made, until, past=4)
    os.kill(first.pid, signal.SIGKILL)
    until(lambda: runner.jobs.show(made.id).owner not in (None, first))
    done = len(steps(runner, made))
    second = running(runner, made, until, past=done + 2)
    assert second.pid != first.pid
    numbers = steps(runner, made)  # the step at which it was killed may be told twice
    assert sorted(set(numbers)) == list(range(1, max(numbers) + 1))
    assert len(numbers) - max(numbers) in (0, 1)
    assert any("its process went away" in event.message for event in runner.log(made.id).read())


def test_a_job_that_never_gets_further_is_given_up_and_says_so(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_jobs, "ATTEMPTS", 1)
    made = runner.create(plan("crash-3"))
    list(runner.run(made.id))
    done = runner.jobs.show(made.id)
    assert done.status == "failed"
    assert "went away 1 times without getting further" in done.detail["error"]["message"]
    assert steps(runner, made) == [1, 2, 1, 2]  # the first got to step 2, and so further; the second did not
    assert runner.resume(made.id).detail.get("error") is None


def test_a_job_outlives_who_started_it_is_found_again_and_waits_where_the_machine_stops(
    runner: JobRunner, service: Service, until: Until
) -> None:
    made = runner.create(plan("slow"))
    runner.start()
    owner = running(runner, made, until)
    runner.stop()
    assert alive(owner)
    other = JobRunner(service.settings, lambda: service.store, TOY)
    other.step()
    assert other.jobs.show(made.id).owner == owner
    os.kill(owner.pid, signal.SIGTERM)  # as who shuts the machine down does: nobody cancelled the job
    until(lambda: runner.jobs.show(made.id).status == "queued")


def test_two_runners_share_the_work(runner: JobRunner, service: Service, until: Until) -> None:
    jobs = [runner.create(plan(f"steps-{n}")) for n in (3, 4)]
    other = JobRunner(service.settings, lambda: service.store, TOY)
    for one in (runner, other):
        one.start()
    try:
        until(lambda: all(runner.jobs.show(job.id).ended for job in jobs))
    finally:
        other.stop()
    assert [steps(runner, job) for job in jobs] == [[1, 2, 3], [1, 2, 3, 4]]


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [("refuse", "invalid_input", "没有可学的"), ("bug", "internal", "ZeroDivisionError")],
)
def test_what_goes_wrong_is_told(runner: JobRunner, name: str, code: str, words: str) -> None:
    made = runner.create(plan(name))
    *_, last = runner.run(made.id)
    done = runner.jobs.show(made.id)
    assert (done.status, done.detail["error"]["code"]) == ("failed", code)
    assert words in done.detail["error"]["message"]
    assert (last.kind, last.data) == ("warning", {"code": code})
    assert "Traceback" in (runner.folder(made.id) / "output.txt").read_text("utf-8")


def test_a_process_that_cannot_even_begin(service: Service, documents: Path) -> None:
    service.add_paths([documents])
    runner = JobRunner(
        service.settings, lambda: service.store, (sys.executable, "-c", "import no_such_thing")
    )
    made = runner.create(plan("steps-3"))
    list(runner.run(made.id))
    assert runner.jobs.show(made.id).status == "failed"
    assert "no_such_thing" in (runner.folder(made.id) / "output.txt").read_text("utf-8")


def test_the_real_training_begins_and_stops_when_it_is_asked_to(
    service: Service, documents: Path, until: Until
) -> None:
    service.add_paths([documents])
    runner = JobRunner(service.settings, lambda: service.store)
    file = documents / "more.md"
    file.write_text("".join(f"Part {n} of the pump costs {n * 7} yuan.\n\n" for n in range(200)), "utf-8")
    made = runner.create({"recipe": "text", "files": [str(file)], "train": {"epochs": 1}})
    runner.step()
    until(lambda: any("scores" in event.message for event in runner.log(made.id).read()), 120)
    runner.cancel(made.id)
    until(lambda: runner.jobs.show(made.id).ended)
    assert runner.jobs.show(made.id).status == "cancelled"
    assert runner.jobs.show(made.id).detail["base"] == service.settings.generator
    assert (runner.folder(made.id) / "data" / "train.jsonl").is_file()
    runner.stop()


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"recipe": "qa"}, InputError, "name a file"),
        ({"recipe": "raft", "files": ["/no/such/file"]}, InputError, "/no/such/file"),
        ({"recipe": "qa", "files": ["/no/such/file"]}, InputError, "/no/such/file"),
        ({"recipe": "raft", "data": "/no/such/folder"}, InputError, "/no/such/folder"),
        ({"recipe": "raft", "base": "./no-such-model"}, UnknownModel, "no model folder ./no-such-model"),
        ({"recipe": "raft", "name": "a/b"}, InputError, "cannot name a version"),
        ({"recipe": "raft", "train": {"learning_rate": 0}}, InputError, "learning_rate"),
    ],
)
def test_what_cannot_be_trained_is_refused_at_once(
    runner: JobRunner, given: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        runner.create(given)
    assert runner.jobs.list() == []


def test_nothing_to_learn_from(service: Service) -> None:
    with pytest.raises(InputError, match="no documents"):
        service.jobs.create(FAST)


def test_a_disk_without_room_is_told_with_the_numbers(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 12_300_000}))
    with pytest.raises(StorageFull, match=r"needs about 0\.3 GB below .*0\.0 GB are free"):
        runner.create(plan("steps-3"))
    assert runner.jobs.list() == []


def test_a_line_that_a_kill_cut_off_is_passed_over(tmp_path: Path) -> None:
    log = JobLog(tmp_path / "events.jsonl")
    assert log.read() == log.tail() == []
    log.append("stage", "训练", {"number": 1})
    whole = log.read()
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b'{"at": "x", "kind": "step", "mess')
    assert log.read() == whole
    assert log.read(whole[-1].number) == []
    log.append("step", "two", {})
    assert [event.message for event in log.read()] == ["训练", "two"]
    assert [event.message for event in log.read(whole[-1].number)] == ["two"]
    assert log.read(log.read()[-1].number) == []


def test_the_tail_is_whole_events_of_a_long_log(tmp_path: Path) -> None:
    log = JobLog(tmp_path / "events.jsonl")
    for number in range(1500):
        log.append("step", f"第 {number} 步", {"number": number})
    tail = log.tail()
    assert 100 < len(tail) < 1500
    assert tail == log.read()[-len(tail) :]


def test_a_process_is_known_by_its_number_and_its_beginning() -> None:
    me = process_of(os.getpid())
    assert alive(me)
    assert not alive(Owner(me.pid, me.since - 60))
    end(Owner(me.pid, me.since - 60), hard=True)  # another process of that number is left alone
    with pytest.raises(LookupError):
        process_of(2**22 + 5)
