"""The user's own questions and corrections -> records: their answers found in the passages that say them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from finetune.cleaning import Tally, same_key, tidy
from finetune.records import Record
from index.corpus import Corpus
from index.errors import InputError
from index.feedback import Remark
from index.language import language
from index.types import Filter, Passage
from rag.prompt import title_of
from rag.question_file import Names
from rag.question_rows import ANSWERS, DOCUMENTS, identity_of, question_of, read_rows, strings
from rag.retrieve import LONGEST_QUERY, RetrieveOptions, retrieve

_LOOKED_AT = 20
"""Passages found for a question among which its answer is looked for."""


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question with what is right to say."""

    id: str
    question: str
    answers: tuple[str, ...]
    """Accepted ones, the first is learnt; empty: the documents do not say it."""
    kind: Literal["given", "correction"] = "given"
    documents: tuple[str, ...] = ()
    """Ids, sources or titles of the documents that answer it; empty: not said."""
    passage: str = ""
    """The words around the answer; empty: looked for in the collection."""
    title: str = ""
    """Of the article that the passage is from."""


def from_remarks(remarks: Iterable[Remark]) -> list[OwnQuestion]:
    """What people said of answers, as far as it says what is right; of one question the first that does."""
    found: dict[str, OwnQuestion] = {}
    for remark in remarks:
        if (right := remark.correction) is None:
            continue
        key = same_key(remark.question)
        kind: Literal["given", "correction"] = "correction" if remark.verdict == "wrong" else "given"
        documents = (remark.document_id,) if remark.document_id else ()
        answers = (right,) if right else ()
        asked = OwnQuestion(
            f"{kind}-remark-{remark.id}", remark.question, answers, kind, documents, remark.passage
        )
        found.setdefault(key, asked)
    return list(found.values())


def read_own(path: Path, tally: Tally | None = None) -> list[OwnQuestion]:
    """Questions of a file in the formats of `rag.question_rows.read_rows`.

    Args:
        tally: takes rows without a question or answers; None: they are errors.

    Raises:
        InputError: the file cannot be read, or a row is wrong. Names the row.
    """
    found: list[OwnQuestion] = []
    for place, row in read_rows(path):
        try:
            text, answers = question_of(row), strings(row, ANSWERS)
            if answers is None:
                raise InputError('no "answers"; an empty list says that nothing answers the question')
            documents = strings(row, DOCUMENTS) or []
        except InputError as error:
            if tally is None:
                raise InputError(f"{path}, {place}: {error}") from error
            tally.drop(str(error), f"{path.name}, {place}")
            continue
        context, title = row.get("context") or row.get("passage"), row.get("title")
        found.append(
            OwnQuestion(
                id=identity_of(row, place),
                question=text,
                answers=tuple(answers),
                documents=tuple(documents),
                passage=context if isinstance(context, str) else "",
                title=title if isinstance(title, str) else "",
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Placed:
    """A record, and which passage of the collection it is read with."""

    record: Record
    passage: Passage | None
    """None: it came with its passage, or no passage answers it."""
    title: str = ""
    """Of the article that the passage which it came with is from."""


def placed(own: Iterable[OwnQuestion], corpus: Corpus | None, tally: Tally) -> list[Placed]:
    """Records of questions, each beside the passage that holds its answer, the answer as that writes it.

    What no passage answers is there without a passage if it has no answer, and else goes into `tally`.
    """
    names = Names(corpus.store) if corpus else None
    found: list[Placed] = []
    seen: set[tuple[str, str]] = set()
    taken: set[str] = set()
    for one in own:
        question, context = " ".join(tidy(one.question).split()), tidy(one.passage)
        if (key := (same_key(question), same_key(context))) in seen:
            tally.drop("a question that is there already", question)
            continue
        seen.add(key)
        ids = sorted(frozenset[str]().union(*map(names.ids, one.documents))) if names else []
        place = _place(one, question, context, ids, corpus)
        if place is None:
            reason = (
                "its answer stands in no passage that was found"
                if corpus
                else "its answer is not in its passage"
            )
            tally.drop(reason, f"{question} -> {one.answers[0]}")
            continue
        text, answer, passage = place
        source = (
            passage.document_id if passage else (ids[0] if ids else one.title or (one.documents or ("",))[0])
        )
        name = one.id if one.id.startswith(one.kind) else f"{one.kind}-{one.id}"
        while name in taken:  # of another file
            name += "'"
        taken.add(name)
        also = tuple(a for a in one.answers if a != answer)
        passages = (text,) if text else ()
        record = Record(name, question, passages, answer, one.kind, source, language(question), also)
        found.append(Placed(record, passage, one.title if context and not passage else ""))
    return found


def _place(
    one: OwnQuestion, question: str, context: str, ids: Sequence[str], corpus: Corpus | None
) -> tuple[str, str, Passage | None] | None:
    """(text of the passage, the answer in it, the passage); None where nothing holds the answer."""
    if not one.answers:
        return context, "", None
    for answer in one.answers:
        if context and (said := written(answer, context)):
            return context, said, None
    if corpus is None:
        return None
    # The answer's own words help to find its passage where the question's do not.
    for query in (question, f"{question} {one.answers[0]}"[:LONGEST_QUERY]):
        only = Filter(ids[0]) if len(ids) == 1 else Filter()
        for hit in retrieve(corpus, query, RetrieveOptions(top_k=_LOOKED_AT, only=only)).hits:
            if ids and hit.passage.document_id not in ids:
                continue
            title = title_of(hit.title, hit.passage.heading)
            for answer in one.answers:
                if said := written(answer, hit.passage.text) or written(answer, title):
                    return hit.passage.text, said, hit.passage
    return None


def written(answer: str, text: str) -> str:
    """An answer as a text writes it, whatever its width, case and white space; "" where it does not.

    >>> written("80°c", "at most ８０ °C."), written("15天", "年假15 天"), written("x", "abc")
    ('８０ °C', '15 天', '')
    """
    answer = answer.strip()
    if answer and answer in text:
        return answer
    folded, places = _folded(text)
    wanted, _ = _folded(answer)
    at = folded.find(wanted) if wanted else -1
    return text[places[at] : places[at + len(wanted) - 1] + 1] if at >= 0 else ""


def _folded(text: str) -> tuple[str, list[int]]:
    """The characters that are not white space, folded one by one, and where each stands."""
    folded, places = "", []
    for at, char in enumerate(text):
        for one in unicodedata.normalize("NFKC", char).casefold():
            if not one.isspace():
                folded += one
                places.append(at)
    return folded, places
