"""Pages as they are printed: paragraphs by places, headings by size and weight, running heads, forms."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from index.readers.display import with_outline
from index.readers.pdf import read_pdf

Draw = Callable[[Canvas], None]
LEAVE = "You have 28 days. They are asked for two weeks before, and the manager answers in a week."


def drawn(*pages: Draw) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def lines(
    canvas: Canvas,
    texts: Sequence[str],
    top: float = 60,
    *,
    font: str = "Helvetica",
    size: float = 10,
    left: float = 60,
    step: float = 14,
) -> None:
    canvas.setFont(font, size)
    for at, text in enumerate(texts):
        canvas.drawString(left, A4[1] - top - step * at, text)


def read(*pages: Draw) -> str:
    return read_pdf(drawn(*pages)).text


NARROW = [
    "工作温度0℃至40℃，相对湿度30%至85%，大气压力",
    "范围内LS-U5最高工作海拔为3000米，使用年限未满",
    "10年的LS-U7最高工作海拔为4500米。运输温度为零",
    "下20℃以上。",
]


def test_a_narrow_column_flows_below_wide_lines() -> None:
    wide = "各位员工：本手册自发布之日起施行，此前的规定与本手册不一致的，以本手册为准。"

    def page(canvas: Canvas) -> None:
        lines(canvas, [wide] * 4, font="STSong-Light", step=30)
        lines(canvas, NARROW, 300, font="STSong-Light")

    assert read(page) == "\n\n".join([wide] * 4 + ["".join(NARROW)])


def test_a_wider_gap_ends_a_paragraph_however_full_its_last_line_is() -> None:
    def page(canvas: Canvas) -> None:
        lines(
            canvas,
            ["The pump that stands in the new house by the", "river must be switched off before cleaning."],
        )
        lines(
            canvas,
            ["Ask the manager of the plant for the key of", "the house, and bring it back in the evening."],
            96,
        )

    assert read(page) == (
        "The pump that stands in the new house by the river must be switched off before cleaning.\n\n"
        "Ask the manager of the plant for the key of the house, and bring it back in the evening."
    )


def test_a_line_that_stands_further_in_begins_a_paragraph() -> None:
    def page(canvas: Canvas) -> None:
        for at, (left, text) in enumerate(
            [
                (80, "第一段说明水泵的用途，水泵用于抽取清"),
                (60, "水，不得用于抽取含有泥沙的水或者其他液体。"),
                (80, "第二段说明水泵的保养，水泵每月应当检"),
                (60, "查一次。"),
            ]
        ):
            lines(canvas, [text], 60 + 14 * at, left=left, font="STSong-Light")

    assert read(page) == (
        "第一段说明水泵的用途，水泵用于抽取清水，不得用于抽取含有泥沙的水或者其他液体。\n\n"
        "第二段说明水泵的保养，水泵每月应当检查一次。"
    )


def test_the_lines_of_a_table_of_contents_stay_apart() -> None:
    def page(canvas: Canvas) -> None:
        lines(
            canvas,
            ["1 Purpose " + "." * 60 + " 2", "2 Scope " + "." * 60 + " 3", "3 Risks " + "." * 60 + " 5"],
        )

    assert len(read(page).split("\n\n")) == 3


def handbook(canvas: Canvas) -> None:
    lines(canvas, ["Employee Handbook"], 60, size=20)
    lines(canvas, ["Annual leave"], 100, size=14)
    lines(
        canvas,
        ["You have 28 days. They are asked for two weeks before, and the manager", "answers in a week."],
        120,
    )
    lines(canvas, ["Part-time staff"], 160, font="Helvetica-Bold")
    lines(canvas, ["Leave is rounded up to half days."], 180)
    lines(canvas, ["Remote work"], 220, size=14)
    lines(canvas, ["Two days a week are possible."], 240)


def test_what_is_printed_larger_or_bold_above_a_text_is_a_heading() -> None:
    assert read(handbook) == (
        "# Employee Handbook\n\n"
        f"## Annual leave\n\n{LEAVE}\n\n"
        "### Part-time staff\n\nLeave is rounded up to half days.\n\n"
        "## Remote work\n\nTwo days a week are possible."
    )


@pytest.mark.parametrize(
    "bold",
    [
        "Never open the lid while the pump is running.",
        "Name of the firm:",
        "118,500.00",
        "and so on",
        "- a list",
    ],
    ids=["sentence", "label", "figure", "small letter", "item"],
)
def test_what_does_not_read_like_a_heading_is_none(bold: str) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, [bold], 60, font="Helvetica-Bold")
        lines(
            canvas,
            ["You have 28 days. They are asked for two weeks before, and the", "manager answers in a week."],
            90,
        )

    assert "#" not in read(page)


def test_the_bold_names_of_a_table_are_no_heading() -> None:
    def page(canvas: Canvas) -> None:
        for at, left in enumerate((60, 160, 260)):
            lines(canvas, [("Site", "Manager", "Town")[at]], 60, left=left, font="Helvetica-Bold")
        lines(
            canvas,
            ["You have 28 days. They are asked for two weeks before, and the", "manager answers in a week."],
            90,
        )

    assert "#" not in read(page)


def test_what_a_page_quotes_with_a_hash_is_no_heading() -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["The file begins so:"], 60)
        lines(canvas, ["# generated by the installer"], 90)

    assert "\n#" not in read(page)


def test_numbered_titles_besides_printed_headings_are_headings_and_pages_stay_where_they_were() -> None:
    text = "## Use\n\n1.1 Scope\nAll.\n\n1.2 Care\nNone."
    marked, pages = with_outline(text, [0, text.index("1.2"), text.index("None")])
    assert marked == "## Use\n\n###### 1.1 Scope\nAll.\n\n###### 1.2 Care\nNone."
    assert [marked[page:][:4] for page in pages] == ["## U", "####", "None"]


def test_running_heads_of_two_pages_stand_once_wherever_they_are_drawn() -> None:
    def page(number: int, body: Sequence[str]) -> Draw:
        def draw(canvas: Canvas) -> None:
            lines(canvas, [f"Page {number} of 2"], 810)
            lines(canvas, ["Zaolin Instruments"], 30)
            lines(canvas, body, 100)

        return draw

    first = ["The remaining amount is paid by bank transfer", "to the account that is named in the contract"]
    second = ["within thirty days after the goods have been", "accepted by the buyer."]
    assert read(page(1, first), page(2, second)) == (
        "Zaolin Instruments\n\n"
        "The remaining amount is paid by bank transfer to the account that is named in the contract "
        "within thirty days after the goods have been accepted by the buyer.\n\nPage 2 of 2"
    )


def oil(canvas: Canvas, left: float = 60) -> None:
    for at, row in enumerate(
        [["Machine", "Interval", "Oil"], ["Press 1", "500 h", "VG 46"], ["Press 2", "250 h", "VG 68"]]
    ):
        for column, cell in enumerate(row):
            lines(canvas, [cell], 60 + 20 * at, left=left + 100 * column)


@pytest.mark.parametrize("turned", [90, 180, 270])
@pytest.mark.parametrize("shown", ["upright", "turned"])
def test_a_table_on_a_turned_page(turned: int, shown: str) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(drawn(oil))))
    page = writer.pages[0]
    if shown == "upright":  # drawn the other way round, as printers' drivers do
        page.rotate(-turned % 360)
        page.transfer_rotation_to_content()
    page.rotate(turned)
    file = io.BytesIO()
    writer.write(file)
    assert read_pdf(file.getvalue()).text == (
        "Machine: Press 1; Interval: 500 h; Oil: VG 46\nMachine: Press 2; Interval: 250 h; Oil: VG 68"
    )


def test_what_is_filled_into_a_form_stands_behind_its_label() -> None:
    def page(canvas: Canvas) -> None:
        form = canvas.acroForm
        lines(canvas, ["Application for leave"], 60)
        for at, (label, value) in enumerate(
            [("Name:", "Helen Carter"), ("Staff no.", "55871"), ("Reason:", "")]
        ):
            lines(canvas, [label], 100 + 30 * at)
            top = A4[1] - 105 - 30 * at
            form.textfield(name=f"f{at}", value=value, x=150, y=top, width=200, height=18)
        form.checkbox(name="c", checked=True, x=60, y=A4[1] - 225, size=15)
        lines(canvas, ["Full time"], 220, left=80)
        form.checkbox(name="d", checked=False, x=60, y=A4[1] - 255, size=15)
        lines(canvas, ["Part time"], 250, left=80)

    assert read(page).split("\n\n") == [
        "Application for leave",
        "Name: Helen Carter",
        "Staff no.: 55871",
        "Reason:",
        "Full time: yes",
        "Part time",
    ]


def test_a_column_that_begins_just_behind_a_long_cell() -> None:
    rows = [
        ["Part", "Description", "Stock"],
        ["M-100", "Pump", "5"],
        ["M-101", "Valve DN 50", "8"],
        ["M-102", "Seal", "11"],
    ]
    lefts = (60, 120, 120 + pdfmetrics.stringWidth("Valve DN 50", "Helvetica", 10) + 4)

    def page(canvas: Canvas) -> None:
        for at, row in enumerate(rows):
            for left, cell in zip(lefts, row, strict=True):
                lines(canvas, [cell], 60 + 18 * at, left=left)

    assert "Part: M-101; Description: Valve DN 50; Stock: 8" in read(page)


def test_lines_between_rows_hold_the_lines_of_a_cell_together() -> None:
    rows = [
        ["Plan", "Starter", "Business"],
        ["Users", "5", "50"],
        ["Support", "E-mail", "phone on weekdays/from 8 to 18"],
    ]

    def page(canvas: Canvas) -> None:
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                parts = cell.split("/")
                lines(canvas, parts, 60 + 30 * at - 6 * (len(parts) - 1), left=60 + 120 * column, step=12)
                y = A4[1] - 60 - 30 * at - 12
                canvas.line(58 + 120 * column, y, 178 + 120 * column, y)

    assert read(page) == (
        "Plan: Users; Starter: 5; Business: 50\n"
        "Plan: Support; Starter: E-mail; Business: phone on weekdays from 8 to 18"
    )


def test_a_raised_digit_is_no_part_of_the_number_before_it() -> None:
    def page(canvas: Canvas) -> None:
        text = canvas.beginText(60, 700)
        for words, size, rise in (("Price 4,900", 10, 0), ("1", 6, 4), (" EUR, CO", 10, 0), ("2", 6, -2)):
            text.setFont("Helvetica", size)
            text.moveCursor(0, -rise)
            text.textOut(words)
            text.moveCursor(text.getX() - text.getStartOfLine()[0], rise)
        text.textOut(".")
        canvas.drawText(text)

    assert read(page) == "Price 4,900¹ EUR, CO2."
