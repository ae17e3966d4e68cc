"""How many: rows of a table that hold what a question says of them, or what a column counts in them."""

from __future__ import annotations

import re

from index.language import fold, has_cjk, index_terms
from rag.columns import bare, likeness
from rag.conditions import conditions, marked, shared_name
from rag.counts import is_quantity
from rag.named_table import PEOPLE, NamedTable, mentioned, values_of
from rag.scales import superlative
from rag.sheets import SEEN, SheetRow, is_number
from rag.told import LEAST_KNOWN, USUAL, Computed, things, told, without

_COUNT = re.compile(r"\bhow many (?P<thing>[^,?.:;]+)")
_COUNT_ZH = re.compile(
    "(?<![那这好前后近十哪])(?:[多几]少?(?P<measure>[个名位人款种台家项间条类座处艘辆件块单起批笔只本所栋层户组次])"
    "|多少(?=员工|职工|同事|产品|设备|客户|供应商|门店))(?P<thing>[^？?，,。]*)"
)
_ELSE_ZH = re.compile("[哪谁]|什么")
"""Something else is asked for."""
_QUANTITY = re.compile(
    "数量|[台件个套份箱]数|(?:现有|当前)?库存(?:数量?)?|qty|quantity|count|units|pieces|(?:in )?stock",
    re.IGNORECASE,
)
"""A column that says how many each row stands for."""
_ROWS_ZH = frozenset("位名人家款种项类单批笔次层户间组")
"""Measures of what no column of quantities counts."""
_KINDS_ZH = frozenset("种类项款")
_PRICES = re.compile(
    r"\b(?:prices?|tariffs?|fees|charges|rates)\b|收费(?![站员处])|价目|报价(?!单)|价格", re.IGNORECASE
)
_KINDS = re.compile(r"(?:kinds?|types?|sorts?|models?)$")
_HEAD = re.compile(
    r"(?P<head>.+?)(?: (?:are|is|do|does|did|were|was|have|has|had|can|in|at|of|on|with|from|by|there)\b|$)"
)
_NEUTRAL = re.compile("一共|总共|装|有|剩|余|还|存|配|购|买|库|现|共|计|总|全部|[的了吗呢个在]")
"""What questions for a stock say besides."""


def what_is_counted(question: str) -> tuple[str, str] | None:
    """What is counted, and its Chinese measure."""
    match = (_COUNT_ZH if has_cjk(question) else _COUNT).search(fold(question))
    if match is not None and has_cjk(question) and (superlative(question) or _ELSE_ZH.search(match["thing"])):
        return None  # 几单里哪一单最大, 那几台由谁负责
    return (match["thing"], match.groupdict().get("measure") or "") if match else None


def count(question: str, thing: str, measure: str, table: NamedTable) -> Computed | None:
    """How many rows hold what the question says of them."""
    rows, columns = table.sheet.rows, table.sheet.columns
    first = thing[:4] if has_cjk(thing) else thing.split(" ")[0]
    people = "人" in (measure, thing[:1]) or "员工" in thing or bool(set(index_terms(first)) & PEOPLE)
    given = conditions(question, rows, columns)
    given += filter(None, [marked(thing, rows, columns)])
    quantity = next((name for name in columns if _QUANTITY.fullmatch(bare(name))), None)
    if quantity is not None and not (measure in _ROWS_ZH or people or _has_rows(first, table)):
        return _quantity(question, thing, quantity, measure, table)
    given += filter(None, [shared_name(mentioned(without(question, given), rows))])
    if (
        mentioned(without(question, given), rows)
        or (people and not table.of_people)
        or (not people and _is_unit(first))
    ):
        return None  # of one row something is asked; or not rows are counted
    values = values_of(rows[:SEEN], columns)
    numbers = (name for name, own in values.items() if sum(map(bool, own)) * 2 > len(own))
    if any(
        likeness(first, name) > 0 and not (is_number(name) or table.holds_words(name)) for name in numbers
    ):
        return None  # a column says how many
    held = [row for row in rows if all(one.holds(row) for one in given)]
    known = table.explained(without(question, given))
    prices = _PRICES.search(f"{table.title}\n{table.sheet.above}") and not table.is_called_in(question)
    if prices and not (_KINDS.search(thing) or measure in _KINDS_ZH):
        return None  # a price list has one row for all rooms of a kind
    if not given or not 0 < len(held) < len(rows) or known < LEAST_KNOWN - 0.1 * (not has_cjk(question)):
        return None
    if not table.says_all(question, without(question, given)):
        return None
    cells = [row.cells[given[0].column] for row in held]
    said = {one.column for one in given}
    kinds = (name for name in columns if likeness(first, name) == 1 and table.holds_words(name))
    own = next((name for name in kinds if name not in said), None)
    counted = {row.cells[own].text for row in held if own in row.cells} if own is not None else held
    return told(f"{len(counted)}{measure}", table, cells, USUAL, known)


