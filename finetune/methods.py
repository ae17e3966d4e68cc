"""Which weights of a model are trained, and how: LoRA, the last layers, or all."""

from __future__ import annotations

from typing import Any

import torch

from finetune.options import TrainOptions
from index.errors import InputError


def prepare(model: Any, options: TrainOptions) -> Any:
    """The model with only those weights trainable that the method trains; for "lora" a wrapped one.

    With the same seed the same adapters. What is not trained needs no gradients: the layers below the
    first trained weight keep nothing for the way back. On a processor attention has no dropout: with it torch
    writes out the weights of all pairs of tokens: a third of the time and of the memory of gpt2-medium.

    Raises:
        InputError: options that nothing can be trained with, or more layers than the model has.
    """
    options.check()
    set_dropout(model, options.dropout)
    if model.device.type == "cpu":
        set_dropout(model, 0.0, attention_only=True)
    if options.method == "lora":
        from peft import LoraConfig, get_peft_model  # five seconds, which the other methods need not wait

        torch.manual_seed(options.seed)
        # GPT-2's linear layers hold their weights the other way round, and peft warns where it is not told.
        turned = any(type(module).__name__ == "Conv1D" for module in model.modules())
        config = LoraConfig(
            r=options.rank,
            lora_alpha=2 * options.rank,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
            fan_in_fan_out=turned,
        )
        return get_peft_model(model, config)
    model.requires_grad_(options.method == "full")
    if options.method == "frozen":
        layers = layers_of(model)
        if options.last_layers > len(layers):
            raise InputError(
                f"the model has {len(layers)} layers; cannot train the last {options.last_layers}"
            )
        for layer in layers[-options.last_layers :]:
            layer.requires_grad_(True)
    return model


_OF_ATTENTION = ("attn_dropout", "attention_dropout")


def layers_of(model: Any) -> Any:
    """The model's layers, first to last: its longest list of modules."""
    lists = [module for module in model.modules() if isinstance(module, torch.nn.ModuleList)]
    return max(lists, key=len)


def set_dropout(model: Any, share: float | None, attention_only: bool = False) -> None:
    """Set each dropout that the model has to `share`; none leaves them.

    Args:
        attention_only: those of attention's weights alone.
    """
    if share is None:
        return
    for name, module in model.named_modules():
        wanted = not attention_only or name.endswith(_OF_ATTENTION)
        if wanted and isinstance(module, torch.nn.Dropout) and module.p:
            module.p = share
        if isinstance(getattr(module, "attention_dropout", None), float) and module.attention_dropout:
            module.attention_dropout = share


def optimiser_for(model: Any, options: TrainOptions) -> torch.optim.AdamW:
    """AdamW over the trainable weights; biases and norms, which have one dimension, do not decay."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    groups = [
        {"params": [w for w in weights if w.ndim > 1], "weight_decay": options.weight_decay},
        {"params": [w for w in weights if w.ndim <= 1], "weight_decay": 0.0},
    ]
    fused = model.device.type in ("cpu", "cuda")
    return torch.optim.AdamW([one for one in groups if one["params"]], options.learning_rate, fused=fused)


def compile_layers(model: Any, backend: str = "inductor") -> None:
    """Compile each layer for one fixed shape. They are alike, so it costs the compiling of two.

    The first gets what needs no gradient, the others what does. What is outside of them (embeddings, the
    head, whose number of positions changes from row to row) is a small part.
    """
    for layer in layers_of(model):
        layer.compile(dynamic=False, backend=backend)


def trainable(model: Any) -> dict[str, torch.Tensor]:
    """The weights that are trained, by name."""
    return {name: weight.data for name, weight in model.named_parameters() if weight.requires_grad}


def put_back(model: Any, weights: dict[str, torch.Tensor]) -> None:
    """Copy weights that `trainable` gave into the model."""
    for name, weight in trainable(model).items():
        weight.copy_(weights[name])
