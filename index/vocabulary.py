"""A collection's own names: kept with it, and which documents a change of them touches."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from index.language import entity_key, fold
from index.names import Names
from index.store import Store

_KEY = "names"
NAMES_ID = "names_id"
"""What the names are recognised by: a question cannot afford to read all of them."""


def stored_names(store: Store) -> Names:
    """The names that a collection is indexed with; empty for none."""
    recorded = store.meta(_KEY)
    return Names() if recorded is None else Names.from_json(recorded)


def store_names(store: Store, names: Names) -> None:
    """Keep names with a collection: what is added from now on is read with them. Empty ones forget them."""
    text = names.to_json() if names else None
    store.set_meta(_KEY, text)
    store.set_meta(NAMES_ID, text and sha256(text.encode()).hexdigest())


def documents_touched(store: Store, old: Names, new: Names) -> Iterator[str]:
    """Ids of the documents whose title or text holds a name or alias that came, went, or changed its meaning.

    Reads every document's text: about a second for 10 MB.
    """
    changed = _meanings(old) ^ _meanings(new)
    looked_for = Names(tuple((written,) for written in sorted({written for written, _ in changed})))
    if not looked_for:
        return
    for document_id in store.document_ids():
        document = store.document(document_id)
        if looked_for.mentions(f"{document.title}\n{document.text}"):
            yield document_id


def _meanings(names: Names) -> set[tuple[str, str]]:
    """(how it is written, folded; the key that it stands for)."""
    return {(fold(written), entity_key(row[0])) for row in names.rows for written in row}
