"""`jujube evaluate --retrieval` from the command to the report, and the mode that it sets."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.cli_evaluate import apply_verdict
from api.service import Service
from api.settings import Settings
from rag.verdict import Difference, judge

Command = Callable[..., Any]

EVIL = "<script>alert(1)</script> & \"quotes\" 'and' <img src=x onerror=alert(2)>"


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Twenty-five documents in two languages, one of them with markup in its text and name."""
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(12):
        text = f"# Pump P-{n}\n\nThe P-{n} pump weighs {30 + n} kg and is delivered with the seal S-{n}.\n"
        (folder / f"p{n}.md").write_text(text, "utf-8")
        (folder / f"阀{n}.md").write_text(
            f"# 阀门\n\nV-{n}阀门的工作压力是{n + 3}兆帕，配有密封圈M-{n}。\n", "utf-8"
        )
    (folder / "<b>&.md").write_text(
        f"# {EVIL}\n\nThe Q-7 says {EVIL} every 19 days to all who ask it.\n", "utf-8"
    )
    return folder


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    lines = [
        *({"question": f"What does the P-{n} weigh?", "answer": f"{30 + n} kg"} for n in range(12)),
        *({"question": f"V-{n}阀门的压力？", "answer": f"{n + 3}兆帕"} for n in range(12)),
        {"question": f"{EVIL} Q-7?", "answer": EVIL, "documents": ["<b>&.md"], "kind": EVIL},
        {"question": "Nothing?", "answers": []},
    ]
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return file


def test_a_comparison_with_my_questions(jujube: Command, many: Path, asked: Path, settings: Settings) -> None:
    jujube("add", many)
    ran = jujube("evaluate", "--retrieval", "--questions", asked)
    assert ran.status == 0, ran.err
    header, *lines, verdict, where = ran.out.splitlines()
    assert header.split() == ["R@2", "R@5", "R@10", "hit@1", "MRR", "both@5", "ms"]
    assert [line.split()[0] for line in lines[:5]] == ["all", "text", "vector", "hybrid", "graph"]
    assert lines[1].split()[1] in {"1.000", ".980", ".960"}  # every word of a question stands in its passage
    assert verdict == "The graph makes no difference that 25 questions can show."
    report = settings.home / "reports" / "default-retrieval.html"
    assert where == f"mode of the collection: graph; report: {report}"
    assert "1 questions that nothing answers were left out" in ran.err
    assert report.is_file()

    given = jujube("evaluate", "--retrieval", "--questions", asked, "--json", "--report", report).json
    assert given["verdict"]["graph"] == "unclear"
    assert [kind["questions"] for kind in given["kinds"]] == [25, 24, 1]
    assert given["kinds"][0]["modes"].keys() == {"text", "vector", "hybrid", "graph"}
    assert given["unanswerable"] == 1
    shown = f"{given['kinds'][0]['modes']['vector']['recall']['5']:.3f}".removeprefix("0")
    assert shown == lines[2].split()[2]


def test_the_report_needs_no_other_file_and_runs_nothing(
    jujube: Command, many: Path, asked: Path, tmp_path: Path, self_contained: Callable[[Path], str]
) -> None:
    jujube("add", many)
    jujube("evaluate", "--retrieval", "--questions", asked, "--report", tmp_path / "r.html")
    text = self_contained(tmp_path / "r.html")
    assert not re.search(r">\s*[\u4e00-\u9fff]+\s*</text>", text), (
        "no Chinese in a plot: no font is sure to be there"
    )


