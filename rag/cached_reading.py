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

    def __init__(self, model: CachedModel, prefixes: Prefixes, prompts: Sequence[Sequence[int]]) -> None:
        self._model = model
        self._trees = Trees([len(ids) for ids in prompts])
        self._cache = model.cache(self._trees.prompts + _ROOM)
        rows = []
        start = 0
        for ids in prompts:
            alone = self._cache if len(prompts) == 1 else model.cache(len(ids))
            rows.append(_read(model, prefixes, ids, alone))
            if alone is not self._cache:
                self._cache[..., start : start + len(ids), :] = alone
            start += len(ids)
        self.first: NDArray[np.float32] = np.concatenate(rows)

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
    model: CachedModel, prefixes: Prefixes, ids: Sequence[int], cache: NDArray[Any]
) -> NDArray[np.float32]:
    """Read one prompt into `cache` from its beginning; (1, vocabulary) log-probabilities after it."""
    old, before = prefixes.longest(ids)
    if before is not None:
        cache[..., :old, :] = before[..., :old, :]
    for start in range(old, len(ids), _TOGETHER):
        end = min(start + _TOGETHER, len(ids))
        # That no token sees one behind it, the model sees to.
        bias = np.zeros((end - start, end), np.float32)
        row = model.run(cache, start, ids[start:end], range(start, end), bias, [end - start - 1])
    prefixes.keep(ids, cache)
    return row
