"""A part that is loaded when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Part = TypeVar("Part")


class Once(Generic[Part]):
    """A part that is loaded when first asked for, once, however many threads ask. A failure is not kept."""

    def __init__(self, load: Callable[[], Part]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._parts: list[Part] = []

    def __call__(self) -> Part:
        with self._lock:
            if not self._parts:
                self._parts.append(self._load())
            return self._parts[0]

    def loaded(self) -> list[Part]:
        """The part, if it was loaded."""
        with self._lock:
            return list(self._parts)

    def drop(self) -> list[Part]:
        """Forget the part, to load it again; returns it if it was loaded."""
        with self._lock:
            parts, self._parts = self._parts, []
            return parts
