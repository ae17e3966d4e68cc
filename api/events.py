"""Server-sent events: what is streamed over HTTP, with FastAPI's own encoding."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from itertools import chain
from typing import Any

import anyio
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import BaseModel
from starlette.types import Message, Receive, Scope, Send

from api import schemas, schemas_answers, schemas_generate
from index.errors import JujubeError

NAMES: dict[type[BaseModel], str] = {
    schemas_answers.FoundOut: "hits",
    schemas_answers.TextOut: "text",
    schemas_answers.AskResponse: "answer",
    schemas_generate.GenerateResponse: "result",
    schemas.ErrorResponse: "error",
}
"""The event that each kind of data is."""

STREAMED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "answered"}
}
"""What a route that can stream says about it."""

_PATIENCE_SECONDS = 30.0
"""How long a client may leave what was sent to it unread: it holds a slot that others wait for."""

_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}  # no proxy keeps events back

_LOG = logging.getLogger("uvicorn.error")


class Streamed(EventSourceResponse):
    """Data as `text/event-stream`. Whatever ends it, also a client that goes away, closes the data's source.

    The first item is made before there is a response: what goes wrong until then is an error with
    a status, as everywhere; what goes wrong later is an event `error`.
    """

    def __init__(self, items: Generator[BaseModel]) -> None:
        """
        Raises:
            JujubeError: what making the first item raised.
        """
        first = next(items)
        self._items = items
        super().__init__(_frames(chain([first], items)), headers=_HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient(message: Message) -> None:
            with anyio.fail_after(_PATIENCE_SECONDS):
                await send(message)

        try:
            await super().__call__(scope, receive, patient)
        except TimeoutError:
            _LOG.warning("a client read nothing for %s s: its stream was ended", _PATIENCE_SECONDS)
        finally:
            # The thread that computes is done here: it is waited for, also when a client goes away.
            self._items.close()


def _frames(items: Iterator[BaseModel]) -> Iterator[bytes]:
    try:
        for item in items:
            yield frame(item)
    except JujubeError as error:
        yield frame(_error(error.code, str(error)))
    except Exception as error:  # noqa: BLE001 - the headers are out: it is told in the stream, and logged
        _LOG.exception("a stream failed")
        message = f"a fault of the server ({type(error).__name__}); its log says more"
        yield frame(_error("internal", message))


def frame(data: BaseModel) -> bytes:
    """One event on the wire; its data is one line of JSON."""
    return format_sse_event(event=NAMES[type(data)], data_str=data.model_dump_json())


def _error(code: str, message: str) -> schemas.ErrorResponse:
    return schemas.ErrorResponse(error=schemas.ErrorDetail(code=code, message=message))
