"""Made-up passages whose names are known, in any number, and vectors for them without embedding each.

Names recur as in real text: a quarter of the draws are Zipf's (the r-th name with a chance of 1/r), the rest
are even among all names so far, and the names grow with the passages. So the most frequent name stands in
every tenth passage, and nearly half of all names stand in one only.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.embed import PROBE, Embedder
from index.extract import Extraction, PatternExtractor
from index.language import entity_key, sentences
from index.pooling import Span, Vectors, cut, unit_rows
from index.prepare import prepare
from index.rows import Prepared
from index.types import Document, Fact, Mention, Passage

FORMS = (
    ("{p} joined {f} in {y} and moved to {t}.", "joined"),
    ("{f} makes valves in {t} since {y}.", "makes valves in"),
    ("{f} bought a supplier from {p} in {y} for two million euros.", "bought a supplier from"),
    ("{p} reports to {p}, who leads the office in {t}.", "reports to"),
    ("{p} answered customers in {t} who complained about the delivery of {y}.", "answered customers in"),
    ("{f} opened a line for pump housings after long talks with {p}.", "opened a line after talks with"),
)
"""Sentences with slots for a person, a firm, a town, a year, and how the first two names are related."""
ASKED = (
    "What did {p} do at {f}?",
    "Who is the head of {p} in {t}?",
    "Which supplier of {f} is in {t}?",
    "Which people joined {f} in {y} and moved to {t}?",
)
KINDS = {"p": "PERSON", "f": "ORG", "t": "PLACE", "y": "DATE"}
_SLOT = re.compile(r"{([pfty])}")
_ENDINGS = ("Ltd", "Works", "Systems", "Labs")
_SYLLABLES = [first + second for first in "bdfgklmnrstvz" for second in "aeiou"]


def drawn(kind: str, at: int, dice: random.Random) -> str:
    """A name for the passage with number `at`."""
    if kind == "y":
        return str(dice.randint(1950, 2025))
    names = {"p": 50 + at // 3, "f": 30 + at // 10, "t": 20 + at // 20}[kind]
    rank = int(names ** dice.random()) if dice.random() < 0.25 else dice.randrange(names)
    if kind == "p":
        return f"{word(rank % 211, 2)} {word(rank + 1, 3)}"
    return f"{word(rank + 2, 3)} {_ENDINGS[rank % 4]}" if kind == "f" else word(rank + 3, 3)


def word(number: int, syllables: int) -> str:
    """A made-up word; another number has another word, up to 65 ** syllables."""
    number = number * 2_654_435_761 % 65**syllables  # neighbours get unlike words
    parts = [_SYLLABLES[number // 65**i % 65] for i in range(syllables)]
    return "".join(parts).title()


def filled(form: str, at: int, dice: random.Random) -> tuple[str, list[tuple[str, str, int, int]]]:
    """A form with names in its slots, and (kind, name, start, end) of each."""
    text, last = "", 0
    names: list[tuple[str, str, int, int]] = []
    for slot in _SLOT.finditer(form):
        text += form[last : slot.start()]
        name = drawn(slot[1], at, dice)
        names.append((KINDS[slot[1]], name, len(text), len(text) + len(name)))
        text += name
        last = slot.end()
    return text + form[last:], names


def made(at: int, count: int = 5) -> tuple[Document, Extraction]:
    """The document with number `at`, of `count` sentences (about 60 words): always the same."""
    dice = random.Random(f"document {at}")
    title = f"{drawn('f', at, dice)} note {at}"
    mentions = [Mention(entity_key(title), "TITLE", title, 0, 0)]
    facts: list[Fact] = []
    text = ""
    for form, relation in dice.sample(FORMS, count):
        start = len(text)
        said, names = filled(form, at, dice)
        text += said + " "
        mentions += [Mention(entity_key(n), k, n, start + a, start + b) for k, n, a, b in names]
        subject, target = (entity_key(name) for _, name, _, _ in names[:2])
        facts.append(Fact(subject, relation, target, 0, start, start + len(said)))
    document = Document(f"s{at}", title, text.rstrip(), f"synthetic/{at}")
    return document, Extraction(tuple(mentions), tuple(facts))


def asked(count: int, passages: int) -> list[str]:
    """Questions about names of the first `passages` documents, drawn as they are in those."""
    dice = random.Random("questions")
    return [filled(ASKED[i % len(ASKED)], dice.randrange(passages), dice)[0] for i in range(count)]


def whole(document: Document) -> Passage:
    return Passage(0, document.id, document.text, 0, len(document.text))


@dataclass(frozen=True, slots=True)
class Base:
    """Real vectors of some documents, which the vectors of all others are scattered around."""

    passages: Vectors
    """(n, dim) float32."""
    sentences: Vectors
    """(n, sentences, dim) float32."""

    @classmethod
    def embed(cls, embedder: Embedder, count: int) -> Base:
        documents = [made(at)[0] for at in range(count)]
        batch = [(document, [whole(document)]) for document in documents]
        prepared = prepare(batch, embedder, PatternExtractor())
        return cls(
            np.concatenate([p.vectors for p in prepared]), np.stack([p.sentence_vectors for p in prepared])
        )

    def prepared(self, numbers: Sequence[int]) -> list[Prepared]:
        """Documents ready to be committed, as `index.prepare.prepare` makes them."""
        dice = np.random.default_rng(numbers[0])
        chosen = dice.integers(len(self.passages), size=len(numbers))
        rows = scattered(self.passages[chosen], dice)
        sentence_rows = scattered(self.sentences[chosen], dice)
        return [self._one(at, rows[i : i + 1], sentence_rows[i]) for i, at in enumerate(numbers)]

    @staticmethod
    def _one(at: int, row: Vectors, sentence_rows: Vectors) -> Prepared:
        document, extraction = made(at)
        spans = [(0, start, end) for start, end in sentences(document.text)]
        return Prepared(document, [whole(document)], row, [extraction], spans, sentence_rows[: len(spans)])


class Known:
    """The default embedder's vectors of the texts that are asked here, kept: no model is loaded."""

    name = "embedded"

    def __init__(self, rows: dict[str, Vectors]) -> None:
        self._rows = rows
        self.dim = len(rows[PROBE])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._rows[text] for text in texts])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self.embed_queries(texts)

    def embed_sentences(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, Vectors]:
        return self.embed_passages(texts), self.embed_passages(cut(texts, spans))


def scattered(rows: Vectors, dice: np.random.Generator) -> Vectors:
    """Rows moved by a third of their length in a random direction; columns of zeros stay zeros."""
    noise = dice.standard_normal(rows.shape, np.float32) * (rows != 0)
    noise /= np.maximum(np.linalg.norm(noise, axis=-1, keepdims=True), 1e-9)
    moved = (rows + noise / 3).reshape(-1, rows.shape[-1])
    return unit_rows(moved).reshape(rows.shape)


def batches(first: int, last: int, size: int) -> Iterator[range]:
    for at in range(first, last, size):
        yield range(at, min(at + size, last))
