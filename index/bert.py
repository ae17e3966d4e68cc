"""A BERT that embeds, by the quickest way of this processor: bfloat16 in hardware, else ONNX Runtime.

Their vectors agree to a cosine of .999 (docs/decisions/0006), so a collection may move to another machine.
Neither needs transformers.
"""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from index.encode import TokenEncoder, Tokens
from index.onnx import OnnxEncoder, Weights
from index.pooling import Vectors, one_thread

_QUESTION_THREADS = 4
"""Threads that read one question at most: it is too short for more."""
_TOKENS = 512
"""At most so many tokens go through ONNX's graph at once: what they are worked out in stays in the cache."""

Ids = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Bert:
    """What a model is read from."""

    tokenizer: Any
    """A `tokenizers.Tokenizer`; is set to cut what is too long, and not to pad."""
    weights: Callable[[], Weights]
    dim: int
    layers: int
    heads: int
    epsilon: float
    longest: int
    """Tokens; what is behind them is not seen."""


def load_bert(model: Bert, kind: str = "") -> TokenEncoder:
    """The quickest encoder here, or the one named: "packed" or "onnx"."""
    return OnnxBert(model) if (kind or _quickest()) == "onnx" else PackedTexts(model)


class _Texts(ABC):
    """How token ids become vectors is a subclass's."""

    backend: str

    def __init__(self, model: Bert) -> None:
        self._model = model
        self.dim = model.dim
        self._tokenizer = model.tokenizer
        self._tokenizer.enable_truncation(model.longest)  # set once: threads may share what does not change
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> Iterator[tuple[int, Tokens]]:
        encoded = self._tokenizer.encode_batch(list(texts))
        for i, rows in self._vectors([one.ids for one in encoded]):
            offsets = np.array(encoded[i].offsets[1:-1], np.int64).reshape(-1, 2)
            yield i, (rows, offsets[:, 0], offsets[:, 1])

    @abstractmethod
    def _vectors(self, texts: Ids) -> Iterator[tuple[int, Vectors]]:
        """(tokens, dim) float32 of each text, beside its number."""

    @property
    def _shape(self) -> tuple[int, int, float]:
        return self._model.layers, self._model.heads, self._model.epsilon


class PackedTexts(_Texts):
    """For processors with bfloat16; in float32 on others."""

    def __init__(self, model: Bert) -> None:
        import torch

        from index.packed_bert import PackedBert

        super().__init__(model)
        fast = torch.ops.mkldnn._is_mkldnn_bf16_supported()
        self.backend = "packed-bf16" if fast else "packed-fp32"
        number = torch.bfloat16 if fast else torch.float32
        self._encoder = PackedBert(model.weights(), *self._shape, number)
        # Asked now: later, another thread may be inside `one_thread`.
        self._threads = torch.get_num_threads()

    def _vectors(self, texts: Ids) -> Iterator[tuple[int, Vectors]]:
        done = 0
        runs = self._encoder(texts)
        while done < len(texts):
            # A question, alone, is read by all threads at once.
            with one_thread(self._threads) if len(texts) > 1 else nullcontext():
                found = next(runs)
            yield from enumerate(found, done)
            done += len(found)


class OnnxBert(_Texts):
    """Needs no torch; batches hold texts of one length, so nothing is padded."""

    backend = "onnx-fp32"

    def __init__(self, model: Bert) -> None:
        super().__init__(model)
        self._encoder = self._load(1)
        self._lock = threading.Lock()
        self._of_questions: OnnxEncoder | None = None

    def _load(self, threads: int) -> OnnxEncoder:
        return OnnxEncoder(self._model.weights(), *self._shape, threads)

    def _encoder_for(self, texts: int) -> OnnxEncoder:
        """Many texts keep both cores busy as they are; a question, alone, is read by both at once."""
        if texts != 1:
            return self._encoder
        with self._lock:
            if self._of_questions is None:
                self._of_questions = self._load(min(os.cpu_count() or 1, _QUESTION_THREADS))
            return self._of_questions

    def _vectors(self, texts: Ids) -> Iterator[tuple[int, Vectors]]:
        encoder = self._encoder_for(len(texts))
        for batch in _of_one_length([len(ids) for ids in texts]):
            yield from zip(batch, encoder(np.array([texts[i] for i in batch], np.int64)), strict=True)


def _of_one_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Batches of texts with equally many tokens, `_TOKENS` in all."""
    places: dict[int, list[int]] = {}
    for i, length in enumerate(lengths):
        places.setdefault(length, []).append(i)
    for length, own in places.items():
        size = max(1, _TOKENS // length)
        yield from (own[first : first + size] for first in range(0, len(own), size))


def _quickest() -> str:
    import torch

    from index.packed import available

    return "packed" if torch.ops.mkldnn._is_mkldnn_bf16_supported() and available() else "onnx"
