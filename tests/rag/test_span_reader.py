"""The span reader that ships, as it ships."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.loading import SPAN_READER
from index.e5 import SHARED
from index.errors import BrokenModel
from index.packed_weights import from_blocks, unpacked
from rag.pointing import LEAST, Pointed
from rag.span_reader import E5SpanReader

ACME = "Acme Pumps was founded in 2009 by Li Ming. It sells 308 pumps a year and shuts at 6 pm on Fridays."
ZAOLIN = "枣林仪器有限公司成立于２００９年，创始人是李明。公司每年销售三百零八台水泵，周五下午六点关门。"


@pytest.fixture(scope="module")
def reader() -> E5SpanReader:
    return E5SpanReader(SPAN_READER)


def best_of(one: Pointed, text: str) -> str:
    """The text of the likeliest span of at most 40 characters."""
    spans = [(a, b) for a in range(len(text)) for b in range(a + 1, min(len(text), a + 40) + 1)]
    a, b = max(spans, key=lambda span: (one.odds(*span), span[1] - span[0]))
    return text[a:b].strip()


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("Who founded Acme Pumps?", ACME, "Li Ming"),
        ("When was the firm set up?", ACME, "2009"),
        ("谁创办了枣林仪器？", ZAOLIN, "李明"),
        ("枣林仪器是哪年成立的", ZAOLIN, "２００９年"),
    ],
)
def test_it_points_at_the_answer(reader: E5SpanReader, question: str, text: str, answer: str) -> None:
    (one,) = reader.read(question, [("", text)])
    assert answer in best_of(one, text)
    at = text.index(answer)
    assert one.odds(at, at + len(answer)) > LEAST / 2
    assert one.best >= one.odds(at, at + len(answer)) - 1e-3  # added up in float32, and here in float64


def test_a_passage_that_does_not_say_it_is_worth_less(reader: E5SpanReader) -> None:
    other = "The office of Birch Tools opens at 9 am. Nobody knows who owns it."
    for question, text in [("Who founded Acme Pumps?", ACME), ("谁创办了枣林仪器？", ZAOLIN)]:
        said, not_said = reader.read(question, [("", text), ("", other)])
        assert said.best > not_said.best + 2


def test_a_title_stands_before_the_passage(reader: E5SpanReader) -> None:
    (one,) = reader.read("Which version of the handbook is this?", [("Handbook > Version 2.4", ACME)])
    assert one.above == "Handbook > Version 2.4\n"
    assert one.odds(-4, -1) > LEAST
    assert len(one.begins) == len(one.closes) == len(one.above) + len(ACME)


def test_passages_are_read_apart(reader: E5SpanReader) -> None:
    texts = [("", ACME), ("Notes", ZAOLIN), ("", ACME * 3)]
    together = reader.read("Who founded it?", texts)
    for one, text in zip(together, texts, strict=True):
        (alone,) = reader.read("Who founded it?", [text])
        apart = np.nan_to_num(one.begins, neginf=0) - np.nan_to_num(alone.begins, neginf=0)
        assert np.abs(apart).max() < 0.35  # bfloat16, other sizes of products
    assert reader.read("Who?", []) == []


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n\t", "\x00\x01\x02", "🍎👩‍🔬", "ﷺ" * 20, "x" * 60_000, "枣" * 9_000]
)
def test_odd_passages_are_read(reader: E5SpanReader, text: str) -> None:
    for question in ("", "?", "\x00", "谁", "Кто основал Acme?", "why " * 2_000, "为什么" * 2_000):
        (one,) = reader.read(question, [("", text)])
        assert not np.isnan(one.begins).any()
        assert LEAST <= one.best < 40
        assert one.odds(0, 1) <= one.best + 1e-4


def test_of_a_long_question_the_beginning_is_read(reader: E5SpanReader) -> None:
    question = "Who founded Acme Pumps? " + "Please tell me. " * 400
    (long,) = reader.read(question, [("", ACME)])
    (longer,) = reader.read(question * 2, [("", ACME)])
    assert long.begins == longer.begins
    assert len(long.begins) == len(reader.read("Who?", [("", ACME)])[0].begins)


def test_of_a_long_passage_the_beginning_is_read(reader: E5SpanReader) -> None:
    text = ACME + " Nothing else is known." * 400
    (one,) = reader.read("Who founded Acme Pumps?", [("Notes", text)])
    at = text.index("Li Ming")
    assert one.odds(at, at + 7) > LEAST
    assert one.odds(len(text) - 6, len(text) - 1) == LEAST
    assert len(one.begins) < len(text)


def test_without_bfloat16_it_is_read_by_onnx(reader: E5SpanReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.ops.mkldnn._is_mkldnn_bf16_supported", lambda: False, raising=False)
    other = E5SpanReader(SPAN_READER)
    assert other.backend == "onnx-fp32"
    for question, text in [("Who founded Acme Pumps?", ACME), ("谁创办了枣林仪器？", ZAOLIN)]:
        (one,), (own,) = reader.read(question, [("", text)]), other.read(question, [("", text)])
        assert best_of(one, text) == best_of(own, text)
        assert one.best == pytest.approx(own.best, abs=0.6)


@pytest.mark.parametrize("part", ["model.safetensors", "config.json", "words.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_what_is_damaged_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, damage: str
) -> None:
    folder, shared = tmp_path / "span-reader", tmp_path / "shared"
    shutil.copytree(SPAN_READER, folder)
    shutil.copytree(SHARED, shared)
    monkeypatch.setattr("index.e5.SHARED", shared)
    path = folder / part if (folder / part).exists() else shared / part
    whole = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"{}")
    with pytest.raises(BrokenModel, match="span-reader"):
        E5SpanReader(folder)


@pytest.mark.parametrize(
    ("question", "no", "yes"),
    [
        ("Can I bring my dog?", "Dogs are not allowed in the garden.", "Dogs are allowed in the garden."),
        ("可以带狗进花园吗？", "花园内禁止携带宠物。", "花园内可以携带宠物。"),
    ],
)
def test_it_tells_yes_from_no(reader: E5SpanReader, question: str, no: str, yes: str) -> None:
    denied, said = (one.yes for one in reader.read(question, [("", no), ("", yes)]))
    assert denied is not None
    assert said is not None
    assert denied < 0 < said + 0.3
    assert said - denied > 0.8


def test_rows_and_blocks_are_numbers_again() -> None:
    rows = np.array([[127, -127, 0], [1, 2, 3]], np.int8)
    stored: dict[str, Any] = {"a.weight": rows, "a.weight.scale": np.array([0.5, 2.0], np.float16)}
    assert unpacked(stored)["a.weight"].tolist() == [[63.5, -63.5, 0.0], [2.0, 4.0, 6.0]]
    block = np.zeros((1, 1, 18), np.uint8)
    block[..., :2] = np.array([0.25], np.float16).view(np.uint8)
    block[..., 2:] = 0x2F  # low half 15, high half 2
    assert from_blocks(block)[0].tolist() == [1.75] * 16 + [-1.5] * 16
