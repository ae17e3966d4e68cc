"""Train the span reader that ships further, on examples in files: within minutes on a graphics card.

    python benchmarks/span_reader.py write FILE... --out EXAMPLES.npz
    python benchmarks/span_reader_train.py EXAMPLES.npz... --check CHECK.npz... --out FOLDER --minutes 2

It runs where most of the house is not installed, with PYTHONPATH=. and torch, transformers, safetensors,
onnxruntime and what those need. What it writes could ship; `benchmarks/span_reader.py ship` makes the mean of
several, which is better than each.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from span_reader_batches import Example, read_examples
from span_reader_files import ship
from span_reader_model import Reader, Shape, say, tell, train, weights

from index.e5 import WORDS
from index.packed_weights import unpacked

_HOUSE = Path(__file__).parents[1]
SHIPPED = _HOUSE / "rag" / "adapters" / "span-reader-e5-small"
SHARED = _HOUSE / "index" / "models" / "e5-small" / "words.safetensors"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="EXAMPLES.npz[=SHARE]")
    parser.add_argument("--check", nargs="*", default=[], type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=SHIPPED, help="of the span reader to go on from")
    parser.add_argument("--words", type=Path, default=SHARED)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--last-rate", type=float, default=0.0, help="share of it that is left at the end")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--together", type=int, default=16384, help="tokens of a step")
    parser.add_argument("--unanswered", type=float, default=1.0, help="share of those that are learnt")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    card = json.loads((given.folder / "config.json").read_text("utf-8"))
    names = ("hidden_size", "num_hidden_layers", "num_attention_heads", "layer_norm_eps")
    words = unpacked(load_file(given.words))[WORDS]
    begun = weights(given.folder / "model.safetensors")
    shape = Shape(*(card[name] for name in names))
    reader = Reader(shape, words, begun, given.dropout).eval()
    checks = {file.stem: read_examples(file) for file in given.check}
    draw = random.Random(given.seed)
    read = [one for named in given.files for one in some_of(named, draw)]
    learnt = [one for one in read if one.start or draw.random() < given.unanswered]
    say(f"{len(learnt)} examples of {np.mean([len(one.ids) for one in learnt]):.0f} tokens, {reader.device}")
    tell(reader, checks, "before")
    train(reader, learnt, given.minutes * 60, given.rate, given.last_rate, draw, given.together)
    tell(reader, checks, "after")
    ship(shape, reader.trained(), given.out, card["name"], longest=card["longest"])
    say(f"written to {given.out}")


def some_of(named: str, draw: random.Random) -> list[Example]:
    """The examples of a file; of FILE=SHARE a share of them."""
    file, _, share = named.partition("=")
    found = read_examples(Path(file))
    return draw.sample(found, round(float(share) * len(found))) if share else found


if __name__ == "__main__":
    sys.exit(main())
