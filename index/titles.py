"""What a text calls itself, where nothing else says it."""

from __future__ import annotations

import re

from index.text import CJK, ITEM, one_line, width

_NAMED = re.compile(r"(?:title|subject|标题|题目|主题)[ ]*[:：][ ]*(?=\S)", re.IGNORECASE)
_LABELLED = re.compile(r"[^:：]{1,30}[:：](?!\S*://)")
_NO_TITLE = re.compile(
    r"(?:dear|hi|hello|good (?:morning|day|afternoon))\b|(?:亲爱|尊敬|敬爱)的|各位|"
    r"(?:(?:table of )?contents|introduction|abstract|summary|overview|preface|draft|confidential|"
    r"memo|page \d+|目录|前言|摘要|引言|概述|机密|内部资料|草稿|第\d+页|"
    r"[\d\s年月日./-]+(?:修订|版|发布|rev\w*))$",
    re.IGNORECASE,
)
_OWNER = re.compile(
    r"(?:公司|集团|局|委员会|学校|医院|大学|中心|银行|工厂|[）)])$|"
    r"\b(?:authority|ltd|limited|inc|plc|gmbh|ag|llc|co|corporation|company|council|university|department)\.?$",
    re.IGNORECASE,
)
_WIDEST = 100
_WIDEST_ABOVE_TEXT = 50


def title_line(text: str) -> str:
    """The first line of a text without headings, where it stands there as a title does; else "".

    A title is short, ends in no mark, and has a blank line, a rule or labelled lines below it; where text
    follows at once it has to be in capitals, or in Chinese and without any mark. The name of a firm may stand
    above it.

    >>> title_line("WARRANTY POLICY\\n\\nWe repair it."), title_line("差旅办法\\n第一条 出差须经批准。")
    ('WARRANTY POLICY', '差旅办法')
    >>> title_line("Dear Ms Lindt\\n\\nThank you."), title_line("The pump is new\\nand it runs.")
    ('', '')
    """
    first, _, rest = text.strip().partition("\n")
    below, _, after = rest.partition("\n")
    title, below = (one_line(line).strip("*_ ") for line in (first, below))
    if named := _NAMED.match(title):
        return title[named.end() :] if width(title) <= _WIDEST else ""
    if not rest or not _fit_for_title(title):
        return ""
    if _OWNER.search(title) and _fit_for_title(below) and not _LABELLED.match(below):
        inner = title_line(f"{below}\n{after}")
        return f"{title} {inner}" if inner and width(title) + width(inner) < _WIDEST else inner or title
    chinese = bool(CJK.search(title))
    if title.isupper() and not chinese:
        return title
    if _LABELLED.match(title):
        return ""
    if not below or re.fullmatch(r"[-=_*~—]{3,}", below) or _LABELLED.match(below):
        return title
    marked = re.search(r"[，。；、,.;]", title)
    return title if chinese and not marked and width(title) <= _WIDEST_ABOVE_TEXT else ""


def _fit_for_title(line: str) -> bool:
    return (
        0 < width(line) <= _WIDEST
        and line[0] not in "|>#<{[`~"
        and line[-1] not in ".。!！?？,，;；:：、…"
        and len(re.findall(r"[^\W\d]", line)) > 2
        and not (ITEM.match(line) or _NO_TITLE.match(line))
    )
