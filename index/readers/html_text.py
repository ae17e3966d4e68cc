"""The words of an HTML element, without its tags: the pieces of a line, and all of it on one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from index.text import CJK, RAISED, one_line

BLOCKS = re.compile(
    "address|article|aside|blockquote|body|button|caption|d[dlt]|details|div|fieldset|figcaption|figure|form"
    "|h[1-6]|header|hr|li|main|ol|p|pre|section|summary|table|t[dhr]|ul"
)
"""Elements that stand on lines of their own."""
BR = "\x1e"
_SEAM = "\x1f"
"""Where one element ends and the next begins, with nothing between them."""
_PARTED = re.compile(
    rf"(?<=[a-z])[ ]?{_SEAM}(?=[A-Z])|(?<=[^\W\d_][a-z]){_SEAM}(?=\d)|(?<=\d){_SEAM}(?=[^\W\d_]{{2}})"
)
_BOUND = {"sup", "sub", "wbr", "img", "br", "rp", "rt"}
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x2060))
_LETTERS = {"a": "{})", "A": "{}.", "i": "({})", "I": "{}."}
_ENDED = ".!?:;,。！？：；，、…"


def walk(top: Any, is_whole: Callable[[Any], bool] = lambda node: False) -> Iterator[tuple[Any, bool]]:
    """Every node on entering and (True) on leaving it, without recursion: pages can be nested deeply.

    Args:
        is_whole: nodes that are entered only, besides `sup`.
    """
    todo = [(top, False)]
    while todo:
        node, closing = todo.pop()
        yield node, closing
        if not (closing or node.is_text_node or node.tag in ("svg", "sup") or is_whole(node)):
            todo.append((node, True))
            todo.extend((child, False) for child in reversed([*node.iter(include_text=True)]))


def piece(node: Any, closing: bool) -> str:
    """What a node of `walk` that is no block adds to its line."""
    if node.is_text_node:
        return str(node.text_content or "").translate(_INVISIBLE)
    if node.tag == "br":
        return "" if closing else BR
    if node.tag == "sup":
        text = str(node.text())
        raised = text.translate(RAISED)
        return text if any(map(str.isalnum, text)) and re.search(r"[0-9A-Za-z]", raised) else raised
    before = node.prev
    if closing or node.tag in _BOUND or before is None or not before.is_element_node:
        return ""
    if node.tag == before.tag == "a":
        return " "
    return "" if before.tag in _BOUND or BLOCKS.fullmatch(before.tag or "") else _SEAM


def lines(pieces: Iterable[str]) -> list[str]:
    """Pieces as the lines that `<br>` parts."""
    return _PARTED.sub(" ", "".join(pieces)).replace(_SEAM, "").split(BR)


def flat(top: Any) -> str:
    """All words of an element on one line: items follow each other with a comma, or with their numbers.

    What has no words is read by its pictures: their `alt`, `title` or `aria-label`.
    """
    if not top.first_child or (top.first_child.is_text_node and not top.first_child.next):
        return one_line((top.text() or "").translate(_INVISIBLE)) or _picture(top)
    text, mark = "", ""
    pieces: list[str] = []
    numbers = Numbers()
    was_item = False
    for node, closing in walk(top):
        if node.mem_id == top.mem_id:
            continue
        if node.is_text_node or not BLOCKS.fullmatch(node.tag or ""):
            pieces.append(piece(node, closing))
            continue
        if words := one_line(" ".join(map(one_line, lines(pieces)))):
            text += _joint(text, words, mark, was_item) + mark.removeprefix("- ") + words
            was_item, mark = was_item or bool(mark), ""
        pieces.clear()
        mark = numbers.mark(node, closing) if node.tag in ("ol", "ul", "li") else mark
    rest = one_line(" ".join(map(one_line, lines(pieces))))
    return text + _joint(text, rest, "", was_item) + rest if rest else text or _picture(top)


def _joint(text: str, words: str, mark: str, was_item: bool) -> str:
    chinese = bool(text and CJK.match(text[-1]) and CJK.match(words[0]))
    if not text or text[-1] in _ENDED or not mark:
        return "" if not text or (chinese and text[-1] in _ENDED) else " "
    if was_item and mark != "- ":
        return " "
    return ("、" if chinese else ", ") if was_item else ("：" if chinese else ": ")


def _picture(top: Any) -> str:
    """What stands for a picture, the first of them that is named; not for one that is a link."""
    for node in () if top.css_first("a") else top.css("[alt], [title], [aria-label], svg title"):
        given = node.attributes
        named = given.get("alt") or given.get("title") or given.get("aria-label")
        if name := one_line(node.text() if node.tag == "title" else named or ""):
            return name
    return ""


class Numbers:
    """The marks before the items of lists: `- `, or the number that a browser shows."""

    def __init__(self) -> None:
        self.open: list[tuple[str, int]] = []
        """(type or "", next number) of each list that is open."""

    def mark(self, node: Any, closing: bool) -> str:
        """The mark with which the item `node` begins; "" when it ends, and at a list's borders."""
        if node.tag == "li":
            return "" if closing else self._item(node)
        if closing:
            del self.open[-1:]
        else:
            self.open.append(_list_type(node))
        return ""

    def _item(self, node: Any) -> str:
        kind, number = self.open[-1] if self.open else ("", 1)
        if not kind:
            return "- "
        number = _integer(node.attributes.get("value"), number)
        self.open[-1] = (kind, number + 1)
        return _numbered(number, kind) + " "


def _list_type(node: Any) -> tuple[str, int]:
    if node.tag != "ol":
        return "", 1
    given = node.attributes
    style = re.search(r"list-style(?:-type)?:[^;]*?(none|(?:lower|upper)-\w+)", given.get("style") or "")
    named = {"lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A"}
    named |= {"lower-roman": "i", "upper-roman": "I", "none": ""}
    kind = named.get(style[1], "1") if style else given.get("type") or "1"
    return kind, _integer(given.get("start"), 1)


def _integer(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch(r"[ ]*-?[0-9]{1,6}[ ]*", text) else default


def _numbered(number: int, kind: str) -> str:
    """
    >>> [_numbered(4, kind) for kind in "1aAiI"]
    ['4.', 'd)', 'D.', '(iv)', 'IV.']
    """
    if kind in "aA" and 0 < number <= 26:
        return _LETTERS[kind].format(chr(ord(kind) + number - 1))
    if kind in "iI" and 0 < number <= 50:
        units = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"][number % 10]
        roman = ["", "x", "xx", "xxx", "xl", "l"][number // 10] + units
        return _LETTERS[kind].format(roman if kind == "i" else roman.upper())
    return f"{number}."
