"""Free text token by token, on any `Reading`: the likeliest each time, or drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.decoding import GenerateOptions
from rag.reading import Reading

Row = NDArray[np.float32]

_LONGEST_GUESS = 8
"""Tokens guessed at once at most: on two cores a pass over 4 takes 1.4 times as long as one over a single
token, over 8 2.1 times (docs/decisions/0011)."""
_ALIKE = 2
"""Last tokens that must have stood in the text before, for what followed there to be the guess."""


def steps(
    reading: Reading, ids: Sequence[int], options: GenerateOptions, room: int, stop_ids: Sequence[int]
) -> Iterator[list[int | None]]:
    """One token a sequence and step; None for a sequence that has ended. Ends when all have, or at `room`.

    Args:
        reading: of one prompt, whose tokens are `ids`.
        room: new tokens at most.
    """
    first = reading.first.copy()
    for token, more in options.begin:
        first[:, token] += more
    if options.temperature == 0:
        greedy = likeliest(reading, ids, room, stop_ids, first)
        return ([token] * options.num_return_sequences for token in greedy)
    return _drawn(reading, options, room, stop_ids, first)


def likeliest(
    reading: Reading, ids: Sequence[int], room: int, stop_ids: Sequence[int], first: Row | None = None
) -> Iterator[int]:
    """The likeliest token each time, several a pass where the text repeats itself.

    Answers copy: after two tokens that stood in the text before, what followed there is guessed and
    read in the same pass; guesses that are the likeliest are kept, the rest is forgotten. So the
    tokens are those of one pass a token. (Prompt lookup, A. Saxena 2023,
    https://github.com/apoorvumang/prompt-lookup-decoding; speculation, arXiv 2211.17192.)

    Args:
        first: (1, vocabulary) scores of the first token; None: those of the reading.
    """
    text = list(ids)
    row, read, longest = (reading.first if first is None else first)[0], 0, _LONGEST_GUESS // 2
    while True:
        token = int(row.argmax())
        if token in stop_ids:
            return
        yield token
        text.append(token)
        room -= 1
        if room <= 0:
            return
        guess = _guess(text, min(longest, room))
        rows = reading.extend([token, *guess], [read - 1, *range(read, read + len(guess))])
        right = _right(rows, guess, stop_ids)
        yield from guess[:right]
        text += guess[:right]
        room -= right
        if room <= 0:
            return
        if guess:
            longest = min(2 * longest, _LONGEST_GUESS) if right == len(guess) else max(1, right + 1)
        row, read = rows[right], read + 1 + right
        reading.forget(read)


def _right(rows: Row, guess: Sequence[int], stop_ids: Sequence[int]) -> int:
    """How many of the guessed tokens are the likeliest, from the first on."""
    for at, token in enumerate(guess):
        if int(rows[at].argmax()) != token or token in stop_ids:
            return at
    return len(guess)


def _guess(text: Sequence[int], longest: int) -> list[int]:
    """What followed when the last tokens stood in `text` the last time; empty where they did not."""
    end = list(text[-_ALIKE:])
    for start in range(len(text) - _ALIKE - 1, -1, -1):
        if text[start] == end[0] and list(text[start : start + _ALIKE]) == end:
            return list(text[start + _ALIKE : start + _ALIKE + longest])
    return []


def _drawn(
    reading: Reading, options: GenerateOptions, room: int, stop_ids: Sequence[int], first: Row
) -> Iterator[list[int | None]]:
    """Sequences are branches below the one prompt, which is read once."""
    draw = _Draw(options)
    alive = list(range(options.num_return_sequences))
    parents = [-1] * len(alive)
    rows = np.repeat(first, len(alive), axis=0)
    read = 0
    while True:
        drawn = [(at, token) for at, token in zip(alive, draw(rows), strict=True) if token not in stop_ids]
        parents = [parent for at, parent in zip(alive, parents, strict=True) if at in dict(drawn)]
        alive = [at for at, _ in drawn]
        if not alive:
            return
        step: list[int | None] = [None] * options.num_return_sequences
        for at, token in drawn:
            step[at] = token
        yield step
        room -= 1
        if room <= 0:
            return
        rows = reading.extend([token for _, token in drawn], parents)
        parents = list(range(read, read + len(drawn)))
        read += len(drawn)


class _Draw:
    """The choice of the next tokens, (sequences, vocabulary) log-probabilities -> ids."""

    def __init__(self, options: GenerateOptions) -> None:
        self._options = options
        self._random = np.random.default_rng(options.seed)

    def __call__(self, rows: Row) -> list[int]:
        return [self._one(row) for row in rows]

    def _one(self, row: Row) -> int:
        weights = row.astype(np.float64) / self._options.temperature
        weights = np.exp(weights - weights.max())
        weights /= weights.sum()
        if self._options.top_p < 1:
            weights = _nucleus(weights, self._options.top_p)
        sums = np.cumsum(weights)
        return int(np.searchsorted(sums, self._random.random() * sums[-1], side="right"))


def _nucleus(probabilities: NDArray[Any], top_p: float) -> NDArray[Any]:
    """Zero but for the likeliest tokens that together reach `top_p` (arXiv 1904.09751)."""
    places = np.argsort(-probabilities, kind="stable")
    ordered = probabilities[places]
    ordered[np.cumsum(ordered) - ordered >= top_p] = 0
    kept = np.zeros_like(probabilities)
    kept[places] = ordered
    return kept
