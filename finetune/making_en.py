"""English questions from sentences: what a clause says, asked for, by its dependency tree.

A subject is asked for in its place ("Who led the company?"); anything else goes to the front, with its
auxiliary or a form of "do" before the subject ("When did the plant open?"). A clause that the rules do not
fit gives no question (the method of Heilman and Smith 2010, with fewer rules).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from finetune.asking import Asked
from finetune.asking_en import DO, Clause, of_clause, of_roles
from finetune.phrases_en import after_comma, joined, loose, noun_phrase
from index.extract_en import load_parser

_ASIDE = re.compile(r"\s*\([^()]*\)|\s*（[^（）]*）|\*+|`+")
_OPENERS = re.compile(
    r"^(?:However|Therefore|Moreover|Furthermore|Also|Then|Thus|Hence|Instead|Nevertheless|Nonetheless|"
    r"Today|In addition|For example|For instance|As a result|In fact|Meanwhile|Finally|"
    r"(?:Please note|Note) that),? "
)
_ITEM = re.compile(r"^[-•–·]\s+|^\(?\d{1,2}[.)]\s+")
_CUT_SHORT = re.compile(r"\b(?:[A-Z][a-z]{0,2}|[a-z]{1,2}|O\.S)\.$|\[[^\]]*$")
_SUBJECTS = ("nsubj", "nsubjpass")
_STANDS_FOR = {"he": "PERSON", "she": "PERSON", "it": "THING"}
_CONDITIONS = frozenset(["if", "when", "once", "unless", "before", "after", "until", "whenever"])
_LONGEST = 45
"""Tokens of a sentence."""


class English:
    """Reads the sentences of one text in order: a pronoun stands for what the one before was about."""

    def __init__(self, persons: Collection[str] = ()) -> None:
        """Args: persons: last words of persons' names that the text mentions anywhere.

        Raises:
            UnknownModel: spaCy's model is not installed.
        """
        self._persons = persons
        self._parse = load_parser(lemmas=True)
        self._meant = {"PERSON": "", "THING": ""}

    def questions(self, sentence: str) -> Iterator[Asked]:
        """Questions that a sentence answers, none where its tree is not understood."""
        plain = _OPENERS.sub("", _ITEM.sub("", _ASIDE.sub("", sentence))).strip()
        # A full stop apart: the model takes "Mo." at an end for an abbreviation.
        doc = self._parse(f"{plain[:1].upper()}{plain[1:-1].rstrip()} {plain[-1:]}")
        roots = [t for t in doc if t.dep_ == "ROOT"]
        if (
            len(roots) == 1
            and 5 <= len(doc) <= _LONGEST
            and plain[-1] in ".!"
            and not re.search(r'["“”:]', plain)
        ):
            for clause in self._clauses(doc, roots[0]):
                yield from map(self._who, of_clause(clause))
            yield from of_roles(doc)
        if roots:
            self._remember(roots[-1])

    def _who(self, asked: Asked) -> Asked:
        """Ask who of a person whom the model did not see in this sentence alone."""
        person = (
            asked.kind == "cloze" and asked.answer.split()[-1:] and asked.answer.split()[-1] in self._persons
        )
        named = person and asked.answer[:1].isupper() and not asked.answer.startswith("The ")
        return replace(asked, question=re.sub("^What ", "Who ", asked.question)) if named else asked

    def _clauses(self, doc: Any, root: Any) -> Iterator[Clause]:
        head = next((c for c in root.children if c.dep_ in _SUBJECTS), None)
        if head is None:
            if root.tag_ == "VB" and root.i == 0:
                yield Clause("you", None, root, (), _rest(doc, root))
            return
        subject = self._subject(head)
        before = _before(doc, head)
        if subject and before is not None and head.i < root.i:
            yield Clause(subject, head, root, before, _rest(doc, root))
        for verb in (c for c in root.children if c.dep_ == "conj" and c.pos_ in ("VERB", "AUX")):
            own = next((c for c in verb.children if c.dep_ in _SUBJECTS), None)
            alike = verb.tag_ == root.tag_ and verb.tag_ in DO and verb.lemma_ != "be"
            if own is None and subject and alike:
                yield Clause(subject, None, verb, (), _rest(doc, verb))
            elif own is not None and own.i < verb.i and (said := self._subject(own)):
                yield Clause(said, own, verb, (), _rest(doc, verb))

    def _subject(self, head: Any) -> str:
        """The words that name a subject by itself; "" where nothing does."""
        phrase = noun_phrase(head)
        if head.pos_ == "PRON" or head.tag_ in ("DT", "WDT", "WP", "EX"):
            return self._meant.get(_STANDS_FOR.get(head.lower_, ""), "")
        vague = phrase[0].lower_ in ("one", "some", "many", "both", "his", "her", "its", "their")
        return "" if vague else joined(phrase)

    def _remember(self, root: Any) -> None:
        head = next((c for c in root.children if c.dep_ in _SUBJECTS), None)
        if head is None or head.pos_ == "PRON":
            return
        alone = not any(c.dep_ == "conj" for c in head.children)
        name = joined(noun_phrase(head)) if alone and any(t.pos_ == "PROPN" for t in head.subtree) else ""
        person = head.ent_type_ == "PERSON"
        self._meant = {"PERSON": name if person else self._meant["PERSON"], "THING": "" if person else name}


def _before(doc: Any, subject: Any) -> tuple[Any, ...] | None:
    """What of the words before a subject goes into a question: condition, time, place; None: odd words."""
    first = min(t.i for t in subject.subtree)
    found: list[Any] = []
    for child in subject.head.children:
        if child.i >= first or child.is_punct or child.dep_ in ("cc", "preconj"):
            continue
        if child.dep_ == "advcl":
            mark = next((c.lower_ for c in child.subtree if c.dep_ in ("mark", "advmod")), "")
            found += child.subtree if mark in _CONDITIONS else []
        elif child.dep_ in ("prep", "npadvmod"):
            found += [] if child.lower_ in ("like", "unlike", "despite") else child.subtree
        elif child.dep_ != "advmod":
            return None
    return tuple(found)


def _rest(doc: Any, verb: Any) -> tuple[Any, ...]:
    """What follows a verb in its clause, without what is set off by commas."""
    inside = {t.i for t in verb.subtree if t.i > verb.i}
    for token in verb.subtree:
        side = token.dep_ in (
            "relcl",
            "appos",
            "acl",
            "advcl",
            "parataxis",
            "prep",
            "npadvmod",
            "advmod",
            "dep",
        )
        other = (
            token.dep_ in ("conj", "parataxis") and token.pos_ in ("VERB", "AUX") and token.head.i == verb.i
        )
        late = token.dep_ == "conj" and token.doc[min(t.i for t in token.subtree) - 2].text == ","
        single = late and sum(c.dep_ == "conj" for c in token.head.subtree) == 1
        if token.i > verb.i and ((side and after_comma(token)) or other or single):
            inside -= {t.i for t in token.subtree}
    words = [doc[i] for i in sorted(inside)]
    # A comma after which words were taken out ends what is left of the clause.
    cut = next(
        (n for n, t in enumerate(words[:-1]) if t.text == "," and words[n + 1].i != t.i + 1), len(words)
    )
    words = words[:cut]
    while words and loose(words[-1]):
        words.pop()
    return tuple(words)
