"""Where a model's files are: a folder, or the model hub and its cache on this machine."""

from __future__ import annotations

from pathlib import Path

from index.errors import BrokenModel
from rag.card import first_line


def is_path(name: str) -> bool:
    """Whether a model's name can only be a folder's, and no hub id.

    >>> is_path("openai-community/gpt2-medium"), is_path("./ours"), is_path("C:\\\\models")
    (False, True, True)
    """
    return name.count("/") > 1 or name.startswith((".", "/", "~")) or "\\" in name


def check_folder(folder: Path) -> None:
    """Raises BrokenModel, naming what is missing, unless `folder` holds a model that can be loaded safely."""
    if not (folder / "config.json").is_file():
        raise BrokenModel(
            f"{folder} has no config.json; a model folder has config.json, weights, a tokenizer"
        )
    if not any(folder.glob("*.safetensors")):
        pickled = [path.name for pattern in ("*.bin", "*.pt", "*.pth") for path in folder.glob(pattern)]
        if pickled:
            raise BrokenModel(
                f"{folder} has its weights in {pickled[0]}: pickled files can run code when read and are "
                "refused; save the model again with save_pretrained, which writes *.safetensors"
            )
        raise BrokenModel(f"{folder} has no weights (*.safetensors)")
    if not any((folder / part).is_file() for part in ("tokenizer.json", "vocab.json", "tokenizer.model")):
        raise BrokenModel(f"{folder} has no tokenizer (tokenizer.json, or vocab.json and merges.txt)")


def hub_folder(name: str) -> Path:
    """A model's files from the hub's cache on this machine, else from the hub.

    The hub is asked once and briefly before anything is fetched: the fetching would try again and
    again for 50 s when there is no network.

    Raises:
        OSError, ValueError: it cannot be had.
        BrokenModel: the hub has it, but not in files that can be loaded safely.
    """
    from huggingface_hub import model_info, snapshot_download

    wanted = ["*.json", "*.safetensors", "*.txt", "tokenizer*"]
    try:
        folder = Path(snapshot_download(name, allow_patterns=wanted, local_files_only=True))
        check_folder(folder)
    except (OSError, BrokenModel):
        try:
            model_info(name, timeout=10)
        except Exception as error:  # the hub's client has many kinds
            raise OSError(first_line(error)) from error
        folder = Path(snapshot_download(name, allow_patterns=wanted))
        check_folder(folder)
    return folder
