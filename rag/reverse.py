"""What "is X the Y?" asks when X is left open, and what the answer then says of X.

Another answer is a no only where there can be but one: a number, or the one who holds an office. A maker of
pumps may be a listed company, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from index.language import CJK, fold, has_cjk, simplified
from rag.denials import NOT
from rag.limits import Quantity, alike, follows, quantities
from rag.nested import PEOPLE

_IS_ZH = re.compile(
    r"^(?:请问)?(?P<one>[^，,？?]{2,40}?)(?:是否是|是不是|是否为|是(?![否在由从于用以按被])|(?<![因认作成称])为)"
    r"(?P<other>[^是，,？?]{1,30}?)[吗嘛么]?\s*[？?]*$"
)
_IS = re.compile(
    r"^(?P<verb>[Ii]s|[Ww]as|[Aa]re|[Ww]ere) (?P<other>[A-Z0-9][\w.'-]*(?: (?:of |and )?[A-Z0-9][\w.'-]*)*) "
    r"(?P<one>(?:the|an?) .+?)\s*\?*$"
)
_ROLE = re.compile("(?:员|长|人|者|师|手|经理|主任|代表|教练|秘书|主席|总裁|董事)$")
_OFFICE = re.compile("^(?!.*副).*(?:长|经理|主任|主席|总裁|法人|负责人|法定代表人)$")
"""Held by one person at a time."""
_PLACE = re.compile(r"^the (?:location|place|site|address|home|base|area|region|material)\b", re.IGNORECASE)
"""Linhai and Zhejiang may both be right."""
_WORD = re.compile(f"[{CJK}]+|[^\\W{CJK}]+")
_TITLES = frozenset("dr mr mrs ms prof the a an of and".split())  # noqa: SIM905 - as in index/language.py


@dataclass(frozen=True, slots=True)
class Reversed:
    """A question whose answer, compared with `other`, says yes or no."""

    ask: str
    other: str
    only: bool
    """There is but one right answer: another one says no."""

    def compared(self, answer: str) -> Literal["yes", "no"] | None:
        """None: the answer leaves it open."""
        asked = _number(self.other)
        if asked is not None:
            given = [one for one in quantities(answer) if alike(one.measure, asked.measure)]
            says = follows(asked, given[0], None, self.ask) if len(given) == 1 else None
            return None if says is None else "yes" if says else "no"
        if NOT.search(answer):
            return None
        same = _same(_words(self.other), _words(answer))
        if same is None or (not same and not self.only):
            return None
        return "yes" if same else "no"


def reversed_question(question: str) -> Reversed | None:
    """What "is X the Y?" asks when X is left open.

    >>> reversed_question("Is Chen Guang the head of the Linhai plant?")
    Reversed(ask='Who is the head of the Linhai plant?', other='Chen Guang', only=True)
    >>> reversed_question("试验水池的水深是6米吗？")
    Reversed(ask='试验水池的水深是多少？', other='6米', only=True)
    """
    question = simplified(question).strip()
    if has_cjk(question):
        match = _IS_ZH.match(question)
        if match is None or match["other"].endswith("的"):  # 是红色的 names no thing
            return None
        one, other = match["one"], match["other"]
        number = _number(other) is not None
        asks = "多少" if number else "谁" if _ROLE.search(one) else "什么"
        return Reversed(f"{one}是{asks}？", other, number or _OFFICE.search(one) is not None)
    match = _IS.match(question)
    if match is None:
        return None
    verb, one = match["verb"].lower(), match["one"]
    noun = re.split(r" (?:of|in|at|for|that|which|who|where|to|by|on)\b", one)[0].split()[-1].lower()
    only = verb in ("is", "was") and one.lower().startswith("the ") and _PLACE.match(one) is None
    return Reversed(f"{'Who' if noun in PEOPLE else 'What'} {verb} {one}?", match["other"].strip(), only)


def _number(text: str) -> Quantity | None:
    """The number or date that a text is, with no more than its unit and its limit beside it."""
    found = quantities(text)
    return found[0] if len(found) == 1 and found[0].end - found[0].start >= len(text.strip()) - 1 else None


def _words(text: str) -> set[str]:
    return set(_WORD.findall(fold(text))) - _TITLES


def _same(asked: set[str], given: set[str]) -> bool | None:
    """Whether two names are one; None: they are in two scripts, or share a part that tells nothing.

    Latin names are sets of words, Chen Guang and Guang Chen; of Chinese ones the last part says what a thing
    is: a 单级离心泵 is a 离心泵, but 陈光明 need not be 陈光.
    """
    if not asked or not given or len(given) > len(asked) + 2:  # more than a name
        return None
    if not any(has_cjk(word) for word in asked):
        same, apart = asked <= given, asked.isdisjoint(given) and not all(has_cjk(word) for word in given)
    else:
        same = all(any(word.endswith(one) for word in given) for one in asked)
        within = any(one in other or other in one for one in asked for other in given)
        apart = not within and any(has_cjk(word) for word in given)
    return True if same else False if apart else None
