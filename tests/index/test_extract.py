"""Names and facts in known sentences of both languages, with their places."""

from __future__ import annotations

import pytest

from index.errors import UnknownModel
from index.extract import Extraction, Extractor, extract_passages, load_extractor
from index.language import entity_key
from index.types import Mention, Passage

Names = set[tuple[str, str]]
Said = set[tuple[str, str, str]]


def names(extraction: Extraction) -> Names:
    return {(mention.entity, mention.kind) for mention in extraction.mentions}


def said(extraction: Extraction) -> Said:
    return {(fact.subject, fact.relation, fact.object) for fact in extraction.facts}


ENGLISH: list[tuple[str, Names, Said]] = [
    (
        "Steve Jobs founded Apple in Cupertino in 1976.",
        {("steve jobs", "PERSON"), ("apple", "ORG"), ("cupertino", "PLACE"), ("1976", "DATE")},
        {
            ("steve jobs", "founded", "apple"),
            ("steve jobs", "founded in", "cupertino"),
            ("steve jobs", "founded in", "1976"),
            ("apple", "founded in", "cupertino"),
            ("apple", "founded in", "1976"),
        },
    ),
    (
        "Microsoft acquired GitHub in 2018. GitHub is based in San Francisco.",
        {("microsoft", "ORG"), ("github", "ORG"), ("2018", "DATE"), ("san francisco", "PLACE")},
        {
            ("microsoft", "acquired", "github"),
            ("microsoft", "acquired in", "2018"),
            ("github", "acquired in", "2018"),
            ("github", "based in", "san francisco"),
        },
    ),
    (
        "👩‍💻 Ada Lovelace wrote to Charles Babbage. 🎉",
        {("ada lovelace", "PERSON"), ("charles babbage", "PERSON")},
        {("ada lovelace", "wrote to", "charles babbage")},
    ),
    (
        "Steven Spielberg, who directed the film, met Barack Obama, the president of France.",
        {("steven spielberg", "PERSON"), ("barack obama", "PERSON"), ("france", "PLACE")},
        {("steven spielberg", "met", "barack obama"), ("barack obama", "president of", "france")},
    ),
    (
        "Microsoft's CEO Satya Nadella did not visit Paris.",
        {("microsoft", "ORG"), ("satya nadella", "PERSON"), ("paris", "PLACE")},
        {("microsoft", "ceo", "satya nadella"), ("satya nadella", "not visit", "paris")},
    ),
    (
        "Berlin is the capital of Germany.",
        {("berlin", "PLACE"), ("germany", "PLACE")},
        {("berlin", "is capital of", "germany")},
    ),
    (
        "Apple was founded by Steve Jobs and Steve Wozniak.",
        {("apple", "ORG"), ("steve jobs", "PERSON"), ("steve wozniak", "PERSON")},
        {("apple", "founded by", "steve jobs"), ("apple", "founded by", "steve wozniak")},
    ),
]
CHINESE: list[tuple[str, Names, Said]] = [
    (
        "李明毕业于浙江大学，现任阿里巴巴工程师。",
        {("李明", "PERSON"), ("浙江大学", "ORG"), ("阿里巴巴", "ORG")},
        {("李明", "毕业于", "浙江大学"), ("李明", "现任", "阿里巴巴")},
    ),
    ("鲁迅写了《秋夜》。", {("鲁迅", "PERSON"), ("秋夜", "WORK")}, {("鲁迅", "写", "秋夜")}),
    (
        "王小明于2009年在杭州创立了枣园科技有限公司。",
        {("王小明", "PERSON"), ("2009年", "DATE"), ("杭州", "PLACE"), ("枣园科技有限公司", "ORG")},
        {
            ("王小明", "创立于", "2009年"),
            ("王小明", "创立在", "杭州"),
            ("王小明", "创立", "枣园科技有限公司"),
        },
    ),
    (
        "臺灣積體電路製造公司位於新竹。",
        {("台湾积体电路制造公司", "ORG"), ("新竹", "PLACE")},
        {("台湾积体电路制造公司", "位於", "新竹")},
    ),
    ("今天很冷🥶。", {("今天", "DATE")}, set()),
    (
        "吴宇森导演的《辣手神探》由周润发、梁朝伟主演。",
        {("吴宇森", "PERSON"), ("辣手神探", "WORK"), ("周润发", "PERSON"), ("梁朝伟", "PERSON")},
        {
            ("吴宇森", "导演", "辣手神探"),
            ("辣手神探", "由主演", "周润发"),
            ("辣手神探", "由主演", "梁朝伟"),
        },
    ),
    (
        "枣林仪器有限公司的董事长是许文华。",
        {("枣林仪器有限公司", "ORG"), ("许文华", "PERSON")},
        {("枣林仪器有限公司", "董事长", "许文华")},
    ),
]
ROWS: list[tuple[str, set[str], Said]] = [
    (
        "Model: B-200; Plant: Linhai; Price: 308",
        {"b-200", "linhai"},
        {("b-200", "Plant", "linhai"), ("b-200", "Price", "308")},
    ),
    (
        "型号：B-200；产地：杭州；价格：308元",
        {"b-200", "杭州", "308元"},
        {("b-200", "产地", "杭州"), ("b-200", "价格", "308元")},
    ),
]
NAMELESS = ["lower case words only, nothing more", "天气很好。", "", " \n", "🌳 🎉", "3.5", "!?，。"]


