"""Reader of Word files: bytes -> `Draft`, with the numbers, notes and merged cells that Word shows."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, pairwise
from typing import Any

from index.readers.formats import Draft, reading
from index.readers.forms import is_form
from index.readers.nested_lists import list_block
from index.readers.numbering import Numbering, read_numbering
from index.readers.outline import is_title
from index.readers.tables import table_lines
from index.readers.word_text import FALLBACK, NAMES, W, WordText, is_on, read_notes
from index.text import CJK, block, one_line, stack

_WRAPPERS = {W + name for name in ("sdt", "sdtContent", "customXml")}
_HEADING = re.compile(r"(?:heading|标题|標題) ?([1-6])|title|标题|標題", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|目录|目錄) ?(?:\d|heading|标题)", re.IGNORECASE)
"""Styles of a table of contents: it says nothing that is not said where it leads."""
_PAGE = re.compile(
    r"[\s,|/–-]*(?:\bpage\s*\d*(?:\s*(?:of|/)\s*\d*)?|第\s*\d*\s*[页頁](?:\s*[,，/]?\s*共\s*\d*\s*[页頁])?)\s*$",
    re.IGNORECASE,
)
"""What counts the pages at the end of a line."""
_FIGURES = re.compile(r"\d{3}|[€$£¥元]")
_FEWEST = 2
"""Bold lines that make headings; more marked headings than that, and a bold line is none."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A paragraph or a table."""

    text: str
    level: int = 0
    """Of a heading, from 1."""
    bold: bool = False
    """Whether every word is, of a paragraph that is no item of a list."""
    size: float = 0
    """Of its smallest letters, in half points; 0 where it does not matter."""
    bullet: int | None = None
    """How far it is indented in a list without numbers."""


def read_docx(data: bytes) -> Draft:
    import docx
    from docx.exceptions import PythonDocxError as XmlchemyError
    from docx.opc.exceptions import OpcError
    from docx.oxml.exceptions import InvalidXmlError

    with reading("Word document", OpcError, InvalidXmlError, XmlchemyError):
        document = docx.Document(io.BytesIO(data))
        body = _Body(document)
        parts = _with_loud_headings(_with_lists([*body.parts(document.element.body)]))
        running = _Part("\n".join(body.running(document)))
        at = 1 if parts and parts[0].level else len(parts)
        text = stack(_written(part) for part in (*parts[:at], running, *parts[at:]))
        return Draft(text, one_line(document.core_properties.title))


def _written(part: _Part) -> str:
    return "#" * part.level + " " * bool(part.level) + part.text


