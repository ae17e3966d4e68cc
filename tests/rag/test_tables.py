"""Which row of a table a question is about."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.seasons import out_of_season
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
HEAD = 2
"""Lines of a Markdown table before its rows: the head and the rule below it."""
WARRANTY = "| 产品 | 保修期限 |\n|---|---|\n| 控制器 | 12个月 |\n| 水泵 | 24个月 |"
WEIGHTS = "| Model | Weight | Price |\n| :--- | ---: | ---: |\n| Zeta | 58 kg | 900 |\n| Eta | 31 kg | 700 |"
COLUMNS = "|  | B-200 | B-350 |\n|---|---|---|\n| Weight | 58 kg | 124 kg |\n| Price | 900 | 200 |"
LOADS = "Model: A-80; Weight: 31 kg\nModel: B-200; Weight: 100 kg\nModel: B-350; Weight: 124 kg"
LOADS_ZH = "型号：A-80；重量：31公斤\n型号：B-200；重量：100公斤\n型号：B-350；重量：124公斤"
DISCOUNTS = "Order: over 500 EUR; Discount: 5 %\nOrder: over 1000 EUR; Discount: 8 %"
DISCOUNTS_ZH = "订单：500元以上；折扣：5%\n订单：1000元以上；折扣：8%"


@pytest.mark.parametrize(
    ("text", "question", "left"),
    [
        (PUMPS, "What is the weight of the B-200?", ["Model: B-200; Motor: 4 kW; Weight: 58 kg"]),
        (PUMPS, "Which model weighs 124 kg?", ["Model: B-350; Motor: 11 kW; Weight: 124 kg"]),
        (PRICES, "DN80的F-10价格是多少？", ["型号：F-10；口径：DN80；价格：4150"]),
        (PRICES, "What does the F-30 cost?", ["型号：F-30；口径：DN80；价格：9900"]),
        (MARKDOWN, "Where is the C-1 made?", ["| C-1 | Qinghe |"]),
        (WARRANTY, "控制器的保修期限是多久？", ["| 控制器 | 12个月 |"]),
        (WEIGHTS, "What is the weight of the Zeta model?", ["| Zeta | 58 kg | 900 |"]),
        (COLUMNS, "Which model has a weight of 124 kg?", ["| Weight | 58 kg | 124 kg |"]),
        (COLUMNS, "What is the weight of the B-200?", ["| Weight | 58 kg | 124 kg |"]),
        (LOADS, "Which model weighs 100 kg?", ["Model: B-200; Weight: 100 kg"]),
        (LOADS, "Is the B-350 heavier than 100 kg?", ["Model: B-350; Weight: 124 kg"]),
        (LOADS_ZH, "重量为100公斤的型号是什么？", ["型号：B-200；重量：100公斤"]),
        ("车间：一号；人数：20\n车间：三号；人数：31", "比三号车间小的是谁？", ["车间：三号；人数：31"]),
        (DISCOUNTS, "What discount is there for orders over 1000 EUR?", [DISCOUNTS.split("\n")[1]]),
        (DISCOUNTS_ZH, "1000元以上的订单折扣是多少？", [DISCOUNTS_ZH.split("\n")[1]]),
    ],
)
def test_only_the_row_that_is_meant_is_left(text: str, question: str, left: list[str]) -> None:
    others = {text[a:b] for a, b in other_rows(text, question)}
    rows = [line for line in text.split("\n")[HEAD if "|" in text else 0 :] if re.search("[;；|].", line)]
    assert [row for row in rows if row not in others and not row.startswith("The list")] == left


STAFF = [
    "Name: Solbrane; Mobile: 201; Deputy: Nadia Brosch\nName: Nadia Brosch; Mobile: 210; Deputy: Istrane",
    "Name: Tolva; Mobile: 207; Deputy: Holm\nName: Holm; Mobile: 209; Deputy: Tolva",
]


def test_a_table_goes_on_in_other_passages_and_begins_its_rows_with_what_they_are_of() -> None:
    question = "What is the mobile number of Nadia Brosch?"
    first, second = STAFF
    assert [first[a:b] for a, b in other_rows(first, question, [second])] == first.split("\n")[:1]
    assert [second[a:b] for a, b in other_rows(second, question, [first])] == second.split("\n")
    assert (
        other_rows(second, question)
        == other_rows(second, question, ["Pump: Nadia Brosch; Weight: 4 kg"])
        == []
    )
    assert other_rows(first, "Whose deputy is Nadia Brosch?") == []
    assert other_rows(first, "How many people report to Nadia Brosch?") == []


@pytest.mark.parametrize(
    ("text", "question", "row"),
    [
        (
            "From: Vienna; To: Berlin; At: 8:00\nFrom: Berlin; To: Vienna; At: 9:30",
            "When does the train to Vienna leave?",
            1,
        ),
        ("起点：上海；终点：北京；发车：8:00\n起点：北京；终点：上海；发车：9:30", "去上海的车几点发车？", 1),
        ("Part: pump; Replaces: seal\nPart: motor; Replaces: pump", "Which part replaces the pump?", 1),
        ("Item: B-200; Fits: C-8\nItem: seal; Fits: B-200", "What fits the pump B-200?", 1),
        (
            "Version: 3.0; Replaced by: 4.0\nVersion: 2.0; Replaced by: 3.0",
            "Which version was replaced by version 3.0?",
            1,
        ),
    ],
)
def test_a_row_that_names_something_behind_its_beginning_may_be_meant(
    text: str, question: str, row: int
) -> None:
    assert text.split("\n")[row] not in {text[a:b] for a, b in other_rows(text, question)}


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("What is Nadia Brosch's mobile number?", 1),
        ("What is the mobile number of Nadia Brosch?", 1),
        ("Which mobile number has the deputy Nadia Brosch?", 2),
    ],
)
def test_of_a_name_its_own_row_is_meant(question: str, left: int) -> None:
    first = STAFF[0]
    assert len(first.split("\n")) - len(other_rows(first, question)) == left


@pytest.mark.parametrize("text", [MARKDOWN, WARRANTY, WEIGHTS, COLUMNS])
def test_a_head_is_no_row_and_may_hold_the_answer(text: str) -> None:
    head = "\n".join(text.split("\n")[:HEAD])
    for question in ("Which model has a weight of 124 kg?", "What is the price of a Zeta?", "水泵保修多久？"):
        assert all(a > len(head) for a, _ in other_rows(text, question))


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (PUMPS, "Which model is the best?"),
        (PUMPS.replace("\n", " "), "What is the weight of the B-200?"),
        ("Model: A; Weight: 1", "What is the weight of B?"),
        ("He said: go. She said: stay.\nB-200: it works.", "Does the B-200 work?"),
        ("", ""),
        (WEIGHTS, "Which model has the lowest weight?"),
        (WEIGHTS, "What is the weight?"),
        ("| Model | Weight |\n|---|---|\n| B-200 | 58 kg |", "What is the weight of the B-350?"),
        (LOADS, "Which model weighs more than 100 kg?"),
        (LOADS, "Which models weigh 100 kg or more?"),
        (LOADS, "Which models weigh between 31 and 100 kg?"),
        (LOADS.replace("124 kg", "0.2 t"), "Which models are heavier than about 100 kg?"),
        ("Plant: A; Opened: 2005\nPlant: B; Opened: 2012", "Which plant opened after 2005?"),
        ("Plant: A; Opened: May 2005\nPlant: B; Opened: 2012", "Which plant opened after May 2005?"),
        ("Model: A; Outlets: two\nModel: B; Outlets: four", "Which model has at least two outlets?"),
        (LOADS_ZH, "重量超过100公斤的型号有哪些？"),
        (LOADS_ZH, "哪些型号重100公斤以上？"),
        (LOADS_ZH, "哪些型号的重量不低于100公斤？"),
        ("产品：水泵；保修：一年\n产品：阀门；保修：三年", "哪些产品的保修超过一年？"),
    ],
)
def test_where_nothing_tells_rows_apart_all_are_left(text: str, question: str) -> None:
    assert other_rows(text, question) == []


@given(st.text(alphabet="a1:;：；|- \nB", max_size=60), st.text(alphabet="a1 B", max_size=10))
def test_what_is_left_out_is_whole_lines_and_never_all(text: str, question: str) -> None:
    others = other_rows(text, question)
    lines = [line for line in text.split("\n") if line]
    assert all(text[a:b] in lines for a, b in others)
    assert not others or len(others) < len(lines)


SEASONS = """Item: Visitor night April to October; Site: Tern Quay; Price: £3.20; Remarks: power included
Item: Visitor night November to March; Site: Tern Quay; Price: £2.10; Remarks: office closed December to March
Item: Laundry token; Site: Tern Quay; Price: £4; Remarks:"""
SEASONS_ZH = "时段：4月至10月；项目：成人票；票价：80元\n时段：11月—次年3月；项目：成人票；票价：50元"


@pytest.mark.parametrize(
    ("text", "question", "out", "meant"),
    [
        (SEASONS, "What does a visitor night at Tern Quay cost in July?", "November to", "April to"),
        (SEASONS, "What does a visitor night at Tern Quay cost in December?", "April to", "November to"),
        (SEASONS_ZH, "2月份成人票多少钱？", "4月至10月", "11月—次年"),
        (SEASONS_ZH, "8月成人票多少钱？", "11月—次年", "4月至10月"),
    ],
)
def test_rows_for_another_season_are_not_meant(text: str, question: str, out: str, meant: str) -> None:
    others = [text[a:b] for a, b in other_rows(text, question)]
    assert any(out in row for row in others)
    assert not any(meant in row for row in others)


@pytest.mark.parametrize(
    "question",
    ["May I stay a visitor night at Tern Quay?", "What does a visitor night cost from April to October?"],
)
def test_without_one_month_seasons_tell_nothing(question: str) -> None:
    assert not out_of_season(SEASONS.split("\n"), question)
