"""Rows of cells to text: a line a row, each value under its column's name."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, zip_longest
from statistics import median

from index.errors import DamagedFile
from index.text import CJK, one_line

_NUMBER = re.compile(r"^[-+(]?[\d.,:/%¥$€£ -]*\d[\d.,:/%)年月日 -]*$")


def sheet_blocks(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The tables of a sheet: blank rows part them, one-cell rows on top of one are its caption.

    A header holds for the tables below it until the next one.
    """
    header: Sequence[str] = ()
    for filled, group in groupby(([one_line(cell) for cell in row] for row in rows), key=any):
        table = list(group) if filled else []
        wide = any(len(row) - row.count("") > 1 for row in table)
        while wide and len(table[0]) - table[0].count("") == 1:
            yield "".join(table.pop(0))
        if looks_like_header(table):
            header = table.pop(0)
        yield "\n".join(table_lines(table, header))


def table_lines(rows: Iterable[Sequence[str]], header: Sequence[str] | None = None) -> list[str]:
    """One line a row, `Column: value; Column: value`, in Chinese `栏：值；栏：值`.

    Without `header`, a first row that reads like one is taken; else cells stand alone.

    >>> table_lines([["Name", "Days"], ["Li", "15"], ["Wu", ""]])
    ['Name: Li; Days: 15', 'Name: Wu']
    >>> table_lines([["张三", "15"], ["李四", "10"]])
    ['张三；15', '李四；10']
    """
    table = [cells for cells in ([one_line(cell) for cell in row] for row in rows) if any(cells)]
    if header is None and looks_like_header(table):
        header, *table = table
    names = [one_line(name) for name in header or ()]
    return [_row_line(names, cells) for cells in table]


def looks_like_header(table: Sequence[Sequence[str]]) -> bool:
    """Whether the first of at least two rows names columns: distinct words that no row below repeats."""
    if len(table) < 2 or max(map(len, table)) < 2:
        return False
    first = table[0]
    names = [name for name in first if name]
    words = not any(len(name) > 80 or _NUMBER.match(name) for name in names)
    most = len(names) * 2 > max(map(len, table))
    below = (zip(first, row, strict=False) for row in table[1:])
    repeated = any(name and name == cell for row in below for name, cell in row)
    return words and most and not repeated and len(set(names)) == len(names)


def _row_line(names: Sequence[str], cells: Sequence[str]) -> str:
    colon, semicolon = ("：", "；") if any(map(CJK.search, names or cells)) else (": ", "; ")
    labels = [f"{name.rstrip(':：')}{colon}" if name else "" for name in names]
    pairs = zip_longest(labels, cells, fillvalue="")
    return semicolon.join(label + cell for label, cell in pairs if cell)


def csv_blocks(text: str) -> Iterator[str]:
    """The tables of a CSV file, cut at the delimiter that most of its first lines, or all, have."""
    head = text[: 1 << 15].splitlines()[:20]
    counts = {mark: [line.count(mark) for line in head if line] or [0] for mark in ",;\t|"}
    delimiter = max(counts, key=lambda mark: (median(counts[mark]), min(counts[mark])))
    rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        yield from sheet_blocks(rows)
    except csv.Error as error:
        where = f"near line {rows.line_num} ({error})"
        raise DamagedFile(f"has a quote that never closes {where}; mend it") from error
