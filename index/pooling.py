"""Token vectors -> vectors of texts and of the sentences in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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


def late_chunks(
    encoder: Any,
    embed: Callable[[Sequence[str]], Vectors],
    texts: Sequence[str],
    spans: Sequence[Sequence[Span]],
) -> tuple[Vectors, Vectors]:
    """Texts and their sentences from one pass: the means of their tokens ("late chunking", arXiv 2409.04701).
    Half the work of two, and sentences know their context.

    Args:
        encoder: a TokenEncoder whose model takes the mean of its tokens.
        embed: embeds the sentences that lie behind the model's longest input, each alone.

    Returns:
        (n, dim) and (all sentences, dim) float32, rows of length 1.
    """
    rows = np.empty((len(texts), encoder.dim), np.float32)
    none = np.empty((0, encoder.dim), np.float32)
    found = [none] * len(texts)
    for i, (vectors, starts, ends) in encoder.encode(texts):
        rows[i] = vectors.mean(axis=0)
        found[i] = means(vectors[1:-1], starts, ends, spans[i])
    sentences = unit_rows(np.concatenate([*found, none]))
    beyond = np.flatnonzero(~sentences.any(axis=1)).tolist()
    if beyond:
        alone = cut(texts, spans)
        sentences[beyond] = embed([alone[i] for i in beyond])
    return unit_rows(rows), sentences


@contextmanager
def one_thread(before: int) -> Iterator[None]:
    """One thread for these small products: the extractor has better use for the second core."""
    import torch

    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
