"""Plain text: the same over HTTP and on the command line, and what is refused with the reason."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.service import Service
from api.settings import Settings

Command = Callable[..., Any]

DRAWN = ["--num-return-sequences", 3, "--temperature", 0.9, "--seed", 7]


def test_http_and_the_command_line_write_the_same(jujube: Command, service: Service, serving: Any) -> None:
    drawn = {"num_return_sequences": 3, "temperature": 0.9, "seed": 7}
    with serving(service) as http:
        for options, body in (
            ([], {}),
            (["--max-length", 5], {"max_length": 5}),
            ([*DRAWN, "--top-p", 0.8, "--stop", "a"], {**drawn, "top_p": 0.8, "stop": ["a"]}),
        ):
            sent = http.post("/v1/generate", json={"prompt": "Staff have", **body}).json()
            assert jujube("generate", "Staff have", "--json", *options).json == sent
            assert len(sent["texts"]) == body.get("num_return_sequences", 1)
            assert sent["model_version"]


def test_for_a_person(jujube: Command) -> None:
    one = jujube("generate", "员工", "--max-length", 20)
    (text,) = jujube("generate", "员工", "--max-length", 20, "--json").json["texts"]
    assert (one.status, one.err) == (0, "")
    assert one.out.strip() == "".join(m if m.isprintable() or m in "\n\t" else "\ufffd" for m in text).strip()
    assert "\n[3] " in jujube("generate", "Leave", *DRAWN, "--max-length", 4).out


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("num_return_sequences", 2, ["temperature above 0"]),
        ("num_return_sequences", 17, ["16"]),
        ("num_return_sequences", 0, ["1"]),
        ("max_length", 0, ["1"]),
        ("max_length", 5000, ["4096"]),
        ("temperature", -1, ["0"]),
        ("temperature", 0.001, ["0.01"]),
        ("temperature", 11, ["10"]),
        ("top_p", 0, ["greater than 0"]),
        ("top_p", 1.5, ["1"]),
        ("seed", -1, ["0"]),
        ("stop", "", ["1 character"]),
    ],
)
def test_limits(http: httpx.Client, jujube: Command, field: str, value: Any, words: list[str]) -> None:
    body = {"prompt": "a", field: [value] if field == "stop" else value}
    response = http.post("/v1/generate", json=body)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (422, "invalid_request")
    ran = jujube("generate", "a", f"--{field.replace('_', '-')}", value)
    assert (ran.status, ran.out) == (1, "")
    for message in (error["message"], ran.err):
        assert all(word in message for word in [field, *words]), message


def test_only_one_text_can_be_streamed(http: httpx.Client) -> None:
    body = {"prompt": "a", "num_return_sequences": 2, "temperature": 1, "stream": True}
    response = http.post("/v1/generate", json=body)
    assert response.status_code == 422
    assert "only one text can be streamed" in response.json()["error"]["message"]


def test_not_a_number(http: httpx.Client) -> None:
    for value in ("NaN", "Infinity"):
        content = f'{{"prompt": "a", "temperature": {value}}}'.encode()
        response = http.post("/v1/generate", content=content, headers={"Content-Type": "application/json"})
        assert response.status_code in (400, 422)


def test_the_smallest_temperature_and_the_largest(http: httpx.Client) -> None:
    for temperature in (0.01, 10):
        body = {"prompt": "a", "temperature": temperature, "top_p": 1e-9, "seed": 2**63 - 1, "max_length": 4}
        assert http.post("/v1/generate", json=body).status_code == 200


def on_a_terminal(settings: Settings, *arguments: str) -> str:
    """What the command shows on a real terminal."""
    names = ("home", "collection", "generator", "embedder", "extractor")
    own = {f"JUJUBE_{name.upper()}": str(getattr(settings, name)) for name in names}
    here, there = pty.openpty()
    code = "from api.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **own, "TERM": "xterm", "NO_COLOR": "1"},
        stdout=there,
        stderr=there,
    )
    os.close(there)
    shown = b""
    try:
        while piece := os.read(here, 4096):
            shown += piece
    except OSError:  # Linux says so when the other side is closed
        pass
    finally:
        os.close(here)
    assert process.wait(60) == 0, shown
    return shown.decode().replace("\r\n", "\n")


def test_a_terminal_shows_sources_first(jujube: Command, settings: Settings, documents: Path) -> None:
    jujube("add", documents)
    question = "How many days of leave?"
    shown = on_a_terminal(settings, "ask", question, "--threshold", "0")
    assert shown.index("reading ") < shown.index("confidence ")
    assert "leave.md" in shown.splitlines()[0]
    piped = jujube("ask", question, "--threshold", 0).out
    assert "reading " not in piped
    assert piped.splitlines()[0] in shown
    free = on_a_terminal(settings, "ask", question, "--decoding", "free")
    answer = jujube("ask", question, "--decoding", "free", "--json").json
    assert answer["decoding"] == "free"
    for sentence in answer["sentences"]:
        assert sentence["supported"] or "[?] not in the passages: " in free
    assert json.loads(on_a_terminal(settings, "ask", question, "--json"))["decoding"] == "grounded"
