"""Whether documents are about what a question asks, by its words; the readers only see a passage each.

A reader that is shown a passage about something else takes what is nearest to an answer: a temperature of a
cold store for the weather. How many of the question's words stand in what was read, it does not weigh.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from index.corpus import Corpus
from index.language import FUNCTION_WORDS, fold, index_terms, language, search_terms
from rag.asked import Asked, Conclusion
from rag.polar_question import asks_yes_or_no
from rag.prompt import Included
from rag.wording import share_of, telling

_GREETING = re.compile(
    r"\b(?:hello|hi|hey|good (?:morning|afternoon|evening)|thanks?|thank you|please|bye|goodbye|ok|okay)\b"
    r"|\bare you (?:an? )?(?:real(?:ly)? )?"
    r"(?:person|human(?: being)?|robot|(?:chat)?bot|machine|computer|ai|real)\b"
    r"|\bwhat(?: is|[’']s) your name\b|\b(?:tell|know) (?:me )?an?(?:other)? jokes?\b"
    r"|[你您]是(?:个|一个)?(?:真?人|机器人?|人工智能|ai|电脑|程序)(?:[吗么嘛]|(?=[？?]|$))|[你您]叫什么(?:名字)?(?![^\W_])"
    r"|[讲说]个笑话(?![^\W_])|[你您]们?好(?![^\W_])|(?:多?谢谢?[你您]?|再见|在吗|嗨|早上好|下午好|晚上好|好的)(?![^\W_])"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Log-odds that an answer is right = bias + own x those of the readers + held x the share of words."""

    bias: float
    own: float
    held: float

    def confidence(self, readers: float, share: float) -> float:
        """0 to 1.

        Args:
            readers: their confidence, 0 to 1.
            share: of the question's words that are held, 0 to 1.
        """
        own = min(max(readers, 1e-6), 1 - 1e-6)
        total = self.bias + self.own * math.log(own / (1 - own)) + self.held * share
        return 1 / (1 + math.exp(-total))


@dataclass(frozen=True, slots=True)
class ScopeOptions:
    """What words say of an answer, and of one to a question for yes or no: nearly any passage decides that.

    Fitted on the questions of 22 folders (`benchmarks/firms`) and on others put to the same folders, as
    `benchmarks/unrelated.py` does (docs/decisions/0030).
    """

    answer: Scope = Scope(-0.75, 1.35, 1.65)
    yes_or_no: Scope = Scope(-2.2, 1.45, 4.3)


def asks_nothing(question: str) -> bool:
    """Whether no word of a question is about anything: no document can answer it.

    >>> [asks_nothing(one) for one in ("Who are you?", "Hello!", "您好，谢谢", "Who is Ann?", "谢谢谁？")]
    [True, True, True, False, False]
    """
    plain = _GREETING.sub(" ", fold(question))
    return FUNCTION_WORDS.issuperset(search_terms(plain))


def in_scope(corpus: Corpus, first: Asked, end: Conclusion, options: ScopeOptions | None) -> float:
    """The confidence in what steps come to, 0 to 1, by how much of the question's words they have found.

    What was read and what is cited count alike. A passage holds the words of the title and the headings that
    it was read under, too. Those of passages in another language than the question's say nothing.

    Args:
        options: None: as sure as the steps are.
    """
    if options is not None and asks_nothing(first.question):
        return 0.0
    read = [part for step in (first, *end.steps) for part in step.prompt.included]
    places = [(step, place) for step in end.steps if step.best for place in step.best.places]
    cited = [step.prompt.included[place.passage] for step, place in places]
    spoken = language(first.question)
    if options is None or not read or any(language(part.text) != spoken for part in cited):
        return end.confidence
    told = telling(corpus, first.question)
    share = (share_of(told, _terms(read)) + share_of(told, _terms(cited))) / 2
    scope = options.yes_or_no if asks_yes_or_no(first.question) else options.answer
    return scope.confidence(end.confidence, share)


def _terms(parts: Iterable[Included]) -> frozenset[str]:
    return frozenset(index_terms("\n".join(f"{part.title}\n{part.text}" for part in parts)))
