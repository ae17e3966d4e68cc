"""Headings of plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.readers.outline import with_headings
from index.readers.read import read_bytes
from index.split import split
from index.types import Document


def headings(text: str) -> list[str]:
    return [line for line in with_headings(text)[0].split("\n") if line.startswith("#")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "第一章 总则\n本办法自2024年起施行。\n\n第二章 赔付\n第三条 每公斤最高20元。\n第四条 先报案。",
            ["## 第一章 总则", "## 第二章 赔付"],
        ),
        (
            "一、云栖苑项目\n合同金额：118.5万元\n\n二、云溪苑项目\n合同金额：96万元",
            ["一、云栖苑项目", "二、云溪苑项目"],
        ),
        (
            "一、组织\n（一）指挥部\n由骆担任。\n（二）队伍\n共两队。\n二、响应\n30分钟内到场。",
            ["### 一、组织", "#### （一）指挥部", "#### （二）队伍", "### 二、响应"],
        ),
        (
            "SECTION A - ORDERS\n\nA1. In writing.\n\nSECTION B - PRICES\n\nB1. Net.",
            ["SECTION A", "SECTION B"],
        ),
        ("1. WHAT IS NOT COVERED\nSeals.\n2. Who may join\nAll.", ["1. WHAT", "2. Who"]),
        ("Chapter 1\nIt began.\n\nChapter 2\nIt went on.", ["Chapter 1", "Chapter 2"]),
        ("1. Scope\n1.1 Ships only.\n2. Tickets\n2.1 One a person.", ["1. Scope", "2. Tickets"]),
        (
            "THE RULES\n\nRETURNS\nWithin a week.\n\nOPENING HOURS\nNine to five.",
            ["RETURNS", "OPENING HOURS"],
        ),
    ],
    ids=["chapters", "chinese", "nested", "sections", "asking", "bare", "numbers", "capitals"],
)
def test_an_outline_is_found(text: str, found: list[str]) -> None:
    marked = headings(text)
    assert len(marked) == len(found)
    assert all(
        line.lstrip("# ").startswith(one.lstrip("# ")) for line, one in zip(marked, found, strict=True)
    )
    levels = [len(line) - len(line.lstrip("#")) for line in found if line.startswith("#")]
    assert not levels or levels == [len(line) - len(line.lstrip("#")) for line in marked]


@pytest.mark.parametrize(
    "text",
    [
        "1. Milk\n2. Bread\n3. Eggs\n\nBuy them.",
        "1. Loosen the screw.\nIt is tight.\n2. Lift the lid.\nIt is heavy.",
        "一、按时上班\n二、不得迟到\n三、下班关灯",
        "第一条 供水方向用水方供水。\n第二条 水压不低于0.14兆帕。",
        "1. 总指挥由骆担任，不在时由葛代行。\n2. 值班电话0390。\n其他事项另定。",
        "SALES\n12 bottles\nTOTAL\n14 bottles",  # no blank line above: lines of a form
        "Only one:\n\n1. Scope\nAll ships.",
        "a line\nin lower case\n\nPart 2 of the rules applies, unless it is raining.\nPart 3 does not.",
        "7. May 2024\n\n8. June 2024",
        "5. May 2024\nWe met.\n\n6. June 2024\nWe met again.",
        "1. Bicycles need a ticket\nIt costs 3 euros.\n2. Smoking is forbidden\nThe fine is 50 euros.",
        "一、办公室禁止吸烟\n罚款50元。\n二、周六可以预约送货\n须提前一天。",
        "Invoice\n\nTOTAL EUR 4,500.00\nDue in May.\n\nIBAN AT61 1904\nOur bank.",
        "",
    ],
)
def test_lists_clauses_and_prose_are_none(text: str) -> None:
    assert with_headings(text) == (text, ())


def test_marked_headings_stay_alone() -> None:
    text = "Rules\n\n# Validity\n1. Scope\nAll.\n2. Tickets\nOne."
    assert with_headings(text) == (text, ())


def test_a_marked_title_leaves_the_others_to_be_found() -> None:
    text = "# Rules\n\n1. Scope\nAll.\n2. Tickets\nOne."
    assert with_headings(text)[0] == "# Rules\n\n##### 1. Scope\nAll.\n##### 2. Tickets\nOne."


def test_pages_begin_where_they_began() -> None:
    text = "1. Scope\nAll ships.\n\n2. Tickets\nThey are valid."
    pages = (0, text.index("2."), text.index("They"))
    marked, starts = with_headings(text, pages)
    assert [marked[at:][:8].lstrip("# ")[:2] for at in starts] == ["1.", "2.", "Th"]


@given(
    st.lists(
        st.sampled_from(["1. Scope", "2. Way", "All go.", "", "一、总则", "OPEN NOW", "（一）人", "第二章"])
    )
)
def test_nothing_but_marks_is_added(lines: list[str]) -> None:
    text = "\n".join(lines)
    marked, _ = with_headings(text)
    assert [line.lstrip("# ") for line in marked.split("\n")] == text.split("\n")


def test_a_passage_stands_under_its_heading_and_the_title_stays() -> None:
    text = "二次供水项目档案\n\n一、云栖苑项目\n合同金额：118.5万元。\n\n二、云溪苑项目\n合同金额：96万元。\n"
    (document,) = read_bytes("档案.txt", text.encode())
    assert isinstance(document, Document)
    assert document.title == "二次供水项目档案"
    passages = split(document, len)
    assert [(one.heading, one.text) for one in passages[1:]] == [
        ("一、云栖苑项目", "合同金额：118.5万元。"),
        ("二、云溪苑项目", "合同金额：96万元。"),
    ]
