"""Where the lines of a page stand and how they are printed: places, sizes and weights.

pypdf reads the words in their order, pdfplumber where each letter is. Both go through a page in the order
in which it is drawn, so the letters of a line are found one after the other; a line of which they are not
found has no place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from index.text import CJK, RAISED, clean

_HEAVY = re.compile(r"bold|black|heavy|demi|-medi\b|cmbx|simhei|heiti|黑体", re.IGNORECASE)
_FAR = 2000
"""Letters that may stand between two lines: a figure's, or those that only one reader sees."""
_NEAR = 40
"""The same for a line of less than `_FEW` letters, which may stand anywhere by chance."""
_FEW = 6
_SMALL = 0.9
"""Times the usual size; a raised digit is smaller."""


@dataclass(frozen=True, slots=True)
class Place:
    """Points from the left and from the top of the page."""

    left: float
    right: float
    base: float
    """Of the line on which the letters stand."""
    size: float
    """Of most letters, in points."""
    bold: bool
    """All letters are."""
    word: float
    """How wide the first word is; of Chinese, the first character."""
    gap: float
    """The widest between two letters, but for what parts a number from the words behind it."""
    height: float
    """`base`, as a share of the height of the page."""


class Line(str):
    """A line of a page that knows where it stands."""

    place: Place

    def __new__(cls, text: str, place: Place) -> Line:
        line = super().__new__(cls, text)
        line.place = place
        return line


class Row(str):
    """A row of a table, on a line of its own between the lines of a page."""


class Heading(Line):
    """A line that is a heading, its mark before it."""


class Letter(NamedTuple):
    """Places as in `Place`."""

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    height: float


def letters(page: Any) -> list[Letter]:
    """Those of a page of pdfplumber's, without spaces and without what is turned."""
    found = []
    for char in page.chars:
        if char["upright"] and (text := _cleaned(char["text"])):
            base = page.height - char["matrix"][5]
            heavy = _is_heavy(char["fontname"])
            share = base / page.height
            found.append(Letter(text, char["x0"], char["x1"], base, char["size"], heavy, share))
    return found


@lru_cache(maxsize=4096)
def _cleaned(text: str) -> str:
    return "".join(clean(text).split())


@lru_cache(maxsize=512)
def _is_heavy(font: str) -> bool:
    return _HEAVY.search(font) is not None


def placed(lines: Sequence[str], letters: Sequence[Letter]) -> list[str]:
    """The lines of a page, each as a `Line` where its letters are found.

    Blank lines between two of them are left out: places tell more.
    """
    whole = "".join(letter.text for letter in letters)
    owners = [at for at, letter in enumerate(letters) for _ in letter.text]
    found: list[str] = []
    at = 0
    for line in lines:
        key = "".join(line.split())
        far = _FAR if len(key) >= _FEW else _NEAR
        start = whole.find(key, at, at + far + len(key)) if key and not isinstance(line, Row) else -1
        if start < 0:
            found.append(line)
            continue
        at = start + len(key)
        own = letters[owners[start] : owners[at - 1] + 1]
        place = _place(line, own)
        found.append(Line(_with_raised(line, own, place), place))
    return [line for i, line in enumerate(found) if line or not _is_between(found, i)]


def _is_between(lines: Sequence[str], at: int) -> bool:
    above = next(filter(None, reversed(lines[:at])), None)
    below = next(filter(None, lines[at:]), None)
    return isinstance(above, Line) and isinstance(below, Line)


def _with_raised(line: str, own: Sequence[Letter], place: Place) -> str:
    """A line whose raised digits are no part of the number before them: 4,900¹ for 4,9001, 10⁵ for 105."""
    small = [letter.size < _SMALL * place.size and letter.text.isdecimal() for letter in own]
    if not any(small) or sum(len(letter.text) for letter in own) != len(own):
        return line
    raised = iter(
        letter.text.translate(RAISED)
        if at and is_small and letter.base < place.base - 0.15 * place.size
        else letter.text
        for at, (letter, is_small) in enumerate(zip(own, small, strict=True))
    )
    return "".join(char if char.isspace() else next(raised) for char in line)


def _place(line: str, own: Sequence[Letter]) -> Place:
    bases = Counter(round(letter.base, 1) for letter in own)
    first = 1 if CJK.match(line) else len(re.split(r"\s|(?=[\u2e80-\u9fff])", line, maxsplit=1)[0])
    word = own[: max(first, 1)]
    base = max(bases, key=lambda base: bases[base])
    behind = own[first - 1 + line[0].isdigit() :]
    return Place(
        left=min(letter.left for letter in own),
        right=max(letter.right for letter in own),
        base=base,
        size=median(letter.size for letter in own),
        bold=all(letter.bold for letter in own),
        word=word[-1].right - word[0].left,
        gap=max((b.left - a.right for a, b in pairwise(behind)), default=0.0),
        height=median(letter.height for letter in own),
    )
