"""Numbers, dates and times by the codes of their formats."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from index.readers.number_formats import formatted


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ("00123", "00123"),
        (True, "True"),
        (6901234567890123, "6901234567890123"),
        (1.101011990030712e17, "110101199003071200"),
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (0.00002, "0.00002"),
        (1234.1 - 1234, "0.1"),
        (-2.5, "-2.5"),
        (-1e-17, "0"),
        (float("inf"), ""),
    ],
)
def test_without_a_format_every_digit_is_shown_and_no_exponent(value: object, shown: str) -> None:
    assert formatted(value, "General") == shown


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (42, "00000", "00042"),
        (123456789, "000-00-0000", "123456789"),
        (1234.5, "#,##0", "1234.5"),
        (1234.5, '"$"#,##0.00', "$1234.50"),
        (99, "[$€-407]#,##0.00", "€99"),
        (99, '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-', "99 €"),
        (100, "_-[$£-809]* #,##0.00_-", "£100"),
        (5, "_-[$£-809]* #,##0_-;-[$£-809]* #,##0_-;_-[$£-809]* -??_-;_-@_-", "£5"),
        (12, "[$EUR]\\ #,##0", "EUR 12"),
        (38.4, '¥#,##0.00"万元"', "¥38.40万元"),
        (12, '0"元"', "12元"),
        (84, '0.0" kg"', "84 kg"),
        (84, 'General" kg"', "84 kg"),
        (7, '"约"0', "约7"),
        (0.5, "0.00%", "50.00%"),
        (0.3333, "0%_)", "33%"),
        (-0.125, "0.0%;[Red]-0.0%", "-12.5%"),
        (0.031, '0.0%" p.a."', "3.1% p.a."),
        (12, '0"%"', "12%"),
        (12, "0\\%", "12%"),
    ],
)
def test_codes_units_and_currencies_are_shown(value: float, code: str, shown: str) -> None:
    assert formatted(value, code) == shown


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (-1500, "#,##0;[Red](#,##0)", "-1500"),
        (-5, '"$"#,##0_);\\("$"#,##0\\)', "-$5"),
        (-5, '"gain "0;"loss "0', "loss 5"),
        (-5, '0" kg"', "-5 kg"),
        (0, '_-* #,##0_-;-* #,##0_-;_-* "-"??_-', "0"),
        (0, '0;-0;"none"', "none"),
        (1, '"Yes";;"No"', "Yes"),
        (0, ";;;", "0"),
    ],
)
def test_sections_for_what_is_below_zero_and_at_it(value: float, code: str, shown: str) -> None:
    assert formatted(value, code) == shown


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (1250000, '#,##0.0,,"M"', "1.25M"),
        (1250000, "#,##0", "1250000"),
        (123456, '0!.0,"万"', "12.3456万"),
        (123456, '0\\.0000"万"', "12.3456万"),
        (123456, '0"."0,"万"', "12.3456万"),
    ],
)
def test_thousands_and_ten_thousands_lose_no_digits(value: float, code: str, shown: str) -> None:
    assert formatted(value, code) == shown


@pytest.mark.parametrize(
    "code",
    [
        "# ?/?",
        "0.00E+00",
        "0E+0",
        "yyyy",
        "aaaa",
        "@",
        '[>=1000]0.0,"K";0',
        '0" m "00" cm"',
        "00\\.000\\.000\\/0000\\-00",
        '"',
    ],
)
def test_a_format_that_is_not_followed_shows_the_number(code: str) -> None:
    assert formatted(1234.5, code) == "1234.5"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", "2024-05-01"),
        ("dd/mm/yyyy", "2024-05-01"),
        ('[$-804]yyyy"年"m"月"d"日"', "2024-05-01"),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "2024-05-01"),
        ("yyyy-mm-dd hh:mm", "2024-05-01"),
        ('yyyy"年"m"月"', "2024年5月"),
        ("mmm-yy", "May 2024"),
        ("[$-409]mmmm\\ yyyy;@", "May 2024"),
        ("yyyy/mm", "2024-05"),
        ("mm/yyyy", "2024-05"),
        ('m"月"d"日"', "5月1日"),
        ("d-mmm", "1 May"),
        ("mmmm", "May"),
        ('m"月"', "5月"),
        ("yyyy", "2024"),
        ('yyyy"年"', "2024年"),
        ("dddd", "2024-05-01"),
    ],
)
def test_of_a_date_what_its_format_shows(code: str, shown: str) -> None:
    assert formatted(datetime(2024, 5, 1), code) == shown
    assert formatted(date(2024, 5, 1), code) == shown


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (datetime(2023, 3, 15, 12, 30), "m/d/yy h:mm", "2023-03-15 12:30"),
        (datetime(2023, 3, 15, 12, 30), "dd/mm/yyyy", "2023-03-15 12:30"),
        (datetime(2023, 3, 15, 12, 30), "yyyy-mm-dd h:mm:ss", "2023-03-15 12:30:00"),
        (datetime(2023, 3, 15, 12, 30), "mmm-yy", "March 2023"),
        (datetime(2023, 3, 15, 12, 30), "hh:mm", "12:30"),
        (time(8, 30), "hh:mm", "08:30"),
        (time(8, 30), "h:mm AM/PM", "08:30"),
        (time(8, 30, 5), "hh:mm", "08:30:05"),
        (time(8, 30), 'h"时"mm"分"', "08:30"),
        (time(0), "yyyy-mm-dd", ""),
        (timedelta(hours=37, minutes=30), "[h]:mm", "37:30"),
        (timedelta(hours=8), "[hh]:mm:ss", "8:00:00"),
        (timedelta(minutes=90, seconds=5), "[mm]:ss", "90:05"),
        (timedelta(minutes=2), "[s]", "120"),
        (-timedelta(hours=1, minutes=15), "[h]:mm", "-1:15"),
    ],
)
def test_times_and_durations(value: object, code: str, shown: str) -> None:
    assert formatted(value, code) == shown
