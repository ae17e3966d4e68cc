"""Rows that name columns: two or three of them, or one that stands below a title."""

from __future__ import annotations

import pytest

from index.layout import pairs
from index.readers.tables import sheet_blocks, table_lines


def table(text: str) -> list[list[str]]:
    """`a|b / c|d` as rows of cells."""
    return [[cell.strip() for cell in row.split("|")] for row in text.split(" / ")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (  # a cell that is merged downwards stands in both rows
            "项目|物业服务费||公共能耗费 / 项目|多层|高层|公共能耗费 / 翠湖苑|1.95|2.45|0.25",
            "项目：翠湖苑；物业服务费 多层：1.95；物业服务费 高层：2.45；公共能耗费：0.25",
        ),
        (  # or in the first only
            "Band|Weekdays||Weekend||Charge / |From|To|From|To| / A|04:30|06:30|05:00|07:30|none",
            "Band: A; Weekdays From: 04:30; Weekdays To: 06:30; Weekend From: 05:00; Weekend To: 07:30; "
            "Charge: none",
        ),
        (
            "Region|2023||2024| / Region|Q1|Q2|Q1|Q2 / North|120|130|140|150",
            "Region: North; 2023 Q1: 120; 2023 Q2: 130; 2024 Q1: 140; 2024 Q2: 150",
        ),
        (
            "Year|Level 2|| / |under 21|21 and over|all / First|£8.65|£10.40|£9.20",
            "Year: First; Level 2 under 21: £8.65; Level 2 21 and over: £10.40; Level 2 all: £9.20",
        ),
        (
            "装修对象||收费标准| / 类别|面积|保证金|清运费 / 住宅|不满100平方米|2000|4.0",
            "装修对象 类别：住宅；装修对象 面积：不满100平方米；收费标准 保证金：2000；收费标准 清运费：4.0",
        ),
        (
            "Item|2024||| / |Plan||Actual| / |Units|EUR|Units|EUR / A|1|2|3|4",
            "Item: A; 2024 Plan Units: 1; 2024 Plan EUR: 2; 2024 Actual Units: 3; 2024 Actual EUR: 4",
        ),
    ],
)
def test_a_header_of_several_rows_names_each_column_by_all_of_them(text: str, expected: str) -> None:
    assert table_lines(table(text)) == [expected]
    assert list(sheet_blocks(table(text))) == [expected]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Name||Room / Ann|x|4.1 / Bob|y|4.2", "Name: Ann; x; Room: 4.1"),
        (
            "Country||City|Pop / Peru|x|Lima|9 / |y|Cusco|0.4 / Chile|z|Arica|0.2",
            "Country: Peru; x; City: Lima; Pop: 9",
        ),
        ("|Basic|Pro / SSO|yes|no / API|no|yes", "SSO; Basic: yes; Pro: no"),
        ("Size|Limit| / pH|6|8 / COD|10|60", "Size: pH; Limit: 6; 8"),
    ],
)
def test_a_column_without_a_name_makes_no_header_of_the_row_below(text: str, first: str) -> None:
    assert table_lines(table(text))[0] == first


def test_a_header_is_found_below_rows_of_a_title() -> None:
    text = "ACME Ltd|||Page 1 / Stock list|May||| / Article|Place|Qty|Unit / Bolt|A1|5|pcs / Nut|A2|7|pcs"
    lines = ["Article: Bolt; Place: A1; Qty: 5; Unit: pcs", "Article: Nut; Place: A2; Qty: 7; Unit: pcs"]
    assert list(sheet_blocks(table(text))) == ["ACME Ltd; Page 1\nStock list: May", "\n".join(lines)]
    text = "申请人|李明|申请部门|采购部| / 序号|物料|数量|单价|金额 / 1|流量计|12|32|384 / 2|阀门|20|15|300"
    assert list(sheet_blocks(table(text))) == [
        "申请人：李明；申请部门：采购部",
        "序号：1；物料：流量计；数量：12；单价：32；金额：384\n序号：2；物料：阀门；数量：20；单价：15；金额：300",
    ]
    # a first row that lacks a name is the header still
    assert table_lines(table("Name|Days| / Ann|none|x / Bob|5|y"))[0] == "Name: Ann; Days: none; x"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (
            "Name|Email|Email / Ann|a@x.com|b@x.com / Bob|c@x.com|d@x.com",
            "Name: Ann; Email: a@x.com; Email: b@x.com",
        ),
        ("Early|Ann|Bob|Ann / Late|Tom|Eva|Bob", "Early; Ann; Bob; Ann"),
        ("Staff|2024-01-01|2024-02-01 / Ann|10|20", "Staff: Ann; 2024-01-01: 10; 2024-02-01: 20"),
        ("Start|2024-01-05|2024-02-01 / Lead|Ann|Tom", "Start; 2024-01-05; 2024-02-01"),
        (f"ID|{'How was it? ' * 9}x|Score / 1|Good|5", f"ID: 1; {'How was it? ' * 9}x: Good; Score: 5"),
    ],
)
def test_names_may_be_equal_side_by_side_or_dates_or_long(text: str, first: str) -> None:
    assert table_lines(table(text))[0] == first


def test_a_name_from_several_rows_is_read_whole_again() -> None:
    line = "Year: First; Level 3 Engineering Technician 21 and over: £10.95"
    assert [column for *_, cells in pairs(line) for column, _ in cells] == [
        *("Year", "Level 3 Engineering Technician 21 and over")
    ]
