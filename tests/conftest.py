"""What all tests share: no network, one copy of each heavy model, documents and collections made short."""

from __future__ import annotations

import ipaddress
import os
import re
import signal
import socket
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

from index.corpus import Corpus
from index.embed import Embedder, load_embedder
from index.extract import Extraction, Extractor, load_extractor
from index.language import entity_key, search_terms
from index.pooling import Span, Vectors, unit_rows
from index.store import Store
from index.types import Alias, Document, Fact, Mention, document_id_for

# The same examples on every machine: a red test is a change in the code, never the dice.
settings.register_profile("jujube", deadline=None, derandomize=True, database=None)
settings.load_profile("jujube")

_connect, _connect_ex, _getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo


def _refuse(host: object) -> None:
    """Raises unless `host` is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return
    try:
        address = ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        address = None
    if address is None or not (address.is_loopback or address.is_unspecified):
        raise RuntimeError(f"tests must not use the network, and this one asked for {name!r}")


def _guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse(address[0])
        return connect(self, address)

    return guarded


def _guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    _refuse(host)
    return _getaddrinfo(host, *args, **kwargs)


def pytest_configure() -> None:
    # A run in the background inherits an ignored Ctrl-C, and so would the commands that tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    socket.socket.connect = _guarded(_connect)  # type: ignore[method-assign]
    socket.socket.connect_ex = _guarded(_connect_ex)  # type: ignore[method-assign]
    socket.getaddrinfo = _guarded_getaddrinfo


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: where two processes share the work, neither waits for the other's last one."""
    first = ("test_end_to_end.py", "test_processes.py", "test_embed.py", "test_generate.py", "test_jobs.py")
    items.sort(key=lambda item: first.index(item.path.name) if item.path.name in first else len(first))


def pytest_unconfigure() -> None:
    socket.socket.connect, socket.socket.connect_ex = _connect, _connect_ex  # type: ignore[method-assign]
    socket.getaddrinfo = _getaddrinfo


class HashEmbedder:
    """An embedder without a model: a row counts the text's words and pairs of Chinese characters.

    Texts that share no term have a cosine near 0, equal texts 1. Another `salt` is another embedder.
    """

    def __init__(self, dim: int = 48, salt: str = "") -> None:
        self.name = f"hash{salt}"
        self.dim = dim
        self._salt = salt

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 0.01  # no text is without a vector
            for term in search_terms(text):
                number = zlib.crc32((self._salt + term).encode())
                row[number % self.dim] += 1 if number & 0x10000 else -1
        return unit_rows(rows)

    def embed_sentences(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, Vectors]:
        cut = [text[a:b] for text, own in zip(texts, spans, strict=True) for a, b in own]
        return self.embed_passages(texts), self.embed_passages(cut)


class MarkedExtractor:
    """Finds what a test marks: `[Acme]` is a mention, `[Acme] =makes= [B-200]` a fact as well, and in
    `[Acme Pumps] aka [AP]` the second is another name of the first."""

    _NAME = re.compile(r"\[([^\[\]]+)\]")
    _TIE = re.compile(r"\[([^\[\]]+)\] (?:=([^=\n]+)=|aka) \[([^\[\]]+)\]")

    def extract(
        self, texts: Sequence[str], topics: Sequence[str] = (), given: Sequence[Sequence[Mention]] = ()
    ) -> list[Extraction]:
        return [self._extract(text) for text in texts]

    def _extract(self, text: str) -> Extraction:
        facts: list[Fact] = []
        aliases: list[Alias] = []
        for tie in self._TIE.finditer(text):
            left, right = entity_key(tie[1]), entity_key(tie[3])
            if tie[2]:
                facts.append(Fact(left, tie[2], right, 0, *tie.span()))
            else:
                aliases.append(Alias(right, left, *tie.span()))
        names = self._NAME.finditer(text)
        mentions = tuple(Mention(entity_key(name[1]), "OTHER", name[1], *name.span(1)) for name in names)
        return Extraction(mentions, tuple(facts), tuple(aliases))


def count_tokens(text: str) -> int:
    """Stands for a tokenizer: as many tokens as characters that are not white space."""
    return len("".join(text.split()))


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The default; about three seconds."""
    return load_embedder()


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    """The embedded default: spaCy and LAC, each loaded when first needed."""
    return load_extractor("embedded")


@pytest.fixture(scope="session")
def make_embedder() -> type[HashEmbedder]:
    return HashEmbedder


@pytest.fixture(scope="session")
def make_document() -> Callable[..., Document]:
    """(text, source, title="", **more) -> a document with the id that its source gives it."""

    def make(text: str, source: str = "a.md", title: str = "", **more: Any) -> Document:
        return Document(**{"id": document_id_for(source), **more}, title=title, text=text, source=source)

    return make


@pytest.fixture(scope="session")
def make_corpus() -> Callable[..., Corpus]:
    """(store, salt="") -> a corpus on the hashing embedder and the pattern extractor: milliseconds."""

    def make(store: Store, salt: str = "", **more: Any) -> Corpus:
        return Corpus(store, HashEmbedder(salt=salt), load_extractor("patterns"), count_tokens, **more)

    return make


@pytest.fixture(scope="session")
def make_marked() -> Callable[..., Corpus]:
    """(store, dim=48) -> a corpus whose names, facts and aliases are those that the texts mark."""

    def make(store: Store, dim: int = 48) -> Corpus:
        return Corpus(store, HashEmbedder(dim), MarkedExtractor(), count_tokens)

    return make


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "home" / "test.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def corpus(store: Store, make_corpus: Callable[..., Corpus]) -> Corpus:
    return make_corpus(store)
