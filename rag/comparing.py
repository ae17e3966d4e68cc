"""Two things compared by what the documents say of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.asked import Ask, Asked, Conclusion, DecomposeOptions
from rag.comparatives import compares
from rag.compare import Comparison, decided, names_one

AGREED = 0.45
"""Confidence of a comparison of two values of one measure, at the least."""
GUESSED = 0.3
"""And at most, of a name that is given where no values could be compared and no sentence compares them."""


def compare(compared: Comparison, ask: Ask, options: DecomposeOptions) -> Conclusion | None:
    """What the values of the two come to, asked for one by one; None where they cannot be compared."""
    asked = [_surest(questions, ask, options) if questions else None for questions in compared.asks]
    steps = [step for step in asked if step is not None]
    text = decided(compared, [step.text if step else "" for step in asked])
    weakest, surest = (least(step.confidence for step in steps) for least in (min, max))
    if text is None or weakest < options.agreed or surest < options.least:
        return None
    return Conclusion(text, max(weakest, AGREED) if len(steps) > 1 else weakest, tuple(steps))


def told(compared: Comparison, direct: Conclusion) -> Conclusion:
    """The direct answer, where a sentence may say it; a third thing is none, and a bare name is a guess."""
    step = direct.steps[0]
    if step.best is None or not names_one(compared, direct.text):
        return replace(direct, confidence=0.0)
    if not step.best.places:
        return direct
    place = step.best.places[0]
    part = step.prompt.included[place.passage]
    said = part.sentences_around(place.start, place.end)
    text = part.text[said[0][0] - part.start : said[-1][1] - part.start] if said else ""
    return direct if compares(text) else replace(direct, confidence=min(direct.confidence, GUESSED))


def _surest(questions: Sequence[str], ask: Ask, options: DecomposeOptions) -> Asked:
    """The answer to the first of `questions` that has a sure one, else the surest of all."""
    steps: list[Asked] = []
    for question in questions:
        steps.append(ask(question))
        if steps[-1].confidence >= options.sure:
            break
    return max(steps, key=lambda step: step.confidence)
