"""The whole house with the embedded models: sample documents, every other sample question, over real HTTP.

`jujube demo --all` asks the others, too: they would take a minute or two of a run that has ten. The floors
lie a little below what is reached (docs/log.md): a change that loses more than a few answers shows here, a
rounding on another machine does not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.demo import EXAMPLES, is_right, serving

RIGHT = {"en": 8, "zh": 8}
"""Of 11 each; reached: 9 each."""
REFUSED = 3
"""Of the 4 that nothing answers; reached: 4, and all 10 of the 10 in the file."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """JUJUBE_TEST_MODELS keeps the embedded model from one run to the next."""
    folder: Path = tmp_path_factory.mktemp("home")
    if models := os.environ.get("JUJUBE_TEST_MODELS"):
        Path(models).mkdir(parents=True, exist_ok=True)
        (folder / "models").symlink_to(Path(models).resolve(), target_is_directory=True)
    return folder


def jujube(home: Path, *arguments: str) -> str:
    command = [sys.executable, "-c", "from api.cli import main; main()", *arguments, "--home", str(home)]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert result.returncode == 0, result.stderr
    assert "it/s" not in result.stderr
    assert "Warning" not in result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def added(home: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(jujube(home, "add", str(EXAMPLES / "documents"), "--json"))
    return report


@pytest.fixture(scope="module")
def http(home: Path, added: dict[str, Any]) -> Iterator[httpx.Client]:
    with serving(home, "default") as url, httpx.Client(base_url=url, timeout=120, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def answered(http: httpx.Client) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(line of questions.jsonl, answer) of every other question: all kinds, both languages alike."""
    lines = [json.loads(line) for line in (EXAMPLES / "questions.jsonl").read_text("utf-8").splitlines()[::2]]
    return [
        (line, http.post("/v1/ask", json={"question": line["question"]}).raise_for_status().json())
        for line in lines
    ]


def test_all_sample_documents_are_indexed(added: dict[str, Any], http: httpx.Client, home: Path) -> None:
    assert added["failures"] == []
    listed = http.get("/v1/documents?limit=1000").json()
    assert listed["total"] == added["added"] == 31
    suffixes = {path.suffix for path in (EXAMPLES / "documents").iterdir()}
    assert len(suffixes) == 10
    assert json.loads(jujube(home, "verify", "--json"))["problems"] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_enough_answers_are_right(
    answered: list[tuple[dict[str, Any], dict[str, Any]]], language: str
) -> None:
    mine = [(line, answer) for line, answer in answered if line["language"] == language]
    wrong = [(line["id"], answer["answer"]) for line, answer in mine if not is_right(line, answer)]
    assert len(mine) == 11
    assert len(mine) - len(wrong) >= RIGHT[language], wrong


def test_what_nothing_answers_is_refused(answered: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    silent = [answer["abstained"] for line, answer in answered if not line["answers"]]
    assert len(silent) == 4
    assert sum(silent) >= REFUSED


def test_every_citation_is_true(
    answered: list[tuple[dict[str, Any], dict[str, Any]]], http: httpx.Client
) -> None:
    texts = {d["id"]: "" for d in http.get("/v1/documents?limit=1000").json()["documents"]}
    for document in texts:
        texts[document] = http.get(f"/v1/documents/{document}").json()["text"]
    for line, answer in answered:
        assert answer["abstained"] == (not answer["citations"]), line["id"]
        for citation in answer["citations"]:
            text = texts[citation["document_id"]]
            assert text[citation["start"] : citation["end"]] == citation["text"]
            said = {answer["answer"], *(step["answer"] for step in answer["steps"])}
            assert text[citation["answer_start"] : citation["answer_end"]] in said
        for found in answer["hits"]:
            assert texts[found["document_id"]][found["start"] : found["end"]] == found["text"]
        for fact in answer["facts"]:
            assert fact["subject"]
            assert fact["start"] < fact["end"]


def test_the_right_document_is_among_the_hits(
    answered: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    asked = [(line, answer) for line, answer in answered if line["kind"] == "single"]
    found = sum(
        any(hit["source"].endswith(Path(source).name) for hit in answer["hits"] for source in line["sources"])
        for line, answer in asked
    )
    assert found >= len(asked) - 4


def test_a_document_that_is_removed_is_answered_no_more(http: httpx.Client) -> None:
    body = {"question": "On which date was Zaolin Instruments founded?"}
    sources = http.get("/v1/documents?limit=1000").json()["documents"]
    history = [d["id"] for d in sources if d["source"].endswith("company-history.md")]
    assert http.post("/v1/ask", json=body).json()["citations"][0]["document_id"] == history[0]
    http.delete(f"/v1/documents/{history[0]}").raise_for_status()
    after = http.post("/v1/ask", json={**body, "threshold": 0}).json()
    assert history[0] not in {part["document_id"] for part in (*after["hits"], *after["citations"])}


def test_the_demonstration(home: Path, tmp_path: Path) -> None:
    """What a newcomer runs first, with two questions instead of eight."""
    lines = (EXAMPLES / "questions.jsonl").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "two.jsonl").write_text(lines[0] + lines[22], "utf-8")
    shown = jujube(home, "demo", "--questions", str(tmp_path / "two.jsonl"), "--all", "--json")
    results = [json.loads(line) for line in shown.splitlines()]
    assert [(result["id"], result["right"]) for result in results] == [("en-01", True), ("zh-01", True)]


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("12 March 1996", True),
        ("12 march 1996.", True),
        ("１２ March 1996", True),
        ("the 12 March 1996", True),
        ("13 March 1996", False),
        ("12 March 1996 or 1997", False),
        ("", False),
    ],
)
def test_what_counts_as_right(given: str, right: bool) -> None:
    line = {"answers": ["12 March 1996"]}
    assert is_right(line, {"answer": given, "abstained": False}) is right
    assert not is_right(line, {"answer": given, "abstained": True})
    assert not is_right({"answers": []}, {"answer": given, "abstained": False})
    assert is_right({"answers": []}, {"answer": given, "abstained": True})
