"""Names brought together within one document: introduced names, surnames, plurals, topics."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from index.extract import Extraction, Extractor, extract_passages, load_extractor
from index.names import Names
from index.resolve import resolved
from index.types import Alias, Mention, Passage


def read(
    extractor: Extractor, *texts: str, title: str = "", heading: str = "", names: Names | None = None
) -> tuple[str, list[Extraction]]:
    """The passages of one document, and its whole text."""
    passages, at = [], 0
    for text in texts:
        passages.append((title, Passage(0, "d", text, at, at + len(text), heading=heading)))
        at += len(text) + 1
    return "\n".join(texts), extract_passages(extractor, passages, names)


def spelt(extractions: list[Extraction]) -> list[tuple[str, str]]:
    return [(m.text, m.entity) for e in extractions for m in e.mentions]


def test_an_introduced_name_stands_for_the_full_one_from_there_on() -> None:
    extractor = load_extractor("patterns")
    text, got = read(
        extractor, "CIA men came.", "The Central Intelligence Agency (CIA) grew.", "The CIA bought GitHub."
    )
    assert spelt(got) == [
        ("CIA", "cia"),
        ("Central Intelligence Agency", "central intelligence agency"),
        ("CIA", "central intelligence agency"),
        ("CIA", "central intelligence agency"),
        ("GitHub", "github"),
    ]
    (alias,) = (a for e in got for a in e.aliases)
    assert (alias.alias, alias.entity) == ("cia", "central intelligence agency")
    assert text[alias.start : alias.end] == "(CIA)"
    for extraction in got:
        for mention in extraction.mentions:
            assert text[mention.start : mention.end] == mention.text


def test_each_of_two_short_names_counts_from_its_own_introduction() -> None:
    texts = (
        "Acme Pump Works (APW) grew.",
        "apw Big Apw sold.",
        "Acme Pump Works, also known as Old Blue, left.",
    )
    mention = Mention("acme pump works", "ORG", "Acme Pump Works", 0, 15)
    passages, found, at = [], list[Extraction](), 0
    for text in texts:
        passages.append(Passage(0, "d", text, at, at + len(text)))
        found.append(Extraction((replace(mention, start=at, end=at + 15),) if text[:4] == "Acme" else ()))
        at += len(text) + 1
    found[0] = replace(found[0], aliases=(Alias("apw", "acme pump works", 16, 21),))
    found[2] = replace(found[2], aliases=(Alias("old blue", "acme pump works", 61, 84),))
    got = resolved(passages, found)
    assert [m.text for m in got[1].mentions] == ["Apw"]
    assert [m.text for m in got[2].mentions] == ["Acme Pump Works", "Old Blue"]


def test_another_document_is_not_touched() -> None:
    passages = [
        ("", Passage(0, "a", "The Central Intelligence Agency (CIA) grew.", 0, 43)),
        ("", Passage(0, "b", "The CIA grew.", 0, 13)),
    ]
    got = extract_passages(load_extractor("patterns"), passages)
    assert spelt(got[1:]) == [("CIA", "cia")]


def test_a_short_name_of_two_stands_for_itself() -> None:
    text = "Acme Pump Works (APW) met the Alpha Plant Works (APW). Then APW left."
    _, got = read(load_extractor("patterns"), text)
    assert spelt(got)[-1] == ("APW", "apw")
    assert len(got[0].aliases) == 2


def test_names_that_stand_for_each_other_end() -> None:
    text = (
        "Big Blue Machines, also known as Old Blue. Old Blue, also known as Big Blue Machines. Old Blue won."
    )
    _, got = read(load_extractor("patterns"), text)
    assert {m.text for m in got[0].mentions} == {"Big Blue Machines", "Old Blue"}


def test_a_chinese_short_name_is_found_where_no_model_sees_it(extractor: Extractor) -> None:
    _, got = read(
        extractor, "枣林仪器有限公司（以下简称“枣林仪器”）位于临海市。", "枣林仪器的董事长是许文华。"
    )
    assert ("枣林仪器", "枣林仪器有限公司") in spelt(got[1:])
    assert ("枣林仪器有限公司", "位于", "临海市") in {(f.subject, f.relation, f.object) for f in got[0].facts}
    assert "枣林仪器有限公司" in {f.subject for f in got[1].facts}


def test_what_a_person_was_formerly_is_no_other_name(extractor: Extractor) -> None:
    _, got = read(extractor, "Jane Doe, formerly Google, joined Acme Corp. Google is in California.")
    assert got[0].aliases == ()
    assert {entity for text, entity in spelt(got) if text == "Google"} == {"google"}


def test_chinese_facts_leave_out_the_brackets_that_give_short_names(extractor: Extractor) -> None:
    _, got = read(
        extractor,
        "杭州恒通泵业股份有限公司（以下简称“恒通泵业”）向临海市枣林水务有限公司（以下简称“枣林水务”）提供B-200型离心泵。",
    )
    assert {(f.subject, f.relation, f.object) for f in got[0].facts} == {
        ("杭州恒通泵业股份有限公司", "提供向", "临海市枣林水务有限公司"),
        ("杭州恒通泵业股份有限公司", "提供", "b-200"),
    }


def test_a_chinese_sentence_says_nothing_of_the_english_one_before_it(extractor: Extractor) -> None:
    chinese = "王小明于2009年在杭州创立了枣园科技有限公司。公司主要生产水泵和阀门，产品销往全国各地。"
    _, got = read(extractor, f"B-200 is made by Acme Corp.\n{chinese}")
    assert {(f.subject, f.relation, f.object) for f in got[0].facts} == {
        ("王小明", "创立于", "2009年"),
        ("王小明", "创立在", "杭州"),
        ("王小明", "创立", "枣园科技有限公司"),
    }


def test_a_bracket_that_only_opens_is_no_part_of_a_name(extractor: Extractor) -> None:
    text = "The machine replaces the Kestrel K30. The Brew Control Unit (BCU) regulates the temperature."
    assert "(" not in "".join(entity for _, entity in spelt(read(extractor, text)[1]))


def test_a_surname_is_its_only_owners(extractor: Extractor) -> None:
    _, got = read(extractor, "Barack Obama met John Smith in Paris.", "Obama then flew to Berlin.")
    assert ("Obama", "barack obama") in spelt(got[1:])
    _, got = read(extractor, "Barack Obama met Michelle Obama in Paris.", "Then Obama flew to Berlin.")
    assert ("Obama", "obama") in spelt(got[1:])


def test_plurals_join_only_where_both_are_written() -> None:
    extractor = load_extractor("patterns")
    _, got = read(extractor, "Flow Meters are sold.", title="Flow Meter")
    assert spelt(got) == [("Flow Meter", "flow meter"), ("Flow Meters", "flow meter")]
    assert [(a.alias, a.entity) for a in got[0].aliases] == [("flow meters", "flow meter")]
    _, got = read(extractor, "The Rolling Stones sang.")
    assert spelt(got) == [("Rolling Stones", "rolling stones")]


def test_a_document_of_many_plurals_is_read_in_linear_time() -> None:
    def seconds(count: int) -> float:
        passages = [Passage(0, "d", "Pumps", 9 * i, 9 * i + 5) for i in range(count)]
        found = [
            Extraction(
                (
                    Mention(f"pump{i}", "OTHER", "Pump", 9 * i, 9 * i + 4),
                    Mention(f"pump{i}s", "OTHER", "Pumps", 9 * i, 9 * i + 5),
                )
            )
            for i in range(count)
        ]
        began = time.process_time()
        assert sum(len(own.aliases) for own in resolved(passages, found)) == count
        return time.process_time() - began

    seconds(100)
    assert seconds(4_000) < 10 * seconds(1_000) + 1  # garbage collection of a whole test run included


@pytest.mark.parametrize(
    ("title", "heading", "topic"),
    [
        ("Linhai Plant", "", "linhai plant"),
        ("Linhai Plant", "B-200", "b-200"),
        ("Linhai Plant", "B-200 > Specifications", "b-200"),
        ("Linhai Plant", "规格", "linhai plant"),
    ],
)
def test_a_line_is_said_of_the_heading_or_title_above_it(title: str, heading: str, topic: str) -> None:
    _, got = read(load_extractor("patterns"), "Weight: 12 kg", title=title, heading=heading)
    assert [(f.subject, f.relation, f.object) for f in got[0].facts] == [(topic, "Weight", "12 kg")]


def test_a_pronoun_is_the_title_or_the_last_subject_if_only_one_can_be_meant(extractor: Extractor) -> None:
    _, got = read(extractor, "He was born in Paris.", title="Barack Obama")
    assert {(f.subject, f.relation, f.object) for f in got[0].facts} == {("barack obama", "born in", "paris")}
    _, got = read(extractor, "Barack Obama met John Smith. He was born in Paris.", title="The Meeting")
    assert "born in" not in {f.relation for f in got[0].facts if f.subject in ("barack obama", "john smith")}


def test_own_names_replace_what_models_cut(extractor: Extractor) -> None:
    names = Names((("Satya Nadella Pump", "SNP"),))
    _, got = read(extractor, "Microsoft sold the Satya Nadella Pump to Apple.", names=names)
    assert ("Satya Nadella Pump", "satya nadella pump") in spelt(got)
    assert "satya nadella" not in {m.entity for m in got[0].mentions}
    assert ("microsoft", "sold", "satya nadella pump") in {
        (f.subject, f.relation, f.object) for f in got[0].facts
    }
