"""Excel workbooks: bytes -> `Draft`."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from typing import Any

from index.formats import Draft, reading
from index.tables import sheet_blocks
from index.text import one_line, stack

_MOST_FILLED = 50_000
"""Cells of a sheet that merged ones may fill: a small file must not grow huge."""


def read_xlsx(data: bytes) -> Draft:
    """Each sheet under its name as a heading; of a formula, the value saved with it."""
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.utils.exceptions import InvalidFileException

    with reading("Excel workbook", InvalidFileException):
        reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True)  # a sheet in memory is large
        reader.read()
        paths = {sheet.name: part.target for sheet, part in reader.parser.find_sheets()}
        blocks: list[str] = []
        for sheet in reader.wb.worksheets:
            sheet.reset_dimensions()  # the file may claim a million columns
            cells = ([_cell_text(cell) for cell in row] for row in sheet.iter_rows())
            merged = _merged(reader.archive.read(paths[sheet.title]))
            rows = list(sheet_blocks(_filled_down(cells, merged)))
            blocks += [f"# {one_line(sheet.title)}", *rows] if any(rows) else []
        return Draft(stack(blocks), one_line(reader.wb.properties.title or ""))


def _merged(sheet: bytes) -> dict[int, list[tuple[int, int]]]:
    """First row -> the columns that begin merged cells there, and their last rows; from 1.

    Read from the sheet's XML: openpyxl tells them only of a sheet that it holds in memory.
    """
    from openpyxl.utils import range_boundaries

    found: dict[int, list[tuple[int, int]]] = {}
    for area in re.findall(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]+\d+:[A-Z]+\d+)", sheet):
        left, top, _, bottom = range_boundaries(area.decode())
        if bottom > top:
            found.setdefault(top, []).append((left, bottom))
    return found


def _filled_down(rows: Iterable[list[str]], merged: dict[int, list[tuple[int, int]]]) -> Iterator[list[str]]:
    """Rows in which the value of a merged cell stands beside all that it holds for."""
    hanging: dict[int, tuple[int, str]] = {}
    room = _MOST_FILLED
    for number, row in enumerate(rows, 1):
        hanging = {column: (last, text) for column, (last, text) in hanging.items() if last >= number}
        if any(row) and (room := room - len(hanging)) > 0:
            row += [""] * (max(hanging, default=0) - len(row))
            for column, (_, text) in hanging.items():
                row[column - 1] = row[column - 1] or text
        hanging |= {left: (last, row[left - 1]) for left, last in merged.get(number, ()) if left <= len(row)}
        yield row


def _cell_text(cell: Any) -> str:
    value = cell.value
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, int | float) and not isinstance(value, bool):
        percent = re.search(r"(?:\.(0+))?%$", cell.number_format or "")
        return f"{value:.{len(percent[1] or '')}%}" if percent else f"{round(value, 10):.15g}"
    return "" if value is None else str(value)
