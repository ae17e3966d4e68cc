"""Tables that white space draws, and all that looks like one and is none."""

from __future__ import annotations

from textwrap import dedent

import pytest

from index.readers.formats import read_text
from index.readers.spaced import name_columns

TABLES = {
    "a header": (
        """
        Model      Price      Weight
        B-200      4,150      58 kg
        B-350      7,900      124 kg
        """,
        """
        Model: B-200; Price: 4,150; Weight: 58 kg
        Model: B-350; Price: 7,900; Weight: 124 kg
        """,
    ),
    "numbers aligned on the right, a rule below the header": (
        """
        Prices
        Item              each    dozen
        ----------------------------------
        Hose clamp        0.40     4.00
        Elbow, brass     12.50   140.00
        """,
        """
        Prices
        Item: Hose clamp; each: 0.40; dozen: 4.00
        Item: Elbow, brass; each: 12.50; dozen: 140.00
        """,
    ),
    "things as columns": (
        """
                              SD-200              SD-450
        Maker                 Halvorsen Dry       Halvorsen Dry
        Relative humidity
          of sealed air       15 %                12 to 15 %
        Desiccant             silica gel, 6 kg    zeolite, 14 kg
        """,
        """
        Maker; SD-200: Halvorsen Dry; SD-450: Halvorsen Dry
        Relative humidity of sealed air; SD-200: 15 %; SD-450: 12 to 15 %
        Desiccant; SD-200: silica gel, 6 kg; SD-450: zeolite, 14 kg
        """,
    ),
    "Chinese, aligned by eye": (
        """
        项目                    1060 型            1060E 型
        最大模切压力            250 吨             300 吨
        换版时可用的最高点动速度    每分钟 5 转          每分钟 8 转
        噪声(距机 1 米)        84 分贝             81 分贝
        """,
        """
        项目：最大模切压力；1060 型：250 吨；1060E 型：300 吨
        项目：换版时可用的最高点动速度；1060 型：每分钟 5 转；1060E 型：每分钟 8 转
        项目：噪声(距机 1 米)；1060 型：84 分贝；1060E 型：81 分贝
        """,
    ),
    "full-width spaces": (
        """
        姓名　　部门　　分机
        张三　　采购部　　8032
        李小四　　质量部　　8041
        """,
        """
        姓名：张三；部门：采购部；分机：8032
        姓名：李小四；部门：质量部；分机：8041
        """,
    ),
    "tabs, a cell that is missing, one that goes on below": (
        """
        No.\tWhat\tWho\tUntil
        1\tReport on the trial\tG. Otley\t30 April
        2\tSecond talk\t\t4 April
        3\tCost of a late bus\tM. Hale\t15 April
        """,
        """
        No.: 1; What: Report on the trial; Who: G. Otley; Until: 30 April
        No.: 2; What: Second talk; Until: 4 April
        No.: 3; What: Cost of a late bus; Who: M. Hale; Until: 15 April
        """,
    ),
    "a cell that goes on below": (
        """
        Fault     Cause                     Remedy
        E3        humidity too high         check the seal of the
                                            door
        E5        fan stands still          call the maker
        """,
        """
        Fault: E3; Cause: humidity too high; Remedy: check the seal of the door
        Fault: E5; Cause: fan stands still; Remedy: call the maker
        """,
    ),
    "names of columns in two lines": (
        """
                               Mean hours   Largest error
        Class     Bells tuned  per bell     (cents)
        Church    38           5.2          1.4
        Clock     22           3.6          3.2
        """,
        """
        Class: Church; Bells tuned: 38; Mean hours per bell: 5.2; Largest error (cents): 1.4
        Class: Clock; Bells tuned: 22; Mean hours per bell: 3.6; Largest error (cents): 3.2
        """,
    ),
    "units below the names of columns": (
        """
        Model     Price      Weight
                  (EUR)      (kg)
        B-200     4,150      58
        B-350     7,900      124
        """,
        """
        Model: B-200; Price (EUR): 4,150; Weight (kg): 58
        Model: B-350; Price (EUR): 7,900; Weight (kg): 124
        """,
    ),
    "totals below some columns": (
        """
        Item        Qty    Price    Total
        Widget A    2      10.00    20.00
        Widget B    1      15.00    15.00
                           VAT      7.00
        """,
        """
        Item: Widget A; Qty: 2; Price: 10.00; Total: 20.00
        Item: Widget B; Qty: 1; Price: 15.00; Total: 15.00
        Price: VAT; Total: 7.00
        """,
    ),
    "labels and values": (
        """
        Rated power       5.5 kW
        Rated flow        12 m3/h
        Seal              ceramic
        """,
        """
        Rated power: 5.5 kW
        Rated flow: 12 m3/h
        Seal: ceramic
        """,
    ),
    "dots": (
        """
        Soup of the day ............ 5.50
        Pie with peas .............. 11.20
        Tea ........................ 2.40
        """,
        """
        Soup of the day: 5.50
        Pie with peas: 11.20
        Tea: 2.40
        """,
    ),
}

