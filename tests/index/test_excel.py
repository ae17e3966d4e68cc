"""Workbooks: what their sheets show, and what they do not."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment

from index import errors
from index.readers.excel import _filled_down, _Notes
from index.readers.read import read_bytes
from index.readers.records import Failure, Found
from index.types import Document


def book(*sheets: tuple[str, list[list[Any]]]) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return made


def saved(made: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def found_in(made: openpyxl.Workbook | bytes) -> list[Found]:
    return read_bytes("a.xlsx", made if isinstance(made, bytes) else saved(made))


def read(made: openpyxl.Workbook | bytes) -> str:
    (document,) = found_in(made)
    assert isinstance(document, Document)
    return document.text


def changed(data: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """The same package with another text in the part that ends with `name`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            part = old.read(entry)
            new.writestr(entry, change(part.decode()).encode() if entry.filename.endswith(name) else part)
    return out.getvalue()


def test_cells_are_read_as_their_formats_show_them() -> None:
    made = book(("Prices", [["Article", "Price", "Weight", "Hours"], [42, 1234.5, 84, timedelta(hours=37)]]))
    for cell, code in (("A2", "00000"), ("B2", '"$"#,##0.00'), ("C2", '0.0" kg"'), ("D2", "[h]:mm")):
        made["Prices"][cell].number_format = code
    assert read(made) == "# Prices\n\nArticle: 00042; Price: $1234.50; Weight: 84 kg; Hours: 37:00"


def test_dates_by_the_numbers_of_chinese_formats() -> None:
    made = book(("表", [["项目", "月份"], ["翠湖苑", 45413]]))
    made["表"]["B2"].number_format = "0.000"
    data = changed(
        saved(made), "styles.xml", lambda xml: re.sub(r'numFmtId="16[4-9]"(?= fontId)', 'numFmtId="57"', xml)
    )
    assert read(data) == "# 表\n\n项目：翠湖苑；月份：2024年5月"


def test_hidden_sheets_are_not_read() -> None:
    made = book(("Now", [["Ann in Leeds"]]), ("Lists", [["York"]]), ("Old", [["Ann in London"]]))
    made["Lists"].sheet_state, made["Old"].sheet_state = "hidden", "veryHidden"
    assert read(made) == "# Now\n\nAnn in Leeds"


def test_formulas_that_were_never_calculated_are_reported_beside_the_document() -> None:
    made = book(("Costs", [["Item", "Qty"], ["Bolt", 10], ["Nut", 5], ["Sum", "=SUM(B2:B3)"]]))
    document, failure = found_in(made)
    assert isinstance(document, Document)
    assert document.text == "# Costs\n\nItem: Bolt; Qty: 10\nItem: Nut; Qty: 5\nItem: Sum"
    assert failure == Failure(
        "a.xlsx#Costs",
        "unreadable_document",
        "a.xlsx, sheet Costs: holds 1 formula that was never calculated; "
        "open it in Excel, save it and add it again",
    )


@pytest.mark.parametrize("value", ["<v>15</v>", "<v>0</v>"])
def test_formulas_are_read_as_the_values_saved_with_them(value: str) -> None:
    made = saved(book(("Costs", [["Item", "Qty"], ["Bolt", 10], ["Sum", "=SUM(B2:B2)"]])))
    data = changed(made, "sheet1.xml", lambda xml: re.sub(r"(</f>)(<v ?/>|<v></v>)", rf"\1{value}", xml))
    assert read(data).endswith("Item: Sum; Qty: " + re.sub("<.*?>", "", value))


def test_a_formula_that_came_to_nothing_is_calculated() -> None:
    made = saved(book(("Costs", [["Item", "Qty"], ["Bolt", 10], ["Sum", '=IF(B2>1,"",B2)']])))
    data = changed(made, "sheet1.xml", lambda xml: re.sub(r'<c r="B3"', '<c r="B3" t="str"', xml))
    assert read(data).endswith("Item: Sum")


def test_a_workbook_of_formulas_alone_is_empty() -> None:
    with pytest.raises(errors.EmptyDocument):
        found_in(book(("Costs", [["=1+1"]])))


def test_comments_stand_below_their_sheet_with_what_they_are_on() -> None:
    made = book(("Staff", [["Name", "Pay"], ["Ann", 50000], ["Bob", 60000]]))
    made["Staff"]["A2"].comment = Comment("Kim:\nOn leave until\n1 September.", "Kim")
    thread = (
        "[Threaded comment]\n\nYour version allows this. Learn more: https://x.example/?linkid=870924\n\n"
    )
    made["Staff"]["B3"].comment = Comment(f"{thread}Comment:\n    With the car.", "tc={1}")
    assert read(made).split("\n\n")[2:] == ["Ann: On leave until 1 September.", "Bob, 60000: With the car."]


class Last(int):
    """The last row of a merged cell, which counts how often it is asked for."""

    asked = 0

    def __ge__(self, other: object) -> bool:
        Last.asked += 1
        return isinstance(other, int) and int(self) >= other


def test_merged_cells_that_hold_for_many_rows_cost_no_more_than_what_they_fill() -> None:
    wide, long = 1_000, 3_000
    rows = [[f"c{at}" for at in range(wide)], *([f"r{at}"] for at in range(long))]
    merged = {1: [(column, Last(long)) for column in range(2, wide + 1)]}
    filled = [*_filled_down(rows, merged)]
    assert filled[1][:3] == ["r0", "c1", "c2"]
    assert filled[-1] == [f"r{long - 1}"]
    assert Last.asked < 60_000  # of 3,000,000


class Comments(dict[tuple[int, int], str]):
    looks = 0

    def __iter__(self) -> Iterator[tuple[int, int]]:
        self.looks += 1
        return super().__iter__()


def test_the_comments_of_a_sheet_are_gone_through_once() -> None:
    comments = Comments({(row, column): f"n{row}" for row in range(1, 100) for column in (2, 1)})
    notes = _Notes(comments)
    assert len([*notes.seen([f"a{row}", "b"] for row in range(1, 100))]) == 99
    assert notes.lines[:3] == ["a1: n1", "a1, b: n1", "a2: n2"]
    assert comments.looks == 1


def test_thousands_of_merged_cells_are_read() -> None:
    rows = [["Room", "", "Day", "", "Fee"], *([f"R{at}", "", f"D{at}", "", at] for at in range(3_000))]
    areas = "".join(f'<mergeCell ref="A{at}:B{at}"/><mergeCell ref="C{at}:D{at}"/>' for at in range(1, 3_002))
    data = changed(  # openpyxl itself would look at all others for each that it merges
        saved(book(("Rooms", rows))),
        "sheet1.xml",
        lambda xml: xml.replace("</sheetData>", f"</sheetData><mergeCells>{areas}</mergeCells>"),
    )
    assert read(data).endswith("Room: R2999; Day: D2999; Fee: 2999")
