"""A BERT encoder as an ONNX graph, made in memory from its weights: no exporter, no file, no mask.

ONNX Runtime's fp32 kernels are the fastest that a processor without bf16 has here (docs/decisions/0006). The
graph uses its fused operators; a batch holds texts of one length only, so nothing is padded or masked.
The only file that imports onnxruntime.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.onnx_wire import FLOAT, FUSED, INT64, Graph
from index.pooling import Vectors

Weights = Mapping[str, Vectors]


class OnnxEncoder:
    """Token ids -> token vectors; calls may run side by side."""

    def __init__(self, weights: Weights, layers: int, heads: int, epsilon: float, threads: int = 1) -> None:
        """Args:
        weights: BERT's, by their names in the safetensors file, (out, in) for linear layers.
        epsilon: of the layer normalisations.
        threads: of one call.
        """
        self._session = open_session(bert_graph(weights, layers, heads, epsilon), threads)

    def __call__(self, ids: NDArray[np.int64]) -> Vectors:
        """(texts, tokens) int64, all texts of one length -> (texts, tokens, dim) float32."""
        places = np.arange(ids.shape[1], dtype=np.int64)
        return np.asarray(self._session.run(None, {"ids": ids, "places": places})[0], np.float32)


def open_session(model: bytes | Path, threads: int) -> Any:
    """An onnxruntime.InferenceSession on the processor; its `run` may be called side by side.

    Args:
        model: ModelProto, or a file with one.
        threads: of one call.

    Raises:
        ImportError: onnxruntime is not installed.
        RuntimeError, ValueError: the model is none, or its weights are not beside it.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    # Threads that wait sleep: they would take the cores from whatever else runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    source = str(model) if isinstance(model, Path) else model
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def bert_graph(weights: Weights, layers: int, heads: int, epsilon: float) -> bytes:
    """ModelProto of ids (texts, tokens), places (tokens,) -> tokens (texts, tokens, dim)."""
    graph = Graph()

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
            domain=FUSED,
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
        heard = graph.node("Attention", x, joined, bias, domain=FUSED, num_heads=heads)
        heard = graph.node("MatMul", heard, linear(f"{own}.attention.output.dense"))
        x = add_and_norm(heard, x, f"{own}.attention.output")
        wide = graph.node("MatMul", x, linear(f"{own}.intermediate.dense"))
        wide = graph.node("BiasGelu", wide, constant(f"{own}.intermediate.dense.bias"), domain=FUSED)
        wide = graph.node("MatMul", wide, linear(f"{own}.output.dense"))
        x = add_and_norm(wide, x, f"{own}.output", "tokens" if layer == layers - 1 else "")
    graph.input("ids", INT64, ("texts", "n"))
    graph.input("places", INT64, ("n",))
    graph.output("tokens", FLOAT, ("texts", "n", "dim"))
    return graph.model("bert", {"": 17, FUSED: 1})
