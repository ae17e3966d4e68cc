"""A question as it was asked, what a way over several of them comes to, and when such a way is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.types import Hit
from rag.candidates import Candidate
from rag.ground import Grounded
from rag.pointing import Pointed
from rag.prompt import Included, Prompt


@dataclass(frozen=True, slots=True)
class DecomposeOptions:
    """When a question is taken apart."""

    sure: float = 0.7
    """A direct answer of this confidence is not looked at again.

    At .8, .69 and .6 the same 122 of 196 answers were right, those of two firms among them, and fewer
    questions are asked in vain (docs/log.md, 2026-11-27). A later reader is sure of .67 of a wrong head of
    a plant that is only described.
    """
    least: float = 0.35
    """Confidence that a step's answer must have to be built on."""
    agreed: float = 0.2
    """The same of the second of two values that are compared: one measure of both speaks for them."""
    pointed: float = 3.0
    """Natural log-odds from which the span reader is sure that what it points at decides a question."""
    denied: float = 1.5
    """Those of no over yes from which it says no then: right in 89 of 107 cases (docs/decisions/0029)."""
    affirmed: float = 1.5
    """Those of yes over no from which it says yes then: right in 29 of 32 cases."""
    most: int = 2
    """Descriptions that are resolved one after the other; 0: every question is asked as it is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was put to the passages that were found for it."""

    question: str
    hits: tuple[Hit, ...]
    prompt: Prompt
    grounded: Grounded
    pointed: Sequence[Pointed] = ()
    """What the span reader says of each passage of the prompt; empty: there is none."""
    unread: bool = False
    """Whether the generator was not asked, for what the span reader says may do."""

    @property
    def read(self) -> tuple[Included, ...]:
        """What was read of what was packed."""
        return self.prompt.included[: self.grounded.read]

    @property
    def best(self) -> Candidate | None:
        return self.grounded.candidates[0] if self.grounded.candidates else None

    @property
    def text(self) -> str:
        return self.best.text if self.best else ""

    @property
    def confidence(self) -> float:
        return self.grounded.confidence


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What the steps come to."""

    text: str
    confidence: float
    """0 to 1: that of the weakest step."""
    steps: tuple[Asked, ...]
    """Those that it stands on; the last says it."""


Ask = Callable[[str], Asked]
Compute = Callable[[Asked], Conclusion | None]
"""What the tables of the documents that were found come to."""
Lead = Callable[[Asked], tuple[Asked, str] | None]
"""A row that a question names, and the question with one of its cells in the name's place."""
Judge = Callable[[str, str, str], float | None]
"""What a text under its title says to a question: natural log of the probability of yes over that of no.

None: there is nobody who could tell."""
Known = Callable[[str], bool]
"""Whether a key is an entity of the collection."""
