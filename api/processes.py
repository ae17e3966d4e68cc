"""Processes of this machine: which is which, whether one is still there, and how one is ended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

import psutil

from index.jobs import Owner

_APART_SECONDS = 2.0
"""By which the beginning of one and the same process is told differently when the clock is set."""


def process_of(pid: int) -> Owner:
    """Raises LookupError: there is none of that number."""
    try:
        return Owner(pid, psutil.Process(pid).create_time())
    except psutil.NoSuchProcess as error:
        raise LookupError(pid) from error


def alive(owner: Owner) -> bool:
    """Whether it still runs: the process of that number is the one that began then, and has not ended."""
    return any(True for _ in _found(owner))


def end(owner: Owner, *, hard: bool = False) -> None:
    """Ask it to stop, or stop it (`hard`); nothing happens where it is gone."""
    for process in _found(owner):
        with suppress(psutil.NoSuchProcess):
            process.kill() if hard else process.terminate()


def _found(owner: Owner) -> Iterator[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(owner.pid)
        began = abs(process.create_time() - owner.since) < _APART_SECONDS
        if began and process.status() != psutil.STATUS_ZOMBIE:
            yield process


def step_back(niceness: int) -> None:
    """Let every other process go first, where the system can say so."""
    with suppress(OSError, AttributeError):
        os.nice(niceness)
