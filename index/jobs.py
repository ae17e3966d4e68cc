"""Long work, kept in the store: what is to be done, who does it, and what came of it.

A job is "queued" until a process claims it, then "running"; "succeeded", "not_better", "failed" and
"cancelled" are ends, from which only `requeue` leads back. Nothing here raises the collection's revision.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from index.database import Database
from index.errors import NotFound

Status = Literal["queued", "running", "succeeded", "not_better", "failed", "cancelled"]
ENDS: tuple[Status, ...] = ("succeeded", "not_better", "failed", "cancelled")

_COLUMNS = "id, kind, status, detail, created_at, updated_at, pid, since, attempts, cancelled"


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that runs a job: its number, and when it began, in seconds since 1970."""

    pid: int
    since: float


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    kind: str
    status: Status
    detail: Mapping[str, Any]
    """As JSON holds it: what it is to do, and what came of it."""
    created_at: str
    updated_at: str
    owner: Owner | None = None
    """Of a running one."""
    attempts: int = 0
    """How often it was begun since it last got further."""
    cancelled: float | None = None
    """When a running one was asked to stop, in seconds since 1970."""

    @property
    def ended(self) -> bool:
        return self.status in ENDS


class Jobs:
    """The jobs of a collection. Safe for threads and for processes: each change is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, kind: str, detail: Mapping[str, Any], prefix: str = "job-") -> Job:
        """A new job at the end of the queue."""
        job_id, now = prefix + secrets.token_hex(5), _now()
        with self._database.write() as db:
            db.execute(
                "INSERT INTO jobs (id, kind, status, detail, created_at, updated_at) "
                "VALUES (?, ?, 'queued', ?, ?, ?)",
                (job_id, kind, _json(detail), now, now),
            )
        return self.show(job_id)

    def show(self, job_id: str) -> Job:
        """Raises: NotFound."""
        with self._database.read() as db:
            return _one(db, job_id)

    def list(self, limit: int = -1, offset: int = 0, status: Status | None = None) -> Sequence[Job]:
        """The latest first. `limit` -1: all."""
        with self._database.read() as db:
            rows = db.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE ?1 IS NULL OR status = ?1 "
                "ORDER BY rowid DESC LIMIT ?2 OFFSET ?3",
                (status, limit, offset),
            ).fetchall()
        return [_job(row) for row in rows]

    def claim(self, owner: Owner, job_id: str | None = None, *, most: int = 1) -> Job | None:
        """Take the oldest queued job, or that one, to run it; no other process gets it.

        Args:
            most: jobs that may run at the same time.

        Returns:
            None: nothing is queued, or as many as may run do.
        """
        with self._database.write() as db:
            if db.execute("SELECT count(*) FROM jobs WHERE status = 'running'").fetchone()[0] >= most:
                return None
            row = db.execute(
                "UPDATE jobs SET status = 'running', pid = ?, since = ?, attempts = attempts + 1, "
                "cancelled = NULL, updated_at = ? WHERE rowid = (SELECT rowid FROM jobs WHERE "
                "status = 'queued' AND id = coalesce(?, id) ORDER BY rowid LIMIT 1) "
                f"RETURNING {_COLUMNS}",
                (owner.pid, owner.since, _now(), job_id),
            ).fetchone()
        return None if row is None else _job(row)

    def advanced(self, job_id: str, owner: Owner) -> bool:
        """It got further than ever: attempts are counted anew. False: it is no longer this process's."""
        return self._own(job_id, owner, "attempts = 0", ())

    def note(self, job_id: str, owner: Owner, **detail: Any) -> bool:
        """Add to the detail of a job that runs. False: it is no longer this process's."""
        return self._own(job_id, owner, "detail = json_patch(detail, ?)", (_json(detail),))

    def finish(self, job_id: str, owner: Owner, status: Status, **detail: Any) -> bool:
        """It ended, or goes back into the queue; `detail` is added. False: it was not this process's."""
        return self._own(
            job_id,
            owner,
            "status = ?, detail = json_patch(detail, ?), pid = NULL, since = NULL, cancelled = NULL",
            (status, _json(detail)),
        )

    def _own(self, job_id: str, owner: Owner, changes: str, values: Sequence[Any]) -> bool:
        with self._database.write() as db:
            done = db.execute(
                f"UPDATE jobs SET {changes}, updated_at = ? "
                "WHERE id = ? AND status = 'running' AND pid = ? AND since = ?",
                (*values, _now(), job_id, owner.pid, owner.since),
            )
            return bool(done.rowcount)

    def cancel(self, job_id: str) -> Job:
        """End a queued job; ask a running one to stop. One that has ended stays as it is.

        Raises:
            NotFound: there is none of that id.
        """
        with self._database.write() as db:
            db.execute(
                "UPDATE jobs SET cancelled = CASE status WHEN 'running' THEN coalesce(cancelled, ?) END, "
                "status = CASE status WHEN 'queued' THEN 'cancelled' ELSE status END, updated_at = ? "
                "WHERE id = ? AND status IN ('queued', 'running')",
                (time.time(), _now(), job_id),
            )
            return _one(db, job_id)

    def requeue(self, job_id: str) -> Job:
        """Queue one that has ended, to go on where it stopped. Others stay as they are.

        Raises:
            NotFound: there is none of that id.
        """
        with self._database.write() as db:
            db.execute(
                "UPDATE jobs SET status = 'queued', attempts = 0, detail = json_remove(detail, '$.error'), "
                "updated_at = ? "
                f"WHERE id = ? AND status IN ({', '.join('?' * len(ENDS))})",
                (_now(), job_id, *ENDS),
            )
            return _one(db, job_id)

    def recover(
        self, alive: Callable[[Owner], bool], most: int, lost: Callable[[Job], Mapping[str, Any]]
    ) -> Sequence[Job]:
        """What was running when its process went away: queued again; cancelled, if it was asked to stop;
        failed after `most` attempts without progress.

        Args:
            alive: whether a process is still there.
            lost: what is added to the detail of one that failed.

        Returns:
            Those that were changed, as they are now.
        """
        changed: list[Job] = []
        for job in self.list(status="running"):
            owner = job.owner
            if owner is None or alive(owner):
                continue
            if job.cancelled is not None:
                done = self.finish(job.id, owner, "cancelled")
            elif job.attempts >= most:
                done = self.finish(job.id, owner, "failed", **lost(job))
            else:
                done = self.finish(job.id, owner, "queued")
            if done:
                changed.append(self.show(job.id))
        return changed


def _one(db: Any, job_id: str) -> Job:
    row = db.execute(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise NotFound(f"no job {job_id!r}: `jujube jobs list` shows what there is")
    return _job(row)


def _job(row: Sequence[Any]) -> Job:
    job_id, kind, status, detail, created_at, updated_at, pid, since, attempts, cancelled = row
    owner = None if pid is None else Owner(pid, since)
    return Job(job_id, kind, status, json.loads(detail), created_at, updated_at, owner, attempts, cancelled)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
