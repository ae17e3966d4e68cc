"""The tables of a document, as its text writes them: a line a row, each value behind its column's name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index.layout import pairs
from rag.values import Value, value, without_codes

_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
SEEN = 200
"""Rows that are looked at to learn what a column holds."""
_ALIKE = 0.6
"""Share of a row's columns that the table must have."""
_EUROPEAN = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+|\d+),(\d{1,2})(?![\d.,])")
"""1.200,50"""
_APART = 80
"""Characters that may stand between two rows of one table: the foot of a page."""
_APART_SHARE = 0.6
"""Of the rows that have a name of their own."""
_YEAR = re.compile(r"\d{4}")
_NUMBERS = re.compile(r"(?:no|nr|number|id|code|#|编号|序号|工号|代码|货号|编码)\W*$", re.IGNORECASE)
"""Columns whose values name nothing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`document.text[start:end] == text`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SheetRow:
    name: Cell
    """What the row is about: its first cell with letters, of a column that tells the rows apart."""
    cells: Mapping[str, Cell]
    """By the names of their columns; that of a label without one is ""."""
    labels: Mapping[str, Cell]
    """The names of the columns, where they stand in this row."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table."""

    above: str
    """The heading that it stands below."""
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]

    def turned(self) -> Sheet | None:
        """With rows for columns, where its first column holds properties and the others are things."""
        label, *things = self.columns
        lines = [row for row in self.rows if label in row.cells]
        rows = []
        for thing in things:
            own = [row for row in lines if thing in row.cells]
            if len(own) > 1:
                cells = {row.cells[label].text: row.cells[thing] for row in own}
                rows.append(
                    SheetRow(
                        own[0].labels[thing], cells, {row.cells[label].text: row.cells[label] for row in own}
                    )
                )
        columns = tuple(dict.fromkeys(row.cells[label].text for row in lines))
        return Sheet(self.above, columns, tuple(rows)) if len(rows) > 1 and len(columns) > 1 else None


def sheets(text: str) -> list[Sheet]:
    r"""The tables in a document's text that have two rows at least.

    >>> found = sheets("# Prices\nModel: B-200; Price: 4,150\nModel: B-350; Price: 7,900")
    >>> [(one.above, one.columns, [row.name.text for row in one.rows]) for one in found]
    [('Prices', ('Model', 'Price'), ['B-200', 'B-350'])]
    """
    found: list[Sheet] = []
    columns: list[str] = []
    rows: list[SheetRow] = []
    end = 0

    def close() -> None:
        if len(rows) > 1:
            found.append(Sheet(_above(text, end), tuple(columns), _named(rows, columns)))

    for at, line, places in pairs(text):
        row = _row(text, at, places)
        if row is None:
            continue
        alike = sum(name in columns for name in row.cells) >= _ALIKE * len(row.cells)
        between = text[end:at] if rows else ""
        if rows and (not alike or _HEADING.search(between) or len(between.strip()) > _APART):
            close()
            columns, rows = [], []
        columns += [name for name in row.cells if name not in columns]
        rows.append(row)
        end = at + len(line)
    close()
    return found


def column_values(rows: Sequence[SheetRow], column: str) -> list[Value | None]:
    """The value of each row's cell, as far as it has one.

    1725 among other numbers is no year.
    """
    texts = [row.cells[column].text if column in row.cells else "" for row in rows]
    values = [value(without_codes(_EUROPEAN.sub(_plain_number, text))) for text in texts]
    if all(one is None or one.measure == "date" for one in values):
        return values
    return [
        Value("", float(text)) if _YEAR.fullmatch(text) else one
        for text, one in zip(texts, values, strict=True)
    ]


def _row(text: str, at: int, places: Sequence[tuple[str, tuple[int, int]]]) -> SheetRow | None:
    cells: dict[str, Cell] = {}
    labels: dict[str, Cell] = {}
    before = at
    for name, (start, end) in places:
        cells.setdefault(name, Cell(text[at + start : at + end], at + start, at + end))
        where = text.find(name, before, at + start) if name else -1
        if where >= 0:
            labels.setdefault(name, Cell(name, where, where + len(name)))
        before = at + end
    words = (cell for name, cell in cells.items() if any(map(str.isalpha, cell.text)) and not is_number(name))
    if len(cells) < 2:
        return None
    return SheetRow(next(words, None) or next(iter(cells.values())), cells, labels)


def _named(rows: Sequence[SheetRow], columns: Sequence[str]) -> tuple[SheetRow, ...]:
    """Rows by the cells that tell them apart, where their first words do not: four lifts of one address."""
    names = {row.name.text for row in rows}
    if len(names) >= _APART_SHARE * len(rows):
        return tuple(rows)
    for column in columns:
        cells = [row.cells.get(column) for row in rows]
        texts = {cell.text for cell in cells if cell is not None}
        amounts = sum(one is not None for one in column_values(rows, column))
        if len(texts) == len(rows) > 2 * amounts and all(re.search(r"[^\W\d]", text) for text in texts):
            return tuple(replace(row, name=row.cells[column]) for row in rows)
    return tuple(rows)


def _plain_number(match: re.Match[str]) -> str:
    return f"{match[1].replace('.', '')}.{match[2]}"


def is_number(column: str) -> bool:
    """Whether a column holds numbers and codes by which its rows go, but no names."""
    return _NUMBERS.search(column) is not None


def _above(text: str, end: int) -> str:
    """The nearest heading before a place."""
    headings = [*_HEADING.finditer(text, 0, end)]
    return headings[-1][1] if headings else ""
