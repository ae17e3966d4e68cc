"""Weights as they ship: 8 bits a number, and 4 for the table of words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.onnx import Weights


def unpacked(stored: dict[str, NDArray[Any]]) -> Weights:
    """Weights as numbers, float32.

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


def from_blocks(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(rows, blocks, 18) -> (rows, 32 x blocks); ggml's Q4_0, whose zero is 8."""
    scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16).astype(np.float32)
    pairs = blocks[..., 2:]
    values = np.empty((*blocks.shape[:2], 32), np.float32)
    values[..., :16] = pairs & 15
    values[..., 16:] = pairs >> 4
    values -= 8
    values *= scales
    return values.reshape(len(blocks), -1)
