"""Sentences, and rows of other tables, that tell what a question is about and name somebody or a code.

They are held to the question: what names the row must tell of it itself, say all of the question's names and
numbers, deny nothing that the question does not deny, and no other text may tell more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.language import FUNCTION_WORDS, asked_terms, fold, has_cjk, index_terms, sentences
from index.types import Passage
from rag.columns import bare
from rag.compare import whole
from rag.tables import is_row

CODE = re.compile(r"[a-z]{1,5}(?:-[a-z]{1,3})?-?\d+(?:-\d+)*")
"""R07, NH-SK-004, folded."""
_TOLD_OF = 0.42
"""Share of what a question is about that a sentence, with the one before, must have."""
_ITSELF = 0.12
"""The same of the sentence alone."""
_BEHIND = 0.2
"""By how much less than another that names nobody it may have."""
_CLOSE = 0.2
"""What the part of a sentence that names the row has of it counts once more."""
_UNKNOWN = 0.4
"""What a term tells that no passage has, to the mean of the others."""
_CLAUSE = re.compile(r"[,;，；、]|\b(?:and|which)\b|并|和")
_DENIES = re.compile(
    r"\b(?:not|no|no longer|never|until|former\w*|previous\w*|resign\w*|except|nor)\b|n['’]t\b"
    r"|不得|不能|不可|不再|不由|禁止|严禁|原由|原来|此前|曾|离任|卸任|(?<!除)非"
)
_ASKS_SO = re.compile(
    r"\b(?:not|no|never|former\w*|previous\w*|until|was|were|did|refuse\w*)\b|n['’]t\b|原来|以前|之前|不(?!合格)"
)
_SENTENCE = re.compile(r"(?<=[.?!。？！])\s*(?=\S)")
_NAME = re.compile(r"(?<![A-Za-z0-9_-])(?<!^)[A-Z][A-Za-z0-9_-]+")
_NUMBER = re.compile(r"[a-z]*(?:-?[a-z]+)?-?\d[a-z\d.,-]*")
_LONG_ZH = 3
"""Characters from which a Chinese name is one wherever it stands."""
_BEFORE_ZH = frozenset("由交找经向是为让请和与及或给归到须报应送至人长员任师")
"""What may stand before a shorter one: 由石磊, 组长石磊, and not 班主任."""
_LABEL = re.compile(r"([^;；:：\n]+)[:：] ?$")


@dataclass(frozen=True, slots=True)
class Lead:
    """A place that names a row."""

    name: str
    """As it is known of the table, folded."""
    text: str
    document_id: str
    place: tuple[int, int]
    """`document.text[slice(*place)] == text`."""
    worth: float
    """How much of the question is told there; more than 1 where it is told closely."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, or a row of a table."""

    passage: Passage
    start: int
    """In the passage."""
    text: str
    plain: str
    is_row: bool
    before: str
    """The sentence before, folded; of a row nothing."""

    @property
    def around(self) -> str:
        return f"{fold(self.passage.heading)}\n{self.before} {self.plain}"


def leads(
    question: str,
    names: Collection[str],
    cells: Collection[str],
    terms: Mapping[str, float],
    passages: Sequence[Passage],
    document_id: str,
) -> Iterator[Lead]:
    """Where one of the names stands in a text that tells what is asked.

    Args:
        names: folded.
        cells: all of the table, folded: a name that stands in a longer one is another.
        terms: what the question is about (`wanted`).
        document_id: whose rows are the table's own, and lead nowhere.
    """
    needed, denied = _needed(question), bool(_ASKS_SO.search(fold(question)))
    found: list[tuple[float, Lead]] = []
    most = 0.0
    for said in said_in(passages, document_id):
        itself = shares(terms, f"{said.passage.heading}\n{said.plain}")
        known = _named(said, names, cells) if shares(terms, said.around) >= _TOLD_OF else {}
        if not denied:
            known = {name: at for name, at in known.items() if not _is_denied(name, said.plain)}
        known = _as_labelled(question, said, known) if said.is_row else _clearest(known, said.plain, terms)
        if not known or itself <= _ITSELF:
            most = max(most, itself * (not said.is_row))
            continue
        if not all(re.search(whole(one), said.around) for one in needed):
            continue
        for name, (first, last) in known.items():
            near = max(shares(terms, one) for one in _clauses(name, said.plain))
            at = said.passage.start + said.start
            lead = Lead(
                name,
                said.text[first:last],
                said.passage.document_id,
                (at + first, at + last),
                shares(terms, said.around) + _CLOSE * near,
            )
            found.append((itself, lead))
    for itself, lead in found:
        if most <= itself or most < lead.worth - _BEHIND:
            yield lead


