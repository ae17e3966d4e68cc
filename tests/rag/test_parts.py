"""Questions that ask for somebody and then on about that one."""

from __future__ import annotations

import pytest

from rag.parts import two_parts


@pytest.mark.parametrize(
    ("question", "ask", "named"),
    [
        (
            "Who approves waivers over £200, and in which room does she sit?",
            "Who approves waivers over £200?",
            "In which room does Ada Lee sit?",
        ),
        (
            "Who runs the plant? What is his extension?",
            "Who runs the plant?",
            "What is Ada Lee's extension?",
        ),
        (
            "Who runs the plant and where can I reach her?",
            "Who runs the plant?",
            "Where can I reach Ada Lee?",
        ),
        ("Who runs the plant and what is her e-mail?", "Who runs the plant?", "What is Ada Lee's e-mail?"),
        ("减免由哪位领导审批，他或她在哪间办公室？", "减免由哪位领导审批？", "Ada Lee在哪间办公室？"),
        ("谁负责盘点，并且他在哪办公？", "谁负责盘点？", "Ada Lee在哪办公？"),
        ("谁是安全员？她的分机号是多少", "谁是安全员？", "Ada Lee的分机号是多少？"),
        ("设备归哪位技师管?给我他的手机号。", "设备归哪位技师管？", "Ada Lee的手机号是多少？"),
        (
            "临时工是哪位同事负责?我要打她分机,号码多少",
            "临时工是哪位同事负责？",
            "Ada Lee的分机是多少？",
        ),
    ],
)
def test_the_second_part_is_asked_of_whom_the_first_names(question: str, ask: str, named: str) -> None:
    parts = two_parts(question)
    assert parts is not None
    assert (parts.ask, parts.named("Ada Lee")) == (ask, named)


@pytest.mark.parametrize(
    "question",
    [
        "What does the permit cost and how long is it valid?",
        "Who runs the plant?",
        "Which pumps are in stock and where are they kept?",
        "What must a visitor bring, and where does he sign in?",
        "Who can join the scheme and how do they apply?",
        "What is Ann Lee's job and when did she join?",
        "Who approves a leave request of an employee, and when must he submit it?",
        "员工请假由谁批准，他需要提前几天申请？",
        "李四找谁请假，他有几天年假？",
        "What must employees bring when they start, and how?",
        "谁是安全员，什么时候入职？",
        "他的分机号是多少？",
        "",
    ],
)
def test_other_questions_are_one(question: str) -> None:
    assert two_parts(question) is None
