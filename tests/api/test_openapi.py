"""The description of the routes: whole, without loose ends, and true of what the server answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from api import schemas, schemas_answers, schemas_documents, schemas_generate
from api.app import create_app
from api.schemas_graph import GraphOut, PathOut
from api.service import Service
from api.settings import Settings

PATHS = {
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/v1/stats": {"get"},
    "/v1/ask": {"post"},
    "/v1/search": {"post"},
    "/v1/generate": {"post"},
    "/v1/documents": {"get", "post"},
    "/v1/documents/{document_id}": {"get", "delete"},
    "/v1/graph": {"get"},
    "/v1/graph/path": {"get"},
    "/v1/graph.html": {"get"},
    "/v1/models/versions": {"get"},
    "/v1/models/versions/{name}": {"get"},
    "/v1/models/versions/{name}/activate": {"post"},
    "/v1/models/roll-back": {"post"},
    "/v1/finetune/jobs": {"get", "post"},
    "/v1/finetune/jobs/{job_id}": {"get"},
    "/v1/finetune/jobs/{job_id}/cancel": {"post"},
    "/v1/finetune/jobs/{job_id}/resume": {"post"},
    "/v1/finetune/jobs/{job_id}/events": {"get"},
    "/v1/finetune/jobs/{job_id}/report": {"get"},
    "/v1/feedback": {"get", "post"},
    "/v1/feedback/{feedback_id}": {"delete"},
    "/v1/files": {"get", "post"},
    "/v1/files/{file_id}": {"get", "delete"},
    "/v1/files/{file_id}/content": {"get"},
    "/v1/fine_tuning/jobs": {"get", "post"},
    "/v1/fine_tuning/jobs/{job_id}": {"get"},
    "/v1/fine_tuning/jobs/{job_id}/cancel": {"post"},
    "/v1/fine_tuning/jobs/{job_id}/resume": {"post"},
    "/v1/fine_tuning/jobs/{job_id}/events": {"get"},
}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return create_app(Service(Settings()), warm=False).openapi()


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def test_every_route_is_there(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    assert {path: set(methods) for path, methods in described["paths"].items()} == PATHS


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    for node in nodes(described):
        assert "$defs" not in node
        target: Any = described
        for part in node.get("$ref", "#").split("/")[1:]:
            target = target[part]


def test_every_route_says_what_it_does_and_how_it_fails(described: dict[str, Any]) -> None:
    ids = []
    for methods in described["paths"].values():
        for operation in methods.values():
            ids.append(operation["operationId"])
            assert operation["description"].endswith(".")
            for status in ("404", "413", "422", "503", "507"):
                answer = operation["responses"][status]
                reference = answer["content"]["application/json"]["schema"]["$ref"]
                assert reference == "#/components/schemas/ErrorResponse"
                assert answer["description"]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "model", [schemas_answers.AskRequest, schemas.SearchRequest, schemas_documents.DocumentsIn]
)
def test_examples_of_requests_are_valid(model: Any, http: httpx.Client) -> None:
    path = {schemas_answers.AskRequest: "/v1/ask", schemas.SearchRequest: "/v1/search"}.get(
        model, "/v1/documents"
    )
    examples = model.model_json_schema()["examples"]
    for example in examples:
        r = http.post(path, json=example)
        assert r.status_code == 200, r.text


@pytest.mark.parametrize(
    "model",
    [
        schemas_answers.AskResponse,
        schemas_generate.GenerateResponse,
        schemas.ErrorResponse,
        GraphOut,
        PathOut,
    ],
)
def test_examples_of_answers_are_valid(model: Any, described: dict[str, Any]) -> None:
    examples = described["components"]["schemas"][model.__name__]["examples"]
    assert [TypeAdapter(model).validate_python(example) for example in examples]


def test_bodies_have_examples(described: dict[str, Any]) -> None:
    content = described["paths"]["/v1/documents"]["post"]["requestBody"]["content"]
    assert content.keys() == {"application/json", "multipart/form-data"}
    assert content["application/json"]["schema"]["examples"]
    for name in ("AskRequest", "SearchRequest", "GenerateRequest", "AskResponse", "ErrorResponse"):
        assert described["components"]["schemas"][name]["examples"]


def test_the_pages_for_people_are_served(http: httpx.Client) -> None:
    assert http.get("/openapi.json").json()["info"]["title"] == "Jujube"
    assert "swagger" in http.get("/docs").text


def test_what_can_be_streamed_says_so(described: dict[str, Any]) -> None:
    for path in ("/v1/ask", "/v1/generate"):
        content = described["paths"][path]["post"]["responses"]["200"]["content"]
        assert content.keys() == {"application/json", "text/event-stream"}
