"""Generators whose model keeps its keys and values where its caller says: ONNX Runtime's, and packed ones.

What is in a model's folder beside its weights is read here, with no transformers in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from index.errors import BrokenModel
from rag.cached_reading import CachedModel, CachedReading
from rag.card import first_line, read_object
from rag.prefixes import Prefixes
from rag.texts import TextGenerator
from rag.weights import Shape, Unsupported, read_shape


class CachedGenerator(TextGenerator):
    """A decoder; prompts whose beginning was read lately are read from there on."""

    def __init__(
        self,
        model: CachedModel,
        tokenizer: Tokenizer,
        *,
        version: str,
        window: int,
        stop_ids: Sequence[int],
        runtime: str = "",
        prefix_bytes: int = 0,
    ) -> None:
        super().__init__(tokenizer, version=version, window=window, stop_ids=stop_ids)
        self.model = model
        self.prefixes = Prefixes(prefix_bytes)
        self.runtime = f"{runtime}, {model.numbers}, {model.threads} threads"

    @classmethod
    def of(cls, found: Found, model: CachedModel, runtime: str, prefix_bytes: int) -> Self:
        """The generator of a folder that was looked at."""
        return cls(
            model,
            found.tokenizer,
            version=found.version,
            window=found.window,
            stop_ids=found.stop_ids,
            runtime=runtime,
            prefix_bytes=prefix_bytes,
        )

    def _read(self, prompts: Sequence[Sequence[int]], then: Sequence[int]) -> CachedReading:
        return CachedReading(self.model, self.prefixes, prompts, then)


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder says about its model."""

    shape: Shape
    tokenizer: Tokenizer
    version: str
    window: int
    stop_ids: tuple[int, ...]


def look_at(folder: Path, card: Mapping[str, Any], version: str) -> Found:
    """Read all of a model's folder but its weights.

    Raises:
        Unsupported: its architecture, tokenizer or end token is known to transformers alone.
        BrokenModel: the files cannot be read, or do not fit together.
    """
    config = read_object(folder / "config.json")
    shape = read_shape(config)
    tokenizer = read_tokenizer(folder)
    if tokenizer.get_vocab_size() > shape.vocabulary:
        raise BrokenModel(
            f"{folder}: the tokenizer has more tokens than the model; they do not belong together"
        )
    return Found(
        shape,
        tokenizer,
        str(card.get("version") or version),
        min(int(card.get("window") or shape.window), shape.window),
        tuple(int(one) for one in card.get("stop_ids") or _stop_ids(folder, config)),
    )


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
