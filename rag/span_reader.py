"""A small encoder that reads question and passage together and points at the span that answers, or at none.

multilingual-e5-small (Wang et al. 2024), trained on as a reader: 12 layers of 384, Chinese and English, its
weights in 8 and 4 bits. It speaks no word: it is a second opinion on what the generator would quote
(rag/pointing.py). How it was made stands beside its weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.e5 import read_tokenizer, read_weights
from index.errors import BrokenModel
from index.onnx import OnnxEncoder, Weights
from index.pooling import Vectors
from rag.card import first_line, read_object
from rag.pointing import Pointed
from rag.runtime import computes_in_bfloat16

LONGEST_QUESTION = 128
"""Tokens; of a longer question the beginning is read."""
_LONGEST_PIECE = 16
"""Characters of a token; what is behind so many times the window is not looked at."""

Encode = Callable[[Sequence[Sequence[int]]], list[Vectors]]


class SpanReader(Protocol):
    """Reads passages for one question. Safe for threads."""

    @property
    def name(self) -> str: ...
    @property
    def backend(self) -> str:
        """What computes it."""
        ...

    def read(self, question: str, texts: Sequence[tuple[str, str]]) -> list[Pointed]:
        """What is pointed at in each passage.

        Args:
            texts: title ("" where there is none) and text of each passage.
        """
        ...


class E5SpanReader:
    """The one that ships."""

    def __init__(self, folder: Path) -> None:
        """
        Raises:
            BrokenModel: a part of it is missing or damaged.
        """
        card = read_object(folder / "config.json")
        try:
            weights = read_weights(folder)
            self._tokenizer = read_tokenizer(folder)
            self._head = weights["head.weight"].T, weights["head.bias"]
            self._verdict = _told_apart(weights)
            shape = card["num_hidden_layers"], card["num_attention_heads"], card["layer_norm_eps"]
            self._encode, self.backend = _encoder(weights, *shape)
            self._longest = int(card["longest"])
            self.name = str(card["name"])
        except Exception as error:  # safetensors and tokenizers have errors of their own, all of them
            raise BrokenModel(
                f"the span reader in {folder} cannot be read ({first_line(error)}); install Jujube again, or "
                "do without it (JUJUBE_SPAN_READER=)"
            ) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._begin, self._end = (self._tokenizer.token_to_id(token) for token in ("<s>", "</s>"))

    def read(self, question: str, texts: Sequence[tuple[str, str]]) -> list[Pointed]:
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids[:LONGEST_QUESTION]
        head: list[int] = [self._begin, *asked, self._end, self._end]
        room = self._longest - len(head) - 1
        above = [title + "\n" if title else "" for title, _ in texts]
        whole = [(own + text)[: room * _LONGEST_PIECE] for own, (_, text) in zip(above, texts, strict=True)]
        encoded = self._tokenizer.encode_batch(whole, add_special_tokens=False)
        vectors = self._encode([[*head, *one.ids[:room], self._end] for one in encoded])
        places = [np.array(one.offsets[:room], np.int64).reshape(-1, 2) for one in encoded]
        return [self._pointed(len(head), *each) for each in zip(above, places, vectors, strict=True)]

    def _pointed(self, first: int, above: str, places: NDArray[np.int64], vectors: Vectors) -> Pointed:
        """`first` is the place of the first token of a passage, or of its title."""
        scores = vectors @ self._head[0] + self._head[1]
        # The first token of all stands for "none"; a probability over that of none needs no sum over all.
        odds = (scores[first : first + len(places)] - scores[0]).astype(np.float32)
        yes = None if self._verdict is None else float(vectors[0] @ self._verdict[0] + self._verdict[1])
        return Pointed.of(above, places[:, 0], places[:, 1], odds[:, 0], odds[:, 1], yes)


def _told_apart(weights: Weights) -> tuple[NDArray[np.float32], float] | None:
    """What the first token's vector times this, and so much more, says for yes; None: that was not learnt."""
    if "verdict.weight" not in weights:
        return None
    weight, bias = weights["verdict.weight"], weights["verdict.bias"]
    return (weight[0] - weight[1]).astype(np.float32), float(bias[0] - bias[1])


def likely_backend() -> str:
    """What will compute it, as far as the processor tells before it is loaded."""
    return "packed-bf16" if computes_in_bfloat16("cpu") else "onnx-fp32"


def _encoder(weights: Weights, layers: int, heads: int, epsilon: float) -> tuple[Encode, str]:
    """The quickest on this machine, and what it is called."""
    import torch

    from index.packed import available
    from index.packed_bert import PackedBert

    if torch.ops.mkldnn._is_mkldnn_bf16_supported() and available():
        packed = PackedBert(weights, layers, heads, epsilon)
        return lambda texts: [one for run in packed(texts) for one in run], "packed-bf16"
    onnx = OnnxEncoder(weights, layers, heads, epsilon, torch.get_num_threads())
    return lambda texts: [onnx(np.array([ids], np.int64))[0] for ids in texts], "onnx-fp32"
