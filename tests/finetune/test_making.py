from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from finetune.answers_en import bare
from finetune.cleaning import Tally
from finetune.making import Made, fault, made_from, unambiguous
from finetune.making_en import English
from finetune.making_zh import Chinese
from index.browse import passage_ids
from index.corpus import Corpus
from index.types import Document
from rag.sources import read_sources

HISTORY = """# A short history of Zaolin Instruments

## The warehouse years

Zaolin Instruments was founded on 12 March 1996 by Xu Wenhua. It makes pumps and flow meters for waterworks.

The Linhai plant opened in September 2008. The T-1 was sold to 37 waterworks in the first year.
"""
PROFILE = """# 枣林仪器有限公司概况

枣林仪器有限公司成立于1996年3月12日，总部设在清河，主要生产水泵和流量计。

临海工厂于2008年9月投产，厂长是陈光。到2024年底，枣林仪器有限公司共有412名员工。
"""
PRODUCT = """# B-200 pump

Weight: 58 kg
Project manager: Ingrid Maas

Model: B-200; Plant: Linhai; Flow: 120
Model: B-350; Plant: Qinghe; Flow: 240
"""
LEAVE = """# 员工休假管理办法

## 二、年休假

员工应当在放假前三天提出申请。
"""


@pytest.fixture
def made(corpus: Corpus, make_document: Callable[..., Document]) -> Callable[..., list[Made]]:
    """text, title -> all questions made from it."""

    def make(text: str, title: str = "") -> list[Made]:
        corpus.add([make_document(text, "a.md", title or text.split("\n")[0].lstrip("# "))])
        sources = read_sources(corpus.store, passage_ids(corpus.store))
        return [one for source in sources for one in made_from(source)]

    return make


def asked(found: list[Made]) -> dict[str, str]:
    return {one.question: one.answer for one in found}


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("The Linhai plant opened in May 2008.", "When did the Linhai plant open?", "May 2008"),
        ("The Linhai plant opened in May 2008.", "Which plant opened in May 2008?", "The Linhai plant"),
        ("Xu Wenhua led it for ten years.", "For how long did Xu Wenhua lead it?", "ten years"),
        ("The B-200 is assembled at the Linhai plant.", "Where is the B-200 assembled?", "the Linhai plant"),
        ("Zaolin was founded in 1996 by Chen Mo.", "Who was Zaolin founded by in 1996?", "Chen Mo"),
        ("The event log keeps 20,000 entries.", "How many entries does the event log keep?", "20,000"),
        (
            "In August 2005 a typhoon put 70 centimetres of water into the workshop.",
            "How much water did a typhoon put into the workshop in August 2005?",
            "70 centimetres",
        ),
        (
            "Claims are filed within 15 working days after the end of the trip, with receipts attached.",
            "Within how many working days are claims filed after the end of the trip?",
            "15 working days",
        ),
        (
            "If the B-200 runs dry, the controller stops it within 5 seconds.",
            "If the B-200 runs dry, within how many seconds does the controller stop it?",
            "5 seconds",
        ),
        ("Store the pump in a dry place.", "Where should you store the pump?", "a dry place"),
        ("The F-30 is a meter for pipes.", "What is the F-30?", "a meter for pipes"),
    ],
)  # fmt: skip
def test_english_sentences_are_asked_for(sentence: str, question: str, answer: str) -> None:
    found = {one.question: one.answer for one in English().questions(sentence)}
    assert found.get(question) == answer, found


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("公司于2019年成立。", "公司是哪一年成立的？", "2019年"),
        ("枣林仪器成立于1996年3月12日。", "枣林仪器是什么时候成立的？", "1996年3月12日"),
        ("临海工厂于2008年9月投产，厂长是陈光。", "临海工厂的厂长是谁？", "陈光"),
        ("枣林仪器有限公司成立于1996年，总部设在清河。", "枣林仪器有限公司的总部设在哪里？", "清河"),
        ("枣林仪器有限公司主要生产水泵和流量计。", "枣林仪器有限公司主要生产什么？", "水泵和流量计"),
        ("班组长必须在30分钟内报告安全员。", "班组长必须在多少分钟内报告安全员？", "30分钟"),
        ("泵站总用电量降低18%。", "泵站总用电量降低百分之多少？", "18%"),
        ("来料不合格的，供应商应当在五天内报告。", "来料不合格的，供应商应当在多少天内报告？", "五天"),
        ("威克水槽是美国得克萨斯州的一处公园。", "威克水槽是什么？", "美国得克萨斯州的一处公园"),
        ("由于设有事务所，石垣基地负责直升机救护。", "石垣基地为什么负责直升机救护？", "设有事务所"),
    ],
)  # fmt: skip
def test_chinese_sentences_are_asked_for_in_place(sentence: str, question: str, answer: str) -> None:
    found = {one.question: one.answer for one in Chinese("").questions(sentence)}
    assert found.get(question) == answer, found


