"""Mentions as sparse arrays, and personalised PageRank on them (Haveliwala 2002)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


class Transitions:
    """The graph's mentions as sparse arrays: passages are nodes 0..p-1, entities follow."""

    def __init__(self, network: Any) -> None:
        self.names: list[Any] = [n for n in network if isinstance(n, int)]
        self.passages = len(self.names)
        self.names += [n for n in network if isinstance(n, str)]
        self.size = len(self.names)
        self.node: dict[Any, int] = {name: i for i, name in enumerate(self.names)}
        edges = [
            (self.node[passage], self.node[entity], count)
            for passage, entity, count in network.edges(data="count")
            if count is not None
        ]
        columns = np.array(edges, np.float64).reshape(-1, 3)
        rows, cols = columns[:, 0].astype(np.int64), columns[:, 1].astype(np.int64)
        totals = np.bincount(rows, columns[:, 2], minlength=self.size)
        weights = columns[:, 2] / np.maximum(totals[rows], 1e-12)
        self._degree = np.bincount(cols, minlength=self.size)
        both = csr_array(
            (np.r_[weights, weights], (np.r_[rows, cols], np.r_[cols, rows])), shape=(self.size, self.size)
        )
        out = np.asarray(both.sum(axis=1)).ravel()
        # Column-stochastic: rank flows from a node to its neighbours by the weight of the edge.
        self._flow = (both / np.maximum(out, 1e-12)[:, None]).T.tocsr()

    def frequency(self, entity: str) -> int:
        return int(self._degree[self.node[entity]]) if entity in self.node else 0

    def pagerank(self, restart: NDArray[np.float64], damping: float, iterations: int) -> NDArray[np.float64]:
        """Power iteration of rank = (1 - damping) * restart + damping * flow @ rank. (nodes,) float64."""
        restart = restart / max(restart.sum(), 1e-12)
        rank = restart
        for _ in range(iterations):
            rank = (1 - damping) * restart + damping * (self._flow @ rank)
        return np.asarray(rank)
