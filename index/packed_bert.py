"""A BERT encoder in torch's operators, its weights laid out once for the processor.

Texts lie behind each other, whatever their lengths, and only attention takes them one by one: nothing is
padded, and products have few sizes, for each of which oneDNN keeps machine code (docs/decisions/0020).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np
import torch
from torch.nn.functional import layer_norm

from index.onnx import Weights
from index.packed import Linear
from index.pooling import Vectors

_TOGETHER = 2048
"""Tokens in one pass; more are no quicker."""
_SMALL, _LARGE = 8, 64
"""Numbers of tokens are filled up to multiples of the first; of the second, where they are above it."""


class _Layer:
    def __init__(self, weights: Weights, name: str, heads: int, number: torch.dtype) -> None:
        parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        rows = np.concatenate([weights[f"{part}.weight"] for part in parts])
        bias = np.concatenate([weights[f"{part}.bias"] for part in parts])
        width = len(rows) // 3
        for one in (rows, bias):  # scores are divided by the root of the width, as part of the queries
            one[:width] *= np.float32((width // heads) ** -0.5)
        self.attention = Linear(_tensor(rows, number), _tensor(bias, number))
        self.attended = _linear(weights, f"{name}.attention.output.dense", number)
        self.first_norm = _norm(weights, f"{name}.attention.output.LayerNorm", number)
        self.widen = _linear(weights, f"{name}.intermediate.dense", number, "gelu", "none")
        self.narrow = _linear(weights, f"{name}.output.dense", number)
        self.second_norm = _norm(weights, f"{name}.output.LayerNorm", number)


class PackedBert:
    """Token ids -> token vectors; calls may run side by side."""

    def __init__(
        self, weights: Weights, layers: int, heads: int, epsilon: float, number: torch.dtype = torch.bfloat16
    ) -> None:
        """Args:
        weights: BERT's, by their names in the safetensors file, (out, in) for linear layers.
        epsilon: of the layer normalisations.
        """
        self._heads, self._epsilon = heads, epsilon
        with torch.inference_mode():
            self._words = _tensor(weights["embeddings.word_embeddings.weight"], number)
            first_type = weights["embeddings.token_type_embeddings.weight"][:1]
            self._places = _tensor(weights["embeddings.position_embeddings.weight"] + first_type, number)
            self._norm = _norm(weights, "embeddings.LayerNorm", number)
            self._layers = [_Layer(weights, f"encoder.layer.{at}", heads, number) for at in range(layers)]

    def __call__(self, texts: Sequence[Sequence[int]]) -> Iterator[list[Vectors]]:
        """Runs of texts, in their order, as (tokens, dim) float32 each."""
        run: list[Sequence[int]] = []
        for ids in texts:
            if run and sum(map(len, run)) + len(ids) > _TOGETHER:
                yield self._encode(run)
                run = []
            run.append(ids)
        if run:
            yield self._encode(run)

    def _encode(self, texts: Sequence[Sequence[int]]) -> list[Vectors]:
        lengths = [len(ids) for ids in texts]
        starts = [0, *accumulate(lengths)]
        rows = _filled(max(start + _filled(length) for start, length in zip(starts, lengths, strict=False)))
        more = [0] * (rows - sum(lengths))
        with torch.inference_mode():
            words = torch.tensor([token for ids in texts for token in ids] + more)
            places = torch.tensor([at for length in lengths for at in range(length)] + more)
            x = self._normal(self._words[words] + self._places[places], self._norm)
            heard = torch.zeros_like(x)
            for layer in self._layers:
                joined = layer.attention(x).view(rows, 3, self._heads, -1)
                for start, length in zip(starts, lengths, strict=False):
                    heard[start : start + length] = _attended(joined[start:], length)
                x = self._normal(layer.attended.with_(heard, x, "add"), layer.first_norm)
                x = self._normal(layer.narrow.with_(layer.widen(x), x, "add"), layer.second_norm)
            found: Vectors = x.float().numpy()
        return np.split(found, starts[1:])[: len(lengths)]

    def _normal(self, x: torch.Tensor, weights: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        return layer_norm(x, (x.shape[1],), *weights, self._epsilon)


def _attended(joined: torch.Tensor, length: int) -> torch.Tensor:
    """What the tokens of the first text hear: (length, dim).

    Args:
        joined: (rows, 3, heads, width) queries, keys and values; a size that is filled up takes in tokens of
            the next text, whose keys are hidden.
    """
    queries, keys, values = joined[: _filled(length)].permute(1, 2, 0, 3).contiguous()
    scores = torch.bmm(queries, keys.transpose(1, 2))
    scores[:, :, length:] = -torch.inf
    heard = torch.bmm(torch.softmax(scores, -1), values)[:, :length]
    return heard.transpose(0, 1).reshape(length, -1)


def _filled(tokens: int) -> int:
    """
    >>> [_filled(tokens) for tokens in (3, 17, 64, 65, 200)]
    [8, 24, 64, 128, 256]
    """
    step = _SMALL if tokens <= _LARGE else _LARGE
    return -(-tokens // step) * step


def _linear(weights: Weights, name: str, number: torch.dtype, then: str = "none", how: str = "") -> Linear:
    rows, bias = (_tensor(weights[f"{name}.{part}"], number) for part in ("weight", "bias"))
    return Linear(rows, bias, then, how)


def _norm(weights: Weights, name: str, number: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    return _tensor(weights[f"{name}.weight"], number), _tensor(weights[f"{name}.bias"], number)


def _tensor(values: Vectors, number: torch.dtype) -> torch.Tensor:
    return torch.from_numpy(values).to(number)
