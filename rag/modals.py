"""Questions for what may or must be done, and sentences that say so. Chinese and English.

"Can visitors take photos?" is not answered by a sentence that only tells of visitors who take photos: one
that answers has a word for it, and that word is said of what the question states.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Literal

from index.language import FUNCTION_WORDS, fold, has_cjk, index_terms, search_terms
from rag.denials import FORBIDS

Modal = Literal["may", "must"]

STATES = re.compile(
    r"(?<!\bthe )(?<!\ba )(?<!\ban )\b(?:(?P<may>allow(?:s|ed)?|permit(?:s|ted)?|possible|entitled)|"
    r"(?P<must>required|requires?|necessary|needed|mandatory|obligatory|obliged|compulsory))\b",
    re.IGNORECASE,
)
"""Said of what stands around it; "the permitted load" is a thing."""
_VERBS = re.compile(
    r"\b(?:(?P<may>can(?:not|[’']t)?|may(?! \d)|could(?:n[’']t)?|able to|right to)|"
    r"(?P<must>must(?:n[’']t)?|shall|should(?:n[’']t)?|needs?(?:n[’']t)?|ha(?:ve|s) to))\b",
    re.IGNORECASE,
)
"""Said of the verb that follows."""
ASKS_ZH = re.compile(
    "(?P<may>可以|可(?![靠能见燃观疑惜比口乐再编是])|(?<![智功性节电热机动可产效])能够?(?![量源力效耗级])|允许|准许|许可(?!证))|"
    "(?P<must>必须|必需|务必|需要?(?!求)|须(?!知)|应当|应该|(?<![供相反效适对响感])应(?![用急力对收付届聘变答酬])|"
    "(?<![重主])要(?![求点素闻]))"
)
_SAYS_ZH = re.compile(f"(?:{ASKS_ZH.pattern})|(?P<also>有权|支持|接受|受理|提供|(?<=不)[得准许])")
_EXEMPTS = re.compile(
    r"\bneed(?:n[’']t| not)\b|\b(?:do|does)(?:n[’']t| not) (?:need|have to|require)\b|\bno need\b|"
    r"\bnot (?:required|necessary|needed|mandatory|obligatory|obliged|compulsory)\b|"
    "无需|无须|不必|不需|不用|不须|不要求",
    re.IGNORECASE,
)
"""What need not be done may be done or not."""
_NOTICE = re.compile(r"^\W*no\b", re.IGNORECASE)
_LIGHT = frozenset("take must may need also onli alwai not no neither".split())  # noqa: SIM905 - as in index/language.py
"""Stems that may stand between the word and its verb."""


def asks_for(question: str) -> Modal | None:
    """What kind of word a sentence must have to answer; None: any sentence may.

    >>> asks_for("Is smoking allowed?"), asks_for("合同需要盖章吗？"), asks_for("Is the plant open?")
    ('may', 'must', None)
    """
    if FORBIDS.search(question):
        return "may"
    said = ASKS_ZH if has_cjk(question) else _VERBS
    match = said.search(question) or (None if has_cjk(question) else STATES.search(question))
    if match is None:
        return None
    return "may" if match["may"] else "must"


def settled(window: Sequence[str], asks: Modal, stated: Collection[str], no: bool) -> bool:
    """Whether clauses that say what is stated (or deny it: `no`) say that it may or must be done, or not.

    >>> settled(["Visitors may smoke outside"], "may", {"visitor", "smoke"}, no=False)
    True
    >>> settled(["Visitors may smoke outside"], "must", {"visitor", "smoke"}, no=False)
    False
    """
    kinds = {kind for clause in window for kind in _said(clause, stated)}
    exempt = any(_EXEMPTS.search(clause) for clause in window)
    if no:
        free = exempt or any(has_cjk(clause) for clause in window)  # 要收费吗？ is denied by 不收费
        return free or bool(kinds) if asks == "must" else bool(kinds) and not exempt
    return not kinds.isdisjoint(("must", "no") if asks == "must" else ("may", "must", "no"))


def only_allows(window: Sequence[str], stated: Collection[str]) -> bool:
    """Whether clauses say that something may be done, and no more."""
    return {kind for clause in window for kind in _said(clause, stated)} == {"may"}


def _said(clause: str, stated: Collection[str]) -> set[str]:
    """The kinds of the words that a clause says of what is stated: may, must, or no (forbidden)."""
    if has_cjk(clause):
        found = [*_words(_SAYS_ZH, clause), *(("no", match.end()) for match in FORBIDS.finditer(clause))]
        return {kind for kind, end in found if _of_chinese(clause[end:], stated)}
    notice = _NOTICE.match(clause)
    verbs = [*_words(_VERBS, clause), *([("no", notice.end())] if notice else [])]
    states = [*_words(STATES, clause), *(("no", match.end()) for match in FORBIDS.finditer(clause))]
    said = {kind for kind, end in verbs if _of_verb(clause[end:], stated)}
    return said | {kind for kind, end in states if _of_any(clause[end:], clause, stated)}


def _words(pattern: re.Pattern[str], clause: str) -> list[tuple[str, int]]:
    return [("must" if match["must"] else "may", match.end()) for match in pattern.finditer(clause)]


def _of_verb(after: str, stated: Collection[str]) -> bool:
    """Whether the first word with a meaning of its own is one that the question states."""
    terms = [term for term in search_terms(after) if term not in FUNCTION_WORDS and not term.endswith("ly")]
    telling = [term for term in index_terms(" ".join(terms)) if term not in _LIGHT]
    return bool(telling) and telling[0] in stated


def _of_any(after: str, clause: str, stated: Collection[str]) -> bool:
    if re.match(r"\s+(?:to|from)\b", after):
        return _of_verb(after, stated)
    return not set(stated).isdisjoint(index_terms(clause))


def _of_chinese(after: str, stated: Collection[str]) -> bool:
    """Whether what is stated follows at once, or ends the clause: 可在七天内退货, not 可查询退货进度."""
    rest = fold(after).strip(" 。！!.的")
    places = [(at, at + len(term)) for term in stated for at in [rest.find(term)] if at >= 0]
    if not places:
        return not rest
    return min(start for start, _ in places) <= 1 or max(end for _, end in places) >= len(rest) - 1
