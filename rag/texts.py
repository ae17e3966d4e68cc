"""What all generators share: text to tokens and back, and writing freely on top of reading."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from tokenizers import Tokenizer

from rag.calibration import Calibration
from rag.decoding import GenerateOptions, Tokens, whole_characters
from rag.reading import Reading
from rag.steps import steps


class TokenText:
    """Text to tokens and back (see `rag.generator.Generator`). Safe for threads."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
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


class TextGenerator(TokenText, ABC):
    """A tokenizer, and a model that reads (see `rag.generator.Generator`). Safe for threads."""

    runtime: str
    """What computes it, in words."""
    calibration = Calibration()
    """Replaced by what the card says when a model is loaded."""

    def __init__(self, tokenizer: Tokenizer, *, version: str, window: int, stop_ids: Sequence[int]) -> None:
        super().__init__(tokenizer)
        self.version = version
        self.window = window
        self.stop_ids = tuple(stop_ids)

    def read(self, *prompts: Sequence[int], then: Sequence[int] = ()) -> Reading:
        most = self.window - 1 - len(then)
        for ids in prompts:
            if not 0 < len(ids) <= most:
                raise ValueError(f"a prompt of {len(ids)} tokens; this model takes 1 to {most}")
        return self._read(prompts, then)

    @abstractmethod
    def _read(self, prompts: Sequence[Sequence[int]], then: Sequence[int]) -> Reading: ...

    def generate(self, ids: Sequence[int], options: GenerateOptions | None = None) -> list[str]:
        options = options or GenerateOptions()
        rows: list[list[int]] = [[] for _ in range(options.num_return_sequences)]
        for step in self._steps(ids, options):
            for row, token in zip(rows, step, strict=True):
                if token is not None:
                    row.append(token)
        return [self.decode(row) for row in rows]

    def stream(self, ids: Sequence[int], options: GenerateOptions | None = None) -> Iterator[str]:
        found = self._steps(ids, options or GenerateOptions())
        return whole_characters((step[0] for step in found if step[0] is not None), self.decode)

    def _steps(self, ids: Sequence[int], options: GenerateOptions) -> Iterator[list[int | None]]:
        reading = self.read(ids)
        room = min(options.max_length, self.window - len(ids))
        yield from steps(reading, ids, options, room, self.stop_ids)


def _valid(text: str) -> str:
    """Lone surrogates, which no tokenizer takes, as question marks; the length stays."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _whole_ends(offsets: Sequence[tuple[int, int]]) -> list[int]:
    """Each token's end in characters; -1 where the next token holds a part of the same character."""
    following = [start for start, _ in offsets[1:]] + [offsets[-1][1]] if offsets else []
    return [end if start >= end else -1 for (_, end), start in zip(offsets, following, strict=True)]
