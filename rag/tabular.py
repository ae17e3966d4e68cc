"""Tables among the documents that were found, and what is computed from them as steps of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from index.errors import NotFound
from index.language import fold
from index.store import Store
from index.types import Hit, Passage
from rag.asked import Asked, Conclusion
from rag.candidates import Candidate, Place
from rag.computed import compute, is_computed
from rag.directory import is_half_way
from rag.joined import Joined, join
from rag.looked_up import listed, look_up
from rag.named_table import NamedTable
from rag.prompt import Included, title_of
from rag.sheets import sheets
from rag.substituted import substitute
from rag.tables import is_row
from rag.told import Computed

_DOCUMENTS = 6
"""Whose tables are looked at: those of the best hits."""
_LONGEST = 1_000_000
"""Characters of a document that is looked through for tables."""
_PLACES = 6
"""Cells that an answer is cited by."""


class Tables:
    """The tables of a collection, read when a question compares or counts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, first: Asked) -> Conclusion | None:
        """What the tables of the documents that were found come to; None where they say nothing."""
        question = first.question
        with self._store.snapshot():  # cells and passages of one revision
            tables = list(self._near(first.hits))
            found = compute(question, tables) if is_computed(question) else None
            found = found or listed(question, tables) or look_up(question, tables)
            if found is not None and not is_half_way(question, found.text):
                step = self._step(first, found)
                return Conclusion(found.text, found.confidence, (step,)) if step is not None else None
            return self._joined(first, join(question, tables, [hit.passage for hit in first.hits]))

    def lead(self, first: Asked) -> tuple[Asked, str] | None:
        """A row that the question names, and the question with what else is told of that one in its place."""
        with self._store.snapshot():
            found = substitute(first.question, self._near(first.hits), [hit.passage for hit in first.hits])
            step = self._step(first, found.link) if found is not None else None
        return (step, found.question) if found is not None and step is not None else None

    def _near(self, hits: Sequence[Hit]) -> Iterator[NamedTable]:
        rows = (hit.passage for hit in hits if is_row(hit.passage.text, 0, len(hit.passage.text)))
        near = dict.fromkeys(passage.document_id for passage in rows)
        for document_id in list(near)[:_DOCUMENTS]:
            try:
                document = self._store.document(document_id)
            except NotFound:  # removed since it was found
                continue
            if len(document.text) <= _LONGEST:
                yield from _tables_of(document_id, f"{document.title}\n{document.source}", document.text)

    def _joined(self, first: Asked, found: Joined | None) -> Conclusion | None:
        """Two steps: what leads to the row, and its cell."""
        if found is None:
            return None
        one = self._step(first, found.link)
        other = self._step(replace(first, question=f"{found.link.text}: {found.column}"), found.cell)
        return Conclusion(found.cell.text, found.cell.confidence, (one, other)) if one and other else None

    def _step(self, first: Asked, found: Computed) -> Asked | None:
        """With the passages that hold the cells as what was read."""
        places = found.places[:_PLACES]
        known = {hit.passage.id: hit.passage for hit in first.hits}
        passages = self._store.passages_at(found.document_id, places)
        own = [passages[place] for place in places if place in passages]
        if not own:
            return None
        new = {passage.id: (passage, source, title) for passage, source, title in own}
        hits = [
            Hit(passage, 0.0, (), source, title)
            for passage, source, title in new.values()
            if passage.id not in known
        ]
        parts = [_whole(passage, title) for passage, _, title in new.values()]
        number = {passage_id: len(first.prompt.included) + at for at, passage_id in enumerate(new)}
        stand = tuple(Place(number[passages[place][0].id], *place) for place in places if place in passages)
        one = Candidate(found.text, stand, 0.0, 0.0, 0.0, 0.0, 1.0)
        prompt = replace(first.prompt, included=(*first.prompt.included, *parts))
        grounded = replace(
            first.grounded, candidates=(one,), confidence=found.confidence, read=len(prompt.included)
        )
        return replace(first, hits=(*first.hits, *hits), prompt=prompt, grounded=grounded)


@lru_cache(maxsize=12)
def _tables_of(document_id: str, title: str, text: str) -> tuple[NamedTable, ...]:
    """Kept, for the next question is often about the same documents."""
    return tuple(NamedTable(document_id, title, sheet, fold(text)) for sheet in sheets(text))


def _whole(passage: Passage, title: str) -> Included:
    return Included(passage, passage.start, passage.end, title_of(title, passage.heading))
