"""What the house asks of a language model, and how one is loaded by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from index.errors import BrokenModel, UnknownModel
from rag.cached_generator import read_tokenizer
from rag.calibration import Calibration
from rag.card import first_line, read_card
from rag.decoding import GenerateOptions, Tokens
from rag.places import check_folder, hub_folder, is_path
from rag.reading import Reading as Reading
from rag.runtime import choose, cores
from rag.texts import TextGenerator, TokenText
from rag.weights import Unsupported


class Generator(Protocol):
    """A causal language model. Immutable, and safe to use from several threads."""

    calibration: Calibration
    """How sure the odds of its answers are; set when it is loaded."""

    @property
    def version(self) -> str: ...
    @property
    def window(self) -> int:
        """Prompt and continuation together, in tokens."""

    @property
    def stop_ids(self) -> tuple[int, ...]:
        """Tokens that end an answer. Training ends its answers with the first."""

    @property
    def runtime(self) -> str:
        """What computes it, in words; where the quickest could not be had, why."""

    def encode(self, text: str) -> list[int]:
        """Token ids of `text` alone: nothing added, and no text is ever taken for a control token."""

    def tokenise(self, texts: Sequence[str]) -> list[Tokens]:
        """`encode` of many texts, with the characters behind the tokens."""

    def decode(self, ids: Sequence[int]) -> str: ...
    def read(self, *prompts: Sequence[int], then: Sequence[int] = ()) -> Reading:
        """Read prompts in one pass, and `then` behind each; none sees another."""

    def generate(self, ids: Sequence[int], options: GenerateOptions = ...) -> list[str]:
        """Only new text, without stop tokens; `options.num_return_sequences` of them."""

    def stream(self, ids: Sequence[int], options: GenerateOptions = ...) -> Iterator[str]:
        """What `generate` returns first, piece by piece, in whole characters."""


EMBEDDED = "embedded"
PREFIX_MIB = 256
"""Room for about 11,600 tokens of the embedded reader in bfloat16, some eighty passages; in float32 half."""
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
    runtime: str = "auto",
    threads: int | None = None,
    prefix_mib: int = PREFIX_MIB,
) -> Generator:
    """The model called `name`.

    Args:
        name: "embedded", a folder, or a Hugging Face id.
        cache: where "embedded" is kept once made (about 270 MB), and models converted for ONNX Runtime
            (4 bytes a weight; in int8 1.1, and the embedding in 4).
        adapter: the reader adapter (a peft folder) that "embedded" gets.
        device: "cpu" or "cuda" for torch; the graphics card where there is one.
        dtype: "bfloat16" or "float32" for torch; bfloat16 where the processor computes in it, and if packed.
        runtime: one of `rag.runtime.RUNTIMES`. A model that cannot be run so here runs in torch, and
            `Generator.runtime` says why.
        threads: of ONNX Runtime; one a core.
        prefix_mib: MiB of keys and values of prompts read lately that are kept (not by "torch"); 0: none.

    Raises:
        InputError: no such runtime.
        UnknownModel: nothing goes by that name, here or on the hub.
        BrokenModel: there is something, but it cannot be used; the message says what it lacks.
    """
    chosen = choose(runtime, device, dtype)
    folder, version = _place(str(name), cache, adapter)
    check_folder(folder)
    card = read_card(folder)
    calibration = Calibration.of(card)
    if chosen == "torch":
        found = _in_torch(folder, card, version, device, dtype)
    else:
        found = _cached(folder, card, version, chosen, dtype, threads or cores(), cache, prefix_mib << 20)
    found.calibration = calibration
    return found


def load_counter(
    name: str | Path, *, cache: Path | None = None, adapter: Path | None = None
) -> Callable[[str], int]:
    """Tokens of a text for the model called `name`; only its tokenizer is loaded.

    Raises: as `load_generator`.
    """
    folder, _ = _place(str(name), cache, adapter)
    check_folder(folder)
    try:
        tokenizer = read_tokenizer(folder)
    except Unsupported:
        from rag import causal

        tokenizer = causal.read_tokenizer(folder)
    encoder = TokenText(tokenizer)
    return lambda text: len(encoder.encode(text))


def _cached(
    folder: Path,
    card: Mapping[str, Any],
    version: str,
    chosen: str,
    dtype: str | None,
    threads: int,
    cache: Path | None,
    prefix_bytes: int,
) -> TextGenerator:
    """In ONNX Runtime or with packed weights; in torch where it cannot be run so."""
    try:
        if chosen == "packed":
            from rag import packed_generator

            numbers = dtype or "bfloat16"
            return packed_generator.load(
                folder, card, version=version, numbers=numbers, prefix_bytes=prefix_bytes
            )
        from rag import onnx_generator

        return onnx_generator.load(
            folder,
            card,
            version=version,
            runtime=chosen,
            threads=threads,
            cache=cache,
            prefix_bytes=prefix_bytes,
        )
    except (ImportError, Unsupported, OSError) as error:
        found = _in_torch(folder, card, version, None, None)
        found.runtime += f" (not {chosen}: {first_line(error)})"
        return found


def _in_torch(
    folder: Path, card: Mapping[str, Any], version: str, device: str | None, dtype: str | None
) -> TextGenerator:
    from rag import causal

    return causal.load(folder, card, version=version, device=device, dtype=dtype)


def _place(name: str, cache: Path | None, adapter: Path | None) -> tuple[Path, str]:
    """A model's folder, and what its version is called where its card does not say."""
    if name == EMBEDDED:
        return embedded_folder(cache, adapter), EMBEDDED
    if Path(name).is_dir():
        return Path(name), Path(name).resolve().name
    if is_path(name):
        raise UnknownModel(f"no model folder {name}. A model is {NAMES}.")
    try:
        folder = hub_folder(name)
    except (OSError, ValueError) as error:
        raise UnknownModel(
            f"no model {name!r} here, and the model hub did not give it ({first_line(error)}). "
            f"A model is {NAMES}; without a network, download it elsewhere and name its folder."
        ) from error
    return folder, f"{name}@{folder.name[:8]}"


def embedded_folder(cache: Path | None, adapter: Path | None) -> Path:
    """The embedded model as a folder below `cache`, made there once from its package and `adapter`."""
    from rag import embedded

    if cache is None or adapter is None:
        raise BrokenModel(
            f'"{EMBEDDED}" needs a cache folder and the reader adapter; give load_generator both'
        )
    return embedded.folder(cache, adapter)
