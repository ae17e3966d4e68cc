"""Questions within questions: what a question names only by describing it.

"Who leads the plant where the B-200 is assembled?" asks two things: which plant that is, and who leads it.
No one passage need hold both. So the description is asked for by itself, and its answer put in its place:
"Who leads the Linhai plant?" (self-ask, arXiv 2210.03350, with a parser in place of a language model.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from index.errors import UnknownModel
from index.extract_en import load_parser
from index.language import CJK, has_cjk
from rag.somebody import ASKED_ITSELF, ASKS_ZH, Described, office_zh, somebody, somebody_zh

MOST = 3
"""Descriptions of one question that are looked at: those that hold no other first."""

_ASKS = frozenset(["what", "which", "who", "whom", "whose", "when", "where", "how", "why"])
PEOPLE = frozenset(
    """person man woman boy girl people actor actress author director president singer founder leader writer
    player performer composer artist producer creator manager head owner inventor mayor minister king queen
    wife husband spouse father mother son daughter brother sister engineer chairman chair ceo politician
    politicians star host judge coach captain musician poet painter architect scientist driver""".split()  # noqa: SIM905 - as in index/language.py
)
_SAYS_NOTHING = frozenset(["called", "named", "known", "do", "does", "did"])
"""What is X called? asks for what X is; how much did X cost asks nothing of "X cost"."""
_RELATIVE = frozenset(["that", "which", "who", "whom", "whose", "where"])
_WANTS_A_THING = re.compile(r"\b(?:who|what|which|where|when|how|whose)\b.*\bthe\b", re.IGNORECASE)
_SOMETHING = re.compile(
    r"(?<=\w )(?<!\b(?:is|do) )(?<!\b(?:are|was|can|did|has|may) )(?<!\b(?:does|were|have|must|will) )"
    r"(?P<whole>the (?!reason|fact|one|way)(?:[a-z-]+ )?[a-z-]+(?<![a-rtv-z]s) (?:that|which) "
    r"(?=[^,?]*[A-Z\d])(?![^,?]*\b(?:I|i|we|you|my|our|your)\b)[^,?]+)(?=\s*\?*\s*$)"
)
"""A thing by what it does or what is done with it, at the end of a question."""
_IN_FRONT = re.compile(
    r"^(?P<whole>the (?P<noun>[a-z][\w-]*(?: [a-z][\w-]*){0,2}?) (?P<that>that|which|who|where|whose) "
    r"(?P<does>[^:–—?]+?))(?:[:,]| [-–—]) (?P<second>(?:when|how|what|which|where|who|in|on|at|since)\b"
    r"[^?]*?)\b(?P<it>it|its|they|their|he|she|his|her)\b(?P<rest>[^?]*)\?*$",
    re.IGNORECASE,
)
"""The tunnel whose heater broke down: how many trays does it take?"""
_MAY_NEST = re.compile(
    r"\b(?:the|a|an)\b.{3,}\b(?:of|in|by|that|which|who|whose|where|from|for|\w+ed)\b|['’]s\b"
)
"""Without any of this nothing is described, and the parser need not be loaded."""


def described(question: str) -> list[Described]:
    """What a question describes, at most `MOST`; what is innermost comes first."""
    question = " ".join(question.split())
    if has_cjk(question):
        return list(_chinese(question))[:MOST]
    people = [*somebody(question), *_in_front(question)]
    if not _MAY_NEST.search(question):
        return people
    try:
        parse = load_parser()
    except UnknownModel:  # an installation without spaCy's model asks every other question as it is
        return people
    found = [*people, *_english(question, parse(question)), *_something(question)]
    first = {one.thing: one for one in reversed(found)}
    return [one for one in found if one is first[one.thing]][:MOST]


def takes_two(question: str) -> bool:
    """Whether a question describes somebody, or a thing in front of it, so plainly that it is two questions.

    >>> takes_two("The tunnel whose heater broke down: how many trays does it take?")
    True
    >>> takes_two("How many trays does Tunnel 3 take?")
    False
    """
    question = " ".join(question.split())
    people = somebody_zh(question) if has_cjk(question) else somebody(question)
    return any(True for _ in people) or any(True for _ in _in_front(question))


def _something(question: str) -> Iterator[Described]:
    """What a parser may miss: the boat that a customer grounded on the Mussel Rock."""
    match = _SOMETHING.search(question) if _WANTS_A_THING.search(question) else None
    if match is not None and not ASKED_ITSELF.match(question[: match.start()]):
        before, after = question[: match.start("whole")], question[match.end("whole") :]
        yield Described(match["whole"], f"What is {match['whole']}?", before, after)


def _in_front(question: str) -> Iterator[Described]:
    if match := _IN_FRONT.match(question):
        owner = match["that"].lower() == "whose"
        place = "In which" if match["that"].lower() == "where" else "Which"
        ask = f"{place} {match['noun']}{chr(39) + 's' if owner else ''} {match['does']}?"
        owns = "'s" if match["it"].lower() in ("its", "their", "his") else ""
        second = match["second"][:1].upper() + match["second"][1:]
        yield Described(match["whole"], ask, second, f"{owns}{match['rest']}?")


def _english(question: str, doc: Any) -> Iterator[Described]:
    found = []
    for noun in doc:
        span = _description(noun)
        if span is not None:
            found.append((span, noun))
    for (first, last), noun in sorted(found, key=lambda one: one[0][1] - one[0][0]):
        start, end = doc[first].idx, doc[last].idx + len(doc[last])
        asks = "Who" if noun.lower_ in PEOPLE else "What"
        thing = question[start:end]
        if ASKED_ITSELF.match(question[:start]) and not question[end:].strip(" ?.!"):
            continue  # no other thing is asked for
        yield Described(thing, f"{asks} is {thing}?", question[:start], question[end:])


def _description(noun: Any) -> tuple[int, int] | None:
    """First and last token of a noun with what describes it: a clause or a phrase that names something."""
    if noun.pos_ != "NOUN":
        return None
    inside = list(noun.subtree)
    owner = [c for c in noun.children if c.dep_ == "poss" and c.pos_ == "PROPN"]
    mods = [c for c in noun.children if c.i > noun.i and c.dep_ in ("relcl", "acl", "prep")]
    if not mods and not owner:
        return None
    if inside[0].lower_ in _RELATIVE:
        return None  # the parser took a clause's own noun for what the clause tells of
    if any(t.lower_ in _ASKS and not _relative(t, noun) for t in inside):
        return None  # it holds what is asked for
    telling = [t for one in (*mods, *owner) for t in one.subtree]
    if not any(t.pos_ == "PROPN" or t.ent_type_ or t.text[0].isdigit() for t in telling):
        return None
    first, last = inside[0].i, max(t.i for t in inside if not t.is_punct or t.text in "\"”')")
    rest = [t for t in noun.doc if not first <= t.i <= last and t.lower_ not in _SAYS_NOTHING]
    if not any(t.pos_ in ("NOUN", "VERB", "PROPN", "NUM") or t.lower_ == "born" for t in rest):
        return None  # nothing else is asked of it
    return first, last


def _relative(word: Any, noun: Any) -> bool:
    """Whether a who or where begins a clause about a noun before it, and asks nothing."""
    return word.i > noun.i and any(
        a.dep_ in ("relcl", "advcl", "acl", "ccomp") for a in (word, *word.ancestors)
    )


_CODE = r"[A-Za-z]-?\d"
"""What has a code is named."""
_ZH_OF = re.compile(rf"(?P<whole>[^，。？?的]{{2,40}}的[{CJK}]{{1,6}}?)(?=[，,在于是有由为被从与和的])")
_ZH_PERSON = re.compile(
    "(?:员|(?<![全总周延])长|人|者|师|经理|主任|代表|教练|秘书|主席|总裁|董事|总监|司机|会计|医生)$"
)
_ZH_SUCH = re.compile(
    rf"(?P<whole>(?P<does>[^，。？?]{{1,39}}[^，。？?的])的?那(?P<one>[{CJK}])(?<![位名人段次天年月时])"
    rf"(?P<noun>(?!时候|时间|事)[{CJK}]{{1,4}}?))(?=[，,的是有在归由叫]|用的)(?!的[{CJK}]{{1,4}}[，,])"
)
"""A thing by what is told of it: 8月份转走42吨货的那个库区."""


def _chinese(question: str) -> Iterator[Described]:
    such = _ZH_SUCH.search(question)
    if such and (
        re.search(f"{ASKS_ZH}|{_CODE}|[我你您咱]", such["whole"]) or _ZH_PERSON.search(such["whole"])
    ):
        such = None
    if such:
        before, after = question[: such.start("whole")], question[such.end("whole") :].lstrip("，,")
        ask = f"{such['does']}的是哪{such['one']}{such['noun']}？"
        yield Described(such["whole"], ask, before, after)
    people = list(somebody_zh(question))
    yield from people
    for match in _ZH_OF.finditer(question):
        known = [*(one.thing.split("的")[0] for one in people), *([such["whole"]] if such else [])]
        if any(map(match["whole"].startswith, known)):
            continue
        before, after = question[: match.start("whole")], question[match.end("whole") :]
        if re.search(ASKS_ZH, match["whole"]):
            continue
        told = re.sub(rf"[{CJK}]*(?:{ASKS_ZH})[{CJK}]*", "", after.lstrip("，,"))
        if after[:1] == "是" and len(after) <= 6:
            continue  # 枣林的厂长是谁: nothing else is asked
        if not before and not told and not re.match("[，,的]", after):
            continue
        asks = "谁" if _ZH_PERSON.search(match["whole"]) else "什么"
        yield Described(match["whole"], f"{match['whole']}是{asks}？", before, after)
    yield from office_zh(question)
