"""The process that runs one training: `python -m api.work --home H --collection C JOB`."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api import console
from api.bases import base_folder, base_name, require_space
from api.files import COPIES
from api.job_log import JobLog
from api.processes import step_back
from api.report_training import write_training_report
from api.service import Service
from api.settings import Settings
from finetune.outcome import read_outcome
from finetune.registry import Registry
from index.errors import JujubeError, StorageFull, StoreBusy
from index.jobs import Job, Jobs, Owner, Status

if TYPE_CHECKING:
    from finetune.plan import Event

Train = Callable[..., "Iterator[Event]"]
"""As `finetune.retrain.retrain`, of a plan as JSON has it."""

_NICENESS = 10
_CLAIM_SECONDS = 30.0
"""How long it waits to be told that the job is its own."""
_LOOK_SECONDS = 1.0
_ENDS_TRIES = 20
"""Of half a minute each."""
_ENDS: Mapping[str, Status] = {"published": "succeeded", "not_better": "not_better"}


def main(arguments: Sequence[str] | None = None, train: Train | None = None) -> int:
    """Run a job that was claimed for this process; 0: it has ended, or it waits to go on later."""
    parser = argparse.ArgumentParser(prog="api.work", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--collection", required=True)
    parser.add_argument("job")
    given = parser.parse_args(arguments)
    step_back(_NICENESS)
    console.quieten()
    service = Service(Settings(home=given.home, collection=given.collection), console.say)
    try:
        job = _claimed(Jobs(service.store), given.job)
        if job is None or job.owner is None:
            console.say(f"{given.job} is not for this process")
            return 1
        Worker(service, job, job.owner).run(train or _retrain)
        return 0
    finally:
        service.close()


def _retrain(plan: Mapping[str, Any], **parts: Any) -> Iterator[Event]:
    from finetune.plan import Plan  # seconds: torch, transformers, peft
    from finetune.retrain import retrain

    return retrain(Plan.from_json(plan), **parts)


def _claimed(jobs: Jobs, job_id: str) -> Job | None:
    until = time.monotonic() + _CLAIM_SECONDS
    while time.monotonic() < until:
        job = jobs.show(job_id)
        if job.status == "running" and job.owner and job.owner.pid == os.getpid():
            return job
        time.sleep(0.05)
    return None


class Worker:
    """One attempt at a job."""

    def __init__(self, service: Service, job: Job, owner: Owner) -> None:
        self._service = service
        self._settings = service.settings
        self._jobs = Jobs(service.store)
        self._job = job
        self._owner = owner
        self._folder = self._settings.jobs_path / job.id
        self._log = JobLog(self._folder / "events.jsonl")
        told = self._log.read()
        self._stages = {event.message for event in told if event.kind == "stage"}
        self._furthest = max((_step(event.kind, event.data) for event in told), default=0)
        self._advanced = False
        self._asked = False
        self._looked = time.monotonic()

    def run(self, train: Train) -> None:
        """Train, write down what happens, and what came of it."""
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            outcome = self._train(train)
        except JujubeError as error:
            traceback.print_exception(error)
            self._fail(error.code, str(error))
        except OSError as error:
            traceback.print_exception(error)
            place, reason = error.filename or self._folder, error.strerror or error
            self._fail(StorageFull.code, f"{place}: {reason}. Free some space, then `jujube jobs resume`")
        except Exception as error:  # noqa: BLE001 - whatever it is, the job says that it failed
            traceback.print_exception(error)
            self._fail(
                "internal", f"a fault of Jujube ({type(error).__name__}: {error}); output.txt says more"
            )
        else:
            self._finish(outcome)

    def _train(self, train: Train) -> Mapping[str, Any]:
        """The data of the outcome."""
        ended = self._folder / "outcome.json"
        if ended.is_file():  # it was killed when all was done but this was said
            known = read_outcome(ended)
            reasons = known.verdict.reasons if known.verdict else ()
            status = "published" if known.version else "not_better"
            return {"status": status, "version": known.version or None, "reasons": reasons}
        plan = self._job.detail["plan"]
        base = self._base(plan.get("base", ""))
        require_space(self._settings, base, plan.get("train", {}).get("method", ""))
        events = train(
            plan,
            folder=self._folder,
            corpus=self._service.corpus,
            registry=Registry(self._settings.models_path),
            base=base,
            stop=self._stop,
        )
        outcome: Mapping[str, Any] | None = None
        for event in events:
            self._log.append(event.kind, event.message, event.data)
            self._note_progress(event)
            if event.kind == "outcome":
                outcome = event.data
        if outcome is None:
            raise RuntimeError("the training ended without an outcome")
        return outcome

    def _base(self, base: str) -> Path:
        """Of the first attempt, whatever is active by now: its checkpoints belong to it."""
        named = self._job.detail.get("base")
        if not named:
            named = base_name(self._settings, base)
            self._safely(lambda: self._jobs.note(self._job.id, self._owner, base=named))
        return base_folder(self._settings, named)

    def _note_progress(self, event: Event) -> None:
        new = event.kind == "stage" and event.message not in self._stages
        if new:
            self._stages.add(event.message)
        step = _step(event.kind, event.data)
        if (new or step > self._furthest) and not self._advanced:
            self._advanced = True
            self._safely(lambda: self._jobs.advanced(self._job.id, self._owner))
        self._furthest = max(self._furthest, step)

    # -- ends ------------------------------------------------------------------------------------------

    def _finish(self, outcome: Mapping[str, Any]) -> None:
        status = str(outcome.get("status"))
        kept = {"version": outcome.get("version"), "reasons": list(outcome.get("reasons", ()))}
        if status in _ENDS:
            self._safely(self._report)
            self._end(_ENDS[status], **kept)
            shutil.rmtree(self._folder / "checkpoints", ignore_errors=True)
            self._forget_copies()
        elif self._jobs.show(self._job.id).cancelled is not None:
            self._end("cancelled", **kept)
        else:  # the machine, or whoever started this, is stopping
            self._end("queued", **kept)

    def _report(self) -> None:
        outcome = self._folder / "outcome.json"
        if outcome.is_file():
            write_training_report(self._folder / "report.html", read_outcome(outcome))

    def _forget_copies(self) -> None:
        """Of files that were sent: what was learnt from them is in the data set."""
        copies = self._settings.jobs_path / COPIES
        plan = self._job.detail["plan"]
        for file in (*plan.get("files", ()), *plan.get("exam", ())):
            if Path(file).is_relative_to(copies):
                shutil.rmtree(copies / Path(file).relative_to(copies).parts[0], ignore_errors=True)

    def _end(self, status: Status, **detail: Any) -> None:
        """However long others write to the collection: what was done is not to be done again."""
        for left in reversed(range(_ENDS_TRIES)):
            try:
                self._jobs.finish(self._job.id, self._owner, status, **detail)
                return
            except StoreBusy:
                if not left:
                    raise

    def _fail(self, code: str, message: str) -> None:
        self._safely(lambda: self._log.append("warning", message, {"code": code}))
        self._end("failed", error={"code": code, "message": message})

    def _ask(self, *_: object) -> None:
        self._asked = True

    def _stop(self) -> bool:
        """Whether to stop after this step: asked to, or no longer the one that runs the job."""
        now = time.monotonic()
        if not self._asked and now - self._looked > _LOOK_SECONDS:
            self._looked = now
            self._safely(self._look)
        return self._asked

    def _look(self) -> None:
        job = self._jobs.show(self._job.id)
        self._asked = self._asked or job.owner != self._owner or job.cancelled is not None

    def _safely(self, change: Callable[[], object]) -> None:
        """What may fail without harm: the collection is being written, or the disk is full."""
        try:
            change()
        except (JujubeError, OSError) as error:
            logging.getLogger(__name__).warning("%s: %s", self._job.id, error)


def _step(kind: str, data: Mapping[str, Any]) -> int:
    number = data.get("number") if kind == "step" else 0
    return number if isinstance(number, int) else 0


if __name__ == "__main__":
    sys.exit(main())
