"""English facts: two names in one sentence and the words between them in its dependency tree.

The shortest path between two heads in the tree holds the words that relate them (Bunescu and Mooney 2005):
verbs and prepositions ("founded in"), nouns ("director of"), nothing for an apposition ("is").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.extraction import LONGEST_NAME
from index.language import entity_key
from index.types import Fact, Mention

_REACH = 10
"""How many names further a name is joined with."""
_LONGEST_PATH = 5
"""Words between two names in the tree."""
_DEEPEST = 12
_BLOCKED = frozenset(["ccomp", "advcl", "parataxis", "csubj", "mark", "punct", "intj", "meta"])
"""Edges across which no fact is read: another clause says it, or says that somebody says it."""
_SUBJECTS = frozenset({"nsubj", "nsubjpass"})
_PERSONS = frozenset({"he", "she", "his", "her", "him"})
_THINGS = frozenset({"it", "its", "they", "their"})
_KINDS_OF_THING = frozenset(
    """film movie album song single band book novel story company firm group city town village district team
    club series show game school university college station river island building organization organisation
    agency party church museum magazine newspaper ship aircraft battle war festival award program programme
    project product device pump system machine actor actress singer writer author director player politician
    footballer artist duo trio episode event league tournament county province municipality
    """.split()  # noqa: SIM905 - a list of quoted words is no easier to read
)
"""Nouns that take up the topic: "the film was shot in ..."."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name in the tree: the token that stands for it."""

    entity: str
    kind: str
    token: Any
    nested: bool = False


def tree_facts(doc: Any, mentions: Sequence[Mention], topic: str) -> list[Fact]:
    """The facts between the mentions of one parsed text, in order of place, without repetitions."""
    named = list(_named(doc, mentions))
    inside = {t.i for m in mentions for t in (_span(doc, m) or ())}
    about = _Topic(topic, mentions)
    facts: dict[Fact, None] = {}
    at = 0
    for sent in doc.sents:
        own: list[Named] = []
        while at < len(named) and named[at].token.i < sent.end:
            own.append(named[at])
            at += 1
        own = [*about.standing_for(sent, own, inside), *own]
        own.sort(key=lambda n: n.token.i)
        for fact in _facts_of(sent, own, inside):
            facts.setdefault(fact)
        about.read(own)
    return list(facts)


def _span(doc: Any, mention: Mention) -> Any:
    return doc.char_span(mention.start, mention.end, alignment_mode="expand")


def _named(doc: Any, mentions: Iterable[Mention]) -> Iterator[Named]:
    """Each mention's head token; of several with one head the longest mention's name."""
    best: dict[int, tuple[int, Named]] = {}
    for mention in mentions:
        span = _span(doc, mention)
        if span is None or not len(span):
            continue
        root = span.root
        length = mention.end - mention.start
        if root.i not in best or best[root.i][0] < length:
            best[root.i] = (length, Named(mention.entity, mention.kind, root))
    yield from (best[i][1] for i in sorted(best))


class _Topic:
    """What pronouns stand for: the text's topic, or who the sentence before was about."""

    def __init__(self, topic: str, mentions: Sequence[Mention]) -> None:
        key = entity_key(topic)
        self.entity = key if 1 < len(key) <= LONGEST_NAME else ""
        kinds = {m.entity: m.kind for m in mentions if m.kind != "OTHER"}
        self.kind = kinds.get(key, "")
        self.subject: Named | None = None

    def standing_for(self, sent: Any, own: Sequence[Named], inside: set[int]) -> Iterator[Named]:
        for token in sent:
            if token.i in inside or token.dep_ not in ("nsubj", "nsubjpass", "poss"):
                continue
            entity = self._meant(token, own)
            if entity and all(entity != n.entity for n in own):
                yield Named(entity, "", token)

    def _meant(self, token: Any, own: Sequence[Named]) -> str:
        word = token.lower_
        persons_before = any(n.kind == "PERSON" and n.token.i < token.i for n in own)
        if word in _PERSONS:
            if persons_before:
                return ""
            if self.subject is not None and self.subject.kind == "PERSON":
                return self.subject.entity
            return self.entity if self.kind in ("", "PERSON") else ""
        if word in _THINGS:
            return self.entity if self.kind != "PERSON" and not any(n.token.i < token.i for n in own) else ""
        definite = any(c.lower_ in ("the", "this") for c in token.children if c.dep_ == "det")
        return self.entity if definite and word in _KINDS_OF_THING else ""

    def read(self, own: Sequence[Named]) -> None:
        """Remember the sentence's subject; two persons in it leave "he" in doubt."""
        subjects = [n for n in own if n.token.dep_ in _SUBJECTS]
        persons = {n.entity for n in own if n.kind == "PERSON"}
        if subjects and subjects[0].kind:
            self.subject = subjects[0] if len(persons) < 2 else None
        elif persons:
            self.subject = None