def test_without_matplotlib_the_report_says_what_to_install(
    jujube: Command, many: Path, asked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jujube("add", many)
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # as Python has it for a package that is not there
    ran = jujube("evaluate", "--retrieval", "--questions", asked, "--report", tmp_path / "r.html")
    assert ran.status == 0
    text = (tmp_path / "r.html").read_text("utf-8")
    assert "pip install &#39;jujube-qa[report]&#39;" in text
    assert "<svg" not in text
    assert "recall@5" in text


def test_questions_made_from_the_documents(jujube: Command, many: Path) -> None:
    jujube("add", many)
    first = jujube("evaluate", "--retrieval", "--sample", 30, "--json").json
    again = jujube("evaluate", "--retrieval", "--sample", 30, "--json").json
    assert first["kinds"][0]["questions"] >= 20
    for one in (first, again):
        for kind in one["kinds"]:
            for scores in kind["modes"].values():
                del scores["milliseconds"]
    assert first == again
    assert "Made questions are no users" in Path(first["report"]).read_text("utf-8")


def test_a_mode_is_set_by_hand_and_is_the_collection_s_own(
    jujube: Command, documents: Path, settings: Settings, serving: Any
) -> None:
    jujube("add", documents)
    assert jujube("stats", "--json").json["mode"] == "graph"
    before = jujube("stats", "--json").json["revision"]
    set_ = jujube("evaluate", "--retrieval", "--apply", "--mode", "text")
    assert (set_.status, set_.err) == (0, "the collection is searched in mode text from now on\n")
    stats = jujube("stats", "--json").json
    assert (stats["mode"], stats["revision"]) == ("text", before)
    assert [hit["found_by"] for hit in jujube("search", "leave", "--json").json["hits"]] == [["text"]]
    service = Service(settings)
    with serving(service) as http:
        assert http.get("/v1/stats").json()["mode"] == "text"
        for extra, voices in (({}, {"text"}), ({"mode": None}, {"text"}), ({"mode": "vector"}, {"vector"})):
            for route, field in (("search", "query"), ("ask", "question")):
                hits = http.post(f"/v1/{route}", json={field: "leave", **extra}).json()["hits"]
                assert {voice for hit in hits for voice in hit["found_by"]} == voices
        service.set_mode("hybrid")
        hits = http.post("/v1/search", json={"query": "leave"}).json()["hits"]
        assert hits[0]["found_by"] == ["vector", "text"]
    service.store.set_meta("mode", "a mode of a later version")
    assert service.mode == "graph"
    service.close()


@pytest.mark.parametrize(
    ("mean", "before", "after", "said"),
    [
        (0.5, "hybrid", "graph", "mode graph from now on"),
        (-0.5, "graph", "hybrid", "mode hybrid from now on"),
        (0.0, "text", "text", "mode text stays"),
    ],
)
def test_the_verdict_is_applied(
    service: Service, capsys: pytest.CaptureFixture[str], mean: float, before: Any, after: str, said: str
) -> None:
    service.set_mode(before)
    apply_verdict(service, judge(Difference(mean, mean, mean), 100))
    assert service.mode == after
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "say what to evaluate: --retrieval"),
        (("--retrieval", "--mode", "text"), "say --apply, too"),
        (
            ("--retrieval", "--apply", "--mode", "fast"),
            "no mode 'fast': there are graph, hybrid, vector, text",
        ),
        (("--retrieval",), "the collection is empty: `jujube add FOLDER`"),
        (("--retrieval", "--questions", "none.jsonl"), "the collection is empty"),
    ],
)
def test_mistakes_are_one_line(jujube: Command, options: tuple[str, ...], message: str) -> None:
    ran = jujube("evaluate", *options)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("error: ")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_file_or_a_report_that_cannot_be_used(
    jujube: Command, documents: Path, many: Path, tmp_path: Path
) -> None:
    jujube("add", documents)
    poor = jujube("evaluate", "--retrieval")
    assert (poor.status, poor.err.startswith("error: no question can be made")) == (1, True)
    jujube("add", many)
    ran = jujube("evaluate", "--retrieval", "--questions", "none.jsonl")
    assert (ran.status, ran.err) == (1, "error: cannot read none.jsonl: No such file or directory\n")
    (tmp_path / "file").write_text("x")
    bad = jujube("evaluate", "--retrieval", "--sample", 1, "--report", tmp_path / "file" / "r.html")
    assert bad.status == 1
    assert "Name another with --report" in bad.err
    (tmp_path / "folder").mkdir()
    for folder in (tmp_path / "folder", Path("/"), Path()):
        bad = jujube("evaluate", "--retrieval", "--sample", 1, "--report", folder)
        assert bad.status == 1
        assert bad.err.splitlines()[-1].startswith(f"error: cannot write {folder}: ")
    assert not list(tmp_path.glob("*.part"))


def test_many_documents_that_are_not_there_are_counted(jujube: Command, many: Path, tmp_path: Path) -> None:
    jujube("add", many)
    lines = [{"question": "P-1?", "answer": "31 kg", "documents": [f"gone{n}\ud800.md"]} for n in range(50)]
    lines += [{"question": "P-1?", "answer": "31 kg", "documents": ["p1.md"]}]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    ran = jujube("evaluate", "--retrieval", "--questions", tmp_path / "q.jsonl")
    assert ran.status == 0, ran.err
    assert "gone4" in ran.err
    assert "gone5" not in ran.err
    assert "and 45 more" in ran.err


def test_stopping_leaves_no_report_and_no_mode(
    spawn: Any, jujube: Command, many: Path, settings: Settings
) -> None:
    records = [
        {"text": f"The P-{n} pump weighs {n} kg. It is delivered with the seal S-{n} and {n + 3} screws."}
        for n in range(100, 400)
    ]  # enough to be in the middle of it
    (many / "more.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    jujube("add", many)
    process = spawn("evaluate", "--retrieval", "--apply", "--sample", 10_000)
    while not process.stderr.readline().startswith("questions: "):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert not (settings.home / "reports").exists()
    assert jujube("stats", "--json").json["mode"] == "graph"
