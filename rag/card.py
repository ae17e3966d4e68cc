"""`card.json`: what a model folder says about itself. It is written last, so a folder with one is whole."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from index.errors import BrokenModel

CARD = "card.json"


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a model; empty where there is none.

    Raises:
        BrokenModel: it is not JSON, or not an object.
    """
    path = folder / CARD
    return read_object(path) if path.exists() else {}


def read_object(path: Path) -> dict[str, Any]:
    """A JSON file of a model folder.

    Raises:
        BrokenModel: it is not there, not JSON, or not an object.
    """
    try:
        values = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenModel(f"{path} cannot be read ({first_line(error)}); copy the model again") from error
    if not isinstance(values, dict):
        raise BrokenModel(f"{path} should hold a JSON object; copy the model again")
    return values


def write_card(folder: Path, card: Mapping[str, Any]) -> None:
    (folder / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", "utf-8")


def is_of_disk(error: Exception) -> bool:
    """Whether the disk refused, also where a library written in Rust says so in an error of its own."""
    return isinstance(error, OSError) or re.search(r"\(os error \d+\)", str(error)) is not None


def first_line(error: BaseException) -> str:
    """An error of another library in one line of at most 200 characters."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
