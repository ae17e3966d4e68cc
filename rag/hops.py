"""Questions that need two passages: one tells which thing is meant, the other says something of it.

The thing itself is never named. "What is the City of the supplier of the F-30?": one passage says who
supplies it, another where that supplier sits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from index.browse import passages_with
from index.language import language
from index.store import Store
from index.types import Mention
from rag.needs import Need, Question, holds, plain
from rag.phrases import Span, asked_for, joined, kept, thing
from rag.sources import Said, Source, read_sources, targets

TWO_PASSAGES = "two passages"
_HUB = 8
"""An entity in more passages than this says nothing certain about any of them."""
_TRIES = 3
"""Sentences, entities and other passages that are tried, each."""


@dataclass(frozen=True, slots=True)
class _Clue:
    """What a passage says of an entity, without its name."""

    words: str
    said: str
    """The sentence or row that says so."""
    wanted: str = ""
    """The question word, where the clue leaves something open."""
    answer: str = ""
    whole: bool = False
    """Whether the words say what kind of thing it is, as a column's name does."""


def two_passages(store: Store, first: Source, random: Random) -> Question | None:
    """A question whose first passage is `first`; None where nothing in it leads on.

    The passage that it leads to has the entity as its title or heading, as the subject of a fact, or in the
    sentence that is asked about.
    """
    for entity in _bridges(first, random):
        ids = passages_with(store, entity, _HUB + 1)
        others = [i for i in ids if i != first.passage.id]
        if not others or len(ids) > _HUB:
            continue
        # Another document first: that is what a person has to look up twice for.
        found = random.sample(read_sources(store, others), len(others))
        found.sort(key=lambda other: other.passage.document_id == first.passage.document_id)
        for second in found[:_TRIES]:
            if made := _made(first, second, entity, random):
                return made
    return None


def _bridges(first: Source, random: Random) -> list[str]:
    """Entities that the passage names beside others; those of its facts come first."""
    objects = {fact.object for fact in first.facts}
    named = sorted(
        {m.entity for m in first.mentions if m.start < m.end and m.kind != "DATE" and len(m.entity) > 1}
    )
    named = random.sample(named, len(named))
    return sorted(named, key=lambda entity: entity not in objects)[: 2 * _TRIES]


def _made(first: Source, second: Source, entity: str, random: Random) -> Question | None:
    for clue in _descriptions(first, entity, random):
        for asked in _openings(second, entity, random):
            apart = not holds(plain(first.passage.text), plain(asked.said))
            apart = apart and not holds(plain(second.passage.text), plain(clue.said))
            if (
                apart
                and language(clue.said) == language(asked.said)
                and not holds(plain(clue.words), plain(asked.answer))
            ):
                name = f"{TWO_PASSAGES} {first.passage.id}-{second.passage.id}"
                needs = (Need((plain(clue.said),)), Need((plain(asked.said),)))
                text = _text(clue, asked, thing(first.kind(entity), language(clue.said)))
                return Question(name, text, TWO_PASSAGES, needs, asked.answer)
    return None


def _text(clue: _Clue, asked: _Clue, called: str) -> str:
    if language(clue.said) == "zh":
        described = clue.words if clue.whole else f"{clue.words}的那个{called}"
        return f"{described}，{asked.words}是{asked.wanted}？"
    described = clue.words if clue.whole else f"{called} of {clue.words}"
    is_the = "is the " if asked.whole else ""
    return f"{asked.wanted} {is_the}{asked.words} of the {described}?"


def _descriptions(source: Source, entity: str, random: Random) -> Iterator[_Clue]:
    """The entity as the object of a fact, else by the words around it; another name is always among them."""
    for fact in source.facts:
        if fact.object == entity and plain(fact.subject) not in plain(entity):
            subject = source.name(fact.subject)
            tongue = language(source.words(fact))
            words = f"{subject}的{fact.relation}" if tongue == "zh" else f"{fact.relation} of {subject}"
            if not source.column(fact):
                words = joined([subject, fact.relation])
            yield _Clue(words, source.words(fact), whole=source.column(fact))
    for sentence, mentions in source.sentences(random)[:_TRIES]:
        others = [m for m in mentions if m.entity != entity and m.kind != "DATE"]
        if others and any(m.entity == entity for m in mentions):
            words_kept = kept(sentence, random, _places((sentence, mentions), entity))
            if len(words_kept) > 1:
                yield _Clue(joined(words_kept), sentence.text)


def _openings(source: Source, entity: str, random: Random) -> Iterator[_Clue]:
    """What is said of the entity with one thing left out: the object of a fact, a name or number."""
    facts = [fact for fact in source.facts if fact.subject == entity]
    for fact in random.sample(facts, len(facts)):
        answer = source.name(fact.object)
        if plain(fact.object) not in plain(entity) and plain(entity) not in plain(fact.object):
            column, tongue = source.column(fact), language(source.words(fact))
            wanted = asked_for("OTHER" if column else source.kind(fact.object), tongue)
            yield _Clue(fact.relation, source.words(fact), wanted, answer, column)
    titled = any(m.kind == "TITLE" and m.entity == entity for m in source.mentions)
    for sentence, mentions in source.sentences(random):
        own = _places((sentence, mentions), entity)
        if not titled and not own:
            continue  # about something else
        open_ = [target for target in targets((sentence, mentions)) if target[0] not in own]
        for span, kind in random.sample(open_, min(len(open_), 1)):
            words = kept(sentence, random, [span, *own], most=2)
            if words:
                wanted = asked_for(kind, sentence.language)
                yield _Clue(joined(words), sentence.text, wanted, sentence.text[slice(*span)])


def _places(said: Said, entity: str) -> list[Span]:
    """Where a sentence names an entity, as a mention or letter for letter."""
    sentence, mentions = said
    own: list[Mention] = [m for m in mentions if m.entity == entity]
    names = {entity, *(m.text for m in own)}
    literal = [m.span() for n in names for m in re.finditer(re.escape(n), sentence.text, re.IGNORECASE)]
    return sorted({*((m.start, m.end) for m in own), *literal})
