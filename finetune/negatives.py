"""Passages that are found for a question and do not answer it: what a reader must learn to leave alone."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.corpus import Corpus
from index.language import asked_terms, index_terms
from index.types import Hit, Passage
from rag.needs import holds, plain
from rag.prompt import title_of
from rag.retrieve import RetrieveOptions, retrieve
from rag.values import value

_LOOKED_AT = 6
"""Passages looked at for one negative that is wanted."""
_FEWEST_LOOKED_AT = 12
_COMMON = 0.2
"""Share of the passages in which a term may stand that passages are found by."""


def hard_negatives(
    corpus: Corpus,
    question: str,
    answers: Sequence[str],
    right: Passage | None,
    count: int,
    allowed: Callable[[str], bool] = lambda document_id: True,
) -> list[Passage]:
    """The best found passages that are not the right one and do not hold an answer, other documents' first.

    Args:
        answers: accepted ones; empty: nothing answers it.
        right: the passage that answers it; None: there is none here.
        allowed: whether a document's passages may be used.
    """
    options = RetrieveOptions(top_k=max(_FEWEST_LOOKED_AT, _LOOKED_AT * count))
    hits = retrieve(corpus, question, options).hits
    told = [hit for hit in hits if allowed(hit.passage.document_id) and not _answers(hit, answers, right)]
    own = right.document_id if right else ""
    told.sort(key=lambda hit: hit.passage.document_id == own)
    kept: dict[str, Passage] = {}
    for hit in told:
        kept.setdefault(plain(hit.passage.text), hit.passage)
    return list(kept.values())[:count]


def _answers(hit: Hit, answers: Sequence[str], right: Passage | None) -> bool:
    if right is not None and hit.passage.id == right.id:
        return True
    read = f"{title_of(hit.title, hit.passage.heading)}\n{hit.passage.text}"  # answers may stand in either
    return (right is not None and plain(hit.passage.text) == plain(right.text)) or says(read, answers)


def says(text: str, answers: Sequence[str]) -> bool:
    """Whether a text holds one of some answers, or the same amount written otherwise.

    >>> says("It weighs 58 kg.", ["58kg"]), says("It weighs 124 kg.", ["58 kg"]), says("58.", ["58 kg"])
    (True, False, False)
    """
    packed = plain(text)
    for answer in answers:
        if holds(packed, plain(answer)) or plain(answer).replace(" ", "") in packed.replace(" ", ""):
            return True
        amount = value(answer)
        if amount is not None and len(answer) < 30 and value(text) == amount:
            return True
    return False


class Nearest:
    """Passages by the words that they share with a question, for a file that is in no collection."""

    def __init__(self, passages: Sequence[str]) -> None:
        self.passages = passages
        rows: dict[str, list[int]] = defaultdict(list)
        for row, text in enumerate(passages):
            for term in set(index_terms(text)):
                rows[term].append(row)
        most = max(50.0, _COMMON * len(passages))
        self._rows = {term: np.array(found, np.int32) for term, found in rows.items() if len(found) <= most}
        self._lengths: NDArray[np.float64] = np.array([max(len(text), 50) ** 0.25 for text in passages])

    def find(self, question: str, count: int) -> list[int]:
        """Rows of the nearest passages, the best first; passages without a common word are left out."""
        scores = np.zeros(len(self.passages))
        for term in asked_terms(question):
            found = self._rows.get(term)
            if found is not None:
                scores[found] += math.log(1 + len(self.passages) / len(found))
        scores /= self._lengths
        order = np.argsort(-scores, kind="stable")[:count]
        return [int(row) for row in order if scores[row] > 0]
