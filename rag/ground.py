"""Answers held to the passages: each is a span of one of them or of a heading above it, or silence.

What a passage says, it can only be quoted saying: text in a document that pretends to be an
instruction can at worst be cited, never obeyed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rag.calibration import Calibration
from rag.candidates import Candidate, listed, weigh, whole
from rag.costs import CostOptions, Likeness, costs
from rag.enumerations import asks_for_several
from rag.generator import Generator
from rag.pointing import Joint, Pointed, PointingOptions
from rag.prompt import UNKNOWN, Prompt, one_by_one
from rag.search import Finished, Search, SearchOptions
from rag.spans import Borders, Path, paths, phrase, word_borders
from rag.tables import other_rows


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
    pointing: PointingOptions = field(default_factory=PointingOptions)
    """What a span reader's word is worth beside the generator's."""
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
    pointed: Sequence[Pointed] = (),
    least: float = 0.0,
    borders: Borders = word_borders,
) -> Grounded:
    """The spans of the prompt's passages that best answer its question.

    Args:
        priors: for each passage that is read alone, what is added to the odds of its spans; empty: nothing.
        likeness: for each passage, how much its sentences are like the question; empty: it is not known.
        pointed: for each passage that is read alone, what a span reader says of it; empty: there is none.
        least: answers of less confidence need not be found; a passage that promises none is not read.

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
    joint = Joint(prompt.included, pointed if options.apart else (), calibration, options.pointing)
    cost = joint.cost(costs(prompt.question, prompt.included, likeness, options.costs))
    found: list[tuple[Finished, float]] = []
    abstain, passes, read = 0.0, 0, len(prompt.included)
    best = calibration.odds(least) if least else -math.inf
    for group in _groups(len(prompts), options):
        if joint.hopeless(group.start, best):
            read = group.start
            break
        reading = generator.read(*(prompts[at] for at in group), then=silence.ids)
        forest = _forest(generator, prompt, group, options, borders, joint)
        own = joint.priors(priors, group) if options.apart else ()
        search = Search(reading, forest, silence, generator.stop_ids, own, cost, joint.least)
        floor = joint.found(best)
        found += [(one, joint.odds(search.odds(one))) for one in search.run(options.search, floor)]
        abstain, passes = min(abstain, *search.silence), passes + search.passes
        best = max((odds for _, odds in found), default=best)
        if calibration.confidence(best) >= options.sure:
            read = group.stop if options.apart else read
            break
    found.sort(key=lambda one: one[1], reverse=True)
    candidates = weigh(
        prompt, found, most=options.candidates, repeats=options.repeats, agreement=options.agreement
    )
    if not candidates:  # none as good as was wanted
        return replace(SILENT, passes=passes, read=read)
    first = whole(prompt, candidates[0])
    if asks_for_several(prompt.question):
        first = listed(prompt, first)
    candidates = (first, *candidates[1:])
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
    generator: Generator,
    prompt: Prompt,
    group: range,
    options: GroundOptions,
    borders: Borders,
    joint: Joint,
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

    def wanted(which: int, start: int, stops: set[int]) -> set[int]:
        return joint.wanted(group[which], start, stops) if options.apart else stops

    spans = paths(
        generator.tokenise,
        texts,
        longest=options.longest,
        room=options.room,
        borders=meant,
        wanted=wanted,
    )
    if not options.apart:
        return [spans]
    forest: list[list[Path]] = [[] for _ in texts]
    for path in spans:
        forest[path.passage].append(replace(path, passage=group[path.passage]))
    return forest
