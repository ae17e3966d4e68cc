"""Files of questions -> rows: JSON lines, a JSON list, CSV or SQuAD JSON; each may be gzipped."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from index.errors import InputError, QuestionError, ReadError
from index.text import decode
from rag.retrieve import checked_query

ANSWERS = ("answers", "answer")
DOCUMENTS = ("documents", "document", "sources", "source")
SHAPE = '{"question": "...", "answers": ["..."], "documents": ["..."]}'

Row = Mapping[str, Any]

_LARGEST = 1 << 30
"""Bytes that a gzipped file may unpack to."""


def read_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """("line 3", row) of each question.

    A row has `question` and, where the file has them, `id`, `kind`, `ANSWERS` and `DOCUMENTS`. In CSV several
    values stand in a cell as "a | b". A row of SQuAD JSON 1.1 or 2.0 has the accepted `answers` (none: its
    paragraph does not answer it), `starts`, where in the paragraph each stands, and the paragraph as
    `context` with its `title`.

    Raises:
        InputError: the file cannot be read, or a row is not of that form. Names the line.
    """
    text = _read(path)
    if _suffix(path) == ".csv":
        yield from _csv_rows(path, text)
        return
    whole = _whole_json(text)
    if isinstance(whole, dict) and isinstance(whole.get("data"), list):
        yield from _squad_rows(path, whole["data"])
    elif isinstance(whole, list):
        yield from (
            (f"item {number}", _object(path, f"item {number}", row)) for number, row in enumerate(whole, 1)
        )
    elif isinstance(whole, dict):
        yield "line 1", whole
    else:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield f"line {number}", _object(path, f"line {number}", _parsed(path, number, line))


def question_of(row: Row) -> str:
    """The question, fit to be asked. Raises InputError where there is none, or it is empty or too long."""
    text = row.get("question")
    if not isinstance(text, str):
        raise InputError(f'no "question"; write {SHAPE}')
    try:
        return checked_query(text)
    except QuestionError as error:
        raise InputError(str(error)) from error


def identity_of(row: Row, place: str) -> str:
    """The row's id; without one, its place in the file."""
    given = row.get("id")
    return str(place if given is None or given == "" else given)


def strings(row: Row, keys: Sequence[str]) -> list[str] | None:
    """The first of `keys` that the row has, as a list of strings that are not blank; None for none.

    Raises:
        InputError: it is something else.
    """
    for key in keys:
        value = row.get(key)
        if value is None:
            continue
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
            raise InputError(f'"{key}" is neither a string nor a list of strings')
        return [item.strip() for item in values if item.strip()]
    return None


def _suffix(path: Path) -> str:
    """
    >>> _suffix(Path("a.CSV.gz")), _suffix(Path("a.json"))
    ('.csv', '.json')
    """
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
        return decode(_unpacked(path, data) if path.suffix.lower() == ".gz" else data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is not a whole gzip file ({error}): pack it again") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except ReadError as error:
        raise InputError(f"{path} {error}") from error


def _unpacked(path: Path, data: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        unpacked = file.read(_LARGEST + 1)
    if len(unpacked) > _LARGEST:
        raise InputError(f"{path} unpacks to more than {_LARGEST >> 20} MiB: split it into several files")
    return unpacked


def _whole_json(text: str) -> Any:
    """The file as one JSON value; None when it is not one, as JSON lines are not."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _parsed(path: Path, number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}, line {number}: not JSON ({error}); write {SHAPE}") from error


def _object(path: Path, place: str, row: Any) -> Row:
    if not isinstance(row, dict):
        raise InputError(f"{path}, {place}: not an object; write {SHAPE}")
    return row


def _csv_rows(path: Path, text: str) -> Iterator[tuple[str, Row]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        header = [name.strip().lower() for name in reader.fieldnames or ()]
        if "question" not in header:
            raise InputError(
                f"{path}, line 1: no column named question, but {', '.join(header) or 'nothing'}"
            )
        reader.fieldnames = header
        for row in reader:
            cells = {key: value for key, value in row.items() if isinstance(value, str)}
            if any(value.strip() for value in cells.values()):
                yield f"line {reader.line_num}", {key: _cell(key, value) for key, value in cells.items()}
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: not CSV ({error})") from error


def _cell(column: str, value: str) -> str | list[str]:
    if column not in (*ANSWERS, *DOCUMENTS):
        return value
    return [part.strip() for part in value.split("|") if part.strip()]


def _squad_rows(path: Path, data: Sequence[Any]) -> Iterator[tuple[str, Row]]:
    number = 0
    try:
        for article in data:
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    answers = [] if qa.get("is_impossible") else qa["answers"]
                    accepted = [pair for pair in map(_accepted, answers) if pair[0]]
                    row = {
                        "id": qa.get("id"),
                        "question": qa["question"],
                        "answers": [text for text, _ in accepted],
                        "starts": [start for _, start in accepted],
                        "context": str(paragraph["context"]),
                        "title": str(article.get("title") or ""),
                    }
                    number += 1
                    yield f"question {number}", row
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}, question {number + 1}: not SQuAD JSON ({error!r} is missing or odd)"
        ) from error


def _accepted(answer: Row) -> tuple[str, int]:
    """The words of an answer and where they begin, without the white space around them; -1: nobody knows."""
    text, start = str(answer["text"]), answer.get("answer_start")
    return text.strip(), start + len(text) - len(text.lstrip()) if isinstance(start, int) else -1
