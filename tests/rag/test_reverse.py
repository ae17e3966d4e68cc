from __future__ import annotations

import pytest

from rag.reverse import reversed_question


def test_asked_the_other_way_round() -> None:
    turned = reversed_question("Is Chen Guang the head of the Linhai plant?")
    assert turned is not None
    assert (turned.compared("Chen Guang (陈光)"), turned.compared("Wu Jing")) == ("yes", "no")
    depth = reversed_question("水池的水深是6米吗？")
    assert depth is not None
    assert [depth.compared(text) for text in ("4.5米", "6 m", "很深")] == ["no", "yes", None]
    assert reversed_question("Does it rain?") is None


@pytest.mark.parametrize(
    ("question", "ask", "answer", "says"),
    [
        ("Is Chen Guang the head of Linhai?", "Who is the head of Linhai?", "Wu Jing", "no"),
        ("Is Guang Chen the head of the plant?", "Who is the head of the plant?", "Chen Guang", "yes"),
        ("Is Chen Guang the head of the plant?", "Who is the head of the plant?", "Chen", None),
        ("Is Chen Guang the head of the plant?", "Who is the head of the plant?", "not Chen Guang", None),
        ("Is Chen Guang the head of the plant?", "Who is the head of the plant?", "陈光", None),
        ("Is Chen Guang a manager?", "Who is a manager?", "Wu Jing", None),
        ("Is Beijing the capital of China?", "What is the capital of China?", "北京", None),
        ("Is Nanjing the capital of China?", "What is the capital of China?", "Beijing", "no"),
        ("Is Linhai the location of the plant?", "What is the location of the plant?", "Zhejiang", None),
        ("Is Zaolin a maker of pumps?", "What is a maker of pumps?", "Acme", None),
        ("厂长是陈光吗？", "厂长是谁？", "李伟", "no"),
        ("厂长是陈光吗？", "厂长是谁？", "厂长陈光", "yes"),
        ("厂长是陈光吗？", "厂长是谁？", "陈光明", None),
        ("廠長是陳光嗎？", "厂长是谁？", "陈光", "yes"),
        ("副厂长是陈光吗？", "副厂长是谁？", "李伟", None),
        ("安全员是陈光吗？", "安全员是谁？", "李伟", None),
        ("枣林仪器是上市公司吗？", "枣林仪器是什么？", "水泵制造商", None),
        ("枣林仪器是上市公司吗？", "枣林仪器是什么？", "一家上市公司", "yes"),
        ("枣林仪器是上市公司吗？", "枣林仪器是什么？", "非上市公司", None),
        ("枣林仪器是一家上市公司吗？", "枣林仪器是什么？", "水泵制造商", None),
        ("B-200是离心泵吗？", "B-200是什么？", "单级离心泵", "yes"),
        ("保修期是不是12个月？", "保修期是多少？", "24个月", "no"),
        ("保修期是否为两年？", "保修期是多少？", "24个月", "yes"),
    ],
)  # fmt: skip
def test_another_answer_is_a_no_only_where_there_is_but_one(
    question: str, ask: str, answer: str, says: str | None
) -> None:
    turned = reversed_question(question)
    assert turned is not None
    assert (turned.ask, turned.compared(answer)) == (ask, says)


@pytest.mark.parametrize(
    "question",
    [
        "B-200是在临海生产的吗？",
        "合同是否需要盖章？",
        "B-200是由临海工厂生产吗？",
        "水泵是红色的吗？",
        "Is it red?",
    ],
)
def test_what_names_no_thing_is_not_turned_round(question: str) -> None:
    assert reversed_question(question) is None
