"""Checkpoints: a training's whole state on disk, so that a killed one goes on as if nothing had happened.

checkpoints/
  step-00000120/   weights.safetensors     what is trained
                   optimiser.safetensors   AdamW's state, and torch's random numbers
                   best.safetensors        the weights with the best validation, once there are some
                   state.json              counts, and whose checkpoint it is
  step-00000240/   the two last are kept

Each is written beside its place, brought to the disk, and moved there in one step.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from finetune.examples import Example
from finetune.methods import put_back, trainable
from finetune.options import TrainOptions
from index.errors import BrokenModel, InputError, StorageFull
from rag.card import read_object

_KEPT = 2
_RANDOM = "random"
_Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is."""

    step: int = 0
    tokens: int = 0
    computed: int = 0
    seconds: float = 0.0
    best_loss: float | None = None
    """Of the validations; none: there was none yet."""
    best_step: int = 0
    worse: int = 0
    """Validations since the best."""
    done: bool = False
    """Whether there is nothing left to do."""


class Checkpoints:
    """The checkpoints of one training in a folder of its own."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._folder = folder
        self._fingerprint = fingerprint

    def save(
        self, progress: Progress, model: Any, optimiser: torch.optim.Optimizer, best: _Tensors | None
    ) -> None:
        """Keep a state, and forget all but the last two.

        Raises:
            StorageFull: it cannot be written; those before it stay whole.
        """
        name = f"step-{progress.step:08d}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            work = Path(tempfile.mkdtemp(dir=self._folder, prefix=".writing-"))
            try:
                _write(work / "weights.safetensors", trainable(model))
                _write(work / "optimiser.safetensors", _flat(optimiser))
                if best is not None:
                    _write(work / "best.safetensors", best)
                (work / "state.json").write_text(
                    json.dumps({**asdict(progress), "fingerprint": self._fingerprint}), "utf-8"
                )
                for path in (*work.iterdir(), work):
                    _to_disk(path)
                if (self._folder / name).exists():  # of a run that was cut off; the same, or damaged
                    shutil.rmtree(self._folder / name)
                os.replace(work, self._folder / name)
                _to_disk(self._folder)
            finally:
                shutil.rmtree(work, ignore_errors=True)
            for old in self._found()[:-_KEPT]:
                shutil.rmtree(old, ignore_errors=True)
        except (OSError, SafetensorError) as error:
            why = "no room left" if _is_full(error) else str(error)
            raise StorageFull(
                f"cannot keep the checkpoint of step {progress.step} in {self._folder}: {why}. The one "
                "before it is whole: free some space and start again, and training goes on from there"
            ) from error

    def load(self, model: Any, optimiser: torch.optim.Optimizer) -> tuple[Progress, _Tensors | None]:
        """Put the last state back; the best weights come with it. Where there is none, nothing changes.

        Raises:
            InputError: the checkpoints are another training's.
        """
        for path in reversed(self._found()):
            try:
                state = read_object(path / "state.json")
                weights = load_file(path / "weights.safetensors")
                state_of_optimiser = load_file(path / "optimiser.safetensors")
                best = path / "best.safetensors"
                kept = load_file(best) if best.exists() else None
            except (OSError, SafetensorError, BrokenModel):
                continue  # damaged on the disk: the one before it will do
            if state.pop("fingerprint", "") != self._fingerprint:
                raise InputError(
                    f"{self._folder} holds checkpoints of another training (other options, data or base): "
                    "name another folder, or delete it to start from the beginning"
                )
            put_back(model, weights)
            _fill(optimiser, state_of_optimiser)
            return Progress(**state), kept
        return Progress(), None

    def _found(self) -> list[Path]:
        return sorted(path.parent for path in self._folder.glob("step-*/state.json"))

    def _sweep(self) -> None:
        """Remove what a killed run left half written."""
        for path in self._folder.glob(".writing-*"):
            shutil.rmtree(path, ignore_errors=True)


def fingerprint(
    model: Any, examples: Sequence[Example], validation: Sequence[Example], options: TrainOptions
) -> str:
    """What a training is determined by: the weights it begins with, its data and its options."""
    found = hashlib.blake2b(digest_size=16)
    # How often checkpoints are made changes no weight.
    found.update(json.dumps(asdict(replace(options, checkpoint_every=0)), sort_keys=True).encode())
    for part in (examples, validation):
        for example in part:
            found.update(repr((example.prompt, example.completion, example.shared)).encode())
        found.update(b"|")
    for name, weight in model.named_parameters():
        found.update(f"{name} {tuple(weight.shape)} {weight.requires_grad}".encode())
        found.update(weight.detach().cpu().contiguous().view(torch.uint8).numpy())
    return found.hexdigest()


def room_needed(model: Any) -> int:
    """Bytes that the checkpoints of a prepared model take at most: two kept, and one being written."""
    one = sum(weight.numel() * weight.element_size() for weight in trainable(model).values())
    return (_KEPT + 1) * 4 * one


def _flat(optimiser: torch.optim.Optimizer) -> _Tensors:
    """The optimiser's tensors as "number.name", and torch's random state."""
    state = optimiser.state_dict()["state"]
    tensors = {f"{number}.{name}": value for number, one in state.items() for name, value in one.items()}
    tensors[_RANDOM] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors[f"{_RANDOM}.cuda"] = torch.cuda.get_rng_state()
    return tensors


def _fill(optimiser: torch.optim.Optimizer, tensors: _Tensors) -> None:
    """The other way round."""
    torch.set_rng_state(tensors.pop(_RANDOM))
    card = tensors.pop(f"{_RANDOM}.cuda", None)
    if card is not None and torch.cuda.is_available():
        torch.cuda.set_rng_state(card)
    state: dict[int, _Tensors] = {}
    for key, value in tensors.items():
        number, name = key.split(".", 1)
        state.setdefault(int(number), {})[name] = value.clone()
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})


def _write(path: Path, tensors: _Tensors) -> None:
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_full(error: Exception) -> bool:
    return getattr(error, "errno", None) == errno.ENOSPC or "os error 28" in str(error)
