"""Numbers and dates with their limits, "up to 90 °C" or 超过12个月, and what one says of another.

Where both stand under limits it depends on what is asked: who may return goods within 30 days may do so
within 14, and who delivers within 5 days delivers within 10.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose
from typing import Literal

from index.language import CJK, FUNCTION_WORDS, fold
from rag.dates import dates
from rag.modals import Modal
from rag.values import Value, value

Limit = Literal["=", "<", "<=", "within", ">", ">=", "about", "open"]
"""open: a range, a rate, a comparison with something else: nothing follows from it."""

_YEAR = re.compile(r"(?:\b(?:in|since|before|after|by|until|during) |[于自在])$", re.IGNORECASE)
"""Before a year that stands alone, to tell it from a number."""
_ONE = (
    r"\d+(?:[.,]\d+)*|(?<![一二两三四五六七八九十百千万零周期第统唯同单])[一二两三四五六七八九十百千]+|"
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b"
)
_UNIT = (
    r"°C|%|[万亿]?(?:个月|小时|分钟|公斤|千克|毫米|厘米|公里|千米|[年天日周秒米吨克元])|"
    rf"[万亿]?[{CJK}]{{1,2}}?(?=内|以内|之内|以上|以下|后|前|[吗嘛？?，,的]|$)|[万亿]?[{CJK}]|"
    r"(?:working |calendar |thousand |million |billion )?[a-zA-Z]+\b"
)
_RANGE = r"(?P<range>\d+(?:[.,]\d+)*(?: ?(?:°C|%))? ?(?:[-–—~～至到]| to | and ) ?(?=\d))"
_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9.-]){_RANGE}?"
    r"(?P<number>(?:RMB|EUR|USD|[€$£¥]) ?\d+(?:[.,]\d+)*(?:[万亿]| (?:thousand|million|billion)\b)?|"
    rf"[-−]?(?:{_ONE}) ?(?:{_UNIT})?)",
    re.IGNORECASE,
)
_MEASURES = ("time", "length", "weight")
"""Of numbers in words: 六送 in 周六送货 is none."""
_BEFORE: tuple[tuple[Limit, str], ...] = (
    (">=", r"at least|\bnot? (?:less|fewer|shorter|lower) than|minimum(?: of)?"),
    (">=", r"至少|不[少低小短]于|最[少低]|起码"),
    ("<=", r"up to|at most|\bnot? (?:more|longer|greater|higher|later) than|maximum(?: of)?|max\.?"),
    ("<=", r"不超过|不[多高大长]于|不晚于|至多|最[多高长大]"),
    ("within", r"within(?: the first)?"),
    (
        ">",
        r"(?:more|greater|higher|later) than|\bover|above|after|exceed(?:s|ing)?|超[过出]|[多大高长重晚]于",
    ),
    (">=", r"达到?"),
    ("<", r"(?:less|fewer|lower|earlier) than|\bunder|below|before|prior to|[少低小短轻早]于|不[到足满]"),
    ("about", r"about|approximately|approx\.?|around|nearly|almost|roughly|大?约为?|大概|将?近"),
    ("=", r"since|为|是|exactly"),
    ("open", r"\bthan|between|from|until|till|\bby|\bper|every|each|每|比|截至"),
)
_AFTER: tuple[tuple[Limit, str], ...] = (
    (">=", r"(?: or| and) (?:more|longer|over|above)\b| at least| minimum|\+|及?以上|起(?!重)"),
    ("<=", r"(?: or| and) (?:less|fewer|under|below)\b| at (?:the )?most| maximum|及?以下"),
    ("within", "[以之]?内"),
    ("about", "左右|上下"),
)
_BETTER = re.compile(r"(?:(?P<time>long|short)|(?P<weight>heavi|light))er than\s*$", re.IGNORECASE)
_RIGHTS = re.compile(
    r"\b(?:cancel|return|exchang|withdr|revo[ck]|refund|complain|object|claim)|[退换]|取消|撤|索赔|申诉|投诉",
    re.IGNORECASE,
)
"""What one may do until a limit ends, and so before."""
_SERVICES = re.compile(
    r"\b(?:deliver|ship|dispatch|arriv|repair|repl[iy]|respon|answer|process)|[送发到交]货|交付|维修|修复|回复|响应|答复|处理",
    re.IGNORECASE,
)
"""What is done before a limit ends, and so before a later one."""
_LOWER, _UPPER = (">", ">="), ("<", "<=", "within")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its measure, or a date."""

    start: int
    end: int
    """Where it stands, with the words of its limit."""
    measure: str
    amounts: tuple[float, ...]
    """The number; of a date the year, and month and day where they are given."""
    limit: Limit


def quantities(text: str) -> list[Quantity]:
    """The numbers and dates of a text in order; numbers within names are none.

    >>> [(one.measure, one.amounts, one.limit) for one in quantities("B-200: up to 90 °C, since May 2008")]
    [('°c', (90.0,), '<='), ('date', (2008.0, 5.0), '=')]
    """
    found: list[Quantity] = []
    lower = text.lower()
    told = dates(lower if len(lower) == len(text) else text)
    told = [date for date in told if not date.bare or _YEAR.search(text[: date.start])]
    for date in told:
        amounts = tuple(map(float, date.parts))
        found.append(_limited(text, date.start, date.end, "date", amounts, ranged=False))
    for match in _NUMBER.finditer(text):
        if any(match.start() < date.end and date.start < match.end("number") for date in told):
            continue
        given = value(match["number"].replace("−", "-"))
        if given is None or not (re.search(r"\d", match["number"]) or given.measure in _MEASURES):
            continue
        if given.measure == "date":  # a year for `value`, but without a word that says so
            given = Value("", float(re.findall(r"\d+", match["number"])[0]))
        end = match.end()
        measure = given.measure.strip("?？!！)）、")
        if measure.split(" ")[0] in FUNCTION_WORDS | {"or", "within"}:
            end, measure = match.start("number") + len(re.split(r" (?=[a-z])", match["number"])[0]), ""
        found.append(_limited(text, match.start(), end, measure, (given.amount,), match["range"] is not None))
    return sorted(found, key=lambda one: one.start)


