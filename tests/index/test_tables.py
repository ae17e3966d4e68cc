"""Which rows name columns, and what is written where none does."""

from __future__ import annotations

import pytest

from index.extraction import Source
from index.layout import lines, rows
from index.readers.forms import is_form
from index.readers.tables import sheet_blocks, table_lines
from index.split import HEADING, SplitOptions, split
from index.types import Document


def table(text: str) -> list[list[str]]:
    """`a|b / c|d` as rows of cells."""
    return [[cell.strip() for cell in row.split("|")] for row in text.split(" / ")]


def test_a_table_of_numbers_alone_has_no_header() -> None:
    assert table_lines([["1", "2"], ["3", ""]]) == ["1; 2", "3"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Rated power|5.5 kW / Rated flow|12 m³/h / Weight|84 kg",
            ["Rated power: 5.5 kW", "Rated flow: 12 m³/h", "Weight: 84 kg"],
        ),
        ("合同编号|ZL-2024-001 / 甲方|临海水务", ["合同编号：ZL-2024-001", "甲方：临海水务"]),
        ("Model:|B-200 / Housing:|cast iron", ["Model: B-200", "Housing: cast iron"]),
        ("Deposit|€ 200 / Due|2024-05-01", ["Deposit: € 200", "Due: 2024-05-01"]),
        ("张三|销售 / 李四|销售", ["张三：销售", "李四：销售"]),
        ("Power|5.5 kW|50 Hz / Flow|12 m³/h|60 Hz", ["Power; 5.5 kW; 50 Hz", "Flow; 12 m³/h; 60 Hz"]),
        ("Li Na|Room 12|Sales / Wu Bo|Room 14|Service", ["Li Na; Room 12; Sales", "Wu Bo; Room 14; Service"]),
    ],
)
def test_a_first_row_of_values_names_no_columns(text: str, expected: list[str]) -> None:
    assert table_lines(table(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Model|Price 2024 / B-200|320", ["Model: B-200; Price 2024: 320"]),
        (
            "No|Room|2024 price (EUR)|2025 price (EUR) / B1|single|1900|1980 / B2|double|2500|2600.50",
            [
                "No: B1; Room: single; 2024 price (EUR): 1900; 2025 price (EUR): 1980",
                "No: B2; Room: double; 2024 price (EUR): 2500; 2025 price (EUR): 2600.50",
            ],
        ),
        (
            "编号|项目|2024年价格(元)|2025/26年度标准 / B01|三人间|1900|1980",
            ["编号：B01；项目：三人间；2024年价格(元)：1900；2025/26年度标准：1980"],
        ),
        ("Hire|1 day|3 days / Kayak|25|60", ["Hire: Kayak; 1 day: 25; 3 days: 60"]),
        ("区域|1公斤以内|1-5公斤 / 华东|8|15.5", ["区域：华东；1公斤以内：8；1-5公斤：15.5"]),
        ("Boat|1 day|3 days|1 week / Kayak|25|60|120", ["Boat: Kayak; 1 day: 25; 3 days: 60; 1 week: 120"]),
        ("船型|1小时|半天|1天 / 皮划艇|25|60|120", ["船型：皮划艇；1小时：25；半天：60；1天：120"]),
        (
            "Hire|1 day|3 days / Kayak|25 EUR|- / Canoe|30 EUR|70 EUR",
            ["Hire: Kayak; 1 day: 25 EUR; 3 days: -", "Hire: Canoe; 1 day: 30 EUR; 3 days: 70 EUR"],
        ),
        (
            "级别|1-3年|3-5年|5年以上 / 年假|5天|7天|9天",
            ["级别：年假；1-3年：5天；3-5年：7天；5年以上：9天"],
        ),
        ("Zone|up to 1 kg|1-5 kg|over 5 kg / A|5|8|12", ["Zone: A; up to 1 kg: 5; 1-5 kg: 8; over 5 kg: 12"]),
        (
            "Part|1-99|100-499|500+ / Bolt|1.2|1.1|0.9",
            ["Part: Bolt; 1-99: 1.2; 100-499: 1.1; 500+: 0.9"],
        ),
        ("姓名|2024年考核|2025年考核 / 张三|优|良", ["姓名：张三；2024年考核：优；2025年考核：良"]),
        ("Region|2024 Q1 sales|Manager / North|120|Li", ["Region: North; 2024 Q1 sales: 120; Manager: Li"]),
        ("Pump|2024 h|new / Fan|1990 h|old", ["Pump; 2024 h; new", "Fan; 1990 h; old"]),
        ("Butter|250 g|2 EUR / Milk|1|1.20", ["Butter; 250 g; 2 EUR", "Milk; 1; 1.20"]),
        ("张三|90分|85分 / 李四|88|92", ["张三；90分；85分", "李四；88；92"]),
        ("上海|3小时|500公里 / 北京|5|1200", ["上海；3小时；500公里", "北京；5；1200"]),
        ("A1|2019 model|used / A2|2020|new", ["A1; 2019 model; used", "A2; 2020; new"]),
        ("Jan|100-120|130-150 / Feb|110-130|140-160", ["Jan; 100-120; 130-150", "Feb; 110-130; 140-160"]),
        ("Model|Volume (m3) / B-200|small", ["Model: B-200; Volume (m3): small"]),
        ("Part|B-200|B-350 / Motor|4 kW|11 kW", ["Part: Motor; B-200: 4 kW; B-350: 11 kW"]),
        ("Item|Phase 2|Note / Pump|yes|late", ["Item: Pump; Phase 2: yes; Note: late"]),
    ],
)
def test_names_of_columns_may_hold_digits(text: str, expected: list[str]) -> None:
    assert table_lines(table(text)) == expected


