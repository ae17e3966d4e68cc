"""Passages with questions to them, from files in SQuAD's JSON, to train the embedded reader on.

"I don't know." is right for questions to other passages of the same document, those that share most words
with a passage, and for questions that were changed so that nothing answers them: another name, number or
opposite in them (the kinds of SQuAD 2.0, Rajpurkar et al. 2018). People type in small letters and without a
question mark, so some questions are written so.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from common import articles
from opencc import OpenCC

from index.language import asked_terms, has_cjk, index_terms, sentences
from index.split import SplitOptions, split
from index.types import Document
from rag.prompt import title_of

_BOTH_WAYS = """
first last, largest smallest, highest lowest, most least, before after, north south, east west, male female,
northern southern, eastern western, more less, early late, increase decrease, begin end, began ended, old new,
oldest newest, best worst, majority minority, minimum maximum, won lost, public private, inside outside,
above below, 最大 最小, 最高 最低, 最早 最晚, 第一 最后, 之前 之后, 东 西, 南 北, 上升 下降, 增加 减少,
开始 结束, 进入 离开, 成立 解散, 出生 去世, 支持 反对, 男 女, 最多 最少, 主要 次要"""
_DENIED = {word: f"{word} not" for word in ("is", "was", "are", "were", "did", "does", "do", "can")}
_PAIRS = [(pair.split()[0], pair.split()[1]) for pair in _BOTH_WAYS.split(",")]
OPPOSITES = dict(_PAIRS) | {b: a for a, b in _PAIRS} | _DENIED | {"可以": "不可以"}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b(?:[A-Z][\w'-]+(?: (?:of |the )?[A-Z][\w'-]+)*)")


class Decided(NamedTuple):
    """A question that wants yes or no, with what of the passage decides it."""

    question: str
    evidence: str
    says: Literal["yes", "no"]


@dataclass(frozen=True, slots=True)
class Text:
    """A passage with the questions that it answers, and others that it does not."""

    document: str
    """The title of the document that it is from."""
    title: str
    """That with the passage's headings, as the product reads it."""
    passage: str
    answered: tuple[tuple[str, str], ...]
    unanswered: tuple[str, ...]
    decided: tuple[Decided, ...] = ()


def texts(
    path: Path,
    draw: random.Random,
    count: Callable[[str], int],
    which: Literal["", "half", "simplified", "pointed"] = "",
    questions: Path | None = None,
) -> Iterator[Text]:
    """The passages of a SQuAD file in random order of its articles.

    Args:
        questions: other questions to some of the file's texts, in place of its own (`asked_of`).
        which: "half": articles in `common.LEARNT` alone; "simplified": traditional characters written as
            simplified ones, one for one; "pointed": of what wants yes or no, only where it is decided.
    """
    data = articles(path, "first" if which == "half" else "")
    if questions:
        data = asked_of(data, json.loads(questions.read_text("utf-8"))["texts"])
    if which == "simplified":
        data = json.loads(OpenCC("t2s").convert(json.dumps(data, ensure_ascii=False)))
    draw.shuffle(data)
    options = SplitOptions()
    names: list[str] = []
    for number, article in enumerate(data):
        title = str(article.get("title", "")).replace("_", " ")
        found: list[Text] = []
        for place, paragraph in enumerate(article["paragraphs"]):
            document = Document(f"{number}-{place}", title, paragraph["context"], f"{number}-{place}")
            parts = split(document, count, options)
            cut = [(part.start, part.end, part.text) for part in parts]
            if not cut:
                continue
            bags = [Counter(index_terms(text)) for _, _, text in cut]
            answered: list[list[tuple[str, str]]] = [[] for _ in cut]
            unanswered: list[list[str]] = [[] for _ in cut]
            decided: list[list[Decided]] = [[] for _ in cut]
            for qa in paragraph["qas"]:
                question = qa["question"].strip()
                if qa.get("is_impossible"):
                    terms = asked_terms(question)
                    near = max(range(len(cut)), key=lambda at: sum(term in bags[at] for term in terms))
                    unanswered[near].append(question)
                elif (at := _part_of(qa["answers"], paragraph["context"], cut)) is not None:
                    if "says" in qa and which != "pointed":
                        decided[at[0]].append(Decided(question, at[1], qa["says"]))
                    else:
                        answered[at[0]].append((question, at[1]))
            found += [
                Text(title, title_of(title, part.heading), part.text, *map(tuple, own))
                for part, *own in zip(parts, answered, unanswered, decided, strict=True)
            ]
        names = (names + _NAME.findall(" ".join(text.passage for text in found)))[-4000:]
        yield from _with_unanswered(found, names, draw)


