"""Everything wrong that can be sent or typed: a status and a code over HTTP, one line and exit status 1 in
the command line; nothing lost, nothing half done.
"""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from api.problems import own_names
from api.service import Service
from api.settings import Settings

Send = Callable[..., httpx.Response]
Command = Callable[..., Any]


def pdf() -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.drawString(72, 720, "Staff have 25 days of leave.")
    canvas.save()
    return stream.getvalue()


def encrypted_pdf() -> bytes:
    writer, stream = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf()))), io.BytesIO()
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(stream)
    return stream.getvalue()


def zip_bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bomb:
        bomb.writestr("word/document.xml", bytes(64 << 20))
    return stream.getvalue()


FILES = {
    "empty": ("empty.txt", b"", 422, "empty_document", "0 bytes"),
    "white space": ("blank.md", b" \n\n ", 422, "empty_document", "no text"),
    "binary": ("binary.txt", bytes(range(256)) * 8, 422, "damaged_file", "binary.txt"),
    "truncated": ("cut.pdf", pdf()[:300], 422, "damaged_file", "cut.pdf"),
    "encrypted": ("locked.pdf", encrypted_pdf(), 422, "encrypted_file", "password"),
    "bomb": ("bomb.docx", zip_bomb(), 413, "file_too_large", "unpacks to"),
    "unknown kind": ("program.exe", b"MZ", 415, "unsupported_file", ".exe"),
    "no JSON": ("broken.json", b'{"text": ', 422, "damaged_file", "broken.json"),
    "a broken line": ("lines.jsonl", b'{"text": 1}\n', 422, "damaged_file", "line 1"),
    "bad UTF-8": ("bad.jsonl", '{"text": "年假'.encode() + b'\xff\xfe"}\n', 422, "damaged_file", "UTF-8"),
}
ALL = pytest.mark.parametrize(("name", "data", "status", "code", "word"), FILES.values(), ids=FILES)


@ALL
def test_files_that_cannot_be_read_over_http(
    http: httpx.Client, send: Send, name: str, data: bytes, status: int, code: str, word: str
) -> None:
    response = send(http, (name, data))
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert name in error["message"]
    assert word in error["message"]
    assert http.get("/v1/documents").json()["total"] == 0


@ALL
def test_files_that_cannot_be_read_in_the_command_line(
    jujube: Command, tmp_path: Path, name: str, data: bytes, status: int, code: str, word: str
) -> None:
    (tmp_path / name).write_bytes(data)
    ran = jujube("add", tmp_path / name)
    assert_one_line(ran, name, word)
    ran = jujube("add", "--json", tmp_path / name)
    assert (ran.status, ran.err.count("\n")) == (1, 1)
    (failure,) = ran.json["failures"]
    assert (failure["code"], failure["source"].partition("#")[0]) == (code, str(tmp_path / name))


def assert_one_line(ran: Any, *words: str) -> None:
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    assert all(word in ran.err for word in words), ran.err


def test_good_lines_of_a_file_with_a_broken_one_are_kept(http: httpx.Client, send: Send) -> None:
    lines = b'{"text": "one", "source": "a"}\n{"text": \n{"text": "three", "source": "c"}\n'
    report = send(http, ("lines.jsonl", lines)).json()
    assert report["added"] == 2
    (failure,) = report["failures"]
    assert failure["source"] == "lines.jsonl#2"
    assert "line 2" in failure["reason"]


def test_a_file_over_the_limit(
    service: Service, serving: Any, send: Send, tmp_path: Path, jujube: Command
) -> None:
    small = Service(service.settings.model_copy(update={"max_file_mb": 1}))
    with serving(small) as client:
        response = send(client, ("big.txt", b"x" * (1 << 20) + b"y"))
    assert (response.status_code, response.json()["error"]["code"]) == (413, "file_too_large")
    with (tmp_path / "sparse.txt").open("wb") as file:
        file.truncate(200 << 20)
    assert_one_line(jujube("add", tmp_path / "sparse.txt"), "sparse.txt", "200.0 MiB", "limit 100.0 MiB")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_request_over_the_limit(service: Service, serving: Any, chunked: bool) -> None:
    small = Service(service.settings.model_copy(update={"max_upload_mb": 1}))
    body = json.dumps({"documents": [{"text": "x" * (2 << 20)}]}).encode()
    pieces = (body[i : i + 65536] for i in range(0, len(body), 65536))
    with serving(small) as client:
        response = client.post(
            "/v1/documents",
            content=pieces if chunked else body,
            headers={"Content-Type": "application/json"},
        )
        assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
        assert client.get("/v1/documents").json()["total"] == 0


def test_an_empty_question(http: httpx.Client, jujube: Command) -> None:
    for text in ("", " \n\t", "\0"):
        for path, field in (("/v1/ask", "question"), ("/v1/search", "query")):
            response = http.post(path, json={field: text})
            assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_question")
    assert_one_line(jujube("ask", ""), "empty")
    assert_one_line(jujube("search", "  "), "empty")
    assert_one_line(jujube("ask"), "--file")


