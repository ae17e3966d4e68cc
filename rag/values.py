"""Numbers and dates as texts write them, made comparable. Chinese and English."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.language import fold
from rag.dates import dates
from rag.numerals import figures, figures_in_dates
from rag.units import UNITS

_TIMES = {
    "dozen": 12,
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "k": 1e3,
    "m": 1e6,
    "bn": 1e9,
}
_NUMBER = re.compile(
    r"(?P<sign>(?<![a-z0-9°%.)/])[-−–])?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:-(?=[a-z])|\s*)(?P<rest>(?:[^\d\s,，.。;；][^\s,，.。;；]*)?(?: [a-z/]+)?)"
)
_MONEY = re.compile(r"(?:[€$£¥]|\b(?:rmb|cny|usd|eur|gbp)) ?\d[\d,.]*")
_AMOUNT = re.compile(r"(?:[a-z]{3} |[€$£¥] ?)?[-−–]?\d[\d,.]*\s?[^\s\d,.]*")
_SURE_MEASURES = frozenset("weight length time rmb cny usd eur gbp € $ £ ¥ 元 美元 欧元 % °c".split())  # noqa: SIM905
_CODE = re.compile(
    r"(?<![\w°/-])(?<!\d )(?!(?:rmb|cny|usd|eur|gbp|ac|dc)\d)(?![a-z]{3,}-(?:1\d|20)\d\d\b)[a-z]+-?\d[\w-]*",
    re.ASCII | re.IGNORECASE,
)
"""B-200; but no RMB4150, mid-1996 or the m3 of 25 m3."""


@dataclass(frozen=True, slots=True)
class Value:
    """A number that can be compared with others of its measure."""

    measure: str
    """"date" (days), "weight" (kg), "length" (m), "time" (days); else the unit as written, "" for none."""
    amount: float


def value(text: str) -> Value | None:
    """The first date, else the first number of a text.

    >>> value("12 March 1996"), value("自2008年9月投产")
    (Value(measure='date', amount=729097.0), Value(measure='date', amount=733651.0))
    >>> value("58 kg") == value("5.8万克"), value("RMB 4,150"), value("三十个月").measure
    (True, Value(measure='rmb', amount=4150.0), 'time')
    """
    plain = fold(
        re.sub(r"(?<!\d)(\d{0,9}) ?½", lambda half: f"{half[1] or 0}.5", text)
    )  # folded, 2½ would be 21⁄2
    return _date(figures_in_dates(plain)) or _number(figures(plain))


def stated_amount(text: str) -> Value | None:
    """The value of a text that is a number with a unit and nothing else; names are none.

    >>> stated_amount("50 kg"), stated_amount("一年半").measure, stated_amount("RMB 4,000").measure
    (Value(measure='weight', amount=50.0), 'time', 'rmb')
    >>> stated_amount("50 Cent"), stated_amount("28 Days"), stated_amount("百度"), stated_amount("B-200")
    (None, None, None, None)
    """
    found = value(text)
    if found is None or re.search("[A-Z][a-z]", text) or not _AMOUNT.fullmatch(figures(fold(text))):
        return None
    return found if found.measure in _SURE_MEASURES else None


def without_codes(text: str) -> str:
    """A text without the names of types, whose numbers say nothing.

    >>> without_codes("The B-200 weighs 58 kg."), without_codes("B-200重58公斤")
    ('The   weighs 58 kg.', ' 重58公斤')
    """
    return _CODE.sub(" ", text)


def _date(text: str) -> Value | None:
    found = dates(_MONEY.sub(" ", text))
    if not found:
        return None
    first = found[0]
    days = first.year * 365.2425 + max(0, first.month - 1) * 30.4 + (first.day or 1)
    return Value("date", float(round(days)))


def _number(text: str) -> Value | None:
    match = _NUMBER.search(text)
    if match is None:
        return None
    amount = float(match["number"].replace(",", "")) * (-1 if match["sign"] else 1)
    first, _, second = match["rest"].strip().partition(" ")
    if first in _TIMES and (second or first not in UNITS):
        amount, first = amount * _TIMES[first], second
    unit = next(
        (u for u in (first, first[:2], first[:1]) if u in UNITS and (u == first or not u.isascii())), ""
    )
    if unit:
        measure, factor = UNITS[unit]
        return Value(measure, round(amount * factor, 9))
    before = re.search(r"([a-z€$£¥]+)\s*$", text[: match.start()])
    return Value(first or (before[1] if before else ""), amount)
