"""Rows that a question describes by what another text says of them.

"Which extension do I dial for the key to the comms cupboard?" names no row of the staff list. A sentence, or
a row of another table, tells of the cupboard and names somebody: the cell of that one's row, in the column
that is asked for, is the answer, and both places are cited.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.language import FUNCTION_WORDS, fold, has_cjk, index_terms
from index.types import Passage
from rag.columns import bare
from rag.leads import CODE, leads, wanted
from rag.named_table import IN_CHARGE, PEOPLE, PERSON, NamedTable, asks_who, mentioned
from rag.picked import share_of_name
from rag.scales import superlative
from rag.sheets import SheetRow
from rag.told import Computed, told

CONFIDENCE = 0.6
"""Less than a table has that says all by itself (`rag.told.USUAL`); set, not fitted."""
_ASKS = re.compile(
    r"\b(?:what|which|who(?:se)?|how (?:much|long|high|many))\b|多少|什么|几|哪|谁", re.IGNORECASE
)
_ASKED = re.compile(r"\b(?:what|which|who(?:se)?|how (?:much|long|high|many))(?:['’]s)?((?: [\w-]+){1,4})")
"""Where it says what it asks for: the words behind "which"."""
_ASKED_ZH = re.compile("([^，,。？?]+?)(?:是|为|有)?(?:多少|几|什么|谁|哪)")
_BEHIND = 2
"""Characters that may stand between a column's name and the word that asks: 手机号 below 手机."""
_COMPARES = re.compile(
    r"\b(?:than|both|difference|between|most|least|how many)\b|最|一共|相差|差多少|分别|比(?![例赛如])",
    re.IGNORECASE,
)
_NAMED = 0.8
"""Share of a column's name that a question must have."""
_AHEAD = 0.05
"""By how much more of it than any text that leads to another row."""
_THING = re.compile(r"\b(?:the|an?|our|my|your) ([a-z][\w-]+)")
_SOMEBODY = re.compile(
    r"\b(?:who\w*|I|we|my|person|people|employee|colleague|member|leader|teacher)\b|谁|的人|人员|员|哪位|哪个人|联系"
)
_OF_WHAT = re.compile(
    r"^(?:what|which) (?:is |are )?(?:the )?[\w-]+(?: [\w-]+)? (?:of|for|has) "
    r"((?:the |our |an? )?\w+(?: \w+)?)",
    re.IGNORECASE,
)
"""Whose number is asked for: the taxi company's, and not that of the one who keeps its vouchers."""
_LABELS = re.compile(r"(?:^|[;；\n]) ?([^:：;；\n]{1,30})[:：]")
_POST = re.compile(r"title|role|position|\bpost\b|job|岗位|职务|职位|职称|角色", re.IGNORECASE)
_BY_NAME = re.compile(r"\bname\b|姓名|名字|叫什么", re.IGNORECASE)
_LONGEST = 60
"""Characters of a name that leads to a row."""
_LEAST = 2
"""Terms of the question that it must have at least."""
_SHORTEST = 4
"""Characters of an English name that leads to a row; those with a digit may be shorter."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Two places that answer together."""

    link: Computed
    """What names the row, in another text."""
    cell: Computed
    column: str


def join(question: str, tables: Iterable[NamedTable], passages: Sequence[Passage]) -> Joined | None:
    """The cell of the row that the passages lead to; None where nothing leads to one surely.

    Args:
        passages: those that were found, best first.
    """
    if not _ASKS.search(question) or _COMPARES.search(question) or superlative(question):
        return None
    found: list[Joined] = []
    for table in tables:
        column = _column(question, table)
        if column is None or mentioned(question, table.sheet.rows):
            continue
        for link, row in _links(question, table, column, passages):
            cells = [row.cells[column], row.name]
            cell = told(cells[0].text, table, cells, CONFIDENCE, link.known)
            found.append(Joined(link, cell, column))
    best = max(found, key=lambda one: one.cell.known, default=None)
    if best is None:
        return None
    others = (one.cell for one in found if fold(one.cell.text) != fold(best.cell.text))
    return best if all(one.known <= best.cell.known - _AHEAD for one in others) else None


