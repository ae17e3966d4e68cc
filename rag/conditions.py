"""What a question says of a table's rows: in the Oslo branch, bought in 2019, more than 100 kg."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.language import fold, has_cjk
from rag.columns import bare, is_usual, likeness
from rag.compare import whole
from rag.dates import dates
from rag.scales import VERBS
from rag.sheets import SEEN, SheetRow, column_values
from rag.values import Value, value, without_codes

_AMOUNT = r"(?P<amount>[€$£¥]? ?\d[\d,.]*(?: ?(?!(?:or|and|an?|per|in|on|for|at|of|by)\b)[a-z%°€£$/]+)?)"
_AMOUNT_ZH = (
    r"(?P<amount>\d{4}年(?:\d+月(?:\d+日)?)?"
    r"|\d[\d,.]*(?:[a-z%°]+|万?[元年米吨天台岁公斤千克升平方度瓦小时月日人个号亩张只头件套箱次分秒株棵辆间户页本厘毫里]{0,4}))"
)
_MORE = r"more|longer|heavier|higher|larger|bigger|later|greater"
_LESS = r"less|fewer|cheaper|lighter|shorter|lower|smaller|earlier"
_LIMITS: tuple[tuple[str, Callable[[float, float], bool]], ...] = (
    (rf"(?:no less than|at least|since|from) {_AMOUNT}", operator.ge),
    (rf"(?:(?:no|not) more than|at most|up to) {_AMOUNT}", operator.le),
    (rf"(?:(?:{_MORE}) than|over|above|exceeding|after) {_AMOUNT}", operator.gt),
    (rf"(?:(?:{_LESS}) than|under|below|before) {_AMOUNT}", operator.lt),
    (rf"{_AMOUNT} or (?:{_MORE}|above|over)", operator.ge),
    (rf"{_AMOUNT} or (?:{_LESS}|below|under)", operator.le),
    (rf"(?:不少于|不低于|至少){_AMOUNT_ZH}", operator.ge),
    (rf"(?:不超过|不高于|不多于|至多|最多){_AMOUNT_ZH}", operator.le),
    (rf"(?:超过|[大高多重长晚]于){_AMOUNT_ZH}", operator.gt),
    (rf"(?:不到|不足|[小低少轻短早]于){_AMOUNT_ZH}", operator.lt),
    (rf"{_AMOUNT_ZH}[及或]?(?:以上|以后|之后|起)", operator.ge),
    (rf"{_AMOUNT_ZH}[及或]?(?:以下|以内)", operator.le),
    (rf"{_AMOUNT_ZH}(?:以前|之前)", operator.lt),
)
_YEAR = re.compile(r"(?<![\d.,-])(?:19|20)\d\d(?![\d.,-]|\d)")
_YES = re.compile("yes|y|x|true|是|有|√|✓|✔")
_YES_OR_NO = re.compile(rf"{_YES.pattern}|no?|false|[-–—]|否|无|×|")
"""What a column has that marks rows."""
_SAYS_NOTHING = frozenset(("yes", "no", "is", "in", "of", "to", "on", "at", "all", "one", "day", "we", "our"))
_MONEY = frozenset("£ $ € ¥ 元 rmb gbp usd eur".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Condition:
    """What is said of one column."""

    column: str
    texts: tuple[str, ...]
    """The words or the number in the folded question; where there are several, one of them has to hold."""
    test: Callable[[str], bool]
    """Of a cell's text."""

    def holds(self, row: SheetRow) -> bool:
        cell = row.cells.get(self.column)
        return cell is not None and self.test(cell.text)


def conditions(question: str, rows: Sequence[SheetRow], columns: Sequence[str]) -> list[Condition]:
    """All that a question says of the rows of a table, as far as its cells have the same words or numbers."""
    plain = fold(question).replace("已经", "已")
    limit, plain = _limit(plain, rows, columns)
    found = [limit] if limit is not None else []
    taken: list[str] = []
    named = {fold(row.name.text).strip() for row in rows}
    cells = {(fold(cell.text).strip(), name) for row in rows for name, cell in row.cells.items()}
    values = sorted((one for one in cells if one[0] not in named), key=lambda one: -len(one[0]))
    words: dict[str, list[str]] = {}
    for text, name in values:
        known = (limit is not None and limit.column == name) or any(text in other for other in taken)
        if known or not _telling(text) or _single(text) not in plain:
            continue
        one = len(text) == 1 and has_cjk(text)
        held = rf"{text}(?:(?:这一|这)?类|里|中|当中|哪)|[是为]{text}(?!\w)" if one else _pattern(text)
        if re.search(held, plain):
            taken.append(text)
            words.setdefault(name, []).append(text)
    found += [Condition(name, tuple(texts), _is(texts)) for name, texts in words.items()]
    year = _YEAR.search(plain)
    named_year = year is not None and any(year.group() in text for text in (*taken, *columns))
    if year is not None and not named_year:
        for name in columns:
            own = [dates(row.cells[name].text) for row in rows[:SEEN] if name in row.cells]
            if own and sum(map(bool, own)) * 10 >= 8 * len(own):
                found.append(Condition(name, (year.group(),), _in_year(int(year.group()))))
                break
    return found


