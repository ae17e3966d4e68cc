"""Free answers: the model writes, and each sentence that it wrote is compared with what it read.

No model judges here. A sentence counts as supported where a few sentences of the passages hold its
telling words, all of its numbers and names, and a denial exactly if it denies. So it is strict with
other words for the same thing, and cannot see that words are the same but tied otherwise ("A sued
B", "B sued A"): it says where to look, not that something is true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from index.language import (
    CJK,
    FUNCTION_WORDS,
    asked_terms,
    fold,
    has_cjk,
    index_terms,
    search_terms,
    sentences,
)
from rag.candidates import Place
from rag.decoding import GenerateOptions
from rag.generator import Generator
from rag.prompt import UNKNOWN, Included, Prompt
from rag.write import write

STOPS = ("\nPassage ", "\nQuestion:")
"""A model that does not end its answer goes on with the next lines of the prompt's form: they are cut."""

_MOST_EVIDENCE = 3
"""Sentences that may support one sentence together."""
_UNIT = re.compile(rf"[{CJK}]|[^\W{CJK}]+")
_PARTICLES = re.compile("[的了是在和与及也都就而并被把]")
_NUMBER = re.compile(r"\d+(?:[.:/-]\d+)*|[〇零一二三四五六七八九十百千万亿两]{2,}")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_NAME = re.compile(r"\b(?=\w*[A-Z])[A-Za-z]\w*(?:[ -](?=\w*[A-Z])[A-Za-z]\w*)*")
"""Words with a capital in a row: the first of a sentence, too, is often who or what it is about."""
_DENIAL = re.compile(
    r"\b(?:not?|never|none|nobody|nothing|neither|nor|without|cannot|\w+n['’]t)\b"
    "|不(?!锈|同|仅|但|断|少)|没|未(?!来)|无(?!锡|线)|非(?!常|洲)"
)
_POSSESSIVE = re.compile(r"['’]s?\b")


@dataclass(frozen=True, slots=True)
class FreeOptions:
    """How a free answer is written and when a sentence of it counts as supported."""

    room: int = 128
    """Tokens in an answer at most; what a prompt must leave free in the window."""
    support: float = 0.75
    """Share of a sentence's telling words that its evidence must hold, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Tied:
    """A sentence of an answer with its evidence."""

    text: str
    supported: bool
    support: float
    """0 to 1: the share of its telling words that the evidence holds; 0 where a number or name is missing."""
    weight: int
    """How many telling words it has."""
    places: tuple[Place, ...]
    """In each supporting sentence the longest stretch that the answer repeats; empty if not supported."""


def speak(generator: Generator, prompt: Prompt, options: FreeOptions | None = None) -> Iterator[str]:
    """The answer as the model writes it, greedily, in whole characters, without white space around it.

    Nothing at all comes where the model is silent or says that it does not know. White space and
    what may become such a phrase is held back until it is certain. How easily a reader falls silent its
    calibration says: silence weighs here what it weighs where answers are held to the passages.
    """
    options = options or FreeOptions()
    held, begun = "", False
    silence = (generator.encode(" " + UNKNOWN)[0], generator.calibration.least_odds)
    asked = GenerateOptions(max_length=options.room, begin=(silence,))
    for piece in write(generator, prompt.ids, asked, STOPS):
        held += piece
        if not begun:
            held = held.lstrip()
            if held.startswith(UNKNOWN):
                return
            begun = not UNKNOWN.startswith(held)
        certain = held.rstrip() if begun else ""
        if certain:
            yield certain
            held = held[len(certain) :]
    if not begun and held.rstrip(" .\n") and held.rstrip(" .\n") != UNKNOWN.rstrip("."):
        yield held.rstrip()


def tie(
    text: str, question: str, included: Sequence[Included], options: FreeOptions | None = None
) -> list[Tied]:
    """Each sentence of `text` with the sentences of the passages that support it.

    Of sentences that support it alike, those win that hold more of the question's words, then
    those that stand earlier.
    """
    options = options or FreeOptions()
    asked = set(asked_terms(question)) if question.strip() else set()
    shown = [
        _Shown(number, part.start + a, part.start + b, _said(part.text[a:b]), part.text[a:b])
        for number, part in enumerate(included)
        for a, b in sentences(part.text)
    ]
    return [_tie(text[a:b], shown, asked, options.support) for a, b in sentences(text)]


def confidence(tied: Sequence[Tied]) -> float:
    """How much of an answer is supported, 0 to 1, each sentence by its telling words. Not a probability."""
    total = sum(one.weight for one in tied)
    return sum(one.weight * one.support for one in tied if one.supported) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class _Said:
    """What a sentence says, in sets."""

    terms: frozenset[str]
    numbers: frozenset[str]
    names: tuple[frozenset[str], ...]
    """Each name's terms."""
    denies: bool

    def foreign(self, other: _Said) -> frozenset[str]:
        """The terms of names in here of which `other` holds nothing."""
        return frozenset().union(*(name for name in self.names if not name & other.terms))


