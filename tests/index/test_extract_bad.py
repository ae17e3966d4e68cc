"""Texts that no one expects: rare scripts, broken characters, very long or dense ones, both languages."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.extract import Extraction, Extractor, extract_passages
from index.pieces import LONGEST_TEXT
from index.types import Mention, Passage


def check(text: str, found: Extraction) -> None:
    """All places are true."""
    for mention in found.mentions:
        assert text[mention.start : mention.end] == mention.text
        assert mention.entity
    for place in (*found.facts, *found.aliases):
        assert 0 <= place.start < place.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "a", "水", "🥶", "🌳🌳🌳", "\0", "\ud800",
        "a\ud800b \udfff Steve Jobs", "\0Steve\0Jobs\0 founded Apple.",
        "مرحبا بالعالم في القاهرة", "บริษัทไทยในกรุงเทพ", "한국 서울의 회사", "नमस्ते दिल्ली",
        "ｆｕｌｌ　ｗｉｄｔｈ",
        "İstanbul ǅ ß ﬁ ﷺ", "《》", "“”", "（以下简称）", "()", "(( ))", "是是是是", "的的的的", "- - -",
        "A" * 5_000,
        "水" * 5_000, "。" * 500, "鲁迅\0写了\ud800《秋夜》。",
    ],
)  # fmt: skip
def test_no_text_stops_it(extractor: Extractor, text: str) -> None:
    passage = Passage(0, "d", text, 0, len(text))
    check(text, extract_passages(extractor, [("", passage)])[0])


@settings(max_examples=60)
@given(
    st.text(
        alphabet=st.sampled_from("aB C.,1-'()\n\0\ud800é水枣林公司的是于在，。《》（）“”简称🌳مไ한"),
        max_size=60,
    )
)
@example("Steve Jobs（简称“Jobs”）创立了Apple Inc.公司")
def test_places_are_true_in_any_text(extractor: Extractor, text: str) -> None:
    check(text, extractor.extract([text], ["Topic"])[0])


def test_both_languages_in_one_sentence(extractor: Extractor) -> None:
    text = "枣林仪器有限公司 acquired Acme Works from John Smith in Chicago，总部位于杭州。"
    found = extractor.extract([text])[0]
    check(text, found)
    assert {"枣林仪器有限公司", "john smith", "chicago", "杭州"} <= {m.entity for m in found.mentions}
    text = "The firm 枣林仪器有限公司 of 杭州 met Barack Obama in Chicago last year."
    found = extractor.extract([text])[0]
    check(text, found)
    assert {"枣林仪器有限公司", "杭州", "barack obama", "chicago"} <= {m.entity for m in found.mentions}


def test_a_line_of_a_megabyte(extractor: Extractor) -> None:
    sentence = "Barack Obama met John Smith in Paris. "
    text = sentence * 800 + "x" * (1_000_000 - 800 * len(sentence))
    began = time.process_time()
    found = extractor.extract([text])[0]
    assert time.process_time() - began < 60
    check(text, found)
    assert sum(m.text == "Barack Obama" for m in found.mentions) > 750


def test_ten_thousand_names_in_one_text(extractor: Extractor) -> None:
    text = ", ".join(f"Acme{i} Works B-{i}" for i in range(5_000))
    found = extractor.extract([text])[0]
    check(text, found)
    assert len(found.mentions) > 5_000
    assert len(found.facts) < 20 * len(found.mentions)


def test_given_mentions_survive_the_cut_of_a_long_text(extractor: Extractor) -> None:
    text = "x" * (LONGEST_TEXT - 3) + "Acme Works" + "y" * 50
    own = Mention("acme works", "OTHER", "Acme Works", LONGEST_TEXT - 3, LONGEST_TEXT + 7)
    found = extractor.extract([text], [], [[own]])[0]
    assert own in found.mentions
    check(text, found)
