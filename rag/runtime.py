"""What computes the language model: chosen by what the machine offers, or named."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from index.errors import InputError

RUNTIMES = ("auto", "packed", "torch", "onnx", "onnx-int8")
"""auto: torch on a graphics card; packed where the processor computes in bfloat16; else onnx.
packed: torch's operators on weights in bfloat16 that are laid out for the processor, Llama and GPT-2.
torch: any model. onnx: ONNX Runtime in float32, Llama and GPT-2. onnx-int8: with 8-bit weights, a quarter of
the memory."""


def choose(runtime: str, device: str | None = None, dtype: str | None = None) -> str:
    """One of `RUNTIMES` but "auto". A device or number format that is named is torch's.

    Raises:
        InputError: no such runtime.
    """
    if runtime not in RUNTIMES:
        raise InputError(f"no runtime {runtime!r}; choose one of {', '.join(RUNTIMES)}")
    if runtime != "auto":
        return runtime
    if device or dtype or has_graphics_card():
        return "torch"
    return "packed" if computes_in_bfloat16("cpu") else "onnx"


def computes_in_bfloat16(device: str) -> bool:
    """Whether bfloat16 is faster than float32 there: on a graphics card, or by the processor's own flags."""
    if device.startswith("cuda"):
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return False
    return any(name in flags for name in ("avx512_bf16", "amx_bf16"))


def has_graphics_card() -> bool:
    """Whether torch can use one. On Linux torch is not imported to learn that there is none."""
    drivers = ("/proc/driver/nvidia", "/dev/dxg", "/dev/kfd")
    if sys.platform == "linux" and not any(Path(one).exists() for one in drivers):
        return False
    import torch

    return torch.cuda.is_available()


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
