"""The likeliest of very many spans, in a few forward passes. No text in here, only tokens.

The spans' tokens form a tree whose branches share their beginnings. A branch's log-probability only
falls on its way down, so the search reads the best open nodes first, and when no open node is better
than what it has finished, nothing better is left: the result is exact (A* with a zero estimate; with
`margin`, all within that distance of the best are found). One pass reads several nodes at once,
guessing on downwards from the best, because a pass over 24 nodes costs little more than one over a
single node.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.generator import Reading
from rag.spans import Path

GUESS = math.log(0.97)
"""Assumed log-probability of a sole next token, when guessing on below a node that is not read yet."""


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How long to look."""

    width: int = 24
    """Nodes read in one forward pass."""
    passes: int = 12
    """Forward passes at most, after the prompt."""
    margin: float = 1.5
    """Natural log units below the best finished span within which others are wanted too."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A token sequence that ended, with all the places whose text it is."""

    logprob: float
    """Natural log of the probability of all its tokens and then an end token."""
    tokens: int
    """Without the end token."""
    first: float
    """Natural log of the probability of its first token."""
    places: tuple[tuple[int, int, int], ...]
    """(passage, start, end) as in the paths."""


@dataclass(slots=True)
class Node:
    token: int
    depth: int
    paths: Sequence[Path]
    """Those that share the tokens down to here."""
    parent: Node | None = None
    logprob: float = 0.0
    """Of the tokens down to here; set once the parent is read."""
    number: int = -1
    """Its number in the reading, once read."""
    below: list[Node] | None = None

    def children(self) -> list[Node]:
        if self.below is None:
            groups: dict[int, list[Path]] = {}
            for path in self.paths:
                if len(path.ids) > self.depth:
                    groups.setdefault(path.ids[self.depth], []).append(path)
            self.below = [Node(token, self.depth + 1, group, self) for token, group in groups.items()]
        return self.below

    def places(self) -> tuple[tuple[int, int, int], ...]:
        """The spans that end exactly here."""
        at = self.depth - 1
        return tuple(
            (path.passage, path.start, path.ends[at])
            for path in self.paths
            if len(path.ids) > at and path.ends[at] >= 0
        )


class Search:
    """One question's search; `run` gives what was finished, best first."""

    def __init__(self, reading: Reading, paths: Sequence[Path], stop_ids: Sequence[int]) -> None:
        self._reading = reading
        self._stops = list(stop_ids)
        self._root = Node(-1, 0, paths)
        self._open: list[Node] = []
        self._read = 0
        self.finished: list[Finished] = []
        self.passes = 0
        self._settle(self._root, reading.first)

    def run(self, options: SearchOptions, first: Sequence[Path] = ()) -> list[Finished]:
        """Read until nothing better is left, or the passes are used up.

        Args:
            first: paths to be finished whatever their probability.
        """
        must = list(self._along(first))
        while self.passes < options.passes and (must or self._promising(options.margin)):
            self._pass(self._choose(options.width, must))
            must = []
        return sorted(self.finished, key=lambda one: -one.logprob)

    def _promising(self, margin: float) -> bool:
        best = max((one.logprob for one in self.finished), default=-math.inf)
        return any(node.logprob > best - margin for node in self._open)

    def _along(self, paths: Sequence[Path]) -> Iterator[Node]:
        for path in paths:
            node = self._root
            for token in path.ids:
                node = next(child for child in node.children() if child.token == token)
                yield node

    def _choose(self, width: int, must: Sequence[Node]) -> list[Node]:
        """The nodes of the next pass, each behind its parent."""
        chosen = list(must)
        taken = {id(node) for node in chosen}
        heap = [
            (-node.logprob, number, node) for number, node in enumerate(self._open) if id(node) not in taken
        ]
        heapq.heapify(heap)
        count = len(heap)
        while heap and len(chosen) < width + len(must):
            value, _, node = heapq.heappop(heap)
            chosen.append(node)
            below = node.children()
            for child in below:
                if id(child) not in taken:
                    count += 1
                    guess = value - GUESS + math.log(len(below))
                    heapq.heappush(heap, (guess, count, child))
        return chosen

    def _pass(self, nodes: Sequence[Node]) -> None:
        for number, node in enumerate(nodes, start=self._read):
            node.number = number
        parents = [node.parent.number if node.parent else -1 for node in nodes]
        rows = self._reading.extend([node.token for node in nodes], parents)
        self._read += len(nodes)
        self.passes += 1
        self._open = [node for node in self._open if node.number < 0]
        for node, row in zip(nodes, rows, strict=True):
            self._settle(node, row)

    def _settle(self, node: Node, row: NDArray[np.float32]) -> None:
        """Give a read node's children their log-probabilities, and note the spans that end in it."""
        for child in node.children():
            child.logprob = node.logprob + float(row[child.token])
            if child.number < 0:
                self._open.append(child)
        places = node.places() if node.depth else ()
        if places:
            end = float(np.logaddexp.reduce(row[self._stops]))
            self.finished.append(Finished(node.logprob + end, node.depth, self._first(node), places))

    def _first(self, node: Node) -> float:
        while node.depth > 1 and node.parent is not None:
            node = node.parent
        return node.logprob
