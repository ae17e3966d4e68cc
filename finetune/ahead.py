"""The next item is made while the last is used."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The items in their order, each made by a thread while the one before is used.

    What making one raises is raised here. Where nobody asks for more, one has been made in vain.

    >>> list(ahead(iter("abc")))
    ['a', 'b', 'c']
    """
    over = object()
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming = pool.submit(next, items, over)
        while (item := coming.result()) is not over:
            coming = pool.submit(next, items, over)
            yield item  # type: ignore[misc]  # `over` is not yielded
