"""What a person asks of the knowledge graph: both shells call these with a Service. Loads no model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from api.graph_html import render
from api.schemas_graph import GraphOut, GraphRequest, PathOut, graph_out, path_out
from api.service import Service
from index import network
from index.errors import InputError, NotFound, StorageFull
from index.graph import KnowledgeGraph
from index.language import entity_key
from index.neighbours import nearest_keys
from index.shown import spelling
from index.vocabulary import stored_names

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
    _write(file, _written(found, file, service.settings.collection))
    return graph_out(network.node_link(found))


def export_path(service: Service, file: Path, start: str, end: str) -> PathOut:
    """Write a shortest way from one entity to another; see `export` and `way`."""
    _format(file)
    found = _path(service, start, end)
    _write(file, _written(found, file, service.settings.collection))
    return path_out(network.node_link(found))


def resolve(graph: KnowledgeGraph, names: Iterable[str]) -> list[str]:
    """The entities that are meant: of that key, those it stands for in the collection's own names, or the
    only one that holds all words of a name.

    Raises:
        NotFound: names the nearest.
    """
    keys: list[str] = []
    own = stored_names(graph.store)
    for name in names:
        meant = [key for key in own.named(entity_key(name)) if key in graph]
        found = meant or graph.find(name, 2)
        if len(found) != 1 and not meant:
            raise NotFound(_unknown(graph, name))
        keys += found
    return list(dict.fromkeys(keys))


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


def _write(file: Path, content: bytes) -> None:
    try:
        beside = file.with_name(file.name + ".part")
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(file)
    except OSError as error:
        raise StorageFull(f"cannot write {file}: {error.strerror}. Name another with --export") from error
