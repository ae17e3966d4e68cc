"""A file of questions -> questions with the answers that are accepted, to score what is answered."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import InputError
from index.language import language
from index.store import Store
from index.text import clean
from rag.question_file import Names
from rag.question_rows import ANSWERS, DOCUMENTS, SHAPE, Row, identity_of, question_of, read_rows, strings

_ANCHOR = 24
"""Characters, white space not counted, by whose equality a paragraph is looked for in a document."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A question and what is right to say."""

    id: str
    text: str
    answers: tuple[str, ...]
    """Accepted ones; empty: nothing answers it, and silence is right."""
    documents: frozenset[str] = frozenset()
    """Ids of the documents that the file names; empty: it names none that is here."""
    kind: str = ""
    """As the file says it; empty: it says nothing."""

    @property
    def language(self) -> str:
        """Of the question: "en" or "zh"."""
        return language(self.text)


@dataclass(slots=True)
class Exam:
    """What a file of questions holds."""

    questions: list[Expected] = field(default_factory=list)
    left_out: int = 0
    """Rows that name a document but no answer: there is nothing to compare an answer with."""
    unknown: list[str] = field(default_factory=list)
    """Names of documents that are not in the collection."""
    elsewhere: int = 0
    """Paragraphs of SQuAD JSON that stand in no document word for word."""

    def sampled(self, count: int | None, seed: int = 0) -> list[Expected]:
        """`count` questions at random, or all, in random order: what is asked first is like the rest."""
        drawn = random.Random(seed).sample(self.questions, len(self.questions))
        return drawn[:count]


def read_expected(path: Path, store: Store) -> Exam:
    """Questions of a file, in the formats of `read_rows`, with their accepted answers.

    The right document is the one that the row names (id, source, end of a source, title); in SQuAD JSON the
    one that the paragraph stands in, white space aside, else the only one with the article's title.

    Raises:
        InputError: the file cannot be read, a row has no question or neither answers nor documents, two rows
            have one id, no named document is in the collection, or no question is left. Names the row.
    """
    exam, names = Exam(), Names(store)
    rows = list(read_rows(path))
    contexts = [row["context"] for _, row in rows if isinstance(row.get("context"), str)]
    holders = _holders(store, contexts)
    first: dict[str, str] = {}
    for place, row in rows:
        try:
            expected = _expected(row, place, names, holders)
            if expected is not None and (before := first.setdefault(expected.id, place)) != place:
                raise InputError(f"the id {expected.id!r} is that of {before} too")
        except InputError as error:
            raise InputError(f"{path}, {place}: {error}") from error
        if expected is None:
            exam.left_out += 1
        else:
            exam.questions.append(expected)
    titles = {row["title"] for _, row in rows if isinstance(row.get("title"), str)}
    exam.unknown = [name for name in names.unknown() if name not in titles]
    exam.elsewhere = sum(not ids for ids in holders.values())
    if exam.unknown and not any(expected.documents for expected in exam.questions):
        shown = ", ".join(map(repr, exam.unknown[:3]))
        raise InputError(f"{path}: none of its documents is in this collection ({shown}): see `jujube list`")
    if not exam.questions:
        raise InputError(
            f"{path}: no question in it that says which answer is right; write lines like {SHAPE}"
        )
    return exam


def _expected(row: Row, place: str, names: Names, holders: Mapping[str, frozenset[str]]) -> Expected | None:
    text = question_of(row)
    answers, documents = strings(row, ANSWERS), strings(row, DOCUMENTS)
    if answers is None:
        if documents:
            return None
        raise InputError('no "answers"; an empty list says that nothing answers the question')
    context, title, kind = row.get("context"), row.get("title"), row.get("kind")
    ids = frozenset[str]().union(*map(names.ids, documents or ()))
    if not ids and isinstance(context, str):
        called = names.ids(title) if isinstance(title, str) and title else frozenset()
        ids = holders[context] or (called if len(called) == 1 else frozenset())
    shown = kind.strip() if isinstance(kind, str) else ""
    return Expected(identity_of(row, place), text, tuple(answers), ids, shown)


def _holders(store: Store, contexts: Iterable[str]) -> dict[str, frozenset[str]]:
    """For each paragraph the ids of the documents that it stands in; reads each document once."""
    written = {context: _packed(context) for context in dict.fromkeys(contexts)}
    found: dict[str, set[str]] = {context: set() for context in written}
    begins: dict[str, list[str]] = {}
    for context, packed in written.items():
        begins.setdefault(packed[:_ANCHOR], []).append(context)
    begins.pop("", None)
    for document_id in store.document_ids() if begins else ():
        text = _packed(store.document(document_id).text)
        for at, begin in _begins(text, begins):
            for context in begins[begin]:
                if text.startswith(written[context], at):
                    found[context].add(document_id)
    return {context: frozenset(ids) for context, ids in found.items()}


def _begins(text: str, begins: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    """Every (place, begin) at which one of `begins` stands in `text`."""
    for length in sorted({len(begin) for begin in begins}):
        for at in range(len(text) - length + 1):
            if (begin := text[at : at + length]) in begins:
                yield at, begin


def _packed(text: str) -> str:
    """As a document's text is kept, without white space."""
    return "".join(clean(text).split())
