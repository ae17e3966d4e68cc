"""Slots: how many questions compute at the same time, with how many threads each, and how many may wait.

One question alone computes with all threads. Where several wait they share them: two questions with one
thread each are done earlier than one after the other with two, because not all of a question is spread over
threads.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import TypeVar

from index.errors import Overloaded

Event = TypeVar("Event")


class Slot:
    """A place to compute in."""

    def __init__(self) -> None:
        self.threads = 0
        """Threads that its models may use; 0 as long as it waits."""
        self.given = threading.Event()

    @contextmanager
    def computing(self) -> Iterator[None]:
        """What this thread computes with torch in the block has the slot's threads.

        Each thread has a number of its own, but torch gives one that has not computed yet the number that was
        set last, by whomever: hence it is asked for first, and put back.
        """
        import torch  # a second that listing, counting and removing do without

        before = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)

    def steps(self, events: Generator[Event]) -> Generator[Event]:
        """The events of a generator, each computed with the slot's threads, whichever thread asks for it."""
        with closing(events):
            while True:
                try:
                    with self.computing():
                        event = next(events)
                except StopIteration:
                    return
                yield event


class Slots:
    """First come, first served. Safe for threads; a slot may be given back by another thread."""

    def __init__(self, slots: int | None, queue: int, threads: int) -> None:
        """
        Args:
            slots: questions that may always compute at the same time, each with an equal part of the threads;
                None: one with all threads, or as many as wait when threads get free.
            queue: questions that may wait for a slot.
            threads: that the models may use.
        """
        self._slots = slots
        self._all = self._free = threads
        self.most = (slots or threads) + queue
        """Questions that compute or wait, at most."""
        self._lock = threading.Lock()
        self._waiting: deque[Slot] = deque()
        self.taken = 0
        """Questions that compute or wait."""

    @contextmanager
    def one(self) -> Iterator[Slot]:
        """A slot for the length of the block, waited for if need be.

        Raises:
            Overloaded: as many as may wait are waiting.
        """
        slot = Slot()
        with self._lock:
            if self.taken >= self.most:
                raise Overloaded(
                    f"{self.taken} questions are being answered or waiting: try again in a few seconds"
                )
            self.taken += 1
            self._waiting.append(slot)
            self._share()
        try:
            slot.given.wait()
            yield slot
        finally:
            with self._lock:
                self.taken -= 1
                if slot.threads:
                    self._free += slot.threads
                else:  # interrupted while it waited
                    self._waiting.remove(slot)
                self._share()

    def _share(self) -> None:
        """Let those begin that can, each with its part of the threads."""
        while self._waiting:
            if self._slots:
                free = self._slots - (self.taken - len(self._waiting))
                part = self._all // self._slots
            else:
                free = self._free
                part = self._free // len(self._waiting)
            if free <= 0:
                return
            slot = self._waiting.popleft()
            slot.threads = max(1, part)
            self._free -= slot.threads
            slot.given.set()
