"""Splitting: true offsets, whole coverage, the limit, headings and pages."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from index.language import sentences
from index.split import SplitOptions, split
from index.types import Document, Passage

Make = Callable[..., Document]

SENTENCES = [
    "The pump needs oil. ",
    "水泵每年换一次油。",
    "它重308公斤；",
    "Dr. Li said 🌳👩‍💻! ",
    "a,b，c、d ",
    "word " * 9,
    "枣" * 40,
    "🌳" * 40,
    "\n",
    "\n\n",
    "- item\n",
]
HEADINGS = ["\n# Pumps\n", "\n## 保养\n", "\n### Oil 🛢\n", "\n# 附录\n"]
TEXTS = st.lists(st.sampled_from(SENTENCES + HEADINGS), max_size=30).map("".join)


def tokens(text: str) -> int:
    """As many tokens as characters that are not white space: joining never costs any."""
    return len("".join(text.split()))


def pieces(text: str, limit: int = 30, **more: object) -> list[Passage]:
    document = Document("d", "T", text, "s", **more)  # type: ignore[arg-type]
    return split(document, tokens, SplitOptions(max_tokens=limit))


def outline(text: str, limit: int = 30) -> list[tuple[str, str]]:
    return [(p.heading, p.text) for p in pieces(text, limit)]


@given(TEXTS, st.integers(1, 60))
@example("# A\n\n# B\n## C\n", 10)
@example("#\n# \n#x\n####### y\n", 10)
@example("枣" * 300, 7)
def test_passages_are_true_ordered_within_the_limit_and_cover_all(text: str, limit: int) -> None:
    end = 0
    covered: list[int] = []
    for passage in pieces(text, limit):
        assert text[passage.start : passage.end] == passage.text == passage.text.strip()
        assert passage.document_id == "d"
        assert passage.id == 0
        assert passage.page is None
        assert end <= passage.start < passage.end
        assert tokens(passage.text) <= limit
        covered += range(passage.start, passage.end)
        end = passage.end
    # Lines that are headings may lie outside: their words stand in `heading`, or are a passage.
    headings = [range(*m.span()) for m in re.finditer(r"^#{1,6}[ \t]+\S.*$", text, re.MULTILINE)]
    missing = set(range(len(text))) - set(covered)
    for i in missing:
        assert text[i].isspace() or any(i in heading for heading in headings)


@given(TEXTS)
def test_every_heading_is_in_a_path_or_a_passage(text: str) -> None:
    found = pieces(text)
    for match in re.finditer(r"^#{1,6}[ ](\S.*)$", text, re.MULTILINE):
        title = match.group(1).strip()
        inside = any(p.start <= match.start(1) < p.end for p in found)
        assert inside or any(title in p.heading.split(" > ") for p in found)


@given(TEXTS)
def test_a_sentence_within_the_limit_is_never_cut(text: str) -> None:
    limit = 50
    spans = [(p.start, p.end) for p in pieces(text, limit)]
    starts = [a for a, _ in spans]
    for a, b in sentences(text):
        if tokens(text[a:b]) <= limit and not text[a:b].startswith("#"):
            assert b <= spans[bisect_right(starts, a) - 1][1]


@given(TEXTS, st.lists(st.integers(0, 400), max_size=6))
def test_pages_are_those_on_which_the_passages_begin(text: str, cuts: list[int]) -> None:
    starts = (0, *sorted(min(cut, len(text)) for cut in cuts))
    for passage in pieces(text, pages=starts):
        assert passage.page == max(i for i, at in enumerate(starts, 1) if at <= passage.start)


def test_the_headings_above_a_passage_make_its_path() -> None:
    text = "Before.\n# A\nof a\n## B\nof b\n### C\nof c\n## D #\nof d\n# E\nof e"
    assert outline(text) == [
        ("", "Before."),
        ("A", "of a"),
        ("A > B", "of b"),
        ("A > B > C", "of c"),
        ("A > D", "of d"),
        ("E", "of e"),
    ]


def test_a_heading_without_text_below_is_a_passage_itself() -> None:
    assert outline("# A\n## B\n## C\n# D\nd") == [("A", "B"), ("A", "C"), ("D", "d")]
    assert outline("# 保修\n\n# 年假") == [("", "保修"), ("", "年假")]


def test_what_is_no_heading_stays_text() -> None:
    assert outline("#tag\n####### seven\nPrice # 5") == [("", "#tag\n####### seven\nPrice # 5")]


@pytest.mark.parametrize("text", ["", " \n\u3000\n", "#", "# \n"])
def test_nothing_comes_of_nothing(text: str) -> None:
    assert [p for p in pieces(text) if p.text != "#"] == []


def test_a_section_within_the_limit_is_one_passage() -> None:
    assert outline("One. Two.\n\nThree. 四。", 30) == [("", "One. Two.\n\nThree. 四。")]


@pytest.mark.parametrize(("count", "expected"), [(10, [3, 4, 3]), (5, [3, 2]), (14, [4, 3, 4, 3])])
def test_a_long_section_is_cut_into_as_few_even_parts_as_the_limit_allows(
    count: int, expected: list[int]
) -> None:
    found = pieces(" ".join(f"Sentence {i:02}." for i in range(count)), 50)  # 11 tokens each
    assert [len(sentences(p.text)) for p in found] == expected
    assert all(p.text.startswith("Sentence") and p.text.endswith(".") for p in found)


@pytest.mark.parametrize(
    ("unit", "clauses"),
    [("枣树在门前", False), ("word ", True), ("一棵是枣树，", True), ("🌳", False), ("x", False)],
)
def test_one_sentence_of_fifty_thousand_characters(unit: str, clauses: bool) -> None:
    text = (unit * (50_000 // len(unit) + 1))[:50_000]
    found = pieces(text, 240)
    assert "".join("".join(p.text.split()) for p in found) == "".join(text.split())
    assert max(tokens(p.text) for p in found) <= 240
    assert len(found) <= 3 * tokens(text) / 240
    if clauses:
        assert all(text[p.end - 1] == unit.strip()[-1] for p in found[:-1])


def test_the_same_text_is_split_the_same_way_wherever_it_stands(make_document: Make) -> None:
    text = "".join(SENTENCES)
    alone, below = pieces(text), pieces("# A\n" + text)
    assert [p.text for p in alone] == [p.text for p in below]


def byte_tokens() -> Callable[[str], int]:
    """A byte-level BPE tokenizer without merges, as GPT-2's: each byte of white space is a token."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return lambda text: len(tokenizer.encode(text).ids)


