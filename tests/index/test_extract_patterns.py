"""What spelling, punctuation and layout tell with no model: codes, capitals, tables, lines, other names."""

from __future__ import annotations

import gc
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.aliases import introduced, long_form
from index.capitals import capitalised, quoted
from index.extract import Extraction, load_extractor
from index.extraction import Source
from index.layout import definitions
from index.patterns import mentions_in
from index.types import Mention


def said(extraction: Extraction) -> set[tuple[str, str, str]]:
    return {(fact.subject, fact.relation, fact.object) for fact in extraction.facts}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("型号B-200水泵和GX5泵", ["B-200", "GX5"]),
        ("ISO9001 and TLS-1.3, not x-200 or 200-B", ["ISO9001", "TLS-1"]),
        ("see《水泵手册》and《 》", ["水泵手册"]),
        ("COVID-19, B-200s, AB-", ["COVID-19", "B-200s"]),
    ],
)
def test_patterns_find_codes_and_quoted_titles(text: str, expected: list[str]) -> None:
    found = load_extractor("patterns").extract([text])[0]
    assert [mention.text for mention in found.mentions if mention.entity] == expected


def test_patterns_read_the_rows_of_tables() -> None:
    table = "Model: B-200; Plant: Linhai; Plant: B-200\nonly: one\n编号：12；名称：泵\nModel: C-1; Price: 5"
    text = f"Price list:\n{table}"
    found = load_extractor("patterns").extract([text])[0]
    assert said(found) == {("b-200", "Plant", "linhai"), ("c-1", "Price", "5")}
    assert [text[fact.start : fact.end] for fact in found.facts] == [
        "Model: B-200; Plant: Linhai; Plant: B-200",
        "Model: C-1; Price: 5",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("序号：1；姓名：张三；部门：研发部", {("张三", "部门", "研发部")}),
        ("No.: 1; Date: 2024-05-02; Name: Li Na; Department: Sales", {("li na", "Department", "sales")}),
        ("| No. | Name | Plant |\n|---|---|---|\n| 1 | Li Na | Linhai |", {("li na", "Plant", "linhai")}),
        ("Year: 2024; Result: 12", set()),
    ],
)
def test_a_row_is_about_its_first_name_not_its_number(text: str, expected: set[tuple[str, str, str]]) -> None:
    assert said(load_extractor("patterns").extract([text])[0]) == expected


def test_patterns_read_the_tables_of_markdown() -> None:
    table = "| Model | Plant | Price |\n|:--|---|--:|\n| B-200 | Linhai | 5 |\n| C-1 | | 7 |"
    text = f"Prices:\n\n{table}\nNo more.\n| D-2 | Rome | 9 |"
    found = load_extractor("patterns").extract([text])[0]
    assert said(found) == {("b-200", "Plant", "linhai"), ("b-200", "Price", "5"), ("c-1", "Price", "7")}
    assert [text[m.start : m.end] for m in found.mentions] == ["B-200", "Linhai", "C-1", "D-2"]
    assert {text[fact.start : fact.end] for fact in found.facts} == {
        "| B-200 | Linhai | 5 |",
        "| C-1 | | 7 |",
    }


@pytest.mark.parametrize("text", ["a | b\nc | d", "|---|\n|---|", "a | b\n---|---", "| a |\n|---|\n| b |"])
def test_what_is_no_table_of_markdown(text: str) -> None:
    assert said(load_extractor("patterns").extract([text])[0]) == set()


def test_a_line_of_spaces_is_read_in_linear_time() -> None:
    began = time.process_time()
    load_extractor("patterns").extract(["a" + " " * 2_000 + "b"])
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The University of Linhai sells the Flow Meter Pro.", ["University of Linhai", "Flow Meter Pro"]),
        ("Many Customers came. In June Apollo 11 flew.", ["Apollo 11"]),
        ("Customers came. However they left in March 2015.", []),
        ("Code lives on GitHub and openSUSE, says IBM's man.", ["GitHub", "openSUSE", "IBM"]),
        ("Zhao's Works opened. AT&T and R2D2", ["AT&T", "R2D2"]),
        ("ALL IS LOUD IN THIS LINE OF IBM", []),
        ("It is OK at 9 AM, said III", []),
        ("Ludwig van der Rohe of the", ["Ludwig van der Rohe"]),
        ("", []),
    ],
)
def test_capitals(text: str, expected: list[str]) -> None:
    found = list(capitalised(text))
    assert [m.text for m in found] == expected
    assert [text[m.start : m.end] for m in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('the song "Blue Monday" and "what a day" and "Stop."', ["Blue Monday"]),
        ("饰演“楚留香”，他说“好，走吧”", ["楚留香"]),
        ('"" " " “”', []),
    ],
)
def test_quoted_names(text: str, expected: list[str]) -> None:
    assert [m.text for m in quoted(text)] == expected


