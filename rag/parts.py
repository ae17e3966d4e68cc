"""Questions of two parts, where the second asks on about whom the first asks for.

Who approves waivers, and in which room does she sit?   ->   Who approves waivers?  In which room does X sit?
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.language import has_cjk

_SOMEBODY = (
    r"an? (?:employee|colleague|driver|guest|customer|visitor|member|patient|tenant|student|child|pupil|"
    r"trainee|worker|supplier|applicant|resident|volunteer|person)"
)
"""Whom a pronoun may mean as well."""
_ENGLISH = re.compile(
    rf"^(?P<first>whom?\b(?! (?:can|may|could|might|gets?|is allowed)\b)(?![^?]*\b{_SOMEBODY}\b)[^?]{{6,}}?)"
    r"(?:,? and|[,;?])\s+"
    r"(?P<second>(?:(?:on|in|at|under|by|to) )?(?:what|where|which|how|when)\b[^?]*?"
    r"\b(?P<pronoun>he|she|they|his|her|their|them|him)\b[^?]*)\?*\s*$",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"^(?P<first>(?!.*(?:员工|访客|租客|客户|顾客|学生|家长|病人|患者|老人|司机|新人|会员|供应商)[^，,？?]*"
    r"(?:谁|哪一?[位个名]))(?:谁|哪一?[位名]|[^？?，,]*[由是](?:谁|哪一?[位个名]))[^？?，,]*)[，,；;？?]\s*"
    r"(?:并且?|而且|以及|和|同时)?"
    r"(?P<second>[^，,？?]{0,4}?(?P<pronoun>他或她|她或他|他/她|[他她](?!们)|此人|该人)"
    r"(?:的)?(?:[^？?，,]*[，,])?[^？?，,]*(?:多少|什么|哪|几|怎)[^？?，,]*)[？?]*\s*$"
)
_WISH_ZH = re.compile(
    r"^(?P<first>[^？?，,。]*(?:谁|哪一?[位名个])[^？?，,。]*)[，,；;。？?]\s*"
    r"(?:我[要想得]|请?[给帮]我|麻烦|需要)[^，,。？?他她]{0,4}[他她](?!们)的?"
    r"(?P<detail>分机号?|手机号?|电话|短号|工号|邮箱|邮件地址|微信)[^？?。]*[。？?]*\s*$"
)
"""A number is wanted, of whom the question asks for only to get it."""
_OWNS = frozenset(["his", "their"])
_VERB = re.compile(r"\s+(?:is|was|does|did|can|could|will|has|must|may|on|at|in)\b|\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TwoParts:
    """A question for somebody, and another about that one."""

    ask: str
    before: str
    after: str
    """The second question around the name."""
    only_then: bool = False
    """Whether nothing but what the second tells is wanted."""

    def named(self, name: str) -> str:
        """The second question with a name in place of its pronoun."""
        return f"{self.before}{name}{self.after}"


def two_parts(question: str) -> TwoParts | None:
    """The two questions; None where it is one, or the second does not ask on about a person.

    >>> two_parts("Who approves waivers, and what is her extension?").named("Ada Lee")
    "What is Ada Lee's extension?"
    >>> two_parts("减免由哪位领导审批，他在哪间办公室？").named("苗雨芹")
    '苗雨芹在哪间办公室？'
    >>> two_parts("续签的事是谁在跟？我要打他分机").named("丁一鸣")
    '丁一鸣的分机是多少？'
    >>> two_parts("What does the permit cost and how long is it valid?")
    """
    question = " ".join(question.split())
    chinese = has_cjk(question)
    if wish := _WISH_ZH.match(question):
        return TwoParts(f"{wish['first']}？", "", f"的{wish['detail']}是多少？", only_then=True)
    match = (_CHINESE if chinese else _ENGLISH).match(question)
    if match is None:
        return None
    start, end = (place - match.start("second") for place in match.span("pronoun"))
    second = match["second"]
    before, after = second[:start], second[end:]
    if chinese:
        return TwoParts(f"{match['first']}？", before, f"{after}？")
    pronoun = match["pronoun"].lower()
    owns = pronoun in _OWNS or (pronoun == "her" and not _VERB.match(after))
    before = before[:1].upper() + before[1:]
    return TwoParts(f"{match['first']}?", before, f"{chr(39) + 's' if owns else ''}{after}?")
