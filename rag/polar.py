"""What a question that wants yes or no comes to: the word, where it is sure, or the sentence that tells.

A rule decides (rag/yesno.py), or the answer to the question asked the other way round (rag/reverse.py), or
the span reader, which has learnt to point at what decides such questions; of its words only sure ones are
taken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from index.language import CJK
from rag.asked import Ask, Asked, Conclusion, DecomposeOptions, Judge
from rag.candidates import Candidate, Place
from rag.compare import comparison
from rag.pointing import Pointed
from rag.polar_question import asks_yes_or_no, denies
from rag.prompt import Included
from rag.reverse import reversed_question
from rag.tables import is_row
from rag.yesno import decide, word_for

_MARK = re.compile(
    r"(?:[-*–•·][ ]*|\d+(?:\.\d+)+\.?[ ]+(?=[A-Z]|[\u4e00-\u9fff]{6})|\d+[.)、][ ]*|"
    r"[（(][一二三四五六七八九十\d]+[）)][ ]*)"
    rf"(?=[A-Z\"“《{CJK}])"
)
"""What begins an item of a list, or a numbered clause."""
_ASKS_FOR = re.compile("知道|告诉|提供|查一?下|说一?下")
"""你知道张伟的电话号码吗 wants the number."""
_LONGEST_SENTENCE = 400
"""Characters of a sentence that is given whole."""
_TELLS = -0.25, 0.28
"""Bias and slope: log-odds that what is pointed at decides the question, by those of the span.

Fitted on `benchmarks/handbooks/yes-no-asked-held-back.json` (docs/decisions/0029).
"""
_WORD_IS_RIGHT = 0.85
"""The share of its words that are right: 78 of 97 there and on a set like it, 85 of 90 in firms' folders."""


class Evidence(NamedTuple):
    """What the span reader points at as deciding a question."""

    odds: float
    """Natural log-odds that it does, against that the passage decides nothing."""
    place: Place


def needs_no_generator(question: str, pointed: Sequence[Pointed]) -> bool:
    """Whether what the span reader points at may answer a question by itself."""
    knows = bool(pointed) and pointed[0].yes is not None
    return (
        knows and asks_yes_or_no(question) and not _ASKS_FOR.search(question) and comparison(question) is None
    )


def yes_or_no(first: Asked, ask: Ask, judge: Judge, options: DecomposeOptions) -> Conclusion:
    """Yes or no in the question's language, or the sentence that tells.

    Args:
        first: the question as it is, asked already.
        ask: puts another question to the documents.
        judge: tells whether a text says yes or no.
    """
    sure = _by_rule(first) or _turned(first, ask, options)
    if sure is not None:
        return sure
    if _ASKS_FOR.search(first.question):
        return Conclusion(first.text, first.confidence, (first,))
    found = _evidence(first)
    if found is None and first.unread:
        first = ask(first.question)
    return (found and _judged(first, found, judge, options)) or _sentence(first, found)


def _by_rule(first: Asked) -> Conclusion | None:
    titles = {hit.passage.id: hit.title for hit in first.hits}
    parts = first.prompt.included
    names = [f"{titles.get(part.passage.id, '')}\n{part.title}".strip() for part in parts]
    told = decide(first.question, parts, names)
    return _said(first, told.says, told.place, told.confidence) if told else None


def _turned(first: Asked, ask: Ask, options: DecomposeOptions) -> Conclusion | None:
    """What the question says when it is asked the other way."""
    turned = reversed_question(first.question)
    if turned is None:
        return None
    step = ask(turned.ask)
    says = turned.compared(step.text) if step.text and step.confidence >= options.least else None
    return Conclusion(word_for(says, first.question), step.confidence, (step,)) if says else None


def _judged(first: Asked, found: Evidence, judge: Judge, options: DecomposeOptions) -> Conclusion | None:
    """Yes or no, where the sentence that decides says so by itself and the span reader is sure of both.

    It tells well where a question denies nothing.
    """
    if found.odds < options.pointed or denies(first.question):
        return None
    part = first.prompt.included[found.place.passage]
    place = _whole(part, found.place)
    yes = judge(first.question, part.title, part.text[place.start - part.start : place.end - part.start])
    if yes is None or -options.denied < yes < options.affirmed:
        return None
    return _said(first, "yes" if yes > 0 else "no", place, _WORD_IS_RIGHT * _logistic(*_TELLS, found.odds))