@pytest.mark.parametrize(
    ("short", "before", "long"),
    [
        ("CIA", "He joined the Central Intelligence Agency", "Central Intelligence Agency"),
        ("ZLG", "by Zaolin Group", "Zaolin Group"),
        ("DNA", "Deoxyribonucleic Acid", "Deoxyribonucleic Acid"),
        ("CIA", "He joined the Federal Bureau", ""),
        ("XYZ", "Central Intelligence Agency", ""),
        ("who", "World Health Organization", ""),
        ("1999", "Nineteen Ninety Nine", ""),
        ("", "Central Agency", ""),
    ],
)
def test_letters_of_an_abbreviation_stand_in_its_long_form(short: str, before: str, long: str) -> None:
    assert long_form(short, before) == long


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Central Intelligence Agency (CIA) said so.", {("cia", "central intelligence agency", "(CIA)")}),
        (
            "The CIA (Central Intelligence Agency) said so.",
            {("cia", "central intelligence agency", "CIA (Central Intelligence Agency)")},
        ),
        (
            "University of Linhai, formerly Linhai College, grew.",
            {("linhai college", "university of linhai", ", formerly Linhai College")},
        ),
        (
            "Big Blue Machines, also known as “Old Blue”, grew.",
            {("old blue", "big blue machines", ", also known as “Old Blue")},
        ),
        ("《红楼梦》又名《石头记》。", {("石头记", "红楼梦", "又名《石头记》")}),
        ("《红楼梦》（原名《石头记》）", {("石头记", "红楼梦", "（原名《石头记》）")}),
        ("枣林仪器有限公司（以下简称“枣林”）", {("枣林", "枣林仪器有限公司", "（以下简称“枣林”）")}),
        (
            'Acme Pumps (hereinafter referred to as the "Buyer") pays.',
            {("buyer", "acme pumps", '(hereinafter referred to as the "Buyer')},
        ),
        ('Linhai Valves (the "Seller") ships.', {("seller", "linhai valves", '(the "Seller")')}),
        ("Linhai Valves (“Seller”) ships.", {("seller", "linhai valves", "(“Seller”)")}),
        (
            "Acme Works, later renamed Zao Works, grew.",
            {("zao works", "acme works", ", later renamed Zao Works")},
        ),
        ("Acme Works renamed Blue Pumps to Red Pumps.", set()),
        ("He was born in Rome (Italy) (1920).", set()),
        ("A long word (LW) of lower case (abc)", set()),
    ],
)
def test_other_names_that_a_text_introduces(text: str, expected: set[tuple[str, str, str]]) -> None:
    found = introduced(text, mentions_in(Source(text)))
    assert {(a.alias, a.entity, text[a.start : a.end]) for a in found} == expected


@pytest.mark.parametrize(
    ("topic", "text", "expected"),
    [
        (
            "The B-200",
            "Weight: 12 kg\n- Plant: Linhai\n型号：V-77",
            {("b-200", "Weight", "12 kg"), ("b-200", "Plant", "linhai"), ("b-200", "型号", "v-77")},
        ),
        ("", "Weight: 12 kg", set()),
        ("B-200", "See http://x.org\nHe said this. And: that\nEmpty:\n: none\na|b: c", set()),
        (
            "B-200",
            "The Flow Meter is a device that measures.\nIt is a pump.\nHe left.",
            {("flow meter", "is", "device"), ("b-200", "is", "pump")},
        ),
        ("B-200", "There is a fee of 5 euros.\nHere is a list. What is an oil?", set()),
        ("", "The K40 is a twin machine made by Acme.", {("k40", "is", "twin machine")}),
        ("", "枣林泵（又名枣泵）是一种水泵，很好。", {("枣林泵", "是", "水泵")}),
    ],
)
def test_lines_and_definitions(topic: str, text: str, expected: set[tuple[str, str, str]]) -> None:
    found = load_extractor("patterns").extract([text], [topic])[0]
    assert said(found) == expected
    for fact in found.facts:
        assert "\n" not in text[fact.start : fact.end]


def test_a_definition_needs_a_sentence_of_its_own() -> None:
    assert definitions(Source("A. " * 100 + "X is the one"))[1] == []


def test_given_mentions_win_over_patterns() -> None:
    text = "The Flow Meter Pro B-200."
    own = Mention("b-200 pro", "OTHER", "Pro B-200", 15, 24)
    assert mentions_in(Source(text, given=(own,))) == [own]


@given(st.text(alphabet="AaB bC.(),-'’\"“”1 的（）简称又名《》:：\n|&s", max_size=80))
def test_places_are_true_whatever_the_text(text: str) -> None:
    found = load_extractor("patterns").extract([text], ["Topic"])[0]
    for mention in found.mentions:
        assert text[mention.start : mention.end] == mention.text
    for place in (*found.facts, *found.aliases):
        assert 0 <= place.start < place.end <= len(text)


@pytest.mark.parametrize(
    "piece", ["a (", "A ", "A's ", "x: ", "，简称", "(AB) ", "“", " is a ", "《", "A\u3000", "The the "]
)
def test_long_repetitions_are_read_in_linear_time(piece: str) -> None:
    def seconds(count: int) -> float:
        gc.disable()  # a collection looks at all that the whole test run left
        try:
            began = time.process_time()
            load_extractor("patterns").extract([piece * count], ["Topic"])
            return time.process_time() - began
        finally:
            gc.enable()

    seconds(100)
    assert seconds(8_000) < 20 * seconds(1_000) + 0.3
