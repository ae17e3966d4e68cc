"""A second look at the best passages by a model that reads question and passage together. Optional.

Backends are imported when chosen. The default has none: no cross-encoder installs from a package index, and
choosing passages together (rag/select.py) needs no model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.errors import BrokenModel, UnknownModel

_LINE_END = "\n"


class Reranker(Protocol):
    """Judges passages for one question."""

    @property
    def name(self) -> str: ...
    def score(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """One number a text; more is better, comparable within one call only."""
        ...


def load_reranker(name: str) -> Reranker:
    """A cross-encoder by name: a folder or a hub id that sentence-transformers can load.

    Raises:
        UnknownModel, BrokenModel: it cannot be loaded.
    """
    return CrossEncoderReranker(name)


class CrossEncoderReranker:
    """Any sentence-transformers cross-encoder with one label, such as cross-encoder/ms-marco-MiniLM-L6-v2."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import CrossEncoder

        try:
            self._model: Any = CrossEncoder(name, trust_remote_code=False)
        except (OSError, ValueError, ImportError) as error:
            kind = BrokenModel if Path(name).is_dir() else UnknownModel
            raise kind(
                f"cannot load the reranker {name!r}: {str(error).partition(_LINE_END)[0]}. Name a folder "
                "with a cross-encoder, a model hub id that this machine can reach, or none (JUJUBE_RERANKER=)"
            ) from error
        if self._model.num_labels != 1:
            raise BrokenModel(
                f"the reranker {name!r} has {self._model.num_labels} labels: one that ranks has one"
            )
        self.name = name

    def score(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        if not texts:
            return []
        pairs = [(question, text) for text in texts]
        found = self._model.predict(pairs, batch_size=16, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(found, np.float64).tolist()  # type: ignore[no-any-return]


def reranked(ranked: Mapping[int, float], scores: Mapping[int, float], weight: float) -> dict[int, float]:
    """The ranking with the best passages in the order that a reranker and the voices agree on.

    Args:
        ranked: passage id -> score, best first.
        scores: passage id -> what the reranker says, of the best passages.
        weight: of the reranker, 0 to 1; the scores of both are moved to 0..1 first.

    >>> reranked({1: 0.9, 2: 0.8, 3: 0.1}, {1: -4.0, 2: 5.0}, 1.0)
    {2: 0.9, 1: 0.8, 3: 0.1}
    """
    own = _unit({i: ranked[i] for i in scores})
    theirs = _unit(scores)
    order = sorted(scores, key=lambda i: (-(weight * theirs[i] + (1 - weight) * own[i]), i))
    places = sorted((ranked[i] for i in scores), reverse=True)
    new = dict(zip(order, places, strict=True))
    return new | {i: score for i, score in ranked.items() if i not in new}


def _unit(scores: Mapping[int, float]) -> dict[int, float]:
    low, high = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
    return {i: (score - low) / (high - low) if high > low else 1.0 for i, score in scores.items()}
