"""Workbooks: what their sheets show, and what they do not."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment

from index import errors
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
