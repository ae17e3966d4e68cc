"""Yes and no of questions that a document asks and answers itself, as an FAQ does."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from index.language import has_cjk, index_terms, simplified

_BEGINS = re.compile(
    r"(?P<no>no\b|不是|不可以|不能|不行|不会|不用|不需要|没有|不)(?=[\s,.!;:，。！；：—-]|$)|"
    r"(?P<yes>yes\b|是的?|可以|能|有|会|对|需要|行)(?=[\s,.!;:，。！；：—-]|$)",
    re.IGNORECASE,
)


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


def same_question(stated: Collection[str], other: Collection[str], answer: str) -> bool | None:
    """Whether a question states all that another one states: no more than that, or what the answer says too.

    Args:
        stated: the terms of the question.
        other: of the one that a document asks.
        answer: the first sentence of its answer.

    Returns:
        None: not the same; False: the same with the help of the answer.
    """
    if not other or not set(other) <= set(stated):
        return None
    rest = set(stated) - set(other)
    if rest and (any(has_cjk(term) for term in rest) or not rest <= set(index_terms(answer))):
        return None
    return not rest
