"""How fast is our training beside transformers' Trainer as it comes, and how much memory does each take?

    python benchmarks/train.py SQUAD [--model FOLDER] [--questions 24] [--gpt2-questions 8] [--out FILE]

Same model, data, batch and method for both; each run in a process of its own, one after the other:

    trainer    transformers.Trainer with its defaults, and the usual collator that pads to the longest
    apart      ours, where each question reads its passage
    ours       as it comes: questions of one passage read it once

SQUAD is a file in SQuAD JSON (.gz too), of which whole passages with all their questions are drawn. "tokens"
are those of the examples, each counted alone, without padding, whatever was computed for them; the first step
is not timed. "x cpu" compares processor time, which other work on the machine disturbs less. The shape of
gpt2-medium has random weights; its tokens are those of the model's tokenizer.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from common import machine, peak_gib, say, squad
from rich.console import Console
from rich.table import Table

from finetune.base import load_base
from finetune.examples import Example
from finetune.train import Step, TrainOptions, prepare, train
from index.errors import JujubeError
from rag.causal import CausalGenerator
from rag.generator import embedded_folder
from rag.prompt import encode_answer, encode_passage, encode_question

KINDS = ("trainer", "apart", "ours")
ADAPTER = Path(__file__).parents[1] / "rag" / "adapters" / "reader-smollm2-135m-lora"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", type=Path, help='a folder; without it "embedded"')
    parser.add_argument("--cache", type=Path, default=Path(".jujube/models"), help='where "embedded" is kept')
    parser.add_argument("--questions", type=int, default=24)
    parser.add_argument(
        "--gpt2-questions", type=int, default=8, help="of gpt2-medium's shape; 0: leave it out"
    )
    parser.add_argument("--batch", type=int, default=8, help="examples a step; the Trainer's default is 8")
    parser.add_argument("--methods", nargs="+", default=["full", "lora"])
    parser.add_argument("--kinds", nargs="+", default=list(KINDS))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--one", nargs=3, metavar=("SHAPE", "METHOD", "KIND"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.model is None:
        arguments.model = embedded_folder(arguments.cache, ADAPTER)
    if arguments.one:
        print(json.dumps(one(arguments)))
        return
    say(machine())
    runs = [("embedded", method, kind) for method in arguments.methods for kind in arguments.kinds]
    if arguments.gpt2_questions:
        runs += [("gpt2-medium", "full", kind) for kind in arguments.kinds]
    rows = []
    for run in runs:
        say(" ".join(run))
        given = [sys.executable, __file__, *sys.argv[1:], "--model", str(arguments.model), "--one", *run]
        ran = subprocess.run(given, stdout=subprocess.PIPE, check=False)
        if ran.returncode:
            raise JujubeError(f"{' '.join(run)} failed (see above)")
        rows.append(json.loads(ran.stdout.splitlines()[-1]))
        say(json.dumps(rows[-1]))
    show(rows)
    if arguments.out:
        arguments.out.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=2) + "\n", "utf-8")


def show(rows: Sequence[dict[str, Any]]) -> None:
    """Each run beside the Trainer's of the same shape and method."""
    table = Table(
        "shape", "method", "run", "tokens/s", "x trainer", "x cpu", "computed", "peak GiB", title=machine()
    )
    base = {(row["shape"], row["method"]): row for row in rows if row["kind"] == "trainer"}
    for row in rows:
        beside = base.get((row["shape"], row["method"]))
        table.add_row(
            row["shape"],
            row["method"],
            row["kind"],
            f"{row['rate']:.0f}",
            f"{row['rate'] / beside['rate']:.2f}" if beside else "",
            f"{thrift(row) / thrift(beside):.2f}" if beside else "",
            f"{100 * row['computed'] / row['tokens']:.0f} %",
            f"{row['gib']:.2f}",
        )
    Console(width=100).print(table)


def thrift(row: dict[str, Any]) -> float:
    """Tokens a second of processor time."""
    return float(row["tokens"] / row["processor_seconds"])


