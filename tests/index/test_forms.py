"""Labels and values side by side, which no row names."""

from __future__ import annotations

import pytest

from index.readers.forms import is_form
from index.readers.tables import sheet_blocks, table_lines


def table(text: str) -> list[list[str]]:
    """`a|b / c|d` as rows of cells."""
    return [[cell.strip() for cell in row.split("|")] for row in text.split(" / ")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "项目名称|智慧水务平台 / 项目经理|王强 / 合同金额|380万元 / 开始日期|2024-01-05",
            ["项目名称：智慧水务平台", "项目经理：王强", "合同金额：380万元", "开始日期：2024-01-05"],
        ),
        (
            "Report:|Sales / Created:|2024-05-01 / User:|mk",
            ["Report: Sales", "Created: 2024-05-01", "User: mk"],
        ),
        ("Name|City / Ann|Leeds / Bob|York", ["Name: Ann; City: Leeds", "Name: Bob; City: York"]),
        ("Item|Price / A|3 EUR / B|5 USD / C|on request", ["Item: A; Price: 3 EUR", "Item: B; Price: 5 USD"]),
    ],
)
def test_two_columns_of_a_sheet_are_a_form_if_their_values_are_of_all_kinds(
    text: str, expected: list[str]
) -> None:
    (block,) = sheet_blocks(table(text))
    assert block.split("\n")[: len(expected)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "姓名|王小明|性别|男 / 出生年月|1990-05|民族|汉 / 住址|文三路 8 号||",
            [
                "姓名：王小明；性别：男",
                "出生年月：1990-05；民族：汉",
                "住址：文三路 8 号",
            ],
        ),
        (
            "申请人|李明|部门|采购部 / 事由|流量计|预算金额|38 万元",
            ["申请人：李明；部门：采购部", "事由：流量计；预算金额：38 万元"],
        ),
        (
            "甲方|临海水务|乙方|兆林仪表 / 地址|临海市|地址|杭州市",
            ["甲方：临海水务；乙方：兆林仪表", "地址：临海市；地址：杭州市"],
        ),
        (
            "Name:|Ann||Room:|4 / Dept:|QA||Lead:|Tom / Reason:|Travel",
            ["Name: Ann; Room: 4", "Dept: QA; Lead: Tom", "Reason: Travel"],
        ),
        (
            "Name|Ann|Staff no.|12|Site|York / Dept|QA|Room|4|Grade|E11",
            ["Name: Ann; Staff no.: 12; Site: York", "Dept: QA; Room: 4; Grade: E11"],
        ),
    ],
)
def test_four_or_six_columns_may_be_labels_and_values_in_turn(text: str, expected: list[str]) -> None:
    assert is_form(table(text))
    assert "\n".join(sheet_blocks(table(text))).split("\n") == expected
    assert table_lines(table(text)) == expected


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (
            "Risk|Owner|Answer|State / Delay|Ann Lee|Supplier|Open / Cost|Tom Kim|Review|Shut",
            "Risk: Delay; Owner: Ann Lee; Answer: Supplier; State: Open",
        ),
        (
            "Step|Date|Owner|State / Go|2024-01-10|Ann|done / End|to be decided|Tom|open",
            "Step: Go; Date: 2024-01-10; Owner: Ann; State: done",
        ),
        (
            "任务|负责人|部门|预算 / 装表|李明|采购部|38 万元 / 换阀|王强|工程部|待定",
            "任务：装表；负责人：李明；部门：采购部；预算：38 万元",
        ),
        (
            "Team|Lead|Desk|Ext / Red|Ann|North|12 / Blue|Bob|South|none",
            "Team: Red; Lead: Ann; Desk: North; Ext: 12",
        ),
        (
            "Day|Lunch|Dinner|Bar / Monday|12:00|18:00|shut / Sunday|12:00|closed all day|20:00",
            "Day: Monday; Lunch: 12:00; Dinner: 18:00; Bar: shut",
        ),
    ],
)
def test_a_table_of_four_columns_keeps_its_header(text: str, first: str) -> None:
    assert not is_form(table(text))
    assert table_lines(table(text))[0] == first


def test_what_may_be_a_form_or_a_table_names_nothing() -> None:
    text = "Sponsor|Ann Lee|Team|Sales / Centre|4711|Lead|Tom Kim / Reason|New desk|Rank|High"
    assert table_lines(table(text))[0] == "Sponsor; Ann Lee; Team; Sales"
