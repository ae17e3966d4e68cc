"""The vector index: inner products over passages. Only this file and index/lists.py import faiss.

Exact while that is fast, then inverted lists (docs/decisions/0007 has the measurements): the rows of each of
`lists` cells lie together, and a search reads the cells nearest to the question only.
"""

from __future__ import annotations

import math
import threading
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from index.lists import Growth, Ids, blocks, flat_rows, unevenness
from index.pooling import Vectors
from index.stamped import read_stamped, write_stamped

EXACT_UP_TO = 20_000
"""Rows. At 100,000, lists answer six times as fast as comparing with each row, but miss some near rows."""
_REGROW = 4
"""Train anew when there are this many times more or fewer rows than at the last training."""
_BULK = 10
"""An `add` of this many times EXACT_UP_TO builds the lists before it returns, instead of aside."""
_DRIFT = 2.0
"""Train anew when the lists are this many times as unequal as after training."""
_PROBED = 8
"""One in this many lists is read."""


class VectorIndex:
    """Inner-product search over (id, vector) pairs. A view: it can always be rebuilt from the store.

    Up to `exact_up_to` rows it compares with each of them. Above, a thread trains inverted lists (16-bit
    floats) on a sample and moves the rows, while searches go on exactly; a later call takes them into use.
    """

    def __init__(self, dim: int, exact_up_to: int = EXACT_UP_TO) -> None:
        self.dim = dim
        self._exact_up_to = self._grow_from = exact_up_to
        self._index: Any = flat_rows(dim)
        self._trained_at = 0  # rows; 0 while flat
        self._unevenness = 0.0
        self._growth: Growth | None = None
        self._lock = threading.RLock()  # against the growing thread, which reads what others change

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def _kind(self) -> str:
        return "ivf-fp16" if self._trained_at else "flat"

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add rows.

        Args:
            ids: (n,) int64, none of them in the index yet.
            vectors: (n, dim) float32, rows of length 1.
        """
        if not len(ids):
            return
        ids, vectors = np.asarray(ids, np.int64), np.ascontiguousarray(vectors, np.float32)
        with self._lock:
            self._take_over()
            self._index.add_with_ids(vectors, ids)
            if self._growth:
                self._growth.note_added(ids, vectors)
            self._keep_fit()
        if len(ids) >= _BULK * self._exact_up_to:
            self.settle()

    def remove(self, ids: Ids) -> int:
        """Remove rows, (n,) int64; ids that are not there are ignored. Returns how many were removed."""
        if not len(ids):
            return 0
        ids = np.asarray(ids, np.int64)
        with self._lock:
            self._take_over()
            removed = int(self._index.remove_ids(faiss.IDSelectorBatch(ids)))
            if self._growth:
                self._growth.note_removed(ids)
            self._keep_fit()
        return removed

    def search(self, query: Vectors, k: int, among: Ids | None = None) -> tuple[Ids, Vectors]:
        """The k nearest rows.

        Args:
            query: (dim,) float32 of length 1.
            k: how many; fewer come back when the index holds fewer.
            among: (n,) int64: only these ids; those that are not in the index are ignored.

        Returns:
            ids (m,) int64 and inner products (m,) float32, best first, m = min(k, rows there are). From lists
            (`describe()["kind"]`) a near row may be missing and the products are off by up to .0001.
        """
        with self._lock:
            self._take_over()
            k = min(k, len(self), len(self) if among is None else len(among))
            if k <= 0:
                return np.empty(0, np.int64), np.empty(0, np.float32)
            query = np.ascontiguousarray(query[None], np.float32)
            if not self._trained_at:
                return self._found(query, k, faiss.SearchParameters, among)
            lists = int(self._index.nlist)
            # Few rows are wanted: comparing with each of them is exact and quick.
            all_lists = among is not None and len(among) * _PROBED < len(self)
            probes = lists if all_lists else max(1, lists // _PROBED)
            found = self._found(query, k, faiss.SearchParametersIVF, among, nprobe=probes)
            if len(found[0]) < k and probes < lists:
                found = self._found(query, k, faiss.SearchParametersIVF, among, nprobe=lists)
            return found

    def _found(
        self, query: Vectors, k: int, kind: Any, among: Ids | None, **options: int
    ) -> tuple[Ids, Vectors]:
        if among is not None:
            selector = faiss.IDSelectorBatch(np.asarray(among, np.int64))
            parameters = kind(sel=selector, **options)
        else:
            parameters = kind(**options)
        faiss.omp_set_num_threads(1)  # of this thread: waking a second one costs more than it saves
        scores, ids = self._index.search(query, k, params=parameters)
        there = ids[0] >= 0
        return ids[0][there], scores[0][there]

    def ids(self) -> Ids:
        """(n,) int64: the ids of all rows, in no promised order."""
        with self._lock:
            return np.concatenate([ids for ids, _ in blocks(self._index)] or [np.empty(0, np.int64)])

    def describe(self) -> dict[str, Any]:
        """kind ("flat" or "ivf-fp16"), vectors, bytes in memory, lists (0 when flat), growing (new lists are
        being made)."""
        with self._lock:
            self._take_over()
            row = self.dim * (2 if self._trained_at else 4) + 8
            lists = int(self._index.nlist) if self._trained_at else 0
            return {
                "kind": self._kind,
                "vectors": len(self),
                "bytes": len(self) * row + lists * self.dim * 4,
                "lists": lists,
                "growing": self._growth is not None,
            }

    def settle(self) -> None:
        """Wait until the lists that are being made, if any, are in use."""
        while growth := self._growth:
            growth.join()
            with self._lock:
                self._take_over()

    # -- on disk ---------------------------------------------------------------------------------------

    def save(self, path: Path, revision: int) -> None:
        """Write the index to a file, atomically.

        Args:
            revision: of the store that it was built from.

        Raises:
            OSError: the disk is full, or the folder is not there.
        """
        with self._lock:
            self._take_over()
            header = {
                "dim": self.dim,
                "kind": self._kind,
                "count": len(self),
                "revision": revision,
                "trained_at": self._trained_at,
                "unevenness": self._unevenness,
            }
            write_stamped(path, header, lambda file: faiss.write_index(self._index, file))

    @classmethod
    def load(cls, path: Path, dim: int, exact_up_to: int = EXACT_UP_TO) -> tuple[VectorIndex, int] | None:
        """The index and the revision that `save` was given; None when the file is missing, damaged, foreign,
        or of another dimension: build it anew from the store."""
        header = read_stamped(path)
        if header is None or header.get("dim") != dim:
            return None
        try:
            held = faiss.read_index(str(path))
        except RuntimeError:  # another faiss wrote it
            return None
        loaded = cls(dim, exact_up_to)
        loaded._index = held
        loaded._trained_at, loaded._unevenness = header["trained_at"], header["unevenness"]
        if len(loaded) != header["count"]:
            return None
        return loaded, int(header["revision"])

    # -- growing ---------------------------------------------------------------------------------------

    def _keep_fit(self) -> None:
        """Begin to make lists, or leave them, when the number or the spread of the rows asks for it."""
        if self._growth:
            return
        rows = len(self)
        if self._trained_at and rows < self._exact_up_to // 2:
            flat = flat_rows(self.dim)
            for ids, vectors in blocks(self._index):
                flat.add_with_ids(vectors, ids)
            self._index, self._trained_at = flat, 0
        elif self._unfit(rows):
            self._growth = Growth(self._index, self.dim, self._lock)
            self._growth.start()

    def _unfit(self, rows: int) -> bool:
        if not self._trained_at:
            return rows > self._grow_from
        if not self._trained_at / _REGROW < rows < self._trained_at * _REGROW:
            return True
        return unevenness(self._index) > _DRIFT * self._unevenness

    def _take_over(self) -> None:
        """Use the lists that the thread has made, with what changed meanwhile."""
        growth = self._growth
        if growth is None or growth.is_alive():
            return
        self._growth = None
        if (
            growth.made is None
        ):  # out of memory: the index as it is still answers; try again when it has doubled
            self._grow_from = 2 * len(self)
            self._trained_at, self._unevenness = self._trained_at and len(self), math.inf
            return
        self._index = growth.finished()
        self._trained_at, self._unevenness = growth.rows, unevenness(self._index)
        self._keep_fit()  # many rows may have come meanwhile
