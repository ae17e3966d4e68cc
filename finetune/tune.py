"""Search for hyper-parameters within a time budget. The only file that imports Optuna."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import optuna

from finetune.examples import Example
from finetune.train import Step, TrainOptions, Validation, prepare, train
from index.errors import Diverged, InputError

_TRIALS_AT_LEAST = 4
"""So many parts of the budget: no trial may take more than one."""


@dataclass(frozen=True, slots=True)
class Space:
    """What is tried; a bound is tried too."""

    learning_rate: tuple[float, float] = (1e-5, 2e-3)
    """Lowest and highest, on a logarithmic scale."""
    batch: tuple[int, ...] = (4, 8, 16, 32)
    epochs: tuple[float, ...] = (1.0, 2.0, 3.0)
    rank: tuple[int, ...] = (4, 8, 16, 32)
    """Of "lora"."""
    last_layers: tuple[int, ...] = (1, 2, 4, 8)
    """Of "frozen"; those that the model does not have are left out."""


@dataclass(frozen=True, slots=True)
class Trial:
    number: int
    """Counted from 1."""
    options: TrainOptions
    loss: float
    """The best of its validations; infinite where there was none, or training broke off."""
    seconds: float
    pruned: bool
    """Whether it was given up, being worse than the others were at the same share of their steps."""


def search(
    model: Any,
    examples: Sequence[Example],
    validation: Sequence[Example],
    options: TrainOptions,
    *,
    seconds: float,
    trials: int = 0,
    space: Space | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Trial]:
    """Train copies of the model with other options, the given ones first, and tell how each did.

    With the same seed the same options are tried, as long as the time allows as many.

    Args:
        model: not prepared; it stays as it is.
        options: the method and all that is not searched.
        seconds: for all trials together.
        trials: at most; 0: as many as the time allows.

    Raises:
        InputError: no time, or no examples to compare by.
    """
    if not seconds > 0:
        raise InputError(f"a search needs time, and was given {seconds:g} seconds")
    if not validation:
        raise InputError("a search compares by validation examples, and there are none: keep some back")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=options.seed, n_startup_trials=5),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=2, n_warmup_steps=1),
    )
    space = _with(space or Space(), options, model)
    study.enqueue_trial({name: getattr(options, name) for name in _searched(options)})
    end, number = time.perf_counter() + seconds, 0
    while (left := end - time.perf_counter()) > 0 and not stop() and not 0 < trials <= number:
        number += 1
        asked = study.ask()
        chosen = replace(options, **_choose(asked, space, options))
        limited = replace(chosen, seconds=min(left, seconds / _TRIALS_AT_LEAST))
        begin = time.perf_counter()
        loss, pruned = _try(copy.deepcopy(model), examples, validation, limited, asked, stop)
        if pruned:
            study.tell(asked, state=optuna.trial.TrialState.PRUNED)
        elif math.isfinite(loss):
            study.tell(asked, loss)
        else:
            study.tell(asked, state=optuna.trial.TrialState.FAIL)
        yield Trial(number, chosen, loss, time.perf_counter() - begin, pruned)


def best(trials: Iterable[Trial]) -> TrainOptions:
    """The options of the trial with the lowest loss.

    Raises:
        InputError: no trial came to a validation.
    """
    found = [trial for trial in trials if math.isfinite(trial.loss) and not trial.pruned]
    if not found:
        raise InputError("no trial of the search came to an end: give it more time, or fewer examples")
    return min(found, key=lambda trial: trial.loss).options


def _searched(options: TrainOptions) -> list[str]:
    """Names of the options that are searched."""
    more = {"lora": ["rank"], "frozen": ["last_layers"], "full": []}
    return ["learning_rate", "batch", "epochs", *more[options.method]]


def _with(space: Space, options: TrainOptions, model: Any) -> Space:
    """The space with the given options in it, so that they can be tried first."""
    low, high = space.learning_rate
    layers = model.config.num_hidden_layers
    return Space(
        (min(low, options.learning_rate), max(high, options.learning_rate)),
        tuple(sorted({*space.batch, options.batch})),
        tuple(sorted({*space.epochs, options.epochs})),
        tuple(sorted({*space.rank, options.rank})),
        tuple(sorted({*(n for n in space.last_layers if n <= layers), options.last_layers})),
    )


def _choose(asked: optuna.Trial, space: Space, options: TrainOptions) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _searched(options):
        if name == "learning_rate":
            found[name] = asked.suggest_float(name, *space.learning_rate, log=True)
        else:
            found[name] = asked.suggest_categorical(name, getattr(space, name))
    return found


def _try(
    model: Any,
    examples: Sequence[Example],
    validation: Sequence[Example],
    options: TrainOptions,
    asked: optuna.Trial,
    stop: Callable[[], bool],
) -> tuple[float, bool]:
    """Lowest validation loss, and whether the trial was given up. Validated at quarters of its steps."""
    steps = options.epochs * len(examples) / options.batch
    every = options.validate_every or max(1, round(steps / 4))
    lowest, quarter = math.inf, 0
    options = replace(options, validate_every=every, compile=False)
    try:
        for told in train(prepare(model, options), examples, options, validation=validation, stop=stop):
            if isinstance(told, Step):
                continue
            assert isinstance(told, Validation)
            lowest, quarter = min(lowest, told.loss), quarter + 1
            asked.report(told.loss, quarter)
            if asked.should_prune():
                return lowest, True
    except Diverged:
        return math.inf, False  # too large a learning rate is an answer here, not an error
    return lowest, False
