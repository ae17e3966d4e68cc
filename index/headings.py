"""Where the title and the headings above a passage stand in their document."""

from __future__ import annotations

import re

from index.types import Passage

_MARK = re.compile(r"#{1,6}[ \t]+")
_AFTER = re.compile(r"[ \t]*(?:#+[ \t]*)?$")
_TRIES = 50
"""Other lines with the same words that are looked at for a heading."""

Span = tuple[int, int]


def lines_above(text: str, passage: Passage, title: str) -> list[Span]:
    """Offsets of the words of a passage's headings, the innermost first, and of its document's title.

    Args:
        text: the document's.

    Returns:
        Only those that stand in `text` above the passage, as `passage.heading` and `title` write them.

    >>> text = "# Notes\\n\\n## 2.4\\n\\nFaster."
    >>> passage = Passage(0, "", "Faster.", 17, 24, heading="Notes > 2.4")
    >>> [text[a:b] for a, b in lines_above(text, passage, "")]
    ['2.4', 'Notes']
    """
    found: list[Span] = []
    limit = passage.start
    for words in reversed(passage.heading.split(" > ")):
        span = _heading(text, words, limit) if words else None
        if span is not None:
            found.append(span)
            limit = span[0]
    if title and len(title) <= limit and text.startswith(title) and (0, len(title)) not in found:
        found.append((0, len(title)))
    return found


def _heading(text: str, words: str, limit: int) -> Span | None:
    """The last line above `limit` that is a heading of these words."""
    end = limit
    for _ in range(_TRIES):
        start = text.rfind(words, 0, end)
        if start < 0:
            return None
        begin = text.rfind("\n", 0, start) + 1
        stop = text.find("\n", start)
        after = text[start + len(words) : stop if stop >= 0 else len(text)]
        if _MARK.fullmatch(text[begin:start]) and _AFTER.fullmatch(after):
            return start, start + len(words)
        end = start + len(words) - 1
    return None
