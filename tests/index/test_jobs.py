"""Jobs in the store: one process claims each, a lost one comes back, and an older file learns of them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from index.database import SCHEMA_VERSION
from index.errors import NotFound, StoreDamaged, StoreError
from index.jobs import ENDS, Job, Jobs, Owner
from index.store import Store

ME, OTHER = Owner(11, 1000.25), Owner(12, 2000.5)
SCHEMA_2 = Path(__file__).parent / "schema-2.sql"
"""As the last Jujube before schema 3 made it."""


@pytest.fixture
def jobs(store: Store) -> Jobs:
    return Jobs(store)


def lost(job: Job) -> dict[str, Any]:
    return {"error": {"message": f"{job.attempts} times"}}


def test_a_job_from_first_to_last(store: Store, jobs: Jobs) -> None:
    made = jobs.create("finetune", {"plan": {"recipe": "raft", "文件": ["手册"]}}, prefix="ftjob-")
    assert made.id.startswith("ftjob-")
    assert (made.status, made.owner, made.attempts, made.ended) == ("queued", None, 0, False)
    claimed = jobs.claim(ME)
    assert claimed is not None
    assert claimed == jobs.show(made.id)
    assert (claimed.status, claimed.owner, claimed.attempts) == ("running", ME, 1)
    assert jobs.note(made.id, ME, base="embedded")
    assert jobs.finish(made.id, ME, "succeeded", version="v1")
    done = jobs.show(made.id)
    assert done.detail == {"plan": {"recipe": "raft", "文件": ["手册"]}, "base": "embedded", "version": "v1"}
    assert (done.status, done.owner, done.ended) == ("succeeded", None, True)
    assert done.created_at == made.created_at <= done.updated_at
    assert store.revision == 0


def test_the_oldest_is_claimed_first_and_no_more_than_may_run(jobs: Jobs) -> None:
    first, second, third = (jobs.create("finetune", {"number": n}) for n in range(3))
    assert [job.id for job in jobs.list()] == [third.id, second.id, first.id]
    assert [job.id for job in jobs.list(1, 1)] == [second.id]
    assert jobs.claim(ME, "another") is None
    assert [job.id for job in [jobs.claim(ME)] if job] == [first.id]
    assert jobs.claim(OTHER) is None
    assert [job.id for job in [jobs.claim(OTHER, third.id, most=2)] if job] == [third.id]
    assert [job.id for job in jobs.list(status="queued")] == [second.id]
    assert jobs.claim(OTHER, first.id, most=9) is None  # it runs already


def test_threads_and_processes_that_claim_at_once_get_one_each(store: Store, jobs: Jobs) -> None:
    ids = {jobs.create("finetune", {}).id for _ in range(8)}
    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda n: jobs.claim(Owner(n, 1.0), most=99), range(12)))
    assert {job.id for job in claimed if job} == ids
    assert len([job for job in claimed if job]) == 8
    for job_id in ids:
        jobs.requeue(job_id)  # none has ended: nothing happens
    assert jobs.claim(ME, most=99) is None
    again = [jobs.create("finetune", {}).id for _ in range(3)]
    code = (
        "import sys; from pathlib import Path; from index.store import Store; from index.jobs import *\n"
        "store = Store(Path(sys.argv[1])); found = Jobs(store).claim(Owner(int(sys.argv[2]), 1.0), most=99)\n"
        "print(found.id if found else '-'); store.close()"
    )
    line = [sys.executable, "-c", code, str(store.path)]
    running = [subprocess.Popen([*line, str(n)], stdout=subprocess.PIPE, text=True) for n in range(4)]
    said = [process.communicate(timeout=60)[0].strip() for process in running]
    assert sorted(said) == sorted([*again, "-"])


def test_only_the_process_that_runs_it_may_change_a_job(jobs: Jobs) -> None:
    made = jobs.create("finetune", {})
    assert not jobs.finish(made.id, ME, "succeeded")  # it has not begun
    jobs.claim(ME)
    for stranger in (OTHER, Owner(ME.pid, ME.since + 1)):
        assert not jobs.finish(made.id, stranger, "failed")
        assert not jobs.advanced(made.id, stranger)
        assert not jobs.note(made.id, stranger, base="x")
    assert jobs.show(made.id).status == "running"


def test_cancelling_ends_what_waits_and_asks_what_runs(jobs: Jobs) -> None:
    waiting, running = jobs.create("finetune", {}), jobs.create("finetune", {})
    jobs.claim(ME, running.id)
    assert jobs.cancel(waiting.id).status == "cancelled"
    asked = jobs.cancel(running.id)
    assert (asked.status, asked.owner) == ("running", ME)
    assert asked.cancelled == pytest.approx(time.time(), abs=60)
    assert jobs.cancel(running.id).cancelled == asked.cancelled  # when it was asked first
    jobs.finish(running.id, ME, "succeeded")
    assert jobs.cancel(running.id).status == "succeeded"
    with pytest.raises(NotFound, match="jobs list"):
        jobs.cancel("ftjob-none")


@pytest.mark.parametrize("end", ENDS)
def test_what_has_ended_can_be_queued_again_without_its_error(jobs: Jobs, end: Any) -> None:
    made = jobs.create("finetune", {"plan": {}})
    jobs.claim(ME)
    jobs.finish(made.id, ME, end, error={"message": "no room"}, reasons=["x"])
    again = jobs.requeue(made.id)
    assert (again.status, again.attempts, again.cancelled) == ("queued", 0, None)
    assert again.detail == {"plan": {}, "reasons": ["x"]}
    assert jobs.claim(OTHER) is not None


def test_a_job_whose_process_is_gone_is_queued_again_and_given_up_in_the_end(jobs: Jobs) -> None:
    made = jobs.create("finetune", {})
    for attempt in range(1, 4):
        assert jobs.claim(ME) is not None
        assert jobs.recover(lambda _: True, 3, lost) == []
        (changed,) = jobs.recover(lambda owner: owner != ME, 3, lost)
        assert changed == jobs.show(made.id)
        assert (changed.status, changed.owner) == ("queued" if attempt < 3 else "failed", None)
    assert jobs.show(made.id).detail["error"] == {"message": "3 times"}
    jobs.requeue(made.id)
    for _ in range(5):  # one that gets further each time is never given up
        jobs.claim(ME)
        assert jobs.advanced(made.id, ME)
        jobs.recover(lambda _: False, 3, lost)
    assert jobs.show(made.id).status == "queued"


def test_a_job_that_was_asked_to_stop_and_is_gone_is_cancelled(jobs: Jobs) -> None:
    made = jobs.create("finetune", {})
    jobs.claim(ME)
    jobs.cancel(made.id)
    assert [job.status for job in jobs.recover(lambda _: False, 3, lost)] == ["cancelled"]
    jobs.requeue(made.id)
    assert [job.cancelled for job in [jobs.claim(ME)] if job] == [None]


# -- files of schema 2 ---------------------------------------------------------------------------------


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file as the last version of Jujube left it, with a document in it."""
    path = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA_2.read_text("utf-8"))
        db.execute("INSERT INTO meta VALUES ('revision', '7')")
        db.execute("INSERT INTO documents VALUES ('a', 'a.md', '年假', 'text', '{}', '[]', 'f', 't')")
        db.execute("PRAGMA user_version = 2")
        db.execute("PRAGMA journal_mode = WAL")
        db.commit()
    return path


