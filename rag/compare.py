"""Comparisons: which of two named things is older, heavier, dearer. Each is asked for by itself.

Which is heavier, the B-200 or the B-350?   ->   What is the weight of the B-200? ... of the B-350?
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index.language import entity_key, fold, has_cjk, simplified
from rag.clock import time_of_day
from rag.comparatives import HEAD_ZH, Measured, chinese, english
from rag.values import Value, stated_amount, value, without_codes


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two things that are compared."""

    names: tuple[str, str]
    """As the question has them."""
    asks: tuple[tuple[str, ...], ...]
    """For each of them, the questions for its value; the surest answer counts. An amount (50 kg) has none."""
    largest: bool
    """Whether the larger value is meant; an earlier date is the smaller one."""
    says: Literal["name", "yes"]
    """Whether a name is asked for, or if the first is more than the second."""
    language: Literal["en", "zh"]


_NAME = r"(?:the |an? )?[^,?]+?(?:,\d{3})*"
_CHOICE = re.compile(
    rf"(?:which|who|what)\b(?P<head>[^?]*?)"
    rf"(?:(?:,|:)? ?(?P<a>{_NAME}),? or|,? (?:between|(?<=er )of) (?P<c>{_NAME}) and) (?P<b>{_NAME})\s*\?*$",
    re.IGNORECASE,
)
_THAN = re.compile(
    rf"(?:is|are|was|were|does|do|did|has|have) (?P<a>{_NAME}) (?P<head>[a-z ]+?) than (?P<b>{_NAME})\s*\?*$",
    re.IGNORECASE,
)
_QUANTITY = (
    r"age|budget|capacity|costs?|demand|depth|fees?|fine|height|income|length|level|limit|loss(?:es)?|"
    r"number [^,?]+?|output|population|power|pressure|price|production|profit|rate|rent|revenue|salary|sales|"
    r"score|share|speed|surcharge|tax|temperature|toll|turnover|wages?|weight|width|yield"
)
_IN_OR = re.compile(
    rf"(?P<be>is|are|was|were) (?P<thing>(?:the|our|your|its|their) (?:[^,?]+ )?(?:{_QUANTITY})) "
    r"(?P<head>higher|lower|larger|bigger|greater|smaller) "
    rf"(?P<at>in|at|on|for) (?P<a>{_NAME}) or (?:(?:in|at|on|for) )?(?P<b>{_NAME})\s*\?*$",
    re.IGNORECASE,
)
"""Was the profit higher in 2022 or in 2023?"""
_ARTICLE = re.compile(r"^(?:the|an?) ")
_BEGUN = re.compile(r"\b(?:first|last|[a-z]+(?:er|est)) (?=\S)")

_THIRD = re.compile(r"\bor\b|\band (?:the )?[A-Za-z]+-?\d", re.IGNORECASE)
_THIRD_BEFORE = re.compile(r"[,:]\s*(?:the |an? )?[^\s,]*[A-Z0-9]")
"""Another name, behind or before the two: three things are not compared."""

