"""Which token sees which when prompts are continued along trees. Numbers only, no model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Trees:
    """Continuations of several prompts that lie behind each other in one cache: the prompts' tokens,
    then all nodes in the order they came. Each node sees its own prompt, its ancestors and itself.
    (Tree attention, SpecInfer, arXiv 2305.09781.)
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        self._lengths = list(lengths)
        self._ends = np.cumsum(self._lengths)
        self.prompts = sum(self._lengths)
        """Tokens of the prompts together."""
        self._sees = np.zeros((0, self.prompts), dtype=bool)
        self._depths: list[int] = []

    def __len__(self) -> int:
        return len(self._depths)

    def start(self, number: int) -> int:
        """Where the prompt of this number begins."""
        return int(self._ends[number]) - self._lengths[number]

    def chains(self, length: int) -> list[int]:
        """The parents of the first nodes when they are a chain of `length` behind each prompt.

        >>> Trees([7, 5]).chains(3)
        [-1, 0, 1, -2, 3, 4]
        """
        prompts = range(len(self._lengths))
        return [-1 - at if not i else at * length + i - 1 for at in prompts for i in range(length)]

    def grow(self, parents: Sequence[int]) -> tuple[list[int], NDArray[np.bool_]]:
        """Add nodes behind `parents` (see `rag.generator.Reading`).

        Returns:
            Their positions, and (new nodes, prompt tokens + nodes): row sees column.
        """
        old = len(self)
        grown = np.zeros((old + len(parents), self.prompts + old + len(parents)), dtype=bool)
        grown[:old, : self.prompts + old] = self._sees
        for node, parent in enumerate(parents, start=old):
            if parent >= 0:
                grown[node] = grown[parent]
                self._depths.append(self._depths[parent] + 1)
            else:
                end, length = self._ends[-1 - parent], self._lengths[-1 - parent]
                grown[node, end - length : end] = True
                self._depths.append(length)
            grown[node, self.prompts + node] = True
        self._sees = grown
        return self._depths[old:], grown[old:]

    def cut(self, nodes: int) -> None:
        """Keep the first `nodes` only."""
        self._sees = self._sees[:nodes, : self.prompts + nodes]
        del self._depths[nodes:]
