"""A causal decoder in ONNX Runtime: one pass over new tokens behind those in a cache."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import BrokenModel
from index.onnx import open_session
from rag.card import first_line, read_card
from rag.converted import GRAPHS, WEIGHTS
from rag.weights import Matrix, Shape, rotations

_MANY = 48
"""Tokens in a pass from which 8-bit weights are quicker unpacked to floats (docs/decisions/0011)."""
_ROWS = 4096
"""Positions whose rotations are worked out at once; more when a cache needs them."""


class OnnxModel:
    """The sessions and tables in a converted folder. Calls may run side by side."""

    def __init__(self, folder: Path, shape: Shape, numbers: str, threads: int) -> None:
        """
        Raises:
            ImportError: onnxruntime is not installed.
            BrokenModel: the folder is damaged.
        """
        self.shape, self.numbers, self.threads = shape, numbers, threads
        self._rotations = rotations(shape, min(shape.window, _ROWS))
        try:
            self._sessions = [open_session(folder / name, threads) for name in GRAPHS[numbers]]
            card = read_card(folder)
            self._embedding = _table(folder / WEIGHTS, *card["embedding"])
            self._positions = _table(folder / WEIGHTS, *card["positions"]) if shape.kind == "gpt2" else None
        except ImportError:
            raise
        except Exception as error:  # onnxruntime has many kinds
            raise BrokenModel(f"{folder} cannot be loaded: {first_line(error)}") from error

    def cache(self, tokens: int) -> Matrix:
        """Room for keys and values: (layers, 2, 1, kv_heads, tokens, head_dim), not yet written."""
        shape = self.shape
        return np.empty((shape.layers, 2, 1, shape.kv_heads, tokens, shape.head_dim), np.float32)

    def run(
        self,
        cache: Matrix,
        old: int,
        ids: Sequence[int],
        places: Sequence[int],
        bias: Matrix,
        ends: Sequence[int],
    ) -> NDArray[np.float32]:
        """As `rag.cached_reading.CachedModel` has it."""
        session = self._sessions[-1 if len(ids) >= _MANY else 0]
        binding = session.io_binding()
        total = old + len(ids)
        x = self._embedding[list(ids)]
        if self._positions is not None:
            x = x + self._positions[list(places)]
        else:
            cos, sin = self._rotations_for(total)
            binding.bind_cpu_input("cos", cos)
            binding.bind_cpu_input("sin", sin)
            binding.bind_cpu_input("places", np.asarray(places, np.int64)[None])
        binding.bind_cpu_input("x", np.ascontiguousarray(x))
        binding.bind_cpu_input("ends", np.asarray(ends, np.int64))
        binding.bind_cpu_input("past", np.array([total - 1], np.int32))
        binding.bind_cpu_input("total", np.array(total, np.int32))
        binding.bind_cpu_input("bias", bias[None, None])
        for layer, both in enumerate(cache):
            for name, part in zip((f"k{layer}", f"v{layer}"), both, strict=True):
                bound = {"shape": part.shape, "buffer_ptr": part.ctypes.data}
                binding.bind_input(name, "cpu", 0, np.float32, **bound)
                binding.bind_output(f"p{name}", "cpu", 0, np.float32, **bound)
        likely = np.empty((len(ends), self.shape.vocabulary), np.float32)
        binding.bind_output("likely", "cpu", 0, np.float32, likely.shape, likely.ctypes.data)
        session.run_with_iobinding(binding)
        return likely

    def _rotations_for(self, tokens: int) -> tuple[Matrix, Matrix]:
        """The operator wants a row for each token in the cache, although several prompts share positions."""
        found = self._rotations
        if len(found[0]) < tokens:
            self._rotations = found = rotations(self.shape, 2 * tokens)
        return found


def _table(path: Path, offset: int, shape: Sequence[int]) -> Matrix:
    """A tensor in the file, of which only what is looked at comes into memory."""
    return np.memmap(path, np.float32, "r", offset, tuple(shape))
