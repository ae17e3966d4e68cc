"""Tables of a PDF: with lines, without, over pages; and frames, prose in columns, drawings: no tables."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

from index.readers import pdf
from index.readers.pdf import read_pdf

GRID = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)]
RULED_HEADER = [("LINEBELOW", (0, 0), (-1, 0), 1, colors.black)]
STYLE = getSampleStyleSheet()["BodyText"]
BEFORE = (
    "This sheet lists the pumps that the Linhai plant makes. All prices are net, and freight is not included."
)
AFTER = "The warranty of all pumps is 24 months. Spare parts are kept for ten years."
PRICES = [
    ["Model", "Price", "Weight", "Maximum flow"],
    ["B-200", "RMB 4,150", "58 kg", "12 m3/h"],
    ["B-350", "RMB 7,900", "124 kg", "30 m3/h"],
]
TOLD = """\
Model: B-200; Price: RMB 4,150; Weight: 58 kg; Maximum flow: 12 m3/h
Model: B-350; Price: RMB 7,900; Weight: 124 kg; Maximum flow: 30 m3/h"""


def printed(*parts: Any) -> bytes:
    """A PDF of paragraphs and tables."""
    file = io.BytesIO()
    flow = [Paragraph(part, STYLE) if isinstance(part, str) else part for part in parts]
    SimpleDocTemplate(file, pagesize=A4).build(flow)
    return file.getvalue()


def drawn(draw: Callable[[Canvas], None]) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    draw(canvas)
    canvas.save()
    return file.getvalue()


@pytest.mark.parametrize("style", [GRID, RULED_HEADER, []], ids=["grid", "one line", "no lines"])
def test_a_table_stands_where_it_is_with_the_names_of_its_columns(style: Any) -> None:
    text = read_pdf(printed(BEFORE, Table(PRICES, style=style), AFTER)).text
    assert text == f"{BEFORE}\n\n{TOLD}\n\n{AFTER}"


def test_things_as_columns_and_a_label_of_two_lines() -> None:
    table = [
        ["", "SD-200", "SD-450"],
        [Paragraph("Relative humidity of the air in the cabinet when full", STYLE), "15 %", "12 to 15 %"],
        ["Desiccant", "silica gel, 6 kg", "zeolite, 14 kg"],
    ]
    text = read_pdf(printed(Table(table, style=GRID, colWidths=[150, 100, 100]))).text
    assert text == (
        "Relative humidity of the air in the cabinet when full; SD-200: 15 %; SD-450: 12 to 15 %\n"
        "Desiccant; SD-200: silica gel, 6 kg; SD-450: zeolite, 14 kg"
    )


def test_chinese() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    table = [
        ["项目", "1060 型", "1060E 型"],
        ["最大模切压力", "250 吨", "300 吨"],
        ["整机重量", "16.5 吨", "18 吨"],
    ]
    style = [*GRID, ("FONTNAME", (0, 0), (-1, -1), "STSong-Light")]
    assert read_pdf(printed(Table(table, style=style))).text == (
        "项目：最大模切压力；1060 型：250 吨；1060E 型：300 吨\n"
        "项目：整机重量；1060 型：16.5 吨；1060E 型：18 吨"
    )


def test_merged_cells_hold_for_their_rows_and_a_merged_title_is_a_caption() -> None:
    table = [
        ["Opening hours", "", ""],
        ["Site", "Day", "Hours"],
        ["Depot", "Mon", "8 to 17"],
        ["", "Tue", "9 to 12"],
    ]
    style = [*GRID, ("SPAN", (0, 0), (2, 0)), ("SPAN", (0, 2), (0, 3))]
    assert read_pdf(printed(Table(table, style=style))).text == (
        "Opening hours\nSite: Depot; Day: Mon; Hours: 8 to 17\nSite: Depot; Day: Tue; Hours: 9 to 12"
    )


@pytest.mark.parametrize("repeated", [0, 1], ids=["header once", "header on each page"])
def test_a_table_that_goes_on_over_pages_keeps_its_header(repeated: int) -> None:
    rows = [["Part", "Price", "Stock"], *([f"P-{n}", f"{n}.50", f"{n} pcs"] for n in range(1, 90))]
    read = read_pdf(printed(BEFORE, Table(rows, style=GRID, repeatRows=repeated), AFTER))
    assert len(read.pages) == 3
    assert [line for line in read.text.split("\n") if line][1:-1] == [
        f"Part: P-{n}; Price: {n}.50; Stock: {n} pcs" for n in range(1, 90)
    ]
    for number, start in enumerate(read.pages[1:], 1):
        assert read.text[start:].lstrip().startswith("Part: P-"), number


def test_another_table_on_the_next_page_keeps_its_own_columns() -> None:
    first = Table(
        [["Part", "Price"], *([f"P-{n}", f"{n}.50"] for n in range(1, 38))], style=GRID, colWidths=80
    )
    other = Table([["Town", "Depots"], ["Oslo", "3"], ["Bergen", "2"]], style=GRID, colWidths=80)
    text = read_pdf(printed(first, Spacer(1, 60), other)).text
    assert "Town: Oslo; Depots: 3\nTown: Bergen; Depots: 2" in text


def test_another_table_under_words_of_its_own_keeps_its_columns() -> None:
    rows = [["Customer", "Contact", "Town"], ["Acme", "Ann Low", "Oslo"], ["Bolt", "Bo Hill", "Hull"]]
    others = [
        ["Supplier", "Manager", "Country"],
        ["Januar", "Carla Weiss", "Germany"],
        ["Cork", "Cy Dee", "Eire"],
    ]
    tables = [Table(one, style=GRID, colWidths=[110] * 3) for one in (rows, others)]
    text = read_pdf(printed(Spacer(1, 600), tables[0], Spacer(1, 60), "Suppliers", tables[1])).text
    assert "Customer: Bolt; Contact: Bo Hill; Town: Hull" in text
    assert "Supplier: Januar; Manager: Carla Weiss; Country: Germany" in text


def test_a_frame_around_paragraphs_is_no_table() -> None:
    words = " ".join(f"Sentence {n} says what to do before the pump is lifted." for n in range(12))
    boxes = Table([[Paragraph(words, STYLE), Paragraph(words, STYLE)]] * 2, style=GRID)
    text = read_pdf(printed(BEFORE, boxes, AFTER)).text
    assert "Sentence 3 says what to do before the pump is lifted." in text
    assert ";" not in text


def test_prose_in_columns_stays_prose() -> None:
    def columns(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 9)
        words = [f"the pump number {n} stands in hall {n % 7} and was" for n in range(60)]
        for column in range(3):
            for at, line in enumerate(words[20 * column :][:20]):
                canvas.drawString(50 + 170 * column, 780 - 11 * at, line)

    text = read_pdf(drawn(columns)).text
    assert "the pump number 1 stands in hall 1" in text
    assert ";" not in text
    assert ":" not in text


def test_a_drawing_of_many_lines_is_passed_over_quickly() -> None:
    def lines(canvas: Canvas) -> None:
        canvas.drawString(60, 790, "Map of the network")
        for n in range(8000):
            canvas.line(50 + n % 400, 100 + n // 20, 60 + n % 400, 700 - n // 20)

    assert read_pdf(drawn(lines)).text == "Map of the network"


def test_a_turned_page_keeps_its_words() -> None:
    writer = PdfWriter()
    for page in PdfReader(io.BytesIO(printed(BEFORE, Table(PRICES, style=GRID)))).pages:
        writer.add_page(page.rotate(90))
    file = io.BytesIO()
    writer.write(file)
    text = read_pdf(file.getvalue()).text
    assert all(word in text for word in ("Linhai", "B-350", "124 kg"))


def test_what_only_one_of_the_two_readers_can_read_is_read_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = printed(BEFORE, Table(PRICES, style=GRID), AFTER)

    def broken(page: object) -> list[object]:
        raise ValueError("not a page")

    monkeypatch.setattr(pdf, "_tables", broken)
    text = read_pdf(data).text
    assert BEFORE in text
    assert "RMB 7,900" in text
    assert "Model: B-200" not in text
