"""Full text: BM25 over the words of passages, titles and headings, through SQLite's FTS5."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Collection, Iterable

from index.language import asked_terms, has_cjk
from index.recent import Recent
from index.store import Store

_FEW = 3
"""A question keeps at least so many of its terms, however common they are."""
_COMMON = 5000
"""Passages that hold a term which is then left out, if rarer ones stay: ranking them all costs more than it
tells."""
_LARGE = 20_000
"""Passages from which on counts of terms are kept while the collection changes a little."""
_TERMS = 5_000
"""Passages whose terms are kept in memory: about 25 MB."""


class FullText:
    """Which passages hold which words. Kept in the store, and read from there. Safe for threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._terms: Recent[frozenset[str]] = Recent(_TERMS)
        self._lock = threading.Lock()
        self._revision = -1
        self._count = 0
        """Passages at that revision."""
        self._counts: dict[str, int] = {}
        self._counted_at = 0
        """Passages when the first of `_counts` was counted."""

    def search(self, query: str, k: int, among: frozenset[int] | None = None) -> list[tuple[int, float]]:
        """Passages that hold terms of `query`: (passage id, BM25 > 0), best first.

        Args:
            among: only these passages; None: all.
        """
        terms = self._telling(asked_terms(query))
        if not terms:
            return []
        only = "" if among is None else "AND rowid IN (SELECT value FROM json_each(:among)) "
        values = {"match": " OR ".join(map(_quoted, terms)), "k": k}
        with self._store.read() as db:
            rows = db.execute(
                "SELECT rowid, -bm25(words) FROM words WHERE words MATCH :match "
                f"{only}ORDER BY bm25(words) LIMIT :k",
                values if among is None else values | {"among": json.dumps(sorted(among))},
            )
            return [(int(row[0]), float(row[1])) for row in rows]

    def _telling(self, terms: list[str]) -> list[str]:
        """Without the most common terms, where enough others are left."""
        if len(terms) <= _FEW:
            return terms
        found = self.frequencies(terms)
        rare = sorted(terms, key=lambda term: found.get(term, 0))
        kept = {t for t in rare if found.get(t, 0) <= _COMMON} | set(rare[:_FEW])
        return [term for term in terms if term in kept]

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """term -> in how many passages it stands; terms that stand in none are left out.

        Counting a common term in a large collection takes longer than a question may, so counts are kept: in
        a large collection until a tenth has been added to it or taken away.
        """
        with self._lock:
            revision = self._store.revision
            if revision != self._revision:
                self._revision, self._count = revision, self._store.passage_count()
                if self._count < _LARGE or abs(self._count - self._counted_at) > self._counted_at / 10:
                    self._counts, self._counted_at = {}, self._count
            missing = [term for term in terms if term not in self._counts]
            if missing:  # of them those that stand nowhere are looked up again: one may come, and it is quick
                self._counts.update(self._read_frequencies(missing))
            return {term: self._counts[term] for term in terms if term in self._counts}

    def _read_frequencies(self, terms: list[str]) -> dict[str, int]:
        with self._store.read() as db:
            rows = db.execute(
                "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))",
                (json.dumps(terms),),
            )
            return {row[0]: int(row[1]) for row in rows}

    def weights(self, terms: Collection[str]) -> dict[str, float]:
        """term -> what it tells: its inverse document frequency as in BM25, in nats; 0 if unknown."""
        found, whole = self.frequencies(terms), self._count
        return {
            term: math.log(1 + (whole - found[term] + 0.5) / (found[term] + 0.5)) if term in found else 0.0
            for term in terms
        }

    @property
    def rarest(self) -> float:
        """What a term would tell that no passage has, in nats."""
        return math.log(1 + (self._count + 0.5) / 0.5)

    def terms_of(self, passage_ids: Iterable[int]) -> dict[int, frozenset[str]]:
        """passage id -> the terms under which it was indexed, those of title and headings included."""
        return self._terms.get(passage_ids, self._read_terms)

    def _read_terms(self, passage_ids: list[int]) -> dict[int, frozenset[str]]:
        with self._store.read() as db:
            rows = db.execute(
                "SELECT rowid, terms FROM words WHERE rowid IN (SELECT value FROM json_each(?))",
                (json.dumps(passage_ids),),
            )
            return {row[0]: frozenset(row[1].split(" ")) for row in rows}


def _quoted(term: str) -> str:
    """A single Chinese character is no pair: it finds the pairs that begin with it."""
    return f'"{term}"*' if len(term) == 1 and has_cjk(term) else f'"{term}"'