def one(arguments: argparse.Namespace) -> dict[str, Any]:
    """One run, in this process."""
    shape, method, kind = arguments.one
    generator = load_base(arguments.model)
    count = arguments.questions if shape == "embedded" else arguments.gpt2_questions
    examples = drawn(generator, arguments.file, count)
    if shape == "gpt2-medium":
        generator.model = gpt2_medium()
    batch = min(arguments.batch, count // 2)
    options = TrainOptions(method=method, batch=batch, learning_rate=5e-5, share=kind == "ours")
    model = prepare(generator.model, options)
    run = with_trainer if kind == "trainer" else with_ours
    ends = list(run(model, examples, options))
    (first, tokens, computed, used), (last, all_tokens, all_computed, all_used) = ends[0], ends[-1]
    return {
        "shape": shape,
        "method": method,
        "kind": kind,
        "steps": len(ends),
        "tokens": all_tokens - tokens,
        "computed": all_computed - computed,
        "seconds": last - first,
        "processor_seconds": all_used - used,
        "rate": (all_tokens - tokens) / (last - first),
        "gib": peak_gib(),
    }


def drawn(generator: CausalGenerator, file: Path, count: int) -> list[Example]:
    """Questions on their passages, in the prompt that Jujube reads them with."""
    documents, questions = squad(file)
    asked: dict[str, list[dict[str, Any]]] = {}
    for question in questions:
        asked.setdefault(question["document"], []).append(question)
    found: list[Example] = []
    for document in random.Random(0).sample(documents, count):
        passage = encode_passage(generator, 1, document.text)
        for question in asked.get(document.id, []):
            prompt = (*passage, *encode_question(generator, question["question"]))
            answer = tuple(encode_answer(generator, question["answers"][0]))
            found.append(Example(prompt, answer, len(passage)))
    return found[:count]


def gpt2_medium() -> Any:
    """Its shape, with random weights."""
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    return GPT2LMHeadModel(GPT2Config(n_embd=1024, n_layer=24, n_head=16))


End = tuple[float, int, int, float]
"""Of a step: when, and so far tokens, computed tokens, processor time."""


def with_ours(model: Any, examples: Sequence[Example], options: TrainOptions) -> Iterator[End]:
    for step in train(model, examples, options):
        assert isinstance(step, Step)
        yield time.perf_counter(), step.tokens, step.computed, time.process_time()


def with_trainer(model: Any, examples: Sequence[Example], options: TrainOptions) -> Iterator[End]:
    from transformers import Trainer, TrainerCallback, TrainingArguments

    sizes: list[tuple[int, int]] = []
    times: list[tuple[float, float]] = []

    def collate(batch: Sequence[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        longest = max(len(one["input_ids"]) for one in batch)
        sizes.append((sum(len(one["input_ids"]) for one in batch), longest * len(batch)))
        padding = {"input_ids": 0, "attention_mask": 0, "labels": -100}
        return {
            key: torch.tensor([one[key] + [fill] * (longest - len(one[key])) for one in batch])
            for key, fill in padding.items()
        }

    class Clock(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, *_: Any, **__: Any) -> None:
            times.append((time.perf_counter(), time.process_time()))

    rows = [
        {
            "input_ids": [*one.prompt, *one.completion],
            "attention_mask": [1] * (len(one.prompt) + len(one.completion)),
            "labels": [-100] * len(one.prompt) + list(one.completion),
        }
        for one in examples
    ]
    given = TrainingArguments(
        output_dir="unused",
        per_device_train_batch_size=options.batch,
        num_train_epochs=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    trainer = Trainer(model, given, train_dataset=rows, data_collator=collate, callbacks=[Clock()])
    trainer.train()
    tokens = computed = 0
    for (when, used), (real, padded) in zip(
        times, sizes, strict=False
    ):  # one batch more may have been fetched
        tokens, computed = tokens + real, computed + padded
        yield when, tokens, computed, used


if __name__ == "__main__":
    main()
