"""Tables that white space draws in plain text: spaces, tabs or dots part cells (`index.readers.aligned`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from index.readers.aligned import ALIGNED, Cell, find, is_rule
from index.text import width

_CELL = re.compile(r"[^\s\u3000]+(?:[ ][^\s\u3000]+)*")
"""Words parted by one space are one cell."""
_LEADERS = re.compile(r"[ ]?(?:\.[ ]?){4,}|[ ]?(?:…|·{3,}|\.{3})+(?=[ ]*\S+$)")
"""The dots of a price list."""
_FAR = 100.0
"""Between columns that tabs part."""
_LONGEST = 500
"""Characters of a line that may be a row."""


def name_columns(text: str) -> str:
    r"""Plain text, each row of the tables in it with the names of its columns.

    >>> print(name_columns("Model   Weight   Price\nB-200   58 kg    4,150\nB-350   124 kg   7,900"))
    Model: B-200; Weight: 58 kg; Price: 4,150
    Model: B-350; Weight: 124 kg; Price: 7,900
    """
    if not re.search(r"\S(?:[ \u3000]{2}|\t|\.{4})", text):
        return text
    lines = text.split("\n")
    told: list[str] = []
    end = 0
    for table in find([*_cells(lines)]):
        told += [*lines[end : table.first], table.text]
        end = table.last
    return "\n".join([*told, *lines[end:]])


def _cells(lines: Sequence[str]) -> Iterator[list[Cell]]:
    """Those of each line; tabs of lines that have the same number of them part cells wherever they end up."""
    for tabs, group in groupby(lines, key=lambda line: "\t" in line.strip()):
        block = list(group)
        most = max(Counter(line.count("\t") for line in block).values())
        if tabs and len(block) > 1 and most >= ALIGNED * len(block):
            yield from (_parted(line) for line in block)
        else:
            yield from map(cells_of, block)


def _parted(line: str) -> list[Cell]:
    cells = enumerate(map(str.strip, line.split("\t"))) if len(line) <= 4 * _LONGEST else ()
    return [Cell(at * _FAR, at * _FAR + 1, cell) for at, cell in cells if cell]


def cells_of(line: str) -> list[Cell]:
    """The cells of a line of text, by the columns that its characters take."""
    if len(line) > _LONGEST:
        return []
    if line.strip() and is_rule(line):
        return [Cell(width(line) - width(line.lstrip()), width(line.rstrip()), line.strip())]
    line = _LEADERS.sub(lambda dots: " " * len(dots.group()), line.expandtabs(8)).replace("\u3000", "  ")
    found = []
    for match in _CELL.finditer(line):
        start = width(line[: match.start()])
        found.append(Cell(start, start + width(match.group()), match.group()))
    return found
