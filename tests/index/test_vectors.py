"""The vector index against brute force in numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embed import unit_rows
from index.vectors import VectorIndex

DIM = 8
OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["add", "remove"]), st.lists(st.integers(1, 40), max_size=8, unique=True)),
    max_size=20,
)


def rows(ids: list[int], salt: int = 0) -> np.ndarray:
    """A row of length 1 that belongs to each id."""
    drawn = [np.random.default_rng([i, salt]).standard_normal(DIM) for i in ids]
    return unit_rows(np.array(drawn).reshape(-1, DIM))


def brute_force(held: dict[int, np.ndarray], query: np.ndarray, k: int) -> list[tuple[int, float]]:
    scores = [(i, float(row @ query)) for i, row in held.items()]
    return sorted(scores, key=lambda pair: -pair[1])[:k]


@given(OPERATIONS, st.integers(0, 50), st.integers(0, 2**32 - 1))
def test_search_equals_brute_force_after_any_adding_and_removing(
    operations: list[tuple[str, list[int]]], k: int, seed: int
) -> None:
    vectors = VectorIndex(DIM)
    held: dict[int, np.ndarray] = {}
    for step, (operation, ids) in enumerate(operations):
        if operation == "add":
            new = [i for i in ids if i not in held]
            vectors.add(np.array(new, np.int64), rows(new, step))
            held.update(zip(new, rows(new, step), strict=True))
        else:
            there = [i for i in ids if i in held]
            assert vectors.remove(np.array(ids, np.int64)) == len(there)
            for i in there:
                del held[i]
        assert len(vectors) == len(held)
        assert sorted(vectors.ids().tolist()) == sorted(held)
    query = unit_rows(np.random.default_rng(seed).standard_normal((1, DIM)))[0]
    ids, scores = vectors.search(query, k)
    expected = brute_force(held, query, k)
    assert ids.tolist() == [i for i, _ in expected]
    assert scores == pytest.approx([score for _, score in expected], abs=1e-5)
    assert (ids.dtype, scores.dtype) == (np.int64, np.float32)


def test_a_vector_is_nearest_to_itself_with_cosine_one() -> None:
    ids = [*range(1, 301), 2**40]
    vectors = VectorIndex(DIM)
    vectors.add(np.array(ids), rows(ids))
    for i, row in zip(ids[::50], rows(ids)[::50], strict=True):
        found, scores = vectors.search(row, 1)
        assert found.tolist() == [i]
        assert scores[0] == pytest.approx(1, abs=1e-5)


def test_an_empty_index_finds_nothing() -> None:
    vectors = VectorIndex(DIM)
    ids, scores = vectors.search(rows([1])[0], 5)
    assert (len(ids), len(scores), len(vectors), vectors.ids().tolist()) == (0, 0, 0, [])
    vectors.add(np.empty(0, np.int64), np.empty((0, 0), np.float32))
    assert vectors.remove(np.empty(0, np.int64)) == 0
    assert vectors.remove(np.array([7])) == 0
