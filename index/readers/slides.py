"""PowerPoint files: bytes -> `Draft`."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from index.readers.charts import chart_lines
from index.readers.formats import BROKEN, Draft, paged, reading
from index.readers.forms import is_form
from index.readers.nested_lists import list_block
from index.readers.reading_order import Box, in_order
from index.readers.tables import table_lines
from index.text import CJK, one_line, stack, width

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DATA = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"
_FOOT = 0.85
"""Share of a slide's height above its foot."""
_LONGEST_HEADING = 60
"""Columns."""


class _Shape(NamedTuple):
    text: str
    box: Box | None
    placed: bool
    """Whether the layout of the slide gives it its place in the order."""


def read_pptx(data: bytes) -> Draft:
    """Each slide that is shown is a page, its title a heading, its notes the last paragraph."""
    import pptx
    from pptx.exc import PythonPptxError

    with reading("PowerPoint file", PythonPptxError):
        deck = pptx.Presentation(io.BytesIO(data))
        feet = _feet(deck)
        pages: list[tuple[str, bool]] = []
        for number, slide in enumerate(deck.slides, 1):
            shown = slide.element.get("show") not in ("0", "false")
            blocks = list(filter(None, _slide_blocks(slide, feet))) if shown else []
            if blocks and not blocks[0].startswith("# ") and any(text for text, _ in pages):
                # What has no title of its own does not belong to the slide before it.
                blocks.insert(0, f"# 第{number}页" if any(map(CJK.search, blocks)) else f"# Slide {number}")
            pages.append((stack(blocks), False))
        return paged(pages, one_line(deck.core_properties.title))


def _feet(deck: Any) -> set[str]:
    """What stands at the foot of most slides, but for the numbers in it."""
    low = deck.slide_height * _FOOT
    found: Counter[str] = Counter()
    for slide in deck.slides:
        shapes = [shape for shape in slide.shapes if shape.has_text_frame and _place(shape)[1] > low]
        found.update({_masked(shape.text_frame.text) for shape in shapes})
    return {text for text, count in found.items() if count > max(2, len(deck.slides) / 2)}


def _place(shape: Any) -> tuple[int, int, int, int]:
    """Left, top, width and height; zeros where neither it nor its layout, which may be missing, says them."""
    with suppress(*BROKEN):
        return shape.left or 0, shape.top or 0, shape.width or 0, shape.height or 0
    return 0, 0, 0, 0


def _masked(text: str) -> str:
    return re.sub(r"\d+", "0", one_line(text))


def _slide_blocks(slide: Any, feet: set[str]) -> Iterator[str]:
    _unwrap(slide.element)
    title = slide.shapes.title
    heading = one_line(title.text_frame.text) if title is not None else ""
    others = (shape for shape in slide.shapes if title is None or shape.element is not title.element)
    shapes = [shape for shape in _shapes(others) if _masked(shape.text) not in feet]
    if not heading and (first := _heading(shapes)):
        shapes.remove(first)
        heading = first.text
    if heading:
        yield f"# {heading}"
    yield from (shape.text for shape in shapes if shape.placed)
    yield from _by_place([shape for shape in shapes if not shape.placed])
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame:
        yield one_line(slide.notes_slide.notes_text_frame.text)


def _unwrap(tree: Any) -> None:
    """Of each element that comes in several versions, leave the first, which is for the newest program."""
    for wrapper in list(tree.iter(f"{_MC}AlternateContent")):
        choice = wrapper.find(f"{_MC}Choice")
        for element in list(choice) if choice is not None else ():
            wrapper.addprevious(element)
        wrapper.getparent().remove(wrapper)


def _shapes(shapes: Iterator[Any]) -> Iterator[_Shape]:
    """Those that say something; not what stands on every slide."""
    from pptx.enum.shapes import PP_PLACEHOLDER as KIND

    running = (KIND.DATE, KIND.FOOTER, KIND.HEADER, KIND.SLIDE_NUMBER)
    for shape in shapes:
        placed = bool(shape.is_placeholder)
        if placed and shape.placeholder_format.type in running:
            continue
        if text := stack(_shape_blocks(shape)):
            left, top, wide, high = _place(shape)
            box = Box(left, top, left + wide, top + high) if wide or high else None
            yield _Shape(text, box, placed)


