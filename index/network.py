"""Parts of the knowledge graph as networkx graphs: to look at, to walk and to export.

Nodes, by `type`:

    entity   key, name (as it is written most often), kind, passages (how many mention it; of what was not
             asked for, at most 2,000 are counted)
    passage  passage_id, document_id, source, title, heading, page, start, end, words (its first)

Edges, by `type`; all have passage_id, document_id, place (source and page), start, end and words, and
`document.text[start:end]` are the words that say so (of a title: the empty span before the passage):

    mention  passage -> entity; kind
    fact     entity -> entity; relation
    alias    the other name -> entity

`graph.graph` holds `revision`, `entities` (the nodes that were asked for), `left_out` (how many entities,
passages and facts within reach the limit left out).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any

import networkx as nx

from index import edges, shown
from index.graph import KnowledgeGraph
from index.neighbours import Part, everything, overview, reach, spelled
from index.paths import Join, find_way, told_between
from index.types import Passage

Placed = tuple[Passage, str, str]
"""A passage, its document's source and title."""

MOST_READ = 2000
"""Passages that a search for a way reads."""
_FACTS_A_NODE = 10
"""Facts and other names that are shown, for each entity and passage of the limit."""
_SPELLINGS = 200
"""Mentions that are looked at for how an entity is written."""
_COUNTED = 2000
_FIRST_WORDS = 240
"""Characters of a passage that its node shows."""


def entity_node(key: str) -> str:
    """The node of an entity."""
    return f"e:{key}"


def passage_node(passage_id: int) -> str:
    """The node of a passage."""
    return f"p:{passage_id}"


def around(
    graph: KnowledgeGraph, entities: Iterable[str], hops: int = 1, limit: int = 200
) -> nx.MultiDiGraph:
    """What lies within `hops` of some entities, the nearest first.

    One hop leads from an entity to those that a fact or a passage joins with it; its other names are as near
    as it is.

    Args:
        entities: keys; those that are no entity are left out.
        limit: entities and passages together, at most.
    """
    with graph.store.snapshot() as db:
        asked = [*dict.fromkeys(entities)]
        ids = edges.entity_ids(db, asked)
        part = reach(db, [ids[key] for key in asked if key in ids], hops, limit)
        return _network(graph, db, part, limit, asked)


def whole(graph: KnowledgeGraph, limit: int | None = None) -> nx.MultiDiGraph:
    """All of the graph; with a limit, the entities that most is said about, and what joins them."""
    with graph.store.snapshot() as db:
        if limit is None:
            return _network(graph, db, everything(db), None, [])
        part = overview(db, limit)
        passages = graph.store.passage_count()
        part.entities_left = len(graph) - len(part.entities)
        part.passages_left = passages - len(part.passages)
        return _network(graph, db, part, limit, [])


def path(graph: KnowledgeGraph, start: str, end: str, limit: int = MOST_READ) -> nx.MultiDiGraph | None:
    """A shortest way from one entity to another: over facts, other names, and passages that name both.

    Among ways of as many steps, the one of facts and shared sentences, around the entities that stand
    everywhere. The result's `graph["steps"]` tells it step by step, each with the words that join the two.

    Args:
        limit: passages read, at most.

    Returns:
        None when there is none, or none within the limit.
    """
    with graph.store.snapshot() as db:
        ids = edges.entity_ids(db, [start, end])
        if len(ids) < len({start, end}):
            return None
        touched = nx.Graph()
        touched.add_nodes_from(ids.values())
        for one, other, cost in find_way(db, ids[start], ids[end], limit):
            if cost < touched.get_edge_data(one, other, {"cost": cost + 1})["cost"]:
                touched.add_edge(one, other, cost=cost)
        if not nx.has_path(touched, ids[start], ids[end]):
            return None
        way = nx.dijkstra_path(touched, ids[start], ids[end], weight="cost")
        return _told(graph, db, way, [start, end])


def _told(graph: KnowledgeGraph, db: Any, way: Sequence[int], asked: Sequence[str]) -> nx.MultiDiGraph:
    joins = [told_between(graph, db, *pair) for pair in pairwise(way)]
    part = Part({e: step for step, e in enumerate(way)}, {join.passage_id: 0 for join in joins})
    made = _network(graph, db, part, len(way) * _FACTS_A_NODE, asked)
    keys = edges.entity_keys(db, way)
    made.graph["steps"] = [
        _step(made, join, keys[one], keys[other])
        for join, (one, other) in zip(joins, pairwise(way), strict=True)
    ]
    return made


def _step(made: nx.MultiDiGraph, join: Join, one: str, other: str) -> dict[str, Any]:
    node = made.nodes[passage_node(join.passage_id)]
    return {
        "source": entity_node(one),
        "target": entity_node(other),
        "by": join.by,
        "relation": join.relation,
        "backwards": join.backwards,
        "passage_id": join.passage_id,
        "document_id": node["document_id"],
        "place": place(node["source"], node["page"]),
        "start": join.start,
        "end": join.end,
        "words": join.words,
    }


def place(source: str, page: int | None) -> str:
    """Where a passage stands, for a person.

    >>> place("manual.pdf", 3), place("notes.md", None)
    ('manual.pdf, page 3', 'notes.md')
    """
    return source if page is None else f"{source}, page {page}"


