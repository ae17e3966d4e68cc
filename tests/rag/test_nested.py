"""What a question describes instead of naming it."""

from __future__ import annotations

import pytest

from index.errors import UnknownModel
from rag.nested import described


@pytest.mark.parametrize(
    ("question", "ask", "named"),
    [
        (
            "Who leads the plant where the B-200 is assembled?",
            "What is the plant where the B-200 is assembled?",
            "Who leads X?",
        ),
        (
            "Who was the president of the club which published The Review of Pumps?",
            "What is the club which published The Review of Pumps?",
            "Who was the president of X?",
        ),
        (
            "Who did the producer of Songs I Wrote with Amy write a song for?",
            "Who is the producer of Songs I Wrote with Amy?",
            "Who did X write a song for?",
        ),
        (
            "What is the usual snowfall in the city where the performers of Brother were formed?",
            "What is the city where the performers of Brother were formed?",
            "What is the usual snowfall in X?",
        ),
        ("装配A-80潜水泵的工厂，厂长是谁？", "装配A-80潜水泵的工厂是什么？", "X，厂长是谁？"),
        (
            "清流项目的客户在采购合同上的签约代表是谁？",
            "清流项目的客户是什么？",
            "X在采购合同上的签约代表是谁？",
        ),
        (
            "What is the mobile number of the person who sets credit limits for customers?",
            "Who sets credit limits for customers?",
            "What is the mobile number of X?",
        ),
        (
            "What is the e-mail address of the person responsible for data protection?",
            "Who is responsible for data protection?",
            "What is the e-mail address of X?",
        ),
        ("清河工厂安全员的分机号是多少？", "清河工厂安全员是谁？", "X的分机号是多少？"),
        ("负责补配恒温毯的人手机号是多少？", "谁负责补配恒温毯？", "X手机号是多少？"),
        ("负责冷藏车试用的那位，手机号是多少？", "谁负责冷藏车试用？", "X手机号是多少？"),
        ("牵头离床地垫试点的那位同事邮箱是多少？", "谁牵头离床地垫试点？", "X邮箱是多少？"),
        ("模切机操作规程的审核人短号是多少?", "模切机操作规程的审核人是谁？", "X短号是多少?"),
        ("二期的技术负责人平时在哪儿办公？", "二期的技术负责人是谁？", "X平时在哪儿办公？"),
        ("8月转走42吨货的那个库区用的是什么制冷？", "8月转走42吨货的是哪个库区？", "X用的是什么制冷？"),
        ("更换最多的那种备件，终端价多少？", "更换最多的是哪种备件？", "X终端价多少？"),
        ("C-019那个电池鼓胀的项目，时限几天？", "C-019那个电池鼓胀的项目是什么？", "X，时限几天？"),
        (
            "How much deposit does the register show for the boat that a customer grounded on Mussel Rock?",
            "What is the boat that a customer grounded on Mussel Rock?",
            "How much deposit does the register show for X?",
        ),
        ("请问受理开放日报名的同事在哪间办公室？", "谁受理开放日报名？", "请问X在哪间办公室？"),
        (
            "I need the email address of whoever orders the filters.",
            "Who orders the filters?",
            "I need the email address of X.",
        ),
        (
            "I've dented the van. The handbook says who has to be told – what's that person's extension?",
            "I've dented the van. Who has to be told?",
            "What's X's extension?",
        ),
        (
            "Kennel staff need somebody's written consent for leave. What is that person's email address?",
            "Kennel staff need whose written consent for leave?",
            "What is X's email address?",
        ),
        (
            "A customer wants £400 back. What is the extension of the person who decides on such a refund?",
            "A customer wants £400 back. Who decides on such a refund?",
            "What is the extension of X?",
        ),
        (
            "On which days does the colleague work who ordered the filters?",
            "Who ordered the filters?",
            "On which days does X work?",
        ),
        (
            "In which room does the person sit whose consent a firm needs?",
            "Whose consent a firm needs?",
            "In which room does X sit?",
        ),
        (
            "Which extension do I dial to reach the person with the key?",
            "Who has the key?",
            "Which extension do I dial to reach X?",
        ),
        (
            "A customer asks for the number of the person who sorts out trolleys - which extension?",
            "Who sorts out trolleys?",
            "A customer asks for the number of X - which extension?",
        ),
        (
            "The tunnel whose heater broke down on 2 February: how many trays does it take?",
            "Which tunnel's heater broke down on 2 February?",
            "How many trays does X take?",
        ),
        (
            "The sewing machine that keeps breaking its thread - when was its last service?",
            "Which sewing machine keeps breaking its thread?",
            "When was X's last service?",
        ),
        (
            "The block where a porter carries the shopping - when was it built?",
            "In which block a porter carries the shopping?",
            "When was X built?",
        ),
        ("小型磨边机要报修,负责它的人分机是多少?", "小型磨边机要报修，谁负责？", "X分机是多少?"),
        ("5月27日会上报告渗水的那位主任，分机是几号？", "5月27日会上报告渗水的是谁？", "X分机是几号？"),
        ("模切机规程的审核人手机短号是多少?", "模切机规程的审核人是谁？", "X手机短号是多少?"),
    ],
)
def test_a_description_is_asked_for_and_replaced(question: str, ask: str, named: str) -> None:
    parts = {part.ask: part for part in described(question)}
    assert parts[ask].named("X") == named
    assert parts[ask].thing in question