def schema(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as db:
        return set(db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


def test_an_older_file_is_brought_up_to_date_when_it_is_opened(old: Path, tmp_path: Path) -> None:
    with closing(Store(old)) as store:
        assert store.revision == 7
        assert store.document("a").title == "年假"
        assert Jobs(store).claim(ME) is None
        assert store.problems() == []
    with closing(Store(tmp_path / "new.sqlite")):
        pass
    assert schema(old) == schema(tmp_path / "new.sqlite")
    with closing(sqlite3.connect(old)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION == 3
    with closing(Store(old)) as store:  # and is left alone after that
        Jobs(store).create("finetune", {})
    with closing(Store(old)) as store:
        assert len(Jobs(store).list()) == 1


def test_processes_that_open_an_older_file_at_once_agree(old: Path) -> None:
    code = "import sys, pathlib, index.store as s; s.Store(pathlib.Path(sys.argv[1])).close()"
    running = [subprocess.Popen([sys.executable, "-c", code, str(old)]) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4
    with closing(Store(old)) as store:
        assert store.revision == 7


def test_an_older_file_stays_as_it_is_when_it_cannot_be_brought_up(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = schema(old)
    monkeypatch.setattr("index.database._SINCE_3", "CREATE TABLE passages (")  # fails: there is one
    with pytest.raises(StoreError, match="already exists"):
        Store(old)
    assert schema(old) == before
    monkeypatch.undo()
    with closing(Store(old)) as store:
        assert store.revision == 7


@pytest.mark.parametrize("version", [1, 4])
def test_a_file_of_any_other_schema_is_refused(old: Path, version: int) -> None:
    with closing(sqlite3.connect(old)) as db:
        db.execute(f"PRAGMA user_version = {version}")
    before = schema(old)
    with pytest.raises(StoreError, match=f"schema {version}, this one reads 3"):
        Store(old)
    assert schema(old) == before


def test_jobs_of_another_program_are_not_thrown_away(old: Path) -> None:
    with closing(sqlite3.connect(old)) as db:
        db.execute("INSERT INTO jobs VALUES ('a', 'b', 'c', 'd', 'e', 'f')")
        db.commit()
    with pytest.raises(StoreDamaged, match="did not write"):
        Store(old)
