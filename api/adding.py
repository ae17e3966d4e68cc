"""Documents on their way in: what can be read is indexed, what cannot is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import BinaryIO

from api.report import AddReport
from index.corpus import Corpus
from index.errors import InputError
from index.readers.read import ReadOptions, read_bytes
from index.readers.records import Failure
from index.types import Document

Progress = Callable[[int, int], None]


def uploaded(files: Sequence[tuple[str, BinaryIO]], options: ReadOptions) -> Iterator[Document | Failure]:
    """The documents in (name, content) of uploaded files."""
    names: set[str] = set()
    for name, content in files:
        try:
            if name in names:
                raise InputError(f"{name}: two files of this name; send them one after the other")
            names.add(name)
            yield from read_bytes(name, content.read(), name, options)
        except InputError as error:
            yield Failure(name, error.code, str(error))


def add_readable(
    open_corpus: Callable[[], Corpus],
    revision: int,
    items: Iterable[Document | Failure],
    progress: Progress | None,
) -> AddReport:
    """Index the documents among `items`.

    Args:
        open_corpus: called if there is a document at all: else no model need be loaded.
        revision: of the collection as it is.
        progress: told (documents, passages) as they are done.
    """
    failures: list[Failure] = []

    def readable() -> Iterator[Document]:
        for item in items:
            if isinstance(item, Failure):
                failures.append(item)
            else:
                yield item

    documents = readable()
    first = next(documents, None)
    if first is None:
        return AddReport(revision=revision, failures=failures)
    added = open_corpus().add(chain([first], documents), progress)
    failures += [Failure(source, error.code, str(error)) for source, error in added.failures]
    return AddReport(added.added, added.replaced, added.unchanged, added.passages, added.revision, failures)
