"""What an English clause says, asked for: its subject in its place, anything else at the front.

"Who led the company?"; with an auxiliary or a form of "do" before the subject, "When did the plant open?".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from finetune.asking import Asked
from finetune.phrases_en import (
    ROLES,
    amount,
    is_duration,
    is_named,
    is_place,
    is_time,
    is_unit,
    joined,
    noun_phrase,
    verbatim,
    what,
    whole_time,
)

AUXILIARIES = ("aux", "auxpass")
DO = {"VBD": "did", "VBZ": "does", "VBP": "do"}
_TIMES = {
    "in": "When", "on": "When", "at": "When", "since": "Since when", "until": "Until when", "by": "By when"
}  # fmt: skip
_LIGHT = frozenset(["need", "have", "get", "give", "take", "require", "use", "see", "do", "mean", "want"])
_LINKS = frozenset(
    ["also", "therefore", "thus", "however", "too", "then", "additionally", "hence", "instead"]
)
_COUNTED_AFTER = frozenset(["in", "at", "to", "by", "with", "from", "on", "above", "below", "under", "over"])


@dataclass(frozen=True, slots=True)
class Clause:
    subject: str
    """As it stands in a question."""
    noun: Any
    """Its head; None where it is said elsewhere."""
    verb: Any
    before: tuple[Any, ...]
    """Tokens of what stands before the subject."""
    rest: tuple[Any, ...]
    """Tokens after the verb."""

    @property
    def auxiliaries(self) -> list[Any]:
        return [c for c in self.verb.children if c.dep_ in AUXILIARIES and c.i < self.verb.i]

    @property
    def middle(self) -> list[Any]:
        """Tokens between the subject and the verb, auxiliaries among them."""
        first = -1 if self.noun is None else self.noun.i
        own = [
            c
            for c in self.verb.children
            if c.dep_ in (*AUXILIARIES, "neg", "advmod") and first < c.i < self.verb.i
        ]
        return [t for c in own if c.lower_ not in _LINKS for t in c.subtree if not t.is_punct]


def of_clause(clause: Clause) -> Iterator[Asked]:
    if any(c.dep_ == "expl" for c in clause.verb.children) or clause.verb.tag_ in ("VBG", "TO"):
        return
    copula = clause.verb.lemma_ == "be"
    attribute = copula and any(c.dep_ == "attr" for c in clause.verb.children)
    standing = {t.i for t in (*clause.rest, *clause.before)}
    for child in (c for c in clause.verb.children if c.i in standing):
        if child.dep_ in ("prep", "agent") and not attribute:
            yield from _of_preposition(clause, child)
        elif child.dep_ == "dobj" and not copula:
            yield from _of_object(clause, child)
        elif child.dep_ == "attr" and copula:
            yield from _of_attribute(clause, child)
        elif child.dep_ == "npadvmod" and is_time(child) and not attribute:
            yield from _fronted(clause, "When", [*child.subtree], verbatim([*child.subtree]))
    yield from _of_subject(clause)


def _of_subject(clause: Clause) -> Iterator[Asked]:
    noun = clause.noun
    if noun is None or noun.pos_ == "PRON":
        return
    phrase = noun_phrase(noun)
    tail = [*clause.middle, clause.verb, *clause.rest]
    if number := amount(noun):
        counted = [t for t in phrase if t.i > number[-1].i]
        if counted and not is_unit(noun) and not is_duration(noun):
            yield Asked(_question("How many", [*counted, *tail], clause.before), verbatim(number), "value")
        return
    plural = tail[0].tag_ == "VBP"
    attribute = clause.verb.lemma_ == "be" and any(c.dep_ == "attr" for c in clause.verb.children)
    if (asked := what(noun)) and is_named(phrase) and not plural and not attribute:
        yield Asked(_question(asked, tail, clause.before), verbatim(phrase), "cloze")


def _of_object(clause: Clause, noun: Any) -> Iterator[Asked]:
    phrase = noun_phrase(noun)
    if (number := amount(noun)) and not is_duration(noun):
        yield from _counted(clause, noun, number, [*noun.subtree])
    elif number:
        return
    elif (asked := what(noun)) and phrase[0].tag_ != "PRP$":
        bare = len(clause.rest) <= len([*noun.subtree]) and not clause.before
        if bare and clause.verb.lemma_ in _LIGHT:
            return  # what does it need? anything
        yield from _fronted(clause, asked, [*noun.subtree], verbatim(phrase))


def _counted(
    clause: Clause, noun: Any, number: Sequence[Any], gone: Sequence[Any], before: str = ""
) -> Iterator[Asked]:
    """How many of something; of a measure how much of what is measured."""
    counted = [t for t in noun.subtree if number[-1].i < t.i <= noun.i]
    of = next((c for c in noun.children if c.dep_ == "prep" and c.lower_ == "of"), None)
    thing = [t for t in of.subtree if t.i != of.i] if of is not None else []
    if is_unit(noun):
        if thing:
            answer = verbatim([*number, *counted])
            yield from _fronted(clause, f"{before} how much {joined(thing)}", gone, answer, "value")
        return
    asked = [*counted, *(of.subtree if of is not None else [])]
    out = {t.i for t in (*number, *asked)}
    stays = [t for t in noun.subtree if t.i > noun.i and t.i not in out]
    yield from _fronted(clause, f"{before} how many {joined(asked)}", gone, verbatim(number), "value", stays)


def _of_attribute(clause: Clause, noun: Any) -> Iterator[Asked]:
    """X is Y: what X is; and who, where Y is an office that one person holds."""
    subject = clause.noun
    if subject is None or clause.auxiliaries or clause.before or noun.pos_ not in ("NOUN", "PROPN"):
        return
    be, own, phrase = clause.verb.text, noun_phrase(subject), noun_phrase(noun)
    phrase = phrase if len(phrase) <= 10 else noun_phrase(noun, relative=False)
    apart = any(t.is_punct or t.dep_ == "acomp" for t in noun.doc[clause.verb.i + 1 : noun.i])
    if amount(noun) or phrase[0].i < clause.verb.i or apart:
        return
    person = subject.ent_type_ == "PERSON"
    if person and noun.lower_ in ROLES and is_named(phrase):
        yield Asked(f"Who {be} {joined(phrase)}?", verbatim(own), "cloze")
    definite = phrase[0].lower_ in ("the", "that", "this")
    if is_named(own) or (len(own) > 2 and not definite):
        yield Asked(f"{'Who' if person else 'What'} {be} {clause.subject}?", verbatim(phrase), "definition")


def _of_preposition(clause: Clause, prep: Any) -> Iterator[Asked]:
    noun = next((c for c in prep.children if c.dep_ == "pobj"), None)
    if noun is None or noun.pos_ not in ("NOUN", "PROPN", "NUM"):
        return
    whole, word, phrase = [*prep.subtree], prep.lower_, noun_phrase(noun)
    number = amount(noun)
    if prep.dep_ == "agent":
        if (asked := what(noun)) and not any(c.dep_ == "appos" for c in noun.children):
            yield from _fronted(clause, asked, whole, verbatim(phrase), after_verb=prep.text)
    elif is_time(noun) and word in _TIMES:
        yield from _fronted(clause, _TIMES[word], whole, whole_time(noun))
    elif is_duration(noun) and number and word in ("for", "within", "after"):
        of = next((c for c in noun.children if c.dep_ == "prep" and c.lower_ == "of"), None)
        thing = [*of.subtree] if of is not None else []
        unit = joined([*(t for t in phrase if number[-1].i < t.i <= noun.i), *thing])
        asked = "For how long" if word == "for" else f"{word.capitalize()} how many {unit}"
        stays = [t for t in whole if t.i > noun.i and t not in thing]
        answer = verbatim([t for t in phrase if number[0].i <= t.i <= noun.i])
        yield from _fronted(clause, asked, whole, answer, "value", stays)
    elif number and word in _COUNTED_AFTER and not is_unit(noun) and not is_duration(noun):
        yield from _counted(clause, noun, number, whole, word)
    elif prep.i > clause.verb.i and word in ("in", "at", "near", "on", "inside", "next"):
        told = clause.noun is None and any(c.dep_ == "dobj" for c in clause.verb.children)
        place = is_place(noun) or (told and not is_duration(noun) and len(phrase) > 1)
        if place and noun.pos_ != "NUM" and noun.ent_type_ != "DATE":
            yield from _fronted(clause, "Where", whole, verbatim(phrase))


def _fronted(
    clause: Clause,
    asked: str,
    gone: Sequence[Any],
    answer: str,
    kind: Literal["definition", "value", "cloze"] = "cloze",
    stays: Sequence[Any] = (),
    after_verb: str = "",
) -> Iterator[Asked]:
    """What is asked for at the front, then auxiliary, subject, verb and what is left of the clause.

    Args:
        gone: tokens that are asked for.
        stays: those of them that stay where they are.
        after_verb: a preposition that what is asked for leaves behind.
    """
    out = {t.i for t in gone} - {t.i for t in stays}
    verb, auxiliaries = clause.verb, clause.auxiliaries
    words = [t.text for t in clause.middle if not auxiliaries or t.i != auxiliaries[0].i]
    if clause.subject == "you" and clause.noun is None:
        helper, words = "should", [verb.text.lower()]
    elif auxiliaries:
        helper, words = auxiliaries[0].text, [*words, verb.text]
    elif verb.lemma_ == "be":
        helper = verb.text
    elif verb.tag_ in DO:
        helper, words = DO[verb.tag_], [*words, verb.lemma_]
    else:
        return
    head = " ".join(filter(None, [asked.strip(), helper, clause.subject, *words, after_verb]))
    rest, before = ([t for t in part if t.i not in out] for part in (clause.rest, clause.before))
    yield Asked(_question(head, rest, before), answer, kind)


def _question(head: str, tail: Sequence[Any], before: Sequence[Any]) -> str:
    """A condition stays in front; a time or a place that stood there goes to the end."""
    text = f"{head} {joined(tail)}".strip()
    lead = joined(before)
    if lead and any(t.dep_ == "advcl" for t in before):
        text = f"{lead}, {text[0].lower()}{text[1:]}"
    elif lead:
        text = f"{text} {lead}"
    return f"{text[0].upper()}{text[1:]}?"


def of_roles(doc: Any) -> Iterator[Asked]:
    """Xu Wenhua, the chairman of Zaolin, ...: who that is."""
    for token in doc:
        if token.dep_ == "appos" and token.lower_ in ROLES and token.head.ent_type_ == "PERSON":
            phrase = noun_phrase(token)
            name = [t for t in noun_phrase(token.head) if t.ent_type_ == "PERSON"]
            if is_named(phrase) and phrase[0].lower_ == "the":
                yield Asked(f"Who is {joined(phrase)}?", verbatim(name), "cloze")
