"""Free text, piece by piece: what a generator writes after a prompt, until a given phrase."""

from __future__ import annotations

from collections.abc import Generator as Yielding
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.errors import QuestionError
from rag.decoding import GenerateOptions
from rag.generator import Generator


@dataclass(frozen=True, slots=True)
class Checked:
    """A prompt that can be continued."""

    ids: tuple[int, ...]
    room: int
    """New tokens that the window leaves after it, 1 or more."""


def checked_prompt(generator: Generator, prompt: str) -> Checked:
    """`prompt` in tokens.

    Raises:
        QuestionError: it is empty, or leaves no room in the generator's window.
    """
    ids = generator.encode(prompt.encode("utf-8", "replace").decode())
    if not ids:
        raise QuestionError("the prompt is empty; give some text to go on from")
    if len(ids) >= generator.window:
        raise QuestionError(
            f"the prompt has {len(ids)} tokens; at most {generator.window - 1} fit this model: shorten it"
        )
    return Checked(tuple(ids), generator.window - len(ids))


def write(
    generator: Generator, ids: Sequence[int], options: GenerateOptions, stops: Sequence[str] = ()
) -> Yielding[str]:
    """One text, piece by piece in whole characters, up to the first of `stops` or the generator's end."""
    return until(generator.stream(ids, options), stops)


def write_all(
    generator: Generator, ids: Sequence[int], options: GenerateOptions, stops: Sequence[str] = ()
) -> list[str]:
    """All of `options.num_return_sequences` texts, each up to the first of `stops`."""
    if options.num_return_sequences == 1:  # stops writing at a stop, which `generate` does not
        return ["".join(write(generator, ids, options, stops))]
    return ["".join(until([text], stops)) for text in generator.generate(ids, options)]


def until(pieces: Iterable[str], stops: Sequence[str]) -> Yielding[str]:
    """`pieces` up to the first place where one of `stops` begins; what may become a stop is held back.

    >>> list(until(["25 da", "ys\\nQ", "u", "estion: x"], ["\\nQuestion:"]))
    ['25 da', 'ys']
    >>> list(until(["a\\n", "\\nb"], ["\\nQuestion:"]))
    ['a', '\\n\\nb']
    """
    held = ""
    for piece in pieces:
        held += piece
        found = [at for at in (held.find(stop) for stop in stops) if at >= 0]
        certain = min(found) if found else len(held) - _beginning(held, stops)
        if certain:
            yield held[:certain]
        if found:
            return
        held = held[certain:]
    if held:
        yield held


def _beginning(text: str, stops: Sequence[str]) -> int:
    """Length of the longest end of `text` that a stop begins with."""
    longest = max(map(len, stops), default=0)
    sizes = range(min(longest, len(text)), 0, -1)
    return next((size for size in sizes if any(stop.startswith(text[-size:]) for stop in stops)), 0)
