"""A question with what is right to find for it; whether a passage is that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.language import CJK, fold
from index.types import Hit, Passage

_BESIDE_CJK = re.compile(f"(?<=[{CJK}]) | (?=[{CJK}])")


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that has to be found: a passage of one of `documents` that holds one of `words`."""

    words: tuple[str, ...] = ()
    """As `plain` writes them; empty: any passage of the documents."""
    documents: frozenset[str] = frozenset()
    """Ids; empty: any document."""

    def met_by(self, passage: Passage) -> bool:
        if self.documents and passage.document_id not in self.documents:
            return False
        return not self.words or any(holds(plain(passage.text), word) for word in self.words)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what an ideal search finds."""

    id: str
    text: str
    kind: str
    """What it is counted under, such as "two passages"."""
    needs: tuple[Need, ...]
    """One or more; the question is answered in full when each is met."""
    answer: str = ""
    """For a person who reads the report."""


def ranks(needs: Sequence[Need], hits: Sequence[Hit]) -> tuple[int | None, ...]:
    """For each need the place, counted from 1, of the first hit that meets it; None when none does."""
    return tuple(
        next((place for place, hit in enumerate(hits, 1) if need.met_by(hit.passage)), None) for need in needs
    )


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Folded, white space as single spaces and none beside a Chinese character.

    >>> plain("Ｂ－２００ \\n 水泵 Pump")
    'b-200水泵pump'
    """
    return _BESIDE_CJK.sub("", " ".join(fold(text).split()))


def holds(text: str, words: str) -> bool:
    """Whether `words` stand in `text` as whole words and whole numbers; both as `plain` writes them.

    >>> holds("sold 14 pumps in 2014.", "14"), holds("in 2014", "14"), holds("1,400 pumps", "1")
    (True, False, False)
    """
    at = text.find(words)
    while at >= 0:
        end = at + len(words)
        if not (_joined(text, at - 1, at, -1) or _joined(text, end, end - 1, 1)):
            return True
        at = text.find(words, at + 1)
    return False


def _joined(text: str, outside: int, inside: int, step: int) -> bool:
    """Whether the characters on both sides of a border belong to one word or one number."""
    if not 0 <= outside < len(text) or not _is_word(text[inside]):
        return False
    if _is_word(text[outside]):
        return True
    beyond = outside + step
    between_digits = text[outside] in ".," and text[inside].isdigit()
    return between_digits and 0 <= beyond < len(text) and text[beyond].isdigit()


def _is_word(char: str) -> bool:
    """Chinese is written without borders: there, any place may be one."""
    return char.isalnum() and re.match(f"[{CJK}]", char) is None
