"""Questions that want yes or no, decided by a sentence of the passages that says it, or denies it.

A span of a passage is no answer to "Is the plant open on Saturdays?". A sentence that holds all that the
question states says yes; one that holds it with a negation, or with another number in its place, says no;
where no sentence holds it the documents are silent. Nothing is inferred beyond that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from index.language import (
    CJK,
    FUNCTION_WORDS,
    asked_terms,
    fold,
    has_cjk,
    index_terms,
    search_terms,
    sentences,
    simplified,
)
from rag.asked_before import same_question, told_at_once
from rag.candidates import Place
from rag.denials import FORBIDS, NOT, denied, windows
from rag.irregular import base_forms
from rag.limits import Quantity, alike, follows, quantities, without
from rag.modals import ASKS_ZH, STATES, asks_for, only_allows, settled
from rag.polar_question import asked_last, asks_yes_or_no, plain
from rag.prompt import Included

SURE = 0.6
"""Confidence of a sentence that holds all words of the question itself."""
LESS_SURE = 0.45
"""Where its heading or title must help, or all that may or must be done is a single word."""

_ONLY = re.compile("(?<!不)仅(?![需为供])|只有|唯[一有]")
_WAS = re.compile(r"\W*(?:was|were|did|had)\b", re.IGNORECASE)
_EMPTY_ZH = re.compile("请问|你们|您们|咱们|我们|贵公司|可以|能够|需要|应该|必须|[吗嘛么能会要有是的了在]")
_EMPTY = frozenset("must may might shall need allow possibl last take cost amount if".split())  # noqa: SIM905
"""Stems that state nothing of their own."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Yes or no, with the sentence that says so."""

    says: Literal["yes", "no"]
    confidence: float
    place: Place
    """The sentence."""


_WHETHER_IT_IS = re.compile("是不是|是否|(?:(?<![还就都不或只总])是|是[由归])[^，,？?]*[吗么]")


def word_for(says: Literal["yes", "no"], question: str) -> str:
    """Yes or no in the question's language; to 是不是 another no than to 可以吗.

    >>> [word_for("no", one) for one in ("Is it?", "是新的吗？", "还是由他管吗？", "我是会员，可以退吗？")]
    ['No', '不是', '不是', '否']
    """
    if not has_cjk(question):
        return {"yes": "Yes", "no": "No"}[says]
    return "是" if says == "yes" else "不是" if _WHETHER_IT_IS.search(simplified(question)) else "否"


def decide(question: str, included: Sequence[Included], titles: Sequence[str]) -> Decided | None:
    """The surest sentence of the passages that decides a question; of equals the first, best passage first.

    None where no sentence decides it, or equally sure ones contradict each other.

    Args:
        titles: of the document of each passage; with its heading it may say what the sentence is about.
    """
    question = base_forms(plain(asked_last(question)))
    stated = _stated(question)
    if not stated:
        return None
    found = [
        one for number in range(len(included)) for one in _told(question, stated, included, titles, number)
    ]
    surest = max((one.confidence for one in found), default=0.0)
    said = [one for one in found if one.confidence == surest]
    return said[0] if len({one.says for one in said}) == 1 else None


def _stated(question: str) -> set[str]:
    """The terms that a sentence has to hold; of the number that is asked about, none."""
    question = without(question, quantities(question)[:1])
    if has_cjk(question):
        bare = FORBIDS.sub(" ", ASKS_ZH.sub(" ", fold(question)))
        return set(search_terms(_EMPTY_ZH.sub(" ", bare)))
    bare = STATES.sub(" ", NOT.sub(" ", question))
    return {term for term in asked_terms(bare) if term not in _EMPTY}


