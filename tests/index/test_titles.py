"""First lines that are titles, and such that are not."""

from __future__ import annotations

import pytest

from index.readers.titles import title_line


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("DATA SHEET: F-30 FLOW METER\n\nDocument: DS-F30", "DATA SHEET: F-30 FLOW METER"),
        ("WARRANTY POLICY\nWe repair what fails.", "WARRANTY POLICY"),
        ("Travel policy\n=============\nAll trips.", "Travel policy"),
        ("Travel policy\nVersion: 3\nOwner: HR", "Travel policy"),
        ("Page 1 of 4\n\nSAFETY RULES FOR PUMPS\n\nWear gloves.", "SAFETY RULES FOR PUMPS"),
        ("内部资料\n\n安全管理规定\n\n第一条", "安全管理规定"),
        ("Confidential Waste Policy\n\nScope\n\nAll", "Confidential Waste Policy"),
        ("2024 Annual Report\n\nDear", "2024 Annual Report"),
        ("Import Regulations\n\nAll", "Import Regulations"),
        ("Part Time Work Policy\n\nAll", "Part Time Work Policy"),
        ("第一部分析仪说明\n\n一、用途", "第一部分析仪说明"),
        ("Title: Travel Policy\nAuthor: Li\n\nText", "Travel Policy"),
        ("**Travel policy**\n\nAll trips.", "Travel policy"),
        ("Subject: New opening hours\n\nDear all,", "New opening hours"),
        ("标题：新办公时间\n\n正文。", "新办公时间"),
        ("枣林仪器有限公司 安全生产管理规定\n\n文件编号：AQ-G-01", "枣林仪器有限公司 安全生产管理规定"),
        ("差旅管理办法\n第一条 员工出差，须经批准。", "差旅管理办法"),
        ("青岚机械有限公司\n员工请假管理办法\n\n第一条 年假。", "青岚机械有限公司 员工请假管理办法"),
        ("PORT AUTHORITY\nTariff sheet 2026\n\nIn force.", "PORT AUTHORITY Tariff sheet 2026"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert title_line(text) == title


@pytest.mark.parametrize(
    "text",
    [
        "",
        "One line only",
        "A sentence that ends.\n\nAnother.",
        "Dear Ms Lindt\n\nThank you.",
        "各位同事\n\n通知如下。",
        "The pump is new\nand it runs.",
        "From: Ann\nTo: Ben\n\nHello.",
        "编号：A-1\n\n正文。",
        "Contents\n\n1 Intro",
        "Title: Dr\nFirst name: Ann",
        "FROM: ANN\nTO: BEN",
        "BEGIN:VCALENDAR\nVERSION:2.0",
        "URGENT\nPlease call back.",
        "We sell pumps (and valves)\nand we repair them",
        "The report was written by the council\nand was published",
        "Acme Ltd\n12 High Street\nLondon",
        "The pump is new\nhttps://example.com/x",
        "The meeting was held\n10:30 to 12:00 in room 4",
        "Chapter 1\n\nIn the beginning",
        "第三章 装修\n\n施工须申报。",
        "1 Scope\n\nThis standard",
        "May 1, 2024\n\nWe met.",
        "2024年5月1日\n\n会议。",
        "大家好\n\n通知",
        "To whom it may concern\n\nAnn works here.",
        "import os\n\nprint()",
        "ann@example.com\n\nHello",
        "Page 1 of 4\n\nWear gloves.",
        "目录\n\n一、总则",
        "2024 年 8 月修订\n\n型号：A",
        "型号：小号XS-2\n\n答",
        "- first item\n\n- second",
        "1. What we promise\n\nWe repair it.",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "12345\n\n678",
        "年假十五天，病假另算\n另有婚假。",
        "x" * 200 + "\n\ntext",
    ],
)
def test_no_titles(text: str) -> None:
    assert title_line(text) == ""


@pytest.mark.parametrize(
    "text", ["Acme Ltd\n" * 5_000, "北京大学\n清华大学\n" * 5_000, "年" * 5_000_000 + "\n\nx"]
)
def test_long_lists_and_lines(text: str) -> None:
    assert len(title_line(text)) < 100
