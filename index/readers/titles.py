"""What a text calls itself, where nothing else says it."""

from __future__ import annotations

import re

from index.text import CJK, ITEM, one_line, width

_NAMED = re.compile(r"(?:title|subject|标题|题目|主题)[ ]*[:：][ ]*(?=\S)", re.IGNORECASE)
_AUTHOR = re.compile(
    r"(?:author|date|version|owner|status|department|revision|document|from|to|"
    r"作者|日期|版本|部门|编号|编制|发布)[ ]*[:：]",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"[^:：]{1,30}[:：](?!//|\d)")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NO_TITLE = re.compile(
    r"(?:dear|hi|hey|hello|to whom|good (?:morning|day|afternoon))\b|"
    r"(?:亲爱|尊敬|敬爱)的|各位|大家好|您好|你好|"
    r"(?:chapter|section|part|appendix|annex|clause) (?:\d|[ivx]+\b|[a-z]\b|one\b|two\b)|"
    r"\d{1,2}(?:\.\d+)*\.? (?![A-Z]\w+ [A-Z])|"
    r"第[一二三四五六七八九十百\d]+(?:[章节条篇]|部分?[ ：:])|"
    r"(?:(?:table of )?contents|introduction|abstract|summary|overview|preface|memo|urgent|notice|"
    r"目录|前言|摘要|引言|概述|通知)$|"
    rf"[\d\s年月日号.,/:-]+(?:修订|版|发布|rev\w*)?$|(?:\d+\S* )?(?:{_MONTHS})[a-z]* [\d, ]+$|"
    r"(?-i:import \w+$|from \S+ import)|isbn\b|\S+@\S+$|.*[\w.]+@[\w.]+",
    re.IGNORECASE,
)
_RUNNING = re.compile(
    r"(?:page|p\.) ?\d+|第 ?\d+ ?页|"
    r"(?:[\w ]+[-–—|:] *)?(?:strictly )?(?:confidential|(?:for )?internal use(?: only)?|draft)\W*$|"
    r"(?:.{0,20}[-—|：: ])?(?:机密|内部资料|内部文件|草稿)[^\w]*$",
    re.IGNORECASE,
)
"""What stands on every page and is no title."""
_OWNER = re.compile(
    r"(?:公司|集团|局|委员会|学校|医院|大学|中心|银行|工厂)$|"
    r"\b(?:authority|ltd|limited|inc|plc|gmbh|ag|llc|corporation|company|council|university|department)$",
    re.IGNORECASE,
)
_LONGEST_LINE = 400
_WIDEST = 100
_WIDEST_ABOVE_TEXT = 50


def title_line(text: str) -> str:
    """The first line of a text without headings, where it stands there as a title does; else "".

    A title is short, ends in no mark, and has a blank line, a rule or labelled lines below it; where text
    follows at once it has to be in capitals, or in Chinese and without any mark. The name of a firm may stand
    above it, and what runs on every page.

    >>> title_line("WARRANTY POLICY\\n\\nWe repair it."), title_line("差旅办法\\n第一条 出差须经批准。")
    ('WARRANTY POLICY', '差旅办法')
    >>> title_line("Dear Ms Lindt\\n\\nThank you."), title_line("The pump is new\\nand it runs.")
    ('', '')
    """
    first, below, third = _first_lines(text)
    if _RUNNING.match(first):
        first, below, third = _first_lines(text.strip().partition("\n")[2])
    own = _titled(first, below)
    if below and _OWNER.search(first) and _fit(first):
        inner = _titled(below, third)
        if inner and width(first) + width(inner) < _WIDEST:
            return f"{first} {inner}"
    return own


def _first_lines(text: str) -> tuple[str, str, str]:
    lines = text[: 4 * _LONGEST_LINE].strip().split("\n", 3)
    short = (one_line(line).strip("*_ ") if len(line) <= _LONGEST_LINE else line for line in lines)
    first, below, third = [*short, "", "", ""][:3]
    return first, below if len(lines) > 1 else "\0", third


def _titled(line: str, below: str) -> str:
    """A line, if it is a title with `below` under it: "" for a blank line, NUL for nothing at all."""
    if named := _NAMED.match(line):
        about = not below or _AUTHOR.match(below)
        return line[named.end() :] if about and width(line) <= _WIDEST else ""
    if below == "\0" or not _fit(line):
        return ""
    chinese = bool(CJK.search(line))
    capitals = line.isupper() and not chinese
    label = _LABELLED.match(line)
    if label and not (capitals and " " in label.group()):
        return ""
    if not below or re.fullmatch(r"[-=_*~—]{3,}", below) or _LABELLED.match(below):
        return line
    if capitals and " " in line:
        return line
    marked = re.search(r"[，。；、,.;]", line)
    return line if chinese and not marked and width(line) <= _WIDEST_ABOVE_TEXT else ""


def _fit(line: str) -> bool:
    return (
        0 < width(line) <= _WIDEST
        and line[0] not in "|>#<{[`~"
        and not line[0].islower()
        and line[-1] not in ".。!！?？,，;；:：、…"
        and len(re.findall(r"[^\W\d]", line)) > 2
        and not (ITEM.match(line) or _NO_TITLE.match(line) or _RUNNING.match(line))
    )
