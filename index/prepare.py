"""Documents cut into passages -> documents ready to be committed: embedded, names and facts extracted."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from index.embed import Embedder
from index.extract import Extractor, extract_passages
from index.language import sentences
from index.rows import Prepared
from index.types import Document, Passage


def prepare(
    batch: Sequence[tuple[Document, list[Passage]]], embedder: Embedder, extractor: Extractor
) -> list[Prepared]:
    """Embed and extract a batch, side by side: one core each."""
    titled = [(document.title, passage) for document, passages in batch for passage in passages]
    spans = [sentences(passage.text) for _, passage in titled]
    heads = [passage_head(title, passage) for title, passage in titled]
    with ThreadPoolExecutor(1) as pool:
        embedding = pool.submit(
            embedder.embed_sentences,
            [head + passage.text for head, (_, passage) in zip(heads, titled, strict=True)],
            [[(len(h) + a, len(h) + b) for a, b in own] for h, own in zip(heads, spans, strict=True)],
        )
        extractions = extract_passages(extractor, titled)
        vectors, sentence_vectors = embedding.result()
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
