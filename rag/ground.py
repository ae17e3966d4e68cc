"""Answers held to the passages: each is a span of one of them or of a heading above it, or silence.

What a passage says, it can only be quoted saying: text in a document that pretends to be an
instruction can at worst be cited, never obeyed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from index.language import asked_terms, index_terms, search_terms
from rag.calibration import Calibration
from rag.costs import CostOptions, Likeness, costs
from rag.enumerations import asks_for_several, whole_list
from rag.generator import Generator
from rag.prompt import UNKNOWN, Prompt, one_by_one
from rag.redundant import redundant_end
from rag.search import Finished, Search, SearchOptions
from rag.spans import Borders, Path, paths, phrase, word_borders
from rag.tables import other_rows

_OR = re.compile(r"\bor\b|还是|或者?|哪一?个更")
"""A question that names its possible answers."""


@dataclass(frozen=True, slots=True)
class GroundOptions:
    """How an answer is looked for and when it is given."""

    apart: bool = True
    """Read each passage alone and let their answers compete, instead of all in one prompt.

    EM / F1, three passages, best first, 200 questions each: English 69.5 / 79.3 against 65.5 / 74.5
    in one prompt, Chinese 47.0 / 64.1 against 42.0 / 59.0. (With the best passage last, one prompt
    is as good in English and no better in Chinese. docs/log.md, 2026-11-23.)
    """
    sure: float = 0.6
    """Passages are read in their order until an answer has this confidence; 1: all are read, at once.

    Of 307 questions in four sets exact match and F1 were those of all three from odds between .7 and 1.35
    on (confidences of .56 and .65), where 2.1 to 2.7 are read (docs/log.md, 2026-11-26).
    """
    longest: int = 160
    """Characters in an answer at most."""
    room: int = 64
    """Tokens in an answer at most; what a prompt must leave free in the window."""
    candidates: int = 10
    """How many answers are weighed against each other and given back."""
    repeats: float = 1.5
    """Natural log units that an answer loses all of whose words stand in the question.

    At 1 to 4, EM / F1 of 115 Chinese questions 45.2 / 67.0 -> 46.1 / 67.5, of 50 English 54.0 / 64.6 ->
    54.0 / 63.7 (docs/log.md, 2026-11-26).
    """
    costs: CostOptions = field(default_factory=CostOptions)
    """What else an answer loses: its type, its sentence, no reason given to why."""
    agreement: float = 0.5
    """Weight of a candidate's overlap with the others against its own probability, 0 to 1."""
    threshold: float | None = None
    """An answer is given from this confidence on; None: the calibration's."""
    calibration: Calibration | None = None
    """None: the generator's."""
    search: SearchOptions = field(default_factory=SearchOptions)

    def least(self, generator: Generator) -> float:
        """The confidence from which an answer of this generator is given."""
        own = self.calibration or generator.calibration
        return own.threshold if self.threshold is None else self.threshold


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


@dataclass(frozen=True, slots=True)
class Grounded:
    """What the passages say to a question."""

    candidates: tuple[Candidate, ...]
    """Best first; empty only where no passage was given."""
    abstain_probability: float
    """Of silence by the model, 0 to 1; of several readings, in the one least given to it."""
    confidence: float
    """0 to 1: the estimated probability that the first candidate is right."""
    abstained: bool
    passes: int
    """Forward passes after the prompts were read."""
    read: int = 0
    """Passages that were read; those behind them were not needed."""


SILENT = Grounded((), 1.0, 0.0, True, 0)


def ground(
    generator: Generator,
    prompt: Prompt,
    options: GroundOptions | None = None,
    *,
    priors: Sequence[float] = (),
    likeness: Sequence[Likeness] = (),
    borders: Borders = word_borders,
) -> Grounded:
    """The spans of the prompt's passages that best answer its question.

    Args:
        priors: for each passage that is read alone, what is added to the odds of its spans; empty: nothing.
        likeness: for each passage, how much its sentences are like the question; empty: it is not known.

    Raises:
        ValueError: a prompt leaves less than `options.room` tokens of the window.
    """
    options = options or GroundOptions()
    calibration = options.calibration or generator.calibration
    if not prompt.included:
        return SILENT
    prompts = one_by_one(generator, prompt) if options.apart else [list(prompt.ids)]
    _check_room(generator, prompts, options.room)
    silence = phrase(generator.encode(" " + UNKNOWN), len(UNKNOWN))
    cost = costs(prompt.question, prompt.included, likeness, options.costs)
    found: list[tuple[Finished, float]] = []
    abstain, passes, best, read = 0.0, 0, -math.inf, len(prompt.included)
    for group in _groups(len(prompts), options):
        reading = generator.read(*(prompts[at] for at in group), then=silence.ids)
        forest = _forest(generator, prompt, group, options, borders)
        own = [priors[at] for at in group] if priors and options.apart else ()
        search = Search(reading, forest, silence, generator.stop_ids, own, cost)
        found += [(one, search.odds(one)) for one in search.run(options.search, best)]
        abstain, passes = min(abstain, *search.silence), passes + search.passes
        best = max((odds for _, odds in found), default=best)
        if calibration.confidence(best) >= options.sure:
            read = group.stop if options.apart else read
            break
    found.sort(key=lambda one: one[1], reverse=True)
    candidates = weigh(prompt, found, options)
    if not candidates:
        return replace(SILENT, passes=passes, read=read)
    if asks_for_several(prompt.question):
        candidates = (_listed(prompt, candidates[0]), *candidates[1:])
    confidence = calibration.confidence(candidates[0].odds)
    return Grounded(
        candidates, math.exp(abstain), confidence, confidence < options.least(generator), passes, read
    )


