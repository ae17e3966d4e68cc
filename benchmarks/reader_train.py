"""Train the embedded reader, or another adapter of its base, on examples in files.

    python benchmarks/reader_train.py EXAMPLES.npz[=SHARE]... --out FOLDER [--check FILE.npz...]

`benchmarks/reader.py write` makes the files. The shipped adapter is trained on; `--adapter none` begins a new
one. On a graphics card rows have one fixed shape and the layers are compiled. `--check` files are not learnt:
their loss is told before, now and then, and after, and the weights that were best on them are kept.
`EXAMPLES.npz=0.2` learns a fifth of the file's passages. It runs where most of the house is not installed,
with PYTHONPATH=. and torch, transformers, peft, accelerate, gguf, opencc, datasketch, ftfy, PyStemmer.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from reader_files import read_examples

from finetune.examples import Example
from finetune.loss import mean_loss
from finetune.train import Step, TrainOptions, prepare, train
from rag import causal

ADAPTER = Path(__file__).parents[1] / "rag" / "adapters" / "reader-smollm2-135m-lora"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="EXAMPLES.npz[=SHARE]")
    parser.add_argument("--check", nargs="*", type=Path, default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--adapter", default=str(ADAPTER), help='a folder to go on from, or "none"')
    parser.add_argument("--base", type=Path, help="the base's GGUF file; without it the installed one")
    parser.add_argument("--rank", type=int, default=32, help="of a new adapter")
    parser.add_argument("--minutes", type=float, default=0.0, help="0: as long as the epochs take")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--layers", type=int, default=0, help="only the last so many layers; 0: all")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--row", type=int, default=1024, help="tokens of a row, on a graphics card")
    parser.add_argument("--rows", type=int, default=16, help="rows at once, on a graphics card")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--eager", action="store_true", help="do not compile")
    given = parser.parse_args()
    examples = [one for named in given.files for one in some_of(named, given.seed)]
    checks = {file.stem: read_examples(file) for file in given.check}
    model = ready(given)
    weights = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    say(f"{len(examples)} examples, {weights} weights to train, on {model.device}")
    tell(model, checks, "before")
    learn(model, examples, [one for check in checks.values() for one in check], given)
    tell(model, checks, "after")
    model.to(torch.bfloat16).save_pretrained(given.out)
    say(f"saved to {given.out}")


def some_of(named: str, seed: int) -> list[Example]:
    """The examples of a file; of FILE=SHARE those of a share of its passages."""
    file, _, share = named.partition("=")
    found = read_examples(Path(file))
    if not share:
        return found
    passages = sorted({one.prompt[: one.shared] for one in found})
    kept = set(random.Random(seed).sample(passages, round(float(share) * len(passages))))
    return [one for one in found if one.prompt[: one.shared] in kept]


def ready(given: argparse.Namespace) -> Any:
    """The base with the adapter, in float32, on a graphics card where there is one."""
    from rag.embedded import _gguf

    base = causal.read_gguf(given.base or _gguf())[0].float()
    if given.adapter == "none":
        model = prepare(base, TrainOptions(method="lora", rank=given.rank, seed=given.seed))
    else:
        model = PeftModel.from_pretrained(base, given.adapter, is_trainable=True).float()
    if given.layers:
        keep = model.config.num_hidden_layers - given.layers
        for name, weight in model.named_parameters():
            layer = re.search(r"layers\.(\d+)\.", name)
            weight.requires_grad_(weight.requires_grad and layer is not None and int(layer[1]) >= keep)
        for name, module in model.named_modules():
            layer = re.search(r"layers\.(\d+)\.", name)
            if isinstance(module, LoraLayer) and layer and int(layer[1]) < keep:
                module.merge()  # read as one matrix: what is not trained need not be apart
    return model.to("cuda" if torch.cuda.is_available() else "cpu")


def learn(
    model: Any, examples: Sequence[Example], held: Sequence[Example], given: argparse.Namespace
) -> None:
    """Train, saying how it goes; saved each ten minutes."""
    card = model.device.type == "cuda"
    each = -(-len(examples) // given.batch)
    options = TrainOptions(
        learning_rate=given.rate, batch=given.batch, seconds=given.minutes * 60, epochs=given.epochs,
        seed=given.seed, warmup=0.03, micro_batch=given.rows if card else 0, row=given.row if card else 0,
        compile=card and not given.eager, validate_every=max(1, each // 4), patience=0,
    )  # fmt: skip
    saved = said = time.monotonic()
    losses: list[float] = []
    for told in train(model, examples, options, validation=held):
        if not isinstance(told, Step):
            say(
                f"step {told.step}, loss on what is held back {told.loss:.4f}{' (best)' if told.best else ''}"
            )
            continue
        losses.append(told.loss)
        if told.number < 5 or time.monotonic() - said > 10:
            said, recent = time.monotonic(), losses[-20:]
            computed = told.computed / max(told.seconds, 1e-9)
            memory = f", {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB" if card else ""
            say(
                f"step {told.number} of {told.of}, loss {sum(recent) / len(recent):.3f}, "
                f"{told.tokens_per_second:.0f} tokens/s ({computed:.0f} computed)"
                f"{memory}, {told.seconds:.0f} s, {told.tokens} tokens"
            )
        if time.monotonic() - saved > 600:
            model.save_pretrained(given.out / "latest")
            saved = time.monotonic()


def tell(model: Any, checks: dict[str, list[Example]], when: str) -> None:
    """The mean loss of each file that is held back."""
    for name, held in checks.items():
        with torch.compiler.set_stance("force_eager"):  # rows of all lengths
            loss = mean_loss(model, held, model.config.max_position_embeddings)
        say(f"{name} {when}: {loss:.4f}")


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
