"""Which rows of a table name its columns: none, the first, one below rows of a title, two or three."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise, zip_longest
from statistics import median
from typing import NamedTuple

from index.readers.bands import bands, ranges
from index.readers.cells import AMOUNT, NUMBER, SEEN, Table, column, count_filled, filled_columns, masked

_DATE = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d")
TIME = re.compile(rf"(?:19|20)\d\d(?:[-/.年 ]?Q?\d{{1,2}}月?|年)?|\d{{1,2}}月份?|{_DATE.pattern}")
_LABELS = re.compile(
    "(?:测试|检测|检验|技术|主要|性能|收费)?(?:项目|参数|指标)(?:名称)?|(?:参数|技术)?规格|类别|属性|特性|名称|内容|"
    "(?:technical )?(?:items?|parameters?|property|properties|features?|specifications?|data)",
    re.IGNORECASE,
)
"""What stands above labels."""
_LONGEST = 200
"""Characters of a name; questions of a survey are long."""
_MOST_HEADS = 3
"""Rows that name columns together."""
_MOST_ABOVE = 10
"""Rows of a title, an address, a period that may stand above those that name columns."""


class Headed(NamedTuple):
    """A table that says what its columns are."""

    above: Table
    """What stands over its header: rows of a title."""
    names: list[str]
    rows: Table


def headed(table: Table) -> Headed | None:
    """A table (rows of cells, none blank) by its header; None where no row reads like one."""
    if found := _of_several_rows(table):
        return found
    at = _below_title(table)
    if at or looks_like_header(table):
        return Headed(table[:at], list(table[at]), table[at + 1 :])
    return None


def looks_like_header(table: Table) -> bool:
    """Whether the first of at least two rows names columns: words that no row below repeats.

    They are distinct, but for names that stand side by side for the cells of one thing: Email, Email.
    """
    if len(table) < 2 or max(map(len, table)) < 2:
        return False
    first = table[0]
    below = [row for row in table if row != first]  # a header may stand again at the top of each page
    names = [name for name in first if name]
    times = _named_by_time(first, below) | ranges(first, below) | {first[i] for i in bands(first, below)}
    words = not any(len(name) > _LONGEST or (NUMBER.match(name) and name not in times) for name in names)
    most = len(names) * 2 > max(map(len, table))
    repeated = any(name and name == cell for row in below for name, cell in zip(first, row, strict=False))
    good = words and most and not repeated and bool(below) and _are_distinct(first, below)
    # Above labels, 1060 型 or 12 V is a thing of which the rows tell, and no value.
    labels = len(names) > 1 and (is_label(first[0]) or (not first[0] and len(first) > 2))
    return good and (
        labels or not _holds_values([cell if cell not in times else "" for cell in first], below)
    )


def is_label(name: str) -> bool:
    """Whether a column with this name holds the names of properties."""
    return _LABELS.fullmatch(name) is not None


def joined_names(heads: Table) -> list[str]:
    """Rows of names, one below the other, as one: `Staff 2023` where `Staff` spans `2022` and `2023`.

    A name that spans columns stands in the first of them. No name goes on below one of its own.
    """
    grid = [[*row] for row in zip(*zip_longest(*heads, fillvalue=""), strict=True)]
    own = [False] * len(grid[0])
    for row in grid[:-1]:
        given = [bool(cell) for cell in row]
        for i in range(1, len(row)):
            row[i] = row[i] or ("" if own[i] else row[i - 1])
        own = [a or b for a, b in zip(own, given, strict=True)]
    return [" ".join(dict.fromkeys(filter(None, names))) for names in zip(*grid, strict=True)]


def _of_several_rows(table: Table) -> Headed | None:
    """By a header of two or three rows, the upper of which have names that span columns of the next.

    The row below a name that spans has names for the columns under it; its own first cell is empty, or
    goes on from above. If it is neither, all names above it span columns, and some below stand above amounts.
    """
    for count in range(min(_MOST_HEADS, len(table) - 1), 1, -1):
        heads, below = table[:count], table[count:]
        if all(_goes_on(heads[:at], heads[at], below) for at in range(1, count)):
            names = joined_names(heads)
            given = [name for name in names if name]
            unnamed = any(not names[i] for i in filled_columns(below[:SEEN]) if 0 < i < len(names))
            again = any(name == cell for row in below for name, cell in zip(names, row, strict=False) if name)
            long = any(len(name) > _LONGEST for name in given)
            if len(set(given)) == len(given) > 2 and not (unnamed or again or long):
                return Headed([], names, [row for row in below if row not in heads])
    return None


def _goes_on(above: Table, row: Sequence[str], below: Table) -> bool:
    """Whether a row names columns that a name in the last row above it spans."""
    last = above[-1]
    spanned = [
        i
        for i, cell in enumerate(row)
        if cell and i and not any(upper[i] for upper in above if i < len(upper)) and any(last[:i])
    ]
    if not spanned or count_filled(last) < 2 or not all(_is_name(cell) for cell in last if cell):
        return False
    new = {i: cell for i, cell in enumerate(row) if cell and not (i < len(last) and last[i] == cell)}
    if any(not _is_name(cell) or masked(cell) in _codes(column(below, i)) for i, cell in new.items()):
        return False
    hangs = not row[0] or row[0] == last[0]
    if hangs:
        return bool(below[0]) and bool(below[0][0]) and below[0][0] != last[0]
    starts = [i for i, cell in enumerate(last) if cell] + [len(row)]
    spans = starts[0] == 0 and all(b - a > 1 for a, b in pairwise(starts))
    whole = all(i < len(row) and row[i] for i in filled_columns(below[:SEEN]))
    return spans and whole and any(_stands_above_amounts(row, below, i) for i in spanned)


def _is_name(cell: str) -> bool:
    return not NUMBER.match(cell) or TIME.fullmatch(cell) is not None


def _codes(values: Sequence[str]) -> set[str]:
    """What has digits, without them."""
    return {masked(value) for value in values if any(map(str.isdigit, value))}


def _stands_above_amounts(row: Sequence[str], below: Table, i: int) -> bool:
    """Whether a cell of words stands above nothing but amounts."""
    values = column(below, i)
    return bool(row[i]) and not AMOUNT.match(row[i]) and bool(values) and all(map(AMOUNT.match, values))


def _below_title(table: Table) -> int:
    """Which row names the columns, below rows of a title that have fewer cells; 0 if none does.

    It has as many cells as most rows below it, and one of them at least stands above amounts: two where
    the first row might name the columns, too.
    """
    for at in range(1, min(_MOST_ABOVE, len(table) - 2) + 1):
        row, below = table[at], table[at + 1 :]
        size = count_filled(row)
        sizes = [count for one in below[:SEEN] if (count := count_filled(one)) > 1]
        narrow = all(count_filled(upper) < size for upper in table[:at])
        if size < 3 or not narrow or not sizes or size < median(sizes):
            continue
        amounts = sum(_stands_above_amounts(row, below, i) for i in range(len(row)))
        if amounts and looks_like_header(table[at:]) and (amounts > 1 or not looks_like_header(table)):
            return at
    return 0


def _are_distinct(first: Sequence[str], below: Table) -> bool:
    """Whether names differ, but for some that stand side by side and nowhere below."""
    names = [name for name in first if name]
    again = {name for name in names if names.count(name) > 1}
    runs = [name for name, _ in groupby(names)]
    held = any(cell in again for row in below[:SEEN] for cell in row)
    beside = len(runs) == len(set(names)) and len(runs) * 2 > len(names)
    return not again or (beside and not held)


def _holds_values(first: Sequence[str], below: Table) -> bool:
    """Whether the first row gives values beside its first cell: amounts, or codes like those below it.

    A name of a column may hold digits, too: `Price 2024`, `2024 price`, `B-200` above what is said of it.
    """
    pair = len(filled_columns([first, *below])) == 2
    named = bands(first, below)
    for i, cell in enumerate(first):
        if i and re.search(r"\d", re.sub(r"[(（].*?[)）]", "", cell)):
            values = column(below, i)
            alike = masked(cell) in map(masked, values)
            if (
                (AMOUNT.match(cell) and i not in named)
                or alike
                or (pair and not all(map(NUMBER.match, values)))
            ):
                return True
    return False


def _named_by_time(first: Sequence[str], below: Table) -> set[str]:
    """The years or months in the first row, if they name columns: two at least, and not above others.

    Of days it takes a row, all above amounts.
    """
    times = {i: cell for i, cell in enumerate(first) if i and TIME.fullmatch(cell)}
    values = [cell for i in times for cell in column(below, i)]
    named = len(set(times.values())) > 1 and not all(map(TIME.fullmatch, values))
    if named and any(map(_DATE.fullmatch, times.values())):
        distinct = len(set(times.values())) == len(times) == len(list(filter(None, first[1:])))
        named = distinct and not any(TIME.fullmatch(cell) or not AMOUNT.match(cell) for cell in values)
    return set(times.values()) if named else set()
