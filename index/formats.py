"""Readers of HTML, PDF and Office files: bytes -> `Draft`, its text as the light Markdown of `index.text`.

A reader knows neither names nor limits: `index.read` adds both. Whatever a damaged file makes its
library raise leaves as `DamagedFile`.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from index.errors import DamagedFile, EmptyDocument, EncryptedFile, ReadError
from index.flow import reflow_pages, unwrap
from index.markdown import as_code, lighten
from index.text import (
    block,
    clean,
    csv_blocks,
    decode,
    join_broken,
    one_line,
    sheet_blocks,
    stack,
    table_lines,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a file says, before it has a name."""

    text: str
    title: str = ""
    """From the file's own data; "" for none."""
    pages: tuple[int, ...] = ()


# What the libraries raise, between them, when a file breaks off or its bytes are changed.
# Those of lxml are SyntaxErrors; RuntimeError holds RecursionError and NotImplementedError.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, SyntaxError, EOFError, OSError, RuntimeError),
    *(LookupError, ValueError, TypeError, AttributeError, ArithmeticError, AssertionError),
)


@contextmanager
def reading(kind: str, *errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except ReadError:
        raise
    except _BROKEN + errors as error:
        raise DamagedFile(f"is not a whole {kind} ({error}); open it, save it again and retry") from error


def read_text(data: bytes) -> Draft:
    return Draft(unwrap(clean(decode(data))))


def read_markdown(data: bytes) -> Draft:
    text = clean(decode(data))
    title = re.match(r"---\n(?:(?!---).*\n)*?title:[ ]*(.+)\n", text)
    return Draft(lighten(text), title[1].strip(" \"'") if title else "")


_DROPPED = "script, style, noscript, template, svg, iframe, nav, footer, button, select, [role=navigation]"
_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|d[dlt]|details|div|fieldset|figcaption|figure|form|h[1-6]|header"
    "|hr|li|main|ol|p|pre|section|summary|table|td|th|tr|ul"
)
_MARKS = {"li": "- "} | {f"h{level}": "#" * level + " " for level in range(1, 7)}
_BR = "\x1e"


def read_csv(data: bytes) -> Draft:
    return Draft(stack(csv_blocks(decode(data))))


def read_html(data: bytes) -> Draft:
    from selectolax.lexbor import LexborHTMLParser

    declared = re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", data[:4096], re.IGNORECASE)
    tree = LexborHTMLParser(decode(data, declared[1].decode() if declared else ""))
    heading = tree.css_first("title")
    title = one_line(heading.text()) if heading else ""
    for node in tree.css(_DROPPED):
        node.decompose()
    text = stack(_html_blocks(tree.body)) if tree.body else ""
    return Draft(f"# {title}\n\n{text}" if title and text and not tree.css_first("h1") else text, title)


def _html_blocks(body: Any) -> Iterator[str]:
    inline: list[str] = []
    mark = ""
    for node, closing in _html_walk(body):
        if node.is_text_node:
            inline.append(node.text_content or "")
        elif node.tag == "br":
            inline.append(_BR)
        elif _BLOCKS.fullmatch(node.tag):
            if text := block("".join(inline).split(_BR), mark):
                yield text
                mark = ""
            inline.clear()
            if node.tag in _MARKS:
                mark = "" if closing else _MARKS[node.tag]
            elif _is_whole(node):
                yield as_code(clean(node.text()).strip("\n")) if node.tag == "pre" else _html_table(node)


def _html_walk(body: Any) -> Iterator[tuple[Any, bool]]:
    """Every node on entering and (True) on leaving it, without recursion: pages can be nested deeply."""
    todo = [(body, False)]
    while todo:
        node, closing = todo.pop()
        yield node, closing
        if not (closing or node.is_text_node or _is_whole(node)):
            todo.append((node, True))
            todo.extend((child, False) for child in reversed([*node.iter(include_text=True)]))


def _is_whole(node: Any) -> bool:
    """Read in one piece: a table of data (not one that lays out a page), or preformatted text."""
    if node.tag == "table":
        return not any(child.css_first("table, h1, h2, h3, ul, ol, pre") for child in node.iter())
    return bool(node.tag == "pre")


def _html_table(table: Any) -> str:
    rows = [[cell.text(separator=" ") for cell in row.css("th, td")] for row in table.css("tr")]
    # A cell that spans others moves them from under their header: no header is better than a wrong one.
    lines = table_lines(rows, () if table.css_first("[rowspan], [colspan]") else None)
    return "\n".join([one_line(node.text()) for node in table.css("caption")] + lines)


def read_pdf(data: bytes) -> Draft:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    with reading("PDF", PyPdfError):
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise EncryptedFile("is a PDF with a password; save a copy without one")
        pages = [clean(page.extract_text()).split("\n") for page in reader.pages]
        title = one_line(str((reader.metadata and reader.metadata.title) or ""))
    lines = [[" ".join(line.split()) for line in page] for page in pages]
    if not any(map(any, lines)):
        raise EmptyDocument("is a PDF without a text layer (scanned pages?); run OCR on it first")
    return _paged(list(reflow_pages(lines)), title)


