"""Types of answers: an amount of some measures, or anything but an amount.

Only what is plainly of another type is told apart: 5元 is no answer to 几倍, a length none to why.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.measures import BARE, MEASURES, is_amount, like_amount, measures


@dataclass(frozen=True, slots=True)
class AnswerType:
    """What type of answer is asked for."""

    measures: frozenset[str] = frozenset()
    """The measures of which an amount, and nothing else, may answer."""
    number: bool = True
    """Whether an answer is expected to hold an amount of these, or a word for one."""

    def misfit(self, answer: str) -> float:
        """1 for an amount of another measure and nothing else; .5 where an amount is expected and there is
        none, or among other words one of another measure; else 0.

        >>> days = amount(TIME)
        >>> [days.misfit(text) for text in ("30", "thirty days", "a week", "EUR 30", "in the yard")]
        [0.0, 0.0, 0.0, 1.0, 0.5]
        >>> no_amount().misfit("10厘米"), no_amount().misfit("以便拆卸排汽罩")
        (1.0, 0.0)
        """
        found = measures(answer)
        if not self.measures.isdisjoint(found):
            return 0.0
        if found and is_amount(answer):
            return 1.0
        return 0.5 if self.number and (found or not like_amount(answer)) else 0.0


ALL = frozenset(MEASURES) | {BARE}
TIME = frozenset({"time", "clock", "date"})
LENGTH, PERCENT = frozenset({"length"}), frozenset({"percent"})
SPEED, HEAT = frozenset({"speed", "frequency", "percent"}), frozenset({"temperature"})
MONEY = frozenset({"money", "percent"})
"""A deposit may be a share of the price."""
HEADS = frozenset({"people", "count"})
COUNTED = HEADS | {"times", "floor", "multiple", "percent"}


def amount(measures: frozenset[str], *more: str) -> AnswerType:
    """An amount of these measures, or a word for one."""
    return AnswerType(measures | {BARE, *more})


def no_amount(*but: str) -> AnswerType:
    """A thing, a person, a way: an amount of none but these measures answers."""
    return AnswerType(frozenset(but), number=False)


def value(but: frozenset[str], *more: str) -> AnswerType:
    """Mostly an amount of these; words may do as well."""
    return AnswerType(but | {BARE, *more}, number=False)


WHO = no_amount(BARE, "people", "percent")
WAY = no_amount(
    BARE, "temperature", "pressure", "times", "percent", "clock", "volume", "multiple", "power", "sound"
)
