"""Document -> passages, at heading and sentence borders, with exact offsets.

A passage never crosses a heading and never cuts a sentence, unless the sentence alone is longer than a
passage may be. A section that needs several passages is cut into parts of even length.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from index.language import sentences
from index.types import Document, Passage

HEADING = re.compile(r"^(#{1,6})[ \t]+(?!#*[ \t]*$)(\S.*?)(?:[ \t]+#+)?[ \t]*$", re.MULTILINE)
_CLAUSE = re.compile(r"[；;，、,:：)）]\s*|\s+")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SplitOptions:
    max_tokens: int = 240
    """Longest passage, in the generator's tokens: three of them, a question of 200 tokens and an answer
    of 64 fit gpt2-medium's window of 1,024."""


def split(
    document: Document, count_tokens: Callable[[str], int], options: SplitOptions | None = None
) -> list[Passage]:
    """Cut a document into passages.

    Args:
        count_tokens: text -> its length in the generator's tokens.

    Returns:
        Passages in order, ids 0, with `document.text[p.start:p.end] == p.text` for each. Every character
        that is neither white space nor part of a heading with text below it lies in exactly one of them.
    """
    limit = (options or SplitOptions()).max_tokens
    passages: list[Passage] = []
    for heading, start, end in _sections(document.text):
        pieces = list(_fit_sentences(document.text, start, end, count_tokens, limit))
        for first, last in _even_parts(pieces, limit):
            passages.append(
                Passage(
                    id=0,
                    document_id=document.id,
                    text=document.text[first:last],
                    start=first,
                    end=last,
                    page=bisect_right(document.pages, first) or 1 if document.pages else None,
                    heading=heading,
                )
            )
    return passages


def _sections(text: str) -> Iterator[tuple[str, int, int]]:
    """(heading path, start, end) of each stretch between headings; a heading with no text below counts."""
    path: list[tuple[int, str]] = []
    begin = 0
    for match in HEADING.finditer(text):
        yield " > ".join(title for _, title in path), begin, match.start()
        level = len(match.group(1))
        while path and path[-1][0] >= level:
            path.pop()
        following = HEADING.search(text, match.end())
        body = text[match.end() : following.start() if following else len(text)]
        if not body.strip() and (following is None or len(following.group(1)) <= level):
            yield " > ".join(title for _, title in path), match.start(2), match.end(2)
        path.append((level, match.group(2)))
        begin = match.end()
    yield " > ".join(title for _, title in path), begin, len(text)


def _fit_sentences(
    text: str, start: int, end: int, count_tokens: Callable[[str], int], limit: int
) -> Iterator[tuple[Span, int]]:
    """Sentences with their token counts; one over the limit is cut at clauses, then anywhere.

    What ends with a colon announces what follows, and stands with it where both fit.
    """
    held: tuple[Span, int] | None = None
    for sentence in sentences(text, start, end):
        tokens = count_tokens(text[slice(*sentence)])
        if held is not None:
            both = held[0][0], sentence[1]
            if (together := count_tokens(text[slice(*both)])) <= limit:
                sentence, tokens = both, together
            else:
                yield held
            held = None
        if tokens > limit:
            yield from _cut(text, sentence, tokens, count_tokens, limit)
        elif text[sentence[1] - 1] in ":：":
            held = sentence, tokens
        else:
            yield sentence, tokens
    if held is not None:
        yield held


def _cut(
    text: str, sentence: Span, tokens: int, count_tokens: Callable[[str], int], limit: int
) -> Iterator[tuple[Span, int]]:
    """Cut one over-long sentence into pieces of at most `limit` tokens, at clause borders if any."""
    begin, end = sentence
    step = max(1, (end - begin) * limit // (tokens + 1))
    while begin < end:
        stop = min(end, begin + step)
        if stop < end:
            borders = [m.end() for m in _CLAUSE.finditer(text, begin + step // 2, stop)]
            stop = borders[-1] if borders else stop
        while (count := count_tokens(text[begin:stop])) > limit and stop - begin > 1:
            stop = begin + max(1, (stop - begin) * limit // (count + 1))
        stripped = text[begin:stop]
        first = begin + len(stripped) - len(stripped.lstrip())
        last = stop - (len(stripped) - len(stripped.rstrip()))
        if first < last:
            yield (first, last), count
        begin = stop


def _even_parts(pieces: list[tuple[Span, int]], limit: int) -> Iterator[Span]:
    """Join neighbouring pieces into as few spans as the limit allows, of about even length."""
    # Joining adds the white space between two sentences: at most one token a character, and room for one.
    gaps = [max(1, after[0] - before[1]) for (before, _), (after, _) in pairwise(pieces)]
    left = sum(tokens for _, tokens in pieces) + sum(gaps)
    open_start: int | None = None
    open_end = used = 0
    for ((start, end), tokens), gap in zip(pieces, [0, *gaps], strict=False):
        parts = -(-left // limit)
        over = used + gap + tokens > limit
        if open_start is not None and (over or (parts > 1 and used + gap + tokens / 2 > left / parts)):
            yield open_start, open_end
            open_start = None
            left -= used + gap
        if open_start is None:
            open_start, used, gap = start, 0, 0
        open_end, used = end, used + gap + tokens
    if open_start is not None:
        yield open_start, open_end