def without(text: str, found: Sequence[Quantity]) -> str:
    """A text without its quantities and the words of their limits.

    >>> text = "Is it open for more than 8 hours?"
    >>> without(text, quantities(text))
    'Is it open for  ?'
    """
    for one in reversed(found):
        text = f"{text[: one.start]} {text[one.end :]}"
    return text


def follows(asked: Quantity, given: Quantity, asks: Modal | None, question: str) -> bool | None:
    """Whether what a document gives means yes to what is asked; None: it leaves that open.

    >>> def both(one: str, other: str) -> bool | None:
    ...     return follows(quantities(one)[0], quantities(other)[0], None, one)
    >>> both("超过12个月吗", "24个月"), both("at least 24 months", "12 months"), both("24 kg", "up to 30 kg")
    (True, False, None)
    """
    if "open" in (asked.limit, given.limit):
        return None
    if asked.measure == "date":
        return _dates(asked, given)
    wanted, stated = asked.amounts[0], given.amounts[0]
    # 12 months and a year, 30 days and a month: the same, or about the same
    equal = isclose(wanted, stated, rel_tol=0.002 if asked.measure == "time" else 1e-9)
    if asked.measure == "time" and not equal and isclose(wanted, stated, rel_tol=0.02):
        return None
    if "about" in (asked.limit, given.limit):
        return True if equal and {asked.limit, given.limit} <= {"=", "about"} else None
    if given.limit == "=":
        return _of_number(asked, equal, stated > wanted, asks, question)
    if asked.limit == "=":
        if equal:
            return True if asks is not None and given.limit in (">=", "<=", "within") else None
        reaches = stated > wanted if given.limit in ("<", "<=") else stated < wanted
        return True if asks == "may" and given.limit != "within" and reaches else None
    if asks == "must":  # a rule has one limit: another is another rule
        return equal if asked.limit == given.limit else None
    if (asked.limit in _LOWER) != (given.limit in _LOWER):
        apart = stated < wanted if asked.limit in _LOWER else stated > wanted
        return False if apart else None
    return _of_limits(asked, given, equal, stated > wanted, asks, question)


def _of_number(asked: Quantity, equal: bool, more: bool, asks: Modal | None, question: str) -> bool | None:
    if asked.limit == "=":
        # what may be done at 80 °C may be done at 60; a number without a unit may be of anything
        return True if equal else None if asks == "may" or not asked.measure else False
    if equal:
        return asked.limit not in ("<", ">")
    if asked.limit == "within" and _RIGHTS.search(question):
        return None
    return more if asked.limit in _LOWER else not more


def _of_limits(
    asked: Quantity, given: Quantity, equal: bool, more: bool, asks: Modal | None, question: str
) -> bool | None:
    """Both limits are upper ones, or both lower ones."""
    if equal:
        return True if asked.limit == given.limit or asked.limit in ("<=", ">=", "within") else None
    if asked.limit in _LOWER:
        return True if more else None
    if "within" not in (asked.limit, given.limit):
        return True if more == (asks == "may") else None
    right, service = _RIGHTS.search(question), _SERVICES.search(question)
    if right and not service:
        return more
    return True if service and not right and not more else None


def _dates(asked: Quantity, given: Quantity) -> bool | None:
    """Only the parts that both give are compared."""
    parts = min(len(asked.amounts), len(given.amounts))
    wanted, stated = asked.amounts[:parts], given.amounts[:parts]
    if given.limit != "=":
        return True if asked.limit == given.limit and asked.amounts == given.amounts else None
    if wanted == stated:
        return True if asked.limit == "=" and len(given.amounts) >= len(asked.amounts) else None
    if asked.limit == "=":
        return False
    return stated > wanted if asked.limit in _LOWER else stated < wanted


def _limited(
    text: str, start: int, end: int, measure: str, amounts: tuple[float, ...], ranged: bool
) -> Quantity:
    """A quantity with the limit that the words around it set."""
    limit: Limit = "open" if ranged else "="
    before = text[max(0, start - 24) : start]
    better = _BETTER.search(before)
    if better is not None and measure in (name for name, given in better.groupdict().items() if given):
        limit = ">" if better[0].lower().startswith(("long", "heav")) else "<"
        return Quantity(start - len(better[0]), end, measure, amounts, limit)
    for one, words in _BEFORE:
        match = re.search(rf"(?:{words})\s*$", before, re.IGNORECASE)
        if match is not None:
            start -= len(match[0])
            limit = limit if ranged else one
            break
    for one, words in _AFTER:
        match = re.match(words, text[end:], re.IGNORECASE)
        if match is not None and not (one == "within" and limit in ("<=", "<")):
            end += len(match[0])
            limit = "open" if limit not in ("=", one) else one
            break
    if measure == "date" and (match := re.match("[以之]?(?P<early>前)|[以之]?后", text[end:])):
        return Quantity(start, end + len(match[0]), measure, amounts, "<" if match["early"] else ">")
    return Quantity(start, end, measure, amounts, limit)


def alike(one: str, other: str) -> bool:
    """Whether two measures are one: 台 and 台水泵 are."""
    return one == other or (bool(one and other) and not one.isascii() and fold(one)[0] == fold(other)[0])
