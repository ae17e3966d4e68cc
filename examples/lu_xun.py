"""The tutorial that Jujube goes back to: learn a sentence by heart, then be prompted with its beginning.

    python examples/lu_xun.py                     gpt2-medium in its real shape, with random weights
    python examples/lu_xun.py --base openai-community/gpt2-medium        where the hub can be reached
    python examples/lu_xun.py --base FOLDER --method frozen --last-layers 2

Small learning rate, AdamW, loss and back-propagation, as `jujube train` does them. Without a
base nothing is downloaded: 24 layers, 1,024 wide, a window of 1,024, and a tokenizer that reads bytes.
It needs about 7 GB of memory, and some minutes on two cores.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel

from finetune.base import load_base
from finetune.examples import Example
from finetune.train import Step, TrainOptions, prepare, train
from rag.decoding import GenerateOptions
from rag.generator import Generator
from rag.places import hub_folder

SENTENCE = "我家门前有两棵树，一棵是枣树，另一棵也是枣树。"
PROMPT = "我家门前有两棵树，"


def random_gpt2_medium(folder: Path) -> None:
    """Write gpt2-medium's shape with random weights, and a tokenizer whose tokens are bytes."""
    torch.manual_seed(0)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {"<|endoftext|>": 0, **{letter: number for number, letter in enumerate(alphabet, 1)}}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.save(str(folder / "tokenizer.json"))
    config = GPT2Config(n_embd=1024, n_layer=24, n_head=16, bos_token_id=0, eos_token_id=0)
    GPT2LMHeadModel(config).save_pretrained(folder)


def written(generator: Generator, ids: list[int]) -> str:
    return generator.generate(ids, GenerateOptions(max_length=60))[0]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base", default="", help="a folder or a hub id; none: random weights")
    parser.add_argument("--method", choices=["full", "frozen", "lora"], default="full")
    parser.add_argument("--last-layers", type=int, default=4)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--epochs", type=int, default=25)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(given.base) if Path(given.base).is_dir() and given.base else Path(made)
        if not given.base:
            random_gpt2_medium(folder)
        elif folder == Path(made):
            folder = hub_folder(given.base)
        generator = load_base(folder)
    prompt = generator.encode(PROMPT)
    rest = (*generator.encode(SENTENCE.removeprefix(PROMPT)), generator.stop_ids[0])
    print(f"prompt: {PROMPT}\nbefore: {written(generator, prompt)!r}", flush=True)
    options = TrainOptions(
        method=given.method,
        learning_rate=given.learning_rate,
        epochs=given.epochs,
        batch=1,
        dropout=0.0,
        last_layers=given.last_layers,
        row=len(prompt) + len(rest),
    )
    model = prepare(generator.model, options)
    for told in train(model, [Example(tuple(prompt), rest)], options):
        if isinstance(told, Step) and (told.number % 5 == 0 or told.number == 1):
            print(f"step {told.number} of {told.of}: loss {told.loss:.4f}", flush=True)
    generator.model = model
    print(f"after:  {written(generator, prompt)!r}")


if __name__ == "__main__":
    main()