def test_the_white_space_between_sentences_counts_too() -> None:
    count = byte_tokens()
    text = "\n\n        ".join(["item one."] * 20)
    limit = partial(SplitOptions, max_tokens=60)()
    assert max(count(p.text) for p in split(Document("d", "T", text, "s"), count, limit)) <= 60


def test_a_sharp_at_the_end_of_a_heading_stays() -> None:
    assert outline("# C#\ntext\n# F# #\ntext") == [("C#", "text"), ("F#", "text")]


def test_marks_without_words_are_no_heading() -> None:
    assert [heading for heading, _ in outline("##  \ntext")] == [""]


@pytest.mark.parametrize(
    ("lead", "items"),
    [
        ("The warranty does not cover:", ["- seals and bearings", "- batteries"]),
        ("以下情形不在质保范围之内：", ["- 机械密封的正常磨损", "- 蓄电池"]),
    ],
    ids=["english", "chinese"],
)
def test_what_announces_a_list_stands_with_its_first_item(lead: str, items: list[str]) -> None:
    text = "\n".join(["A sentence before it.", lead, *items])
    for limit in range(tokens(lead + items[0]), tokens(text) + 1):
        assert any(f"{lead}\n{items[0]}" in p.text for p in pieces(text, limit)), limit


def test_what_announces_more_than_fits_stands_alone() -> None:
    assert [p.text for p in pieces("It covers:\n" + "x" * 28, 30)] == ["It covers:", "x" * 28]
