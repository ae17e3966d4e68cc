"""What a retraining has decided and done, in its folder, so that a killed one goes on where it was."""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from finetune.options import Step, Validation
from rag.runtime import cores

_PROGRESS = "progress.json"
_TRAINING = "training.jsonl"


class Journal:
    """Of one retraining; written by one process at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._kept: dict[str, Any] = json.loads((folder / _PROGRESS).read_text("utf-8"))
        except (OSError, ValueError):
            self._kept = {}

    def get(self, key: str, default: Any = None) -> Any:
        return self._kept.get(key, default)

    def decide(self, key: str, value: Any) -> None:
        """Keep a decision, in one step."""
        self._kept[key] = value
        work = self._folder / f".{_PROGRESS}"
        work.write_text(json.dumps(self._kept, ensure_ascii=False), "utf-8")
        os.replace(work, self._folder / _PROGRESS)

    def decided(self, key: str, value: Any) -> Any:
        """What was decided before, else `value` from now on."""
        if key not in self._kept:
            self.decide(key, value)
        return self._kept[key]

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Its seconds count, those of attempts that were killed at their beginning excepted."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            seconds = self.seconds
            seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - begin
            self.decide("seconds", seconds)

    @property
    def seconds(self) -> dict[str, float]:
        """By stage, in their order."""
        return dict(self.get("seconds", {}))

    @property
    def machine(self) -> str:
        return f"{_processor()}, {cores()} cores, {sys.platform}"

    def trained(self, told: Step | Validation) -> None:
        """Keep what training tells."""
        with (self._folder / _TRAINING).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(told)) + "\n")

    def training(self) -> tuple[tuple[Step, ...], tuple[Validation, ...]]:
        """All that training told; of a step that was done twice, the last."""
        steps: dict[int, Step] = {}
        validations: dict[int, Validation] = {}
        file = self._folder / _TRAINING
        for line in file.read_text("utf-8").splitlines() if file.exists() else ():
            try:
                told = json.loads(line)
            except ValueError:  # a kill cut it off
                continue
            if "number" in told:
                steps[told["number"]] = Step(**told)
            else:
                validations[told["step"]] = Validation(**told)
        return tuple(steps[n] for n in sorted(steps)), tuple(validations[n] for n in sorted(validations))


def peak_memory() -> int:
    """Bytes that this process had in use at the most."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()
