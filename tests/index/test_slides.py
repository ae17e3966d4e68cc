"""Decks: charts, diagrams, boxes by place, lists in lists, and what is passed over."""

from __future__ import annotations

import copy
import io
from collections.abc import Sequence
from typing import Any

import pptx
import pytest
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.util import Inches

from index.readers.read import read_bytes
from index.types import Document

TITLE_AND_BODY, TITLE_ONLY, BLANK = 1, 5, 6
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
SPACES = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    f'xmlns:a="{DRAWING}/main" xmlns:dgm="{DRAWING}/diagram" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)


def slide_of(deck: Any, layout: int, title: str = "") -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[layout])
    if title:
        slide.shapes.title.text = title
    return slide


def box(slide: Any, left: float, top: float, text: str, width: float = 2, height: float = 0.6) -> None:
    shape = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height))
    shape.text_frame.text = text


def listed(slide: Any, lines: Sequence[tuple[str, int]]) -> None:
    frame = slide.placeholders[1].text_frame
    for at, (text, level) in enumerate(lines):
        paragraph = frame.add_paragraph() if at else frame.paragraphs[0]
        paragraph.text, paragraph.level = text, level


def document_of(deck: Any) -> Document:
    stream = io.BytesIO()
    deck.save(stream)
    (document,) = read_bytes("a.pptx", stream.getvalue())
    assert isinstance(document, Document)
    return document


def blocks(deck: Any) -> list[str]:
    return document_of(deck).text.split("\n\n")


def test_a_chart_is_a_line_a_category() -> None:
    deck = pptx.Presentation()
    slide = slide_of(deck, TITLE_ONLY, "Revenue")
    data = CategoryChartData(number_format="0.0")
    data.categories = ["2023", "2024"]
    data.add_series("Pumps", (10.5, 12))
    data.add_series("Share", (0.5, None), number_format="0%")
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, 9, 9, data).chart
    chart.chart_title.text_frame.text = "By product"
    chart.value_axis.axis_title.text_frame.text = "M€"
    chart.category_axis.axis_title.text_frame.text = "Year"
    assert blocks(deck)[1].split("\n") == [
        "By product",
        "Year: 2023; Pumps (M€): 10.5; Share (M€): 50%",
        "Year: 2024; Pumps (M€): 12",
    ]


def test_charts_with_levels_of_names_and_with_points() -> None:
    deck = pptx.Presentation()
    slide = slide_of(deck, TITLE_ONLY, "销量")
    data = CategoryChartData()
    for year in ("2023年", "2024年"):
        category = data.add_category(year)
        for half in ("上半年", "下半年"):
            category.add_sub_category(half)
    data.add_series("台数", (1, 2, 3, 4))
    slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, 0, 0, 9, 9, data)
    points = XyChartData()
    series = points.add_series("Head (m)")
    series.add_data_point(5, 12.5)
    slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, 0, 0, 9, 9, points)
    assert sorted(blocks(deck)[1:]) == [
        "2023年 上半年；台数：1\n2023年 下半年；台数：2\n2024年 上半年；台数：3\n2024年 下半年；台数：4",
        "5; Head (m): 12.5",
    ]


def diagram(
    deck: Any, slide: Any, points: Sequence[tuple[str, str]], links: Sequence[tuple[str, str, int]]
) -> None:
    texts = "".join(
        f'<dgm:pt modelId="{one}"><dgm:t><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>'
        for one, text in points
    )
    ways = "".join(
        f'<dgm:cxn modelId="x" srcId="{a}" destId="{b}" srcOrd="{at}" destOrd="0"/>' for a, b, at in links
    )
    lists = f"<dgm:ptLst>{texts}</dgm:ptLst><dgm:cxnLst>{ways}</dgm:cxnLst>"
    xml = f"<dgm:dataModel {SPACES}>{lists}</dgm:dataModel>"
    kind = "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml"
    part = Part(PackURI("/ppt/diagrams/data1.xml"), kind, deck.part.package, xml.encode())
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData"
    ids = f'<dgm:relIds r:dm="{slide.part.relate_to(part, relation)}"/>'
    slide.shapes._spTree.append(
        parse_xml(
            f'<p:graphicFrame {SPACES}><p:nvGraphicFramePr><p:cNvPr id="99" name="x"/>'
            "<p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>"
            '<p:xfrm><a:off x="0" y="0"/><a:ext cx="9" cy="9"/></p:xfrm>'
            f'<a:graphic><a:graphicData uri="{DRAWING}/diagram">{ids}</a:graphicData></a:graphic>'
            "</p:graphicFrame>"
        )
    )


