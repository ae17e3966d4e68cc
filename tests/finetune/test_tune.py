from __future__ import annotations

import math
import time
from typing import Any

import pytest
import torch

from finetune.examples import Example
from finetune.train import TrainOptions
from finetune.tune import Space, Trial, best, search
from index.errors import InputError
from rag.causal import CausalGenerator
from rag.prompt import encode_answer

OPTIONS = TrainOptions(method="full", learning_rate=1e-5, epochs=1.0, batch=4, dropout=0.0)
SPACE = Space(learning_rate=(1e-5, 1e-2), batch=(2, 4), epochs=(1.0, 2.0))


def data(tiny: CausalGenerator) -> list[Example]:
    ask = [tuple(tiny.encode(f"Question: {n}棵树？\nAnswer:")) for n in range(12)]
    return [Example(prompt, tuple(encode_answer(tiny, "枣树"))) for prompt in ask]


def run(tiny: CausalGenerator, **more: Any) -> list[Trial]:
    values = {"seconds": 60.0, "trials": 8, "space": SPACE, **more}
    options = values.pop("options", OPTIONS)
    return list(search(tiny.model, data(tiny)[:8], data(tiny)[8:], options, **values))


def test_a_search_finds_better_options_and_leaves_the_model(tiny: CausalGenerator) -> None:
    start = {name: weight.clone() for name, weight in tiny.model.state_dict().items()}
    trials = run(tiny)
    assert [trial.number for trial in trials] == list(range(1, 9))
    assert trials[0].options == OPTIONS  # what was given is tried first
    found = best(trials)
    lowest = min(trial.loss for trial in trials if not trial.pruned)
    assert lowest < trials[0].loss - 0.5
    assert found == next(trial.options for trial in trials if trial.loss == lowest)
    assert found.learning_rate > 1e-4
    assert found.seconds == 0  # the limit was the search's
    assert all(trial.options.batch in (2, 4) and trial.options.epochs in (1.0, 2.0) for trial in trials)
    assert all(torch.equal(weight, start[name]) for name, weight in tiny.model.state_dict().items())


def test_the_same_seed_tries_the_same_and_gives_up_the_same(tiny: CausalGenerator) -> None:
    found = [[(t.options, t.loss, t.pruned) for t in run(tiny)] for _ in range(2)]
    assert found[0] == found[1]
    assert any(pruned for _, _, pruned in found[0])
    assert all(math.isfinite(loss) for _, loss, _ in found[0])


@pytest.mark.parametrize(("method", "name"), [("lora", "rank"), ("frozen", "last_layers")])
def test_each_method_is_searched_by_its_own_option(tiny: CausalGenerator, method: Any, name: str) -> None:
    options = TrainOptions(method=method, last_layers=1, rank=4, batch=4)
    trials = run(tiny, options=options, trials=6, space=Space(rank=(2, 4), last_layers=(1, 2, 99)))
    tried = {getattr(trial.options, name) for trial in trials}
    assert tried <= ({2, 4} if method == "lora" else {1, 2})  # it has no 99 layers
    assert len(tried) == 2
    other = "last_layers" if method == "lora" else "rank"
    assert {getattr(trial.options, other) for trial in trials} == {getattr(options, other)}


def test_a_search_ends_with_its_time(tiny: CausalGenerator) -> None:
    begin = time.perf_counter()
    space = Space(learning_rate=(1e-5, 1e-2), batch=(1,), epochs=(1000.0,))
    trials = run(tiny, seconds=2.0, trials=0, space=space)
    assert time.perf_counter() - begin < 30
    assert trials
    assert all(math.isfinite(trial.loss) for trial in trials)  # a trial out of time is validated too


def test_a_learning_rate_that_breaks_the_model_is_only_a_bad_trial(tiny: CausalGenerator) -> None:
    wild = TrainOptions(method="full", learning_rate=1e30, epochs=20, batch=4, warmup=0.0)
    trials = run(tiny, options=wild, trials=1)
    assert trials[0].loss == math.inf
    with pytest.raises(InputError, match="no trial of the search came to an end"):
        best(trials)


def test_a_search_that_is_stopped_tries_no_more(tiny: CausalGenerator) -> None:
    assert run(tiny, stop=lambda: True) == []


def test_a_search_without_time_or_validation_is_refused(tiny: CausalGenerator) -> None:
    with pytest.raises(InputError, match="needs time"):
        run(tiny, seconds=0.0)
    with pytest.raises(InputError, match="validation examples"):
        next(search(tiny.model, data(tiny), [], OPTIONS, seconds=1.0))
