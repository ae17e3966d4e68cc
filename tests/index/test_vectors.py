"""The vector index against brute force in numpy."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lists import Growth, blocks
from index.pooling import unit_rows
from index.stamped import read_stamped, write_stamped
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


def made_up(count: int, dim: int = 32, seed: int = 0) -> np.ndarray:
    """Rows in a hundred clouds, as texts lie."""
    draw = np.random.default_rng(seed)
    centres = draw.standard_normal((100, dim))
    return unit_rows(centres[draw.integers(0, 100, count)] + 0.5 * draw.standard_normal((count, dim)))


def grown(count: int = 4000, exact_up_to: int = 1000) -> tuple[VectorIndex, np.ndarray]:
    """An index in lists, id i holding row i."""
    held = made_up(count)
    vectors = VectorIndex(32, exact_up_to)
    vectors.add(np.arange(count), held)
    vectors.settle()
    assert vectors.describe()["kind"] == "ivf-fp16"
    return vectors, held


def recall(vectors: VectorIndex, held: np.ndarray, there: np.ndarray, k: int = 10) -> float:
    """Of the k nearest of the rows `there`, the share that is found, over 50 questions."""
    shares = []
    for query in made_up(50, held.shape[1], seed=9):
        exact = there[np.argsort(-(held[there] @ query))[:k]]
        found, scores = vectors.search(query, k)
        assert (np.diff(scores) <= 0).all()
        assert scores == pytest.approx(held[found] @ query, abs=2e-3)
        shares.append(len(set(exact.tolist()) & set(found.tolist())) / k)
    return float(np.mean(shares))


def test_exact_below_the_threshold_and_nearly_above() -> None:
    held = made_up(1000)
    vectors = VectorIndex(32, exact_up_to=1000)
    vectors.add(np.arange(1000), held)
    vectors.settle()
    assert vectors.describe() == {
        "kind": "flat", "vectors": 1000, "bytes": 1000 * 136, "lists": 0, "growing": False
    }  # fmt: skip
    assert recall(vectors, held, np.arange(1000)) == 1
    vectors.add(np.array([1000]), made_up(1, seed=1))
    vectors.settle()
    described = vectors.describe()
    assert (described["kind"], described["vectors"], described["lists"]) == ("ivf-fp16", 1001, 63)
    vectors, held = grown()
    assert recall(vectors, held, np.arange(4000)) > 0.9
    assert sorted(vectors.ids().tolist()) == list(range(4000))


def test_a_search_gives_as_many_as_asked_for_even_from_lists() -> None:
    vectors, held = grown()
    for k in (1, 3000, 5000):
        found, _ = vectors.search(held[7], k)
        assert len(found) == len(set(found.tolist())) == min(k, 4000)
        assert found[0] == 7


def test_rows_come_and_go_while_lists_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the rows are copied, then some go, come and change: the lists hold what the index holds."""
    inside, go_on = threading.Event(), threading.Event()
    flat = blocks

    def slow(*args: object) -> object:
        for block in flat(*args):  # type: ignore[arg-type]
            if threading.current_thread().name == "vector-lists":
                inside.set()
                go_on.wait(20)
            yield block

    monkeypatch.setattr("index.lists.blocks", slow)
    held = made_up(3000)
    vectors = VectorIndex(32, exact_up_to=1500)
    vectors.add(np.arange(2000), held[:2000])
    assert inside.wait(20)
    assert vectors.describe()["growing"]
    assert vectors.remove(np.arange(100)) == 100
    vectors.add(np.arange(2000, 2500), held[2000:2500])
    assert vectors.remove(np.arange(2400, 2500)) == 100
    vectors.add(np.arange(50), held[2950:])  # the same ids, other rows
    there = np.array([*range(100, 2400)])
    found, _ = vectors.search(held[2100], 1)
    assert found.tolist() == [2100]
    go_on.set()
    vectors.settle()
    assert vectors.describe()["kind"] == "ivf-fp16"
    assert sorted(vectors.ids().tolist()) == sorted([*range(50), *there.tolist()])
    for i in (0, 49):
        found, scores = vectors.search(held[2950 + i], 1)
        assert (found.tolist(), scores[0]) == ([i], pytest.approx(1, abs=2e-3))
    for i in (100, 1999, 2000, 2399):
        assert vectors.search(held[i], 1)[0].tolist() == [i]


