"""The model that is trained further: by name, as a folder, and whether the disk has room for it."""

from __future__ import annotations

import shutil
from pathlib import Path

from api.loading import ADAPTER
from api.settings import ACTIVE, Settings
from finetune.registry import Registry
from index.errors import InputError, StorageFull, UnknownModel
from rag.generator import EMBEDDED, NAMES, embedded_folder
from rag.places import check_folder, hub_folder, is_path

_ALWAYS = 256 << 20
"""Bytes for the data set, the reports and the log."""
_TIMES = {"lora": 5, "frozen": 10, "full": 16}
"""Bytes on the disk for each byte of the base (2 a weight): checkpoints in float32 with the optimiser's two
moments, an old one beside the new, the best weights, the version, and its form for ONNX Runtime."""


def base_name(settings: Settings, base: str) -> str:
    """What an empty `base` stands for: the active version, else the generator that is set."""
    if base and base != ACTIVE:
        return base
    active = Registry(settings.models_path).active() if settings.follows or base else None
    if active is not None:
        return active.name
    return EMBEDDED if settings.follows else settings.generator


def refuse_folder(settings: Settings, base: str) -> None:
    """Over the network nobody names a folder of this machine.

    Raises:
        InputError: `base` is, or may be, one.
    """
    versions = {version.name for version in Registry(settings.models_path).versions()}
    if is_path(base) or (base and base not in versions and Path(base).exists()):
        raise InputError(f'{base!r} is a folder: name a version, "embedded", or a model of the hub')


def known_base(settings: Settings, base: str) -> Path | None:
    """The folder of a base that is on this machine; None: it has to be made or fetched first.

    Raises:
        UnknownModel: nothing can go by that name.
        BrokenModel: the folder cannot be used.
    """
    name = base_name(settings, base)
    if name == EMBEDDED:
        made = [card.parent for card in settings.models_path.glob("reader-*/card.json")]
        return made[0] if made else None
    registry = Registry(settings.models_path)
    if any(version.name == name for version in registry.versions()):
        return registry.show(name).folder
    if Path(name).is_dir():
        check_folder(Path(name))
        return Path(name).resolve()
    if is_path(name) or not name.strip():
        raise UnknownModel(f"no model folder {name}. A model is a version's name, {NAMES}.")
    return None


def base_folder(settings: Settings, base: str) -> Path:
    """The folder of a base; the embedded one is made (15 s), one of the hub fetched where it is not here.

    Raises:
        UnknownModel: nothing goes by that name, here or on the hub.
        BrokenModel: there is something, but it cannot be used.
    """
    name = base_name(settings, base)
    if name == EMBEDDED:
        return embedded_folder(settings.models_path, ADAPTER)
    folder = known_base(settings, name)
    if folder is not None:
        return folder
    try:
        return hub_folder(name)
    except (OSError, ValueError) as error:
        there = ", ".join(version.name for version in Registry(settings.models_path).versions())
        raise UnknownModel(
            f"no version {name!r} here (there are: {there or 'none'}), and the model hub gave no model of "
            f"that name ({error}). A base is a version's name, {NAMES}."
        ) from error


def require_space(settings: Settings, base: Path | None, method: str) -> None:
    """Raises StorageFull, with the numbers, where the disk has no room for a training."""
    weights = sum(file.stat().st_size for file in base.glob("*.safetensors")) if base else 0
    needed = _ALWAYS + _TIMES.get(method, max(_TIMES.values())) * weights
    place = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise StorageFull(
            f"training needs about {needed / 1e9:.1f} GB below {settings.home}, and {free / 1e9:.1f} GB are "
            "free: free some space, use --home on another disk, or train with --method lora"
        )
