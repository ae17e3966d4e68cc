"""Clauses that say the same of several things, and of which of them a question asks.

"The mill at Altane takes 12 mg, that at Bassane 18 mg": a small reader finds the amount and not the clause.
Which one is meant, the question's own words tell, as of the rows of a table (rag/tables.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.language import asked_terms, has_cjk, index_terms, sentences
from rag.dates import MONTH
from rag.measures import measures
from rag.values import Value, value

_BORDER = re.compile(r"(?<!\d),\s*|,(?!\d)\s*|[，；;]\s*|\s(?:and|but|while|whereas)\s(?!\d)", re.IGNORECASE)
_SHARED = re.compile(
    r"^(?:if|when|once|after|before|for|in|at|on|during|since|from|until|unless|as|with|where)\b|"
    "[时后前的起内间下]$|^(?:如|若|当|凡|对|按|自|从|在|除)",
    re.IGNORECASE,
)
"""Said of all clauses behind it: "if it rains, the first costs 20, the second 30"."""
_LONGEST = 600
"""Characters of a sentence that is looked at."""

Span = tuple[int, int]

_NAME = re.compile(r"\b[A-Z][\w-]*[a-z0-9][\w-]*")
_BEFORE = re.compile(
    r"\b(?:before that|until then|previously|formerly|prior to that|up to then)\b|"
    "在此之前|此前|原先|[之以]前[为是]",
    re.IGNORECASE,
)
_ENDED = re.compile(
    r"\bno longer (?:appl(?:y|ies)|valid|in force)\b|\b(?:is|are|was|were|has been|have been) "
    r"(?:withdrawn|superseded|abolished|repealed)\b|均?不再(?:适用|执行|有效|使用)|(?:同时|已经?|均)(?:废止|作废|失效)",
    re.IGNORECASE,
)
"""What stands before it in its clause has ended."""
_OF_ALL = re.compile(r"(?:都|一律|\ball)\s*$", re.IGNORECASE)
"""Before such words: that holds for the clauses before it, too."""
_IF = re.compile(r"\b(?:if|after|once|until|when)\b|如|若|逾期|[天日月年时][之以]?后", re.IGNORECASE)
_INSTEAD = re.compile(
    r"(?<=\w )(?:instead of|rather than)\b"
    r"|不(?:再)?按(?!时|期|照|[^，。；]{0,10}(?:规定|要求))(?=[^，。；]*\d)|而不是|而非|不再是",
    re.IGNORECASE,
)
"""What follows it is named to say that it is not meant."""
_INSTEAD_ENDS = re.compile(r"[,，;；.。]|\b(?:at|by|to|on|for|in|and)\b")
_CHANGED = re.compile(
    r"\b(?:rais(?:es?|ed|ing)|increas(?:es?|ed|ing)|reduc(?:es?|ed|ing)|chang(?:es?|ed|ing)|lower(?:s|ed|ing)|"
    r"cuts?|go(?:es)? (?:up|down)|went (?:up|down)|extend(?:s|ed)|shorten(?:s|ed)|drops?|dropped|falls?|fell|"
    r"rises?|rose|moves|moved)(?P<gap>(?: (?!(?:runs?|is|are|was|were|opens?)\b)\w+){0,5}?) "
    r"(?P<old>from [^,.;]{0,30}?\d[^,.;]{0,20}?) to (?=[^,.;]{0,20}\d)"
    r"|(?P<old_zh>[由从](?=[^，。；由从]{0,16}[\d一二三四五六七八九十两百])[^，。；由从]{1,24}?)"
    r"(?<!起)(?<!开始)(?:下|上|缩|延|增|减|提|降)?"
    r"(?:降低?|调整?|改|提高|增加|缩短|延长|减少|变更?|涨|升)(?:为|到|至|成)",
    re.IGNORECASE,
)
"""A rule that changes: from what, and to what."""
_MOMENT = re.compile(rf"\d{{1,2}}:\d{{2}}|{MONTH}", re.IGNORECASE)
_NOT_YET = re.compile(
    r"\b(?:will|would|propos\w*|reject\w*|suggest\w*|plan\w*|ask\w*)\b"
    r"|拟|提议|建议|申请|打算|计划|否决|未(?:获|予)?(?:通过|批准)",
    re.IGNORECASE,
)
"""Nothing has changed yet, or ever."""
_ASKS_OF_CHANGE = re.compile(
    r"\bfrom\b|\bby how much\b|\bchang\w+|\brais\w+|\bincreas\w+|\breduc\w+"
    r"|[从由]|[调改变降涨升].{0,3}前|去年|上年|前年|涨|降|上调|下调|(?<!\d)(?:19|20)\d\d(?!\d)",
    re.IGNORECASE,
)
"""What has changed is asked, or what was so in a year."""
_SHARED_TERMS = 2
"""Words that a question and a change have in common, at least."""
_ASKS_OF_PAST = re.compile(
    r"\bbefore (?:that|then|(?:it|they|he|she|this) (?:was|were)|\d|(?:19|20)\d\d|[A-Z])|"
    r"\b(?:previous(?:ly)?|former(?:ly)?|used to|until|originally|prior to|predecessor)\b|"
    "之前|此前|以前|原先|原来|过去|当初|前任",
)
_MAY_ASK_OF_PAST = re.compile(
    r"\b(?:before|earlier|once|old|was|were|did|had|last)\b|曾|旧|老", re.IGNORECASE
)
"""Perhaps; then nothing is held against either."""
_SUBJECT = 4
"""Characters at the beginning of a Chinese clause that may name what it is about."""


@dataclass(frozen=True, slots=True)
class Clause:
    start: int
    end: int
    measures: frozenset[str]
    """Of its amounts."""


def other_clauses(text: str, question: str) -> list[Clause]:
    """Clauses that hold fewer of the question's telling words than another of their sentence does.

    Their `measures` are those that both give.

    >>> text = "Altane takes 12 mg a litre, Bassane 18 mg."
    >>> [text[one.start : one.end] for one in other_clauses(text, "What does Bassane take?")]
    ['Altane takes 12 mg a litre']
    >>> other_clauses(text, "How much is taken?")
    []
    """
    asked = set(asked_terms(question))
    named = set(index_terms(" ".join(_NAME.findall(question)))) & asked
    found: list[Clause] = []
    for start, end in sentences(text):
        if end - start <= _LONGEST:
            found += _others(list(_clauses(text, start, end)), text, asked, named)
    return found


def not_meant(text: str, question: str) -> list[Span]:
    """What of a text was so before, has ended or is named to say that it is not so, where a question asks
    what is so; or, where it asks of the past, what its sentence says of the time since.

    >>> text = "Since May DVDs are lent for seven days; before that it was three days."
    >>> [text[a:b] for a, b in not_meant(text, "How long are DVDs lent?")]
    ['before that it was three days.']
    >>> [text[a:b] for a, b in not_meant(text, "How long were DVDs lent before May?")]
    ['Since May DVDs are lent for seven days; ']
    """
    asks = _ASKS_OF_PAST.search(question)
    if asks is None and _MAY_ASK_OF_PAST.search(question):
        return []
    found: list[Span] = []
    for start, end in sentences(text):
        for mark in _BEFORE.finditer(text, start, end):
            stop = next((one.end() for one in re.finditer("[;；]", text[mark.end() : end])), None)
            stop = end if stop is None else mark.end() + stop
            found += [(start, mark.start()), (stop, end)] if asks else [(mark.start(), stop)]
        if asks is None:
            found += [mark.span(mark.lastgroup or 0) for mark in _changes(text, start, end, question)]
            found += list(_refused(text, start, end, question))
    return [(a, b) for a, b in found if a < b]


def superseded(text: str, question: str) -> list[tuple[Value, frozenset[str]]]:
    """Values that have changed, of what a question asks as it is now, each with the terms of its sentence.

    Other texts may be older; but of what their sentences name besides, the change says nothing.

    >>> [one for one, _ in superseded("重修费由每学分80元降为每学分55元。", "重修费每学分多少元？")]
    [Value(measure='元', amount=80.0)]
    """
    if _ASKS_OF_PAST.search(question):
        return []
    asked = set(asked_terms(question))
    found = []
    for start, end in sentences(text):
        terms = frozenset(index_terms(text[start:end]))
        for mark in _changes(text, start, end, question) if len(asked & terms) >= _SHARED_TERMS else ():
            old = value(mark[mark.lastgroup or 0])
            if old is not None:
                found.append((old, terms))
    return found


def _changes(text: str, start: int, end: int, question: str) -> Iterator[re.Match[str]]:
    """What a sentence says has changed already; nothing where just that is asked."""
    if _ASKS_OF_CHANGE.search(question) or _NOT_YET.search(text, start, end):
        return
    for mark in _CHANGED.finditer(text, start, end):
        if not (mark["gap"] and _MOMENT.search(mark["old"])):  # the hall is open from 9:00 to 17:00
            yield mark


def _refused(text: str, start: int, end: int, question: str) -> Iterator[Span]:
    """What a sentence says has ended, or is not meant."""
    for mark in _ENDED.finditer(text, start, end):
        of_all = mark.group()[0] == "均" or _OF_ALL.search(text, start, mark.start())
        begin = max(
            start, *(text.rfind(one, start, mark.start()) + 1 for one in (";；" if of_all else ",，;；"))
        )
        begin = mark.start() - len(re.split(r"\band\b", text[begin : mark.start()])[-1])
        if mark.group() not in question and not _IF.search(text, begin, mark.end()):
            yield begin, mark.end()
    for mark in _INSTEAD.finditer(text, start, end):
        stop = _INSTEAD_ENDS.search(text, mark.end(), end)
        if mark.group() not in question:
            yield mark.start(), stop.start() if stop is not None else end


def _others(clauses: list[Clause], text: str, asked: set[str], named: set[str]) -> Iterator[Clause]:
    for measure in sorted({one for clause in clauses for one in clause.measures}):
        own = [clause for clause in clauses if measure in clause.measures]
        if len(own) < 2:
            continue
        held: list[set[str]] = []
        for clause in own:
            said = text[clause.start : clause.end]
            # What was said before goes without saying, but not whom it was said of: "..., Bassane 18 mg".
            goes_on = {
                term for term in (held[-1] if held else ()) if not _contrasts(term, said, asked, named)
            }
            held.append(asked.intersection(index_terms(said)) | goes_on)
        most = max(map(len, held))
        for clause, one in zip(own, held, strict=True):
            if len(one) < most:
                yield Clause(clause.start, clause.end, frozenset([measure]))


def _contrasts(term: str, clause: str, asked: set[str], named: set[str]) -> bool:
    """Whether a clause names another thing in the place of one that was named before it.

    In Chinese, where names have no capitals, one of the same kind at its beginning: 下坪 after 上坪.
    """
    if has_cjk(term):
        pairs = {clause[at : at + 2] for at in range(_SUBJECT - 1)}
        return any(
            pair not in asked and pair != term and (pair[:1] == term[:1]) != (pair[1:] == term[1:2])
            for pair in pairs
            if len(pair) == 2
        )
    return term in named and any(not asked.intersection(index_terms(name)) for name in _NAME.findall(clause))


def _clauses(text: str, start: int, end: int) -> Iterator[Clause]:
    """Those of a sentence that give amounts; one that gives none belongs to the next, unless to all."""
    begin = at = start
    for stop, after in [*(match.span() for match in _BORDER.finditer(text, start, end)), (end, end)]:
        own = measures(text[at:stop])
        if own:
            yield Clause(begin, stop, own)
        if own or _SHARED.search(text[at:stop].strip()):
            begin = after
        at = after
