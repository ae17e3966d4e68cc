"""Files of questions: read, answered in order, taken up again wherever they were cut."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.batch import done_ids, read_lines, run
from index.errors import InputError, QuestionError, StorageFull


def write(path: Path, *lines: Any) -> Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return path


def answers(lines: list[dict[str, Any]], out: Path) -> list[str]:
    """Run the lines; the questions that were really asked."""
    asked: list[str] = []

    def work(text: str) -> dict[str, Any]:
        asked.append(text)
        return {"answer": text.upper(), "timings": {}}

    list(run(lines, out, "question", work, lambda: None))
    return asked


QUESTIONS: list[dict[str, Any]] = [
    {"id": "a", "question": "one"},
    {"id": 2, "question": "二\u2028行"},
    {"id": ["x"], "question": "three"},
]


def test_lines_keep_their_ids_or_get_their_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "q.jsonl", *QUESTIONS, {"question": "four"})
    assert read_lines(path, "question") == [*QUESTIONS, {"id": 4, "question": "four"}]
    path.write_bytes(b"\xef\xbb\xbf" + b'\r\n{"query": "one"}\r\n\n{"question": "two"}')
    assert read_lines(path, "query") == [{"id": 2, "query": "one"}, {"id": 4, "query": "two"}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"question": "a"}\n{"question": \n', "line 2: not JSON"),
        ('{"question": "a"}\n[]\n', "line 2: needs"),
        ('{"id": 1}\n', "line 1: needs"),
        ('{"question": " "}\n', "line 1: the question is empty"),
        ('{"id": 1, "question": "a"}\n\n{"id": 1, "question": "b"}\n', "line 3: the id 1 is that of line 1"),
        ("[" * 100_000, "line 1: not JSON"),
        ("\n", "is empty"),
    ],
)
def test_bad_lines_are_named_before_the_first_is_asked(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "q.jsonl").write_text(text)
    with pytest.raises(InputError, match=words):
        read_lines(tmp_path / "q.jsonl", "question")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.jsonl").write_bytes(b'{"question": "\xe9t\xe9"}')
    for name, words in (("none.jsonl", "No such file"), ("latin.jsonl", "UTF-8"), (".", "directory")):
        with pytest.raises(InputError, match=words):
            read_lines(tmp_path / name, "question")


def test_results_come_in_order(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert answers(QUESTIONS, out) == ["one", "二\u2028行", "three"]
    written = [json.loads(line) for line in out.read_text("utf-8").split("\n")[:-1]]
    assert [(line["id"], line["answer"]) for line in written] == [
        ("a", "ONE"),
        (2, "二\u2028行"),
        (["x"], "THREE"),
    ]


def test_a_run_cut_at_any_byte_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = tmp_path / "whole.jsonl"
    answers(QUESTIONS, whole)
    data = whole.read_bytes()
    out = tmp_path / "out.jsonl"
    for cut in range(len(data) + 1):
        out.write_bytes(data[:cut])
        assert len(answers(QUESTIONS, out)) == 3 - data[:cut].count(b"\n")
        assert out.read_bytes() == data


def test_what_was_done_is_not_asked_again(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    answers(QUESTIONS[1:2], out)
    assert answers(QUESTIONS, out) == ["one", "three"]
    assert answers(QUESTIONS, out) == []


@pytest.mark.parametrize("text", ["My notes\n", "My notes", '{"id": 1, "question": "a"}\n', "[1]\n", "{}"])
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, text: str) -> None:
    out = tmp_path / "notes.txt"
    out.write_text(text)
    with pytest.raises(InputError, match=r"notes\.txt, line 1: not a result"):
        answers(QUESTIONS, out)
    assert out.read_text() == text


def test_a_question_that_cannot_be_asked_is_named(tmp_path: Path) -> None:
    def work(text: str) -> dict[str, Any]:
        if text == "three":
            raise QuestionError("too long")
        return {"answer": text}

    with pytest.raises(QuestionError, match=r"question \['x'\]: too long"):
        list(run(QUESTIONS, tmp_path / "out.jsonl", "question", work, lambda: None))
    assert len(done_ids(tmp_path / "out.jsonl", "question")) == 2


def test_ticks_count_all_lines(tmp_path: Path) -> None:
    answers(QUESTIONS[:1], tmp_path / "out.jsonl")
    ticks: list[int] = []
    run_again = run(
        QUESTIONS, tmp_path / "out.jsonl", "question", lambda _: {"answer": ""}, lambda: ticks.append(1)
    )
    assert len(list(run_again)) == 2
    assert len(ticks) == 3


def test_an_id_that_is_no_unicode(tmp_path: Path) -> None:
    lines = [{"id": "\ud800", "question": "one"}]
    assert answers(lines, tmp_path / "out.jsonl") == ["one"]
    assert answers(lines, tmp_path / "out.jsonl") == []


@pytest.mark.parametrize("place", ["/dev/full", "{}/missing/out.jsonl", "{}"])
def test_no_room_for_results(tmp_path: Path, place: str) -> None:
    with pytest.raises(StorageFull, match="cannot write"):
        answers(QUESTIONS, Path(place.format(tmp_path)))
