"""A causal decoder in torch's own operators, its weights laid out once for the processor.

transformers' modules leave weights as they are, and oneDNN lays them out anew at each multiplication, which
for the few tokens of a step costs as much as the multiplication. Here each matrix is laid out when the
model is loaded, what follows a product (bias, gate, residual sum) is computed with it, and queries that
share keys are multiplied with them in one go (docs/decisions/0020).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import layer_norm, rms_norm

from index.errors import BrokenModel
from index.packed import Linear, available
from rag.card import first_line
from rag.weights import Matrix, Parts, Shape, Unsupported, Weights, rotations

_KEYS = 64
"""Keys are filled up to a multiple of so many, for the same reason as tokens (`_rounded`)."""
_ROWS = 4096
"""Positions whose rotations are worked out at once; more when a prompt needs them."""


class _Layer:
    """One block of the decoder."""

    def __init__(self, shape: Shape, parts: Parts, at: int, number: torch.dtype) -> None:
        self.norms = [[_tensor(one, number) for one in parts.norm(at, part)] for part in (0, 1)]
        joined = [np.array(one) for one in parts.attention(at)]
        for one in joined:  # scores are divided by the root of the width, as part of the queries
            one[..., : shape.heads * shape.head_dim] *= np.float32(shape.head_dim**-0.5)
        self.attention = _linear(joined, number)
        self.attended = _linear(parts.attended(at), number)
        wide = parts.widen(at)
        self.gate: Linear | None = None
        if shape.kind == "llama":
            half = wide[0].shape[1] // 2
            self.gate = _linear([wide[0][:, :half]], number, "swish")
            self.widen = _linear([wide[0][:, half:]], number)
        else:
            self.widen = _linear(wide, number, "gelu", "tanh")
        self.narrow = _linear(parts.narrow(at), number)


def _linear(parts: Sequence[Matrix], number: torch.dtype, then: str = "none", how: str = "") -> Linear:
    """Of an (in, out) matrix and perhaps a bias."""
    matrix, *bias = parts
    return Linear(_tensor(matrix.T, number), _tensor(bias[0], number) if bias else None, then, how)


def _tensor(values: Matrix, number: torch.dtype) -> torch.Tensor:
    # Copied by torch: numpy would keep the interpreter to itself, and answers wait while a version loads.
    return torch.from_numpy(values).to(number).contiguous()


@dataclass(frozen=True, slots=True)
class _Step:
    """What is the same for all layers of a pass."""

    old: int
    """Tokens in the cache before it."""
    total: int
    """And after it."""
    sees: torch.Tensor
    """(n, total), both filled up: added to the scores."""
    turns: tuple[torch.Tensor, torch.Tensor] | None
    """From `PackedModel._turn`."""


def _rounded(tokens: int) -> int:
    """So many are computed in place of `tokens`.

    oneDNN makes machine code for each size and keeps it: 150 prompts of any length, .6 GiB.

    >>> [_rounded(tokens) for tokens in (1, 3, 9, 29, 33, 188)]
    [1, 4, 12, 32, 48, 192]
    """
    step = 1 if tokens == 1 else 4 if tokens <= 32 else 16
    return -(-tokens // step) * step


class PackedModel:
    """The decoder in a model's folder. Calls may run side by side."""

    def __init__(self, folder: Path, shape: Shape, numbers: str = "bfloat16") -> None:
        """
        Args:
            numbers: "bfloat16" or "float32".

        Raises:
            Unsupported: the weights lack a part of this architecture, or this torch has no oneDNN.
            BrokenModel: they are damaged, or of another shape than the configuration says.
        """
        if not available():
            raise Unsupported("this torch has no oneDNN, or other operators of it")
        self.shape = shape
        self.numbers, self.threads = numbers, torch.get_num_threads()
        self._number: torch.dtype = getattr(torch, numbers)
        try:
            with torch.inference_mode():
                self._load(Parts(shape, Weights(folder)))
        except KeyError as error:
            raise Unsupported(f"the weights have no tensor {error}") from error
        except Exception as error:  # safetensors and torch raise their own kinds
            raise BrokenModel(f"{folder} cannot be loaded: {first_line(error)}") from error

    def _load(self, parts: Parts) -> None:
        shape, number = self.shape, self._number
        self._embedding = _tensor(parts.embedding(), number)
        if len(self._embedding) != shape.vocabulary:
            raise ValueError(f"{len(self._embedding)} embeddings for {shape.vocabulary} tokens")
        self._positions = _tensor(parts.positions(), number) if shape.kind == "gpt2" else None
        self._layers = [_Layer(shape, parts, at, number) for at in range(shape.layers)]
        self._last = [_tensor(one, number) for one in parts.last_norm()]
        head = parts.head()
        self._head = Linear(self._embedding if head is None else _tensor(head, number))
        self._turns = _turns(shape, min(shape.window, _ROWS), number)
        # Once through, so that what does not fit together is told now.
        self.run(self.cache(1), 0, [0], [0], np.zeros((1, 1), np.float32), [0])

    def cache(self, tokens: int) -> NDArray[Any]:
        """As `rag.cached_reading.CachedModel` has it; numpy has no bfloat16 and holds its bits."""
        shape = self.shape
        size = (shape.layers, 2, 1, shape.kv_heads, tokens, shape.head_dim)
        return np.empty(size, np.float32 if self._number == torch.float32 else np.uint16)

    def run(
        self,
        cache: NDArray[Any],
        old: int,
        ids: Sequence[int],
        places: Sequence[int],
        bias: Matrix,
        ends: Sequence[int],
    ) -> NDArray[np.float32]:
        """As `rag.cached_reading.CachedModel` has it."""
        with torch.inference_mode():
            step = self._step(old, places, bias)
            more = len(step.sees) - len(ids)
            x = self._embedding[torch.tensor([*ids, *[0] * more])]
            if self._positions is not None:
                x = x + self._positions[torch.tensor([*places, *[0] * more])]
            kept = torch.from_numpy(cache).view(self._number)[:, :, 0]
            for number, layer in enumerate(self._layers):
                heard = self._attend(layer, self._normal(x, layer.norms[0]), kept[number], step)
                if number == len(self._layers) - 1:  # from here on only the ends matter
                    wanted = torch.tensor(list(ends))
                    heard, x = heard[wanted], x[wanted]
                x = layer.attended.with_(heard, x, "add")
                wide = self._normal(x, layer.norms[1])
                gated = layer.gate
                wide = layer.widen(wide) if gated is None else layer.widen.with_(wide, gated(wide), "mul")
                x = layer.narrow.with_(wide, x, "add")
            scores = self._head(self._normal(x, self._last))
            likely: NDArray[np.float32] = torch.log_softmax(scores, -1, torch.float32).numpy()
            return likely

    def _step(self, old: int, places: Sequence[int], bias: Matrix) -> _Step:
        n, total = bias.shape
        rows = _rounded(n)
        sees = torch.full((rows, -(-total // _KEYS) * _KEYS), -torch.inf, dtype=self._number)
        sees[:, 0] = 0  # what is only filled up sees something: no number is divided by none
        sees[:n, :total] = torch.from_numpy(bias).to(self._number)
        sees[:n, :total] += torch.full((n, total), -torch.inf, dtype=self._number).triu_(old + 1)
        return _Step(old, total, sees, self._turn(torch.tensor([*places, *[0] * (rows - n)])))

    def _normal(self, x: torch.Tensor, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        width, epsilon = (x.shape[1],), self.shape.epsilon
        if len(weights) == 1:
            return rms_norm(x, width, weights[0], epsilon)
        return layer_norm(x, width, weights[0], weights[1], epsilon)

    def _attend(self, layer: _Layer, x: torch.Tensor, kept: torch.Tensor, step: _Step) -> torch.Tensor:
        """What each token of x (n, dim) hears: (n, heads * head_dim). Its keys and values go into `kept`."""
        shape = self.shape
        heads, own, wide = shape.heads, shape.kv_heads, shape.head_dim
        n, total = step.sees.shape
        joined = layer.attention(x).view(n, heads + 2 * own, wide).transpose(0, 1)
        both, new = joined[: heads + own], joined[heads + own :]
        if step.turns is not None:
            both = torch.addcmul(both * step.turns[0], both.roll(wide // 2, -1), step.turns[1])
        kept[0, :, step.old : step.total] = both[heads:, : step.total - step.old]
        kept[1, :, step.old : step.total] = new[:, : step.total - step.old]
        keys, values = held = kept.new_empty(2, own, total, wide)
        held[:, :, : step.total] = kept[:, :, : step.total]
        held[:, :, step.total :] = 0
        # Heads that share keys lie behind each other: one product for all of them.
        asked = both[:heads].reshape(own, heads // own * n, wide)
        scores = torch.bmm(asked, keys.transpose(1, 2))
        shares = torch.softmax(scores.view(own, heads // own, n, total).add_(step.sees), -1)
        heard = torch.bmm(shares.view(own, heads // own * n, total), values)
        return heard.view(heads, n, wide).transpose(0, 1).reshape(n, heads * wide)

    def _turn(self, places: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor] | None:
        """Cosines and sines of llama's rotary positions, (n, head_dim) each."""
        if self.shape.kind != "llama":
            return None
        found = self._turns
        if len(found[0]) <= int(places.max()):
            self._turns = found = _turns(self.shape, 2 * int(places.max()), self._number)
        return found[0][places], found[1][places]


def _turns(shape: Shape, rows: int, number: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    """(rows, head_dim) each: x * first + (x rolled by half) * second turns x by its position."""
    cos, sin = rotations(shape, rows)
    return _tensor(np.concatenate([cos, cos], 1), number), _tensor(np.concatenate([-sin, sin], 1), number)
