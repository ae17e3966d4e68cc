"""Answers to the general questions are kept for the next training from the same model, and for no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finetune.general import GeneralQuestion
from finetune.recalled import place_of, recall, remember

QUESTION = GeneralQuestion("g1", "Who is it?", ("Max",), "It is Max.")
LINES = [
    json.dumps({"set": name, "id": id_, "given": {"text": "谁"}}) + "\n"
    for name, id_ in (("general", "g1"), ("domain", "d1"), ("general", "g2"))
]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "card.json").write_text("{}", "utf-8")
    return folder


def test_another_model_question_or_way_of_computing_has_another_place(tmp_path: Path, model: Path) -> None:
    place = place_of(tmp_path, model, "onnxruntime", [QUESTION])
    assert place == place_of(tmp_path, model, "onnxruntime", [QUESTION])
    others = [
        place_of(tmp_path, model, "torch", [QUESTION]),
        place_of(tmp_path, model, "onnxruntime", [QUESTION, QUESTION]),
        place_of(tmp_path, model, "onnxruntime", [GeneralQuestion("g1", "Who?", ("Max",), "It is Max.")]),
    ]
    (model / "card.json").write_text('{"calibration": {"bias": 1}}', "utf-8")
    others.append(place_of(tmp_path, model, "onnxruntime", [QUESTION]))
    (model / "model.safetensors").write_bytes(b"other weights")
    others.append(place_of(tmp_path, model, "onnxruntime", [QUESTION]))
    assert len({place, *others}) == 6


def test_only_the_general_ones_are_kept_and_they_begin_the_next_file(tmp_path: Path) -> None:
    place, first, second = tmp_path / "exams" / "a.jsonl", tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    assert recall(place, first)
    first.write_text("".join(LINES), "utf-8")
    remember(place, first, "general")
    assert not recall(place, second)
    assert second.read_text("utf-8") == LINES[0] + LINES[2]
    assert [file.name for file in place.parent.iterdir()] == ["a.jsonl"]


def test_a_file_that_was_begun_stays_and_is_not_remembered(tmp_path: Path) -> None:
    place, file = tmp_path / "a.jsonl", tmp_path / "before.jsonl"
    place.write_text(LINES[0], "utf-8")
    file.write_text(LINES[2], "utf-8")
    assert not recall(place, file)
    assert file.read_text("utf-8") == LINES[2]


def test_where_nothing_can_be_kept_the_training_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "before.jsonl"
    file.write_text("".join(LINES), "utf-8")
    (tmp_path / "exams").write_text("no folder", "utf-8")
    place = tmp_path / "exams" / "a.jsonl"
    remember(place, file, "general")
    assert not place.exists()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["before.jsonl", "exams"]
    assert recall(place, tmp_path / "next.jsonl")  # so all is asked
