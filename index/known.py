"""What a collection holds already, looked up as documents come."""

from __future__ import annotations

from index.store import Store
from index.types import Document


class Known:
    """What each source holds, the documents that are on their way to the store included."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: dict[str, tuple[str, str]] = {}
        """source -> (id, fingerprint)."""
        self._source_of: dict[str, str] = {}
        self._looked_up: set[str] = set()

    def _look_up(self, document: Document) -> None:
        """Read what the store has under this id or source, once: adding costs what is added."""
        asked = {document.id, document.source} - self._looked_up
        if asked:
            self._looked_up |= asked
            for own, source, fingerprint in self._store.held(asked):
                if own not in self._source_of and source not in self._held:
                    self._held[source] = (own, fingerprint)
                    self._source_of[own] = source

    def holds(self, document: Document) -> bool:
        self._look_up(document)
        return self._held.get(document.source) == (document.id, document.fingerprint)

    def put(self, document: Document) -> bool:
        """Note a document; whether it replaces what had its id or its source."""
        self._look_up(document)
        replaced = {document.source, self._source_of.get(document.id, document.source)} & self._held.keys()
        for source in replaced:
            del self._source_of[self._held.pop(source)[0]]
        self._held[document.source] = (document.id, document.fingerprint)
        self._source_of[document.id] = document.source
        return bool(replaced)
