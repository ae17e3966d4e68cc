"""Questions about tables that a review by another reader found answered wrongly, and their neighbours."""

from __future__ import annotations

import pytest

from index.language import fold
from index.readers.tables import table_lines
from rag.computed import compute, is_computed
from rag.looked_up import listed, look_up
from rag.named_table import NamedTable
from rag.sheets import sheets


def tables(columns: str, *rows: str, title: str = "") -> list[NamedTable]:
    lines = table_lines([row.split("|") for row in rows], columns.split("|"))
    text = f"# {title}\n\n" * bool(title) + "\n".join(lines)
    return [NamedTable("d", title, sheet, fold(text)) for sheet in sheets(text)]


def answer(question: str, found: list[NamedTable]) -> str | None:
    told = compute(question, found) if is_computed(question) else None
    told = told or listed(question, found) or look_up(question, found)
    return told.text if told is not None else None


EQUIPMENT = tables(
    "Item|Category|Location|Condition|Quantity",
    *("Stacking chair|Furniture|Hall A|good|120", "Folding table|Furniture|Hall A|good|30"),
    *("Stacking chair|Furniture|Hall B|worn|45", "Microphone|Audio|Hall A|worn|12"),
    *("Projector|Audio|Hall B|good|2", "Microphone|Audio|Hall B|good|4"),
    title="Equipment",
)
STORES = tables(
    "设备编号|设备|存放|数量",
    *("E-1|折叠椅|一号仓|120", "E-2|投影仪|二号仓|4", "E-3|话筒|一号仓|12", "E-4|折叠椅|二号仓|80"),
    title="设备清单",
)
CUSTOMERS = tables(
    "客户编号|医院名称|城市|型号|数量|负责工程师",
    *("K-1|承德滦水医院|承德|LM-12|15|韩冬", "K-2|赣州章江医院|赣州|LM-8|4|俞晓东"),
    "K-3|衢州信安医院|衢州|LM-12|2|韩冬",
    title="装机清单",
)
HOTELS = tables(
    "酒店|月份|房价", "望江府|7月|680元", "望江府|8月|720元", "听涛阁|7月|420元", "听涛阁|8月|460元"
)
PRICES = tables("型号|单价（元）|额定功率|保修期", "KX-20|4200|1.5千瓦|24个月", "KX-30|5200|2千瓦|24个月")
BUSES = tables("Stop|Earliest departure|Latest arrival", "Ardon|05:40|22:40", "Belsay|07:00|23:10")
ROOMS = tables("Hotel|Rate|Breakfast|Month", "Lodge|£90|£8|July", "Grand|£180|£15|July")
KEPT = tables("Material|Kept Stockport|Kept Hull", "Lubricants|3 months|5 months", "Metals|6 months|2 months")
TIMES = tables("Service|North|South", "Delivery time|3 days|5 days", "Repair|4 days|9 days")

STAYS = tables(
    "Code|Room|Site|Unit|2024 price (EUR)|2025 price (EUR)|Notes",
    *(
        "B1|single room|Elm Court|night|72|78|no view, breakfast included",
        "B2|double room|Elm Court|night|104|110|parking 9 EUR per day",
    ),
    *(
        "B3|single room|Mill House|night|65|66|deposit 50 EUR",
        "B4|double room|Mill House|night|90|98|dogs welcome",
    ),
    title="Prices",
)
FEES = tables(
    "编号|类别|项目|机构|单位|2024年价格(元)|2025年价格(元)|备注",
    *(
        "B1|床位费|三人间|桂园|床/月|1750|1800|每周换洗",
        "B2|床位费|单人间|桂园|间/月|3600|3750|含水电",
    ),
    *("B3|床位费|三人间|松院|床/月|1900|1980|电费自理", "B4|床位费|单人间|松院|间/月|3900|4100|每天打扫"),
    title="收费标准",
)
DEALS = tables(
    "合同编号|类型|金额(万元)|经办人",
    *("H-1|采购|12|方圆", "H-2|维保|45|方圆", "H-3|采购|8|丁一", "H-4|维保|20|方圆"),
    title="合同台账",
)
PARTS = tables(
    "No|Part|Site|Length (mm)", "1|beam|Hull|900", "2|rod|Hull|1200", "3|strut|Leeds|700", "4|tie|Leeds|1900"
)
FLATS = tables(
    "Flat|Street|Type|Rent (EUR/month)|Deposit|Notes",
    *("F1|Oak Road|studio|660|2 months|", "F2|Oak Road|two rooms|820|3 months|parking 40 EUR"),
    *("F3|Elm Road|studio|610|1 month|", "F4|Elm Road|loft|990|2 months|"),
)
HIRE = tables("Boat|1 day (EUR)|3 days (EUR)|7 days (EUR)", "Kayak|25|60|120", "Canoe|30|70|140")
PLOTS = tables(
    "地块编号|地块名称|面积(亩)|负责人",
    *("M1|上洋坂|32|周梅", "M2|溪边|12|周梅", "M3|新垦|41|周梅", "M4|后山|25|陆青", "M5|下洋|18|陆青"),
    title="桑园地块台账",
)


