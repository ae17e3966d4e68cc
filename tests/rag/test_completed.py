"""Answers of which a reader gave a part."""

from __future__ import annotations

import pytest

from rag.completed import completed

HOURS = "岗位：礼宾；班次：晚班；时间：14:00—22:00；备注：着礼服"
SHOP = "The counter is open from 8:30 a.m. to 5:00 p.m., on Fridays until 3:00 p.m."
RUNBOOK = (
    "Look at the queue:\n\n   ```bash\n   breadctl queue --status\n"
    "   sudo systemctl restart importer  \n   ```\n\nCall Ben."
)
INLINE = "Unlock the lane with `lanectl open --force 3` at the gate."


@pytest.mark.parametrize(
    ("text", "question", "part", "whole"),
    [
        (HOURS, "礼宾晚班是几点到几点？", "14:00", "14:00—22:00"),
        (HOURS, "礼宾晚班几点开始？", "14:00", "14:00"),
        (SHOP, "What are the opening hours?", "8:30 a.m.", "8:30 a.m. to 5:00 p.m."),
        (SHOP, "What are the opening hours?", "3:00 p.m.", "3:00 p.m."),
        (RUNBOOK, "With which command is the importer restarted?", "sudo", "sudo systemctl restart importer"),
        (SHOP, "When do the opening hours end?", "8:30 a.m.", "8:30 a.m."),
        (HOURS, "营业时间几点结束？", "22:00", "22:00"),
        (RUNBOOK, "Which user runs the command?", "sudo", "sudo"),
        (RUNBOOK, "用哪条命令重启？", "systemctl restart", "sudo systemctl restart importer"),
        (RUNBOOK, "Whom do I call after the command?", "Ben", "Ben"),
        (RUNBOOK, "What is restarted?", "importer", "importer"),
        (INLINE, "Which command opens the lane?", "lanectl open", "lanectl open --force 3"),
    ],
)
def test_what_belongs_to_a_part_is_given_with_it(text: str, question: str, part: str, whole: str) -> None:
    start = text.index(part)
    a, b = completed(question, text, start, start + len(part))
    assert text[a:b] == whole


def test_a_fence_that_is_closed_holds_nothing_behind_it() -> None:
    text = "```\nls\n```\nThe command lists files."
    start = text.index("lists")
    assert completed("What does the command do?", text, start, start + 5) == (start, start + 5)
