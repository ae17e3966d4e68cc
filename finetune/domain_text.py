"""Raw texts of a domain -> a data set to write on from: cleaned, each once, split by document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from finetune.cleaning import CleanOptions, Dropped, Tally, cleaned
from finetune.parting import FEWEST, part_groups
from finetune.records import DataSet, Part, Record
from index.errors import InputError
from index.language import language
from index.readers.read import read_paths
from index.readers.records import Failure
from index.store import Store
from index.types import Document

_PIECES = 20
"""Paragraphs from which a single text is split inside."""


@dataclass(frozen=True, slots=True)
class TextOptions:
    validation: float = 0.1
    heldout: float = 0.1
    seed: int = 0
    clean: CleanOptions = field(default_factory=CleanOptions)


def make_text(
    folder: Path, sources: Iterable[Document] | Sequence[Path], options: TextOptions | None = None
) -> DataSet:
    """A data set of texts, written to `folder`.

    Args:
        sources: documents, or files and folders in any format that can be indexed.

    Raises:
        InputError: nothing is left to learn; says what was dropped. Also where the folder is not empty.
        StorageFull: it cannot be written.
    """
    options = options or TextOptions()
    tally = Tally()
    given = list(sources)
    paths = [one for one in given if isinstance(one, Path)]
    documents: dict[str, Document] = {one.id: one for one in given if isinstance(one, Document)}
    for found in read_paths(paths):
        if isinstance(found, Failure):
            tally.drop("a file that cannot be read", found.reason)
        else:
            documents[found.id] = found
    kept = cleaned(((one.id, one.text) for one in documents.values()), tally, options.clean)
    if not kept:
        raise InputError(f"no text to learn from is left of {len(given)} sources{explained(tally.dropped())}")
    groups, notes = _groups(kept)
    parts = part_groups(
        {name: len(text) for name, (_, text) in groups.items()},
        validation=options.validation,
        heldout=options.heldout,
        seed=options.seed,
    )
    if len(groups) < FEWEST:
        notes.append(_ALL_LEARNT.format(count=len(groups), what="text" if len(groups) == 1 else "texts"))
    records: dict[Part, list[Record]] = {"train": [], "validation": [], "heldout": []}
    for name, (source, text) in groups.items():
        record = Record(f"text-{name}", "", (text,), "", "text", source, language(text))
        records[parts[name]].append(record)
    made = {"recipe": "text", "documents": len(kept), **asdict(options)}
    return written(folder, records, tally, notes, made)


_ALL_LEARNT = (
    "only {count} {what}: nothing can be held out, so nothing will say whether the model got better. "
    "Give more texts"
)


def documents_of(store: Store) -> Iterable[Document]:
    """All documents of a collection, one after another."""
    return (store.document(document_id) for document_id in store.document_ids())


def explained(dropped: Sequence[Dropped]) -> str:
    """What was dropped, for the end of an error's message; "" for nothing."""
    reasons = "; ".join(f"{one.count} x {one.reason}, such as {one.examples[0]!r}" for one in dropped)
    return f" ({reasons})" if reasons else ""


def written(
    folder: Path,
    records: dict[Part, list[Record]],
    tally: Tally,
    notes: Sequence[str],
    made: dict[str, object],
) -> DataSet:
    """The data set of these records, written."""
    data = DataSet(
        folder,
        tuple(records["train"]),
        tuple(records["validation"]),
        tuple(records["heldout"]),
        tally.dropped(),
        tuple(notes),
        made,
    )
    data.write()
    return data


def _groups(kept: Sequence[tuple[str, str]]) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Texts by a name of their own: whole documents, or the parts of the only one."""
    if len(kept) >= FEWEST:
        return {name: (name, text) for name, text in kept}, []
    pieces = [(name, piece) for name, text in kept for piece in text.split("\n\n")]
    if len(pieces) < _PIECES:
        return {name: (name, text) for name, text in kept}, []
    size = -(-len(pieces) // 10)
    groups = {}
    for name, text in kept:
        own = text.split("\n\n")
        for first in range(0, len(own), size):
            groups[f"{name}-{first}"] = (name, "\n\n".join(own[first : first + size]))
    return groups, [f"{len(kept)} text{'s' * (len(kept) > 1)} only: split inside, by paragraphs"]
