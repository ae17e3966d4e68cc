"""Values of a spreadsheet as their number formats show them, but with every digit that they have.

A format's code (ECMA-376 part 1, 18.8.31) has sections for numbers above, below and at zero, parted by
`;`. In one, `0 # ?` stand for digits, `%` for hundredths, a comma behind the digits for thousands, `"kg"`
and `\\k` for themselves, `_x` for a gap, `[$€-407]` for a currency sign.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import NamedTuple

from index.text import CJK, one_line

EAST_ASIAN = {
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    **dict.fromkeys((32, 34, 55), 'h"时"mm"分"'),
    **dict.fromkeys((33, 35, 56), 'h"时"mm"分"ss"秒"'),
}
"""Formats of dates that a Chinese workbook may name by number alone (18.8.30, zh-cn)."""

_PART = re.compile(r'((?:"[^"]*"|[\\_*].|\[[^\]]*\]|[^;])*);')
_TOKEN = re.compile(
    r'[\\!"]\."?(?P<moved>[0#]+)|"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]'
    r"|\[[^\]]*\]|_(?P<gap>.)|\*.|(?P<digits>General|[0#?]+(?:,+[0#?]+)*)|\.(?P<decimals>[0#?]*)"
    r"|(?P<thousands>,+)|(?P<bare>.)",
    re.IGNORECASE | re.DOTALL,
)
_LITERAL = re.compile(r'"[^"]*"|[\\!_*].|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE)
_CONDITION = re.compile(r"\[[<>=]")
_OTHER = re.compile(r"(?!General)(?<![a-z])[a-z]|[@/]", re.IGNORECASE)
"""A date, an exponent, text or a fraction: such a section is not followed."""
_CLOCK = re.compile(r"\[?h+\]?(?:\W*m+)?(?:\W*s+)?|\[?m+\]?\W*s+|s+|am/pm|a/p")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)


_LONGEST = 255
"""Characters of a format that Excel takes."""


class _Section(NamedTuple):
    before: str
    after: str
    zeros: int
    """Digits that are shown at least before the point."""
    decimals: int
    fixed: int
    """Of these, the digits that are shown though they are zero."""
    shift: int
    """Places by which the point moves to the left."""
    percent: bool
    digits: bool
    """Whether it shows a number at all."""


def formatted(value: object, code: str) -> str:
    """A cell's value, without the groups of digits that its format makes; "" for None.

    >>> formatted(1234.5, '"$"#,##0.00'), formatted(42, "00000"), formatted(84, '0.0" kg"')
    ('$1234.50', '00042', '84 kg')
    >>> formatted(datetime(2024, 5, 1), 'yyyy"年"m"月"'), formatted(datetime(2024, 5, 1), "mmm-yy")
    ('2024年5月', 'May 2024')
    """
    if isinstance(value, datetime | date | time):
        return _moment(value, code)
    if isinstance(value, timedelta):
        return _duration(value, code)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, code) if isfinite(value) else ""
    return "" if value is None else str(value)


def _number(value: int | float, code: str) -> str:
    sections = _sections(code)
    at = 1 if value < 0 and len(sections) > 1 else 2 if value == 0 and len(sections) > 2 else 0
    section = sections[at]
    if not section.digits:
        words = one_line(section.before)
        return words if any(map(str.isalpha, words)) else _digits(value)
    if section.percent:
        digits = f"{abs(value):.{section.decimals}%}".removesuffix("%")
    else:
        digits = _digits(abs(value), section.shift)
    whole, *rest = digits.split(".")
    # A format that has words of its own for what is below zero needs no sign: `loss 5`.
    literals = section.before + section.after
    said = at == 1 and any(map(str.isalpha, literals)) and section[:2] != sections[0][:2]
    sign = "-" if value < 0 and not said and digits.strip("0.") else ""
    # £10.5 is written £10.50, but £99 needs no .00 to be the same.
    number = ".".join([whole.zfill(section.zeros), *(part.ljust(section.fixed, "0") for part in rest)])
    return one_line(f"{sign}{section.before.lstrip()}{number}{section.after}")


def _digits(value: int | float, shift: int = 0) -> str:
    """All digits, never an exponent; what binary fractions add is rounded off."""
    exact = isinstance(value, int) or value.is_integer()
    number = Decimal(repr(value) if exact else f"{round(value, 10):.15g}").scaleb(-shift)
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[_Section, ...]:
    """For numbers from zero up, below it and at it, as far as the format has them; at least one."""
    parts = _PART.findall(f"{code if len(code) <= _LONGEST else ''};")[:3]
    if any(map(_CONDITION.search, parts)):
        parts = [""]
    return tuple(map(_section, parts))


def _section(code: str) -> _Section:
    shown = {False: "", True: ""}  # before the digits and behind them
    whole = decimals = moved = ""
    thousands = 0
    followed = not _OTHER.search(_LITERAL.sub(" ", code))
    for token in _TOKEN.finditer(code):
        kind = token.lastgroup
        text = token[kind] if kind else ""
        behind = bool(whole or decimals)
        if kind == "digits":
            followed &= not shown[True].strip()
            whole += text
        elif kind == "decimals":
            followed &= not decimals
            decimals += text
        elif kind == "moved":
            followed &= not moved
            moved = text
        elif kind == "thousands":
            thousands += len(text) if behind else 0
        elif kind == "gap":
            shown[behind] += " "
        elif kind in ("quoted", "currency") or text not in ("-", "(", ")"):
            shown[behind] += text if text != "-" else ""
    before, after = shown[False], shown[True]
    # 123456 as 12.3 ten thousands: a point is written where the number has none.
    followed &= not moved or thousands > 0 or "万" in after
    if not followed:
        return _Section("", "", 0, 0, 0, 0, False, False)
    percent = "%" in _LITERAL.sub("", code)
    shift = 3 * thousands + len(moved)
    shows = bool(whole or decimals)
    fixed = decimals.count("0")
    return _Section(before, after, whole.count("0"), len(decimals), fixed, shift, percent, shows)


def _moment(value: datetime | date | time, code: str) -> str:
    """What the format shows of year, month, day and time; a whole date as in ISO 8601."""
    shown = _LITERAL.sub(" ", code.split(";")[0].lower())
    dated = _CLOCK.sub(" ", shown)
    clock = dated != shown
    whole = shown.strip() == "general"
    if isinstance(value, time):
        return _clock(value, shown) if clock or whole else ""  # 0, a blank elsewhere, is no date
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if clock and not re.search("[ymde]", dated):
        return _clock(value.time(), shown)
    day = re.search("(?<!d)dd?(?!d)", dated) is not None
    year, month = ("y" in dated or "e" in dated), "m" in dated
    if not whole and month and not (year and day):
        return _part_of_date(value, year=year, day=day, chinese=bool(CJK.search(code)), name="mmm" in dated)
    if not whole and year and not (month or day):
        return f"{value.year}年" if "年" in code else str(value.year)
    return f"{value:%Y-%m-%d}" + (f" {_clock(value.time(), shown)}" if value.time() != time() else "")


def _part_of_date(value: datetime, *, year: bool, day: bool, chinese: bool, name: bool) -> str:
    """A month with its year, or with the day in it, or alone."""
    if chinese:
        return (f"{value.year}年" if year else "") + f"{value.month}月" + (f"{value.day}日" if day else "")
    if year and not name:
        return f"{value.year}-{value.month:02}"
    return (f"{value.day} " if day else "") + _MONTHS[value.month - 1] + (f" {value.year}" if year else "")


def _clock(value: time, shown: str) -> str:
    seconds = "s" in shown or value.second or shown.strip() == "general"
    return value.isoformat("seconds" if seconds else "minutes")


def _duration(value: timedelta, code: str) -> str:
    """Hours and minutes, or what the format counts in instead."""
    seconds = round(abs(value.total_seconds()))
    sign = "-" if value < timedelta() else ""
    shown = _LITERAL.sub("", code.lower())
    if "[s" in shown:
        return f"{sign}{seconds}"
    rest = f":{seconds % 60:02}" if seconds % 60 or "s" in shown else ""
    minutes = seconds // 60
    if "[m" in shown:
        return f"{sign}{minutes}{rest}"
    return f"{sign}{minutes // 60}:{minutes % 60:02}{rest}"
