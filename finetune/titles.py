"""What passages stand under, so that a reader learns it as it is shown it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from finetune.records import Part, Record
from index.store import Store
from index.types import Passage
from rag.prompt import title_of

_AT_ONCE = 500


def titles_of(store: Store, passages: Iterable[Passage]) -> dict[str, str]:
    """text -> title, for passages of a store."""
    ids = list({passage.id for passage in passages})
    return {
        passage.text: title_of(title, passage.heading)
        for first in range(0, len(ids), _AT_ONCE)
        for passage, _, title in store.passages(ids[first : first + _AT_ONCE]).values()
    }


def with_titles(
    records: Mapping[Part, Sequence[Record]], titles: Mapping[str, str]
) -> dict[Part, list[Record]]:
    """The records, each passage under its title if `titles` (text -> title) has one."""
    return {
        part: [replace(one, titles=_titles(one, titles)) for one in some] for part, some in records.items()
    }


def _titles(record: Record, titles: Mapping[str, str]) -> tuple[str, ...]:
    found = tuple(titles.get(text, "") for text in record.passages)
    return found if any(found) else ()
