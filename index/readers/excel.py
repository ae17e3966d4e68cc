"""Excel workbooks: bytes -> the document in them, and what of it cannot be read."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from index.errors import ReadError
from index.readers.formats import Draft, reading
from index.readers.number_formats import EAST_ASIAN, formatted
from index.readers.records import Failure, Found, as_document
from index.readers.tables import sheet_blocks
from index.text import one_line, stack

_MOST_ROWS = 1_048_576
"""Excel has no more; a file may claim them."""
_MOST_FILLED = 50_000
"""Cells of a sheet that merged ones may fill: a small file must not grow huge."""
_NO_VALUE = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>\s*|<(?:\w+:)?v>\s*</(?:\w+:)?v>\s*)?</(?:\w+:)?c>"
)
"""A cell with a formula and nothing that it came to; one that came to an empty string says `t="str"`."""
_THREAD = re.compile(r"^\[[^\]]*\].*?linkid=\d+\s*[^:：]*[:：]\s*", re.DOTALL)
"""What Excel writes before a conversation, for versions of it that know none."""


def read_xlsx(data: bytes, source: str) -> Iterator[Found]:
    """Each sheet that is shown, under its name as a heading; of a formula, the value saved with it.

    A sheet with formulas that were never calculated comes as a `Failure` too: `prices.xlsx#Totals`.
    """
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.utils.exceptions import InvalidFileException

    with reading("Excel workbook", InvalidFileException):
        reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True)  # a sheet in memory is large
        reader.read()
        paths = {sheet.name: part.target for sheet, part in reader.parser.find_sheets()}
        blocks: list[str] = []
        failures: list[Failure] = []
        for sheet in reader.wb.worksheets:
            if sheet.sheet_state != "visible":
                continue
            sheet.reset_dimensions()  # the file may claim a million columns
            xml = reader.archive.read(paths[sheet.title])
            notes = _Notes(_comments(reader.archive, paths[sheet.title]))
            cells = (
                [_cell_text(cell, reader.wb.epoch) for cell in row]
                for row in islice(sheet.iter_rows(), _MOST_ROWS)
            )
            rows = list(sheet_blocks(_filled_down(notes.seen(cells), _merged(xml))))
            blocks += [f"# {one_line(sheet.title)}", *rows, *notes.lines] if any(rows) else []
            if missing := sum(b't="str"' not in found for found in _NO_VALUE.findall(xml)):
                failures.append(_not_calculated(source, sheet.title, missing))
        title = one_line(reader.wb.properties.title or "")
    yield as_document(Draft(stack(blocks), title), source)
    yield from failures


def _not_calculated(source: str, sheet: str, count: int) -> Failure:
    formulas = "1 formula that was" if count == 1 else f"{count:,} formulas that were"
    advice = "open it in Excel, save it and add it again"
    reason = f"{source}, sheet {sheet}: holds {formulas} never calculated; {advice}"
    return Failure(f"{source}#{sheet}", ReadError.code, reason)


class _Notes:
    """The comments of a sheet as lines that say what they are on."""

    def __init__(self, comments: dict[tuple[int, int], str]) -> None:
        self.comments = comments
        """(row, column), from 1 -> what is written there."""
        self.lines: list[str] = []

    def seen(self, rows: Iterable[list[str]]) -> Iterator[list[str]]:
        """Passes the rows on, and takes from them the cells with comments and the first of their rows."""
        noted: dict[int, list[int]] = {}
        for number, column in sorted(self.comments):
            noted.setdefault(number, []).append(column)
        for number, row in enumerate(rows, 1):
            for column in noted.get(number, ()):
                cell = row[column - 1] if column <= len(row) else ""
                place = dict.fromkeys(filter(None, (next(filter(None, row), ""), cell)))
                label = one_line(", ".join(place))
                self.lines.append((f"{label}: " if label else "") + self.comments[number, column])
            yield row


def _comments(archive: Any, path: str) -> dict[tuple[int, int], str]:
    from openpyxl.comments.comment_sheet import CommentSheet
    from openpyxl.packaging.relationship import get_dependents, get_rels_path
    from openpyxl.utils.cell import coordinate_to_tuple
    from openpyxl.xml.constants import COMMENTS_NS
    from openpyxl.xml.functions import fromstring

    rels = get_rels_path(path)
    parts = get_dependents(archive, rels).find(COMMENTS_NS) if rels in archive.namelist() else ()
    found = {}
    for part in parts:
        for place, comment in CommentSheet.from_tree(fromstring(archive.read(part.target))).comments:
            text = _THREAD.sub("", comment.text.strip().removeprefix(f"{comment.author}:"))
            if words := one_line(text):
                found[coordinate_to_tuple(place)] = words
    return found


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
        if any(row) and room > 0:
            hanging = {column: (last, text) for column, (last, text) in hanging.items() if last >= number}
            room -= len(hanging)
            row += [""] * (max(hanging, default=0) - len(row))
            for column, (_, text) in hanging.items():
                row[column - 1] = row[column - 1] or text
        hanging |= {left: (last, row[left - 1]) for left, last in merged.get(number, ()) if left <= len(row)}
        yield row


def _cell_text(cell: Any, epoch: Any) -> str:
    from openpyxl.utils.datetime import from_excel

    value, code = cell.value, cell.number_format or "General"
    if isinstance(value, int | float) and code == "General" and cell.number_format:
        # What openpyxl knows no code for, it takes for a number.
        code = EAST_ASIAN.get(cell.style_array.numFmtId, code)
        with suppress(ValueError, OverflowError):  # a date that no calendar has stays a number
            value = from_excel(value, epoch) if code != "General" else value
    return formatted(value, code)