def _network(
    graph: KnowledgeGraph, db: Any, part: Part, limit: int | None, asked: Iterable[str]
) -> nx.MultiDiGraph:
    most = -1 if limit is None else limit * _FACTS_A_NODE
    facts = shown.facts_between(db, part.entities, -1)
    aliases = [row for row in shown.aliases_touching(db, part.entities, most) if _inside(part, row[1:3])]
    told = facts if most < 0 else facts[:most]
    keys = edges.entity_keys(db, part.entities)
    placed = graph.store.passages(
        [*{*part.passages, *(row[0] for row in told), *(row[0] for row in aliases)}]
    )
    made = nx.MultiDiGraph()
    _add_entities(made, db, part, keys)
    for passage_id, steps in part.passages.items():
        if passage_id in placed:
            made.add_node(
                passage_node(passage_id), type="passage", steps=steps, **_passage(placed[passage_id])
            )
    for passage_id, entity, kind, text, start, end in shown.mentions_of(db, part.passages, part.entities):
        said = _said(placed[passage_id], start, end) | ({"words": text} if kind == "TITLE" else {})
        made.add_edge(passage_node(passage_id), entity_node(keys[entity]), type="mention", kind=kind, **said)
    for passage_id, subject, relation, target, start, end in told:
        ends = entity_node(keys[subject]), entity_node(keys[target])
        made.add_edge(*ends, type="fact", relation=relation, **_said(placed[passage_id], start, end))
    for passage_id, alias, entity, start, end in aliases:
        ends = entity_node(keys[alias]), entity_node(keys[entity])
        made.add_edge(*ends, type="alias", **_said(placed[passage_id], start, end))
    _spell(made)
    made.graph["revision"] = graph.store.revision
    made.graph["entities"] = [entity_node(key) for key in asked if entity_node(key) in made]
    made.graph["left_out"] = {
        "entities": part.entities_left,
        "passages": part.passages_left,
        "facts": len(facts) - len(told),
    }
    return made


def _inside(part: Part, ids: Iterable[int]) -> bool:
    return all(i in part.entities for i in ids)


def _add_entities(made: nx.MultiDiGraph, db: Any, part: Part, keys: Mapping[int, str]) -> None:
    for entity, steps in part.entities.items():
        kind, text = shown.spelling(db, entity, _SPELLINGS)
        made.add_node(
            entity_node(keys[entity]),
            type="entity",
            steps=steps,
            key=keys[entity],
            name=text or keys[entity],
            kind=kind or "VALUE",
            passages=shown.passage_count(db, entity, _COUNTED if steps else -1),
        )


def _spell(made: nx.MultiDiGraph) -> None:
    """Names as they are written, and kinds, of entities that no mention tells: values, and other names."""
    for source, target, data in [*made.edges(data=True)]:
        for node in (source, target):
            told = made.nodes[node]
            if told["type"] == "entity" and told["kind"] == "VALUE":
                told["name"] = spelled(told["key"], data["words"]) or told["name"]
        if data["type"] == "alias" and made.nodes[source]["kind"] == "VALUE":
            made.nodes[source]["kind"] = made.nodes[target]["kind"]


def _passage(placed: Placed) -> dict[str, Any]:
    passage, source, title = placed
    words = " ".join(passage.text.split())
    return {
        "passage_id": passage.id,
        "document_id": passage.document_id,
        "source": source,
        "title": title,
        "heading": passage.heading,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "words": words if len(words) <= _FIRST_WORDS else words[:_FIRST_WORDS].rstrip() + " …",
    }


def _said(placed: Placed, start: int, end: int) -> dict[str, Any]:
    passage, source, _ = placed
    return {
        "passage_id": passage.id,
        "document_id": passage.document_id,
        "place": place(source, passage.page),
        "start": start,
        "end": end,
        "words": passage.text[start - passage.start : end - passage.start],
    }


# -- exports -------------------------------------------------------------------------------------------


def node_link(made: nx.MultiDiGraph) -> dict[str, Any]:
    """As networkx' node-link data: `networkx.node_link_graph(data, edges="edges")` reads it back."""
    data: dict[str, Any] = nx.node_link_data(made, edges="edges")
    return data


def graphml(made: nx.MultiDiGraph) -> bytes:
    """As GraphML, for Gephi, yEd, Cytoscape and the like.

    What is None is left out, as GraphML has no such value; of characters that XML cannot hold, the
    replacement character stands in their place.
    """
    plain = nx.MultiDiGraph(**{name: _plain(value) for name, value in made.graph.items()})
    for node, data in made.nodes(data=True):
        plain.add_node(_plain(node), **_held(data))
    for source, target, data in made.edges(data=True):
        plain.add_edge(_plain(source), _plain(target), **_held(data))
    out = BytesIO()
    nx.write_graphml_xml(plain, out)
    return out.getvalue()


def _held(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in data.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(c if _in_xml(ord(c)) else "\ufffd" for c in value)
    return value if isinstance(value, int | float) else json.dumps(value, ensure_ascii=False)


def _in_xml(code: int) -> bool:
    """Whether XML 1.0 can hold a character: https://www.w3.org/TR/xml/#charsets."""
    return code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF
