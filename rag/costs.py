"""What an answer's odds lose for what the reader, at its size, does not see. Pure functions.

A reader of 135 million parameters knows the words of a passage better than what was asked: it picks another
amount of the right document, or a length where the question was why. The type of the answer, the vectors of
the sentences, which are there since indexing, and words for reasons tell better, at no cost in time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from index.language import asked_terms, fold, index_terms, sentences
from rag.asked_types import asks_why, misfit
from rag.clauses import not_meant, other_clauses, superseded
from rag.measures import is_amount, measures
from rag.prompt import Included
from rag.tables import column_names
from rag.values import Value, value

Cost = Callable[[int, int, int], float]
"""(number of the passage, start and end in what is quotable of it) -> natural log units, 0 or more."""
Likeness = Sequence[tuple[int, int, float]]
"""Of a passage's sentences: start and end in the document's text, inner product of sentence and question."""

_REASON = re.compile(
    r"\b(?:because(?: of)?|due to|owing to|thanks to|on account of|as a result of|since|as|so that|so as to|"
    r"in order to|to|lest|for|after|by|otherwise|that|reason (?:is|was)|from|out of)\W*(?:the |an? )?$|"
    r"(?:因为?|由于|鉴于|为了?|以便?于?|以[免防]|避免|防止|免得|否则|原因[是在]于?|出于|考虑到|[受据怕]|担心|"
    r"[缘源]于|得益于|基于|随着|因其|理由[是为]|主因[是系]|目的[是在]于?|旨在|从而|便于|方便|以保证|以确保|[会易])[，：:]?$"
)
"""At the end of what stands before an answer."""
_GIVES_REASON = re.compile(
    r"^(?:because|due to|owing to|on account of|so that|so as to|in order to|to|lest|for|otherwise)\b|"
    r"^(?:因|由于|鉴于|为了?(?!期)|以便|以[免防]|避免|防止|免得|否则|出于|考虑到|[怕恐]|担心|"
    r"目的|旨在|从而|[会将易]*(?:导致|引起|引发|造成|致使)|容易|确保|保证|便于)|"
    r"^[^，。]{2,12}(?:导致|造成|引起|所致)"
)
_NUMBER_FIRST = re.compile(r"第?\d")
_LONGEST_COUNT = 16
"""Characters of a number with what it counts."""


@dataclass(frozen=True, slots=True)
class CostOptions:
    """Natural log units."""

    misfit: float = 4.0
    """For an answer that is plainly of another type than is asked for; half where it is so likely."""
    unlike: float = 8.0
    """For each unit of inner product by which its sentence is less like the question than the one that is
    most like it; of a heading, the best sentence below it."""
    reasonless: float = 1.5
    """For an answer to why that no word for a reason introduces."""
    clause: float = 2.5
    """For an amount in another clause of its sentence than the one that is asked about."""
    time: float = 5.0
    """For what was so before, where it is asked what is so, and the other way round."""
    column: float = 2.5
    """For the name of a table's column: mostly it is not what is asked for, but in a column a model."""


def costs(
    question: str, included: Sequence[Included], likeness: Sequence[Likeness], options: CostOptions
) -> Cost:
    """What the spans of some passages lose as answers to a question.

    Args:
        likeness: for each passage, of its sentences; empty: nothing is known of them.
    """
    wrong, why = misfit(question), asks_why(question)
    names = [list(column_names(part.text)) for part in included]
    times = cache(lambda passage: not_meant(included[passage].text, question))
    clauses = cache(lambda passage: other_clauses(included[passage].text, question))
    gone = [one for part in included for one in superseded(part.text, question)]
    asked = set(asked_terms(question))
    best = max((like for own in likeness for _, _, like in own), default=0.0)

    def cost(passage: int, start: int, end: int) -> float:
        part = included[passage]
        answer = part.quotable[start:end]
        lost = options.misfit * wrong(answer)
        if any(a <= start and end <= b for a, b in names[passage]):
            lost += options.column
        old = bool(gone) and _is_gone(answer, _around(part.text, start, end), asked, gone)
        if old or any(a <= start and end <= b for a, b in times(passage)):
            lost += options.time
        within = [one for one in clauses(passage) if one.start <= start and end <= one.end]
        if within and _counts(answer) and any(measures(answer) & one.measures for one in within):
            lost += options.clause
        before = part.quotable[max(0, start - 24) : start].rpartition("\n")[2]
        if why and not gives_reason(before, answer):
            lost += options.reasonless
        if likeness:
            first, last = part.where(start, end)
            above = last <= part.start
            own = [like for a, b, like in likeness[passage] if above or (a < last and first < b)]
            lost += options.unlike * (best - max(own, default=best))
        return lost

    return cost


def _is_gone(answer: str, around: str, asked: set[str], gone: Sequence[tuple[Value, frozenset[str]]]) -> bool:
    """Whether an answer is a value that has changed, and its sentence says of nothing else that is asked."""
    own = value(answer)
    said = asked.intersection(index_terms(around))
    return own is not None and any(own == old and said <= terms for old, terms in gone)


def _around(text: str, start: int, end: int) -> str:
    """The sentences that a span stands in."""
    return " ".join(text[a:b] for a, b in sentences(text) if a < end and start < b)


def _counts(answer: str) -> bool:
    """Whether it is an amount, of whatever there are names for: 168学分, 17 pupils."""
    return is_amount(answer) or (_NUMBER_FIRST.match(answer) is not None and len(answer) <= _LONGEST_COUNT)


def gives_reason(before: str, answer: str) -> bool:
    """Whether a word for a reason, an aim or a cause stands at the end of `before` or begins the answer.

    >>> gives_reason("The office closes early because of ", "the works"), gives_reason("可惜", "仅撑了四年")
    (True, False)
    >>> gives_reason("便因", "房租过高"), gives_reason("机器背面", "以便拆卸排汽罩")
    (True, True)
    """
    return bool(_REASON.search(fold(before)) or _GIVES_REASON.search(fold(answer)))
