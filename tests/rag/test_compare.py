"""Questions that compare two things."""

from __future__ import annotations

import pytest

from rag.compare import Comparison, comparison, decided
from rag.values import Value, value


@pytest.mark.parametrize(
    ("question", "names", "ask", "largest", "says"),
    [
        (
            "Which is heavier, the B-200 or the B-350?",
            ("the B-200", "the B-350"),
            "What is the weight of the B-200?",
            True,
            "name",
        ),
        (
            "Which is louder at the control cabin, the Calder 60 or the Calder 60S?",
            ("the Calder 60", "the Calder 60S"),
            "How loud is the Calder 60 at the control cabin?",
            True,
            "name",
        ),
        (
            "Which costs more per night, the Alpha or the Beta?",
            ("the Alpha", "the Beta"),
            "What is the price of the Alpha per night?",
            True,
            "name",
        ),
        (
            "Which water cooler is heavier, the B-200 or the B-350?",
            ("the B-200", "the B-350"),
            "What is the weight of the B-200?",
            True,
            "name",
        ),
        (
            "Which is cheaper to rent, the Waffle or the Terry?",
            ("the Waffle", "the Terry"),
            "What is the price of the Waffle to rent?",
            False,
            "name",
        ),
        (
            "Which band was formed first The Exies or Circus Diablo ?",
            ("The Exies", "Circus Diablo"),
            "When was The Exies formed?",
            False,
            "name",
        ),
        (
            "Who is the oldest, Sid Haig or Vic Darchinyan?",
            ("Sid Haig", "Vic Darchinyan"),
            "When was Sid Haig born?",
            False,
            "name",
        ),
        (
            "Which uses less water per tonne, the F-10 or the F-30?",
            ("the F-10", "the F-30"),
            "How much water per tonne does the F-10 have?",
            False,
            "name",
        ),
        (
            "Which has the longer warranty, the F-10 or the F-30?",
            ("the F-10", "the F-30"),
            "What is the warranty of the F-10?",
            True,
            "name",
        ),
        (
            "Is the B-200 heavier than the B-350?",
            ("the B-200", "the B-350"),
            "What is the weight of the B-200?",
            True,
            "yes",
        ),
        (
            "Does Acme have fewer employees than Bolt?",
            ("Acme", "Bolt"),
            "How many employees does Acme have?",
            False,
            "yes",
        ),
        (
            "Which costs less, the F-10 or the F-30?",
            ("the F-10", "the F-30"),
            "What is the price of the F-10?",
            False,
            "name",
        ),
        ("Which is less expensive, A1 or B1?", ("A1", "B1"), "What is the price of A1?", False, "name"),
        (
            "Which city is larger, between Rome and Oslo?",
            ("Rome", "Oslo"),
            "How large is Rome?",
            True,
            "name",
        ),
        ("A-80和B-200哪个更重？", ("A-80", "B-200"), "A-80的重量是多少？", True, "name"),
        ("请问A-80和B-200哪个更重？", ("A-80", "B-200"), "A-80的重量是多少？", True, "name"),
        ("请问，A-80比B-200重吗？", ("A-80", "B-200"), "A-80的重量是多少？", True, "yes"),
        ("B-200比B-350重吗？", ("B-200", "B-350"), "B-200的重量是多少？", True, "yes"),
        (
            "清河工厂比临海工厂成立得早吗？",
            ("清河工厂", "临海工厂"),
            "清河工厂是什么时候成立的？",
            False,
            "yes",
        ),
        (
            "清河工厂和临海工厂哪个先投产？",
            ("清河工厂", "临海工厂"),
            "清河工厂是什么时候投产的？",
            False,
            "name",
        ),
        ("F-10与F-30相比，哪个的保修期更长？", ("F-10", "F-30"), "F-10的保修期是多少？", True, "name"),
        ("A-80和B-200的保修期哪个更长？", ("A-80", "B-200"), "A-80的保修期是多少？", True, "name"),
        ("A-80的保修期和B-200的保修期哪个更长？", ("A-80", "B-200"), "A-80的保修期是多少？", True, "name"),
        ("A-80和B-200的价格相比，哪个更贵？", ("A-80", "B-200"), "A-80的价格是多少？", True, "name"),
        ("A-80和B-200两者的价格哪个更低？", ("A-80", "B-200"), "A-80的价格是多少？", False, "name"),
        (
            "清河工厂和临海工厂的成立时间哪个更早？",
            ("清河工厂", "临海工厂"),
            "清河工厂是什么时候成立的？",
            False,
            "name",
        ),
        ("A-80和B-200哪個更重？", ("A-80", "B-200"), "A-80的重量是多少？", True, "name"),
        (
            "清河工廠與臨海工廠哪個成立更早？",
            ("清河工廠", "臨海工廠"),
            "清河工廠是什么时候成立的？",
            False,
            "name",
        ),
        ("A-80和B-200的保修期哪個更長？", ("A-80", "B-200"), "A-80的保修期是多少？", True, "name"),
        ("請問A-80比B-200貴嗎？", ("A-80", "B-200"), "A-80的价格是多少？", True, "yes"),
        ("长江和中国的黄河哪个更长？", ("长江", "中国的黄河"), "长江的长度是多少？", True, "name"),
        ("故宫和颐和园哪个更大？", ("故宫", "颐和园"), "故宫的大小是多少？", True, "name"),
        ("颐和园和故宫哪个更大？", ("颐和园", "故宫"), "颐和园的大小是多少？", True, "name"),
        ("铁和铜哪个更重？", ("铁", "铜"), "铁的重量是多少？", True, "name"),
        (
            "Which was released first, Romeo and Juliet or Hamlet?",
            ("Romeo and Juliet", "Hamlet"),
            "When was Romeo and Juliet released?",
            False,
            "name",
        ),
        ("Is Jay-Z older than 50 Cent?", ("Jay-Z", "50 Cent"), "When was Jay-Z born?", False, "yes"),
        ("三一重工比百度大吗？", ("三一重工", "百度"), "三一重工的大小是多少？", True, "yes"),
        (
            "按标准价，冷冻仓储和冷藏仓储哪个便宜？",
            ("冷冻仓储", "冷藏仓储"),
            "按标准价，冷冻仓储的价格是多少？",
            False,
            "name",
        ),
        ("江宁库和三山库，哪个投用得早？", ("江宁库", "三山库"), "江宁库是什么时候投用的？", False, "name"),
        (
            "FD-012和FD-021这两辆车，哪辆跑的里程多？",
            ("FD-012", "FD-021"),
            "FD-012的里程是多少？",
            True,
            "name",
        ),
        (
            "Was the profit higher in 2022 or in 2023?",
            ("2022", "2023"),
            "What was the profit in 2022?",
            True,
            "name",
        ),
        (
            "Is our hotel limit lower in Paris or Rome?",
            ("Paris", "Rome"),
            "What is our hotel limit in Paris?",
            False,
            "name",
        ),
        ("清河工厂的面积比临海工厂大吗？", ("清河工厂", "临海工厂"), "清河工厂的面积是多少？", True, "yes"),
    ],
)
def test_a_comparison_asks_for_each(
    question: str, names: tuple[str, str], ask: str, largest: bool, says: str
) -> None:
    found = comparison(question)
    assert found is not None
    assert (found.names, found.asks[0][0], found.largest, found.says) == (names, ask, largest, says)
    assert found.asks[1][0] == ask.replace(names[0], names[1])


