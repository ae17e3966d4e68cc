"""Taking versions from the disk, with what was made of them elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from pathlib import Path

from rag.converted import GRAPHS

_ABANDONED_SECONDS = 24 * 3600
"""Age from which a folder that somebody began to write is one that nobody writes any more."""


def remove(versions: Path, name: str, cache: Path) -> int:
    """Remove a version and what ONNX Runtime was given of it in `cache`; the bytes that were freed.

    The version's folder vanishes in one step, then its files go.
    """
    away = Path(tempfile.mkdtemp(dir=versions, prefix=".gone-"))
    os.replace(versions / name, away / name)
    made = re.compile(f"{re.escape(name)}-({'|'.join(GRAPHS)})-[0-9a-f]{{12}}")
    converted = [folder for folder in (cache / "onnx").glob("*") if made.fullmatch(folder.name)]
    return sum(map(_removed, [away, *converted]))


def remove_abandoned(versions: Path) -> int:
    """Remove what is left of versions that a killed process was making or removing; the bytes."""
    oldest = time.time() - _ABANDONED_SECONDS
    left = [*versions.glob(".making-*"), *versions.glob(".gone-*")]
    return sum(_removed(folder) for folder in left if folder.stat().st_mtime < oldest)


def bytes_of(folder: Path) -> int:
    """Of all files below it."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _removed(folder: Path) -> int:
    size = bytes_of(folder)
    shutil.rmtree(folder, ignore_errors=True)
    return size
