"""Weights as they ship: 8 bits a number, and 4 for the table of words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.onnx import Weights


def unpacked(stored: dict[str, NDArray[Any]]) -> Weights:
    """Weights as numbers: float16 words, float32 for the rest.

    Args:
        stored: matrices as `NAME` (int8, out x in) and `NAME.scale` (float16, out); the table of words as
            `NAME.blocks` (uint8, words x blocks x 18): of each 32 values a float16 scale, then two values to
            a byte; all else as it is.
    """
    found: dict[str, NDArray[Any]] = {}
    for name, values in stored.items():
        if name.endswith(".scale"):
            continue
        if name.endswith(".blocks"):
            found[name.removesuffix(".blocks")] = from_blocks(values)
        elif values.dtype == np.int8:
            found[name] = values.astype(np.float32) * stored[f"{name}.scale"].astype(np.float32)[:, None]
        else:
            found[name] = values.astype(np.float32)
    return found


def from_blocks(blocks: NDArray[np.uint8]) -> NDArray[np.float16]:
    """(rows, blocks, 18) -> (rows, 32 x blocks); ggml's Q4_0, whose zero is 8."""
    scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16)
    low, high = (blocks[..., 2:] & 15).astype(np.int8), (blocks[..., 2:] >> 4).astype(np.int8)
    values = (np.concatenate([low, high], axis=-1) - np.int8(8)).astype(np.float16) * scales
    return values.reshape(len(blocks), -1)
