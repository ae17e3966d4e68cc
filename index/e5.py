"""multilingual-e5-small (Wang et al. 2024, arXiv 2402.05672), trained on as an embedder: 12 layers of 384.

It puts a question beside passages that say it in other words, in both languages (docs/decisions/0028).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.bert import Bert, load_bert
from index.encode import TokenEncoder, Tokens
from index.errors import BrokenModel
from index.onnx import Weights
from index.packed_weights import unpacked
from index.pooling import Span, Vectors, late_chunks

_MODELS = Path(__file__).resolve().parent / "models"
FOLDER = _MODELS / "embedder-e5-small"
SHARED = _MODELS / "e5-small"
"""Tokenizer and table of words, which training leaves as they are."""
WORDS = "embeddings.word_embeddings.weight"
_LINE_END = "\n"
LONGEST = 320
"""Tokens; what is behind them is not in a passage's vector, but its sentences have their own."""
_QUESTION, _PASSAGE = "query: ", "passage: "
"""What the model was trained with before a question and a passage."""


class E5Embedder:
    """Chinese and English: 384 dimensions."""

    name = "e5-small"

    def __init__(self, folder: Path = FOLDER, kind: str = "") -> None:
        """`kind`: "packed" or "onnx"; without it, the quicker one on this processor.

        Raises:
            BrokenModel: a part of it is missing or damaged.
        """
        encoder = _load(folder, kind)
        self.dim, self.backend = encoder.dim, encoder.backend
        self._questions, self._passages = _Marked(encoder, _QUESTION), _Marked(encoder, _PASSAGE)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return late_chunks(self._questions, self.embed_queries, texts, [()] * len(texts))[0]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self.embed_sentences(texts, [()] * len(texts))[0]

    def embed_sentences(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, Vectors]:
        return late_chunks(self._passages, self.embed_passages, texts, spans)


class _Marked:
    """A token encoder that writes something before each text, and tells places as if it did not."""

    def __init__(self, encoder: TokenEncoder, mark: str) -> None:
        self._encoder, self._mark = encoder, mark
        self.backend, self.dim = encoder.backend, encoder.dim

    def encode(self, texts: Sequence[str]) -> Iterator[tuple[int, Tokens]]:
        for i, (vectors, starts, ends) in self._encoder.encode([self._mark + text for text in texts]):
            # A piece begins at the blank before its word: it belongs to the word, not to what stands before.
            own, after = starts - len(self._mark), ends - len(self._mark)
            own += np.array([texts[i][max(at, 0) : at + 1].isspace() for at in own.tolist()], np.int64)
            own[(own < 0) & (after > 0)] = 0
            yield i, (vectors, own, after)


def read_tokenizer(folder: Path) -> Any:
    """That of all models made from multilingual-e5-small; the folder's own, where its words are its own."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str((folder if _has_words(folder) else SHARED) / "tokenizer.json"))


def read_weights(folder: Path) -> Weights:
    """With the table of words of all models made from multilingual-e5-small, or its own."""
    from safetensors.numpy import load_file

    stored = load_file(folder / "model.safetensors")
    return unpacked(stored if _has_words(folder) else stored | load_file(SHARED / "words.safetensors"))


def _has_words(folder: Path) -> bool:
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", "numpy") as stored:
        return f"{WORDS}.blocks" in stored.keys()  # noqa: SIM118 - no mapping


def _load(folder: Path, kind: str) -> TokenEncoder:
    try:
        card = json.loads((folder / "config.json").read_text("utf-8"))
        model = Bert(
            tokenizer=read_tokenizer(folder),
            weights=lambda: read_weights(folder),
            dim=int(card["hidden_size"]),
            layers=int(card["num_hidden_layers"]),
            heads=int(card["num_attention_heads"]),
            epsilon=float(card["layer_norm_eps"]),
            longest=LONGEST,
        )
        return load_bert(model, kind)
    except Exception as error:  # safetensors and tokenizers have errors of their own, all of them
        raise BrokenModel(
            f"the embedder in {folder} cannot be read ({str(error).partition(_LINE_END)[0]}); install Jujube "
            "again, or use another: --embedder embedded"
        ) from error
