"""What the span reader learns: questions beside passages, as tokens, and batches of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from opposites import opposite
from reader_texts import Decided, across, as_typed, place_of, texts
from tokenizers import Encoding, Tokenizer

from index.language import sentences

LONGEST = 320
"""Tokens of an example."""
TOGETHER = 4096
"""Tokens of a step, with what is filled up."""
SAYS = ("", "yes", "no")
NARROW = 2
"""Times that a question for yes or no is learnt beside what decides it alone, and beside the opposite."""


class Example(NamedTuple):
    """A question beside a passage, in tokens."""

    ids: list[int]
    first: int
    """Of the tokens of title and passage."""
    last: int
    start: int
    """Of the answer's tokens; 0: there is none."""
    end: int
    says: int = 0
    """1: yes, 2: no, 0: neither is asked, or the passage does not tell."""


def examples(
    named: str, draw: random.Random, count: Callable[[str], int], pieces: Tokenizer
) -> Iterator[Example]:
    """Of one file; what is cut off with its answer is left out."""
    name, _, most = named.partition("=")
    name, _, which = name.partition("@")
    path, _, questions = name.partition("+")
    read = texts(Path(path), draw, count, which, Path(questions) if questions else None)  # type: ignore[arg-type]
    found = list(islice(read, int(most) if most else None))
    for text in across(found, draw):
        above = f"{text.title}\n" if draw.random() < 0.7 else ""
        asked = [(*one, "") for one in text.answered] + [(one, "", "") for one in text.unanswered]
        pairs = [(question, answer, says, text.passage) for question, answer, says in (*asked, *text.decided)]
        for one in text.decided:
            both = [(one, text.passage)]
            if turned := opposite(one.evidence, one.says):
                other = Decided(one.question, turned, "yes" if one.says == "no" else "no")
                both.append((other, text.passage.replace(one.evidence, turned, 1)))
            for told, passage in both:
                pairs += [(*told, around(told.evidence, passage))] * NARROW
        typed = [(as_typed(question, draw), above + passage) for question, _, _, passage in pairs]
        for pair, encoded in zip(pairs, pieces.encode_batch(typed), strict=True):
            if example := _example(*pair, above, encoded):
                yield example


def _example(
    question: str, answer: str, says: str, passage: str, above: str, encoded: Encoding
) -> Example | None:
    own = [at for at, which in enumerate(encoded.sequence_ids) if which == 1]
    start = end = 0
    if answer:
        at = len(above) + place_of(answer, passage, question)
        start = next((i for i in own if encoded.offsets[i][0] <= at < encoded.offsets[i][1]), 0)
        at += len(answer)
        end = next((i for i in own if encoded.offsets[i][0] < at <= encoded.offsets[i][1]), 0)
    if not own or bool(answer) != bool(0 < start <= end):
        return None
    return Example(encoded.ids, own[0], own[-1], start, end, SAYS.index(says))


def around(evidence: str, passage: str) -> str:
    """The sentences of a passage that evidence stands in."""
    at = passage.find(evidence)
    parts = [one for one in sentences(passage) if one[0] < at + len(evidence) and at < one[1]]
    return passage[parts[0][0] : parts[-1][1]] if parts else evidence


def batches(found: Sequence[Example], draw: random.Random) -> list[list[Example]]:
    """All but a few, once, in random order; those of one batch are about equally long.

    Batches have few shapes, each of which is compiled once; what does not fill one waits for the next time.
    """
    waiting: dict[int, list[Example]] = {}
    made: list[list[Example]] = []
    for one in draw.sample(list(found), len(found)):
        batch = waiting.setdefault(filled(len(one.ids)), [])
        batch.append(one)
        if len(batch) == TOGETHER // filled(len(one.ids)):
            made.append(waiting.pop(filled(len(one.ids))))
    return draw.sample(made, len(made))


def filled(tokens: int) -> int:
    """Tokens of a row of a batch: the next multiple of 32."""
    return -(-tokens // 32) * 32
