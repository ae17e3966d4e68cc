"""A causal decoder as an ONNX graph, written from its weights: no exporter.

One pass reads n tokens behind those in the key-value cache. The cache is the caller's memory, which
ONNX Runtime fills in place (`GroupQueryAttention` with past and present in one buffer), so it grows
without a copy. A bias added to the attention scores shows each token what it may see: trees of
continuations are read in one pass. The token's embedding is looked up outside of the graph, in the
weights file, of which only the rows that are used come into memory.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from index.onnx_wire import FLOAT, FUSED, INT32, INT64, Graph
from rag.weights import Matrix, Parts, Shape, Unsupported

BLOCK = 32
"""Weights that share a scale in int8."""
BY_BLOCK, BY_FLOATS = 4, 1
"""How 8-bit weights are multiplied (accuracy_level of MatMulNBits): with 8-bit inputs, which is quick for
few tokens; or unpacked to floats first, which is quick for many."""
_ALIGNED = 1 << 16
"""Offsets of large tensors in the file: what every system can map into memory."""


class WeightsFile:
    """Large tensors, each written once however many graphs name it."""

    def __init__(self, path: Path, handle: IO[bytes]) -> None:
        self._name = path.name
        self._handle = handle
        self._kept: dict[str, tuple[int, tuple[int, ...], str]] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._kept

    def put(self, graph: Graph, key: str, make: Callable[[], NDArray[Any]]) -> str:
        """`graph`'s name for the tensor `key`; `make` is called if it is not in the file yet."""
        if key not in self._kept:
            values = make()
            self._handle.seek(-(-self._handle.tell() // _ALIGNED) * _ALIGNED)
            self._kept[key] = (self._handle.tell(), values.shape, str(values.dtype))
            np.ascontiguousarray(values).tofile(self._handle)
        return graph.outside(self._name, *self._kept[key])

    def place(self, key: str) -> tuple[int, tuple[int, ...]]:
        """Byte offset and shape of a tensor that was put."""
        offset, shape, _ = self._kept[key]
        return offset, shape


class Writer:
    """Writes the decoder of one model; `level` None for float32, else 8-bit weights multiplied so."""

    def __init__(self, shape: Shape, parts: Parts, file: WeightsFile, level: int | None = None) -> None:
        self._shape, self._parts, self._file, self._level = shape, parts, file, level
        self._graph = Graph()
        self._llama = shape.kind == "llama"
        self._axis = self._graph.constant(np.zeros(1, np.int64))

    def write(self) -> bytes:
        """ModelProto. Inputs and outputs:

        x (n, dim) embedded tokens; ends (e,) those whose successor is wanted; past (1,) tokens in
        the cache when this pass is done, less one; total () the same, not less one; bias
        (1, 1, n, total) added to the scores; places (1, n) positions, cos and sin
        from `rotations`, of llama; k0, v0, k1, ...
        (1, kv_heads, room, head_dim) the cache -> p followed by the same names, the same memory;
        likely (e, vocabulary) natural log-probabilities.
        """
        graph, shape = self._graph, self._shape
        x, skip = "x", ""
        for layer in range(shape.layers):
            normal, skip = self._norm(x, skip, self._parts.norm(layer, 0))
            heard = self._attend(layer, normal)
            if layer == shape.layers - 1:  # from here on only the ends matter
                heard = graph.node("Gather", heard, "ends", axis=0)
                skip = graph.node("Gather", skip, "ends", axis=0)
            x = self._linear(f"{layer}.attended", heard, partial(self._parts.attended, layer))
            normal, skip = self._norm(x, skip, self._parts.norm(layer, 1))
            x = self._feed_forward(layer, normal)
        normal, _ = self._norm(x, skip, self._parts.last_norm())
        graph.node("LogSoftmax", self._head(normal), output="likely", axis=-1)
        self._ends()
        return graph.model("decoder", {"": 18, FUSED: 1})

    def _attend(self, layer: int, x: str) -> str:
        shape, graph = self._shape, self._graph
        joined = self._linear(f"{layer}.attention", x, partial(self._parts.attention, layer))
        heard, *_ = graph.nodes(
            "GroupQueryAttention",
            graph.node("Unsqueeze", joined, self._axis),
            *("", "", f"k{layer}", f"v{layer}", "past", "total"),
            *(("cos", "sin", "places") if self._llama else ("", "", "")),
            "bias",
            domain=FUSED,
            outputs=["", f"pk{layer}", f"pv{layer}"],
            num_heads=shape.heads,
            kv_num_heads=shape.kv_heads,
            do_rotary=int(self._llama),
            scale=float(shape.head_dim**-0.5),
        )
        return graph.node("Squeeze", heard, self._axis)

    def _feed_forward(self, layer: int, x: str) -> str:
        graph = self._graph
        wide = self._linear(f"{layer}.widen", x, partial(self._parts.widen, layer))
        if self._llama:
            gate, passes = graph.nodes("Split", wide, outputs=["", ""], axis=-1, num_outputs=2)
            # x * sigmoid(x), which is called SiLU elsewhere
            wide = graph.node("Mul", graph.node("QuickGelu", gate, domain=FUSED, alpha=1.0), passes)
        else:
            wide = graph.node("FastGelu", wide, domain=FUSED)
        return self._linear(f"{layer}.narrow", wide, partial(self._parts.narrow, layer))

    def _norm(self, x: str, skip: str, weights: tuple[Matrix, ...]) -> tuple[str, str]:
        """x + skip normalised, and the sum itself; `skip` is empty where there is nothing to add."""
        names = [self._graph.constant(one) for one in weights]
        operator = "SimplifiedLayerNormalization" if self._llama else "LayerNormalization"
        epsilon = self._shape.epsilon
        if not skip:
            return self._graph.node(operator, x, *names, epsilon=epsilon), x
        normal, total = self._graph.nodes(
            f"Skip{operator}",
            *(x, skip, *names),
            domain=FUSED,
            outputs=["", None, None, ""],
            epsilon=epsilon,
        )
        return normal, total

    def _linear(self, key: str, x: str, parts: Callable[[], tuple[Matrix, ...]]) -> str:
        matrix, *biases = parts()
        names = [self._graph.constant(one) for one in biases]
        if self._level is None:
            return self._graph.node("Gemm", x, self._file.put(self._graph, key, lambda: matrix), *names)
        return self._packed(key, x, matrix.T, *names)

    def _head(self, x: str) -> str:
        rows = self._parts.head()
        if self._level is not None:
            # Few tokens come as far as this: unpacked, the head would take four times its room.
            rows = self._parts.embedding() if rows is None else rows
            return self._packed("head", x, rows, level=BY_BLOCK)
        key = "embedding" if rows is None else "head"
        name = self._file.put(self._graph, key, lambda: self._parts.embedding() if rows is None else rows)
        return self._graph.node("Gemm", x, name, transB=1)

    def _packed(self, key: str, x: str, rows: Matrix, *bias: str, level: int | None = None) -> str:
        """x @ rows.T in 8 bits."""
        made = [] if f"{key}.8" in self._file else pack(rows)
        names = [
            self._file.put(self._graph, f"{key}.8", lambda: made[0]),
            self._file.put(self._graph, f"{key}.scales", lambda: made[1]),
        ]
        return self._graph.node(
            "MatMulNBits",
            *(x, *names, *(("", "", *bias) if bias else ())),
            domain=FUSED,
            K=rows.shape[1],
            N=rows.shape[0],
            bits=8,
            block_size=BLOCK,
            accuracy_level=int(level or self._level or 0),
        )

    def _ends(self) -> None:
        graph = self._graph
        graph.input("x", FLOAT, ("n", "dim"))
        graph.input("ends", INT64, ("e",))
        graph.input("past", INT32, ("one",))
        graph.input("total", INT32, ())
        graph.input("bias", FLOAT, ("one", "one", "n", "all"))
        if self._llama:
            graph.input("places", INT64, ("one", "n"))
            graph.input("cos", FLOAT, ("rows", "half"))
            graph.input("sin", FLOAT, ("rows", "half"))
        cache = ("one", "kv_heads", "room", "head_dim")
        for layer in range(self._shape.layers):
            for name in (f"k{layer}", f"v{layer}"):
                graph.input(name, FLOAT, cache)
                graph.output(f"p{name}", FLOAT, cache)
        graph.output("likely", FLOAT, ("e", "vocabulary"))


def pack(rows: Matrix) -> list[NDArray[Any]]:
    """(out, in) weights in 8 bits: (out, blocks, BLOCK) counted from 128, and (out * blocks,) scales.

    Raises:
        Unsupported: the rows do not divide into blocks.
    """
    if rows.shape[1] % BLOCK:
        raise Unsupported(f"rows of {rows.shape[1]} weights do not divide into blocks of {BLOCK}")
    blocks = rows.reshape(len(rows), -1, BLOCK)
    scales = np.abs(blocks).max(-1) / np.float32(127)
    scales[scales == 0] = 1
    numbers = np.rint(blocks / scales[..., None]) + 128
    return [numbers.astype(np.uint8), scales.reshape(-1).astype(np.float32)]
