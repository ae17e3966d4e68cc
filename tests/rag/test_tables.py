"""Which row of a table a question is about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.tables import other_rows

PUMPS = """All pumps are made for clean water.

Model: A-80; Motor: 2.2 kW; Weight: 31 kg
Model: B-200; Motor: 4 kW; Weight: 58 kg
Model: B-350; Motor: 11 kW; Weight: 124 kg
The list ends here: good; or so it says."""
PRICES = """型号：F-10；口径：DN50；价格：3800
型号：F-10；口径：DN80；价格：4150
型号：F-30；口径：DN80；价格：9900"""
MARKDOWN = "| Model | Plant |\n|---|---|\n| B-200 | Linhai |\n| C-1 | Qinghe |"


@pytest.mark.parametrize(
    ("text", "question", "left"),
    [
        (PUMPS, "What is the weight of the B-200?", ["Model: B-200; Motor: 4 kW; Weight: 58 kg"]),
        (PUMPS, "Which model weighs 124 kg?", ["Model: B-350; Motor: 11 kW; Weight: 124 kg"]),
        (PRICES, "DN80的F-10价格是多少？", ["型号：F-10；口径：DN80；价格：4150"]),
        (PRICES, "What does the F-30 cost?", ["型号：F-30；口径：DN80；价格：9900"]),
        (MARKDOWN, "Where is the C-1 made?", ["| C-1 | Qinghe |"]),
    ],
)
def test_only_the_row_that_is_meant_is_left(text: str, question: str, left: list[str]) -> None:
    others = {text[a:b] for a, b in other_rows(text, question)}
    rows = [line for line in text.split("\n") if line.count(";") > 1 or "；" in line or line.count("|") == 3]
    assert [row for row in rows if row not in others] == left


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (PUMPS, "Which model is the best?"),
        (PUMPS.replace("\n", " "), "What is the weight of the B-200?"),
        ("Model: A; Weight: 1", "What is the weight of B?"),
        ("He said: go. She said: stay.\nB-200: it works.", "Does the B-200 work?"),
        ("", ""),
    ],
)
def test_where_nothing_tells_rows_apart_all_are_left(text: str, question: str) -> None:
    assert other_rows(text, question) == []


@given(st.text(alphabet="a1:;：；| \nB", max_size=60), st.text(alphabet="a1 B", max_size=10))
def test_what_is_left_out_is_whole_lines_and_never_all(text: str, question: str) -> None:
    others = other_rows(text, question)
    lines = [line for line in text.split("\n") if line]
    assert all(text[a:b] in lines for a, b in others)
    assert not others or len(others) < len(lines)