@pytest.mark.parametrize(
    "question",
    [
        "Who founded Acme?",
        "Is the shop open on Monday or Tuesday?",
        "Is the B-200 cheaper in Germany or in France?",
        "Is the museum open later on Thursday or Friday?",
        "B-200，B-350，C-80和D-90哪个最重？",
        "北京，上海和广州哪个面积大？",
        "B-200, B-350和C-80哪个更重？",
        "Was the profit higher in spring or in summer?",
        "Was the profit higher in 2021, 2022 or 2023?",
        "去参观的话，药品区和冷库能进去看吗？",
        "Which supplier delivers bearings and seals?",
        "What is the longest river or lake?",
        "Who was the first president of Yale and Harvard?",
        "Which singer is American, Mark King or Nick Hexum?",
        "Is the meter better than the old one?",
        "Which is cheaper, B-200, B-350 or A-80?",
        "Which is cheapest: the B-200, the B-350, or the A-80?",
        "Which is heavier, the B-200 or the B-350 or the A-80?",
        "Which city is larger, between Rome and Oslo and Paris?",
        "Is the B-200 heavier than the B-350 and the A-80?",
        "5千克比3公斤重吗？",
        "A-80、B-200和C-300哪个最重？",
        "A-80和B-200和C-300哪个最重？",
        "A和B和C哪个最重？",
        "清河工厂、临海工厂和宁波工厂哪个最大？",
        "A-80比B-200和C-300重吗？",
        "A-80、B-200與C-300哪個最重？",
        "今天比昨天怎么样？",
        "为什么A比B好？",
        "",
        "比",
        "or " * 500,
        "1,000" * 500,
        "Which is older, " + "1,000" * 500,
        "Which is older, " + "A or " * 500,
        "和" * 500 + "哪个更重",
    ],
)
def test_no_comparison(question: str) -> None:
    assert comparison(question) is None


