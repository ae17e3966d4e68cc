from __future__ import annotations

import threading
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.prefixes import SHORTEST, Prefixes


def cache_of(ids: list[int], room: int = 0) -> Any:
    """Keys and values that say which token stands where: (2, 2, 1, 1, tokens, 4)."""
    values = np.zeros((2, 2, 1, 1, len(ids) + room, 4), np.float32)
    values[..., : len(ids), :] = np.array(ids, np.float32)[:, None]
    return values


BYTES = 64
"""A token's in `cache_of`."""


def passage(number: int, size: int = 100) -> list[int]:
    return [number * 1000 + at for at in range(size)]


def test_what_two_prompts_share_is_found() -> None:
    prefixes = Prefixes(10_000 * BYTES)
    ids = [*passage(1), 7, 8, 9]
    prefixes.keep(ids, cache_of(ids, room=50))
    same, cache = prefixes.longest([*passage(1), 7, 5, 5])
    assert same == 101
    assert cache is not None
    assert cache[0, 0, 0, 0, :same, 0].tolist() == ids[:same]
    assert prefixes.longest(passage(2)) == (0, None)
    assert prefixes.longest(passage(1)[: SHORTEST - 1]) == (0, None)


def test_the_last_token_is_always_read() -> None:
    prefixes = Prefixes(10_000 * BYTES)
    prefixes.keep(passage(1), cache_of(passage(1)))
    assert prefixes.longest(passage(1))[0] == 99


def test_another_question_is_not_kept_beside_the_first() -> None:
    prefixes = Prefixes(10_000 * BYTES)
    for question in ([7, 8], [9], [1, 2, 3]):
        ids = [*passage(1), *question]
        prefixes.keep(ids, cache_of(ids))
    assert prefixes.bytes == 102 * BYTES
    grown = [*passage(1), *passage(3, 200)]
    prefixes.keep(grown, cache_of(grown))
    assert prefixes.longest([*grown, 1])[0] == 300
    assert prefixes.bytes == 300 * BYTES


def test_passages_under_one_title_are_kept_beside_each_other() -> None:
    prefixes = Prefixes(10_000 * BYTES)
    title = passage(9, SHORTEST + 8)
    for number in (1, 2, 3):
        ids = [*title, *passage(number)]
        prefixes.keep(ids, cache_of(ids))
    for number in (1, 2, 3):
        same, cache = prefixes.longest([*title, *passage(number), 7])
        assert same == len(title) + 100
        assert cache is not None
        assert cache[0, 0, 0, 0, :same, 0].tolist() == [*title, *passage(number)]
    assert prefixes.longest([*title, *passage(4)])[0] == len(title)


def test_what_was_used_longest_ago_goes() -> None:
    prefixes = Prefixes(300 * BYTES)
    for number in (1, 2, 3):
        prefixes.keep(passage(number), cache_of(passage(number)))
    prefixes.longest(passage(1))
    prefixes.keep(passage(4), cache_of(passage(4)))
    assert [prefixes.longest(passage(number))[0] for number in (1, 2, 3, 4)] == [99, 0, 99, 99]


def test_too_large_or_too_short_is_not_kept() -> None:
    prefixes = Prefixes(150 * BYTES)
    prefixes.keep(passage(1), cache_of(passage(1)))
    prefixes.keep(passage(2, SHORTEST), cache_of(passage(2, SHORTEST)))
    assert prefixes.bytes == 0


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 200)), max_size=20))
def test_bytes_are_bounded_and_counted(prompts: list[tuple[int, int]]) -> None:
    prefixes = Prefixes(400 * BYTES)
    for number, size in prompts:
        prefixes.keep(passage(number, size), cache_of(passage(number, size)))
        assert prefixes.bytes <= 400 * BYTES
        assert prefixes.bytes == sum(values.nbytes for _, values in prefixes._kept.values())


def test_threads_keep_the_count() -> None:
    prefixes = Prefixes(500 * BYTES)

    def use(seed: int) -> None:
        draw = np.random.default_rng(seed)
        for _ in range(200):
            ids = passage(int(draw.integers(1, 9)), int(draw.integers(40, 120)))
            same, cache = prefixes.longest(ids)
            if cache is not None:
                assert cache[0, 0, 0, 0, :same, 0].tolist() == ids[:same]
            prefixes.keep(ids, cache_of(ids))

    threads = [threading.Thread(target=use, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert prefixes.bytes == sum(values.nbytes for _, values in prefixes._kept.values()) <= 500 * BYTES
