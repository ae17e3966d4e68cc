"""What stands in the cells of a table: amounts and words, and of which kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from index.text import width

Table = Sequence[Sequence[str]]

SEEN = 200
"""Rows that are looked at where a sample will do."""
NUMBER = re.compile(r"^[-+(]?[\d.,:/%¥$€£ -]*\d[\d.,:/%)年月日 -]*$")
AMOUNT = re.compile(r"[-+±~≈<>≤≥约]*[ ]?[¥$€£]?[ ]?\d")


def kinds(values: Iterable[str]) -> set[bool]:
    """Whether there are amounts and other words; a short word ("none", "待定") may stand for an amount."""
    amounts = ((bool(AMOUNT.match(value)), value) for value in values)
    return {amount for amount, value in amounts if amount or width(value) > 4}


def kind_of_amount(cell: str) -> str:
    """`1,320 RMB` and `30 RMB` are of one kind, `30 days` and `2024-05-01` are not."""
    return masked(re.sub(r"(?<=\d)[.,](?=\d)|[\s+-](?=\d)", "", cell)).rstrip("s")


def masked(cell: str) -> str:
    return re.sub(r"\d+", "0", cell)


def column(rows: Table, i: int) -> list[str]:
    """What is filled of a column."""
    return [row[i] for row in rows[:SEEN] if i < len(row) and row[i]]


def filled_columns(table: Table) -> list[int]:
    """The columns in which anything stands."""
    return sorted({i for row in table for i, cell in enumerate(row) if cell})


def count_filled(row: Sequence[str]) -> int:
    return len(row) - row.count("")
