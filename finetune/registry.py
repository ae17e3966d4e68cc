"""Model versions on disk: each an immutable folder, made whole or not at all; a pointer names the active one.

models/
  versions/<name>/   config.json, model.safetensors, tokenizer.json, general/, card.json (written last)
  active             the active version's name, below it those that were active before, the latest first
  lock               held while `active` changes or versions are removed
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from finetune.removal import bytes_of, remove, remove_abandoned
from finetune.sealed import check_files, settle, sums
from index.errors import BrokenModel, InputError, NotFound, StorageFull
from rag.card import CARD, first_line, is_of_disk, read_card, write_card

GENERAL = "general"
"""Folder with the general questions, in a version and beside this file."""
SHIPPED = Path(__file__).parent / GENERAL
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_BASE = "-"
"""Stands in `active` for "no version: the base model"."""
_REMEMBERED = 50
"""Names in `active` at most."""


@dataclass(frozen=True, slots=True)
class Version:
    name: str
    folder: Path
    card: Mapping[str, Any]
    active: bool

    @property
    def bytes(self) -> int:
        return bytes_of(self.folder)


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed."""

    names: tuple[str, ...]
    bytes: int
    """With what was converted from them."""


class Registry:
    """Versions below one folder. Safe for several processes: every change is one rename."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._versions = folder / "versions"

    def publish(self, name: str, card: Mapping[str, Any], write: Callable[[Path], None]) -> Version:
        """Make a version: `write` fills a folder with config, weights and tokenizer; the card comes last.

        The card gets the name, the time and the SHA-256 of every file. Beside the weights go the general
        questions of the "parent" that it names, else those that ship with Jujube, unless `write` left some.

        Raises:
            InputError: the name is taken or no file name.
            BrokenModel: `write` left no model, or one that is not safe to load.
            StorageFull: it cannot be written.
        """
        target = self.require_free(name)
        try:
            self._versions.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(dir=self._versions, prefix=".making-"))
            try:
                write(work)
                self._inherit(work, card.get("parent"))
                check_files(work)
                made = datetime.now(UTC).isoformat(timespec="milliseconds")
                write_card(work, {"made": made, **card, "version": name, "sha256": sums(work)})
                settle(work)
                _move(work, target, name)
            finally:
                shutil.rmtree(work, ignore_errors=True)
        except Exception as error:
            if is_of_disk(error):
                raise StorageFull(
                    f"version {name} cannot be written to {self._versions}: {first_line(error)}. "
                    "Free some space (`jujube models prune`), or use --home"
                ) from error
            raise
        return self.show(name)

    def require_free(self, name: str) -> Path:
        """The folder of a version that is to be. Raises InputError: the name is taken, or no file name."""
        if not _NAME.fullmatch(name):
            raise InputError(f"{name!r} cannot name a version: use letters, digits, dot, dash, underscore")
        if (self._versions / name).exists():
            raise _taken(name)
        return self._versions / name

    def versions(self) -> list[Version]:
        """All whole versions, oldest first; of a card that cannot be read, "broken" says why."""
        folders = [f for f in self._versions.glob("*") if (f / CARD).is_file() and not f.name.startswith(".")]
        active = self._active()
        found = [Version(f.name, f, _card(f), f.name == active) for f in folders]
        return sorted(found, key=lambda one: (str(one.card.get("made", "")), one.name))

    def show(self, name: str, *, verify: bool = False) -> Version:
        """One version.

        Args:
            verify: read every file and compare it with the card.

        Raises:
            NotFound: there is none of that name.
            BrokenModel: it has no card; with `verify`, a file that is missing, damaged or not safe to load,
                by name.
        """
        folder = self._versions / name
        if not _NAME.fullmatch(name) or not folder.is_dir():
            there = ", ".join(one.name for one in self.versions()) or "none"
            raise NotFound(f"no version {name!r}: there are {there}")
        if not (folder / CARD).is_file():
            raise BrokenModel(f"{folder} has no {CARD}, which is written last: it is not whole; remove it")
        card = read_card(folder)
        if verify:
            check_files(folder, card)
        return Version(name, folder, card, name == self._active())

    def active(self) -> Version | None:
        """The version that questions are answered with; None: the base model."""
        name = self._active()
        return self.show(name) if name else None

    def activate(self, name: str) -> Version:
        """Move the pointer; it stays where it is when anything is wrong.

        Raises:
            NotFound, BrokenModel: as `show` with `verify`.
        """
        self.show(name, verify=True)
        with self._changing():
            self.show(name)  # it may have been removed meanwhile
            names = self._names() or [_BASE]
            if names[0] != name:
                self._write([name, *names])
        return self.show(name)

    def before(self) -> str | None:
        """The version that `roll_back` returns to; None: the base model, or there is nothing to undo."""
        names = self._names()[1:2]
        return names[0] if names and names[0] != _BASE else None

    def roll_back(self) -> Version | None:
        """Return to what was active before; None: the base model.

        Raises:
            NotFound: nothing was, or it was removed.
            BrokenModel: as `activate`.
        """
        with self._changing():
            names = self._names()
            if len(names) < 2:
                raise NotFound("nothing was active before: no version was ever activated, or all is undone")
            if names[1] == _BASE:
                self._write(names[1:])
                return None
            try:
                version = self.show(names[1], verify=True)
            except NotFound as error:
                raise NotFound(
                    f"version {names[1]!r}, which was active before, has been removed: "
                    "activate another (`jujube models list`)"
                ) from error
            self._write(names[1:])
        return self.show(version.name)

    def prune(self, keep: int) -> Pruned:
        """Remove versions but the newest `keep`, the active one, and the one that `roll_back` returns to.

        What ONNX Runtime was given of them goes, too, and what was left of versions that were never finished.

        Raises:
            InputError: `keep` is negative.
        """
        if keep < 0:
            raise InputError(f"cannot keep {keep} versions: 0 keeps only the active one and the one before")
        with self._changing():
            versions = self.versions()
            kept = {one.name for one in versions[max(0, len(versions) - keep) :]}
            kept |= {self._active(), self.before() or ""}
            gone = [one.name for one in versions if one.name not in kept]
            freed = sum(remove(self._versions, name, self.folder) for name in gone)
        return Pruned(tuple(gone), freed + remove_abandoned(self._versions))

    def _inherit(self, work: Path, parent: object) -> None:
        if (work / GENERAL).exists():
            return
        own = (
            self._versions / parent / GENERAL if isinstance(parent, str) and _NAME.fullmatch(parent) else None
        )
        shutil.copytree(own if own and own.is_dir() else SHIPPED, work / GENERAL)

    def _active(self) -> str:
        """Empty: none."""
        name = next(iter(self._names()), _BASE)
        return "" if name == _BASE else name

    def _names(self) -> list[str]:
        with suppress(FileNotFoundError):
            return (self.folder / "active").read_text("utf-8").split()
        return []

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Alone among all processes."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / "lock"):
                yield
        except OSError as error:
            raise StorageFull(
                f"cannot change {error.filename or self.folder}: {error.strerror or error}. "
                "Free some space, or use --home"
            ) from error

    def _write(self, names: Sequence[str]) -> None:
        """Move the pointer in one step."""
        handle, work = tempfile.mkstemp(dir=self.folder, prefix=".active-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("".join(f"{name}\n" for name in names[:_REMEMBERED]))
            file.flush()
            os.fsync(file.fileno())
        os.replace(work, self.folder / "active")


def _taken(name: str) -> InputError:
    return InputError(f"there is a version {name} already, and versions never change: choose another name")


def _card(folder: Path) -> Mapping[str, Any]:
    try:
        return read_card(folder)
    except BrokenModel as error:  # one that is broken must not hide the others
        return {"broken": str(error)}


def _move(work: Path, target: Path, name: str) -> None:
    try:
        os.replace(work, target)
    except OSError as error:
        if target.exists():  # another process was faster
            raise _taken(name) from error
        raise
