"""Token vectors -> vectors of texts and of the sentences in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Span = tuple[int, int]


def unit_rows(rows: NDArray[Any]) -> Vectors:
    """Scale each row to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float32)


def cut(texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[str]:
    return [text[a:b] for text, own in zip(texts, spans, strict=True) for a, b in own]


def means(vectors: Vectors, starts: Any, ends: Any, spans: Sequence[Span]) -> Vectors:
    """Mean of the token vectors inside each span; zeros for a span without a token.

    Args:
        vectors: (tokens, dim) float32.
        starts, ends: (tokens,) ascending character offsets.
    """
    sums = np.vstack([np.zeros((1, vectors.shape[1]), np.float32), np.cumsum(vectors, axis=0)])
    first = np.searchsorted(starts, [a for a, _ in spans])
    last = np.searchsorted(ends, [b for _, b in spans], side="right")
    last = np.maximum(first, last)
    return np.asarray((sums[last] - sums[first]) / np.maximum(last - first, 1)[:, None], np.float32)


@contextmanager
def one_thread(before: int) -> Iterator[None]:
    """One thread for these small products: the extractor has better use for the second core."""
    import torch

    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
