"""Markdown as people write it: tables with their columns on each row, code that is no heading."""

from __future__ import annotations

import re

import pytest

from index.extraction import Source
from index.layout import rows
from index.readers.markdown import lighten
from index.readers.read import read_bytes
from index.split import SplitOptions, split
from index.types import Document, Passage


def document(name: str, text: str) -> Document:
    (found,) = read_bytes(name, text.encode())
    assert isinstance(found, Document)
    return found


def passages(found: Document, limit: int = 120) -> list[Passage]:
    return split(found, lambda text: len(text.split()), SplitOptions(max_tokens=limit))


def test_every_row_of_a_long_table_knows_its_columns() -> None:
    table = "| Model | Price | Weight |\n|---|--:|:-:|\n" + "".join(
        f"| B-{n} | {n} RMB | {n} kg |\n" for n in range(200, 280)
    )
    found = passages(document("a.md", f"# Prices\n\nBefore.\n\n{table}\nAfter."))
    assert len(found) > 3
    assert "Model: B-279; Price: 279 RMB; Weight: 279 kg\n\nAfter." in found[-1].text
    facts = [fact for p in found for fact in rows(Source(p.text))[1]]
    assert len(facts) == 160


def test_a_row_below_an_empty_corner_is_about_its_label() -> None:
    text = lighten("| | Weight | Price |\n|---|---|---|\n| B-200 | 84 kg | 320 RMB |")
    assert text == "B-200; Weight: 84 kg; Price: 320 RMB"
    found = [(fact.subject, fact.relation, fact.object) for fact in rows(Source(text))[1]]
    assert found == [("b-200", "Weight", "84 kg"), ("b-200", "Price", "320 rmb")]


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        ("| 代码 | 含义 |\n| --- | --- |\n| E03 | 电机过载 |", "代码：E03；含义：电机过载"),
        ("a | b\n--- | ---\n1 | 2\nafter", "a: 1; b: 2\nafter"),
        ("Prices:\n| a | b |\n|--|--|\n| 1 | |\n| x \\| y | `c` |", "Prices:\na: 1\na: x | y; b: `c`"),
        ("| | |\n|--|--|\n| Weight | 84 kg |", "Weight: 84 kg"),
        ("| a | b |\n|---|---|", "a: b"),
        ("| a | b |\n|---|\n| 1 | 2 |", "| a | b |\n|---|\n| 1 | 2 |"),
        ("Title\n|---|", "Title\n|---|"),
        ("```\n| a | b |\n|---|---|\n| 1 | 2 |\n```", "```\n| a | b |\n|---|---|\n| 1 | 2 |\n```"),
    ],
    ids=["chinese", "bare", "ragged", "no names", "no rows", "other width", "no table", "code"],
)
def test_tables(table: str, lines: str) -> None:
    assert lighten(table) == lines


CODE = "# install the package\npip install pump\n# start it"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", f"# Install guide\n\nRun:\n\n```bash\n{CODE}\n```\n\n## Upgrade\n\nAgain."),
        ("a.md", f"# Install guide\n\nRun:\n\n~~~\n{CODE}\n~~~\n## Upgrade\n\nAgain."),
        ("a.md", f"# Install guide\n\n- Run:\n\n  ```\n{CODE}\n  ```\n\n## Upgrade\n\nAgain."),
        ("a.html", f"<h1>Install guide</h1><p>Run:<pre>{CODE}</pre><h2>Upgrade</h2><p>Again."),
    ],
    ids=["fence", "tildes", "in a list", "html"],
)
def test_a_comment_in_code_is_no_heading(name: str, text: str) -> None:
    found = passages(document(name, text))
    assert [p.heading for p in found] == ["Install guide", "Install guide > Upgrade"]
    assert "# install the package\npip install pump\n # start it" in found[0].text
    assert document(name, text).title == "Install guide"


def test_a_fence_that_never_closes_is_none() -> None:
    assert lighten("```\n# One\ntext") == "```\n# One\ntext"


