from __future__ import annotations

import json
from pathlib import Path

import pytest

from finetune.general import GeneralQuestion, general_questions, score_general
from finetune.registry import SHIPPED, Registry
from index.errors import BrokenModel
from index.language import language
from rag.causal import CausalGenerator


def model(folder: Path) -> None:
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (folder / name).write_text("{}")


def test_the_shipped_set_is_what_it_says() -> None:
    questions = general_questions()
    assert len({question.id for question in questions}) == len(questions) == 120
    for name, most in (("en", 700), ("zh", 350)):
        own = [one for one in questions if language(one.passage) == name]
        silent = [one for one in own if not one.answers]
        assert (len(own), len(silent)) == (60, 15)
        assert max(len(one.passage) for one in own) <= most
        assert len({one.passage for one in own if one.answers}) == 45
        assert all(answer in one.passage for one in own for answer in one.answers)
        assert [one.id.endswith("-other") for one in own] == [not one.answers for one in own]
        # What is asked of another article is not answered by accident.
        answers = {one.id: one.answers for one in own}
        assert all(one.id.removesuffix("-other") not in answers for one in silent)
    text = (SHIPPED / "LICENSE.md").read_text("utf-8")
    assert "CC BY-SA 4.0" in text
    assert "SQuAD 1.1" in text
    assert "CMRC 2018" in text


def test_a_version_hands_its_own_copy_on(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    first = registry.publish("v1", {}, model)
    assert general_questions(first) == general_questions()
    own = {"id": "x", "question": "几天？", "answers": ["15天"], "passage": "年假15天。"}

    def write(folder: Path) -> None:
        model(folder)
        (folder / "general").mkdir()
        (folder / "general" / "own.jsonl").write_text(json.dumps(own) + "\n", "utf-8")

    registry.publish("v2", {"parent": "v1"}, write)
    third = registry.publish("v3", {"parent": "v2"}, model)
    assert general_questions(third) == [GeneralQuestion("x", "几天？", ("15天",), "年假15天。")]


@pytest.mark.parametrize(
    ("text", "says"),
    [("{", r"own\.jsonl, line 1"), ('{"id": 1}\n', "line 1.*question"), ("", "no questions")],
)
def test_a_copy_that_cannot_be_read_says_where(tmp_path: Path, text: str, says: str) -> None:
    version = Registry(tmp_path).publish("v1", {}, model)
    for file in (version.folder / "general").glob("*.jsonl"):
        file.unlink()
    if text:
        (version.folder / "general" / "own.jsonl").write_text(text)
    with pytest.raises(BrokenModel, match=says):
        general_questions(version)


def test_each_question_is_asked_with_its_passage_alone(tiny: CausalGenerator) -> None:
    questions = [
        GeneralQuestion("1", "How many?", ("308",), "It sells 308 pumps. Li leads it."),
        GeneralQuestion("2", "多少台？", (), "年假15天。"),
        GeneralQuestion("3", "Too long?", ("a",), "word " * 400),
    ]
    rows = list(score_general(tiny, questions))
    assert [row.expected.id for row in rows] == ["1", "2", "3"]
    first, second, third = rows
    assert first.given.text in questions[0].passage
    assert (first.given.citations, first.given.true_citations) in [(1, 1), (2, 2)]
    assert first.f1 == pytest.approx(0.5 if first.given.text == "308 pumps" else first.f1)
    assert second.given.text in questions[1].passage
    assert (second.answerable, second.exact) == (False, 0.0)
    assert third.given.silent  # one sentence that does not fit the window of 256 tokens
