"""What comes back from a question. All frozen.

Offsets are character offsets into `Document.text`, end exclusive, as everywhere in the house.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from index.types import Fact, Hit, Passage
from rag.prompt import Included

Decoding = Literal["grounded", "free"]
"""How an answer is written: held to spans of the passages, or freely and then compared with them."""


@dataclass(frozen=True, slots=True)
class Citation:
    """The words an answer stands on: `document.text[start:end] == text`, always."""

    document_id: str
    source: str
    passage_id: int
    start: int
    end: int
    text: str
    """The heading, the sentence, or sentences, that hold the answer."""
    answer_start: int
    answer_end: int
    """Where the answer itself stands, in the same offsets; of a free answer, its longest part that does."""
    page: int | None = None
    """Page on which the passage, or the heading, begins, counted from 1; None for a format without pages."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a free answer, and whether the passages that were read say it."""

    text: str
    supported: bool
    support: float
    """0 to 1: the share of its telling words that the cited sentences hold; 0 when they contradict it."""
    citations: tuple[Citation, ...] = ()
    """The sentences that say it; empty if it is not supported."""


@dataclass(frozen=True, slots=True)
class Step:
    """A question that was asked on the way to an answer, and what the passages say to it."""

    question: str
    text: str
    confidence: float
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a question, before anything reads it; `Answer.included` has what was read."""

    hits: tuple[Hit, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Text:
    """A part of the answer that will not change any more. Joined, the parts are `Answer.text`."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Enough to check what was said and to say it again."""

    text: str
    abstained: bool
    """True: the passages do not say it, and `text` is the phrase for that in the question's language."""
    confidence: float
    """0 to 1: the estimated probability that `text` is right; of a free answer, how much is supported."""
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    facts: tuple[Fact, ...]
    model_version: str
    revision: int
    """Revision of the collection that was asked."""
    timings: Mapping[str, float] = field(default_factory=dict)
    """Seconds by step."""
    decoding: Decoding = "grounded"
    included: tuple[Included, ...] = ()
    """What the generator read: passages whole, or their first sentences (`trimmed`)."""
    left_out: tuple[Passage, ...] = ()
    """Passages that it was to read, and of which not one sentence fitted its window."""
    sentences: tuple[Sentence, ...] = ()
    """Of a free answer, each sentence; empty for a grounded one, which is a span of the document."""
    steps: tuple[Step, ...] = ()
    """Of an answer that joins or compares passages, the questions that led to it; empty for a direct one."""


Event = Found | Text | Answer
"""What `Engine.stream` yields: `Found` once, `Text` any number of times, the `Answer` last."""
