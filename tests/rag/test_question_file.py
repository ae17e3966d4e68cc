"""A user's questions: three formats, what is right to find, and errors that name the line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace
from typing import Any, cast

import pytest

from index.corpus import Corpus
from index.errors import InputError
from index.store import Store
from index.types import Document
from rag.needs import Need, Question
from rag.question_file import Asked, Names, read_questions

TEXTS = {
    "docs/leave.md": "Staff have 25 days of leave. Ask Maria Lopez.",
    "docs/pump.md": "The B-200 is assembled in Linhai.",
    "docs/plant.md": "Chen Guang leads the Linhai plant.",
    "docs/年假.md": "员工每年有二十五天年假。",
    "notes.jsonl#2": "Valve FV-100 costs 40 RMB.",
}


@pytest.fixture
def filled(corpus: Corpus, make_document: Callable[..., Document]) -> Corpus:
    corpus.add([make_document(text, source, f"About {source}") for source, text in TEXTS.items()])
    return corpus


@pytest.fixture
def read(filled: Corpus, tmp_path: Path) -> Callable[..., Asked]:
    def read(content: str | bytes, name: str = "q.jsonl") -> Asked:
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_questions(file, filled.store)

    return read


def met(corpus: Corpus, question: Question) -> list[list[str]]:
    """For each need, the sources whose passage meets it."""
    passages = corpus.store.passages(range(1, 10)).values()
    return [sorted(source for p, source, _ in passages if need.met_by(p)) for need in question.needs]


def line(**fields: Any) -> str:
    return json.dumps(fields, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(
    ("fields", "right"),
    [
        ({"answer": "25 days"}, [["docs/leave.md"]]),
        ({"answers": ["２５ Days"]}, [["docs/leave.md"]]),
        ({"answers": ["5 days"]}, [[]]),
        ({"answers": ["Linhai"]}, [["docs/plant.md", "docs/pump.md"]]),
        ({"answers": ["Linhai"], "documents": ["plant.md"]}, [["docs/plant.md"]]),
        ({"documents": ["docs/年假.md"]}, [["docs/年假.md"]]),
        ({"documents": ["About docs/leave.md"]}, [["docs/leave.md"]]),
        ({"source": "notes.jsonl"}, [["notes.jsonl#2"]]),
        (
            {"answers": ["Chen Guang"], "sources": ["pump.md", "plant.md"]},
            [["docs/pump.md"], ["docs/plant.md"]],
        ),
        ({"answers": ["25 days"], "documents": ["pump.md"]}, [["docs/pump.md"]]),
        ({"answers": ["二十五天"], "documents": ["elsewhere.md", "pump.md"]}, [["docs/pump.md"]]),
    ],
)
def test_what_is_right(read: Callable[..., Asked], filled: Corpus, fields: Any, right: Any) -> None:
    asked = read(line(question="What?", **fields))
    assert [met(filled, question) for question in asked.questions] == [right]


def test_lines_keep_their_id_and_kind_and_skip_what_nothing_answers(read: Callable[..., Asked]) -> None:
    text = line(id="a", kind="joined", question="What?", answer="Linhai") + "\n"
    text += line(question="Who?", answers=[], sources=[]) + line(question="Where?", documents=["pump.md"])
    asked = read(text)
    assert [(q.id, q.kind, q.answer) for q in asked.questions] == [
        ("a", "joined", "Linhai"),
        ("line 4", "one document", ""),
    ]
    assert asked.unanswerable == 1
    assert read(f"[{line(question='What?', answer='Linhai')}]", "q.json").questions[0].id == "item 1"
    alone = json.dumps({"question": "What?", "answer": "Linhai"}, indent=2)
    assert [q.id for q in read(alone, "q.json").questions] == ["line 1"]


def test_csv_in_any_charset_with_several_values_in_a_cell(read: Callable[..., Asked], filled: Corpus) -> None:
    text = "Question,answers,documents\r\n谁领导工厂？,Chen Guang | 陈光,plant.md|pump.md\r\n"
    text += ",,\r\n年假几天？,二十五天,\r\n"
    for data in (text.encode("utf-8-sig"), text.encode("gb18030")):
        first, second = read(data, "q.csv").questions
        assert met(filled, first) == [["docs/plant.md"], ["docs/pump.md"]]
        assert met(filled, second) == [["docs/年假.md"]]


def test_squad_asks_for_the_sentence_of_the_answer(read: Callable[..., Asked], filled: Corpus) -> None:
    context = TEXTS["docs/plant.md"] + " Nobody else leads the Linhai plant."
    answer = {"text": "Linhai", "answer_start": context.index("Linhai")}
    qas = [
        {"id": "1", "question": "Which plant?", "answers": [answer]},
        {"id": "2", "question": "What else?", "answers": [], "is_impossible": True},
        {"id": "3", "question": "Where?", "answers": [{"text": "Linhai"}]},
    ]
    asked = read(
        json.dumps({"data": [{"title": "t", "paragraphs": [{"context": context, "qas": qas}]}]}), "q.json"
    )
    assert [met(filled, q) for q in asked.questions] == [
        [["docs/plant.md"]],
        [["docs/plant.md", "docs/pump.md"]],
    ]
    assert (asked.questions[0].answer, asked.unanswerable) == ("Linhai", 1)


def test_documents_that_are_not_there_are_named(read: Callable[..., Asked]) -> None:
    asked = read(
        line(question="What?", answer="Linhai", documents=["gone.md"]) + line(question="?", source="pump.md")
    )
    assert asked.unknown == ["gone.md"]
    assert asked.questions[0].needs == (Need(("linhai",)),)


def test_many_names_of_many_documents_cost_no_more_than_both(read: Callable[..., Asked]) -> None:
    """Each name compared with each document would take minutes."""
    count = 20_000
    documents = [(f"id{i}", f"a/b{i % 7}//c{i}.jsonl#{i}", f"T {i}") for i in range(count)]
    names = Names(cast("Store", SimpleNamespace(documents=lambda: documents)))
    begin = perf_counter()
    for i in range(count):
        assert names.ids(f"c{i}.jsonl") == names.ids(f"T {i}") == {f"id{i}"}
    assert names.ids("b3//c3.jsonl") == names.ids("/c3.jsonl") == names.ids("a/b3//c3.jsonl") == {"id3"}
    assert names.ids("3.jsonl") == names.ids("b3") == frozenset()
    assert perf_counter() - begin < 60


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"q\.jsonl is empty"),
        ("\n\n", "no question in it"),
        (b"\x00\x01\x02" * 50, r"q\.jsonl looks like binary"),
        (line(question="a", answer="b") + "{", "line 2: not JSON"),
        (line(question="a", answer="b") + "[1]\n", "line 2: not an object"),
        (line(question="a", answer="b") + "\n" + line(answer="b"), 'line 3: no "question"'),
        (line(question=3, answer="b"), 'line 1: no "question"'),
        (line(question=" ", answer="b"), "line 1: the question is empty"),
        (line(question="x" * 30_000, answer="b"), "line 1: the question has 30,000 characters"),
        (line(question="a"), 'line 1: neither "answers" nor "documents"'),
        (line(question="a", answers=[1]), 'line 1: "answers" is neither'),
        (line(question="a", answers={"text": "b"}), 'line 1: "answers" is neither'),
        (line(question="a", documents=["gone.md"]), r"line 1: no document 'gone\.md' in this collection"),
        (line(question="a", answer="b", documents=["gone.md"]), r"none of its documents .*'gone\.md'"),
        (line(question="a", answers=[]), "no question in it"),
        ('{"data": [{"paragraphs": [{"qas": []}, {}]}]}', "question 1: not SQuAD"),
    ],
)
def test_errors_say_where(read: Callable[..., Asked], content: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(content)


def test_csv_without_the_column_and_a_file_that_is_not_there(
    read: Callable[..., Asked], filled: Corpus
) -> None:
    with pytest.raises(InputError, match="line 1: no column named question, but frage, answers"):
        read("Frage,answers\nWer?,Chen\n", "q.csv")
    with pytest.raises(InputError, match=r"line 3: neither"):
        read("question,answer\nWho?,Chen\nWhere?\n", "q.csv")
    with pytest.raises(InputError, match=r"cannot read .*none\.jsonl: No such file"):
        read_questions(Path("none.jsonl"), filled.store)
