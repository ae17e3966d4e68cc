"""Forms: tables of labels and their values, side by side, that have no header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import dropwhile

from index.readers.cells import (
    AMOUNT,
    SEEN,
    Table,
    column,
    count_filled,
    filled_columns,
    kind_of_amount,
    kinds,
)
from index.text import width

_COLON = (":", "：")
_WIDEST_LABEL = 40
"""Columns of text."""
_OF_AMOUNTS = re.compile(
    r"日期|时间|年月|年龄|电话|手机|号码?$|编号|金额|[总单]?价|费用?$|预算|数量?$|重量|面积|[率额]$"
    r"|\b(?:date|time|on|until|phone|tel|mobile|no|number|id|amount|price|cost|fee|budget|total|qty|quantity|weight"
    r"|age)\b",
    re.IGNORECASE,
)
"""A label or a name of a column that amounts, dates and numbers go with."""


def is_form(table: Table) -> bool:
    """Whether a table that marks no header is labels and values, for all that its words tell.

    Of two columns: under a header, one of them would hold amounts of one kind. A header that is taken for a
    label is a lost line; a label that is taken for a header makes a false statement of each row.
    More columns are pairs of labels and values, or their first row gives names: see `is_wide_form`.
    """
    filled = filled_columns(table)
    if len(filled) != 2:
        return is_wide_form(table)
    pairs = [row for row in table[:SEEN] if row.count("") == len(row) - 2]
    columns = ([row[i] for row in pairs[1:]] for i in filled if len(pairs) > 1)
    return not any(
        all(map(AMOUNT.match, column)) and len({kind_of_amount(cell) for cell in column}) == 1
        for column in columns
    )


def is_sheet_form(table: Table) -> bool:
    """`is_form` for sheets and CSV files, which nearly always have a header: it takes more to be a form.

    The labels end in colons, or the values are amounts of several kinds and words.
    """
    filled = filled_columns(table)
    if len(filled) != 2:
        return is_wide_form(table)
    rows = _compact(table, filled)
    labels = [row[0] for row in rows if row[0]]
    if not is_form(table) or len(set(labels)) < len(labels):
        return False
    told = (_told(rows) or _is_mixed(column(rows[1:], 1))) and not _named_above(rows)
    return told or all(label.endswith(_COLON) for label in labels)


def is_wide_form(table: Table) -> bool:
    """Whether four or six columns are labels and values in turn: 姓名|王小明|性别|男.

    The labels differ and have no digits. What tells them from a table of words: colons, a label that stands
    twice in a row, values of several kinds in one column, or numbers, say 4711, that go with the label on
    their left ("No.", 日期) and not with the word on top of their column.
    """
    rows = _rows_of_pairs(table)
    if not rows:
        return False
    labels = [cell for row in rows for cell in row[::2] if cell]
    colons = sum(label.endswith(_COLON) for label in labels)
    told = _told(rows) or any(map(_is_mixed, _values(rows)))
    twice = any(len(set(filter(None, row[::2]))) < sum(map(bool, row[::2])) for row in rows)
    return twice or colons * 2 > len(labels) or (told and not _named_above(rows))


def may_be_form(table: Table) -> bool:
    """Whether a table might be a form of four or six columns, so that its first row is no sure header."""
    rows = _rows_of_pairs(table)
    return any(map(_is_split, _values(rows))) and not _named_above(rows)


def form_rows(table: Table) -> list[list[tuple[str, str]]]:
    """The pairs (label, value) of each row of a form; what is empty is left out."""
    rows = _compact(table, filled_columns(table))
    return [[(row[i], row[i + 1]) for i in range(0, len(row), 2) if row[i] or row[i + 1]] for row in rows]


def _compact(table: Table, filled: Sequence[int]) -> list[list[str]]:
    return [[row[i] if i < len(row) else "" for i in filled] for row in table]


def _values(rows: Table) -> list[list[str]]:
    return [column(rows[1:], i) for i in range(1, len(rows[0]), 2)] if rows else []


def _rows_of_pairs(table: Table) -> list[list[str]]:
    """The rows of four or six columns that may be labels and values in turn; else none."""
    filled = filled_columns(table)
    if len(filled) not in (4, 6) or len(table) > SEEN:
        return []
    rows = [*dropwhile(lambda row: count_filled(row) == 1, _compact(table, filled))]
    labels = [cell for row in rows for cell in row[::2] if cell]
    words = all(width(label) <= _WIDEST_LABEL and not any(map(str.isdigit, label)) for label in labels)
    paired = all(row[i] or not row[i + 1] for row in rows for i in range(0, len(row), 2))
    named = all(any(map(str.isalpha, label)) for label in labels)
    # Of two partners side by side, both have an address: 地址 | 临海市 | 地址 | 杭州市.
    distinct = len({label for row in rows for label in set(row[::2])} - {""})
    once = distinct == sum(len(set(row[::2]) - {""}) for row in rows)
    return rows if len(rows) > 1 and words and paired and named and once else []


def _is_mixed(values: Sequence[str]) -> bool:
    """Whether values are amounts of several kinds and words, which no column holds."""
    amounts = {kind_of_amount(value) for value in values if AMOUNT.match(value)}
    return len(amounts) > 1 and len(kinds(values)) > 1


def _is_split(values: Sequence[str]) -> bool:
    """Whether values are words, half of them at least, and amounts."""
    return len(kinds(values)) > 1 and sum(bool(AMOUNT.match(value)) for value in values) * 2 <= len(values)


def _told(rows: Table) -> bool:
    """Whether amounts go with the labels on their left."""
    cells = ((row[i - 1], row[i]) for row in rows for i in range(1, len(row), 2))
    return any(AMOUNT.match(cell) and _OF_AMOUNTS.search(label) for label, cell in cells)


def _named_above(rows: Table) -> bool:
    """Whether amounts go with what stands on top of their columns."""
    return any(
        AMOUNT.match(cell) and _OF_AMOUNTS.search(rows[0][i])
        for row in rows[1:]
        for i, cell in enumerate(row)
        if i % 2
    )