def test_a_question_of_ten_megabytes(http: httpx.Client, jujube: Command) -> None:
    response = http.post("/v1/ask", json={"question": "问" * (10 << 20)})
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
    response = http.post("/v1/ask", json={"question": "x" * 20_001})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_request")
    ran = jujube("ask", "x" * (10 << 20))
    assert_one_line(ran, "question", "20000")
    assert len(ran.err) < 500


def test_a_question_longer_than_the_model_reads(http: httpx.Client, jujube: Command, documents: Path) -> None:
    assert jujube("add", documents).status == 0
    for decoding in ("grounded", "free"):
        response = http.post("/v1/ask", json={"question": "字" * 19_999, "decoding": decoding})
        error = response.json()["error"]
        assert (response.status_code, error["code"]) == (422, "invalid_question")
        assert "tokens; at most" in error["message"]
    assert_one_line(jujube("ask", "字" * 5000), "tokens; at most 480 fit this model")


@pytest.mark.parametrize(
    ("body", "status", "code", "word"),
    [
        (b'{"question": "a"', 400, "malformed_json", "JSON"),
        (b"\xff\xfe", 400, "malformed_json", "JSON"),
        (b"", 422, "invalid_request", "body"),
        (b"[]", 422, "invalid_request", "body"),
        (b"{}", 422, "invalid_request", "body.question"),
        (b'{"question": 7}', 422, "invalid_request", "body.question"),
        (b'{"question": "a", "extra": 1}', 422, "invalid_request", "body.extra"),
        (b'{"question": "a", "mode": "magic"}', 422, "invalid_request", "body.mode"),
        (b'{"question": "a", "top_k": 0}', 422, "invalid_request", "body.top_k"),
        (b'{"question": "a", "top_k": 101}', 422, "invalid_request", "body.top_k"),
        (b'{"question": "a", "threshold": 2}', 422, "invalid_request", "body.threshold"),
        (b'{"question": "\\ud800"}', 422, "invalid_request", "body.question"),
    ],
)
def test_requests_that_make_no_sense(
    http: httpx.Client, body: bytes, status: int, code: str, word: str
) -> None:
    response = http.post("/v1/ask", content=body, headers={"Content-Type": "application/json"})
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert word in error["message"]


