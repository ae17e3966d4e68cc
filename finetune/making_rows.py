"""Questions from a text's layout: label and value, rows of tables, headings that ask. No model is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from index.language import CJK, has_cjk, language, sentences
from index.types import Fact
from rag.sources import Source
from rag.values import value

_NUMBERED = re.compile(
    r"^\s*(?:\d{1,2}(?:\.\d+)*[.、)）]?\s+|第[一二三四五六七八九十]+[章节条]\s*|[（(]?[一二三四五六七八九十]+[、）)]\s*|[-•*]\s*)"
)
_UNIT = re.compile(r"[（(]([^()（）]{1,12})[)）]")
_CHINESE = re.compile(rf"[{CJK}][{CJK}0-9A-Za-z·/-]*")
_ASKS = re.compile(r"[?？]\s*$")
_LONGEST = {"en": 90, "zh": 40}
"""Characters of a value."""
_PERSON = re.compile(
    r"(?:manager|director|head|sponsor|contact|officer|engineer|author|responsible|owner|lead|president|name)s?$|"
    r"(?:经理|总监|负责人|联系人|厂长|主任|主管|工程师|作者|主席|会长|总裁|安全员|人)$",
    re.IGNORECASE,
)
_ASK_ZH = (
    (re.compile("^(?:部门|科室)$"), "{0}在哪个部门？"),
    (re.compile("^(?:城市|所在城市)$"), "{0}在哪个城市？"),
    (re.compile("^(?:地点|位置|地址|所在地|产地)$"), "{0}的{1}是哪里？"),
    (re.compile("(?:时间|日期)$"), "{0}的{1}是什么时候？"),
)
_NO_LABELS = re.compile(
    r"^(?:note|notes|text|item|event|time|date|step|no|注|备注|说明|提示|注意|例如|例|事件|时间|问|答)$",
    re.IGNORECASE,
)
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|can|must|should|will|may)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stated:
    question: str
    answer: str
    kind: Literal["heading", "value"]


def stated(source: Source, topic: str) -> Iterator[Stated]:
    """Questions that the layout of a passage answers.

    Args:
        topic: what the passage is about, as a question may name it; "" for nothing with a name.
    """
    yield from _cells(source)
    yield from _labels(source, topic)
    yield from _heading(source)


def unnumbered(heading: str) -> str:
    """
    >>> unnumbered("3.1 Warranty"), unnumbered("三、交货期"), unnumbered("2024 results")
    ('Warranty', '交货期', '2024 results')
    """
    return _NUMBERED.sub("", heading).strip()


def _cells(source: Source) -> Iterator[Stated]:
    for fact in source.facts:
        if not source.column(fact):
            continue
        words = source.words(fact)
        row = len(re.findall(r"[:：][^;；\n]+(?:[;；]|$)", words)) > 1
        answer = _value(fact, words)
        if row and answer and (question := _asked(source.name(fact.subject), fact.relation, answer, words)):
            yield Stated(question, answer, "value")


def _value(fact: Fact, words: str) -> str:
    """A cell as it is written."""
    found = re.search(rf"{re.escape(fact.relation)}\s*[:：]\s*([^;；\n]+)", words)
    return found[1].strip() if found else ""


def _labels(source: Source, topic: str) -> Iterator[Stated]:
    """`Weight: 58 kg` on a line of its own."""
    if not topic:
        return
    for line in source.passage.text.split("\n"):
        match = re.fullmatch(
            r"\s*(?:[-*•·]\s+)?([^\s:：|#][^:：|.。?!]{0,30})[:：]\s*([^\s:：|/][^:：|;；]*)", line
        )
        if match is None:
            continue
        label, answer = match[1].strip("* "), match[2].strip("* ")
        zh = has_cjk(label)
        short = (
            re.split("[，。；]" if zh else r"(?<=[^\d]),\s|\.\s|;", answer)[0].rstrip("。.")
            if len(answer) > 12
            else answer
        )
        answer = (
            short if value(short) or len(answer) > _LONGEST["zh" if zh else "en"] else answer.rstrip("。.")
        )
        if question := _asked(topic, label, answer, source.passage.text):
            yield Stated(question, answer, "value")


def _asked(subject: str, label: str, answer: str, context: str) -> str:
    """A question for the value of a label; "" where label, subject or value are not fit for one."""
    tongue = language(context)
    unit = _UNIT.search(label)
    bare = _UNIT.sub("", label).replace("_", " ").strip()
    if has_cjk(bare) and re.search("[A-Za-z]", bare):  # a label in both languages
        bare = " ".join(_CHINESE.findall(bare)) if tongue == "zh" else re.sub(f"[{CJK}]", "", bare).strip()
    if has_cjk(bare) != (tongue == "zh") or (
        has_cjk(answer) != (tongue == "zh") and value(answer) is None and tongue == "en"
    ):
        return ""
    if _NO_LABELS.match(bare) or not 1 < len(bare) <= 30 or not answer or len(answer) > _LONGEST[tongue]:
        return ""
    if not any(c.isalpha() for c in subject) or len(subject) > 40 or subject == answer or bare in subject:
        return ""
    if tongue == "zh":
        return _asked_zh(subject, bare, answer, unit[1] if unit else "")
    if (
        _VERB.search(bare)
        or (re.search(r"\d", bare) and len(bare.split()) == 1)
        or len(bare.split()) > 4
        or re.search(r"[.?!]\s+\w", answer)
    ):
        return ""
    return _asked_en(subject, bare, answer, unit[1] if unit else "")


def _asked_en(subject: str, label: str, answer: str, unit: str) -> str:
    label = " ".join(
        word if word.isupper() or any(map(str.isdigit, word)) else word.lower() for word in label.split()
    )
    person = _PERSON.search(label) and answer[0].isupper() and value(answer) is None
    plural = label.endswith("s") and not label.endswith(("ss", "us", "is"))
    be = "are" if plural and not person else "is"
    article = "" if subject.lower().startswith(("the ", "a ")) or not re.search(r"\d", subject) else "the "
    asked = f"{'Who' if person else 'What'} {be} the {label} of {article}{subject}"
    return f"{asked} in {unit}?" if unit and not has_cjk(unit) and value(answer) else f"{asked}?"


def _asked_zh(subject: str, label: str, answer: str, unit: str) -> str:
    for pattern, form in _ASK_ZH:
        if pattern.search(label):
            return form.format(subject, label)
    if _PERSON.search(label) and value(answer) is None and len(answer) <= 20:
        return f"{subject}的{label}是谁？"
    if re.fullmatch(r"[\d.,+\-—()（）/ ]+", answer):
        return f"{subject}的{label}是多少{unit if has_cjk(unit) else ''}？"
    counted = re.fullmatch(
        rf"(?:约|每[{CJK}]{{1,3}})?[\d,.零一二两三四五六七八九十百千万]+([{CJK}%％a-zA-Z]{{1,4}})", answer
    )
    if counted:
        return (
            f"{subject}的{label}是多少{'' if counted[1] in '%％' else counted[1]}？"
            if has_cjk(counted[1])
            else f"{subject}的{label}是多少？"
        )
    return "" if len(answer) > 15 or re.search("[是应要可请]", answer) else f"{subject}的{label}是什么？"


def _heading(source: Source) -> Iterator[Stated]:
    """A heading or title that asks, as in lists of frequent questions; the first sentence answers it."""
    for name in dict.fromkeys((source.passage.heading.split(" > ")[-1], source.title)):
        heading = unnumbered(name)
        if not _ASKS.search(heading):
            continue
        for start, end in sentences(source.passage.text)[:1]:
            said = source.passage.text[start:end]
            if language(said) == language(heading) and len(said) <= 2 * _LONGEST[language(said)]:
                yield Stated(heading, said.rstrip("。."), "heading")