def marked(thing: str, rows: Sequence[SheetRow], columns: Sequence[str]) -> Condition | None:
    """First aiders, below "First aider": the rows that have a yes there."""
    for name in columns:
        said = fold(bare(name))
        match = said and re.search(re.escape(said) if has_cjk(said) else rf"\b{re.escape(said)}s?\b", thing)
        own = [fold(row.cells[name].text).strip() for row in rows if name in row.cells] if match else []
        if match and own and all(map(_YES_OR_NO.fullmatch, own)):
            return Condition(
                name, (match.group(),), lambda cell: _YES.fullmatch(fold(cell).strip()) is not None
            )
    return None


def shared_name(rows: Sequence[SheetRow]) -> Condition | None:
    """What several rows are called alike is said of them, and is not the name of one."""
    names = {fold(row.name.text).strip() for row in rows}
    columns = {name for row in rows[:1] for name, cell in row.cells.items() if cell == row.name}
    if len(rows) < 2 or len(names) > 1 or not columns:
        return None
    (name,) = names
    return Condition(columns.pop(), (name,), lambda cell: fold(cell).strip() == name)


def _single(text: str) -> str:
    """One of several: valves -> valve."""
    return re.sub("(?<=[a-rt-z])s$", "", text)


def _pattern(text: str) -> str:
    """What a cell's words look like in a question, one thing or several."""
    if has_cjk(text):
        return re.escape(text)
    single = _single(text)
    return "|".join(whole(one) for one in (text, single, f"{single}s"))


def _is(texts: Sequence[str]) -> Callable[[str], bool]:
    return lambda cell: fold(cell).strip() in texts


def _in_year(year: int) -> Callable[[str], bool]:
    return lambda cell: any(date.year == year for date in dates(cell))


def _telling(text: str) -> bool:
    """Whether a cell's words are more than a number and so say something of their own."""
    return (len(text) > 1 or has_cjk(text)) and any(map(str.isalpha, text)) and text not in _SAYS_NOTHING


def _limit(plain: str, rows: Sequence[SheetRow], columns: Sequence[str]) -> tuple[Condition | None, str]:
    """The number that values are measured by, and the question without it."""
    for pattern, test in _LIMITS:
        match = re.search(pattern, plain)
        if match is None:
            continue
        bound = value(match["amount"])
        if bound is None:
            continue
        rest = plain[: match.start()] + " " + plain[match.end() :]
        unit = re.sub(r"[\d.,\s]+", "", match["amount"])
        ranked = sorted((-_fit(name, rest, bound, unit, rows), at, name) for at, name in enumerate(columns))
        if ranked[0][0] == 0:
            continue
        column = ranked[0][2]
        if re.fullmatch(r"\d{4}", match["amount"].strip()):
            dated = any(
                one is not None and one.measure == "date" for one in column_values(rows[:SEEN], column)
            )
            if not dated:
                bound = Value("", float(match["amount"]))
            elif test is operator.gt:  # after 2019 is after its last day
                bound = Value("date", bound.amount + 364)

        def holds(
            text: str,
            test: Callable[[float, float], bool] = test,
            bound: Value = bound,
            unit: str = _unit_of(column),
        ) -> bool:
            own = value(without_codes(text))
            if re.fullmatch(r"\d{4}", text) and bound.measure != "date":
                own = Value("", float(text))
            if own is not None and not own.measure and unit and bound.measure:
                own = value(f"{text.strip()}{unit}")  # 12 below 金额(万元) is 12万元
            return own is not None and test(own.amount, bound.amount)

        return Condition(column, (match.group(),), holds), rest
    return None, plain


def _fit(name: str, question: str, bound: Value, unit: str, rows: Sequence[SheetRow]) -> float:
    """How likely a limit is meant for a column: it has its measure, and its name is in the question."""
    rows = rows[:SEEN]
    own = [one for one in column_values(rows, name) if one is not None]
    if len(own) * 10 < 7 * len(rows):
        return 0.0
    same = sum(one.measure == bound.measure for one in own) * 2 > len(own)
    plain = not own[0].measure or not bound.measure
    verbs = (word for verb, word in VERBS.items() if re.search(rf"\b{verb}s?\b", question))
    priced = any(is_usual(name, word) for word in verbs) or bool(
        bound.measure in _MONEY and is_usual(name, "expensive")
    )
    if not same and not plain:
        return 0.0
    own_unit = _unit_of(name)
    if unit and own_unit and not same:
        beside = value(f"1{own_unit}")
        if own_unit != unit and (not bound.measure or beside is None or beside.measure != bound.measure):
            return 0.0  # more than 20 dollars, of a price in EUR
        same = True
    return likeness(question, name) + 0.5 * priced + (0.5 if same and (bound.measure or unit) else 0.0)


def _unit_of(column: str) -> str:
    """The unit in the brackets of a column's name, folded; "" where there is none.

    >>> _unit_of("面积(亩)"), _unit_of("Rent (EUR/month)"), _unit_of("Name")
    ('亩', 'eur', '')
    """
    found = re.search(r"[（(\[]\s*([^\W\d_]+|[€$£¥%°][a-z]?)\s*(?:/[^）)\]]*)?[）)\]]", fold(column))
    return found[1] if found is not None else ""
