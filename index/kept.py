"""The vector index of a large collection, kept in a file beside the store: a start need not make it anew.

The file is named after a token that the store records once the file is whole. A store that was put back from
a backup, or made anew under the same name, does not know the token of a file that it never wrote: the file is
then passed over and the index made from the store. So is a damaged one (index/stamped.py).
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from glob import escape
from pathlib import Path

from index.store import Store
from index.vectors import VectorIndex

KEPT_FROM = 10_000
"""Passages; a smaller index is made from the store in less than a second."""
_CHANGED = 0.05
"""Share of the passages that may have changed since the file was written: a start catches up with them."""
_TOKEN = "vectors_token"
_TOKEN_BYTES = 8


def load_vectors(store: Store, dim: int) -> tuple[VectorIndex, int] | None:
    """The index that was kept and the revision it was made from; None when there is none to be trusted."""
    token = store.meta(_TOKEN)
    found = token and VectorIndex.load(_path(store, token), dim)
    if not found or found[1] > store.revision:
        return None
    return found


def keep_vectors(store: Store, vectors: VectorIndex, revision: int, loaded_from: int, changed: int) -> bool:
    """Write the index to its file if that pays. Returns whether it was written.

    Args:
        revision: of the store that `vectors` are made from.
        loaded_from: the revision of the file they were loaded from; 0 for none.
        changed: passages that came or went since.

    Raises:
        OSError: the disk is full.
    """
    if len(vectors) < KEPT_FROM or (loaded_from and changed <= _CHANGED * len(vectors)):
        return False
    if vectors.describe()["growing"]:
        return False  # its lists are still being made: they are what is worth keeping
    token = secrets.token_hex(_TOKEN_BYTES)
    vectors.save(_path(store, token), revision)
    store.set_meta(_TOKEN, token)
    # A token's characters, not any: "a.*" would name the files of a collection "a.b", too.
    tokens = "[0-9a-f]" * (2 * _TOKEN_BYTES)
    for old in store.path.parent.glob(f"{escape(store.path.stem)}.{tokens}.vectors"):
        if old != _path(store, token):
            with suppress(OSError):  # another process may be reading or removing it
                old.unlink()
    return True


def _path(store: Store, token: str) -> Path:
    return store.path.with_name(f"{store.path.stem}.{token}.vectors")
