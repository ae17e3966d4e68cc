"""What the span reader learns, as tokens: in files, and in batches of about equally long ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

TOGETHER = 4096
"""Tokens of a step, with what is filled up."""


class Example(NamedTuple):
    """A question beside a passage, in tokens."""

    ids: list[int]
    first: int
    """Of the tokens of title and passage."""
    last: int
    start: int
    """Of the answer's tokens; 0: there is none."""
    end: int
    says: int = 0
    """1: yes, 2: no, 0: neither is asked, or the passage does not tell."""


class Batch(NamedTuple):
    """B examples, filled up to one length L; all int64."""

    ids: torch.Tensor
    """(B, L)"""
    rest: torch.Tensor
    """(B, 6): each example's length and its `first`, `last`, `start`, `end`, `says`."""


def batches(found: Sequence[Example], draw: random.Random, together: int = TOGETHER) -> list[list[Example]]:
    """All but a few, once, in random order; those of one batch are about equally long.

    Batches have few shapes, each of which is compiled once; what does not fill one waits for the next time.
    """
    waiting: dict[int, list[Example]] = {}
    made: list[list[Example]] = []
    for one in draw.sample(list(found), len(found)):
        batch = waiting.setdefault(filled(len(one.ids)), [])
        batch.append(one)
        if len(batch) == together // filled(len(one.ids)):
            made.append(waiting.pop(filled(len(one.ids))))
    return draw.sample(made, len(made))


def filled(tokens: int) -> int:
    """Tokens of a row of a batch: the next multiple of 32."""
    return -(-tokens // 32) * 32


def to_tensors(batch: Sequence[Example]) -> Batch:
    width = filled(max(len(one.ids) for one in batch))
    ids = np.ones((len(batch), width), np.int64)
    for row, one in zip(ids, batch, strict=True):
        row[: len(one.ids)] = one.ids
    rest = [(len(one.ids), *one[1:]) for one in batch]
    return Batch(torch.from_numpy(ids), torch.tensor(rest))


def write_examples(file: Path, examples: Sequence[Example]) -> None:
    """A compressed .npz: all ids in a row, and of each example how many and its five numbers."""
    ids = [token for one in examples for token in one.ids]
    small = max(ids, default=0) < 1 << 16
    rest = np.array([(len(one.ids), *one[1:]) for one in examples], np.uint16)
    np.savez_compressed(file, ids=np.array(ids, np.uint16 if small else np.uint32), rest=rest)


def read_examples(file: Path) -> list[Example]:
    """What `write_examples` wrote."""
    with np.load(file) as parts:
        ids, rest = parts["ids"].tolist(), parts["rest"].tolist()
    found, place = [], 0
    for length, *numbers in rest:
        found.append(Example(ids[place : place + length], *numbers))
        place += length
    return found