def test_an_underline_in_code_makes_no_heading() -> None:
    code = "```\n\nTitle\n=====\n```"
    assert lighten(code) == code


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Read.\n\n<!-- do not\n\npublish -->\n\nOn.", "Read.\n\nOn."),
        ("Up to 20&nbsp;MB &amp; &lt;5 files.", "Up to 20 MB & <5 files."),
        ("<h1 align=center>Pumps</h1>\n\n<p>Ours <b>run</b>.</p>", "# Pumps\n\nOurs run."),
        ("a <del>b</del><kbd>Ctrl</kbd>, ask <name> <a@b.example>", "a Ctrl, ask <name> <a@b.example>"),
        (
            "<table>\n<tr><th>Env</th><th>URL</th></tr>\n\n<tr><td>prod</td><td>p.io</td></tr>\n</table>",
            "Env: prod; URL: p.io",
        ),
        ("| a | b |\n|---|---|\n| x<br>y | p &#124; q |", "a: x y; b: p | q"),
        (
            "# T\n\n<details>\n<summary>Why?</summary>\n\nSo.\n\n</details>\n\nAfter.",
            "# T\n\n## Why?\n\nSo.\n\n# T\n\nAfter.",
        ),
        ("`<!-- a --> &amp; <br>`", "`<!-- a --> &amp; <br>`"),
        ("```html\n<b>a</b> &amp; <!-- b -->\n```", "```html\n<b>a</b> &amp; <!-- b -->\n```"),
        ("<!-- never closed", "<!-- never closed"),
    ],
    ids=["comment", "entities", "tags", "words", "table", "cell", "details", "tick", "fence", "open"],
)
def test_html_in_markdown_is_no_text(text: str, lines: str) -> None:
    assert re.sub(r"\n{3,}", "\n\n", document("a.md", text).text) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "Use `<i>`, &lt;b&gt; and \\<u>, <i>not</i> \\\\srv\\<name>.",
            "Use `<i>`, <b> and <u>, not \\\\srv\\<name>.",
        ),
        ("Use `<i>\n<b>` here, 4 `m<sup>2</sup>`.", "Use `<i>\n<b>` here, 4 `m<sup>2</sup>`."),
        ("```\nm<sup>2</sup>\n```", "```\nm<sup>2</sup>\n```"),
        ("# The tag `<b>` <i>x</i> <!-- omit in toc -->\n\nText.", "# The tag `<b>` x \n\nText."),
        ("In:\n\n<pre>\n# note\n&lt;i&gt; a | b\n</pre>", "In:\n\n\n # note\n<i> a | b"),
    ],
    ids=["inline", "two lines", "fence", "heading", "pre"],
)
def test_tags_that_are_written_as_text_stay(text: str, lines: str) -> None:
    assert document("a.md", text).text == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("25 m<sup>2</sup>, 10<sup class=x> -3 </sup>, fee<sup><a href=#n>1</a></sup>", "25 m², 10⁻³, fee¹"),
        ("Press <samp>OK</samp>, set <var>x</var> to <q>1</q>, not <var>", "Press OK, set x to 1, not <var>"),
        ("Fee: <s>80 <b>yuan</b></s> 55 yuan", "Fee:  55 yuan"),
        ("if a <b and b> c then", "if a <b and b> c then"),
    ],
    ids=["raised", "words", "struck", "compared"],
)
def test_tags_that_a_browser_obeys_are_no_text(text: str, lines: str) -> None:
    assert document("a.md", text).text == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Acme GmbH<br>Hauptstr. 5<br/>Berlin", "Acme GmbH\nHauptstr. 5\nBerlin"),
        ("请注意：<br>\n面积为25平方米。", "请注意：\n面积为25平方米。"),
        ("It is shut<br>by hand.", "It is shut by hand."),
        ("- One<br>Two\n- Three", "- One Two\n- Three"),
        ("> One<br>Two", "> One Two"),
    ],
    ids=["lines", "Chinese", "sentence", "item", "quotation"],
)
def test_a_break_ends_a_line_where_it_need_not_stay_one(text: str, lines: str) -> None:
    assert re.sub(" +$", "", document("a.md", text).text, flags=re.MULTILINE) == lines