@pytest.mark.parametrize(
    ("says", "answers", "text"),
    [
        ("name", ["58 kg", "124 kg"], "B"),
        ("name", ["0.2 t", "124 kg"], "A"),
        ("name", ["58 kg", "58 kg"], None),
        ("name", ["58 kg", "58 m"], None),
        ("name", ["58 kg", "heavy"], None),
        ("yes", ["58 kg", "124 kg"], "No"),
        ("yes", ["200公斤", "124 kg"], "Yes"),
        ("yes", ["58 kg", "58 kg"], "No"),
    ],
)
def test_what_is_decided(says: str, answers: list[str], text: str | None) -> None:
    compared = Comparison(("A", "B"), (("",), ("",)), True, says, "en")  # type: ignore[arg-type]
    assert decided(compared, answers) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RMB 4,150", Value("rmb", 4150.0)),
        ("6.8 million RMB", Value("rmb", 6_800_000.0)),
        ("about 3,200 households", Value("households", 3200.0)),
        ("25 m³/h", Value("m3/h", 25.0)),
        ("12万", Value("", 120_000.0)),
        ("三百五十台", Value("台", 350.0)),
        ("三点五公斤", Value("weight", 3.5)),
        ("no number", None),
        ("", None),
    ],
)
def test_numbers_as_texts_write_them(text: str, expected: Value | None) -> None:
    assert value(text) == expected


def test_dates_and_spans_of_time_in_any_spelling() -> None:
    same = ["12 March 1996", "March 12, 1996", "1996-03-12", "1996年3月12日", "on the 12th of March 1996"]
    assert len({value(text) for text in same}) == 1
    dates = ["1995", "2 January 1996", "1996-03-12", "April 1996", "1997年"]
    amounts = [found.amount for text in dates if (found := value(text))]
    assert amounts == sorted(amounts)
    assert len(amounts) == 5
    months = [value(text) for text in ("36 months", "three years", "三十六个月")]
    assert {found.measure for found in months if found} == {"time"}
    assert months[0] == months[2]


