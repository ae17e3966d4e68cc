"""Web pages: their frame, lists, definitions, what opens at a click, tables with lists in them."""

from __future__ import annotations

from contextlib import suppress

import pytest

from index import errors
from index.readers.read import read_bytes
from index.types import Document


def read(page: str) -> str:
    (document,) = read_bytes("a.html", page.encode())
    assert isinstance(document, Document)
    return document.text


@pytest.mark.parametrize(
    ("entries", "lines"),
    [
        (
            "<dt>LM-8 多参数监护仪</dt><dd>18个月。</dd><dt>电池</dt><dd><p>6个月。</p></dd>",
            "LM-8 多参数监护仪：18个月。\n电池：6个月。",
        ),
        (
            "<dt>Refund time<dd>14 days<dt>Return address<dd>12 Dock Road, Leeds<dd>Hall 7",
            "Refund time: 14 days\nReturn address: 12 Dock Road, Leeds, Hall 7",
        ),
        ("<div><dt>Fax</dt><dd>12</dd></div><div><dt>Phone</dt><dd>15</dd></div>", "Fax: 12\nPhone: 15"),
        ("<dt>Car<dt>Van<dd>Up to 2 m.", "Car, Van: Up to 2 m."),
        ("<dt>Services<dd><ul><li>mail<li>vpn</ul>", "Services: mail, vpn"),
        ("<dd>Alone<dt>No value", "Alone\nNo value"),
        (f"<dt>{'long ' * 12}term<dd>ok", f"{'long ' * 12}term: ok"),
    ],
    ids=["Chinese", "two values", "groups", "two terms", "list", "halves", "long term"],
)
def test_a_definition_stands_on_the_line_of_its_term(entries: str, lines: str) -> None:
    assert read(f"<dl>{entries}</dl>") == lines


@pytest.mark.parametrize("long", ["<p>It runs.</p><p>For years.</p>", "It runs. " * 60, "<pre>a</pre>"])
def test_a_long_definition_is_a_section_that_ends_with_its_list(long: str) -> None:
    text = read(f"<h1>T</h1><h2>Terms</h2><dl><dt>A<dd>{long}<dt>B<dd>Short.</dl><p>After.")
    assert text.startswith("# T\n\n## Terms\n\n### A\n\n")
    assert text.endswith("\n\n### B\n\nShort.\n\n## Terms\n\nAfter.")


def test_a_definition_of_a_question_is_a_section() -> None:
    assert read("<h1>T</h1><dl><dt>Do you ship?<dd>Yes.</dl>") == "# T\n\n## Do you ship?\n\nYes."


@pytest.mark.parametrize(
    "item",
    [
        "<details><summary>Who pays?</summary>We do.</details>",
        "<div><button>Who pays?</button><div>We do.</div></div>",
        "<div><p><button aria-expanded=false>Who pays?</button></p><div hidden>We do.</div></div>",
        "<div role=tablist><button role=tab>Who pays?</button></div><div role=tabpanel>We do.</div>",
    ],
    ids=["details", "question", "expanded", "tab"],
)
def test_what_opens_at_a_click_stands_under_its_title(item: str) -> None:
    text = read(f"<h1>FAQ</h1><h2>Costs</h2><p>Read.</p>{item}<p>Call us.</p>")
    assert text == "# FAQ\n\n## Costs\n\nRead.\n\n### Who pays?\n\nWe do.\n\n## Costs\n\nCall us."


