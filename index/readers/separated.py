"""CSV files: text whose cells a mark parts, be it a comma, a semicolon, a tab or a bar."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from index.errors import DamagedFile
from index.readers.tables import sheet_blocks

_SEP = re.compile(r"\"?sep=([,;|:\t])\"?[ ]*(?:\r?\n|\Z)", re.IGNORECASE)
_QUOTED = re.compile(r'(?:^|(?<=[,;\t|]))"(?:[^"]|"")*"', re.MULTILINE)
"""A cell in quotes: what stands in it parts no cells."""
_NO_DECIMAL = re.compile(r"(?<!\d),|,(?!\d)")


def csv_blocks(text: str) -> Iterator[str]:
    """The tables of a CSV file, cut where Excel's `sep=` says, or at the mark that most first lines have."""
    named = _SEP.match(text)
    text = text[named.end() :] if named else text
    head = [line for line in _QUOTED.sub("", text[: 1 << 15]).splitlines()[:20] if line]
    likely = max(",;\t|", key=lambda mark: _fits(head, mark))
    delimiter = named[1] if named else likely
    rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        yield from sheet_blocks(rows)
    except csv.Error as error:
        where = f"near line {rows.line_num} ({error})"
        raise DamagedFile(f"has a quote that never closes {where}; mend it") from error


def _fits(head: Sequence[str], mark: str) -> tuple[int, int]:
    """How many lines have the same number of a mark, and how many marks that is.

    Where there are semicolons, a comma between digits may be part of a number: 1,20.
    """
    counts = Counter(line.count(mark) for line in head)
    del counts[0]
    lines, count = max(((lines, count) for count, lines in counts.items()), default=(0, 0))
    if mark == "," and any(";" in line for line in head):
        count = min(count, max(len(_NO_DECIMAL.findall(line)) for line in head))
    return lines, count
