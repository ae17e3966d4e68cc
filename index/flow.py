"""Lines that were broken to fit a page -> flowing text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from statistics import median

from index.text import CJK, ITEM, join_broken, stack, width

_BULLET = re.compile(r"^[•●▪■◦·][ ]*")


def reflow_pages(pages: Sequence[Sequence[str]]) -> Iterator[tuple[str, bool]]:
    """Pages of printed lines -> flowing text, and whether a page begins inside the paragraph before.

    A line break is the writer's own when the next word would still have fitted into the column, or
    when a blank line or a list item follows.
    """
    usual = median(width(line) for page in pages for line in page if line)
    last = ""
    for page in pages:
        widths = sorted(width(line) for line in page if line)
        column = max([usual, *widths[len(widths) * 9 // 10 :][:1]])
        first = next(filter(None, page), "")
        inside = first[:1].islower() or (CJK.match(first) and width(first) > column / 2)
        goes_on = (
            last and inside and last[-1] not in ".!?:;。！？：；…" and not _is_own_break(last, first, column)
        )
        yield stack(_paragraphs(page, column)), bool(goes_on)
        last = next(filter(None, reversed(page)), "")


def _paragraphs(lines: Sequence[str], column: float) -> list[str]:
    blocks: list[str] = []
    last = ""
    for line in lines:
        if last and line and not _is_own_break(last, line, column):
            blocks[-1] = join_broken(blocks[-1], line)
        elif line:
            blocks.append(_BULLET.sub("- ", line))
        last = line
    return blocks


def _is_own_break(line: str, following: str, column: float) -> bool:
    word = following[0] if CJK.match(following) else " " + following.split(" ", 1)[0]
    room = column if line[-1] in ".!?。！？" else 0.85 * column  # letters differ in width
    return bool(ITEM.match(following)) or width(line) + width(word) <= room
