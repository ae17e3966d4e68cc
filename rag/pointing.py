"""Two readers of one passage: what a span reader says of its spans, and what it is worth beside a generator.

A span reader gives each token of a passage a probability of beginning and of ending the answer, and to "the
passage does not say it" one of its own (Devlin et al. 2019, section 4.3). A generator gives each span the
probability of its words. They err in other places, so together they are right more often, and surer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray

from index.types import Hit
from rag.calibration import Calibration
from rag.costs import Cost
from rag.prompt import Included
from rag.spans import NOWHERE, Path

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

LEAST = -10.0
"""Natural log-odds below this count as this; those of spans that the span reader did not see, too."""
RANK = 0.7
"""Natural log units that a passage loses for each one that was found before it."""
_LONGEST = 60
"""Tokens of the best span at most."""


@dataclass(frozen=True, slots=True)
class Pointed:
    """What a span reader says of one passage under its title, token by token."""

    above: str
    """What it read above the passage: its title and a line end, or nothing."""
    begins: Sequence[float]
    """For each character of `above` + the passage: natural log of the probability that the answer begins in
    its token over that of none; minus infinity where there is no token."""
    closes: Sequence[float]
    """The same of its end."""
    best: float
    """Natural log of the probability of the likeliest span over that of none."""
    span: tuple[int, int] = (0, 0)
    """The likeliest one in the passage; a negative place lies in the title; empty where nothing was read."""
    yes: float | None = None
    """To a question that wants yes or no: natural log of the probability of yes over that of no. None: the
    span reader has not learnt to tell."""

    @classmethod
    def of(
        cls,
        above: str,
        starts: Places,
        ends: Places,
        begins: Floats,
        closes: Floats,
        yes: float | None = None,
    ) -> Self:
        """From what stands for the tokens, all (tokens,).

        Args:
            starts: the first character of each token in `above` + the passage; `ends`: the one behind it.
            begins, closes: natural log-odds of the token against none.
            yes: those of yes against no.
        """
        best, first, last = LEAST, 0, -1
        for far in range(min(_LONGEST, len(begins))):
            both = begins[: len(begins) - far] + closes[far:]
            at = int(both.argmax())
            if both[at] > best:
                best, first, last = float(both[at]), at, at + far
        span = (int(starts[first]) - len(above), int(ends[last]) - len(above)) if last >= first else (0, 0)
        characters = np.arange(ends.max(initial=0))
        token = np.searchsorted(starts, characters, "right") - 1
        within = characters < ends[token]

        def spread(own: Floats) -> list[float]:
            return np.where(within, own[token], -np.inf).tolist()  # type: ignore[no-any-return]

        return cls(above, spread(begins), spread(closes), best, span, yes)

    def odds(self, start: int, end: int) -> float:
        """Natural log of the probability of the passage's characters `start` to `end` over that of none.

        A negative place lies in the title. `LEAST` for what was not read.
        """
        first, last = len(self.above) + start, len(self.above) + end - 1
        if not 0 <= first <= last < len(self.begins):
            return LEAST
        return max(LEAST, self.begins[first] + self.closes[last])

    def near(self, start: int, stops: Iterable[int], margin: float) -> set[int]:
        """Those of `stops` where a span from `start` is at most so much less likely than the best one.

        What was not read is kept: nobody has said anything against it.
        """
        first = len(self.above) + start
        if first >= len(self.begins):
            return set(stops)
        least, read = self.best - margin - self.begins[first], len(self.closes)
        last = len(self.above) - 1
        return {stop for stop in stops if stop + last >= read or self.closes[stop + last] >= least}


@dataclass(frozen=True, slots=True)
class PointingOptions:
    """Log-odds of being right = bias + own x the generator's + pointed x the span reader's."""

    own: float = 0.56
    pointed: float = 0.19
    bias: float = 0.43
    margin: float = 8.0
    """Natural log units that a span may be less likely to the span reader than its passage's best one.

    What is further away is not looked at: exact match, mean of twelve sets, 57.65 -> 57.61 (docs/log.md).
    """
    beyond: float = -1.0
    """Odds of the generator's that a passage is expected to bring at most: where these and the best that was
    pointed at in it are less than what was found, it is not read. 2.0 -> 1.5 passages a question."""
    sure: float = 4.0
    """Odds of the best span of the first passage from which the others are read by the span reader only where
    the generator is not sure of it: in 27 % of 810 questions, and none of these would have gone elsewhere.

    From 3 on it would be 39 %, one of which would, and one right answer of 448 was lost.
    """
    enough: float = 0.0
    """Odds of the best span of the first passages from which no more are read by the span reader."""


def chosen(hits: Sequence[Hit], pointed: Mapping[int, Pointed], rank: float = RANK) -> list[Hit]:
    """Hits with the one first in which the likeliest span was pointed at.

    Args:
        pointed: by the ids of their passages.
        rank: natural log units that a hit loses for each one before it.
    """
    worth = {hit.passage.id: pointed[hit.passage.id].best - rank * at for at, hit in enumerate(hits)}
    return sorted(hits, key=lambda hit: -worth[hit.passage.id])


class Opinions(Sequence[Pointed]):
    """What a span reader says of passages; of one that it has not read it is asked when it is wanted."""

    def __init__(
        self,
        ids: Sequence[int],
        known: Mapping[int, Pointed],
        read: Callable[[Sequence[int]], Mapping[int, Pointed]],
    ) -> None:
        """
        Args:
            ids: of the passages, in their order.
            known: what it has said, by ids.
            read: asks it about others; all that are missing at once.
        """
        self._ids, self._known, self._read = ids, dict(known), read

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, at: int) -> Pointed: ...
    @overload
    def __getitem__(self, at: slice) -> list[Pointed]: ...
    def __getitem__(self, at: int | slice) -> Pointed | list[Pointed]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if self._ids[at] not in self._known:
            self._known.update(self._read([one for one in self._ids if one not in self._known]))
        return self._known[self._ids[at]]


class Joint:
    """The odds of a generator's spans, with what a span reader says of them, on the generator's own scale."""

    def __init__(
        self,
        included: Sequence[Included],
        pointed: Sequence[Pointed],
        calibration: Calibration,
        options: PointingOptions,
    ) -> None:
        """Args:
        pointed: for each passage; empty: nobody has read them.
        calibration: the generator's: odds to log-odds of being right.
        """
        self._included, self._pointed, self._options = included, pointed, options
        self._own = options.own if pointed else 1.0
        self._weight = options.pointed / (calibration.slope * options.own)
        self._shift = (
            (options.bias + (options.own - 1) * calibration.bias) / calibration.slope if pointed else 0.0
        )

    def priors(self, priors: Sequence[float], group: Sequence[int]) -> list[float]:
        """Those of the passages of a group, with the best that was pointed at in each.

        Args:
            priors: of all passages; empty: they have none.
        """
        if not self._pointed:
            return [priors[at] for at in group] if priors else []
        own = [priors[at] for at in group] if priors else [0.0] * len(group)
        return [prior + self._weight * self._pointed[at].best for prior, at in zip(own, group, strict=True)]

    def cost(self, cost: Cost) -> Cost:
        """That of a span, with what it is less likely than the best span of its passage."""
        if not self._pointed:
            return cost

        def joint(passage: int, start: int, end: int) -> float:
            one = self._pointed[passage]
            odds = one.odds(*in_passage(self._included[passage], start, end))
            return cost(passage, start, end) + self._weight * max(0.0, one.best - odds)

        return joint

    def least(self, path: Path) -> float:
        """What the spans of a path cost at least, for what was pointed at."""
        if not self._pointed or path.passage == NOWHERE:
            return 0.0
        part, one = self._included[path.passage], self._pointed[path.passage]
        if path.start >= len(part.text):
            return 0.0
        odds = max(one.odds(path.start, end) for end in path.ends if end >= 0)
        return self._weight * max(0.0, one.best - odds)

    def wanted(self, passage: int, start: int, stops: set[int]) -> set[int]:
        """Of the ends of spans from `start` in what is quotable of a passage, those worth a look."""
        part = self._included[passage]
        if not self._pointed or start >= len(part.text):
            return stops
        return self._pointed[passage].near(start, stops, self._options.margin)

    def hopeless(self, passage: int, best: float) -> bool:
        """Whether a passage is not worth reading where another gave an answer of these odds."""
        if not self._pointed:
            return False
        return self.found(best) >= self._options.beyond + self._weight * self._pointed[passage].best

    def odds(self, found: float) -> float:
        """What a search with these priors and costs found, as odds that the generator's calibration reads."""
        return self._own * found + self._shift

    def found(self, odds: float) -> float:
        """The other way round."""
        return (odds - self._shift) / self._own


def in_passage(part: Included, start: int, end: int) -> tuple[int, int]:
    """Where `part.quotable[start:end]` lies in the passage; negative in the title that stands above it.

    >>> from index.types import Passage
    >>> from rag.prompt import Line
    >>> part = Included(Passage(7, "", "Faster.", 17, 24), 17, 24, "News > 2.4", (Line("2.4", 12),))
    >>> in_passage(part, 0, 6), in_passage(part, 8, 11)
    ((0, 6), (-4, -1))
    """
    if end <= len(part.text):
        return start, end
    at = part.title.find(part.quotable[start:end])
    before = len(part.title) + 1
    return (at - before, at - before + end - start) if at >= 0 else (-before - 1, -before)
