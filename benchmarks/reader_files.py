"""Examples in a file, so that they can be made on one machine and learnt on another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from finetune.examples import Example


def write_examples(file: Path, examples: Sequence[Example]) -> None:
    """Token ids in one row, and how long each example's parts are (a compressed .npz)."""
    ids = [token for one in examples for token in (*one.prompt, *one.completion)]
    small = max(ids, default=0) < 1 << 16
    np.savez_compressed(
        file,
        ids=np.array(ids, dtype=np.uint16 if small else np.uint32),
        prompts=np.array([len(one.prompt) for one in examples], dtype=np.int32),
        completions=np.array([len(one.completion) for one in examples], dtype=np.int32),
        shared=np.array([one.shared for one in examples], dtype=np.int32),
    )


def read_examples(file: Path) -> list[Example]:
    """What `write_examples` wrote."""
    found: list[Example] = []
    with np.load(file) as parts:
        ids, place = parts["ids"].tolist(), 0
        for prompt, completion, shared in zip(
            parts["prompts"].tolist(), parts["completions"].tolist(), parts["shared"].tolist(), strict=True
        ):
            end = place + prompt + completion
            found.append(
                Example(tuple(ids[place : place + prompt]), tuple(ids[place + prompt : end]), shared)
            )
            place = end
    return found
