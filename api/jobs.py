"""Trainings as jobs: each in a process of its own, which outlives the one that started it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from api.bases import base_name, known_base, require_space
from api.job_log import JobLog, Logged
from api.processes import alive, end, process_of
from api.settings import Settings
from finetune.options import TrainOptions
from finetune.registry import Registry
from index.errors import InputError, JujubeError, NotFound, StorageFull
from index.jobs import Job, Jobs
from index.store import Store

KIND = "finetune"
ATTEMPTS = 3
"""How often a job is begun without getting further before it is given up."""
GRACE_SECONDS = 60.0
"""After which a job that was asked to stop is stopped."""
WORK = (sys.executable, "-P", "-m", "api.work")
_EVERY_SECONDS = 1.0
_LOG = logging.getLogger("uvicorn.error")
_ROOT = Path(__file__).resolve().parent.parent
_LEFT: list[subprocess.Popen[bytes]] = []
"""Processes that go on after who started them has stopped."""


class JobRunner:
    """The trainings of one collection. Any number of processes may have one: a job is run by one of them."""

    def __init__(
        self, settings: Settings, store: Callable[[], Store], command: Sequence[str] | None = None
    ) -> None:
        """
        Args:
            command: what runs a job; "--home", "--collection" and the job's id are put behind it.
        """
        self._settings = settings
        self._store = store
        self._command = command or WORK
        self._running: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.closing = threading.Event()
        """Who follows a job's events over HTTP is let go when this is set."""
        self._thread: threading.Thread | None = None

    @property
    def jobs(self) -> Jobs:
        return Jobs(self._store())

    def folder(self, job_id: str) -> Path:
        """Where a job keeps plan.json, events.jsonl, output.txt, data/, checkpoints/ and report.html."""
        return self._settings.jobs_path / self.jobs.show(job_id).id

    def log(self, job_id: str) -> JobLog:
        """Raises: NotFound."""
        return JobLog(self.folder(job_id) / "events.jsonl")

    # -- what a person asks for ------------------------------------------------------------------------

    def create(self, plan: Mapping[str, Any], **more: Any) -> Job:
        """Queue a training.

        Args:
            plan: as `finetune.plan.Plan.from_json` takes it; importing that class takes seconds.
            more: kept with it.

        Raises:
            InputError: the plan cannot be carried out; says why.
            UnknownModel, BrokenModel: its base.
            StorageFull: there is no room for it, with the numbers.
        """
        plan = _absolute(plan)
        self._check(plan)
        threads = self._settings.training_threads
        job = self.jobs.create(KIND, {"plan": plan, "threads": threads, **more}, prefix="ftjob-")
        folder = self._settings.jobs_path / job.id
        try:
            folder.mkdir(parents=True, exist_ok=True)  # whoever begins it at once makes it, too
            text = json.dumps(plan, ensure_ascii=False, indent=2)
            (folder / "plan.json").write_text(text + "\n", "utf-8")
        except OSError as error:
            self.jobs.cancel(job.id)
            raise StorageFull(
                f"cannot write to {folder}: {error.strerror}. Free some space, or use --home"
            ) from error
        return job

    def _check(self, plan: Mapping[str, Any]) -> None:
        recipe, files, data = plan["recipe"], plan.get("files", ()), plan.get("data", "")
        options = TrainOptions(**plan.get("train", {}))
        options.check()
        if recipe == "qa" and not files and not data:
            raise InputError("qa learns from your questions with their answers: name a file of them")
        for name in (*files, *plan.get("exam", ()), *([data] if data else [])):
            if not Path(name).exists():
                raise InputError(f"{name}: no such file or folder")
        if not data and (recipe == "raft" or not files) and not self._store().passage_count():
            raise InputError("there are no documents to learn from in this collection: `jujube add` some")
        if plan.get("name"):
            Registry(self._settings.models_path).require_free(plan["name"])
        base = known_base(self._settings, base_name(self._settings, plan.get("base", "")))
        require_space(self._settings, base, options.method)

    def cancel(self, job_id: str) -> Job:
        """End a job that waits; ask one that runs to stop after its step. One that has ended stays so.

        Raises:
            NotFound: there is none of that id.
        """
        job = self.jobs.cancel(job_id)
        if job.status == "running" and job.owner:
            end(job.owner)
        return job

    def resume(self, job_id: str) -> Job:
        """Queue a job that has ended without a version, to go on where it stopped.

        Raises:
            NotFound: there is none of that id, or its files are gone.
            InputError: it is done.
        """
        job = self.jobs.show(job_id)
        if job.status in ("succeeded", "not_better"):
            raise InputError(f"{job_id} is done: start another job")
        if not (self._settings.jobs_path / job_id).is_dir():
            raise NotFound(f"the files of {job_id} are gone from {self._settings.jobs_path}: start another")
        return self.jobs.requeue(job_id)

    def recover(self) -> None:
        """Queue again what was running when its process went away; give up what never gets further."""
        self._reap()
        for job in self.jobs.recover(alive, ATTEMPTS, self._lost):
            told = {
                "queued": "its process went away: it is queued again, and goes on from its last checkpoint",
                "failed": str(job.detail.get("error", {}).get("message", "")),
            }
            self._tell(job, told.get(job.status, "its process went away after it was asked to stop"))

    def _lost(self, job: Job) -> Mapping[str, Any]:
        folder = self._settings.jobs_path / job.id
        message = (
            f"its process went away {job.attempts} times without getting further: perhaps the memory is "
            f"too small (train with a smaller --batch); its last words are in {folder / 'output.txt'}"
        )
        return {"error": {"code": "process_lost", "message": message}}

    def _tell(self, job: Job, message: str) -> None:
        try:
            JobLog(self._settings.jobs_path / job.id / "events.jsonl").append("warning", message, {})
        except OSError as error:
            _LOG.warning("%s: %s (%s)", job.id, message, error)

    # -- running ---------------------------------------------------------------------------------------

    def start(self, tick: Callable[[], None] = lambda: None) -> None:
        """Run what is queued, in a thread, until `stop`; `tick` is called once a second, too."""

        def work() -> None:
            said = ""
            while not self._stop.wait(_EVERY_SECONDS):
                try:
                    tick()
                    self.step()
                    said = ""
                except Exception as error:  # noqa: BLE001 - the next second may be better
                    if str(error) != said:
                        known = isinstance(error, JujubeError)
                        _LOG.warning("jobs: %s", error, exc_info=None if known else error)
                    said = str(error)

        self._stop.clear()
        self._thread = threading.Thread(target=work, name="jobs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Start nothing more. What runs goes on in its own process, and is found again."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(10)
            self._thread = None
        self._reap()
        _LEFT.extend(self._running)
        self._running.clear()

    def run(self, job_id: str) -> Iterator[Logged]:
        """Run a job when its turn comes, and tell what happens until it has ended.

        What it told before, in an earlier attempt, is left out. Who stops listening leaves it running.
        """
        log = self.log(job_id)
        seen = max((event.number for event in log.tail()), default=0)
        while True:
            self.step(job_id)
            ended = self.jobs.show(job_id).ended
            for event in log.read(seen):
                seen = event.number
                yield event
            if ended:
                self._reap()
                return
            time.sleep(0.2)

    def step(self, only: str | None = None) -> None:
        """Look after what runs, and start what may: of all that is queued, or only that job."""
        running = self.look_after()
        if len(running) < self._settings.jobs:
            queued = [job for job in self.jobs.list(status="queued") if only in (None, job.id)]
            if queued:
                self._begin(queued[-1])

    def look_after(self) -> Sequence[Job]:
        """Take note of what went away, stop what was asked to and did not; returns what runs."""
        self.recover()
        running = self.jobs.list(status="running")
        for job in running:
            if job.owner and job.cancelled and time.time() - job.cancelled > GRACE_SECONDS:
                end(job.owner, hard=True)
        return running

    def _begin(self, job: Job) -> None:
        """Start a process, then claim the job for it: it waits until it is told so."""
        folder = self._settings.jobs_path / job.id
        folder.mkdir(parents=True, exist_ok=True)
        where = ("--home", str(self._settings.home), "--collection", self._settings.collection)
        with (folder / "output.txt").open("ab") as output:
            process = subprocess.Popen(
                [*self._command, *where, job.id],
                env=self._environment(job),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            claimed = self.jobs.claim(process_of(process.pid), job.id, most=self._settings.jobs)
        except BaseException:
            process.kill()
            process.wait()
            raise
        if claimed is None:  # another was faster
            process.kill()
            process.wait()
            return
        with self._lock:
            self._running.append(process)

    def _environment(self, job: Job) -> dict[str, str]:
        """This one's, with all settings, the threads, and where Jujube is."""
        asked = self._settings.job_threads or job.detail.get("threads")
        threads = str(asked or self._settings.training_threads)
        given = {
            f"JUJUBE_{name.upper()}": str(value)
            for name, value in self._settings
            if value is not None and name != "threads"
        }
        limits = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
        paths = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        return {
            **os.environ,
            **given,
            **dict.fromkeys(limits, threads),
            # As many however busy the machine is: what goes on after a kill adds up in the same order.
            "OMP_DYNAMIC": "FALSE",
            "MKL_DYNAMIC": "FALSE",
            "JUJUBE_THREADS": threads,
            "OMP_WAIT_POLICY": "PASSIVE",
            "GOMP_SPINCOUNT": "0",
            "TOKENIZERS_PARALLELISM": "false",
            "PYTHONPATH": paths,
        }

    def _reap(self) -> None:
        """Take note of own processes that ended: else they would look alive."""
        with self._lock:
            self._running[:] = [process for process in self._running if process.poll() is None]


def _absolute(plan: Mapping[str, Any]) -> dict[str, Any]:
    """With paths that mean the same from any folder."""
    base, data = plan.get("base", ""), plan.get("data", "")
    return {
        **plan,
        **{k: [str(Path(file).resolve()) for file in plan.get(k, ())] for k in ("files", "exam")},
        "data": str(Path(data).resolve()) if data else "",
        "base": str(Path(base).resolve()) if base and Path(base).is_dir() else base,
    }
