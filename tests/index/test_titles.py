"""First lines that are titles, and such that are not."""

from __future__ import annotations

import pytest

from index.titles import title_line


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("DATA SHEET: F-30 FLOW METER\n\nDocument: DS-F30", "DATA SHEET: F-30 FLOW METER"),
        ("WARRANTY POLICY\nWe repair what fails.", "WARRANTY POLICY"),
        ("Travel policy\n=============\nAll trips.", "Travel policy"),
        ("Travel policy\nVersion: 3\nOwner: HR", "Travel policy"),
        ("**Travel policy**\n\nAll trips.", "Travel policy"),
        ("Subject: New opening hours\n\nDear all,", "New opening hours"),
        ("标题：新办公时间\n正文。", "新办公时间"),
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
