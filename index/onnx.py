"""A BERT encoder as an ONNX graph, made in memory from its weights: no exporter, no file, no mask.

ONNX Runtime's fp32 kernels are the fastest that a processor without bf16 has here (docs/decisions/0006). The
graph uses its fused operators; a batch holds texts of one length only, so nothing is padded or masked.
The only file that imports onnxruntime.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.pooling import Vectors

Weights = Mapping[str, Vectors]

_FLOAT, _INT64 = 1, 7
"""TensorProto.DataType."""
_OWN, _FUSED = "", "com.microsoft"


class OnnxEncoder:
    """Token ids -> token vectors; calls may run side by side."""

    def __init__(self, weights: Weights, layers: int, heads: int, epsilon: float, threads: int = 1) -> None:
        """Args:
        weights: BERT's, by their names in the safetensors file, (out, in) for linear layers.
        epsilon: of the layer normalisations.
        threads: of one call.
        """
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        # Threads that wait sleep: they would take the cores from whatever else runs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            bert_graph(weights, layers, heads, epsilon), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, ids: NDArray[np.int64]) -> Vectors:
        """(texts, tokens) int64, all texts of one length -> (texts, tokens, dim) float32."""
        places = np.arange(ids.shape[1], dtype=np.int64)
        return np.asarray(self._session.run(None, {"ids": ids, "places": places})[0], np.float32)


class _Graph:
    """Nodes and constants in ONNX's wire format, as they are added."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._names = 0

    def constant(self, values: Vectors) -> str:
        """TensorProto: dims = 1, data_type = 2, name = 8, raw_data = 9."""
        name = self._name()
        dims = b"".join(_number(1, size) for size in values.shape)
        data = np.ascontiguousarray(values, "<f4").tobytes()
        self.parts.append(_bytes(5, dims + _number(2, _FLOAT) + _text(8, name) + _bytes(9, data)))
        return name

    def node(
        self, operator: str, *inputs: str, domain: str = _OWN, output: str = "", **attributes: float
    ) -> str:
        """NodeProto: input = 1, output = 2, op_type = 4, attribute = 5, domain = 7. Returns its output."""
        name = output or self._name()
        fields = [*(_text(1, i) for i in inputs), _text(2, name), _text(4, operator), _text(7, domain)]
        fields += [_bytes(5, _attribute(key, value)) for key, value in attributes.items()]
        self.parts.append(_bytes(1, b"".join(fields)))
        return name

    def _name(self) -> str:
        self._names += 1
        return f"n{self._names}"


def bert_graph(weights: Weights, layers: int, heads: int, epsilon: float) -> bytes:
    """ModelProto of ids (texts, tokens), places (tokens,) -> tokens (texts, tokens, dim)."""
    graph = _Graph()

    def constant(name: str) -> str:
        return graph.constant(weights[name])

    def linear(name: str) -> str:
        return graph.constant(weights[f"{name}.weight"].T)

    def norms(name: str) -> tuple[str, str]:
        return constant(f"{name}.LayerNorm.weight"), constant(f"{name}.LayerNorm.bias")

    def add_and_norm(x: str, skip: str, name: str, output: str = "") -> str:
        bias = constant(f"{name}.dense.bias")
        return graph.node(
            "SkipLayerNormalization",
            x,
            skip,
            *norms(name),
            bias,
            domain=_FUSED,
            output=output,
            epsilon=epsilon,
        )

    words = graph.node("Gather", constant("embeddings.word_embeddings.weight"), "ids")
    first_type = weights["embeddings.token_type_embeddings.weight"][:1]
    table = graph.constant(weights["embeddings.position_embeddings.weight"] + first_type)
    summed = graph.node("Add", words, graph.node("Gather", table, "places"))
    x = graph.node("LayerNormalization", summed, *norms("embeddings"), epsilon=epsilon)
    for layer in range(layers):
        own = f"encoder.layer.{layer}"
        parts = [f"{own}.attention.self.{part}" for part in ("query", "key", "value")]
        joined = graph.constant(np.concatenate([weights[f"{part}.weight"].T for part in parts], axis=1))
        bias = graph.constant(np.concatenate([weights[f"{part}.bias"] for part in parts]))
        heard = graph.node("Attention", x, joined, bias, domain=_FUSED, num_heads=heads)
        heard = graph.node("MatMul", heard, linear(f"{own}.attention.output.dense"))
        x = add_and_norm(heard, x, f"{own}.attention.output")
        wide = graph.node("MatMul", x, linear(f"{own}.intermediate.dense"))
        wide = graph.node("BiasGelu", wide, constant(f"{own}.intermediate.dense.bias"), domain=_FUSED)
        wide = graph.node("MatMul", wide, linear(f"{own}.output.dense"))
        x = add_and_norm(wide, x, f"{own}.output", "tokens" if layer == layers - 1 else "")
    ends = [
        _bytes(11, _end("ids", _INT64, ("texts", "n"))),
        _bytes(11, _end("places", _INT64, ("n",))),
        _bytes(12, _end("tokens", _FLOAT, ("texts", "n", "dim"))),
    ]
    # GraphProto: node = 1, name = 2, initializer = 5, input = 11, output = 12.
    body = b"".join([*graph.parts, _text(2, "bert"), *ends])
    # ModelProto: ir_version = 1, graph = 7, opset_import = 8 (domain = 1, version = 2).
    opsets = [_bytes(8, _text(1, name) + _number(2, version)) for name, version in ((_OWN, 17), (_FUSED, 1))]
    return b"".join([_number(1, 8), _bytes(7, body), *opsets])


def _end(name: str, kind: int, dims: Iterable[str]) -> bytes:
    """ValueInfoProto (name = 1, type = 2) of a tensor (elem_type = 1, shape = 2) with named dimensions."""
    shape = b"".join(_bytes(1, _text(2, dim)) for dim in dims)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, shape)))


def _attribute(name: str, value: float) -> bytes:
    """AttributeProto: name = 1, f = 2, i = 3, type = 20 (FLOAT = 1, INT = 2)."""
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, 2)
    return _text(1, name) + _varint(2 << 3 | 5) + np.array(value, "<f4").tobytes() + _number(20, 1)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
