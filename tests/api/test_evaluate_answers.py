"""`jujube evaluate --questions`: the table, the report, the picture, and the threshold that it sets."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.exam import ask_all
from api.service import Service
from api.settings import Settings
from api.thresholds import set_threshold, threshold_of
from index.errors import InputError
from rag.calibration import Calibration
from rag.expected import Expected

Command = Callable[..., Any]

EVIL = "<script>alert(1)</script> & \"quotes\" 'and' <img src=x onerror=alert(2)>"


@pytest.fixture
def filled(jujube: Command, tmp_path: Path) -> Command:
    """The command line over documents in two languages, one of them with markup in its text and name."""
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(6):
        (folder / f"p{n}.md").write_text(f"# Pump P-{n}\n\nThe P-{n} pump weighs {30 + n} kg.\n", "utf-8")
        (folder / f"阀{n}.md").write_text(f"# 阀门\n\nV-{n}阀门的工作压力是{n + 3}兆帕。\n", "utf-8")
    (folder / "<b>&.md").write_text(f"# {EVIL}\n\nThe Q-7 says {EVIL} every 19 days.\n", "utf-8")
    assert jujube("add", folder).status == 0
    return jujube


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    lines = [
        *(
            {"question": f"What does the P-{n} weigh?", "answers": [f"{30 + n} kg"], "source": f"p{n}.md"}
            for n in range(6)
        ),
        *({"question": f"V-{n}阀门的压力？", "answer": f"{n + 3}兆帕"} for n in range(6)),
        *({"question": f"Who built P-{n}?", "answers": []} for n in range(10)),
        {"question": f"{EVIL} Q-7?", "answer": "nobody", "documents": ["<b>&.md"], "kind": EVIL, "id": EVIL},
        {"question": "Which?", "documents": ["p1.md"]},
    ]  # fmt: skip
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return file


def test_a_table_a_report_a_picture_and_every_answer(
    filled: Command, asked: Path, tmp_path: Path, settings: Settings
) -> None:
    out, plot = tmp_path / "a.jsonl", tmp_path / "pictures" / "a.png"
    ran = filled("evaluate", "--questions", asked, "--out", out, "--plot", plot)
    assert ran.status == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0].split() == ["all", "answerable", "en", "zh"]
    row: dict[str, list[str]] = {}
    for line in lines:
        row.setdefault(line[:44].strip(), line.split()[-4:])
    assert row["true spans of their document"] == ["100.0"] * 4
    assert row["right document among the first 3"] == ["100.0", "100.0", "100.0", "-"]
    assert "1 questions name a document but no answer: they are left out" in ran.err
    assert lines[-1] == f"report: {settings.home / 'reports' / 'default-answers.html'}"
    assert plot.read_bytes().startswith(b"\x89PNG")
    told = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(told) == 23
    assert all(one["answer"] and not one["abstained"] and len(one["citations"]) for one in told)
    assert {one["asked"]["mode"] for one in told} == {"graph"}

    given = filled("evaluate", "--questions", asked, "--out", out, "--json").json
    groups = {group["group"]: group for group in given["groups"]}
    assert [groups[name]["questions"] for name in ("all", "en", "zh")] == [23, 17, 6]
    assert groups["all"]["answerable"] == 13
    assert f"{100 * groups['all']['exact']['mean']:.1f}" == row["exact match"][0]
    assert 0 <= groups["all"]["auroc_answerable"] <= 1
    assert groups["all"]["at"]["threshold"] == Calibration().threshold
    assert (given["left_out"], given["unknown"], given["revision"]) == (1, [], told[0]["asked"]["revision"])


def test_the_report_needs_no_other_file_and_runs_nothing(
    filled: Command, asked: Path, tmp_path: Path, self_contained: Callable[[Path], str]
) -> None:
    ran = filled("evaluate", "--questions", asked, "--report", tmp_path / "r.html")
    assert ran.status == 0, ran.err
    text = self_contained(tmp_path / "r.html")
    assert "Wrong, and sure of it" in text
    assert "Answered although nothing answers it" in text
    assert "1 that name a document but no answer were left out" in text


def test_without_matplotlib_the_report_says_what_to_install(
    filled: Command, asked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # as Python has it for a package that is not there
    given = ("evaluate", "--questions", asked, "--sample", 3, "--report", tmp_path / "r.html")
    assert filled(*given).status == 0
    text = (tmp_path / "r.html").read_text("utf-8")
    assert "pip install &#39;jujube-qa[report]&#39;" in text
    assert "<svg" not in text
    ran = filled(*given, "--plot", tmp_path / "p.svg")
    assert (ran.status, "pip install 'jujube-qa[report]'" in ran.err) == (1, True)
    assert not (tmp_path / "p.svg").exists()


@pytest.mark.parametrize(("ending", "begin"), [("svg", b"<?xml"), ("PDF", b"%PDF")])
def test_pictures_in_other_formats(
    filled: Command, asked: Path, tmp_path: Path, ending: str, begin: bytes
) -> None:
    plot = tmp_path / f"p.{ending}"
    assert filled("evaluate", "--questions", asked, "--sample", 4, "--plot", plot).status == 0
    assert plot.read_bytes().startswith(begin)


def test_a_run_that_was_cut_goes_on_and_a_larger_sample_too(
    filled: Command, asked: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.jsonl"
    first = filled("evaluate", "--questions", asked, "--out", out, "--json").json
    whole = out.read_bytes()
    lines = whole.splitlines(keepends=True)
    for kept in (b"", b"".join(lines[:5]) + lines[5][:40], b"".join(lines[:-1])):
        out.write_bytes(kept)
        again = filled("evaluate", "--questions", asked, "--out", out, "--json").json
        now = out.read_bytes().splitlines(keepends=True)
        assert now[: kept.count(b"\n")] == lines[: kept.count(b"\n")]
        assert [json.loads(line)["answer"] for line in now] == [json.loads(line)["answer"] for line in lines]
        for run in (first, again):
            for group in run["groups"]:
                group["seconds_median"] = group["seconds_95"] = 0
            run["at"] = ""
        assert again == first
    out.unlink()
    for sample in (4, 9, 9):
        ran = filled("evaluate", "--questions", asked, "--out", out, "--sample", sample)
        assert ran.status == 0, ran.err
        assert out.read_bytes().count(b"\n") == sample
    ids = [json.loads(line)["id"] for line in out.read_text("utf-8").splitlines()]
    assert ids == [json.loads(line)["id"] for line in lines[:9]]


def test_answers_of_something_else_are_not_continued(
    filled: Command, asked: Path, tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.jsonl"
    given = ("evaluate", "--questions", asked, "--sample", 5, "--out", out)
    assert filled(*given).status == 0
    before = out.read_bytes()

    def refused(*options: object) -> str:
        ran = filled(*(options or given))
        assert (ran.status, ran.out, out.read_bytes()) == (1, "", before)
        return str(ran.err.splitlines()[-1])

    filled("evaluate", "--retrieval", "--apply", "--mode", "text")
    assert "given otherwise (mode graph there, text now): name another file with --out" in refused()
    filled("evaluate", "--retrieval", "--apply", "--mode", "graph")
    monkeypatch.setenv("JUJUBE_TITLES", "false")
    assert "given otherwise (titles True there, False now): name another file with --out" in refused()
    monkeypatch.delenv("JUJUBE_TITLES")
    monkeypatch.setenv("JUJUBE_SPAN_READER", "")
    assert "given otherwise (span_reader embedded there,  now): name another file with --out" in refused()
    monkeypatch.delenv("JUJUBE_SPAN_READER")
    assert filled(*given).status == 0
    lines = asked.read_text("utf-8").replace("weigh?", "weigh today?").replace("built", "made")
    other = tmp_path / "other.jsonl"
    other.write_text(lines.replace("压力", "重量").replace("Q-7?", "Q-8?"), "utf-8")
    message = refused("evaluate", "--questions", other, "--sample", 5, "--out", out)
    assert "holds answers to other questions" in message
    filled("add", documents)
    assert re.search(r"revision \d+ there, \d+ now", refused())
    out.write_text('{"id": "line 99", "answer": "25 days"}\n')  # of `jujube ask --file`
    before = out.read_bytes()
    assert "was written by another command: name another file with --out" in refused()
    (tmp_path / "notes").write_text("My notes\n")
    ran = filled("evaluate", "--questions", asked, "--out", tmp_path / "notes")
    assert "line 1: not a result of an earlier run" in ran.err


def test_a_collection_that_changes_meanwhile_is_noticed(
    service: Service, documents: Path, tmp_path: Path
) -> None:
    service.add_paths([documents])
    questions = [Expected(str(n), f"What is {n}?", ("x",)) for n in range(4)]
    ticks = iter(range(4))

    def tick() -> None:
        if next(ticks) == 1:
            service.store.remove(service.store.document_ids()[:1])

    with pytest.raises(InputError, match=r"changed while it was asked \(revision \d there, \d now\)"):
        ask_all(service, questions, tmp_path / "a.jsonl", tick)


def test_a_question_that_cannot_be_asked_counts_as_silence(
    service: Service, documents: Path, tmp_path: Path
) -> None:
    service.add_paths([documents])
    long = Expected("1", "What is " + "leave " * 3000 + "?", ("25 days",))
    short = Expected("2", "How long is leave?", ("25 days",))
    first, second = ask_all(service, [long, short], tmp_path / "a.jsonl")
    assert first.marked.given.silent
    assert first.line["problem"]
    assert not second.marked.given.silent


def test_the_threshold_is_the_collection_s_own(
    filled: Command, asked: Path, settings: Settings, serving: Any, tmp_path: Path
) -> None:
    out = tmp_path / "a.jsonl"
    before = filled("stats", "--json").json["revision"]
    ran = filled(
        "evaluate", "--questions", asked, "--out", out, "--precision", "1e-9", "--apply-threshold", "--json"
    )
    chosen = ran.json["groups"][0]["chosen"]
    if chosen is None:  # a model with random weights may have nothing right
        assert "no threshold reaches" in ran.err
    else:
        assert f"from confidence {chosen['threshold']:.4g} on from now on" in ran.err
    assert filled("stats", "--json").json["revision"] == before
    confidences = sorted(json.loads(line)["confidence"] for line in out.read_text("utf-8").splitlines())
    service = Service(settings)
    for threshold, abstained in ((confidences[-1] + 1e-6, True), (0.0, False)):
        set_threshold(service.store, threshold)
        assert filled("ask", "What does the P-1 weigh?", "--json").json["abstained"] is abstained
        with serving(service) as http:
            question = {"question": "What does the P-1 weigh?"}
            assert http.post("/v1/ask", json=question).json()["abstained"] is abstained
            asked_for = http.post("/v1/ask", json={**question, "threshold": 1 - (not abstained)})
            assert asked_for.status_code == 200
    service.close()


def test_where_a_threshold_comes_from(service: Service, settings: Settings) -> None:
    assert threshold_of(settings, service.store) is None
    for recorded, threshold in (("0.25", 0.25), ("high", None), ("7", None), ("nan", None)):
        service.store.set_meta("threshold", recorded)
        assert threshold_of(settings, service.store) == threshold
    set_threshold(service.store, 0.123456789)
    assert threshold_of(settings, service.store) == 0.123456789
    assert threshold_of(settings.model_copy(update={"threshold": 0.5}), service.store) == 0.5
    set_threshold(service.store, None)
    assert threshold_of(settings, service.store) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--questions", "none.jsonl"), "the collection is empty: `jujube add FOLDER`"),
        (("--questions", "none.jsonl", "--precision", 0), "--precision 0: it is a share above 0"),
        (("--questions", "none.jsonl", "--precision", 90), "--precision 90: it is a share"),
        (("--questions", "none.jsonl", "--precision", "nan"), "--precision nan: it is a share"),
        (("--questions", "none.jsonl", "--plot", "a.gif"), "a picture ends in .png, .svg, .pdf"),
        (("--questions", "none.jsonl", "--apply"), "--apply and --mode go with --retrieval"),
        (("--questions", "none.jsonl", "--mode", "text"), "--apply and --mode go with --retrieval"),
        (("--retrieval", "--out", "a.jsonl"), "leave out --retrieval"),
        (("--retrieval", "--apply-threshold"), "leave out --retrieval"),
    ],
)
def test_mistakes_are_one_line(jujube: Command, options: tuple[object, ...], message: str) -> None:
    ran = jujube("evaluate", *options)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("error: ")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


def test_files_that_cannot_be_used(filled: Command, asked: Path, tmp_path: Path) -> None:
    ran = filled("evaluate", "--questions", tmp_path / "none.jsonl")
    assert ran.err.endswith("none.jsonl: No such file or directory\n")
    few = filled("evaluate", "--questions", asked, "--sample", 5, "--apply-threshold")
    assert "5 questions are too few for --apply-threshold: ask 20 or more" in few.err
    (tmp_path / "file").write_text("x")
    for option in ("--report", "--plot"):
        bad = filled("evaluate", "--questions", asked, "--sample", 2, option, tmp_path / "file" / "r.svg")
        assert bad.status == 1
        assert f"Name another with {option}" in bad.err
        assert "exact match" in bad.out  # the numbers are there
    bad = filled("evaluate", "--questions", asked, "--sample", 2, "--out", tmp_path)
    assert (bad.status, "cannot write" in bad.err) == (1, True)


def test_stopping_leaves_no_report_and_what_was_answered(
    spawn: Any, filled: Command, asked: Path, settings: Settings, tmp_path: Path
) -> None:
    many = [{"question": f"What does the P-1 weigh in {n}?", "answer": "31 kg"} for n in range(5000)]
    asked.write_text("\n".join(map(json.dumps, many)), "utf-8")
    out = tmp_path / "a.jsonl"
    process = spawn("evaluate", "--questions", asked, "--out", out, "--apply-threshold")
    while "questions: " not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert not (settings.home / "reports").exists()
    assert out.read_bytes().count(b"\n") >= 1
