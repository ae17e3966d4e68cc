"""The generator that answers: swapped for a newer version while questions go on, which keep their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.settings import ACTIVE, Settings
from finetune.registry import Registry
from index.errors import JujubeError, UnknownModel
from rag.card import first_line
from rag.decoding import GenerateOptions
from rag.generator import Generator

_EVERY_SECONDS = 1.0
"""How often it is looked whether the pointer to the active version moved."""


@dataclass(frozen=True, slots=True)
class _Held:
    generator: Generator
    name: str
    """Of the version; empty: the model that is set."""


class Current:
    """The generator that answers now. Safe for threads.

    It is loaded when first asked for. Where the settings follow the active version, a pointer that moved is
    noticed; the new version is loaded beside the old in a thread of its own, used once, and takes its place
    by one assignment. One that cannot be loaded is told and left until the pointer moves again.
    """

    def __init__(
        self, settings: Settings, load: Callable[[Path | None], Generator], say: Callable[[str], None]
    ) -> None:
        """
        Args:
            load: the generator in a version's folder; None: the one that is set.
            say: takes a line for a person.
        """
        self._settings = settings
        self._registry = Registry(settings.models_path)
        self._load = load
        self._say = say
        self._first = threading.Lock()
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._seen: object = None
        self._looked = 0.0
        self._thread: threading.Thread | None = None
        self._loading: str | None = None
        self._refused: str | None = None

    def __call__(self) -> Generator:
        """Raises: what loading it raises, the first time."""
        held = self._held
        if held is None:
            with self._first:
                if self._held is None:
                    self._seen = self._pointer()
                    self._held = self._begin()
                return self._held.generator
        self.look()
        return held.generator

    def loaded(self) -> list[Generator]:
        """The generator, if it was loaded."""
        held = self._held
        return [held.generator] if held else []

    def look(self) -> None:
        """See whether the pointer moved, at most once a second; what follows happens in the background."""
        now = time.monotonic()
        if self._held is None or not self._settings.follows or now - self._looked < _EVERY_SECONDS:
            return
        self._looked = now
        pointer = self._pointer()
        with self._lock:
            if pointer == self._seen or self._thread is not None:
                return
            self._seen = pointer
            self._thread = threading.Thread(target=self._follow, name="next version", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Until nothing is being loaded."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def state(self) -> dict[str, Any]:
        """The version that answers (None: the model that is set), the one that is being loaded, and why the
        active one does not answer."""
        self.look()
        held = self._held
        version = held.name if held is not None else self._active() if self._settings.follows else ""
        return {"version": version or None, "loading": self._loading, "refused": self._refused}

    def _begin(self) -> _Held:
        name = ""
        try:
            name = self._wanted()
            if name:
                return _Held(self._load_version(name), name)
        except JujubeError as error:
            if self._settings.generator == ACTIVE:
                raise
            self._refuse(name, error)
        return _Held(self._load(None), "")

    def _follow(self) -> None:
        """Until what answers is what the pointer names, or cannot be had."""
        while True:
            name = ""
            try:
                name = self._wanted()
                if self._held is None or self._held.name != name:
                    self._loading = name or self._settings.generator
                    found = _Held(self._load_version(name) if name else self._load(None), name)
                    found.generator.generate(found.generator.encode("Hello"), GenerateOptions(max_length=1))
                    self._held = found
                self._refused = None
            except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the old one goes on
                self._refuse(name, error)
            self._loading = None
            pointer = self._pointer()
            with self._lock:
                if pointer == self._seen:
                    self._thread = None
                    return
                self._seen = pointer

    def _refuse(self, name: str, error: Exception) -> None:
        self._refused = f"{name or self._settings.generator}: {first_line(error)}"
        answers = self._held.generator.version if self._held else self._settings.generator
        self._say(f"version {name or '(none)'} cannot be used, {answers} answers: {error}")

    def _load_version(self, name: str) -> Generator:
        return self._load(self._registry.show(name, verify=True).folder)

    def _wanted(self) -> str:
        """The active version's name; empty: the model that is set."""
        if not self._settings.follows:
            return ""
        name = self._active()
        if not name and self._settings.generator == ACTIVE:
            raise UnknownModel(
                "no version is active: `jujube models activate NAME`, or set another generator"
            )
        return name

    def _active(self) -> str:
        version = self._registry.active() if self._pointer() is not None else None
        return version.name if version else ""

    def _pointer(self) -> object:
        """Changes when the pointer moves, which is a new file each time."""
        try:
            found = (self._settings.models_path / "active").stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size
