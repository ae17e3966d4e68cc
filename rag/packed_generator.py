"""Causal models in torch, weights laid out for the processor: quickest where it computes in bfloat16."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.cached_generator import CachedGenerator, look_at
from rag.packed_model import PackedModel


def load(
    folder: Path, card: Mapping[str, Any], *, version: str, numbers: str = "bfloat16", prefix_bytes: int = 0
) -> CachedGenerator:
    """The model in a folder.

    Args:
        numbers: "bfloat16" or "float32".
        prefix_bytes: of keys and values of prompts read lately, at most.

    Raises:
        Unsupported: it cannot be computed so here; torch can.
        BrokenModel: the folder's files cannot be read, or do not fit together.
    """
    found = look_at(folder, card, version)
    model = PackedModel(folder, found.shape, numbers)
    return CachedGenerator.of(found, model, "packed weights in torch", prefix_bytes)
