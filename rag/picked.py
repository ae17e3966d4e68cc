"""Cells of rows that no name names: the one that values of several columns tell from all others.

A price list has a single room at Elm Court and one at Mill House, and neither has a name of its own. So the
row is found by what the question says of two columns at least; and nothing may be left of the question that
neither these values, the asked column, nor plain words account for: a deposit for that room is another thing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.language import FUNCTION_WORDS, fold, has_cjk, index_terms
from rag.columns import bare, is_usual, likeness
from rag.conditions import Condition, conditions
from rag.named_table import NamedTable, in_pieces, mentioned
from rag.sheets import SheetRow
from rag.told import USUAL, Computed, told, without

_NAMED = 0.8
"""Share of a column's name that names it."""
_HALF = 0.5
"""Share of it from which it may be meant."""
_HOW_MUCH = re.compile(r"多少[钱元]|怎么收费|\bhow much\b|\b(?:cost|price|fee|rate)s?\b", re.IGNORECASE)
_FEE = re.compile(r"[费价]$|\b(?:fee|price|charge|rate|rent)s?$")
_UNIT = re.compile(
    r"[每一](?P<zh>[年月天周日晚间床人次])"
    r"|\b(?:per|an?|each|every) (?P<en>hour|night|day|week|month|year|person)\b"
)
_PLAIN = frozenset(
    """how much what which is are was were do does did the a an in at for of on please price cost costs rate
    fee charge i we you us pay""".split()  # noqa: SIM905 - as in index/language.py
)
_PLAIN_ZH = re.compile(
    r"今年(?=[（(]?\d{4}年)|(?<=\d年)[）)]?今年|请问|多少[钱元]?|几[元块]钱?|怎么收费|怎么卖|价格|价钱|费用|收费|标准|我想知道|"
    r"[是的了呢吗啊要需为在那收]"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_BAND = re.compile(r"(?P<number>\d+) ?(?P<unit>[a-z]{2,}|[\u3400-\u9fff]{1,2})")


def pick(question: str, table: NamedTable) -> Computed | None:
    """What the only row that holds all values of two columns or more has in the column that is asked for."""
    rows, columns = table.sheet.rows, table.sheet.columns
    given = [] if mentioned(question, rows) else conditions(question, rows, columns)
    if len(given) < 2 or any(len(one.texts) > 1 for one in given):
        return None  # of two halls at once no one row tells
    held = [row for row in rows if all(one.holds(row) for one in given)]
    if len(held) != 1:
        return None
    row = held[0]
    rest = without(_without_units(fold(question), row), given)
    column = _asked(question, rest, row, given)
    if column is None or not _says_all(rest, column, table) or not has_band(column, fold(question)):
        return None
    cell = row.cells[column]
    if not cell.text.strip("-–—/ "):
        return None
    return told(cell.text, table, [cell, *(row.cells[one.column] for one in given)], USUAL, 1.0)


def _asked(question: str, rest: str, row: SheetRow, given: Sequence[Condition]) -> str | None:
    """The column that a question names; else the one price where it asks how much something is."""
    taken = {one.column for one in given}
    names = [name for name in row.cells if name not in taken and row.cells[name] != row.name]
    scores = sorted(((share_of_name(name, rest), name) for name in names), reverse=True)
    years = set(_YEAR.findall(rest))
    top = [name for score, name in scores if score == scores[0][0]]
    if scores and scores[0][0] >= _NAMED and len(top) == 1 and set(_YEAR.findall(top[0])) <= years:
        return top[0]
    priced = _HOW_MUCH.search(question) or any(_FEE.search(text) for one in given for text in one.texts)
    other = scores and scores[0][0] >= _HALF and not any(is_usual(name, "expensive") for name in top)
    if not priced or other:
        return None
    prices = [name for name in names if is_usual(name, "expensive") and set(_YEAR.findall(name)) <= years]
    dated = [name for name in prices if years and set(_YEAR.findall(name)) == years]
    meant = dated or prices
    return meant[0] if len(meant) == 1 else None


def _says_all(rest: str, column: str, table: NamedTable) -> bool:
    """Whether nothing is left of a question but the column's words, the table's title and plain ones."""
    above = f"{bare(column)} {table.title} {table.sheet.above}"
    if has_cjk(rest):
        left = _PLAIN_ZH.sub(" ", rest)
        return all(in_pieces(piece, fold(above)) == len(piece) for piece in re.findall(r"\w+", left))
    known = set(index_terms(above)) | {term for word in _PLAIN for term in index_terms(word)}
    words = [word for word in re.findall(r"[\w'’]+", rest) if word not in _PLAIN]
    return all(set(index_terms(word)) <= known and bool(index_terms(word)) for word in words)


def _without_units(plain: str, row: SheetRow) -> str:
    """A folded question without 每月 where a cell is 间/月, or without "per night" where one is "night"."""
    cells = [fold(cell.text).strip() for cell in row.cells.values()]
    prices = [fold(name) for name in row.cells if is_usual(name, "expensive")]
    for match in list(_UNIT.finditer(plain)):
        unit = match["zh"] or match["en"]
        is_unit = re.compile(rf"(?:per )?(?:[^/\s]{{1,4}}/)?{unit}")
        if any(map(is_unit.fullmatch, cells)) or any(re.search(rf"/\s?{unit}\W*$", one) for one in prices):
            plain = plain.replace(match.group(), " ")
    return plain


def has_band(column: str, question: str) -> bool:
    """Whether a column that is called 3 days is meant: not for 3 people, nor for 13 days.

    >>> [has_band("3 days", f"how much is a kayak for 3 {what}") for what in ("days", "people")]
    [True, False]
    """
    band = _BAND.match(bare(column))
    if band is None or _YEAR.fullmatch(band["number"]):
        return True
    unit = band["unit"].rstrip("s") if band["unit"].isascii() else band["unit"]
    return re.search(rf"(?<![\d.]){band['number']}\s?-?{re.escape(unit)}", question) is not None


def share_of_name(name: str, question: str) -> float:
    """How much of a column's name stands in a question, 0 to 1: 茧丝长 is not 茧丝纤度."""
    plain = bare(name)
    if has_cjk(name):
        if plain in question:
            return 1.0
        return in_pieces(plain, question) / len(plain) if len(plain) > 3 and plain[-2:] in question else 0.0
    own, said = set(index_terms(plain)) - FUNCTION_WORDS, set(index_terms(question))
    return max(len(own & said) / max(len(own), 1), likeness(question, name) - 0.5)