def test_a_button_in_a_heading_is_its_words_and_any_other_is_dropped() -> None:
    page = "<h2><button>Who pays?</button></h2><div>We do.</div><h2>Price <button>Copy</button></h2>"
    text = read(
        f"{page}<button>Buy now</button><button data-toggle=dropdown aria-expanded=true>More</button>."
    )
    assert text == "## Who pays?\n\nWe do.\n\n## Price\n\n."


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        (
            "<tr><th><p>Alert<th><p>Action<tr><td>FULL<td><ul><li>Delete logs<li>Call Anna</ul>"
            "<tr><td>DOWN<td><ol><li>Open it.<li>Wait.</ol>",
            "Alert: FULL; Action: Delete logs, Call Anna\nAlert: DOWN; Action: 1. Open it. 2. Wait.",
        ),
        (
            "<tr><th>设备<th>措施<tr><td>水泵<td><p>步骤：</p><ul><li>关阀<li>断电</ul>",
            "设备：水泵；措施：步骤：关阀、断电",
        ),
        (
            "<tr><th>Owner<td>Anna Li<tr><th>Services<td><ul><li>mail<li>vpn</ul>",
            "Owner: Anna Li\nServices: mail, vpn",
        ),
        (
            "<tr><th>Step<th>What<tr><td>1<td>Close.<table><tr><td>Torque<td>12 Nm</table>",
            "Step: 1; What: Close. Torque 12 Nm",
        ),
        (
            "<tr><td>North<td><ul><li>Leeds<li>York</ul><tr><td>South<td>Bath",
            "North: Leeds, York\nSouth: Bath",
        ),
        (
            "<tr><th>Name<td>Li<th>Date<td>5 May<tr><th>Firm<td>Brook<th>Rep<td>Anna",
            "Name: Li\nDate: 5 May\nFirm: Brook\nRep: Anna",
        ),
        (
            "<tr><th>Plan<th>SSO<th>Mail<tr><td>Basic<td><i title=No></i><td><img alt=Yes>",
            "Plan: Basic; SSO: No; Mail: Yes",
        ),
    ],
    ids=["list", "Chinese", "labels", "table", "no names", "form", "pictures"],
)
def test_what_stands_in_a_cell_does_not_tear_the_table_apart(table: str, lines: str) -> None:
    assert read(f"<table>{table}</table>") == lines


def test_a_table_that_lays_out_a_page_is_none() -> None:
    page = "<table><tr><td><ul><li>Home<li>Shop</ul><td><h2>Hours</h2><p>9 to 5</p></table>"
    assert read(page) == "- Home\n- Shop\n\n## Hours\n\n9 to 5"


@pytest.mark.parametrize(
    ("items", "lines"),
    [
        ("<ol start=3><li>three<li>four</ol>", "3. three\n4. four"),
        ("<ol><li>one<li value=7>seven<li>eight</ol>", "1. one\n7. seven\n8. eight"),
        ("<ol type=a><li>one<li>two</ol>", "a) one\nb) two"),
        ("<ol style='list-style-type: lower-roman'><li>one<li>two</ol>", "(i) one\n(ii) two"),
        (
            "<ul><li>Delivery:<ul><li>UK: 2 days<li>EU: 5</ul><li>Pickup",
            "- Delivery: UK: 2 days, EU: 5\n- Pickup",
        ),
        ("<ul><li>自有资金<ul><li>至少三成<li>须存满一年</ul></ul>", "- 自有资金：至少三成、须存满一年"),
        ("<ol><li>Copy:<ol type=a><li>this<li>that</ol></ol>", "1. Copy: a) this b) that"),
        ("<ul><li>" + "long " * 70 + "<ol><li>x<li>y</ol></ul>", f"- {'long ' * 69}long\n  1. x\n  2. y"),
    ],
    ids=["start", "value", "letters", "style", "nested", "Chinese", "numbers", "long"],
)
def test_items_keep_their_numbers_and_what_they_belong_to(items: str, lines: str) -> None:
    assert read(items) == lines


FRAME = """<div class="cookie-banner" role="dialog"><p>We use cookies to improve this site.</p></div>
<header><a href="/">Brook</a><form role="search"><label>Search</label></form></header>
<div class="navbar"><ul><li><a href="/">Home</a></li></ul></div>
<ol class="breadcrumb"><li><a href="/">Home</a></li><li>Returns</li></ol>
{}<aside><h3>Related</h3><ul><li><a href="/x">How to ship</a></li></ul></aside>
<div class="footer"><p>© Brook Ltd</p><ul><li>Imprint</li></ul></div>"""


