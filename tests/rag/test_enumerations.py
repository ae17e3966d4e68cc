from __future__ import annotations

import re

import pytest

from rag.enumerations import LONGEST, asks_for_several, whole_list


def extended(text: str, answer: str) -> str:
    start = text.index(answer)
    first, last = whole_list(text, start, start + len(answer))
    return text[first:last]


@pytest.mark.parametrize(
    ("text", "answer", "whole"),
    [
        (
            "The flag shows the colours red, white and blue, which stand for unity.",
            "red",
            "red, white and blue",
        ),
        ("There are plants in Linhai, Taizhou and Ningbo. It grew.", "Taizhou", "Linhai, Taizhou and Ningbo"),
        ("It was founded by Xu Wenhua and Gao Min in 1996.", "Xu Wenhua", "Xu Wenhua and Gao Min"),
        ("It was founded by Xu Wenhua in 1996.", "Xu Wenhua", "Xu Wenhua"),
        ("公司生产水泵、流量计和控制器，销往各地。", "流量计", "水泵、流量计和控制器"),
        ("公司由许文华和高敏于1996年创办。", "许文华", "许文华和高敏"),
        ("公司在北京、上海以及深圳等地设有办事处。", "上海", "北京、上海以及深圳"),
        ("水深4.5米。", "4.5米", "4.5米"),
    ],
)
def test_an_item_brings_the_others(text: str, answer: str, whole: str) -> None:
    assert extended(text, answer) == whole


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("客户包括中兴、华为和美的。", "中兴、华为和美的"),
        ("客户有华为和中兴。", "华为和中兴"),
        ("小组成员：张三、李四、王五。", "张三、李四、王五"),
        ("目标是平等、自由和民主。", "平等、自由和民主"),
        ("画家有王羲之、顾恺之。", "王羲之、顾恺之"),
        ("公司有研发中心和生产基地。", "研发中心和生产基地"),
        ("设有销售部、公共关系部和售后服务部，", "销售部、公共关系部和售后服务部"),
        ("供应商是大连东软、深圳四方和浙江三花。", "大连东软、深圳四方和浙江三花"),
        ("书目有《围城》、《我的大学》和《红与黑》。", "《围城》、《我的大学》和《红与黑》"),
        ("公司生產水泵、流量計與控制器，銷往各地。", "水泵、流量計與控制器"),
        ("服務對象為中興、聯想與華為。", "中興、聯想與華為"),
    ],
)
def test_any_item_of_a_chinese_list_brings_the_others(text: str, whole: str) -> None:
    for answer in re.split("[、和與](?!黑)", whole):
        assert extended(text, answer) == whole


@pytest.mark.parametrize(
    ("text", "answer", "whole"),
    [
        ("工厂在临海、宁波两地。", "临海", "临海、宁波"),
        ("公司有水泵、阀门三个品种。", "水泵", "水泵、阀门"),
        ("由张三、李四共同创办。", "张三", "张三、李四"),
        ("清河厂和临海厂位于浙江。", "清河厂", "清河厂和临海厂"),
        ("清河厂和臨海廠將於五月開業。", "清河厂", "清河厂和臨海廠"),
        ("A-80和B-200为主要产品。", "A-80", "A-80和B-200"),
        ("客户有中兴、华为等企业。", "中兴", "中兴、华为"),
        ("系统由水泵和控制器组成。", "水泵", "水泵和控制器"),
        ("铜、铁和锡的价格上涨。", "铜", "铜、铁和锡"),
        ("甲和乙在临海。", "甲", "甲和乙"),
        ("A和B的价格上涨。", "A", "A和B"),
        ("有A-80、B-200、B-350。", "B-200", "A-80、B-200、B-350"),
        ("安装需要扳手和水平仪。", "水平仪", "扳手和水平仪"),
    ],
)
def test_a_chinese_list_ends_where_the_sentence_goes_on(text: str, answer: str, whole: str) -> None:
    assert extended(text, answer) == whole


@pytest.mark.parametrize(
    "text", ["中兴和华为公司签约。", "中兴、华为公司和美的签约。", "中兴、美的集团签约。"]
)
def test_where_a_name_may_go_on_over_a_stop_the_answer_stays(text: str) -> None:
    assert extended(text, "中兴") == "中兴"


def test_a_title_is_no_list() -> None:
    assert extended("他读了《红与黑》。", "《红与黑》") == "《红与黑》"
    assert extended("他读了《红与黑》。", "红") == "红"


