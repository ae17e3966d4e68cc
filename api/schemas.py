"""What goes over HTTP and into `--json`: the same fields on both sides."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.report import AddReport
from api.service import Service
from index.text import clean, one_line
from index.types import Document, Fact, Hit, document_id_for
from rag.retrieve import LONGEST_QUERY, Mode
from rag.types import Answer

Question = Annotated[
    str, Field(max_length=LONGEST_QUERY, description="In any language; Chinese and English best.")
]
TopK = Annotated[int, Field(ge=1, le=100, description="Hits to return.")]
Name = Annotated[str, Field(max_length=1000)]


class AskRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"question": "Who leads the plant where the B-200 is assembled?"},
                {"question": "年假有多少天？"},
            ]
        },
    )
    question: Question
    top_k: TopK = 10
    mode: Mode = "graph"
    threshold: Annotated[float | None, Field(ge=0, le=1, description="Confidence from which to answer.")] = (
        None
    )


class SearchRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"query": "B-200 warranty", "top_k": 5}]}
    )
    query: Question
    top_k: TopK = 10
    mode: Mode = "graph"


class DocumentIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str
    id: Name | None = None
    title: Name | None = None
    source: Name | None = None
    metadata: dict[str, Any] = {}

    def document(self) -> Document:
        """As the index takes it: without a source the id names it, without either the text does."""
        source = one_line(self.source or self.id or "") or document_id_for(self.text)
        return Document(
            id=self.id or document_id_for(source),
            title=one_line(self.title or "") or source,
            text=clean(self.text).strip(),
            source=source,
            metadata=self.metadata,
        )


class DocumentsIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"documents": [{"title": "Leave", "text": "Staff have 25 days of leave.", "source": "leave"}]}
            ]
        },
    )
    documents: Annotated[list[DocumentIn], Field(min_length=1, max_length=10_000)]


_CITATION: JsonDict = {
    "document_id": "0f3c1d2e4b5a6978",
    "source": "handbook/leave.pdf",
    "passage_id": 12,
    "start": 210,
    "end": 238,
    "text": "Staff have 25 days of leave.",
    "answer_start": 221,
    "answer_end": 228,
    "page": 3,
}
_ANSWER: JsonDict = {
    "answer": "25 days",
    "abstained": False,
    "confidence": 0.93,
    "citations": [_CITATION],
    "hits": [],
    "facts": [],
    "model_version": "reader-smollm2-135m@2a89a905",
    "revision": 7,
    "timings": {"retrieve": 0.03, "prompt": 0.002, "generate": 0.4, "total": 0.43},
}


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


class SearchResponse(BaseModel):
    hits: list[HitOut]
    revision: int


class CitationOut(BaseModel):
    """`document.text[start:end] == text`; `document.text[answer_start:answer_end]` is the answer."""

    document_id: str
    source: str
    passage_id: int
    start: int
    end: int
    text: str
    answer_start: int
    answer_end: int
    page: int | None


class FactOut(BaseModel):
    """`document.text[start:end]` are the words that say so."""

    subject: str
    relation: str
    object: str
    passage_id: int
    start: int
    end: int


class AskResponse(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_ANSWER]})
    answer: str
    abstained: bool
    confidence: float
    citations: list[CitationOut]
    hits: list[HitOut]
    facts: list[FactOut]
    model_version: str
    revision: int
    timings: Annotated[dict[str, float], Field(description="Seconds: retrieve, prompt, generate, total.")]


class FailureOut(BaseModel):
    source: str
    code: str
    reason: str


class AddResponse(BaseModel):
    added: int
    replaced: int
    unchanged: int
    passages: int
    revision: int
    failures: list[FailureOut]


class DocumentSummary(BaseModel):
    id: str
    source: str
    title: str
    characters: int
    passages: int
    added_at: str


class DocumentsResponse(BaseModel):
    documents: list[DocumentSummary]
    total: int


class DocumentOut(BaseModel):
    id: str
    title: str
    text: str
    source: str
    metadata: dict[str, Any]
    pages: list[int]


class RemoveResponse(BaseModel):
    removed: list[str]
    revision: int


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
    )


def fact_out(fact: Fact) -> FactOut:
    return FactOut(**asdict(fact))


def answer_out(answer: Answer) -> AskResponse:
    return AskResponse(
        answer=answer.text,
        abstained=answer.abstained,
        confidence=round(answer.confidence, 4),
        citations=[CitationOut(**asdict(citation)) for citation in answer.citations],
        hits=[hit_out(hit) for hit in answer.hits],
        facts=[fact_out(fact) for fact in answer.facts],
        model_version=answer.model_version,
        revision=answer.revision,
        timings={step: round(seconds, 4) for step, seconds in answer.timings.items()},
    )


def ask(service: Service, body: AskRequest) -> AskResponse:
    """What both shells do with a question."""
    return answer_out(service.ask(body.question, top_k=body.top_k, mode=body.mode, threshold=body.threshold))


def search(service: Service, body: SearchRequest) -> SearchResponse:
    """What both shells do with a query."""
    found = service.search(body.query, top_k=body.top_k, mode=body.mode)
    return SearchResponse(hits=[hit_out(hit) for hit in found.hits], revision=found.revision)


def add_out(report: AddReport) -> AddResponse:
    return AddResponse.model_validate(asdict(report))


def document_out(document: Document) -> DocumentOut:
    return DocumentOut(
        id=document.id,
        title=document.title,
        text=document.text,
        source=document.source,
        metadata=dict(document.metadata),
        pages=list(document.pages),
    )


def summary_out(row: tuple[str, str, str, int, int, str]) -> DocumentSummary:
    return DocumentSummary.model_validate(dict(zip(DocumentSummary.model_fields, row, strict=True)))