def _check_room(generator: Generator, prompts: Sequence[Sequence[int]], room: int) -> None:
    left = generator.window - max(len(ids) for ids in prompts)
    if left < room:
        raise ValueError(f"the prompt leaves {left} tokens of the window, not {room}")


def _groups(count: int, options: GroundOptions) -> list[range]:
    """Which prompts are read together: each by itself where the first that is sure ends it."""
    return [range(at, at + 1) for at in range(count)] if options.sure < 1 else [range(count)]


def _forest(
    generator: Generator, prompt: Prompt, group: range, options: GroundOptions, borders: Borders
) -> list[list[Path]]:
    """For each prompt of a group the spans that may follow it."""
    parts = [prompt.included[at] for at in group] if options.apart else prompt.included
    texts = [part.quotable for part in parts]
    bodies = {part.quotable: part for part in parts}

    def meant(text: str) -> set[int]:
        own = bodies[text]
        document = own.passage.document_id
        beside = [
            one.text for one in prompt.included if one is not own and one.passage.document_id == document
        ]
        others = other_rows(own.text, prompt.question, beside)
        return {at for at in borders(text) if not any(a <= at < b for a, b in others)}

    spans = paths(generator.tokenise, texts, longest=options.longest, room=options.room, borders=meant)
    if not options.apart:
        return [spans]
    forest: list[list[Path]] = [[] for _ in texts]
    for path in spans:
        forest[path.passage].append(replace(path, passage=group[path.passage]))
    return forest


def weigh(
    prompt: Prompt, finished: Sequence[tuple[Finished, float]], options: GroundOptions
) -> tuple[Candidate, ...]:
    """The best candidates of `finished` (each with its odds), ordered by how much agrees with each.

    A candidate's score is the expected overlap with the right answer if the odds were true: the sum
    over all candidates of their share of the probability times overlap (minimum Bayes risk, Kumar
    and Byrne 2004), mixed with its own share by `options.agreement`.
    """
    found = _merge(prompt, finished, options.repeats)[: options.candidates]
    top = max((one.odds for one in found), default=0.0)
    weights = [math.exp(one.odds - top) for one in found]
    bags = [_bag(one.text) for one in found]
    scored = []
    for one, own, bag in zip(found, weights, bags, strict=True):
        shared = sum(weight * overlap(bag, other) for weight, other in zip(weights, bags, strict=True))
        score = options.agreement * shared + (1 - options.agreement) * own
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
    if extra := redundant_end(text, prompt.question):
        text, places = text[:-extra], [replace(place, end=place.end - extra) for place in places]
    mean = one.logprob / (one.tokens + 1)
    return Candidate(text, tuple(places), odds, one.logprob, mean, one.first, 0.0)


def _listed(prompt: Prompt, one: Candidate) -> Candidate:
    """The enumeration that begins a candidate's first place, in place of one of its items."""
    place = one.places[0]
    part = prompt.included[place.passage]
    if place.start < part.start:
        return one  # a heading
    start, end = whole_list(part.text, place.start - part.start, place.end - part.start)
    if (start, end) == (place.start - part.start, place.end - part.start):
        return one
    whole = Place(place.passage, part.start + start, part.start + end)
    return replace(one, text=part.text[start:end], places=(whole,))


def _support(prompt: Prompt, place: Place, asked: set[str]) -> int:
    """How many of the question's terms stand in the sentences around a place."""
    part = prompt.included[place.passage]
    origin = part.passage.start
    around = part.sentences_around(place.start, place.end)
    text = " ".join(part.passage.text[a - origin : b - origin] for a, b in around)
    return len(asked & set(search_terms(text)))
