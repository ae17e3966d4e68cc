"""Answers of which a reader gave a part: the first hour of opening hours, the first word of a command."""

from __future__ import annotations

import re

_ASKS_HOURS = re.compile(
    r"几点到几点|几时到几时|从几点|什么(?:时间段|时段)|(?:营业|开放|上班|工作|办公)时间"
    r"|\b(?:what|which) (?:hours|times)\b|\bbetween (?:what|which)\b|\bopening hours\b"
    r"|\bfrom (?:when|what time) (?:to|until)\b",
    re.IGNORECASE,
)
_ONE_END = re.compile(
    r"几点(?!到)|何时|结束|开始|最[早晚迟]|\b(?:start|begin|end|clos|latest|earliest)\w*", re.IGNORECASE
)
_CLOCK = r"(?:次日|翌日)?\d{1,2}[:：]\d{2}(?: ?[ap]\.?m\.?)?"
_HOURS = re.compile(rf"{_CLOCK} ?(?:[-–—~～至到]+|to|until|till) ?{_CLOCK}", re.IGNORECASE)
_ASKS_COMMAND = re.compile(
    r"\b(?:which|what) commands?\b|\bcommands? (?:is|are) (?:used|needed)\b"
    r"|(?:哪一?[条个]|什么)命令|命令是(?:什么|啥)",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^[ ]*(?:`{3,}|~{3,})", re.MULTILINE)


def completed(question: str, text: str, start: int, end: int) -> tuple[int, int]:
    """Where the whole of an answer stands of which `text[start:end]` is a part; itself where it is whole.

    >>> text = "The shop is open from 9:30 to 17:00."
    >>> a, b = completed("What are the opening hours?", text, 22, 26); text[a:b]
    '9:30 to 17:00'
    >>> text = "Restart it:\\n\\n```\\nsudo systemctl restart importer\\n```"
    >>> a, b = completed("With which command is it restarted?", text, 17, 21); text[a:b]
    'sudo systemctl restart importer'
    """
    if _ASKS_HOURS.search(question) and not _ONE_END.search(re.sub("几点到几点", "", question)):
        for found in _HOURS.finditer(text):
            if found.start() <= start and end <= found.end():
                return found.span()
    if _ASKS_COMMAND.search(question):
        first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        last = len(text) if last < 0 else last
        if "\n" not in text[start:end] and len(_FENCE.findall(text, 0, first)) % 2:
            line = text[first:last]
            prompt = re.match(r"[ ]*(?:[$#>] )?", line)
            return first + (prompt.end() if prompt is not None else 0), first + len(line.rstrip())
        for code in re.finditer(r"`([^`\n]+)`", text[first:last]):
            if first + code.start(1) <= start and end <= first + code.end(1):
                return first + code.start(1), first + code.end(1)
    return start, end
