"""Scores of an engine on questions whose answers are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import fmean

from finetune.examples import Question
from rag.engine import AskOptions, Engine
from rag.metrics import exact_match, token_f1
from rag.types import Answer


@dataclass(frozen=True, slots=True)
class Scored:
    """One question with what was answered."""

    question: Question
    answer: Answer
    exact: float
    """0 or 1; silence is right exactly when nothing answers the question."""
    f1: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over questions, 0 to 1."""

    questions: int
    exact_match: float
    f1: float
    abstained: float
    """Share of questions that were not answered."""
    citations_true: float
    """Share of answers all of whose citations stand in their documents as cited."""


def score(
    engine: Engine, questions: Iterable[Question], options: AskOptions | None = None
) -> Iterator[Scored]:
    """Ask each question and compare; one at a time, so that the caller can show progress."""
    for question in questions:
        answer = engine.ask(question.text, options)
        if question.answers and not answer.abstained:
            exact = exact_match(answer.text, question.answers)
            f1 = token_f1(answer.text, question.answers)
        else:
            exact = f1 = float(answer.abstained and not question.answers)
        yield Scored(question, answer, exact, f1)


def summarise(engine: Engine, scored: Iterable[Scored]) -> Scores:
    """Means of what `score` yields; checks every citation against its document."""
    rows = list(scored)
    if not rows:
        return Scores(0, 0.0, 0.0, 0.0, 0.0)
    return Scores(
        questions=len(rows),
        exact_match=fmean(row.exact for row in rows),
        f1=fmean(row.f1 for row in rows),
        abstained=fmean(row.answer.abstained for row in rows),
        citations_true=fmean(citations_true(engine, row.answer) for row in rows),
    )


def citations_true(engine: Engine, answer: Answer) -> bool:
    """Whether `document.text[start:end] == text` for each citation."""
    store = engine.corpus.store
    return all(store.document(c.document_id).text[c.start : c.end] == c.text for c in answer.citations)
