"""What a passage is read under: its document's title, its headings, and who or what the document is about.

A passage of a contract says "place of delivery: the warehouse"; that the contract is no. ZL-2024-017 stands
on its first page. Where a question names a thing that a passage and its headings do not, but the head of its
document does, the line that names it is read above the passage too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index.errors import NotFound
from index.headings import lines_above
from index.language import fold
from index.store import Store
from index.text import one_line, width
from index.types import Hit
from rag.prompt import LONGEST_TITLE, Included, Line, title_of
from rag.subject import holds, meant

_HEAD = 400
"""Characters at the beginning of a document in which it says what it is about."""
_WIDEST_LINE = 60
"""Columns of a line that is read whole; of a longer one only the name."""


@dataclass(frozen=True, slots=True)
class Above:
    title: str
    """What is read above the passage."""
    lines: tuple[Line, ...]
    """What of it stands in the document, and where."""


def contexts(store: Store, hits: Sequence[Hit], seeds: Mapping[str, float]) -> dict[int, Above]:
    """By passage id.

    Args:
        seeds: entity key -> how surely the question means it, 0 to 1.
    """
    texts: dict[str, str] = {}
    found: dict[int, Above] = {}
    for hit in hits:
        passage = hit.passage
        if passage.document_id not in texts:
            texts[passage.document_id] = _text(store, passage.document_id)
        found[passage.id] = _above(texts[passage.document_id], hit, meant(seeds))
    return found


def quotable(part: Included, above: Above) -> Included:
    """With the lines that an answer may be taken from."""
    return replace(part, above=tuple(line for line in above.lines if line.text in part.title))


def _text(store: Store, document_id: str) -> str:
    try:
        return store.document(document_id).text
    except NotFound:  # removed since it was found
        return ""


def _above(text: str, hit: Hit, keys: Sequence[str]) -> Above:
    passage = hit.passage
    title = title_of(hit.title, passage.heading)
    if text[passage.start : passage.end] != passage.text:  # replaced since it was found
        return Above(title, ())
    lines = [Line(text[a:b], a) for a, b in lines_above(text, passage, hit.title)]
    for key in keys:
        if holds(fold(f"{title}\n{passage.text}"), key):
            continue
        line = _naming(text[: min(_HEAD, passage.start)], key)
        if line is not None and len(title) + 3 + len(line.text) <= LONGEST_TITLE:
            title = " > ".join(filter(None, (title, line.text)))
            lines.append(line)
    return Above(title, tuple(lines))


def _naming(head: str, key: str) -> Line | None:
    """The first line of `head` that has a name in it; of a long one only the name."""
    for match in re.finditer(r"[^\n]+", head):
        line = match.group().strip()
        if not holds(fold(line), key):
            continue
        start = match.start() + match.group().index(line)
        if width(line) <= _WIDEST_LINE and line == one_line(line):
            return Line(line, start)
        name = re.search(re.escape(key), line, re.IGNORECASE)
        return Line(name.group(), start + name.start()) if name else None
    return None
