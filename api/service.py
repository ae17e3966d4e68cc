"""Service: what HTTP and the command line both call. Parts are loaded when first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from api.settings import Settings
from index.corpus import Added, Corpus
from index.embed import Embedder, load_embedder
from index.errors import NotFound, Overloaded
from index.extract import load_extractor
from index.read import ReadOptions, read_bytes, read_paths
from index.records import Failure
from index.store import Store
from index.types import Document
from rag.decoding import GenerateOptions
from rag.engine import AskOptions, Engine
from rag.generator import Generator, load_generator
from rag.retrieve import Mode, Retrieved, RetrieveOptions, retrieve
from rag.types import Answer

ADAPTER = Path(__file__).resolve().parent.parent / "rag" / "adapters" / "reader-smollm2-135m-lora"

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class AddReport:
    """What became of the documents that were given."""

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    passages: int = 0
    revision: int = 0
    failures: list[Failure] = field(default_factory=list)


class Service:
    """One collection, one generator, the questions to them. Safe for threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._load_lock = threading.RLock()
        self._slots = threading.Semaphore(settings.slots)
        self._waiting = 0
        self._waiting_lock = threading.Lock()
        if settings.threads:
            torch.set_num_threads(settings.threads)

    # -- the parts -------------------------------------------------------------------------------------

    @cached_property
    def store(self) -> Store:
        """The collection's store, without loading a model."""
        return Store(self.settings.store_path)

    @cached_property
    def generator(self) -> Generator:
        with self._load_lock:
            return load_generator(self.settings.generator, cache=self.settings.models_path, adapter=ADAPTER)

    @cached_property
    def corpus(self) -> Corpus:
        with self._load_lock:
            recorded = self.store.embedder
            name = self.settings.embedder
            if name == "auto":
                name = recorded.name if recorded else "embedded"
            return self._open(load_embedder(name))

    def _open(self, embedder: Embedder, *, any_embedder: bool = False) -> Corpus:
        return Corpus(
            self.store,
            embedder,
            load_extractor(self.settings.extractor),
            lambda text: len(self.generator.encode(text)),
            any_embedder=any_embedder,
        )

    @property
    def engine(self) -> Engine:
        with self._load_lock:
            return Engine(self.corpus, self.generator)

    def warm(self) -> None:
        """Load everything and answer once, so that the first user does not wait."""
        self.corpus.refresh()
        self.generator.generate(self.generator.encode("Hello"), GenerateOptions(max_length=1))

    def close(self) -> None:
        if "store" in self.__dict__:
            self.store.close()

    # -- asking ----------------------------------------------------------------------------------------

    def ask(
        self, question: str, *, top_k: int = 10, mode: Mode = "graph", threshold: float | None = None
    ) -> Answer:
        """Answer one question.

        Raises:
            QuestionError, Overloaded, and what loading the parts raises.
        """
        options = AskOptions(
            passages=self.settings.passages, retrieve=RetrieveOptions(top_k=top_k, mode=mode)
        )
        threshold = self.settings.threshold if threshold is None else threshold
        if threshold is not None:
            options = replace(options, ground=replace(options.ground, threshold=threshold))
        engine = self.engine
        with self._slot():
            return engine.ask(question, options)

    def search(self, query: str, *, top_k: int = 10, mode: Mode = "graph") -> Retrieved:
        """Find passages, without a generator."""
        corpus = self.corpus
        with self._slot():
            return retrieve(corpus, query, RetrieveOptions(top_k=top_k, mode=mode))

    @contextmanager
    def _slot(self) -> Iterator[None]:
        with self._waiting_lock:
            if self._waiting >= self.settings.slots + self.settings.queue:
                raise Overloaded(
                    f"{self._waiting} questions are being answered or waiting: try again in a few seconds"
                )
            self._waiting += 1
        try:
            with self._slots:
                yield
        finally:
            with self._waiting_lock:
                self._waiting -= 1

    # -- documents -------------------------------------------------------------------------------------

    def add_paths(self, paths: Sequence[Path], progress: Progress | None = None) -> AddReport:
        """Index files and folders."""
        return self._add(read_paths(paths, ReadOptions()), progress)

    def add_upload(self, name: str, data: bytes) -> AddReport:
        """Index one uploaded file; raises what reading it raises."""
        return self._add(read_bytes(name, data, name, ReadOptions()), None)

    def add_documents(self, documents: Iterable[Document], progress: Progress | None = None) -> AddReport:
        return self._add(documents, progress)

    def _add(self, items: Iterable[Document | Failure], progress: Progress | None) -> AddReport:
        failures: list[Failure] = []

        def documents() -> Iterator[Document]:
            for item in items:
                if isinstance(item, Failure):
                    failures.append(item)
                else:
                    yield item

        added: Added = self.corpus.add(documents(), progress)
        failures += [Failure(source, error.code, str(error)) for source, error in added.failures]
        return AddReport(
            added.added, added.replaced, added.unchanged, added.passages, added.revision, failures
        )

    def remove(self, sources: Sequence[str]) -> list[str]:
        """Remove by id, source or folder; returns the ids. Raises NotFound when one names nothing."""
        ids: list[str] = []
        for source in sources:
            found = self.store.document_ids(source)
            if not found:
                raise NotFound(f"nothing here came from {source!r}: `jujube list` shows what there is")
            ids += found
        self.store.remove(dict.fromkeys(ids))
        return list(dict.fromkeys(ids))

    def reindex(self, progress: Progress | None = None) -> AddReport:
        """Make passages, vectors and graph anew, with the embedder that is set."""
        name = self.settings.embedder
        with self._load_lock:
            embedder = load_embedder("embedded" if name == "auto" else name)
            corpus = self._open(embedder, any_embedder=True)
        added = corpus.reindex(progress)
        self.__dict__.pop("corpus", None)
        return AddReport(added.added, 0, 0, added.passages, added.revision)

    def stats(self) -> dict[str, Any]:
        """Counts, sizes and what is in use; loads no model."""
        path = self.settings.store_path
        files = [path, path.with_name(path.name + "-wal")]
        recorded = self.store.embedder
        return {
            "collection": self.settings.collection,
            "home": str(self.settings.home),
            **self.store.counts(),
            "revision": self.store.revision,
            "bytes": sum(f.stat().st_size for f in files if f.exists()),
            "embedder": recorded.name if recorded else None,
            "generator": self.settings.generator,
            "threads": torch.get_num_threads(),
        }
