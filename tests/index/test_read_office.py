"""PDF, Word, PowerPoint and Excel, made by their own libraries, whole and damaged."""

from __future__ import annotations

import datetime
import io
import random
import zipfile
from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import docx
import openpyxl
import pptx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pypdf import PdfReader, PdfWriter
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from index import errors
from index.readers.read import read_bytes
from index.types import Document

ENGLISH = ["The duty of manage-", "ment is to plan and to", "measure.", "Second paragraph here."]
CHINESE = ["员工每年享有十五天年假，应当提前两周", "向主管提出申请。", "第二段。"]


def saved(save: Callable[[io.BytesIO], Any]) -> bytes:
    stream = io.BytesIO()
    save(stream)
    return stream.getvalue()


def pdf(*pages: list[str], title: str = "") -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.setTitle(title)
    for lines in pages:
        canvas.setFont("STSong-Light", 12)
        for row, line in enumerate(lines):
            canvas.drawString(72, 760 - 15 * row, line)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def locked(data: bytes, password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(password, owner_password="owner", algorithm="AES-256")
    return saved(writer.write)


def word() -> bytes:
    document = docx.Document()
    document.add_heading("员工手册", 0)
    document.add_heading("休假", 1)
    document.add_paragraph("员工每年享有\n十五天年假。")
    for text, style in (("one", "List Bullet"), ("two", "List Number")):
        document.add_paragraph(text, style=style)
    table = document.add_table(3, 3)
    for row, cells in enumerate((["姓名", "部门", "天数"], ["张三", "", "15"], ["李四", "", "10"])):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(1, 1).merge(table.cell(2, 1)).text = "销售"
    document.add_heading("Details", 2)
    changed = "<w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:ins><w:r><w:t>new</w:t></w:r></w:ins>"
    document.element.body.append(parse_xml(f"<w:p {nsdecls('w')}>{changed}</w:p>"))
    control = "<w:sdtContent><w:p><w:r><w:t>in a control</w:t></w:r></w:p></w:sdtContent>"
    document.element.body.append(parse_xml(f"<w:sdt {nsdecls('w')}>{control}</w:sdt>"))
    return saved(document.save)


def slides() -> bytes:
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "Plan"
    first.placeholders[1].text = "one\ntwo"
    first.notes_slide.notes_text_frame.text = "spoken"
    deck.slides.add_slide(deck.slide_layouts[6])
    third = deck.slides.add_slide(deck.slide_layouts[5])
    third.shapes.title.text = "表"
    table = third.shapes.add_table(2, 2, 0, 0, 9999, 9999).table
    for place, text in enumerate(("名", "数", "甲", "1")):
        table.cell(place // 2, place % 2).text = text
    group = third.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "in a group"
    return saved(deck.save)


def sheets() -> bytes:
    book = openpyxl.Workbook()
    staff = book.active
    staff.title = "员工"
    for row in (
        ["员工表"],
        ["姓名", "入职", "比例", "数"],
        ["张三", datetime.date(2020, 1, 2), 0.15, 3.0],
        [],
        ["李四", datetime.datetime(2020, 1, 2, 3, 4), 0.155, 0.1 + 0.2],
    ):
        staff.append(row)
    staff["C3"].number_format, staff["C5"].number_format = "0%", "0.0%"
    book.create_sheet("Empty")
    rest = book.create_sheet("Rest")
    rest.append(["name", "ok"])
    rest.append(["Li", True])
    return saved(book.save)


def read(name: str, data: bytes) -> Document:
    (document,) = read_bytes(name, data)
    assert isinstance(document, Document)
    return document


def page_of(document: Document, text: str) -> int:
    return bisect_right(document.pages, document.text.index(text))


def test_pdf_text_flows_and_pages_begin_where_they_begin() -> None:
    document = read("a.pdf", pdf(ENGLISH, [], CHINESE, title="员工手册"))
    assert document.title == "员工手册"
    assert document.text.split("\n\n") == [
        "The duty of management is to plan and to measure.",
        "Second paragraph here.",
        "员工每年享有十五天年假，应当提前两周向主管提出申请。",
        "第二段。",
    ]
    assert [page_of(document, text) for text in ("The duty", "Second", "员工", "第二段")] == [1, 1, 3, 3]
    assert document.text[document.pages[2] :].startswith("员工每年")
    assert list(document.pages) == sorted(document.pages)


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        (
            ["All of the employees have the right", "to a leave of fifteen days which"],
            ["begins in May."],
            "which begins",
        ),
        (
            ["All of the employees have the right", "to a leave of fifteen days in man-"],
            ["agement."],
            "in management.",
        ),
        (
            ["员工每年享有十五天年假，应当提前两周", "向主管提出申请，经批准之后方可以休假并"],
            ["应在系统中登记，逾期不予以受理。"],
            "休假并应在",
        ),
    ],
    ids=["english", "hyphen", "chinese"],
)
def test_a_paragraph_goes_on_over_the_page(before: list[str], after: list[str], joined: str) -> None:
    document = read("a.pdf", pdf(before, after))
    assert joined in document.text
    first = after[0].removesuffix(".")
    assert document.text[document.pages[1] :].startswith(first)


