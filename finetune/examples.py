"""Questions with answers -> examples a causal model can be trained on.

The prompt is the one that questions are asked with (`rag.prompt`), so training and asking cannot differ.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import InputError, QuestionError
from rag.generator import Generator
from rag.prompt import UNKNOWN, encode_example


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the passage that answers it."""

    id: str
    text: str
    answers: tuple[str, ...]
    """Accepted answers, the first is learnt; empty when the passage does not answer it."""
    context: str


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids: the loss is on `completion` alone."""

    prompt: tuple[int, ...]
    completion: tuple[int, ...]


def read_questions(path: Path) -> list[Question]:
    """Questions of a file in SQuAD JSON, or JSON lines `{"id", "question", "answers", "context"}`; .gz too.

    Raises:
        InputError: not of that form; names the line where there is one.
    """
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    try:
        if ".jsonl" in path.name:
            return [_from_line(json.loads(line), path, n) for n, line in _numbered(text)]
        return list(_from_squad(json.loads(text)["data"]))
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise InputError(f'{path}: not SQuAD JSON ({{"data": [...]}}) nor JSON lines: {error}') from error


def _numbered(text: str) -> list[tuple[int, str]]:
    return [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]


def _from_line(line: dict[str, Any], path: Path, number: int) -> Question:
    if not isinstance(line, dict) or not isinstance(line.get("question"), str):
        raise InputError(f'{path}, line {number}: needs a "question"')
    answers = line.get("answers", [])
    answers = (answers,) if isinstance(answers, str) else tuple(answers)
    return Question(str(line.get("id", number)), line["question"], answers, line.get("context", ""))


def _from_squad(articles: Sequence[dict[str, Any]]) -> Iterator[Question]:
    for article in articles:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                impossible = qa.get("is_impossible", False)
                answers = () if impossible else tuple(dict.fromkeys(a["text"] for a in qa["answers"]))
                yield Question(str(qa["id"]), qa["question"], answers, paragraph["context"])


def qa_examples(
    questions: Sequence[Question],
    others: Sequence[Sequence[str]],
    generator: Generator,
    *,
    without_share: float = 0.12,
    seed: int = 0,
) -> Iterator[Example]:
    """Examples of questions, each with its passage among others, in random order.

    Args:
        others: for each question, the passages that stand beside its own (hard negatives).
        without_share: share of examples that lack the right passage and are answered "I don't know."

    Yields:
        One example a question; one whose answer no longer stands in what fits the window is left out,
        for it would teach the model to make things up.
    """
    draw = random.Random(seed)
    for question, negatives in zip(questions, others, strict=True):
        without = bool(negatives) and draw.random() < without_share
        passages = [*negatives] if without else [question.context, *negatives]
        draw.shuffle(passages)
        answer = UNKNOWN if without or not question.answers else question.answers[0]
        try:
            prompt, completion = encode_example(generator, question.text, passages, answer)
        except QuestionError:
            continue
        if answer == UNKNOWN or any(answer in part.text for part in prompt.included):
            yield Example(prompt.ids, completion)
