"""What spelling and punctuation alone tell, in any language: codes, titles, quoted and capitalised names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from index.aliases import introduced
from index.capitals import capitalised, quoted
from index.extraction import Extraction, Source, merged_spans, without_overlaps
from index.language import entity_key
from index.layout import definitions, lines, rows
from index.types import Fact, Mention

_CODE = re.compile(r"(?<![\w-])(?=[A-Za-z-]*[A-Z])[A-Z][A-Za-z]{0,5}-?\d[\dA-Za-z-]{0,11}(?![\w-])", re.ASCII)
_QUOTED = re.compile(r"《([^《》\n]{1,40})》")


def mentions_in(source: Source, found: Iterable[Mention] = ()) -> list[Mention]:
    """The mentions of a text, in order of place: the given ones, then patterns', then a model's (`found`)."""
    text = source.text
    exact = list(exact_names(text))
    by_span = {(m.start, m.end): m for m in (*quoted(text), *found)}
    by_span.update(((m.start, m.end), m) for m in exact)
    _add_spelled(by_span, capitalised(text))
    named = (m for m in by_span.values() if any(c.isalnum() for c in m.entity))
    kept = without_overlaps(source.given, named) if source.given else named
    return sorted(kept, key=lambda m: (m.start, m.end))


def assembled(source: Source, mentions: Iterable[Mention], facts: Iterable[Fact]) -> Extraction:
    """Add what the layout says: tables, `Weight: 12 kg`, definitions, other names."""
    by_place = {(m.start, m.end, m.entity): m for m in mentions}
    taken = {(start, end) for start, end, _ in by_place}
    given = merged_spans(source.given)
    said = [*facts]
    for more_mentions, more_facts in (rows(source), lines(source), definitions(source)):
        said += more_facts
        for m in more_mentions:
            if (m.start, m.end) not in taken and not any(a < m.end and m.start < b for a, b in given):
                taken.add((m.start, m.end))
                by_place[m.start, m.end, m.entity] = m
    ordered = sorted(by_place.values(), key=lambda m: (m.start, m.end))
    own = [fact for fact in dict.fromkeys(said) if fact.subject != fact.object]
    return Extraction(tuple(ordered), tuple(own), tuple(introduced(source.text, ordered)))


_SERIAL = re.compile(r"(?:FY|CY|Q|H|A|V)\d+|[A-Za-z]\d{1,2}")
"""Quarters, sizes of paper, versions: codes too short to say what a title is about."""


def title_codes(title: str) -> Iterator[str]:
    """The names in a title that are known by their form.

    >>> list(title_codes("Report Q3 2024: F-30, DN80 and A4 paper"))
    ['F-30', 'DN80']
    """
    return (found.text for found in exact_names(title) if not _SERIAL.fullmatch(found.text))


def exact_names(text: str) -> Iterator[Mention]:
    """Codes (B-200, ZL-2024-017) and 《titles》: their form alone says that they are names.

    >>> [m.entity for m in exact_names("DATA SHEET: F-30 (see 《安装指南》)")]
    ['f-30', '安装指南']
    """
    for match in _CODE.finditer(text):
        yield Mention(entity_key(match.group()), "PRODUCT", match.group(), *match.span())
    for match in _QUOTED.finditer(text):
        yield Mention(entity_key(match.group(1)), "WORK", match.group(1), *match.span(1))


def _add_spelled(by_span: dict[tuple[int, int], Mention], names: Iterable[Mention]) -> None:
    """Add names by spelling where no mention holds them or reaches half into them; they may hold one."""
    spans = sorted(by_span)
    at = 0
    for name in names:
        while at < len(spans) and spans[at][1] <= name.start:
            at += 1
        inside = [span for span in _from(spans, at, name.end) if span[1] > name.start]
        if not inside or (len(inside) == 1 and _holds(name, by_span[inside[0]])):
            by_span[name.start, name.end] = name


def _holds(name: Mention, other: Mention) -> bool:
    """Whether a longer name may hold another: University of Linhai, not Director Chen Mo."""
    within = name.start <= other.start and other.end <= name.end
    return within and other.kind not in ("PERSON", "DATE") and other.end - other.start < name.end - name.start


def _from(spans: list[tuple[int, int]], at: int, end: int) -> Iterator[tuple[int, int]]:
    while at < len(spans) and spans[at][0] < end:
        yield spans[at]
        at += 1
