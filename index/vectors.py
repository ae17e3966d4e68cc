"""The vector index: inner products over passages. The only file that imports faiss."""

from __future__ import annotations

import faiss
import numpy as np
from numpy.typing import NDArray

from index.pooling import Vectors

Ids = NDArray[np.int64]


class VectorIndex:
    """Exact inner-product search over (id, vector) pairs. A view: it can always be rebuilt from the store."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dim))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add rows.

        Args:
            ids: (n,) int64, none of them in the index yet.
            vectors: (n, dim) float32, rows of length 1.
        """
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.asarray(ids, np.int64))

    def remove(self, ids: Ids) -> int:
        """Remove rows, (n,) int64; ids that are not there are ignored. Returns how many were removed."""
        return int(self._index.remove_ids(faiss.IDSelectorBatch(ids))) if len(ids) else 0

    def search(self, query: Vectors, k: int) -> tuple[Ids, Vectors]:
        """The k nearest rows.

        Args:
            query: (dim,) float32 of length 1.
            k: how many; fewer come back when the index holds fewer.

        Returns:
            ids (m,) int64 and inner products (m,) float32, best first, m = min(k, len(self)).
        """
        k = min(k, len(self))
        if k <= 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        scores, ids = self._index.search(np.ascontiguousarray(query[None], np.float32), k)
        return ids[0], scores[0]

    def ids(self) -> Ids:
        """(n,) int64: the ids of all rows, in no promised order."""
        return np.asarray(faiss.vector_to_array(self._index.id_map), np.int64)
