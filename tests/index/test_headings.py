"""Where titles and headings stand in their documents."""

from __future__ import annotations

import pytest

from index.headings import lines_above
from index.split import split
from index.types import Document

NOTES = """Notes on 2.4

# Release notes

We write 2.4 for version 2.4, as in

```
2.4
```

## 2.4 ##

Faster.

### Fixed

Leaks. See ### Fixed.

## 2.3

Slower.
"""


def words(text: str) -> dict[str, list[str]]:
    document = Document("d", "Notes on 2.4", text, "d.md")
    return {
        passage.text: [text[a:b] for a, b in lines_above(text, passage, document.title)]
        for passage in split(document, len)
    }


def test_the_innermost_heading_comes_first_and_the_title_last() -> None:
    found = words(NOTES)
    assert found["Faster."] == ["2.4", "Release notes", "Notes on 2.4"]
    assert found["Leaks. See ### Fixed."] == ["Fixed", "2.4", "Release notes", "Notes on 2.4"]
    assert found["Slower."] == ["2.3", "Release notes", "Notes on 2.4"]


def test_a_heading_is_the_line_and_not_the_same_words_in_the_text() -> None:
    (passage,) = [one for one in split(Document("d", "", NOTES, "d"), len) if one.text == "Faster."]
    start, end = lines_above(NOTES, passage, "")[0]
    assert NOTES[start - 3 : end + 3] == "## 2.4 ##"


def test_the_title_is_not_found_in_its_own_passage() -> None:
    text = "Notes on 2.4\n\nNothing new."
    (passage,) = split(Document("d", "Notes on 2.4", text, "d"), len)
    assert lines_above(text, passage, "Notes on 2.4") == []


@pytest.mark.parametrize("title", ["", "Another title", "notes on 2.4"])
def test_a_title_that_does_not_stand_in_the_text(title: str) -> None:
    (passage,) = [one for one in split(Document("d", title, NOTES, "d"), len) if one.text == "Slower."]
    assert [NOTES[a:b] for a, b in lines_above(NOTES, passage, title)] == ["2.3", "Release notes"]


def test_chinese_headings_and_one_that_holds_the_mark_between_headings() -> None:
    text = "# 休假办法\n\n## 年休假 > 天数\n\n满一年7天。\n\n## 病假\n\n须有证明。"
    passages = split(Document("d", "", text, "d"), len)
    assert [[text[a:b] for a, b in lines_above(text, one, "")] for one in passages] == [
        ["年休假 > 天数", "休假办法"],
        ["病假", "休假办法"],
    ]


def test_the_right_one_of_several_headings_of_the_same_words() -> None:
    text = "# Pumps\n\n## Intro\n\n### Pumps\n\na\n\n## Oil\n\nText.\n\n### C#\n\n## Empty\n\n# End\n"
    found = {one.text: lines_above(text, one, "") for one in split(Document("d", "", text, "d"), len)}
    assert [text[a:b] for a, b in found["Text."]] == ["Oil", "Pumps"]
    assert found["Text."][1][0] == 2
    assert [text[a:b] for a, b in found["a"]] == ["Pumps", "Intro", "Pumps"]
    assert [text[a:b] for a, b in found["C#"]] == ["Oil", "Pumps"]
    assert [text[a:b] for a, b in found["Empty"]] == ["Pumps"]
    assert found["End"] == []


def test_words_that_stand_often_below_their_heading() -> None:
    text = "# Pump\n\n" + "Pump and more of it. " * 200
    for passage in split(Document("d", "", text, "d"), len):
        assert lines_above(text, passage, "") == [(2, 6)]


def test_the_beginning_of_a_sentence_is_no_title() -> None:
    text = "Pumps are new.\n\n# Oil\n\nText."
    (_, passage) = split(Document("d", "Pumps", text, "d"), len)
    assert [text[a:b] for a, b in lines_above(text, passage, "Pumps")] == ["Oil"]
