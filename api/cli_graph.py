"""`jujube graph`: what the documents say of an entity, the way from one to another, and exports."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from api import console, graph_view
from api.graph_view import DRAWN
from api.options import Collection, Home, Json, checked, opened
from api.schemas_graph import EdgeOut, EntityNode, GraphOut, GraphRequest, PassageNode, PathOut
from index.errors import InputError

KINDS = {
    "PERSON": "person", "ORG": "organisation", "PLACE": "place", "DATE": "date", "PRODUCT": "product",
    "WORK": "work", "OTHER": "name", "TITLE": "title", "VALUE": "value",
}  # fmt: skip
Row = list[tuple[str, str | None]]
"""Lines, each with its style."""
_ROWS = 25
"""Facts, names and passages that are shown of an entity."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(graph)


def graph(
    entities: Annotated[
        list[str] | None, typer.Argument(metavar="ENTITY...", help="Names, however written.")
    ] = None,
    hops: Annotated[int, typer.Option(help="Steps over facts, other names and shared passages, 0 to 6.")] = 1,
    limit: Annotated[
        int | None,
        typer.Option(help="Entities and passages together, at most [200; none for exports of all]."),
    ] = None,
    path: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A B", help="The way from one entity to another.")
    ] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write a .graphml, .json or .html file; without ENTITY, of all.")
    ] = None,
    home: Home = None,
    collection: Collection = None,
    json: Json = False,
) -> None:
    """What the documents say of an entity: other names, facts, what is named with it, where."""
    with opened(home=home, collection=collection) as service:
        names = entities or []
        if path and names:
            raise InputError("--path takes two entities, and none stand beside it")
        if not (path or names or export):
            raise InputError("name an entity, two with --path, or a file with --export")
        asked = checked(GraphRequest, entities=[*names, *(path or ())], hops=hops, limit=limit)
        found: GraphOut
        if path:
            found = (
                graph_view.export_path(service, export, *path) if export else graph_view.way(service, *path)
            )
        elif export:
            found = graph_view.export(service, export, names, hops, limit)
        else:
            found = graph_view.look(service, asked)
    if json:
        console.print_json(found.model_dump())
    elif export:
        _left_out(found)
        console.say(f"{len(found.nodes)} nodes and {len(found.edges)} edges: {export}")
    elif isinstance(found, PathOut):
        _show_path(found)
    else:
        for node in found.entities:
            _show_entity(found, node)
        _left_out(found)


def _line(text: str, style: str | None = None) -> None:
    console.out.print(" ".join(text.split("\n")), style=style, markup=False)


def _rows(title: str, rows: list[Row]) -> None:
    """A heading and its rows."""
    if rows:
        _line(f"{title} ({len(rows)})", "bold")
    for row in rows[:_ROWS]:
        for text, style in row:
            _line(f"  {text}", style)
    if len(rows) > _ROWS:
        _line(f"  ... {len(rows) - _ROWS} more (--json has all)", "dim")


def _show_entity(found: GraphOut, node: str) -> None:
    nodes = {n.id: n for n in found.nodes if isinstance(n, EntityNode)}
    own = nodes[node]
    passages = "1 passage" if own.passages == 1 else f"{own.passages} passages"
    _line(f"{own.name} ({KINDS.get(own.kind, own.kind)}, in {passages})", "bold green")
    touching = [e for e in found.edges if node in (e.source, e.target)]
    _rows("also called", _said(nodes, [e for e in touching if e.type == "alias"], node))
    _rows("facts", _said(nodes, [e for e in touching if e.type == "fact"], node))
    _rows("named together with", _together(found, nodes, node))
    here = {e.source for e in touching if e.type == "mention"}
    places = [n for n in found.nodes if isinstance(n, PassageNode) and n.id in here]
    _rows("passages", [[(_place(p), "cyan"), (f"  {p.words}", None)] for p in places])
    for steps in range(2, max((n.steps for n in found.nodes), default=0) + 1):
        _rows(f"{steps} steps away", [[(_named(n), None)] for n in nodes.values() if n.steps == steps])


def _named(node: EntityNode) -> str:
    return f"{node.name} ({KINDS.get(node.kind, node.kind)})"


def _place(passage: PassageNode) -> str:
    heading = f" > {passage.heading}" if passage.heading else ""
    return passage.source + (f", page {passage.page}" if passage.page else "") + heading


def _said(nodes: dict[str, EntityNode], edges: list[EdgeOut], node: str) -> list[Row]:
    """What the same words say together, then the words, and where they stand."""
    told: dict[tuple[str, str], Row] = {}
    for edge in edges:
        told.setdefault((edge.words, edge.place), []).append((_other(nodes, edge, node), None))
    return [[*rows, (f'  "{words}"', "dim"), (f"  {place}", "cyan")] for (words, place), rows in told.items()]


def _other(nodes: dict[str, EntityNode], edge: EdgeOut, node: str) -> str:
    """The other end of an edge, as the fact has it."""
    if edge.type == "alias":
        return nodes[edge.target if edge.source == node else edge.source].name
    if edge.source == node:
        return f"{edge.relation} -> {nodes[edge.target].name}"
    return f"{nodes[edge.source].name} -> {edge.relation}"


def _together(found: GraphOut, nodes: dict[str, EntityNode], node: str) -> list[Row]:
    """Entities in the same passages, those in most of them first."""
    named: dict[str, set[str]] = {}
    for edge in found.edges:
        if edge.type == "mention":
            named.setdefault(edge.source, set()).add(edge.target)
    counts = Counter(other for names in named.values() if node in names for other in names - {node})
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [[(f"{_named(nodes[other])}, {count} together", None)] for other, count in ranked]


def _show_path(found: PathOut) -> None:
    names = {n.id: n.name for n in found.nodes if isinstance(n, EntityNode)}
    if not found.steps:
        _line(f"{names[found.entities[0]]}: both names mean the same entity")
    for number, step in enumerate(found.steps, 1):
        one, other = names[step.source], names[step.target]
        if step.backwards:
            one, other = other, one
        joined = {
            "fact": f"{one} -> {step.relation} -> {other}",
            "alias": f"{one} is another name of {other}",
        }
        told = joined.get(step.by, f"{one} and {other} are named together")
        _line(f"{number}. {told}", "bold")
        _line(f'   "{step.words}"')
        _line(f"   {step.place}", "cyan")


def _left_out(found: GraphOut) -> None:
    left = {
        "names": found.left_out.entities,
        "passages": found.left_out.passages,
        "facts": found.left_out.facts,
    }
    told = ", ".join(f"{count:,} {what}" for what, count in left.items() if count)
    if told:
        console.say(f"within reach, but over the limit: {told}; --limit shows more (without it {DRAWN})")
