"""Beginnings of prompts that were read before, with their keys and values: bounded, exact, for threads.

A passage is read at the beginning of its prompt, so its keys and values do not depend on the
question. Two prompts share what their first tokens have in common; only the rest is read again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.onnx_weights import Matrix

SHORTEST = 32
"""Tokens in common below which nothing is looked up: "Passage 1: " is common to all."""


class Prefixes:
    """The prompts used last, each as (layers, 2, 1, kv_heads, tokens, head_dim) float32, never changed."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[tuple[int, ...], tuple[NDArray[np.int64], Matrix]] = OrderedDict()
        self._lock = threading.Lock()
        self.bytes = 0
        """Of all keys and values that are kept."""

    def longest(self, ids: Sequence[int]) -> tuple[int, Matrix | None]:
        """How many first tokens of `ids` were read before, and where they were; the last is always read."""
        with self._lock:
            found = self._find(ids)
        if found is None:
            return 0, None
        same = min(_common(found[0], ids), len(ids) - 1)
        return (same, found[1]) if same >= SHORTEST else (0, None)

    def keep(self, ids: Sequence[int], cache: Matrix) -> None:
        """Keep a prompt that was read; `cache` may be longer than `ids` and is copied.

        One that shares half of its tokens with a kept one is not kept beside it: the question changes,
        the passage stays.
        """
        shape = (*cache.shape[:4], len(ids), cache.shape[5])
        size = int(np.prod(shape)) * cache.itemsize
        if len(ids) <= SHORTEST or size > self._most // 2:
            return
        with self._lock:
            found = self._find(ids)
        if found is not None and _common(found[0], ids) * 2 >= len(ids):
            return
        kept = np.array(cache[..., : len(ids), :])
        with self._lock:
            old = self._kept.pop(self._key(ids), None)
            self.bytes += size - (old[1].nbytes if old else 0)
            self._kept[self._key(ids)] = (np.asarray(ids, np.int64), kept)
            while self.bytes > self._most:
                self.bytes -= self._kept.popitem(last=False)[1][1].nbytes

    def _find(self, ids: Sequence[int]) -> tuple[NDArray[np.int64], Matrix] | None:
        """The kept prompt with the same first tokens, now the one used last."""
        key = self._key(ids)
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    @staticmethod
    def _key(ids: Sequence[int]) -> tuple[int, ...]:
        return tuple(ids[:SHORTEST])


def _common(kept: NDArray[np.int64], ids: Sequence[int]) -> int:
    """How many first tokens are the same."""
    size = min(len(kept), len(ids))
    differ = np.flatnonzero(kept[:size] != np.asarray(ids[:size]))
    return int(differ[0]) if len(differ) else size
