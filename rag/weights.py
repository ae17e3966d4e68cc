"""What a causal model's own files say: its shape, and its weights by the part they play, in float32."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


class Unsupported(ValueError):
    """A model that is computed by torch alone; the message says why."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A decoder as `rag.onnx_decoder` can write it."""

    kind: str
    """ "llama" or "gpt2"."""
    layers: int
    heads: int
    kv_heads: int
    """Heads that keys and values have; several heads of the queries may share one."""
    head_dim: int
    vocabulary: int
    window: int
    """Positions that the model knows."""
    epsilon: float
    """Of its normalisations."""
    theta: float = 10_000.0
    """Base of the rotary positions (llama)."""


def read_shape(config: Mapping[str, Any]) -> Shape:
    """The shape in a model's config.json.

    Raises:
        Unsupported: another architecture, or a variant of it that is computed otherwise.
    """
    kind = config.get("model_type")
    if kind not in ("gpt2", "llama"):
        raise Unsupported(f"models of the type {kind!r} run in torch")
    shape = _gpt2(config) if kind == "gpt2" else _llama(config)
    if shape.head_dim % 16:  # GroupQueryAttention's own limit
        raise Unsupported(f"models with heads of {shape.head_dim} numbers run in torch")
    return shape


def _gpt2(config: Mapping[str, Any]) -> Shape:
    _require(config, "activation_function", ("gelu_new",))
    _require(config, "scale_attn_weights", (True,))
    _require(config, "scale_attn_by_inverse_layer_idx", (False,))
    _require(config, "add_cross_attention", (False,))
    heads = int(config["n_head"])
    return Shape(
        "gpt2",
        int(config["n_layer"]),
        heads,
        heads,
        int(config["n_embd"]) // heads,
        int(config["vocab_size"]),
        int(config.get("n_positions", 1024)),
        float(config.get("layer_norm_epsilon", 1e-5)),
    )


def _llama(config: Mapping[str, Any]) -> Shape:
    _require(config, "hidden_act", ("silu",))
    _require(config, "attention_bias", (False,))
    _require(config, "mlp_bias", (False,))
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    _require(rope, "rope_type", ("default",))
    heads = int(config["num_attention_heads"])
    return Shape(
        "llama",
        int(config["num_hidden_layers"]),
        heads,
        int(config.get("num_key_value_heads") or heads),
        int(config.get("head_dim") or int(config["hidden_size"]) // heads),
        int(config["vocab_size"]),
        int(config["max_position_embeddings"]),
        float(config["rms_norm_eps"]),
        float(rope.get("rope_theta") or config.get("rope_theta") or 10_000.0),
    )


def _require(config: Mapping[str, Any], name: str, allowed: tuple[Any, ...]) -> None:
    """Absent is fine: then it has the architecture's usual value, which is the one allowed."""
    value = config.get(name, allowed[0])
    if value is not None and value not in allowed:
        raise Unsupported(f"models with {name} = {value!r} run in torch")


class Weights:
    """The tensors in a folder's *.safetensors, each read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        """
        Raises:
            Exception: of safetensors, for a damaged file.
        """
        from safetensors import safe_open

        self._files: dict[str, Path] = {}
        for path in sorted(folder.glob("*.safetensors")):
            with safe_open(path, framework="pt") as opened:  # numpy knows no bfloat16
                self._files |= dict.fromkeys(opened.keys(), path)

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def __getitem__(self, name: str) -> Matrix:
        from safetensors import safe_open

        # Opened each time: what was read of an open file counts as this process's memory.
        with safe_open(self._files[name], framework="pt") as opened:
            array: Matrix = opened.get_tensor(name).float().numpy()
        return array


class Parts:
    """Weights by part, one naming for all architectures; matrices are (in, out)."""

    def __init__(self, shape: Shape, weights: Weights) -> None:
        self._weights = weights
        self._llama = shape.kind == "llama"
        named = "model." if self._llama else "transformer."
        embedding = "embed_tokens.weight" if self._llama else "wte.weight"
        self._prefix = named if named + embedding in weights else ""

    def embedding(self) -> Matrix:
        """(vocabulary, dim)."""
        return self._get("embed_tokens.weight" if self._llama else "wte.weight")

    def positions(self) -> Matrix:
        """(window, dim) of GPT-2."""
        return self._get("wpe.weight")

    def head(self) -> Matrix | None:
        """(vocabulary, dim); None where the embedding serves."""
        if "lm_head.weight" not in self._weights:
            return None
        return self._weights["lm_head.weight"]

    def last_norm(self) -> tuple[Matrix, ...]:
        return (self._get("norm.weight"),) if self._llama else self._pair("ln_f")

    def norm(self, layer: int, part: int) -> tuple[Matrix, ...]:
        """Weight, and bias where it has one, before attention (0) or the feed-forward part (1)."""
        if self._llama:
            name = ("input_layernorm", "post_attention_layernorm")[part]
            return (self._get(f"layers.{layer}.{name}.weight"),)
        return self._pair(f"h.{layer}.ln_{part + 1}")

    def attention(self, layer: int) -> tuple[Matrix, ...]:
        """Queries, keys and values side by side."""
        if self._llama:
            return (self._joined(layer, "self_attn", "q_proj", "k_proj", "v_proj"),)
        return self._pair(f"h.{layer}.attn.c_attn")

    def attended(self, layer: int) -> tuple[Matrix, ...]:
        if self._llama:
            return (self._joined(layer, "self_attn", "o_proj"),)
        return self._pair(f"h.{layer}.attn.c_proj")

    def widen(self, layer: int) -> tuple[Matrix, ...]:
        """Of llama, the gate and what passes it side by side."""
        if self._llama:
            return (self._joined(layer, "mlp", "gate_proj", "up_proj"),)
        return self._pair(f"h.{layer}.mlp.c_fc")

    def narrow(self, layer: int) -> tuple[Matrix, ...]:
        if self._llama:
            return (self._joined(layer, "mlp", "down_proj"),)
        return self._pair(f"h.{layer}.mlp.c_proj")

    def _get(self, name: str) -> Matrix:
        return self._weights[self._prefix + name]

    def _pair(self, name: str) -> tuple[Matrix, Matrix]:
        return self._get(f"{name}.weight"), self._get(f"{name}.bias")

    def _joined(self, layer: int, block: str, *names: str) -> Matrix:
        rows = [self._get(f"layers.{layer}.{block}.{name}.weight") for name in names]
        joined: Matrix = np.concatenate(rows).T
        return joined


def rotations(shape: Shape, rows: int) -> tuple[Matrix, Matrix]:
    """Cosines and sines of the rotary positions, (rows, head_dim / 2) each (arXiv 2104.09864)."""
    half = np.arange(0, shape.head_dim, 2) / shape.head_dim
    angles = np.outer(np.arange(rows), shape.theta**-half)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
