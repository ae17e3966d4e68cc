"""What type of answer is asked for: what is plainly of another is told, and nothing that may be right."""

from __future__ import annotations

import pytest

from rag.asked_types import asked_type, misfit
from rag.measures import BARE, is_amount, measures


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (
            "How long is the warranty of the B-200?",
            ["24 months", "two and a half years", "lifetime"],
            ["EUR 30"],
        ),
        ("How many days may goods be returned?", ["30", "thirty days", "a month"], ["€ 30", "85 %"]),
        (
            "How many staff came out of the office part?",
            ["34", "thirty-four people"],
            ["12 mm", "2 hours"],
        ),
        ("How fast may one drive past the works?", ["10 mph", "30 km/h"], ["four times", "EUR 40"]),
        (
            "How much does a sheet of birch ply cost?",
            ["£69", "20 per cent of the price", "nothing"],
            ["18 mm"],
        ),
        ("What is the wind limit of the Aldra?", ["30 knots", "60 km/h"], ["1.8 m"]),
        ("老师隔多久来看一趟？", ["每两个月", "两周一次"], ["1次", "3人"]),
        ("多久以后能退押金？", ["30天", "两周后"], ["2次", "200元"]),
        ("How heavy is the B-350?", ["124 kg", "about 20,000 pounds"], ["B-350", "90 °C"]),
        (
            "How often is the filter changed?",
            ["every 6 months", "twice a year", "weekly"],
            ["12 bar", "the fitter"],
        ),
        ("What is the delivery time of the pump?", ["6 weeks", "until Friday"], ["€ 400", "300 mm"]),
        ("What is the maximum operating temperature?", ["90 °C", "85 degrees", "90"], ["12 bar"]),
        ("What percentage of the price is due?", ["30 %", "a third", "one quarter"], ["14 days"]),
        ("What's Callum Rennie's extension?", ["302", "07700 900131"], ["30 April", "Leo Ferris"]),
        ("手机是多少寸的？", ["6.1英寸"], []),
        ("手机有多大内存？", ["8GB"], []),
        ("What was the deadline extension?", ["6 months", "until June"], []),
        ("What is the file extension?", [".docx"], []),
        ("手机是多少钱？", ["5000元"], ["3月5日"]),
        ("抢修队队长的手机短号是多少？", ["66255", "0390-6213026"], ["3月5日"]),
        ("At what time does the handover start?", ["19:15", "7 pm", "noon"], ["Ward A", "the nurse"]),
        (
            "When was the plant built?",
            ["2008", "in May", "after the war", "last spring"],
            ["€ 3 million", "Linhai"],
        ),
        (
            "In which year did she resign?",
            ["1979", "the year of the fire"],
            ["€ 300", "Oslo"],
        ),
        (
            "Who signs orders over 10,000 euros?",
            ["Ines Callaghan", "the head of department"],
            ["15 working days"],
        ),
        (
            "Why must the hall be aired?",
            ["because of solvents", "fumes collect at night"],
            ["10 minutes", "2019"],
        ),
        ("How do I reset the controller?", ["hold the green button for 5 seconds"], ["5 seconds"]),
        ("管理员的登录口令最短要几位？", ["16位", "十六"], ["90天", "5元"]),
        ("按定价的几倍赔？", ["五倍", "两倍"], ["5元", "1980年"]),
        ("住宿标准可以提高几成？", ["三成", "30%"], ["0.9元"]),
        ("租客拖欠房租多少天以上，房东就能终止合同？", ["20日", "三个星期"], ["2万元"]),
        ("押金多久能拿回来？", ["7个工作日内", "当天", "半年"], ["6400元"]),
        ("上自习的地方在几层？", ["四楼", "3层"], ["22时"]),
        ("样车刹停要多长距离？", ["5.2米", "约5米"], ["5次"]),
        ("松竹路502室的月租金是多少？", ["6400元", "免费"], ["86平方米", "三年"]),
        ("访客无线网的密码多久更换一次？", ["每90天", "每月"], ["16位"]),
        ("洗碗机背后为什么不能紧贴墙放？", ["以便拆卸排汽罩", "10厘米内会过热"], ["10厘米", "2022年"]),
        ("采购资料归谁管？", ["邓宛", "办公室"], ["12万元", "2024年5月"]),
        ("公司是哪年成立的？", ["2008年", "二〇〇八年", "抗战前"], ["500万元", "杭州"]),
        ("早班几点开始？", ["6:30", "早上六点半"], ["3人"]),
        ("苗绳怎么挂？", ["双层吊挂"], ["14米"]),
        ("加班餐补怎么发？", ["每天20元"], []),
        ("晚自习有几個老師？", ["三個", "3名"], ["90分鐘"]),
    ],
)
def test_answers_of_another_type(question: str, right: list[str], wrong: list[str]) -> None:
    told = misfit(question)
    assert [answer for answer in right if told(answer) == 1] == []
    assert [answer for answer in wrong if told(answer) < 0.5] == []


@pytest.mark.parametrize(
    "question",
    [
        "What does the B-200 weigh against?",
        "Which pump is heavier?",
        "What happens when the pump stops?",
        "When and where was it built?",
        "Is the warranty 24 months?",
        "Name the three products.",
        "七星石又称为什么？",
        "B-200和B-350有什么区别？",
        "保修期内可以退货吗？",
        "几乎所有产品都有什么？",
        "",
        "？",
    ],
)
def test_questions_that_may_have_any_answer(question: str) -> None:
    assert asked_type(question) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12万元", {"money"}),
        ("¥1,200.50", {"money"}),
        ("2300亩", {"area"}),
        ("40 square metres", {"area"}),
        ("时速126英里", {"speed"}),
        ("三分之一", {"percent", BARE}),
        ("晚上7点", {"clock"}),
        ("14800日元", {"money"}),
        ("16000匹马力", {"power"}),
        ("20個國家", {"count"}),
        ("95 dB(A)", {"sound"}),
        ("the 3rd floor", {"floor"}),
        ("DN65, B-200, A机房", set()),
        ("１０厘米", {"length"}),
        ("", set()),
    ],
)
def test_measures(text: str, found: set[str]) -> None:
    assert measures(text) == found


def test_a_sentence_with_an_amount_is_no_amount() -> None:
    assert not is_amount("Fumes collect within 10 minutes")
    assert not is_amount("仅撑了四年")
    assert is_amount("up to 10 minutes")
    assert is_amount("约四年")
