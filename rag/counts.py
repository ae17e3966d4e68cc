"""Questions for a number that the documents do not state, but that can be counted in a list of theirs.

"How many flow meters do they sell?" is asked as "Which flow meters do they sell?", and what is enumerated is
counted. Only things that are named one by one are: no days or litres, and no people, of whom texts rarely
name all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.language import asked_terms, has_cjk, index_terms, search_terms, simplified
from rag.enumerations import items
from rag.values import value, without_codes

SURE = 0.6
"""Confidence of a count at most: that a list is whole is not said."""

_PLURAL = r"\w{2,}(?<![sui])s\b(?!['’])"
_COUNT = re.compile(
    rf"^how many (?P<thing>(?:(?!(?:do|does|is|are|of)\b)[\w'’-]+ ){{0,3}}?{_PLURAL}"
    rf"(?: of (?:the )?(?:[\w'’-]+ ){{0,2}}?{_PLURAL})?)(?P<rest> [^?]+?)\s*\?*$",
    re.IGNORECASE,
)
_KINDS = re.compile(
    r"^(?:(?:different|distinct|separate|main|major|other) )?(?:types?|kinds?|sorts?) of (?:the )?|"
    r"^(?:different|distinct|separate|main|major|other) ",
    re.IGNORECASE,
)
_QUANTITIES = frozenset(
    "times percent degrees dollars euros pounds points litres liters gallons volts watts kilowatts amps bars "  # noqa: SIM905
    "employees workers people persons members users customers clients students pupils households visitors "
    "passengers inhabitants residents soldiers players deaths goals seats votes copies units tokens words "
    "pages characters square".split()
)
_COUNT_ZH = re.compile(
    "(?:多少|(?<!哪)几)(?P<measure>种类型|种|款|项|个(?!月|小时|工作日|星期|钟头|人)|家|类|条|处|座|所|门)"
)
_THING_AFTER_ZH = re.compile("^(?:不同的?|主要的?)?(?P<thing>[^？?，,。的是有在了吗呢可能会要需被由]{1,12})")
_THING_BEFORE_ZH = re.compile(
    "(?P<thing>[^？?，,。的是有在了被由]{1,12})(?:一共|总共|共)?(?:有|分为|分成|包括|设)(?:了)?$"
)


@dataclass(frozen=True, slots=True)
class Counted:
    """A question whose answer, a list, is counted."""

    ask: str
    thing: str
    """What is counted, as the question names it."""
    measure: str = ""
    """The Chinese word between a number and what it counts."""

    def number(self, answer: str, sentence: str) -> str | None:
        """How many an answer enumerates, as an answer to the question; None where it is no list of these.

        Args:
            sentence: what the answer stands in, with its heading. It has to name what is counted, and not as
                one item among others: "pumps, flow meters and controllers" are no three flow meters.
        """
        named = (search_terms if has_cjk(self.thing) else asked_terms)(self.thing)
        around = sentence.replace(answer, "\n")
        if not named or not set(named) <= set(index_terms(around)):
            return None
        count = len(items(answer))
        return f"{count}{self.measure}" if count > 1 else None


def to_be_counted(question: str) -> Counted | None:
    """What "how many" asks when it is asked for the things themselves.

    >>> to_be_counted("How many flow meters does Zaolin sell?")
    Counted(ask='Which flow meters does Zaolin sell?', thing='flow meters', measure='')
    >>> to_be_counted("公司生产几种水泵？")
    Counted(ask='公司生产哪些水泵？', thing='水泵', measure='种')
    >>> to_be_counted("How many days of leave are there?"), to_be_counted("保修期是几个月？")
    (None, None)
    """
    text = question.strip()
    if has_cjk(text):
        return _chinese(text)
    match = _COUNT.match(text)
    if match is None:
        return None
    thing = _KINDS.sub("", match["thing"])
    if is_quantity(thing.lower().split()):
        return None
    return Counted(f"Which {match['thing']}{match['rest']}?", thing)


def states_a_number(answer: str) -> bool:
    """Whether an answer says how many; the number of a code says nothing.

    >>> states_a_number("about 12"), states_a_number("三种"), states_a_number("A-80、B-200")
    (True, True, False)
    """
    return value(without_codes(answer)) is not None


def is_quantity(words: list[str]) -> bool:
    """Days, metres, people; but not flow meters."""
    unit = value(f"1 {words[-1]}")
    measure = unit.measure if unit is not None else ""
    return (
        words[-1] in _QUANTITIES or measure == "time" or (len(words) == 1 and measure in ("length", "weight"))
    )


def _chinese(text: str) -> Counted | None:
    plain = simplified(text)
    match = _COUNT_ZH.search(plain)
    if match is None:
        return None
    start, end = match.span()
    after, before = _THING_AFTER_ZH.match(plain[end:]), _THING_BEFORE_ZH.search(plain[:start])
    if after is not None:
        thing = text[end:][slice(*after.span("thing"))]
    elif before is not None:
        thing = text[slice(*before.span("thing"))]
    else:
        return None
    return Counted(f"{text[:start]}哪些{text[end:]}", thing, match["measure"].replace("类型", ""))