def _has_rows(thing: str, table: NamedTable) -> bool:
    """Whether what is counted may have rows of its own: hospitals in a table with a column of hospitals."""
    if has_cjk(thing):
        return any(bare(name)[:2] == thing[:2] for name in table.sheet.columns)
    above = index_terms(f"{table.sheet.above} {table.title}")
    named = any(likeness(thing, name) == 1 for name in table.sheet.columns)
    known = _QUANTITY.fullmatch(thing) or table.tells_of(thing)
    return named or not known or _KINDS.match(thing) is not None or bool(set(index_terms(thing)) & set(above))


def _quantity(question: str, thing: str, column: str, measure: str, table: NamedTable) -> Computed | None:
    """How many there are in all of the rows that are meant, of which each has its number in a column."""
    rows = things(table)
    by_name = "\n".join(fold(row.name.text) for row in mentioned(question, rows))
    given = [
        one
        for one in conditions(question, rows, table.sheet.columns)
        if not any(text in by_name for text in one.texts)
    ]
    rest = without(question, given)
    named = mentioned(rest, rows)
    head = _head_of(without(thing, given))
    if head and not named:
        named = [row for row in rows if _is_of(row, head)]
        if not named and not _names_all(head, table):
            return None
    held = [row for row in named or rows if all(one.holds(row) for one in given)]
    values = values_of(held, (column,))[column]
    left = _NEUTRAL.sub("", without(rest, (), named)) if has_cjk(question) else without(rest, (), named)
    if not (named or given) or not held or None in values or table.explained(left) < 1:
        return None
    if not table.says_all(question, without(rest, (), named)):
        return None
    cells = [row.cells[column] for row in held]
    if len(cells) == 1:
        return told(cells[0].text, table, [cells[0], held[0].name], USUAL, 1.0)
    total = sum(one.amount for one in values if one is not None)
    return told(f"{total:g}{measure}", table, cells, USUAL, 1.0)


def _head_of(thing: str) -> str:
    """What is counted, without what is said of it: worn chairs are there -> worn chairs."""
    if has_cjk(thing):
        return re.sub(r"[^\w]", "", _NEUTRAL.sub("", thing))
    found = _HEAD.match(thing.strip())
    return found["head"].strip() if found is not None else ""


def _is_of(row: SheetRow, head: str) -> bool:
    """Whether a row's name has what is counted in it."""
    name = fold(row.name.text)
    return head in name if has_cjk(head) else set(index_terms(head)) <= set(index_terms(name))


def _names_all(head: str, table: NamedTable) -> bool:
    """Whether all rows are such things: pieces, or what the table is called."""
    above = fold(f"{table.sheet.above}\n{table.title}")
    if has_cjk(head):
        return head in above
    return bool(
        _QUANTITY.fullmatch(head)
        or set(index_terms(head)) <= {*index_terms(above), *index_terms("item article thing")}
    )


def _is_unit(word: str) -> bool:
    """Litres and days are no rows."""
    return not has_cjk(word) and is_quantity([word])