_NAMED = re.compile(r"[A-Z\u00c0-\u00de\u0391-\u03a9\u0410-\u042f0-9]")
_PLEASE = re.compile(r"^[请請][问問][，,：:\s]*")
MEASURES_ZH = "个家款种座台位项本部条辆间类批层栋份道套站艘架支只处所门场期届边"
_AND_ZH = "(?<!共)和|与|跟|、|还是"
_BOTH_ZH = r"这两[^\s的]{1,4}|两者|二者|两个"
_CHOICE_ZH = re.compile(
    rf"(?P<a>[^，,？?]{{2,30}}?|[^，,？?])(?:{_AND_ZH})(?P<b>[^，,？?]{{1,30}}?)"
    rf"(?:{_BOTH_ZH})?(?:的(?P<noun>[^的，,？?]{{2,6}}?))?(?:相比|之间|{_BOTH_ZH}|中)?[，,]?"
    rf"(?:哪一?[{MEASURES_ZH}]|谁|何者)(?P<head>[^？?]+)[？?]*$"
)
"""A name of one character only where there is no other way: 颐和园和故宫."""
_BEFORE_ZH = re.compile(
    r"^\s*(?:按|在|对|就|从|关于|如果|要是|假如|若|以|根据|据|去年|今年|明年|截至|到|\d{4}年|目前|现在|"
    "同样|同为|都是|除了|比较|不算|不含)"
    "|(?:的话|时候?|方面|来看|来说|而言|来讲)$"
)
"""A clause that says under what the two are compared."""
_THAN_ZH = re.compile(
    r"(?P<a>[^，,？?]{1,30}?)(?:的(?P<noun>[^的，,]{1,6}))?(?:是否|是不是)?比(?P<b>[^，,？?]{1,30}?)"
    rf"(?P<head>{HEAD_ZH})[吗？?]+$"
)
_WHEN_ZH = re.compile(
    r"(?>(?:\d{4}年(?:度|全年|底|初|末)?|[今去前明本]年|[上下]半年|第?[一二三四1-4]季度|Q[1-4]|\d{1,2}月份?|[本上]月|目前|现在)的?)++"
    r"(?=[^之份度款版型底初末全]|$)"
)
"""What the first name begins with, and is meant of both ..."""
_OTHER_TIME_ZH = re.compile(r"\d年|[今去前明本]年|半年|季度|月|以前|原来|之前|过去|从前|新|往年|同期|年度")
"""... unless the second has a time of its own."""
_COUNTED_ZH = re.compile(
    r"(?<=[^分每前后近头])两[个家款种座台位本部条辆间类批栋道套艘架支只处所门][^的，,？?期次年月]{0,6}$"
)
"""B-200和B-350两款水泵"""
_HAPPENS = re.compile(r"^When does\b|[开关]门|打烊|[上下]班|发车|结束|开始")
_ENDS = re.compile(r"\b(?:close|end|finish|stop)\b|关门|打烊|下班|结束")
_THIRD_ZH = re.compile(
    "、|还是|(?<=..)(?<!共)[和与跟](?=..)|(?<=[A-Za-z0-9])[和与跟]|(?<=.)[和与跟](?=[A-Za-z0-9])"
)
_ATTRIBUTE_ZH = re.compile(
    "(?:[期量度价积径率速力数额龄温]|价格|期限|寿命|时间|历史|费用|成本|产值|功耗|身高|[全总]长|[总净毛自]重|扬程)$"
)
"""What a thing has, not what it is: 保修期 in B-200的保修期, but not 黄河 in 中国的黄河."""


def comparison(question: str) -> Comparison | None:
    """How a question compares two named things; None if it does not.

    >>> comparison("Which is heavier, the B-200 or the B-350?").asks[1]
    ('What is the weight of the B-350?',)
    >>> comparison("A-80和B-200哪个成立更早？").asks[0], comparison("Who founded Acme?")
    (('A-80是什么时候成立的？',), None)
    """
    question = _PLEASE.sub("", question.strip())
    return _chinese(question) if has_cjk(question) else _english(question)


def names_one(compared: Comparison, answer: str) -> bool:
    """Whether an answer names one of the two things, or is a part of one name and not of the other.

    >>> compared = comparison("Which is heavier, the B-200 pump or the B-350 pump?")
    >>> [names_one(compared, answer) for answer in ("B-350", "The B-200 pump is heavier.", "pump", "50")]
    [True, True, False, False]
    """
    keys, key = [entity_key(name) for name in compared.names], entity_key(answer)
    return any(_holds(key, name) for name in keys) or sum(_holds(name, key) for name in keys) == 1


def decided(compared: Comparison, answers: Sequence[str]) -> str | None:
    """The name that is meant, or yes or no; None when the answers cannot be compared or are equal.

    Args:
        answers: one for each name; for one that is not asked for it does not matter.
    """
    first, second = (
        _when(answer, asks) or _stated(answer, compared.names) if asks else value(name)
        for name, asks, answer in zip(compared.names, compared.asks, answers, strict=True)
    )
    if first is None or second is None or first.measure != second.measure:
        return None
    if first.amount == second.amount and compared.says == "name":
        return None
    more = first.amount > second.amount if compared.largest else first.amount < second.amount
    if compared.says == "name":
        return _ARTICLE.sub("", compared.names[0 if more else 1])
    return {"en": ("No", "Yes"), "zh": ("不是", "是")}[compared.language][more]


