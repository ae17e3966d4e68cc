"""The lines of a page, cut into cells, and the tables that these cells make (`index.readers.aligned`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import pairwise
from statistics import median
from typing import Any

from index.readers.aligned import Aligned, Cell, find
from index.text import join_broken

_SPACE = 0.2
"""Times the height of letters; what parts words is wider."""
_SHARE = 0.7
"""Of the columns around a line; where words begin at fewer of them it is prose, which they meet by chance."""
_AROUND = 6
"""Lines above and below in which a column shows."""

Word = dict[str, Any]
"""One of pdfplumber's."""


def tables_between(words: Sequence[Word]) -> Iterator[tuple[Aligned, list[Word]]]:
    """Tables that nothing but their columns show, each with its words; in characters of the usual size."""
    if not words:
        return
    high = median(word["bottom"] - word["top"] for word in words)
    unit = max(high / 2, 1.0)
    sources = _lines(words, high)
    starts = [_starts(line, high) for line in sources]
    cells = [list(_cells(line, high, unit, _columns(sources, starts, at))) for at, line in enumerate(sources)]
    for table in find(cells):
        yield table, [word for line in sources[table.first : table.last] for word in line]


def _lines(words: Sequence[Word], high: float) -> list[list[Word]]:
    """Words at one height, from the left to the right; nothing where the page is empty."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word["top"], word["x0"])):
        if lines and abs(word["top"] - lines[-1][0]["top"]) < high / 3:
            lines[-1].append(word)
            continue
        if lines and word["top"] - lines[-1][0]["top"] > 3 * high:
            lines.append([])
        lines.append([word])
    return [sorted(line, key=lambda word: word["x0"]) for line in lines]


def _starts(line: Sequence[Word], high: float) -> list[float]:
    """Where words begin that stand far from those before."""
    return [word["x0"] for before, word in pairwise(line) if word["x0"] - before["x1"] >= high]


def _columns(lines: Sequence[Sequence[Word]], starts: Sequence[Sequence[float]], at: int) -> list[float]:
    """Where cells begin in several lines around line `at`, if it has a word at nearly all of these places."""
    first = at
    while first > max(0, at - _AROUND) and starts[first - 1]:
        first -= 1
    last = at + 1
    while last < min(len(starts), at + 1 + _AROUND) and starts[last]:
        last += 1
    near = sorted(start for other in (*starts[first:at], *starts[at + 1 : last]) for start in other)
    shown = [start for start in near if sum(abs(start - other) < 1 for other in near) > 1]
    columns = [start for before, start in pairwise([-9.0, *shown]) if start - before > 1]
    own = [start for start in columns if any(abs(word["x0"] - start) < 1 for word in lines[at])]
    return columns if len(columns) > 1 and len(own) >= _SHARE * len(columns) else []


def _cells(line: Sequence[Word], high: float, unit: float, columns: Sequence[float]) -> Iterator[Cell]:
    """The words of a line, those together that no more than spaces part, if no column begins between them."""
    group = list(line[:1])
    for before, word in [*pairwise(line), *((word, None) for word in line[-1:])]:
        if word is not None:
            gap = word["x0"] - before["x1"]
            column = gap > _SPACE * high and any(abs(word["x0"] - start) < 1 for start in columns)
            if gap < high and not column:
                group.append(word)
                continue
        text = reduce(join_broken, (one["text"] for one in group))
        yield Cell(group[0]["x0"] / unit, group[-1]["x1"] / unit, text)
        group = [word] if word is not None else []