def asked_of(
    data: Sequence[dict[str, Any]], asked: Mapping[str, Sequence[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Articles with those of their texts alone to which questions are given, and these in place of their own.

    Args:
        asked: questions ("qas" as SQuAD has them) by the `name_of` their text, which stands elsewhere.
    """
    found = []
    for article in data:
        own = [
            {**paragraph, "qas": asked[name]}
            for paragraph in article["paragraphs"]
            if (name := name_of(paragraph["context"])) in asked
        ]
        if own:
            found.append({**article, "paragraphs": own})
    return found


def name_of(text: str) -> str:
    """
    >>> name_of("How long a text is does not matter.")
    '065f19f407ac'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _part_of(
    answers: Sequence[dict[str, Any]], text: str, cut: Sequence[tuple[int, int, str]]
) -> tuple[int, str] | None:
    """Which part of a paragraph an answer stands in whole, and the answer: what most people gave."""
    if not answers:
        return None
    said = Counter(one["text"].strip() for one in answers).most_common(1)[0][0]
    start = next(one["answer_start"] for one in answers if one["text"].strip() == said)
    if text[start : start + len(said)] != said:
        if text.count(said) != 1:
            return None  # the file's offset is wrong, and its words do not say where
        start = text.find(said)
    whole = (at for at, (a, b, _) in enumerate(cut) if a <= start and start + len(said) <= b)
    return next(((at, said) for at in whole if said), None)


def _with_unanswered(found: Sequence[Text], names: Sequence[str], draw: random.Random) -> Iterator[Text]:
    """The texts with questions to their neighbours, and, where no person wrote any, changed ones."""
    bags = [Counter(index_terms(text.passage)) for text in found]
    near: dict[int, list[tuple[int, str]]] = {}
    for at, text in enumerate(found):
        for question, answer, *_ in (*text.answered, *text.decided):
            terms = asked_terms(question)
            others = [
                (sum(term in bag for term in terms), other)
                for other, bag in enumerate(bags)
                if other != at and answer not in found[other].passage
            ]
            if others:
                shared, other = max(others)
                near.setdefault(other, []).append((shared, question))
    for at, text in enumerate(found):
        own = draw.sample(text.answered, min(len(text.answered), 6))
        by_people = draw.sample(text.unanswered, min(len(text.unanswered), max(2, len(own))))
        unanswered = [question for _, question in sorted(near.get(at, []), reverse=True)[:2]]
        if by_people:
            unanswered = [*by_people, *unanswered[:1]]
        else:
            changed = [new for q, _ in own if (new := changed_question(q, text.passage, names, draw))]
            unanswered += draw.sample(changed, min(len(changed), 2 if own else 0))
            unanswered = unanswered[: len(own) // 2 + 2]
        if own or unanswered or text.decided:
            yield replace(text, answered=tuple(own), unanswered=tuple(dict.fromkeys(unanswered)))


def across(found: Sequence[Text], draw: random.Random, share: float = 0.2) -> list[Text]:
    """The texts, with some questions beside the passage of another document that is most like them.

    As retrieval finds it: the manual of another model, the rule of another office. Its title tells.
    """
    bags = [frozenset(index_terms(f"{text.title} {text.passage}")) for text in found]
    holders: dict[str, list[int]] = {}
    for at, bag in enumerate(bags):
        for term in bag:
            holders.setdefault(term, []).append(at)
    more: dict[int, list[str]] = {}
    for text in found:
        for question, answer, *_ in (*text.answered, *text.decided):
            if draw.random() > share:
                continue
            worth: Counter[int] = Counter()
            for term in asked_terms(question):
                for at in holders.get(term, ()):
                    worth[at] += 1 / len(holders[term])  # a rare word says more
            near = (at for at, _ in worth.most_common(20) if found[at].document != text.document)
            other = next((at for at in near if answer not in found[at].passage), None)
            if other is not None and len(more.setdefault(other, [])) < 2:
                more[other].append(question)
    return [
        replace(text, unanswered=tuple(dict.fromkeys([*text.unanswered, *more.get(at, ())])))
        for at, text in enumerate(found)
    ]


def changed_question(question: str, text: str, names: Sequence[str], draw: random.Random) -> str | None:
    """A question like `question` that `text` does not answer; None where no rule makes one."""
    made: list[str] = []
    for match in _NUMBER.finditer(question):
        digits = "".join(draw.choice("123456789") if mark.isdigit() else mark for mark in match.group())
        if len(digits) == 4 and digits.isdigit() and match.group()[:1] in "12":
            digits = str(int(match.group()) + draw.choice([-40, -17, -9, -3, 4, 8, 15]))
        if digits not in text:
            made.append(question[: match.start()] + digits + question[match.end() :])
    for match in _NAME.finditer(question):
        other = draw.choice(names) if names else ""
        if other and other not in text and other not in question:
            made.append(question[: match.start()] + other + question[match.end() :])
    words = list(
        re.finditer("|".join(map(re.escape, OPPOSITES)) if has_cjk(question) else r"[a-z]+", question)
    )
    for match in words:
        other = OPPOSITES.get(match.group(), "")
        rare = other.endswith(" not")
        if other and (not rare or draw.random() < 0.25) and match.start():
            made.append(question[: match.start()] + other + question[match.end() :])
    return draw.choice(made) if made else None


def place_of(answer: str, passage: str, question: str) -> int:
    """Where `answer` begins; of several places that whose sentence shares most words with `question`.

    SQuAD's own offsets are lost in some files, and one answer in ten stands twice.

    >>> place_of("1999", "Anna came in 1999. Bruno left in 1999.", "When did Bruno leave?")
    33
    """
    whole = rf"(?<![^\W_]){re.escape(answer)}(?![^\W_])"
    found = [] if has_cjk(answer) else [match.start() for match in re.finditer(whole, passage)]
    found = found or [match.start() for match in re.finditer(re.escape(answer), passage)]
    if len(found) == 1:
        return found[0]
    terms = set(asked_terms(question))
    parts = sentences(passage)

    def shared(at: int) -> int:
        own = next((passage[start:end] for start, end in parts if start <= at < end), "")
        return len(terms.intersection(index_terms(own)))

    return max(found, key=shared)


def as_typed(question: str, draw: random.Random) -> str:
    """The question as people type some: in small letters, or without its mark."""
    chance = draw.random()
    if chance < 0.1:
        question = question.lower()
    if 0.05 < chance < 0.2:
        question = question.rstrip("?？ ")
    return question
