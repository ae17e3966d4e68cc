"""A collection in use: the store, and the views that follow it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from index.embed import Embedder, fingerprint
from index.errors import EmbedderMismatch, EmptyDocument, JujubeError, StoreBusy
from index.extract import Extractor
from index.fulltext import FullText
from index.graph import KnowledgeGraph
from index.kept import KEPT_FROM, keep_vectors, load_vectors
from index.known import Known
from index.names import Names
from index.prepare import prepare
from index.rows import Delta, Prepared
from index.split import SplitOptions, split
from index.store import Store
from index.types import Document, Passage
from index.vectors import VectorIndex
from index.vocabulary import stored_names

BATCH_PASSAGES = 256
"""Documents are committed together until they hold this many passages."""

_RENEWED_TOGETHER = 16
"""Documents that are indexed again in one transaction: other writers wait as long."""


@dataclass(slots=True)
class Added:
    """What `add` did."""

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    passages: int = 0
    revision: int = 0
    failures: list[tuple[str, JujubeError]] = field(default_factory=list)
    """(source, why) of documents that hold nothing to index."""


@dataclass(slots=True)
class Views:
    """What is derived from the store and kept beside it: the vector index, at one revision."""

    vectors: VectorIndex
    revision: int = 0
    kept_at: int = 0
    """Revision of the file that they were loaded from, or written to; 0 for none."""
    changed: int = 0
    """Passages that came or went since."""

    def apply(self, delta: Delta) -> None:
        """Follow the store; costs what the delta holds."""
        self.vectors.remove(delta.removed)
        self.vectors.add(delta.passages, delta.vectors)
        self.revision = delta.revision
        self.changed += len(delta.removed) + len(delta.passages)


class Corpus:
    """Add, remove and find. Safe for threads; other processes may change the same store."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        extractor: Extractor,
        count_tokens: Callable[[str], int],
        split_options: SplitOptions | None = None,
        *,
        any_embedder: bool = False,
    ) -> None:
        """Open a collection; the store stays the caller's to close.

        Args:
            count_tokens: text -> its length in the generator's tokens; sizes the passages.
            any_embedder: open it whatever embedder made it; only `reindex` may follow.

        Raises:
            EmbedderMismatch: the collection was made with another embedder.
        """
        self.store = store
        self.embedder = embedder
        self._extractor = extractor
        self._count_tokens = count_tokens
        self._split_options = split_options or SplitOptions()
        self._fingerprint = fingerprint(embedder)
        self.graph = KnowledgeGraph(store)
        self.text = FullText(store)
        self._lock = threading.Lock()
        self._views = self._empty_views()
        if not any_embedder:
            self._check_embedder()

    def _empty_views(self) -> Views:
        return Views(VectorIndex(self.embedder.dim))

    def _check_embedder(self) -> None:
        recorded = self.store.embedder
        if recorded is not None and not self._fingerprint.matches(recorded):
            raise EmbedderMismatch(
                f"this collection was indexed with the embedder {recorded.name!r} ({recorded.dim} "
                f"dimensions), not with {self._fingerprint.name!r} ({self._fingerprint.dim}): their vectors "
                f"do not compare. Use --embedder {recorded.name}, or run `jujube reindex --embedder "
                f"{self._fingerprint.name}` to embed everything again"
            )

    # -- changing --------------------------------------------------------------------------------------

    def add(self, documents: Iterable[Document], progress: Callable[[int, int], None] | None = None) -> Added:
        """Index documents: the same source replaces, the same text again is a no-op.

        Each batch is one transaction; when this returns, everything is on disk.

        Args:
            progress: called after each commit with the documents and the passages done so far.
        """
        result = Added(revision=self.store.revision)
        known, names = Known(self.store), stored_names(self.store)
        for batch in self._batches(self._changed(documents, known, result)):
            prepared = prepare(batch, self.embedder, self._extractor, names)
            result.revision = self.store.commit(prepared, self._fingerprint)
            result.passages += sum(len(passages) for _, passages in batch)
            if progress:
                progress(result.added + result.replaced + result.unchanged, result.passages)
        if result.passages >= KEPT_FROM:
            with suppress(OSError, StoreBusy):  # all is added; what is kept only saves time at the next start
                self.keep_views(settle=True)
        return result

    def _changed(
        self, documents: Iterable[Document], known: Known | None, result: Added
    ) -> Iterator[tuple[Document, list[Passage]]]:
        for document in documents:
            if known and known.holds(document):
                result.unchanged += 1
                continue
            passages = split(document, self._count_tokens, self._split_options)
            if passages:
                if known and known.put(document):
                    result.replaced += 1
                else:
                    result.added += 1
                yield document, passages
            else:
                result.failures.append(
                    (document.source, EmptyDocument(f"{document.source}: no text to index in it"))
                )

    def _batches(
        self, documents: Iterable[tuple[Document, list[Passage]]]
    ) -> Iterator[list[tuple[Document, list[Passage]]]]:
        batch: list[tuple[Document, list[Passage]]] = []
        size = 0
        for item in documents:
            batch.append(item)
            size += len(item[1])
            if size >= BATCH_PASSAGES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def reindex(self, progress: Callable[[int, int], None] | None = None) -> Added:
        """Split, embed and extract every document again, with this embedder, in one transaction."""
        result = Added()

        def prepared() -> Iterator[Prepared]:
            # Read inside the transaction, which keeps other writers out.
            documents = (self.store.document(i) for i in self.store.document_ids())
            names = stored_names(self.store)
            for batch in self._batches(self._changed(documents, None, result)):
                yield from prepare(batch, self.embedder, self._extractor, names)
                result.passages += sum(len(passages) for _, passages in batch)
                if progress:
                    progress(result.added, result.passages)

        result.revision = self.store.commit(prepared(), self._fingerprint, replace_all=True)
        return result

    def renew(
        self, document_ids: Sequence[str], names: Names, progress: Callable[[int, int], None] | None = None
    ) -> Added:
        """Index these documents again, with other names than are stored, some in each transaction.

        Documents that are gone are left out.
        """
        result = Added(revision=self.store.revision)

        def prepared(some: Sequence[str]) -> Iterator[Prepared]:
            # Read inside the transaction: what another process removes meanwhile does not come back.
            documents = (self.store.document(i) for own in some for i in self.store.document_ids(own))
            for batch in self._batches(self._changed(documents, None, result)):
                result.passages += sum(len(passages) for _, passages in batch)
                yield from prepare(batch, self.embedder, self._extractor, names)

        for first in range(0, len(document_ids), _RENEWED_TOGETHER):
            some = document_ids[first : first + _RENEWED_TOGETHER]
            result.revision = self.store.commit(prepared(some), self._fingerprint)
            if progress:
                progress(result.added, result.passages)
        result.replaced, result.added = result.added, 0
        return result

    # -- the views -------------------------------------------------------------------------------------

    def refresh(self) -> int:
        """Bring the views to the store's revision by applying what changed. Returns the revision."""
        with self._lock:
            return self._refresh()

    def _refresh(self) -> int:
        # Views that another thread has brought further than this thread's snapshot stay where they are.
        if self.store.revision > self._views.revision:
            self._check_embedder()
            try:
                if not self._views.revision and (found := load_vectors(self.store, self.embedder.dim)):
                    self._views = Views(found[0], found[1], found[1])
                self._views.apply(self.store.delta(self._views.revision))
            except BaseException:
                self._views = self._empty_views()  # half of the delta may be in them: begin anew
                raise
        return self._views.revision

    @contextmanager
    def views(self) -> Iterator[Views]:
        """The views, up to date, held still while the `with` block runs."""
        with self._lock:
            self._refresh()
            yield self._views

    def keep_views(self, *, settle: bool = False) -> None:
        """Write the views of a large collection to disk, if they changed enough: the next start is quick.

        Args:
            settle: wait for what is being made of the vectors; up to minutes for a million.

        Raises:
            OSError: the disk is full.
        """
        if settle:
            with self.views() as views:
                vectors = views.vectors
            vectors.settle()  # without the lock: questions are answered meanwhile
        with self._lock:
            views = self._views
            if views.revision and keep_vectors(
                self.store, views.vectors, views.revision, views.kept_at, views.changed
            ):
                views.kept_at, views.changed = views.revision, 0

    def verify(self) -> list[str]:
        """Check the store, rebuild the views from it and compare; returns what was wrong."""
        problems = self.store.problems()
        with self._lock:
            self._refresh()
            fresh = self._empty_views()
            fresh.apply(self.store.delta(0))
            while fresh.revision != self._views.revision:  # another process writes meanwhile
                behind = min(fresh, self._views, key=lambda views: views.revision)
                behind.apply(self.store.delta(behind.revision))
            if sorted(fresh.vectors.ids()) != sorted(self._views.vectors.ids()):
                problems.append("the vector index held other passages than the store: rebuilt")
            self._views = fresh
        return problems
