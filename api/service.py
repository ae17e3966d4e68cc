"""Service: what HTTP and the command line both call. Parts are loaded when first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Generator as Yielding
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, TypedDict, Unpack

from api.adding import Progress, add_readable, uploaded
from api.jobs import JobRunner
from api.loading import (
    load_counter_of,
    load_embedder_of,
    load_generator_of,
    load_span_reader_of,
    slots_of,
    span_reader_in_use,
)
from api.once import Once
from api.report import AddReport, unless_alone
from api.settings import Settings
from api.slots import Slots
from api.swap import Current
from api.thresholds import threshold_of
from index.corpus import Corpus
from index.embed import Embedder
from index.errors import JujubeError, NotFound
from index.extract import load_extractor
from index.readers.read import ReadOptions, read_paths, source_of
from index.readers.records import Failure
from index.store import Store
from index.types import Document, Filter
from index.workers import WorkerExtractor
from rag.decoding import GenerateOptions
from rag.engine import AskOptions, Engine
from rag.generator import Generator
from rag.ground import GroundOptions
from rag.nested import described
from rag.rerank import load_reranker
from rag.retrieve import MODES, Mode, Retrieved, RetrieveOptions, checked_query, retrieve
from rag.runtime import choose
from rag.types import Answer, Decoding, Event
from rag.write import checked_prompt, write, write_all


class Asking(TypedDict, total=False):
    """How a question is asked."""

    top_k: int
    """Hits to return."""
    mode: Mode | None
    """None: the collection's own."""
    only: Filter | None
    """Which documents may be found; None: all."""
    threshold: float | None
    """Confidence from which a grounded answer is given; None: what is set, else the generator's own."""
    decoding: Decoding


