"""What was filled into the form of a PDF, or written onto its pages: it is no part of the pages' own text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.readers.formats import BROKEN
from index.readers.printed import Line
from index.text import CJK, one_line

_NEAR = 20.0
"""Points between a box that is ticked and its label on the right."""
_LONGEST = 2000
"""Characters of a value."""


@dataclass(frozen=True, slots=True)
class _Value:
    """Points from the left and from the top of the page."""

    name: str
    text: str
    left: float
    right: float
    top: float
    bottom: float
    ticked: bool


def with_values(lines: Sequence[str], page: Any) -> list[str]:
    """The lines of a page of pypdf's, each value behind its label; below them those that no line names."""
    try:
        values = list(_values(page))
    except BROKEN:  # the page itself may be whole
        return list(lines)
    labels = [_label(value, lines) for value in values]
    shared = Counter(labels)
    told = list(lines)
    below: list[str] = []
    for value, at in zip(values, labels, strict=True):
        if at is not None and shared[at] == 1:
            line = told[at]
            told[at] = _told(line, value, line.place) if isinstance(line, Line) else line
        else:
            name = value.name.strip()
            below += ["", f"{name}: {value.text}" if name else value.text]
    return [*told, *below]


def _told(line: Line, value: _Value, place: Any) -> Line:
    words = re.sub(r"(?:[\s_:：…]|\.{2,})+$", "", line)
    chinese = CJK.match(words[-1:]) is not None
    text = ("是" if chinese else "yes") if value.ticked else value.text
    return Line(f"{words}{'：' if chinese else ': '}{text}", place)


def _label(value: _Value, lines: Sequence[str]) -> int | None:
    """The line that stands beside a value: on its left, or on its right where a box is ticked."""
    beside = [
        (at, line.place)
        for at, line in enumerate(lines)
        if isinstance(line, Line) and value.top - 2 <= line.place.base <= value.bottom + 2
    ]
    right = [(place.left - value.right, at) for at, place in beside if place.left >= value.right - 2]
    left = [(value.left - place.right, at) for at, place in beside if place.right <= value.left + 2]
    near = [found for found in right if found[0] < _NEAR] if value.ticked else []
    best = min(near or left, default=None)
    return best[1] if best else None


def _values(page: Any) -> Iterator[_Value]:
    height = float(page.mediabox.top)
    for reference in _entry(page, "/Annots") or ():
        note = reference.get_object()
        name, text, ticked = _read(note)
        if text and "/Rect" in note:
            x0, y0, x1, y1 = map(float, note["/Rect"])
            yield _Value(
                name, text, min(x0, x1), max(x0, x1), height - max(y0, y1), height - min(y0, y1), ticked
            )


def _read(note: Any) -> tuple[str, str, bool]:
    """Name and value of an annotation, and whether it is a box that is ticked; "" for none."""
    kind = _entry(note, "/Subtype")
    if kind != "/Widget":
        return "", _text(_entry(note, "/Contents")) if kind == "/FreeText" else "", False
    name = _text(_entry(note, "/TU") or _entry(note, "/T"))
    if _entry(note, "/FT") == "/Btn":
        ticked = _entry(note, "/AS") not in (None, "/Off")
        return name, "yes" if ticked else "", ticked
    return name, _text(_entry(note, "/V")) if _entry(note, "/FT") in ("/Tx", "/Ch") else "", False


def _entry(note: Any, key: str) -> Any:
    """What an annotation says of itself, or the field that it shows."""
    field = note["/Parent"] if key not in note and "/Parent" in note else note
    if key not in field:
        return None
    return field[key]  # `get` gives no more than a reference


def _text(value: Any) -> str:
    parts = value if isinstance(value, list) else [value]
    return one_line(", ".join(str(part) for part in parts if isinstance(part, str)))[:_LONGEST]