@pytest.mark.parametrize("after", ["Chapter two", "第二章", "2. Next", "二、休假"])
def test_a_heading_on_the_next_page_does_not(after: str) -> None:
    before = ["All of the employees have the right", "to a leave of fifteen days which is"]
    assert f"\n\n{after}" in read("a.pdf", pdf(before, [after])).text


def test_an_encrypted_pdf() -> None:
    with pytest.raises(
        errors.EncryptedFile, match=r"^a\.pdf: is a PDF with a password; save a copy without one$"
    ):
        read("a.pdf", locked(pdf(ENGLISH), "secret"))
    assert "management" in read("a.pdf", locked(pdf(ENGLISH), "")).text


def test_a_pdf_without_text_asks_for_ocr() -> None:
    with pytest.raises(errors.EmptyDocument, match=r"^a\.pdf: is a PDF without a text layer .*OCR"):
        read("a.pdf", pdf([], []))


def test_docx() -> None:
    document = read("a.docx", word())
    assert document.title == "员工手册"
    assert document.text.split("\n\n") == [
        "# 员工手册",
        "# 休假",
        "员工每年享有\n十五天年假。",
        "- one\n1. two",
        "姓名：张三；部门：销售；天数：15\n姓名：李四；部门：销售；天数：10",
        "## Details",
        *("new", "in a control"),
    ]


def test_a_heading_style_of_ones_own_counts() -> None:
    document = docx.Document()
    own = document.styles.add_style("条款", 1)
    own.base_style = document.styles["Heading 2"]
    document.add_paragraph("第一条", style=own)
    document.core_properties.title = "合同"
    assert read("a.docx", saved(document.save)).text == "## 第一条"
    assert read("a.docx", saved(document.save)).title == "合同"


def test_pptx() -> None:
    document = read("a.pptx", slides())
    assert document.title == "Plan"
    assert document.text.split("\n\n") == [
        "# Plan",
        "- one\n- two",
        "spoken",
        "# 表",
        "名：甲；数：1",
        "in a group",
    ]
    assert [page_of(document, text) for text in ("# Plan", "spoken", "# 表", "in a group")] == [1, 1, 3, 3]
    assert len(document.pages) == 3


def test_xlsx() -> None:
    document = read("a.xlsx", sheets())
    assert document.text.split("\n\n") == [
        "# 员工",
        "员工表",
        "姓名：张三；入职：2020-01-02；比例：15%；数：3",
        "姓名：李四；入职：2020-01-02 03:04:00；比例：15.5%；数：0.3",
        "# Rest",
        "name: Li; ok: True",
    ]


def test_merged_cells_of_a_sheet_hold_for_all_their_rows() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "假"
    for row in (
        ["年假表"],
        ["部门", "姓名", "年假"],
        ["销售", "张三", 15],
        [None, "李四", 10],
        [None, "王五", 5],
        [],
    ):
        sheet.append(row)
    sheet.append(["研发", "赵六", 7])
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A3:A6")  # the sixth row is empty and stays so
    assert read("a.xlsx", saved(book.save)).text.split("\n\n") == [
        "# 假",
        "年假表",
        "部门：销售；姓名：张三；年假：15\n部门：销售；姓名：李四；年假：10\n部门：销售；姓名：王五；年假：5",
        "部门：研发；姓名：赵六；年假：7",
    ]


def test_a_merged_title_over_a_table_of_word_is_its_caption() -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    for row, cells in enumerate(
        (["Prices 2024", "", ""], ["Model", "Price", "Weight"], ["B-200", "320", "84 kg"])
    ):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(0, 0).merge(table.cell(0, 2))
    assert read("a.docx", saved(document.save)).text == "Prices 2024\nModel: B-200; Price: 320; Weight: 84 kg"


