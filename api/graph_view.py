"""What a person asks of the knowledge graph: both shells call these with a Service. Loads no model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from api.graph_html import render
from api.options import write_whole
from api.schemas_graph import GraphOut, GraphRequest, PathOut, graph_out, path_out
from api.service import Service
from index import network
from index.errors import InputError, NotFound
from index.graph import KnowledgeGraph
from index.language import entity_key
from index.neighbours import nearest_keys
from index.shown import spelling

Network = Any
"""A networkx graph; index/network.py is where networkx is."""

_OFFERED = 5
"""Names that are offered in place of one that is not there."""
_SUFFIXES = (".graphml", ".json", ".html")
DRAWN = 200
"""Nodes of a drawing, where no limit is given."""


def look(service: Service, asked: GraphRequest) -> GraphOut:
    """What lies around some entities.

    Raises:
        NotFound: one of them is not in the graph; names the nearest.
    """
    return graph_out(network.node_link(_around(service, asked)))


def way(service: Service, start: str, end: str) -> PathOut:
    """A shortest way from one entity to another.

    Raises:
        NotFound: one of them is not in the graph, or nothing joins them.
    """
    return path_out(network.node_link(_path(service, start, end)))


def page(service: Service, asked: GraphRequest) -> str:
    """What lies around some entities, as a page that needs no network."""
    return render(network.node_link(_around(service, asked)), service.settings.collection)


def export(service: Service, file: Path, names: list[str], hops: int, limit: int | None) -> GraphOut:
    """Write a part of the graph, or all of it, in the format that the file's name ends in.

    Args:
        limit: None: 200 nodes around entities and in a drawing, else no limit.

    Raises:
        InputError: no such format, or an empty collection.
        StorageFull: the file cannot be written; an earlier one stays as it was.
    """
    _format(file)
    if names:
        found = _around(service, GraphRequest(entities=names, hops=hops, limit=limit or DRAWN))
    else:
        found = _whole(service, limit or (DRAWN if _format(file) == ".html" else None))
    write_whole(file, _written(found, file, service.settings.collection), "--export")
    return graph_out(network.node_link(found))


def export_path(service: Service, file: Path, start: str, end: str) -> PathOut:
    """Write a shortest way from one entity to another; see `export` and `way`."""
    _format(file)
    found = _path(service, start, end)
    write_whole(file, _written(found, file, service.settings.collection), "--export")
    return path_out(network.node_link(found))


def resolve(graph: KnowledgeGraph, names: Iterable[str]) -> list[str]:
    """The entities that are meant: those that a name stands for in the collection's own names, the one of
    that key, the only one of the same letters and digits, or the only one that holds all its words.

    Raises:
        NotFound: names the nearest.
    """
    keys: list[str] = []
    for name in names:
        meant = _meant(graph, name)
        if not meant:
            raise NotFound(_unknown(graph, name))
        keys += meant
    return list(dict.fromkeys(keys))


def _meant(graph: KnowledgeGraph, name: str) -> list[str]:
    key = entity_key(name)
    listed = [entity for entity in graph.listed([key]).get(key, ()) if entity in graph]
    if listed or key in graph:
        return listed or [key]
    letters = _letters(key)
    alike = [near for near in _near(graph, name) if _letters(near) == letters] if letters else []
    for found in (alike, graph.entities_with(name, 2)):
        if len(found) == 1:
            return found
    return []


def _letters(key: str) -> str:
    """Letters and digits of a key; "" where no letter is among them: 3.5 is not 35."""
    return "".join(filter(str.isalnum, key)) if any(map(str.isalpha, key)) else ""


def _unknown(graph: KnowledgeGraph, name: str) -> str:
    shown = name if len(name) <= 80 else f"{name[:77]}..."
    if not len(graph):
        return f"no entity {shown!r}: the collection is empty; `jujube add FOLDER` indexes documents"
    near = dict.fromkeys([*graph.find(name, _OFFERED), *_near(graph, name)]) if entity_key(name) else {}
    with graph.store.read() as db:
        ids = graph.ids(list(near)[:_OFFERED])
        offered = [spelling(db, ids[key], 50)[1] or key for key in near if key in ids]
    help_ = f"the nearest: {', '.join(offered)}" if offered else "`jujube search` finds passages by words"
    return f"no entity {shown!r} in this collection; {help_}"


def _near(graph: KnowledgeGraph, name: str) -> list[str]:
    with graph.store.read() as db:
        return nearest_keys(db, name, _OFFERED)


def _around(service: Service, asked: GraphRequest) -> Network:
    graph = KnowledgeGraph(service.store)
    return network.around(graph, resolve(graph, asked.entities), asked.hops, asked.limit)


def _whole(service: Service, limit: int | None) -> Network:
    graph = KnowledgeGraph(service.store)
    if not service.store.passage_count():
        raise InputError("the collection is empty: `jujube add FOLDER` indexes documents")
    return network.whole(graph, limit)


def _path(service: Service, start: str, end: str) -> Network:
    graph = KnowledgeGraph(service.store)
    one, other = resolve(graph, [start])[0], resolve(graph, [end])[0]
    found = network.path(graph, one, other)
    if found is None:
        raise NotFound(
            f"nothing joins {start!r} and {end!r}: no fact, no other name and no passage, over however many "
            f"steps (at most {network.MOST_READ:,} passages were read)"
        )
    return found


def _format(file: Path) -> str:
    suffix = file.suffix.lower()
    if suffix not in _SUFFIXES:
        raise InputError(f"cannot write {file.name}: name it .graphml, .json or .html")
    return suffix


def _written(found: Network, file: Path, collection: str) -> bytes:
    if _format(file) == ".graphml":
        return network.graphml(found)
    data = network.node_link(found)
    text = render(data, collection) if _format(file) == ".html" else json.dumps(data, ensure_ascii=False)
    return text.encode("utf-8", "replace")
