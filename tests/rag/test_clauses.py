"""Clauses that say the same of several things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.clauses import not_meant, other_clauses

DOSES = (
    "上坪水厂平时投加量为每升12毫克，下坪水厂因取河水，平时为每升18毫克。"
    "浊度超过50 NTU时，上坪提高到每升25毫克，下坪提高到每升30毫克。"
)
SHIPS = "MV Brannoch is away from 4 to 22 November 2024, MV Aldra from 2 to 13 December."


@pytest.mark.parametrize(
    ("text", "question", "others"),
    [
        (DOSES, "上坪水厂平时的投加量是多少？", ["18毫克", "30毫克"]),
        (DOSES, "下坪水厂平时的投加量是多少？", ["12毫克", "25毫克"]),
        (DOSES, "浊度超过50 NTU时，下坪提高到多少？", ["12毫克", "25毫克"]),
        (SHIPS, "When is the Aldra away?", ["4 to 22"]),
        (SHIPS, "When is the Brannoch away?", ["2 to 13"]),
        ("The deposit is €140, and the rent €700 for an evening.", "What is the rent?", ["€140"]),
        # the second goes on about the first: nothing tells them apart
        ("The hall costs €700, with heating €780.", "What does the hall cost?", []),
        (SHIPS, "When is a ship away?", []),
        ("It weighs 12 kg, and costs €4,200.", "What does it cost?", []),  # of two measures
        ("It is green, it is new.", "Is it new?", []),
        ("", "", []),
    ],
)
def test_the_clause_that_is_meant_is_left(text: str, question: str, others: list[str]) -> None:
    found = list(dict.fromkeys(text[one.start : one.end] for one in other_clauses(text, question)))
    assert len(found) == len(others)
    assert all(part in clause for part, clause in zip(others, found, strict=True))


DVDS = "Since May DVDs are lent for seven days; before that it was three days."
TEST = "水质检测自2024年起委托清和检测所，此前为江源公司。"


@pytest.mark.parametrize(
    ("text", "question", "held"),
    [
        (DVDS, "What is the loan period for DVDs now?", ["three days"]),
        (DVDS, "How long were DVDs lent before May?", ["seven days"]),
        (DVDS, "How long were DVDs lent?", []),  # it may be either
        (TEST, "水质检测委托哪家单位？", ["江源公司"]),
        (TEST, "以前的水质检测委托哪家单位？", ["清和检测所"]),
        ("He was manager until then; she follows. It rains.", "Who is manager?", ["until then"]),
        ("Book three days before the visit.", "When must I book?", []),
        ("旧版已收回；C/1版的补助为80元，均不再适用。", "补助是多少？", ["80元"]),
        ("The six months of the handbook no longer apply.", "How long is probation?", ["six months"]),
        ("封顶调整为35元，不按罗雪琴提的40元。", "封顶多少钱？", ["40元"]),
        ("Use oil rather than grease, two drops.", "What is used?", ["grease"]),
        ("C/1版的补助为80元，均不再适用。", "原来的补助是多少？", []),
        ("重修费从秋季起由每学分80元降为每学分55元，材料费照旧。", "重修费每学分多少元？", ["80元"]),
        ("补考从开学第2周改到开学第3周。", "补考在第几周？", ["第2周"]),
        ("免费时间由15分钟延长到30分钟。", "原来免费多久？", []),
        ("The deposit goes up from 20 to 30 per cent.", "What is the deposit?", ["from 20"]),
        ("We reduced the fee of the hall from £40 to £35.", "What is the fee?", ["from £40"]),
        ("The shop is open from 9 to 5.", "When is the shop open?", []),
        ("The lower hall is open from 9:00 to 17:00.", "When does the hall open?", []),
        ("The reduced timetable runs from 1 June to 31 August.", "When does it begin?", []),
        ("The movie runs from 18:00 to 22:00.", "When does the movie begin?", []),
        ("A proposal to raise the fare from £3 to £4 was rejected.", "What is the fare?", []),
        ("业主提议停车费由5元调整为6元，未获通过。", "停车费多少元？", []),
        ("停车费由5元调整为6元。", "停车费调整前是多少？", []),
        ("停车费由5元涨到6元。", "停车费从多少涨到6元？", []),
        ("The fare was raised from £3 to £4 in 2024.", "What was the fare in 2023?", []),
        ("押金从5月1日起提高到300元。", "押金什么时候提高？", []),
        ("本办法自2024年5月1日起施行，原办法同时废止。", "本办法何时施行？", ["原办法"]),
        ("门禁卡押金50元，旧卡已作废。", "门禁卡押金多少？", ["旧卡"]),
        (
            "A ticket costs £12 and is no longer valid after 22:00.",
            "What is the price of a ticket?",
            ["is no"],
        ),
        ("密码90天后即失效。", "密码几天失效？", []),
        ("不按规定佩戴安全帽的罚款200元。", "罚款多少？", []),
        ("不按时交租每天加收0.5%滞纳金。", "滞纳金多少？", []),
        ("Instead of calling the desk dial 4410 to open the gate.", "Which number opens the gate?", []),
        ("The bus goes from York to Hull.", "Where does the bus go?", []),
    ],
)
def test_what_was_so_before_is_no_answer_to_what_is_so(text: str, question: str, held: list[str]) -> None:
    found = [text[a:b] for a, b in not_meant(text, question)]
    assert len(found) == len(held)
    assert all(part in span for part, span in zip(held, found, strict=True))


@given(st.text(alphabet="a1,，。 kg上坪AB", max_size=60), st.text(alphabet="a1 上坪AB", max_size=10))
def test_a_clause_is_part_of_a_sentence_and_never_are_all_left_out(text: str, question: str) -> None:
    for one in other_clauses(text, question):
        assert 0 <= one.start < one.end <= len(text)
        assert one.measures
