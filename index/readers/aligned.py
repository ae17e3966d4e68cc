"""Tables that nothing but white space draws: cells that stand below each other, in plain text or on a page.

    Model       Price        Weight            Model: B-200; Price: 4,150; Weight: 58 kg
    B-200       4,150        58 kg        ->   Model: B-350; Price: 7,900; Weight: 124 kg
    B-350       7,900        124 kg

Prose in two columns, a letter's head and a list look much the same; in doubt lines stay as they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from index.readers.forms import is_form
from index.readers.tables import table_lines
from index.text import ITEM, join_broken, width

_RULE = frozenset("-=_─━—+| ")
_STROKES = frozenset("-=_─━—")
_PAIR = re.compile(r"[^\s:：]{1,20}[:：]")
"""编制：张三    审核：李四 is a line of pairs, no row."""
_MOST_COLUMNS = 16
_MOST_ROWS = 5000
"""Lines that are looked at as one table."""
_CODE = re.compile(r"^(?:;|//|=|\{|#include)|;$")
_DIGIT = re.compile(r"\d")
_ABOVE = 3
"""Lines that may stand on top of a table and be none of it, less one."""
_SLACK = 2.5
ALIGNED = 0.7
"""Share of a column's cells that stand where the others do, to within so many characters."""
_WIDEST_LABEL = 40
_WIDEST_CELL = 45
_PROSE = 24
"""Characters; two columns that are wider, or as wide as this and filled to their edge, are prose."""


class Cell(NamedTuple):
    """A piece of a line."""

    start: float
    end: float
    text: str


Line = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Aligned:
    """A table that was found in lines `first` to `last`, the latter excluded."""

    first: int
    last: int
    rows: list[list[str]]
    header: bool | None
    """Whether the first row names the columns; None: its words have to tell."""

    @property
    def text(self) -> str:
        """A line a row."""
        return "\n".join(with_columns(self.rows, self.header))


def with_columns(rows: Sequence[Sequence[str]], header: bool | None = None) -> list[str]:
    """As `table_lines`, for rows that nobody marked."""
    if header and len(rows) > 1:
        return table_lines(rows[1:], rows[0])
    return table_lines(rows, [] if header is False or is_form(rows) else None)


def is_rule(text: str) -> bool:
    """Whether a text is nothing but a drawn line."""
    marks = set(text.strip())
    return marks <= _RULE and bool(marks & _STROKES) and len(text.strip()) > 2


def find(lines: Sequence[Line]) -> Iterator[Aligned]:
    """The tables among lines of cells, in their order; a blank line has none."""
    at = 0
    while at < len(lines):
        end = _run(lines, at)
        tried = (
            _table(lines, start, stop)
            for start in range(at, min(at + _ABOVE, end))
            for stop in (end, end - 1)
        )
        table = next(filter(None, tried), None)
        if table is not None:
            yield table
        at = table.last if table is not None else max(end, at + 1)


def _run(lines: Sequence[Line], first: int) -> int:
    """Behind the last of the lines from `first` on that may be rows of one table."""
    if len(lines[first]) < 2:
        return first
    left = min(cell.start for cell in lines[first])
    at = first
    for at in range(first, min(len(lines), first + _MOST_ROWS)):
        line = lines[at]
        follows = lines[at + 1] if at + 1 < len(lines) else ()
        inner = len(line) == 1 and (line[0].start > left + 1 or len(follows) > 1)
        if not (len(line) > 1 or _is_rule(line) or inner):
            return at
    return at + 1


def _is_rule(line: Line) -> bool:
    return bool(line) and all(is_rule(cell.text) for cell in line)


def _extent(line: Line) -> float:
    return line[-1].end - line[0].start


def _table(lines: Sequence[Line], first: int, last: int) -> Aligned | None:
    while last > first and (len(lines[last - 1]) < 2 or _is_rule(lines[last - 1])):
        last -= 1
    kept = [line for line in lines[first:last] if not _is_rule(line)]
    if len(kept) < 2:
        return None
    ruled = (
        first + 1 < last and _is_rule(lines[first + 1]) and _extent(lines[first + 1]) * 2 >= _extent(kept[0])
    )
    columns = _columns(kept)
    if not 2 <= len(columns) <= _MOST_COLUMNS:
        return None
    placed = [_placed(line, columns) for line in kept]
    if any(row is None for row in placed):
        return None
    rows = _joined([row for row in placed if row is not None])
    if len(rows) < 2 or not _is_table(rows):
        return None
    header = True if ruled or _names_columns(rows) else None
    if header is None and len(columns) == 2 and not _is_list_of_values(rows):
        return None
    if len(rows) < 3 and not ruled:
        return None
    return Aligned(first, last, rows, header)


def _columns(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Where the columns begin and end; none where cells do not stand below each other.

    Most lines have a cell in each column. People align by eye, and Chinese by whatever font they have: what
    counts is that most cells of a column begin, end or have their middle at about the same place.
    """
    counts = Counter(len(line) for line in lines if len(line) > 1)
    count = max(counts, key=lambda count: (counts[count], count))
    whole = [line for line in lines if len(line) == count]
    if len(whole) < 2 or len(whole) * 2 < len(lines):
        return []
    columns = []
    for cells in zip(*whole, strict=True):
        starts, ends = [cell.start for cell in cells], [cell.end for cell in cells]
        middles = [(cell.start + cell.end) / 2 for cell in cells]
        if max(map(_agreeing, (starts, ends, middles))) < ALIGNED:
            return []
        columns.append((median(starts), median(ends)))
    return columns


def _agreeing(places: Sequence[float]) -> float:
    """The share of places that are about the usual one."""
    usual = median(places)
    return sum(abs(place - usual) <= _SLACK for place in places) / len(places)


def _placed(line: Line, columns: Sequence[tuple[float, float]]) -> list[str] | None:
    """A line's cells by columns; None where two are in one."""
    if len(line) == len(columns):
        return [cell.text for cell in line]
    row = [""] * len(columns)
    for cell in line:
        near = [
            min(abs(cell.start - start), abs(cell.end - end), abs(cell.start + cell.end - start - end) / 2)
            for start, end in columns
        ]
        at = near.index(min(near))
        if row[at]:
            return None
        row[at] = cell.text
    return row


def _joined(rows: list[list[str]]) -> list[list[str]]:
    """Without lines that only go on in the cells above them; no rows where nothing tells in which they do.

    An empty first cell of a full row repeats the one above. A number below a number is a row of its own.
    """
    told: list[list[str]] = []
    half = ""
    for row in _whole_header(rows):
        filled = [at for at, cell in enumerate(row) if cell]
        if half:
            if not row[0][:1].islower():
                return []
            row, half = [join_broken(half, row[0]), *row[1:]], ""
        elif filled == [0] and told:
            half = row[0]
            continue
        elif len(told) > 1 and not row[0]:
            above = told[-1]
            if len(filled) == len(row) - 1 and len(row) > 2:
                row = [above[0], *row[1:]]
            elif not any(_DIGIT.search(a) and _DIGIT.search(b) for a, b in zip(above, row, strict=True)):
                told[-1] = [join_broken(a, b) if a and b else a or b for a, b in zip(above, row, strict=True)]
                continue
        told.append(row)
    return [] if half else told


def _whole_header(rows: list[list[str]]) -> list[list[str]]:
    """With the names of the columns in one row, where they stand in two lines."""
    if len(rows) < 3:
        return rows
    first, second, *below = rows
    words = not any(map(str.isdigit, "".join([*first, *second])))
    above = not first[0] and first.count("") > 1 and all(second)
    under = all(first) and not second[0] and second.count("") < len(second)
    if not words or not (above or under):
        return rows
    both = [join_broken(a, b) if a and b else a or b for a, b in zip(first, second, strict=True)]
    return [both, *below]


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Whether most rows have several cells, and not two columns hold prose."""
    several = sum(sum(map(bool, row)) > 1 for row in rows)
    pairs = sum(sum(bool(_PAIR.match(cell)) for cell in row) * 2 > len(row) for row in rows)
    prose = sum(_is_prose([width(cell) for cell in column if cell]) for column in zip(*rows, strict=True))
    columns = ["".join(column) for column in zip(*rows, strict=True)]
    code = sum(any(map(_CODE.search, row)) for row in rows) * 3 > len(rows)
    framed = not all(re.search(r"\w", column) for column in columns)
    listed = len(columns) == 2 and all(ITEM.match(f"{row[0]} ") or not row[0] for row in rows)
    other = prose > 1 or pairs * 2 > len(rows) or framed or listed or code
    return several * 10 >= len(rows) * 7 and not other


def _is_prose(widths: Sequence[int]) -> bool:
    """Whether cells are as wide as the lines of a paragraph."""
    usual = median(widths or [0])
    widest = max(widths, default=0)
    filled = sum(wide > 0.8 * widest for wide in widths)
    return usual > _WIDEST_CELL or (usual > _PROSE and filled * 10 > len(widths) * 6)


def _names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Whether nothing stands above a column of labels: the other cells of the first row name columns."""
    first, *below = rows
    return (
        len(first) > 2 and not first[0] and all(first[1:]) and len(below) > 1 and all(row[0] for row in below)
    )


def _is_list_of_values(rows: Sequence[Sequence[str]]) -> bool:
    """Whether two columns are labels and their values, or things and their prices; two addresses are not."""
    labels, values = zip(*rows, strict=True)
    short = all(width(label) <= _WIDEST_LABEL for label in labels) and all(labels)
    plain = sum(any(map(str.isdigit, label)) for label in labels) * 3 <= len(labels)
    told = sum(any(map(str.isdigit, value)) for value in values) * 2 >= len(values)
    pages = [int(value) for value in values if value.isdecimal()]
    contents = len(pages) == len(values) and pages == sorted(pages)
    return len(rows) > 2 and short and told and plain and not contents
