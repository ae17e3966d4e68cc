"""Which stretches of a text may be an answer, and their tokens. Pure but for the tokenizer."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from rag.decoding import Tokens

NOWHERE = -1
Borders = Callable[[str], Collection[int]]
"""Text -> the offsets at which an answer may begin or end."""
Wanted = Callable[[int, int, set[int]], set[int]]
"""Number of a text, an offset where an answer may begin and those where it may end -> those worth a look."""

_CJK = re.compile(r"[\u2e80-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_PAIRS = dict(zip(")）]】}》」』”’〉", "(（[【{《「『“‘〈", strict=True))
_BRACKETS = {*_PAIRS, *_PAIRS.values()}
_NOT_FIRST = set(",.;:!?，。；：！？、…·—)）]】}》」』”’〉%％")
_NOT_LAST = set(",;:!?，。；：！？、…·—([（【{《「『“‘〈")
_LABEL = re.compile(r"(?:^|[\n;；]|[-*•·](?= ))[ \t]*[^\s:：;；|#][^:：;；.。?!\n]{0,39}(?:：|:(?=[ \t]))")
"""Label and colon, as `Price: 40` and rows of tables have them: no answer runs from one into its value."""
_EMPTY = re.compile(r"[-‐–—―−－/／._~*…\s]+")
"""What stands in a cell of a table that holds nothing."""
_JOINERS = set(".,:'’")
"""Marks that hold two digits together."""

_AMOUNT_BEFORE = re.compile(r"\d[^\d\s，。；、]{0,4}$")


@dataclass(frozen=True, slots=True)
class Path:
    """One way through the tokens of " " + text[start:]: it may stop after some of them."""

    passage: int
    """Which of the texts, or `NOWHERE`."""
    start: int
    ids: tuple[int, ...]
    ends: tuple[int, ...]
    """After each token: the offset in the text where an answer that stops there ends; -1: it cannot."""


def word_borders(text: str) -> set[int]:
    """Offsets between words; in Chinese and Japanese, between characters. Never inside a character.

    >>> sorted(word_borders("a 3.5 kW泵站"))
    [0, 1, 2, 5, 6, 8, 9, 10]
    """
    inner = {at for at in range(1, len(text)) if not _joined(text, at)}
    return inner | {0, len(text)}


def paths(
    tokenise: Callable[[Sequence[str]], list[Tokens]],
    texts: Sequence[str],
    *,
    longest: int,
    room: int,
    borders: Borders = word_borders,
    wanted: Wanted = lambda text, start, stops: stops,
) -> list[Path]:
    """Every span of `texts` that may be an answer, those of one beginning in one path.

    A span whose last character shares a token with the next one gets a path of its own, so that
    every span is read in the tokens that training gives it.

    Args:
        longest: characters in a span at most.
        room: tokens in a span at most.
    """
    spans = [
        (which, start, some)
        for which, text in enumerate(texts)
        for start, stops in _spans(text, longest, borders)
        if (some := wanted(which, start, stops))
    ]
    found = tokenise([" " + texts[which][start : max(stops)] for which, start, stops in spans])
    made: list[Path] = []
    rest: list[tuple[int, int, int]] = []
    for (which, start, stops), tokens in zip(spans, found, strict=True):
        ends = [start + end - 1 if start + end - 1 in stops else -1 for end in tokens.ends]
        made.append(_path(which, start, tokens.ids, ends, room))
        rest += [(which, start, stop) for stop in stops.difference(ends)]
    alone = tokenise([" " + texts[which][start:stop] for which, start, stop in rest])
    for (which, start, stop), tokens in zip(rest, alone, strict=True):
        if len(tokens.ids) <= room:
            made.append(_path(which, start, tokens.ids, [-1] * (len(tokens.ids) - 1) + [stop], room))
    return [path for path in made if any(end >= 0 for end in path.ends)]


def phrase(ids: Sequence[int], length: int) -> Path:
    """A phrase of `length` characters that may be said though no text holds it."""
    return Path(NOWHERE, 0, tuple(ids), (-1,) * (len(ids) - 1) + (length,))


def _path(which: int, start: int, ids: Sequence[int], ends: Sequence[int], room: int) -> Path:
    last = max((at for at, end in enumerate(ends[:room]) if end >= 0), default=-1)
    return Path(which, start, tuple(ids[: last + 1]), tuple(ends[: last + 1]))


def _spans(text: str, longest: int, borders: Borders) -> Iterable[tuple[int, set[int]]]:
    """Each offset where an answer may begin, with those where it may end."""
    marks = sorted(set(borders(text)) & word_borders(text))
    lasts = [at for at in marks if at and not text[at - 1].isspace() and text[at - 1] not in _NOT_LAST]
    brackets = [at for at, mark in enumerate(text) if mark in _BRACKETS]
    breaks = {at for at, mark in enumerate(text) if mark in "\n；"}
    lines = sorted(breaks | {m.end() - 1 for m in _LABEL.finditer(text)})
    for start in marks:
        if start < len(text) and not text[start].isspace() and text[start] not in _NOT_FIRST:
            line = bisect_left(lines, start)
            end = min([start + longest, len(text), *lines[line : line + 1]])
            stops = _stops(text, start, end, lasts, brackets)
            if _EMPTY.match(text[start]):
                stops = {stop for stop in stops if not _EMPTY.fullmatch(text, start, stop)}
            if stops:
                yield start, stops


def _stops(text: str, start: int, end: int, lasts: Sequence[int], brackets: Sequence[int]) -> set[int]:
    """Of `lasts`, the ends of spans that begin at `start`, none behind `end`: brackets closed."""
    stops: set[int] = set()
    open_: list[str] = []
    number = bisect_left(brackets, start)
    while True:
        at = min([end, *brackets[number : number + 1]])
        if not open_:
            stops.update(lasts[bisect_right(lasts, start) : bisect_right(lasts, at)])
        if at == end or not _balance(open_, text[at]):
            return stops
        start, number = at, number + 1


def _balance(open_: list[str], mark: str) -> bool:
    """Follow brackets in `open_`; False where one closes that was not opened."""
    if mark in _PAIRS.values():
        open_.append(mark)
    elif mark in _PAIRS and mark != "’":
        if not open_ or open_[-1] != _PAIRS[mark]:
            return False
        open_.pop()
    elif mark == "’" and open_ and open_[-1] == "‘":
        open_.pop()
    return True


def _joined(text: str, at: int) -> bool:
    """Whether the characters before and after offset `at` belong together."""
    left, right = text[at - 1], text[at]
    if _extends(right) or left == "\u200d":
        return True
    if left.isdigit() and right in _JOINERS and text[at + 1 : at + 2].isdigit():
        return True
    if left in _JOINERS and right.isdigit() and text[at - 2 : at - 1].isdigit():
        return True
    if left == "方" and right in "可能" and _AMOUNT_BEFORE.search(text, 0, at - 1):
        return True  # 不低于0.5兆欧方可送电: the amount has no 方 in it
    return _is_letter(left) and _is_letter(right)


def _is_letter(mark: str) -> bool:
    return (mark.isalnum() or mark == "_" or _extends(mark)) and not _CJK.match(mark)


def _extends(mark: str) -> bool:
    """Whether a character is drawn onto the one before it."""
    return (
        unicodedata.category(mark)[0] == "M" or mark in "\u200d\u200c" or "\U0001f3fb" <= mark <= "\U0001f3ff"
    )