class Service:
    """One collection, one generator, the questions to them. Safe for threads."""

    def __init__(self, settings: Settings, say: Callable[[str], None] = lambda _: None) -> None:
        """Load nothing yet.

        Args:
            say: takes a line for a person, before something that takes long.
        """
        self.settings = settings
        self._say = say
        self._store = Once(lambda: Store(settings.store_path))
        self._generator = Current(settings, lambda folder: load_generator_of(settings, say, folder), say)
        self._span_reader = Once(lambda: load_span_reader_of(settings))
        self._reranker = Once(lambda: load_reranker(settings.reranker))
        self._extractor = Once(lambda: load_extractor(settings.extractor, processes=settings.workers))
        self._corpus = Once(lambda: self._open_corpus(load_embedder_of(settings, self.store)))
        self.jobs = JobRunner(settings, lambda: self.store)
        self._slots = Once(lambda: slots_of(settings))

    @property
    def slots(self) -> Slots:
        """Where its questions compute."""
        return self._slots()

    # -- the parts -------------------------------------------------------------------------------------

    @property
    def store(self) -> Store:
        """The collection's store, without loading a model."""
        return self._store()

    @property
    def generator(self) -> Generator:
        """The one that answers now; who reads it once has one version for all that it does."""
        return self._generator()

    def look(self) -> None:
        """Notice that another version is active, without a question that asks."""
        self._generator.look()

    @property
    def corpus(self) -> Corpus:
        return self._corpus()

    @property
    def engine(self) -> Engine:
        return Engine(self.corpus, self.generator, self._span_reader())

    def _open_corpus(self, embedder: Embedder, *, any_embedder: bool = False) -> Corpus:
        return Corpus(
            self.store,
            embedder,
            self._extractor(),
            load_counter_of(self.settings, self._say),
            any_embedder=any_embedder,
        )

    def warm(self) -> None:
        """Load everything and use it once, so that the first user does not wait."""
        engine = self.engine
        engine.search("Hello 你好")
        described("Who leads the plant of Acme?")  # its parser takes a second at first use
        engine.generator.generate(engine.generator.encode("Hello"), GenerateOptions(max_length=1))

    def close(self) -> None:
        """Let go of the store; the next use opens it again."""
        for corpus in self._corpus.drop():
            try:
                corpus.keep_views()
            except (OSError, JujubeError) as error:  # what is kept only saves time
                self._say(f"the vector index was not kept for the next start: {error}")
        for extractor in self._extractor.drop():
            if isinstance(extractor, WorkerExtractor):
                extractor.close()
        for store in self._store.drop():
            store.close()

    @property
    def mode(self) -> Mode:
        """How this collection is searched when a question does not say: what was set for it, else "graph"."""
        recorded = self.store.meta("mode")
        return next((mode for mode in MODES if mode == recorded), MODES[0])

    def set_mode(self, mode: Mode) -> None:
        """Search this collection so from now on; kept on disk, and the revision stays."""
        self.store.set_meta("mode", mode)

    # -- asking ----------------------------------------------------------------------------------------

    def ask(self, question: str, **options: Unpack[Asking]) -> Answer:
        """Answer one question.

        Raises:
            QuestionError, Overloaded, and what loading the parts raises.
        """
        *_, answer = self.stream(question, **options)
        assert isinstance(answer, Answer)
        return answer

    def stream(self, question: str, **options: Unpack[Asking]) -> Yielding[Event]:
        """As `ask`, event by event (`Engine.stream`); a slot is held until the end, or until it is closed."""
        question = checked_query(question)
        asking = self._asking(**options)
        with self.slots.one() as slot:
            yield from slot.steps(self.engine.stream(question, asking))

    def _asking(
        self,
        top_k: int = 10,
        mode: Mode | None = None,
        only: Filter | None = None,
        threshold: float | None = None,
        decoding: Decoding = "grounded",
    ) -> AskOptions:
        threshold = threshold_of(self.settings, self.store) if threshold is None else threshold
        ground = GroundOptions(threshold=threshold)
        found = self._options(top_k, mode, only)
        passages, titles = self.settings.passages, self.settings.titles
        return AskOptions(passages, titles=titles, retrieve=found, decoding=decoding, ground=ground)

    def generate(
        self,
        prompt: str,
        options: GenerateOptions,
        stops: Sequence[str] = (),
        generator: Generator | None = None,
    ) -> list[str]:
        """Plain texts that go on from `prompt`, without looking at any document.

        Args:
            generator: None: the one that answers now.

        Raises:
            QuestionError: the prompt is empty or too long.
            Overloaded, and what loading the generator raises.
        """
        with self.slots.one() as slot, slot.computing():
            generator = generator or self.generator
            ids = checked_prompt(generator, prompt).ids
            return write_all(generator, ids, options, stops)

    def stream_text(
        self,
        prompt: str,
        options: GenerateOptions,
        stops: Sequence[str] = (),
        generator: Generator | None = None,
    ) -> Yielding[str]:
        """The first of what `generate` gives, piece by piece in whole characters."""
        with self.slots.one() as slot:
            generator = generator or self.generator
            ids = checked_prompt(generator, prompt).ids
            yield from slot.steps(write(generator, ids, options, stops))

    def search(
        self, query: str, *, top_k: int = 10, mode: Mode | None = None, only: Filter | None = None
    ) -> Retrieved:
        """Find passages, without a generator. `mode` None: the collection's own."""
        query = checked_query(query)
        with self.slots.one() as slot, slot.computing():
            return retrieve(self.corpus, query, self._options(top_k, mode, only))

    def _options(self, top_k: int, mode: Mode | None, only: Filter | None) -> RetrieveOptions:
        reranker = self._reranker() if self.settings.reranker else None
        return RetrieveOptions(top_k=top_k, only=only or Filter(), mode=mode or self.mode, reranker=reranker)

    # -- documents -------------------------------------------------------------------------------------

    @property
    def _read_options(self) -> ReadOptions:
        return ReadOptions(max_file_bytes=self.settings.max_file_mb << 20)

    def add_paths(self, paths: Sequence[Path], progress: Progress | None = None) -> AddReport:
        """Index files and folders; what cannot be read is among the failures."""
        return self._add(read_paths(paths, self._read_options), progress)

    def add_uploads(self, files: Sequence[tuple[str, BinaryIO]]) -> AddReport:
        """Index (name, content) of uploaded files; what cannot be read is among the failures.

        Raises:
            InputError: there is but one file, and nothing of it can be indexed.
        """
        return unless_alone(len(files), self._add(uploaded(files, self._read_options), None))

    def add_documents(self, documents: Sequence[Document]) -> AddReport:
        """Index documents; those without text are among the failures.

        Raises:
            EmptyDocument: there is but one, and it has no text.
        """
        return unless_alone(len(documents), self._add(documents, None))

    def _add(self, items: Iterable[Document | Failure], progress: Progress | None) -> AddReport:
        return add_readable(lambda: self.corpus, self.store.revision, items, progress)

    def remove(self, sources: Sequence[str]) -> list[str]:
        """Remove by id, source or folder; returns the ids. Raises NotFound when one names nothing."""
        found = (self.store.document_ids(self.named(source)) for source in sources)
        ids = list(dict.fromkeys(chain.from_iterable(found)))
        self.store.remove(ids)
        return ids

    def named(self, source: str) -> str:
        """An id, a source or a folder as the collection has it. Raises NotFound when it names nothing."""
        for name in (source.encode("utf-8", "replace").decode(), source_of(Path(source))):
            if self.store.document_ids(name):
                return name
        raise NotFound(f"nothing here came from {source!r}: `jujube list` shows what there is")

    def reindex(self, progress: Progress | None = None) -> AddReport:
        """Make passages, vectors and graph anew, with the embedder that is set."""
        corpus = self._open_corpus(load_embedder_of(self.settings, self.store), any_embedder=True)
        added = corpus.reindex(progress)
        self._corpus.drop()
        return AddReport(added.added, 0, 0, added.passages, added.revision)

    def stats(self) -> dict[str, Any]:
        """Counts, sizes and what is in use; loads no model."""
        recorded = self.store.embedder
        return {
            "collection": self.settings.collection,
            "home": str(self.settings.home),
            **self.store.counts(),
            "revision": self.store.revision,
            "bytes": self.store.bytes,
            "mode": self.mode,
            "embedder": recorded.name if recorded else None,
            "generator": self.settings.generator,
            **self._generator.state(),
            "runtime": next((one.runtime for one in self._generator.loaded()), choose(self.settings.runtime)),
            "threads": self.settings.threads,
            "span_reader": span_reader_in_use(self.settings, self._span_reader.loaded()),
        }
