"""Beginnings of prompts that were read before, with their keys and values: bounded, exact, for threads.

A passage is read at the beginning of its prompt, so its keys and values do not depend on the question (but
where a line of its document's head is read for it). Two prompts share what their first tokens have in
common; only the rest is read again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHORTEST = 32
"""Tokens in common below which nothing is looked up: "Passage 1: " is common to all."""


class Prefixes:
    """The prompts used last, each as (layers, 2, 1, kv_heads, tokens, head_dim), never changed:
    float32, or the bits of bfloat16."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[tuple[int, ...], tuple[NDArray[np.int64], NDArray[Any]]] = OrderedDict()
        """By all their tokens, what was used last at the end."""
        self._alike: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
        """The kept prompts by their first tokens, which passages of one title share."""
        self._lock = threading.Lock()
        self.bytes = 0
        """Of all keys and values that are kept."""

    def longest(self, ids: Sequence[int]) -> tuple[int, NDArray[Any] | None]:
        """How many first tokens of `ids` were read before, and where they were; the last is always read."""
        with self._lock:
            name, same = self._find(ids)
            if same < SHORTEST:
                return 0, None
            self._kept.move_to_end(name)
            return min(same, len(ids) - 1), self._kept[name][1]

    def keep(self, ids: Sequence[int], cache: NDArray[Any]) -> None:
        """Keep a prompt that was read; `cache` may be longer than `ids` and is copied.

        One that shares half of its tokens with a kept one is not kept beside it: the question changes,
        the passage stays.
        """
        shape = (*cache.shape[:4], len(ids), cache.shape[5])
        size = int(np.prod(shape)) * cache.itemsize
        if len(ids) <= SHORTEST or size > self._most // 2:
            return
        with self._lock:
            if self._find(ids)[1] * 2 >= len(ids):
                return
        kept = np.array(cache[..., : len(ids), :])
        with self._lock:
            name, same = self._find(ids)
            if same * 2 >= len(ids):  # another thread was quicker
                return
            if same * 2 >= len(name) > 0:
                self._drop(name)  # its passage, with less of what followed
            self._kept[tuple(ids)] = (np.asarray(ids, np.int64), kept)
            self._alike.setdefault(tuple(ids[:SHORTEST]), []).append(tuple(ids))
            self.bytes += size
            while self.bytes > self._most:
                self._drop(next(iter(self._kept)))

    def _find(self, ids: Sequence[int]) -> tuple[tuple[int, ...], int]:
        """The kept prompt that shares most first tokens, and how many; of those alike the last."""
        names = self._alike.get(tuple(ids[:SHORTEST]), ())
        shared = [(_common(self._kept[name][0], ids), at) for at, name in enumerate(names)]
        same, at = max(shared, default=(0, 0))
        return (names[at], same) if same else ((), 0)

    def _drop(self, name: tuple[int, ...]) -> None:
        alike = self._alike[name[:SHORTEST]]
        alike.remove(name)
        if not alike:
            del self._alike[name[:SHORTEST]]
        self.bytes -= self._kept.pop(name)[1].nbytes


def _common(kept: NDArray[np.int64], ids: Sequence[int]) -> int:
    """How many first tokens are the same."""
    size = min(len(kept), len(ids))
    differ = np.flatnonzero(kept[:size] != np.asarray(ids[:size]))
    return int(differ[0]) if len(differ) else size
