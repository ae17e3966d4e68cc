"""Questions that name a row, asked again with one of its cells in the name's place.

How fast pupils may run lathe NH-004 stands in no row of the list of lathes: the manual tells it of the
CK6136, which NH-004 is. The question is asked of the CK6136.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.language import fold, has_cjk
from index.types import Passage
from rag.compare import whole
from rag.joined import CONFIDENCE
from rag.leads import CODE, Said, said_in, shares, wanted
from rag.named_table import IN_CHARGE, PERSON, NamedTable, mentioned
from rag.picked import share_of_name
from rag.sheets import Cell, SheetRow
from rag.told import Computed, told

_KIND = re.compile(
    r"model|type|class|grade|level|tier|band|category|series|version|job.?title|role|position"
    r"|型号|类型|类别|品种|系列|级别|等级|档|职级|岗位|职务|车型|班型|户型|套餐",
    re.IGNORECASE,
)
_NAMED = 0.6
"""Share of another column's name that a question must have."""
_LONGER = re.compile(r"[（(]")
"""A name goes on: 华兴电子（苏州）分公司."""
_TOLD_OF = 0.25
"""Share of what the question is about, beside the row, that a text with the cell must have."""
_APART = 1.25
"""A model or a class with a number says more of a row than its kind, "lathe", or its place."""
_SHORTEST = 2
_LONGEST = 40
"""Characters of a cell that may stand in a question."""


@dataclass(frozen=True, slots=True)
class Substituted:
    """A question with a cell in the place of its row's name."""

    link: Computed
    """The cell."""
    question: str


def substitute(
    question: str, tables: Iterable[NamedTable], passages: Sequence[Passage]
) -> Substituted | None:
    """The question with the cell in it of which the passages tell most; None where they tell of none.

    Args:
        passages: those that were found, best first.
    """
    plain = fold(question)
    if len(plain) != len(question):
        return None
    best: tuple[float, Cell, Cell, NamedTable] | None = None
    for table in tables:
        found = _row(question, plain, table)
        if found is None:
            continue
        row, name = found
        terms = wanted(question, name.text, passages)
        if not terms:
            continue
        elsewhere = list(said_in(passages, table.document_id))
        for label, cell in row.cells.items():
            if not _is_what_it_is(label, cell, question):
                continue
            worth = _worth(fold(cell.text).strip(), plain, terms, elsewhere)
            worth *= _APART if any(map(str.isdigit, cell.text)) else 1.0
            if worth >= _TOLD_OF and (best is None or worth > best[0]):
                best = worth, cell, name, table
    if best is None:
        return None
    worth, cell, name, table = best
    key = re.escape(fold(name.text).strip())
    at = re.search(key if has_cjk(name.text) else whole(fold(name.text).strip()), plain)
    if at is None or _LONGER.match(plain, at.end()):
        return None
    link = told(cell.text, table, [cell, name], CONFIDENCE, worth)
    return Substituted(link, f"{question[: at.start()]}{cell.text.strip()}{question[at.end() :]}")


def _is_what_it_is(label: str, cell: Cell, question: str) -> bool:
    """Whether a cell says what the row is, its model or class: no person, place, date or state.

    Of another column only what the question names: the hall that NH-004 stands in.
    """
    if PERSON.search(label) or IN_CHARGE.search(label) or not re.search(r"[^\W\d]", cell.text):
        return False
    return _KIND.search(label) is not None or share_of_name(label, fold(question)) >= _NAMED


def _row(question: str, plain: str, table: NamedTable) -> tuple[SheetRow, Cell] | None:
    """The one row that is named, or whose code alone the question has, and the cell that says so."""
    named = mentioned(question, table.sheet.rows)
    if named:
        return (named[0], named[0].name) if len(named) == 1 else None
    found = [
        (row, cell)
        for row in table.sheet.rows
        for cell in row.cells.values()
        if CODE.fullmatch(code := fold(cell.text).strip()) and code in plain and re.search(whole(code), plain)
    ]
    return found[0] if len(found) == 1 else None


def _worth(name: str, plain: str, terms: dict[str, float], elsewhere: Sequence[Said]) -> float:
    """How much of the question a text tells that names the cell, 0 to 1."""
    if not _SHORTEST <= len(name) <= _LONGEST or name in plain or not re.search(r"[^\W\d]", name):
        return 0.0
    around = (f"{fold(said.passage.heading)}\n{said.plain}" for said in elsewhere)
    return max((shares(terms, one) for one in around if re.search(whole(name), one)), default=0.0)
