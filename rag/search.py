"""The likeliest of very many spans, in a few forward passes. No text in here, only tokens.

The spans' tokens form trees, one below each prompt, whose branches share their beginnings. A
branch's log-probability only falls on its way down, so the search reads the best open nodes first,
and when no open node is better than what it has finished, nothing better is left: the result is
exact (A* with a zero estimate). One pass reads several nodes at once, guessing on downwards from
the best, because a pass over 24 nodes costs little more than one over a single node.

Prompts compete by odds: the probability of a span over that of silence after the same prompt. A
prompt whose passage has nothing to say gives much to silence and so little to its spans.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.generator import Reading
from rag.spans import Path

GUESS = math.log(0.97)
"""Assumed log-probability of a sole next token when guessing on below a node that is not read yet.

2.6 passes a Chinese question; with 0.9 it takes 3.0, with 0.7 4.0 (docs/log.md, 2026-11-23).
"""
LEAST_SILENCE = -8.0
"""Log-probabilities of silence below this count as this."""


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How long to look."""

    width: int = 24
    """Nodes read in one forward pass."""
    passes: int = 6
    """Forward passes at most, after the prompts."""
    margin: float = 0.0
    """Natural log units below the best span within which all others are to be found too."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A token sequence that ended, with all the places whose text it is."""

    prompt: int
    logprob: float
    """Natural log of the probability of all its tokens and then an end token."""
    tokens: int
    """Without the end token."""
    first: float
    """Natural log of the probability of its first token."""
    places: tuple[tuple[int, int, int], ...]
    """(passage, start, end) as in the paths."""
    cost: float = 0.0
    """What it loses, in natural log units."""


@dataclass(slots=True)
class Node:
    """Tokens so far. A node that is read has a number of 0 or more."""

    prompt: int
    token: int
    depth: int
    paths: Sequence[Path]
    """Those that share the tokens down to here."""
    parent: Node | None = None
    logprob: float = 0.0
    """Of the tokens down to here; set once the parent is read."""
    number: int | None = None
    least: float = 0.0
    """What all spans below lose at least."""
    below: list[Node] | None = None

    def children(self) -> list[Node]:
        if self.below is None:
            groups: dict[int, list[Path]] = {}
            for path in self.paths:
                if len(path.ids) > self.depth:
                    groups.setdefault(path.ids[self.depth], []).append(path)
            depth = self.depth + 1
            self.below = [Node(self.prompt, token, depth, group, self) for token, group in groups.items()]
        return self.below

    def places(self) -> tuple[tuple[int, int, int], ...]:
        """The spans that end exactly here."""
        at = self.depth - 1
        ending = [path for path in self.paths if len(path.ids) > at and path.ends[at] >= 0]
        return tuple((path.passage, path.start, path.ends[at]) for path in ending)

    def first(self) -> float:
        """Log-probability of the first token on the way here."""
        node = self
        while node.depth > 1 and node.parent is not None:
            node = node.parent
        return node.logprob


class Search:
    """One question's search; `run` gives what was finished, best odds first."""

    def __init__(
        self,
        reading: Reading,
        forest: Sequence[Sequence[Path]],
        silence: Path,
        stop_ids: Sequence[int],
        priors: Sequence[float] = (),
        cost: Callable[[int, int, int], float] = lambda passage, start, end: 0.0,
        least: Callable[[Path], float] = lambda path: 0.0,
    ) -> None:
        """
        Args:
            reading: prompts, with `silence` read behind each.
            forest: for each of the prompts, the spans that may follow it.
            silence: the phrase that may follow every prompt instead.
            priors: for each prompt, what is added to the odds of its spans; empty: nothing.
            cost: what the odds of a span lose, natural log units, never less than 0: the search stays exact.
            least: for a path, no more than the least of the costs of its spans; the nearer to that, the fewer
                nodes are read.
        """
        self._least = {id(path): least(path) for paths in forest for path in paths}
        self._cost = cost
        self._priors = list(priors) or [0.0] * len(forest)
        self._reading = reading
        self._stops = list(stop_ids)
        self._silence = silence
        self._open: list[Node] = []
        self._read = 0
        self.passes = 0
        self.finished: list[Finished] = []
        self.silence = [LEAST_SILENCE] * len(forest)
        """For each prompt, the log-probability of silence."""
        for at, paths in enumerate(forest):
            root = Node(at, -1, 0, [silence, *paths], number=-1 - at)
            self._settle(root, reading.first[at])
            said = list(self._along(root))
            self._number(said)
            for node, row in zip(said, reading.then[at], strict=True):
                self._settle(node, row)
        self._open = [node for node in self._open if node.number is None]

    def run(self, options: SearchOptions, floor: float = -math.inf) -> list[Finished]:
        """Read until nothing better is left, or the passes are used up. Silence is not among the results.

        Args:
            floor: the best odds of another search; what is worse is not looked for.
        """
        while self.passes < options.passes and self._promising(options.margin, floor):
            self._pass(self._choose(options.width))
        return sorted(self.finished, key=self.odds, reverse=True)

    def odds(self, one: Finished | Node) -> float:
        """Natural log of its probability over that of silence, with its prompt's prior; a node's at most."""
        cost = one.cost if isinstance(one, Finished) else one.least
        return one.logprob - max(self.silence[one.prompt], LEAST_SILENCE) + self._priors[one.prompt] - cost

    def _promising(self, margin: float, floor: float) -> bool:
        best = max([floor, *(self.odds(one) for one in self.finished)])
        return any(self.odds(node) > best - margin for node in self._open)

    def _along(self, node: Node) -> Iterator[Node]:
        """The nodes of silence below a root."""
        for token in self._silence.ids:
            node = next(child for child in node.children() if child.token == token)
            yield node

    def _choose(self, width: int) -> list[Node]:
        """The nodes of the next pass, each behind its parent: the best by odds or guess."""
        chosen: list[Node] = []
        heap = [(-self.odds(node), at, node) for at, node in enumerate(self._open)]
        heapq.heapify(heap)
        count = len(self._open)
        while heap and len(chosen) < width:
            value, _, node = heapq.heappop(heap)
            chosen.append(node)
            below = node.children()
            guess = value - GUESS + math.log(len(below) or 1)
            for child in below:
                count += 1
                child.least = self._least_below(child)
                heapq.heappush(heap, (guess + child.least - node.least, count, child))
        return chosen

    def _least_below(self, node: Node) -> float:
        return min(self._least.get(id(path), 0.0) for path in node.paths)

    def _pass(self, nodes: Sequence[Node]) -> None:
        self._number(nodes)
        parents = [node.parent.number for node in nodes if node.parent and node.parent.number is not None]
        rows = self._reading.extend([node.token for node in nodes], parents)
        self.passes += 1
        self._open = [node for node in self._open if node.number is None]
        for node, row in zip(nodes, rows, strict=True):
            self._settle(node, row)

    def _number(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            node.number = self._read
            self._read += 1

    def _settle(self, node: Node, row: NDArray[np.float32]) -> None:
        """Give a read node's children their log-probabilities, and note the spans that end in it."""
        for child in node.children():
            child.logprob = node.logprob + float(row[child.token])
            child.least = self._least_below(child)
            if child.number is None:
                self._open.append(child)
        places = node.places() if node.depth else ()
        if not places:
            return
        end = node.logprob + float(np.logaddexp.reduce(row[self._stops]))
        if places[0][0] == self._silence.passage:
            self.silence[node.prompt] = end
            places = places[1:]
        if places:
            cost = min(self._cost(*place) for place in places)
            self.finished.append(Finished(node.prompt, end, node.depth, node.first(), places, cost))
