"""Questions made from what a passage says, in its language, each answered by words of it. No language model.

They come from rows of tables and labelled values, from headings that ask, and from sentences, in which a
name, a number, a date or another phrase is asked for. What would not be understood alone, or would give
itself away, is left out: quality goes before number.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from finetune.answers_en import bare
from finetune.asking_zh import names_something, points_away
from finetune.cleaning import Tally, same_key
from finetune.making_en import English
from finetune.making_rows import stated, unnumbered
from finetune.making_zh import Chinese
from finetune.records import Kind
from index.language import FUNCTION_WORDS, entity_key, fold, has_cjk, index_terms, language, sentences
from index.types import Passage
from rag.sources import Source

_DOCUMENTS = re.compile(
    r"\b(?:policy|policies|handbook|rules|agreement|contract|terms|regulations|guidelines|minutes|warranty)\b|"
    "(?:办法|制度|手册|合同|协议|规则|规定|守则|政策|规程|指南|标准|条例|纪要)$",
    re.IGNORECASE,
)
"""Titles of papers that settle something: "according to the travel policy"."""
_CODE = re.compile(r"(?<![\w-])[A-Z]{1,4}-?\d{1,4}[A-Z]?(?![\w-])", re.ASCII)
_NAME = re.compile(r" (?:[A-Z][\w'’-]+|[\w-]*\d[\w-]*[A-Za-z]|[A-Z]+-?\d)")
_DEVICES = "pump|meter|controller|device|unit|machine|product"
_DEVICES_ZH = "水泵|流量计|控制器|仪表|设备|机器|电泵|潜水泵"
_POINTS_EN = re.compile(
    r"\b(?:this|these|those|such|former|latter|here|another|others?|it|they|them|we|us|our|my|I|following|same|"
    r"above|below|he|she|him|that (?:is|was|were|are)|respective(?:ly)?|both|most|many|some|several)\b(?!-)"
)
_OWN_EN = re.compile(r"\b(?:his|her|its|their)\b")
_EMPTY_ANSWER = re.compile(
    r"^(?:this|these|those|that|such|his|her|its|their|it|they|some|many|several|most|other|another|one|all|both|"
    r"an? (?:number|variety|lot|range|series) of)\b|"
    "^(?:该|此|这|那|其|下列|以下|本|它|他)",
    re.IGNORECASE,
)
_QUESTION = {"en": (4, 26), "zh": (8, 48)}
"""Words, or characters, of a question."""
_ANSWER = {"en": 12, "zh": 30}
_ALONE = {"en": 5, "zh": 15}
"""Content words, or characters, by which a question without any name is still understood."""
_RELATIVE = {"zh": re.compile("谁|什么|哪|多少|为什么"), "en": re.compile("$")}


@dataclass(frozen=True, slots=True)
class Made:
    """A question that one passage answers with words of its own."""

    question: str
    answer: str
    kind: Kind
    passage: Passage
    language: str
    row: bool = False
    """Whether a table or a label asks it, not a sentence."""


def made_from(source: Source) -> list[Made]:
    """The questions that a passage answers and that are fit to be asked, each once.

    Raises:
        UnknownModel: a model for the passage's language is not installed.
    """
    found: dict[str, Made] = {}
    rows = {one.question for one in stated(source, _topic(source)) if one.kind == "value"}
    persons = [m.text for m in source.mentions if m.kind == "PERSON"]
    for question, answer, kind in _candidates(source):
        tongue = language(source.passage.text)
        row = question in rows
        said = question if row else _anchored(question, source, tongue, kind)
        if said and fault(said, answer, source.passage.text, tongue, kind) == "":
            short = bare(answer, persons) if tongue == "en" and kind in ("cloze", "fact") else answer
            found.setdefault(same_key(said), Made(said, short, kind, source.passage, tongue, row))
    return list(found.values())


def unambiguous(made: Iterable[Made], tally: Tally) -> list[Made]:
    """Those whose question has one answer wherever it was made; of equal ones the first."""
    by_key: dict[str, list[Made]] = defaultdict(list)
    for one in made:
        by_key[same_key(one.question)].append(one)
    kept: list[Made] = []
    for same in by_key.values():
        if all(one.kind == "heading" for one in same) and len({one.passage.document_id for one in same}) == 1:
            kept.append(min(same, key=lambda one: one.passage.start))  # the rest of a long section goes on
            continue
        if len({entity_key(one.answer) for one in same}) > 1:
            for one in same:
                tally.drop("a question with different answers in several passages", one.question)
        else:
            kept.append(same[0])
            for one in same[1:]:
                tally.drop("a question that is there already", one.question)
    return kept


def _candidates(source: Source) -> Iterator[tuple[str, str, Kind]]:
    for one in stated(source, _topic(source)):
        yield one.question, one.answer, one.kind
    text = source.passage.text
    reader = _reader(source)
    for start, end in sentences(text):
        said = text[start:end]
        if language(said) != language(text):
            continue
        for asked in reader.questions(said):
            place = source.passage.start + start, source.passage.start + end
            fact = asked.kind != "definition" and _is_fact(source, asked.question, asked.answer, place)
            yield asked.question, asked.answer, "fact" if fact else asked.kind


def _reader(source: Source) -> English | Chinese:
    if language(source.passage.text) == "en":
        persons = (m.text for m in source.mentions if m.kind == "PERSON")
        return English({name.split()[-1] for name in persons if name.split()})
    title = re.sub(r"\s*[（(][^（）()]*[)）]$", "", source.title)
    return Chinese(title if title and title in source.passage.text else "")


def _topic(source: Source) -> str:
    """What labels are about: the innermost heading or the title, where it is a name and no sentence."""
    for name in (*reversed(source.passage.heading.split(" > ")), source.title):
        bare = unnumbered(name)
        code = _CODE.search(bare)
        if code:
            return code[0]
        if any(m.text == bare and m.kind not in ("TITLE", "DATE") for m in source.mentions):
            return bare
    return ""


def _is_fact(source: Source, question: str, answer: str, place: tuple[int, int]) -> bool:
    """Whether the graph holds what is asked: the answer, and a thing in the question, with that sentence."""
    key, asked = entity_key(answer), fold(question)
    for fact in source.facts:
        if fact.start < place[1] and place[0] < fact.end and key in (fact.subject, fact.object):
            other = fact.object if key == fact.subject else fact.subject
            if other in asked:
                return True
    return False


def _anchored(question: str, source: Source, tongue: str, kind: Kind) -> str:
    """A question that is understood without its passage; "" where it cannot be made so."""
    if kind == "heading":
        return question
    folded = fold(question)
    names = (m.text for m in source.mentions if m.kind not in ("DATE", "TITLE") and len(m.text) > 1)
    title = unnumbered(source.title)
    if any(fold(name) in folded for name in names) or (len(title) > 1 and fold(title) in folded):
        return question
    if names_something(question) if tongue == "zh" else _NAME.search(question):
        return question
    codes = set(_CODE.findall(f"{source.title} {source.passage.heading}"))
    if len(codes) == 1:
        code = codes.pop()
        named = (
            re.sub(f"^({_DEVICES_ZH})", rf"{code}\1", question)
            if tongue == "zh"
            else re.sub(rf"\bthe ({_DEVICES})\b", rf"the {code} \1", question, count=1)
        )
        if named != question:
            return named
    if _DOCUMENTS.search(title) and has_cjk(title) == (tongue == "zh"):
        if tongue == "zh":
            return f"根据《{title}》，{question}"
        the = "" if title.lower().startswith("the ") else "the "
        return f"According to {the}{title}, {question[0].lower()}{question[1:]}"
    size = len(_content(question)) if tongue == "en" else len(_RELATIVE["zh"].sub("", question)) - 1
    return question if size >= _ALONE[tongue] else ""


def _content(text: str) -> list[str]:
    return [term for term in index_terms(text) if term not in FUNCTION_WORDS and len(term) > 1]


def fault(question: str, answer: str, passage: str, tongue: str, kind: Kind) -> str:
    """Why a question is not fit to be asked; "" when it is."""
    asked, said = fold(question), fold(answer)
    words = question.split() if tongue == "en" else re.sub("^根据《.*?》，|\\s", "", question)
    low, high = _QUESTION[tongue]
    if kind != "heading" and not low <= len(words) <= high:
        return "too short or too long"
    if kind != "heading" and (len(answer.split()) if tongue == "en" else len(answer)) > _ANSWER[tongue]:
        return "a long answer"
    if (
        not answer
        or not _stands(answer, passage)
        or re.search("[—;；]", answer)
        or _EMPTY_ANSWER.search(answer)
    ):
        return "no answer of its own"
    if said in asked or _given_away(question, answer, tongue):
        return "the answer stands in the question"
    if tongue == "zh" and points_away(question):
        return "points away"
    if re.match("What (?:is|was) what ", question):
        return "no question"
    if tongue == "en" and kind != "heading" and _points_away_en(question):
        return "points away"
    if any(
        text.count(a) != text.count(b)
        for text in (question, answer)
        for a, b in ("()", "[]", "（）", "《》", "“”")
    ):
        return "half a bracket"
    shared = set(_content(question)) & set(_content(passage))
    return (
        ""
        if len(shared) >= 2 or kind in ("heading", "value", "fact", "definition")
        else "nothing of the passage"
    )


def _stands(answer: str, passage: str) -> bool:
    """Whether an answer stands in a passage, and not as a part of a longer word."""
    last = answer[-1:]
    glued = r"\d" if last.isdigit() else r"[^\W\d_]" if last.isascii() and last.isalpha() else "$^"
    return re.search(rf"{re.escape(answer)}(?!-?{glued})", passage) is not None


def _points_away_en(question: str) -> bool:
    bare = re.sub(r"\bhow many\b|\bat most\b|\bthe most\b", "", question, flags=re.IGNORECASE)
    if _POINTS_EN.search(bare):
        return True
    return _OWN_EN.search(bare) is not None and not re.search(r"\s[A-Z]", question)


def _given_away(question: str, answer: str, tongue: str) -> bool:
    """Whether the question holds most of what the answer says."""
    told = set(_content(answer))
    return bool(told) and len(told & set(_content(question))) > len(told) / 2
