"""Texts -> a vector a token, through torch; what an encoder promises."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from index.pooling import Vectors, one_thread

_BATCH = 32

Tokens = tuple[Vectors, Any, Any]
"""Of one text: (tokens, dim) float32 with [CLS] and [SEP]; where each token between them starts and ends."""


class TokenEncoder(Protocol):
    """Texts -> token vectors. Safe for threads; uses one thread a call."""

    @property
    def backend(self) -> str:
        """How it computes: "torch-bf16", "torch-fp32", "onnx-fp32"."""
        ...

    @property
    def dim(self) -> int: ...
    def encode(self, texts: Sequence[str]) -> Iterator[tuple[int, Tokens]]:
        """The tokens of each text beside its place in `texts`, in whatever order is quickest."""
        ...


class TorchEncoder:
    """Any transformer of torch's, in batches of texts of about one length."""

    def __init__(
        self, forward: Callable[[dict[str, Any]], Any], tokenizer: Any, longest: int, dim: int, model: Any
    ) -> None:
        """Args:
        forward: features -> (texts, tokens, dim).
        longest: tokens; what is behind them is not seen.
        model: is moved to bfloat16 where that is quicker.
        """
        import torch

        fast_bf16 = model.device.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
        if fast_bf16:
            model.to(torch.bfloat16)
        self.backend = "torch-bf16" if fast_bf16 else "torch-fp32"
        self.dim = dim
        self._device = model.device
        self._forward = forward
        self._tokenizer = tokenizer
        self._longest = longest
        # Asked now: later, another thread may be inside `one_thread`.
        self._threads = torch.get_num_threads()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Iterator[tuple[int, Tokens]]:
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH]
            with one_thread(self._threads):
                found = self._encode([texts[i] for i in batch])
            yield from zip(batch, found, strict=True)

    def _encode(self, texts: list[str]) -> list[Tokens]:
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
            features = {name: tensor.to(self._device) for name, tensor in encoded.items()}
            vectors = self._forward(features).float().cpu().numpy()
        lengths = encoded["attention_mask"].sum(dim=1).tolist()
        return [
            (row[:n], places[1 : n - 1, 0], places[1 : n - 1, 1])
            for row, places, n in zip(vectors, offsets, lengths, strict=True)
        ]