OTHERS = {
    "a letter's head": """
        Acme Pumps Ltd.            Orchard House
        Linhai Industrial Park     Mill Lane
        Zhejiang                   Norwich
        """,
    "signatures": """
        编号:AQ-MQ-03    版次:第 4 版    生效日期:2023 年 9 月 1 日
        编制:牟建勋    审核:邬晓堂    批准:阮启航
        """,
    "a box": """
        #  Permission is granted to use, copy and change  #
        #  this software for any purpose, provided that   #
        #  this notice stays in all copies of it.         #
        """,
    "prose in two columns": """
        The pump in our house by the river was shut       The board met on 4 May and heard from the
        down by the system in 2019, because the water     director that 12 of 14 plants are at work,
        stood 3 metres above its usual mark at noon.      and that 2 will be sold within 90 days.
        """,
    "a table of contents": """
        1 Introduction ............ 3
        2 Installation ............ 7
        3 Maintenance ............. 19
        """,
    "a list": """
        1.   Switch the pump off.
        2.   Wait for 5 minutes.
        3.   Open the lid.
        """,
    "sentences with two spaces": """
        Switch the pump off.  Wait for five minutes.  Open the lid.
        Take out the seal and look at it.  If it is worn, take a new one.
        """,
    "rows whose first cell goes on below, or above": """
        Model                 Price     Weight
        Large submersible     4,150     58 kg
        pump B-200
        Small garden          7,900     12 kg
        pump B-350
        Valve                 100       1 kg
        """,
    "code": """
        ADD   R1, R2      ; add
        MOV   R3, 10      ; move
        JMP   loop        ; jump
        """,
    "two lines": """
        Total      4,150
        Tax        788.50
        """,
}


@pytest.mark.parametrize(("text", "told"), TABLES.values(), ids=TABLES)
def test_rows_name_their_columns(text: str, told: str) -> None:
    assert name_columns(dedent(text)) == dedent(told)


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_what_is_no_table_stays_as_it_is(text: str) -> None:
    assert name_columns(dedent(text)) == dedent(text)


def test_a_table_in_a_text_between_paragraphs() -> None:
    table = dedent(TABLES["a header"][0]).strip()
    text = f"Our pumps are made in Linhai.\n\n{table}\n\nThe warranty is two years.\n\n{table}\n"
    told = dedent(TABLES["a header"][1]).strip()
    assert read_text(text.encode()).text.strip() == (
        f"Our pumps are made in Linhai.\n\n{told}\n\nThe warranty is two years.\n\n{told}"
    )


def test_long_lines_are_no_rows() -> None:
    text = f"a  b\n{'-' * 60_000}x\n{'c  ' * 60_000}\na  b"
    assert name_columns(text) == text


def test_much_that_is_no_table_takes_no_long_time() -> None:
    text = "\n".join(f"{'word ' * (i % 7 + 1)}   {'x' * (i % 11 + 1)}   end" for i in range(30_000))
    assert name_columns(text) == text