def test_an_english_pronoun_stands_for_what_the_sentence_before_was_about() -> None:
    reader = English()
    list(reader.questions("The Linhai plant was founded by Xu Wenhua."))
    found = {one.question: one.answer for one in reader.questions("It moved to Qinghe in 1998.")}
    assert found.get("When did the Linhai plant move to Qinghe?") == "1998"
    assert not any(" it " in f" {question.lower()} " for question in found)
    assert list(English().questions("It moved to Qinghe in 1998.")) == [], "nobody knows what it is"


def test_a_chinese_clause_takes_its_subject_from_the_one_before_or_the_title() -> None:
    two = {one.question for one in Chinese("").questions("林悦毕业于清河大学，2018年取得工程师资格。")}
    assert "林悦是哪一年取得工程师资格的？" in two
    other = {one.question for one in Chinese("").questions("总经理为林悦，她2003年入职。")}
    assert "林悦是哪一年入职的？" in other
    assert list(Chinese("").questions("她2003年以试验工程师的身份入职。")) == [], "nobody knows who she is"
    title = {one.question for one in Chinese("大沙东站").questions("该站于2009年12月28日启用。")}
    assert title == {"大沙东站是什么时候启用的？"}


@pytest.mark.parametrize("sentence", ["", "Yes.", "|---|---|", '"Who?" he said.', "Model: B-200; Flow: 12"])
def test_what_is_no_sentence_gives_no_question(sentence: str) -> None:
    assert list(English().questions(sentence)) == []
    assert list(Chinese("").questions(sentence)) == []


@pytest.mark.parametrize("text", [HISTORY, PROFILE, PRODUCT, LEAVE], ids=["en", "zh", "rows", "policy"])
def test_questions_are_in_their_passage_s_language_and_answered_by_its_words(
    text: str, made: Callable[..., list[Made]]
) -> None:
    found = made(text)
    assert found
    for one in found:
        assert one.answer in one.passage.text
        assert one.answer not in one.question
        zh = text in (PROFILE, LEAVE)
        assert one.language == ("zh" if zh else "en")
        assert one.question.endswith("？" if zh else "?")
    assert len({one.question for one in found}) == len(found)


def test_facts_numbers_and_definitions_are_told_apart(made: Callable[..., list[Made]]) -> None:
    kinds = {one.question: one.kind for one in made(PRODUCT + "\nThe B-200 is a centrifugal pump.\n")}
    assert kinds["What is the weight of the B-200?"] == "value"
    assert kinds["What is the B-200?"] == "definition"


def test_what_a_graph_says_is_a_fact(
    store: Any, make_marked: Callable[..., Corpus], make_document: Callable[..., Document]
) -> None:
    corpus = make_marked(store)
    corpus.add([make_document("[Acme Pumps] =opened in= [September 2008].", "a.md")])
    (source,) = read_sources(store, passage_ids(store))
    assert source.facts
    clean = "Acme Pumps opened in September 2008."
    corpus.add([make_document(clean, "b.md")])
    plain = read_sources(store, passage_ids(store))[-1]
    object.__setattr__(plain, "facts", source.facts)
    found = {one.question: one.kind for one in made_from(plain)}
    assert found["When did Acme Pumps open?"] == "fact"


