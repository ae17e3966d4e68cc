"""The HTTP face: routes over one Service. Errors are {"error": {"code", "message"}} with the right status."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import schemas
from api.service import AddReport, Service
from index import errors
from index.records import Failure

STATUS: dict[type[errors.JujubeError], int] = {
    errors.JujubeError: 500,
    errors.InputError: 422,
    errors.UnsupportedFile: 415,
    errors.FileTooLarge: 413,
    errors.NotFound: 404,
    errors.ModelError: 500,
    errors.EmbedderMismatch: 409,
    errors.StoreError: 500,
    errors.StoreBusy: 503,
    errors.StorageFull: 507,
    errors.ServiceError: 500,
    errors.Overloaded: 503,
}
"""HTTP status of each error; a class that is not here has its nearest ancestor's."""

_QUESTION_BYTES = 1 << 20
_ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": schemas.ErrorResponse} for code in (404, 409, 413, 415, 422, 500, 503, 507)
}


def status_of(error: errors.JujubeError) -> int:
    """The status of the nearest class in STATUS."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def create_app(service: Service, *, warm: bool = True) -> FastAPI:
    """The application over a service.

    Args:
        warm: load the models when the server starts, so that the first question does not wait.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if warm:
            await run_in_threadpool(service.warm)
        app.state.ready = True
        yield
        app.state.ready = False
        service.close()

    app = FastAPI(
        title="Jujube",
        version=version("jujube-qa"),
        summary="Answers from your own documents, with citations.",
        lifespan=lifespan,
        responses=_ERRORS,
    )
    app.state.ready = False
    app.add_middleware(LimitBody, limit=service.settings.max_upload_mb << 20)
    _handle_errors(app)
    _add_health(app, service)
    _add_questions(app, service)
    _add_documents(app, service)
    return app


def _add_health(app: FastAPI, service: Service) -> None:
    @app.get("/healthz", tags=["health"])
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["health"])
    def readyz(request: Request) -> JSONResponse:
        """The models are loaded and the collection can be read."""
        if not request.app.state.ready:
            return _problem(503, "not_ready", "the models are still loading: try again in a few seconds")
        return JSONResponse({"status": "ready", "revision": service.store.revision})

    @app.get("/v1/stats", tags=["health"])
    def stats() -> dict[str, Any]:
        """Counts, sizes, and what is in use."""
        return service.stats()


def _add_questions(app: FastAPI, service: Service) -> None:
    @app.post("/v1/ask", tags=["questions"])
    def ask(body: schemas.AskRequest) -> schemas.AskResponse:
        """Answer a question from the documents, with citations, or say that they do not say it."""
        answer = service.ask(body.question, top_k=body.top_k, mode=body.mode, threshold=body.threshold)
        return schemas.answer_out(answer)

    @app.post("/v1/search", tags=["questions"])
    def search(body: schemas.SearchRequest) -> schemas.SearchResponse:
        """Find passages, best first."""
        found = service.search(body.query, top_k=body.top_k, mode=body.mode)
        return schemas.SearchResponse(hits=[schemas.hit_out(h) for h in found.hits], revision=found.revision)


def _add_documents(app: FastAPI, service: Service) -> None:
    @app.post("/v1/documents", tags=["documents"], openapi_extra=_DOCUMENTS_BODY)
    async def add(request: Request) -> schemas.AddResponse:
        """Index documents: JSON, or files as multipart form data. When this answers, they are on disk.

        The same source again replaces; the same text again changes nothing. One file alone that cannot be
        read is an error; among several it is named in `failures`.
        """
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "multipart/form-data":
            return schemas.add_out(await _add_files(service, request))
        if kind != "application/json":
            raise errors.UnsupportedFile(
                f"cannot take {kind or 'a body without a content type'}: send application/json or "
                "multipart/form-data"
            )
        body = schemas.DocumentsIn.model_validate_json(await request.body())
        documents = [document.document() for document in body.documents]
        return schemas.add_out(await run_in_threadpool(service.add_documents, documents))

    @app.get("/v1/documents", tags=["documents"])
    def documents(
        limit: Annotated[int, Query(ge=1, le=1000)] = 100, offset: Annotated[int, Query(ge=0)] = 0
    ) -> schemas.DocumentsResponse:
        """What is indexed, by source."""
        rows = service.store.documents(limit, offset)
        total = service.store.counts()["documents"]
        return schemas.DocumentsResponse(documents=[schemas.summary_out(row) for row in rows], total=total)

    @app.get("/v1/documents/{document_id:path}", tags=["documents"])
    def document(document_id: str) -> schemas.DocumentOut:
        """A document whole: citations are offsets into its text."""
        found = service.store.document(document_id)
        return schemas.DocumentOut(
            id=found.id,
            title=found.title,
            text=found.text,
            source=found.source,
            metadata=dict(found.metadata),
            pages=list(found.pages),
        )

    @app.delete("/v1/documents/{document_id:path}", tags=["documents"])
    def delete(document_id: str) -> schemas.RemoveResponse:
        """Remove a document and all that came from it."""
        service.store.document(document_id)
        service.store.remove([document_id])
        return schemas.RemoveResponse(removed=[document_id], revision=service.store.revision)


async def _add_files(service: Service, request: Request) -> AddReport:
    total = AddReport(revision=service.store.revision)
    async with request.form(max_files=1000, max_fields=1000) as form:
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if not files:
            raise errors.InputError('no file in the form: send files in fields named "files"')
        for file in files:
            name = file.filename or "upload"
            try:
                report = await run_in_threadpool(service.add_upload, name, await file.read())
            except errors.ReadError as error:
                if len(files) == 1:
                    raise
                total.failures.append(Failure(name, error.code, str(error)))
                continue
            total.added += report.added
            total.replaced += report.replaced
            total.unchanged += report.unchanged
            total.passages += report.passages
            total.revision = report.revision
            total.failures += report.failures
    return total


_DOCUMENTS_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": schemas.DocumentsIn.model_json_schema()},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}}
                    },
                }
            },
        },
    }
}


def _problem(status: int, code: str, message: str) -> JSONResponse:
    headers = {"Retry-After": "2"} if status == 503 else None
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(errors.JujubeError)
    async def known(_: Request, error: errors.JujubeError) -> JSONResponse:
        return _problem(status_of(error), error.code, str(error))

    @app.exception_handler(RequestValidationError)
    @app.exception_handler(ValidationError)
    async def invalid(_: Request, error: RequestValidationError | ValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return _problem(422, "invalid_request", f"{place}: {first['msg']}" if place else str(first["msg"]))

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(
            error.status_code, "http_error"
        )
        return _problem(error.status_code, code, str(error.detail))


class LimitBody:
    """Refuses a request body over the limit with 413, before it fills the memory."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit if scope["path"] == "/v1/documents" else _QUESTION_BYTES
        headers = dict(scope["headers"])
        announced = headers.get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > limit:
            await self._refuse(scope, receive, send, limit)
            return
        await self._app(scope, _counted(receive, limit), send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        response = _problem(
            413, "too_large", f"the body is over the limit of {limit:,} bytes for {scope['path']}"
        )
        await response(scope, receive, send)


def _counted(receive: Receive, limit: int) -> Callable[[], Awaitable[Message]]:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, f"the body is over the limit of {limit:,} bytes")
        return message

    return counted
