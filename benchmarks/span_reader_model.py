"""The span reader as it is trained: an encoder with two numbers a token, and one for yes against no."""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file
from span_reader_batches import TOGETHER, Batch, Example, batches, to_tensors
from torch import nn
from torch.nn.functional import cross_entropy
from transformers import BertConfig, BertModel

from finetune.ahead import ahead
from index.e5 import WORDS
from index.packed_weights import unpacked

SPAN = 40
"""Tokens of the longest answer that is looked for."""
WARM = 50
"""Steps until the rate is whole; it falls in a straight line to the end."""
DRAWN = 1 << 24
"""Numbers drawn for all dropouts of all steps of a CPU."""


class Shape(NamedTuple):
    dim: int
    layers: int
    heads: int
    epsilon: float


class Dropout(nn.Module):
    """Dropout that draws no numbers: each time another part of those that were drawn once.

    Compiled for a CPU, torch's own draws one number at a time: for twelve layers and their attention that is
    three fifths of a step.
    """

    def __init__(self, drawn: torch.Tensor) -> None:
        """Args:
        drawn: (numbers,) 0 for what is dropped, 1 / (1 - share) for what is kept.
        """
        super().__init__()
        self._drawn, self.kept = drawn, drawn[:1]

    def draw(self, shape: Sequence[int]) -> None:
        """Which numbers of the next input, which has this shape, are kept."""
        size = math.prod(shape)
        # aligned as the compiled code expects it
        at = int(torch.randint((len(self._drawn) - size) // 64, ())) * 64
        self.kept = self._drawn[at : at + size].view(*shape)

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        return vectors * self.kept if self.training else vectors


class Reader(nn.Module):
    """The encoder with two numbers for each token: does the answer begin here, does it end here."""

    def __init__(
        self, shape: Shape, words: NDArray[Any], weights: Mapping[str, NDArray[Any]], dropout: float = 0.0
    ) -> None:
        """Args:
        words: (words, dim) their table, which is not trained.
        weights: all others of the encoder, and those of its heads where they have been trained.
        """
        super().__init__()
        on_card = torch.cuda.is_available()
        config = BertConfig(
            vocab_size=len(words),
            hidden_size=shape.dim,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            intermediate_size=4 * shape.dim,
            max_position_embeddings=512,
            layer_norm_eps=shape.epsilon,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout if on_card else 0.0,
            # torch's own attention is a third of a step on a CPU, going back
            attn_implementation="sdpa" if on_card else "eager",
        )
        self.encoder = BertModel(config, add_pooling_layer=False)
        self._dropouts = [] if on_card or not dropout else self._drawn_once(dropout)
        self.head, self.verdict = nn.Linear(shape.dim, 2), nn.Linear(shape.dim, 2)
        for head in (self.head, self.verdict):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        given = {place(name): torch.from_numpy(values) for name, values in weights.items()}
        given[place(WORDS)] = torch.from_numpy(words.astype(np.float32))
        missing, unknown = self.load_state_dict(given, strict=False)
        if unknown or any(name.startswith("encoder.") for name in missing):
            raise ValueError(f"weights of another model: {unknown or missing}")
        self.encoder.embeddings.word_embeddings.requires_grad_(False)
        self.to("cuda" if on_card else "cpu")

    def _drawn_once(self, share: float) -> list[Dropout]:
        """Put `Dropout` in the place of torch's; (DRAWN,) numbers serve them all."""
        drawn = (torch.rand(DRAWN) >= share).to(torch.bfloat16) / (1 - share)
        places = [
            own for own in self.encoder.modules() if isinstance(getattr(own, "dropout", None), nn.Dropout)
        ]
        places = [own for own in places if own.dropout.p]
        for own in places:
            own.dropout = Dropout(drawn)
        return [own.dropout for own in places]

    @property
    def device(self) -> torch.device:
        return self.head.weight.device

    def forward(self, ids: torch.Tensor, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(examples, tokens, 2): where the answer begins and ends; (examples, 2): yes or no."""
        for own in self._dropouts if self.training else []:
            own.draw((*ids.shape, self.encoder.config.hidden_size))
        with torch.autocast(self.device.type, torch.bfloat16):
            vectors = self.encoder(input_ids=ids, attention_mask=seen).last_hidden_state
            scores, says = self.head(vectors), self.verdict(vectors[:, 0])
        return scores.float(), says.float()

    def trained(self) -> dict[str, NDArray[Any]]:
        """Names and values of all but the words, float32."""
        state = dict(self.encoder.state_dict())
        for head in ("head", "verdict"):
            state |= {f"{head}.{name}": value for name, value in getattr(self, head).state_dict().items()}
        return {name: value.float().cpu().numpy() for name, value in state.items() if name != WORDS}


def place(name: str) -> str:
    """Where weights stand in `Reader`."""
    return name if name.startswith(("head.", "verdict.")) else f"encoder.{name}"


def weights(file: Path) -> dict[str, NDArray[Any]]:
    """All but the words, float32."""
    found = unpacked(load_file(file))
    return {name: values.astype(np.float32) for name, values in found.items() if name != WORDS}


def mean(trained: dict[str, NDArray[Any]], other: str | None) -> dict[str, NDArray[Any]]:
    """Those, or the mean of them and others (Wortsman et al. 2022, arXiv 2203.05482).

    Args:
        other: FILE=SHARE.
    """
    if other is None:
        return trained
    file, _, share = other.partition("=")
    known, part = weights(Path(file)), float(share)
    return {
        name: part * known.get(name, values) + (1 - part) * values  # weights of before have no verdict
        for name, values in trained.items()
    }


def train(
    reader: Reader,
    learnt: Sequence[Example],
    seconds: float,
    rate: float,
    last: float,
    draw: random.Random,
    together: int = TOGETHER,
) -> None:
    """AdamW; the rate falls with the time that is left, to `last` of it.

    Args:
        together: tokens of a step.
    """
    if reader.device.type == "cpu":  # a card reads a whole batch at once, and is not worth the compiling
        compile_layers(reader)
    moved = [own for own in reader.parameters() if own.requires_grad]
    groups = [
        {"params": [own for own in moved if own.ndim > 1], "weight_decay": 0.01},
        {"params": [own for own in moved if own.ndim == 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=rate, fused=True)
    begun, read, lost = time.monotonic(), 0, torch.zeros((), device=reader.device)
    reader.train()
    for step, batch in enumerate(ahead(_drawn(learnt, draw, together)), 1):
        spent = time.monotonic() - begun
        if spent >= seconds:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, step / WARM) * (1 - (1 - last) * spent / seconds)
        loss = loss_of(reader, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(moved, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        lost += loss.detach()
        read += batch.ids.numel()
        if step % 50 == 0:
            rate_now = f"{read / spent:.0f} tokens a second, {spent / seconds:.0%}"
            say(f"{step} steps, {rate_now}, loss {lost.item() / 50:.3f}")
            lost.zero_()
    reader.eval()


def _drawn(learnt: Sequence[Example], draw: random.Random, together: int) -> Iterator[Batch]:
    for _ in count():
        for batch in batches(learnt, draw, together):
            yield to_tensors(batch)


def compile_layers(reader: Reader) -> None:
    """Once for each of the few shapes that batches have."""
    torch._dynamo.config.recompile_limit = 64
    for layer in reader.encoder.encoder.layer:
        layer.compile(dynamic=False)


def loss_of(reader: Reader, batch: Batch) -> torch.Tensor:
    """Mean of the losses of start and end, with that of yes and no where one is right."""
    return _loss(*scores_of(reader, batch), batch.rest.to(reader.device))


def _loss(scores: torch.Tensor, says: torch.Tensor, rest: torch.Tensor) -> torch.Tensor:
    _, _, _, starts, ends, right = rest.unbind(1)
    pointed = (cross_entropy(scores[..., 0], starts) + cross_entropy(scores[..., 1], ends)) / 2
    told = cross_entropy(says, (right - 1).clamp(min=0), reduction="none") * (right > 0)
    return pointed + told.sum() / len(rest)


def scores_of(reader: Reader, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """(examples, tokens, 2) and (examples, 2).

    Impossible are all tokens but those of title and passage, and the first.
    """
    ids = batch.ids.to(reader.device, non_blocking=True)
    lengths, first, last = batch.rest[:, :3].to(reader.device, non_blocking=True).unsqueeze(-1).unbind(1)
    places = torch.arange(ids.shape[1], device=reader.device)[None]
    possible = ((places >= first) & (places <= last)) | (places == 0)
    scores, says = reader(ids, (places < lengths).long())
    return scores.masked_fill(~possible[..., None], -1e4), says


def tell(reader: Reader, checks: Mapping[str, Sequence[Example]], when: str) -> None:
    """Loss; answers found exactly, where there is one; whether there is one, told by how sure it is."""
    for name, own in checks.items():
        losses, exact, odds, right = [], [], [], []
        for at in range(0, len(own), 16):
            batch = own[at : at + 16]
            with torch.inference_mode():
                scores, says = scores_of(reader, tensors := to_tensors(batch))
                losses.append(_loss(scores, says, tensors.rest.to(reader.device)).item() * len(batch))
            right += [
                int(two.argmax()) + 1 == one.says for one, two in zip(batch, says, strict=True) if one.says
            ]
            for one, (starts, ends) in zip(batch, scores.cpu().transpose(1, 2), strict=True):
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


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
