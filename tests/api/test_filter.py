"""Filters by source and metadata, over HTTP and on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.options import only_these
from api.service import Service
from api.settings import Settings

MODES = ["graph", "hybrid", "vector", "text"]
DOCUMENTS = [
    {
        "source": "hr/leave.md",
        "text": "Staff have 25 days of leave.",
        "metadata": {"team": "HR", "year": 2025},
    },
    {"source": "hr/old.md", "text": "Staff had 20 days of leave.", "metadata": {"team": "HR", "year": 2019}},
    {"source": "lab/leave.md", "text": "The lab has leave of absence.", "metadata": {"team": ["R&D", "HR"]}},
    {"source": "hrx.md", "text": "No days of leave here.", "metadata": {}},
]


@pytest.fixture
def http(settings: Settings, serving: Any) -> Iterator[httpx.Client]:
    with serving(Service(settings)) as client:
        client.post("/v1/documents", json={"documents": DOCUMENTS}).raise_for_status()
        yield client


def sources(answer: dict[str, Any]) -> set[str]:
    return {hit["source"] for hit in answer["hits"]}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"source": "hr"}, {"hr/leave.md", "hr/old.md"}),
        ({"source": "hr/"}, {"hr/leave.md", "hr/old.md"}),
        ({"source": "lab/leave.md"}, {"lab/leave.md"}),
        ({"metadata": {"team": "HR"}}, {"hr/leave.md", "hr/old.md", "lab/leave.md"}),
        ({"metadata": {"team": "HR", "year": 2025}}, {"hr/leave.md"}),
        ({"metadata": {"year": "2025"}}, set()),
        ({"metadata": {"year": 10**24}}, set()),
        ({"source": "lab", "metadata": {"year": 2019}}, set()),
        ({"source": ""}, set()),
        ({}, {"hr/leave.md", "hr/old.md", "lab/leave.md", "hrx.md"}),
    ],
)
def test_only_what_the_filter_lets_through_is_found(
    http: httpx.Client, chosen: dict[str, Any], expected: set[str]
) -> None:
    for mode in MODES:
        body = {"query": "days of leave", "mode": mode, "filter": chosen}
        found = http.post("/v1/search", json=body).raise_for_status().json()
        assert sources(found) == expected if mode != "text" else sources(found) <= expected
    asked = {"question": "How many days of leave?", "filter": chosen, "threshold": 0}
    answer = http.post("/v1/ask", json=asked).raise_for_status().json()
    assert sources(answer) == expected
    assert {citation["source"] for citation in answer["citations"]} <= expected


def test_a_filter_that_is_none_is_told(http: httpx.Client) -> None:
    for wrong in (
        {"folder": "hr"},
        {"metadata": {"team": {"is": "HR"}}},
        "hr",
        {"metadata": {"team": "\ud800"}},
        {"metadata": {"\ud800": "HR"}},
        {"metadata": {f"field{n}": 1 for n in range(200)}},
    ):
        sent = json.dumps({"query": "leave", "filter": wrong})
        refused = http.post("/v1/search", content=sent, headers={"content-type": "application/json"})
        assert refused.status_code == 422
        assert "filter" in refused.json()["error"]["message"]


def test_the_command_line_filters_too(settings: Settings, tmp_path: Path) -> None:
    lines = tmp_path / "texts.jsonl"
    lines.write_text("".join(json.dumps({**d, "title": "Leave"}) + "\n" for d in DOCUMENTS), "utf-8")
    common = ["--home", str(settings.home), "--generator", settings.generator]

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, [*arguments, *common])

    assert run("add", str(lines)).exit_code == 0
    found = json.loads(
        run("search", "days of leave", "--where", "team=HR", "--where", "year=2025", "--json").stdout
    )
    assert sources(found) == {"hr/leave.md"}
    found = json.loads(run("search", "days of leave", "--source", "hr", "--json").stdout)
    assert sources(found) == {"hr/leave.md", "hr/old.md"}
    wrong = run("search", "leave", "--where", "team")
    assert wrong.exit_code == 1
    assert "FIELD=VALUE" in wrong.stderr
    elsewhere = run("search", "leave", "--source", "gone.md")
    assert (elsewhere.exit_code, elsewhere.stdout) == (1, "")
    assert "nothing here came from 'gone.md': `jujube list`" in elsewhere.stderr
    assert "nothing here came from" in run("search", "leave", "--source", "\udc80").stderr
    removed = CliRunner().invoke(app, ["remove", "\udc80", *common[:2]])
    assert "nothing here came from" in removed.stderr
    for same in ("./hr", "hr/../hr/leave.md"):
        assert "hr/leave.md" in run("search", "days of leave", "--source", same).stdout


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("=3", 3),
        ("=2.5", 2.5),
        ("=true", True),
        ("=null", None),
        ('="3"', "3"),
        ("=", ""),
        ("=R&D", "R&D"),
        ("=[1]", "[1]"),
        ('={"a": 1}', '{"a": 1}'),
        ("=Infinity", "Infinity"),
        ("=NaN", "NaN"),
        ("=1e999", "1e999"),
        ("=" + "9" * 5000, "9" * 5000),
        ("=" + "[" * 100_000, "[" * 100_000),
    ],
)
def test_a_value_is_json_where_it_is_one_plain_value(condition: str, value: object) -> None:
    assert only_these(None, ["x" + condition]) == {"source": None, "metadata": {"x": value}}