class _Body:
    """Reads a document's parts in their order; lists count on from one to the next."""

    def __init__(self, document: Any) -> None:
        named = {one.style_id: one for one in document.styles if one.type == 1}
        self._styles = {name: list(_based_on(name, named)) for name in named}
        self._default = document.styles.default(1)
        size = document.styles.element.xpath("./w:docDefaults/w:rPrDefault/w:rPr/w:sz/@w:val")
        self._usual = size[0] if size else "20"
        self._numbering: Numbering = read_numbering(document)
        self._text = WordText(read_notes(document))
        contents = "//w:sdt[w:sdtPr/w:docPartObj/w:docPartGallery[@w:val='Table of Contents']]//w:p"
        self._contents = set(document.element.body.xpath(contents))

    def parts(self, within: Any, table: Any = None) -> Iterator[_Part]:
        """Paragraphs and tables, also those in content controls, insertions and text boxes.

        Args:
            within: the body, or a cell of `table`.
        """
        for element in within.iter(W + "p", W + "tbl"):
            if next(element.iterancestors(W + "tbl", FALLBACK), None) is not table:
                continue
            if element.tag == W + "p":
                yield self._paragraph(element)
                yield from map(_Part, self._text.long_notes)
                self._text.long_notes.clear()
            elif self._is_layout(element):
                for tr in _parts(element, "tr"):
                    for cell in _parts(tr, "tc"):
                        yield from self.parts(cell, element)
            else:
                rows = list(self._rows(element))
                marked = any(_is_header(tr) for tr in islice(_parts(element, "tr"), 3))
                yield _Part("\n".join(table_lines(rows, [] if not marked and is_form(rows) else None)))

    def _paragraph(self, element: Any) -> _Part:
        styles = self._styles_of(element)
        mark = self._numbering.mark(element, {style.style_id: style.element for style in styles})
        names = (element.style or "", *(style.name or "" for style in styles))
        contents = any(map(_CONTENTS.match, names)) or element in self._contents
        text = self._text.of(element)
        if contents or not text.strip():
            return _Part("")  # but it counts
        level = _heading_level(element, styles)
        if mark is None and not level:
            return _Part(block(text.split("\n")), 0, *self._look(element, styles))
        if mark is not None and mark[0] == "-" and not level:
            return _Part(one_line(text), bullet=mark[1])
        number = mark[0] if mark is not None and mark[0] != "-" else ""
        return _Part(block([text], f"{number} " if number else ""), level)

    def _styles_of(self, element: Any) -> list[Any]:
        style = element.style or (self._default.style_id if self._default is not None else "")
        return self._styles.get(style, [])

    def _look(self, element: Any, styles: Sequence[Any]) -> tuple[bool, float]:
        """Whether all of a paragraph is bold, and the size of its smallest letters."""
        runs = [run for run in element.iter(W + "r") if run.findtext("w:t", "", NAMES).strip()]
        bold = all(_property(run, styles, "b") for run in runs)
        return bold, min((_size(_property(run, styles, "sz") or self._usual) for run in runs), default=0)

    def _is_layout(self, table: Any) -> bool:
        """Whether a table only places what stands in it: in one row or column, headings, other tables."""
        rows = [list(_parts(tr, "tc")) for tr in _parts(table, "tr")]
        deep = len(rows) == 1 and any(len(cell.xpath("./w:p[.//w:t]")) > 1 for cell in rows[0])
        own = table.xpath(".//w:p[w:pPr[w:pStyle or w:outlineLvl]]")
        return (
            deep
            or all(len(row) == 1 for row in rows)
            or bool(table.xpath(".//w:tbl"))
            or any(_heading_level(one, self._styles_of(one)) for one in own)
        )

    def _rows(self, table: Any) -> Iterator[list[str]]:
        above: list[str] = []
        for tr in _parts(table, "tr"):
            row = [""] * _span(next(iter(tr.xpath("./w:trPr/w:gridBefore/@w:val")), "0"))
            for cell in _parts(tr, "tc"):
                hangs = cell.vMerge == "continue" and len(row) < len(above)
                row.append(above[len(row)] if hangs else self._cell(cell))
                row += [""] * (_span(next(iter(cell.xpath("./w:tcPr/w:gridSpan/@w:val")), "1")) - 1)
            yield row
            above = row

    def _cell(self, cell: Any) -> str:
        """Its paragraphs on one line; commas between the items of a list."""
        lines: list[tuple[str | None, str]] = []
        for paragraph in cell.iter(W + "p"):
            if next(paragraph.iterancestors(FALLBACK), None) is None:
                styles = self._styles_of(paragraph)
                mark = self._numbering.mark(paragraph, {one.style_id: one.element for one in styles})
                lines.append((mark and mark[0], one_line(self._text.of(paragraph))))
        if not any(words for _, words in lines):
            return next((number for number, _ in lines if number and number != "-"), "")
        text = ""
        above: str | None = None
        for number, words in ((number, words) for number, words in lines if words):
            comma = above is not None and number is not None and text[-1] not in ".。;；:：,，!！?？"
            text += ("，" if CJK.search(words) else ", ") * comma + " " * (not comma)
            text += f"{number} {words}" if number and number != "-" else words
            above = number
        notes = " ".join(self._text.long_notes)
        self._text.long_notes.clear()
        return one_line(f"{text} {notes}")

    def running(self, document: Any) -> Iterator[str]:
        """What stands above and below every page, once; not what only counts the pages."""
        seen = set()
        for section in document.sections:
            for kind in ("", "first_page_", "even_page_"):
                for place in ("header", "footer"):
                    edge = getattr(section, f"{kind}{place}")
                    for paragraph in () if edge.is_linked_to_previous else edge._element.iter(W + "p"):
                        line = _PAGE.sub("", one_line(self._text.of(paragraph)))
                        if line not in seen and any(map(str.isalpha, line)):
                            seen.add(line)
                            yield line