def test_labels_and_values_are_said_of_the_topic() -> None:
    text = "\n".join(table_lines(table("Rated power|5.5 kW / Rated flow|12 m³/h")))
    source = Source(text, topic="B-350")
    facts = [(fact.subject, fact.relation, fact.object) for fact in rows(source)[1] + lines(source)[1]]
    assert facts == [("b-350", "Rated power", "5.5 kw"), ("b-350", "Rated flow", "12 m3/h")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Product|2022|2023 / B-200|100|120", ["Product: B-200; 2022: 100; 2023: 120"]),
        ("产品|2022年|2023年 / 水泵|100|120", ["产品：水泵；2022年：100；2023年：120"]),
        ("产品|1月|2月 / 水泵|100|120", ["产品：水泵；1月：100；2月：120"]),
        ("|2023|2024 / Staff|220|235", ["Staff; 2023: 220; 2024: 235"]),
        ("Li|2019|2023 / Wu|2020|2022", ["Li; 2019; 2023", "Wu; 2020; 2022"]),
        ("2021|2022|2023 / 100|110|120", ["2021; 2022; 2023", "100; 110; 120"]),
        ("Founded|1998 / Employees|320", ["Founded: 1998", "Employees: 320"]),
    ],
)
def test_years_and_months_name_columns_unless_they_are_values(text: str, expected: list[str]) -> None:
    assert table_lines(table(text)) == expected


def test_a_header_that_is_repeated_is_read_once() -> None:
    text = "No.|Name|Days / 1|Li|15 / No.|Name|Days / 2|Wu|10"
    assert table_lines(table(text)) == ["No.: 1; Name: Li; Days: 15", "No.: 2; Name: Wu; Days: 10"]
    assert list(sheet_blocks(table("Name|Days / Li|15 / | / Name|Days / | / Name|Days / Wu|10"))) == [
        *("Name: Li; Days: 15", "", "", "", "Name: Wu; Days: 10")
    ]


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("Note: all prices exclude VAT|", ["Note: all prices exclude VAT"]),
        ("See overleaf| / |Prices exclude VAT", ["See overleaf\nPrices exclude VAT"]),
        ("Prepared by|Li Na", ["Prepared by: Li Na"]),
        ("Region|2023 / North|12", ["Region: 2023\nNorth: 12"]),
        ("C-8|6900 / C-5|2650", ["Product: C-8; Price: 6900\nProduct: C-5; Price: 2650"]),
        ("C-8|", ["C-8"]),
    ],
)
def test_a_header_holds_for_the_tables_below_that_are_like_its_own(below: str, expected: list[str]) -> None:
    found = list(sheet_blocks(table(f"Product|Price / B-200|7800 / A-80|3450 / | / {below}")))
    assert found[0] == "Product: B-200; Price: 7800\nProduct: A-80; Price: 3450"
    assert [block for block in found[1:] if block] == expected


