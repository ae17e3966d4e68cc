"""Free generation's options, and token ids turned into text that never breaks a character."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

BROKEN = "\ufffd"
"""What a decoder writes for bytes that are no character, or not yet one."""


class Tokens(NamedTuple):
    """A text in tokens."""

    ids: list[int]
    ends: list[int]
    """How many characters are complete after each token; -1 after one that ends inside a character."""


@dataclass(frozen=True, slots=True)
class GenerateOptions:
    """How free text is written after a prompt."""

    max_length: int = 128
    """New tokens at most; also held to what the window leaves."""
    num_return_sequences: int = 1
    """How many texts; greedy ones would be equal, so more than one needs a temperature above 0."""
    temperature: float = 0.0
    """0 takes the likeliest token each time; above, tokens are drawn."""
    top_p: float = 1.0
    """Draw from the likeliest tokens that together have this probability."""
    seed: int | None = None
    """The same seed gives the same texts on the same machine; None draws a new one."""
    begin: tuple[tuple[int, float], ...] = ()
    """(token id, natural log units added to its score) where a text begins; not after."""

    def __post_init__(self) -> None:
        if self.max_length < 1 or self.num_return_sequences < 1:
            raise ValueError("max_length and num_return_sequences must be 1 or more")
        if self.temperature < 0 or not 0 < self.top_p <= 1:
            raise ValueError("temperature must be 0 or more, top_p above 0 and at most 1")


def whole_characters(ids: Iterable[int], decode: Callable[[Sequence[int]], str]) -> Iterator[str]:
    """Text piece by piece as ids come; joined, the pieces are `decode` of all ids.

    A piece is held back while its last character is unfinished. Two marks into the ids: `told` is
    what was given out, `context` a little before it, because some decoders write a token
    differently at the beginning of a text (as in vLLM's incremental detokenizer).
    """
    seen: list[int] = []
    context = told = 0
    for token in ids:
        seen.append(token)
        before, now = decode(seen[context:told]), decode(seen[context:])
        if len(now) > len(before) and not now.endswith(BROKEN):
            yield now[len(before) :]
            context, told = told, len(seen)
    rest = decode(seen[context:])[len(decode(seen[context:told])) :]
    if rest:
        yield rest
