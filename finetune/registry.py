"""Model versions on disk: each an immutable folder, made whole or not at all; a pointer names the active one.

models/
  versions/<name>/   config.json, model.safetensors, tokenizer.json, card.json (written last)
  active             the name of the active version; moved in one step
  history            names that were active before, the latest last
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import BrokenModel, NotFound
from rag.card import CARD, read_card, write_card

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Version:
    name: str
    folder: Path
    card: Mapping[str, Any]
    active: bool


class Registry:
    """Versions below one folder. Safe for several processes: every change is one rename."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._versions = folder / "versions"

    def publish(self, name: str, card: Mapping[str, Any], write: Callable[[Path], None]) -> Version:
        """Make a version: `write` fills a folder with weights and tokenizer; the card is written last.

        Raises:
            BrokenModel: the name is taken or no file name, or `write` left no safetensors weights.
        """
        target = self._path(name)
        if target.exists():
            raise BrokenModel(
                f"there is a version {name} already, and versions never change: choose another name"
            )
        self._versions.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=self._versions, prefix=".making-"))
        try:
            write(work)
            if not any(work.glob("*.safetensors")):
                raise BrokenModel(f"version {name} was written without *.safetensors weights")
            write_card(work, {**card, "version": name})
            os.replace(work, target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return self.show(name)

    def versions(self) -> list[Version]:
        """All whole versions, oldest first."""
        folders = [f for f in self._versions.glob("*") if (f / CARD).is_file() and not f.name.startswith(".")]
        return [self.show(f.name) for f in sorted(folders, key=lambda f: (f / CARD).stat().st_mtime)]

    def show(self, name: str) -> Version:
        """Raises: NotFound."""
        folder = self._path(name)
        if not (folder / CARD).is_file():
            raise NotFound(
                f"no version {name!r}: there are {', '.join(v.name for v in self.versions()) or 'none'}"
            )
        return Version(name, folder, read_card(folder), name == self._pointer())

    def active(self) -> Version | None:
        """The version that questions are answered with; None: the base model."""
        name = self._pointer()
        return self.show(name) if name else None

    def activate(self, name: str) -> Version:
        """Move the pointer. Raises NotFound, and leaves it where it was then."""
        self.show(name)
        before = self._pointer()
        if before and before != name:
            self._write("history", "\n".join([*self._history(), before]) + "\n")
        self._write("active", name)
        return self.show(name)

    def roll_back(self) -> Version:
        """Activate what was active before. Raises NotFound when nothing was."""
        history = self._history()
        if not history:
            raise NotFound("no version was active before this one")
        self.show(history[-1])
        self._write("active", history[-1])
        self._write("history", "".join(f"{name}\n" for name in history[:-1]))
        return self.show(history[-1])

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise BrokenModel(f"{name!r} cannot name a version: use letters, digits, dot, dash, underscore")
        return self._versions / name

    def _pointer(self) -> str:
        pointer = self._folder / "active"
        return pointer.read_text("utf-8").strip() if pointer.exists() else ""

    def _history(self) -> list[str]:
        history = self._folder / "history"
        return history.read_text("utf-8").split() if history.exists() else []

    def _write(self, name: str, text: str) -> None:
        """Write a small file in one step."""
        handle, work = tempfile.mkstemp(dir=self._folder, prefix=f".{name}-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(work, self._folder / name)