@pytest.mark.parametrize(("first", "second"), [("- ", "- "), ("1. ", "2. "), ("• ", "• "), ("1、", "2、")])
def test_a_list_of_lines_is_one_answer(first: str, second: str) -> None:
    text = f"Tools:\n{first}a torque wrench\n{second}a spirit level\n\nThen start, gently."
    assert extended(text, "a torque wrench") == f"a torque wrench\n{second}a spirit level"
    assert extended(text, "a spirit level") == f"a torque wrench\n{second}a spirit level"
    assert extended(text, "gently") == "gently"


def test_a_word_within_a_line_of_a_list_stays_alone() -> None:
    text = "- Support for MQTT, with encryption, was added to the controller\n- Pump rotation follows hours"
    assert extended(text, "MQTT") == "MQTT"


def test_an_endless_enumeration_is_left_alone() -> None:
    text = "\n".join(f"- item number {number} of the list" for number in range(60))
    assert len(text) > LONGEST
    assert extended(text, "item number 7 of the list") == "item number 7 of the list"


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Which tools are needed?", True), ("Who were the founders?", True), ("List the plants.", True),
        ("What is the price?", False), ("Who has the keys?", False), ("When was it founded?", False),
        ("Which of the plants are open?", True), ("In which cities are there plants?", True),
        ("What do I need?", True), ("What colours does the pump come in?", True),
        ("What are its parts?", True), ("Which pumps weigh more than 100 kg?", True),
        ("Which pumps need oil?", True), ("Which flow meters can be calibrated?", True),
        ("Which flow meters contain mercury?", True), ("Which suppliers of motors does Zaolin use?", True),
        ("Which people have keys?", True), ("What products launched in 2020?", True),
        ("Which plants closed?", True), ("Which two firms merged?", True), ("Name the three plants.", True),
        ("Give examples of pumps.", True), ("List all tools needed.", True), ("List the equipment.", True),
        ("Tell me which tools are needed.", True), ("Who else are members?", True),
        ("Who leads the Linhai plant?", False), ("Who approves invoices?", False),
        ("Who founded the Linhai works?", False), ("Who leads the plant where the pumps are made?", False),
        ("Which department approves invoices?", False),
        ("Which department handles pumps that are late?", False),
        ("What comes after the warranty ends?", False), ("What happens when the pumps are dry?", False),
        ("Which weighs more, the B-200 or the B-350?", False), ("What's the price of the pumps?", False),
        ("Which model does Zaolin recommend?", False), ("Which department do I call?", False),
        ("Which plant makes sealed pumps?", False), ("Which department needs support?", False),
        ("Which firmware version fixes the errors?", False), ("What costs more than the pumps?", False),
        ("Name the head of the pump works.", False), ("Tell me the price of the pumps.", False),
        ("Give the address.", False), ("What happens to orders I did not pay?", False),
        ("Which firm makes pumps and does repairs?", False), ("Which pumps and valves do I need?", True),
        ("需要哪些工具？", True), ("有幾種水泵，分別是什麼？", True), ("請列舉產品。", True),
        ("設有哪幾個部門？", True), ("谁负责临海工厂？", False), ("由誰負責？", False), ("分别是谁？", True),
        ("谁是厂长？", False), ("哪一年成立？", False),
    ],
)  # fmt: skip
def test_what_asks_for_several(question: str, several: bool) -> None:
    assert asks_for_several(question) == several


@pytest.mark.parametrize(
    ("text", "answer", "whole"),
    [
        (
            "3. 液体侵入、跌落和私自拆封造成的损坏不在保修范围内。\n4. 登记的，保修期免费延长3个月。",
            "液体侵入、跌落和私自拆封造成的损坏",
            "液体侵入、跌落和私自拆封造成的损坏",
        ),
        (
            "4.3 望潮别墅和湖景套房不参加积分兑换。\n\n4.4 积分抵现：每100分抵1元。\n\n4.5 兑换只限周一。",
            "望潮别墅和湖景套房不参加积分兑换",
            "望潮别墅和湖景套房不参加积分兑换",
        ),
        ("1. Turn it off.\n2. Lift the lid.", "Turn it off", "Turn it off.\n2. Lift the lid."),  # steps
        ("- red paint\n- blue paint", "red", "red"),
        ("- red paint\n- blue paint", "red paint", "red paint\n- blue paint"),
    ],
)
def test_clauses_are_no_items_but_steps_are(text: str, answer: str, whole: str) -> None:
    assert extended(text, answer) == whole
