"""Cells of a table by row and column, and all rows of which something holds: 生产部有谁, who is at Hull."""

from __future__ import annotations

import re
from collections.abc import Iterable

from index.language import fold, has_cjk, index_terms
from rag.columns import bare, is_usual, likeness
from rag.conditions import conditions
from rag.dates import dates
from rag.directory import as_called
from rag.named_table import PEOPLE, NamedTable, asks_who, mentioned
from rag.picked import has_band, pick, share_of_name
from rag.scales import VERBS, comparative, superlative
from rag.sheets import SheetRow
from rag.told import USUAL, Computed, told, without
from rag.values import value

_KNOWN = 0.75
"""Share of a question's words that a table must account for."""
_TELLING = 0.15
"""Less of it where the question names the column."""
_WHOLE = 0.8
"""Share of a column's name that names it."""
_MOST_OF = 0.6
"""Of the name of a column that is called the latest of something."""
_WHEN = re.compile(r"什么时候|何时|哪[一天年月]|\bwhen\b", re.IGNORECASE)
_MONEY = re.compile(r"多少钱|\bhow much (?:is|are|does|do)\b.*\b(?:cost|price|fee)\b", re.IGNORECASE)
_PRICE = re.compile(r"[€$£¥元]|\b(?:rmb|eur|usd|gbp)\b", re.IGNORECASE)
_BEFORE_OR_AFTER = re.compile(r"\b(?:before|after|early|late)\b")
"""What a row says for one month it says for no other time."""
_ALIKE = 0.5
"""Share of a column's name that a question must have."""
_MOST = 12
"""Rows that are listed."""
_LIST = re.compile(
    r"^(?:which|what) (?!(?:is|was|does|has)\b)(?:of (?:the|our) )?"
    r"(?:\w+ ){0,2}?\w+(?<![sui])s\b(?! (?:is|was|has|does)\b)"
    r"|^who (?:all )?(?:works?|are|is)\b|\b(?:list|name) (?:all|the)\b|^who\b.*\ball\b|哪些|有谁|都有哪",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^(?:what|which|how (?:much|long|high|heavy|many|old|large|big|wide|deep|far|fast)|when|where|"
    r"who(?:se)?|in which|at what|on (?:which|what)|to what)\b|多少|什么|几|哪|谁|何时|多[大长高重久]",
    re.IGNORECASE,
)
_FEW, _FEW_ZH = 10, 16
"""Words, or characters, of what is typed in place of a question."""
_SAYS = re.compile(
    r"\b(?:am|is|are|was|were|be|has|have|had|do|does|did|can|could|will|would|shall|should|may|might|must|"
    r"i|we|you|he|she|they|it|please|list|tell|show|give|add|remove|delete)\b|n['’]t\b|['’](?:re|ll|ve)\b|"
    r"\b(?:what|who|where|when|how|that|there|he|she|it|let)['’]s\b",
    re.IGNORECASE,
)
_SAYS_ZH = re.compile("[我你您他她吗呢吧了。，,！!]|[请把被是]|[不没]")
_HEAD_ZH = re.compile("([\u3400-\u9fff]{2,3})(?:是|为)(?:多少|几|什么|谁|哪)")
"""The end of what is asked for."""
_COMPARES = re.compile(r"\b(?:or|than|both|difference|between)\b|还是|比|相差|差多少|分别", re.IGNORECASE)


def look_up(question: str, tables: Iterable[NamedTable]) -> Computed | None:
    """What tables have at the row and in the column that a question names; None where they disagree."""
    compares = _COMPARES.search(question) or (has_cjk(question) and comparative(question))
    if compares or not (_ASKS.search(question.strip()) or _is_keywords(question)):
        return None
    extreme = superlative(question)
    said = fold(extreme.said) if extreme is not None else ""
    found = [
        one
        for table in (table.turned for table in tables)
        if (one := _cell(as_called(question, table.sheet.columns), table, said) or pick(question, table))
        is not None
    ]
    best = max(found, key=lambda one: (one.confidence, one.known), default=None)
    if best is None or len({fold(one.text) for one in found if one.known >= best.known}) > 1:
        return None
    return best


def _is_keywords(question: str) -> bool:
    """Whether somebody typed what he wants, and no sentence: "extension Callum Easby", 邬晓堂 分机号.

    >>> list(map(_is_keywords, ("Price of a caliper?", "Ann's extension pls", "It's open.", "邬晓堂 分机号")))
    [True, True, False, True]
    """
    text = question.strip().rstrip("?？")
    if has_cjk(text):
        return len(text) <= _FEW_ZH and not _SAYS_ZH.search(text)
    return len(text.split()) <= _FEW and not _SAYS.search(text)


def listed(question: str, tables: Iterable[NamedTable]) -> Computed | None:
    """All rows of which it holds what a question says, by their names."""
    if not _LIST.search(question.strip()) or _COMPARES.search(question):
        return None
    found = (one for table in tables if (one := _rows(question, table.turned)) is not None)
    return max(found, key=lambda one: one.known, default=None)


def _cell(question: str, table: NamedTable, said: str) -> Computed | None:
    """The cell of a row and a column; a superlative that is said is the column's: "Latest arrival"."""
    named = mentioned(question, table.sheet.rows)
    given = conditions(question, named, table.sheet.columns) if len(named) > 1 else []
    held = [row for row in named if all(one.holds(row) for one in given)]
    if len(held) != 1 or len({fold(row.name.text) for row in named}) > 1:
        return None
    row = held[0]  # or one of several of a name: 望江府 in August
    rest = without(question, given, [row])
    if len(named) == 1 and not all(
        one.holds(row) for one in conditions(rest, table.sheet.rows, list(row.cells))
    ):
        return None  # the row is Ann's at Hull, and she is asked for at Leeds
    names = [name for name in row.cells if row.cells[name] != row.name and said in fold(name)]
    scores = {name: share_of_name(name, rest) for name in names}
    measured = [word for verb, word in VERBS.items() if re.search(rf"\b{verb}s?\b", rest)]
    if measured:  # what it costs stands below Price; what breakfast costs, below Breakfast
        names = [
            name
            for name in names
            if any(is_usual(name, word) for word in measured)
            or (scores[name] == 1 and _PRICE.search(f"{name} {row.cells[name].text}"))
        ]
    ranked = sorted(((scores[name], likeness(rest, name), name) for name in names), reverse=True)
    ranked = [one for one in ranked if one[0] >= _ALIKE or measured]
    if not ranked or (len(ranked) > 1 and ranked[0][:2] == ranked[1][:2]):
        return None
    score, _, column = ranked[0]
    cell = row.cells[column]
    if not has_band(column, fold(question)):
        return None
    known = table.explained(question)
    if asks_who(question) and any(map(str.isdigit, cell.text)):
        return None
    if not _has_head(question, table) or (said and score < _MOST_OF) or not _is_asked(question, cell.text):
        return None
    if _BEFORE_OR_AFTER.search(rest) and not _BEFORE_OR_AFTER.search(fold(column)):
        return None
    least = _KNOWN - _TELLING * (score >= _WHOLE and not _is_of_another(question, row, column, table))
    if known < least or not table.says_all(question, rest) or not cell.text.strip("-–—/ "):
        return None
    return told(cell.text, table, [cell, row.name], USUAL, known)


def _is_asked(question: str, text: str) -> bool:
    """Whether a cell may say when, or how much money, where that is asked for."""
    if _WHEN.search(question):
        return bool(dates(text))
    found = value(text) if _MONEY.search(question) else None
    return found is None or found.measure not in ("time", "date", "weight", "length")


def _is_of_another(question: str, row: SheetRow, column: str, table: NamedTable) -> bool:
    """Whether an unknown word goes with the row's or the column's name: KX-20 Pro, 经销商单价."""
    plain = fold(question)
    behind = plain.partition(fold(row.name.text).strip())[2]
    before = plain.partition(bare(column))[0] if bare(column) in plain else ""
    near = (
        *re.findall(r"^[ ]?([a-z0-9]+|[\u3400-\u9fff]{2})", behind),
        *re.findall(r"([\u3400-\u9fff]{2})$", before),
    )
    return any(table.explained(word) < 1 for word in near if word[0] not in "的在有是要")


def _has_head(question: str, table: NamedTable) -> bool:
    """Whether a table has what a Chinese question asks for, up to a last character such as 分机's in 分机号.

    安全员短号是多少 asks for no 安全员.
    """
    found = _HEAD_ZH.search(fold(question))
    head = found[1] if found is not None else ""
    return head[-2:] in table.text or (head[-1] in "价号费额数量率名" and head[-3:-1] in table.text)


def _rows(question: str, table: NamedTable) -> Computed | None:
    rows = table.sheet.rows
    given = conditions(question, rows, table.sheet.columns)
    held = [row for row in rows if all(one.holds(row) for one in given)]
    column = table.asked_column(question)
    people = bool(set(index_terms(question)) & PEOPLE) or asks_who(question) or "哪些人" in question
    if not given or not 1 < len(held) <= min(_MOST, len(rows) - 1) or (people and not table.of_people):
        return None
    known = table.explained(without(question, given))
    says = table.has_such(question) and table.says_all(question, without(question, given))
    if known < _KNOWN or not says:
        return None
    cells = [row.cells.get(column or "", row.name) for row in held]
    names = list(dict.fromkeys(cell.text for cell in cells))
    if len(names) < 2:
        return None
    return told(("、" if has_cjk(question) else ", ").join(names), table, cells, USUAL, known)
