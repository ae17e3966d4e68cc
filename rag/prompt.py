"""The one prompt format: what a reader is trained on and what it is asked with.

    Passage 1: {passage}\\nPassage 2: ...\\nQuestion: {question}\\nAnswer:      ->      {answer}{end}

The pieces are turned into tokens apart and joined, so a passage has the same tokens wherever it
stands. Nothing is cut silently: what does not fit is left out whole or loses whole sentences at its
end, and `Prompt` says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.errors import QuestionError
from index.language import has_cjk, sentences
from index.types import Passage
from rag.generator import Generator

UNKNOWN = "I don't know."
"""What a model is trained to answer, in every language, when the passages do not say it."""

ABSTENTIONS = {"en": "I don't know.", "zh": "我不知道。"}
"""What a person reads instead, by the language of the question."""


@dataclass(frozen=True, slots=True)
class Included:
    """A passage as it stands in a prompt: whole, or its first sentences."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]

    @property
    def trimmed(self) -> bool:
        return (self.start, self.end) != (self.passage.start, self.passage.end)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids that fit, and what is in them."""

    ids: tuple[int, ...]
    question: str
    included: tuple[Included, ...]
    left_out: tuple[Passage, ...] = ()
    """Passages of which not one sentence fitted."""


def abstention_for(question: str) -> str:
    """The phrase for "not in the documents" in the question's language.

    >>> abstention_for("Who founded it?"), abstention_for("谁创办了ACME？")
    ("I don't know.", '我不知道。')
    """
    return ABSTENTIONS["zh" if has_cjk(question) else "en"]


def encode_passage(generator: Generator, number: int, text: str) -> list[int]:
    """Ids of one passage's line; `number` counts from 1."""
    encode = generator.encode
    return [*encode(f"Passage {number}: "), *encode(text), *encode("\n")]


def encode_question(generator: Generator, question: str) -> list[int]:
    return generator.encode(f"Question: {question.strip()}\nAnswer:")


def encode_answer(generator: Generator, answer: str) -> list[int]:
    """Ids of what a model is to say, with the end token it is to stop at."""
    return [*generator.encode(" " + answer), generator.stop_ids[0]]


def fit(generator: Generator, question: str, passages: Sequence[Passage], answer_room: int = 64) -> Prompt:
    """As many of `passages`, in their order, as leave `answer_room` tokens of the window free.

    The first that does not fit keeps its first whole sentences and is the last; one of which no
    sentence fits is left out.

    Raises:
        QuestionError: no question, or one that takes more than half of the room.
    """
    room = generator.window - answer_room
    tail = _checked_question(generator, question, limit=room // 2)
    ids: list[int] = []
    included: list[Included] = []
    for passage in passages:
        end, piece = _what_fits(generator, len(included) + 1, passage.text, room - len(ids) - len(tail))
        if end:
            ids += piece
            included.append(Included(passage, passage.start, passage.start + end))
        if 0 < end < len(passage.text):
            break
    taken = {id(part.passage) for part in included}
    left_out = tuple(passage for passage in passages if id(passage) not in taken)
    return Prompt((*ids, *tail), question, tuple(included), left_out)


def fit_each(
    generator: Generator, question: str, passages: Sequence[Passage], answer_room: int = 64
) -> Prompt:
    """As `fit`, for passages that are read one by one: each has the room to itself, and `ids` is empty.

    Raises:
        QuestionError: as `fit`.
    """
    room = generator.window - answer_room
    tail = _checked_question(generator, question, limit=room // 2)
    included: list[Included] = []
    for passage in passages:
        end, _ = _what_fits(generator, 1, passage.text, room - len(tail))
        if end:
            included.append(Included(passage, passage.start, passage.start + end))
    taken = {id(part.passage) for part in included}
    left_out = tuple(passage for passage in passages if id(passage) not in taken)
    return Prompt((), question, tuple(included), left_out)


def one_by_one(generator: Generator, prompt: Prompt) -> list[list[int]]:
    """A prompt of its own for each passage in `prompt`."""
    tail = encode_question(generator, prompt.question)
    return [[*encode_passage(generator, 1, part.text), *tail] for part in prompt.included]


def encode_example(
    generator: Generator, question: str, passages: Sequence[str], answer: str = UNKNOWN
) -> tuple[Prompt, tuple[int, ...]]:
    """A training example: the prompt as `fit` packs it, and the completion, which is never cut.

    Offsets in `Prompt.included` count from the beginning of each text.

    Raises:
        QuestionError: as `fit`; also where the answer takes more than half of the window.
    """
    completion = tuple(encode_answer(generator, answer))
    if len(completion) > generator.window // 2:
        raise QuestionError(f"the answer has {len(completion)} tokens; at most {generator.window // 2} fit")
    values = [Passage(0, "", text, 0, len(text)) for text in passages]
    return fit(generator, question, values, len(completion)), completion


def _checked_question(generator: Generator, question: str, limit: int) -> list[int]:
    if not question.strip():
        raise QuestionError("the question is empty; ask something")
    if any("\ud800" <= mark <= "\udfff" for mark in question):
        raise QuestionError("the question is not text: it holds half characters (lone surrogates)")
    ids = encode_question(generator, question)
    if len(ids) > limit:
        raise QuestionError(f"the question has {len(ids)} tokens; at most {limit} fit this model: shorten it")
    return ids


def _what_fits(generator: Generator, number: int, text: str, room: int) -> tuple[int, list[int]]:
    """Length of the longest run of sentences from the beginning that fits, and its line's ids; else 0."""
    if not text.strip():
        return 0, []
    for end in dict.fromkeys([len(text), *(end for _, end in reversed(sentences(text)))]):
        line = encode_passage(generator, number, text[:end])
        if len(line) <= room:
            return end, line
    return 0, []
