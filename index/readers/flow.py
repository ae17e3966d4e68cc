"""Lines that were broken to fit a page or a window -> flowing text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, groupby, pairwise
from statistics import median

from index.readers.display import marked
from index.readers.paragraphs import Setting, flows, joined, settings
from index.readers.printed import Row
from index.readers.running import without_running_lines
from index.text import CJK, ITEM, join_broken, stack, width

_COLUMN = range(55, 131)
"""Widths at which people and editors wrap prose: verse, addresses and code are narrower, paragraphs wider."""
_ALONE = re.compile(r"^\s*(?:#{1,6} |[>|<]|---|===|\[[^\]]+\]: )|[{}]| = |\|.*\||\S\s{3,}\S")
"""A heading, a quotation, a tag, a table or code: never part of a flowing paragraph."""
_PAIR = re.compile(r"(?:[\w.-]+|[A-Z][^:.,;!?]{0,39}):\s|[\u3400-\u9fff][^：:，。；！？\s]{0,9}[：:]")
_FEWEST = 3
"""Line ends that show whether a text is broken at a width."""
_ENDED = ".!?:;。！？：；…"
_BULLET = re.compile(r"^[•●▪■◦·][ ]*")
_QUOTED = re.compile(r"^(?!>>>|>=|>\d)(?:>[ ]?)+")
_MAIL = re.compile(
    r"\bwrote:|写道|^[> ]*(?:From|Sent|Subject|发件人|发送时间|主题)[ ]*[:：]", re.IGNORECASE | re.MULTILINE
)
"""What a text with quotations of mails has; in others, "> 5 kg" is an amount."""


def reflow_pages(pages: Sequence[Sequence[str]]) -> Iterator[tuple[str, bool]]:
    """Pages of printed lines -> flowing text, and whether a page begins inside the paragraph before.

    A line break is the writer's own when the next word would still have fitted into the column, or
    when a blank line or a list item follows; where lines know their places, `index.readers.paragraphs` tells.
    What is printed as a heading gets its mark.
    """
    pages = marked(without_running_lines(pages))
    usual = median([width(line) for page in pages for line in _prose(page)] or [0])
    last = ""
    for page, set_as in zip(pages, settings(pages), strict=True):
        widths = sorted(map(width, _prose(page)))
        column = max([usual, *widths[len(widths) * 9 // 10 :][:1]])
        first = next(filter(None, page), "")
        inside = first[:1].islower() or (CJK.match(first) and width(first) > column / 2)
        goes_on = (
            last
            and inside
            and not (isinstance(first, Row) or isinstance(last, Row))
            and last[-1] not in ".!?:;。！？：；…"
            and not _is_own_break(last, first, column)
        )
        yield stack(_paragraphs(page, column, set_as)), bool(goes_on)
        last = next(filter(None, reversed(page)), "")


def _prose(page: Sequence[str]) -> list[str]:
    return [line for line in page if line and not isinstance(line, Row)]


def _paragraphs(lines: Sequence[str], column: float, set_as: Setting) -> list[str]:
    blocks: list[str] = []
    last = ""
    for at, line in enumerate(lines):
        if isinstance(line, Row) or isinstance(last, Row):
            if isinstance(last, Row) and isinstance(line, Row):
                blocks[-1] += f"\n{line}"
            elif line:
                blocks.append(line)
        elif last and line and _goes_on_in(lines, at - 1, column, set_as):
            blocks[-1] = joined(blocks[-1], line, set_as.spaced)
        elif line:
            blocks.append(_BULLET.sub("- ", line))
        last = line
    return blocks


def _goes_on_in(lines: Sequence[str], at: int, column: float, set_as: Setting) -> bool:
    """Whether line `at` goes on in the next one."""
    known = flows(lines, at, set_as)
    return known if known is not None else not _is_own_break(lines[at], lines[at + 1], column)


def _is_own_break(line: str, following: str, column: float) -> bool:
    word = following[0] if CJK.match(following) else " " + following.split(" ", 1)[0]
    room = column if line[-1] in ".!?。！？" else 0.85 * column  # letters differ in width
    return bool(ITEM.match(following)) or width(line) + width(word) <= room


def unquoted(text: str, mail: bool = False) -> str:
    """Text in which what mails quote flows like the rest, without the `>` before each line.

    Args:
        mail: whether it is known to be a mail.

    >>> unquoted("It is 40 euros.\\n\\nBen wrote:\\n> What is the fee?\\n>> Ask Anna.")
    'It is 40 euros.\\n\\nBen wrote:\\n\\nWhat is the fee?\\n\\nAsk Anna.'
    """
    if not (mail or _MAIL.search(text)):
        return unwrap(text)
    parts = []
    wrapped = is_wrapped("\n".join(_QUOTED.sub("", line) for line in text.split("\n")))
    for depth, lines in groupby(text.split("\n"), key=_depth):
        own = "\n".join(_QUOTED.sub("", line) if depth else line for line in lines)
        parts.append(unwrap(own, wrapped).strip("\n"))
    return "\n\n".join(filter(None, parts))


def _depth(line: str) -> int:
    found = _QUOTED.match(line)
    return found[0].count(">") if found else 0


def unwrap(text: str, wrapped: bool | None = None) -> str:
    """Hard-wrapped text, each paragraph of it on one line; all that the writer ended stays as it is.

    A line end inside a sentence would end the sentence for everything that reads the text.

    Args:
        wrapped: whether all its lines are known to be broken at a width; None: as the text shows.

    >>> unwrap("The pump in our house by the river has been shut down by\\nthe system.\\nWeight: 84 kg")
    'The pump in our house by the river has been shut down by the system.\\nWeight: 84 kg'
    """
    wrapped = is_wrapped(text) if wrapped is None else wrapped
    whole = (
        [_joined(one)] if len(one) > 1 and (wrapped or _breaks_off(one)) else one for one in _stretches(text)
    )
    return "\n".join(chain.from_iterable(whole))


def is_wrapped(text: str) -> bool:
    """Whether the lines of a text are broken at a width, by all those that show it."""
    stretches = [one for one in _stretches(text) if len(one) > 1]
    breaks = sum(len(one) - 1 for one in stretches)
    return breaks >= _FEWEST and sum(map(_shown, stretches)) * 3 >= breaks


def _stretches(text: str) -> Iterator[list[str]]:
    """Lines that may be one paragraph: nothing says that the writer ended one before its last."""
    lines = text.split("\n")
    inner = [width(line) for line, following in pairwise(lines) if line.strip() and following.strip()]
    usual = median(inner) if inner else 0
    for filled, group in groupby(lines, key=lambda line: bool(line.strip())):
        own = list(group)
        if not filled:
            yield from ([line] for line in own)
            continue
        widths = (width(line.rstrip()) for line in own)
        column = max([usual, *(wide for wide in widths if wide < _COLUMN.stop)])
        prose = _COLUMN.start <= column < _COLUMN.stop
        stretch: list[str] = []
        for line in own:
            if stretch and not (prose and _goes_on(stretch, line, column)):
                yield stretch
                stretch = []
            stretch.append(line)
        yield stretch


def _goes_on(stretch: list[str], following: str, column: float) -> bool:
    """Whether nothing says that the writer ended the last line of `stretch`."""
    last, words = stretch[-1], following.lstrip()
    item = bool(ITEM.match(last.lstrip()))
    indented_code = _indent(stretch[0]) > 3 and not (stretch[1:] or item or CJK.match(last.lstrip()))
    return not (
        _ALONE.search(last)
        or _ALONE.search(following)
        or last.endswith(("  ", "\\", ":", "："))
        or indented_code
        or _indent(following) > _indent(last) + 4 * item
        or _PAIR.match(words)
        or _is_own_break(last.rstrip(), words, column)
    )


def _breaks_off(stretch: Sequence[str]) -> bool:
    """Whether at least half of the lines show that they break off inside a sentence."""
    return _shown(stretch) * 2 >= len(stretch) - 1


def _shown(stretch: Sequence[str]) -> int:
    """How many lines break off inside a sentence: the next begins with a small letter.

    Chinese has no small letters; there, the stretch must end as a paragraph does.
    """
    if len(stretch) > 2 and all(line.lstrip()[:1].islower() for line in stretch):
        return 0  # commands, verse
    closes = stretch[-1].rstrip(" ”’」』）)")[-1:] in _ENDED
    return sum(
        line.rstrip()[-1] not in _ENDED
        and (words.lstrip()[0].islower() or bool(closes and CJK.match(words.lstrip())))
        for line, words in pairwise(stretch)
    )


def _joined(stretch: list[str]) -> str:
    """As by `join_broken`, but a hyphen stays: an editor breaks at those that are there and adds none."""
    first, *others = stretch
    words = [first.rstrip(), *(line.strip() for line in others)]
    text = ""
    for left, right in pairwise(words):
        text += left if re.search(r"\w-$", left) else join_broken(left, right).removesuffix(right)
    return text + words[-1]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
