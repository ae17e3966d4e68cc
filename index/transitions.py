"""Personalised PageRank (Haveliwala 2002) over the part of the graph that a question touches."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from index.edges import Pack


class Transitions:
    """Passages and their entities as one sparse matrix: passages are nodes 0..p-1, entities follow."""

    def __init__(self, packs: Mapping[int, Pack]) -> None:
        """`packs`: passage id -> its entities, for the passages that may be ranked."""
        self.passages = np.array(sorted(packs), np.int64)
        ordered = [packs[i] for i in self.passages.tolist()]
        rows = np.repeat(np.arange(len(ordered)), [len(pack) for pack in ordered])
        whole = np.concatenate([*ordered, np.empty((0, 3), np.int32)])
        self.entities, columns = np.unique(whole[:, 0], return_inverse=True)
        counts = whole[:, 2].astype(np.float64)
        totals = np.bincount(rows, counts, minlength=len(packs))
        weights = counts / np.maximum(totals[rows], 1e-12)
        columns = columns + len(packs)
        self.size = len(packs) + len(self.entities)
        both = csr_array(
            (np.r_[weights, weights], (np.r_[rows, columns], np.r_[columns, rows])),
            shape=(self.size, self.size),
        )
        out = np.asarray(both.sum(axis=1)).ravel()
        # Column-stochastic: rank flows from a node to its neighbours by the weight of the edge.
        self._flow = (both / np.maximum(out, 1e-12)[:, None]).T.tocsr()

    def pagerank(
        self,
        entities: Mapping[int, float],
        passages: Mapping[int, float],
        damping: float,
        iterations: int,
    ) -> NDArray[np.float64]:
        """Power iteration of rank = (1 - damping) * restart + damping * flow @ rank.

        Args:
            entities, passages: id -> weight in the restart vector, which is scaled to sum to 1; ids that are
                not in the matrix are ignored.

        Returns:
            (size,) float64, the ranks of `self.passages` first.
        """
        restart = np.zeros(self.size)
        _put(restart[: len(self.passages)], self.passages, passages)
        _put(restart[len(self.passages) :], self.entities, entities)
        restart /= max(restart.sum(), 1e-12)
        rank = restart
        for _ in range(iterations):
            rank = (1 - damping) * restart + damping * (self._flow @ rank)
        return np.asarray(rank)


def _put(into: NDArray[np.float64], names: NDArray[np.int64], weights: Mapping[int, float]) -> None:
    """`names` are ascending."""
    wanted = np.fromiter(weights, np.int64, len(weights))
    at = np.searchsorted(names, wanted)
    there = (at < len(names)) & (names[np.minimum(at, len(names) - 1)] == wanted) if len(names) else at < 0
    into[at[there]] = np.fromiter(weights.values(), np.float64, len(weights))[there]
