"""Answers held to the passages: every answer is a span of one of them, or silence.

What a passage says, it can only be quoted saying: text in a document that pretends to be an
instruction can at worst be cited, never obeyed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.generator import Generator
from rag.prompt import UNKNOWN, Prompt
from rag.search import Finished, Search, SearchOptions
from rag.spans import Borders, paths, phrase, word_borders

_PIECES = re.compile(r"[a-z0-9]+|[^\W_]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GroundOptions:
    """How an answer is looked for and when it is given."""

    longest: int = 160
    """Characters in an answer at most."""
    room: int = 64
    """Tokens in an answer at most; what the prompt must leave free in the window."""
    candidates: int = 10
    """How many answers are weighed against each other and given back."""
    agreement: float = 1.0
    """Weight of a candidate's overlap with the others against its own probability, 0 to 1."""
    threshold: float = 0.5
    """An answer is given from this confidence on."""
    search: SearchOptions = field(default_factory=SearchOptions)


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
    """Everywhere it stands; the one that fits the question best comes first."""
    probability: float
    """Of these words and then the end, by the model, 0 to 1."""
    logprob_per_token: float
    first_logprob: float
    score: float
    """What candidates are ordered by."""


@dataclass(frozen=True, slots=True)
class Grounded:
    """What the passages say to a question."""

    candidates: tuple[Candidate, ...]
    """Best first; empty only where no passage was in the prompt."""
    abstain_probability: float
    """Of saying that the passages do not say it, by the model, 0 to 1."""
    confidence: float
    """0 to 1: the estimated probability that the first candidate is right."""
    abstained: bool
    passes: int
    """Forward passes after the prompt was read."""


def ground(
    generator: Generator,
    prompt: Prompt,
    options: GroundOptions | None = None,
    *,
    borders: Borders = word_borders,
) -> Grounded:
    """The spans of the prompt's passages that best answer its question.

    Raises:
        ValueError: the prompt leaves less than `options.room` tokens of the window.
    """
    options = options or GroundOptions()
    texts = [part.text for part in prompt.included]
    if len(prompt.ids) + options.room > generator.window:
        raise ValueError(f"the prompt leaves {generator.window - len(prompt.ids)} tokens, not {options.room}")
    silence = phrase(generator.encode(" " + UNKNOWN), len(UNKNOWN), number=-1)
    spans = paths(generator.tokenise, texts, longest=options.longest, room=options.room, borders=borders)
    search = Search(generator.read(prompt.ids), [silence, *spans], generator.stop_ids)
    finished = search.run(options.search, first=[silence])
    abstain = sum(math.exp(one.logprob) for one in finished if one.places[0][0] < 0)
    candidates = weigh(prompt, [one for one in finished if one.places[0][0] >= 0], options)
    confidence = estimate(candidates, abstain)
    return Grounded(candidates, abstain, confidence, confidence < options.threshold, search.passes)


def weigh(prompt: Prompt, finished: Sequence[Finished], options: GroundOptions) -> tuple[Candidate, ...]:
    """The best candidates, ordered by how much of the probability agrees with each.

    A candidate's score is the expected overlap with the right answer if the model's probabilities
    were true: the sum over all candidates of probability times overlap (minimum Bayes risk,
    Kumar and Byrne 2004).
    """
    found = [_candidate(prompt, one) for one in finished[: options.candidates]]
    weights = [one.probability for one in found]
    bags = [Counter(_pieces(one.text)) for one in found]
    total = sum(weights) or 1.0
    scored = []
    for own, one in enumerate(found):
        shared = sum(weight * overlap(bags[own], bag) for weight, bag in zip(weights, bags, strict=True))
        score = options.agreement * shared + (1 - options.agreement) * one.probability
        scored.append(_with_score(one, score / total))
    return tuple(sorted(scored, key=lambda one: -one.score))


def estimate(candidates: Sequence[Candidate], abstain: float) -> float:
    """Confidence in the first candidate, 0 to 1."""
    if not candidates:
        return 0.0
    best = candidates[0]
    return best.probability / (best.probability + abstain + 1e-9)


def overlap(one: Counter[str], other: Counter[str]) -> float:
    """F1 of the words (in Chinese, characters) that two answers share, 0 to 1."""
    shared = (one & other).total()
    return 2 * shared / ((one.total() + other.total()) or 1)


def _pieces(text: str) -> list[str]:
    return _PIECES.findall(text.lower()) or list(text)


def _with_score(one: Candidate, score: float) -> Candidate:
    return Candidate(one.text, one.places, one.probability, one.logprob_per_token, one.first_logprob, score)


def _candidate(prompt: Prompt, one: Finished) -> Candidate:
    parts = prompt.included
    places = [
        Place(which, parts[which].start + start, parts[which].start + end) for which, start, end in one.places
    ]
    places.sort(key=lambda place: -_support(prompt, place))
    passage = parts[places[0].passage].passage
    text = passage.text[places[0].start - passage.start : places[0].end - passage.start]
    probability = math.exp(one.logprob)
    return Candidate(text, tuple(places), probability, one.logprob / (one.tokens + 1), one.first, probability)


def _support(prompt: Prompt, place: Place, reach: int = 80) -> int:
    """How many of the question's words stand within `reach` characters of a place."""
    passage = prompt.included[place.passage].passage
    start, end = place.start - passage.start, place.end - passage.start
    around = passage.text[max(0, start - reach) : end + reach]
    return len(set(_pieces(prompt.question)) & set(_pieces(around)))
