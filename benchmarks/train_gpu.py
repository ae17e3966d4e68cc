"""How fast is training on one graphics card, beside nanoGPT, and transformers as it comes?

    python benchmarks/train_gpu.py [--nanogpt MODEL.py] [--steps 30] [--rows 16] [--out FILE]

Texts of 1,024 tokens, 16 a step; bfloat16 autocast; random weights and tokens; no dropout; AdamW, clipped
gradients. Each run in a process of its own, one after the other:

    nanogpt       its model.py (--nanogpt: a path to it), compiled whole; vocabulary padded to 50,304
    transformers  its GPT-2 eager, as most people train it
    ours          finetune.train, compiled layers
    smollm2       finetune.train on the shape of SmolLM2-135M: all weights ("full"), or LoRA of rank 32

The first ten steps, in which is compiled, are not timed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from finetune.examples import Example
from finetune.train import Step, TrainOptions, prepare, train

WARM = 10
LENGTH = 1024
RUNS = ("nanogpt", "ours", "smollm2-full", "smollm2-lora", "transformers")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nanogpt", type=Path)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rows", type=int, default=16)
    parser.add_argument("--runs", nargs="+", default=list(RUNS), choices=RUNS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.steps <= WARM:
        parser.error(f"--steps has to be more than the {WARM} that are not timed")
    if given.one:
        print(json.dumps(one(given)))
        return
    rows = []
    for run in given.runs:
        if run == "nanogpt" and given.nanogpt is None:
            continue
        command = [sys.executable, __file__, *sys.argv[1:], "--one", run]
        ran = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        if ran.returncode:
            print(f"{run} failed (see above)", flush=True)
            continue
        rows.append(json.loads(ran.stdout.splitlines()[-1]))
        print(json.dumps(rows[-1]), flush=True)
        if given.out:
            given.out.write_text(json.dumps({"card": card(), "rows": rows}, indent=2) + "\n", "utf-8")


def card() -> str:
    return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"


def one(given: argparse.Namespace) -> dict[str, Any]:
    """One run, in this process."""
    torch.set_float32_matmul_precision("high")
    torch.manual_seed(0)
    begin = time.perf_counter()
    runs: dict[str, Callable[[], Iterator[None]]] = {
        "nanogpt": lambda: nanogpt(given),
        "transformers": lambda: transformers_eager(given),
        "ours": lambda: ours(gpt2_medium(), "full", given),
        "smollm2-full": lambda: ours(smollm2(), "full", given),
        "smollm2-lora": lambda: ours(smollm2(), "lora", given),
    }
    ends: list[float] = []
    for _ in runs[given.one]():
        torch.cuda.synchronize()
        ends.append(time.perf_counter())
    seconds = ends[-1] - ends[WARM - 1]
    return {
        "run": given.one,
        "tokens_per_second": round((len(ends) - WARM) * given.rows * LENGTH / seconds),
        "first_step_s": round(ends[0] - begin, 1),
        "peak_gib": round(torch.cuda.max_memory_allocated() / 2**30, 1),
    }


def gpt2_medium() -> Any:
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(GPT2Config(n_embd=1024, n_layer=24, n_head=16)).cuda()


def smollm2() -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    shape = LlamaConfig(
        hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
        num_key_value_heads=3, vocab_size=49152, max_position_embeddings=2048, tie_word_embeddings=True,
    )  # fmt: skip
    return LlamaForCausalLM(shape).cuda()


def ours(model: Any, method: Any, given: argparse.Namespace) -> Iterator[None]:
    options = TrainOptions(
        method=method, rank=32, batch=given.rows, micro_batch=given.rows, row=LENGTH, learning_rate=1e-4,
        dropout=0.0, compile=True,
    )  # fmt: skip
    draw = torch.randint(0, 49152, (given.steps * given.rows, LENGTH + 1)).tolist()
    examples = [Example((), tuple(ids)) for ids in draw]
    for told in train(prepare(model, options), examples, options):
        if isinstance(told, Step):
            yield


def nanogpt(given: argparse.Namespace) -> Iterator[None]:
    spec = importlib.util.spec_from_file_location("nanogpt", given.nanogpt)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["nanogpt"] = module
    spec.loader.exec_module(module)
    shape = module.GPTConfig(
        block_size=LENGTH, vocab_size=50304, n_layer=24, n_head=16, n_embd=1024, dropout=0.0, bias=True
    )
    model = module.GPT(shape).cuda()
    optimiser = model.configure_optimizers(1e-2, 1e-4, (0.9, 0.95), "cuda")
    yield from _plain(torch.compile(model), optimiser, lambda said: said[1], 50304, given)


def transformers_eager(given: argparse.Namespace) -> Iterator[None]:
    model = gpt2_medium()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    optimiser = torch.optim.AdamW(model.parameters(), 1e-4, fused=True)
    model.train()

    def run(ids: torch.Tensor, targets: torch.Tensor) -> Any:
        logits = model(input_ids=ids, use_cache=False).logits
        return logits, torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())

    yield from _plain(run, optimiser, lambda said: said[1], 50257, given)


def _plain(
    run: Any, optimiser: Any, loss_of: Callable[[Any], torch.Tensor], words: int, given: argparse.Namespace
) -> Iterator[None]:
    weights = [weight for group in optimiser.param_groups for weight in group["params"]]
    ids = torch.randint(0, words, (given.rows, LENGTH), device="cuda")
    targets = torch.randint(0, words, (given.rows, LENGTH), device="cuda")
    for _ in range(given.steps):
        with torch.autocast("cuda", torch.bfloat16):
            loss = loss_of(run(ids, targets))
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        yield


if __name__ == "__main__":
    main()
