"""The training loop on one page: it yields steps and validations; logging and publishing are the caller's.

model = prepare(generator.model, options)
for told in train(model, examples, options, validation=held_out, checkpoints=folder):
    ...
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import torch

from finetune.adapters import quick_adapters
from finetune.ahead import ahead
from finetune.checkpoint import Checkpoints, Progress, fingerprint
from finetune.examples import Example
from finetune.loss import groups_of, mean_loss, token_losses
from finetune.methods import compile_layers, optimiser_for, put_back, trainable
from finetune.methods import prepare as prepare
from finetune.options import Step as Step
from finetune.options import TrainOptions as TrainOptions
from finetune.options import Validation as Validation
from finetune.pack import Batch, in_order, learnable, pack
from finetune.team import Team
from index.errors import Diverged

_CHECKPOINT_SECONDS = 120.0


def train(
    model: Any,
    examples: Sequence[Example],
    options: TrainOptions,
    *,
    validation: Sequence[Example] = (),
    checkpoints: Path | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Step | Validation]:
    """Train in place: AdamW, warm-up, cosine, clipping, gradients accumulated over packed rows.

    Where several processes run this, each on a graphics card of its own, they train one model together.

    At the end the model holds the weights with the best validation; without `validation` the last ones.

    Args:
        model: what `prepare` returned.
        checkpoints: a folder for them; where it holds some of this training, it goes on from the last, with
            the losses of an unbroken run.
        stop: asked after each step; then a checkpoint is made, and training ends.

    Yields:
        A `Step` after each update, a `Validation` after each epoch or so many steps.

    Raises:
        InputError: nothing to learn from, or another training's checkpoints.
        Diverged: the loss is no longer a number; the last good weights are back.
        StorageFull: a checkpoint cannot be written.
    """
    options.check()
    window = model.config.max_position_embeddings
    learnt, length = learnable(examples, options.row, window)
    held, _ = learnable(validation, 0, window) if validation else ([], 0)
    optimiser = optimiser_for(model, options)
    torch.manual_seed(options.seed)
    team = Team(model.device.type == "cpu")
    progress, best, saved = Progress(), None, None
    if checkpoints is not None:
        saved = Checkpoints(checkpoints, fingerprint(model, learnt, held, options))
        progress, best = saved.load(model, optimiser)
    each = -(-len(learnt) // options.batch)
    steps = max(1, round(options.epochs * each))
    fixed = length if options.compile and model.device.type == "cuda" else 0
    if fixed:
        compile_layers(model)
    begin = checkpointed = time.perf_counter()
    before, first = progress.seconds, progress.step + 1
    batches = ahead(
        _packed(_batches(learnt, options, each, progress.step), model, length, options, fixed, team)
    )
    model.train()
    with quick_adapters(model):
        while not progress.done:
            number = progress.step + 1
            batch = next(batches)
            done = max(number / steps, progress.seconds / options.seconds if options.seconds else 0.0)
            rate = options.learning_rate * schedule(min(done, 1.0), options.warmup)
            loss, norm, computed = _read(model, batch, options.clip, team, compiled=fixed > 0)
            if not (math.isfinite(loss) and math.isfinite(norm)):
                _give_up(model, optimiser, number, loss, options, best, saved)
            for part in optimiser.param_groups:
                part["lr"] = rate
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            if fixed and number == first:
                begin = time.perf_counter()  # the first step compiles; the learning rate waits for it
            (seconds,) = team.agree(before + time.perf_counter() - begin)
            progress = replace(
                progress,
                step=number,
                tokens=progress.tokens + batch.tokens,
                computed=progress.computed + round(computed),
                seconds=seconds,
                done=number == steps or 0 < options.seconds <= seconds,
            )
            yield Step(number, steps, loss, rate, progress.tokens, progress.computed, progress.seconds)
            if held and (progress.done or number % (options.validate_every or each) == 0):
                with torch.compiler.set_stance("force_eager" if fixed else "default"):  # other shapes
                    (loss,) = team.agree(mean_loss(model, held, window, options.micro_batch))
                better = progress.best_loss is None or loss < progress.best_loss
                if better:
                    best = {name: weight.clone() for name, weight in trainable(model).items()}
                    progress = replace(progress, best_loss=loss, best_step=number, worse=0)
                else:
                    worse = progress.worse + 1
                    progress = replace(progress, worse=worse, done=progress.done or worse == options.patience)
                yield Validation(number, loss, better)
            stopped, late = team.agree(stop(), time.perf_counter() - checkpointed > _CHECKPOINT_SECONDS)
            due = number % options.checkpoint_every == 0 if options.checkpoint_every else late
            if saved and (due or stopped or progress.done):
                if team.first:
                    saved.save(progress, model, optimiser, best)
                team.wait()
                checkpointed = time.perf_counter()
            if stopped:
                break
    if best is not None:
        put_back(model, best)
    model.eval()


@dataclass(frozen=True, slots=True)
class _Packed:
    """The examples of a step."""

    groups: list[Batch]
    """Those of this process."""
    targets: int
    """Of all processes."""
    tokens: int
    """Of the examples, each counted alone."""


def _packed(
    batches: Iterator[list[Example]], model: Any, length: int, options: TrainOptions, fixed: int, team: Team
) -> Iterator[_Packed]:
    for batch in batches:
        rows = team.own(pack(batch, length, options.share))
        yield _Packed(
            list(groups_of(rows, model, options.micro_batch, fixed)),
            sum(len(one.completion) - (not one.prompt) for one in batch),
            sum(len(one.prompt) + len(one.completion) for one in batch),
        )


def _read(model: Any, batch: _Packed, clip: float, team: Team, compiled: bool) -> list[float]:
    """Read a batch and leave its gradients, those of all processes together, clipped, in the model.

    Returns:
        The mean loss of its targets, the gradients' norm, and how many tokens were read.
    """
    told = torch.zeros(2, dtype=torch.float64, device=model.device)
    for group in batch.groups:
        mean = token_losses(model, group.to(model.device), compiled).sum() / batch.targets
        torch.autograd.backward(mean)
        told[0] += mean.detach()
        told[1] += group.ids.numel()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    team.add_up(weights, told)
    norm = torch.nn.utils.clip_grad_norm_(weights, clip)
    loss, read, found = torch.cat((told, norm.double().view(1))).tolist()  # the card is waited for here alone
    return [loss, found, read]


def schedule(done: float, warmup: float) -> float:
    """Share of the learning rate at a share of the steps: linear up, then a cosine down to a tenth.

    >>> schedule(0.05, 0.1), schedule(0.1, 0.1), round(schedule(1.0, 0.1), 3)
    (0.5, 1.0, 0.1)
    """
    if done < warmup:
        return done / warmup
    return 0.1 + 0.45 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup)))


def _batches(
    examples: Sequence[Example], options: TrainOptions, each: int, after: int
) -> Iterator[list[Example]]:
    """The examples of the steps `after` so many; `each` steps are an epoch, and each epoch has its own order.

    At most half of a batch is of one passage: examples of one alone would pull the weights its way.
    """
    for epoch in count(after // each):
        draw = options.seed * 1_000_003 + epoch
        order = in_order(examples, max(1, options.batch // 2), draw, options.share)
        for place in range(after % each if epoch == after // each else 0, each):
            yield [examples[i] for i in order[place * options.batch : (place + 1) * options.batch]]


def _give_up(
    model: Any,
    optimiser: torch.optim.Optimizer,
    number: int,
    loss: float,
    options: TrainOptions,
    best: dict[str, torch.Tensor] | None,
    saved: Checkpoints | None,
) -> None:
    """Put the last good weights back.

    Raises:
        Diverged: always; says what happened, what the weights are now, and what to do.
    """
    now = "none were kept"
    if best is not None:
        put_back(model, best)
        now = "those with the best validation are back"
    elif saved and (step := saved.load(model, optimiser)[0].step):
        now = f"those of step {step} are back"
    model.eval()
    what = "the gradient is not a number" if math.isfinite(loss) else f"the loss is {loss}"
    raise Diverged(
        f"{what} at step {number}, so training stopped (of its weights, {now}): train again with a smaller "
        f"learning rate, for example {options.learning_rate / 10:g}"
    )
