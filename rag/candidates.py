"""Possible answers: spans with the same words in one, weighed against each other."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from index.language import asked_terms, index_terms, search_terms
from rag.completed import completed
from rag.enumerations import whole_list
from rag.prompt import Prompt
from rag.redundant import redundant_end, redundant_start
from rag.search import Finished

_OR = re.compile(r"\bor\b|还是|或者?|哪一?个更")
"""A question that names its possible answers."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer stands: `document.text[start:end]` is the answer."""

    passage: int
    """Its number in `Prompt.included`."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible answer."""

    text: str
    places: tuple[Place, ...]
    """Everywhere it stands; the best supported comes first."""
    odds: float
    """Natural log of its probability over that of silence, in the reading that likes it best, with the
    prior of its passage."""
    logprob: float
    """Natural log of the probability of its words and then the end, there."""
    logprob_per_token: float
    first_logprob: float
    score: float
    """What candidates are ordered by, 0 to 1."""


def weigh(
    prompt: Prompt,
    finished: Sequence[tuple[Finished, float]],
    *,
    most: int,
    repeats: float,
    agreement: float,
) -> tuple[Candidate, ...]:
    """The best candidates of `finished` (each with its odds), ordered by how much agrees with each.

    A candidate's score is the expected overlap with the right answer if the odds were true: the sum
    over all candidates of their share of the probability times overlap (minimum Bayes risk, Kumar
    and Byrne 2004), mixed with its own share by `agreement`.

    Args:
        most: how many are given back.
        repeats: natural log units that an answer loses all of whose words stand in the question.
        agreement: weight of the overlap with the others, 0 to 1.
    """
    found = _merge(prompt, finished, repeats)[:most]
    top = max((one.odds for one in found), default=0.0)
    weights = [math.exp(one.odds - top) for one in found]
    bags = [_bag(one.text) for one in found]
    scored = []
    for one, own, bag in zip(found, weights, bags, strict=True):
        shared = sum(weight * overlap(bag, other) for weight, other in zip(weights, bags, strict=True))
        score = agreement * shared + (1 - agreement) * own
        scored.append(replace(one, score=score / sum(weights)))
    return tuple(sorted(scored, key=lambda one: one.score, reverse=True))


def overlap(one: Counter[str], other: Counter[str]) -> float:
    """F1 of the pieces that two answers share, 0 to 1.

    >>> overlap(Counter("abc"), Counter("abd"))
    0.6666666666666666
    """
    shared = (one & other).total()
    return 2 * shared / ((one.total() + other.total()) or 1)


def _bag(text: str) -> Counter[str]:
    """An answer's words; in Chinese, its characters."""
    terms = [piece for term in search_terms(text) for piece in ([term] if term.isascii() else term)]
    return Counter(terms or text)


def _merge(prompt: Prompt, finished: Sequence[tuple[Finished, float]], repeats: float) -> list[Candidate]:
    """One candidate for each text, best odds first, with all places where it was found."""
    merged: dict[str, Candidate] = {}
    asked, telling = set(search_terms(prompt.question)), set(asked_terms(prompt.question))
    for one, odds in finished:
        new = _candidate(prompt, one, odds, asked)
        terms = set(index_terms(new.text))
        if terms and terms <= telling and not _OR.search(prompt.question):
            new = replace(new, odds=new.odds - repeats)
        old = merged.get(new.text)
        merged[new.text] = replace(old, places=old.places + new.places) if old else new
    return sorted(merged.values(), key=lambda one: one.odds, reverse=True)


def _candidate(prompt: Prompt, one: Finished, odds: float, asked: set[str]) -> Candidate:
    parts = prompt.included
    at, start, end = one.places[0]
    text = parts[at].quotable[start:end]
    places = [Place(at, *parts[at].where(start, end)) for at, start, end in one.places]
    places.sort(key=lambda place: _support(prompt, place, asked), reverse=True)
    if extra := _number(parts[at].quotable, start, end, prompt.question):
        text, places = text[extra:], [replace(place, start=place.start + extra) for place in places]
    if extra := redundant_end(text, prompt.question):
        text, places = text[:-extra], [replace(place, end=place.end - extra) for place in places]
    mean = one.logprob / (one.tokens + 1)
    return Candidate(text, tuple(places), odds, one.logprob, mean, one.first, 0.0)


def _number(text: str, start: int, end: int, question: str) -> int:
    """Characters of a number that only counts the line which a span begins."""
    begins = start == 0 or text[start - 1] == "\n"
    return redundant_start(text[start:end], question) if begins else 0


def listed(prompt: Prompt, one: Candidate) -> Candidate:
    """The enumeration that begins a candidate's first place, in place of one of its items."""
    return _grown(prompt, one, whole_list)


def whole(prompt: Prompt, one: Candidate) -> Candidate:
    """The hours or the command of which a candidate's first place is a part."""
    return _grown(prompt, one, partial(completed, prompt.question))


def _grown(prompt: Prompt, one: Candidate, grow: Callable[[str, int, int], tuple[int, int]]) -> Candidate:
    place = one.places[0]
    part = prompt.included[place.passage]
    if place.start < part.start:
        return one  # a heading
    start, end = grow(part.text, place.start - part.start, place.end - part.start)
    if (start, end) == (place.start - part.start, place.end - part.start):
        return one
    start += _number(part.text, start, end, prompt.question)
    grown = Place(place.passage, part.start + start, part.start + end)
    return replace(one, text=part.text[start:end], places=(grown,))


def _support(prompt: Prompt, place: Place, asked: set[str]) -> int:
    """How many of the question's terms stand in the sentences around a place."""
    part = prompt.included[place.passage]
    origin = part.passage.start
    around = part.sentences_around(place.start, place.end)
    text = " ".join(part.passage.text[a - origin : b - origin] for a, b in around)
    return len(asked & set(search_terms(text)))
