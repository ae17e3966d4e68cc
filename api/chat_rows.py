"""OpenAI's chat format -> questions with their passages and answers, as `finetune` learns them.

A line is `{"messages": [{"role": "system"?}, {"role": "user"}, {"role": "assistant"}]}`; lines that have a
"question" already are taken as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.errors import InputError
from rag.prompt import ABSTENTIONS, UNKNOWN

_LABELS = r"(?:passage(?: \d+)?|context|document|text|source|资料|段落|上下文|材料|原文|文档)"
_ASKED = r"(?:question|query|问题|提问)"
_LABELLED = re.compile(
    rf"^\s*(?:{_LABELS}\s*[:：]\s*)?(?P<passage>.+?)\s*^\s*{_ASKED}\s*[:：]\s*(?P<question>.+?)"
    r"(?:\s*^\s*(?:answer|答案|回答)\s*[:：]\s*)?$",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_REVERSED = re.compile(
    rf"^\s*{_ASKED}\s*[:：]\s*(?P<question>.+?)\s*^\s*{_LABELS}\s*[:：]\s*(?P<passage>.+)$",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_ONLY_ASKED = re.compile(rf"^\s*{_ASKED}\s*[:：]\s*", re.IGNORECASE)
_PARTS = re.compile(r"\n\s*\n")
_SILENT = {phrase.casefold().rstrip(".。") for phrase in (UNKNOWN, *ABSTENTIONS.values())}


def read_rows(file: Path, name: str) -> Iterator[dict[str, Any]]:
    """`{"id", "question", "answers", "context"?}` of each line; no answers where silence is right.

    Args:
        name: what a person calls the file, for messages.

    Raises:
        InputError: a line is of another form, or has more turns than one; names it.
    """
    try:
        lines = file.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{name}: not UTF-8 text ({error}): send JSON lines") from error
    any_line = False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        any_line = True
        try:
            row = _row(json.loads(line))
        except (json.JSONDecodeError, RecursionError) as error:
            raise InputError(f"{name}, line {number}: not JSON ({error})") from error
        except InputError as error:
            raise InputError(f"{name}, line {number}: {error}") from error
        yield {"id": f"{number}", **row}
    if not any_line:
        raise InputError(f"{name} is empty: there is nothing to learn in it")


def _row(line: Any) -> dict[str, Any]:
    if isinstance(line, dict) and isinstance(line.get("question"), str):
        return dict(line)
    messages = line.get("messages") if isinstance(line, dict) else None
    if not isinstance(messages, list):
        raise InputError(
            'needs "messages", a list of {"role", "content"}, or a "question" with its "answers"'
        )
    said: dict[str, list[str]] = {"system": [], "user": [], "assistant": []}
    for message in messages:
        role, content = _message(message)
        said[role].append(content)
    if len(said["user"]) != 1 or len(said["assistant"]) != 1 or len(said["system"]) > 1:
        raise InputError(
            "has to have one user message and one assistant message, after at most one system message: a "
            "question is answered on its own here, so split a conversation into its questions"
        )
    if _message(messages[-1])[0] != "assistant":
        raise InputError("has to end with the assistant's message: it is what is learnt")
    return _asked("".join(said["system"]), said["user"][0], said["assistant"][0].strip())


def _message(message: Any) -> tuple[str, str]:
    role = message.get("role") if isinstance(message, dict) else None
    role = "system" if role == "developer" else role
    if role not in ("system", "user", "assistant"):
        raise InputError(f"a message has the role {role!r}: only system, user and assistant can be learnt")
    content = message.get("content")
    if isinstance(content, list) and all(isinstance(p, dict) and p.get("type") == "text" for p in content):
        content = "".join(str(part.get("text", "")) for part in content)
    if not isinstance(content, str) or not content.strip():
        raise InputError(f"the {role}'s message has no text: only text can be learnt")
    return role, content


def _asked(system: str, user: str, answer: str) -> dict[str, Any]:
    answers = [] if answer.casefold().rstrip(".。") in _SILENT else [answer]
    found = _LABELLED.search(user) or _REVERSED.search(user)
    if found:
        return _with(found["question"], answers, found["passage"])
    question = _ONLY_ASKED.sub("", user).strip()
    *before, last = _PARTS.split(question)
    if before and (not answers or answer in "\n\n".join(before)):
        return _with(last, answers, "\n\n".join(before))
    if answers and answer in system:  # an instruction does not hold the answer, a passage does
        return _with(question, answers, system)
    return {"question": question, "answers": answers}


def _with(question: str, answers: list[str], passage: str) -> dict[str, Any]:
    return {"question": question.strip(), "answers": answers, "context": passage.strip()}
