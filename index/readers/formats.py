"""Readers of text, Markdown and CSV: bytes -> `Draft`, its text light Markdown (`index.text`).

A reader knows neither names nor limits: `index.readers.read` adds both. Whatever a damaged file makes its
library raise leaves as `DamagedFile`.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from index.errors import DamagedFile, ReadError
from index.readers.flow import unquoted
from index.readers.markdown import lighten, own_headings, underlined
from index.readers.markdown_html import without_html
from index.readers.separated import csv_blocks
from index.readers.spaced import name_columns
from index.text import clean, decode, join_broken, stack, unspread


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
    *(MemoryError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, AssertionError),
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
    text = own_headings(_BLANK.sub("", clean(decode(data))))
    text = name_columns(unquoted(underlined(text)))
    return Draft(_INDENT.sub("", unspread(text)))


_INDENT = re.compile("^\u3000{1,2}(?=[^\\s\u3000])", re.MULTILINE)
"""Of a Chinese paragraph."""
_BLANK = re.compile(r"\A(?:[ ]*\n)*(?:[ ]{1,3}(?=#))?")
"""What stands before a text, or before a heading on top of it."""


def read_markdown(data: bytes) -> Draft:
    text = _BLANK.sub("", clean(decode(data)))
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
