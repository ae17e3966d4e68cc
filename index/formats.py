"""Readers of text, Markdown, CSV and PowerPoint: bytes -> `Draft`, its text light Markdown (`index.text`).

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
from typing import Any

from index.errors import DamagedFile, ReadError
from index.flow import unquoted
from index.markdown import lighten
from index.markdown_html import without_html
from index.spaced import name_columns
from index.tables import csv_blocks, is_form, table_lines
from index.text import block, clean, decode, join_broken, one_line, stack


@dataclass(frozen=True, slots=True)
class Draft:
    """What a file says, before it has a name."""

    text: str
    title: str = ""
    """From the file's own data; "" for none."""
    pages: tuple[int, ...] = ()


# What the libraries raise, between them, when a file breaks off or its bytes are changed.
# Those of lxml are SyntaxErrors; RuntimeError holds RecursionError and NotImplementedError.
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, SyntaxError, EOFError, OSError, RuntimeError),
    *(LookupError, ValueError, TypeError, AttributeError, ArithmeticError, AssertionError),
)


@contextmanager
def reading(kind: str, *errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except ReadError:
        raise
    except BROKEN + errors as error:
        raise DamagedFile(f"is not a whole {kind} ({error}); open it, save it again and retry") from error


def read_text(data: bytes) -> Draft:
    return Draft(name_columns(unquoted(clean(decode(data)))))


def read_markdown(data: bytes) -> Draft:
    text = clean(decode(data))
    title = re.match(r"---\n(?:(?!---).*\n)*?title:[ ]*(.+)\n", text)
    return Draft(lighten(without_html(text)), title[1].strip(" \"'") if title else "")


def read_csv(data: bytes) -> Draft:
    return Draft(stack(csv_blocks(decode(data))))


def paged(pages: list[tuple[str, bool]], title: str) -> Draft:
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
