"""Free decoding on a language that is known: each token's successor is in a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.decoding import GenerateOptions
from rag.steps import likeliest, steps
from rag.trees import Trees

SIZE = 12


class TableReading:
    """Reads with a table: the successor depends on the last two tokens. Counts its passes."""

    def __init__(self, table: Any, ids: Sequence[int]) -> None:
        self._table, self._ids = table, list(ids)
        self._nodes: list[tuple[int, int]] = []
        self.passes = 0
        self.first = np.array([self._row(-1)], np.float32)

    def extend(self, tokens: Sequence[int], parents: Sequence[int]) -> Any:
        self.passes += 1
        start = len(self._nodes)
        self._nodes += zip(tokens, parents, strict=True)
        return np.array([self._row(node) for node in range(start, len(self._nodes))], np.float32)

    def forget(self, nodes: int) -> None:
        del self._nodes[nodes:]

    def _row(self, node: int) -> Any:
        last = list(self._along(node))[::-1]
        return self._table[([0, *self._ids, *last])[-2], ([0, *self._ids, *last])[-1]]

    def _along(self, node: int) -> Iterator[int]:
        while node >= 0:
            token, node = self._nodes[node]
            yield token


def plain(table: Any, ids: list[int], room: int, stops: list[int]) -> list[int]:
    """One token a pass: the reference."""
    text = [0, *ids]
    while len(text) - 1 - len(ids) < room:
        token = int(table[text[-2], text[-1]].argmax())
        if token in stops:
            break
        text.append(token)
    return text[1 + len(ids) :]


@given(
    st.integers(0, 10_000), st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=30), st.integers(1, 60)
)
def test_guessing_changes_no_token(seed: int, ids: list[int], room: int) -> None:
    table = np.random.default_rng(seed).normal(size=(SIZE, SIZE, SIZE))
    reading = TableReading(table, ids)
    found = list(likeliest(reading, ids, room, [3]))
    assert found == plain(table, ids, room, [3])
    assert reading.passes <= len(found)


def test_copied_text_takes_few_passes() -> None:
    table = np.full((SIZE, SIZE, SIZE), -9.0)
    for token in range(SIZE):
        table[:, token, (token + 1) % SIZE] = 0
    ids = [*range(SIZE), 0, 1]
    reading = TableReading(table, ids)
    assert list(likeliest(reading, ids, 40, [])) == [(2 + at) % SIZE for at in range(40)]
    assert reading.passes < 10


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 20))
def test_sequences_are_drawn_each_for_itself(seed: int, count: int, room: int) -> None:
    table = np.random.default_rng(seed).normal(size=(SIZE, SIZE, SIZE))
    options = GenerateOptions(num_return_sequences=count, temperature=0.7, top_p=0.9, seed=seed)
    found = [list(steps(TableReading(table, [5]), [5], options, room, [3])) for _ in range(2)]
    assert found[0] == found[1]
    assert len(found[0]) <= room
    for sequence in zip(*found[0], strict=True):
        words = [token for token in sequence if token is not None]
        assert 3 not in words
        assert list(sequence[: len(words)]) == words  # nothing after its end


def test_drawn_tokens_have_their_probabilities() -> None:
    table = np.broadcast_to(np.log([0.5, 0.3, 0.15, 0.05] + [1e-9] * 8), (SIZE, SIZE, SIZE))
    options = GenerateOptions(num_return_sequences=4000, temperature=1.0, top_p=0.9, seed=1)
    [step] = steps(TableReading(table, [5]), [5], options, 1, [])
    shares = np.bincount(np.array(step, int), minlength=SIZE) / 4000
    np.testing.assert_allclose(shares[:4], [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0], atol=0.03)


def test_trees_show_each_node_its_ancestors() -> None:
    trees = Trees([2, 3])
    places, sees = trees.grow([-1, -2, 0])
    assert places == [2, 3, 3]
    assert sees.astype(int).tolist() == [
        [1, 1, 0, 0, 0, 1, 0, 0],
        [0, 0, 1, 1, 1, 0, 1, 0],
        [1, 1, 0, 0, 0, 1, 0, 1],
    ]
    trees.cut(1)
    places, sees = trees.grow([0, 1])
    assert places == [3, 4]
    assert sees.astype(int).tolist() == [[1, 1, 0, 0, 0, 1, 1, 0], [1, 1, 0, 0, 0, 1, 1, 1]]


def test_a_first_token_that_weighs_more_is_taken_first_and_only_there() -> None:
    table = np.random.default_rng(7).normal(size=(SIZE, SIZE, SIZE))
    alone = plain(table, [5], 12, [3])
    for token in set(range(SIZE)) - {3}:
        options = GenerateOptions(begin=((token, 100.0),))
        found = [row[0] for row in steps(TableReading(table, [5]), [5], options, 12, [3])]
        assert found == [token, *plain(table, [5, token], 11, [3])]
    banned = GenerateOptions(begin=((alone[0], -100.0),), temperature=1.0, seed=1)
    drawn = [row[0] for row in steps(TableReading(table, [5]), [5], banned, 12, [3])]
    assert drawn
    assert drawn[0] != alone[0]
