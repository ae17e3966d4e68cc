"""What goes over HTTP and into `--json`: the same fields on both sides."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.service import Service
from index.types import Bridge, Fact, Filter, Hit
from rag.retrieve import LONGEST_QUERY, Mode

Question = Annotated[
    str, Field(max_length=LONGEST_QUERY, description="In any language; Chinese and English best.")
]
TopK = Annotated[int, Field(ge=1, le=100, description="Hits to return.")]
ModeIn = Annotated[Mode | None, Field(description="Unset: the collection's own; see /v1/stats.")]

Plain = str | Annotated[int, Field(ge=-(2**63), lt=2**63)] | float | bool | None
"""A larger number is compared as a float, as the store has it."""


class FilterIn(BaseModel):
    """Which documents may be found: those that all of it holds for."""

    model_config = ConfigDict(extra="forbid")
    source: Annotated[
        str | None, Field(max_length=4000, description="A document's id or source, or a folder.")
    ] = None
    metadata: Annotated[
        dict[str, Plain],
        Field(
            max_length=100, description="Fields of the metadata that have this value, or hold it in a list."
        ),
    ] = {}

    @field_validator("metadata")
    @classmethod
    def _encoded(cls, metadata: dict[str, Plain]) -> dict[str, Plain]:
        for text in (*metadata, *metadata.values()):
            if isinstance(text, str) and text != text.encode("utf-8", "replace").decode():
                raise ValueError("half a character (a lone surrogate) is in no document's metadata")
        return metadata

    def filter(self) -> Filter:
        return Filter(self.source, tuple(self.metadata.items()))


class SearchRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"query": "B-200 warranty", "top_k": 5}]}
    )
    query: Question
    top_k: TopK = 10
    mode: ModeIn = None
    filter: FilterIn = FilterIn()


class StepOut(BaseModel):
    """An entity, and the words `document.text[start:end]` that name it beside the one before it."""

    entity: str
    by: str
    passage_id: int
    start: int
    end: int
    score: float


class HitOut(BaseModel):
    document_id: str
    passage_id: int
    source: str
    title: str
    heading: str
    page: int | None
    start: int
    end: int
    text: str
    score: float
    found_by: list[str]
    path: Annotated[list[StepOut], Field(description="How the graph came from the question to it.")]
    duplicate_of: Annotated[int | None, Field(description="A passage before it that says the same.")]


class SearchResponse(BaseModel):
    hits: list[HitOut]
    revision: int


class FactOut(BaseModel):
    """`document.text[start:end]` are the words that say so."""

    subject: str
    relation: str
    object: str
    passage_id: int
    start: int
    end: int


class ErrorDetail(BaseModel):
    code: str
    message: str


class ErrorResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"error": {"code": "not_found", "message": "no document 'x' in this collection"}}]
        }
    )
    error: ErrorDetail


def hit_out(hit: Hit) -> HitOut:
    passage = hit.passage
    return HitOut(
        document_id=passage.document_id,
        passage_id=passage.id,
        source=hit.source,
        title=hit.title,
        heading=passage.heading,
        page=passage.page,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        score=round(hit.score, 6),
        found_by=list(hit.found_by),
        path=[step_out(step) for step in hit.path],
        duplicate_of=hit.duplicate_of,
    )


def step_out(step: Bridge) -> StepOut:
    return StepOut(**asdict(step) | {"score": round(step.score, 4)})


def fact_out(fact: Fact) -> FactOut:
    return FactOut(**asdict(fact))


def search(service: Service, body: SearchRequest) -> SearchResponse:
    """What both shells do with a query."""
    found = service.search(body.query, top_k=body.top_k, mode=body.mode, only=body.filter.filter())
    return SearchResponse(hits=[hit_out(hit) for hit in found.hits], revision=found.revision)
