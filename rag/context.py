"""What a passage is read under: its document's title, its headings, and who or what the document is about.

A passage of a contract says "place of delivery: the warehouse"; that the contract is no. ZL-2024-017 stands
on its first page. Where a question names a thing that a passage and its headings do not, but the head of its
document does, the line that names it is read above the passage too; so is the line that announces the rows or
the items with which the passage goes on: "Ground floor:".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index.announced import announcing
from index.headings import lines_above
from index.language import fold, has_cjk
from index.split import HEADING
from index.store import Store
from index.text import one_line, width
from index.types import Hit
from rag.prompt import LONGEST_TITLE, Included, Line, title_of
from rag.subject import holds, meant

_HEAD = 400
"""Characters at the beginning of a document in which it says what it is about."""
_FAR = 500_000
"""Characters: what stands above a passage is not looked for behind so many (1.2 ms)."""
_WIDEST_LINE = 60
"""Columns of a line that is read whole; of a longer one only the name."""
_LABELLED = re.compile(r"[^:：\n]{1,30}[:：]")
_ENDS = tuple(".。!！?？,，;；、…")


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
    keys = meant(seeds)
    found: dict[int, Above] = {}
    for hit in hits:
        passage = hit.passage
        text, pages = ("", ()) if passage.start > _FAR else store.beginning(passage.document_id, passage.end)
        if text[passage.start :] == passage.text:
            found[passage.id] = _above(text, pages, hit, keys)
        else:  # far down, or replaced or removed since it was found
            found[passage.id] = Above(title_of(hit.title, passage.heading), ())
    return found


def quotable(part: Included, above: Above) -> Included:
    """With the lines that an answer may be taken from."""
    return replace(part, above=tuple(line for line in above.lines if line.text in part.title))


def _above(text: str, pages: Sequence[int], hit: Hit, keys: Sequence[str]) -> Above:
    passage = hit.passage
    title = title_of(hit.title, passage.heading)
    spans = lines_above(text, passage, hit.title)
    announced = announcing(text, passage)
    if announced is not None and len(title) + 3 + announced[1] - announced[0] <= LONGEST_TITLE:
        title = " > ".join(filter(None, (title, text[slice(*announced)])))
        spans.insert(0, announced)
    head = _head(text, spans, passage.start) if keys else ""
    for key in keys:
        if holds(fold(f"{title}\n{passage.text}"), key):
            continue
        span = _naming(head, key)
        if span is not None and len(title) + 3 + span[1] - span[0] <= LONGEST_TITLE:
            title = " > ".join(filter(None, (title, head[slice(*span)])))
            spans.append(span)
    lines = (Line(text[a:b], a, bisect_right(pages, a) or 1 if pages else None) for a, b in spans)
    return Above(title, tuple(lines))


def _head(text: str, above: Sequence[tuple[int, int]], before: int) -> str:
    """The beginning of a document, whole lines, down to the first heading that is not above the passage."""
    own = {start for start, _ in above}
    other = next((m.start() for m in HEADING.finditer(text, 0, _HEAD) if m.start(2) not in own), _HEAD)
    end = min(_HEAD, before, other)
    return text[: text.rfind("\n", 0, end + 1) + 1] if end < len(text) else text


def _naming(head: str, key: str) -> tuple[int, int] | None:
    """Where a head names something: a short line that does not tell of something else, or the name alone.

    A line tells of the name where it is the value of a label (`Buyer: Mingze Water`), or has no label and is
    no sentence. A longer line or a sentence only where it begins the document.
    """
    border = "" if has_cjk(key) else r"(?<![\w-])"
    name = re.compile(f"{border}{re.escape(key)}{border.replace('<!', '!')}", re.IGNORECASE)
    for match in re.finditer(r"[^\n]+", head):
        line = match.group().strip()
        if line.startswith("#") or not holds(fold(line), key):
            continue
        start = match.start() + match.group().index(line)
        label = _LABELLED.match(line)
        short = width(line) <= _WIDEST_LINE and line == one_line(line) and not line.endswith(_ENDS)
        if short and (label is None or holds(fold(line[label.end() :]), key)):
            return start, start + len(line)
        if match.start() == 0 and (found := name.search(line)):
            return start + found.start(), start + found.end()
    return None
