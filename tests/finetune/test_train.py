from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from finetune.examples import Example
from finetune.methods import optimiser_for, set_dropout, trainable
from finetune.options import METHODS
from finetune.train import Step, TrainOptions, Validation, prepare, schedule, train
from index.errors import Diverged, InputError
from rag.causal import CausalGenerator
from rag.decoding import GenerateOptions
from rag.prompt import encode_answer, encode_passage, encode_question

LU_XUN = "我家门前有两棵树，一棵是枣树，另一棵也是枣树。"
FULL = TrainOptions(method="full", batch=4, dropout=0.0)


def lu_xun(tiny: CausalGenerator) -> Example:
    prompt, rest = LU_XUN[:8], LU_XUN[8:]
    return Example(tuple(tiny.encode(prompt)), (*tiny.encode(rest), tiny.stop_ids[0]))


def facts(tiny: CausalGenerator, count: int = 6) -> list[Example]:
    """Two questions a passage, in English and Chinese."""
    found = []
    for n in range(count):
        passage = encode_passage(tiny, 1, f"Hall {n} has {n + 3} doors, 有{n + 3}扇门。")
        for question, answer in (
            (f"How many doors has hall {n}?", f"{n + 3} doors"),
            (f"{n}厅几扇门？", f"{n + 3}扇"),
        ):
            prompt = (*passage, *encode_question(tiny, question))
            found.append(Example(prompt, tuple(encode_answer(tiny, answer)), len(passage)))
    return found


def steps(told: Any) -> list[Step]:
    return [one for one in told if isinstance(one, Step)]


def losses(told: Any) -> list[float]:
    return [one.loss for one in steps(told)]


def copied(model: Any) -> dict[str, torch.Tensor]:
    return {name: weight.clone() for name, weight in model.state_dict().items()}


def test_the_sentence_is_learnt_by_heart(tiny: CausalGenerator) -> None:
    example = lu_xun(tiny)
    before = tiny.generate(example.prompt, GenerateOptions(max_length=80))[0]
    options = TrainOptions(method="full", learning_rate=3e-3, epochs=100, batch=1)
    told = losses(train(prepare(tiny.model, options), [example], options))
    after = tiny.generate(example.prompt, GenerateOptions(max_length=80))[0]
    assert before != LU_XUN[8:]
    assert after == LU_XUN[8:]
    assert told[-1] < 0.1 < told[0]


def test_a_text_is_learnt_without_a_prompt(tiny: CausalGenerator) -> None:
    text = Example((), (*tiny.encode(LU_XUN), tiny.stop_ids[0]))
    options = TrainOptions(method="full", learning_rate=3e-3, epochs=100, batch=1)
    list(train(prepare(tiny.model, options), [text], options))
    begin = tiny.encode("我家门前")
    assert tiny.generate(begin, GenerateOptions(max_length=100)) == [LU_XUN.removeprefix("我家门前")]


def test_loss_is_the_mean_over_the_completion(tiny: CausalGenerator) -> None:
    example = Example(tuple(tiny.encode("Question: x\nAnswer:")), tuple(encode_answer(tiny, "yes")))
    with torch.no_grad():
        ids = torch.tensor([[*example.prompt, *example.completion]])
        logs = tiny.model(ids).logits[0].log_softmax(-1)
    first = len(example.prompt)
    expected = -sum(logs[first + i - 1, t].item() for i, t in enumerate(example.completion))
    options = replace(FULL, batch=1)
    step = next(train(prepare(tiny.model, options), [example], options))
    assert step.loss == pytest.approx(expected / len(example.completion), rel=1e-4)


@pytest.mark.parametrize("other", [{"micro_batch": 3}, {"row": 160}, {"share": False}])
def test_how_examples_are_packed_changes_no_loss(tiny: CausalGenerator, other: dict[str, Any]) -> None:
    """Rows of another length, several at a time, or passages read for each question: the same training."""
    start = copied(tiny.model)
    found = []
    for more in ({}, other):
        tiny.model.load_state_dict(start)
        options = replace(FULL, epochs=2, batch=12, **more)
        found.append(losses(train(prepare(tiny.model, options), facts(tiny), options)))
    assert found[0] == pytest.approx(found[1], rel=1e-3)
    assert found[0][-1] < found[0][0]


