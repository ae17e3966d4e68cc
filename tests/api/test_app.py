"""HTTP, over a real server: documents in and out, questions, health, and what the description promises."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import STATUS
from api.problems import status_of
from api.service import Service
from api.settings import Settings
from index import errors

Send = Callable[..., httpx.Response]
Until = Callable[[Callable[[], object]], None]
Serving = Callable[..., AbstractContextManager[httpx.Client]]

LEAVE = {"title": "Leave", "text": "Staff have 25 days of leave.", "source": "handbook/leave"}
ANNUAL = {"title": "年假", "text": "员工每年有二十五天年假。", "source": "手册/年假"}
ANSWER = {"answer", "abstained", "confidence", "citations", "hits", "facts", "model_version", "revision"}
READ = {"decoding", "included", "left_out", "sentences", "steps"}
TIMINGS = {"retrieve", "prompt", "generate", "total"}


def add(http: httpx.Client, *documents: dict[str, Any]) -> dict[str, Any]:
    response = http.post("/v1/documents", json={"documents": documents})
    assert response.status_code == 200, response.text
    report: dict[str, Any] = response.json()
    return report


def test_documents_come_and_go(http: httpx.Client) -> None:
    report = add(http, LEAVE, ANNUAL)
    assert report == {
        "added": 2,
        "replaced": 0,
        "unchanged": 0,
        "passages": 2,
        "revision": 1,
        "failures": [],
    }
    assert add(http, LEAVE)["unchanged"] == 1
    assert add(http, {**LEAVE, "text": "Staff have 30 days of leave."})["replaced"] == 1
    listed = http.get("/v1/documents").json()
    assert listed["total"] == 2
    assert [d["source"] for d in listed["documents"]] == ["handbook/leave", "手册/年假"]
    assert [d["title"] for d in http.get("/v1/documents?limit=1&offset=1").json()["documents"]] == ["年假"]
    first = listed["documents"][0]["id"]
    assert http.get(f"/v1/documents/{first}").json()["text"] == "Staff have 30 days of leave."
    assert http.delete(f"/v1/documents/{first}").json() == {"removed": [first], "revision": 3}
    assert http.get(f"/v1/documents/{first}").status_code == 404
    assert http.get("/v1/documents").json()["total"] == 1


def test_an_id_of_ones_own_may_have_slashes(http: httpx.Client) -> None:
    add(http, {"id": "hr/2025/休假 #1?", "text": "Staff have 25 days of leave."})
    path = "/v1/documents/hr/2025/%E4%BC%91%E5%81%87%20%231%3F"
    assert http.get(path).json()["source"] == "hr/2025/休假 #1?"
    assert http.delete(path).status_code == 200


def test_files_come_as_forms(http: httpx.Client, send: Send) -> None:
    report = send(http, ("leave.md", b"# Leave\n\n25 days."), ("年假.txt", "二十五天。".encode())).json()
    assert (report["added"], report["failures"]) == (2, [])
    titles = [d["title"] for d in http.get("/v1/documents").json()["documents"]]
    assert titles == ["Leave", "年假"]


def test_one_bad_file_among_good_ones_is_named(http: httpx.Client, send: Send) -> None:
    files = [("a.md", b"one"), ("b.exe", b"MZ"), ("../c.md", b"three"), ("a.md", b"four"), ("d.md", b"five")]
    report = send(http, *files).json()
    assert report["added"] == 2
    assert [(f["source"], f["code"]) for f in report["failures"]] == [
        ("b.exe", "unsupported_file"),
        ("../c.md", "outside_path"),
        ("a.md", "invalid_input"),
    ]
    assert all(f["source"] in f["reason"] for f in report["failures"])
    assert report["revision"] == 1  # all good ones at once


def test_what_was_removed_is_not_found_again(http: httpx.Client) -> None:
    add(http, LEAVE, {"text": "The heron stands in Ghent.", "source": "heron"})
    asked = {"question": "Where does the heron stand?"}
    before = http.post("/v1/ask", json={**asked, "threshold": 0}).json()
    assert before["hits"][0]["source"] == "heron"
    heron = before["hits"][0]["document_id"]
    http.delete(f"/v1/documents/{heron}")
    for mode in ("graph", "hybrid", "vector", "text"):
        after = http.post("/v1/ask", json={**asked, "threshold": 0, "mode": mode}).json()
        found = http.post("/v1/search", json={"query": "heron", "mode": mode}).json()
        for part in (*after["hits"], *after["citations"], *found["hits"]):
            assert part["document_id"] != heron
        assert "Ghent" not in str(after) + str(found)
        assert "heron" not in str(after["facts"])


def test_an_answer_has_all_that_checks_it(http: httpx.Client) -> None:
    add(http, LEAVE, ANNUAL)
    for question in ("How many days of leave?", "年假有多少天？"):
        answer = http.post("/v1/ask", json={"question": question, "threshold": 0}).json()
        assert answer.keys() == ANSWER | READ | {"timings"}
        assert answer["timings"].keys() == TIMINGS
        assert answer["hits"][0].keys() >= {"document_id", "passage_id", "score", "found_by"}
        assert not answer["abstained"]
        assert answer["citations"]
        for citation in answer["citations"]:
            text = http.get(f"/v1/documents/{citation['document_id']}").json()["text"]
            assert text[citation["start"] : citation["end"]] == citation["text"]
            assert text[citation["answer_start"] : citation["answer_end"]] == answer["answer"]


def test_the_threshold_decides(http: httpx.Client) -> None:
    add(http, LEAVE)
    silent = http.post("/v1/ask", json={"question": "年假有多少天？", "threshold": 1}).json()
    assert (silent["abstained"], silent["answer"], silent["citations"]) == (True, "我不知道。", [])


@pytest.mark.parametrize("mode", ["graph", "hybrid", "vector", "text"])
def test_every_mode_finds(http: httpx.Client, mode: str) -> None:
    add(http, LEAVE, ANNUAL)
    for query, source in (("days of leave", LEAVE["source"]), ("年假", ANNUAL["source"])):
        found = http.post("/v1/search", json={"query": query, "mode": mode, "top_k": 1}).json()
        assert [hit["source"] for hit in found["hits"]] == [source]
        assert set(found["hits"][0]["found_by"]) <= {"vector", "text", "graph"}


def test_an_empty_collection_abstains(http: httpx.Client) -> None:
    answer = http.post("/v1/ask", json={"question": "Anything?"}).json()
    assert (answer["abstained"], answer["hits"], answer["confidence"]) == (True, [], 0)
    assert http.post("/v1/search", json={"query": "anything"}).json() == {"hits": [], "revision": 0}


def test_stats(http: httpx.Client, settings: Settings) -> None:
    add(http, LEAVE)
    stats = http.get("/v1/stats").json()
    assert (stats["documents"], stats["passages"], stats["revision"]) == (1, 1, 1)
    assert stats["embedder"] == "e5-minilm"
    assert stats["span_reader"] in ("embedded, packed-bf16", "embedded, onnx-fp32")
    assert stats["home"] == str(settings.home)


def test_health_while_the_models_load(settings: Settings, serving: Serving, until: Until) -> None:
    loaded = threading.Event()

    class Slow(Service):
        def warm(self) -> None:
            loaded.wait(30)

    with serving(Slow(settings), warm=True) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["error"]["code"] == "not_ready"
        assert int(response.headers["Retry-After"]) > 0
        loaded.set()
        until(lambda: client.get("/readyz").status_code == 200)
        assert client.get("/readyz").json() == {"status": "ready", "revision": 0}


def test_models_that_cannot_be_loaded_are_told(tmp_path: Path, serving: Serving, until: Until) -> None:
    told: list[BaseException] = []
    service = Service(Settings(home=tmp_path, embedder="minilm", generator="no-such-model"))
    with serving(service, warm=True, on_failure=told.append) as client:
        until(lambda: told)
        assert client.get("/readyz").status_code == 503
    assert isinstance(told[0], errors.UnknownModel)


def test_a_full_queue_says_so_and_the_rest_goes(settings: Settings, serving: Serving, until: Until) -> None:
    """60 questions wait, more than the threads a server has by default: the others are still served."""
    go = threading.Event()

    class Stuck(Service):
        @property
        def engine(self) -> Any:
            go.wait(30)
            return super().engine

    service = Stuck(settings.model_copy(update={"slots": 1, "queue": 59}))
    question = {"question": "How long?"}
    with serving(service) as client, ThreadPoolExecutor(60) as pool:
        waiting = [pool.submit(client.post, "/v1/ask", json=question) for _ in range(60)]
        until(lambda: service.slots.taken == 60)
        refused = client.post("/v1/ask", json=question)
        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "overloaded"
        assert int(refused.headers["Retry-After"]) > 0
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/stats").status_code == 200
        go.set()
        assert {one.result().status_code for one in waiting} == {200}
        assert client.post("/v1/ask", json=question).status_code == 200


EXPECTED = {
    "error": 500,
    "invalid_input": 422,
    "training_diverged": 422,
    "invalid_question": 422,
    "unreadable_document": 422,
    "unsupported_file": 415,
    "empty_document": 422,
    "damaged_file": 422,
    "encrypted_file": 422,
    "file_too_large": 413,
    "outside_path": 422,
    "bad_names": 422,
    "not_found": 404,
    "model_error": 500,
    "unknown_model": 500,
    "broken_model": 500,
    "embedder_mismatch": 409,
    "worker_failed": 500,
    "store_error": 500,
    "store_busy": 503,
    "store_damaged": 500,
    "storage_full": 507,
    "service_error": 500,
    "overloaded": 503,
    "port_taken": 500,
}


def test_every_error_has_its_status_and_a_code_of_its_own() -> None:
    kinds: list[type[errors.JujubeError]] = [errors.JujubeError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert {kind.code: status_of(kind("x")) for kind in kinds} == EXPECTED
    assert len(kinds) == len(EXPECTED)
    assert set(kinds) == {kind for kind in vars(errors).values() if isinstance(kind, type)}
    assert set(kinds) >= STATUS.keys()


def test_a_fault_of_the_server_has_the_same_shape(settings: Settings, serving: Serving) -> None:
    class Broken(Service):
        def stats(self) -> dict[str, Any]:
            raise RuntimeError("secret")

    with serving(Broken(settings)) as client:
        response = client.get("/v1/stats")
        assert response.status_code == 500
        assert response.json()["error"]["code"] == "internal"
        assert "secret" not in response.text
