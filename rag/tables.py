"""Rows of a table that a question is not about: its answer does not stand in them.

A small reader sees `Model: B-350; Weight: 124 kg` below `Model: B-200; Weight: 58 kg` and takes one for the
other. Which row is meant, the question's own words tell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from index.language import CJK, asked_terms, fold, index_terms
from rag.labelled import LABELLED
from rag.seasons import out_of_season

_ROW = re.compile(r"^(?=[^\n]*(?:[:：][^\n;；]*[;；][^\n:：]*[:：]|\|[^\n|]+\|))[^\n]+$", re.MULTILINE)
"""A line of two labelled values at least, as the readers write tables, or of two cells of Markdown."""
_RULE = re.compile(r"(?=[^\n]*-)[ \t|:-]+")
"""The line below the head of a Markdown table."""

_TIME = re.compile(
    r"\d|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?\b"
    r"|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:\b|[a-z]*(?:ary|ch|il|st|ber)\b)"
    r"|周|星期|月|年|季|早|午|晚|春|夏|秋|冬",
    re.IGNORECASE,
)
"""Columns of these kinds may be what is asked for: on which day, in which year."""
_COUNT = r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten)\b"
_AMOUNT = (
    r"(?:(?:about|around|rmb|eur|usd|(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*) )?"
    rf"[€$£¥]? ?(?<![\w-]){_COUNT}(?: ?(?!(?:and|or|to)\b)[a-z°%/]+(?![\w-]))?"
)
_DIGIT_ZH = r"[\d一二两三四五六七八九十百千万半]"
_COUNT_ZH = rf"约?(?:{_DIGIT_ZH}[.,]?)+"
_LIMITS = re.compile(
    r"\b(?:than|over|above|under|below|exceed\w*|at least|at most|up to|after|before|since|between) "
    rf"{_AMOUNT}(?: (?:and|to) {_AMOUNT})?"
    rf"|\b{_AMOUNT} (?:or|and) (?:more|less|above|below|over|under|\w+er)\b"
    rf"|(?:超过|[大高多小低少重轻晚早长短]于|不足|不到|不满|[至最][少多]|达到?|比)(?!{_DIGIT_ZH}+号){_COUNT_ZH}"
    rf"(?:[a-z°%]+|[{CJK}]{{1,3}}?(?=[的有是吗会?,]|$))?"
    rf"|{_COUNT_ZH}(?:[a-z°%]+|[{CJK}]{{0,3}}?)(?:[及或]?[以之][上下内外前后]|左右|(?<=[年月日天周])[前后内])"
)
"""A number that others are measured by, in a folded question: more than 100 kg, 100公斤以上."""

_OWN = r"[A-Z0-9][\w.-]*(?: [A-Z0-9][\w.-]*)*"
_OWNER = re.compile(
    rf"\b(?i:what|which|how)\b[^?]*?\b(?:(?P<whose>{_OWN})['’]s [a-z -]+|of (?:the )?(?P<of>{_OWN}))\s*\?*$"
    "|^(?![去到往从给向在由被和对把跟用为])(?P<zh>[^，,？?的谁哪什怎]{2,12})的[^，,？?的谁哪]{1,8}?(?:是|为|有)?(?:多少|什么|几)"
)
"""Whose number, price or date is asked for."""

Span = tuple[int, int]


def other_rows(text: str, question: str, beside: Sequence[str] = ()) -> list[Span]:
    """Rows of `text` that hold fewer of the words that tell its rows apart than another row does.

    Of rows that hold as many, one that begins with a name is meant where something of the name is asked: "the
    extension of Nadia Holm", not that of him whose deputy she is.

    Args:
        beside: other texts of its document, in which the table may go on.

    >>> text = "Model: B-200; Weight: 58 kg\\nModel: B-350; Weight: 124 kg"
    >>> [text[a:b] for a, b in other_rows(text, "What is the weight of the B-200?")]
    ['Model: B-350; Weight: 124 kg']
    >>> other_rows(text, "Which model is the heaviest?"), other_rows(text, "Which is heavier than 58 kg?")
    ([], [])
    """
    rows, heads = _rows(text)
    lines = [text[a:b] for a, b in rows]
    names = set().union(*map(_names, lines))
    alike = [line for other in beside for line in _lines(other) if 2 * len(_names(line) & names) > len(names)]
    if not rows or len(rows) + len(alike) < 2:
        return []
    # A word of the head names a column: where a row has it too, it may be the column that is meant.
    asked = set(asked_terms(_without_limits(question, text))) - set(index_terms("\n".join(heads)))
    held = [asked & set(index_terms(line)) for line in (*lines, *alike)]
    telling = set[str]().union(*held) - held[0].intersection(*held)
    owner = _OWNER.search(question.strip())
    own = asked.intersection(index_terms(next(filter(None, owner.groups())))) if owner else set[str]()
    ranks = [
        (len(one & telling), len(own.intersection(index_terms(_first_cell(line)))))
        for one, line in zip(held, (*lines, *alike), strict=True)
    ]
    out = out_of_season([*lines, *alike], question)
    best = max((rank for at, rank in enumerate(ranks) if at not in out), default=(0, 0))
    return [row for at, row in enumerate(rows) if at in out or ranks[at] < best]


def column_names(text: str) -> Iterator[Span]:
    """Where the names of a table's columns stand in its rows: labels that several rows have.

    >>> text = "Name: Li; Post: cook\\nName: Wu; Post: driver; Mon: free"
    >>> [text[a:b] for a, b in column_names(text)]
    ['Name', 'Post', 'Name', 'Post']
    """
    rows = [list(LABELLED.finditer(text, *line.span())) for line in re.finditer(r"[^\n]+", text)]
    held = Counter(name for row in rows if len(row) > 1 for name in {cell["label"] for cell in row})
    for cell in (cell for row in rows if len(row) > 1 for cell in row):
        if held[cell["label"]] > 1 and not _TIME.search(cell["label"]):
            yield cell.span("label")


def is_row(text: str, start: int, end: int) -> bool:
    """Whether what stands from `start` to `end` is part of a row of a table.

    >>> is_row("Model: B-200; Weight: 58 kg", 23, 28), is_row("It weighs 58 kg.", 10, 15)
    (True, False)
    """
    return any(row.start() < end and start < row.end() for row in _ROW.finditer(text))


def _names(row: str) -> set[str]:
    return {cell["label"] for cell in LABELLED.finditer(row)}


def _first_cell(row: str) -> str:
    return re.split("[;；]|(?<=[^|])[|]", row, maxsplit=1)[0]


def _lines(text: str) -> list[str]:
    return [text[a:b] for a, b in _rows(text)[0]]


def _rows(text: str) -> tuple[list[Span], list[str]]:
    """The rows of the tables of a text, and the heads of those in Markdown, which are no rows."""
    rows: list[Span] = []
    heads: list[str] = []
    for match in _ROW.finditer(text):
        if not _RULE.fullmatch(match.group()):
            rows.append(match.span())
        elif rows and rows[-1][1] + 1 == match.start():
            heads.append(text[slice(*rows.pop())])
    return rows, heads


def _without_limits(question: str, text: str) -> str:
    """A folded question without the numbers that what it asks for lies above or below.

    The row that has just this number is not the one that is meant, unless it states the limit itself, as
    "over 1000 EUR" in a table of discounts.
    """
    plain = fold(text)
    return _LIMITS.sub(lambda match: match.group() if match.group() in plain else " ", fold(question))