def test_steps_tell_how_far_and_how_fast(tiny: CausalGenerator) -> None:
    data = facts(tiny)
    told = steps(train(prepare(tiny.model, FULL), data, FULL))
    assert [(step.number, step.of) for step in told] == [(1, 3), (2, 3), (3, 3)]
    assert told[-1].tokens == sum(len(one.prompt) + len(one.completion) for one in data)
    assert 0.5 * told[-1].tokens < told[-1].computed < 0.9 * told[-1].tokens  # passages are read once
    assert told[-1].tokens_per_second == pytest.approx(told[-1].tokens / told[-1].seconds)
    assert told[-1].seconds_left == 0
    assert told[0].seconds_left == pytest.approx(2 * told[0].seconds)
    apart = steps(train(tiny.model, data, replace(FULL, share=False)))
    assert apart[-1].tokens == told[-1].tokens
    assert apart[-1].computed == told[-1].tokens - len(data)  # no padding; after the end token nothing comes


def test_frozen_trains_the_last_layers_only(tiny: CausalGenerator) -> None:
    start = copied(tiny.model)
    options = TrainOptions(method="frozen", last_layers=1, epochs=3, batch=1)
    model = prepare(tiny.model, options)
    needs: list[bool] = []
    tiny.model.transformer.h[0].register_forward_hook(lambda _, __, out: needs.append(out.requires_grad))
    list(train(model, [lu_xun(tiny)], options))
    changed = {
        name for name, weight in tiny.model.state_dict().items() if not torch.equal(weight, start[name])
    }
    assert changed
    assert all(name.startswith("transformer.h.1.") for name in changed)
    assert needs == [False] * 3  # nothing is kept for a way back through frozen layers
    with pytest.raises(InputError, match="has 2 layers"):
        prepare(tiny.model, TrainOptions(method="frozen", last_layers=9))


def test_lora_reaches_conv1d_without_a_warning_and_trains_little(tiny: CausalGenerator) -> None:
    options = TrainOptions(method="lora", learning_rate=1e-2, epochs=8, batch=1, rank=4)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model = prepare(tiny.model, options)
    trained = {name.split(".lora")[0].rsplit(".", 1)[1] for name in trainable(model)}
    told = losses(train(model, [lu_xun(tiny)], options))
    assert {"c_attn", "c_proj", "c_fc"} <= trained
    assert all("lora" in name for name in trainable(model))
    assert told[-1] < told[0]


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_losses(tiny: CausalGenerator, method: Any) -> None:
    """With the base's dropout on."""
    start = copied(tiny.model)
    runs = []
    for seed in (3, 3, 4):
        tiny.model.load_state_dict(start)
        options = TrainOptions(method=method, last_layers=1, epochs=2, batch=4, seed=seed)
        model = prepare(tiny.model, options)
        runs.append(losses(train(model, facts(tiny), options)))
        if method == "lora":
            tiny.model = model.unload()
    assert runs[0] == runs[1] != runs[2]


def test_biases_and_norms_do_not_decay(tiny: CausalGenerator) -> None:
    optimiser = optimiser_for(prepare(tiny.model, FULL), FULL)
    decay = {p.ndim: group["weight_decay"] for group in optimiser.param_groups for p in group["params"]}
    assert decay == {2: 0.01, 1: 0.0}
    assert optimiser.defaults["fused"]


def test_dropout_is_the_bases_or_the_given(tiny: CausalGenerator) -> None:
    def shares() -> set[float]:
        return {m.p for m in tiny.model.modules() if isinstance(m, torch.nn.Dropout)}

    tiny.model.transformer.drop.p = 0.0
    prepare(tiny.model, TrainOptions(method="full"))
    assert shares() == {0.0, 0.1}
    layer = tiny.model.transformer.h[0]
    assert (layer.attn.attn_dropout.p, layer.attn.resid_dropout.p) == (0.0, 0.1)  # on a processor
    set_dropout(tiny.model, 0.3)
    assert shares() == {0.0, 0.3}  # only where the base has one
    prepare(tiny.model, TrainOptions(method="full", dropout=0.0))
    assert shares() == {0.0}


def test_validation_keeps_the_best_weights_and_stops_early(tiny: CausalGenerator) -> None:
    """Trained far too long on some, the others get worse: the model ends with its best weights."""
    data = facts(tiny, 8)
    options = TrainOptions(
        method="full", learning_rate=1e-2, epochs=60, batch=4, validate_every=2, patience=3, dropout=0.0
    )
    model = prepare(tiny.model, options)
    told = list(train(model, data[:4], options, validation=data[8:]))
    held = [one for one in told if isinstance(one, Validation)]
    assert len(steps(told)) < 60
    assert [one.step for one in held] == list(range(2, len(steps(told)) + 1, 2))
    best = min(held, key=lambda one: one.loss)
    assert best.best
    assert held[-1].step - best.step == 2 * options.patience
    assert not any(one.best for one in held[-options.patience :])
    again = replace(options, epochs=1, batch=4, learning_rate=1e-9)
    now = [one for one in train(model, data[:4], again, validation=data[8:]) if isinstance(one, Validation)]
    assert now[0].loss == pytest.approx(best.loss, rel=1e-5)
    assert not model.training


