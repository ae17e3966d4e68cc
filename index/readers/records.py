"""Documents in JSON: records `{"id", "title", "text", "source", "metadata"}`, and JSON of any other shape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from index import errors
from index.errors import DamagedFile, ReadError
from index.readers.formats import Draft
from index.readers.json_text import json_lines, record_line, scalar
from index.readers.outline import with_headings
from index.readers.sections import section_columns
from index.readers.titles import title_line
from index.text import clean, decode, first_heading, one_line, refuse_binary
from index.types import Document, document_id_for


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be read, among others that could."""

    source: str
    code: str
    """The `code` of the error's class in `index.errors`."""
    reason: str
    """For a person: names the file, says what is wrong and what to do."""


Found = Document | Failure

_NO_TITLE = {"", "untitled", "anonymous", "无标题", "word document", "powerpoint presentation"}


_OWN = ("id", "title", "text", "source", "metadata")
"""Fields of a record with a text; what others say stands below it."""
_PROSE = {".txt", ".md", ".pdf", ".docx", ".html", ".htm"}
"""Files that may begin with a title; tables and slides begin with something else."""
_MARKED = {".md", ".markdown"}
"""Files whose writers mark their headings."""
_LISTS = {".csv", ".tsv", ".json"}
"""Files in which a heading is a question, and no title."""


def as_document(draft: Draft, source: str, *, prose: bool | None = None) -> Document:
    """A reader's draft under its source.

    Args:
        prose: whether its first line may be a title; None: as the source's suffix says.

    Raises:
        EmptyDocument: it holds no text.
    """
    text = draft.text if draft.pages else draft.text.strip()
    if text.startswith("#") and draft.text.lstrip("\n").startswith(" "):
        text = f" {text}"  # with which a reader says that it is no heading
    if not text:
        raise errors.EmptyDocument("has no text in it; there is nothing to index")
    title = "" if draft.title.strip(" ()").lower() in _NO_TITLE else draft.title
    path = PurePosixPath(source)
    heading = "" if prose is None and path.suffix.lower() in _LISTS else first_heading(text)
    prose = path.suffix.lower() in _PROSE if prose is None else prose
    title = title or one_line(heading) or (title_line(text) if prose else "") or path.stem
    pages = draft.pages
    if prose and path.suffix.lower() not in _MARKED:
        text, pages = with_headings(text, pages)
    return Document(document_id_for(source), title, text, source, pages=pages)


def read_json(data: bytes, source: str) -> Iterator[Found]:
    """One document, or a list of them, in the shape of `read_jsonl`; other JSON is one document."""
    value = _parse(decode(data))
    if isinstance(value, list) and any(isinstance(item, dict) and "text" in item for item in value):
        yield from _records(enumerate(value, 1), source, "item")
    elif isinstance(value, dict) and isinstance(value.get("text"), str):
        yield _record(value, source)
    else:
        text = clean("\n".join(json_lines(value, PurePosixPath(source).stem)))
        yield as_document(Draft(re.sub(r"\n{3,}", "\n\n", text)), source)


def read_jsonl(data: bytes, source: str) -> Iterator[Found]:
    """Lines of `{"id", "title", "text", "source", "metadata"}`, of which only the text is required.

    What other fields say stands below the text.
    """
    try:
        text = decode(data)
    except DamagedFile:
        refuse_binary(data)
        text = data.decode("utf-8", "surrogateescape")  # only the lines that are damaged shall fail
    lines = enumerate(text.split("\n"), 1)
    yield from _records((line for line in lines if line[1].strip()), source, "line")


def _records(parts: Iterable[tuple[int, Any]], source: str, word: str) -> Iterator[Found]:
    seen: set[str] = set()
    for number, part in parts:
        name = f"{source}#{number}"
        try:
            document = _record(_parse(part) if word == "line" else part, name)
            if document.source in seen:  # records often share the file that they were exported from
                document = _apart(document, number)
            seen.add(document.source)
            yield document
        except ReadError as error:
            yield Failure(name, error.code, f"{source}, {word} {number}: {error}")


def _apart(document: Document, number: int) -> Document:
    """The same record under a source of its own, which begins with the source it shares."""
    source = f"{document.source}#{number}"
    own_id = document.id != document_id_for(document.source)
    return replace(document, source=source, id=document.id if own_id else document_id_for(source))


def _record(value: Any, name: str) -> Document:
    if isinstance(value, dict) and value.get("text") is None:
        cells = [one if isinstance(one, str) else "" for one in value.values()]
        places = section_columns([cells], list(value))
        if places is not None:  # a question and its answer
            names = list(value)
            rest = {key: one for key, one in value.items() if key not in (names[places[0]], names[places[1]])}
            value = {**rest, "title": cells[places[0]], "text": cells[places[1]]}
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise DamagedFile('is not an object with a string "text"; give it one')
    text = clean(value["text"]).strip()
    if not text:
        raise errors.EmptyDocument('has an empty "text"; fill it or leave the record out')
    metadata = value.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise DamagedFile('has "metadata" that is not an object; write {"key": value}')
    id_, title, source = (one_line(scalar(value.get(key))) for key in ("id", "title", "source"))
    more = {key: cell for key, cell in value.items() if key not in _OWN}
    plain = as_document(Draft("\n\n".join([text, *record_line(more)]), title), source or name, prose=True)
    return replace(plain, id=id_ or plain.id, metadata=metadata)


def _parse(text: str) -> Any:
    if re.search("[\udc80-\udcff]", text):
        raise DamagedFile("is not valid UTF-8; save it again as UTF-8")
    try:
        value = json.loads(text)
        if "\\ud" in text.lower():  # perhaps half of a surrogate pair, which cannot be written as UTF-8
            utf16 = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass")
            value = json.loads(utf16.decode("utf-16", "replace"))
        return value
    except (ValueError, RecursionError) as error:
        raise DamagedFile(f"is no JSON that can be read ({error}); mend it or leave it out") from error
