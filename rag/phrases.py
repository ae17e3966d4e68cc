"""Words for made questions: what of a sentence may stay, how a thing is asked for, in both languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor
from random import Random

from index.language import CJK, fold, has_cjk, search_terms

KEPT = 0.4
"""Share of a sentence's content words that a question keeps at most."""

Span = tuple[int, int]

_WORD = re.compile(f"[^\\W_{CJK}]+(?:[-'’.&·/][^\\W_{CJK}]+)*")
_CJK_RUN = re.compile(f"[{CJK}]+")
_PARTICLES = re.compile("[的了和与及或等把被将在是也都就并其之于以由对该此这那每应须可请]")
_LONGEST_PIECE = 4
"""Characters of Chinese that are taken or left together."""
_FUNCTION = frozenset(
    """a about after all also an and any are as at be been before being between both but by can could did do
    does during each for from had has have he her him his how if in into is it its may more most must no not
    of on one only or other our out over she should so some such than that the their them then there these
    they this those through to under until up was we were what when where which while who whom whose why will
    with within without would you your""".split()  # noqa: SIM905 - as in index/language.py
)

_ASKED = {
    "en": {"PERSON": "Who", "PLACE": "Where", "DATE": "When", "NUMBER": "How many or how much"},
    "zh": {"PERSON": "谁", "PLACE": "哪里", "DATE": "什么时候", "NUMBER": "多少"},
}
_THING = {
    "en": {"PERSON": "person", "ORG": "organisation", "PLACE": "place", "PRODUCT": "product", "WORK": "work"},
    "zh": {"PERSON": "人", "ORG": "机构", "PLACE": "地方", "PRODUCT": "产品", "WORK": "作品"},
}


def asked_for(kind: str, language: str) -> str:
    """The question word for a mention's kind, or for "NUMBER"."""
    return _ASKED[language].get(kind, "What" if language == "en" else "什么")


def thing(kind: str, language: str) -> str:
    """What stands for an entity whose name is not said."""
    return _THING[language].get(kind, "thing" if language == "en" else "事物")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with the places of the names in it; offsets are the sentence's own."""

    text: str
    language: str
    names: tuple[Span, ...]


def content(sentence: Sentence, without: Sequence[Span] = ()) -> list[Span]:
    """Spans of names and content words in order, none that touches one of `without`.

    >>> s = Sentence("The B-200 is made in the Linhai plant.", "en", ((25, 31),))
    >>> [s.text[a:b] for a, b in content(s, [(4, 9)])]
    ['made', 'Linhai', 'plant']
    """
    taken = list(without)
    found: list[Span] = []
    for span in sorted(sentence.names, key=lambda s: (s[0] - s[1], s[0])):
        if not _touches(span, taken):
            found.append(span)
            taken.append(span)
    words = [m.span() for m in _WORD.finditer(sentence.text) if fold(m.group()) not in _FUNCTION]
    found += [span for span in [*words, *_chinese_pieces(sentence.text)] if not _touches(span, taken)]
    return sorted(found)


def _touches(span: Span, others: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def _chinese_pieces(text: str) -> list[Span]:
    """Stretches of Chinese between particles, at most a few characters long."""
    pieces: list[Span] = []
    for run in _CJK_RUN.finditer(text):
        borders = [
            run.start() - 1,
            *(run.start() + m.start() for m in _PARTICLES.finditer(run.group())),
            run.end(),
        ]
        for left, right in pairwise(borders):
            for start in range(left + 1, right, _LONGEST_PIECE):
                piece = (start, min(start + _LONGEST_PIECE, right))
                pieces += [piece] if piece[1] - piece[0] > 1 else []
    return pieces


def kept(sentence: Sentence, random: Random, without: Sequence[Span], most: int = 6) -> list[str]:
    """Some of a sentence's content words: at most `KEPT` of all its content, a name first of all.

    Function words are gone, and the words may begin in the middle: a question is no copy of its answer.

    Args:
        without: spans that the question may not give away, wherever else their words stand.
        most: how many at most.
    """
    told = {fold(sentence.text[a:b]) for a, b in without}
    pool = [span for span in content(sentence, without) if fold(sentence.text[slice(*span)]) not in told]
    room = floor(KEPT * sum(map(_size, (sentence.text[a:b] for a, b in content(sentence)))))
    named = [span for span in pool if span in sentence.names]
    order = random.sample(named, len(named))[:1]
    order += [span for span in random.sample(pool, len(pool)) if span not in order]
    chosen: list[Span] = []
    for span in order:
        size = _size(sentence.text[slice(*span)])
        if size <= room and len(chosen) < most:
            chosen.append(span)
            room -= size
    chosen.sort()
    turn = random.randrange(len(chosen)) if chosen else 0
    return [sentence.text[a:b] for a, b in chosen[turn:] + chosen[:turn]]


def _size(text: str) -> int:
    """Search terms of a piece: its words, its pairs of Chinese characters."""
    return max(1, len(search_terms(text)))


def joined(words: Sequence[str]) -> str:
    """Words side by side, with a space except between Chinese characters.

    >>> joined(["每年", "B-200", "检查"]), joined(["foot", "bolts"])
    ('每年B-200检查', 'foot bolts')
    """
    text = ""
    for word in words:
        apart = text and not (has_cjk(text[-1]) or has_cjk(word[0]))
        text += (" " if apart else "") + word
    return text