def _facts_of(sent: Any, own: Sequence[Named], inside: set[int]) -> Iterator[Fact]:
    heads = {n.token.i for n in own}
    up = [_ancestors(n.token) for n in own]
    for i, first in enumerate(own):
        for j in range(i + 1, min(i + 1 + _REACH, len(own))):
            second = own[j]
            if first.entity == second.entity:
                continue
            said = _relation(first.token, second.token, up[i], up[j], heads, inside)
            if said is None:
                continue
            relation, turned = said
            left, right = (second, first) if turned else (first, second)
            yield Fact(left.entity, relation, right.entity, 0, sent.start_char, sent.end_char)


def _ancestors(token: Any) -> list[Any]:
    chain = [token]
    while token.head.i != token.i and len(chain) < _DEEPEST:
        token = token.head
        chain.append(token)
    return chain


def _relation(
    first: Any, second: Any, up: list[Any], down: list[Any], heads: set[int], inside: set[int]
) -> tuple[str, bool] | None:
    """(relation, whether the second is its subject), or None where the tree relates them too loosely."""
    place = {t.i: n for n, t in enumerate(up)}
    meet = next((n for n, t in enumerate(down) if t.i in place), None)
    if meet is None:
        return None
    left, right = up[: place[down[meet].i]], down[:meet]
    top = down[meet]
    if any(t.dep_ in _BLOCKED for t in (*left, *right)):
        return None
    if _side_by_side(left, right) or _both_circumstances(left, right):
        return None
    path = [t for t in (*left[1:], top, *reversed(right[1:])) if t.i not in (first.i, second.i)]
    between = _without_skipped(path, (*left, *right), first, second)
    if between is None or len(between) > _LONGEST_PATH or any(t.i in heads for t in between):
        return None
    if top not in between and top in path and left and right and left[-1].dep_ not in _SUBJECTS:
        return None  # "went to Rome and founded Acme": what the first verb took is not the second verb's
    return _worded(first, second, left, right, between, inside)


def _side_by_side(left: list[Any], right: list[Any]) -> bool:
    """ "A and B": members of one list say nothing of each other."""
    chain = right or left
    return (
        not (left and right)
        and all(t.dep_ in ("conj", "appos") for t in chain)
        and any(t.dep_ == "conj" for t in chain)
    )


def _both_circumstances(left: list[Any], right: list[Any]) -> bool:
    """ "moved to Rome in 1976": place and time say something of the subject, not of each other."""
    return bool(left and right) and {left[-1].dep_, right[-1].dep_} <= {"prep", "agent", "npadvmod"}


def _without_skipped(path: list[Any], edges: Sequence[Any], first: Any, second: Any) -> list[Any] | None:
    """The path less the heads of lists that it only passes through; None where a verb has its own subject."""
    passed = {t.head.i for t in edges if t.dep_ == "conj" and t.head.i not in (first.i, second.i)}
    for token in edges:
        if token.dep_ == "conj" and any(c.dep_ in _SUBJECTS for c in token.children):
            return None
    return [t for t in path if t.i not in passed]


def _worded(
    first: Any, second: Any, left: list[Any], right: list[Any], path: list[Any], inside: set[int]
) -> tuple[str, bool] | None:
    deps = {t.dep_ for t in (*left, *right)}
    if not path:
        return _joined(first, second, deps, inside)
    turned = bool(right) and (right[-1].dep_ in _SUBJECTS or right[0].dep_ in _SUBJECTS)
    nouns = _titles_of(first, inside) if not left and right[-1].dep_ == "prep" else []
    words = list(nouns)
    for token in reversed(path) if turned else path:
        words += [c for c in token.children if c.dep_ == "neg"]
        words.append(token)
        words += [c for c in token.children if c.dep_ == "prt"]
    relation = " ".join(t.text for t in words).lower()
    return (relation, turned) if any(c.isalpha() for c in relation) else None


def _joined(first: Any, second: Any, deps: set[str], inside: set[int]) -> tuple[str, bool] | None:
    """Two names with no word between: apposition, possessive, a title before a name."""
    if "appos" in deps:
        return "is", False
    head, other = (second, first) if first.head.i == second.i else (first, second)
    if "poss" in deps:
        nouns = _titles_of(head, inside)
        return (" ".join(t.text for t in nouns).lower() or "'s"), other.i != first.i
    if deps & {"compound", "nmod", "amod"}:
        nouns = _titles_of(head, inside)
        return (" ".join(t.text for t in nouns).lower() or "of"), head.i != first.i and not nouns
    return None


def _titles_of(head: Any, inside: set[int]) -> list[Any]:
    """The common nouns before a name: "director" of "director Chen Mo"."""
    return [c for c in head.children if c.dep_ in ("compound", "nmod", "appos") and c.i not in inside]
