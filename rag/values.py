"""Numbers and dates as texts write them, made comparable. Chinese and English."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.language import FUNCTION_WORDS, fold
from rag.numerals import figures, figures_in_dates

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
_MONTHS = {
    name: number
    for number, name in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(),  # noqa: SIM905
        1,
    )
}
_UNITS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("g", "gram", "grams", "克"), ("weight", 1e-3)),
    **dict.fromkeys(("kg", "kilogram", "kilograms", "千克", "公斤"), ("weight", 1.0)),
    **dict.fromkeys(("t", "tonne", "tonnes", "ton", "tons", "吨"), ("weight", 1e3)),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), ("weight", 0.4536)),
    **dict.fromkeys(("mm", "毫米"), ("length", 1e-3)),
    **dict.fromkeys(("cm", "厘米"), ("length", 1e-2)),
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters", "米"), ("length", 1.0)),
    **dict.fromkeys(
        ("km", "kilometre", "kilometres", "kilometer", "kilometers", "公里", "千米"), ("length", 1e3)
    ),
    **dict.fromkeys(("ft", "foot", "feet", "英尺"), ("length", 0.3048)),
    **dict.fromkeys(("mi", "mile", "miles", "英里"), ("length", 1609.344)),
    **dict.fromkeys(("second", "seconds", "秒"), ("time", 1 / 86400)),
    **dict.fromkeys(("minute", "minutes", "min", "分钟"), ("time", 1 / 1440)),
    **dict.fromkeys(("hour", "hours", "h", "小时"), ("time", 1 / 24)),
    **dict.fromkeys(("day", "days", "天", "日"), ("time", 1.0)),
    **dict.fromkeys(("week", "weeks", "周", "星期"), ("time", 7.0)),
    **dict.fromkeys(("month", "months", "个月", "月"), ("time", 30.4)),
    **dict.fromkeys(("year", "years", "年"), ("time", 365.25)),
}  # fmt: skip
_MEASURED = "|".join([*_UNITS, "rmb", "eur", "usd", *"元万亿千百人台"])
_NUMBER = re.compile(
    r"(?P<sign>(?<![a-z0-9°%.)/])[-−–])?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:-(?=[a-z])|\s*)(?P<rest>(?:[^\d\s,，.。;；][^\s,，.。;；]*)?(?: [a-z/]+)?)"
)
_Y, _M, _D = r"(?P<y>1\d{3}|20\d{2})", r"(?P<m>1[0-2]|0?[1-9])", r"(?P<d>3[01]|[12]\d|0?[1-9])"
_NAMED = (
    r"\b(?P<n>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\b"
)
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
    re.compile(rf"{_BEFORE}{_Y}\s?年(?:\s?{_M}\s?月(?:\s?{_D}(?!\d))?)?"),
    re.compile(rf"{_BEFORE}{_Y}([-/.]){_M}\2{_D}(?!\d)"),
    re.compile(rf"(?<![\d.]){_D}\.{_M}\.{_Y}(?!\d)"),
    re.compile(rf"{_BEFORE}{_Y}(?:[-/]|\.(?=[01]\d)){_M}{_UNITLESS}"),
    re.compile(rf"{_D}(?:st|nd|rd|th)? (?:of )?{_NAMED}\.?,? {_Y}(?!\d)"),
    re.compile(rf"{_NAMED}\.? {_D}(?:st|nd|rd|th)?,? {_Y}(?!\d)"),
    re.compile(rf"{_NAMED}\.?,? {_Y}(?!\d)"),
    re.compile(
        rf"\b(?:in|since|during|until|year) {_Y}(?!\d|[.,]\d|{_MORE}{{0,3}}\s?(?:{_MEASURED})(?![a-z]))"
    ),
    re.compile(rf"{_BEFORE}{_Y}{_UNITLESS}"),
)
_MONEY = re.compile(r"(?:[€$£¥]|\b(?:rmb|cny|usd|eur|gbp)) ?\d[\d,.]*")
_AMOUNT = re.compile(r"(?:[a-z]{3} |[€$£¥] ?)?[-−–]?\d[\d,.]*\s?[^\s\d,.]*")
_SURE_MEASURES = frozenset("weight length time rmb cny usd eur gbp € $ £ ¥ 元 美元 欧元 % °c".split())  # noqa: SIM905
_CODE = re.compile(
    r"(?<![\w°/-])(?<!\d )(?!(?:rmb|cny|usd|eur|gbp)\d)(?![a-z]{3,}-(?:1\d|20)\d\d\b)[a-z]+-?\d[\w-]*",
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
    text = _MONEY.sub(" ", text)
    found = [match for pattern in _DATES if (match := pattern.search(text))]
    if not found:
        return None
    parts = min(found, key=lambda match: match.start("y")).groupdict()  # of equals the fullest
    month = _MONTHS.get(parts.get("n") or "", 0) or int(parts.get("m") or 0)
    days = int(parts["y"]) * 365.2425 + max(0, month - 1) * 30.4 + int(parts.get("d") or 1)
    return Value("date", float(round(days)))


def _number(text: str) -> Value | None:
    match = _NUMBER.search(text)
    if match is None:
        return None
    amount = float(match["number"].replace(",", "")) * (-1 if match["sign"] else 1)
    first, _, second = match["rest"].strip().partition(" ")
    if first in _TIMES and (second or first not in _UNITS):
        amount, first = amount * _TIMES[first], second
    unit = next(
        (u for u in (first, first[:2], first[:1]) if u in _UNITS and (u == first or not u.isascii())), ""
    )
    if unit:
        measure, factor = _UNITS[unit]
        return Value(measure, round(amount * factor, 9))
    before = re.search(r"([a-z€$£¥]+)\s*$", text[: match.start()])
    return Value(first or (before[1] if before else ""), amount)
