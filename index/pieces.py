"""Texts too long for a model, read in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from index.extraction import Extraction, Source
from index.types import Mention

LONGEST_TEXT = 20_000
"""Characters that a model reads at once; memory grows with it, and spaCy refuses a million."""


def in_pieces(
    extract: Callable[[Sequence[Source]], list[Extraction]], items: Sequence[Source]
) -> list[Extraction]:
    """`extract` over `items`, those that are too long cut at sentence ends and joined again."""
    if all(len(item.text) <= LONGEST_TEXT for item in items):
        return extract(items)
    pieces = [(i, at, piece) for i, item in enumerate(items) for at, piece in _pieces(item)]
    found = extract([piece for _, _, piece in pieces])
    parts: list[list[Extraction]] = [[] for _ in items]
    for (i, at, _), own in zip(pieces, found, strict=True):
        parts[i].append(own.shifted(at))
    return [
        Extraction(
            tuple(m for part in own for m in part.mentions),
            tuple(f for part in own for f in part.facts),
            tuple(a for part in own for a in part.aliases),
        )
        for own in parts
    ]


def _pieces(item: Source) -> Iterator[tuple[int, Source]]:
    start = 0
    while start < len(item.text) or start == 0:
        end = _cut(item.text, start, item.given)
        own = tuple(
            replace(m, start=m.start - start, end=m.end - start)
            for m in item.given
            if start <= m.start and m.end <= end
        )
        yield start, replace(item, text=item.text[start:end], given=own)
        if end >= len(item.text):
            return
        start = end


def _cut(text: str, start: int, given: Sequence[Mention]) -> int:
    """Where the piece from `start` ends: after a sentence, else at white space, else at full length."""
    end = start + LONGEST_TEXT
    if end >= len(text):
        return len(text)
    tail = text[end - 2_000 : end]
    places = [max(tail.rfind(mark) for mark in marks) for marks in ("\n", ".!?。！？", " \t\u3000")]
    cut = next((end - 2_000 + place + 1 for place in places if place >= 0), end)
    over = [m.start for m in given if m.start < cut < m.end and m.start > start]
    return min(over, default=cut)