@pytest.mark.parametrize(("text", "expected_names", "expected_facts"), ENGLISH + CHINESE)
def test_known_sentences(
    extractor: Extractor, text: str, expected_names: Names, expected_facts: Said
) -> None:
    found = extractor.extract([text])[0]
    assert names(found) == expected_names
    assert said(found) == expected_facts


@pytest.mark.parametrize(("text", "entities", "expected_facts"), ROWS)
def test_rows_of_tables(extractor: Extractor, text: str, entities: set[str], expected_facts: Said) -> None:
    found = extractor.extract([text])[0]
    assert {mention.entity for mention in found.mentions} == entities
    assert said(found) == expected_facts


def test_places_are_true_and_facts_name_their_sentence(extractor: Extractor) -> None:
    texts = [*(text for text, _, _ in ENGLISH + CHINESE), *(text for text, _, _ in ROWS), *NAMELESS]
    texts += [" ".join(text for text, _, _ in ENGLISH), "".join(text for text, _, _ in CHINESE)]
    for text, found in zip(texts, extractor.extract(texts), strict=True):
        for mention in found.mentions:
            assert text[mention.start : mention.end] == mention.text
            assert mention.entity == entity_key(mention.text)
        assert list(found.mentions) == sorted(found.mentions, key=lambda m: (m.start, m.end))
        spans = [(m.start, m.end) for m in found.mentions]
        assert len(spans) == len(set(spans))
        for fact in found.facts:
            words = text[fact.start : fact.end]
            keys = {m.entity for m in found.mentions if fact.start <= m.start and m.end <= fact.end}
            assert fact.subject in keys
            assert fact.object in keys or fact.object in words
            assert set(fact.relation.casefold()) <= set(words.casefold())
            assert fact.passage_id == 0


@pytest.mark.parametrize("text", NAMELESS)
def test_what_names_nothing(extractor: Extractor, text: str) -> None:
    assert extractor.extract([text])[0] == Extraction()


@pytest.mark.parametrize("text", ["The pump B-200 costs 30 euros.", "it takes the seal GX5, which fits."])
def test_a_model_number_is_a_product(extractor: Extractor, text: str) -> None:
    assert [m.kind for m in extractor.extract([text])[0].mentions] == ["PRODUCT"]


def test_a_name_has_a_letter_or_a_digit(extractor: Extractor) -> None:
    found = extractor.extract(["🌳🌳 枣树 🌳"])[0]
    assert [m for m in found.mentions if not any(c.isalnum() for c in m.entity)] == []


def test_each_text_of_a_mixed_batch_is_read_in_its_language(extractor: Extractor) -> None:
    batch = [CHINESE[0], ENGLISH[0], CHINESE[1], ENGLISH[1]]
    found = extractor.extract([text for text, _, _ in batch])
    assert [said(extraction) for extraction in found] == [facts for _, _, facts in batch]
    assert extractor.extract([]) == []


def test_codes_in_titles_and_headings_are_what_a_passage_is_about() -> None:
    text = "Weight: 1.9 kg"
    passage = Passage(0, "d", text, 0, len(text), heading="《安装指南》 of Q3 > Meter DN80")
    (found,) = extract_passages(load_extractor("patterns"), [("DATA SHEET: F-30 METER, F-30", passage)])
    assert [(m.entity, m.text) for m in found.mentions if m.kind == "TITLE"] == [
        ("data sheet: f-30 meter, f-30", "DATA SHEET: F-30 METER, F-30"),
        ("meter dn80", "Meter DN80"),
        ("f-30", "F-30"),
        ("安装指南", "安装指南"),
        ("dn80", "DN80"),
    ]


def test_passages_are_extracted_in_their_documents_offsets_under_title_and_heading() -> None:
    text = "# 保养\n\nThe B-200 stays dry.\n## Oil\nModel: B-200; Price: 308"
    passages = [
        Passage(0, "d", "The B-200 stays dry.", 6, 26, heading="保养"),
        Passage(0, "d", "Model: B-200; Price: 308", 34, 58, heading="保养 > The Oil"),
    ]
    assert [text[p.start : p.end] for p in passages] == [p.text for p in passages]
    titles = ["The Manual", "X" * 200]
    first, second = extract_passages(load_extractor("patterns"), list(zip(titles, passages, strict=True)))
    assert first.mentions == (
        Mention("manual", "TITLE", "The Manual", 6, 6),
        Mention("保养", "TITLE", "保养", 6, 6),
        Mention("b-200", "PRODUCT", "B-200", 10, 15),
    )
    assert [(m.entity, m.start, m.end) for m in second.mentions] == [  # its title is too long for a name
        ("oil", 34, 34),
        ("b-200", 41, 46),
    ]
    assert [(f.subject, f.relation, f.object, text[f.start : f.end]) for f in second.facts] == [
        ("b-200", "Price", "308", "Model: B-200; Price: 308")
    ]


def test_an_unknown_extractor_says_which_there_are() -> None:
    with pytest.raises(UnknownModel, match=r"'gpt'.*embedded.*patterns"):
        load_extractor("gpt")
