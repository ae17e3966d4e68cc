"""Questions made from the collection itself, by no language model, whose right passages are known.

One passage: a fact, a definition, a sentence with a name or a number taken out, or a heading. Two passages:
see `rag.hops`. Made questions share words with their passages, which favours full text; those with two
passages run along the graph's own entities, which favours the graph.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random

from index.browse import passage_ids
from index.language import language
from index.store import Store
from rag.hops import two_passages
from rag.needs import Need, Question, plain
from rag.phrases import Sentence, Span, asked_for, joined, kept
from rag.sources import Source, read_sources, targets

_BATCH = 64
_MOST_LOOKED_AT = 40
"""Passages looked at for one question that is wanted."""
_HEADINGS = 0.15
"""How often a heading is asked for first; else it is what is left where nothing better can be made."""
_DEFINED = {
    "en": re.compile(r"^([^,.;:]{2,60}?) (?:is|are|was|were|means|refers to) (?:an?|the) "),
    "zh": re.compile(r"^([^，。；：、]{2,20}?)(?:是指|指的是|是一|是)"),
}

Maker = Callable[[Source, Random], tuple[str, str, str] | None]
"""(source, random) -> (question, the words that answer it, the answer)."""


def make_questions(store: Store, count: int = 100, seed: int = 0) -> list[Question]:
    """At most `count` questions, half of them with two passages where the collection has such.

    The same collection and seed give the same questions. A passage gives one question of each sort at most;
    the cost is that of the passages looked at, not of the collection.
    """
    random = Random(seed)
    one: list[Question] = []
    two: list[Question] = []
    for source in _looked_at(store, random, count * _MOST_LOOKED_AT):
        if len(two) >= count // 2 and len(one) >= count - len(two):
            break
        if len(two) < count // 2 and (made := two_passages(store, source, random)):
            two.append(made)
        if len(one) < count and (made := _one_passage(source, random)):
            one.append(made)
    return two + one[: count - len(two)]


def _looked_at(store: Store, random: Random, most: int) -> Iterator[Source]:
    """Passages in random order, read a batch at a time."""
    ids = passage_ids(store)
    ids = random.sample(ids, min(len(ids), most))
    for first in range(0, len(ids), _BATCH):
        yield from read_sources(store, ids[first : first + _BATCH])


def _one_passage(source: Source, random: Random) -> Question | None:
    kinds = random.sample(["fact", "definition", "sentence"], 3)
    kinds.insert(0 if random.random() < _HEADINGS else 3, "heading")
    for kind in kinds:
        if made := _MAKERS[kind](source, random):
            text, words, answer = made
            kind = "sentence" if kind == "definition" else kind
            return Question(f"{kind} {source.passage.id}", text, kind, (Need((plain(words),)),), answer)
    return None


def _from_fact(source: Source, random: Random) -> tuple[str, str, str] | None:
    for fact in random.sample(source.facts, min(len(source.facts), 5)):
        words, subject, wanted = source.words(fact), source.name(fact.subject), source.name(fact.object)
        if plain(subject) in plain(wanted) or plain(wanted) in plain(subject):
            continue
        tongue = language(subject + fact.relation)
        asked = asked_for(source.kind(fact.object), tongue)
        if tongue == "zh":
            text = f"{subject}{'的' if source.column(fact) else ''}{fact.relation}是{asked}？"
        elif source.column(fact):
            text = f"What is the {fact.relation} of {subject}?"
        else:
            text = f"{asked}: {subject} {fact.relation}?"
        return text, words, wanted
    return None


def _from_definition(source: Source, random: Random) -> tuple[str, str, str] | None:
    for sentence, _ in source.sentences(random):
        defined = _DEFINED[sentence.language].match(sentence.text)
        if defined and (asked := _asked(sentence, random, defined.span(1), "OTHER")):
            return asked, sentence.text, defined.group(1)
    return None


def _from_sentence(source: Source, random: Random) -> tuple[str, str, str] | None:
    for sentence, mentions in source.sentences(random):
        open_ = targets((sentence, mentions))
        for span, kind in random.sample(open_, min(len(open_), 2)):
            if asked := _asked(sentence, random, span, kind):
                return asked, sentence.text, sentence.text[slice(*span)]
    return None


def _from_heading(source: Source, random: Random) -> tuple[str, str, str] | None:
    about = source.passage.heading.split(" > ")[-1] or source.title
    for sentence, _ in source.sentences(random):
        words = kept(sentence, random, [], most=2)
        if len(words) == 2 and not any(plain(word) in plain(about) for word in words):
            if sentence.language == "zh":
                return f"关于{about}，{words[0]}和{words[1]}是怎么说的？", sentence.text, ""
            return f"{about}: what is said of {words[0]} and {words[1]}?", sentence.text, ""
    return None


_MAKERS: dict[str, Maker] = {
    "fact": _from_fact,
    "definition": _from_definition,
    "sentence": _from_sentence,
    "heading": _from_heading,
}


def _asked(sentence: Sentence, random: Random, target: Span, kind: str) -> str | None:
    words = kept(sentence, random, [target])
    if len(words) < 2:
        return None
    wanted = asked_for(kind, sentence.language)
    return f"{joined(words)}是{wanted}？" if sentence.language == "zh" else f"{wanted} {joined(words)}?"
