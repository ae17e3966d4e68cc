"""Where an answer stands, as a reader can check it."""

from __future__ import annotations

from collections.abc import Sequence

from index.types import Hit
from rag.candidates import Place
from rag.prompt import Included
from rag.types import Citation

MOST_CITATIONS = 3


def cite(places: Sequence[Place], included: Sequence[Included], hits: Sequence[Hit]) -> tuple[Citation, ...]:
    """The sentences or headings that hold an answer, best first, at most one a passage.

    Each citation is a true span: `document.text[start:end] == text`, and
    `document.text[answer_start:answer_end]` is the answer.
    """
    sources = {hit.passage.id: hit.source for hit in hits}
    cited: dict[int, Citation] = {}
    for place in places:
        part = included[place.passage]
        passage = part.passage
        if passage.id in cited or len(cited) == MOST_CITATIONS:
            continue
        start, text, page = _said(part, place)
        if any(
            (passage.document_id, start, text) == (c.document_id, c.start, c.text) for c in cited.values()
        ):
            continue
        cited[passage.id] = Citation(
            document_id=passage.document_id,
            source=sources[passage.id],
            passage_id=passage.id,
            start=start,
            end=start + len(text),
            text=text,
            answer_start=place.start,
            answer_end=place.end,
            page=page,
        )
    return tuple(cited.values())


def _said(part: Included, place: Place) -> tuple[int, str, int | None]:
    """The sentences that a place is in, or the heading: where in the document they begin, and their page."""
    passage = part.passage
    if line := part.line_at(place.start, place.end):
        return line.start, line.text, line.page
    around = part.sentences_around(place.start, place.end)
    begin, end = min(place.start, around[0][0]), max(place.end, around[-1][1])
    return begin, passage.text[begin - passage.start : end - passage.start], passage.page
