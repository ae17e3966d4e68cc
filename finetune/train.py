"""The training loop on one page: it yields steps; stopping, logging and saving belong to the caller."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from peft import LoraConfig, get_peft_model

from finetune.examples import Example
from index.errors import InputError

_IGNORED = -100
"""Label of tokens without loss, as in torch.nn.functional.cross_entropy."""


@dataclass(frozen=True, slots=True)
class TrainOptions:
    method: Literal["lora", "frozen", "full"] = "lora"
    """"lora": adapters on every linear layer; "frozen": only the last layers; "full": everything."""
    learning_rate: float = 2e-4
    epochs: float = 1.0
    batch: int = 8
    """Examples a step."""
    micro_batch: int = 8
    """Examples a forward pass; gradients are accumulated up to `batch`."""
    warmup: float = 0.05
    """Share of the steps in which the learning rate rises; it falls as a cosine after them."""
    weight_decay: float = 0.01
    clip: float = 1.0
    """Largest norm of the gradient."""
    rank: int = 16
    """LoRA's rank; alpha is twice it."""
    last_layers: int = 4
    """Layers that "frozen" trains."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    number: int
    """Counted from 1."""
    of: int
    loss: float
    """Mean over the completion's tokens, natural logarithm."""
    learning_rate: float
    tokens: int
    """Tokens read so far, without padding."""
    seconds: float


def prepare(model: Any, options: TrainOptions) -> Any:
    """The model with only those weights trainable that the method trains; for "lora" a wrapped one.

    Raises:
        InputError: the model has fewer layers than are to be trained.
    """
    if options.method == "lora":
        config = LoraConfig(
            r=options.rank, lora_alpha=2 * options.rank, target_modules="all-linear", task_type="CAUSAL_LM"
        )
        return get_peft_model(model, config)
    model.requires_grad_(options.method == "full")
    if options.method == "frozen":
        layers = getattr(model.base_model, "h", None) or model.base_model.layers
        if options.last_layers > len(layers):
            raise InputError(
                f"the model has {len(layers)} layers; cannot train the last {options.last_layers}"
            )
        for layer in layers[-options.last_layers :]:
            layer.requires_grad_(True)
    return model


def train(model: Any, examples: Sequence[Example], options: TrainOptions) -> Iterator[Step]:
    """Train in place (AdamW, warm-up, cosine, clipping), one `Step` after each update.

    Args:
        model: what `prepare` returned.

    Raises:
        InputError: nothing to learn from, or the loss is no longer a number.
    """
    if not any(example.completion for example in examples):
        raise InputError("no example has an answer to learn: the loss would be zero without saying so")
    torch.manual_seed(options.seed)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, options.learning_rate, weight_decay=options.weight_decay)
    steps = max(1, round(options.epochs * len(examples) / options.batch))
    batches = _batches(examples, options)
    model.train()
    tokens, begin = 0, time.perf_counter()
    for number in range(1, steps + 1):
        batch = next(batches)
        rate = options.learning_rate * schedule(number / steps, options.warmup)
        for group in optimiser.param_groups:
            group["lr"] = rate
        targets = sum(len(example.completion) for example in batch)
        loss = 0.0
        for first in range(0, len(batch), options.micro_batch):
            ids, mask, labels = pad(batch[first : first + options.micro_batch], model.device)
            logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1]
            chosen = labels[:, 1:] != _IGNORED
            part = torch.nn.functional.cross_entropy(
                logits[chosen].float(), labels[:, 1:][chosen], reduction="sum"
            )
            torch.autograd.backward(part / targets)
            loss += part.item() / targets
            tokens += int(mask.sum())
        if not math.isfinite(loss):
            raise InputError(f"the loss is {loss} at step {number}: train again with a smaller learning rate")
        torch.nn.utils.clip_grad_norm_(weights, options.clip)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        yield Step(number, steps, loss, rate, tokens, time.perf_counter() - begin)
    model.eval()


def schedule(done: float, warmup: float) -> float:
    """Share of the learning rate at a share of the steps: linear up, then a cosine down to a tenth.

    >>> schedule(0.05, 0.1), schedule(0.1, 0.1), round(schedule(1.0, 0.1), 3)
    (0.5, 1.0, 0.1)
    """
    if done < warmup:
        return done / warmup
    return 0.1 + 0.45 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup)))


def pad(batch: Sequence[Example], device: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(examples, longest) int64 each: ids, attention mask, and labels, ignored outside completions."""
    longest = max(len(example.prompt) + len(example.completion) for example in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, _IGNORED)
    for row, example in enumerate(batch):
        begin, end = len(example.prompt), len(example.prompt) + len(example.completion)
        ids[row, :end] = torch.tensor([*example.prompt, *example.completion])
        mask[row, :end] = 1
        labels[row, begin:end] = torch.tensor(example.completion)
    return ids.to(device), mask.to(device), labels.to(device)


def _batches(examples: Sequence[Example], options: TrainOptions) -> Iterator[list[Example]]:
    """Endless batches, in a new order each epoch; examples of like length together waste little padding."""
    draw = random.Random(options.seed)
    while True:
        order = sorted(range(len(examples)), key=lambda i: len(examples[i].prompt) + 64 * draw.random())
        batches = [order[i : i + options.batch] for i in range(0, len(order), options.batch)]
        draw.shuffle(batches)
        for batch in batches:
            yield [examples[i] for i in batch]
