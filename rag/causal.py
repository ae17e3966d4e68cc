"""Causal language models of the transformers library. The only file that imports its models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from index.errors import BrokenModel
from rag.card import first_line
from rag.runtime import computes_in_bfloat16
from rag.texts import TextGenerator
from rag.torch_reading import CausalReading


class CausalGenerator(TextGenerator):
    """A causal model of transformers in torch. Holds no state between calls."""

    def __init__(
        self, model: Any, tokenizer: Tokenizer, *, version: str, window: int, stop_ids: Sequence[int]
    ) -> None:
        super().__init__(tokenizer, version=version, window=window, stop_ids=stop_ids)
        self.model = model
        self.runtime = f"torch, {str(model.dtype).removeprefix('torch.')}, {model.device.type}"

    def _read(self, prompts: Sequence[Sequence[int]], then: Sequence[int]) -> CausalReading:
        return CausalReading(self.model, prompts, then)


def load(
    folder: Path,
    card: Mapping[str, Any],
    *,
    version: str,
    device: str | None = None,
    dtype: str | None = None,
) -> CausalGenerator:
    """The model in a folder.

    Args:
        version: where the card names none.

    Raises:
        BrokenModel: its files cannot be read, or do not fit together.
    """
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    number = getattr(torch, dtype or ("bfloat16" if computes_in_bfloat16(device) else "float32"))
    try:
        model, tokenizer = _read(folder, number)
    except BrokenModel:
        raise
    except Exception as error:  # transformers raises any kind for a broken file
        raise BrokenModel(f"{folder} cannot be loaded: {first_line(error)}") from error
    config = model.config
    window = int(card.get("window") or config.max_position_embeddings)
    return CausalGenerator(
        model.eval().to(device),
        tokenizer,
        version=str(card.get("version") or version),
        window=min(window, int(config.max_position_embeddings)),
        stop_ids=[int(one) for one in card.get("stop_ids") or _stop_ids(model)],
    )


def _read(folder: Path, dtype: torch.dtype) -> tuple[Any, Tokenizer]:
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    loaded: tuple[Any, dict[str, Any]] = AutoModelForCausalLM.from_pretrained(  # type: ignore[assignment]
        folder, dtype=dtype, use_safetensors=True, output_loading_info=True
    )
    model, info = loaded
    if info["missing_keys"]:  # transformers has put random numbers there
        missing = ", ".join(sorted(info["missing_keys"])[:3])
        raise BrokenModel(f"{folder}: the weights lack {missing}; copy the model again")
    tokenizer = read_tokenizer(folder)
    rows: Any = model.get_input_embeddings()
    if tokenizer.get_vocab_size() > rows.num_embeddings:
        raise BrokenModel(
            f"{folder}: the tokenizer has more tokens than the model; they do not belong together"
        )
    return model, tokenizer


def read_tokenizer(folder: Path) -> Tokenizer:
    """The fast tokenizer: straight from its file where there is one, which saves a second."""
    if (folder / "tokenizer.json").is_file():
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    from transformers import AutoTokenizer

    fast = getattr(AutoTokenizer.from_pretrained(folder), "backend_tokenizer", None)
    if fast is None:
        raise BrokenModel(f"{folder} has no fast tokenizer; save one as tokenizer.json")
    tokenizer: Tokenizer = fast
    return tokenizer


def _stop_ids(model: Any) -> list[int]:
    """The end tokens that the model's own files name."""
    named = getattr(model.generation_config, "eos_token_id", None)
    if named is None:
        named = model.config.eos_token_id
    if named is None:
        raise BrokenModel('the model names no end token; put "stop_ids" into its card.json')
    return list(named) if isinstance(named, list) else [named]


def read_gguf(file: Path) -> tuple[Any, Tokenizer]:
    """The model and tokenizer in a GGUF file, in float32.

    transformers keeps the file's quantisation in the config, and then cannot save the model; a
    fresh model without it takes the weights over.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
        packed = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    except Exception as error:  # any kind, for a broken file
        raise BrokenModel(f"{file} cannot be read: {first_line(error)}; install its package again") from error
    config = packed.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    model: Any = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    model.load_state_dict(packed.state_dict())
    return model, tokenizer.backend_tokenizer


def merge_adapter(model: Any, adapter: Path) -> Any:
    """`model` with a peft adapter's weights added in, in bfloat16."""
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload().to(torch.bfloat16)
    except Exception as error:  # any kind, for a broken file
        raise BrokenModel(f"the adapter in {adapter} cannot be used: {first_line(error)}") from error
