"""What the command line shows while a training runs: a live line in a terminal, plain lines otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn

from api import console
from api.job_log import Logged

_EVERY_SECONDS = 5.0

Tell = Callable[[Logged], None]


@contextmanager
def telling() -> Iterator[Tell]:
    """Takes the events of a training; a step moves the bar, all else is a line. How it ended is not told."""
    if not console.err.is_terminal:
        yield _plain()
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[told]}"))
    with Progress(*columns, console=console.err, transient=True) as progress:
        task = progress.add_task("starting", total=None, told="")

        stage = ""

        def tell(event: Logged) -> None:
            nonlocal stage
            if event.kind in ("step", "stage") and "of" in event.data:
                done = event.data["number" if event.kind == "step" else "done"]
                told = figures(event.data)
                progress.update(task, total=event.data["of"], completed=done, told=told)
            line = console.one_line(event.message)
            if event.kind == "stage" and line != stage:
                stage = line
                progress.update(task, description=line[:60])
                if "of" not in event.data:
                    progress.update(task, total=None, completed=0, told="")
            elif event.kind in ("step", "stage", "outcome"):
                return
            progress.console.print(line, style=_STYLES.get(event.kind), markup=False)

        yield tell


_STYLES = {"warning": "yellow", "validation": "dim"}


def figures(step: Mapping[str, Any]) -> str:
    """
    >>> figures({"number": 3, "of": 90, "loss": 1.5, "tokens_per_second": 1234.5, "seconds_left": 75.0})
    '3/90, loss 1.500, 1,234 tokens/s, 1:15 left'
    """
    parts = [f"{step.get('number', step.get('done'))}/{step.get('of')}"]
    if isinstance(step.get("loss"), float):
        parts.append(f"loss {step['loss']:.3f}")
    if step.get("tokens_per_second"):
        parts.append(f"{step['tokens_per_second']:,.0f} tokens/s")
    if step.get("seconds_left") is not None:
        parts.append(f"{clock(step['seconds_left'])} left")
    return ", ".join(parts)


def clock(seconds: float) -> str:
    """
    >>> clock(5), clock(75), clock(3661)
    ('0:05', '1:15', '1:01:01')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _plain() -> Tell:
    last, stage = 0.0, ""

    def tell(event: Logged) -> None:
        nonlocal last, stage
        line = console.one_line(event.message)
        if event.kind in ("step", "stage") and "of" in event.data:
            line = f"{event.kind if event.kind == 'step' else line} {figures(event.data)}"
            if time.monotonic() - last < _EVERY_SECONDS:
                return
            last = time.monotonic()
        elif event.kind == "outcome" or (event.kind == "stage" and line == stage):
            return
        stage = line if event.kind == "stage" else stage
        console.say(line)

    return tell
