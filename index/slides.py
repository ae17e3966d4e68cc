"""PowerPoint files: bytes -> `Draft`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from index.formats import Draft, paged, reading
from index.tables import is_form, table_lines
from index.text import block, one_line, stack


def read_pptx(data: bytes) -> Draft:
    """Each slide is a page, its title a heading, its notes the last paragraph."""
    import pptx
    from pptx.exc import PythonPptxError

    with reading("PowerPoint file", PythonPptxError):
        deck = pptx.Presentation(io.BytesIO(data))
        pages = [(stack(_slide_blocks(slide)), False) for slide in deck.slides]
        return paged(pages, one_line(deck.core_properties.title))


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
        rows = [[one_line(cell.text) for cell in row.cells] for row in shape.table.rows]
        yield "\n".join(table_lines(rows, [] if is_form(rows) else None))
    elif shape.has_text_frame:
        lines = shape.text_frame.text.split("\n")  # one a paragraph
        yield from (block([line], "- " if len(lines) > 1 else "") for line in lines)
