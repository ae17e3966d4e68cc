"""Every question asked in every mode of retrieval: what each finds, how fast, and whether the graph helps."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

from index.corpus import Corpus
from index.errors import NotFound
from index.store import Store
from index.types import Hit
from rag.needs import Question, ranks
from rag.retrieve import Mode, Retrieved, RetrieveOptions, retrieve
from rag.verdict import Difference, Verdict, difference, judge

COMPARED: tuple[Mode, ...] = ("text", "vector", "hybrid", "graph")
DEPTH = 10
"""Hits that each question is given."""
_READ = 3
"""Passages that a generator reads by default."""
_BOTH_AT = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What one question found in one mode."""

    ranks: tuple[int | None, ...]
    """For each need of the question, the place of the first hit that meets it, from 1; None below DEPTH."""
    seconds: float
    hits: tuple[Hit, ...]
    retrieved: Retrieved

    def recall(self, k: int) -> float:
        """Share of the needs that the first k hits meet."""
        return sum(self.best(rank) <= k for rank in self.ranks) / len(self.ranks)

    @property
    def first(self) -> float:
        """The place of the first right hit; infinite when there is none."""
        return min(map(self.best, self.ranks))

    @staticmethod
    def best(rank: int | None) -> float:
        return inf if rank is None else rank


@dataclass(frozen=True, slots=True)
class Result:
    """One question in all modes."""

    question: Question
    found: dict[Mode, Found]

    def gain(self, k: int) -> float:
        """By how much recall at k is higher with the graph than without."""
        return self.found["graph"].recall(k) - self.found["hybrid"].recall(k)


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over questions, 0 to 1."""

    recall: dict[int, float]
    """k -> share of what was to be found among the first k hits."""
    hit1: float
    mrr: float
    """Mean of 1 / place of the first right hit; 0 where there is none among DEPTH."""
    both: float | None
    """Share of the questions with several needs whose first 5 hits meet all; None without such questions."""
    milliseconds: float
    """Median of a question."""


@dataclass(frozen=True, slots=True)
class Assessment:
    results: tuple[Result, ...]
    revision: int
    """Of the collection that was asked."""
    read: int = _READ
    """Passages that the generator reads: the verdict goes by recall among so many."""

    def kinds(self) -> list[str]:
        """The kinds of questions, the most frequent first."""
        all_kinds = [result.question.kind for result in self.results]
        return sorted(dict.fromkeys(all_kinds), key=lambda kind: (-all_kinds.count(kind), kind))

    def of(self, kind: str | None) -> tuple[Result, ...]:
        """The results of one kind; of all for None."""
        return tuple(r for r in self.results if kind is None or r.question.kind == kind)

    def scores(self, mode: Mode, kind: str | None = None) -> Scores:
        results = self.of(kind)
        found = [result.found[mode] for result in results]
        several = [one.recall(_BOTH_AT) == 1 for one in found if len(one.ranks) > 1]
        return Scores(
            recall={k: _mean([one.recall(k) for one in found]) for k in range(1, DEPTH + 1)},
            hit1=_mean([float(one.first == 1) for one in found]),
            mrr=_mean([1 / one.first for one in found]),
            both=_mean([float(whole) for whole in several]) if several else None,
            milliseconds=1000 * statistics.median([one.seconds for one in found]),
        )

    def difference(self, kind: str | None = None) -> Difference:
        """Recall among the passages that are read: graph minus hybrid, with its interval."""
        results = self.of(kind)
        with_graph = [result.found["graph"].recall(self.read) for result in results]
        return difference(with_graph, [result.found["hybrid"].recall(self.read) for result in results])

    def gains(self) -> list[float]:
        """Of each question, by how much recall among the passages that are read is higher with the graph."""
        return [result.gain(self.read) for result in self.results]

    def verdict(self) -> Verdict:
        return judge(self.difference(), len(self.results))


def assess(
    corpus: Corpus,
    questions: Sequence[Question],
    tick: Callable[[], None] = lambda: None,
    read: int = _READ,
) -> Assessment:
    """Ask every question in every mode.

    Args:
        tick: called after each question.
        read: passages that the generator reads.

    Raises:
        NotFound: the collection is empty.
    """
    require_passages(corpus.store)
    for mode in COMPARED:  # what is loaded at first use is no question's cost
        _ask(corpus, questions[0], mode)
    results: list[Result] = []
    for number, question in enumerate(questions):
        # Each mode goes first in turn: what one has read from the disk, the next need not read.
        turn = number % len(COMPARED)
        found = {mode: _ask(corpus, question, mode) for mode in COMPARED[turn:] + COMPARED[:turn]}
        results.append(Result(question, found))
        tick()
    return Assessment(tuple(results), corpus.store.revision, min(read, DEPTH))


def require_passages(store: Store) -> None:
    """Raises NotFound for a collection with nothing in it."""
    if not store.counts()["passages"]:
        raise NotFound("the collection is empty: `jujube add FOLDER` indexes documents, then ask again")


def _ask(corpus: Corpus, question: Question, mode: Mode) -> Found:
    begin = time.perf_counter()
    retrieved = retrieve(corpus, question.text, RetrieveOptions(top_k=DEPTH, mode=mode))
    seconds = time.perf_counter() - begin
    return Found(ranks(question.needs, retrieved.hits), seconds, tuple(retrieved.hits), retrieved)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
