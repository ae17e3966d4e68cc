"""Causal models in ONNX Runtime: quickest on a processor without bfloat16, and with no torch in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from index.errors import BrokenModel
from rag.cached_generator import CachedGenerator, look_at
from rag.converted import converted, remake
from rag.onnx_model import OnnxModel
from rag.weights import Shape

NUMBERS = {"onnx": "float32", "onnx-int8": "int8"}
"""Runtime -> number format of the weights."""


def load(
    folder: Path,
    card: Mapping[str, Any],
    *,
    version: str,
    runtime: str,
    threads: int,
    cache: Path | None = None,
    prefix_bytes: int = 0,
) -> CachedGenerator:
    """The model in a folder.

    Args:
        cache: where its converted form is kept; None: it is made at each start, in a temporary folder.
        prefix_bytes: of keys and values of prompts read lately, at most.

    Raises:
        Unsupported, ImportError, OSError: it cannot be run in ONNX Runtime here; torch can.
        BrokenModel: the folder's files cannot be read, or do not fit together.
    """
    found = look_at(folder, card, version)
    model = _open(folder, found.shape, NUMBERS[runtime], threads, cache)
    return CachedGenerator.of(found, model, "onnxruntime", prefix_bytes)


def _open(folder: Path, shape: Shape, numbers: str, threads: int, cache: Path | None) -> OnnxModel:
    with converted(folder, shape, numbers, cache) as place:
        try:
            return OnnxModel(place, shape, numbers, threads)
        except BrokenModel:  # of the right size and damaged all the same
            remake(place)
    with converted(folder, shape, numbers, cache) as place:
        return OnnxModel(place, shape, numbers, threads)
