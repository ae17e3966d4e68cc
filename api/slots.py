"""Slots: how many questions compute at the same time, and how many may wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import Overloaded


class Slots:
    """Safe for threads; a slot may be given back by another thread than the one that took it."""

    def __init__(self, slots: int, queue: int) -> None:
        """
        Args:
            slots: questions that compute at the same time.
            queue: questions that may wait for a slot.
        """
        self._most = slots + queue
        self._free = threading.Semaphore(slots)
        self._lock = threading.Lock()
        self.taken = 0
        """Questions that compute or wait."""

    @contextmanager
    def one(self) -> Iterator[None]:
        """A slot for the length of the block, waited for if need be.

        Raises:
            Overloaded: as many as may wait are waiting.
        """
        with self._lock:
            if self.taken >= self._most:
                raise Overloaded(
                    f"{self.taken} questions are being answered or waiting: try again in a few seconds"
                )
            self.taken += 1
        try:
            with self._free:
                yield
        finally:
            with self._lock:
                self.taken -= 1
