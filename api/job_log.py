"""What a job tells while it runs: a file of JSON lines, written by one process and read by any."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_TAIL = 1 << 16
"""Bytes from the end that hold the latest events."""


@dataclass(frozen=True, slots=True)
class Logged:
    """An event of a job; its fields are those of `finetune.plan.Event`, with the time."""

    number: int
    """Where its line ends in the file, in bytes: grows, and finds the events after it."""
    at: str
    kind: str
    message: str
    data: Mapping[str, Any]


class JobLog:
    """Reads and appends. A line that a kill cut off is passed over, and ended before the next is written."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def append(self, kind: str, message: str, data: Mapping[str, Any]) -> None:
        """Write one event; it is whole in the file, or cut off at its end.

        Raises:
            OSError: no room.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps(
            {"at": now, "kind": kind, "message": message, "data": data}, ensure_ascii=False, default=str
        )
        with self._file.open("ab+") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    line = "\n" + line
            file.write((line + "\n").encode("utf-8", "replace"))

    def read(self, after: int = 0) -> list[Logged]:
        """The whole events after a `number`, in their order; none where nothing was told yet."""
        try:
            with self._file.open("rb") as file:
                file.seek(after)
                data = file.read()
        except FileNotFoundError:
            return []
        return _parsed(data, after)

    def tail(self) -> list[Logged]:
        """The latest events, without reading the whole file."""
        try:
            size = self._file.stat().st_size
        except FileNotFoundError:
            return []
        return self.read(max(0, size - _TAIL))


def _parsed(data: bytes, begin: int) -> list[Logged]:
    """The lines that are whole: what comes before the first line break may be the end of another."""
    found: list[Logged] = []
    end = begin
    for line in data.splitlines(keepends=True):
        end += len(line)
        try:
            value: Any = json.loads(line) if line.endswith(b"\n") else None
            found.append(Logged(end, value["at"], value["kind"], value["message"], value["data"]))
        except (ValueError, TypeError, KeyError):
            continue
    return found
