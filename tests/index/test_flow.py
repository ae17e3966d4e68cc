"""Broken lines: which of them are one paragraph, and which the writer ended."""

from __future__ import annotations

import pytest

from index.language import sentences
from index.readers.flow import reflow_pages, unwrap
from index.readers.read import read_bytes
from index.types import Document

WRAPPED = """The warranty of the B-200 pump runs for two years from the
date of delivery, unless the customer has opened the
housing. Claims are made in writing."""
FLOWING = " ".join(WRAPPED.split("\n"))
WRAPPED_ZH = """    员工每年享有十五天年假，应当提前两周向主管提出书面申请，经部
门经理批准以后方可休假；请假超过三天的，还须经人力资源总监何岚批
准。当年未休完的年假可以顺延到次年三月底。
    第二段从这里开始。"""


def read(name: str, text: str) -> str:
    (document,) = read_bytes(name, text.encode())
    assert isinstance(document, Document)
    return document.text


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_a_line_end_inside_a_paragraph_ends_no_sentence(name: str) -> None:
    text = read(name, f"Warranty\n\n{WRAPPED}\n\nThe end.")
    assert text == f"Warranty\n\n{FLOWING}\n\nThe end."
    assert [text[a:b] for a, b in sentences(text)][1:3] == FLOWING.replace(". C", ".\nC").split("\n")


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_chinese_lines_join_without_a_space(name: str) -> None:
    first, second = read(name, WRAPPED_ZH).split("\n")
    assert first.startswith("员工每年") or name == "a.md"
    assert "经部门经理批准" in first
    assert "何岚批准。当年" in first
    assert second == "    第二段从这里开始。"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"SCOPE\n{WRAPPED}\nOwner: Zhao Peng", f"SCOPE\n{FLOWING}\nOwner: Zhao Peng"),
        (f"{WRAPPED}\n- one\n- two", f"{FLOWING}\n- one\n- two"),
        (f"{WRAPPED}\nNext paragraph.", f"{FLOWING}\nNext paragraph."),
        (
            "- A valve that was closed for longer than ten minutes is\n  opened slowly\n- The next one",
            "- A valve that was closed for longer than ten minutes is opened slowly\n- The next one",
        ),
        (
            "1. The customer pays for removing and refitting the product\n"
            "unless the contract says otherwise.\n2. Freight is paid by us.",
            "1. The customer pays for removing and refitting the product unless the contract says "
            "otherwise.\n2. Freight is paid by us.",
        ),
        (
            "Write to the head of the department of after-sales and after-\n"
            "delivery service of the Linhai plant, and do not wait.",
            "Write to the head of the department of after-sales and after-delivery service of the Linhai "
            "plant, and do not wait.",
        ),
        (
            "Note: the pump must never run dry, because the seal is then\n"
            "destroyed within minutes.\nWeight: 84 kg",
            "Note: the pump must never run dry, because the seal is then destroyed within minutes.\n"
            "Weight: 84 kg",
        ),
    ],
    ids=["title and pair", "list", "short end", "item", "clause", "hyphen", "note"],
)
def test_only_lines_of_one_paragraph_are_joined(text: str, expected: str) -> None:
    assert unwrap(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Shall I compare thee to a summer's day? Thou art more lovely\n"
        "And more temperate: rough winds do shake the darling buds of\n"
        "May, and summer's lease hath all too short a date to last on,",
        "Zaolin Instruments Co., Ltd., Department of After-Sales Service\n"
        "Building 3, 12 Qinghe Road, Qinghe District, Hangzhou, Zhejiang\n"
        "China",
        "Measuring principle: transit time, with two transducers on a pipe\n"
        "Accuracy: one per cent of the reading at 0.3 m/s and everywhere\n"
        "Weight: 1.9 kg",
        "description: a pump that is made for clean and for turbid water\n"
        "maintenance: once a year, more often where the water has sand\n"
        "owner: nobody",
        "# The pump, its house and the people who look after it daily\nis made of iron.",
        "| the pump that is in the new house by the river | and more |\n"
        "| the next pump that is in the old house of ours | and more |",
        "> the pump that stands in the new house by the river must be\n> switched off.",
        "for (const pump of pumps) { pump.start(at, speed, direction);\n"
        "log(pump.name + ' was started with ' + pump.speed + ' rpm') }",
        "similarities = model.similarity(embeddings, embeddings, how='cos')\nprint(similarities)",
        "    the pump that stands in the new house by the river, with a\n    second pump beside it",
        "```\nthe pump that stands in the new house by the river, with a\nsecond one\n```",
        "the pump that stands in the new house by the river, with a  \nsecond pump",
        "The warranty does not cover what the following list will name:\nseals and bearings",
        "wear parts\nbearings\nseals and mats",
        "临海水务集团有限公司关于水泵采购合同的补充协议及其附件清单汇总\n"
        "枣林仪器有限公司关于水泵维护保养服务的补充协议及其附件清单汇总\n"
        "清河自来水公司关于流量计校准服务的年度合同及其附件清单完整汇总",
        "一段一行，每一行都是完整的一段话，写到句号为止，所以不应当连起来。\n"
        "第二行也是完整的一段话，写到句号为止，所以同样也不应当连起来的。\n"
        "完。",
        "One paragraph stands on each line of this file, without a blank.\n"
        "The next one is about as long as the first, and ends as well.\n"
        "Then a third.",
    ],
    ids=[
        *("verse", "address", "pairs", "small pairs", "heading", "table", "quotation", "code", "script"),
        *("indented", "fence", "hard break", "colon", "short lines", "titles", "chinese", "paragraphs"),
    ],
)
def test_what_the_writer_ended_stays_ended(text: str) -> None:
    assert read("a.md", text) == text.strip()


