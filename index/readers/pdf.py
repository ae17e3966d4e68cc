"""PDF to text: pypdf reads the words in their order, pdfplumber finds the tables among them.

A PDF knows no tables, only words at places and lines between them. Rows of what looks like one are written as
in every other format, each value under its column's name, where the table stands in the text.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from typing import Any

from index.errors import EmptyDocument, EncryptedFile
from index.readers.aligned import Aligned, with_columns
from index.readers.cells import kinds
from index.readers.columns import tables_between
from index.readers.display import with_outline
from index.readers.filled import with_values
from index.readers.flow import reflow_pages
from index.readers.formats import BROKEN, Draft, paged, reading
from index.readers.headers import looks_like_header
from index.readers.markdown import as_code
from index.readers.printed import Letter, Row, letters, placed
from index.readers.rules import tables_of_rules
from index.text import clean, join_broken, one_line

_MOST_EDGES = 3000
_MOST_WORDS = 10_000
"""A drawing or a map; more is not looked at."""
_LONGEST_CELL = 400
"""Characters; a frame around paragraphs is no table."""
_SAME_PLACE = 4.0
"""Points between the columns of a table and those of its part on the next page."""
_UNSURE = 0.1
"""Share of a table's characters that may stand in it for one reader of the page and not for the other."""

Piece = tuple[str, float, float]
"""Text and where it begins: points from the left and from the top of the page."""


@dataclass(slots=True)
class _Table:
    left: float
    top: float
    right: float
    bottom: float
    rows: list[list[str]]
    words: str
    """All that stands in it, once."""
    header: bool | None
    """Whether the first row names the columns; None: its words have to tell."""
    columns: tuple[float, ...] = ()
    """Where its columns begin; () where no lines are drawn."""
    below_text: bool = False
    """Whether anything stands above it on its page."""

    def holds(self, x: float, y: float) -> bool:
        return self.left - 2 <= x < self.right + 2 and self.top - 2 <= y <= self.bottom + 2

    def meets(self, other: _Table) -> bool:
        return self.top < other.bottom and other.top < self.bottom


def read_pdf(data: bytes) -> Draft:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    with reading("PDF", PyPdfError):
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise EncryptedFile("is a PDF with a password; save a copy without one")
        if any(page.rotation for page in reader.pages):
            data = _upright(reader, data)
            reader = PdfReader(io.BytesIO(data))
            if reader.is_encrypted:
                reader.decrypt("")
        seen = _pages_of(data)
        pages = [_lines(page, *next(seen, ([], []))) for page in reader.pages]
        title = one_line(str((reader.metadata and reader.metadata.title) or ""))
    if not any(map(any, pages)):
        raise EmptyDocument("is a PDF without a text layer (scanned pages?); run OCR on it first")
    draft = paged(list(reflow_pages(pages)), title)
    text, starts = with_outline(draft.text, draft.pages)
    return Draft(text, draft.title, starts)


def _upright(reader: Any, data: bytes) -> bytes:
    """The same PDF without turned pages: both readers take the words of these apart in other orders."""
    from pypdf import PdfWriter

    try:
        writer = PdfWriter(clone_from=reader)
        for page in writer.pages:
            if page.rotation and _is_drawn_turned(page):
                page.transfer_rotation_to_content()
            page.rotation = 0
        stream = io.BytesIO()
        writer.write(stream)
    except BROKEN:  # it may be whole enough to be read
        return data
    return stream.getvalue()


def _is_drawn_turned(page: Any) -> bool:
    """Whether most of the text is drawn as if the page were turned the other way, to show upright."""
    turned: Counter[bool] = Counter()

    def note(text: str, matrix: Sequence[float], at: Sequence[float], *_: Any) -> None:
        along = at[0] * matrix[0] + at[1] * matrix[2]
        up = at[0] * matrix[1] + at[1] * matrix[3]
        straight = along > abs(up) if page.rotation % 180 else along > -abs(up)
        turned[not straight] += len(text.strip())

    page.extract_text(visitor_text=note)
    return turned[True] > turned[False]


def _lines(page: Any, tables: Sequence[_Table], letters: Sequence[Letter]) -> list[str]:
    """The lines of a page, placed by its letters; in place of each table's, its rows."""
    lines = _told(page, tables)
    if any(isinstance(line, Row) for line in lines):
        letters = [one for one in letters if not any(table.holds(one.left, one.base) for table in tables)]
    return with_values(placed(lines, letters), page)


def _told(page: Any, tables: Sequence[_Table]) -> list[str]:
    pieces: list[Piece] = []
    height = float(page.mediabox.top)

    def note(text: str, matrix: Sequence[float], at: Sequence[float], *_: Any) -> None:
        x = at[4] * matrix[0] + at[5] * matrix[2] + matrix[4]
        pieces.append((text, x, height - (at[4] * matrix[1] + at[5] * matrix[3] + matrix[5])))

    text = page.extract_text(visitor_text=note)
    if not tables or not _agrees("".join(piece for piece, _, _ in pieces), text):
        return _split(text)
    lines: list[str] = []
    told: set[int] = set()
    apart = groupby(pieces, key=lambda piece: next((t for t in tables if t.holds(piece[1], piece[2])), None))
    inside: dict[int, str] = {}
    for table, group in apart:
        words = "".join(piece for piece, _, _ in group)
        if table is None:
            lines += _split(words)
            continue
        inside[id(table)] = inside.get(id(table), "") + words
        if id(table) not in told and words.strip():
            told.add(id(table))
            lines += map(Row, _rows(table))
    whole = all(_agrees(inside.get(id(table), ""), table.words) for table in tables)
    return lines if whole else _split(text)