def test_the_texts_of_a_diagram_are_a_list() -> None:
    deck = pptx.Presentation()
    diagram(
        deck,
        slide_of(deck, TITLE_ONLY, "Team"),
        [("0", ""), ("3", "Kim Lee"), ("1", "Sales"), ("2", "Service"), ("4", "Tom Ray")],
        [("0", "2", 1), ("0", "1", 0), ("1", "3", 0), ("2", "4", 0)],
    )
    assert blocks(deck) == ["# Team", "- Sales - Kim Lee\n- Service - Tom Ray"]


def test_a_diagram_without_links_is_a_list_too() -> None:
    deck = pptx.Presentation()
    diagram(deck, slide_of(deck, TITLE_ONLY, "Process"), [("1", "Request"), ("2", "Purchase")], [])
    assert blocks(deck) == ["# Process", "- Request\n- Purchase"]


def test_of_a_shape_in_several_versions_the_newest_is_read() -> None:
    deck = pptx.Presentation()
    shape = (
        '<p:sp><p:nvSpPr><p:cNvPr id="77" name="x"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody>'
        "<a:bodyPr/><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:txBody></p:sp>"
    )
    slide_of(deck, TITLE_ONLY, "Limits").shapes._spTree.append(
        parse_xml(
            f'<mc:AlternateContent {SPACES}><mc:Choice Requires="a14">{shape.format("At most 5 bar.")}'
            f"{shape.format('At least 2 bar.')}"
            f"</mc:Choice><mc:Fallback>{shape.format('a picture')}</mc:Fallback></mc:AlternateContent>"
        )
    )
    assert blocks(deck) == ["# Limits", "At most 5 bar.", "At least 2 bar."]


def test_boxes_are_read_by_place() -> None:
    deck = pptx.Presentation()
    slide = slide_of(deck, TITLE_ONLY, "KPIs")
    for left, top, text in (
        *((1, 2, "Customers"), (4, 2.05, "Churn"), (1, 3, "1,204"), (4, 3, "2.1 %")),
        (1, 5, "All figures are of May."),
    ):
        box(slide, left, top, text, width=6 if top == 5 else 2)
    assert blocks(deck) == ["# KPIs", "Customers", "1,204", "Churn", "2.1 %", "All figures are of May."]


def test_a_short_line_above_all_others_is_the_heading_of_a_slide_without_a_title() -> None:
    deck = pptx.Presentation()
    slide = slide_of(deck, BLANK)
    box(slide, 1, 4, "The hotline is open 8-18h.")
    box(slide, 1, 2, "Second-level support sits in York.")
    box(slide, 1, 0.3, "Support")
    assert blocks(deck) == ["# Support", "Second-level support sits in York.", "The hotline is open 8-18h."]


@pytest.mark.parametrize(
    ("text", "heading"), [("The hotline is open 8-18h.", "# Slide 2"), ("热线八点开放。", "# 第2页")]
)
def test_a_slide_without_a_title_does_not_belong_to_the_one_before(text: str, heading: str) -> None:
    deck = pptx.Presentation()
    slide_of(deck, TITLE_ONLY, "Prices")
    box(slide_of(deck, BLANK), 1, 1, text)
    assert blocks(deck) == ["# Prices", heading, text]
    assert blocks_of_first_without_title(text) == [text]


def blocks_of_first_without_title(text: str) -> list[str]:
    deck = pptx.Presentation()
    box(slide_of(deck, BLANK), 1, 1, text)
    return blocks(deck)


