"""Markdown as people write it -> the light Markdown of `index.text`. Fenced code stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.flow import unwrap

_FENCE = re.compile(r"^ *(`{3,}|~{3,})[^`\n]*\n(?:(?! *\1).*\n)*? *\1`*~* *$", re.MULTILINE)


def lighten(text: str) -> str:
    """Underlined headings become `#` headings, wrapped paragraphs flow."""
    return "".join(part if fenced else unwrap(_headings(part)) for part, fenced in _parts(text))


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """The text in its order, and whether a part is fenced code; a fence that never closes is none."""
    end = 0
    for fence in _FENCE.finditer(text):
        yield text[end : fence.start()], False
        yield fence.group(), True
        end = fence.end()
    yield text[end:], False


def _headings(text: str) -> str:
    for mark, underline in (("#", "=+"), ("##", "-{2,}")):
        heading = rf"(?:(?<=\n\n)|\A)(?![-#>|\s])(.*\S)[ ]*\n{underline}[ ]*$"
        text = re.sub(heading, rf"{mark} \1", text, flags=re.MULTILINE)
    return text
