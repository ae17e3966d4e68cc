"""Questions and queries by the file: JSON lines in, JSON lines out, in order, resumable."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from index.errors import InputError, QuestionError, StorageFull

Line = dict[str, Any]

FIELDS = {"question": "answer", "query": "hits"}
"""What a line asks with -> what a line of results always has."""


def read_lines(path: Path, field: str) -> list[Line]:
    """Lines `{"id", field}` of a file; `id` defaults to the line's number. A query may be called a question.

    Raises:
        InputError: the file cannot be read, or a line is not of that form (named by number).
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not valid UTF-8: save it again as UTF-8") from error
    numbered = [(number, raw) for number, raw in enumerate(text.split("\n"), 1) if raw.strip()]
    lines = [_line(raw, field, number, f"{path}, line {number}") for number, raw in numbered]
    if not lines:
        raise InputError(f'{path} is empty: it needs lines {{"id": ..., "{field}": "..."}}')
    first: dict[str, int] = {}
    for line, (number, _) in zip(lines, numbered, strict=True):
        before = first.setdefault(_key(line["id"]), number)
        if before != number:
            raise InputError(f"{path}, line {number}: the id {line['id']!r} is that of line {before} too")
    return lines


def _line(raw: str, field: str, number: int, place: str) -> Line:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: not JSON ({error})") from error
    text = line.get(field, line.get("question")) if isinstance(line, dict) else None
    if not isinstance(text, str):
        raise InputError(f'{place}: needs {{"id": ..., "{field}": "..."}}')
    if not text.strip():
        raise InputError(f"{place}: the {field} is empty")
    return {"id": line.get("id", number), field: text}


def _key(identity: Any) -> str:
    return json.dumps(identity, sort_keys=True)


def done_ids(out: Path, field: str) -> set[str]:
    """Ids that an earlier run wrote whole; a last line that was cut off in the middle is taken away.

    Raises:
        InputError: `out` holds something else than results; it is left as it is.
    """
    if not out.is_file():
        return set()
    done: set[str] = set()
    whole = 0
    with out.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if not raw.endswith(b"\n"):
                _refuse_other(raw[:4] not in b'{"id', out, number)
                break
            line = _parsed(raw)
            _refuse_other(line is None or not {"id", FIELDS[field]} <= line.keys(), out, number)
            done.add(_key(line["id"] if line else None))
            whole += len(raw)
    if whole < out.stat().st_size:
        os.truncate(out, whole)
    return done


def _parsed(raw: bytes) -> Line | None:
    try:
        line = json.loads(raw)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _refuse_other(other: bool, out: Path, number: int) -> None:
    if other:
        raise InputError(
            f"{out}, line {number}: not a result of an earlier run; name another file with --out"
        )


def run(
    lines: list[Line], out: Path, field: str, work: Callable[[str], Line], tick: Callable[[], None]
) -> Iterator[Line]:
    """Work through the lines that `out` does not hold yet; each result is on disk before the next begins.

    Yields:
        Each new result; `tick` is called for every line, done before or now.

    Raises:
        InputError: see `done_ids`; or a question that cannot be asked, named by its id.
        StorageFull: `out` cannot be written.
    """
    try:
        done = done_ids(out, field)
        with out.open("a", encoding="utf-8") as file:
            for line in lines:
                if _key(line["id"]) not in done:
                    result = _result(line, field, work)
                    file.write(_dumped(result) + "\n")
                    file.flush()
                    yield result
                tick()
    except OSError as error:
        raise StorageFull(f"cannot write {out}: {error.strerror}") from error


def _result(line: Line, field: str, work: Callable[[str], Line]) -> Line:
    try:
        return {"id": line["id"], **work(line[field])}
    except QuestionError as error:
        raise QuestionError(f"{field} {line['id']!r}: {error}") from error


def _dumped(result: Line) -> str:
    text = json.dumps(result, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, in an id
        return json.dumps(result)
    return text
