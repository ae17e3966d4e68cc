"""What a table comes to, and what all that compute it share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.language import fold
from rag.conditions import Condition
from rag.named_table import NamedTable
from rag.sheets import Cell, SheetRow

LEAST_KNOWN = 0.6
"""Share of a question's words that a table must account for; of an English count's half."""
SURE, USUAL = 0.8, 0.7
"""Confidence where the question names the column; where its adjective tells."""
_TOTAL = re.compile("(?:grand |sub)?totals?|sum|average|overall|all|合计|总计|小计|共计|总数|平均值?|全年")
"""Rows that name nothing of their own."""


@dataclass(frozen=True, slots=True)
class Computed:
    """What a table comes to."""

    text: str
    document_id: str
    places: tuple[tuple[int, int], ...]
    """Where in the document the cells stand that it follows from, the most telling first."""
    confidence: float
    known: float
    """Share of the question's words that the table accounts for; decides between tables."""


def without(question: str, given: Iterable[Condition], named: Iterable[SheetRow] = ()) -> str:
    """A folded question without what it says of the rows, and without the names of rows."""
    rest = fold(question).replace("已经", "已")
    for name in (fold(row.name.text).strip() for row in named):
        rest = rest.replace(name, " ") if len(name) > 1 else rest
    for text in (text for one in given for text in one.texts):
        rest = re.sub(rf"{re.escape(text)}s?(?![a-z])", " ", rest)
    return rest


def told(text: str, table: NamedTable, cells: Sequence[Cell], confidence: float, known: float) -> Computed:
    """What a table comes to, with the cells that it follows from, the most telling first."""
    return Computed(
        text, table.document_id, tuple((cell.start, cell.end) for cell in cells), confidence, known
    )


def things(table: NamedTable) -> list[SheetRow]:
    """Its rows without those that sum up others."""
    return [row for row in table.sheet.rows if not _TOTAL.fullmatch(fold(row.name.text).strip())]
