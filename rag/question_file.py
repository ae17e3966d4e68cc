"""A user's own questions: a file of rows -> questions with what is right to find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index.errors import InputError
from index.language import sentences
from index.store import Store
from rag.needs import Need, Question, holds, plain
from rag.question_rows import ANSWERS, DOCUMENTS, SHAPE, Row, identity_of, question_of, read_rows, strings


@dataclass(slots=True)
class Asked:
    """What a file of questions holds."""

    questions: list[Question] = field(default_factory=list)
    unanswerable: int = 0
    """Questions whose list of answers is empty: there is nothing to find for them."""
    unknown: list[str] = field(default_factory=list)
    """Names of documents that are not in the collection; their questions are judged by the answers alone."""


def read_questions(path: Path, store: Store) -> Asked:
    """Questions of a file, in the formats of `read_rows`.

    A passage is right when it holds an accepted answer and comes from the named document; of several named
    documents each has to be found, by any passage of it where the answer stands only in another. In SQuAD
    JSON it is right when it holds the sentence of the paragraph that the answer stands in.

    Raises:
        InputError: the file cannot be read, a line has no question or says nothing about what is right,
            no named document is in the collection, or no question is left. Names the line.
    """
    names = Names(store)
    asked = Asked()
    for place, row in read_rows(path):
        try:
            question = _question(row, place, names)
        except InputError as error:
            raise InputError(f"{path}, {place}: {error}") from error
        if question is None:
            asked.unanswerable += 1
        else:
            asked.questions.append(question)
    asked.unknown = names.unknown()
    if asked.unknown and len(asked.unknown) == len(names.seen):
        shown = ", ".join(map(repr, asked.unknown[:3]))
        raise InputError(f"{path}: none of its documents is in this collection ({shown}): see `jujube list`")
    if not asked.questions:
        raise InputError(f"{path}: no question in it that has an answer; write lines like {SHAPE}")
    return asked


class Names:
    """Documents of the collection by what a user may call them: id, source, the end of a source, title."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._called: dict[str, set[str]] = {}
        for document_id, source, title, *_ in store.documents():
            for name in _names(document_id, source, title):
                self._called.setdefault(name, set()).add(document_id)
        self.seen: dict[str, frozenset[str]] = {}
        """What was asked for, with what it names."""

    def ids(self, name: str) -> frozenset[str]:
        return self.seen.setdefault(name, frozenset(self._called.get(name, ())))

    def unknown(self) -> list[str]:
        """What was asked for and names nothing here."""
        return [name for name, ids in self.seen.items() if not ids]

    def hold(self, ids: frozenset[str], words: Sequence[str]) -> bool:
        """Whether one of the documents holds one of `words`."""
        texts = (plain(self._store.document(i).text) for i in sorted(ids))
        return any(holds(text, word) for text in texts for word in words)


def _names(document_id: str, source: str, title: str) -> Iterator[str]:
    """A file of several records gives its documents sources that begin with its own and end in #number."""
    file = source.rpartition("#")[0] or source
    yield from (document_id, source, title, file)
    yield from (file[at + 1 :] for at, char in enumerate(file) if char == "/")


def _question(row: Row, place: str, names: Names) -> Question | None:
    """None when the row says that nothing answers it."""
    text = question_of(row)
    answers, documents = strings(row, ANSWERS), strings(row, DOCUMENTS)
    if answers is None and not documents:
        raise InputError('neither "answers" nor "documents": which passage is right?')
    if not answers and not documents:
        return None
    words = tuple(plain(answer) for answer in _to_find(row, answers or []))
    needs = _needs(words, documents or [], names)
    kind = row.get("kind")
    if not isinstance(kind, str) or not kind.strip():
        kind = "one document" if len(needs) == 1 else "several documents"
    shown = answers[0] if answers else ""
    return Question(identity_of(row, place), text, kind.strip(), needs, shown)


def _to_find(row: Row, answers: list[str]) -> list[str]:
    """What a right passage holds: in SQuAD JSON the sentence around an answer, else the answer itself."""
    context, starts = row.get("context"), row.get("starts")
    if not isinstance(context, str) or not isinstance(starts, list) or len(starts) != len(answers):
        return answers
    found = [_answer_sentence(context, *pair) for pair in zip(answers, starts, strict=True)]
    return list(dict.fromkeys(found))


def _answer_sentence(context: str, text: str, start: Any) -> str:
    if not isinstance(start, int) or start < 0 or context[start : start + len(text)] != text:
        return text
    around = [context[a:b] for a, b in sentences(context) if a < start + len(text) and start < b]
    return around[0] if len(around) == 1 else text


def _needs(words: tuple[str, ...], documents: Sequence[str], names: Names) -> tuple[Need, ...]:
    found = [ids for ids in map(names.ids, documents) if ids]
    if not found:
        if not words:
            raise InputError(
                f"no document {documents[0]!r} in this collection: `jujube list` shows what there is"
            )
        return (Need(words),)
    return tuple(Need(words if words and names.hold(ids, words) else (), ids) for ids in dict.fromkeys(found))