def test_rows_that_come_while_lists_are_made_get_lists_that_suit_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on = threading.Event()
    original = Growth.run
    monkeypatch.setattr(Growth, "run", lambda self: go_on.wait(20) and original(self))
    vectors = VectorIndex(32, exact_up_to=1000)
    held = made_up(9000)
    vectors.add(np.arange(1100), held[:1100])
    vectors.add(np.arange(1100, 9000), held[1100:])
    go_on.set()
    vectors.settle()
    assert vectors.describe()["lists"] == int(2 * 9000**0.5)
    assert recall(vectors, held, np.arange(9000)) > 0.9


def test_without_memory_for_lists_it_stays_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    monkeypatch.setattr(Growth, "run", lambda self: begun.append(self.rows))
    vectors = VectorIndex(32, exact_up_to=1000)
    held = made_up(3000)
    vectors.add(np.arange(1500), held[:1500])
    vectors.settle()
    vectors.add(np.arange(1500, 2000), held[1500:2000])
    vectors.settle()
    assert begun == [1500]  # not at every document
    assert recall(vectors, held, np.arange(2000)) == 1
    vectors.add(np.arange(2000, 3000), held[2000:])
    vectors.settle()
    assert vectors.search(held[2500], 1)[0].tolist() == [2500]


def test_lists_shrink_to_flat_and_are_made_anew_when_they_have_grown_far() -> None:
    vectors, held = grown(1200)
    few = vectors.describe()["lists"]
    more = made_up(5000, seed=3)
    vectors.add(np.arange(10_000, 15_000), more)
    vectors.settle()
    assert vectors.describe()["lists"] > 1.5 * few
    assert recall(vectors, np.concatenate([held, np.zeros((8800, 32), np.float32), more]),
                  np.array([*range(1200), *range(10_000, 15_000)])) > 0.9  # fmt: skip
    vectors.remove(np.arange(10_000, 15_000))
    vectors.settle()
    vectors.remove(np.arange(400, 1200))
    assert vectors.describe()["kind"] == "flat"
    assert recall(vectors, held, np.arange(400)) == 1


def test_lists_are_made_anew_when_later_rows_lie_elsewhere() -> None:
    vectors, _ = grown(2000)
    old = vectors._index
    odd = unit_rows(np.eye(32)[[0]] + 0.05 * np.random.default_rng(5).standard_normal((3000, 32)))
    vectors.add(np.arange(5000, 8000), odd)
    vectors.settle()
    assert vectors._index is not old
    found, _ = vectors.search(odd[17], 1)
    assert found.tolist() == [5017]


@pytest.mark.parametrize("count", [800, 4000])
def test_among_finds_exactly_the_nearest_of_few(count: int) -> None:
    held = made_up(count)
    vectors = VectorIndex(32, exact_up_to=1000)
    vectors.add(np.arange(count), held)
    vectors.settle()
    draw = np.random.default_rng(4)
    for size in (1, 5, 80):
        among = draw.choice(count, size, replace=False)
        for query in made_up(10, seed=6):
            found, scores = vectors.search(query, 10, among=np.append(among, [10**12, among[0]]))
            exact = among[np.argsort(-(held[among] @ query))[:10]]
            # Two rows whose products differ by less than a 16-bit float's rounding may change places.
            assert scores == pytest.approx(held[exact] @ query, abs=2e-3)
            assert set(found.tolist()) <= set(among.tolist())
            assert len(set(found.tolist())) == min(10, size)
    assert len(vectors.search(held[0], 10, among=np.empty(0, np.int64))[0]) == 0
    assert len(vectors.search(held[0], 10, among=np.array([10**12]))[0]) == 0
    half = np.arange(0, count, 2)
    found, _ = vectors.search(held[3], 500, among=half)
    assert len(found) == min(500, len(half))
    assert (found % 2 == 0).all()


