"""Lines that announce rows and items, for the passages that go on with these."""

from __future__ import annotations

import pytest

from index.announced import announcing
from index.readers.read import read_bytes
from index.split import SplitOptions, split
from index.types import Document, Passage


def passages(name: str, text: str) -> list[tuple[Passage, str]]:
    """Each passage with what announces it."""
    (document,) = read_bytes(name, text.encode())
    assert isinstance(document, Document)
    found = split(document, lambda words: len(words.split()), SplitOptions(max_tokens=40))
    spans = [announcing(document.text, passage) for passage in found]
    return [
        (passage, document.text[slice(*span)] if span else "")
        for passage, span in zip(found, spans, strict=True)
    ]


def test_rows_go_on_below_the_title_of_their_section() -> None:
    floors = [("Ground floor", range(1, 9)), ("First floor", range(11, 19))]
    rows = [f"{floor},,\n" + "".join(f"Room {n},{n} seats,{n} EUR\n" for n in own) for floor, own in floors]
    found = passages("rooms.csv", "Room,Seats,Fee\n" + "".join(rows))
    assert len(found) > 3
    for passage, announced in found:
        first = passage.text.split("\n")[0]
        floor = (
            "Ground floor"
            if int("".join(filter(str.isdigit, first.split(";")[0])) or 0) < 10
            else "First floor"
        )
        assert announced == ("" if first.endswith(":") else floor), first
    assert {"Ground floor", "First floor"} <= {announced for _, announced in found}


def test_items_go_on_below_the_line_that_announces_them() -> None:
    items = "".join(f"- a helmet of the kind that has the number {n}\n" for n in range(12))
    found = passages("a.md", f"# Rules\n\nBe careful. The following must be worn:\n\n{items}")
    assert [announced for _, announced in found] == ["", *["The following must be worn"] * (len(found) - 1)]
    assert len(found) > 2


@pytest.mark.parametrize(
    ("above", "below", "line"),
    [
        ("下列人员须佩戴证件：\n\n- 张三\n- 李四", "- 王五", "下列人员须佩戴证件"),
        ("一层：\n房间：101；面积：20\n房间：102；面积：30", "房间：103；面积：25", "一层"),
        ("一层：\n房间：101；面积：20\n房间：102", "房间：103；面积：25", "一层"),
        ("Floor:\n\nB-1; Fee: 20\nB-2; Fee: 30", "B-3; Fee: 25", "Floor"),
        ("Wear this:\n\n- on site:\n  - boots", "  - a helmet", "on site"),
        ("Wear this:\n\n- on site\n  - boots", "  - a helmet", "Wear this"),
        ("Wear this:\n\n- on site:\n  - boots", "- a helmet", "Wear this"),
        ("Wear this:\n\n1. On site:\n- boots", "- a helmet", "On site"),
        ("Wear this:\n\n- boots\n\n- gloves", "- a helmet", "Wear this"),
        ("Wear this:\n\n- boots\n  or shoes", "- a helmet", "Wear this"),
        ("Wear this:\n\n- boots\n\nAnd then", "- a helmet", ""),
        ("Wear this\n\n- boots", "- a helmet", ""),
        ("Wear this:\n\n- boots\n- gloves", "They are free.", ""),
        ("Wear this:\n\n- boots", "- gloves\n\nThe shop gives out all of these in May.", ""),
        ("Ground floor:\nRoom: 1; Fee: 2\n\nRoom: 3; Fee: 4", "Room: 5; Fee: 6", ""),
        ("Ground floor:\nRoom: 1; Fee: 2\nAll are heated.", "Room: 5; Fee: 6", ""),
        ("Ground floor:\nRoom: 1; Fee: 2", "First floor:\nRoom: 5; Fee: 6", ""),
        ("# Wear this:\n\n- boots", "- a helmet", ""),
        ("- boots", "- a helmet", ""),
    ],
)
def test_what_announces_a_passage(above: str, below: str, line: str) -> None:
    text = f"{above}\n{below}"
    start = len(text) - len(below.lstrip())
    span = announcing(text, Passage(0, "", text[start:], start, len(text)))
    assert (text[slice(*span)] if span else "") == line
