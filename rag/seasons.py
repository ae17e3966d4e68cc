"""Rows of a table for another season: what "April to October" says is not asked for December."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.language import fold
from rag.dates import MONTH, month_number
from rag.labelled import LABELLED

_TO = r"\s*(?:[-–—~～至到]|\bto\b|\buntil\b|\bthrough\b)\s*"
_RANGE = re.compile(
    rf"{MONTH}(?: \d{{1,2}}\b(?!:))?{_TO}(?:\d{{1,2}} )?(?P<last>{MONTH.replace('?P<n>', '?:')})"
    rf"|(?<![\d年])(?P<a>1[0-2]|0?[1-9])月?(?:份|\d{{1,2}}日)?{_TO}(?:次年|翌年|第二年)?(?P<b>1[0-2]|0?[1-9])月"
)
"""April to October, Nov-Mar, 4月至10月, 11月—次年3月; in folded text."""
_ONE = re.compile(rf"{MONTH}|(?<!\d)(?P<m>1[0-2]|0?[1-9])月")
_MAY = re.compile(
    r"\bmay\b(?! \d|['’]s)(?<!\bin may)(?<!\bof may)(?<!\bby may)(?<!until may)(?<!since may)(?<!before may)"
    r"(?<!after may)(?<!early may)(?<!late may)(?<!mid-may)(?<!during may)(?<!\d may)"
)
"""May I, and not in May."""
_DENIED = re.compile(r"\b(?:closed|not?|never|except|excluding|without|unless)\b|关闭|闭|停|不|除|非|未")


def out_of_season(rows: Sequence[str], question: str) -> set[int]:
    """Which rows have, in a column where another row has the month that is asked for, months without it.

    >>> rows = ["Item: berth April to October; Price: £30", "Item: berth Nov to March; Price: £20"]
    >>> out_of_season(rows, "What is a berth in July?"), out_of_season(rows, "What is a berth?")
    ({1}, set())
    >>> out_of_season(["时段：4月至10月；门票：80元", "时段：11月至次年3月；门票：50元"], "12月门票多少钱？")
    {0}
    """
    asked = month_asked(question)
    if asked is None:
        return set()
    told: dict[str, dict[int, bool]] = {}
    for at, row in enumerate(rows):
        for cell in LABELLED.finditer(row):
            months = months_of(cell["text"])
            if months:
                told.setdefault(fold(cell["label"]), {})[at] = asked in months
    return {at for own in told.values() if any(own.values()) for at, held in own.items() if not held}


def month_asked(question: str) -> int | None:
    """The only month that a question names, 1 to 12.

    >>> list(map(month_asked, ("May I come in July?", "How much in May?", "May I come?", "in June or July?")))
    [7, 5, None, None]
    """
    plain = _MAY.sub(" ", fold(question))
    if _RANGE.search(plain):
        return None
    found = {_number(match) for match in _ONE.finditer(plain)}
    return found.pop() if len(found) == 1 else None


def months_of(text: str) -> frozenset[int]:
    """The months of the only range of months in a text; none where there is no, or another word denies it.

    >>> sorted(months_of("per night, November to March")), months_of("closed November to March")
    ([1, 2, 3, 11, 12], frozenset())
    """
    plain = fold(text)
    found = list(_RANGE.finditer(plain))
    if len(found) != 1 or _DENIED.search(plain):
        return frozenset()
    match = found[0]
    first = month_number(match["n"]) if match["n"] else int(match["a"])
    last = month_number(match["last"]) if match["n"] else int(match["b"])
    return frozenset((first - 1 + step) % 12 + 1 for step in range((last - first) % 12 + 1))


def _number(match: re.Match[str]) -> int:
    return month_number(match["n"]) if match["n"] else int(match["m"])