def test_a_short_line_is_said_again_before_the_lines_below_it() -> None:
    deck = pptx.Presentation()
    listed(
        slide_of(deck, TITLE_AND_BODY, "Safety"),
        [
            *(
                ("Assembly points:", 0),
                ("Skelby: car park", 1),
                ("Marfield", 1),
                ("gate 2", 2),
                ("bus stop", 2),
            ),
            *(("LM-12：16件", 0), ("气泵异响7件", 1)),
            *(("CAPA-014：LM-12气泵异响，责任人蒋文斌", 0), ("已更换", 1)),
            *(("Three zones, three colours", 0), ("Blue: hall", 1), ("Wash hands", 0)),
        ],
    )
    assert blocks(deck)[1].split("\n") == [
        "- Assembly points - Skelby: car park",
        "- Assembly points - Marfield - gate 2",
        "- Assembly points - Marfield - bus stop",
        "- LM-12：16件",
        "- LM-12：16件 - 气泵异响7件",
        "- CAPA-014：LM-12气泵异响，责任人蒋文斌",
        "- CAPA-014 - 已更换",
        "- Three zones, three colours",
        "  - Blue: hall",
        "- Wash hands",
    ]


def test_dates_feet_and_numbers_of_slides_are_passed_over() -> None:
    deck = pptx.Presentation()
    for number in range(1, 4):
        slide = slide_of(deck, TITLE_AND_BODY, f"Part {number}")
        slide.placeholders[1].text = f"Text {number}"
        for given in deck.slide_layouts[TITLE_AND_BODY].placeholders:
            if given.placeholder_format.idx in (10, 11, 12):
                slide.shapes._spTree.append(copy.deepcopy(given._element))
                slide.shapes[-1].text_frame.text = f"running {number}"
        box(slide, 1, 7, f"Ningzhou Services, page {number}")
    box(deck.slides[1], 5, 7, "Only until May.")
    assert blocks(deck) == [
        "# Part 1",
        "Text 1",
        "# Part 2",
        "Text 2",
        "Only until May.",
        "# Part 3",
        "Text 3",
    ]


def test_merged_cells_of_a_slide_hold_for_all_their_rows() -> None:
    deck = pptx.Presentation()
    table = slide_of(deck, TITLE_ONLY, "Prices").shapes.add_table(4, 3, 0, 0, 9, 9).table
    rows = (
        ("Model", "Term", "Price"),
        ("B-200", "1 year", "900"),
        ("", "3 years", "800"),
        ("B-300", "1 year", "9"),
    )
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    assert blocks(deck)[1].split("\n")[:2] == [
        "Model: B-200; Term: 1 year; Price: 900",
        "Model: B-200; Term: 3 years; Price: 800",
    ]


def test_hidden_slides_are_not_read_but_counted() -> None:
    deck = pptx.Presentation()
    for title in ("Now", "Old prices", "Next"):
        slide_of(deck, TITLE_ONLY, title)
    deck.slides[1]._element.set("show", "0")
    document = document_of(deck)
    assert document.text == "# Now\n\n# Next"
    assert len(document.pages) == 3
    assert document.pages[2] == document.text.index("# Next")


def test_a_diagram_without_its_data_and_a_chart_of_no_date_harm_no_deck() -> None:
    deck = pptx.Presentation()
    slide = slide_of(deck, TITLE_ONLY, "Team")
    diagram(deck, slide, [("1", "Request")], [])
    for ids in slide.element.iter(f"{{{DRAWING}/diagram}}relIds"):
        ids.attrib.clear()
    data = CategoryChartData(number_format="yyyy-mm-dd")
    data.categories = ["due", "paid"]
    data.add_series("On", (45413, 1e12))
    slide.shapes.add_chart(XL_CHART_TYPE.LINE, 0, 0, 9, 9, data)
    assert blocks(deck) == ["# Team", "due; On: 2024-05-01\npaid; On: 1000000000000"]
