"""Times of day, made comparable where it is asked when something opens, closes or leaves."""

from __future__ import annotations

import re

from index.language import fold
from rag.numerals import figures

_TIME = (
    r"(?:上午|早上|凌晨|中午|下午|晚上|傍晚|夜里|次日)?\s?(?<![\d.,:])(?:[01]?\d|2[0-4])"
    r"(?:[:.：][0-5]\d(?![\d:%])(?:\s?[ap]\.?m\b\.?)?|\s?[ap]\.?m\b\.?|[点时](?:半|[13]刻|[0-5]?\d分?)?(?!间))"
)
_PARTS = re.compile(
    r"(?P<part>上午|早上|凌晨|中午|下午|晚上|傍晚|夜里|次日)?\s?(?P<hour>\d+)"
    r"(?:[:.：](?P<minute>\d\d))?(?:\s?(?P<half>[ap])\.?m\b\.?)?(?:[点时](?P<past>半|[13]刻|\d+)?)?"
)
_RANGE = re.compile(
    rf"[^\d]{{0,12}}?(?P<a>{_TIME})\s?(?:[-–—~～至到]|to|until|till)\s?(?P<b>{_TIME})[^\d]{{0,12}}"
)
_ONE = re.compile(rf"[^\d]{{0,20}}?(?P<a>{_TIME})[^\d]{{0,20}}")
_DAY = 24 * 60
_SMALL_HOURS = 5 * 60
"""Who closes before is open past midnight."""


def time_of_day(text: str, *, end: bool = False) -> float | None:
    """Minutes from midnight; more than a day's past the next one. None where a text tells no or several.

    Args:
        end: whether the end of hours is meant, where they are told from when to when.

    >>> time_of_day("8:00 to 16:30"), time_of_day("8:00 to 16:30", end=True), time_of_day("下午5点半")
    (480.0, 990.0, 1050.0)
    >>> time_of_day("8 pm to 2 am", end=True), time_of_day("Mon 8:00-17:00, Sat 9:00-13:00")
    (1560.0, None)
    """
    plain = figures(fold(text)).strip()
    hours = _RANGE.fullmatch(plain)
    if hours is None:
        one = _ONE.fullmatch(plain)
        minutes = _minutes(one["a"]) if one else None
        return minutes + _DAY if minutes is not None and end and minutes < _SMALL_HOURS else minutes
    begins, ends = _minutes(hours["a"]), _minutes(hours["b"])
    if not end:
        return begins
    if ends <= begins:  # 9:00 to 5:30, or 16:00 to 2:00
        half = ends + _DAY / 2
        ends = (
            half
            if half > begins and not re.search(r"[ap]\.?m|[上下]午|早|晚|凌晨|次日", hours["b"])
            else ends + _DAY
        )
    return ends


def _minutes(text: str) -> float:
    match = _PARTS.search(text)
    assert match is not None
    hour, part, past = int(match["hour"]), match["part"], match["past"] or ""
    minute = {"半": 30, "1刻": 15, "3刻": 45}.get(past) or int(
        match["minute"] or (past if past.isdigit() else 0)
    )
    if match["half"] or part in ("上午", "早上", "凌晨"):
        hour %= 12
    if (
        match["half"] == "p"
        or (part in ("下午", "傍晚", "晚上", "夜里") and hour < 12)
        or (part == "中午" and hour < 3)
    ):
        hour += 12
    elif part in ("晚上", "夜里") and hour == 12:
        hour = 24
    elif part == "次日":
        hour += 24
    return 60.0 * hour + minute
