"""What an extractor gives and what it must be able to do; shared by the extractors of all languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Protocol

from index.types import Alias, Fact, Mention

LONGEST_NAME = 80
"""Characters; what is longer is no name."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one text says: mentions, facts and other names, in order of place."""

    mentions: tuple[Mention, ...] = ()
    facts: tuple[Fact, ...] = ()
    aliases: tuple[Alias, ...] = ()

    def shifted(self, by: int) -> Extraction:
        """The same in a text that begins `by` characters earlier."""
        return Extraction(
            tuple(replace(m, start=m.start + by, end=m.end + by) for m in self.mentions),
            tuple(replace(f, start=f.start + by, end=f.end + by) for f in self.facts),
            tuple(replace(a, start=a.start + by, end=a.end + by) for a in self.aliases),
        )


@dataclass(frozen=True, slots=True)
class Source:
    """One text to extract from."""

    text: str
    topic: str = ""
    """What the text is about, its heading or title: what "it" is, and what `Weight: 12 kg` is said of."""
    given: tuple[Mention, ...] = ()
    """Mentions that are known already and win over all others."""


class Extractor(Protocol):
    """Finds names and what is said between them."""

    def extract(
        self, texts: Sequence[str], topics: Sequence[str] = (), given: Sequence[Sequence[Mention]] = ()
    ) -> list[Extraction]:
        """One extraction a text; offsets count from the text's beginning, `passage_id` is 0.

        Args:
            topics: what each text is about (its heading or title), or nothing at all.
            given: for each text the mentions that are known already (a company's own names).
        """
        ...


def sources(
    texts: Sequence[str], topics: Sequence[str] = (), given: Sequence[Sequence[Mention]] = ()
) -> list[Source]:
    """The arguments of `Extractor.extract`, text by text."""
    rows = zip_longest(texts, topics, given)
    return [Source(text, topic or "", tuple(own or ())) for text, topic, own in rows]


def without_overlaps(first: Iterable[Mention], second: Iterable[Mention]) -> Iterator[Mention]:
    """All of `first`, and those of `second` that touch none of them."""
    kept = sorted(first, key=lambda m: (m.start, m.end))
    yield from kept
    spans = merged_spans(kept)
    at = 0
    for mention in sorted(second, key=lambda m: (m.start, m.end)):
        while at < len(spans) and spans[at][1] <= mention.start:
            at += 1
        if at == len(spans) or mention.end <= spans[at][0]:
            yield mention


def merged_spans(mentions: Iterable[Mention]) -> list[tuple[int, int]]:
    """The stretches that the mentions cover, ascending, disjoint."""
    spans: list[tuple[int, int]] = []
    for mention in sorted(mentions, key=lambda m: (m.start, m.end)):
        if spans and mention.start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], mention.end))
        else:
            spans.append((mention.start, mention.end))
    return spans