def _told(
    question: str, stated: set[str], included: Sequence[Included], titles: Sequence[str], number: int
) -> Iterator[Decided]:
    part = included[number]
    yield from _asked_there(question, part, titles[number], number)
    topic = f"{titles[number]}\n{part.passage.heading}"
    few = len(stated) < 2 and asks_for(question) is not None
    text = simplified(part.text)
    for start, end in sentences(part.text):
        sentence = base_forms(text[start:end])
        if sentence.endswith(("?", "？")):  # asked there as well, not said
            continue
        only = _ONLY.search(sentence) is not None and _ONLY.search(question) is None
        held = {*index_terms(sentence), *index_terms(NOT.sub("", sentence))}  # a 不 parts 周六 from 送货
        lacking = stated - held
        if not _covered(stated, lacking, sentence, topic) or (lacking and only):  # of others it says no
            continue
        said = {_says(window, question, stated) for window in windows(sentence, stated)}
        if len(said) > 1 or None in said:
            continue
        place = Place(number, part.start + start, part.start + end)
        says: Literal["yes", "no"] = "yes" if True in said else "no"
        yield Decided(says, LESS_SURE if lacking or few else SURE, place)


def _asked_there(question: str, part: Included, title: str, number: int) -> Iterator[Decided]:
    """What an FAQ says that asks the same question right above the passage."""
    above = plain((part.passage.heading or title.partition("\n")[0]).rpartition(" > ")[2])
    begins = part.start == 0 or any(0 <= part.start - line.start - len(line.text) <= 3 for line in part.above)
    spans = sentences(part.text)
    if not begins or not spans or not asks_yes_or_no(above):
        return
    above = base_forms(above)
    differ = any(one(question) != one(above) for one in (asks_for, _was))
    if differ or any(NOT.search(text) or quantities(text) for text in (above, question)):
        return
    first = part.text[slice(*spans[0])]
    says = told_at_once(first)
    if says is not None and same_question(_in_order(question), _in_order(above), first):
        end = spans[min(1, len(spans) - 1)][1]  # "Yes." alone shows nothing
        yield Decided(says, SURE, Place(number, part.start + spans[0][0], part.start + end))


def _was(question: str) -> bool:
    return _WAS.match(question) is not None


def _in_order(question: str) -> list[str]:
    stated = _stated(question)
    return list(dict.fromkeys(term for term in index_terms(question) if term in stated))


def _says(window: Sequence[str], question: str, stated: set[str]) -> bool | None:
    """Whether clauses of a sentence say what is asked (true) or deny it (false)."""
    asks = asks_for(question)
    wanted = quantities(question)[:1]
    bare = [without(clause, quantities(clause)) for clause in window] if wanted else window
    no = denied(bare, without(question, wanted), stated)
    # "Claims are filed within 15 days" is a rule though no word says so: the number makes it one
    rule = asks == "must" and wanted and not only_allows(window, stated)
    if no is None or (asks is not None and not rule and not settled(window, asks, stated, no)):
        return None
    if not wanted:
        return not no
    given = [one for clause in window for one in quantities(clause) if alike(one.measure, wanted[0].measure)]
    agree = {follows(wanted[0], one, asks, question) for one in given}
    if _narrows(question, wanted[0]):  # orders above 8,000 tell nothing of orders above 5,000
        same = all((one.limit, one.amounts) == (wanted[0].limit, wanted[0].amounts) for one in given)
        agree = agree if same else {None}
    if len(agree) != 1:
        return None
    # what is denied of this number may hold of another
    return agree.pop() if not no else False if agree == {True} else None


def _narrows(question: str, wanted: Quantity) -> bool:
    """Whether a number only says of which things something is asked: something is said after it.

    In Chinese a verb may follow the number that is asked about, but no 的.
    """
    rest = question[wanted.end :]
    if has_cjk(question):
        return re.match(f"的[{CJK}]{{2,}}", rest) is not None
    terms = search_terms(STATES.sub(" ", rest))
    return terms[:1] != ["of"] and not FUNCTION_WORDS.issuperset(terms)  # 25 days of leave


def _covered(stated: set[str], lacking: set[str], sentence: str, topic: str) -> bool:
    """Whether a sentence, with what its heading says it is about, holds what a question states."""
    if len(lacking) > len(stated) // 2:
        return False
    missing = lacking - set(index_terms(topic))
    if not any(has_cjk(term) for term in stated):
        return not missing
    marks = {mark for term in stated for mark in term}
    absent = marks - set(fold(sentence)) - set(fold(topic))
    latin = any(not has_cjk(term) for term in missing)
    return not latin and len(absent) <= 0.3 * len(marks) and len(missing) <= 0.34 * len(stated)
