"""Questions with accepted answers: formats, right documents, what is left out, errors that name the row."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.corpus import Corpus
from index.errors import InputError
from index.types import Document
from rag.expected import Exam, read_expected

TEXTS = {
    "docs/leave.md": "# Leave\n\nStaff have 25 days\nof leave. Ask Maria Lopez.",
    "docs/pump.md": "The B-200 is assembled in Linhai. It is blue.",
    "docs/plant.md": "Chen Guang leads the Linhai plant. The B-200 is assembled in Linhai. It is blue.",
    "docs/年假.md": "员工每年有二十五天年假。",
}


@pytest.fixture
def read(corpus: Corpus, make_document: Callable[..., Document], tmp_path: Path) -> Callable[..., Exam]:
    corpus.add([make_document(text, source, f"About {source}") for source, text in TEXTS.items()])

    def read(content: str | bytes, name: str = "q.jsonl") -> Exam:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_expected(tmp_path / name, corpus.store)

    return read


@pytest.fixture
def sources(corpus: Corpus) -> Callable[[frozenset[str]], list[str]]:
    return lambda ids: sorted(corpus.store.document(one).source for one in ids)


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def squad(context: str, *qas: Any, title: str = "t") -> str:
    return json.dumps({"data": [{"title": title, "paragraphs": [{"context": context, "qas": list(qas)}]}]})


def test_lines_keep_all_answers_and_those_that_have_none(read: Callable[..., Exam], sources: Any) -> None:
    exam = read(
        lines(
            {
                "id": 7,
                "question": " How many days? ",
                "answers": ["25 days", "25"],
                "documents": ["leave.md"],
            },
            {"question": "Who is Bob?", "answers": [], "kind": "none"},
            {"question": "年假有多少天？", "answer": "二十五天"},
            {"question": "Which document?", "documents": ["pump.md"]},
            {"question": "Gone?", "answer": "x", "documents": ["gone.md"]},
        )
    )
    first, second, third, gone = exam.questions
    assert (first.id, first.text, first.answers, first.language) == (
        "7",
        "How many days?",
        ("25 days", "25"),
        "en",
    )
    assert sources(first.documents) == ["docs/leave.md"]
    assert (second.id, second.answers, second.kind) == ("line 2", (), "none")
    assert (third.answers, third.language, third.documents) == (("二十五天",), "zh", frozenset())
    assert (exam.left_out, exam.unknown, gone.documents) == (1, ["gone.md"], frozenset())


def test_squad_2_knows_the_documents_that_its_paragraphs_stand_in(
    read: Callable[..., Exam], sources: Any
) -> None:
    qas = [
        {"id": "1", "question": "Where?", "answers": [{"text": " Linhai ", "answer_start": 25}]},
        {
            "id": "2",
            "question": "Who?",
            "answers": [],
            "is_impossible": True,
            "plausible_answers": [{"text": "B"}],
        },
        {"id": "3", "question": "Why?", "answers": []},
    ]
    exam = read(squad("The B-200 is  assembled\nin Linhai. It is blue.", *qas), "q.json")
    assert [one.answers for one in exam.questions] == [("Linhai",), (), ()]
    assert [sources(one.documents) for one in exam.questions] == [["docs/plant.md", "docs/pump.md"]] * 3
    assert exam.elsewhere == 0
    short = read(squad("员工每年有二十五天年假。", qas[0]), "q.json")
    assert sources(short.questions[0].documents) == ["docs/年假.md"]


def test_a_paragraph_that_is_nowhere_is_known_by_its_title_or_not_at_all(
    read: Callable[..., Exam], sources: Any
) -> None:
    qa = {"id": "1", "question": "Where?", "answers": [{"text": "Linhai"}]}
    exam = read(squad("The B-200 is assembled in Berlin.", qa, title="About docs/pump.md"), "q.json")
    assert (sources(exam.questions[0].documents), exam.elsewhere) == (["docs/pump.md"], 1)
    exam = read(squad("", qa, title="another"), "q.json")
    assert (exam.questions[0].documents, exam.unknown, exam.elsewhere) == (frozenset(), [], 1)


@pytest.mark.parametrize("name", ["q.jsonl.gz", "q.csv.gz", "q.json.GZ"])
def test_gzipped_files(read: Callable[..., Exam], name: str) -> None:
    content = (
        "question,answers\nWho?,Chen | 陈光\n"
        if "csv" in name
        else '{"question": "Who?", "answers": ["Chen", "陈光"]}'
    )
    data = gzip.compress(content.encode())
    assert read(data, name).questions[0].answers == ("Chen", "陈光")
    for broken in (data[:-9], data[:20], b"question,answers\n", data[:-8] + b"\0" * 8):
        with pytest.raises(InputError, match=r"q\.\S+ is not a whole gzip file \(.+\): pack it again"):
            read(broken, name)


def test_a_sample_goes_on_where_a_smaller_one_ended(read: Callable[..., Exam]) -> None:
    exam = read(lines(*({"question": f"{n}?", "answer": "x"} for n in range(50))))
    assert exam.sampled(20) == exam.sampled(None)[:20] == exam.sampled(20)
    assert exam.sampled(20) != exam.questions[:20]
    assert exam.sampled(20, seed=1) != exam.sampled(20)
    assert sorted(one.id for one in exam.sampled(500)) == sorted(one.id for one in exam.questions)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([{}], 'line 1: no "answers"; an empty list'),
        ([{"answers": None}], 'line 1: no "answers"'),
        ([{"answers": 3}], 'line 1: "answers" is neither'),
        ([{"answers": ["b", 3]}], 'line 1: "answers" is neither'),
        ([{"answer": "b"}, {"answer": "b", "question": None}], 'line 2: no "question"'),
        ([{"answer": "b", "question": ""}], "line 1: the question is empty"),
        ([{"id": 1, "answer": "b"}, {"id": "1", "answer": "d"}], "line 2: the id '1' is that of line 1 too"),
        ([{"answer": "b", "documents": ["gone.md"]}], r"none of its documents .*'gone\.md'"),
        ([{"documents": ["pump.md"]}], "no question in it that says which answer is right"),
        ([{"answer": "b", "title": ["x"], "context": {}, "starts": 3}, {}], 'line 2: no "answers"'),
        ([], "no question in it|is empty"),
    ],
)
def test_errors_say_where(read: Callable[..., Exam], content: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(lines(*({"question": "a"} | row for row in content)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (squad("x", {"id": 1, "question": "a"}), "question 1: not SQuAD"),
        (
            squad("x", {"question": "a", "answers": []}, {"question": "a", "answers": ["b"]}),
            "question 2: not",
        ),
        ('{"data": [{"paragraphs": 3}]}', "question 1: not SQuAD"),
        ('{"question": "a", "answer": "b"}\n{', "line 2: not JSON"),
    ],
)
def test_broken_files_say_where(read: Callable[..., Exam], content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(content)


def test_a_title_that_several_documents_share_names_none(
    corpus: Corpus, make_document: Callable[..., Document], tmp_path: Path
) -> None:
    corpus.add([make_document(f"Part {n} of the article.", f"p{n}", "Oil") for n in range(2)])
    qa = {"id": "1", "question": "Where?", "answers": [{"text": "x"}]}
    (tmp_path / "q.json").write_text(squad("Part 7 of the article.", qa, title="Oil"))
    exam = read_expected(tmp_path / "q.json", corpus.store)
    assert (exam.questions[0].documents, exam.elsewhere) == (frozenset(), 1)
