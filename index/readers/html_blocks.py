"""The body of a web page -> blocks of light Markdown (`index.text`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.readers.html_frame import is_title
from index.readers.html_table import holds_data, html_table
from index.readers.html_text import BLOCKS, Numbers, flat, lines, piece, walk
from index.readers.markdown import as_code
from index.readers.tables import table_lines
from index.text import CJK, block, clean, one_line, stack, width

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LONGEST_ENTRY = 400
"""Columns that the words of a definition take, at most, where it stands on the line of its term."""
_DEEPEST = 5
"""Levels of lists that are shown by blanks."""
_LONGEST_ITEM = 300
"""The same of an item with all below it."""
_STRUCTURE = "p + p, table, pre, dl, blockquote, h1, h2, h3, h4, h5, h6, details"


def fragment_text(html: str) -> str:
    """A piece of HTML as light Markdown."""
    from selectolax.lexbor import LexborHTMLParser

    body = LexborHTMLParser(html).body
    return stack(Blocks().of(body)) if body else ""


class Blocks:
    """The blocks of a page, in order.

    What opens at a click, and a long definition, is a section under its question or term. It ends with the
    element around it; what follows stands under the heading above again.

    Args:
        title: of the page, "" if its own headings hold it.
        names: those of elements by their `mem_id`, as by `html_frame.panel_names`.
    """

    def __init__(self, title: str = "", names: dict[int, str] | None = None) -> None:
        self._names = names or {}
        self._open = [(1 if title else 0, title, 0)]
        """(level, words, the `mem_id` with which it ends) of the headings of sections that are open."""
        self._again = False
        """Whether the next block has to say anew what it stands under."""
        self._level = 0
        """Of the heading that is being read; 0 for none."""
        self._ends = 0
        """The `mem_id` with which the section that is being named ends; 0 for a heading of the page's own."""

    def of(self, body: Any) -> Iterator[str]:
        inline: list[str] = []
        mark = ""
        numbers = Numbers()
        whole: dict[int, str | None] = {}

        def is_whole(node: Any) -> bool:
            if node.tag in _WHOLE and node.mem_id not in whole:
                whole[node.mem_id] = _WHOLE[node.tag](node)
            return whole.get(node.mem_id) is not None

        for node, closing in walk(body, is_whole):
            if node.is_text_node or not BLOCKS.fullmatch(node.tag or ""):
                inline.append(piece(node, closing))
                continue
            if text := block(lines(inline), mark):
                yield from self._told(text)
                mark = ""
            inline.clear()
            if closing:
                self._close(node)
            if node.tag in ("ol", "ul", "li"):
                indent = "  " * min(len(numbers.open) - 1, _DEEPEST) if node.tag == "li" else ""
                mark = numbers.mark(node, closing)
                mark = mark and indent + mark
            elif level := self._title(node):
                mark = "" if closing else "#" * level + " "
                self._level = 0 if closing else level
            if node.mem_id in self._names and not closing:
                self._level, self._ends = self._below(node.mem_id), node.mem_id
                yield from self._told(block([self._names[node.mem_id]], "#" * self._level + " "))
                self._level = 0
            if not closing and is_whole(node) and (told := whole[node.mem_id]):
                yield from self._told(mark + told if node.tag == "li" else told)
                mark = ""

    def _title(self, node: Any) -> int:
        """The level of the heading that `node` is; 0 for none."""
        self._ends = 0
        if node.tag in _HEADINGS:
            return _HEADINGS[node.tag]
        if node.tag == "summary" and not node.css_first(", ".join(_HEADINGS)):
            self._ends = node.parent.mem_id
        elif node.tag == "button" and not is_title(node):
            around = node.parent
            alone = one_line(around.text()) == one_line(node.text()) and around.tag != "body"
            self._ends = (around.parent if alone else around).mem_id
        elif node.tag == "dt" and node.text().strip() and not node.css_first(", ".join(_HEADINGS)):
            around = node.parent if node.parent.tag == "dl" else node.parent.parent
            self._ends = around.mem_id
        return self._below(self._ends) if self._ends else 0

    def _below(self, ends: int) -> int:
        """The level of a section in those that are open, but for one that ends at the same place."""
        above = next(level for level, _, end in reversed(self._open) if end != ends)
        return min(max(above, 1) + 1, 6)

    def _told(self, text: str) -> Iterator[str]:
        """A block, below what it stands under if that is not clear."""
        if self._level:
            if self._ends:
                self._open = [one for one in self._open if one[2] != self._ends]
                self._open.append((self._level, text, self._ends))
            else:
                self._open[-1] = (self._level, text, self._open[-1][2])
            self._level = 0
        elif self._again and self._open[-1][1]:
            yield self._open[-1][1]
        self._again = False
        yield text

    def _close(self, node: Any) -> None:
        if len(self._open) > 1 and node.mem_id == self._open[-1][2]:
            self._open.pop()
            self._again = True


def _table(node: Any) -> str | None:
    return html_table(node) if holds_data(node) else None


def _code(node: Any) -> str:
    return as_code(clean(node.text()).strip("\n"))


def _item(node: Any) -> str | None:
    """An item with the short list in it, which tells little alone: `Delivery: UK: 2 days, EU: 5 days`."""
    if not node.css_first("ul, ol") or node.css_first(_STRUCTURE):
        return None
    if len(node.text()) > 2 * _LONGEST_ITEM:  # else each level of deep lists would be read again
        return None
    return text if width(text := flat(node)) <= _LONGEST_ITEM else None


def _entries(node: Any) -> str | None:
    """Terms with their definitions, a line each, if all of them are short."""
    parts = [part for child in node.iter() for part in (child.iter() if child.tag == "div" else [child])]
    if any(part.tag == "dd" and part.css_first(_STRUCTURE) for part in parts):
        return None
    entries: list[tuple[list[str], list[str]]] = []
    for part in parts:
        if part.tag == "dt" and (not entries or entries[-1][1]):
            entries.append(([], []))
        if part.tag in ("dt", "dd") and (text := flat(part)):
            entries = entries or [([], [])]
            entries[-1][part.tag == "dd"].append(text)
    told = [(_listed(terms), _listed(values)) for terms, values in entries]
    if any(width(value) > _LONGEST_ENTRY or term.endswith(("?", "？")) for term, value in told):
        return None
    entry_lines = [
        table_lines([[value]], [term])[0] if term and value else term or value for term, value in told
    ]
    return "\n".join(entry_lines) or None


def _listed(texts: list[str]) -> str:
    told = ""
    for text in texts:
        chinese = bool(told and CJK.match(told[-1]))
        ended = told[-1:] in (*".!?;:。！？；：",)
        told += (("" if chinese else " ") if ended else "、" if chinese else ", ") * bool(told) + text
    return told


_WHOLE = {"table": _table, "pre": _code, "li": _item, "dl": _entries}
"""What is read in one piece, unless the function says None."""
