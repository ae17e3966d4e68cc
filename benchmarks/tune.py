"""Which weights find best, for all questions and for each type of question by itself?

    python benchmarks/tune.py PATH... [--rounds 1] [--sample 100] [--home .jujube]

Coordinate search over RetrieveOptions on sets as retrieval.py takes them: one weight is moved at a time and
stays where the goal rises. The goal is the mean over the sets of (R@2 + R@5) / 2, so that no set counts for
having more questions. Then the same search for each type of question (none, one, or several named entities)
on every second question, judged on the others: whether weights of its own would pay. Nothing is changed; what
is found is printed.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from common import machine, say
from retrieval import index, opened
from sets import Question, load, sample, unique

from index.corpus import Corpus
from index.embed import Embedder
from rag.link import link_entities
from rag.metrics import recall_at_k
from rag.retrieve import RetrieveOptions, retrieve

STEPS: dict[str, Sequence[float]] = {
    "vector_weight": (0.3, 0.45, 0.6),
    "hybrid_weight": (1.0, 1.5, 2.0, 3.0),
    "walk.rounds": (0, 1, 2, 3),
    "walk.sentences": (2, 3, 4),
    "walk.damping": (0.5, 0.6, 0.7),
    "walk.passage_weight": (0.0, 0.05, 0.1),
    "select.coverage": (0.2, 0.4, 0.6),
    "select.link": (0.3, 0.5, 0.7),
    "select.reach": (0.7, 1.0, 1.5),
    "select.shared": (0.6, 0.9, 1.1),
    "select.back": (0.0, 0.2, 0.5),
    "select.hops": (2, 3, 4),
}
"""Field of RetrieveOptions -> the values that are tried."""
LEAST = 0.002
"""A smaller rise of the goal is chance."""


@dataclass(frozen=True)
class Asked:
    """A question, and the collection that it is put to."""

    corpus: Corpus
    question: Question
    set_name: str
    kind: str


class Remembered:
    """An embedder that embeds each question once, however often it is asked."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._one = cache(lambda text: embedder.embed_queries([text])[0])

    def embed_queries(self, texts: Sequence[str]) -> Any:
        return np.stack([self._one(text) for text in texts])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedder, name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    parser.add_argument("--sample", type=int, default=0, help="questions of a set; 0: all")
    parser.add_argument("--documents", type=int, default=0, help="documents of a set; 0: all")
    parser.add_argument("--rounds", type=int, default=1, help="how often each weight is moved")
    parser.add_argument("--embedder", default="auto")
    parser.add_argument("--home", type=Path, default=Path(".jujube"))
    parser.add_argument("--fresh", action="store_true", help="index again")
    arguments = parser.parse_args()
    asked: list[Asked] = []
    for path in arguments.paths:
        chosen = sample(load(path), arguments.sample, arguments.documents)
        corpus = opened(chosen, arguments).corpus
        index(corpus, chosen)
        corpus.embedder = Remembered(corpus.embedder)
        asked += [Asked(corpus, q, chosen.name, kind(corpus, q.text)) for q in chosen.questions]
    print(machine())
    best = search(asked, RetrieveOptions(), arguments.rounds)
    print(f"all {len(asked)} questions: {goal(asked, RetrieveOptions()):.4f} -> {goal(asked, best):.4f}")
    for name in sorted({one.kind for one in asked}):
        own = [one for one in asked if one.kind == name]
        fitted = search(own[::2], best, arguments.rounds)
        before, after = goal(own[1::2], best), goal(own[1::2], fitted)
        print(f"{name}, {len(own)} questions: weights of its own, on those they were not fitted to: "
              f"{before:.4f} -> {after:.4f}")  # fmt: skip


def kind(corpus: Corpus, text: str) -> str:
    """What tells questions apart before they are answered."""
    named = len(link_entities(text, corpus.graph))
    return "no entity" if named == 0 else "one entity" if named == 1 else "several entities"


def search(asked: Sequence[Asked], options: RetrieveOptions, rounds: int) -> RetrieveOptions:
    """The options that coordinate search ends at."""
    best = goal(asked, options)
    for _ in range(rounds):
        for name, values in STEPS.items():
            for value in values:
                if value == field(options, name):
                    continue
                tried = moved(options, name, value)
                reached = goal(asked, tried)
                if reached > best + LEAST:
                    say(f"{name} = {value}: {best:.4f} -> {reached:.4f}")
                    options, best = tried, reached
    return options


def goal(asked: Sequence[Asked], options: RetrieveOptions) -> float:
    """Mean over the sets of (R@2 + R@5) / 2."""
    reached: dict[str, list[float]] = {}
    for one in asked:
        hits = retrieve(one.corpus, one.question.text, options).hits
        ranked = unique([hit.passage.document_id for hit in hits])
        relevant = list(one.question.relevant)
        found = (recall_at_k(ranked, relevant, 2) + recall_at_k(ranked, relevant, 5)) / 2
        reached.setdefault(one.set_name, []).append(found)
    return statistics.fmean(map(statistics.fmean, reached.values())) if reached else 0.0


def field(options: RetrieveOptions, name: str) -> float:
    owner, _, inner = name.rpartition(".")
    return float(getattr(getattr(options, owner) if owner else options, inner))


def moved(options: RetrieveOptions, name: str, value: float) -> RetrieveOptions:
    """The options with one field changed; "walk.rounds" is a field of a field."""
    owner, _, inner = name.rpartition(".")
    if not owner:
        return replace(options, **{inner: value})  # type: ignore[arg-type]
    return replace(options, **{owner: replace(getattr(options, owner), **{inner: value})})


if __name__ == "__main__":
    main()