@pytest.mark.parametrize("around", ["main", "article", "div"])
def test_the_frame_of_a_page_is_no_text(around: str) -> None:
    text = f"<h1>Returns</h1><p>{'Within 30 days. ' * 4}</p><aside>Note: keep the receipt.</aside>"
    page = FRAME.format(f"<{around}>{text}</{around}>")
    assert read(page) == f"# Returns\n\n{('Within 30 days. ' * 4).strip()}\n\nNote: keep the receipt."


def test_text_outside_a_small_article_stays() -> None:
    assert read("<article>News.</article><p>All shops close at noon on 24 May.") == (
        "News.\n\nAll shops close at noon on 24 May."
    )


def test_the_head_of_an_article_stays() -> None:
    page = "<article><header><h2><a href='/1'>Moving</a></h2></header><p>On 3 June.</article>"
    assert read(page * 2) == "## Moving\n\nOn 3 June.\n\n## Moving\n\nOn 3 June."


def test_a_page_about_cookies_keeps_its_text() -> None:
    assert read("<body class=cookie-policy><div id=cookies><p>Cookies last 30 days.</div>") == (
        "Cookies last 30 days."
    )


def test_hidden_and_deleted_words_are_no_text_but_closed_panels_are() -> None:
    shown = (
        "<p>Price: <del>100</del> <ins>80</ins> EUR.</p><h3>Gifts</h3><div style='display:none'>Yes.</div>"
    )
    hidden = "<p>Read.</p><p style='display: none'>Staff: 90 days</p><p hidden>Old rule.</p>"
    panel = "<p><a href='#p1'>Fees</a></p><p>x</p><div hidden id=p1>None.</div>"
    assert read(shown + hidden + panel).split("\n\n") == [
        *("Price: 80 EUR.", "### Gifts", "Yes.", "Read.", "Fees", "x", "None."),
    ]


def test_a_page_that_is_shown_by_a_script_keeps_its_text() -> None:
    assert read("<p>Wait</p><div style='visibility:hidden'><p>Open from 9 to 5.</div>").endswith("9 to 5.")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("<span>Phone</span><span>0800 1234</span>", "Phone 0800 1234"),
        ("<a>Imprint</a><a>privacy</a>", "Imprint privacy"),
        ("<b>58</b><i>kg</i>, <b>re</b><i>turn</i>, H<sub>2</sub>O", "58 kg, return, H2O"),
        ("3×10<sup>5</sup> m<sup>2</sup>, 5<sup>th</sup>", "3×10⁵ m², 5th"),
        ("six hours<sup><a href='#n1'>[1]</a></sup>; two<a href='#n2'><sup>2</sup></a>", "six hours; two"),
        ("co&shy;operation", "cooperation"),
    ],
    ids=["label", "links", "one word", "raised", "footnotes", "invisible"],
)
def test_words_of_a_line(words: str, line: str) -> None:
    assert read(f"<p>{words}</p>") == line
    assert read(f"<table><tr><td>{words}</table>") == line


def test_the_sign_that_links_to_a_heading_is_no_part_of_it() -> None:
    assert read("<h2>Fees<a href='#fees'>¶</a></h2>x") == "## Fees\n\nx"


@pytest.mark.parametrize(
    "page",
    [
        "<section id=cookies><h2>Cookies</h2><p>Chocolate cookie: 2.40 euros.</p></section>",
        "<aside><p>Call: <a href='tel:08'>0800 1234</a>, <a href='mailto:a@b.example'>a@b</a></p></aside>",
        "<div role=dialog><h2>Allergens</h2><p>Nuts and milk.</p></div>",
    ],
)
def test_what_only_sounds_like_a_frame_stays(page: str) -> None:
    text = read(f"<body><p>{'Our bakery. ' * 30}</p>{page}</body>")
    assert any(part in text for part in ("2.40", "0800 1234", "Nuts and milk"))


def test_a_raised_digit_in_a_link_stays() -> None:
    page = b"<p>One tank holds <a href='/units#litres'>10<sup>6</sup> litres</a>.</p>"
    assert (
        read_bytes("a.html", page)[0].text
        == "One tank holds 10\xe2\x81\xb6 litres.".encode("latin-1").decode()
    )


def test_five_odd_bytes_are_refused_or_read() -> None:
    with suppress(errors.ReadError):
        assert read("<<?t>")