@given(OPERATIONS, st.integers(0, 2**32 - 1))
def test_lists_hold_what_was_added_and_not_removed(
    operations: list[tuple[str, list[int]]], seed: int
) -> None:
    """As above with a threshold of 4 rows: flat, lists and back again, whenever the thread is ready."""
    vectors = VectorIndex(DIM, exact_up_to=4)
    held: dict[int, np.ndarray] = {}
    for step, (operation, ids) in enumerate(operations):
        if operation == "add":
            new = [i for i in ids if i not in held]
            vectors.add(np.array(new, np.int64), rows(new, step))
            held.update(zip(new, rows(new, step), strict=True))
        else:
            assert vectors.remove(np.array(ids, np.int64)) == len(held.keys() & set(ids))
            for i in ids:
                held.pop(i, None)
        assert len(vectors) == len(held)
    query = unit_rows(np.random.default_rng(seed).standard_normal((1, DIM)))[0]
    for _ in range(2):
        assert sorted(vectors.ids().tolist()) == sorted(held)
        found, scores = vectors.search(query, 50)
        assert sorted(found.tolist()) == sorted(held)
        assert scores == pytest.approx([float(held[i] @ query) for i in found.tolist()], abs=3e-3)
        vectors.settle()


@pytest.mark.parametrize("count", [0, 300, 4000])
def test_saved_and_loaded_it_goes_on_as_before(tmp_path: Path, count: int) -> None:
    held = made_up(count)
    vectors = VectorIndex(32, exact_up_to=1000)
    vectors.add(np.arange(count), held)
    vectors.settle()
    file = tmp_path / "vectors"
    vectors.save(file, 7)
    assert [path.name for path in tmp_path.iterdir()] == ["vectors"]
    held_by_file = VectorIndex.load(file, 32, exact_up_to=1000)
    assert held_by_file is not None
    loaded, revision = held_by_file
    assert (revision, loaded.describe()) == (7, vectors.describe())
    for query in made_up(10, seed=8):
        for one, other in zip(loaded.search(query, 5), vectors.search(query, 5), strict=True):
            assert one.tolist() == other.tolist()
    loaded.add(np.array([9000]), made_up(1, seed=8))
    assert loaded.search(made_up(1, seed=8)[0], 1)[0].tolist() == [9000]
    assert loaded.remove(np.array([9000, 0])) == 1 + (count > 0)
    assert len(vectors) == count


def test_a_damaged_or_foreign_file_is_not_loaded(tmp_path: Path) -> None:
    vectors, _ = grown(1500)
    file = tmp_path / "vectors"
    assert VectorIndex.load(file, 32) is None
    vectors.save(file, 1)
    whole = file.read_bytes()
    assert VectorIndex.load(file, 31) is None
    assert VectorIndex.load(tmp_path, 32) is None
    damages = [b"", b"x", whole[:-1], whole[: len(whole) // 2], whole + b"x", whole[1:], b"\0" * len(whole)]
    for place in (0, 40, len(whole) // 2, len(whole) - 30, len(whole) - 12):
        damages.append(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    for damage in damages:
        file.write_bytes(damage)
        assert VectorIndex.load(file, 32) is None
    file.write_bytes(whole)
    assert VectorIndex.load(file, 32) is not None


def test_a_whole_file_with_another_content_is_not_loaded(tmp_path: Path) -> None:
    file = tmp_path / "vectors"
    header = {"dim": 32, "count": 0, "revision": 1, "trained_at": 0, "unevenness": 0.0}
    write_stamped(file, header, lambda name: Path(name).write_text(json.dumps("no index"), "utf-8"))
    assert read_stamped(file) is not None
    assert VectorIndex.load(file, 32) is None


def test_what_was_saved_stays_when_saving_fails(tmp_path: Path) -> None:
    vectors, _ = grown(1500)
    file = tmp_path / "vectors"
    vectors.save(file, 1)

    def full(name: str) -> None:
        Path(name).write_bytes(b"half")
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        write_stamped(file, {"dim": 32}, full)
    assert [path.name for path in tmp_path.iterdir()] == ["vectors"]
    assert VectorIndex.load(file, 32) is not None
    with pytest.raises(OSError, match="No such file"):
        vectors.save(tmp_path / "no" / "vectors", 1)
