"""Records -> examples a causal model can be trained on.

The prompt is the one that questions are asked with (`rag.prompt`), so training and asking cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from finetune.cleaning import Dropped, Tally
from finetune.records import Record
from index.errors import InputError, QuestionError
from rag.generator import Generator
from rag.prompt import UNKNOWN, encode_example, encode_question


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids: the loss is on `completion` alone."""

    prompt: tuple[int, ...]
    completion: tuple[int, ...]
    shared: int = 0
    """How many first tokens of `prompt` are its passages: read once for all examples that share them."""


@dataclass(frozen=True, slots=True)
class Examples:
    """What records became."""

    examples: tuple[Example, ...]
    left_out: tuple[Dropped, ...]
    """Records that became none, by reason: they would teach the model to make things up, or nothing."""


def to_examples(generator: Generator, records: Iterable[Record], window: int = 0) -> Examples:
    """Examples of records, in their order.

    A text becomes as many as it fills windows; no window holds two texts. A question becomes one, and none
    where its answer does not stand in what of its passages fits the window.

    Args:
        window: tokens of a text's piece at most; 0, or more than the generator's: the generator's.

    Raises:
        InputError: there are records and not one of them became an example; says why.
    """
    found: list[Example] = []
    tally = Tally()
    size = min(window or generator.window, generator.window)
    for record in records:
        try:
            pieces = list(_pieces(generator, record, size))
        except QuestionError as error:
            tally.drop(str(error), record.question)
            continue
        if not pieces:
            reason = "a text of one token" if record.kind == "text" else "the answer is not in what fits"
            tally.drop(reason, record.question or record.passages[0])
        found += pieces
    left_out = tally.dropped()
    if left_out and not found:
        reasons = "; ".join(f"{one.count} of them: {one.reason}" for one in left_out)
        raise InputError(f"no record can be learnt with a window of {size} tokens ({reasons})")
    return Examples(tuple(found), left_out)


def _pieces(generator: Generator, record: Record, window: int) -> Iterator[Example]:
    if record.kind == "text":
        for text in record.passages:
            yield from text_windows(generator, text, window)
        return
    said = record.answer or UNKNOWN
    prompt, completion = encode_example(generator, record.question, record.passages, said, record.titles)
    if record.answer and not any(record.answer in f"{one.title}\n{one.text}" for one in prompt.included):
        return
    if not prompt.included:
        return
    shared = len(prompt.ids) - len(encode_question(generator, record.question))
    yield Example(prompt.ids, completion, shared)


def text_windows(generator: Generator, text: str, window: int) -> Iterator[Example]:
    """A text and the end token in pieces of `window` tokens; the last is shorter.

    Of a piece of one token nothing is learnt: there is nothing before it. It is not made.
    """
    ids = (*generator.encode(text), generator.stop_ids[0])
    for first in range(0, len(ids), window):
        piece = ids[first : first + window]
        if len(piece) > 1:
            yield Example((), piece)
