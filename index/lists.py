"""What VectorIndex is made of: flat rows, inverted lists, and the thread that makes lists of rows."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.pooling import Vectors

Ids = NDArray[np.int64]

_CELLS = 2.0
"""Lists: so many times the square root of the rows."""
_SAMPLE = 40
"""Rows a list to train on."""


class Growth(threading.Thread):
    """Makes inverted lists of an index's rows, beside its use."""

    def __init__(self, index: Any, dim: int, lock: threading.RLock) -> None:
        super().__init__(name="vector-lists", daemon=True)
        self.made: Any = None
        self.rows = int(index.ntotal)
        """At the beginning; the lists are as many as suit them."""
        self._added: dict[int, Vectors] = {}
        self._touched: set[int] = set()
        self._old = index
        self._dim = dim
        self._lock = lock

    def note_added(self, ids: Ids, vectors: Vectors) -> None:
        self._touched.update(ids.tolist())
        self._added.update(zip(ids.tolist(), vectors.copy(), strict=True))

    def note_removed(self, ids: Ids) -> None:
        self._touched.update(ids.tolist())
        for i in ids.tolist():
            self._added.pop(i, None)

    def run(self) -> None:
        faiss.omp_set_num_threads(1)  # of this thread: the other core answers
        made = inverted_lists(self._dim, self.rows)
        made.train(self._sample(_SAMPLE * int(made.nlist)))
        for ids, vectors in blocks(self._old, self._lock):
            made.add_with_ids(vectors, ids)
        self.made = made

    def _sample(self, count: int) -> Vectors:
        """About so many rows, evenly drawn."""
        share = min(1.0, count / self.rows)
        draw = np.random.default_rng(0)
        return np.concatenate(
            [vectors[draw.random(len(vectors)) < share] for _, vectors in blocks(self._old, self._lock)]
        )

    def finished(self) -> Any:
        """The lists, with what changed in the meantime: rows copied before they were touched go."""
        if self._touched:
            self.made.remove_ids(faiss.IDSelectorBatch(np.array(sorted(self._touched), np.int64)))
        if self._added:
            self.made.add_with_ids(
                np.stack(list(self._added.values())), np.array(list(self._added), np.int64)
            )
        return self.made


def flat_rows(dim: int) -> Any:
    return faiss.IndexIDMap2(faiss.IndexFlatIP(dim))


def inverted_lists(dim: int, rows: int) -> Any:
    """Empty inverted lists for so many rows. 16-bit floats: unlike 8-bit codes they have no range to learn,
    so that the first rows do not decide how well later ones, in another language, are kept."""
    cells = max(1, int(_CELLS * math.sqrt(rows)))
    made = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim), dim, cells, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT, False
    )
    made.cp.niter, made.cp.max_points_per_centroid, made.cp.min_points_per_centroid = 6, _SAMPLE, 1
    return made


def blocks(index: Any, lock: Any = None) -> Iterator[tuple[Ids, Vectors]]:
    """Copies of all rows; holds the lock for one list, or for all of a flat index, whose rows move up when
    one is removed."""
    with lock or nullcontext():
        if isinstance(index, faiss.IndexIDMap2):
            rows = index.index.reconstruct_n(0, index.ntotal)
            held = [(np.asarray(faiss.vector_to_array(index.id_map), np.int64), rows)]
            count = 0
        else:
            held, count = [], int(index.nlist)
    yield from held
    for cell in range(count):
        with lock or nullcontext():
            lists = index.invlists
            size = lists.list_size(cell)
            if not size:
                continue
            ids = faiss.rev_swig_ptr(lists.get_ids(cell), size).copy()
            codes = faiss.rev_swig_ptr(lists.get_codes(cell), size * lists.code_size)
            rows = codes.view(np.float16).reshape(size, -1).astype(np.float32)
        yield ids, rows


def unevenness(index: Any) -> float:
    """1 when all lists are of one length, more when a search that reads some of them reads more rows."""
    return float(index.invlists.imbalance_factor())
