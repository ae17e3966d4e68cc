"""The HTTP face: routes over one Service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api import schemas, schemas_answers, schemas_documents, schemas_generate
from api.events import STREAMED, Streamed
from api.problems import RESPONSES, STATUS, Gate, handle_errors, json_only, media_type, own_names, problem
from api.report import AddReport
from api.routes_finetune import add_finetune
from api.routes_graph import add_graph
from api.routes_models import add_models
from api.routes_openai_jobs import add_openai_jobs
from api.service import Service
from index.errors import InputError

__all__ = ["STATUS", "create_app"]

_OTHER_THREADS = 24
"""For requests that are not questions: they are answered while the queue of questions is full."""


def create_app(
    service: Service, *, warm: bool = True, on_failure: Callable[[BaseException], None] | None = None
) -> FastAPI:
    """The application over a service.

    Args:
        warm: load the models when the server starts, so that the first question does not wait. /readyz
            says 503 until they are.
        on_failure: told why they could not be loaded.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        questions = service.slots.most
        current_default_thread_limiter().total_tokens = questions + _OTHER_THREADS
        service.jobs.start(service.look)
        loading = asyncio.create_task(run_in_threadpool(service.warm if warm else lambda: None))

        def loaded(task: asyncio.Task[None]) -> None:
            error = asyncio.CancelledError() if task.cancelled() else task.exception()
            app.state.ready = error is None
            if error is not None and on_failure is not None:
                on_failure(error)

        loading.add_done_callback(loaded)
        yield
        await asyncio.wait([loading])
        app.state.ready = False
        await run_in_threadpool(service.jobs.stop)
        service.close()

    app: FastAPI = FastAPIOffline(
        redoc_url=None,
        title="Jujube",
        version=version("jujube-qa"),
        summary="Answers from your own documents, with citations.",
        lifespan=lifespan,
        responses=RESPONSES,
    )
    app.state.ready = False
    names = own_names(service.settings.host, service.settings.hosts)
    app.add_middleware(Gate, upload_bytes=service.settings.max_upload_mb << 20, names=names)
    handle_errors(app)
    _add_health(app, service)
    _add_questions(app, service)
    _add_documents(app, service)
    add_graph(app, service)
    add_models(app, service)
    add_finetune(app, service)
    add_openai_jobs(app, service)
    return app


def _add_health(app: FastAPI, service: Service) -> None:
    @app.get("/healthz", tags=["health"])
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["health"])
    def readyz(request: Request) -> JSONResponse:
        """The models are loaded and the collection can be read."""
        if not request.app.state.ready:
            return problem(503, "not_ready", "the models are still loading: try again in a few seconds")
        return JSONResponse({"status": "ready", "revision": service.store.revision})

    @app.get("/v1/stats", tags=["health"])
    def stats() -> dict[str, Any]:
        """Counts, sizes, and what is in use."""
        return service.stats()


def _add_questions(app: FastAPI, service: Service) -> None:
    questions: dict[str, Any] = {"tags": ["questions"], "dependencies": [Depends(json_only)]}

    @app.post("/v1/ask", response_model=schemas_answers.AskResponse, responses=STREAMED, **questions)
    def ask(body: schemas_answers.AskRequest) -> schemas_answers.AskResponse | Streamed:
        """Answer a question from the documents, with citations, or say that they do not say it.

        With `stream`, as server-sent events: `hits` before anything is generated, `text` as it is
        certain, then the `answer`; or `error`.
        """
        return (
            Streamed(schemas_answers.stream(service, body))
            if body.stream
            else schemas_answers.ask(service, body)
        )

    @app.post("/v1/search", **questions)
    def search(body: schemas.SearchRequest) -> schemas.SearchResponse:
        """Find passages, best first."""
        return schemas.search(service, body)

    @app.post(
        "/v1/generate", response_model=schemas_generate.GenerateResponse, responses=STREAMED, **questions
    )
    def generate(body: schemas_generate.GenerateRequest) -> schemas_generate.GenerateResponse | Streamed:
        """Plain text that goes on from a prompt, without looking at any document.

        With `stream`, as server-sent events: `text`, then the `result`; or `error`.
        """
        if body.stream:
            return Streamed(schemas_generate.stream(service, body))
        return schemas_generate.generate(service, body)


def _add_documents(app: FastAPI, service: Service) -> None:
    @app.post("/v1/documents", tags=["documents"], openapi_extra=_DOCUMENTS_BODY)
    async def add(request: Request) -> schemas_documents.AddResponse:
        """Index documents: JSON, or files as multipart form data. When this answers, they are on disk.

        The same source again replaces; the same text again changes nothing. One file alone that cannot be
        read is an error; among several it is named in `failures`.
        """
        kind = media_type(request)
        if kind == "multipart/form-data":
            return schemas_documents.add_out(await _add_files(service, request))
        if kind != "application/json":
            raise HTTPException(
                415,
                f"cannot take {kind or 'a body of no content type'}: send application/json or "
                "multipart/form-data",
            )
        return schemas_documents.add_out(await run_in_threadpool(_add_json, service, await request.body()))

    @app.get("/v1/documents", tags=["documents"])
    def documents(
        limit: Annotated[int, Query(ge=1, le=1000)] = 100, offset: Annotated[int, Query(ge=0)] = 0
    ) -> schemas_documents.DocumentsResponse:
        """What is indexed, by source."""
        rows = service.store.documents(limit, offset)
        total = service.store.counts()["documents"]
        return schemas_documents.DocumentsResponse(
            documents=[schemas_documents.summary_out(row) for row in rows], total=total
        )

    @app.get("/v1/documents/{document_id:path}", tags=["documents"])
    def document(document_id: str) -> schemas_documents.DocumentOut:
        """A document whole: citations are offsets into its text."""
        return schemas_documents.document_out(service.store.document(document_id))

    @app.delete("/v1/documents/{document_id:path}", tags=["documents"])
    def delete(document_id: str) -> schemas_documents.RemoveResponse:
        """Remove a document and all that came from it."""
        service.store.document(document_id)
        service.store.remove([document_id])
        return schemas_documents.RemoveResponse(removed=[document_id], revision=service.store.revision)


async def _add_files(service: Service, request: Request) -> AddReport:
    async with request.form(max_files=1000, max_fields=1000) as form:
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if not files:
            raise InputError('no file in the form: send files in fields named "files"')
        named = [(file.filename or "upload", file.file) for file in files]
        return await run_in_threadpool(service.add_uploads, named)


def _add_json(service: Service, data: bytes) -> AddReport:
    try:
        body = schemas_documents.DocumentsIn.model_validate_json(data)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    return service.add_documents([document.document() for document in body.documents])


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A model's schema without references, as OpenAPI has no `$defs`: here, a list of one inner model."""
    inner = schema.pop("$defs")
    schema["properties"]["documents"]["items"] = inner["DocumentIn"]
    return schema


_DOCUMENTS_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _inlined(schemas_documents.DocumentsIn.model_json_schema())},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}}
                    },
                }
            },
        },
    }
}