def test_rows_and_labels_are_asked_for(made: Callable[..., list[Made]]) -> None:
    found = made(PRODUCT)
    answers = asked(found)
    assert answers["What is the weight of the B-200?"] == "58 kg"
    assert answers["Who is the project manager of the B-200?"] == "Ingrid Maas"
    assert answers["What is the flow of the B-350?"] == "240"
    assert all(one.row for one in found)


def test_chinese_rows_and_labels_are_asked_for(made: Callable[..., list[Made]]) -> None:
    text = "# A-80水泵\n\n保修期：两年\n\n姓名：何岚；部门：人力资源部；分机：2101\n"
    answers = asked(made(text))
    assert answers["何岚在哪个部门？"] == "人力资源部"
    assert answers["何岚的分机是多少？"] == "2101"
    assert answers["A-80的保修期是多少年？"] == "两年"


def test_a_heading_that_asks_is_answered_by_its_first_sentence(made: Callable[..., list[Made]]) -> None:
    text = "# 常见问题\n\n## 3. 出厂编号怎么读？\n\n出厂编号由工厂代码和流水号组成。编号刻在铭牌上。\n"
    assert asked(made(text))["出厂编号怎么读？"] == "出厂编号由工厂代码和流水号组成"


def test_a_rule_without_a_name_is_asked_with_the_paper_it_stands_in(made: Callable[..., list[Made]]) -> None:
    answers = asked(made(LEAVE))
    assert answers == {"根据《员工休假管理办法》，员工应当在放假前多少天提出申请？": "三天"}


@pytest.mark.parametrize(
    ("question", "answer", "passage", "why"),
    [
        ("When did the Linhai plant open?", "2008", "The Linhai plant opened in 2008.", ""),
        ("When did it open?", "2008", "It opened in 2008.", "points away"),
        ("When did this large plant open?", "2008", "This large plant opened in 2008.", "points away"),
        ("What did Linhai's plant open?", "plant", "Linhai's plant", "the answer stands in the question"),
        ("When did the Linhai plant open?", "200", "The plant opened in 2008.", "no answer of its own"),
        ("What did the Linhai plant open?", "its doors", "It opened its doors.", "no answer of its own"),
        ("该公司是哪一年成立的？", "2019年", "该公司于2019年成立。", "points away"),
        ("枣林公司是哪一年成立的？", "2019年", "枣林公司于2019年成立。", ""),
    ],
)  # fmt: skip
def test_questions_that_cannot_be_asked_alone_are_refused(
    question: str, answer: str, passage: str, why: str
) -> None:
    tongue = "zh" if "？" in question else "en"
    assert fault(question, answer, passage, tongue, "cloze") == why


def test_a_question_with_two_answers_is_dropped_and_told(made: Callable[..., list[Made]]) -> None:
    one = next(m for m in made(HISTORY) if m.answer == "September 2008")
    other = Made(one.question.upper(), "May 2009", one.kind, one.passage, "en")
    tally = Tally()
    assert unambiguous([one, one], Tally()) == [one]
    assert unambiguous([one, other], tally) == []
    assert [(d.reason, d.count) for d in tally.dropped()] == [
        ("a question with different answers in several passages", 2)
    ]


@pytest.mark.parametrize(
    ("answer", "persons", "short"),
    [
        ("the San Jose Marriott", [], "San Jose Marriott"),
        ("an office", [], "office"),
        ("The Hague", [], "The Hague"),
        ("An October study", [], "An October study"),
        ("linebacker Shaq Thompson", ["Shaq Thompson"], "Shaq Thompson"),
        ("Panthers quarterback Cam Newton", ["Newton", "Cam Newton"], "Cam Newton"),
        ("Ann Lee and Bo Wu", ["Ann Lee", "Bo Wu"], "Ann Lee and Bo Wu"),
        ("A Sincere Admonition by Martin Luther", ["Martin Luther"], "A Sincere Admonition by Martin Luther"),
        ("Luther's mind", ["Luther"], "Luther's mind"),
        ("the", [], "the"),
    ],
)
def test_english_answers_are_short_as_people_give_them(answer: str, persons: list[str], short: str) -> None:
    assert bare(answer, persons) == short
