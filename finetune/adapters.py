"""LoRA's linear layers in half the operations: how a processor trains adapters.

peft adds an adapter as three layers and two sums beside the frozen one, which autocast then casts to bfloat16
and back one by one; each pass also casts the frozen weights anew. On a processor these copies take longer
than the arithmetic. Here a layer is one step of autograd, with its frozen weights cast once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn.functional import linear

from rag.runtime import computes_in_bfloat16


@contextmanager
def quick_adapters(model: Any) -> Iterator[int]:
    """While it lasts, the LoRA layers of a model on a processor are read by `Adapted`; yields how many.

    Losses and gradients are those of peft, up to rounding. Layers that are more than y = Wx + b + sBAx
    (dropout, another variant, several adapters at once, quantised weights) stay as they are. Where the
    processor computes in bfloat16 there is a copy of the frozen weights in it meanwhile: half of their size.
    """
    quick = [layer for layer in _layers(model) if _plain(layer)] if model.device.type == "cpu" else []
    for layer in quick:
        layer.forward = _reader(layer)
    try:
        yield len(quick)
    finally:
        for layer in quick:
            del layer.forward  # the class's own is back


class Adapted(torch.autograd.Function):
    """x (..., in) -> x W^T + b + s (x A^T) B^T (..., out), of which A and B are trained (Hu et al. 2021)."""

    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        down: torch.Tensor,
        up: torch.Tensor,
        scale: float,
    ) -> torch.Tensor:
        """
        Args:
            weight: W, (out, in), frozen; what it is in is computed in.
            bias: b, (out,), frozen.
            down: A, (rank, in).
            up: B, (out, rank).
            scale: s.
        """
        kind = weight.dtype
        rows, lower, upper = x.flatten(0, -2).to(kind), down.to(kind), (up * scale).to(kind)
        between = rows @ lower.t()
        found = linear(rows, weight, bias).addmm_(between, upper.t())
        ctx.save_for_backward(rows, weight, lower, upper, between)
        ctx.scale, ctx.given, ctx.kinds = scale, x.dtype, (down.dtype, up.dtype)
        return found.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        rows, weight, lower, upper, between = ctx.saved_tensors
        (grad,), (kind_down, kind_up) = grads, ctx.kinds
        flat = grad.flatten(0, -2)
        back = flat @ upper
        of_x = None
        if ctx.needs_input_grad[0]:
            of_x = (flat @ weight).addmm_(back, lower).view(*grad.shape[:-1], -1).to(ctx.given)
        return (
            of_x,
            None,
            None,
            (back.t() @ rows).to(kind_down),
            (flat.t() @ between).to(kind_up) * ctx.scale,
            None,
        )


def _layers(model: Any) -> list[Any]:
    """The model's LoRA layers; none where it is not wrapped by peft."""
    if not hasattr(model, "peft_config"):
        return []
    from peft.tuners.lora import Linear

    return [module for module in model.modules() if isinstance(module, Linear)]


def _plain(layer: Any) -> bool:
    """Whether a LoRA layer is one matrix with one adapter beside it, and nothing more."""
    names, base = list(layer.active_adapters), layer.get_base_layer()
    return (
        len(names) == 1
        and names[0] in layer.lora_A
        and names[0] not in layer.lora_variant
        and not layer.merged
        and not layer.disable_adapters
        and type(base).__name__ in ("Linear", "Conv1D")
        and base.weight.is_floating_point()
        and not any(weight.requires_grad for weight in base.parameters())
        and not getattr(layer.lora_dropout[names[0]], "p", 0.0)
        and layer.lora_B[names[0]].bias is None
    )


def _reader(layer: Any) -> Any:
    """What reads a plain LoRA layer by `Adapted`."""
    base, name = layer.get_base_layer(), layer.active_adapters[0]
    weight, bias = base.weight.detach(), None if base.bias is None else base.bias.detach()
    if type(base).__name__ == "Conv1D":  # GPT-2's hold their weights the other way round
        weight = weight.t()
    if computes_in_bfloat16("cpu"):
        weight, bias = weight.bfloat16(), None if bias is None else bias.bfloat16()
    down, up, scale = layer.lora_A[name].weight, layer.lora_B[name].weight, layer.scaling[name]

    def read(x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", enabled=False):
            found: torch.Tensor = Adapted.apply(x, weight, bias, down, up, scale)  # type: ignore[no-untyped-call]
            return found

    return read