def _with_lists(parts: Sequence[_Part]) -> list[_Part]:
    """Parts of which bullets that follow each other are one."""
    told: list[_Part] = []
    filled = [part for part in parts if part.text]
    for listed, group in groupby(filled, key=lambda part: part.bullet is not None):
        own = list(group)
        if listed and len(own) > 1:
            told.append(_Part(list_block([(part.text, part.bullet or 0) for part in own])))
        else:
            told += [replace(part, text=f"- {part.text}") for part in own] if listed else own
    return told


def _with_loud_headings(parts: Sequence[_Part]) -> list[_Part]:
    """Parts of which short bold or large paragraphs are headings, where hardly any is marked as one."""
    parts = [part for part in parts if part.text]
    if sum(part.level > 0 for part in parts[1:]) > _FEWEST:
        return parts
    written = Counter[float]()
    for part in parts:
        written[part.size] += len(part.text) * (part.size > 0)
    usual = written.most_common(1)[0][0] if written else 0
    loud = [part.size > 0 and (part.bold or part.size > 1.15 * usual) for part in parts]
    found = [
        at
        for at, (part, (one, below)) in enumerate(zip(parts, pairwise([*loud, True]), strict=True))
        if one and (not below or not at) and is_title(part.text) and not _FIGURES.search(part.text)
    ]
    if found and found[-1] == len(parts) - 2 and parts[-1].text[-1] not in ".。!！?？":
        found.pop()  # a signature
    if sum(at > 0 for at in found) < _FEWEST:
        return parts
    sizes = sorted({parts[at].size for at in found if at}, reverse=True)
    levels = {at: min(2 + sizes.index(parts[at].size), 6) if at else 1 for at in found}
    return [replace(part, level=levels.get(at, part.level)) for at, part in enumerate(parts)]


def _based_on(name: str, styles: Mapping[str, Any]) -> Iterator[Any]:
    """A style and those that it is based on."""
    for _ in range(10):
        style = styles.get(name)
        if style is None:
            break
        yield style
        based = style.element.find("w:basedOn", NAMES)
        name = based.get(W + "val") or "" if based is not None else ""


def _span(number: str) -> int:
    """How many columns a cell takes; a small file must not grow huge."""
    return min(int(number), 100) if number.isdecimal() else 1


def _size(number: str) -> float:
    return float(number) if re.fullmatch(r"\d{1,4}(?:\.\d+)?", number) else 0.0


def _heading_level(paragraph: Any, styles: Iterable[Any]) -> int:
    """1 to 6, by what the paragraph or a style of its says; 0 for other paragraphs."""
    styles = list(styles)
    for element in (paragraph, *(style.element for style in styles)):
        level = element.find("w:pPr/w:outlineLvl", NAMES)
        if level is not None:
            number = level.get(W + "val") or ""
            return int(number) + 1 if number in ("0", "1", "2", "3", "4", "5") else 0
    for style in styles:
        if found := _HEADING.fullmatch(style.name or ""):
            return int(found[1] or 1)
    return 0


def _property(run: Any, styles: Iterable[Any], name: str) -> str:
    """What is said of a run, by itself or a style of its paragraph; "" for nothing, or for off."""
    for element in (run, *(style.element for style in styles)):
        found = element.find(f"w:rPr/w:{name}", NAMES)
        if found is not None:
            return (found.get(W + "val") or "1") if is_on(found) else ""
    return ""


def _parts(parent: Any, name: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, also those in content controls."""
    for child in parent:
        if child.tag == W + name:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _parts(child, name)


def _is_header(tr: Any) -> bool:
    """Whether a row of several cells says that it is a header, or all that is written in it is bold."""
    runs = tr.xpath(".//w:r[w:t]")
    plain = tr.xpath(".//w:r[w:t][not(w:rPr/w:b[not(@w:val) or @w:val='1' or @w:val='true'])]")
    marked = tr.xpath("./w:trPr/w:tblHeader") or (runs and not plain)
    return bool(marked) and len(tr.xpath(".//w:tc[.//w:t]")) > 1
