"""Questions and queries by the file: JSON lines in, JSON lines out, in order, resumable."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from index.errors import InputError, StorageFull

Line = dict[str, Any]


def read_lines(path: Path, field: str) -> list[Line]:
    """Lines `{"id", field}` of a file; `id` defaults to the line's number.

    Raises:
        InputError: the file cannot be read, or a line is not of that form (named by number).
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    lines: list[Line] = []
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
        except json.JSONDecodeError as error:
            raise InputError(f"{path}, line {number}: not JSON ({error.msg})") from error
        if not isinstance(line, dict) or not isinstance(line.get(field), str):
            raise InputError(f'{path}, line {number}: needs {{"id": ..., "{field}": "..."}}')
        lines.append({"id": line.get("id", number), field: line[field]})
    if len({json.dumps(line["id"]) for line in lines}) < len(lines):
        raise InputError(f"{path}: two lines have the same id")
    return lines


def done_ids(out: Path) -> set[str]:
    """Ids that an earlier run wrote whole; a half-written last line is cut off."""
    if not out.exists():
        return set()
    done: set[str] = set()
    whole = 0
    with out.open("rb") as file:
        for raw in file:
            try:
                done.add(json.dumps(json.loads(raw)["id"]))
            except (ValueError, KeyError, TypeError):
                break
            if not raw.endswith(b"\n"):
                break
            whole += len(raw)
    if whole < out.stat().st_size:
        os.truncate(out, whole)
    return done


def run(
    lines: list[Line], out: Path, work: Callable[[Line], Line], tick: Callable[[], None]
) -> Iterator[tuple[Line, Line]]:
    """Work through the lines that `out` does not hold yet; each result is on disk before the next begins.

    Yields:
        (line, result) of each new line; `tick` is called for every line, done before or now.
    """
    done = done_ids(out)
    try:
        with out.open("a", encoding="utf-8") as file:
            for line in lines:
                if json.dumps(line["id"]) not in done:
                    result = {"id": line["id"], **work(line)}
                    file.write(json.dumps(result, ensure_ascii=False) + "\n")
                    file.flush()
                    yield line, result
                tick()
    except OSError as error:
        raise StorageFull(f"cannot write {out}: {error.strerror}") from error
