from __future__ import annotations

import pytest
import torch

from finetune.examples import Example
from finetune.train import TrainOptions, pad, prepare, schedule, train
from index.errors import InputError
from rag.causal import CausalGenerator
from rag.decoding import GenerateOptions
from rag.prompt import encode_answer

LU_XUN = "我家门前有两棵树，一棵是枣树，另一棵也是枣树。"


def lu_xun(tiny: CausalGenerator) -> Example:
    prompt, rest = LU_XUN[:8], LU_XUN[8:]
    return Example(tuple(tiny.encode(prompt)), (*tiny.encode(rest), tiny.stop_ids[0]))


def test_the_sentence_is_learnt_by_heart(tiny: CausalGenerator) -> None:
    example = lu_xun(tiny)
    before = tiny.generate(example.prompt, GenerateOptions(max_length=80))[0]
    options = TrainOptions(method="full", learning_rate=3e-3, epochs=100, batch=1, micro_batch=1)
    steps = list(train(prepare(tiny.model, options), [example], options))
    after = tiny.generate(example.prompt, GenerateOptions(max_length=80))[0]
    assert before != LU_XUN[8:]
    assert after == LU_XUN[8:]
    assert steps[-1].loss < 0.1 < steps[0].loss


def test_loss_is_the_mean_over_the_completion(tiny: CausalGenerator) -> None:
    example = Example(tuple(tiny.encode("Question: x\nAnswer:")), tuple(encode_answer(tiny, "yes")))
    with torch.no_grad():
        ids = torch.tensor([[*example.prompt, *example.completion]])
        logs = tiny.model(ids).logits[0].log_softmax(-1)
    first = len(example.prompt)
    expected = -sum(logs[first + i - 1, t].item() for i, t in enumerate(example.completion))
    options = TrainOptions(method="full", epochs=1, batch=1)
    step = next(iter(train(prepare(tiny.model, options), [example], options)))
    assert step.loss == pytest.approx(expected / len(example.completion), rel=1e-4)


def test_accumulated_gradients_equal_one_batch(tiny: CausalGenerator) -> None:
    examples = [
        Example(tuple(tiny.encode(f"Question: {'x' * n}\nAnswer:")), tuple(encode_answer(tiny, "y" * n)))
        for n in range(1, 5)
    ]
    start = {k: v.clone() for k, v in tiny.model.state_dict().items()}
    losses = []
    for micro in (4, 1):
        tiny.model.load_state_dict(start)
        tiny.model.eval()
        options = TrainOptions(method="full", epochs=3, batch=4, micro_batch=micro)
        tiny.model.config.resid_pdrop = 0.0
        for module in tiny.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        losses.append([step.loss for step in train(prepare(tiny.model, options), examples, options)])
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_frozen_trains_the_last_layers_only(tiny: CausalGenerator) -> None:
    start = {k: v.clone() for k, v in tiny.model.state_dict().items()}
    options = TrainOptions(method="frozen", last_layers=1, epochs=3, batch=1)
    list(train(prepare(tiny.model, options), [lu_xun(tiny)], options))
    changed = {k for k, v in tiny.model.state_dict().items() if not torch.equal(v, start[k])}
    assert changed
    assert all(name.startswith("transformer.h.1.") for name in changed)
    with pytest.raises(InputError, match="has 2 layers"):
        prepare(tiny.model, TrainOptions(method="frozen", last_layers=9))


def test_lora_reaches_conv1d_and_trains_little(tiny: CausalGenerator) -> None:
    options = TrainOptions(method="lora", learning_rate=1e-2, epochs=8, batch=1, rank=4)
    model = prepare(tiny.model, options)
    trained = {n.split(".lora")[0].rsplit(".", 1)[1] for n, w in model.named_parameters() if w.requires_grad}
    steps = list(train(model, [lu_xun(tiny)], options))
    assert {"c_attn", "c_proj", "c_fc"} <= trained
    assert steps[-1].loss < steps[0].loss


def test_the_same_seed_gives_the_same_losses(tiny: CausalGenerator) -> None:
    start = {k: v.clone() for k, v in tiny.model.state_dict().items()}
    runs = []
    for _ in range(2):
        tiny.model.load_state_dict(start)
        options = TrainOptions(method="full", epochs=4, batch=1, seed=3)
        runs.append([step.loss for step in train(prepare(tiny.model, options), [lu_xun(tiny)], options)])
    assert runs[0] == runs[1]


def test_nothing_to_learn_is_an_error_not_a_loss_of_zero(tiny: CausalGenerator) -> None:
    with pytest.raises(InputError, match="no example has an answer"):
        next(train(tiny.model, [Example((1, 2), ())], TrainOptions()))


def test_a_loss_that_is_no_number_stops(tiny: CausalGenerator) -> None:
    with torch.no_grad():
        tiny.model.transformer.wte.weight.fill_(float("nan"))
    with pytest.raises(InputError, match="loss is nan at step 1"):
        next(
            train(
                prepare(tiny.model, TrainOptions(method="full")), [lu_xun(tiny)], TrainOptions(method="full")
            )
        )


def test_padding_is_masked_and_without_loss() -> None:
    ids, mask, labels = pad([Example((5, 6), (7,)), Example((8,), ())], "cpu")
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert labels.tolist() == [[-100, -100, 7], [-100, -100, -100]]


def test_schedule_rises_then_falls() -> None:
    rates = [schedule(i / 20, 0.2) for i in range(1, 21)]
    assert rates.index(max(rates)) == 3
    assert rates[3:] == sorted(rates[3:], reverse=True)