def test_a_narrow_column_in_a_wide_text_is_the_writers_own() -> None:
    wide = (
        "The meter is made for temporary surveys and for permanent leak monitoring in networks\n"
        "of any size, where a mains connection is seldom at hand and nobody wants to cut the\n"
        "pipe."
    )
    narrow = "spare parts for the pumps that we made before the year 2004\nmats, seals and bearings"
    assert unwrap(f"{wide}\n\n{narrow}") == wide.replace("\n", " ") + f"\n\n{narrow}"


BODIES = [
    ["The pump is started as soon as the water in the tank", "stands low, but while its controller is being"],
    ["serviced nothing starts it. The switch is in the", "cabinet beside the door, and whoever works on"],
    ["the pump takes its key with him until he has done it.", "Nobody else has one."],
]


def flowing(pages: list[list[str]]) -> str:
    text = ""
    for page, goes_on in reflow_pages(pages):
        text += (" " if goes_on else "\n\n") * bool(text) + page
    return text


@pytest.mark.parametrize(
    ("head", "foot", "kept_head", "kept_foot"),
    [
        (
            ["B-200 Manual"],
            ["Page {} of 3"],
            "B-200 Manual",
            "Page 3 of 3",
        ),
        (["Manual, edition 6 - page {}", ""], [], "Manual, edition 6 - page 1", ""),
        (["Zaolin Instruments", "", "Manual"], ["- {} -"], "Zaolin Instruments\n\nManual", ""),
        (["枣林仪器有限公司"], ["第{}页 共3页"], "枣林仪器有限公司", "第3页 共3页"),
    ],
    ids=["head and foot", "edition and number", "two lines", "chinese"],
)
def test_running_heads_and_feet_stand_once_and_cut_no_sentence(
    head: list[str], foot: list[str], kept_head: str, kept_foot: str
) -> None:
    pages = [[line.format(n) for line in [*head, *body, *foot]] for n, body in enumerate(BODIES, 1)]
    whole = " ".join(line for body in BODIES for line in body)
    assert flowing(pages) == "\n\n".join(filter(None, [kept_head, whole, kept_foot]))


@pytest.mark.parametrize(
    "pages",
    [
        [["Zaolin Instruments", *BODIES[0]], ["Zaolin Instruments", *BODIES[1]]],
        [["Invoice 10231", "Sum"], ["Invoice 10232", "Sum"], ["Invoice 10234", "Sum"]],
        [["Chapter 1", "Sum: 7"], ["Chapter 4", "Sum: 8"], ["Chapter 9", "Sum: 11"]],
        [["1"], ["2"], ["3"]],
        [[], [], ["Zaolin"]],
    ],
    ids=["two pages", "invoices", "chapters", "numbers alone", "empty"],
)
def test_what_is_no_running_head_stays(pages: list[list[str]]) -> None:
    text = flowing(pages)
    assert all(line in text for page in pages for line in page)
