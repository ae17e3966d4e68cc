"""What a Chinese clause says, asked for where it stands: "公司于2019年成立" -> "公司是哪一年成立的？"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from finetune.asking import Asked
from finetune.phrases_zh import NAMES, NOUNS, Target, targets
from index.extract_zh import load_words
from index.language import CJK, has_cjk
from index.word_facts import Word

_POINTS = re.compile(
    "[他她它牠祂]|下列|以下[^0-9]|如下|更多|与此|其中|其(?![他中实余])|该|此|这|那(?!不勒)|上述|前者|后者|我们?|你们?|您|同[年月日时]|当[时年地]|另一?|两者|自己|本(?![来地身质]|[田山])|全文"
)
_STATIVE = re.compile("^(?:是|有|为|担任|任|在|位于|属于|拥有|达|共|约|曾|就|已|被|起|至|开始|以来|，)")
_CAUSE = re.compile("^(?:由于|因为|因)(?=.{3,}$)")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with its words, up to `end`."""

    text: str
    end: int
    words: tuple[Word, ...]
    lead: str
    """A time that stands before the subject."""
    subject: str
    """What it is about, named so that it is understood alone; empty: nobody knows."""
    own: bool
    """Whether it names its subject itself."""
    after_subject: int
    """Where the words for its subject end."""
    condition: str
    """What stands before it and says when it holds, with its comma."""
    is_condition: bool
    is_apposition: bool
    """Whether it says what its subject is, without a verb."""

    @property
    def said(self) -> str:
        return self.text[self.after_subject : self.end]


def of_clause(clause: Clause) -> Iterator[Asked]:
    for target in targets(clause.text, clause.words, clause.after_subject):
        answer = clause.text[target.start : target.end]
        kind: Literal["value", "cloze"] = "value" if target.sort == "number" else "cloze"
        told = any(w.tag in ("v", "vd") and not target.start <= w.start < target.end for w in clause.words)
        if not told and not (target.sort == "number" and clause.own):
            continue
        question = _asked(clause, target)
        if question and question.count(clause.subject.strip() or question) < 2:
            yield Asked(_finished(clause.condition + question), answer, kind)
    yield from _definition(clause)


def _asked(clause: Clause, target: Target) -> str:
    """The clause with what asks in place of the target; "" where it would not be understood."""
    text, subject = clause.text, clause.subject.strip()
    rest = text[target.last : clause.end]
    if target.first < clause.after_subject:
        begins = target.first == clause.after_subject - (target.last - target.first)
        if target.sort in ("person", "body") and begins and clause.own:
            return f"{clause.lead}{target.ask}{rest}"
        if target.sort == "date" and clause.lead.startswith(text[target.first : target.last]):
            more = text[target.last : target.last + 1]
            said = clause.said.replace("了", "", 1)
            stative = _STATIVE.match(said) or more in ("起", "后", "前", "底", "初", "末", "至", "间")
            return "" if stative or not subject else f"{subject}是{target.ask}{_without_of(said)}的"
        return ""
    between = text[clause.after_subject : target.first]
    if re.search("一[个种座位名]", between):
        return ""  # it asks for a part of what is said of another thing
    if target.sort == "date" and subject:
        verb = re.fullmatch(f"([{CJK}]{{1,6}})[于在]", between)
        if verb and not rest:
            return f"{subject}是{target.ask}{verb[1]}的"
        if between in ("", "于", "在", "自") and len(rest) > 1 and not _STATIVE.match(rest):
            return f"{subject}是{target.ask}{_without_of(rest.replace('了', '', 1))}的"
        if not rest and between in ("", "于", "在"):
            return ""
    return f"{clause.lead}{subject}{between}{target.ask}{rest}"


def _without_of(said: str) -> str:
    return said.rstrip("的")


def _definition(clause: Clause) -> Iterator[Asked]:
    match = re.match(
        "(?:是指|指的是|即是|是个|是|为)(?!由|否|因|了)" if not clause.is_apposition else "", clause.said
    )
    verbs = (
        match
        and match[0] == "为"
        and any(w.tag == "v" for w in clause.words if w.start > clause.after_subject)
    )
    if not match or verbs or clause.condition or clause.lead or not clause.subject.strip():
        return
    answer = clause.said[match.end() :].strip()
    rest = [w for w in clause.words if w.start >= clause.after_subject + match.end()]
    clause_inside = any(w.tag == "v" and all(x.text != "的" for x in rest[i:]) for i, w in enumerate(rest))
    if clause_inside or answer.startswith(("与", "由于", "因", "在")):
        return
    person = any(w.tag == "PER" and w.text == clause.subject for w in clause.words)
    if 3 <= len(answer) <= 40 and rest and rest[-1].tag in NOUNS - {"PER", "vn"} and len(clause.subject) > 1:
        place = rest[-1].tag == "LOC" and re.search("(?:首都|省会|首府|总部|所在地)$", clause.subject)
        yield Asked(
            _finished(f"{clause.subject}是{'谁' if person else '哪里' if place else '什么'}"),
            answer,
            "definition",
        )


def of_causes(clauses: Sequence[Clause]) -> Iterator[Asked]:
    """由于X，Y: why Y."""
    for cause, clause in pairwise(clauses):
        said = "".join(w.text for w in cause.words)
        match = _CAUSE.match(said)
        if match and clause.subject.strip() and 4 < len(clause.said) < 30 and not _CAUSE.match(clause.said):
            effect = re.sub("^(?:所以|因此|因而|故)", "", clause.said)
            yield Asked(_finished(f"{clause.subject}为什么{effect}"), said[match.end() :], "cloze")


def _finished(question: str) -> str:
    question = re.sub(
        r"\s+", lambda m: "" if has_cjk(m.string[max(0, m.start() - 1) : m.end() + 1]) else " ", question
    )
    return question.strip("，,；; ") + "？"


def names_something(question: str) -> bool:
    """Whether a name, a title or a code stands in a question."""
    if re.search("[A-Za-z]+-?[0-9]|《", question):
        return True
    return any(word.tag in NAMES and len(word.text) > 1 for word in load_words()(question))


def points_away(question: str) -> bool:
    """Whether a question names something only by pointing: 他, 该公司, 同年."""
    return _POINTS.search(question) is not None
