"""The process of a job, with a training that only counts: what it does is written in the plan's name.

"steps-5": five steps. "slow": a step each 0.05 s, for ever. "worse": no better. "crash-3": it kills itself at
step 3 of every attempt; "crash-once-3": of the first. "refuse": an error that a person can act on. "bug": one
that nobody thought of. "deaf": it never looks whether it is to stop.

No models are loaded, which would take each process seconds.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from api import work
from api.service import Service
from index.errors import InputError


@dataclass(frozen=True, slots=True)
class Event:
    """As `finetune.plan.Event`, which takes seconds to import."""

    kind: str
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Light(Service):
    """Its collection has a store and nothing else."""

    @property
    def corpus(self) -> Any:
        return SimpleNamespace(store=self.store)


def train(
    plan: Mapping[str, Any], *, folder: Path, stop: Callable[[], bool], **parts: Any
) -> Iterator[Event]:
    name = plan["name"]
    assert parts["corpus"].store.passage_count()
    assert (parts["base"] / "config.json").is_file()
    assert parts["registry"].folder.name == "models"
    yield Event("stage", "making the data set")
    told = {"nice": os.nice(0), "threads": os.environ["OMP_NUM_THREADS"], "pid": os.getpid()}
    (folder / "told.json").write_text(json.dumps(told), "utf-8")
    if name.startswith("refuse"):
        raise InputError("all examples are equal: 没有可学的")
    if name.startswith("bug"):
        raise ZeroDivisionError("nobody thought of it")
    yield Event("stage", "training")
    kept = folder / "checkpoint"
    first = int(kept.read_text("utf-8")) + 1 if kept.exists() else 1
    crash = int(name.rpartition("-")[2]) if name.startswith("crash") else 0
    of = int(name.rpartition("-")[2]) if name.startswith("steps") else 10
    if name.startswith(("slow", "deaf")):
        of = 1_000_000
    for number in range(first, of + 1):
        if number == crash and ("once" not in name or first == 1):
            os.kill(os.getpid(), signal.SIGKILL)
        step = {"number": number, "of": of, "loss": 1 / number, "learning_rate": 1e-4, "tokens": 10 * number}
        more = {"computed": 10 * number, "seconds": 0.1, "tokens_per_second": 100.0, "seconds_left": 1.0}
        yield Event("step", f"step {number}", {**step, **more})
        if "once" in name or "slow" in name or "steps" in name:
            (folder / "checkpoint.part").write_text(str(number), "utf-8")
            os.replace(folder / "checkpoint.part", kept)
        if of > 100:
            time.sleep(0.05)
        if stop() and not name.startswith("deaf"):
            data = {"status": "stopped", "version": None, "reasons": []}
            yield Event("outcome", f"stopped after step {number}", data)
            return
    (folder / "report.html").write_text("<!doctype html><title>报告</title>", "utf-8")
    if name.startswith("worse"):
        yield Event("outcome", "no better", {"status": "not_better", "version": None, "reasons": ["EM -2.0"]})
        return
    data = {"status": "published", "version": name, "reasons": ["EM +7.0"]}
    yield Event("outcome", f"version {name}", {**data, "tokens": 10 * of})


if __name__ == "__main__":
    work.Service = Light  # type: ignore[attr-defined]
    sys.exit(work.main(train=train))
