"""A user's own questions: JSON lines, CSV or SQuAD JSON -> questions with what is right to find."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index.errors import InputError, QuestionError, ReadError
from index.language import sentences
from index.store import Store
from index.text import decode
from rag.needs import Need, Question, holds, plain
from rag.retrieve import checked_query

_ANSWERS = ("answers", "answer")
_DOCUMENTS = ("documents", "document", "sources", "source")
_SHAPE = '{"question": "...", "answers": ["..."], "documents": ["..."]}'


@dataclass(slots=True)
class Asked:
    """What a file of questions holds."""

    questions: list[Question] = field(default_factory=list)
    unanswerable: int = 0
    """Questions whose list of answers is empty: there is nothing to find for them."""
    unknown: list[str] = field(default_factory=list)
    """Names of documents that are not in the collection; their questions are judged by the answers alone."""


def read_questions(path: Path, store: Store) -> Asked:
    """Questions of a file: JSON lines, a JSON list, CSV (several values in a cell: "a | b"), or SQuAD JSON.

    A passage is right when it holds an accepted answer and comes from the named document; of several named
    documents each has to be found, by any passage of it where the answer stands only in another.

    Raises:
        InputError: the file cannot be read, a line has no question or says nothing about what is right,
            no named document is in the collection, or no question is left. Names the line.
    """
    text = _read(path)
    names = _Names(store)
    asked = Asked()
    for place, row in _rows(path, text):
        try:
            question = _question(row, place, names)
        except InputError as error:
            raise InputError(f"{path}, {place}: {error}") from error
        if question is None:
            asked.unanswerable += 1
        else:
            asked.questions.append(question)
    asked.unknown = [name for name, ids in names.seen.items() if not ids]
    if asked.unknown and len(asked.unknown) == len(names.seen):
        shown = ", ".join(map(repr, asked.unknown[:3]))
        raise InputError(f"{path}: none of its documents is in this collection ({shown}): see `jujube list`")
    if not asked.questions:
        raise InputError(f"{path}: no question in it that has an answer; write lines like {_SHAPE}")
    return asked


def _read(path: Path) -> str:
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except ReadError as error:
        raise InputError(f"{path} {error}") from error


def _rows(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """("line 3", row) of each question."""
    if path.suffix.lower() == ".csv":
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
        raise InputError(f"{path}, line {number}: not JSON ({error}); write {_SHAPE}") from error


def _object(path: Path, place: str, row: Any) -> Mapping[str, Any]:
    if not isinstance(row, dict):
        raise InputError(f"{path}, {place}: not an object; write {_SHAPE}")
    return row


def _csv_rows(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
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
    if column not in (*_ANSWERS, *_DOCUMENTS):
        return value
    return [part.strip() for part in value.split("|") if part.strip()]


def _squad_rows(path: Path, data: Sequence[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """SQuAD 1.1 and 2.0. What is right holds the sentence of the paragraph that the answer stands in."""
    number = 0
    try:
        for article in data:
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    number += 1
                    answers = [] if qa.get("is_impossible") else qa["answers"]
                    said = dict.fromkeys(_answer_sentence(paragraph["context"], answer) for answer in answers)
                    row = {"id": qa.get("id"), "question": qa["question"], "answers": list(said)}
                    yield f"question {number}", row | {"shown": answers[0]["text"] if answers else ""}
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}, question {number + 1}: not SQuAD JSON ({error!r} is missing or odd)"
        ) from error


def _answer_sentence(context: str, answer: Mapping[str, Any]) -> str:
    start, text = answer.get("answer_start", -1), str(answer["text"])
    if not isinstance(start, int) or context[start : start + len(text)] != text:
        return text
    around = [context[a:b] for a, b in sentences(context) if a < start + len(text) and start < b]
    return around[0] if len(around) == 1 else text


class _Names:
    """Documents of the collection by what a user may call them: id, source, the end of a source, title."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._called: dict[str, set[str]] = {}
        for document_id, source, title, *_ in store.documents():
            for name in _names(document_id, source, title):
                self._called.setdefault(name, set()).add(document_id)
        self.seen: dict[str, frozenset[str]] = {}
        """What was asked for, with what it names."""

    def ids(self, name: str) -> frozenset[str]:
        return self.seen.setdefault(name, frozenset(self._called.get(name, ())))

    def hold(self, ids: frozenset[str], words: Sequence[str]) -> bool:
        """Whether one of the documents holds one of `words`."""
        texts = (plain(self._store.document(i).text) for i in sorted(ids))
        return any(holds(text, word) for text in texts for word in words)


def _names(document_id: str, source: str, title: str) -> Iterator[str]:
    """A file of several records gives its documents sources that begin with its own and end in #number."""
    file = source.rpartition("#")[0] or source
    yield from (document_id, source, title, file)
    yield from (file[at + 1 :] for at, char in enumerate(file) if char == "/")


def _question(row: Mapping[str, Any], place: str, names: _Names) -> Question | None:
    """None when the row says that nothing answers it."""
    text = row.get("question")
    if not isinstance(text, str):
        raise InputError(f'no "question"; write {_SHAPE}')
    answers, documents = _strings(row, _ANSWERS), _strings(row, _DOCUMENTS)
    if answers is None and not documents:
        raise InputError('neither "answers" nor "documents": which passage is right?')
    if not answers and not documents:
        return None
    needs = _needs(tuple(plain(answer) for answer in answers or ()), documents or [], names)
    kind = row.get("kind")
    if not isinstance(kind, str) or not kind.strip():
        kind = "one document" if len(needs) == 1 else "several documents"
    given = row.get("id")
    shown = str(row.get("shown") or (answers[0] if answers else ""))
    identity = str(place if given is None or given == "" else given)
    return Question(identity, _checked(text), kind.strip(), needs, shown)


def _checked(text: str) -> str:
    try:
        return checked_query(text)
    except QuestionError as error:
        raise InputError(str(error)) from error


def _needs(words: tuple[str, ...], documents: Sequence[str], names: _Names) -> tuple[Need, ...]:
    found = [ids for ids in map(names.ids, documents) if ids]
    if not found:
        if not words:
            raise InputError(
                f"no document {documents[0]!r} in this collection: `jujube list` shows what there is"
            )
        return (Need(words),)
    return tuple(Need(words if words and names.hold(ids, words) else (), ids) for ids in dict.fromkeys(found))


def _strings(row: Mapping[str, Any], keys: Sequence[str]) -> list[str] | None:
    """The first of `keys` that the row has, as a list of strings that are not blank; None for none."""
    for key in keys:
        value = row.get(key)
        if value is None:
            continue
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
            raise InputError(f'"{key}" is neither a string nor a list of strings')
        return [item.strip() for item in values if item.strip()]
    return None
