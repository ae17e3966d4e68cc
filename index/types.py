"""The values that pass between the parts of Jujube. All frozen.

All offsets are character offsets into `Document.text`, end exclusive, wherever they stand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def document_id_for(source: str) -> str:
    """The id of a document that brings none: 16 hexadecimal digits of its source's SHA-256.

    >>> document_id_for("manual.md") == document_id_for("manual.md")
    True
    """
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Document:
    """One text with a name. The same source added again replaces; the same text again is a no-op."""

    id: str
    title: str
    text: str
    """Plain text; headings stand on lines of their own as in Markdown (`## Heading`)."""
    source: str
    """Where it came from: a path or URL; unique in a collection."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    pages: tuple[int, ...] = ()
    """Offset at which each page begins; empty for a format without pages."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all that is indexed; equal means adding again changes nothing."""
        digest = hashlib.sha256()
        for part in (self.title, self.text, repr(sorted(self.metadata.items())), repr(self.pages)):
            digest.update(part.encode("utf-8", "surrogatepass"))
            digest.update(b"\0")
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of index, prompt and citation: `document.text[start:end] == text`."""

    id: int
    """Given by the store; 0 before it is stored; never used twice."""
    document_id: str
    text: str
    start: int
    end: int
    page: int | None = None
    """Page on which it begins, counted from 1; None for a format without pages."""
    heading: str = ""
    """The headings above it, outermost first, joined with " > "."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One occurrence of an entity."""

    entity: str
    """The entity's key: its normalised name."""
    kind: str
    """PERSON, ORG, PLACE, DATE, PRODUCT, WORK, OTHER, or TITLE for a document's title or a heading."""
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of an entity; `document.text[start:end]` are the words that introduce it."""

    alias: str
    """The other name's key."""
    entity: str
    """The entity's key."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fact:
    """`subject` and `object` are entity keys; `document.text[start:end]` are the words that say so."""

    subject: str
    relation: str
    object: str
    passage_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents may be found: those that all conditions hold for."""

    source: str | None = None
    """The document's id, its source, or a folder that it lies in."""
    metadata: tuple[tuple[str, Any], ...] = ()
    """(field, value): a field of the document's metadata that has this value, or whose list holds it."""

    def __bool__(self) -> bool:
        """Whether it asks for anything at all."""
        return self.source is not None or bool(self.metadata)


@dataclass(frozen=True, slots=True)
class Bridge:
    """How the graph came to an entity: the words `document.text[start:end]` of a passage name both."""

    entity: str
    by: str
    """The entity before it; empty for one that the question names, or that ties two passages."""
    passage_id: int = 0
    """The passage that names both; 0 for an entity of the question."""
    start: int = 0
    end: int = 0
    score: float = 1.0
    """How surely it is meant, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found. Scores are comparable within one search only."""

    passage: Passage
    score: float
    found_by: tuple[str, ...]
    """Which voices found it: "vector", "text", "graph"."""
    source: str = ""
    title: str = ""
    path: tuple[Bridge, ...] = ()
    """How the graph came from the question to an entity that the passage names; empty if it did not."""
    duplicate_of: int | None = None
    """The passage before it that says the same in nearly the same words."""
