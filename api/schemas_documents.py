"""What goes over HTTP and into `--json` about documents."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.report import AddReport
from index.text import clean, one_line
from index.types import Document, document_id_for

Name = Annotated[str, Field(max_length=1000)]


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
