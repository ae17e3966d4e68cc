"""Numbers and dates of texts, and what is neither."""

from __future__ import annotations

import pytest

from rag.values import Value, value


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
    assert (found.measure, found.amount) == (expected.measure, pytest.approx(expected.amount))


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