@pytest.mark.parametrize(
    "text", ["1" * 400, "九" * 400, "," * 400, "1," * 400, "\ud800", "2024-99-99", "１２ｋｇ"]
)
def test_no_text_is_too_odd_for_a_value(text: str) -> None:
    found = value(text)
    assert found is None or found.amount >= 0


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        (["1500克", "1200公斤"], "B"),
        (["950 W", "1500 W"], "B"),
        (["2000万元", "3亿元"], "B"),
        (["1250.50元", "9500元"], "B"),
        (["RMB 1,500", "RMB 950"], "A"),
        (["2000 hours", "3 months"], "B"),
        (["1996", "12 March 2008"], "B"),
        (["1200公斤", "1996年"], None),
    ],
)
def test_amounts_that_look_like_years_are_compared_as_amounts(answers: list[str], text: str | None) -> None:
    compared = Comparison(("A", "B"), (("",), ("",)), True, "name", "en")
    assert decided(compared, answers) == text


@pytest.mark.parametrize(
    ("names", "answers", "text"),
    [
        (("the B-200", "the B-350"), ["B-200 weighs 124 kg", "B-350 weighs 58 kg"], "B-200"),
        (("7号泵", "9号泵"), ["7号泵重58公斤", "9号泵重24公斤"], "7号泵"),
        (("Apollo 11", "Apollo 8"), ["Apollo 11 took 8 days", "Apollo 8 took six days"], "Apollo 11"),
        (("A-80", "B-200"), ["−40 °C", "−20 °C"], "B-200"),
        (("A-80", "B-200"), ["一万二千元", "9500元"], "A-80"),
        (("A-80", "B-200"), ["twenty-five days", "thirty days"], "B-200"),
        (("A-80", "B-200"), ["A-80", "B-200"], None),
    ],
)
def test_what_a_name_says_is_no_value(names: tuple[str, str], answers: list[str], text: str | None) -> None:
    assert decided(Comparison(names, (("",), ("",)), True, "name", "en"), answers) == text


@pytest.mark.parametrize(
    ("question", "asks", "answers", "text"),
    [
        ("Is the B-200 heavier than 50 kg?", ("What is the weight of the B-200?",), "58 kg", "Yes"),
        ("Is the B-200 heavier than 0.1 t?", ("What is the weight of the B-200?",), "58 kg", "No"),
        (
            "Is the B-200 more expensive than RMB 4,000?",
            ("What is the price of the B-200?",),
            "RMB 950",
            "No",
        ),
        ("Is the B-200 heavier than 50 kg?", ("What is the weight of the B-200?",), "heavy", None),
        ("水泵比50公斤重吗？", ("水泵的重量是多少？",), "58 kg", "是"),
        ("F-10的保修期比一年半长吗？", ("F-10的保修期是多少？",), "12个月", "不是"),
    ],
)
def test_a_stated_amount_is_not_asked_for(
    question: str, asks: tuple[str, ...], answers: str, text: str | None
) -> None:
    found = comparison(question)
    assert found is not None
    assert found.asks == (asks, ())
    assert decided(found, [answers, ""]) == text


@pytest.mark.parametrize(
    ("question", "names", "asks"),
    [
        (
            "一季度柳湾厂和北岗厂,哪个厂的一次交验合格率更高?",
            ("柳湾厂", "北岗厂"),
            ("一季度柳湾厂的一次交验合格率是多少？", "一季度北岗厂的一次交验合格率是多少？"),
        ),
        ("SC-101和SC-061两台蒸烤箱，哪台买得更早？", ("SC-101", "SC-061"), None),
        ("去年的甲和乙哪个贵", ("甲", "乙"), ("去年的甲的价格是多少？", "去年的乙的价格是多少？")),
        (
            "2024年甲厂和乙厂哪个产量更高？",
            ("甲厂", "乙厂"),
            ("2024年甲厂的产量是多少？", "2024年乙厂的产量是多少？"),
        ),
        (
            "恒锐班和悦汇班，哪个班的报酬最低标准更高？",
            ("恒锐班", "悦汇班"),
            ("恒锐班的报酬最低标准是多少？", "悦汇班的报酬最低标准是多少？"),
        ),
        (
            "Which counter closes earlier at weekends, Stockport or Livingston?",
            ("Stockport", "Livingston"),
            ("When does Stockport close at weekends?", "When does Livingston close at weekends?"),
        ),
    ],
)
def test_what_is_meant_of_both_is_asked_of_both(
    question: str, names: tuple[str, str], asks: tuple[str, str] | None
) -> None:
    compared = comparison(question)
    assert compared is not None
    assert compared.names == names
    assert asks is None or tuple(ask for ask, *_ in compared.asks) == asks


