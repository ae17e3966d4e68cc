"""A version's files and its card: what may be in the folder, and whether it is what the card says."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from index.errors import BrokenModel
from rag.card import CARD
from rag.places import check_folder

PICKLED = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".npy", ".npz", ".h5", ".msgpack"}
"""Endings of files that run code when they are read, or may."""
ALLOWED = {".safetensors", ".json", ".jsonl", ".txt", ".md", ".model", ".jinja"}
"""Endings of what a version is made of."""
PIECE = 1 << 20
"""Bytes that are read at once."""


def check_files(folder: Path, card: Mapping[str, Any] | None = None) -> None:
    """A model folder holds config, safetensors weights and tokenizer, plain files that run nothing.

    Args:
        card: every file is also read and compared with the SHA-256 that stands in it.

    Raises:
        BrokenModel: names the file.
    """
    for name, path in files(folder).items():
        check_name(name, f"{folder}/{name}")
        if path.is_symlink():
            raise BrokenModel(f"{path} is a link: a version holds its files itself; copy the file there")
    check_folder(folder)
    if card is not None:
        _check_sums(folder, card)


def check_name(name: str, shown: str) -> None:
    """Raises BrokenModel for a file of a kind that a version does not hold."""
    ending = Path(name).suffix.lower()
    if ending in PICKLED:
        raise BrokenModel(
            f"{shown} is refused: pickled files can run code when read; save the model again with "
            "save_pretrained, which writes *.safetensors"
        )
    if ending not in ALLOWED:
        raise BrokenModel(f"{shown} is no part of a model ({', '.join(sorted(ALLOWED))}): remove it")


def sums(folder: Path) -> dict[str, str]:
    """Name -> SHA-256 of every file but the card, names with "/"."""
    return {name: sum_of(path) for name, path in sorted(files(folder).items())}


def sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return copied(file, lambda piece: None)


def copied(source: IO[bytes], write: Callable[[bytes], object]) -> str:
    """Read to the end, give every piece to `write`; the SHA-256 of all."""
    found = hashlib.sha256()
    while piece := source.read(PIECE):
        found.update(piece)
        write(piece)
    return found.hexdigest()


def sums_in(card: Mapping[str, Any], where: object) -> dict[str, str]:
    """The card's own. Raises BrokenModel: there are none, or they do not name the weights."""
    found = card.get("sha256")
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise BrokenModel(f"{where}: the card names no sha256 of its files; publish the version again")
    if not any(str(name).endswith(".safetensors") for name in found):
        raise BrokenModel(f"{where}: the card names no weights (*.safetensors); publish the version again")
    return found


def files(folder: Path) -> dict[str, Path]:
    """Name below `folder`, with "/" -> path, of every file but the card."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return {n: path for path in found if (n := path.relative_to(folder).as_posix()) != CARD}


def settle(folder: Path) -> None:
    """Have all files on the disk itself before the folder gets its name, so that a power cut halves none."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _check_sums(folder: Path, card: Mapping[str, Any]) -> None:
    named, there = sums_in(card, folder), files(folder)
    for name in sorted(named.keys() | there.keys()):
        if name not in there:
            raise BrokenModel(f"{folder} has no {name}, which its card names: copy the version again")
        if name not in named:
            raise BrokenModel(f"{folder}/{name} is not named by the card: remove it, or publish again")
        if sum_of(there[name]) != named[name]:
            raise BrokenModel(
                f"{folder}/{name} is not the file that the card was written for (its sha256 is another): "
                "copy the version again, or activate another"
            )
