"""The general questions: what a reader could do before it was trained further, and must not forget.

A frozen set ships with Jujube (`general/`: 60 questions in English, 60 in Chinese, a quarter of them not
answered by their passage). A version keeps its own copy, and what is trained from it is held to the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from finetune.registry import GENERAL, SHIPPED, Version
from index.errors import BrokenModel
from index.types import Passage
from rag.answer_scores import Given, Marked, mark
from rag.card import first_line
from rag.expected import Expected
from rag.generator import Generator
from rag.ground import GroundOptions, ground
from rag.prompt import fit_each


@dataclass(frozen=True, slots=True)
class GeneralQuestion:
    """A question with the passage that is read for it; no answers: the passage does not say it."""

    id: str
    text: str
    answers: tuple[str, ...]
    passage: str


def general_questions(parent: Version | None = None) -> list[GeneralQuestion]:
    """The parent's own copy; those that ship with Jujube where it has none.

    Raises:
        BrokenModel: a file cannot be read; names the line.
    """
    own = parent.folder / GENERAL if parent is not None else SHIPPED
    folder = own if own.is_dir() else SHIPPED
    found = [question for file in sorted(folder.glob("*.jsonl")) for question in _read(file)]
    if not found:
        raise BrokenModel(f"{folder} holds no questions (*.jsonl): copy the version again")
    return found


def score_general(
    generator: Generator, questions: Sequence[GeneralQuestion], options: GroundOptions | None = None
) -> Iterator[Marked]:
    """Ask each question with its passage, so that no collection is needed, and mark its best candidate.

    One at a time, so that the caller can show progress. A citation is true where the words that it names
    in the passage are the answer.
    """
    for question in questions:
        expected = Expected(question.id, question.text, question.answers)
        yield read_beside(generator, expected, question.passage, options)


def read_beside(
    generator: Generator,
    expected: Expected,
    text: str,
    options: GroundOptions | None = None,
    title: str = "",
) -> Marked:
    """Ask a question beside one passage, which no collection need hold, and mark its best candidate."""
    options = options or GroundOptions()
    passages = [Passage(0, "", text, 0, len(text))]
    prompt = fit_each(generator, expected.text, passages, options.room, [title])
    grounded = ground(generator, prompt, options)
    if not grounded.candidates:
        return mark(expected, Given("", grounded.confidence, silent=True))
    best = grounded.candidates[0]
    true = sum(text[place.start : place.end] == best.text for place in best.places)
    given = Given(best.text, grounded.confidence, citations=len(best.places), true_citations=true)
    return mark(expected, given)


def _read(file: Path) -> Iterator[GeneralQuestion]:
    try:
        lines = file.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenModel(f"{file} cannot be read ({first_line(error)}): copy the version again") from error
    for number, line in enumerate(lines, 1):
        if line:
            try:
                row = json.loads(line)
                yield GeneralQuestion(row["id"], row["question"], tuple(row["answers"]), row["passage"])
            except (ValueError, KeyError, TypeError) as error:
                raise BrokenModel(f"{file}, line {number}: no question ({first_line(error)})") from error
