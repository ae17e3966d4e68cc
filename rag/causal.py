"""Causal language models of the transformers library. The only file that imports its models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.errors import BrokenModel
from rag.card import first_line
from rag.decoding import GenerateOptions, Tokens, whole_characters


class CausalReading:
    """Prompts in one key-value cache, continued along trees (see `rag.generator.Reading`).

    All tokens lie behind each other in one cache; an attention mask shows each only its own prompt
    and ancestors. So one forward pass reads several prompts, one more scores many continuations of
    all of them, and nothing is padded or copied. (Tree attention, SpecInfer, arXiv 2305.09781.)
    """

    def __init__(self, model: Any, prompts: Sequence[Sequence[int]]) -> None:
        self._model = model
        self._lengths = [len(ids) for ids in prompts]
        total = sum(self._lengths)
        self._sees = np.zeros((0, total), dtype=bool)  # (nodes, prompt tokens + nodes): row sees column
        self._depths: list[int] = []
        places = np.concatenate([np.arange(length) for length in self._lengths])
        tokens = [token for ids in prompts for token in ids]
        several = {} if len(prompts) == 1 else {"attention_mask": self._mask(_blocks(self._lengths))}
        ends = torch.tensor(np.cumsum(self._lengths) - 1, device=model.device)
        output = self._forward(tokens, places, use_cache=True, logits_to_keep=ends, **several)
        self._cache = output.past_key_values
        self.first: NDArray[np.float32] = _log_probabilities(output.logits[0])

    def extend(self, tokens: Sequence[int], parents: Sequence[int]) -> NDArray[np.float32]:
        old, total = len(self._sees), sum(self._lengths)
        self._sees = self._grown(parents)
        places = []
        for parent in parents:
            self._depths.append(self._depths[parent] + 1 if parent >= 0 else self._lengths[-1 - parent])
            places.append(self._depths[-1])
        mask = self._mask(self._sees[old:, : total + len(self._sees)])
        output = self._forward(tokens, places, past_key_values=self._cache, attention_mask=mask, use_cache=True)
        return _log_probabilities(output.logits[0])

    def _forward(self, tokens: Sequence[int], places: Any, **more: Any) -> Any:
        device = self._model.device
        row = torch.tensor([list(tokens)], device=device)
        positions = torch.tensor(np.asarray(places)[None], device=device)
        with torch.inference_mode():
            return self._model(row, position_ids=positions, **more)

    def _mask(self, sees: NDArray[np.bool_]) -> torch.Tensor:
        """(1, 1, queries, keys), 0 where a token may look and the lowest number elsewhere."""
        mask = torch.zeros(sees.shape, dtype=self._model.dtype)
        mask.masked_fill_(~torch.from_numpy(sees), torch.finfo(mask.dtype).min)
        return mask[None, None].to(self._model.device)

    def _blocks(lengths: Sequence[int]) -> NDArray[np.bool_]:
    """(tokens, tokens): each token sees its own prompt up to itself."""
    owner = np.repeat(np.arange(len(lengths)), lengths)
    own: NDArray[np.bool_] = np.tril(owner[:, None] == owner[None, :])
    return own


def _whole_ends(offsets: Sequence[tuple[int, int]]) -> list[int]:
    """Each token's end in characters; -1 where the next token holds a part of the same character."""
    following = [start for start, _ in offsets[1:]] + [offsets[-1][1]] if offsets else []
    return [end if start >= end else -1 for (_, end), start in zip(offsets, following, strict=True)]


def load(
    place: Path | str, card: Mapping[str, Any], *, device: str | None = None, dtype: str | None = None
) -> CausalGenerator:
    """The model in a folder, or under a Hugging Face id.

    Raises:
        OSError, ValueError: a Hugging Face id that cannot be had.
        BrokenModel: a folder whose files do not fit together.
    """
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    number = getattr(torch, dtype or ("bfloat16" if computes_in_bfloat16(device) else "float32"))
    if isinstance(place, str):
        model, tokenizer = _read(place, number)
    else:
        model, tokenizer = _read_folder(place, number)
    config = model.config
    window = int(card.get("window") or config.max_position_embeddings)
    return CausalGenerator(
        model.eval().to(device),
        tokenizer,
        version=str(card.get("version") or _version(place, config)),
        window=min(window, int(config.max_position_embeddings)),
        stop_ids=[int(one) for one in card.get("stop_ids") or _stop_ids(model)],
    )


def _read(place: Path | str, dtype: torch.dtype) -> tuple[Any, Tokenizer]:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(place, dtype=dtype, use_safetensors=True)
    return model, _tokenizer(place)


def _read_folder(folder: Path, dtype: torch.dtype) -> tuple[Any, Tokenizer]:
    try:
        return _read(folder, dtype)
    except BrokenModel:
        raise
    except Exception as error:  # transformers raises any kind for a broken file
        raise BrokenModel(f"{folder} cannot be loaded: {first_line(error)}") from error


def _tokenizer(place: Path | str) -> Tokenizer:
    """The fast tokenizer: straight from its file where there is one, which saves a second."""
    if isinstance(place, Path) and (place / "tokenizer.json").is_file():
        return Tokenizer.from_file(str(place / "tokenizer.json"))
    from transformers import AutoTokenizer

    fast = getattr(AutoTokenizer.from_pretrained(place), "backend_tokenizer", None)
    if fast is None:
        raise BrokenModel(f"{place} has no fast tokenizer; save one as tokenizer.json")
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


def _version(place: Path | str, config: Any) -> str:
    commit = getattr(config, "_commit_hash", None)
    name = place.resolve().name if isinstance(place, Path) else place
    return f"{name}@{commit[:8]}" if commit else name


def computes_in_bfloat16(device: str) -> bool:
    """Whether bfloat16 is faster than float32 there: on a graphics card, or by the processor's own flags."""
    if device.startswith("cuda"):
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


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
