"""Processes that train one model together, each on rows of its own: one a graphics card.

`accelerate launch` and `torchrun` start several, and accelerate tells each which it is; any other process is
alone, and all of this does nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch
from accelerate import PartialState

T = TypeVar("T")


class Team:
    """All processes of a training. Each calls each method at the same time as the others."""

    def __init__(self, cpu: bool = False) -> None:
        self._state = PartialState(cpu=cpu or not torch.cuda.is_available())
        self._size = self._state.num_processes
        self.first: bool = self._state.process_index == 0
        """Whether this process writes what all would write."""

    @property
    def device(self) -> torch.device:
        """What this process computes on."""
        device: torch.device = self._state.device
        return device

    def own(self, parts: Sequence[T]) -> Sequence[T]:
        """Those of the parts that this process works on."""
        return parts[self._state.process_index :: self._size]

    def add_up(self, weights: Sequence[torch.Tensor], numbers: torch.Tensor) -> None:
        """Make the weights' gradients, and numbers, the sums of all processes' own, in place."""
        if self._size == 1:
            return
        for weight in weights:
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
            torch.distributed.all_reduce(weight.grad)
        torch.distributed.all_reduce(numbers)

    def agree(self, *numbers: float) -> list[float]:
        """The first process's numbers, for all: where their clocks differ, they decide alike."""
        if self._size == 1:
            return list(numbers)
        values = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        torch.distributed.broadcast(values, 0)
        found: list[float] = values.tolist()
        return found

    def wait(self) -> None:
        """Until all are here."""
        self._state.wait_for_everyone()
