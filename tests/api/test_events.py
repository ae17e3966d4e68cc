"""Server-sent events over a real server: their order, their data, errors, and clients that go away."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import anyio
import httpx
import pytest

from api.events import Streamed, frame
from api.schemas_answers import AskResponse, FoundOut, TextOut
from api.service import Service
from api.settings import Settings
from index.errors import StoreBusy
from rag.types import Event

Serving = Callable[..., AbstractContextManager[httpx.Client]]
Until = Callable[[Callable[[], object]], None]

LEAVE = {"title": "Leave", "text": "Staff have 25 days of leave.", "source": "handbook/leave"}
ANNUAL = {"title": "年假", "text": "员工每年有二十五天年假。", "source": "手册/年假"}
ASKED = {"question": "How many days of leave?", "threshold": 0, "stream": True}


def add(http: httpx.Client, *documents: dict[str, Any]) -> None:
    assert http.post("/v1/documents", json={"documents": documents or (LEAVE, ANNUAL)}).status_code == 200


def events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """(name, data) of each event, as its blank line comes."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            assert name not in fields
            fields[name] = value
        else:
            yield fields["event"], json.loads(fields["data"])
            fields = {}
    assert not fields


def streamed(http: httpx.Client, path: str, body: dict[str, Any]) -> list[tuple[str, Any]]:
    with http.stream("POST", path, json=body) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].partition(";")[0] == "text/event-stream"
        assert response.headers["cache-control"] == "no-cache"
        return list(events(response.iter_lines()))


@pytest.mark.parametrize("decoding", ["grounded", "free"])
@pytest.mark.parametrize("question", ["How many days of leave?", "年假有多少天？"])
def test_hits_text_and_the_answer(http: httpx.Client, question: str, decoding: str) -> None:
    add(http)
    body = {"question": question, "threshold": 0, "decoding": decoding}
    (first, hits), *texts, (last, answer) = streamed(http, "/v1/ask", {**body, "stream": True})
    assert (first, last) == ("hits", "answer")
    FoundOut.model_validate(hits)
    AskResponse.model_validate(answer)
    assert {name for name, _ in texts} == {"text"}
    assert "".join(TextOut.model_validate(data).text for _, data in texts) == answer["answer"]
    assert hits["hits"] == answer["hits"]
    assert answer["decoding"] == decoding
    whole = http.post("/v1/ask", json=body).json()
    assert whole.pop("timings").keys() == answer.pop("timings").keys()
    assert whole == answer


def test_the_answer_says_what_was_read(http: httpx.Client) -> None:
    add(http)
    answer = http.post("/v1/ask", json={**ASKED, "stream": False}).json()
    read = [part["passage_id"] for part in answer["included"]]
    assert read
    assert not any(part["trimmed"] for part in answer["included"])
    assert read == [hit["passage_id"] for hit in answer["hits"]][: len(read)]  # in order, until one is sure
    assert answer["left_out"] == []


