"""Questions that no passage answers by itself, answered in steps that one passage each answers.

A small reader joins nothing: it reads one passage at a time. So a question that describes a thing instead of
naming it is asked in two steps (rag/nested.py), one that compares two things is asked for each of them
(rag/compare.py), and what is to be counted is asked for by name (rag/counts.py). The steps' answers are
spans of passages as any other, and each is cited.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from index.language import entity_key, fold, has_cjk
from rag.asked import Ask, Asked, Compute, Conclusion, DecomposeOptions, Judge, Known, Lead
from rag.candidates import Place
from rag.compare import comparison
from rag.comparing import compare, told
from rag.counts import SURE, Counted, states_a_number, to_be_counted
from rag.directory import is_a_name, is_an_office, is_half_way, names_wanted
from rag.enumerations import items
from rag.nested import described, takes_two
from rag.parts import two_parts
from rag.polar import yes_or_no
from rag.polar_question import asks_yes_or_no
from rag.somebody import Described, told_before
from rag.tables import is_row

_HALF = 0.3
"""Confidence at most of an answer that has nothing of what is asked for."""
_NOUN = 2
"""Characters of a Chinese noun: 工厂, 客户, 部门."""


def in_steps(
    first: Asked,
    ask: Ask,
    known: Known,
    options: DecomposeOptions,
    compute: Compute = lambda _: None,
    lead: Lead = lambda _: None,
    judge: Judge = lambda *_: None,
    skim: Ask | None = None,
) -> Conclusion:
    """The direct answer, or a better one by way of others.

    Args:
        first: the question as it is, asked already.
        ask: puts another question to the documents.
        known: an entity need not be asked for.
        compute: what tables come to.
        lead: to the question with what a table has of the row that it names.
        judge: tells whether a text says yes or no.
        skim: as `ask`, but for answers that can be built on alone (`options.least`), which is quicker.
    """
    direct = Conclusion(first.text, first.confidence, (first,))
    if not options.most:
        return direct
    if is_half_way(first.question, first.text):
        first = replace(first, grounded=replace(first.grounded, confidence=min(first.confidence, _HALF)))
        direct = Conclusion(first.text, first.confidence, (first,))
    ask = _remembered(ask)
    computed = compute(first)
    if computed is not None and first.unread:
        first = ask(first.question)
    compared = comparison(first.question)
    if computed is not None and (compared is not None or _is_less_sure(first, computed)):
        return computed
    if compared is not None:
        return compare(compared, ask, options) or told(compared, direct)
    if asks_yes_or_no(first.question):
        return yes_or_no(first, ask, judge, options)
    counted = to_be_counted(first.question)
    if counted is not None and not _says_how_many(first, options):
        found = _counted(counted, ask, options)
        if found is not None:
            return found
    skim = _remembered(skim) if skim is not None else ask
    looking = _with_tables(skim, compute)
    if found := _both(first, looking, options) or _by_name(first, skim, options):
        return found
    twice = takes_two(first.question)
    sure = first.confidence >= options.sure and not twice
    if sure and not _is_described(first):
        return direct
    steps = _resolved(first, looking, known, options)
    if len(steps) < 2:
        return direct if sure else _led(first, ask, compute, lead) or direct
    end = Conclusion(steps[-1].text, min(step.confidence for step in steps), tuple(steps))
    halfway = fold(first.text) in {fold(step.text) for step in steps[:-1]}  # it answered the first step only
    if sure and not (halfway and end.confidence >= options.least and fold(end.text) != fold(first.text)):
        return direct
    better = halfway or end.confidence > direct.confidence or (twice and end.confidence >= options.sure)
    return end if end.text and better else direct


def _both(first: Asked, ask: Ask, options: DecomposeOptions) -> Conclusion | None:
    """Both parts of a question that asks for somebody and then on about that one."""
    parts = two_parts(first.question)
    if parts is None:
        return None
    who = ask(parts.ask)
    if not is_a_name(who.text) or who.confidence < options.least:
        return None
    more = ask(parts.named(who.text))
    if not more.text or more.confidence < options.least or fold(more.text) == fold(who.text):
        return None
    if parts.only_then:
        return Conclusion(more.text, min(who.confidence, more.confidence), (who, more))
    mark = "，" if has_cjk(who.text) else "; "
    return Conclusion(f"{who.text}{mark}{more.text}", min(who.confidence, more.confidence), (who, more))


def _by_name(first: Asked, ask: Ask, options: DecomposeOptions) -> Conclusion | None:
    """Who holds the office that was found, where a question wants a name."""
    question = names_wanted(first.question, first.text)
    if question is None or first.confidence < options.least:
        return None
    step = ask(question)
    if not is_a_name(step.text) or step.confidence < options.least:
        return None
    return Conclusion(step.text, min(first.confidence, step.confidence), (first, step))


def _with_tables(ask: Ask, compute: Compute) -> Ask:
    """Steps are answered by a cell, too, where that counts more than what was read."""

    def asked(question: str) -> Asked:
        step = ask(question)
        computed = compute(step)
        if computed is None or len(computed.steps) > 1 or not _is_less_sure(step, computed):
            return step
        return computed.steps[0]

    return asked


def _led(first: Asked, ask: Ask, compute: Compute, lead: Lead) -> Conclusion | None:
    """What is told of a cell of the row that the question names."""
    way = lead(first)
    if way is None:
        return None
    row, question = way
    step = ask(question)
    computed = compute(step)
    steps = computed.steps if computed is not None and _is_less_sure(step, computed) else (step,)
    place = steps[-1].best.places[0] if steps[-1].best and steps[-1].best.places else None
    if place is None:
        return None
    part = steps[-1].prompt.included[place.passage]
    told_of = fold(f"{part.title}\n{part.passage.heading}\n{part.text}")
    confidence = min(one.confidence for one in (row, *steps))
    if fold(row.text) not in told_of or confidence <= first.confidence:
        return None
    return Conclusion(steps[-1].text, confidence, (row, *steps))


def _is_less_sure(first: Asked, computed: Conclusion) -> bool:
    """Whether what was computed counts more.

    A reader that took a cell has compared it with no other row; what leads to the answer is half of the way.
    """
    if len(computed.steps) > 1 and fold(first.text) == fold(computed.steps[0].text):
        return True
    place = first.best.places[0] if first.best and first.best.places else None
    part = first.prompt.included[place.passage] if place else None
    cell = part and place and is_row(part.text, place.start - part.start, place.end - part.start)
    return bool(cell) or computed.confidence > first.confidence


def _is_described(first: Asked) -> bool:
    """Whether an answer is what the question describes: "Linhai plant" to who leads the plant which ..."""
    words = fold(first.text).split()
    things = [fold(one.thing) for one in described(first.question)] if words else []
    last = words[-1] if words else ""
    if has_cjk(last):
        return any(thing.endswith(last[-_NOUN:]) for thing in things)
    return any(last in thing.split() for thing in things)


def _says_how_many(first: Asked, options: DecomposeOptions) -> bool:
    """By a number, or surely in another way; a list, however sure, is there to be counted."""
    if first.confidence < options.least:
        return False
    return states_a_number(first.text) or (first.confidence >= options.sure and len(items(first.text)) < 2)


def _counted(counted: Counted, ask: Ask, options: DecomposeOptions) -> Conclusion | None:
    """How many things a list in the documents names."""
    step = ask(counted.ask)
    if step.best is None or step.confidence < options.least or not step.best.places:
        return None
    number = counted.number(step.text, _around(step, step.best.places[0]))
    return Conclusion(number, min(step.confidence, SURE), (step,)) if number else None


def _around(step: Asked, place: Place) -> str:
    """The sentences that a place is in and the one before, with their heading and title."""
    part = step.prompt.included[place.passage]
    if line := part.line_at(place.start, place.end):
        return f"{part.title}\n{line.text}"
    said = part.sentences_around(place.start, place.end, before=1)
    text = part.text[said[0][0] - part.start : said[-1][1] - part.start] if said else part.text
    title = next((hit.title for hit in step.hits if hit.passage.id == part.passage.id), "")
    return f"{title}\n{part.passage.heading}\n{part.title}\n{text}"


def _resolved(first: Asked, ask: Ask, known: Known, options: DecomposeOptions) -> list[Asked]:
    """The steps to a question's answer; none when nothing in it could be resolved.

    Where one description leads to no answer, another is tried: of "the transducers of the F-30" a name may be
    known of which nothing more is said, and "the supplier of the transducers of the F-30" be known as well.
    """
    best: list[Asked] = []

    def leads_on(step: Asked, part: Described) -> bool:
        if not _names(step, part, options):
            return False
        # No way is surer than its weakest step; but a first answer may turn out to be only half of the way.
        return step.confidence > first.confidence or fold(step.text) == fold(first.text)

    for part in described(first.question):
        steps = _chain(part, frozenset([first.question]), ask, known, leads_on, options.most)
        if steps and (not best or steps[-1].confidence > best[-1].confidence):
            best = steps
        if best and best[-1].text and best[-1].confidence >= options.least:
            break
    return best


def _remembered(ask: Ask) -> Ask:
    """Each question is put once."""
    answers: dict[str, Asked] = {}

    def again(question: str) -> Asked:
        if question not in answers:
            answers[question] = ask(question)
        return answers[question]

    return again


def _chain(
    part: Described,
    put: frozenset[str],
    ask: Ask,
    known: Known,
    leads_on: Callable[[Asked, Described], bool],
    most: int,
) -> list[Asked]:
    """A description asked for, then what else it takes, and the question with names in place of all of it."""
    if part.ask in put or known(entity_key(part.thing)):
        return []
    step = ask(part.ask)
    question = part.named(step.text)
    if not leads_on(step, part) or question in put:
        return []
    put |= {part.ask, question}
    for other in described(question) if most > 1 else ():
        if rest := _chain(other, put, ask, known, leads_on, most - 1):
            return [step, *rest]
    return [step, ask(question)]


def _names(step: Asked, part: Described, options: DecomposeOptions) -> bool:
    """Whether a step's answer is a name that may stand for what was described."""
    text = step.text
    if step.confidence < options.least or not text or fold(text) in fold(part.thing):
        return False
    if has_cjk(text) or any(mark.isupper() or mark.isdigit() for mark in text):
        return True
    return part.ask.removeprefix(told_before(part.ask)).startswith("Who ") and is_an_office(text)
