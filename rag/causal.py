"""Causal language models of the transformers library. The only file that imports its models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from index.errors import BrokenModel
from rag.card import first_line
from rag.decoding import GenerateOptions, Tokens, whole_characters
from rag.reading import CausalReading


class CausalGenerator:
    """A causal model with its tokenizer (see `rag.generator.Generator`). Holds no state between calls."""

    def __init__(
        self, model: Any, tokenizer: Tokenizer, *, version: str, window: int, stop_ids: Sequence[int]
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.version = version
        self.window = window
        self.stop_ids = tuple(stop_ids)
        tokenizer.encode_special_tokens = True  # "<|im_end|>" in a document is text, not an order
        tokenizer.no_truncation()
        tokenizer.no_padding()

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(_valid(text), add_special_tokens=False).ids
        return ids

    def tokenise(self, texts: Sequence[str]) -> list[Tokens]:
        return [
            Tokens(encoding.ids, _whole_ends(encoding.offsets))
            for encoding in self.tokenizer.encode_batch(
                [_valid(text) for text in texts], add_special_tokens=False
            )
        ]

    def decode(self, ids: Sequence[int]) -> str:
        text: str = self.tokenizer.decode(list(ids), skip_special_tokens=False)
        return text

    def read(self, *prompts: Sequence[int]) -> CausalReading:
        for ids in prompts:
            self._check(ids)
        return CausalReading(self.model, prompts)

    def generate(self, ids: Sequence[int], options: GenerateOptions | None = None) -> list[str]:
        options = options or GenerateOptions()
        rows: list[list[int]] = [[] for _ in range(options.num_return_sequences)]
        for step in self._steps(ids, options):
            for row, token in zip(rows, step, strict=True):
                if token is not None:
                    row.append(token)
        return [self.decode(row) for row in rows]

    def stream(self, ids: Sequence[int], options: GenerateOptions | None = None) -> Iterator[str]:
        steps = self._steps(ids, options or GenerateOptions())
        return whole_characters((step[0] for step in steps if step[0] is not None), self.decode)

    def _check(self, ids: Sequence[int]) -> None:
        if not 0 < len(ids) < self.window:
            raise ValueError(f"a prompt of {len(ids)} tokens; this model takes 1 to {self.window - 1}")

    def _steps(self, ids: Sequence[int], options: GenerateOptions) -> Iterator[list[int | None]]:
        """One token a sequence and step; None for a sequence that has ended."""
        self._check(ids)
        draw = _Draw(options, self.model.device)
        alive = [True] * options.num_return_sequences
        cache, logits = None, None
        tokens = torch.tensor([list(ids)], device=self.model.device)
        for _ in range(min(options.max_length, self.window - len(ids))):
            with torch.inference_mode():
                output = self.model(tokens, past_key_values=cache, use_cache=True, logits_to_keep=1)
                cache, logits = output.past_key_values, output.logits[:, -1].float()
                if len(logits) < len(alive):
                    cache.batch_repeat_interleave(len(alive))
                    logits = logits.expand(len(alive), -1)
                tokens = draw(logits)
            chosen: list[int] = tokens[:, 0].tolist()
            alive = [now and token not in self.stop_ids for now, token in zip(alive, chosen, strict=True)]
            if not any(alive):
                return
            yield [token if now else None for now, token in zip(alive, chosen, strict=True)]


class _Draw:
    """The choice of the next token, (sequences, vocabulary) logits -> (sequences, 1) ids."""

    def __init__(self, options: GenerateOptions, device: torch.device) -> None:
        self._options = options
        self._random = torch.Generator(device=device)
        if options.seed is None:
            self._random.seed()
        else:
            self._random.manual_seed(options.seed)

    def __call__(self, logits: torch.Tensor) -> torch.Tensor:
        if self._options.temperature == 0:
            return logits.argmax(-1, keepdim=True)
        probabilities = torch.softmax(logits / self._options.temperature, -1)
        if self._options.top_p < 1:
            probabilities = _nucleus(probabilities, self._options.top_p)
        return torch.multinomial(probabilities, 1, generator=self._random)


def _nucleus(probabilities: torch.Tensor, top_p: float) -> torch.Tensor:
    """Zero but for the likeliest tokens that together reach `top_p` (arXiv 1904.09751)."""
    ordered, places = probabilities.sort(-1, descending=True)
    ordered[ordered.cumsum(-1) - ordered >= top_p] = 0
    return torch.zeros_like(probabilities).scatter(-1, places, ordered)


def _valid(text: str) -> str:
    """Lone surrogates, which no tokenizer takes, as question marks; the length stays."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


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
        model, tokenizer = _read_hub(place, number)
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
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model = AutoModelForCausalLM.from_pretrained(place, dtype=dtype, use_safetensors=True)
    tokenizer = _tokenizer(place)
    rows: Any = model.get_input_embeddings()
    if tokenizer.get_vocab_size() > rows.num_embeddings:
        raise BrokenModel(
            f"{place}: the tokenizer has more tokens than the model; they do not belong together"
        )
    return model, tokenizer


def _read_hub(name: str, dtype: torch.dtype) -> tuple[Any, Tokenizer]:
    """From the hub's cache on this machine, else from the hub.

    The hub is asked once and briefly before anything is fetched: the fetching would try again and
    again for 50 s when there is no network.
    """
    from huggingface_hub import model_info, snapshot_download

    wanted = ["*.json", "*.safetensors", "*.txt", "tokenizer*"]
    try:
        folder = Path(snapshot_download(name, allow_patterns=wanted, local_files_only=True))
        model, tokenizer = _read(folder, dtype)
    except OSError:
        try:
            model_info(name, timeout=10)
        except Exception as error:  # the hub's client has many kinds
            raise OSError(first_line(error)) from error
        folder = Path(snapshot_download(name, allow_patterns=wanted))
        model, tokenizer = _read(folder, dtype)
    model.config._commit_hash = folder.name
    return model, tokenizer


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
