"""The knowledge graph: passages, the entities they name, and facts between entities.

The graph is kept in the store, edge by edge, each with the passage and the offsets of the words it comes
from: what is added is in it when the commit is done, what is removed is gone, and nothing has to be built,
followed or loaded. A question reads what it touches; what a person looks at is a networkx graph of the part
that is asked for (index/network.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from index import edges
from index.edges import Pack, Sentences
from index.language import entity_key
from index.names import Names
from index.recent import Recent
from index.rows import TITLE
from index.store import Store
from index.types import Fact
from index.vocabulary import NAMES_ID, stored_names

Named = tuple[frozenset[int], frozenset[int]]
"""Ids of the entities that the sentences of a passage name, and of those that are its title or heading."""

_PACKS = 50_000
"""Passages whose entities are kept in memory: about 20 MB."""
_NAMED = 10_000
"""Passages whose entities are kept as sets: about 20 MB."""
_SENTENCES = 10_000
"""Passages whose sentence vectors are kept in memory: about 40 MB."""


class KnowledgeGraph:
    """Entities are named by their key (str), passages by their id (int). Safe for threads."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._names: tuple[str | None, Names] = (None, Names())
        """What the list of names was called when it was read, and the list: changed together."""
        self._packs: Recent[Pack] = Recent(_PACKS)
        self._named: Recent[Named] = Recent(_NAMED)
        self._sentences: Recent[Sentences] = Recent(_SENTENCES)

    def __contains__(self, entity: str) -> bool:
        return bool(self.ids([entity]))

    def __len__(self) -> int:
        """How many entities there are."""
        with self.store.read() as db:
            return int(db.execute("SELECT count(*) FROM entities").fetchone()[0])

    # -- names -----------------------------------------------------------------------------------------

    def ids(self, keys: Iterable[str]) -> dict[str, int]:
        """key -> id, of the keys that are entities."""
        with self.store.read() as db:
            return edges.entity_ids(db, keys)

    def keys(self, ids: Iterable[int]) -> dict[int, str]:
        """id -> key, of the ids that are entities."""
        with self.store.read() as db:
            return edges.entity_keys(db, ids)

    def find(self, name: str, limit: int = 20) -> list[str]:
        """Keys of entities that a person may mean by `name`: the very one, else those that hold its words."""
        key = entity_key(name)
        if key in self:
            return [key]
        return self.entities_with(name, limit)

    def entities_with(self, name: str, limit: int = 500, *, prefix: bool = False) -> list[str]:
        """Keys of entities that hold all words of `name` (`prefix`: begin so), the shortest first."""
        with self.store.read() as db:
            return [key for _, key in edges.entities_with(db, name, limit, prefix=prefix)]

    def beginning(self, prefix: str, limit: int) -> list[str]:
        """Keys of at most `limit` entities that begin with `prefix`, in order."""
        with self.store.read() as db:
            return edges.entities_beginning(db, prefix, limit)

    def listed(self, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """key -> keys of the names that it stands for in the company's own list; others are left out."""
        identity = self.store.meta(NAMES_ID)
        known, names = self._names
        if identity != known:
            names = stored_names(self.store)
            self._names = (identity, names)
        return {key: named for key in keys if (named := names.named(key))} if names else {}

    def partners(self, ids: Sequence[int]) -> list[tuple[int, int, int, int, int]]:
        """(entity, its other name, passage, start, end), both ways: the words that introduce the name."""
        if not ids:
            return []
        with self.store.read() as db:
            return edges.partners(db, ids)

    def aliases(self, entity: str) -> list[str]:
        """The other names of an entity, by key."""
        own = self.ids([entity]).get(entity)
        if own is None:
            return []
        return sorted(self.keys(other for _, other, *_ in self.partners([own])).values())

    # -- edges -----------------------------------------------------------------------------------------

    def passages_naming(self, ids: Iterable[int], limit: int, *, title: bool = False) -> dict[int, list[int]]:
        """entity id -> at most `limit` passages that mention it; `title`: as their title or heading."""
        with self.store.read() as db:
            return {e: edges.passages_naming(db, e, limit, title=title) for e in ids}

    def sentences_naming(self, ids: Iterable[int], limit: int) -> dict[int, list[tuple[int, int]]]:
        """entity id -> at most `limit` (passage id, number of the sentence or rows.TITLE)."""
        with self.store.read() as db:
            return {e: edges.sentences_naming(db, e, limit) for e in ids}

    def passages_of(self, entity: str, limit: int = 1000) -> list[int]:
        """Ids of at most `limit` passages that mention an entity, oldest first."""
        found = self.passages_naming(self.ids([entity]).values(), limit)
        return [i for ids in found.values() for i in ids]

    def packs(self, passage_ids: Iterable[int]) -> dict[int, Pack]:
        """passage id -> its entities, where they stand and how often."""
        with self.store.read() as db:
            return self._packs.get(passage_ids, lambda ids: edges.packs(db, ids))

    def named(self, passage_ids: Iterable[int]) -> dict[int, Named]:
        """passage id -> ids of the entities that its sentences name, and of those that it is about."""
        return self._named.get(passage_ids, self._read_named)

    def _read_named(self, passage_ids: list[int]) -> dict[int, Named]:
        found: dict[int, Named] = {}
        for i, pack in self.packs(passage_ids).items():
            titled = pack[:, 1] == TITLE
            found[i] = frozenset(pack[~titled, 0].tolist()), frozenset(pack[titled, 0].tolist())
        return found

    def sentences(self, passage_ids: Iterable[int]) -> dict[int, Sentences]:
        """passage id -> its sentences with their vectors."""
        with self.store.read() as db:
            return self._sentences.get(passage_ids, lambda ids: edges.sentences_of(db, ids))

    def facts(self, passage_ids: Iterable[int], entities: Iterable[str]) -> list[Fact]:
        """Facts that these passages say about these entities, in the order of the passages."""
        wanted, order = set(entities), list(passage_ids)
        with self.store.read() as db:
            found = edges.facts_of_passages(db, order)
        told = [fact for fact in found if fact.subject in wanted or fact.object in wanted]
        return sorted(told, key=lambda fact: order.index(fact.passage_id))

    def facts_of(self, entity: str, limit: int = 200) -> list[Fact]:
        """At most `limit` facts about an entity, as subject or object."""
        own = self.ids([entity]).get(entity)
        if own is None:
            return []
        with self.store.read() as db:
            return edges.facts_of_entity(db, own, limit)
