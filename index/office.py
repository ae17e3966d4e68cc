"""Word files: bytes -> `Draft`."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from index.formats import Draft, reading
from index.numbering import Numbering, read_numbering
from index.tables import is_form, table_lines
from index.text import block, one_line, stack

_SPACES = {"t": "", "tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WRAPPERS = {_W + name for name in ("sdt", "sdtContent", "customXml")}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read_docx(data: bytes) -> Draft:
    import docx
    from docx.opc.exceptions import OpcError

    with reading("Word document", OpcError):
        document = docx.Document(io.BytesIO(data))
        styles = {style.style_id: list(_based_on(style)) for style in document.styles if style.type == 1}
        text = stack(_docx_blocks(document.element.body, styles, read_numbering(document)))
        return Draft(text, one_line(document.core_properties.title))


def _based_on(style: Any) -> Iterator[Any]:
    """A style and those that it is based on."""
    for _ in range(10):
        if style is None:
            break
        yield style
        style = style.base_style


def _heading_level(paragraph: Any, styles: Iterable[Any]) -> int:
    """1 to 6, by what the paragraph or a style of its says; 0 for other paragraphs."""
    for element in (paragraph, *(style.element for style in styles)):
        level = element.xpath("./w:pPr/w:outlineLvl/@w:val")
        if level:
            return int(level[0]) + 1 if int(level[0]) < 6 else 0
    for style in styles:
        if found := re.fullmatch(
            r"(?:heading|标题|標題) ?([1-6])|title|标题|標題", style.name or "", re.IGNORECASE
        ):
            return int(found[1] or 1)
    return 0


def _docx_blocks(body: Any, styles: dict[str, list[Any]], numbering: Numbering) -> Iterator[str]:
    """Paragraphs and tables in their order, also those in content controls, insertions and text boxes."""
    for element in body.iter(f"{_W}p", f"{_W}tbl"):
        if next(element.iterancestors(f"{_W}tbl", _FALLBACK), None) is not None:
            continue
        if element.tag == f"{_W}tbl":
            rows = list(_docx_rows(element))
            marked = any(_is_docx_header(tr) for tr in islice(_docx_parts(element, "tr"), 3))
            yield "\n".join(table_lines(rows, [] if not marked and is_form(rows) else None))
        else:
            yield _docx_paragraph(element, styles.get(element.style, []), numbering)


def _docx_paragraph(paragraph: Any, styles: list[Any], numbering: Numbering) -> str:
    text = _docx_text(paragraph)
    number = numbering.mark(paragraph, {style.style_id: style.element for style in styles})
    level = _heading_level(paragraph, styles)
    if not text.strip():
        return ""  # but it counts
    if number is None:
        return block(text.split("\n"), "#" * level + " " if level else "")
    number = number if number != "-" or not level else ""
    return block([text], ("#" * level + " " if level else "") + (number and f"{number} "))


def _docx_text(paragraph: Any) -> str:
    nodes = paragraph.iter(*(_W + name for name in _SPACES))
    # What was moved away stands where it was, too, until the change is accepted.
    own = (node for node in nodes if next(node.iterancestors(f"{_W}p", f"{_W}moveFrom")) is paragraph)
    return "".join(_SPACES[node.tag.removeprefix(_W)] or node.text or "" for node in own)


def _docx_parts(parent: Any, name: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, also those in content controls."""
    for child in parent:
        if child.tag == _W + name:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _docx_parts(child, name)


def _is_docx_header(tr: Any) -> bool:
    """Whether a row of several cells says that it is a header, or all that is written in it is bold."""
    runs = tr.xpath(".//w:r[w:t]")
    plain = tr.xpath(".//w:r[w:t][not(w:rPr/w:b[not(@w:val) or @w:val='1' or @w:val='true'])]")
    marked = tr.xpath("./w:trPr/w:tblHeader") or (runs and not plain)
    return bool(marked) and len(tr.xpath(".//w:tc[.//w:t]")) > 1


def _docx_rows(table: Any) -> Iterator[list[str]]:
    above: list[str] = []
    for tr in _docx_parts(table, "tr"):
        row: list[str] = []
        for cell in _docx_parts(tr, "tc"):
            hangs = cell.vMerge == "continue" and len(row) < len(above)
            row.append(
                above[len(row)] if hangs else one_line(" ".join(map(_docx_text, cell.xpath(".//w:p"))))
            )
            row += [""] * (cell.grid_span - 1)
        yield row
        above = row
