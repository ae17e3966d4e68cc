"""What is counted in a list: which questions, which lists, and when a stated number goes before."""

from __future__ import annotations

import pytest

from index.types import Hit, Passage
from rag.asked import Asked, Conclusion, DecomposeOptions
from rag.candidates import Candidate, Place
from rag.counts import SURE, Counted, to_be_counted
from rag.decompose import in_steps
from rag.enumerations import items
from rag.ground import Grounded
from rag.prompt import Included, Prompt

METERS = "How many flow meters does Zaolin sell?"
WHICH = "Which flow meters does Zaolin sell?"


@pytest.mark.parametrize(
    ("question", "ask", "thing"),
    [
        (METERS, WHICH, "flow meters"),
        ("how many buses run on Sunday", "Which buses run on Sunday?", "buses"),
        ("How many types of pumps are there?", "Which types of pumps are there?", "pumps"),
        (
            "How many suppliers of motors are there?",
            "Which suppliers of motors are there?",
            "suppliers of motors",
        ),
        ("公司生产几种水泵？", "公司生产哪些水泵？", "水泵"),
        ("公司有多少家供应商？", "公司有哪些供应商？", "供应商"),
        ("产品分为几类？", "产品分为哪些？", "产品"),
        ("几种水泵是防爆的？", "哪些水泵是防爆的？", "水泵"),
        ("公司有幾個部門？", "公司有哪些部門？", "部門"),
        ("產品分為幾類？", "產品分為哪些？", "產品"),
    ],
)
def test_things_are_asked_for_by_name(question: str, ask: str, thing: str) -> None:
    found = to_be_counted(question)
    assert found is not None
    assert (found.ask, found.thing) == (ask, thing)


@pytest.mark.parametrize(
    "question",
    [
        "How many days of leave do new employees have?",
        "How many working days does it take?",
        "How many metres deep is the pool?",
        "How many people work there?",
        "How many employees does the company have?",
        "How much is a pump?",
        "Which pumps are there?",
        "保修期是几个月？",
        "有多少个工作日？",
        "公司有多少名员工？",
        "去年卖出多少台水泵？",
        "广场包括哪几个部分？",
        "保修期是幾個月？",
        "廣場包括哪幾個部分？",
        "水深是多少？",
        "几",
        "",
    ],
)
def test_quantities_and_people_are_not(question: str) -> None:
    assert to_be_counted(question) is None


@pytest.mark.parametrize(
    ("enumeration", "count"),
    [
        ("red, white and blue", 3),
        ("red, white, and blue", 3),
        ("the F-10 and the F-30", 2),
        ("the F-10", 1),
        ("Andorra", 1),
        ("水泵、流量计和控制器", 3),
        ("水泵", 1),
        ("- one\n- two and three\n- four", 3),
        ("one\n- two\n- three", 3),
        ("1,200 pumps, 300 valves", 2),
        ("1,200 pumps and 15,000 valves", 2),
        ("pumps (A-80, B-200) and valves", 2),
        ("张三与李四", 2),
        ("A-80、B-200", 2),
        ("北京、上海以及深圳", 3),
        ("水泵和阀门和电机", 3),
        ("水泵、閥門與電機", 3),
        ("1,200台水泵、300个阀门", 2),
        ("水泵（A-80、B-200）、阀门", 2),
        ("《红与黑》", 1),
        ("《红与黑》、《战争与和平》和《围城》", 3),
        ("埃及和中华人民共和国", 2),
        ("研发与创新部", 1),
        ("研发和创新部", 1),
        ("清河厂和临海厂", 2),
        ("销售部、研发与创新部、质检部", 3),
        ("质检部、研发与创新部", 2),
        ("销售部、质检部和研发与创新部", 3),
        ("销售部、质检部和研发部", 3),
        ("销售、生产和质检部", 3),
        ("北京和上海，广州和深圳", 1),
        ("", 0),
    ],
)
def test_items_of_a_list(enumeration: str, count: int) -> None:
    assert len(items(enumeration)) == count


