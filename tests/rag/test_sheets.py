"""Tables of a document's text as rows of named cells."""

from __future__ import annotations

import pytest

from rag.columns import column_of, likeness
from rag.conditions import conditions
from rag.named_table import NamedTable, mentioned
from rag.scales import Scale, comparative, superlative
from rag.sheets import column_values, is_number, sheets
from rag.values import Value

STAFF = """\
# Staff

staff_no: T001; name: Honor Pell; department: Seed Bank; Base: Hull; start_year: 2016
staff_no: T004; name: Desmond Oka; department: Shop; Base: Hull; start_year: 2019

staff_no: T007; name: Brenna Sallow; department: Seed Bank; Base: York; start_year: 2021
"""
CABINETS = """\
## Cabinets

Noise at 1 m; SD-200: 48 dB; SD-450: 57 dB
Weight, empty; SD-200: 138 kg; SD-450: 265 kg
Desiccant; SD-200: silica gel; SD-450: zeolite
"""


def only(text: str) -> NamedTable:
    (sheet,) = sheets(text)
    return NamedTable("d", "Directory", sheet)


def test_cells_are_where_they_say() -> None:
    text = f"Some prose.\n\n{STAFF}\nMore prose: it has a colon; and another: here.\n\n{CABINETS}"
    first, second = sheets(text)
    assert (first.above, second.above) == ("Staff", "Cabinets")
    assert first.columns == ("staff_no", "name", "department", "Base", "start_year")
    assert [row.name.text for row in first.rows] == ["Honor Pell", "Desmond Oka", "Brenna Sallow"]
    for row in (*first.rows, *second.rows):
        for cell in (row.name, *row.cells.values(), *row.labels.values()):
            assert text[cell.start : cell.end] == cell.text


def test_a_heading_or_other_columns_begin_another_table() -> None:
    rows = "Model: A; Price: 1\nModel: B; Price: 2\n"
    assert len(sheets(f"# One\n{rows}# Two\n{rows}")) == 2
    assert len(sheets(f"{rows}Town: Oslo; Depots: 3\nTown: Bergen; Depots: 2\n")) == 2
    assert sheets("Model: A; Price: 1") == []
    assert sheets("") == []


def test_a_page_s_foot_does_not_part_a_table() -> None:
    rows = ["Model: A; Price: 1", "Model: B; Price: 2", "Model: C; Price: 3"]
    (sheet,) = sheets(f"{rows[0]}\n{rows[1]}\n\nCatalogue 2025, page 2\n\n{rows[2]}")
    assert len(sheet.rows) == 3


def test_things_as_columns_become_rows() -> None:
    table = only(CABINETS).turned
    assert [row.name.text for row in table.sheet.rows] == ["SD-200", "SD-450"]
    assert table.sheet.columns == ("Noise at 1 m", "Weight, empty", "Desiccant")
    assert table.sheet.rows[1].cells["Desiccant"].text == "zeolite"
    for row in table.sheet.rows:
        assert CABINETS[row.name.start : row.name.end] == row.name.text


def test_a_list_of_things_is_not_turned() -> None:
    table = only(STAFF)
    assert table.turned is table
    projects = only(
        "项目名称：甲；合同额（万元）：86；签约：2023-01-02\n项目名称：乙；合同额（万元）：92；签约：2023-03-02"
    )
    assert projects.turned is projects


def test_a_number_among_numbers_is_no_year() -> None:
    rows = only("Bird: A; Price: 980\nBird: B; Price: 1725\nBird: C; Price: none").sheet.rows
    assert column_values(rows, "Price") == [Value("", 980.0), Value("", 1725.0), None]
    years = only("Van: A; Bought: 2019\nVan: B; Bought: 2021").sheet.rows
    assert {one.measure for one in column_values(years, "Bought") if one} == {"date"}


@pytest.mark.parametrize(
    ("column", "number"),
    [("staff_no", True), ("工号", True), ("设备编号", True), ("name", False), ("设备名称", False)],
)
def test_columns_of_numbers_name_nothing(column: str, number: bool) -> None:
    assert is_number(column) is number


@pytest.mark.parametrize(
    ("question", "phrase", "word", "largest"),
    [
        ("Which species had the highest survival?", "survival", "high", True),
        ("Which pump costs the least?", "", "expensive", False),
        ("Who earns the most among the Hull staff?", "", "wage", True),
        ("Which van has the fewest miles on the clock?", "miles", "", False),
        ("Which is the most expensive bird?", "bird", "expensive", True),
        ("Who has worked here the longest?", "", "early", False),
        ("Who joined the firm most recently?", "", "recently", True),
        ("哪一款参考单价最低？", "参考单价", "低", False),
        ("全公司最晚入职的员工是谁", "入职", "晚", True),
        ("谁工龄最长？", "", "早", False),
    ],
)
def test_superlatives(question: str, phrase: str, word: str, largest: bool) -> None:
    scale = superlative(question)
    assert scale is not None
    assert (scale.phrase, scale.word, scale.largest) == (phrase, word, largest)


