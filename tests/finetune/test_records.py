from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from finetune.cleaning import Dropped
from finetune.records import DataSet, Record, read_records, write_records
from index.errors import InputError, StorageFull
from index.store import Store
from index.types import Document
from rag.expected import read_expected

ASKED = Record("q1", "保修期是多久？", ("保修期为两年。",), "两年", "given", "doc", "zh", ("2年",))
SILENT = Record("q1-no1", "保修期是多久？", ("年假15天。",), "", "negative", "doc", "zh")
TITLED = Record("q2", "几年？", ("两年。", "三年。"), "两年", "given", "doc", "zh", (), ("保修 > 水泵", ""))
TEXT = Record("t", "", ("An old orchard.",), "", "text", "doc", "en")


def a_data_set(folder: Path, **more: Any) -> DataSet:
    train = more.pop("train", (ASKED, SILENT))
    return DataSet(
        folder,
        train,
        (),
        more.pop("heldout", ()),
        dropped=(Dropped("too short", 2, ("a", "b")),),
        notes=("only one document",),
        made={"recipe": "raft"},
    )


def test_records_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    write_records(path, [ASKED, SILENT, TEXT, TITLED])
    assert read_records(path) == [ASKED, SILENT, TEXT, TITLED]
    assert "保修期" in path.read_text("utf-8"), "a person can read it"


def test_a_data_set_comes_back_whole(tmp_path: Path) -> None:
    made = a_data_set(tmp_path / "data", heldout=(replace(ASKED, id="h"),))
    made.write()
    read = DataSet.read(tmp_path / "data")
    assert read == made
    assert read.hash == made.hash
    assert read.counts() == {"train": {"given": 1, "negative": 1}, "validation": {}, "heldout": {"given": 1}}
    told = json.loads((tmp_path / "data" / "counts.json").read_text("utf-8"))
    assert told["train"] == {"given": 1, "negative": 1}
    assert told["dropped"] == [{"reason": "too short", "count": 2, "examples": ["a", "b"]}]


def test_the_hash_follows_the_words_and_not_the_place(tmp_path: Path) -> None:
    first = a_data_set(tmp_path / "a")
    assert a_data_set(tmp_path / "b").hash == first.hash
    assert a_data_set(tmp_path / "a", train=(SILENT, ASKED)).hash != first.hash
    assert a_data_set(tmp_path / "a", train=(replace(ASKED, also=()), SILENT)).hash != first.hash
    assert replace(first, train=(ASKED,), heldout=(SILENT,)).hash != first.hash


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    broken = replace(a_data_set(tmp_path / "data"), made={"odd": object()})
    with pytest.raises(TypeError):
        broken.write()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFull, match="cannot write the data"):
        a_data_set(tmp_path / "file" / "data").write()


def test_a_data_set_is_never_overwritten(tmp_path: Path) -> None:
    a_data_set(tmp_path / "data").write()
    with pytest.raises(InputError, match="is there already"):
        a_data_set(tmp_path / "data").write()


def test_what_was_edited_is_read_and_counted_anew(tmp_path: Path) -> None:
    a_data_set(tmp_path / "data").write()
    path = tmp_path / "data" / "train.jsonl"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\ufeff" + lines[0].replace("多久", "几年") + "\n\n", "utf-8")
    read = DataSet.read(tmp_path / "data")
    assert [r.question for r in read.train] == ["保修期是几年？"]
    assert read.counts()["train"] == {"given": 1}
    path.write_text("", "utf-8")
    with pytest.raises(InputError, match="holds no record"):
        DataSet.read(tmp_path / "data")


def line(**changes: Any) -> bytes:
    values = {**ASKED.to_line(), **changes}
    return json.dumps({k: v for k, v in values.items() if v is not ...}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"{'id': 1}", "line 2: not JSON"),
        (b"[1]", "line 2: not an object"),
        (line(id=...), 'line 2: "id" is missing'),
        (line(question="  "), 'line 2: "question"'),
        (line(answers="两年"), 'line 2: "answers" is .* list'),
        (line(passages=...), 'line 2: "passages" is missing'),
        (line(passages=[]), 'line 2: "passages" is empty'),
        (line(titles="保修"), 'line 2: "titles" is .* list'),
        (line(titles=["a", "b"]), 'line 2: 2 "titles" of 1 "passages"'),
        (line(kind="other"), 'line 2: "kind" is'),
        (line(kind="negative"), 'line 2: "answers" of kind'),
        (line(answers=["三年"]), "line 2: the answer '三年' does not stand in its passage"),
        (line(id="first"), "line 2: the id 'first' is that of line 1"),
        ("保修期".encode("gb18030"), "line 2: not UTF-8"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, raw: bytes, says: str) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(line(id="first") + b"\n" + raw + b"\n")
    with pytest.raises(InputError, match=says) as raised:
        read_records(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("name", ["heldout.jsonl", "counts.json"])
def test_a_half_data_set_is_refused(tmp_path: Path, name: str) -> None:
    a_data_set(tmp_path / "data").write()
    (tmp_path / "data" / name).unlink()
    with pytest.raises(InputError, match=name):
        DataSet.read(tmp_path / "data")


def test_an_own_question_that_nothing_answers_needs_no_passage(tmp_path: Path) -> None:
    asked = Record("g", "Who is the mayor?", (), "", "given", "", "en")
    write_records(tmp_path / "h.jsonl", [asked])
    assert read_records(tmp_path / "h.jsonl") == [asked]


def test_what_is_held_out_can_be_asked_with_evaluate(tmp_path: Path, store: Store, corpus: Any) -> None:
    corpus.add([Document("doc", "Policy", "保修期为两年。", "policy.md")])
    write_records(tmp_path / "heldout.jsonl", [ASKED])
    (expected,) = read_expected(tmp_path / "heldout.jsonl", store).questions
    assert expected.answers == ("两年", "2年")
    assert expected.documents == frozenset({"doc"})


def test_a_sample_shows_every_kind(tmp_path: Path) -> None:
    many = tuple(replace(SILENT, id=str(i)) for i in range(50))
    data = a_data_set(tmp_path, train=(*many, ASKED))
    assert {r.kind for r in data.sample(4)} == {"given", "negative"}
    assert data.sample(4, seed=1) == data.sample(4, seed=1)
    assert len(data.sample(99)) == 51