def _paged(pages: list[tuple[str, bool]], title: str) -> Draft:
    """Page texts, each with whether it goes on in the paragraph before -> one text that knows its pages."""
    text = ""
    starts: list[int] = []
    for page, goes_on in pages:
        if text and page:
            end = join_broken(text[-2:], page)[: -len(page)] if goes_on else f"{text[-2:]}\n\n"
            text = text[:-2] + end
        starts.append(len(text))
        text += page
    return Draft(text, title, tuple(starts))


_SPACES = {"t": "", "tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read_docx(data: bytes) -> Draft:
    import docx
    from docx.opc.exceptions import OpcError

    with reading("Word document", OpcError):
        document = docx.Document(io.BytesIO(data))
        marks = {style.style_id: _style_mark(style) for style in document.styles if style.type == 1}
        text = stack(_docx_blocks(document.element.body, marks))
        return Draft(text, one_line(document.core_properties.title))


def _style_mark(style: Any) -> str:
    """`## ` for a heading, `- ` for a list item, "" for other paragraphs; what it is based on counts."""
    for _ in range(10):
        if style is None:
            break
        if mark := _paragraph_mark(style.element):
            return mark
        if found := re.fullmatch(r"(?:heading ([1-6])|title)", style.name or "", re.IGNORECASE):
            return "#" * int(found[1] or 1) + " "
        style = style.base_style
    return ""


def _paragraph_mark(element: Any) -> str:
    level = element.xpath("./w:pPr/w:outlineLvl/@w:val")
    if level and int(level[0]) < 6:
        return "#" * (int(level[0]) + 1) + " "
    return "- " if element.xpath("./w:pPr/w:numPr") else ""


def _docx_blocks(body: Any, marks: dict[str, str]) -> Iterator[str]:
    """Paragraphs and tables in their order, also those in content controls, insertions and text boxes."""
    for element in body.iter(f"{_W}p", f"{_W}tbl"):
        if next(element.iterancestors(f"{_W}tbl", _FALLBACK), None) is not None:
            continue
        if element.tag == f"{_W}tbl":
            yield "\n".join(table_lines(_docx_rows(element)))
        else:
            mark = marks.get(element.style) or _paragraph_mark(element)
            yield block(_docx_text(element).split("\n"), mark)


def _docx_text(paragraph: Any) -> str:
    nodes = paragraph.iter(*(_W + name for name in _SPACES))
    own = (node for node in nodes if next(node.iterancestors(f"{_W}p")) is paragraph)
    return "".join(_SPACES[node.tag.removeprefix(_W)] or node.text or "" for node in own)


def _docx_rows(table: Any) -> Iterator[list[str]]:
    above: list[str] = []
    for tr in table.tr_lst:
        row: list[str] = []
        for cell in tr.tc_lst:
            hangs = cell.vMerge == "continue" and len(row) < len(above)
            row.append(above[len(row)] if hangs else " ".join(map(_docx_text, cell.xpath(".//w:p"))))
            row += [""] * (cell.grid_span - 1)
        yield row
        above = row


def read_pptx(data: bytes) -> Draft:
    """Each slide is a page, its title a heading, its notes the last paragraph."""
    import pptx
    from pptx.exc import PythonPptxError

    with reading("PowerPoint file", PythonPptxError):
        deck = pptx.Presentation(io.BytesIO(data))
        pages = [(stack(_slide_blocks(slide)), False) for slide in deck.slides]
        return _paged(pages, one_line(deck.core_properties.title))


def _slide_blocks(slide: Any) -> Iterator[str]:
    title = slide.shapes.title
    heading = one_line(title.text_frame.text) if title is not None else ""
    yield f"# {heading}" if heading else ""
    for shape in slide.shapes:
        if title is None or shape.shape_id != title.shape_id:
            yield from _shape_blocks(shape)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame:
        yield one_line(slide.notes_slide.notes_text_frame.text)


def _shape_blocks(shape: Any) -> Iterator[str]:
    if hasattr(shape, "shapes"):
        for inner in shape.shapes:
            yield from _shape_blocks(inner)
    elif shape.has_table:
        yield "\n".join(table_lines([cell.text for cell in row.cells] for row in shape.table.rows))
    elif shape.has_text_frame:
        lines = shape.text_frame.text.split("\n")  # one a paragraph
        yield from (block([line], "- " if len(lines) > 1 else "") for line in lines)


def read_xlsx(data: bytes) -> Draft:
    """Each sheet under its name as a heading; of a formula, the value saved with it."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    with reading("Excel workbook", InvalidFileException):
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        blocks: list[str] = []
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # the file may claim a million columns
            rows = list(sheet_blocks([_cell_text(cell) for cell in row] for row in sheet.iter_rows()))
            blocks += [f"# {one_line(sheet.title)}", *rows] if any(rows) else []
        return Draft(stack(blocks), one_line(book.properties.title or ""))


def _cell_text(cell: Any) -> str:
    value = cell.value
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, int | float) and not isinstance(value, bool):
        percent = re.search(r"(?:\.(0+))?%$", cell.number_format or "")
        return f"{value:.{len(percent[1] or '')}%}" if percent else f"{round(value, 10):.15g}"
    return "" if value is None else str(value)
