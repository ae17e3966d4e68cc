"""Answers that stand in no cell but follow from a table's rows: the cheapest, the older of two.

A reader of one passage cannot compare twenty rows, and a table goes on over many passages. Its columns
have names and its values units, so what is asked can be computed, and is cited by the rows that it follows
from. In doubt about the column, the rows or a tie nothing is computed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from index.language import fold, index_terms
from rag.columns import ENDS, column_of, is_end, likeness
from rag.compare import Comparison, comparison
from rag.conditions import conditions
from rag.counted import count, what_is_counted
from rag.named_table import PEOPLE, NamedTable, asks_who, mentioned, values_of
from rag.scales import Scale, comparative, superlative
from rag.sheets import SEEN, Cell, SheetRow
from rag.told import LEAST_KNOWN, SURE, USUAL, Computed, things, told, without
from rag.values import Value

_TELLING = 0.2
"""Less of it where the question names the column that is compared, or says something of the rows."""
_UNSURE = 0.1
"""Less confidence for words that the table does not account for."""
_MEASURES = {
    **dict.fromkeys("long short 长 短 久".split(), "time length"),  # noqa: SIM905
    **dict.fromkeys("fast slow quick 快 慢".split(), "time"),  # noqa: SIM905
    **dict.fromkeys("early late 早 晚".split(), "date :00"),  # noqa: SIM905
    **dict.fromkeys("heavy light 重 轻".split(), "weight"),  # noqa: SIM905
    **dict.fromkeys("expensive cheap dear 贵 便宜".split(), "rmb eur usd gbp 元 £ $ € ¥"),  # noqa: SIM905
}
"""What an adjective compares."""
_QUICK = frozenset("fast slow quick 快 慢".split())  # noqa: SIM905
"""The less time it takes, the more so it is."""
_TIMES = frozenset("早 晚 先 后 新 旧 老 久 old new early late".split())  # noqa: SIM905
"""What they measure is a date, whatever was done then."""
_AMOUNT = re.compile(r"\bhow (?!many)[a-z]+\b|多少|多[大高长重远快久宽厚深]", re.IGNORECASE)
"""A number is asked for, and not what has it: how far at most, 最大能投多少寸."""
_OR = re.compile(r"\bor\b|还是|哪")


def is_computed(question: str) -> bool:
    """Whether something in a question compares or counts."""
    chosen = comparative(question) if _OR.search(question) else None
    return bool(what_is_counted(question) or superlative(question) or comparison(question) or chosen)


def compute(question: str, tables: Iterable[NamedTable]) -> Computed | None:
    """The surest of what the tables come to; None where none says it."""
    counted = what_is_counted(question)
    found: list[tuple[Computed, tuple[str, ...]]] = []
    read = list(tables)
    called = [table for table in read if table.is_called_in(question)]
    for table in called or read:
        if counted:
            one = count(question, *counted, table.turned)
        else:
            one = _extreme(question, table.turned) or _of_columns(question, table)
        found += [(one, table.sheet.columns)] if one is not None else []
    if not found:
        return None
    best, columns = max(found, key=lambda pair: (pair[0].confidence, pair[0].known))
    alike = [one for one, other in found if other == columns and one.known >= best.known]
    return best if len({fold(one.text) for one in alike}) == 1 else None  # two stock lists that disagree


def _extreme(question: str, table: NamedTable) -> Computed | None:
    """The row with the largest or smallest value."""
    compared = comparison(question)
    names = table.sheet.columns
    rows = things(table)
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
    answered = table.asked_column(question, but=column)
    held = [row for row in named or rows if all(one.holds(row) for one in given)]
    order = _in_order(held, column, largest, answered)
    rest = question.replace(scale.said or "\0", " ")
    known = table.explained(ENDS.sub(" ", without(rest, given)))
    if not order or not table.says_all(question, without(rest, given, named)):
        return None
    least = LEAST_KNOWN - _TELLING * bool(given or by_name)
    if compared is None and (known < least or not table.has_such(question)):
        return None
    best = order[0]
    answer = _naming(best, answered)
    cells = [answer, best.cells[column], *(row.cells[column] for row in order[1:3] if len(order) < 4)]
    vague = scale.said.lower() in ("first", "last") and not (by_name or is_end(column))
    if vague and (known < 1 or "paid" in question):
        return None  # first to be what? paid, or built
    confidence = (SURE if by_name else USUAL) - _UNSURE * (known < SURE - 0.05)
    return told(_as_asked(compared, best, answer), table, cells, confidence, known)


def _of_columns(question: str, table: NamedTable) -> Computed | None:
    """Which of two columns has more in the row that is named: lubricants are kept longer at Stockport."""
    scale = comparative(question) if _OR.search(question) else None
    sheet = table.sheet.turned() if scale is not None else None
    if scale is None or sheet is None:
        return None
    turned = NamedTable(table.document_id, table.title, sheet, table.document)
    named = mentioned(question, sheet.rows)
    ranked = sorted(((likeness(question, name), name) for name in sheet.columns), reverse=True)
    column = ranked[0][1]
    if len(named) != 2 or not ranked[0][0] > ranked[1][0] or turned.explained(question) < LEAST_KNOWN:
        return None
    measure = {one.measure for one in values_of(named, (column,))[column] if one is not None}
    if not measure <= set(_MEASURES.get(scale.word, "").split()):
        return None  # not what is cheaper, from how long it is kept
    order = _in_order(named, column, scale.largest != (scale.word in _QUICK))
    if not order or not turned.says_all(question, without(question, [], named)):
        return None
    cells = [order[0].name, *(row.cells[column] for row in order)]
    compared = comparison(question)
    name = _as_asked(compared, order[0], order[0].name)
    own = [word for word in re.findall(r"\w+", name) if all(word not in row.name.text for row in order[1:])]
    return told(name if compared is not None else " ".join(own) or name, table, cells, USUAL, 1.0)


def _is_choice(compared: Comparison | None, named: Sequence[SheetRow]) -> bool:
    """Whether all rows are meant, or those that are named, two at least; where two are compared, both."""
    if compared is not None:
        return compared.says == "name" and len(named) == 2
    return len(named) != 1


def _is_told_of(scale: Scale, table: NamedTable) -> bool:
    """Whether the words behind "highest" name a column or anything else in the table, or none."""
    named = any(likeness(scale.phrase, name) > 0 for name in table.sheet.columns)
    return not scale.phrase or scale.word in _TIMES or named or table.tells_of(scale.phrase)


def _in_order(
    rows: Sequence[SheetRow], column: str, largest: bool, answered: str | None = None
) -> list[SheetRow]:
    """Rows by their values, the one that is meant first; none where too few have one, or two are first.

    Args:
        answered: the column that says which; a beer's casks and its bottles are one beer.
    """
    values = values_of(rows, (column,))[column]
    known = _comparable({at: one for at, one in enumerate(values) if one is not None})
    order = sorted(known, key=known.__getitem__, reverse=largest)
    first = [rows[at] for at in order if known[at] == known[order[0]]]
    names = {fold(_naming(row, answered).text) for row in first}
    if len(order) < 2 or len(order) * 10 < 7 * len(rows) or len(names) > 1 or len(first) == len(order):
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