def test_a_list_of_other_things_is_not_counted() -> None:
    meters = Counted(WHICH, "flow meters")
    assert meters.number("the F-10 and the F-30", "Zaolin's flow meters are the F-10 and the F-30.") == "2"
    assert meters.number("Xu Wenhua and Gao Min", "It was founded by Xu Wenhua and Gao Min.") is None
    assert meters.number("the F-10", "Zaolin sells one flow meter, the F-10.") is None
    assert meters.number("pumps, flow meters and valves", "It sells pumps, flow meters and valves.") is None
    pumps = Counted("公司生产哪些水泵？", "水泵", "种")
    assert pumps.number("A-80和B-200", "公司生产A-80和B-200两个系列的水泵。") == "2种"
    gates = to_be_counted("公司有幾種閥門？")
    assert gates is not None
    assert gates.number("A-80和B-200", "公司有A-80和B-200两种阀门。") == "2种"
    assert pumps.number("清河和临海", "工厂在清河和临海。") is None
    assert pumps.number("水泵、流量计和控制器", "公司主要生产水泵、流量计和控制器。") is None


TEXT = "Zaolin sells three lines. Its flow meters are the F-10, the F-20 and the F-30. All are blue."


def asked(question: str, text: str, confidence: float) -> Asked:
    passage = Passage(1, "d", TEXT, 100, 100 + len(TEXT))
    at = 100 + TEXT.find(text)
    places = (Place(0, at, at + len(text)),)
    found = (Candidate(text, places, 0.0, 0.0, 0.0, 0.0, 1.0),) if text else ()
    prompt = Prompt((), question, (Included(passage, 100, 100 + len(TEXT)),))
    hit = Hit(passage, 1.0, (), "catalogue.md", "Catalogue")
    return Asked(question, (hit,), prompt, Grounded(found, 0.0, confidence, False, 1))


def counted(direct: tuple[str, float], listed: tuple[str, float]) -> Conclusion:
    def ask(question: str) -> Asked:
        assert question == WHICH
        return asked(question, *listed)

    return in_steps(asked(METERS, *direct), ask, lambda _: False, DecomposeOptions())


def test_a_list_is_counted_where_no_number_is_stated() -> None:
    found = counted(("blue", 0.5), ("the F-10, the F-20 and the F-30", 0.9))
    assert (found.text, found.confidence) == ("3", SURE)
    assert [(step.question, step.text) for step in found.steps] == [
        (WHICH, "the F-10, the F-20 and the F-30")
    ]
    assert counted(("", 0.0), ("the F-10, the F-20 and the F-30", 0.5)).confidence == 0.5
    assert counted(("the F-10", 0.55), ("the F-10, the F-20 and the F-30", 0.9)).text == "3"
    listed = ("the F-10, the F-20 and the F-30", 0.9)
    assert counted(listed, listed).text == "3"  # sure, and what is to be counted


@pytest.mark.parametrize(
    ("direct", "listed"),
    [
        (("three", 0.5), ("the F-10, the F-20 and the F-30", 0.9)),  # a number is stated
        (("twenty", 0.5), ("the F-10, the F-20 and the F-30", 0.9)),
        (("a dozen", 0.5), ("the F-10, the F-20 and the F-30", 0.9)),
        (("blue", 0.9), ("the F-10, the F-20 and the F-30", 0.9)),  # the answer is sure
        (("blue", 0.5), ("the F-10, the F-20 and the F-30", 0.3)),  # the list is not sure
        (("blue", 0.5), ("the F-10", 0.9)),  # no list
        (("blue", 0.5), ("", 0.0)),
    ],
)
def test_else_the_direct_answer_stays(direct: tuple[str, float], listed: tuple[str, float]) -> None:
    found = counted(direct, listed)
    assert (found.text, found.confidence) == direct