@pytest.mark.parametrize(
    ("question", "answers", "name"),
    [
        ("Which closes earlier, Stockport or Livingston?", ("8:00 to 16:30", "9:00–17:00"), "Stockport"),
        ("Which closes later, Stockport or Livingston?", ("7 am to 6 pm", "17:30"), "Stockport"),
        ("Which opens earlier, Stockport or Livingston?", ("8:00 to 18:00", "7.30 to 17:00"), "Livingston"),
        ("Which closes later, Hull or Leith?", ("8 pm to 2 am", "8 pm to 11 pm"), "Hull"),
        ("Which closes later, Hull or Leith?", ("9:00 to 5:30", "9:00 to 17:00"), "Hull"),
        ("Which closes later, Hull or Leith?", ("5.30 pm", "6 pm"), "Leith"),
        ("Which closes earlier, Hull or Leith?", ("Mon-Fri 8:00-17:00, Sat 9:00-13:00", "8:00-16:00"), None),
        ("Which lease ends later, Hull or Leith?", ("2026-03-01", "2025-06-30"), "Hull"),
        ("Which lease ends later, Hull or Leith?", ("2026-03-31", "30 June 2025"), "Hull"),
        ("Which has the higher staff ratio, Hull or Leith?", ("1:10", "1:13"), None),
        ("甲项目和乙项目哪个结束得早？", ("2025-12-31", "2026-03-01"), "甲项目"),
        ("甲店和乙店哪家关门更晚？", ("晚上12点", "晚上11点"), "甲店"),
        ("甲款和乙款哪款返点更高？", ("8点", "30点"), "乙款"),
        ("东门和西门哪个关门更早？", ("上午9点至下午5点半", "8:00-18:00"), "东门"),
        ("东门和西门哪个开门更早？", ("9点至17点半", "8:00-18:00"), "西门"),
    ],
)
def test_times_of_day_and_dates_are_compared(
    question: str, answers: tuple[str, str], name: str | None
) -> None:
    compared = comparison(question)
    assert compared is not None
    assert decided(compared, answers) == name


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("3月份和4月份哪个产量高？", ("3月份", "4月份")),
        ("2024年度和2023年度哪个利润高？", ("2024年度", "2023年度")),
        ("2023年款和2024年款哪个更贵？", ("2023年款", "2024年款")),
        ("今年的预算和去年的预算哪个高？", ("今年的预算", "去年的预算")),
        ("目前的供应商和原来的供应商哪家便宜？", ("目前的供应商", "原来的供应商")),
        ("2024年底柳湾厂和北岗厂哪家人多？", ("柳湾厂", "北岗厂")),
        ("2024年Q1柳湾厂和北岗厂哪家产量高？", ("柳湾厂", "北岗厂")),
        ("本月之星奖和年度之星奖哪个奖金高？", ("本月之星奖", "年度之星奖")),
        ("一次付清和分两期付款哪个便宜？", ("一次付清", "分两期付款")),
        ("江宁库和三山库哪个库存多？", ("江宁库", "三山库")),
    ],
)
def test_names_with_times_in_them_stay_whole(question: str, names: tuple[str, str]) -> None:
    compared = comparison(question)
    assert compared is not None
    assert compared.names == names


def test_what_is_told_of_a_thing_is_not_what_is_compared() -> None:
    compared = comparison("Which plant, which closes on Sundays, was built first, Hull or Leith?")
    assert compared is not None
    assert compared.asks[0] == ("When was Hull built?",)
    assert comparison("3月份的产量比4月份高吗？") is None
    compared = comparison("江宁库和三山库哪个库存多？")
    assert compared is not None
    assert compared.asks[0][0] == "江宁库的库存是多少？"