def test_a_table_of_fewer_columns_keeps_the_header_only_if_it_is_wide() -> None:
    text = "Name|Plant|Days|Note / Li|Linhai|15|new / |||"
    *_, last = sheet_blocks(table(f"{text} / Wu|Qinghe|10|"))
    assert last == "Name: Wu; Plant: Qinghe; Days: 10"
    *_, last = sheet_blocks(table(f"{text} / Approved by|Zhou Bo||"))
    assert last == "Approved by: Zhou Bo"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Customer|Linhai Water / Amount|320 RMB / Due|2024-05-01", True),
        ("Customer|Linhai Water / Amount|320 RMB / Term|30 days", True),
        ("FMP|Flow Measurement Programme / ZI|Zaolin Instruments", True),
        ("Customer|Linhai Water", True),
        ("Item|Price / Pump|1,320 RMB / Seal|30 RMB", False),
        ("本公司工龄|每年年休假 / 满一年不满五年|7天 / 满五年不满十年|10天", False),
        ("Time|Event / 02:10|A grid clogs / 02:31|The float gets stuck", False),
        ("Name|Days|Note / Li|15|new", False),
    ],
)
def test_under_a_header_one_of_two_columns_holds_amounts_of_one_kind(text: str, form: bool) -> None:
    assert is_form(table(text)) == form


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Item|Qty|Price / Pumps|| / B-200|2|900 / Valves|| / V1|10|20 / Total||3200",
            [
                *("Pumps:", "Item: B-200; Qty: 2; Price: 900", "Valves:", "Item: V1; Qty: 10; Price: 20"),
                "Item: Total; Price: 3200",
            ],
        ),
        (
            "序号|项目|金额 / 一、|办公费| / 1|文具|300 / 二、|差旅费| / 1|机票|4000",
            [
                "一、办公费：",
                "序号：1；项目：文具；金额：300",
                "二、差旅费：",
                "序号：1；项目：机票；金额：4000",
            ],
        ),
        ("序号|物料|数量 / 1|阀门|20 / 备注：含税价||", ["序号：1；物料：阀门；数量：20", "备注：含税价"]),
        ("Model|Price|Stock / C-8|| / C-5|12|3", ["Model: C-8", "Model: C-5; Price: 12; Stock: 3"]),
        (  # in a table of empty cells, nothing but its name may be said of a thing
            "Role|Read|Write / Guest|| / Staff|✓| / Temp|| / Owner|✓|✓",
            ["Role: Guest", "Role: Staff; Read: ✓", "Role: Temp", "Role: Owner; Read: ✓; Write: ✓"],
        ),
        ("Name|Days / Wu| / Li|15", ["Name: Wu", "Name: Li; Days: 15"]),
    ],
)
def test_what_stands_alone_in_a_row_is_a_title_or_a_note(text: str, expected: list[str]) -> None:
    assert table_lines(table(text)) == expected


def test_a_title_within_a_table_stands_in_one_passage_with_the_row_below_it() -> None:
    rows = "".join(f" / Part {name}||" + f" / P{at}|5|90" * 3 for at, name in enumerate("ABC"))
    text = "\n".join(table_lines(table("Item|Qty|Price" + rows)))
    passages = split(Document("d", "T", text, "s"), lambda piece: len(piece.split()), SplitOptions(30))
    assert len(passages) > 1
    assert not any(passage.text.endswith(":") for passage in passages)


def test_a_name_or_a_cell_that_begins_like_a_heading_is_none() -> None:
    lines = table_lines(table("# of seats|Room / 8|Aspen / 20|Birch"))
    assert lines == ["#\u00a0of seats: 8; Room: Aspen", "#\u00a0of seats: 20; Room: Birch"]
    found = "\n\n".join(sheet_blocks(table("# unit: mg/L| / Sample|Iron / S1|0.3 / S2|0.1")))
    assert not HEADING.search(found)