@pytest.mark.parametrize(
    ("found", "question", "expected"),
    [
        (EQUIPMENT, "How many tables are there in Hall A?", "30"),
        (EQUIPMENT, "How many worn chairs are there?", "45"),
        (EQUIPMENT, "How many stacking chairs are there?", "165"),
        (EQUIPMENT, "How many kinds of furniture are there?", "3"),
        (STORES, "折叠椅一共有多少件？", "200件"),
        (STORES, "一号仓有多少件折叠椅？", "120"),
        (CUSTOMERS, "有几个客户装了LM-12？", "2个"),
        (CUSTOMERS, "有几个医院装了LM-12？", "2个"),
        (CUSTOMERS, "韩冬负责几台LM-12？", "17台"),
        (HOTELS, "房价最高的是哪家？", "望江府"),
        (HOTELS, "望江府8月的房价是多少？", "720元"),
        (PRICES, "KX-20的单价是多少？", "4200"),
        (BUSES, "What is the earliest departure from Ardon?", "05:40"),
        (ROOMS, "What does breakfast cost at the Lodge in July?", "£8"),
        (KEPT, "Where are lubricants kept longer, Stockport or Hull?", "Hull"),
        (TIMES, "Is delivery slower from North or South?", "South"),
        (TIMES, "Is the delivery faster from North or South?", "North"),
        (STAYS, "How much is a single room at Elm Court per night in 2025?", "78"),
        (STAYS, "What does a double room cost at Elm Court in 2024?", "104"),
        (STAYS, "What was the 2024 price of a single room at Mill House?", "65"),
        (FEES, "桂园单人间2025年的床位费每月是多少？", "3750"),
        (FEES, "松院的三人间2024年床位费多少钱？", "1900"),
        (PLOTS, "周梅负责的地块里超过20亩的有几块？", "2块"),
        (DEALS, "经办人是方圆、不到15万元的合同有几个？", "1个"),
        (DEALS, "不超过20万元的合同有几个？", "3个"),
        (PARTS, "How many Hull parts are over 1000 mm?", "1"),
        (PARTS, "How many Hull parts are over 1 m?", "1"),
        (FLATS, "How much is the deposit of the studio in Oak Road?", "2 months"),
        (FLATS, "How much is the studio in Oak Road per month?", "660"),
    ],
)
def test_answered(found: list[NamedTable], question: str, expected: str) -> None:
    assert answer(question, found) == expected


@pytest.mark.parametrize(
    ("found", "question"),
    [
        (EQUIPMENT, "How many projectors are in Hall A?"),
        (EQUIPMENT, "How many halls have furniture?"),
        *((STORES, question) for question in ("投影仪在几层？", "投影仪有几个接口？", "折叠椅借出了几件？")),
        *((STORES, question) for question in ("话筒坏了几个？", "折叠椅一箱几个？", "三号仓有几件家具？")),
        *((CUSTOMERS, question) for question in ("LM-12坏了几台？", "承德滦水医院有几个科室？")),
        *((CUSTOMERS, question) for question in ("LM-12有几个探头？", "哪几台是韩冬负责的？")),
        *((PRICES, question) for question in ("KX-20 Pro的单价是多少？", "KX-20经销商单价是多少？")),
        *((PRICES, question) for question in ("KX-20单价什么时候调整？", "KX-20延长保修期要多少钱？")),
        (BUSES, "What is the earliest arrival at Belsay?"),
        (BUSES, "What is the latest departure from Ardon?"),
        (ROOMS, "What is the rate at the Grand before August?"),
        *((STAYS, f"How much is a {one}?") for one in ("suite at Elm Court in 2025", "single room in 2025")),
        *(
            (STAYS, f"How much is a single room at Elm Court {one}?")
            for one in ("in 2026", "per week in 2025")
        ),
        (STAYS, "How much is the deposit for a single room at Elm Court in 2025?"),
        (STAYS, "How much is breakfast in a single room at Elm Court in 2025?"),
        (STAYS, "How many single rooms are there at Elm Court?"),
        (STAYS, "Who cleans the single room at Elm Court?"),
        (STAYS, "When was the single room at Elm Court painted?"),
        *((FEES, f"桂园{one}？") for one in ("双人间2025年的床位费每月是多少", "单人间2026年床位费多少钱")),
        *((FEES, f"桂园单人间{one}？") for one in ("2025年床位费每天多少钱", "的押金是多少", "有几间")),
        (FEES, "单人间2025年的床位费每月是多少？"),
        (PLOTS, "超过20公顷的地块有几块？"),
        (PARTS, "How many Hull parts are over 1000 kg?"),
        *(
            (STAYS, f"How much is {one} at Mill House in 2025?")
            for one in ("a dog in a double room", "a single room with a view")
        ),
        *(
            (STAYS, f"How much is a double room at Elm Court {one}?")
            for one in (
                "for a year in 2025",
                "for members in 2025",
                "for one person in 2025",
                "per day in 2025",
            )
        ),
        (STAYS, "How much less was a double room at Elm Court in 2024?"),
        (STAYS, "What do a single room and a double room cost at Elm Court in 2025?"),
        *(
            (FEES, f"桂园{one}？")
            for one in (
                "单人间2025年水电多少钱",
                "单人间2025年押金多少钱",
                "员工单人间2025年多少钱",
                "三人间2025年床位费每周多少钱",
            )
        ),
        (FLATS, "How much is the studio in Oak Road with parking?"),
        (FLATS, "How much is the loft in Oak Road?"),
        *((HIRE, f"How much is a kayak {one}?") for one in ("for 7 hours", "for 3 people", "for 13 days")),
        (KEPT, "Are lubricants cheaper at Stockport or Hull?"),
        (KEPT, "Where do lubricants smell stronger, Stockport or Hull?"),
    ],
)
def test_not_answered(found: list[NamedTable], question: str) -> None:
    assert answer(question, found) is None


def test_two_stock_lists_that_disagree_say_nothing() -> None:
    first, second = (tables("设备|存放|数量", f"折叠椅|一号仓|{at}", "话筒|一号仓|3") for at in (120, 80))
    lists = [*first, *second]
    assert answer("折叠椅有多少件？", lists) is None
