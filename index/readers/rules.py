"""Tables with lines between their rows only: each cell draws a piece, which tells where columns begin."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

_THIN = 2.0
"""Points; what is drawn higher is no line."""
_LEAST = 3
"""Lines that make a table."""

Pieces = tuple[int, ...]
"""Where the pieces of a line begin and end, in points."""


def tables_of_rules(page: Any) -> Iterator[Any]:
    """The tables of a page of pdfplumber's whose lines are drawn in the same pieces, from the top down."""
    for borders, group in groupby(_rules(page), key=lambda rule: rule[1]):
        heights = [top for top, _ in group]
        if len(heights) < _LEAST or len(borders) < 3:
            continue
        step = heights[1] - heights[0]
        above = page.within_bbox((0, max(0, heights[0] - 1.5 * step), page.width, heights[0])).extract_words()
        own = [word for word in above if word["x0"] > borders[0] - 1 and word["x1"] < borders[-1] + 1]
        if own:  # the names of the columns
            heights.insert(0, min(word["top"] for word in own) - 1)
        yield from page.find_tables(
            {
                "vertical_strategy": "explicit",
                "horizontal_strategy": "explicit",
                "explicit_vertical_lines": list(borders),
                "explicit_horizontal_lines": heights,
            }
        )


def _rules(page: Any) -> list[tuple[float, Pieces]]:
    """Height of each line, and its pieces, if they touch one another."""
    thin = [one for one in (*page.rects, *page.lines) if one["bottom"] - one["top"] < _THIN]
    by_height: dict[int, list[Any]] = {}
    for one in thin:
        by_height.setdefault(round(one["top"]), []).append(one)
    found = []
    for _, pieces in sorted(by_height.items()):
        ends = {round(one["x0"]) for one in pieces} | {round(one["x1"]) for one in pieces}
        whole = len(ends) == len({round(one["x0"]) for one in pieces}) + 1
        found.append((max(one["bottom"] for one in pieces), tuple(sorted(ends)) if whole else ()))
    return found
