"""A made question, as the rules of both languages give it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the words of its sentence that answer it."""

    question: str
    answer: str
    kind: Literal["definition", "value", "cloze"]
