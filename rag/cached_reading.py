"""Prompts read by a model that fills a cache of keys and values which its caller owns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.prefixes import Prefixes
from rag.trees import Trees
from rag.weights import Matrix

UNSEEN = np.float32(-1e9)
"""Added to the score of what a token must not see."""
_TOGETHER = 512
"""Tokens of a prompt that are read in one pass: more are no quicker and take more room."""
_ROOM = 256
"""Nodes for which a reading has room at first. Memory that is not written to costs nothing."""


class CachedModel(Protocol):
    """A decoder. Calls may run side by side."""

    numbers: str
    """The number format of its weights, such as "float32"."""
    threads: int

    def cache(self, tokens: int) -> NDArray[Any]:
        """Room for keys and values: (layers, 2, 1, kv_heads, tokens, head_dim), not yet written."""

    def run(
        self,
        cache: NDArray[Any],
        old: int,
        ids: Sequence[int],
        places: Sequence[int],
        bias: Matrix,
        ends: Sequence[int],
    ) -> NDArray[np.float32]:
        """Read `ids` behind the first `old` tokens of `cache`, and write them into it.

        Args:
            cache: from `cache`, with room for `ids`.
            places: each token's position in its text.
            bias: (n, old + n), 0 or `UNSEEN`; no token ever sees one behind it in `ids`.
            ends: the numbers in `ids` of the tokens whose successors are wanted.

        Returns:
            (ends, vocabulary) natural log-probabilities.
        """


class CachedReading:
    """Prompts read one by one, then laid behind each other and continued together (see `Reading`).

    One by one, attention costs the square of each length and not of their sum, and what a prompt
    shares with one read before is not read again.
    """

    def __init__(
        self,
        model: CachedModel,
        prefixes: Prefixes,
        prompts: Sequence[Sequence[int]],
        then: Sequence[int] = (),
    ) -> None:
        self._model = model
        self._trees = Trees([len(ids) for ids in prompts])
        self._cache = model.cache(self._trees.prompts + _ROOM + len(then))
        self.first: NDArray[np.float32]
        self.then: NDArray[np.float32]
        if len(prompts) == 1:  # the phrase costs little in the pass that reads the prompt
            rows = _read(model, prefixes, prompts[0], self._cache, then)
            self._trees.grow(self._trees.chains(len(then)))
            self.first, self.then = rows[:1], rows[None, 1:]
            return
        self.first = np.concatenate([self._laid(prefixes, ids, at) for at, ids in enumerate(prompts)])
        parents = self._trees.chains(len(then))
        rows = self.extend([*then] * len(prompts), parents) if parents else self.first[:0]
        self.then = rows.reshape(len(prompts), len(then), rows.shape[1])

    def _laid(self, prefixes: Prefixes, ids: Sequence[int], number: int) -> NDArray[np.float32]:
        """Read a prompt by itself, then lay it where the prompt of this number belongs."""
        alone = self._model.cache(len(ids))
        row = _read(self._model, prefixes, ids, alone)
        start = self._trees.start(number)
        self._cache[..., start : start + len(ids), :] = alone
        return row

    def extend(self, tokens: Sequence[int], parents: Sequence[int]) -> NDArray[np.float32]:
        old = self._trees.prompts + len(self._trees)
        places, sees = self._trees.grow(parents)
        if old + len(tokens) > self._cache.shape[4]:
            grown = self._model.cache(2 * (old + len(tokens)))
            grown[..., :old, :] = self._cache[..., :old, :]
            self._cache = grown
        bias = np.where(sees, np.float32(0), UNSEEN)
        return self._model.run(self._cache, old, tokens, places, bias, range(len(tokens)))

    def forget(self, nodes: int) -> None:
        self._trees.cut(nodes)


def _read(
    model: CachedModel,
    prefixes: Prefixes,
    ids: Sequence[int],
    cache: NDArray[Any],
    then: Sequence[int] = (),
) -> NDArray[np.float32]:
    """Read one prompt into `cache` from its beginning, and a phrase behind it.

    Returns:
        (1 + phrase, vocabulary) log-probabilities after the prompt and each token of the phrase.
    """
    old, before = prefixes.longest(ids)
    if before is not None:
        cache[..., :old, :] = before[..., :old, :]
    for start in range(old, len(ids), _TOGETHER):
        end = min(start + _TOGETHER, len(ids))
        more = len(then) if end == len(ids) else 0
        # That no token sees one behind it, the model sees to.
        bias = np.zeros((end + more - start, end + more), np.float32)
        ends = range(end - start - 1, end - start + more)
        rows = model.run(cache, start, [*ids[start:end], *then[:more]], range(start, end + more), bias, ends)
    prefixes.keep(ids, cache)
    return rows
