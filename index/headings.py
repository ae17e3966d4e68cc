"""Where the title and the headings above a passage stand in their document."""

from __future__ import annotations

from index.split import HEADING
from index.types import Passage

_MOST = 2_000
"""Headings that are looked at on the way up."""

Span = tuple[int, int]


def lines_above(text: str, passage: Passage, title: str) -> list[Span]:
    """Offsets of the words of a passage's headings, the innermost first, and of its document's title.

    Args:
        text: the document's, at least what stands above the passage.

    Returns:
        Only those that stand in `text` above the passage, as `passage.heading` and `title` write them.

    >>> text = "# Notes\\n\\n## 2.4\\n\\nFaster."
    >>> passage = Passage(0, "", "Faster.", 17, 24, heading="Notes > 2.4")
    >>> [text[a:b] for a, b in lines_above(text, passage, "")]
    ['2.4', 'Notes']
    """
    found = _path(text, passage)
    limit = found[-1][0] if found else passage.start
    if title and len(title) < limit and text.startswith(title) and text[len(title)] == "\n":
        found.append((0, len(title)))
    return found


def _path(text: str, passage: Passage) -> list[Span]:
    """The headings that hold a passage, each of a lower level than the next."""
    found: list[Span] = []
    end = text.rfind("\n", 0, passage.start) + 1
    own = HEADING.match(text, end)  # a heading with no text below is a passage itself
    level = len(own.group(1)) if own and own.start(2) == passage.start else 7
    for _ in range(_MOST):
        start = text.rfind("\n#", 0, end) + 1
        if start == 0 and not text.startswith("#"):
            break
        match = HEADING.match(text, start) if start < end else None
        if match and len(match.group(1)) < level:
            level = len(match.group(1))
            found.append(match.span(2))
        end = start
        if start == 0 or level == 1:
            break
    whole = " > ".join(text[a:b] for a, b in reversed(found))
    return found if whole == passage.heading else []
