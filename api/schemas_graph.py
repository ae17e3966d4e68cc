"""The knowledge graph over HTTP and in `--json`: nodes and edges, as networkx' node-link data has them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

MOST_HOPS = 6
MOST_NODES = 5000

Entity = Annotated[
    str,
    Field(min_length=1, max_length=1000, description="A name, however it is written.", examples=["B-200"]),
]
Hops = Annotated[
    int, Field(ge=0, le=MOST_HOPS, description="Steps over facts, other names and shared passages.")
]
Limit = Annotated[int, Field(ge=1, le=MOST_NODES, description="Entities and passages together, at most.")]

_ENTITY: JsonDict = {
    "id": "e:b-200",
    "type": "entity",
    "steps": 0,
    "key": "b-200",
    "name": "B-200",
    "kind": "PRODUCT",
    "passages": 11,
}
_PLANT: JsonDict = _ENTITY | {
    "id": "e:linhai",
    "key": "linhai",
    "name": "Linhai",
    "kind": "PLACE",
    "steps": 1,
}
_PASSAGE: JsonDict = {
    "id": "p:21",
    "type": "passage",
    "steps": 1,
    "passage_id": 21,
    "document_id": "0f3c1d2e4b5a6978",
    "source": "handbook/plants.pdf",
    "title": "Our plants",
    "heading": "Linhai",
    "page": 3,
    "start": 1664,
    "end": 1745,
    "words": "The B-200 is assembled in Linhai.",
}
_SAID: JsonDict = {
    "passage_id": 21,
    "document_id": "0f3c1d2e4b5a6978",
    "place": "handbook/plants.pdf, page 3",
    "start": 1664,
    "end": 1697,
    "words": "The B-200 is assembled in Linhai.",
}
_EDGES: list[JsonDict] = [
    {"type": "fact", "source": "e:b-200", "target": "e:linhai", "relation": "assembled in", **_SAID},
    {
        **_SAID,
        "type": "mention",
        "source": "p:21",
        "target": "e:b-200",
        "kind": "PRODUCT",
        "start": 1668,
        "end": 1673,
        "words": "B-200",
    },
]
_GRAPH: JsonDict = {
    "nodes": [_ENTITY, _PLANT, _PASSAGE],
    "edges": [*_EDGES],
    "entities": ["e:b-200"],
    "left_out": {"entities": 0, "passages": 3, "facts": 0},
    "revision": 7,
}
_STEP: JsonDict = {
    "source": "e:b-200",
    "target": "e:linhai",
    "by": "fact",
    "relation": "assembled in",
    "backwards": False,
    **_SAID,
}


class EntityNode(BaseModel):
    id: str
    type: Literal["entity"]
    steps: Annotated[int, Field(description="From what was asked for.")]
    key: str
    name: Annotated[str, Field(description="As it is written most often.")]
    kind: Annotated[
        str, Field(description="PERSON, ORG, PLACE, DATE, PRODUCT, WORK, OTHER, TITLE; VALUE: only in facts.")
    ]
    passages: Annotated[int, Field(description="How many mention it; at most 2000 unless asked for.")]


class PassageNode(BaseModel):
    """`document.text[start:end]` is the passage; `words` are its first."""

    id: str
    type: Literal["passage"]
    steps: int
    passage_id: int
    document_id: str
    source: str
    title: str
    heading: str
    page: int | None
    start: int
    end: int
    words: str


class Said(BaseModel):
    """`document.text[start:end]` are the words that say so."""

    passage_id: int
    document_id: str
    place: Annotated[str, Field(description="Source and page, for a person.")]
    start: int
    end: int
    words: str


class EdgeOut(Said):
    """A mention leads from a passage to an entity, an alias from the other name to the entity."""

    type: Literal["mention", "fact", "alias"]
    source: Annotated[str, Field(description="The id of a node.")]
    target: Annotated[str, Field(description="The id of a node.")]
    kind: Annotated[str | None, Field(description="Of a mention.")] = None
    relation: Annotated[str | None, Field(description="Of a fact.")] = None


class LeftOut(BaseModel):
    """What lies within reach, and is over the limit."""

    entities: int
    passages: int
    facts: int


class GraphOut(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_GRAPH]})
    nodes: list[Annotated[EntityNode | PassageNode, Field(discriminator="type")]]
    edges: list[EdgeOut]
    entities: Annotated[list[str], Field(description="The nodes that were asked for.")]
    left_out: LeftOut
    revision: int


class StepOut(Said):
    """What joins two entities: the nearest of another name, a fact, a sentence, a passage that names both."""

    source: str
    target: str
    by: Literal["alias", "fact", "passage"]
    relation: str
    backwards: Annotated[bool, Field(description="`target` is the fact's subject, or the other name.")]


class PathOut(GraphOut):
    model_config = ConfigDict(json_schema_extra={"examples": [_GRAPH | {"steps": [_STEP]}]})
    steps: list[StepOut]


class GraphRequest(BaseModel):
    """What both shells take."""

    entities: list[Entity]
    hops: Hops = 1
    limit: Limit = 200


def graph_out(data: dict[str, Any]) -> GraphOut:
    """From node-link data."""
    return GraphOut.model_validate(data | data["graph"])


def path_out(data: dict[str, Any]) -> PathOut:
    """From node-link data of a path."""
    return PathOut.model_validate(data | data["graph"])
