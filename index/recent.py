"""What was read lately, kept in memory: a bounded cache of values that never change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Keeps the values that were asked for last. Safe for threads.

    Passages never change and their ids are never used twice, so what was read of one stays true; whether it
    is still there, the reader asks elsewhere.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[int, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, ids: Iterable[int], read: Callable[[list[int]], Mapping[int, Value]]) -> dict[int, Value]:
        """id -> value; those that are not kept are read in one call. What `read` leaves out is left out."""
        wanted = list(dict.fromkeys(ids))
        found: dict[int, Value] = {}
        missing: list[int] = []
        with self._lock:
            values, touch = self._values, self._values.move_to_end
            for i in wanted:
                if i in values:
                    found[i] = values[i]
                    touch(i)
                else:
                    missing.append(i)
        if missing:
            new = read(missing)
            found.update(new)
            with self._lock:
                self._values.update(new)
                while len(self._values) > self._capacity:
                    self._values.popitem(last=False)
        return found
