"""Items of lists in lists: each says what it belongs to, for a passage may hold no more than the item."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.readers.outline import is_title
from index.text import width

_LONGEST_PARENT = 40
"""Columns of what is said again before each line below it."""
_SENTENCE = re.compile(r"[,，;；。!！?？]|\.(?: |$)")
_RUN_IN = re.compile(r"([^,，;；:：.。!！?？]{2,40}?)(?:\. (?=[A-Z])|。(?=.))")
"""A title at the beginning of its paragraph: "Level 2 Baker. Takes 15 months."."""
_COLON = re.compile(r"：|:(?!\d)")


def list_block(lines: Sequence[tuple[str, int]]) -> str:
    """Lines and how deep they stand, as list items; a short one is said again before those below it.

    >>> print(list_block([("Tail lift limits", 0), ("35 Box: 500 kg", 1), ("Nobody rides", 0)]))
    - Tail lift limits - 35 Box: 500 kg
    - Nobody rides
    >>> print(list_block([("Worst: delivery", 0), ("a week", 1)]))
    - Worst: delivery
    - Worst: delivery - a week
    """
    lines = [line for line in lines if line[0]]
    if len(lines) < 2:
        return lines[0][0] if lines else ""
    items: list[str] = []
    above: list[tuple[int, str]] = []
    for at, (text, level) in enumerate(lines):
        above = [parent for parent in above if parent[0] < level]
        label = above[-1][1] if above else ""
        name = _label(text)
        whole = f"{label} - {name}" if label else name
        whole = whole if name and width(whole) <= _LONGEST_PARENT else name
        repeated = at + 1 < len(lines) and lines[at + 1][1] > level and name == text.rstrip(":：")
        if not (repeated and label in whole and not _COLON.search(name)):
            items.append(f"- {label} - {text}" if label else "  " * bool(above) + f"- {text}")
        above.append((level, whole))
    return "\n".join(items)


def _label(text: str) -> str:
    """What of a line may stand before the lines below it: all, the title or the code that it begins with."""
    name = text.rstrip(":：")
    if width(name) <= _LONGEST_PARENT and not _SENTENCE.search(name):
        return name
    title = _RUN_IN.match(name)
    if title is not None and is_title(title[1]):
        return title[1]
    code = _COLON.split(name, maxsplit=1)[0]
    is_code = any(map(str.isdigit, code)) and width(code) < width(name)
    return code if is_code and width(code) <= _LONGEST_PARENT and not _SENTENCE.search(code) else ""
