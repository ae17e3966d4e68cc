"""The routes of the knowledge graph."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse

from api import graph_view
from api.schemas_graph import Entity, GraphOut, GraphRequest, Hops, Limit, PathOut
from api.service import Service

Entities = Annotated[
    list[Entity], Query(alias="entity", min_length=1, max_length=100, description="Repeat it for several.")
]
From = Annotated[Entity, Query(alias="from")]
To = Annotated[Entity, Query(alias="to")]
_PAGE: dict[int | str, dict[str, Any]] = {200: {"description": "The page.", "content": {"text/html": {}}}}


def add_graph(app: FastAPI, service: Service) -> None:
    """Add them to the application."""

    @app.get("/v1/graph", tags=["graph"])
    def graph(
        entity: Entities, hops: Annotated[Hops, Query()] = 1, limit: Annotated[Limit, Query()] = 200
    ) -> GraphOut:
        """What lies around some entities: facts, other names, passages, each with the words that say so."""
        return graph_view.look(service, GraphRequest(entities=entity, hops=hops, limit=limit))

    @app.get("/v1/graph/path", tags=["graph"])
    def path(start: From, end: To) -> PathOut:
        """A shortest way from one entity to another, step by step, with the words that join each two."""
        return graph_view.way(service, start, end)

    @app.get("/v1/graph.html", tags=["graph"], response_model=None, responses=_PAGE)
    def page(
        entity: Entities, hops: Annotated[Hops, Query()] = 1, limit: Annotated[Limit, Query()] = 200
    ) -> HTMLResponse:
        """The same as a page to look at and to keep: one file that needs no network."""
        return HTMLResponse(graph_view.page(service, GraphRequest(entities=entity, hops=hops, limit=limit)))