def test_what_is_innermost_comes_first() -> None:
    asks = [
        p.ask for p in described("Who was in charge of the country where the composer of Aschenbrodel lived?")
    ]
    assert asks == [
        "Who is the composer of Aschenbrodel?",
        "What is the country where the composer of Aschenbrodel lived?",
    ]


@pytest.mark.parametrize(
    "question",
    [
        "Who founded Acme?",
        "What is the weight of the C-8 controller?",
        "On which date was Zaolin Instruments founded?",
        "Which of the two films was made in Rome?",
        "清流项目的项目经理是谁？",
        "负责退库的人是谁？",
        "负责夜班的员工什么时候领补贴？",
        "云鹊电子的法定代表人是谁？",
        "公司2023年的营业收入是多少？",
        "",
        "的" * 300,
        "the of " * 300,
        "somebody " * 400,
        "the person who " * 300,
        "Who \ud800 the \0 man who?",
    ],
)
def test_nothing_is_described(question: str) -> None:
    assert described(question) == []


def test_without_the_parser_every_question_is_asked_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise UnknownModel("not installed")

    monkeypatch.setattr("rag.nested.load_parser", missing)
    assert described("Who leads the plant where the B-200 is assembled?") == []
    assert described("清流项目的客户在采购合同上的签约代表是谁？")


@pytest.mark.parametrize(
    "question",
    [
        "最贵的那款水泵卖多少钱？",
        "最便宜的那个套餐包含什么？",
        "我昨天买的那件衣服能退吗？",
        "怀孕的那段时间能调岗吗？",
        "公司规定的这个标准是多少？",
        "车间工人在哪吃饭？",
        "外籍人员入职需要办什么手续？",
        "值班人员电话打不通怎么办？",
        "普通会员和高级会员哪个更划算？",
        "What is the search feature on the V&A website called?",
        "How much did Levi's Stadium cost?",
        "Who pays for the laptop that I lost?",
        "How do I return the parcel that came damaged?",
        "How do I know the reason that my claim was refused?",
        "Does the insurance that the company offers cover my family?",
        "I've lost my bag. What is the extension of reception?",
        "What happens if the person with the key is ill?",
        "Somebody stole my bike, what do I do?",
    ],
)
def test_what_has_no_name_is_not_asked_for(question: str) -> None:
    assert described(question) == []


def test_a_thing_is_asked_for_without_doubled_words() -> None:
    assert described("上海的那家门店在几楼？")[0].ask == "上海的是哪家门店？"
    assert described("昨天退货的那批货在哪个仓库？")[0].named("X") == "X在哪个仓库？"