def _by_place(shapes: Sequence[_Shape]) -> Iterator[str]:
    placed = [(shape.box, shape.text) for shape in shapes if shape.box is not None]
    yield from in_order(placed)
    yield from (shape.text for shape in shapes if shape.box is None)


def _heading(shapes: Sequence[_Shape]) -> _Shape | None:
    """Of a slide without a title, the short line that stands above everything else."""
    boxes = [(shape.box.top, shape) for shape in shapes if shape.box is not None]
    if len(shapes) < 2 or len(boxes) < len(shapes):
        return None
    (_, first), (below, _), *_ = sorted(boxes, key=lambda pair: pair[0])
    line = re.fullmatch(r"(?!- )[^\n]*\w[^\n]*[^\n.。!！?？,，;；:：]", first.text)
    middle = first.box is not None and (first.box.top + first.box.bottom) / 2 <= below
    alone = line and middle and any(map(str.isalpha, first.text)) and width(first.text) <= _LONGEST_HEADING
    return first if alone else None


def _shape_blocks(shape: Any) -> Iterator[str]:
    if hasattr(shape, "shapes"):
        yield from _by_place(list(_shapes(shape.shapes)))
    elif getattr(shape, "has_table", False):
        rows = list(_table_rows(shape.table))
        yield "\n".join(table_lines(rows, [] if is_form(rows) else None))
    elif getattr(shape, "has_chart", False):
        yield "\n".join(chart_lines(shape.chart.element))
    elif shape.has_text_frame:
        yield list_block([(one_line(line.text), line.level) for line in shape.text_frame.paragraphs])
    else:
        yield list_block(list(_diagram(shape)))


def _table_rows(table: Any) -> Iterator[list[str]]:
    """The text of a merged cell stands in each of its rows."""
    hanging: dict[int, tuple[int, str]] = {}
    for number, row in enumerate(table.rows):
        cells = [one_line(cell.text) for cell in row.cells]
        hanging = {column: (last, text) for column, (last, text) in hanging.items() if last >= number}
        for column, (_, text) in hanging.items():
            if column < len(cells):
                cells[column] = cells[column] or text
        for column, cell in enumerate(row.cells):
            if cell.is_merge_origin and cell.span_height > 1:
                hanging[column] = (number + cell.span_height - 1, cells[column])
        yield cells


def _diagram(shape: Any) -> Iterator[tuple[str, int]]:
    """The texts of a SmartArt graphic and how deep they stand (DiagramML, ECMA-376 part 1, 21.4)."""
    from pptx.oxml import parse_xml

    ids = shape.element.find(f".//{_DIAGRAM}relIds")
    if ids is None or ids.get(_DATA) not in shape.part.rels:
        return
    root = parse_xml(shape.part.related_part(ids.get(_DATA)).blob)
    texts: dict[str, str] = {}
    for point in root.iter(f"{_DIAGRAM}pt"):
        runs = (line.iter(f"{_TEXT}t") for line in point.iter(f"{_TEXT}p"))
        lines = ("".join(run.text or "" for run in line) for line in runs)
        texts[point.get("modelId")] = one_line(" ".join(lines))
    below: dict[str, list[tuple[int, str]]] = {}
    for link in root.iter(f"{_DIAGRAM}cxn"):
        if link.get("type", "parOf") == "parOf":
            below.setdefault(link.get("srcId"), []).append((int(link.get("srcOrd", 0)), link.get("destId")))
    children = {child for links in below.values() for _, child in links}
    roots = [one for one in texts if one not in children]
    todo = [(one, 0 if texts[one] else -1) for one in reversed(roots)]
    while todo:
        one, level = todo.pop()
        if texts.get(one):
            yield texts[one], level
        todo += [(child, level + 1) for _, child in sorted(below.pop(one, ()), reverse=True)]
