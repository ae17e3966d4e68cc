"""Headings of plain text, known by their numbers or capitals -> light Markdown's.

"3. Cancellation", "二、组织机构", "第一章 总则", "SECTION B - PRICES" and "RETURNS" say what the text below
is about; a passage cut out of it reads "合同金额：118.5万元" and does not say whose. Lines of one kind are
headings all together or not at all: of an outline nearly every line is a title with text below it, of a
list none is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from index.split import HEADING
from index.text import CJK, width

_NUMERAL = "[一二三四五六七八九十百零〇\\d]{1,4}"
_KINDS: dict[str, tuple[int, re.Pattern[str]]] = {
    "chapter": (
        2,
        re.compile(
            f"第{_NUMERAL}(?:[章编篇]|部分)[ 　:：、]*|"
            r"(?:SECTION|PART|CHAPTER|ARTICLE|APPENDIX|ANNEX|SCHEDULE)[ ]"
            r"(?:\d{1,3}|[IVX]{1,5}|[A-Z])\b[ .:–—-]*",
            re.IGNORECASE,
        ),
    ),
    "section": (3, re.compile(f"第{_NUMERAL}节[ 　:：、]*")),
    "clause": (3, re.compile(f"第{_NUMERAL}条[ 　:：、]*")),
    "chinese": (3, re.compile("[一二三四五六七八九十]{1,3}[、.．][ ]*")),
    "in brackets": (4, re.compile("[（(][一二三四五六七八九十]{1,3}[）)][、]?[ ]*")),
    "number": (5, re.compile(r"\d{1,2}[.)．、][ ]*(?!\d)")),
    "two numbers": (6, re.compile(r"\d{1,2}\.\d{1,2}[.)]?[ ]+")),
    "capitals": (2, re.compile(r"(?=[^a-z]*$)(?=.*[A-Z].*[A-Z].*[A-Z])(?=[A-Z])")),
}
"""Name -> level, and what such a heading begins with. What stands first is tried first."""
_WIDEST = 60
"""Columns of a title."""
_STATES = re.compile(
    r"\b(?:is|are|was|were|may|must|can|cannot|will|shall|should|need|needs|has|have)\b|禁止|可以|必须|不得|不能|严禁|应当|须",
    re.IGNORECASE,
)
"""A sentence that has no mark at its end: "Bicycles need a ticket"."""
_ASKS = re.compile(r"(?:what|who|whom|whose|when|where|which|why|how|if)\b", re.IGNORECASE)
_FIGURES = re.compile(r"\d{3}|[€$£¥]")
_DATE = re.compile(r"(?:\d{1,2} )?[A-Z][a-z]+ \d{4}|\d{4}年.*")
_LEAST = 2
"""Lines of a kind that make an outline."""
_SHARE = 0.9
"""Of the lines of a kind that have to be titles with text below."""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    kind: str
    """Of its number or capitals; "" for any other line."""
    title: bool
    """It reads like one."""


def with_headings(text: str, pages: Sequence[int] = ()) -> tuple[str, tuple[int, ...]]:
    """A text whose headings are marked, and where its pages begin then.

    One that has marked headings stays, unless the only one is the title at its top.

    >>> with_headings("1. Scope\\nAll ships.\\n\\n2. Tickets\\nThey are valid for a day.")[0]
    '##### 1. Scope\\nAll ships.\\n\\n##### 2. Tickets\\nThey are valid for a day.'
    >>> with_headings("1. Milk\\n2. Bread\\n\\nBuy it.")[0]
    '1. Milk\\n2. Bread\\n\\nBuy it.'
    """
    if any(found.start() for found in HEADING.finditer(text)):
        return text, tuple(pages)
    lines = _lines(text)
    kinds = [kind for kind in _KINDS if _is_outline(lines, kind)]
    marked = [line for line in lines if line.kind in kinds and line.title]
    places = [line.start for line in marked]
    marks = ["#" * _KINDS[line.kind][0] + " " for line in marked]
    grown = [0, *accumulate(map(len, marks))]
    starts = tuple(start + grown[bisect_left(places, start)] for start in pages)
    pieces = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
    return pieces[0] + "".join(mark + piece for mark, piece in zip(marks, pieces[1:], strict=True)), starts


def _lines(text: str) -> list[_Line]:
    """Those in which anything stands."""
    found: list[_Line] = []
    start = 0
    above = ""
    for number, whole in enumerate(text.split("\n")):
        line = whole.strip()
        if line:
            kind = next((name for name, (_, begins) in _KINDS.items() if begins.match(line)), "")
            if HEADING.match(line):
                above = line
                start += len(whole) + 1
                continue
            if kind == "capitals" and (above or not number):  # in a paragraph, or the title
                kind = ""
            begins = _KINDS[kind][1].match(line) if kind else None
            title = begins is not None and whole[0] == line[0] and _reads(line[begins.end() :], kind)
            found.append(_Line(start, kind, title))
        above = line
        start += len(whole) + 1
    return found


def is_title(line: str) -> bool:
    """Whether a line reads like a title, with a number before it or without one."""
    begins = next((found for _, pattern in _KINDS.values() if (found := pattern.match(line))), None)
    return _reads(line[begins.end() :] if begins is not None else line, "")


def _reads(title: str, kind: str) -> bool:
    """Whether the words behind a number are a title: short, and no sentence, label or item of a list."""
    if not title:
        return kind == "chapter"
    chinese = CJK.search(title) is not None
    inside = r"[。；，：:！？]" if chinese else r"[:;]|[.!?]\s"
    return (
        width(title) <= _WIDEST
        and any(map(str.isalpha, title))
        and not title[0].islower()
        and title[-1] not in ".。!！;；,，:：、…"
        and re.search(inside, title) is None
        and (_STATES.search(title) is None or _ASKS.match(title) is not None)
        and (kind != "capitals" or _FIGURES.search(title) is None)
        and _DATE.fullmatch(title) is None
    )


def _is_outline(lines: Sequence[_Line], kind: str) -> bool:
    own = [at for at, line in enumerate(lines) if line.kind == kind]
    good = [at for at in own if lines[at].title and at + 1 < len(lines) and lines[at + 1].kind != kind]
    return len(good) >= _LEAST and len(good) >= _SHARE * len(own)
