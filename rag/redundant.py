"""What an answer has more than its question asks for: 三十条幼蛇 for 多少条幼蛇 says 三十条."""

from __future__ import annotations

import re

from index.language import CJK

_ASKED = re.compile(rf"(?:(?P<count>多少|几)|哪一?[{CJK}])(?P<after>[{CJK}]+)")
_COUNTED = re.compile("[0-9零〇一二两三四五六七八九十百千万亿余多数]$")
_CLOSED = re.compile("[》”」』等]$")
_UNIT = re.compile(
    "平方|立方|公里|千米|厘米|毫米|公斤|千克|小时|分钟|世纪|年代|个月|星期|美元|欧元|人民币|百分"
)

_CLAUSE = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){1,3}\.?|[（(](?:[一二三四五六七八九十]{1,3}|\d{1,2}|[a-z])[)）]"
    r"|§ ?\d{1,3}[a-z]?"
    r"|第[一二三四五六七八九十百\d]{1,4}[条款])[ \u3000]*"
)
_ASKS_CLAUSE = re.compile(
    r"\b(?:which|what) (?:[a-z]+ )?(?:section|clause|paragraph|article|rule|point|number|step|item)\b"
    r"|第几|几条|哪一?[条款项步]|编号",
    re.IGNORECASE,
)


def redundant_start(answer: str, question: str) -> int:
    """Characters at the start of a line that only number it, and that its question does not ask for.

    >>> redundant_start("13.2 Van keys, fuel card and tablet", "What do I have to give back?")
    5
    >>> redundant_start("2.5 kg", "How heavy is it?"), redundant_start("第四条", "哪一条规定索赔？")
    (0, 0)
    """
    match = _CLAUSE.match(answer)
    if match is None or _ASKS_CLAUSE.search(question):
        return 0
    rest = answer[match.end() :]
    if match.group()[0].isdigit():  # it may be an amount
        told = re.match(rf"[A-Z][\w'’-]*(?:,| [a-z])|[{CJK}]{{6}}", rest)
        return match.end() if told and match.group()[-1] in " \u3000" and not _UNIT.match(rest) else 0
    return match.end() if len(rest) > 1 else 0


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
