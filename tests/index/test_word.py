"""Word files as Word makes them: numbers that it counts itself, notes, boxes to tick, bold headings."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt

from index.readers.numbering import numeral
from index.readers.read import read_bytes
from index.types import Document


def text_of(document: Any) -> str:
    out = io.BytesIO()
    document.save(out)
    (found,) = read_bytes("a.docx", out.getvalue())
    assert isinstance(found, Document)
    return found.text


def put(paragraph: Any, xml: str) -> None:
    """Add what python-docx has no name for."""
    for element in parse_xml(f"<w:p {nsdecls('w')}>{xml}</w:p>"):
        paragraph._p.append(element)


def numbered(document: Any, levels: list[tuple[str, str]], number: str = "77") -> None:
    """Give a document a list of several levels: (format, text) each."""
    root = document.part.numbering_part.element
    legal = "<w:isLgl/>"
    for name, attributes, inner in (
        (
            "abstractNum",
            f'w:abstractNumId="{number}"',
            "".join(
                f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
                f'{legal * (form == "decimal")}<w:lvlText w:val="{text}"/></w:lvl>'
                for at, (form, text) in enumerate(levels)
            ),
        ),
        ("num", f'w:numId="{number}"', f'<w:abstractNumId w:val="{number}"/>'),
        (
            "num",
            f'w:numId="{number}0"',
            f'<w:abstractNumId w:val="{number}"/>'
            '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>',
        ),
    ):
        element = parse_xml(f"<w:{name} {nsdecls('w')} {attributes}>{inner}</w:{name}>")
        at = next((i for i, one in enumerate(root) if one.tag.endswith("}num")), len(root))
        root.insert(at if name == "abstractNum" else len(root), element)


def listed(paragraph: Any, level: int, number: str = "77") -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')
    )


def test_the_numbers_that_word_writes_are_read() -> None:
    document = docx.Document()
    numbered(document, [("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)")])
    for text, level in (
        *(("Scope", 0), ("All ships.", 1), ("Term", 0), ("One year.", 1), ("", 1), ("Unless:", 1)),
        *(("sold,", 2), ("lost.", 2), ("Notice", 0), ("In writing.", 1)),
    ):
        listed(document.add_paragraph(text), level)
    listed(document.add_paragraph("anew"), 0, "770")
    listed(document.add_paragraph("on"), 0, "770")
    assert text_of(document).split("\n") == [
        *("1. Scope", "", "1.1 All ships.", "", "2. Term", "", "2.1 One year.", "", "2.3 Unless:", ""),
        *("(a) sold,", "(b) lost.", "3. Notice", "", "3.1 In writing.", "", "1. anew", "2. on"),
    ]


def test_a_heading_keeps_the_number_that_word_writes() -> None:
    document = docx.Document()
    numbered(document, [("decimal", "%1."), ("decimal", "%1.%2")])
    listed(document.add_heading("Scope"), 0)
    document.add_paragraph("All ships.")
    listed(document.add_heading("Term", 2), 1)
    document.add_paragraph("One year.")
    assert text_of(document).split("\n\n") == [
        *("# 1. Scope", "All ships.", "## 1.1 Term", "One year."),
    ]


def test_chinese_clauses_that_word_numbers() -> None:
    document = docx.Document()
    numbered(document, [("chineseCounting", "第%1条"), ("decimal", "%1.%2")])
    for text, level in (("总则适用于全体员工。", 0), ("年假十五天。", 0), ("须提前申请。", 1)):
        listed(document.add_paragraph(text), level)
    assert text_of(document).split("\n\n") == [
        *("第一条 总则适用于全体员工。", "第二条 年假十五天。", "2.1 须提前申请。"),
    ]


def test_clauses_may_count_on_over_chapters() -> None:
    document = docx.Document()
    numbered(document, [("decimal", "%1."), ("decimal", "Clause %2")])
    level = document.part.numbering_part.element.xpath("//w:lvl[@w:ilvl='1']")[-1]
    level.insert(2, parse_xml(f"<w:lvlRestart {nsdecls('w')} w:val='0'/>"))
    for text, at in (("Scope", 0), ("One.", 1), ("Term", 0), ("Two.", 1)):
        listed(document.add_paragraph(text), at)
    assert "Clause 2 Two." in text_of(document)


def test_what_stands_on_every_page_is_read_once_without_the_number_of_the_page() -> None:
    document = docx.Document()
    document.add_heading("Cleaning")
    document.add_paragraph("Every 14 days.")
    document.sections[0].header.paragraphs[0].text = "SOP-0147\tRev. C"
    document.sections[0].footer.paragraphs[0].text = "Owner: Maria Keller\tPage 1 of 3"
    document.add_section().footer.is_linked_to_previous = True
    assert text_of(document) == "# Cleaning\n\nSOP-0147 Rev. C\nOwner: Maria Keller\n\nEvery 14 days."


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("T4 every 7 days.", "Every 14 days (T4 every 7 days)."),
        ("四号罐每七天一次。", "Every 14 days（四号罐每七天一次）."),
        ("Tank " * 60, "Every 14 days.\n\n" + ("Tank " * 60).strip()),
    ],
    ids=["english", "chinese", "long"],
)
def test_a_note_stands_where_it_belongs(note: str, expected: str) -> None:
    document = docx.Document()
    notes = (
        f"<w:footnotes {nsdecls('w')}><w:footnote w:type='separator' w:id='-1'><w:p/></w:footnote>"
        f"<w:footnote w:id='1'><w:p><w:r><w:t>{note}</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    paragraph = document.add_paragraph("Every 14 days")
    put(paragraph, "<w:r><w:footnoteReference w:id='1'/></w:r><w:r><w:t>.</w:t></w:r>")
    assert text_of(document) == expected


def test_ticks_lists_to_choose_from_and_signs_are_read() -> None:
    field = "<w:r><w:fldChar w:fldCharType='begin'><w:ffData>{}</w:ffData></w:fldChar></w:r>"
    box = field.format("<w:checkBox><w:default w:val='{}'/></w:checkBox>") + "<w:r><w:t> {}</w:t></w:r>"
    document = docx.Document()
    put(document.add_paragraph("Approved: "), box.format(1, "yes ") + box.format(0, "no"))
    put(document.add_paragraph("Done: "), "<w:r><w:sym w:font='Wingdings' w:char='F0FE'/></w:r>")
    drop = "<w:listEntry w:val='Low'/><w:listEntry w:val='High'/>"
    field = f"<w:ffData><w:ddList><w:result w:val='1'/>{drop}</w:ddList></w:ffData>"
    put(
        document.add_paragraph("Priority: "),
        f"<w:r><w:fldChar w:fldCharType='begin'>{field}</w:fldChar></w:r>",
    )
    assert text_of(document).split("\n\n") == ["Approved: ☑ yes ☐ no", "Done: ☑", "Priority: High"]


def test_raised_digits_do_not_join_the_number_before_them() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("At most 10")
    paragraph.add_run("6").font.superscript = True
    paragraph.add_run(" cells.")
    assert text_of(document) == "At most 10⁶ cells."


def test_what_is_hidden_struck_or_a_placeholder_is_not_read() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The fee is ")
    paragraph.add_run("5 euros").font.strike = True
    paragraph.add_run("7 euros.")
    paragraph.add_run(" Costs us 2.").font.hidden = True
    inner = "<w:sdtContent><w:r><w:t>Click here</w:t></w:r></w:sdtContent>"
    put(paragraph, f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr>{inner}</w:sdt>")
    assert text_of(document) == "The fee is 7 euros."


def test_a_table_of_contents_is_not_read() -> None:
    document = docx.Document()
    put(document.add_paragraph(), "<w:r><w:t>Scope</w:t></w:r><w:r><w:tab/><w:t>3</w:t></w:r>")
    document.paragraphs[0]._p.get_or_add_pPr().append(parse_xml(f"<w:pStyle {nsdecls('w')} w:val='TOC1'/>"))
    document.add_heading("Scope")
    assert text_of(document) == "# Scope"


def test_short_bold_paragraphs_are_headings_where_none_is_marked() -> None:
    document = docx.Document()
    document.add_paragraph().add_run("Travel Policy").font.size = Pt(20)
    for title, text in (
        ("Flights", "Economy class."),
        ("1. Hotels", "At most 140 EUR."),
        ("餐费", "每天一百元。"),
    ):
        document.add_paragraph().add_run(title).bold = True
        document.add_paragraph(text)
    document.add_paragraph().add_run("Please mind this rule.").bold = True
    assert text_of(document).split("\n\n") == [
        *("# Travel Policy", "## Flights", "Economy class.", "## 1. Hotels", "At most 140 EUR."),
        *("## 餐费", "每天一百元。", "Please mind this rule."),
    ]


def test_bold_paragraphs_are_none_where_headings_are_marked() -> None:
    document = docx.Document()
    for title in ("Flights", "Hotels", "Meals", "Taxis"):
        document.add_heading(title)
        document.add_paragraph().add_run("In short").bold = True
        document.add_paragraph("Ask first.")
    assert "# In short" not in text_of(document)


def test_a_table_that_lays_out_a_page_is_read_as_its_parts() -> None:
    document = docx.Document()
    left, right = document.add_table(1, 2).rows[0].cells
    left.text = "Contact"
    left.paragraphs[0].style = "Heading 1"
    left.add_paragraph("Tel. 0571-8888")
    right.text = "Open from 8 to 18."
    assert text_of(document).split("\n\n") == ["# Contact", "Tel. 0571-8888", "Open from 8 to 18."]


def test_items_in_a_cell_have_commas_between_them_and_numbers_of_cells_count() -> None:
    document = docx.Document()
    numbered(document, [("decimal", "%1")])
    table = document.add_table(3, 3)
    for row, cells in zip(
        table.rows, (("No.", "Role", "Duty"), ("", "QA", ""), ("", "Lead", "Sign")), strict=True
    ):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    for row in table.rows[1:]:
        listed(row.cells[0].paragraphs[0], 0)
    duty = table.rows[1].cells[2]
    duty.paragraphs[0].text, duty.paragraphs[0].style = "Approve", "List Bullet"
    duty.add_paragraph("Report", style="List Bullet")
    assert text_of(document).split("\n") == [
        *("No.: 1; Role: QA; Duty: Approve, Report", "No.: 2; Role: Lead; Duty: Sign"),
    ]


def test_bullets_say_what_they_belong_to() -> None:
    document = docx.Document()
    for text, style in (
        *(("Assembly points:", "List Bullet"), ("Skelby: car park", "List Bullet 2")),
        *(("Marfield: grass strip", "List Bullet 2"), ("Level 2 Baker. Takes 15 months.", "List Bullet")),
        *(("College: Calder Vale", "List Bullet 2"), ("Nobody rides.", "List Bullet")),
    ):
        document.add_paragraph(text, style=style)
    assert text_of(document).split("\n") == [
        *("- Assembly points - Skelby: car park", "- Assembly points - Marfield: grass strip"),
        *("- Level 2 Baker. Takes 15 months.", "- Level 2 Baker - College: Calder Vale", "- Nobody rides."),
    ]


ROW, CELL, END = "<w:tbl><w:tr>", "<w:tc><w:p/></w:tc>", "</w:tr></w:tbl>"


@pytest.mark.parametrize(
    "xml",
    [
        f"{ROW}<w:tc><w:tcPr><w:gridSpan w:val='1000000000'/></w:tcPr><w:p/></w:tc>{CELL}{END}",
        f"{ROW}<w:trPr><w:gridBefore w:val='1000000000'/></w:trPr>{CELL}{CELL}{END}",
        "<w:p><w:pPr><w:outlineLvl w:val='abc'/></w:pPr></w:p>",
        "<w:p><w:r><w:rPr><w:sz w:val='big'/></w:rPr><w:t>x</w:t></w:r></w:p>",
        "<w:p><w:r><w:t>x</w:t><w:sym w:font='Symbol' w:char='zz'/></w:r></w:p>",
    ],
)
def test_absurd_numbers_do_no_harm(xml: str) -> None:
    document = docx.Document()
    document.add_paragraph("Stays.")
    for element in parse_xml(f"<w:body {nsdecls('w')}>{xml}</w:body>"):
        document.element.body.insert(1, element)
    assert text_of(document).startswith("Stays.")


def test_letters_end_where_word_ends_them() -> None:
    assert numeral(27, "upperLetter") == "AA"
    assert numeral(10**12, "upperLetter") == "1000000000000"


def test_a_bold_signature_and_a_bold_sum_are_no_headings() -> None:
    document = docx.Document()
    for text, bold in (
        *(("Flights", True), ("Economy class.", False), ("Hotels", True), ("At most 140 EUR.", False)),
        *(("Meals", True), ("At most 45 EUR.", False)),
        *(
            ("Total due 400 euros", True),
            ("Thank you.", False),
            ("Anna Smith", True),
            ("Head of Sales", False),
        ),
    ):
        document.add_paragraph().add_run(text).bold = bold
    headings = [line for line in text_of(document).split("\n") if line.startswith("#")]
    assert headings == ["# Flights", "## Hotels", "## Meals"]