def _said(first: Asked, says: Literal["yes", "no"], place: Place, confidence: float) -> Conclusion:
    """A word that `place` says."""
    said = word_for(says, first.question)
    one = Candidate(said, (place,), 0.0, 0.0, 0.0, 0.0, 1.0)
    read = len(first.prompt.included)
    grounded = replace(first.grounded, candidates=(one,), confidence=confidence, read=read)
    return Conclusion(said, confidence, (replace(first, grounded=grounded),))


def _evidence(first: Asked) -> Evidence | None:
    """What the span reader points at in the passage that it is surest of; None: it has not learnt to."""
    parts = first.prompt.included
    told = [(one.best, at, one.span) for at, one in enumerate(first.pointed) if one.yes is not None]
    if not told:
        return None
    odds, at, span = max(told)
    # A token may begin with the line end above the passage.
    start, end = (parts[at].passage.start + max(0, place) for place in span)
    within = span[0] >= -1 and parts[at].start <= start < end <= parts[at].end
    return Evidence(odds, Place(at, start, end)) if within else None


def _sentence(first: Asked, found: Evidence | None) -> Conclusion:
    """The sentence that tells, or stands around the answer: "£2" is none to whether it is free."""
    direct = Conclusion(first.text, first.confidence, (first,))
    if found is not None:
        place, confidence = found.place, _logistic(*_TELLS, found.odds)
    elif first.best is not None and first.best.places:
        place, confidence = first.best.places[0], _that_it_tells(first.confidence)
    else:
        return direct
    part = first.prompt.included[place.passage]
    if found is None and part.line_at(place.start, place.end):  # a heading has no sentence
        return direct
    if found is None and is_row(part.text, place.start - part.start, place.end - part.start):
        return direct
    place = _whole(part, place)
    text = part.text[place.start - part.start : place.end - part.start]
    best = Candidate(text, (place,), 0.0, 0.0, 0.0, 0.0, 1.0)
    read = len(first.prompt.included) if found else first.grounded.read
    grounded = replace(first.grounded, candidates=(best,), confidence=confidence, read=read)
    return Conclusion(text, confidence, (replace(first, grounded=grounded),))


def _whole(part: Included, place: Place) -> Place:
    """A place with the rest of its sentences, without the mark of their list, where they are not too long."""
    around = part.sentences_around(place.start, place.end)
    if not around or around[-1][1] - around[0][0] > _LONGEST_SENTENCE:
        around = [(place.start, place.end)]
    start = min(place.start, around[0][0]) - part.start
    end = max(place.end, around[-1][1]) - part.start
    begins_line = start == 0 or part.text[start - 1] == "\n"
    mark = _MARK.match(part.text, start) if begins_line else None
    start = min(place.start - part.start, mark.end()) if mark else start
    text = part.text[start:end]
    start, end = start + len(text) - len(text.lstrip()), end - (len(text) - len(text.rstrip()))
    return Place(place.passage, part.start + start, part.start + end)


def _that_it_tells(confidence: float) -> float:
    """The probability that a sentence tells whether yes or no, from the confidence in its span as the answer.

    That readers are unsure which words of a sentence answer says little against the sentence. Fitted on 358
    questions of `benchmarks/handbooks/asked-again.json`, of which 153 are not answered (docs/log.md).

    >>> [round(_that_it_tells(one), 2) for one in (0.1, 0.31, 0.45, 0.8)]
    [0.19, 0.45, 0.59, 0.86]
    """
    held = min(max(confidence, 1e-6), 1 - 1e-6)
    return _logistic(0.55, 0.92, math.log(held / (1 - held)))


def _logistic(bias: float, slope: float, value: float) -> float:
    return 1 / (1 + math.exp(-(bias + slope * value)))
