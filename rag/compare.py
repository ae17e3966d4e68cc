"""Comparisons: which of two named things is older, heavier, dearer. Each is asked for by itself.

Which is heavier, the B-200 or the B-350?   ->   What is the weight of the B-200? ... of the B-350?
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index.language import entity_key, fold, has_cjk
from rag.comparatives import HEAD_ZH, Measured, chinese, english
from rag.values import Value, value, without_codes


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two things that are compared."""

    names: tuple[str, str]
    """As the question has them."""
    asks: tuple[tuple[str, ...], ...]
    """For each of them, the questions for its value; the surest answer counts."""
    largest: bool
    """Whether the larger value is meant; an earlier date is the smaller one."""
    says: Literal["name", "yes"]
    """Whether a name is asked for, or if the first is more than the second."""
    language: Literal["en", "zh"]


_NAME = r"(?:the |an? )?[^,?]+?"
_CHOICE = re.compile(
    rf"(?:which|who|what)\b(?P<head>[^?]*?)"
    rf"(?:(?:,|:)? ?(?P<a>{_NAME}),? or|,? (?:between|(?<=er )of) (?P<c>{_NAME}) and) (?P<b>{_NAME})\s*\?*$",
    re.IGNORECASE,
)
_THAN = re.compile(
    rf"(?:is|are|was|were|does|do|did|has|have) (?P<a>{_NAME}) (?P<head>[a-z ]+?) than (?P<b>{_NAME})\s*\?*$",
    re.IGNORECASE,
)
_BEGUN = re.compile(r"\b(?:first|last|[a-z]+(?:er|est)) (?=\S)")

_PLEASE = re.compile(r"^请问[，,：:\s]*")
_CHOICE_ZH = re.compile(
    r"(?P<a>[^，,？?]{1,30}?)(?:和|与|跟|、|还是)(?P<b>[^，,？?]{1,30}?)"
    r"(?:相比|之间|这两\S{1,4}|两者|两个|中)?[，,]?"
    r"(?:哪一?(?:个|家|款|种|座|台|位|项|本|部|条)|谁|何者)(?P<head>[^？?]+)[？?]*$"
)
_THAN_ZH = re.compile(
    r"(?P<a>[^，,？?]{1,30}?)(?:的(?P<noun>[^的，,]{1,6}))?(?:是否|是不是)?比(?P<b>[^，,？?]{1,30}?)"
    rf"(?P<head>{HEAD_ZH})[吗？?]+$"
)


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
    """The name that is meant, or yes or no; None when the answers cannot be compared or are equal."""
    first, second = (_stated(answer, compared.names) for answer in answers)
    if first is None or second is None or first.measure != second.measure:
        return None
    if first.amount == second.amount and compared.says == "name":
        return None
    more = first.amount > second.amount if compared.largest else first.amount < second.amount
    if compared.says == "name":
        return compared.names[0 if more else 1]
    return {"en": ("No", "Yes"), "zh": ("不是", "是")}[compared.language][more]


def _holds(text: str, part: str) -> bool:
    """As whole words: B-200 is not in B-2000, nor 200 in B-200. Chinese has no borders between words."""
    return bool(part) and re.search(_whole(part), text) is not None


def _whole(key: str) -> str:
    return rf"(?<![a-z0-9])(?<![a-z0-9]-){re.escape(key)}(?!-?[a-z0-9])"


def _stated(answer: str, names: Sequence[str]) -> Value | None:
    """The value that an answer states; the number of a code or a name says nothing."""
    text = fold(without_codes(answer))
    for key in filter(None, map(entity_key, names)):
        text = re.sub(_whole(key), " ", text)
    return value(text)


def _english(question: str) -> Comparison | None:
    than = _THAN.match(question)
    match = than or _CHOICE.match(question)
    if match is None:
        return None
    told, second = english(match["head"]), match["b"].strip()
    first = (match["a"] or match["c"]).strip()
    if told is None and not than and (begun := _BEGUN.search(first)):
        # "Which band was formed first The Exies or Circus Diablo": no comma before the names.
        told, first = english(f"{match['head']} {first[: begun.end()]}"), first[begun.end() :]
    if told is None or not all(any(m.isupper() or m.isdigit() for m in name) for name in (first, second)):
        return None
    return _of(first, second, told, "yes" if than else "name", "en")


def _chinese(question: str) -> Comparison | None:
    choice, than = _CHOICE_ZH.match(question), _THAN_ZH.match(question)
    match = choice or than
    if match is None:
        return None
    told = chinese((match.groupdict().get("noun") or "") + match["head"].strip("的是"))
    return told and _of(match["a"], match["b"], told, "name" if choice else "yes", "zh")


def _of(
    first: str, second: str, told: Measured, says: Literal["name", "yes"], language: Literal["en", "zh"]
) -> Comparison:
    questions, largest = told
    asks = tuple(tuple(question.format(name) for question in questions) for name in (first, second))
    return Comparison((first, second), asks, largest, says, language)
