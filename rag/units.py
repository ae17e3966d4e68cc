"""Units whose factors are known. Chinese and English."""

from __future__ import annotations

UNITS: dict[str, tuple[str, float]] = {
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
"""unit -> what it measures, and how many kg, m or days it is."""
