"""A passage with all that the store knows about it, as made questions need it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from index.browse import facts_in, mentions_in
from index.language import language, sentences
from index.store import Store
from index.types import Fact, Mention, Passage
from rag.phrases import Sentence, Span

_SHORTEST, _LONGEST = {"en": 30, "zh": 12}, {"en": 400, "zh": 160}
"""Characters of a sentence that a question is made from."""
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w-])|\d+(?=[年月日天个人台所元万%])")
_WHOLE = re.compile(r"[.!?。！？…;；][”’\"')）」』]*$")
"""A sentence, not a page's header or an item of a list."""
_ROW = re.compile(r"[:：][^;；:：]+[;；][^;；:：]+[:：]")
"""A row of a table, `column: value; column: value`: its facts are asked for, not its words."""

Said = tuple[Sentence, list[Mention]]
"""A sentence with the mentions in it, in the sentence's own offsets."""


@dataclass(frozen=True, slots=True)
class Source:
    passage: Passage
    title: str
    mentions: Sequence[Mention]
    facts: Sequence[Fact]

    def sentences(self, random: Random) -> list[Said]:
        """Its sentences of a fit length in random order; no headings, headers, rows of tables."""
        text, base = self.passage.text, self.passage.start
        found: list[Said] = []
        for start, end in sentences(text):
            said, tongue = text[start:end], language(text[start:end])
            fit = _SHORTEST[tongue] <= len(said) <= _LONGEST[tongue]
            if not fit or not _WHOLE.search(said) or _ROW.search(said):
                continue
            inside = [
                Mention(m.entity, m.kind, m.text, m.start - base - start, m.end - base - start)
                for m in self.mentions
                if base + start <= m.start < m.end <= base + end
            ]
            found.append((Sentence(said, tongue, tuple((m.start, m.end) for m in inside)), inside))
        return random.sample(found, len(found))

    def name(self, entity: str) -> str:
        """An entity as the passage writes it."""
        return next((m.text for m in self.mentions if m.entity == entity), entity)

    def kind(self, entity: str) -> str:
        """What an entity is to this passage."""
        return next((m.kind for m in self.mentions if m.entity == entity), "OTHER")

    def words(self, fact: Fact) -> str:
        """The words that say a fact."""
        return self.passage.text[fact.start - self.passage.start : fact.end - self.passage.start]

    def column(self, fact: Fact) -> bool:
        """Whether a fact is a cell of a table and its relation the column's name."""
        return re.search(re.escape(fact.relation) + r"\s*[:：]", self.words(fact)) is not None


def read_sources(store: Store, ids: Sequence[int]) -> list[Source]:
    """Passages of these ids in their order; those that are gone are left out."""
    passages, mentions, facts = store.passages(ids), mentions_in(store, ids), facts_in(store, ids)
    return [Source(passages[i][0], passages[i][2], mentions[i], facts[i]) for i in ids if i in passages]


def targets(said: Said) -> list[tuple[Span, str]]:
    """Names and numbers of a sentence that may be asked for, each with its kind."""
    sentence, mentions = said
    names = [((m.start, m.end), m.kind) for m in mentions]
    numbers = [(m.span(), "NUMBER") for m in _NUMBER.finditer(sentence.text)]
    return names + [n for n in numbers if all(n[0][1] <= a or b <= n[0][0] for (a, b), _ in names)]
