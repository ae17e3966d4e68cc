"""Where the paragraphs of printed pages end, by the places of their lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from index.readers.printed import Heading, Line, Place
from index.text import CJK, ITEM, join_broken

_ENDED = (*".!?。！？", '."', ".”", "。”", "。）")
LEADER = re.compile(r"(?:[.…·][ ]?){4,}[ ]*\d+$")
"""A line of a table of contents."""
_CUT = re.compile(r"\w[-\u00ad\u2010]$")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S*[\w/?&=#%]$")
_CLOSES = re.compile(r"[,.;:!?)，。；：！？）、」』”]")
_TIGHT = re.compile(r"[\u3400-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u3400-\u9fff]")
_SPACED = re.compile(r"[\u3400-\u9fff] [A-Za-z0-9]|[A-Za-z0-9] [\u3400-\u9fff]")
_ALIKE = 1.1
"""Sizes of letters that are one, as their quotient."""
_WIDER = 1.18
"""Times the usual distance of lines; more parts paragraphs."""
_ROOM = 0.85
"""Of a column; a line that ends before it is ended by the writer, where words are not cut."""
_FILLED = 0.92
_NARROW = 22
"""Times the size of the letters; lines that are shorter may as well be an address or a list."""
_NARROWEST = 14
"""Times the size of the letters; a column is wider."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a page is set."""

    leads: dict[int, float]
    """By half points of the letters' size: the distance of lines in a paragraph, in points, in all pages."""
    column: float
    """Of most lines, in points; 0 where none have a place."""
    sure: bool
    """Whether several lines are as wide."""
    spaced: bool
    """Whether a space parts Chinese from letters and figures, in all pages."""


