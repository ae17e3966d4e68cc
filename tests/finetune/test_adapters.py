from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

from finetune.adapters import quick_adapters
from finetune.methods import trainable
from finetune.train import TrainOptions, prepare
from rag.causal import CausalGenerator

IDS = torch.randint(1, 300, (3, 40), generator=torch.Generator().manual_seed(5))


@pytest.fixture
def computes_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def choose(kind: str) -> None:
        monkeypatch.setattr("finetune.adapters.computes_in_bfloat16", lambda device: kind == "bfloat16")

    choose("float32")
    return choose


def llama() -> Any:
    torch.manual_seed(1)
    config = LlamaConfig(
        hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, vocab_size=300, attention_bias=True,
    )  # fmt: skip
    return LlamaForCausalLM(config)


def adapted(base: Any) -> Any:
    """With adapters that say something: fresh ones are zero."""
    model = prepare(base, TrainOptions(rank=4, dropout=0.0))
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1)
    return model.train()


def learnt(model: Any, around: Any) -> tuple[float, dict[str, torch.Tensor]]:
    """Loss and gradients."""
    model.zero_grad()
    with around:
        loss = model(input_ids=IDS, labels=IDS).loss
        loss.backward()
    grads = {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.requires_grad}
    return loss.item(), grads


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_losses_and_gradients_are_those_of_peft(
    tiny: CausalGenerator, kind: str, computes_in: Callable[[str], None]
) -> None:
    model = adapted(tiny.model if kind == "gpt2" else llama())
    loss, grads = learnt(model, nullcontext())
    ours, found = learnt(model, quick_adapters(model))
    assert ours == pytest.approx(loss, rel=1e-5)
    assert found.keys() == grads.keys() == trainable(model).keys()
    for name, grad in grads.items():
        assert grad.norm() > 0
        torch.testing.assert_close(found[name], grad, rtol=1e-3, atol=1e-6)
    computes_in("bfloat16")
    rounded, found = learnt(model, quick_adapters(model))
    assert rounded == pytest.approx(loss, rel=1e-2)
    for name, grad in grads.items():
        assert torch.cosine_similarity(found[name].flatten(), grad.flatten(), dim=0) > 0.99


def test_layers_that_are_more_are_left_to_peft(
    tiny: CausalGenerator, computes_in: Callable[[str], None]
) -> None:
    for more, quick in ({}, 8), ({"lora_dropout": 0.1}, 0), ({"use_dora": True}, 0), ({"lora_bias": True}, 0):
        config: dict[str, Any] = {"r": 4, "target_modules": "all-linear", "fan_in_fan_out": True, **more}
        model: Any = get_peft_model(tiny.model, LoraConfig(**config))
        with quick_adapters(model) as count:
            assert count == quick
        tiny.model = model.unload()


def test_a_model_without_adapters_is_left_alone(tiny: CausalGenerator) -> None:
    with quick_adapters(tiny.model) as count:
        assert count == 0


def test_afterwards_all_is_as_it_was(tiny: CausalGenerator, computes_in: Callable[[str], None]) -> None:
    model = adapted(tiny.model)
    before = {id(module): set(vars(module)) for module in model.modules()}
    with quick_adapters(model) as count:
        assert count == 8
        assert sum("forward" in vars(module) for module in model.modules()) == 8
    assert all(set(vars(module)) == before[id(module)] for module in model.modules())
