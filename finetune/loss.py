"""What examples cost a model: cross entropy of their completions, from packed rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch

from finetune.examples import Example
from finetune.pack import Batch, Row, learnable, pack, to_tensors
from rag.runtime import computes_in_bfloat16


def token_losses(model: Any, batch: Batch, compiled: bool = False) -> torch.Tensor:
    """(N,) float32: the loss of each target of the batch, natural logarithm.

    Only these positions pass the head over the whole vocabulary, which in most prompts is a tenth of them.

    Args:
        compiled: read the logits once, by a kernel made for it, in place of once a step of the arithmetic.
    """
    kind = model.device.type
    with torch.autocast(kind, torch.bfloat16, enabled=computes_in_bfloat16(kind)), _head_at(model, batch):
        logits = model(
            input_ids=batch.ids, attention_mask=batch.sees, position_ids=batch.positions, use_cache=False
        ).logits
    return (_fused() if compiled else _cross_entropy)(logits, batch.targets)


def _cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(logits.float(), targets, reduction="none")


@cache
def _fused() -> Any:
    return torch.compile(_cross_entropy, dynamic=True)


@contextmanager
def _head_at(model: Any, batch: Batch) -> Iterator[None]:
    """While it lasts, the model's head sees hidden states (N, width) in place of (R, L, width).

    A hook, because what models do to logits after their head (scaling, capping) then stays as they do it.
    """
    hook = model.get_output_embeddings().register_forward_pre_hook(
        lambda _, given: (given[0][batch.rows, batch.at],)
    )
    try:
        yield
    finally:
        hook.remove()


def groups_of(rows: Sequence[Row], model: Any, micro_batch: int, fixed: int = 0) -> Iterator[Batch]:
    """Rows in batches of `micro_batch` (0: by the device), each filled up to `fixed` tokens if given."""
    many = micro_batch or (1 if model.device.type == "cpu" else 8)
    for first in range(0, len(rows), many):
        yield to_tensors(rows[first : first + many], model.device, fixed, many if fixed else 0)


def example_losses(model: Any, examples: Sequence[Example], window: int, micro_batch: int = 0) -> list[float]:
    """Each example's loss: the sum over its completion's tokens; dropout is off meanwhile.

    Args:
        examples: none longer than `window` tokens.
    """
    training, sums = model.training, torch.zeros(len(examples), dtype=torch.float64)
    model.eval()
    _, length = learnable(examples, 0, window)
    with torch.no_grad():
        for batch in groups_of(pack(examples, length), model, micro_batch):
            sums.index_add_(0, batch.owners.cpu(), token_losses(model, batch).double().cpu())
    model.train(training)
    found: list[float] = sums.tolist()
    return found


def mean_loss(model: Any, examples: Sequence[Example], window: int, micro_batch: int = 0) -> float:
    """Mean loss over all completions' tokens; its exponential is the perplexity."""
    found, _ = learnable(examples, 0, window)
    targets = sum(len(one.completion) - (not one.prompt) for one in found)
    return sum(example_losses(model, found, window, micro_batch)) / targets