def _holds(text: str, part: str) -> bool:
    """As whole words: B-200 is not in B-2000, nor 200 in B-200. Chinese has no borders between words."""
    return bool(part) and re.search(whole(part), text) is not None


def whole(key: str) -> str:
    return rf"(?<![a-z0-9])(?<![a-z0-9]-){re.escape(key)}(?!-?[a-z0-9])"


def _when(answer: str, asks: Sequence[str]) -> Value | None:
    """The time of day at which something opens or closes."""
    if not any(map(_HAPPENS.search, asks)):
        return None
    minutes = time_of_day(answer, end=any(map(_ENDS.search, asks)))
    return Value("clock", minutes) if minutes is not None else None


def _stated(answer: str, names: Sequence[str]) -> Value | None:
    """The value that an answer states; the number of a code or a name says nothing."""
    text = fold(without_codes(answer))
    for key in filter(None, map(entity_key, names)):
        text = re.sub(whole(key), " ", text)
    return value(text)


def _english(question: str) -> Comparison | None:
    if years := _IN_OR.match(question):
        told = english(years["head"])
        thing = years["thing"].replace("{", "").replace("}", "")
        ask = f"What {years['be'].lower()} {thing} {years['at']} {{}}?"
        names = years["a"].strip(), years["b"].strip()
        known = told and not _THIRD.search(names[1]) and all(map(_NAMED.search, names))
        return _of(*names, ((ask,), told[1]), "name", "en") if told and known else None
    than = _THAN.match(question)
    match = than or _CHOICE.match(question)
    if match is None:
        return None
    told, second = english(match["head"]), match["b"].strip()
    first = (match["a"] or match["c"]).strip()
    if told is None and not than and (begun := _BEGUN.search(first)):
        # "Which band was formed first The Exies or Circus Diablo": no comma before the names.
        told, first = english(f"{match['head']} {first[: begun.end()]}"), first[begun.end() :]
    if told is None or not all(map(_NAMED.search, (first, second))):
        return None
    between = match.groupdict().get("c") is not None
    if _THIRD.search(second) or _THIRD_BEFORE.search(match["head"]) or (between and " and " in second):
        return None
    return _of(first, second, told, "yes" if than else "name", "en")


def _chinese(question: str) -> Comparison | None:
    """Clauses before the two things belong to what is asked of each: 按标准价，甲和乙哪个便宜."""
    plain = simplified(question)
    borders = [0]
    for mark in re.finditer("[，,]", plain):
        if not _BEFORE_ZH.search(plain[borders[-1] : mark.start()]):
            break  # a third thing
        borders.append(mark.end())
    found = ((at, pattern, pattern.match(plain, at)) for at in borders for pattern in (_CHOICE_ZH, _THAN_ZH))
    at, pattern, match = next((one for one in found if one[2]), (0, None, None))
    if match is None:
        return None
    choice = pattern is _CHOICE_ZH
    (start, end), (begin, stop), noun = match.span("a"), match.span("b"), match["noun"] or ""
    if choice and noun:
        shared = match["a"].removesuffix(f"的{noun}")
        if not _ATTRIBUTE_ZH.search(noun) or shared.endswith(noun):
            stop, noun = match.end("noun"), ""
        else:
            end = start + len(shared)
    when = _WHEN_ZH.match(plain, start, end) if choice else None
    if when and not _OTHER_TIME_ZH.search(plain, begin, stop):
        at = start = when.end()
    if choice and (counted := _COUNTED_ZH.search(plain, begin + 1, stop)):
        stop = counted.start()
    if any(map(_THIRD_ZH.search, (plain[start:end], plain[begin:stop]))):
        return None
    told = chinese(noun + match["head"].strip("的是"))
    if told is None:
        return None
    before = question[:at].replace("{", "").replace("}", "")
    told = tuple(f"{before}{ask}" for ask in told[0]), told[1]
    return _of(question[start:end], question[begin:stop], told, "name" if choice else "yes", "zh")


def _of(
    first: str, second: str, told: Measured, says: Literal["name", "yes"], language: Literal["en", "zh"]
) -> Comparison | None:
    questions, largest = told
    names = (first, second)
    asks = tuple(
        ()
        if says == "yes" and stated_amount(name)
        else tuple(question.format(name) for question in questions)
        for name in names
    )
    return Comparison(names, asks, largest, says, language) if any(asks) else None