def test_cells_and_rows_of_a_table_may_be_content_controls_of_word() -> None:
    document = docx.Document()
    table = document.add_table(0, 2)._tbl
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    control = "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>"
    row = "<w:tr {}>{}{}</w:tr>"
    table.append(
        parse_xml(row.format(nsdecls("w"), cell.format("Amount"), control.format(cell.format("320 RMB"))))
    )
    wrapped = control.format(row.format(nsdecls("w"), cell.format("Customer"), cell.format("Linhai Water")))
    table.append(parse_xml(wrapped.replace("<w:sdt>", f"<w:sdt {nsdecls('w')}>", 1)))
    assert read("a.docx", saved(document.save)).text == "Amount: 320 RMB\nCustomer: Linhai Water"


@pytest.mark.parametrize("marked", ["", "header row", "bold"])
def test_a_table_of_word_with_two_columns_of_words_has_a_header_where_it_is_marked(marked: str) -> None:
    document = docx.Document()
    table = document.add_table(0, 2)
    for cells in (["Term", "Meaning"], ["FMP", "Flow Measurement Programme"], ["ZI", "Zaolin Instruments"]):
        for cell, text in zip(table.add_row().cells, cells, strict=True):
            cell.paragraphs[0].add_run(text).bold = marked == "bold" and text in ("Term", "Meaning")
    if marked == "header row":
        table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    first, *_, last = read("a.docx", saved(document.save)).text.split("\n")
    assert first == ("Term: FMP; Meaning: Flow Measurement Programme" if marked else "Term: Meaning")
    assert last == ("Term: ZI; Meaning: Zaolin Instruments" if marked else "ZI: Zaolin Instruments")


def test_what_was_moved_in_word_is_read_where_it_stands_now() -> None:
    document = docx.Document()
    run = "<w:r><w:t>moved</w:t></w:r>"
    for tag in ("moveFrom", "moveTo"):
        document.add_paragraph(f"{tag}: ")._p.append(parse_xml(f"<w:{tag} {nsdecls('w')}>{run}</w:{tag}>"))
    assert read("a.docx", saved(document.save)).text == "moveFrom:\n\nmoveTo: moved"


MAKERS = {".pdf": lambda: pdf(ENGLISH, CHINESE), ".docx": word, ".pptx": slides, ".xlsx": sheets}


@pytest.mark.parametrize("suffix", MAKERS)
@pytest.mark.parametrize("kept", [0.05, 0.5, 0.95])
def test_a_truncated_file_is_damaged(suffix: str, kept: float) -> None:
    data = MAKERS[suffix]()
    with pytest.raises(errors.DamagedFile, match=rf"^a{suffix}: is not a whole .*save it again"):
        read(f"a{suffix}", data[: int(len(data) * kept)])


@pytest.mark.parametrize("suffix", MAKERS)
def test_text_or_another_zip_by_that_name_is_damaged(suffix: str) -> None:
    other = saved(lambda stream: zipfile.ZipFile(stream, "w").close())
    for data in (b"just text", other, (word if suffix != ".docx" else sheets)()):
        with pytest.raises(errors.DamagedFile, match=rf"^a{suffix}: is not a whole"):
            read(f"a{suffix}", data)


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx"])
def test_old_and_encrypted_office_files(suffix: str) -> None:
    old = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)
    with pytest.raises(
        errors.DamagedFile, match=rf"^a{suffix}: is in the Office format of before 2007; save"
    ):
        read(f"a{suffix}", old)
    with pytest.raises(errors.EncryptedFile, match=rf"^a{suffix}: needs a password; save a copy without"):
        read(f"a{suffix}", old + "EncryptedPackage".encode("utf-16-le"))


@pytest.mark.parametrize(
    ("suffix", "empty"),
    [
        (".docx", lambda: saved(docx.Document().save)),
        (".pptx", lambda: saved(pptx.Presentation().save)),
        (".xlsx", lambda: saved(openpyxl.Workbook().save)),
    ],
)
def test_a_file_without_words_is_empty(suffix: str, empty: Callable[[], bytes]) -> None:
    with pytest.raises(errors.EmptyDocument, match=rf"^a{suffix}: has no text in it"):
        read(f"a{suffix}", empty())


@pytest.mark.parametrize("suffix", MAKERS)
def test_changed_bytes_raise_nothing_but_read_errors(suffix: str) -> None:
    chance = random.Random(7)
    data = MAKERS[suffix]()
    for _ in range(30):
        broken = bytearray(data)
        for place in chance.choices(range(len(data)), k=6):
            broken[place] = chance.randrange(256)
        with suppress(errors.ReadError):
            assert read(f"a{suffix}", bytes(broken)).text
