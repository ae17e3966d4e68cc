"""The command line: the same fields as HTTP, output for pipes, progress apart from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.service import Service

Command = Callable[..., Any]

HELP = (
    "add",
    "remove",
    "ask",
    "search",
    "list",
    "stats",
    "reindex",
    "verify",
    "serve",
    "demo",
    "evaluate",
    "feedback",
    "generate",
    "graph",
    "jobs",
    "names",
    "train",
)


def test_help_names_every_command(jujube: Command) -> None:
    shown = jujube("--help")
    assert shown.status == 0
    assert all(f"  {name} " in shown.out for name in HELP)
    for name in HELP:
        assert jujube(name, "--help").status == 0
    assert jujube("--version").out.startswith("jujube 0.")


def test_a_collection_from_first_to_last(jujube: Command, documents: Path) -> None:
    added = jujube("add", documents)
    assert added.out == "2 added, 0 replaced, 0 unchanged, 0 skipped; 2 passages; revision 1\n"
    assert jujube("add", documents, "--json").json["unchanged"] == 2
    listed = jujube("list").out.splitlines()
    assert [line.split("\t")[:2] for line in listed] == [
        [str(documents / "leave.md"), "Leave"],
        [str(documents / "年假.md"), "年假"],
    ]
    assert "documents    2\n" in jujube("stats").out
    assert jujube("verify", "--json").json == {"problems": [], "revision": 1}
    assert jujube("reindex", "--json").json["passages"] == 2
    assert jujube("remove", documents / "leave.md").out == "1 removed; revision 3\n"
    assert jujube("remove", documents, "--json").json["revision"] == 4
    assert jujube("list", "--json").out == ""


def test_a_path_is_removed_however_it_is_written(
    jujube: Command, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(documents)
    jujube("add", "./leave.md")
    assert jujube("remove", "./leave.md").status == 0
    jujube("add", ".")
    assert jujube("stats", "--json").json["documents"] == 2


def test_http_and_the_command_line_say_the_same(
    jujube: Command, documents: Path, service: Service, serving: Any
) -> None:
    jujube("add", documents)
    with serving(service) as http:
        for question in ("How many days of leave?", "年假有多少天？"):
            for options, more in ((["--top-k", 1, "--threshold", 0], {"top_k": 1, "threshold": 0}), ([], {})):
                typed = jujube("ask", question, "--json", *options).json
                sent = http.post("/v1/ask", json={"question": question, **more}).json()
                assert typed.pop("timings").keys() == sent.pop("timings").keys()
                assert typed == sent
            found = http.post("/v1/search", json={"query": question, "mode": "text"}).json()
            assert jujube("search", question, "--json", "--mode", "text").json == found
        listed = http.get("/v1/documents").json()["documents"]
        assert [json.loads(line) for line in jujube("list", "--json").out.splitlines()] == listed
        typed, sent = jujube("stats", "--json").json, http.get("/v1/stats").json()
        assert sent.pop("runtime").startswith(typed.pop("runtime"))  # loaded there, only chosen here
        assert typed == sent


def test_an_answer_for_a_person(jujube: Command, documents: Path) -> None:
    jujube("add", documents)
    shown = jujube("ask", "How many days of leave?", "--threshold", 0)
    answer, confidence, source, *_ = shown.out.splitlines()
    assert answer
    assert confidence.startswith("confidence 0.")
    assert source.startswith("  [1] ")
    assert shown.err == ""
    silent = jujube("ask", "年假有多少天？", "--threshold", 1).out.splitlines()
    assert silent[0] == "我不知道。"
    assert silent[2] == "  the nearest passages:"
    hits = jujube("search", "leave").out
    assert hits.startswith(" 1 ")
    assert "leave.md" in hits


def test_an_empty_collection_says_what_to_do(jujube: Command) -> None:
    asked = jujube("ask", "What?")
    assert (asked.status, asked.out.splitlines()[0]) == (0, "I don't know.")
    assert "jujube add" in asked.err
    assert jujube("search", "what").err == "nothing found\n"


def test_files_of_questions(jujube: Command, documents: Path, tmp_path: Path) -> None:
    jujube("add", documents)
    file, out = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    file.write_text('{"id": "en", "question": "How many days of leave?"}\n{"question": "年假有多少天？"}\n')
    ran = jujube("ask", "--file", file, "--out", out)
    assert (ran.status, ran.out) == (0, "")
    assert "2 new, 0 were there already" in ran.err
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [line["id"] for line in lines] == ["en", 2]
    assert lines[0].keys() == {
        *("id", "answer", "abstained", "confidence", "citations", "hits", "facts"),
        *("model_version", "revision", "timings", "decoding", "included", "left_out", "sentences", "steps"),
    }
    assert lines[0]["timings"].keys() == {"retrieve", "prompt", "generate", "total"}
    whole = out.read_bytes()
    out.write_bytes(whole[:-20])
    assert "1 new, 1 were there already" in jujube("ask", "--file", file, "--out", out).err
    again = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    for line in (*lines, *again):
        del line["timings"]
    assert again == lines

    assert jujube("search", "--file", file, "--out", tmp_path / "hits.jsonl", "--top-k", 1).status == 0
    hits = [json.loads(line) for line in (tmp_path / "hits.jsonl").read_text("utf-8").splitlines()]
    assert [(line["id"], line["hits"][0]["title"]) for line in hits] == [("en", "Leave"), (2, "年假")]
    assert hits[0]["hits"][0].keys() >= {"document_id", "passage_id", "score", "found_by"}


def test_a_file_needs_a_place_for_its_results(jujube: Command, tmp_path: Path) -> None:
    ran = jujube("ask", "--file", tmp_path / "q.jsonl")
    assert (ran.status, ran.err) == (1, "error: --file needs --out: the file that the results go to\n")


def test_what_cannot_be_read_is_told_apart_from_the_report(jujube: Command, documents: Path) -> None:
    (documents / "picture.png").write_bytes(b"x")
    ran = jujube("add", documents)
    assert ran.status == 0
    assert ran.out.startswith("2 added")
    assert ran.err.startswith("skipped ")
    assert "picture.png" in ran.err
