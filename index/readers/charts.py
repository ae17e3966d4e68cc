"""Charts of Office files (DrawingML, ECMA-376 part 1, 21.2): what they show, as lines of a table."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from index.readers.number_formats import formatted
from index.readers.tables import table_lines
from index.text import one_line

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_T = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_AXES = ("catAx", "dateAx")
_LAST_DAY = 2_958_466
"""Days from 1900 to the end of the year 9999."""

Points = dict[int, str]


def chart_lines(chart: Any) -> list[str]:
    """The chart's title, and a line a category with its value in each series.

    Args:
        chart: the root element of the part that holds the chart.
    """
    title = _words(chart.find(f"{_C}chart/{_C}title"))
    names = [_words(axis.find(f"{_C}title")) for kind in _AXES for axis in chart.iter(_C + kind)]
    units = [_words(axis.find(f"{_C}title")) for axis in chart.iter(f"{_C}valAx")]
    unit = units[0] if len(units) == 1 else ""
    lines = [title] if title else []
    series = [
        (_name(one), _points(one, "cat", "xVal"), _points(one, "val", "yVal"))
        for one in chart.iter(f"{_C}ser")
    ]
    for categories, group in groupby(series, key=lambda one: one[1]):
        members = list(group)
        header = [f"{name} ({unit})" if unit and unit not in name else name for name, _, _ in members]
        places = sorted(set().union(categories, *(values for _, _, values in members)))
        rows = [[categories.get(at, ""), *(values.get(at, "") for _, _, values in members)] for at in places]
        lines += table_lines([row for row in rows if any(row[1:])], [next(filter(None, names), ""), *header])
    return lines


def _words(element: Any) -> str:
    return one_line("".join(text.text or "" for text in element.iter(_T))) if element is not None else ""


def _name(series: Any) -> str:
    values = series.iterfind(f"{_C}tx//{_C}v")
    return one_line(" ".join(value.text or "" for value in values))


def _points(series: Any, *tags: str) -> Points:
    """What the file keeps of the sheet behind the chart; names in several levels with the widest first."""
    data = next((found for tag in tags if (found := series.find(_C + tag)) is not None), None)
    if data is None:
        return {}
    code = data.findtext(f".//{_C}formatCode") or "General"
    number = data.find(f"{_C}numRef") is not None or data.find(f"{_C}numLit") is not None
    levels = [_level(level, code, number) for level in data.iter(f"{_C}lvl")] or [_level(data, code, number)]
    found = levels[0]
    for wider in levels[1:]:
        text = ""
        for at in sorted(found):
            text = wider.get(at, text)
            found[at] = one_line(f"{text} {found[at]}")
    return found


def _level(data: Any, code: str, number: bool) -> Points:
    found = {}
    for point in data.iter(f"{_C}pt"):
        text = one_line(point.findtext(f"{_C}v") or "")
        found[int(point.get("idx"))] = _shown(text, point.get("formatCode") or code) if number else text
    return found


def _shown(text: str, code: str) -> str:
    """A number as the sheet shows it."""
    from openpyxl.styles.numbers import is_date_format, is_timedelta_format
    from openpyxl.utils.datetime import from_excel

    if not re.fullmatch(r"-?\d+(?:\.\d*)?(?:E[+-]?\d+)?", text, re.IGNORECASE):
        return text
    value = float(text)
    if is_date_format(code) and 0 <= value < _LAST_DAY:
        return formatted(from_excel(value, timedelta=is_timedelta_format(code)), code)
    return formatted(value, code)
