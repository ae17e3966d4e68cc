"""A version as one file, to carry to another machine: a zip archive, its members stored as they are."""

from __future__ import annotations

import json
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from finetune.registry import Registry, Version
from finetune.sealed import PIECE, check_name, copied, files, sums_in
from index.errors import BrokenModel, InputError, NotFound, StorageFull
from rag.card import CARD, first_line

Progress = Callable[[int, int], None]
"""Told bytes done and bytes in all."""
_CARD_BYTES = 16 << 20
_SPARE_BYTES = 16 << 20
"""That stay free on the disk."""


def export_version(
    registry: Registry, name: str, file: Path, progress: Progress = lambda done, total: None
) -> Path:
    """Write a version to `file` (`.zip` is added where it has no ending); an earlier one is replaced whole.

    Raises:
        NotFound, BrokenModel: as `Registry.show` with `verify`: nothing broken is handed on.
        StorageFull: it cannot be written.
    """
    version = registry.show(name, verify=True)
    target = file if file.suffix else file.with_suffix(".zip")
    if target.suffix.lower() != ".zip":
        raise InputError(f"a version is exported to a .zip file, not to {target}")
    members = {CARD: version.folder / CARD, **dict(sorted(files(version.folder).items()))}
    total, done = sum(path.stat().st_size for path in members.values()), 0
    beside = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        require_room(target.parent, total)
        try:
            with zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as archive:
                for member, path in members.items():
                    with path.open("rb") as source, archive.open(_entry(member, path), "w") as out:
                        while piece := source.read(PIECE):
                            out.write(piece)
                            done += len(piece)
                            progress(done, total)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise StorageFull(
            f"cannot write {target}: {error.strerror or error}. Free some space, or name another file"
        ) from error
    return target


def import_version(
    registry: Registry, file: Path, name: str = "", progress: Progress = lambda done, total: None
) -> Version:
    """Make a version from a file that `export_version` wrote; whole or not at all. It is not activated.

    Args:
        name: of the version here; empty: the one it had.

    Raises:
        NotFound: there is no such file.
        InputError: the name is taken or no file name.
        BrokenModel: the file is no exported version, is damaged, holds a path that leads elsewhere, a link,
            or a file that could run code; names the member.
        StorageFull: there is no room for it.
    """
    if not file.is_file():
        raise NotFound(f"there is no file {file}")
    with _opened(file) as archive:
        card = _card(archive, file)
        own = str(name or card.get("version") or "")
        registry.require_free(own)
        members = _members(archive, file)
        named = sums_in(card, file)
        if odd := sorted(named.keys() ^ members.keys()):
            raise BrokenModel(f"{file} and its card do not name the same files: {odd[0]} is in one alone")
        total = sum(member.file_size for member in members.values())
        require_room(registry.folder, total)

        def write(folder: Path) -> None:
            done = 0
            for member in members.values():
                found, done = _extracted(archive, member, folder, done, total, progress)
                if found != named[member.filename]:
                    raise BrokenModel(f"{file}: {member.filename} is damaged or was changed: export it again")

        return registry.publish(own, {key: value for key, value in card.items() if key != "sha256"}, write)


def require_room(folder: Path, size: int) -> None:
    """Raises StorageFull unless the disk of `folder`, which may not exist yet, has room for `size` bytes."""
    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    free = shutil.disk_usage(there).free
    if free < size + _SPARE_BYTES:
        raise StorageFull(
            f"{size / 1e6:,.0f} MB are needed on the disk of {folder} and {free / 1e6:,.0f} MB are free: "
            "free some space (`jujube models prune`), or use --home"
        )


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise BrokenModel(f"{file} is no exported version, or damaged ({first_line(error)})") from error


def _entry(name: str, path: Path) -> zipfile.ZipInfo:
    """Without the owner and the time of the file: the same version gives the same bytes."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    entry.file_size = path.stat().st_size  # from 4 GiB on, zip64
    return entry


def _card(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    try:
        member = archive.getinfo(CARD)
        if member.file_size > _CARD_BYTES:
            raise ValueError("it is too long")
        card = json.loads(archive.read(member))
    except (KeyError, ValueError, RecursionError) as error:
        raise BrokenModel(f"{file} is no exported version: {CARD} in it: {first_line(error)}") from error
    if not isinstance(card, dict):
        raise BrokenModel(f"{file} is no exported version: {CARD} in it is no JSON object")
    return card


def _members(archive: zipfile.ZipFile, file: Path) -> dict[str, zipfile.ZipInfo]:
    """Name -> member of all but the card; each can be written below any folder."""
    found: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name, shown = member.filename, f"{file}: {member.filename!r}"
        path = PurePosixPath(name)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or member.is_dir():
            raise BrokenModel(f"{shown} is no plain file: an exported version holds nothing else")
        if (
            path.is_absolute()
            or path.as_posix() != name
            or any(part in ("", ".", "..") for part in path.parts)
        ):
            raise BrokenModel(f"{shown} leads outside the version's folder: refused")
        if any(mark in name for mark in '\\:*?"<>|') or not name.isprintable():
            raise BrokenModel(f"{shown} is no name that every system can write: refused")
        check_name(name, shown)
        if name in found:
            raise BrokenModel(f"{shown} is in it twice: refused")
        found[name] = member
    found.pop(CARD)
    return found


def _extracted(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    folder: Path,
    done: int,
    total: int,
    progress: Progress,
) -> tuple[str, int]:
    """Write one member; its SHA-256, and the bytes done in all."""
    target = folder / member.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, target.open("xb") as out:

        def write(piece: bytes) -> None:
            nonlocal done
            out.write(piece)
            done += len(piece)
            progress(done, total)

        return copied(source, write), done
