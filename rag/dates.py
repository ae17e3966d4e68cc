"""Dates as texts write them: a year, with month and day where they are given. Chinese and English."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.language import FUNCTION_WORDS
from rag.units import UNITS

_MONTHS = {
    name: number
    for number, name in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(),  # noqa: SIM905
        1,
    )
}
_MEASURED = "|".join([*UNITS, "rmb", "eur", "usd", *"元万亿千百人台"])
_Y, _M, _D = r"(?P<y>1\d{3}|20\d{2})", r"(?P<m>1[0-2]|0?[1-9])", r"(?P<d>3[01]|[12]\d|0?[1-9])"
MONTH = (
    r"\b(?P<n>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\b"
)
"""The name of a month, in lower case."""
_BEFORE = r"(?<![a-z\d])(?<!\d[.,])(?<!\b[a-z]-)(?<!\b[a-z]{2}-)"
"""Before a year there is neither another number nor a code: 3.1415, B-2008."""
_MORE = r"(?:\s?(?:[-–—~/、×*±至到和与及]|and|or|to)\s?\d[\d.,]*)"
"""Another number of the same kind: in 1500-2000 kg the unit of the first stands behind the second."""
_GOES_ON = "|".join(
    FUNCTION_WORDS | set("after before but or until since while under during through".split())  # noqa: SIM905
)
_UNITLESS = (
    rf"(?!\d|[.,]\d|{_MORE}{{0,3}}\s?"
    rf"(?!(?:{_GOES_ON})\b\s+\w|年|至今|以来|[至到和与及]\s?\d)(?:[^\W\d_]|[°%‰€$£¥]))"
)
"""After a year there is no unit and nothing that is counted, of which no list is ever whole."""
_DATES = (
    re.compile(rf"{_BEFORE}{_Y}\s?年(?:\s?{_M}\s?月(?:\s?{_D}(?!\d)(?:\s?[日号])?)?)?"),
    re.compile(rf"{_BEFORE}{_Y}([-/.]){_M}\2{_D}(?!\d)"),
    re.compile(rf"(?<![\d.]){_D}\.{_M}\.{_Y}(?!\d)"),
    re.compile(rf"{_BEFORE}{_Y}(?:[-/]|\.(?=[01]\d)){_M}{_UNITLESS}"),
    re.compile(rf"{_D}(?:st|nd|rd|th)? (?:of )?{MONTH}\.?,? {_Y}(?!\d)"),
    re.compile(rf"{MONTH}\.? {_D}(?:st|nd|rd|th)?,? {_Y}(?!\d)"),
    re.compile(rf"{MONTH}\.?,? {_Y}(?!\d)"),
    re.compile(
        rf"\b(?:in|since|during|until|year) {_Y}(?!\d|[.,]\d|{_MORE}{{0,3}}\s?(?:{_MEASURED})(?![a-z]))"
    ),
    re.compile(rf"{_BEFORE}{_Y}{_UNITLESS}"),
)
_BARE = _DATES[-1]


@dataclass(frozen=True, slots=True)
class Date:
    """A date in a text."""

    start: int
    end: int
    year: int
    month: int = 0
    """1 to 12; 0 where it is not given."""
    day: int = 0
    """1 to 31; 0 where it is not given."""
    bare: bool = False
    """A year with no word that makes it one: 2000 in "up to 2000" may be a number."""

    @property
    def parts(self) -> tuple[int, ...]:
        """Year, month, day, as far as they are given."""
        return tuple(part for part in (self.year, self.month, self.day) if part)


def dates(text: str) -> list[Date]:
    """The dates of a text in lower case, in order; of two that share their year the fuller one.

    >>> [date.parts for date in dates("founded on 12 march 1996, in lin'an since 2008; 2015年3月停产")]
    [(1996, 3, 12), (2008,), (2015, 3)]
    >>> dates("the b-2008 weighs 1500 kg")
    []
    """
    found: dict[int, Date] = {}
    for pattern in _DATES:  # the fullest first
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = month_number(parts.get("n") or "") or int(parts.get("m") or 0)
            year, day = int(parts["y"]), int(parts.get("d") or 0)
            start = min(match.start(name) for name, given in parts.items() if given)
            date = Date(start, match.end(), year, month, day, pattern is _BARE)
            found.setdefault(match.start("y"), date)
    return [found[at] for at in sorted(found)]


def month_number(name: str) -> int:
    """1 to 12, by the first three letters of an English name in lower case; 0: it is none.

    >>> month_number("sept"), month_number("may"), month_number("")
    (9, 5, 0)
    """
    return _MONTHS.get(name[:3], 0)