def test_a_text_piece_by_piece(http: httpx.Client) -> None:
    body = {"prompt": "Staff have", "max_length": 30, "temperature": 1, "seed": 3}
    *texts, (last, result) = streamed(http, "/v1/generate", {**body, "stream": True})
    assert last == "result"
    assert len(texts) > 1
    assert ["".join(data["text"] for _, data in texts)] == result["texts"]
    assert http.post("/v1/generate", json=body).json() == result


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "words"),
    [
        ("/v1/ask", {"question": " "}, 422, "invalid_question", ["empty"]),
        ("/v1/ask", {"question": "字" * 5000}, 422, "invalid_question", ["tokens; at most 480 fit"]),
        ("/v1/ask", {"question": "a", "decoding": "wild"}, 422, "invalid_request", ["grounded", "free"]),
        ("/v1/generate", {"prompt": ""}, 422, "invalid_question", ["empty"]),
        ("/v1/generate", {"prompt": "字" * 5000}, 422, "invalid_question", ["at most 1023 fit"]),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_what_is_wrong_before_the_first_event_has_a_status(
    http: httpx.Client,
    path: str,
    body: dict[str, Any],
    status: int,
    code: str,
    words: list[str],
    stream: bool,
) -> None:
    response = http.post(path, json={**body, "stream": stream})
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert all(word in error["message"] for word in words)


@pytest.mark.parametrize("decoding", ["grounded", "free"])
@pytest.mark.parametrize("question", ["Сколько дней?", "休暇は何日？", "a\x07\x1b[31m\x00?", "\u202eabc"])
def test_any_text_can_be_asked(http: httpx.Client, question: str, decoding: str) -> None:
    add(http)
    found = streamed(http, "/v1/ask", {"question": question, "decoding": decoding, "stream": True})
    assert [found[0][0], found[-1][0]] == ["hits", "answer"]


def test_an_empty_collection(http: httpx.Client) -> None:
    (_, hits), (_, text), (_, answer) = streamed(http, "/v1/ask", ASKED)
    assert (hits["hits"], text["text"], answer["abstained"]) == ([], "I don't know.", True)


class Broken(Service):
    """Fails after the hits, with what a test puts into `error`."""

    error: Exception

    def stream(self, question: str, **options: Any) -> Any:
        with self.slots.one():
            yield next(iter(super().stream(question, **options)))
            raise self.error


@pytest.mark.parametrize(
    ("error", "code", "word"),
    [
        (StoreBusy("another process writes"), "store_busy", "another"),
        (ValueError("x"), "internal", "ValueError"),
    ],
)
def test_what_is_wrong_later_is_an_event(
    settings: Settings, serving: Serving, error: Exception, code: str, word: str
) -> None:
    service = Broken(settings.model_copy(update={"slots": 2}))
    service.error = error
    with serving(service) as http:
        add(http)
        (first, _), (last, data) = streamed(http, "/v1/ask", ASKED)
        assert (first, last) == ("hits", "error")
        assert data["error"]["code"] == code
        assert word in data["error"]["message"]
        assert service.slots.taken == 0


class Watched(Service):
    """Each event waits until a test lets it go."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.go = threading.Semaphore(0)
        self.given: list[Event | str] = []

    def stream(self, question: str, **options: Any) -> Any:
        yield from self._one_by_one(super().stream(question, **options))

    def stream_text(self, *given: Any) -> Any:
        yield from self._one_by_one(super().stream_text(*given))

    def _one_by_one(self, events: Any) -> Any:
        for event in events:
            assert self.go.acquire(timeout=60)
            self.given.append(event)
            yield event


def test_the_first_event_comes_before_the_text_is_made(settings: Settings, serving: Serving) -> None:
    service = Watched(settings)
    with serving(service) as http:
        add(http)
        service.go.release()
        with http.stream("POST", "/v1/ask", json=ASKED) as response:
            found = events(response.iter_lines())
            assert next(found)[0] == "hits"
            assert len(service.given) == 1  # the client has it, and nothing else is there yet
            service.go.release(100)
            assert list(found)[-1][0] == "answer"


def test_a_client_that_goes_away_frees_its_slot(settings: Settings, serving: Serving, until: Until) -> None:
    service = Watched(settings.model_copy(update={"slots": 1, "queue": 0}))
    body = {"prompt": "Staff have", "max_length": 600, "temperature": 1, "stream": True}
    with serving(service) as http:
        service.go.release(100_000)
        lengths = ((seed, len(streamed(http, "/v1/generate", {**body, "seed": seed}))) for seed in range(50))
        body["seed"], whole = next((seed, length) for seed, length in lengths if length > 100)
        service.go, service.given = threading.Semaphore(1), []
        with http.stream("POST", "/v1/generate", json=body) as response:
            assert next(events(response.iter_lines()))[0] == "text"
            assert service.slots.taken == 1
        # Piece by piece until the server has seen that the client went: long before all are made.
        until(lambda: service.go.release() or service.slots.taken == 0)
        assert len(service.given) < whole
        service.go.release(10_000)
        assert streamed(http, "/v1/ask", ASKED)[-1][0] == "answer"


def test_a_stream_holds_its_slot_to_the_end(settings: Settings, serving: Serving, until: Until) -> None:
    service = Watched(settings.model_copy(update={"slots": 1, "queue": 0}))
    with serving(service) as http, ThreadPoolExecutor(1) as pool:
        add(http)
        service.go.release()
        with http.stream("POST", "/v1/ask", json=ASKED) as response:
            found = events(response.iter_lines())
            next(found)
            for body in (ASKED, {**ASKED, "stream": False}):
                refused = http.post("/v1/ask", json=body)
                assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
            service.go.release(100)
            list(found)
        until(lambda: service.slots.taken == 0)
        assert pool.submit(streamed, http, "/v1/ask", ASKED).result()[-1][0] == "answer"


def test_a_client_that_reads_nothing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The response alone, over a transport that takes nothing: buffers of a real one hold megabytes."""
    monkeypatch.setattr("api.events._PATIENCE_SECONDS", 0.05)
    closed = threading.Event()

    def items() -> Any:
        try:
            while True:
                yield TextOut(text="a")
        finally:
            closed.set()

    async def nothing(*_: Any) -> Any:
        await anyio.sleep_forever()

    response = Streamed(items())
    scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
    anyio.run(response, scope, nothing, nothing)
    assert closed.is_set()


def test_an_event_is_one_line_of_data_whatever_it_says() -> None:
    text = "a\nb\r\nc\u2028d\x00e年🙂"
    sent = frame(TextOut(text=text)).decode()
    name, data, *rest = sent.split("\n")
    assert (name, rest) == ("event: text", ["", ""])
    assert json.loads(data.removeprefix("data: "))["text"] == text
