"""Ordering the best passages so that they complete each other, instead of repeating one.

A question that needs two passages is not answered by the two that are most like it: the second is often
unlike it, and named in the first. So passages are chosen one by one. The next one is worth its own score, the
share of the question's terms that no chosen passage holds yet, and how it is tied to a chosen one: by being
about something that one names, or by naming the same rare thing. The idea is maximal marginal relevance
(Carbonell and Goldstein 1998) with the graph's edges in place of similarity, and gain in place of penalty.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from index.corpus import Corpus
from index.language import asked_terms


@dataclass(frozen=True, slots=True)
class SelectOptions:
    """How much each part is worth beside a passage's own score, which is 1 for the best."""

    pool: int = 20
    """Passages, best first, that may be chosen early; what they are tied to comes in addition. 0: leave the
    order as it is."""
    chosen: int = 10
    """Passages that are chosen one by one; the rest follows by its own score."""
    coverage: float = 0.4
    """Of the share of the question's terms, by weight, that a passage adds."""
    link: float = 0.5
    """Of a tie to a chosen passage."""
    reach: float = 1.0
    """Of a tie to a chosen passage, times the share of what was still missing that the passage adds."""
    about: float = 1.0
    """Strength of a tie from a chosen passage to one whose title it names."""
    back: float = 0.2
    """Strength of a tie to a passage that names a chosen one's title."""
    shared: float = 0.9
    """Strength of a tie through an entity that both name, the less the more passages name it."""
    hops: int = 3
    """Chosen passages that ties begin at."""
    hub: int = 20
    """An entity that more passages name ties none together, unless they are in the pool anyway."""
    reached: int = 20
    """Passages that a chosen one brings in through ties at most: those first that it is tied to most."""
    titles: int = 3
    """An entity that is the title of more passages is not followed to them."""
    alike: float = 0.9
    """Passages that share so much of their terms say the same (Jaccard index): only the first is chosen."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A passage in its place."""

    passage_id: int
    score: float
    tied_to: int = 0
    """The chosen passage that it is tied to; 0: it stands for itself."""
    through: int = 0
    """The entity that ties them."""
    duplicate_of: int | None = None


@dataclass(slots=True)
class _Candidate:
    """A passage that may be chosen."""

    own: float
    """Its score, the best passage's is 1; 0 for one that only came through a tie."""
    holds: int
    """The question's terms in it, a bit each."""
    named: frozenset[int]
    """Entities that its sentences name."""
    titles: frozenset[int]
    """Entities that it is about."""
    tie: float = 0.0
    tied_to: int = 0
    through: int = 0


