"""Records of a question and its answer, or a title and its text: a heading, and what stands below it.

So an answer is found, read and cited under its question, and not between two others.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from index.text import clean, one_line, width

_QUESTIONS = (
    frozenset(["question", "q", "问题", "問題", "问", "問", "提问", "常见问题", "常見問題"]),
    frozenset(["answer", "a", "reply", "答案", "回答", "答", "答复", "答覆", "解答", "回复", "回覆"]),
)
_TITLES = (
    frozenset(["title", "heading", "标题", "標題"]),
    frozenset(["content", "body", "text", "内容", "內容", "正文"]),
)
_LEAST_TEXT = 40
"""Columns of what stands below a title; less may be a value in a table, with "Dr" under "Title"."""
_LONGEST_HEADING = 300
"""Characters."""


def section_columns(rows: Sequence[Sequence[str]], names: Sequence[str]) -> tuple[int, int] | None:
    """Which of the names stand for a heading and for its text, where each is one.

    Args:
        rows: what stands below the names.

    >>> section_columns([], ["No.", "Question", "Answer"]), section_columns([], ["Answer", "Score"])
    ((1, 2), None)
    >>> section_columns([["Ann", "Dr", "Mercury"]], ["Name", "Title", "Body"])
    """
    plain = [one_line(name).strip(":： *").lower() for name in names]
    for pair in (_QUESTIONS, _TITLES):
        found = [[at for at, name in enumerate(plain) if name in words] for words in pair]
        if [len(one) for one in found] == [1, 1]:
            heading, text = found[0][0], found[1][0]
            widths = [width(row[text]) for row in rows if text < len(row)]
            return (heading, text) if pair is _QUESTIONS or median(widths or [0]) >= _LEAST_TEXT else None
    return None


def section(heading: str, text: str, more: str = "") -> str:
    """A heading and the text below it; "" where there is no text, or what is above it can be no heading.

    >>> section("May I bring a dog?", "Yes.", "Last change: 2024")
    '## May I bring a dog?\\n\\nYes.\\n\\nLast change: 2024'
    """
    heading, text = one_line(heading), clean(text).strip()
    if not text or len(heading) > _LONGEST_HEADING or not any(map(str.isalpha, heading)):
        return ""
    return "\n\n".join(filter(None, [f"## {heading}", text, more]))