def settings(pages: Sequence[Sequence[str]]) -> list[Setting]:
    """One for each page."""
    steps: dict[int, list[float]] = {}
    for page in pages:
        for one, other in pairwise(_places(page)):
            step = other.base - one.base
            if _same_size(one, other) and 0.9 * one.size < step < 2.6 * one.size and _overlap(one, other):
                steps.setdefault(round(2 * one.size), []).append(step)
    leads = {size: _usual(own) for size, own in steps.items()}
    lines = [line for page in pages for line in page if isinstance(line, Line)]
    spaced = sum(len(_SPACED.findall(line)) - len(_TIGHT.findall(line)) for line in lines) >= 0
    all_widths = [line.place.right - line.place.left for line in lines]
    usual = median(all_widths or [0.0])
    found = []
    for page in pages:
        widths = sorted(place.right - place.left for place in _places(page))
        column = max([usual, *widths[len(widths) * 9 // 10 :][:1]])
        sure = sum(0.95 * column <= wide <= 1.05 * column for wide in all_widths) > 2
        found.append(Setting(leads, column, sure, spaced))
    return found


def joined(left: str, right: str, spaced: bool) -> str:
    """Two lines of one paragraph as flowing text.

    Args:
        spaced: whether a space parts Chinese from letters and figures.

    >>> joined("满", "10年", False), joined("满", "10 年", True)
    ('满10年', '满 10 年')
    """
    tight = not spaced and (CJK.match(left[-1]) or CJK.match(right))
    code = _CUT.search(left) and right[0].isdigit()
    return left + right if tight or code or _ADDRESS.search(left) else join_broken(left, right)


def _places(page: Sequence[str]) -> list[Place]:
    return [line.place for line in page if isinstance(line, Line)]


def _usual(steps: list[float]) -> float:
    """The least distance that several lines have; those of paragraphs are wider."""
    counts = Counter(round(2 * step) for step in steps)
    least = max(2, len(steps) // 12)
    often = [half for half in counts if counts[half] + counts[half + 1] >= least]
    return min(often) / 2 + 0.25 if often else min(steps)


def _same_size(one: Place, other: Place) -> bool:
    return max(one.size, other.size) <= _ALIKE * min(one.size, other.size)


def _overlap(one: Place, other: Place) -> bool:
    return min(one.right, other.right) > max(one.left, other.left)


def flows(page: Sequence[str], at: int, set_as: Setting) -> bool | None:
    """Whether line `at` of a page goes on in the next one; None where their places are not known."""
    line, following = page[at], page[at + 1]
    if isinstance(line, Heading) or isinstance(following, Heading):
        return False
    if not (isinstance(line, Line) and isinstance(following, Line)):
        return None
    one, other = line.place, following.place
    same = _same_size(one, other) and one.bold == other.bold
    if not same or ITEM.match(following) or LEADER.search(line):
        return False
    below = other.base > one.base + 0.5 * one.size
    if below and (_is_apart(page, at, set_as) or _is_indented(page, at)):
        return False
    return _fills(page, at, set_as)


def _step(page: Sequence[str], at: int) -> float:
    """How far line `at` stands above the next one; 0 where that is none of its kind."""
    if not 0 <= at < len(page) - 1:
        return 0.0
    line, following = page[at], page[at + 1]
    if not (isinstance(line, Line) and isinstance(following, Line)):
        return 0.0
    one, other = line.place, following.place
    return other.base - one.base if _same_size(one, other) and _overlap(one, other) else 0.0


def _is_apart(page: Sequence[str], at: int, set_as: Setting) -> bool:
    """Whether the next line stands further below than the lines of a paragraph do."""
    place = page[at].place  # type: ignore[attr-defined]
    step = page[at + 1].place.base - place.base  # type: ignore[attr-defined]
    lead = set_as.leads.get(round(2 * place.size), 1.5 * place.size)
    if step <= _WIDER * lead + 0.5:
        return False
    around = [near for near in (_step(page, at - 1), _step(page, at + 1)) if near > 0]
    wide = step < 2.6 * place.size and len(around) > 1 and all(abs(near - step) < 1 for near in around)
    return not wide  # a paragraph that is set wider than the others


def _is_indented(page: Sequence[str], at: int) -> bool:
    """Whether the next line begins a paragraph by standing further in."""
    one, other = page[at].place, page[at + 1].place  # type: ignore[attr-defined]
    least, most = one.left + 0.8 * one.size, one.left + 4.5 * one.size
    closed = page[at].endswith((*_ENDED, *":：;；"))
    if not least < other.left < most or ITEM.match(page[at]) or not closed:
        return False
    after = page[at + 2] if at + 2 < len(page) else None
    before = page[at - 1] if at else None
    back = isinstance(after, Line) and after.place.left < other.left - 0.5 * one.size
    inside = isinstance(before, Line) and before.place.left >= one.left - 1 and before.place.base < one.base
    return back or (inside and isinstance(before, Line) and before.place.left < least)


def _fills(page: Sequence[str], at: int, set_as: Setting) -> bool:
    """Whether the first word of the next line had no more room in its column."""
    line, following = page[at], page[at + 1]
    one, other = line.place, following.place  # type: ignore[attr-defined]
    chinese = CJK.match(line[-1]) and following[0].isalnum()
    inner = following[0].islower() or CJK.match(following) is not None or chinese
    cut = _CUT.search(line) and (following[0].islower() or following[0].isdigit())
    if cut or _CLOSES.match(following):
        return True
    ended = line.endswith(_ENDED) and not _ADDRESS.search(line)
    edge, justified = _edge(page, at)
    sure = edge is not None
    left = min(one.left, other.left) if abs(one.left - other.left) < 4.5 * one.size else one.left
    if edge is None:
        edge, sure = left + set_as.column, set_as.sure
    if max(one.gap, other.gap) > 2 * one.size and one.right < edge - 2:  # cells, or a justified line
        return False
    narrow = edge - left < max(0.75 * set_as.column, _NARROW * one.size)
    if (not sure or narrow) and not justified and not (inner and (sure or not ended)):
        return False
    space = 0.0 if CJK.match(following) else 0.25 * one.size
    slack = 0.0 if ended else (2 * one.size if sure else (1 - _ROOM) * (edge - left))
    return bool(one.right + space + other.word > edge - slack + 0.1)


def _edge(page: Sequence[str], at: int) -> tuple[float | None, bool]:
    """Where the lines around line `at` end, in points, and whether it ends just there, as others do."""
    place = page[at].place  # type: ignore[attr-defined]
    for back, on in ((1, 3), (6, 8)):
        near = [
            one
            for one in _block(page, at, back, on)
            if _same_size(one, place) and abs(one.left - place.left) < 4.5 * place.size
        ]
        edge = max(one.right for one in near)
        left = min(one.left for one in near)
        filled = [one for one in near if one.right - left >= _FILLED * (edge - left)]
        if len(filled) >= 3 and len(filled) * 2 >= len(near) and edge - left >= _NARROWEST * place.size:
            justified = place.right > edge - 1 and sum(one.right > edge - 1 for one in near) > 2
            return edge, justified
    return None, False


def _block(page: Sequence[str], at: int, back: int, on: int) -> list[Place]:
    """The lines around line `at` that stand below one another with no wide gap between them."""
    first, last = at, at + 1
    while first > max(0, at - back) and _is_near(page[first - 1], page[first]):
        first -= 1
    while last < min(len(page), at + on) and _is_near(page[last - 1], page[last]):
        last += 1
    return _places(page[first:last])


def _is_near(line: str, following: str) -> bool:
    if not (isinstance(line, Line) and isinstance(following, Line)):
        return False
    one, other = line.place, following.place
    return 0 < other.base - one.base < 3 * max(one.size, other.size)
