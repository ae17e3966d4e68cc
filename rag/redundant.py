"""What a Chinese answer repeats of its question: 三十条幼蛇 for 多少条幼蛇 says 三十条."""

from __future__ import annotations

import re

from index.language import CJK

_ASKED = re.compile(rf"(?:(?P<count>多少|几)|哪一?[{CJK}])(?P<after>[{CJK}]+)")
_COUNTED = re.compile("[0-9零〇一二两三四五六七八九十百千万亿余多数]$")
_CLOSED = re.compile("[》”」』等]$")
_UNIT = re.compile(
    "平方|立方|公里|千米|厘米|毫米|公斤|千克|小时|分钟|世纪|年代|个月|星期|美元|欧元|人民币|百分"
)


def redundant_end(answer: str, question: str) -> int:
    """Characters at the end of `answer` that only repeat what its question asks for.

    After a number its measure word stays, and a unit of more than one character. After a name, which may end
    in the same word (北京大学 for 哪所大学), only what follows a closing mark goes.

    >>> redundant_end("三十条幼蛇", "可以生产多少条幼蛇？"), redundant_end("《自然》期刊", "在哪个期刊？")
    (2, 2)
    >>> redundant_end("20 分钟", "不能少于多少分钟？")
    0
    >>> redundant_end("70.99平方公里", "面积是多少平方公里？"), redundant_end("北京大学", "在哪所大学任教？")
    (0, 0)
    """
    for asked in _ASKED.finditer(question):
        after = asked["after"]
        for size in range(min(len(after), len(answer) - 1), 1, -1):
            end = next((after[at : at + size] for at in (0, 1) if answer.endswith(after[at : at + size])), "")
            if len(end) < size:
                continue
            rest = answer[:-size].rstrip(" ")
            gone = len(answer) - len(rest)
            if asked["count"] and _COUNTED.search(rest):
                return 0 if _UNIT.match(end) or size < 3 else size - 1
            if asked["count"] and _COUNTED.search(rest[:-1]) and not _UNIT.match(rest[-1] + end):
                return gone
            return gone if not asked["count"] and _CLOSED.search(rest) else 0
    return 0
