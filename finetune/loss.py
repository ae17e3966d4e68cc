"""What examples cost a model: cross entropy of their completions, from packed rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import cross_entropy, linear, pad

from finetune.examples import Example
from finetune.pack import Batch, Row, learnable, pack, to_tensors
from rag.runtime import computes_in_bfloat16

_TILE = 64
"""Words of the head that a graphics card reads at once."""
_AT_ONCE = 2048
"""Tokens that a processor reads at once: 512 are too few to fill it, with more only the memory grows."""
_ALIKE = 0.9
"""Share of the longest row's tokens that the others beside it have at least."""
_BACKENDS = (
    SDPBackend.CUDNN_ATTENTION,
    SDPBackend.FLASH_ATTENTION,
    SDPBackend.EFFICIENT_ATTENTION,
    SDPBackend.MATH,
)


def token_losses(model: Any, batch: Batch, compiled: bool = False) -> torch.Tensor:
    """(N,) float32: the loss of each target of the batch, natural logarithm.

    Only these positions pass the head over the whole vocabulary, which in most prompts is a tenth of them.

    Args:
        compiled: for a graphics card: read the logits once, by a kernel made for it, in place of once a step
            of the arithmetic, and a whole number of its tiles.
    """
    kind, head = model.device.type, model.get_output_embeddings()
    words = len(head.weight)
    with (
        torch.autocast(kind, torch.bfloat16, enabled=computes_in_bfloat16(kind)),
        _head_at(head, batch.at, -words % _TILE if compiled else 0),
        _attention(kind, batch),
    ):
        logits = model(
            input_ids=batch.ids, attention_mask=batch.sees, position_ids=batch.positions, use_cache=False
        ).logits
    return _fused(words)(logits, batch.targets) if compiled else _cross_entropy(logits, batch.targets)


def _cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return cross_entropy(logits.float(), targets, reduction="none")


@cache
def _fused(words: int) -> Any:
    return torch.compile(lambda logits, targets: _cross_entropy(logits[:, :words], targets), dynamic=True)


@contextmanager
def _head_at(head: Any, at: torch.Tensor, more: int) -> Iterator[None]:
    """While it lasts, the model's head sees hidden states (N, width) in place of (R, L, width).

    A hook, because what models do to logits after their head (scaling, capping) then stays as they do it.

    Args:
        more: words without weights that the head has behind its own meanwhile. GPT-2's 50,257 are no multiple
            of 64: reading them takes a graphics card several times as long.
    """
    hook = head.register_forward_pre_hook(lambda _, given: (given[0].flatten(0, 1).index_select(0, at),))
    if more:

        def wide(hidden: torch.Tensor) -> torch.Tensor:
            bias = None if head.bias is None else pad(head.bias, (0, more))
            return linear(hidden, pad(head.weight, (0, 0, 0, more)), bias)

        head.forward = wide
    try:
        yield
    finally:
        hook.remove()
        vars(head).pop("forward", None)


def _attention(kind: str, batch: Batch) -> AbstractContextManager[None]:
    """cuDNN's attention where nothing is masked but what comes later: the fastest on newer cards."""
    if kind != "cuda" or batch.forest is not None:
        return nullcontext()
    return sdpa_kernel(list(_BACKENDS), set_priority=True)


def groups_of(rows: Sequence[Row], model: Any, micro_batch: int, fixed: int = 0) -> Iterator[Batch]:
    """Rows in batches of `micro_batch` (0: by the device), each filled up to `fixed` tokens if given."""
    if not micro_batch and model.device.type == "cpu":
        yield from (to_tensors(group) for group in _alike(rows))
        return
    many = micro_batch or 8
    masked = fixed > 0 and not all(row.plain for row in rows)
    for first in range(0, len(rows), many):
        yield to_tensors(rows[first : first + many], fixed, many if fixed else 0, masked)


def _alike(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows of about the same length together, which leaves little to fill up."""
    group: list[Row] = []
    for row in sorted(rows, key=lambda one: -len(one.ids)):
        longest = len(group[0].ids) if group else 0
        if group and ((len(group) + 1) * longest > _AT_ONCE or len(row.ids) < _ALIKE * longest):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


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
            sums.index_add_(0, batch.owners, token_losses(model, batch.to(model.device)).double().cpu())
    model.train(training)
    found: list[float] = sums.tolist()
    return found


def mean_loss(model: Any, examples: Sequence[Example], window: int, micro_batch: int = 0) -> float:
    """Mean loss over all completions' tokens; its exponential is the perplexity."""
    found, _ = learnable(examples, 0, window)
    targets = sum(len(one.completion) - (not one.prompt) for one in found)
    return sum(example_losses(model, found, window, micro_batch)) / targets
