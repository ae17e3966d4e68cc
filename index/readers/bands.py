"""Names of columns that look like values: `2024 price`, `1 day` and `3 days`, `0-2 kg` and `2-5 kg`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from index.readers.cells import AMOUNT, NUMBER, Table, column, masked

_OF_YEAR = re.compile(
    r"(?P<year>(?:19|20)\d\d(?:[-/]\d\d(?:\d\d)?)?)(?:年度?)?[ _]?"
    r"(?P<part>[QH][1-4]|第?[一二三四]季度|\d{1,2}(?:[-~至]\d{1,2})?月)?[ _]?(?P<of>[^\W\d年_][^\d]*)"
)
"""`2024 price`, `2025/26年度标准`, `2024 Q1 sales`."""
_RANGE = re.compile(r"(?:[<>≤≥]\s?)?\d[\d,.]*(?:\s?[-–~至]\s?\d[\d,.]*|\s?\+)?")
_MONEY = re.compile(r"[$€£¥￥元圆]|\b(?:eur|usd|gbp|rmb|cny|chf)\b", re.IGNORECASE)
_GAP = re.compile(r"[-–—/]+|n/?a|tbd|tbc|none|free|on request|无|免费?|面议|待定|暂无", re.IGNORECASE)
"""What stands where a number is missing."""
_CLOCK = re.compile(r"\d[:：]\d\d")
_PRICED = re.compile(r"[价费元额$€£]|标准|price|fee|cost|rate|sales|budget", re.IGNORECASE)
_TIMES = re.compile(
    r"(?:hour|day|night|week|month|year|min(?:ute)?|h|d)s?|小时|[天日晚周年]|个?月|分钟", re.IGNORECASE
)


def bands(first: Sequence[str], below: Table) -> set[int]:
    """The columns whose names begin with a number, or are ranges of numbers, and are no values.

    By a year in words, above nothing but numbers that are no years; several of a kind that rise: of one unit,
    or all of time, above numbers or amounts of another unit.
    """
    years = {i: match for i, cell in enumerate(first) if i and (match := _OF_YEAR.fullmatch(cell))}
    said = [(match["year"], match["part"], match["of"]) for match in years.values()]
    several = len(years) > 1 and len(set(said)) == len(said) and len({of for *_, of in said}) == 1
    found = {i for i in years if several or _names_a_year(first[i], column(below, i))}
    units = {
        i: _kind(cell) for i, cell in enumerate(first) if i and re.search(r"\d", cell) and i not in years
    }
    for unit in set(units.values()):
        own = [i for i in units if units[i] == unit]
        if unit is not None and _are_bands([first[i] for i in own], [column(below, i) for i in own]):
            found |= {*own}
    return found


def ranges(first: Sequence[str], below: Table) -> set[str]:
    """Names that are numbers alone: `1-99`, `100-499`, `500+`, above prices of so many pieces."""
    own = {i: cell for i, cell in enumerate(first) if i and _RANGE.fullmatch(cell)}
    plain = [cell for cell in own.values() if re.search(r"[-–~至+<>≤≥]", cell)]
    values = [value for i in own for value in column(below, i)]
    kinds = {masked(cell) for cell in plain} & set(map(masked, values))
    if len(plain) < 2 or len(plain) < len(own) or kinds or not _rise(list(own.values())):
        return set()
    return set(plain) if all(_is_number(value) for value in values) else set()


def _are_bands(names: Sequence[str], values: Sequence[Sequence[str]]) -> bool:
    several = len(names) > 1 and any(map(AMOUNT.match, names))
    above = (_stands_above(name, own) for name, own in zip(names, values, strict=True))
    return several and _rise(names) and not any(map(_MONEY.search, names)) and all(above)


def _kind(cell: str) -> str | None:
    """What a name counts; all times are of one kind. None: nothing, or a time of day."""
    unit = _unit(cell)
    return "time" if unit is not None and _TIMES.search(cell) else unit


def _unit(cell: str) -> str | None:
    words = re.findall(r"[^\W\d_]+", cell.lower())
    if not words or _CLOCK.search(cell):
        return None
    return words[-1].rstrip("s") if words[-1].isascii() else re.sub("及?以[上下内]|[上下内以]", "", words[-1])


def _rise(names: Sequence[str]) -> bool:
    """Whether each ends with a larger number than the one before, where all have one unit: `1 week` is more
    than `3 days`. The last may be open: `1-5 kg`, `over 5 kg`."""
    units = {match.group().lower().rstrip("s") if (match := _TIMES.search(name)) else "" for name in names}
    ends = [float(re.findall(r"\d+(?:\.\d+)?", name.replace(",", ""))[-1]) for name in names]
    closed = all(a < b for a, b in pairwise(ends[:-1])) and ends[-2] <= ends[-1]
    return len(units) > 1 or closed


def _stands_above(name: str, values: Sequence[str]) -> bool:
    """Whether below a name there are numbers, a few gaps aside, or amounts of another unit."""
    amounts = [value for value in values if AMOUNT.match(value)]
    fit = all(_is_number(value) or _GAP.fullmatch(value) or AMOUNT.match(value) for value in values)
    unit = _unit(name)
    return (
        fit
        and len(amounts) * 2 >= len(values)
        and all(_is_number(value) or _unit(value) != unit for value in amounts)
    )


def _is_number(value: str) -> bool:
    return NUMBER.match(value) is not None


def _names_a_year(name: str, values: Sequence[str]) -> bool:
    """Whether a year and words stand above numbers that are no years themselves, unless prices of 1900."""
    years = bool(values) and all(re.fullmatch(r"(?:19|20)\d\d", value) for value in values)
    return _stands_above(name, values) and not (years and not _PRICED.search(name))
