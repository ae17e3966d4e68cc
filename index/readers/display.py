"""Headings of printed pages, known by the size and the weight of their letters -> light Markdown's.

"Annual leave" in large letters says what the text below it is about, as "3. Annual leave" does. What is
printed like a heading and does not read like one (a sentence, a label, a figure) stays a line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate

from index.readers.outline import with_headings
from index.readers.paragraphs import LEADER
from index.readers.printed import Heading, Line, Place
from index.text import join_broken, width

_LARGER = 1.08
"""Times the usual size of letters."""
_MOST_LINES = 3
_WIDEST = 100
"""Columns of a heading."""
_GAP = 0.8
"""Times the size of the letters; cells stand as far apart, words do not."""
_SHARE = 0.6
"""Of all that is printed in one way: so much has to read like headings."""
_BULLET = re.compile(r"[-*–•●▪■◦·→]|\(?[a-z]\)")
_MARK = re.compile(r"^#{1,6} ", re.MULTILINE)

Style = tuple[int, bool]
"""Size in half points, and whether it is bold."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring lines of one style."""

    page: int
    first: int
    last: int
    """The line behind it."""
    style: Style
    text: str
    good: bool
    """It reads like a heading, and something stands below it."""


def marked(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Pages whose headings are one line each, with its mark."""
    styles: Counter[Style] = Counter()
    for page in pages:
        for line in page:
            if isinstance(line, Line):
                styles[_style(line.place)] += len(line)
    if not styles:
        return [list(page) for page in pages]
    body = styles.most_common(1)[0][0]
    groups = [group for group in _groups(pages, body) if group.style != body]
    lines = sum(bool(line) for page in pages for line in page)
    kept = [style for style in {group.style for group in groups} if _is_for_headings(groups, style, lines)]
    headings = [group for group in groups if group.style in kept and group.good]
    title = _title(headings)
    headings = headings[title or 0 :]  # a firm's name may stand above the title
    levels = _levels(headings, title is not None)
    told = [list(page) for page in pages]
    for group in reversed(headings):
        first = pages[group.page][group.first]
        assert isinstance(first, Line)
        mark = "#" * levels[group.style]
        told[group.page][group.first : group.last] = [Heading(f"{mark} {group.text}", first.place)]
    return told


def _style(place: Place) -> Style:
    return round(2 * place.size), place.bold


def _is_larger(style: Style, body: Style) -> bool:
    size, bold = style
    return size >= _LARGER * body[0] or (bold and not body[1] and size >= 0.95 * body[0])


def _groups(pages: Sequence[Sequence[str]], body: Style) -> Iterator[_Group]:
    """What is printed larger or bolder than the rest, and where."""
    for number, page in enumerate(pages):
        at = 0
        while at < len(page):
            line = page[at]
            if not isinstance(line, Line) or not _is_larger(_style(line.place), body):
                at += 1
                continue
            end = at + 1
            while end < len(page) and _goes_on(page[end - 1], page[end]):
                end += 1
            own = page[at:end]
            text = reduce(join_broken, own)
            below = next(filter(None, page[end:]), "") or _first(pages[number + 1 :])
            good = bool(below) and len(own) <= _MOST_LINES and _reads(text) and not any(map(_is_row, own))
            yield _Group(number, at, end, _style(line.place), text, good)
            at = end


def _first(pages: Sequence[Sequence[str]]) -> str:
    return next((line for page in pages[:1] for line in page if line), "")


def _goes_on(line: str, following: str) -> bool:
    if not (isinstance(line, Line) and isinstance(following, Line)):
        return False
    one, other = line.place, following.place
    near = 0 < other.base - one.base < 1.5 * one.size
    return near and _style(one) == _style(other) and abs(one.left - other.left) < 3 * one.size


def _is_row(line: str) -> bool:
    """Whether words stand apart in it as cells do."""
    return isinstance(line, Line) and line.place.gap > _GAP * line.place.size


def _reads(text: str) -> bool:
    """Whether it is short, and no sentence, label or item."""
    return (
        width(text) <= _WIDEST
        and sum(map(str.isalpha, text)) > 1
        and not text[0].islower()
        and text[-1] not in ".。!！;；,，:：、…"
        and _BULLET.match(text) is None
        and LEADER.search(text) is None
    )


def _is_for_headings(groups: Sequence[_Group], style: Style, lines: int) -> bool:
    own = [group for group in groups if group.style == style]
    good = sum(group.good for group in own)
    return good >= _SHARE * len(own) and good * 2 <= lines


def _title(headings: Sequence[_Group]) -> int | None:
    """Which of the first headings is the title: the only one of the largest."""
    largest = max((group.style for group in headings), default=None)
    found = [at for at, group in enumerate(headings) if group.style == largest]
    return found[0] if len(found) == 1 and found[0] < 3 and headings[found[0]].page == 0 else None


def _levels(headings: Sequence[_Group], title: bool) -> dict[Style, int]:
    """The largest is of level 2, or of level 1 if it is the title."""
    styles = sorted({group.style for group in headings}, reverse=True)
    return {style: min(at + (1 if title else 2), 6) for at, style in enumerate(styles)}


def with_outline(text: str, pages: Sequence[int]) -> tuple[str, tuple[int, ...]]:
    """A text with marked headings, and those besides that numbers tell; and where its pages begin then.

    >>> with_outline("## A\\n\\n1.1 Scope\\nAll.\\n\\n1.2 Use\\nNone.", [0])[0]
    '## A\\n\\n###### 1.1 Scope\\nAll.\\n\\n###### 1.2 Use\\nNone.'
    """
    found = {at: match.group() for at, line in enumerate(text.split("\n")) if (match := _MARK.match(line))}
    if not found:
        return text, tuple(pages)
    plain = _changed(text, pages, dict.fromkeys(found, ""))
    outlined = with_headings(*plain)
    return _changed(*outlined, found)


def _changed(text: str, pages: Sequence[int], marks: dict[int, str]) -> tuple[str, tuple[int, ...]]:
    """With other marks before some lines; lines are counted from 0."""
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    grown: list[tuple[int, int]] = []
    for at, mark in marks.items():
        bare = _MARK.sub("", lines[at])
        grown.append((starts[at], len(mark) + len(bare) - len(lines[at])))
        lines[at] = mark + bare
    moved = (start + sum(by for place, by in grown if place < start) for start in pages)
    return "\n".join(lines), tuple(moved)