def wanted(question: str, name: str, passages: Sequence[Passage]) -> dict[str, float]:
    """The terms of the question without those of a name, and what each tells: more, the rarer it is."""
    own = set(index_terms(bare(name)))
    terms = [term for term in asked_terms(question) if term not in own and term not in FUNCTION_WORDS]
    said = [set(index_terms(one.text[a:b])) for one in passages for a, b in sentences(one.text)]
    counts = {term: sum(term in one for one in said) for term in terms}
    known = {term: math.log(1 + len(said) / count) for term, count in counts.items() if count}
    usual = _UNKNOWN * sum(known.values()) / max(len(known), 1)
    return {term: known.get(term, usual) for term in terms} if known else {}


def shares(terms: Mapping[str, float], text: str) -> float:
    """How much of them a text has, 0 to 1."""
    own = set(index_terms(text))
    return sum(weight for term, weight in terms.items() if term in own) / sum(terms.values())


def said_in(passages: Sequence[Passage], document_id: str) -> Iterator[Said]:
    """The sentences of passages, without the rows of one document's tables."""
    for passage in passages:
        before = ""
        for start, end in sentences(passage.text):
            text, row = passage.text[start:end], is_row(passage.text, start, end)
            plain = fold(text)
            if len(plain) == len(text) and not (row and passage.document_id == document_id):
                yield Said(passage, start, text, plain, row, "" if row else before)
            before = plain


def _named(said: Said, names: Collection[str], cells: Collection[str]) -> dict[str, tuple[int, int]]:
    """Names that stand there by themselves, with their places."""
    found: dict[str, tuple[int, int]] = {}
    for name in names:
        at = re.search(whole(name), said.plain) if name in said.plain else None
        if at is not None and not _is_bounded(said.text, *at.span()):
            found[name] = at.span()
    longer = [one for one in cells if found and one in said.plain and any(name in one for name in found)]
    places = [(start, start + len(one)) for one in longer if (start := said.plain.find(one)) >= 0]
    within = {
        name
        for name, (a, b) in found.items()
        if any(start <= a and b <= end and (start, end) != (a, b) for start, end in places)
    }
    return {name: place for name, place in found.items() if name not in within}


def _is_bounded(text: str, start: int, end: int) -> bool:
    """Whether what stands before makes another of a name: Assistant Director, secretary of the Director."""
    before = text[:start]
    if has_cjk(text[start:end]):
        return (
            end - start < _LONG_ZH and bool(before) and has_cjk(before[-1]) and before[-1] not in _BEFORE_ZH
        )
    word = re.search(r"([\w'’-]+) (?:the )?$", before)
    if word is None or text[end : end + 2] in ("'s", "’s"):
        return word is not None
    begins = not text[: word.start()].strip()
    return (word[1][0].isupper() and not begins) or re.search(r"['’]s?$|^of$", word[1]) is not None


def _clauses(name: str, plain: str) -> list[str]:
    """Those of a sentence that have a name; where they part it, the sentence."""
    return [one for one in _CLAUSE.split(plain) if name in one] or [plain]


def _is_denied(name: str, plain: str) -> bool:
    return any(_DENIES.search(one) for one in _clauses(name, plain))


def _clearest(
    known: Mapping[str, tuple[int, int]], plain: str, terms: Mapping[str, float]
) -> dict[str, tuple[int, int]]:
    """Of the names of a sentence those whose clauses tell all that the others' tell."""
    told = {
        name: {term for clause in _clauses(name, plain) for term in terms.keys() & set(index_terms(clause))}
        for name in known
    }
    return {name: at for name, at in known.items() if all(told[name] >= other for other in told.values())}


def _as_labelled(
    question: str, said: Said, known: Mapping[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    """Of a row's people the one whose column the question names; codes need none."""
    asked = set(index_terms(question))

    def named(at: int) -> float:
        label = _LABEL.search(said.text[:at])
        own = set(index_terms(bare(label[1]))) if label else set()
        return len(own & asked) / max(len(own), 1)

    people = {name: named(place[0]) for name, place in known.items() if not CODE.fullmatch(name)}
    most = max(people.values(), default=0.0)
    return {name: at for name, at in known.items() if name not in people or people[name] >= most > 0}


def _needed(question: str) -> set[str]:
    """Names, codes and numbers in the sentence that asks, folded: they have to be told of."""
    asks = _SENTENCE.split(question.strip())[-1]
    names = {fold(one) for one in _NAME.findall(asks)}
    return (names | {one.rstrip(".,") for one in _NUMBER.findall(fold(asks))}) - {"i"}
