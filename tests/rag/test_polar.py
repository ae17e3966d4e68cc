"""Yes or no by what the span reader that ships points at, and what it says of that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.loading import SPAN_READER
from index.types import Passage
from rag.asked import Asked, DecomposeOptions
from rag.candidates import Candidate, Place
from rag.ground import SILENT
from rag.polar import needs_no_generator, yes_or_no
from rag.prompt import Included, Line, Prompt
from rag.span_reader import E5SpanReader

GARDEN = (
    "The garden opens at nine and closes at dusk. From June to September dogs are not allowed on the lawn. "
    "The café takes cash and cards. Adults pay £6."
)
FIRM = "公司实行标准工时。试用期员工不享受年休假。班车早上七点半从北门发车。周末照常发货。"


@pytest.fixture(scope="module")
def reader() -> E5SpanReader:
    return E5SpanReader(SPAN_READER)


def asked(reader: E5SpanReader, question: str, *texts: str) -> Asked:
    parts = tuple(
        Included(Passage(at, f"d{at}", text, 40, 40 + len(text)), 40, 40 + len(text))
        for at, text in enumerate(texts)
    )
    pointed = reader.read(question, [("", text) for text in texts])
    return Asked(question, (), Prompt((), question, parts), SILENT, pointed)


def answered(reader: E5SpanReader, question: str, *texts: str, **options: float) -> tuple[str, str, float]:
    """The answer, what is cited, the confidence."""
    first = asked(reader, question, *texts)

    def judge(question: str, title: str, text: str) -> float | None:
        return reader.read(question, [(title, text)])[0].yes

    found = yes_or_no(first, lambda question: asked(reader, question), judge, DecomposeOptions(**options))  # type: ignore[arg-type]
    (step,) = found.steps
    assert step.best is not None
    (place,) = step.best.places
    own = step.prompt.included[place.passage]
    return found.text, own.text[place.start - own.start : place.end - own.start], found.confidence


@pytest.mark.parametrize(
    ("question", "text", "said", "told"),
    [
        (
            "Can I bring my spaniel in July?",
            GARDEN,
            "No",
            "From June to September dogs are not allowed on the lawn.",
        ),
        ("刚来还在试用，有年假吗？", FIRM, "否", "试用期员工不享受年休假。"),
    ],
)
def test_a_sure_no_is_said_and_its_sentence_cited(
    reader: E5SpanReader, question: str, text: str, said: str, told: str
) -> None:
    others = ("The office is in Graz.", "仓库在城西。")
    assert answered(reader, question, *others, text)[:2] == (said, told)
    sentence, cited, confidence = answered(reader, question, *others, text, denied=99.0)  # never sure
    assert sentence == cited == told
    assert confidence > 0.5


@pytest.mark.parametrize(
    ("question", "text", "said", "told"),
    [
        ("Can I pay by card in the café?", GARDEN, "Yes", "The café takes cash and cards."),
        ("你们周六也寄东西吗？", FIRM, "是", "周末照常发货。"),
    ],
)
def test_a_sure_yes_is_said_and_what_speaks_for_a_less_sure_one_is_given_as_it_stands(
    reader: E5SpanReader, question: str, text: str, said: str, told: str
) -> None:
    assert answered(reader, question, text)[:2] == (said, told)
    sentence, cited, confidence = answered(reader, question, text, affirmed=99.0)
    assert sentence == cited == told
    assert confidence > 0.45


@pytest.mark.parametrize(
    ("question", "text"), [("Is the moon made of cheese?", GARDEN), ("月球上有水吗？", FIRM)]
)
def test_what_nothing_decides_is_not_sure(reader: E5SpanReader, question: str, text: str) -> None:
    first = asked(reader, question, text)
    found = yes_or_no(first, lambda question: first, lambda *_: -9.0, DecomposeOptions())
    assert found.text not in ("No", "不是")
    assert found.confidence < 0.45


@pytest.mark.parametrize(("begins", "counts"), [(-1, True), (-6, False)])
def test_what_is_pointed_at_may_begin_with_the_line_end_above(
    reader: E5SpanReader, begins: int, counts: bool
) -> None:
    text = "Dogs are not allowed on the lawn."
    first = asked(reader, "Are dogs allowed on the lawn in July and August?", text)
    first = replace(first, pointed=[replace(first.pointed[0], best=9.0, span=(begins, len(text) - 1))])
    found = yes_or_no(first, lambda question: first, lambda *_: -9.0, DecomposeOptions())
    assert (found.text == "No") is counts


def test_to_a_question_that_denies_no_word_is_given(reader: E5SpanReader) -> None:
    first = asked(reader, "So my spaniel isn't welcome on the lawn in July, is it not?", GARDEN)
    found = yes_or_no(first, lambda question: first, lambda *_: -9.0, DecomposeOptions())
    assert found.text == "From June to September dogs are not allowed on the lawn."


def test_that_a_thing_is_told_of_by_what_it_is_not_denies_nothing(reader: E5SpanReader) -> None:
    question = "Can guests who have not paid bring dogs to the lawn in July?"
    assert answered(reader, question, GARDEN)[:2] == (
        "No",
        "From June to September dogs are not allowed on the lawn.",
    )


def test_a_span_reader_that_has_not_learnt_it_is_not_asked(reader: E5SpanReader) -> None:
    question = "Can I bring my spaniel in July?"
    first = asked(reader, question, GARDEN)
    first = replace(first, pointed=[replace(one, yes=None) for one in first.pointed])
    assert yes_or_no(first, lambda question: first, lambda *_: -9.0, DecomposeOptions()).text == ""


def test_of_a_sentence_that_is_too_long_what_decides_is_given(reader: E5SpanReader) -> None:
    listed = ", ".join(f"lane {number} beside the old pond" for number in range(20))
    text = f"The garden may be crossed by {listed}, and dogs are not allowed on the lawn in July."
    said, cited, _ = answered(reader, "Can I bring my spaniel in July?", text, denied=99.0)
    assert said == cited == said.strip()
    assert "dogs are not allowed" in said
    assert len(said) < 400 < len(text)


def test_the_generator_is_asked_where_nothing_is_pointed_at(reader: E5SpanReader) -> None:
    question = "Can I bring my spaniel in July?"
    first = replace(asked(reader, question, GARDEN), unread=True)
    put: list[str] = []

    def ask(question: str) -> Asked:
        put.append(question)
        return first

    yes_or_no(first, ask, lambda *_: 9.0, DecomposeOptions())
    assert put == []
    title = [replace(one, span=(-3, -1)) for one in first.pointed]  # in what stands above
    first = replace(first, pointed=title)
    yes_or_no(first, ask, lambda *_: 9.0, DecomposeOptions())
    assert put == [question]


def test_a_heading_is_given_as_it_is(reader: E5SpanReader) -> None:
    """Answers may be headings; nothing of the passage stands around one."""
    first = asked(reader, "Can I bring my spaniel in July?", GARDEN)
    (part,) = first.prompt.included
    title = "Visitors > Dogs"
    part = replace(part, title=title, above=(Line("Dogs", 30),))
    pointed = [replace(one, span=(-5, -1)) for one in first.pointed]
    best = Candidate("Dogs", (Place(0, 30, 34),), 0.0, 0.0, 0.0, 0.0, 1.0)
    grounded = replace(SILENT, candidates=(best,), confidence=0.5, read=1)
    prompt = replace(first.prompt, included=(part,))
    first = replace(first, prompt=prompt, grounded=grounded, pointed=pointed)
    assert yes_or_no(first, lambda _: first, lambda *_: None, DecomposeOptions()).text == "Dogs"


def test_what_needs_no_generator(reader: E5SpanReader) -> None:
    pointed = asked(reader, "Is it open?", GARDEN).pointed
    assert needs_no_generator("Is it open?", pointed)
    assert not needs_no_generator("When is it open?", pointed)
    assert not needs_no_generator("Is it open?", ())
    assert not needs_no_generator("Is it open?", [replace(one, yes=None) for one in pointed])
    assert not needs_no_generator("你知道张伟的电话号码吗？", pointed)
    assert not needs_no_generator("Is the B-200 heavier than the B-350?", pointed)
