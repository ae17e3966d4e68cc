"""What comes back from a question. All frozen.

Offsets are character offsets into `Document.text`, end exclusive, as everywhere in the house.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from index.types import Fact, Hit


@dataclass(frozen=True, slots=True)
class Citation:
    """The words an answer stands on: `document.text[start:end] == text`, always."""

    document_id: str
    source: str
    passage_id: int
    start: int
    end: int
    text: str
    """The sentence, or sentences, that hold the answer."""
    answer_start: int
    answer_end: int
    """Where the answer itself stands, in the same offsets."""
    page: int | None = None
    """Page on which the passage begins, counted from 1; None for a format without pages."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Enough to check what was said and to say it again."""

    text: str
    abstained: bool
    """True: the passages do not say it, and `text` is the phrase for that in the question's language."""
    confidence: float
    """0 to 1: the estimated probability that `text` is right."""
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    facts: tuple[Fact, ...]
    model_version: str
    revision: int
    """Revision of the collection that was asked."""
    timings: Mapping[str, float] = field(default_factory=dict)
    """Seconds by step."""
