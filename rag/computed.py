"""Answers that stand in no cell but follow from a table's rows: the cheapest, the older of two, how many.

A reader of one passage cannot compare twenty rows, and a table goes on over many passages. Its columns
have names and its values units, so what is asked can be computed, and is cited by the rows that it follows
from. In doubt about the column, the rows or a tie nothing is computed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.language import fold, has_cjk, index_terms
from rag.columns import ENDS, bare, column_of, is_end, likeness
from rag.compare import Comparison, comparison
from rag.conditions import Condition, conditions
from rag.counts import is_quantity
from rag.named_table import PEOPLE, NamedTable, asks_who, mentioned, values_of
from rag.scales import Scale, comparative, superlative
from rag.sheets import SEEN, Cell, SheetRow, is_number
from rag.values import Value

_LEAST_KNOWN = 0.6
"""Share of a question's words that a table must account for; of an English count's half."""
_TELLING = 0.2
"""Less of it where the question names the column that is compared, or says something of the rows."""
SURE, USUAL, _UNSURE = 0.8, 0.7, 0.1
"""Confidence where the question names the column; where its adjective tells; less for unknown words."""
_TIMES = frozenset("早 晚 先 后 新 旧 老 久 old new early late".split())  # noqa: SIM905
"""What they measure is a date, whatever was done then."""
_TOTAL = re.compile("(?:grand |sub)?totals?|sum|average|overall|all|合计|总计|小计|共计|总数|平均值?|全年")
"""Rows that name nothing of their own."""
_COUNT = re.compile(r"\bhow many (?P<thing>[^,?.:;]+)")
_COUNT_ZH = re.compile(
    "(?<![那这好前后近十])(?:[多几]少?(?P<measure>[个名位人款种台家项间条类座处艘辆件块单起批笔只本所栋层户组次])"
    "|多少(?=员工|职工|同事|产品|设备|客户|供应商|门店))(?P<thing>[^？?，,。]*)"
)
_ELSE_ZH = re.compile("[哪谁]|什么")
"""Something else is asked for."""
_QUANTITY = re.compile(
    "数量|[台件个套份箱]数|(?:现有|当前)?库存(?:数量?)?|qty|quantity|count|units|pieces|(?:in )?stock",
    re.IGNORECASE,
)
"""A column that says how many each row stands for."""
_ROWS_ZH = frozenset("位名人家款种项类单批笔次")
"""Measures of what has a row of its own."""
_AMOUNT = re.compile(r"\bhow (?!many)[a-z]+\b|多少|多[大高长重远快久宽厚深]", re.IGNORECASE)
"""A number is asked for, and not what has it: how far at most, 最大能投多少寸."""
_OR = re.compile(r"\bor\b|还是|哪")


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


def is_computed(question: str) -> bool:
    """Whether something in a question compares or counts."""
    chosen = comparative(question) if _OR.search(question) else None
    return bool(_counted(question) or superlative(question) or comparison(question) or chosen)


def compute(question: str, tables: Iterable[NamedTable]) -> Computed | None:
    """The surest of what the tables come to; None where none says it."""
    counted = _counted(question)
    found = (
        _count(question, *counted, table.turned) if counted else _extreme(question, table.turned)
        for table in tables
    )
    return max(filter(None, found), key=lambda one: (one.confidence, one.known), default=None)


def _counted(question: str) -> tuple[str, str] | None:
    """What is counted, and its Chinese measure."""
    match = (_COUNT_ZH if has_cjk(question) else _COUNT).search(fold(question))
    if match is not None and has_cjk(question) and (superlative(question) or _ELSE_ZH.search(match["thing"])):
        return None  # 几单里哪一单最大, 那几台由谁负责
    return (match["thing"], match.groupdict().get("measure") or "") if match else None


def _extreme(question: str, table: NamedTable) -> Computed | None:
    """The row with the largest or smallest value."""
    compared = comparison(question)
    names = table.sheet.columns
    rows = _things(table)
    named = mentioned(question, rows)
    scale = superlative(question) or (comparative(question) if compared or len(named) > 1 else None)
    if scale is None or not _is_choice(compared, named) or (compared is None and _AMOUNT.search(question)):
        return None
    values = values_of(rows[:SEEN], names)
    asked = table.asked_column(question)
    if asked is None and asks_who(question):
        return None
    if asked is not None and likeness(scale.phrase, asked) < 1:
        del values[asked]
    if not _is_told_of(scale, table):
        return None
    found = column_of(scale, values, question)
    if found is None:
        return _fullest(question, scale, table)
    column, largest, by_name = found
    if asks_who(question) and not (by_name or table.of_people):
        return None  # the oldest of the vans says nothing of their drivers
    given = [one for one in conditions(question, rows, names) if one.column != column]
    order = _in_order([row for row in named or rows if all(one.holds(row) for one in given)], column, largest)
    known = table.explained(ENDS.sub(" ", without(question.replace(scale.said or "\0", " "), given)))
    if not order or not table.says_all(question, without(question, given, named)):
        return None
    least = _LEAST_KNOWN - _TELLING * bool(given or by_name)
    if compared is None and (known < least or not table.has_such(question)):
        return None
    best = order[0]
    answer = _naming(best, table.asked_column(question, but=column))
    cells = [answer, best.cells[column], *(row.cells[column] for row in order[1:3] if len(order) < 4)]
    vague = scale.said.lower() in ("first", "last") and not (by_name or is_end(column))
    if vague and (known < 1 or "paid" in question):
        return None  # first to be what? paid, or built
    confidence = (SURE if by_name else USUAL) - _UNSURE * (known < SURE - 0.05)
    return told(_as_asked(compared, best, answer), table, cells, confidence, known)


def _things(table: NamedTable) -> list[SheetRow]:
    """Its rows without those that sum up others."""
    return [row for row in table.sheet.rows if not _TOTAL.fullmatch(fold(row.name.text).strip())]


def _is_choice(compared: Comparison | None, named: Sequence[SheetRow]) -> bool:
    """Whether all rows are meant, or those that are named, two at least; where two are compared, both."""
    if compared is not None:
        return compared.says == "name" and len(named) == 2
    return len(named) != 1


def _is_told_of(scale: Scale, table: NamedTable) -> bool:
    """Whether the words behind "highest" name a column or anything else in the table, or none."""
    named = any(likeness(scale.phrase, name) > 0 for name in table.sheet.columns)
    return not scale.phrase or scale.word in _TIMES or named or table.tells_of(scale.phrase)


def _in_order(rows: Sequence[SheetRow], column: str, largest: bool) -> list[SheetRow]:
    """Rows by their values, the one that is meant first; none where too few have one, or two are first."""
    values = values_of(rows, (column,))[column]
    known = _comparable({at: one for at, one in enumerate(values) if one is not None})
    order = sorted(known, key=known.__getitem__, reverse=largest)
    if len(order) < 2 or len(order) * 10 < 7 * len(rows) or known[order[0]] == known[order[1]]:
        return []
    return [rows[at] for at in order]


def _comparable(values: Mapping[int, Value]) -> dict[int, float]:
    """Those of the measure that most have."""
    kinds = Counter(one.measure for one in values.values()).most_common(1)
    return {at: one.amount for at, one in values.items() if one.measure == kinds[0][0]}


def _naming(row: SheetRow, column: str | None) -> Cell:
    """The cell that says which."""
    cell = row.cells.get(column) if column is not None else None
    return cell if cell is not None else row.name


def _as_asked(compared: Comparison | None, row: SheetRow, answer: Cell) -> str:
    """The name as the question has it, where it names two."""
    names = [re.sub(r"^(?:the|an?) ", "", name) for name in compared.names] if compared is not None else []
    return next((name for name in names if fold(name) in fold(row.name.text)), answer.text)


def _fullest(question: str, scale: Scale, table: NamedTable) -> Computed | None:
    """The department with the most people: the value that most rows have in a column."""
    counted = set(index_terms(scale.phrase)) & (PEOPLE | table.words)
    column = table.asked_column(question)
    if scale.word or not counted or column is None:
        return None
    cells = [row.cells[column] for row in table.sheet.rows if column in row.cells]
    counts = Counter(cell.text for cell in cells).most_common()
    first, second = (counts if scale.largest else counts[::-1])[:2] if len(counts) > 1 else (("", 0), ("", 0))
    if first[1] == second[1] or len(counts) * 3 > len(cells) * 2:
        return None
    held = [cell for cell in cells if cell.text == first[0]]
    return told(first[0], table, held, USUAL, table.explained(question))


def _count(question: str, thing: str, measure: str, table: NamedTable) -> Computed | None:
    """How many rows hold what the question says of them."""
    rows, columns = table.sheet.rows, table.sheet.columns
    first = thing[:4] if has_cjk(thing) else thing.split(" ")[0]
    people = "人" in (measure, thing[:1]) or "员工" in thing or bool(set(index_terms(first)) & PEOPLE)
    given = conditions(question, rows, columns)
    named = mentioned(question, rows)
    quantity = next((name for name in columns if _QUANTITY.fullmatch(bare(name))), None)
    if quantity is not None and not (measure in _ROWS_ZH or people or _has_rows(first, table)):
        return _quantity(question, quantity, measure, table, named, given)
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
    if not given or not 0 < len(held) < len(rows) or known < _LEAST_KNOWN - 0.1 * (not has_cjk(question)):
        return None
    if not table.says_all(question, without(question, given)):
        return None
    cells = [row.cells[given[0].column] for row in held]
    things = next((name for name in columns if likeness(first, name) == 1 and table.holds_words(name)), None)
    counted = {row.cells[things].text for row in held if things in row.cells} if things is not None else held
    return told(f"{len(counted)}{measure}", table, cells, USUAL, known)


def _has_rows(thing: str, table: NamedTable) -> bool:
    """Whether what is counted may have rows of its own: hospitals in a table with a column of hospitals."""
    named = any(likeness(thing, name) == 1 for name in table.sheet.columns)
    return named or not (has_cjk(thing) or _QUANTITY.fullmatch(thing) or table.tells_of(thing))


def _quantity(
    question: str,
    column: str,
    measure: str,
    table: NamedTable,
    named: Sequence[SheetRow],
    given: Sequence[Condition],
) -> Computed | None:
    """How many there are in all of the rows that are meant, of which each has its number in a column."""
    others = [
        one for one in given if not any(text in fold(row.name.text) for row in named for text in one.texts)
    ]
    rows = named or _things(table)
    held = [row for row in rows if all(one.holds(row) for one in others)]
    values = values_of(held, (column,))[column]
    known = table.explained(question)
    if not (named or others) or not held or None in values or known < _LEAST_KNOWN:
        return None
    if not table.says_all(question, without(question, others, named)):
        return None
    cells = [row.cells[column] for row in held]
    if len(cells) == 1:
        return told(cells[0].text, table, [cells[0], held[0].name], USUAL, known)
    total = sum(one.amount for one in values if one is not None)
    return told(f"{total:g}{measure}", table, cells, USUAL, known)


def without(question: str, given: Iterable[Condition], named: Iterable[SheetRow] = ()) -> str:
    """A folded question without what it says of the rows, and without the names of rows."""
    rest = fold(question).replace("已经", "已")
    for row in named:
        rest = rest.replace(fold(row.name.text).strip(), " ")
    for text in (text for one in given for text in one.texts):
        rest = re.sub(rf"{re.escape(text)}s?(?![a-z])", " ", rest)
    return rest


def _is_unit(word: str) -> bool:
    """Litres and days are no rows."""
    return not has_cjk(word) and is_quantity([word])


def told(text: str, table: NamedTable, cells: Sequence[Cell], confidence: float, known: float) -> Computed:
    """What a table comes to, with the cells that it follows from, the most telling first."""
    return Computed(
        text, table.document_id, tuple((cell.start, cell.end) for cell in cells), confidence, known
    )