@dataclass(frozen=True, slots=True)
class _Shown:
    """A sentence that the generator read: `document.text[start:end] == text`."""

    passage: int
    start: int
    end: int
    said: _Said
    text: str

    @property
    def units(self) -> str:
        """Its words and Chinese characters, folded, with a space between."""
        return " ".join(map(fold, _UNIT.findall(self.text)))


def _said(text: str) -> _Said:
    folded = _THOUSANDS.sub("", fold(text))
    told = _POSSESSIVE.sub(" ", _PARTICLES.sub(" ", _DENIAL.sub(" ", folded)))
    return _Said(
        terms=_telling(told),
        numbers=frozenset(_NUMBER.findall(folded)),
        names=tuple(filter(None, (_telling(name) for name in _NAME.findall(text)))),
        denies=_DENIAL.search(folded) is not None,
    )


def _telling(text: str) -> frozenset[str]:
    return frozenset(index_terms(" ".join(term for term in search_terms(text) if term not in FUNCTION_WORDS)))


def _tie(text: str, shown: Sequence[_Shown], asked: set[str], least: float) -> Tied:
    said = _said(text)
    weight = len(said.terms)
    whole = _verbatim(text, said, shown, asked)
    if whole is not None:
        return Tied(text, True, 1.0, weight, (_place(text, whole),))
    chosen: list[_Shown] = []
    support = 0.0
    while weight and len(chosen) < _MOST_EVIDENCE:
        best = _best_next(said, shown, chosen, asked)
        if best is None:
            break
        chosen.append(best)
        support = _support(said, chosen)
        if support >= least:
            places = tuple(_place(text, one) for one in chosen)
            return Tied(text, True, support, weight, places)
    return Tied(text, False, support, weight, ())


def _verbatim(text: str, said: _Said, shown: Sequence[_Shown], asked: set[str]) -> _Shown | None:
    """The sentence that holds all of `text` word for word, and no other number or denial by it.

    Terms alone cannot tell: those of a short Chinese answer ("8个") are cut otherwise in a sentence.
    """
    units = " ".join(map(fold, _UNIT.findall(text)))
    fitting = [
        one
        for one in shown
        if units and f" {units} " in f" {one.units} " and said.numbers <= one.said.numbers
        if said.terms and said.denies == one.said.denies
    ]
    return max(fitting, key=lambda one: len(asked & one.said.terms), default=None)


def _best_next(
    said: _Said, shown: Sequence[_Shown], chosen: Sequence[_Shown], asked: set[str]
) -> _Shown | None:
    """The sentence that adds most to `chosen`; None: nothing adds anything."""
    had = {term for one in chosen for term in one.said.terms}

    def adds(one: _Shown) -> tuple[int, int]:
        held = (said.terms & one.said.terms) - had
        must = [*said.numbers & one.said.numbers, *(name for name in said.names if name & held)]
        return len(held) and len(held) + len(must), len(asked & one.said.terms)

    fitting = [
        one for one in shown if adds(one)[0] and all(_linked(said, one, other) for other in chosen[:1])
    ]
    return max(fitting, key=adds, default=None)


def _linked(said: _Said, one: _Shown, first: _Shown) -> bool:
    """Whether two sentences may support `said` together; words picked from anywhere support nothing.

    They may if both name the same third ("The B-200 is made in Lisbon", "Maria Lopez leads
    Lisbon"), or if they stand in one passage and neither names anything else ("Acme was founded in
    2009. It sells pumps."): a sentence about Bolt says nothing about Acme. Chinese has no capitals
    to tell by, so there one sentence must do.
    """
    foreign, others = one.said.foreign(said), first.said.foreign(said)
    if foreign or others:
        return bool(foreign & others)
    return one.passage == first.passage and not has_cjk(one.text)


def _support(said: _Said, chosen: Sequence[_Shown]) -> float:
    """Share of the sentence's terms in `chosen`; 0 where a number or a name is missing, or one denies."""
    terms = frozenset().union(*(one.said.terms for one in chosen))
    numbers = frozenset().union(*(one.said.numbers for one in chosen))
    if said.numbers - numbers or frozenset().union(*said.names) - terms:
        return 0.0
    if said.denies != any(one.said.denies for one in chosen):
        return 0.0
    return len(said.terms & terms) / len(said.terms)


def _place(text: str, one: _Shown) -> Place:
    """The longest stretch of a supporting sentence that `text` repeats word for word; else all of it."""
    theirs = list(_UNIT.finditer(one.text))
    match = SequenceMatcher(
        None, [fold(unit.group()) for unit in theirs], [fold(unit) for unit in _UNIT.findall(text)], False
    ).find_longest_match()
    if not match.size:
        return Place(one.passage, one.start, one.end)
    begin, end = theirs[match.a].start(), theirs[match.a + match.size - 1].end()
    if not _said(one.text[begin:end]).terms:
        return Place(one.passage, one.start, one.end)
    return Place(one.passage, one.start + begin, one.start + end)
