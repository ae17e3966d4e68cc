"""What the span reader learns: questions beside passages, as tokens."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from opposites import opposite
from reader_texts import Decided, across, as_typed, place_of, texts
from span_reader_batches import Example
from tokenizers import Encoding, Tokenizer

from index.language import sentences

LONGEST = 320
"""Tokens of an example."""
SAYS = ("", "yes", "no")
NARROW = 2
"""Times that a question for yes or no is learnt beside what decides it alone, and beside the opposite."""


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