def test_validation_is_at_the_ends_of_epochs_unless_asked_otherwise(tiny: CausalGenerator) -> None:
    options = replace(FULL, epochs=2, batch=5, learning_rate=1e-4)
    told = list(train(prepare(tiny.model, options), facts(tiny), options, validation=facts(tiny)[:2]))
    assert [one.step for one in told if isinstance(one, Validation)] == [3, 6]


def test_a_time_limit_ends_training_with_a_small_learning_rate(tiny: CausalGenerator) -> None:
    options = replace(FULL, epochs=10_000, seconds=0.7, learning_rate=1e-3)
    told = steps(train(prepare(tiny.model, options), facts(tiny), options))
    assert told[-1].number < told[-1].of
    assert 0.7 <= told[-1].seconds < 30
    assert told[-1].learning_rate < max(step.learning_rate for step in told) / 2


def test_a_stop_ends_training_after_the_step(tiny: CausalGenerator) -> None:
    asked = iter([False, False, True])
    told = steps(train(prepare(tiny.model, FULL), facts(tiny, 20), FULL, stop=lambda: next(asked)))
    assert [step.number for step in told] == [1, 2, 3]
    assert not tiny.model.training


def test_nothing_to_learn_is_an_error_not_a_loss_of_zero(tiny: CausalGenerator) -> None:
    for data in ([], [Example((1, 2), ())], [Example((1, 2), ()), lu_xun(tiny)]):
        with pytest.raises(InputError, match="answer to learn"):
            next(train(tiny.model, data, FULL))


def test_one_example_and_all_the_same_are_trained(tiny: CausalGenerator) -> None:
    for data in ([lu_xun(tiny)], [lu_xun(tiny)] * 9):
        told = losses(train(prepare(tiny.model, FULL), data, replace(FULL, epochs=3)))
        assert len(told) == 3 * -(-len(data) // 4)


def test_a_loss_that_is_no_number_stops_before_it_harms_a_weight(tiny: CausalGenerator) -> None:
    with torch.no_grad():
        tiny.model.transformer.h[0].mlp.c_fc.bias[0] = float("nan")
    start = copied(tiny.model)
    with pytest.raises(Diverged, match=r"loss is nan at step 1.*none were kept.*smaller learning rate"):
        next(train(prepare(tiny.model, FULL), [lu_xun(tiny)], FULL))
    assert all(torch.equal(w, start[n]) for n, w in tiny.model.state_dict().items() if not w.isnan().any())


@pytest.mark.parametrize("validated", [True, False])
def test_after_a_loss_that_is_no_number_the_last_good_weights_are_back(
    tiny: CausalGenerator, tmp_path: Path, validated: bool
) -> None:
    options = replace(FULL, epochs=3, checkpoint_every=2, validate_every=3, learning_rate=1e-3)
    model = prepare(tiny.model, options)
    told = train(
        model,
        facts(tiny),
        options,
        validation=facts(tiny)[:2] if validated else (),
        checkpoints=tmp_path / "c",
    )
    kept = {}
    for one in told:
        if isinstance(one, Validation) or (not validated and one.number == 4):
            kept = copied(model)
        if isinstance(one, Step) and one.number == 5:
            break
    with torch.no_grad():
        model.transformer.h[1].attn.c_attn.weight[3] = float("inf")
    with pytest.raises(Diverged, match=r"step 6.*validation are" if validated else r"step 6.*step 4 are"):
        next(told)
    assert kept
    assert all(torch.equal(weight, kept[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize(
    "wrong",
    [{"method": "magic"}, {"learning_rate": 0.0}, {"batch": 0}, {"epochs": -1}, {"dropout": 1.0}, {"row": -1},
     {"warmup": 1.0}, {"learning_rate": float("nan")}],
)  # fmt: skip
def test_options_that_nothing_can_be_trained_with_are_named(tiny: CausalGenerator, wrong: Any) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        prepare(tiny.model, replace(FULL, **wrong))


def test_schedule_rises_then_falls() -> None:
    rates = [schedule(i / 20, 0.2) for i in range(1, 21)]
    assert rates.index(max(rates)) == 3
    assert rates[3:] == sorted(rates[3:], reverse=True)