@pytest.mark.parametrize(
    "question",
    [
        "Who leads the plant?",
        "At most how many may come?",
        "Which test is in the forest?",
        "谁是厂长？",
        "最近的会议在哪里？",
    ],
)
def test_no_superlatives(question: str) -> None:
    assert superlative(question) is None


def test_comparatives_need_no_word_for_more_where_one_of_two_is_asked_for() -> None:
    assert comparative("虎音锣和苏锣哪个贵") == Scale("", "贵", True)
    assert comparative("苗春来和常二虎谁先进厂的？") == Scale("进厂", "先", False)


def test_the_column_that_says_it() -> None:
    price, weight, born = (
        [Value("", 5.0), Value("", 7.0)],
        [Value("weight", 5.0)] * 2,
        [Value("date", 1.0)] * 2,
    )
    columns = {"unit_price_gbp": price, "Flying weight (g)": weight, "Hatched": born, "Next review": born}

    def found(question: str) -> tuple[str, bool] | None:
        scale = superlative(question)
        assert scale is not None
        told = column_of(scale, columns, question)
        return told[:2] if told else None

    assert found("Which bird is the cheapest?") == ("unit_price_gbp", False)
    assert found("Which bird is the heaviest?") == ("Flying weight (g)", True)
    assert found("Which bird is the oldest?") == ("Hatched", False)
    assert found("Which bird has the longest warranty?") is None


def test_two_columns_that_fit_equally_say_nothing() -> None:
    columns = {"Price members": [Value("", 1.0)] * 2, "Price others": [Value("", 2.0)] * 2}
    scale = Scale("", "cheap", False)
    assert column_of(scale, columns, "Which is the cheapest?") is None
    told = column_of(scale, columns, "Which is the cheapest for members?")
    assert told is not None
    assert told[0] == "Price members"


@pytest.mark.parametrize(
    ("words", "name", "alike"),
    [
        ("miles on the clock", "Mileage", 1.0),
        ("flight time", "lead_time_days", 0.5),
        ("直营店面积", "营业面积（㎡）", 0.5),
        ("锡含量", "锡含量", 1.0),
        ("锡含量", "铜含量", 2 / 3),
        ("price", "Weight", 0.0),
    ],
)
def test_likeness_of_words_and_a_column(words: str, name: str, alike: float) -> None:
    assert likeness(words, name) == pytest.approx(alike)


@pytest.mark.parametrize(
    ("question", "columns", "held"),
    [
        ("Who works in the Seed Bank department?", ["department"], ["Honor Pell", "Brenna Sallow"]),
        ("Who of the Hull staff started in 2019?", ["Base", "start_year"], ["Desmond Oka"]),
        ("Who started before 2020 at Hull?", ["start_year", "Base"], ["Honor Pell", "Desmond Oka"]),
        ("Who started after 2019?", ["start_year"], ["Brenna Sallow"]),
        ("Who runs the place?", [], ["Honor Pell", "Desmond Oka", "Brenna Sallow"]),
    ],
)
def test_what_a_question_says_of_rows(question: str, columns: list[str], held: list[str]) -> None:
    sheet = only(STAFF).sheet
    given = conditions(question, sheet.rows, sheet.columns)
    assert [one.column for one in given] == columns
    assert [row.name.text for row in sheet.rows if all(one.holds(row) for one in given)] == held


def test_limits_in_chinese() -> None:
    sheet = only(
        "产品：甲；单价（元）：120；库存：5\n产品：乙；单价（元）：80；库存：40\n产品：丙；单价（元）：300；库存：9"
    ).sheet

    def held(question: str) -> list[str]:
        given = conditions(question, sheet.rows, sheet.columns)
        return [row.name.text for row in sheet.rows if given and all(one.holds(row) for one in given)]

    assert held("单价超过100元的产品有几种？") == ["甲", "丙"]
    assert held("库存不到10件的产品有哪些？") == ["甲", "丙"]
    assert held("单价100元以下的产品") == ["乙"]


def test_rows_are_named_by_codes_and_by_last_names_that_are_theirs_alone() -> None:
    rows = only("名称：山房 S1；单价：12\n名称：山房 S2；单价：16\n名称：轻语 Q2；单价：1").sheet.rows
    assert [row.name.text for row in mentioned("S1、S2哪款便宜？", rows)] == ["山房 S1", "山房 S2"]
    people = only("name: Ann Weaver; age: 40\nname: Bo Weaver; age: 50\nname: Cy Thrale; age: 60").sheet.rows
    assert [row.name.text for row in mentioned("Is Thrale older than Weaver?", people)] == ["Cy Thrale"]
    pair = only("Model: L7; Price: 40\nModel: L7 Pro; Price: 50\nModel: X2; Price: 60").sheet.rows
    assert [row.name.text for row in mentioned("How bright is the L7 Pro?", pair)] == ["L7 Pro"]
    assert [row.name.text for row in mentioned("Is the L7 Pro dearer than the L7?", pair)] == ["L7", "L7 Pro"]
