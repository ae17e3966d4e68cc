"""Yes and no of questions that a document asks and answers itself, as an FAQ does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from index.language import index_terms, simplified

_ENDS = r"(?=[ ]*[,.!;:，。！；：]|[ ]+[–—-]|\s*$)"
_BEGINS = re.compile(
    rf"(?:(?P<no>no|不是|不可以|不能|不行|不会|不用|不需要|没有|不)|(?P<yes>yes|是的?|可以|能|有|会|对|需要|行)){_ENDS}",
    re.IGNORECASE,
)
_EXCEPT = re.compile(
    r"\b(?:not|no|except|excluding|but|only|unless|if|provided|other than|without)\b|除|但|仅|只|不|若|如",
    re.IGNORECASE,
)
_EVERY = frozenset(["all", "ani", "everi"])
"""Stems that an answer may say of all it is asked about: "Yes, all of them"."""


def told_at_once(answer: str) -> Literal["yes", "no"] | None:
    """Whether an answer begins with yes or no.

    >>> told_at_once("Yes. Dogs travel free."), told_at_once("不能。活鲜不承运。")
    ('yes', 'no')
    >>> told_at_once("Nobody knows."), told_at_once("不锈钢的。"), told_at_once("No. 7 is shut.")
    (None, None, None)
    """
    text = simplified(answer.lstrip())
    match = _BEGINS.match(text)
    if match is None or re.match(r"no\.? ?\d", text, re.IGNORECASE):
        return None
    return "no" if match["no"] else "yes"


def same_question(stated: Sequence[str], other: Sequence[str], answer: str) -> bool:
    """Whether a question states what another one states, in the same order.

    Args:
        stated: the terms of the question.
        other: of the one that a document asks.
        answer: the first sentence of its answer: that it holds of all, it must say.

    >>> same_question(["graz", "deliv", "linz"], ["graz", "deliv", "linz"], "Yes.")
    True
    >>> same_question(["linz", "deliv", "graz"], ["graz", "deliv", "linz"], "Yes.")
    False
    """
    rest = set(stated) - set(other)
    said = index_terms(answer)
    if not other or not rest <= _EVERY or not rest <= set(said) or (rest and _EXCEPT.search(answer[3:])):
        return False
    return [term for term in stated if term not in rest] == list(other)
