"""Causal models in ONNX Runtime: quickest on a processor without bfloat16, and with no torch in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from index.errors import BrokenModel
from rag.card import first_line, read_object
from rag.converted import converted, remake
from rag.onnx_model import OnnxModel, OnnxReading
from rag.onnx_weights import Shape, Unsupported, read_shape
from rag.prefixes import Prefixes
from rag.texts import TextGenerator

NUMBERS = {"onnx": "float32", "onnx-int8": "int8"}
"""Runtime -> number format of the weights."""


class OnnxGenerator(TextGenerator):
    """A decoder in ONNX Runtime; prompts whose beginning was read lately are read from there on."""

    def __init__(
        self,
        model: OnnxModel,
        tokenizer: Tokenizer,
        *,
        version: str,
        window: int,
        stop_ids: Sequence[int],
        prefix_bytes: int = 0,
    ) -> None:
        super().__init__(tokenizer, version=version, window=window, stop_ids=stop_ids)
        self.model = model
        self.prefixes = Prefixes(prefix_bytes)
        self.runtime = f"onnxruntime, {model.numbers}, {model.threads} threads"

    def _read(self, prompts: Sequence[Sequence[int]]) -> OnnxReading:
        return OnnxReading(self.model, self.prefixes, prompts)


def load(
    folder: Path,
    card: Mapping[str, Any],
    *,
    version: str,
    runtime: str,
    threads: int,
    cache: Path | None = None,
    prefix_bytes: int = 0,
) -> OnnxGenerator:
    """The model in a folder.

    Args:
        cache: where its converted form is kept; None: it is made at each start, in a temporary folder.
        prefix_bytes: of keys and values of prompts read lately, at most.

    Raises:
        Unsupported, ImportError, OSError: it cannot be run in ONNX Runtime here; torch can.
        BrokenModel: the folder's files cannot be read, or do not fit together.
    """
    config = read_object(folder / "config.json")
    shape = read_shape(config)
    tokenizer = read_tokenizer(folder)
    if tokenizer.get_vocab_size() > shape.vocabulary:
        raise BrokenModel(
            f"{folder}: the tokenizer has more tokens than the model; they do not belong together"
        )
    stop_ids = [int(one) for one in card.get("stop_ids") or _stop_ids(folder, config)]
    model = _open(folder, shape, NUMBERS[runtime], threads, cache)
    return OnnxGenerator(
        model,
        tokenizer,
        version=str(card.get("version") or version),
        window=min(int(card.get("window") or shape.window), shape.window),
        stop_ids=stop_ids,
        prefix_bytes=prefix_bytes,
    )


def _open(folder: Path, shape: Shape, numbers: str, threads: int, cache: Path | None) -> OnnxModel:
    with converted(folder, shape, numbers, cache) as place:
        try:
            return OnnxModel(place, shape, numbers, threads)
        except BrokenModel:  # of the right size and damaged all the same
            remake(place)
    with converted(folder, shape, numbers, cache) as place:
        return OnnxModel(place, shape, numbers, threads)


def read_tokenizer(folder: Path) -> Tokenizer:
    """The fast tokenizer in a folder, straight from its file; GPT-2's also from its vocabulary and merges.

    Raises:
        Unsupported: it is not in tokenizer.json; transformers can make it.
        BrokenModel: it is damaged.
    """
    file, vocabulary, merges = (folder / name for name in ("tokenizer.json", "vocab.json", "merges.txt"))
    try:
        if file.is_file():
            return Tokenizer.from_file(str(file))
        own = vocabulary.is_file() and merges.is_file()
        if not own or read_object(folder / "config.json").get("model_type") != "gpt2":
            raise Unsupported(f"{folder} has no tokenizer.json")
        tokenizer = Tokenizer(models.BPE.from_file(str(vocabulary), str(merges)))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        return tokenizer
    except (Unsupported, BrokenModel):
        raise
    except Exception as error:  # tokenizers raises nothing more special
        raise BrokenModel(f"{folder} cannot be loaded: {first_line(error)}") from error


def _stop_ids(folder: Path, config: Mapping[str, Any]) -> list[int]:
    """The end tokens that the model's own files name."""
    file = folder / "generation_config.json"
    named = read_object(file).get("eos_token_id") if file.is_file() else None
    if named is None:
        named = config.get("eos_token_id")
    if named is None:
        raise Unsupported("the end token is the architecture's own, which transformers knows")
    return list(named) if isinstance(named, list) else [named]