def _agrees(one: str, other: str) -> bool:
    """Whether two readings of the same words are about as long."""
    a, b = (len("".join(clean(text).split())) for text in (one, other))
    return abs(a - b) <= _UNSURE * max(a, b)


def _split(text: str) -> list[str]:
    """Its lines; a PDF has no Markdown, so that a `#` is no mark."""
    return [as_code(" ".join(line.split())) for line in clean(text).split("\n")]


def _rows(table: _Table) -> list[str]:
    return [line for line in with_columns(table.rows, table.header) if line]


def _pages_of(data: bytes) -> Iterator[tuple[list[_Table], list[Letter]]]:
    """The tables and the letters of each page; none where pdfplumber cannot read what pypdf can."""
    import pdfplumber
    from pdfminer.psexceptions import PSException
    from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

    before: _Table | None = None
    header: list[str] = []
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            for page in document.pages:
                found = _tables(page)
                for table in found:
                    if before is not None and table is found[0] and _goes_on(before, table, page.height):
                        if table.rows[0] == header:
                            del table.rows[0]
                        table.rows.insert(0, header)
                        table.header = True
                    named = table.header or (table.header is None and looks_like_header(table.rows))
                    header = table.rows[0] if named else []
                before = found[-1] if found and header else None
                yield found, letters(page)
                page.close()
    except (*BROKEN, PdfminerException, MalformedPDFException, PSException):
        return


def _goes_on(before: _Table, table: _Table, height: float) -> bool:
    """Whether a table at the top of a page is the rest of one at the foot of the page before."""
    if (
        not table.columns
        or len(before.columns) != len(table.columns)
        or len(table.rows[0]) != len(before.rows[0])
    ):
        return False
    near = all(abs(a - b) < _SAME_PLACE for a, b in zip(before.columns, table.columns, strict=True))
    if not near or before.bottom < 0.6 * height or table.top > 0.4 * height:
        return False
    if table.rows[0] == before.rows[0]:
        return True
    if table.below_text and looks_like_header(table.rows):
        return False  # another table, under words of its own
    columns = zip(zip(*before.rows[1:], strict=True), zip(*table.rows, strict=True), strict=True)
    return all(kinds(filter(None, rest)) <= kinds(filter(None, own)) for own, rest in columns)


def _tables(page: Any) -> list[_Table]:
    if len(page.edges) > _MOST_EDGES or len(page.chars) > 10 * _MOST_WORDS:
        return []
    ruled = [table for one in page.find_tables() if (table := _ruled(one)) is not None]
    for one in tables_of_rules(page):
        table = _ruled(one)
        if table is not None and not any(table.meets(other) for other in ruled):
            ruled.append(table)
    words = [
        word
        for word in page.extract_words(use_text_flow=False)[:_MOST_WORDS]
        if not any(table.holds(word["x0"], word["top"]) for table in ruled)
    ]
    for table in ruled:
        table.below_text = any(word["top"] < table.top for word in words)
    between = [_unruled(table, own) for table, own in tables_between(words)]
    return sorted([*ruled, *between], key=lambda table: table.top)


def _ruled(found: Any) -> _Table | None:
    """A table between drawn lines; None for a frame, a form's box or a grid without words."""
    boxes = [box for row in found.rows for box in row.cells if box]
    texts = found.extract()
    rows = [[_flowing(cell or "") for cell in row] for row in texts]
    for at, row in enumerate(found.rows):
        for column, box in enumerate(row.cells):
            if box is None and at:  # below the first row of a cell that is merged
                x = next((other.cells[column][0] for other in found.rows if other.cells[column]), None)
                over = any(
                    x is not None and b[0] <= x < b[2] and b[1] < row.bbox[1] < b[3] - 1 for b in boxes
                )
                rows[at][column] = rows[at - 1][column] if over else ""
    kept = [column for column in range(len(rows[0])) if any(row[column] for row in rows)]
    rows = [[row[column] for column in kept] for row in rows if any(row)]
    cells = [cell for row in rows for cell in row if cell]
    wide = sum(sum(map(bool, row)) > 1 for row in rows)
    broken = any("(cid:" in cell for cell in cells)  # a font that says nothing of its letters
    if len(kept) < 2 or wide < 2 or broken or _frames(cells):
        return None
    left, top, right, bottom = found.bbox
    columns = tuple(sorted({round(box[0]) for box in boxes}))
    words = "".join(cell or "" for row in texts for cell in row)
    return _Table(left, top, right, bottom, rows, words, None, columns)


def _frames(cells: Sequence[str]) -> bool:
    """Whether what stands in the cells are paragraphs; a row or two of a table may say much as well."""
    long = sum(len(cell) > _LONGEST_CELL for cell in cells)
    return bool(long) and (long * 4 > len(cells) or max(map(len, cells)) > 10 * _LONGEST_CELL)


def _flowing(cell: str) -> str:
    """The lines of a cell as one."""
    lines = [one_line(line) for line in clean(cell).split("\n") if line.strip()]
    return reduce(join_broken, lines) if lines else ""


def _unruled(table: Aligned, words: Sequence[dict[str, Any]]) -> _Table:
    left, top = (min(word[side] for word in words) for side in ("x0", "top"))
    right, bottom = (max(word[side] for word in words) for side in ("x1", "bottom"))
    text = "".join(word["text"] for word in words)
    return _Table(left, top, right, bottom, table.rows, text, table.header)
