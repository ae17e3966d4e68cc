"""Numbers and dates of texts, and what is neither."""

from __future__ import annotations

import pytest

from rag.limits import quantities
from rag.values import Value, value, without_codes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1200公斤", Value("weight", 1200.0)),
        ("1500克", Value("weight", 1.5)),
        ("1200毫米", Value("length", 1.2)),
        ("2000万元", Value("元", 20_000_000.0)),
        ("2000多家", Value("多家", 2000.0)),
        ("1500 W", Value("w", 1500.0)),
        ("1500 μm", Value("μm", 1500.0)),
        ("1500 °C", Value("°c", 1500.0)),
        ("1500 litres", Value("litres", 1500.0)),
        ("1800 employees", Value("employees", 1800.0)),
        ("2000 hours", Value("time", 2000 / 24)),
        ("in 2000 hours", Value("time", 2000 / 24)),
        ("1234.5 kg", Value("weight", 1234.5)),
        ("1250.50元", Value("元", 1250.5)),
        ("1250.10元", Value("元", 1250.1)),
        ("2012.5", Value("", 2012.5)),
        ("RMB 1500", Value("rmb", 1500.0)),
        ("¥1999", Value("¥", 1999.0)),
        ("0.1500", Value("", 0.15)),
        ("marketing of 1500 pumps", Value("pumps", 1500.0)),
    ],
)
def test_a_number_with_a_unit_is_no_year(text: str, expected: Value) -> None:
    found = value(text)
    assert found is not None
    assert found.measure == expected.measure
    assert found.amount == pytest.approx(expected.amount)


@pytest.mark.parametrize(
    "text",
    ["1500-2000 kg", "1500 to 2000 hours", "1500 and 2000 kg", "1500至2000公斤", "1500 x 2000 mm"],
)
def test_nor_is_one_whose_unit_stands_behind_another_number(text: str) -> None:
    found = value(text)
    assert found is not None
    assert found.measure != "date"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2008", "2008年"),
        ("2008-2010", "2008年"),
        ("1990-95", "1990年"),
        ("2008和2009年", "2008年"),
        ("2008-2010年", "2008年"),
        ("2008至今", "2008年"),
        ("2008 and 2009", "2008年"),
        ("between 2008 and 2010", "2008年"),
        ("2008 by Li Ming", "2008年"),
        ("In 2008 production moved to Linhai.", "2008年"),
        ("(2008)", "2008年"),
        ("2008年成立", "2008年"),
        ("2008年12台", "2008年"),
        ("2008 年 9 月", "2008-09"),
        ("2008.09", "2008年9月"),
        ("2008年9月5", "2008-09-05"),
        ("2008.9.5", "2008-09-05"),
        ("05.09.2008", "2008-09-05"),
        ("Sept. 5, 2008", "2008-09-05"),
        ("2024-99-99", "2024"),
    ],
)
def test_years_and_dates_stay(text: str, same: str) -> None:
    found = value(text)
    assert found is not None
    assert found.measure == "date"
    assert found == value(same)


@pytest.mark.parametrize("text", ["B-2008", "DN1500", "XT-2000"])
def test_the_number_of_a_code_is_no_year(text: str) -> None:
    found = value(text)
    assert found is None or found.measure != "date"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("二〇〇八年", "2008年"),
        ("二零零八年三月", "2008年3月"),
        ("一九九六年三月十二日", "12 March 1996"),
        ("一万二千元", "12000元"),
        ("1万2千元", "12000元"),
        ("三亿五千万元", "3.5亿元"),
        ("一万二", "12000"),
        ("1万2", "12000"),
        ("三百零五台", "305台"),
        ("三百五十台", "350台"),
        ("三点五万公斤", "35 t"),
        ("3百万元", "300万元"),
        ("五十千克", "50 kg"),
        ("两千米", "2 km"),
        ("十五天", "15 days"),
        ("半年", "6个月"),
        ("一年半", "18个月"),
        ("两个半月", "2.5个月"),
        ("2½ years", "2.5 years"),
        ("½ kg", "500 g"),
        ("三十六点五度", "36.5度"),
        ("twenty-five days", "25 days"),
        ("thirty days", "30 days"),
        ("thirteen kilograms", "13 kg"),
        ("two hundred and fifty kg", "250 kg"),
        ("a hundred metres", "100 m"),
        ("two thousand five hundred hours", "2,500 hours"),
        ("two dozen pumps", "24 pumps"),
        ("a dozen", "12"),
        ("a 24-month warranty", "24 months"),
        ("a twelve-month warranty", "12 months"),
    ],
)
def test_numbers_in_words(text: str, same: str) -> None:
    found, figures = value(text), value(same)
    assert found is not None
    assert figures is not None
    assert found.measure == figures.measure
    assert found.amount == pytest.approx(
        figures.amount, rel=0.02
    )  # six months are not half a year to the day


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("−20 °C", -20.0),
        ("-40 °C", -40.0),
        ("–15℃", -15.0),
        ("零下20度", -20.0),
        ("零下二十度", -20.0),
        ("minus 20 °C", -20.0),
        ("minus twenty degrees", -20.0),
        ("温度为-20°C", -20.0),
        ("from −20 to 60 °C", -20.0),
        ("20 °C", 20.0),
        ("10-20 kg", 10.0),
        ("- 20 pumps", 20.0),
        ("B-200", 200.0),
        ("RMB-200", 200.0),
    ],
)
def test_signs_are_kept(text: str, amount: float) -> None:
    found = value(text)
    assert found is not None
    assert found.amount == amount


@pytest.mark.parametrize(
    "text",
    [
        "someone",
        "often",
        "tendered",
        "attend",
        "a hundredth",
        "hundreds of pumps",
        "half a dozen",
        "twenty-first",
        "上半年",
    ],
)
def test_words_that_hold_a_number_word(text: str) -> None:
    assert value(text) is None


@pytest.mark.parametrize(
    ("text", "amount"), [("十万一台", 100_000), ("B-200一台", 200), ("两三天", 3), ("一", 1)]
)
def test_a_number_ends_where_another_begins(text: str, amount: float) -> None:
    found = value(text)
    assert found is not None
    assert found.amount == amount


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("B-200 weighs 58 kg", "58 kg"),
        ("B-200重58公斤", "58公斤"),
        ("the iX20", None),
        ("RMB4150", "RMB4150"),
        ("25 m³/h", "25 m³/h"),
        ("mid-1996", "1996"),
        ("Mar-1996", "1996"),
    ],
)
def test_the_number_of_a_code_is_no_value(text: str, rest: str | None) -> None:
    found, figures = value(without_codes(text)), value(rest or "")
    assert (found and found.amount) == (figures and figures.amount)
    assert (found and found.measure) == (figures and figures.measure)


def test_a_year_that_nothing_calls_one_is_a_number_among_limits() -> None:
    """It was a date in days, and compared with dates in years."""
    (number,) = quantities("The hall holds up to 2000.")
    assert (number.measure, number.amounts, number.limit) == ("", (2000.0,), "<=")
    assert [one.amounts for one in quantities("自 2024 年 5 月 1 日起，至2026年6月30日止")] == [
        (2024.0, 5.0, 1.0),
        (2026.0, 6.0, 30.0),
    ]
