"""Passages -> mentions, facts and other names, without a language model.

Extractors are backends: spaCy for English (index/extract_en.py), LAC for Chinese (index/extract_zh.py),
patterns for both and for all else (index/patterns.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from index.errors import UnknownModel
from index.extract_en import SpacyExtractor
from index.extract_zh import LacExtractor
from index.extraction import LONGEST_NAME, Extraction, Extractor, Source, sources
from index.language import CJK, entity_key, language
from index.names import Names
from index.patterns import assembled, mentions_in, title_codes
from index.pieces import in_pieces
from index.resolve import resolved
from index.types import Fact, Mention, Passage
from index.workers import WorkerExtractor

__all__ = ["Extraction", "Extractor", "extract_passages", "load_extractor"]

_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_LATIN_WORDS = re.compile(r"[A-Za-zÀ-ɏ]{2,}[ '’-]+[A-Za-zÀ-ɏ]{2,}")
_CHINESE = re.compile(f"[{CJK}]")
_NOT_CHINESE = re.compile(f"[^{CJK}]")
_NOT_LATIN = re.compile(f"[{CJK}\u3000-\u303f\uff00-\uffef]")
_MIXED = 0.1
"""Both models read a text when a tenth of its letters are of the other script."""


def load_extractor(name: str = "embedded", processes: int = 1) -> Extractor:
    """ "embedded": spaCy and LAC by the text's language; "patterns": codes, titles, capitals and tables only.

    Args:
        processes: "embedded" with 2 or more reads large batches in as many worker processes; close it.
    """
    if name == "embedded":
        return LanguageExtractor() if processes < 2 else WorkerExtractor(LanguageExtractor, processes)
    if name == "patterns":
        return PatternExtractor()
    raise UnknownModel(f"unknown extractor {name!r}: use embedded or patterns")


def extract_passages(
    extractor: Extractor, titled: Sequence[tuple[str, Passage]], names: Names | None = None
) -> list[Extraction]:
    """Extractions of passages, each given with its document's title, in document offsets.

    Title and heading become entities too, and so do codes and 《titles》 in them and in outer headings. They
    stand outside the passage: their mention is the empty span at its start. Within one document, other names
    that it introduces and surnames become the full name's mentions; so all passages of a document should come
    in one call.

    Args:
        names: a company's own names and aliases; they win over the models.
    """
    texts = [passage.text for _, passage in titled]
    topics = [_topic(title, passage.heading) for title, passage in titled]
    given = [names.mentions(text) for text in texts] if names else ()
    found = extractor.extract(texts, topics, given)
    placed = []
    for (title, passage), own in zip(titled, found, strict=True):
        inside = own.shifted(passage.start)
        mentions = (*_titles(title, passage, names), *inside.mentions)
        facts = _of_own(inside.facts, names) if names else inside.facts
        placed.append(Extraction(mentions, facts, inside.aliases))
    return resolved([passage for _, passage in titled], placed)


def _titles(title: str, passage: Passage, names: Names | None) -> Iterator[Mention]:
    headings = passage.heading.split(" > ")
    within = (code for name in (title, *headings) for code in title_codes(name))
    for name in dict.fromkeys([title, headings[-1], *within]):
        key = entity_key(name)
        if not key or len(key) > LONGEST_NAME:
            continue
        keys = names.named(key) if names else ()
        for own in keys or (key,):
            yield Mention(own, "TITLE", name, passage.start, passage.start)


def _of_own(facts: Sequence[Fact], names: Names) -> tuple[Fact, ...]:
    """The facts said of a company's own names where they use an alias: `Model: FMP`, a title, a definition.

    An alias of two names is taken for the first of them.
    """

    def own(key: str) -> str:
        keys = names.named(key)
        return key if not keys or key in keys else keys[0]

    renamed = dict.fromkeys(replace(f, subject=own(f.subject), object=own(f.object)) for f in facts)
    return tuple(f for f in renamed if f.subject != f.object)


_GENERAL = frozenset(
    [
        "overview",
        "introduction",
        "summary",
        "detail",
        "details",
        "specifications",
        "specification",
        "technical data",
        "data",
        "history",
        "background",
        "contents",
        "notes",
        "references",
        "description",
        "features",
        "contact",
        "general information",
        "概述",
        "简介",
        "介绍",
        "规格",
        "参数",
        "技术参数",
        "特点",
        "历史",
        "背景",
        "联系方式",
        "说明",
        "目录",
        "基本信息",
        "产品参数",
        "备注",
    ]
)
"""Headings that name no thing of their own: the title is what the passage is about."""


def _topic(title: str, heading: str) -> str:
    """What a passage is about: the innermost heading that names something, else the title."""
    for name in reversed(heading.split(" > ")):
        key = entity_key(name)
        if key and key not in _GENERAL and len(key) <= LONGEST_NAME:
            return name
    return title


class PatternExtractor:
    """Model numbers (B-200), titles in 《》, capitalised names, tables, lines and definitions; no model."""

    def extract(
        self, texts: Sequence[str], topics: Sequence[str] = (), given: Sequence[Sequence[Mention]] = ()
    ) -> list[Extraction]:
        return [assembled(s, mentions_in(s), ()) for s in sources(texts, topics, given)]


class LanguageExtractor:
    """Sends each text to the extractor of its language; each is loaded when first needed.

    A text of both languages is read by both models; the language that most of it is in gives the facts.
    """

    @cached_property
    def _english(self) -> SpacyExtractor:
        return SpacyExtractor()

    @cached_property
    def _chinese(self) -> LacExtractor:
        return LacExtractor()

    def extract(
        self, texts: Sequence[str], topics: Sequence[str] = (), given: Sequence[Sequence[Mention]] = ()
    ) -> list[Extraction]:
        return in_pieces(self._extract, sources(texts, topics, given))

    def _extract(self, items: Sequence[Source]) -> list[Extraction]:
        found: list[Extraction] = [Extraction()] * len(items)
        places: dict[str, list[int]] = {"en": [], "zh": []}
        for i, item in enumerate(items):
            places[language(item.text)].append(i)
        for name, indices in places.items():
            if not indices:
                continue
            extractor: SpacyExtractor | LacExtractor = self._chinese if name == "zh" else self._english
            more = [self._other(items[i], name) for i in indices]
            read = extractor.read([items[i] for i in indices], more)
            for i, extraction in zip(indices, read, strict=True):
                found[i] = extraction
        return found

    def _other(self, item: Source, name: str) -> list[Mention]:
        """What the other language's model names in a text of both."""
        text = item.text
        chinese, latin = len(_CHINESE.findall(text)), len(_LATIN.findall(text))
        if min(chinese, latin) < _MIXED * (chinese + latin) or min(chinese, latin) < 2:
            return []
        if name == "en":
            return self._chinese.mentions(_NOT_CHINESE.sub("，", text))
        if not _LATIN_WORDS.search(text):
            return []
        masked = _NOT_LATIN.sub(" ", text)
        own = self._english.mentions(masked)
        return [m for m in own if _LATIN.search(m.text) and m.text == text[m.start : m.end]]