@pytest.mark.parametrize(
    ("body", "status", "code", "word"),
    [
        (b"{", 400, "malformed_json", "JSON"),
        (b'{"documents": []}', 422, "invalid_request", "documents"),
        (b'{"documents": [{"title": "a"}]}', 422, "invalid_request", "documents.0.text"),
        (b'{"documents": [{"text": "a", "pages": 1}]}', 422, "invalid_request", "documents.0.pages"),
        (b'{"documents": [{"text": " \\u0000"}]}', 422, "empty_document", "no text"),
    ],
)
def test_documents_that_make_no_sense(
    http: httpx.Client, body: bytes, status: int, code: str, word: str
) -> None:
    response = http.post("/v1/documents", content=body, headers={"Content-Type": "application/json"})
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert word in error["message"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search", "/v1/documents"])
def test_a_wrong_content_type(http: httpx.Client, path: str, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    response = http.post(path, content=b'{"question": "a"}', headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (415, "unsupported_media_type")
    assert "application/json" in response.json()["error"]["message"]


def test_a_form_without_files(http: httpx.Client) -> None:
    response = http.post("/v1/documents", files={"files": (None, b"text")})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_input")
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    for content, headers in ((b"nonsense", form), (b"x", {"Content-Type": "multipart/form-data"})):
        response = http.post("/v1/documents", content=content, headers=headers)
        assert response.status_code in (400, 422)
        assert response.json()["error"]["code"] in ("bad_request", "invalid_input")


def test_a_page_of_another_site_cannot_add_documents(http: httpx.Client) -> None:
    files = {"files": ("a.md", b"planted")}
    response = http.post("/v1/documents", files=files, headers={"Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "cross_site")
    assert http.get("/v1/documents").json()["total"] == 0
    same = http.post("/v1/documents", files=files, headers={"Sec-Fetch-Site": "same-origin"})
    assert same.status_code == 200


def test_unknown_things(http: httpx.Client, jujube: Command) -> None:
    for method, path, status, code in (
        ("GET", "/v1/documents/nothing", 404, "not_found"),
        ("DELETE", "/v1/documents/nothing", 404, "not_found"),
        ("GET", "/v1/nothing", 404, "not_found"),
        ("PUT", "/v1/ask", 405, "method_not_allowed"),
        ("GET", "/v1/documents?limit=0", 422, "invalid_request"),
        ("GET", "/v1/documents?offset=x", 422, "invalid_request"),
    ):
        response = http.request(method, path)
        assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert_one_line(jujube("remove", "nothing"), "nothing", "jujube list")
    assert_one_line(jujube("add", "no/such/file.md"), "no/such/file.md", "no such file")


def test_removing_is_all_or_nothing(jujube: Command, documents: Path) -> None:
    jujube("add", documents)
    assert_one_line(jujube("remove", documents / "leave.md", "nothing"), "nothing")
    assert jujube("stats", "--json").json["documents"] == 2


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "x" * 65, "名"])
def test_names_of_collections(jujube: Command, settings: Settings, name: str) -> None:
    assert_one_line(jujube("stats", "--collection", name), "collection")
    assert not settings.home.exists()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--mode", "magic"], "'hybrid'"),
        (["--top-k", "0"], "top_k"),
        (["--top-k", "101"], "top_k"),
        (["--threshold", "1.5"], "threshold"),
        (["--decoding", "wild"], "'grounded'"),
        (["--generator", "no-such-model"], "no-such-model"),
        (["--generator", "/no/such/folder"], "/no/such/folder"),
        (["--embedder", "no-such-embedder"], "no-such-embedder"),
    ],
)
def test_options_out_of_range(jujube: Command, options: list[str], word: str) -> None:
    assert_one_line(jujube("ask", "What?", *options), word)


def test_a_model_folder_without_weights(jujube: Command, tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    assert_one_line(jujube("ask", "What?", "--generator", tmp_path / "model"), "config.json")
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / "model" / name).write_bytes((tiny_model / name).read_bytes())
    assert_one_line(jujube("ask", "What?", "--generator", tmp_path / "model"), "no weights")


def test_a_home_that_cannot_be_written(jujube: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here already")
    assert_one_line(jujube("stats", "--home", tmp_path / "file" / "home"), "--home")
    assert_one_line(jujube("stats", "--home", tmp_path / "file"), "--home")
    assert (tmp_path / "file").read_text() == "here already"


def test_a_file_that_is_no_collection(jujube: Command, settings: Settings) -> None:
    settings.store_path.parent.mkdir(parents=True)
    settings.store_path.write_bytes(b"something else entirely, and more than a header long" * 40)
    before = settings.store_path.read_bytes()
    assert_one_line(jujube("stats"), "damaged")
    assert settings.store_path.read_bytes() == before


def test_links_out_of_a_folder_are_not_followed(jujube: Command, documents: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("The code is 4711.")
    os.symlink(tmp_path / "secret.md", documents / "link.md")
    report = jujube("add", "--json", documents).json
    assert report["added"] == 2
    assert [failure["code"] for failure in report["failures"]] == ["outside_path"]
    assert "4711" not in jujube("search", "--json", "code 4711").out


def test_an_empty_folder(jujube: Command, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    assert_one_line(jujube("add", tmp_path / "nothing"), "there are no documents")


def test_another_embedder_is_noticed_and_reindex_helps(
    jujube: Command, documents: Path, settings: Settings, serving: Any
) -> None:
    assert jujube("add", documents).status == 0
    assert_one_line(jujube("search", "leave", "--embedder", "use"), "jujube reindex", "e5-minilm")
    assert_one_line(jujube("add", documents, "--embedder", "minilm"), "jujube reindex")
    with serving(Service(settings.model_copy(update={"embedder": "use"}))) as client:
        response = client.post("/v1/search", json={"query": "leave"})
        assert (response.status_code, response.json()["error"]["code"]) == (409, "embedder_mismatch")
    assert jujube("reindex", "--embedder", "use", "--json").json["added"] == 2
    assert jujube("stats", "--json").json["embedder"] == "use"
    assert len(jujube("search", "leave", "--json").json["hits"]) == 2
    assert jujube("verify").out == "sound\n"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:8321", "127.0.0.1.evil.example", "[::2]:80"])
def test_a_name_that_was_made_to_point_here_is_refused(http: httpx.Client, host: str, method: str) -> None:
    """DNS rebinding: to the browser the page and the server are one site."""
    response = http.request(method, "/v1/documents", headers={"Host": host, "Sec-Fetch-Site": "same-origin"})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "cross_site")
    assert "JUJUBE_HOSTS" in response.json()["error"]["message"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:8321", "localhost."])
def test_its_own_names_are_answered(http: httpx.Client, host: str) -> None:
    assert http.get("/healthz", headers={"Host": host}).status_code == 200


def test_a_server_that_others_reach_goes_by_any_name() -> None:
    assert own_names("0.0.0.0") == own_names("10.0.0.7") == own_names("jujube.example") == frozenset()
    assert "ask.example" in own_names("127.0.0.1", "qa.example, Ask.example")


def test_the_description_of_the_routes_needs_no_network(http: httpx.Client) -> None:
    page = http.get("/docs")
    assert page.status_code == 200
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(wanted) >= 2
    assert not [one for one in wanted if "//" in one], "nothing is fetched from elsewhere"
    for one in wanted:
        assert http.get(one).status_code == 200
