"""Folding, search terms, entity keys and sentence borders, in both languages and between them."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.language import entity_key, fold, has_cjk, language, search_terms, sentences

PIECES = [
    "Dr. Li left.",
    "他走了。",
    "…",
    "？！",
    "e.g. ",
    "3.14 ",
    "\n",
    " ",
    "\u3000",
    "；",
    "”",
    "👩‍💻",
    "é",
    ".",
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The pump is in Hangzhou.", "en"),
        ("水泵在杭州。", "zh"),
        ("臺灣的水泵", "zh"),
        ("B-200 型水泵 pump", "zh"),
        ("A long English sentence that names 枣园 once.", "en"),
        ("Насос стоит в городе", "en"),
        ("", "en"),
        ("308 🌳 !?", "en"),
    ],
)
def test_language(text: str, expected: str) -> None:
    assert language(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ｊｕｊｕｂｅ（１２３）", "jujube(123)"),
        ("臺灣積體電路製造", "台湾积体电路制造"),
        ("台湾积体电路制造", "台湾积体电路制造"),
        ("Straße ÉCOLE", "strasse école"),
        ("ﬁle ㎏ ①", "file kg 1"),
        ("Насос 🌳 ไทย", "насос 🌳 ไทย"),
    ],
)
def test_fold_brings_spellings_together_and_erases_no_script(text: str, expected: str) -> None:
    assert fold(text) == expected


def test_search_terms_are_words_and_pairs_of_characters() -> None:
    assert search_terms("枣园科技的 Jujube-QA 系统") == [
        "枣园",
        "园科",
        "科技",
        "技的",
        "jujube",
        "qa",
        "系统",
    ]
    assert search_terms("型号B200水泵") == ["型号", "b200", "水泵"]
    assert search_terms("水") == ["水"]
    assert search_terms("，。!? 🌳") == []


def test_search_terms_meet_across_scripts_and_widths() -> None:
    assert search_terms("臺灣積體電路") == search_terms("台湾积体电路")
    assert search_terms("Ｂ－２００") == search_terms("b-200")


@given(st.text())
def test_search_terms_are_folded_words_without_white_space(text: str) -> None:
    for term in search_terms(text):
        assert term
        assert not any(char.isspace() for char in term)
        assert has_cjk(term) or term in fold(text)


@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        (
            ["The Linhai Plant", "linhai  plant", "“Linhai Plant”", "Linhai Plant's", "Linhai Plant’s"],
            "linhai plant",
        ),
        (["Mercury (planet)", "mercury", "MERCURY."], "mercury"),
        (["《红楼梦》", "紅樓夢", "「红楼梦」"], "红楼梦"),
        (["Ｂ－２００", "B-200"], "b-200"),
        (["an engine", "the engine", "engine"], "engine"),
        (["The Who"], "who"),
        (["Theodor"], "theodor"),
        (["B-200s", "b-200", "the B-200"], "b-200"),
        (["PLCs", "PLC"], "plc"),
        (["B-200S", "b-200s"], "b-200s"),
        (["the 1990s"], "1990s"),
        (["The Rolling Stones", "rolling stones"], "rolling stones"),
        (["As", "as"], "as"),
        (["枣\ud800林"], "枣\ufffd林"),
        (["(注)"], "(注)"),
        (["...", "", " \n"], ""),
    ],
)
def test_the_spellings_of_a_name_share_a_key(spellings: list[str], key: str) -> None:
    assert {entity_key(spelling) for spelling in spellings} == {key}


@pytest.mark.parametrize(
    ("spelling", "key"),
    [("《红楼梦》（小说）", "红楼梦"), ('"Mercury" (planet)', "mercury"), ('The "X1"', "x1")],
)
def test_quotation_marks_before_a_bracket_or_after_an_article_go_too(spelling: str, key: str) -> None:
    assert entity_key(spelling) == key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left. She stayed.", ["He left.", "She stayed."]),
        ("他走了。她留下！为什么？", ["他走了。", "她留下！", "为什么？"]),
        ("他说：“走吧。”她走了。", ["他说：“走吧。”", "她走了。"]),
        ('He said "Go." She went.', ['He said "Go."', "She went."]),
        ("Mr. J. Smith of Acme Inc. met Dr. Li.", ["Mr. J. Smith of Acme Inc. met Dr. Li."]),
        ("It weighs 3.5 kg. See v1.2.3.", ["It weighs 3.5 kg.", "See v1.2.3."]),
        ("1. First step. 2. Second step.", ["1. First step.", "2. Second step."]),
        ("The U.S. army, e.g. here, etc. Then", ["The U.S. army, e.g. here, etc. Then"]),
        ("Wait... what?! Yes…… 好", ["Wait...", "what?!", "Yes……", "好"]),
        ("Jujube 0.1发布了。It works! 好用🌳。", ["Jujube 0.1发布了。", "It works!", "好用🌳。"]),
        ("no full stop\nnext line\n\n第三行", ["no full stop", "next line", "第三行"]),
        ("型号：V-77；产地：杭州; c;d", ["型号：V-77；产地：杭州; c;d"]),
        ("", []),
        (" \n\u3000\n", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in sentences(text)] == expected


def test_sentences_of_a_stretch_stay_inside_it() -> None:
    text = "One. Two. Three."
    assert [text[a:b] for a, b in sentences(text, 5, 12)] == ["Two.", "Th"]


@given(TEXTS)
@example("." * 30 + "x")
@example("a. . b")
def test_sentences_are_ordered_disjoint_and_cover_all_that_is_not_space(text: str) -> None:
    spans = sentences(text)
    end = 0
    covered: set[int] = set()
    for a, b in spans:
        assert end <= a < b
        assert text[a:b] == text[a:b].strip()
        covered.update(range(a, b))
        end = b
    assert covered >= {i for i, char in enumerate(text) if not char.isspace()}


def test_a_long_run_of_full_stops_is_read_in_linear_time() -> None:
    began = time.process_time()
    sentences("." * 8_000 + "x")
    assert time.process_time() - began < 0.1
