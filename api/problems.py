"""Errors over HTTP: {"error": {"code", "message"}} with the right status; and what is refused unread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import schemas
from index import errors

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

CODES = {
    400: "bad_request",
    403: "cross_site",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
"""Code of what goes wrong before a route is reached."""

RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": schemas.ErrorResponse, "description": text}
    for status, text in {
        400: "not JSON, or not form data",
        403: "sent by a page of another site, or to a name that is not the server's",
        404: "no such thing",
        409: "the collection was made with another embedder",
        413: "too large",
        415: "of a kind that cannot be read",
        422: "cannot be used as it is",
        500: "something is wrong here",
        503: "overloaded, busy, or still loading: try again after `Retry-After` seconds",
        507: "no room on the disk",
    }.items()
}

_RETRY_SECONDS = "2"
_QUESTION_BYTES = 1 << 20
_UPLOADS = ("/v1/documents", "/v1/files")


def status_of(error: errors.JujubeError) -> int:
    """The status of the nearest class in STATUS."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(status: int, code: str, message: str) -> JSONResponse:
    """An error as a response."""
    headers = {"Retry-After": _RETRY_SECONDS} if status == 503 else None
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


def json_only(request: Request) -> None:
    """For routes that take nothing but JSON.

    Raises:
        HTTPException: 415.
    """
    kind = media_type(request)
    if kind != "application/json":
        raise HTTPException(415, f"cannot take {kind or 'a body of no content type'}: send application/json")


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def handle_errors(app: FastAPI) -> None:
    """Every error leaves in the one shape, those nobody thought of too."""

    @app.exception_handler(errors.JujubeError)
    async def known(_: Request, error: errors.JujubeError) -> JSONResponse:
        return problem(status_of(error), error.code, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            reason = first.get("ctx", {}).get("error", first["msg"])
            return problem(400, "malformed_json", f"the body is not JSON: {reason}")
        place = ".".join(str(part) for part in first["loc"])
        return problem(422, "invalid_request", f"{place}: {first['msg']}" if place else first["msg"])

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, CODES.get(error.status_code, "http_error"), str(error.detail))

    @app.exception_handler(Exception)
    async def unknown(_: Request, error: Exception) -> JSONResponse:
        return problem(500, "internal", f"a fault of the server ({type(error).__name__}); its log says more")


def own_names(host: str, more: str = "") -> frozenset[str]:
    """Names under which a server is spoken to that listens on `host`; empty: any.

    Only this machine can reach a loopback address, so a request to another name comes from a page that a
    browser here has loaded, whose name was made to point at this machine (DNS rebinding).

    Args:
        more: further names, separated by commas: those of a proxy before it.

    >>> sorted(own_names("127.0.0.1", "jujube.example")), own_names("0.0.0.0")
    (['127.0.0.1', '::1', 'jujube.example', 'localhost'], frozenset())
    """
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        return frozenset()
    given = (name.strip().lower() for name in more.split(","))
    return frozenset({"localhost", "127.0.0.1", "::1", host.lower(), *given} - {""})


class Gate:
    """Refuses what is over the limit (413), before it fills the memory, and what a page of another site
    makes a browser send (403): a form needs no permission to be sent to 127.0.0.1, and a page whose name
    points there may even read what comes back.
    """

    def __init__(self, app: ASGIApp, upload_bytes: int, names: frozenset[str] = frozenset()) -> None:
        """`names`: hosts that it may be asked under; empty: any."""
        self._app = app
        self._upload_bytes = upload_bytes
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._upload_bytes if scope["path"] in _UPLOADS else _QUESTION_BYTES
        headers = dict(scope["headers"])
        announced = headers.get(b"content-length", b"0")
        if scope["method"] not in ("GET", "HEAD") and headers.get(b"sec-fetch-site") == b"cross-site":
            response = problem(403, CODES[403], "a page of another site cannot use this server")
        elif self._names and (host := _host(headers)) and host not in self._names:
            told = f"this server does not go by the name {host!r}: add it to JUJUBE_HOSTS"
            response = problem(403, CODES[403], told)
        elif announced.isdigit() and int(announced) > limit:
            response = problem(413, CODES[413], _too_large(limit))
        else:
            await self._app(scope, _counted(receive, limit), send)
            return
        await response(scope, receive, send)


def _host(headers: dict[bytes, bytes]) -> str:
    """The name in a Host header, without its port."""
    given = headers.get(b"host", b"").decode("latin-1").strip().lower()
    return given[1:].partition("]")[0] if given.startswith("[") else given.partition(":")[0].rstrip(".")


def _too_large(limit: int) -> str:
    return f"the request is over the limit of {limit:,} bytes"


def _counted(receive: Receive, limit: int) -> Callable[[], Awaitable[Message]]:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, _too_large(limit))
        return message

    return counted
