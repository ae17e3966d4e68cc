"""The line above a passage that announces the rows or items with which the passage goes on.

`Ground floor:` stands above the rows of a table, "The following must be worn:" above a list. Split over
passages, only the first of them holds that line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.language import sentences
from index.text import ITEM
from index.types import Passage

_MOST = 1_000
"""Lines that are looked at on the way up."""
_BULLETS = "-*–•●▪■◦·"
_LABEL = re.compile(r"[^:：;；\n]{0,80}[:：;；]")
_COLONS = (":", "：")

Span = tuple[int, int]


def announcing(text: str, passage: Passage) -> Span | None:
    """Offsets of the sentence, without its colon, that announces what a passage begins with; else None.

    Of a list, the passage must hold little else: what follows the list was not announced.

    Args:
        text: the document's, at least down to the end of the passage.

    >>> text = "Wear this:\\n\\n- a helmet\\n- boots"
    >>> a, b = announcing(text, Passage(0, "", "- boots", 23, 30))
    >>> text[a:b]
    'Wear this'
    """
    start = text.rfind("\n", 0, passage.start) + 1
    end = text.find("\n", passage.start)
    own = text[start : end if end >= 0 else len(text)]
    if own.rstrip().endswith(_COLONS):
        return None  # it announces something itself
    if ITEM.match(own.lstrip()):
        return _above_items(text, start, own) if _listed(passage.text) * 2 >= len(passage.text) else None
    return _above_rows(text, start, own) if _is_row(own) else None


def _above_items(text: str, end: int, own: str) -> Span | None:
    indent, bullet = _indent(own), own.lstrip()[0] in _BULLETS
    for start, line in _upwards(text, end):
        words, here = line.strip(), _indent(line)
        item = ITEM.match(words)
        alike = here == indent and bool(item) and (words[0] in _BULLETS) == bullet
        if not words or alike or (item and here > indent):
            continue
        if words.endswith(_COLONS):
            return _sentence(text, start, start + len(line)) if here <= indent else None
        if item:  # what this list belongs to, in a list itself
            indent, bullet = here, words[0] in _BULLETS
        elif here < 2:  # else it goes on with an item
            break
    return None


def _above_rows(text: str, end: int, own: str) -> Span | None:
    name = re.split("[:：]", own, maxsplit=1)[0]
    gap = False
    for start, line in _upwards(text, end):
        if line.rstrip().endswith(_COLONS):
            return _sentence(text, start, start + len(line))
        own_column = line.startswith((f"{name}:", f"{name}："))
        if line.strip() and (gap or not (own_column or _is_row(line))):
            break
        gap = not line.strip()
    return None


def _upwards(text: str, end: int) -> Iterator[tuple[int, str]]:
    """The lines above `end`, the last of them first, each with its place."""
    for _ in range(_MOST):
        if end == 0:
            break
        start = text.rfind("\n", 0, end - 1) + 1
        yield start, text[start : end - 1]
        end = start


def _sentence(text: str, start: int, end: int) -> Span | None:
    """The last sentence of a line, without the mark of an item and without its colon."""
    if text.startswith("#", start):
        return None
    mark = ITEM.match(text[start:end].lstrip())
    start += _indent(text[start:end]) + (mark.end() if mark else 0)
    said = sentences(text, start, end)
    if not said:
        return None
    first, last = said[-1]
    return first, first + len(text[first:last].rstrip(" :："))


def _listed(text: str) -> int:
    """How many characters at the beginning of a passage are items, with what is indented below them."""
    length = 0
    for line in text.split("\n"):
        if line.strip() and not (ITEM.match(line.lstrip()) or line.startswith("  ")):
            break
        length += len(line) + 1
    return length


def _is_row(line: str) -> bool:
    """Whether it is written as readers write rows: `Model: B-200; Plant: Linhai`, `B-200; Weight: 84 kg`."""
    semicolon = ";" in line or "；" in line
    return semicolon and (":" in line or "：" in line) and _LABEL.match(line) is not None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
