"""How near a question's words are to those of the passages, and what each voice is worth by that.

The text ranks by words alone, and the graph begins at what it and the question name. Where even the passage
that it ranks first holds few of the question's words ("how long before clocking on must I have had my last
pint?"), both only chase what a question happens to mention, and the vectors know better.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from index.corpus import Corpus
from index.language import asked_terms, has_cjk

_UNKNOWN_PAIR = 0.25
"""What two Chinese characters count that stand together in no passage: most are the end of a word and the
beginning of another. An English word that is nowhere counts like the rarest."""


@dataclass(frozen=True, slots=True)
class WordingOptions:
    """Weights for questions in quite other words than the passages' (docs/decisions/0027)."""

    near: float = 0.5
    """Share of a question's terms from which on it is in the passages' words: the usual weights."""
    far: float = 0.3
    """Share at and below which these weights are taken; between both, a mean of them."""
    vector_weight: float = 0.95
    hybrid_weight: float = 6.0

    def distance(self, held: float) -> float:
        """0 for a question in the passages' words, 1 for one in quite others.

        >>> far = WordingOptions()
        >>> far.distance(0.7), round(far.distance(0.4), 6), far.distance(0.2)
        (0.0, 0.5, 1.0)
        """
        return min(1.0, max(0.0, (self.near - held) / (self.near - self.far)))


def held(
    corpus: Corpus, question: str, ranked: Sequence[tuple[int, float]], names: Iterable[str] = ()
) -> float:
    """Share of a question's terms, by what they tell, that the first of the passages or a name holds, 0 to 1.

    A question over two passages has words of both, and names that lead from one to the other.

    Args:
        names: of the entities that the question means (`rag.link.link_entities`).
    """
    told = telling(corpus, question)
    best = corpus.text.terms_of([ranked[0][0]]) if ranked else {}
    found = next(iter(best.values()), frozenset()).union(*(asked_terms(name) for name in names))
    return share_of(told, found)


def telling(corpus: Corpus, question: str) -> dict[str, float]:
    """A question's terms and what each tells, in nats; one that no passage has tells as much as any."""
    weights = corpus.text.weights(asked_terms(question))
    rare = corpus.text.rarest
    return {
        term: weight or rare * (_UNKNOWN_PAIR if has_cjk(term) else 1.0) for term, weight in weights.items()
    }


def share_of(told: Mapping[str, float], found: AbstractSet[str]) -> float:
    """Of what terms tell, the share that is found, 0 to 1."""
    whole = sum(told.values())
    return sum(told[term] for term in told.keys() & found) / whole if whole else 0.0
