"""Documents cut into passages -> documents ready to be committed: embedded, names and facts extracted."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from index.embed import Embedder
from index.extract import Extractor, extract_passages
from index.language import sentences
from index.names import Names
from index.pooling import Span, Vectors
from index.rows import Prepared
from index.types import Document, Passage

_SLICE = 32
"""Passages a thread embeds at a time."""


def prepare(
    batch: Sequence[tuple[Document, list[Passage]]],
    embedder: Embedder,
    extractor: Extractor,
    names: Names | None = None,
) -> list[Prepared]:
    """Embed and extract a batch, side by side: one core each, then both embed what is left.

    Args:
        names: the collection's own; they win over the models.
    """
    titled = [(document.title, passage) for document, passages in batch for passage in passages]
    spans = [sentences(passage.text) for _, passage in titled]
    heads = [passage_head(title, passage) for title, passage in titled]
    texts = [head + passage.text for head, (_, passage) in zip(heads, titled, strict=True)]
    shifted = [[(len(h) + a, len(h) + b) for a, b in own] for h, own in zip(heads, spans, strict=True)]
    work = _Embedding(embedder, texts, shifted)
    with ThreadPoolExecutor(1) as pool:
        aside = pool.submit(work.run)
        try:
            extractions = extract_passages(extractor, titled, names)
            work.run()  # done with the names: help with what is left
        finally:
            work.stop()
        aside.result()
    vectors, sentence_vectors = work.rows()
    prepared: list[Prepared] = []
    first = row = 0
    for document, passages in batch:
        last = first + len(passages)
        own = [
            (i, passage.start + a, passage.start + b)
            for i, passage in enumerate(passages)
            for a, b in spans[first + i]
        ]
        rows = sentence_vectors[row : row + len(own)]
        prepared.append(Prepared(document, passages, vectors[first:last], extractions[first:last], own, rows))
        first, row = last, row + len(own)
    return prepared


def passage_head(title: str, passage: Passage) -> str:
    """What is embedded before a passage's text: the title and the headings say what it is about."""
    return "".join(f"{part}\n" for part in (title, passage.heading) if part)


class _Embedding:
    """Passages to embed in small slices, by whichever threads call `run`."""

    def __init__(self, embedder: Embedder, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> None:
        self._embedder = embedder
        self._texts = texts
        self._spans = spans
        # By length: texts of one length share a batch without padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        self._slices = deque(order[first : first + _SLICE] for first in range(0, len(order), _SLICE))
        self._found: list[tuple[Vectors, Vectors]] = [(_nothing(embedder.dim),) * 2] * len(texts)

    def run(self) -> None:
        """Embed slices until none is left."""
        while True:
            try:
                own = self._slices.pop()  # long ones first: the last are short, and the threads end together
            except IndexError:
                return
            spans = [self._spans[i] for i in own]
            rows, sentence_rows = self._embedder.embed_sentences([self._texts[i] for i in own], spans)
            borders = np.cumsum([len(one) for one in spans])[:-1]
            for i, row, its_own in zip(own, rows, np.split(sentence_rows, borders), strict=True):
                self._found[i] = row[None], its_own

    def stop(self) -> None:
        """Leave what has not begun."""
        self._slices.clear()

    def rows(self) -> tuple[Vectors, Vectors]:
        """(texts, dim) and (all sentences, dim), in order."""
        nothing = _nothing(self._embedder.dim)
        passages, own = zip(*self._found, strict=True) if self._found else ((), ())
        return np.concatenate([nothing, *passages]), np.concatenate([nothing, *own])


def _nothing(dim: int) -> Vectors:
    return np.empty((0, dim), np.float32)