class Selection:
    """The state of choosing: what is covered, what is tied to what was chosen."""

    def __init__(
        self,
        corpus: Corpus,
        question: str,
        ranked: Mapping[int, float],
        seeds: Iterable[int],
        options: SelectOptions,
        among: frozenset[int] | None = None,
    ) -> None:
        """`ranked`: passage id -> score, best first; `seeds`: entity ids that the question itself names."""
        self._corpus, self._options, self._among = corpus, options, among
        self._seeds = frozenset(seeds)
        self._top = max(ranked.values(), default=0.0) or 1.0
        self._ranked = ranked
        self._asked = asked_terms(question)
        told = corpus.text.weights(self._asked)
        self._bits = {term: 1 << at for at, term in enumerate(self._asked)}
        self._weights = [told[term] for term in self._asked]
        self._missing = (1 << len(self._asked)) - 1
        self._whole = self._weight(self._missing) or 1.0
        self._terms: dict[int, frozenset[str]] = {}
        self._candidates: dict[int, _Candidate] = {}
        self._frequency: dict[int, int] = {}
        self._load(list(ranked)[: options.pool])

    def _load(self, ids: Sequence[int]) -> list[int]:
        """Make passages candidates; returns those that are new."""
        new = [i for i in ids if i not in self._candidates]
        self._terms.update(self._corpus.text.terms_of(new))
        for i, (named, titles) in self._corpus.graph.named(new).items():
            if i in self._terms:
                own = self._ranked.get(i, 0.0) / self._top
                self._candidates[i] = _Candidate(own, self._held(self._terms[i]), named, titles)
        return [i for i in new if i in self._candidates]

    def _held(self, terms: frozenset[str]) -> int:
        return sum(self._bits[term] for term in self._bits.keys() & terms)

    def _weight(self, held: int) -> float:
        """Of the terms whose bits are set. Added exactly: the order of the terms must not part equals."""
        return math.fsum(weight for at, weight in enumerate(self._weights) if held >> at & 1)

    def choose(self) -> list[Selected]:
        """All that was ranked or came through a tie, in its new order; duplicates of a chosen one last."""
        chosen: list[Selected] = []
        doubles: list[Selected] = []
        waiting = dict.fromkeys(self._candidates)
        while len(chosen) < self._options.chosen and (waiting or self._refill(waiting)):
            best, worth = self._best(waiting)
            del waiting[best]
            one = self._candidates[best]
            like = next((c.passage_id for c in chosen if self._alike(c.passage_id, best)), None)
            if like is not None:
                doubles.append(Selected(best, one.own, duplicate_of=like))
                continue
            score = min(worth, chosen[-1].score if chosen else math.inf)
            chosen.append(Selected(best, score, one.tied_to, one.through))
            self._missing &= ~one.holds
            if len(chosen) <= self._options.hops:
                waiting |= dict.fromkeys(self._tie(best))
        placed = {one.passage_id for one in (*chosen, *doubles)}
        last = chosen[-1].score if chosen else 0.0
        rest = [(i, score / self._top) for i, score in self._ranked.items() if i not in placed]
        return [*chosen, *(Selected(i, min(score, last)) for i, score in rest), *_lowest(doubles, rest, last)]

    def _refill(self, waiting: dict[int, None]) -> bool:
        """When the pool is spent, as by duplicates: candidates from what was ranked behind it."""
        behind = [i for i in self._ranked if i not in self._candidates]
        waiting |= dict.fromkeys(self._load(behind[: self._options.pool]))
        return bool(waiting)

    def _best(self, waiting: Iterable[int]) -> tuple[int, float]:
        """The candidate that is worth most now, and what it is worth."""
        options = self._options
        lacking = self._weight(self._missing)
        reach = options.reach / lacking if lacking > 1e-9 else 0.0
        coverage = options.coverage / self._whole
        gains: dict[int, float] = {}
        best, most = 0, -math.inf
        for i in waiting:
            one = self._candidates[i]
            new = one.holds & self._missing
            gain = gains.get(new)
            if gain is None:
                gain = gains[new] = self._weight(new)
            worth = one.own + coverage * gain + one.tie * (options.link + reach * gain)
            if worth > most or (worth == most and i < best):
                best, most = i, worth
        return best, most

    def _alike(self, one: int, other: int) -> bool:
        first, second = self._terms[one], self._terms[other]
        shared = len(first & second)
        return shared >= self._options.alike * (len(first) + len(second) - shared)

    def _tie(self, chosen: int) -> list[int]:
        """Tie passages to one that was just chosen; returns those that become candidates by that."""
        new = self._load(self._reached(chosen))
        begin = self._candidates[chosen]
        names = self._corpus.graph.keys(begin.named | begin.titles)
        for i, one in self._candidates.items():
            if i != chosen:
                strength, through = self._strength(begin, one, names)
                if begin.own * strength > one.tie:
                    one.tie, one.tied_to, one.through = begin.own * strength, chosen, through
        return new

    def _reached(self, chosen: int) -> list[int]:
        """Passages about what a chosen one names, and those that name the same rare thing."""
        options, graph = self._options, self._corpus.graph
        named = self._candidates[chosen].named
        about = graph.passages_naming(named, options.titles + 1, title=True)
        shared = graph.passages_naming(named - self._seeds, options.hub + 1)
        self._frequency.update({e: len(ids) for e, ids in shared.items()})
        found = [i for ids in about.values() if len(ids) <= options.titles for i in ids]
        for ids in sorted(shared.values(), key=len):  # the rarest tie most
            found += ids if len(ids) <= options.hub else ()
        new = (i for i in dict.fromkeys(found) if i not in self._candidates)
        return list(islice((i for i in new if self._among is None or i in self._among), options.reached))

    def _strength(self, chosen: _Candidate, other: _Candidate, names: Mapping[int, str]) -> tuple[float, int]:
        """How strongly a passage is tied to a chosen one, 0 to 1, and the entity that ties them.

        Of equals the first by name: ids depend on what was added when.
        """
        options = self._options
        about = other.titles & chosen.named
        if about:
            return options.about, min(about, key=lambda e: names.get(e, ""))
        back = chosen.titles & other.named
        best = (options.back, min(back, key=lambda e: names.get(e, ""))) if back else (0.0, 0)
        shared = (chosen.named & other.named) - self._seeds
        if shared:
            rarest = min(shared, key=lambda e: (self._frequency.get(e, 1), names.get(e, "")))
            strength = options.shared / (1 + math.log(self._frequency.get(rarest, 1)))
            best = (strength, rarest) if strength > best[0] else best
        return best


def _lowest(doubles: Sequence[Selected], rest: Sequence[tuple[int, float]], last: float) -> list[Selected]:
    """Duplicates with scores that do not rise above what stands before them."""
    limit = min([last, *(score for _, score in rest)])
    return [replace(one, score=min(one.score, limit)) for one in doubles]