def _column(question: str, table: NamedTable) -> str | None:
    """The one that is asked for by its name; that of the names of people, where a name is wanted."""
    if asks_who(question) and _BY_NAME.search(question):
        return table.asked_column(question)
    plain = fold(question)
    near = _ASKED_ZH.findall(plain) if has_cjk(question) else _ASKED.findall(plain)
    named = [name for name in table.sheet.columns if share_of_name(name, plain) >= _NAMED]
    places = {name: place for asked in near for name in named if (place := _place(name, asked.strip())) >= 0}
    return min(places, key=places.__getitem__, default=None)


def _place(name: str, asked: str) -> int:
    """How far from where a question asks it has a column's name, in words or characters; -1: elsewhere.

    >>> _place("regular_driver", "the regular driver of"), _place("room", "extension do i dial")
    (1, -1)
    >>> _place("短号", "安全员短号"), _place("安全员", "安全员短号"), _place("手机", "那位的手机号")
    (0, 2, 1)
    """
    plain = bare(name)
    if has_cjk(name):
        behind = len(asked) - asked.rfind(plain) - len(plain)
        return behind if plain in asked and behind <= _BEHIND else -1
    own, words = set(index_terms(plain)) - FUNCTION_WORDS, asked.split()
    return next((at for at, word in enumerate(words) if own.intersection(index_terms(word))), -1)


def _links(
    question: str, table: NamedTable, column: str, passages: Sequence[Passage]
) -> Iterator[tuple[Computed, SheetRow]]:
    names = _keys(question, table, column)
    terms = wanted(question, column, passages)
    if not names or len(terms) < _LEAST or _is_of_more(question, column, passages):
        return
    somebody = _asks_for_somebody(question, table, passages)
    cells = {fold(cell.text).strip() for row in table.sheet.rows for cell in row.cells.values()}
    for one in leads(question, names, cells, terms, passages, table.document_id):
        if somebody or CODE.fullmatch(one.name):
            yield Computed(one.text, one.document_id, (one.place,), CONFIDENCE, one.worth), names[one.name]


def _asks_for_somebody(question: str, table: NamedTable, passages: Sequence[Passage]) -> bool:
    """Whether it is about a person: the site of a works meeting is not that of its chair."""
    labels = [label for label in table.sheet.columns if _is_of_people(label)]
    rows = (label for one in passages for label in _LABELS.findall(one.text))
    labels += [label for label in set(rows) if _is_of_people(label)]
    named = {term for label in labels for term in index_terms(bare(label))}
    of = _OF_WHAT.search(question)
    if of is not None:  # the phone of the taxi company
        return bool(_SOMEBODY.search(of[1])) or not named.isdisjoint(index_terms(of[1]))
    return bool(_SOMEBODY.search(question)) or not named.isdisjoint(index_terms(question))


def _is_of_people(label: str) -> bool:
    return any(kind.search(label) for kind in (PERSON, IN_CHARGE, _POST))


def _is_of_more(question: str, column: str, passages: Sequence[Passage]) -> bool:
    """Whether it names a thing that no passage has: "the wine cellar"."""
    said = {term for one in passages for term in index_terms(f"{one.heading}\n{one.text}")}
    said.update(index_terms(bare(column)))
    things = (index_terms(word) for word in _THING.findall(fold(question)))
    return any(term not in said | PEOPLE | FUNCTION_WORDS for terms in things for term in terms)


def _keys(question: str, table: NamedTable, column: str) -> dict[str, SheetRow]:
    """People, their posts, and codes that stand in one row alone, folded; no name leads to a name."""
    plain = fold(question)
    kinds = (_POST,) if PERSON.search(column) else (_POST, PERSON, IN_CHARGE)
    found: dict[str, SheetRow | None] = {}
    for row in table.sheet.rows:
        for label, cell in row.cells.items():
            name = fold(cell.text).strip()
            if label == column or column not in row.cells or name in plain:
                continue
            if not (CODE.fullmatch(name) or any(kind.search(label) for kind in kinds)) or not _leads(name):
                continue
            known = found.get(name, row)
            alike = known is not None and known.cells[column].text == row.cells[column].text
            found[name] = known if alike else None
    return {name: row for name, row in found.items() if row is not None}


def _leads(name: str) -> bool:
    """Whether a text can be the name of something: no number, no yes."""
    long = has_cjk(name) or len(name) >= _SHORTEST or any(map(str.isdigit, name))
    return long and len(name) <= _LONGEST and re.search(r"[^\W\d]", name) is not None
