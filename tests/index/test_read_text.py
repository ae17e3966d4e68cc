"""Charsets, plain text, Markdown, HTML, CSV and JSON, whole and damaged."""

from __future__ import annotations

import codecs
import json
import random
import re

import pytest

from index import errors
from index.readers.flow import reflow_pages
from index.readers.read import ReadOptions, read_bytes
from index.readers.records import Failure
from index.split import split
from index.text import clean, decode
from index.types import Document

CHINESE = "员工每年享有十五天年假，应当提前两周向主管提出申请。请假超过三天须经部门经理批准。"
TRADITIONAL = "員工每年享有十五天年假，應當提前兩週向主管提出申請。請假超過三天須經部門經理批准。"
FRENCH = "Les employés ont droit à quinze jours de congé ; la demande doit être présentée à l’avance. Größe."
MIXED = "Annual leave for 张三 is fifteen days; ask in writing two weeks before."


def read(name: str, data: bytes | str) -> Document:
    (document,) = read_bytes(name, data.encode() if isinstance(data, str) else data)
    assert isinstance(document, Document)
    return document


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        *[(CHINESE, charset) for charset in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "gb2312")],
        *[(MIXED, charset) for charset in ("utf-8", "gb18030", "utf-16")],
        *[(TRADITIONAL, charset) for charset in ("utf-8", "gbk", "big5")],
        *[(FRENCH, charset) for charset in ("utf-8", "cp1252", "utf-8-sig")],
        ("Müller wohnt in Köln, Größe 42, für 5 €.", "cp1252"),
        ("GARÇON, À L'ÉTÉ: ÄÖÜ AND SO ON", "latin-1"),
        ("生僻字：㐀𠀀䶮，均在国标之内。" + CHINESE, "gb18030"),
    ],
)
def test_charsets_are_recognised(text: str, charset: str) -> None:
    assert read("a.txt", text.encode(charset)).text == text


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf16_goes_by_its_mark(order: str) -> None:
    mark = codecs.BOM_UTF16_LE if order == "le" else codecs.BOM_UTF16_BE
    assert read("a.txt", mark + CHINESE.encode(f"utf-16-{order}")).text == CHINESE


def test_html_names_its_own_charset() -> None:
    page = "<meta charset='shift_jis'><p>従業員は年間十五日の休暇を取得できます。</p>"
    assert read("a.html", page.encode("shift_jis")).text == "従業員は年間十五日の休暇を取得できます。"


def test_html_that_names_latin_1_may_hold_what_windows_adds_to_it() -> None:
    page = "<meta charset='ISO-8859-1'><p>Price: €5 – “net”, Größe</p>"
    assert read("a.html", page.encode("cp1252")).text == "Price: €5 – “net”, Größe"


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (CHINESE.encode()[:-1], 120),
        (CHINESE.encode()[:30] + b"\xff" + CHINESE.encode()[30:], 30),
        ("Всего пятнадцать дней отпуска".encode("cp1251"), 0),
        (codecs.BOM_UTF16_LE + CHINESE.encode("utf-16-le")[:-1], 2 * len(CHINESE)),
    ],
    ids=["cut", "one wrong byte", "no charset of ours", "UTF-16 cut"],
)
def test_text_in_no_charset_names_the_byte(data: bytes, offset: int) -> None:
    with pytest.raises(errors.DamagedFile, match=rf"^a\.txt: is not valid .* at byte {offset},.*as UTF-8$"):
        read("a.txt", data)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".csv", ".html", ".json", ".jsonl"])
@pytest.mark.parametrize(
    "data",
    [random.Random(1).randbytes(5000), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", CHINESE.encode("utf-16-le")],
    ids=["noise", "PNG", "UTF-16 without mark"],
)
def test_binary_is_not_text(suffix: str, data: bytes) -> None:
    with pytest.raises(errors.DamagedFile, match=rf"^a{suffix}: looks like binary.*save"):
        read(f"a{suffix}", data)


def test_text_is_normalised_and_nothing_else_erased() -> None:
    raw = "Ａ１，。「全角」👩‍💻 e\u0301\r\nb\tc\rd\x07" + "." * 200 + "\0\ufeff"
    assert read("a.txt", raw).text == "Ａ１，。「全角」👩‍💻 é\nb    c\nd" + "." * 200


def test_a_huge_single_line_is_read() -> None:
    assert len(read("a.txt", "年" * 3_000_000).text) == 3_000_000


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("手册.txt", "text", "手册"),
        ("a.txt", "员工手册\n\n第一条 年假。", "员工手册"),
        ("a.csv", "Title,Author,Year\nHamlet,Shakespeare,1603", "a"),
        ("a.csv", "SKU,QTY\nA-1,3\nA-2,4", "a"),
        ("a.json", '{"Title": "Mr", "Name": "Ann"}', "a"),
        ("a.jsonl", '{"text": "Staff handbook\\n\\nLeave."}', "Staff handbook"),
        ("a.md", "# 员工手册 #\n\ntext", "员工手册"),
        ("a.md", "no heading", "a"),
        ("a.md", '---\nauthor: X\ntitle: "The Handbook"\n---\n\n# One\n', "The Handbook"),
        ("a.html", "<title>T</title><h1>H</h1>x", "T"),
        ("a.html", "<title>untitled</title><h1>H</h1>x", "H"),
        ("a.json", '{"title": "T", "text": "# H"}', "T"),
        ("a.json", '{"text": "# H"}', "H"),
    ],
)
def test_titles(name: str, text: str, title: str) -> None:
    assert read(name, text).title == title


def test_underlined_headings() -> None:
    text = read("a.md", "Top\n===\n\npara\n\n下级\n---\n\n- a\n\n---\n| a |\n|---|\n| 1 |\n").text
    assert text == "# Top\n\npara\n\n## 下级\n\n- a\n\n---\na: 1"


PAGE = """<html><head><title>手册</title><style>p {}</style></head><body><nav>menu</nav>
<h2>休假 <b>制度</b></h2><p>员工每年享有
十五天年假，<a href=x>见下表</a>。<br>Second &amp;
line</p><ul><li>one<li><p>two</p></ul>
<table><tr><th>姓名<th>天数<tr><td>张三<td>15</table>
<table><caption>Leave</caption><tr><td>Name<td>Days<tr><td>Li<td>15<tr><td>Wu<td></table>
<table><tr><td rowspan=2>Sales<td>Li<tr><td>Wu</table>
<table><tr><td><h3>Inside</h3><p>x</table><pre>a
  b</pre>tail<script>bad()</script><footer>foot</footer></body></html>"""


def test_html() -> None:
    assert read("a.html", PAGE).text.split("\n\n") == [
        "# 手册",
        "## 休假 制度",
        "员工每年享有十五天年假，见下表。\nSecond & line",
        "- one\n- two",
        "姓名：张三；天数：15",
        "Leave\nName: Li; Days: 15\nName: Wu",
        "Sales: Li\nSales: Wu",
        "### Inside",
        *("x", "a\n  b", "tail"),
    ]


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        ("<tr><th>Weight<td>light<tr><th>Motor<td>copper", "Weight: light\nMotor: copper"),
        (
            "<tr><td>Customer<td>Linhai Water<tr><td>Amount<td>3 €<tr><td>Bank<td>ICBC",
            "Customer: Linhai Water\nAmount: 3 €\nBank: ICBC",
        ),
        ("<tr><td>Item<td>Price<tr><td>Pump<td>3 €", "Item: Pump; Price: 3 €"),
        ("<tr><th>Part<th>2 years<tr><td>Motor<td>yes", "Part: Motor; 2 years: yes"),
        ("<tr><td><th>Linhai<th>Qinghe<tr><th>Staff<td>few<td>many", "Staff; Linhai: few; Qinghe: many"),
    ],
    ids=["labels", "a form", "amounts", "names of columns", "both"],
)
def test_html_says_itself_what_is_a_header(table: str, lines: str) -> None:
    assert read("a.html", f"<table>{table}</table>").text == lines


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        (
            "<tr><th>部门<th>姓名<th>年假"
            "<tr><td rowspan=2>销售<td>张三<td>15<tr><td>李四<td>10<tr><td><td>王五<td>5",
            "部门：销售；姓名：张三；年假：15\n部门：销售；姓名：李四；年假：10\n姓名：王五；年假：5",
        ),
        (
            "<tr><td colspan=3>Prices<tr><td>Model<td>Price<td>Weight<tr><td>B-200<td>320<td>84 kg",
            "Prices\nModel: B-200; Price: 320; Weight: 84 kg",
        ),
        (
            "<tr><td>Model<td>Price<td>Weight<tr><td>B-200<td colspan=2>on request",
            "Model: B-200; Price: on request",
        ),
        (
            "<tr><th rowspan=2>Plant<th colspan=2>Staff<tr><th>2022<th>2023<tr><td>Linhai<td>87<td>90",
            "Plant: Linhai; Staff 2022: 87; Staff 2023: 90",
        ),
        ("<tr><td rowspan=0>a<td rowspan=x>b<td colspan=99999999>c<tr><td>d", "a; b; c\nd"),
        ("<tr><th>One<th>Two", "One: Two"),
    ],
    ids=["rows", "title", "columns", "two rows of names", "senseless", "no rows"],
)
def test_cells_that_span_others_stay_under_their_header(table: str, lines: str) -> None:
    assert read("a.html", f"<table>{table}</table>").text == lines


def test_deeply_nested_html_is_read() -> None:
    assert read("a.html", "<div>" * 20_000 + "deep").text == "deep"


@pytest.mark.parametrize("page", ["<nav>menu</nav>", "<script>x</script>", "<frameset></frameset>"])
def test_html_without_words_is_empty(page: str) -> None:
    with pytest.raises(errors.EmptyDocument, match=r"a\.html: has no text"):
        read("a.html", page)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("name,days\nLi,15\nWu,\n", "name: Li; days: 15\nname: Wu"),
        ("姓名,天数\n张三,15\n李四,10\n", "姓名：张三；天数：15\n姓名：李四；天数：10"),
        ("name;price\nA;1,50\nB;2,30\n", "name: A; price: 1,50\nname: B; price: 2,30"),
        ("name\tdays\nLi\t15\n", "name: Li; days: 15"),
        ("name|days\nLi|15\n", "name: Li; days: 15"),
        ('name,note\nLi,"a, b\nc"\n', "name: Li; note: a, b c"),
        (
            'id,notes\n1,"red; green; blue; black"\n2,"cold; hot; ""warm""\n; dry"\n',
            'id: 1; notes: red; green; blue; black\nid: 2; notes: cold; hot; "warm" ; dry',
        ),
        ('pipe,price\nPipe 2",12\nPipe 3",15\n', 'pipe: Pipe 2"; price: 12\npipe: Pipe 3"; price: 15'),
        ("sep=;\nname;days, hours\nLi;15, 3\n", "name: Li; days, hours: 15, 3"),
        ("2024-01-02,15\n2024-01-03,16\n", "2024-01-02; 15\n2024-01-03; 16"),
        ("张三,销售\n李四,销售\n", "张三：销售\n李四：销售"),
        ("one\ntwo\n", "one\ntwo"),
        ("Staff,\nname,days\nLi,15\n\nWu,10\n", "Staff\n\nname: Li; days: 15\n\nname: Wu; days: 10"),
        ("a,b\n1\n1,2,3\n", "a: 1\na: 1; b: 2; 3"),
    ],
    ids=[
        "header",
        "chinese",
        "semicolon",
        "tab",
        "bar",
        "quotes",
        "marks in quotes",
        "inches",
        "mark named",
        "none",
        "repeats",
        "one column",
        "caption",
        "ragged",
    ],
)
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv(text: str, lines: str, charset: str) -> None:
    assert read("a.csv", text.encode(charset)).text == lines


def test_a_quote_that_never_closes_is_named() -> None:
    with pytest.raises(errors.DamagedFile, match=r"a\.csv: has a quote that never closes near line 2 .*mend"):
        read("a.csv", 'a,b\n"' + "x" * 200_000)


def test_other_json_becomes_lines() -> None:
    value = {"office": {"city": "北京", "rooms": ["Hall", "Library"]}, "open": True, "fax": None, "楼层": 3}
    text = "office.city: 北京\noffice.rooms.1: Hall\noffice.rooms.2: Library\nopen: true\n楼层：3"
    assert read("a.json", json.dumps(value)).text == text
    assert read("a.json", "[1, 2.5]").text == "1: 1\n2: 2.5"


FAQ = [
    {"question": "Do you open on Sunday?", "answer": "No.\nOn Saturday until 4.", "topic": "hours"},
    {"question": "可以退票吗？", "answer": "可以，提前三天。"},
]
SECTIONS = (
    "## Do you open on Sunday?\n\nNo.\nOn Saturday until 4.\n\ntopic: hours"
    "\n\n## 可以退票吗？\n\n可以，提前三天。"
)


def test_questions_and_answers_in_json_become_sections() -> None:
    document = read("faq.json", json.dumps(FAQ))
    assert re.sub(r"\n{2,}", "\n\n", document.text) == SECTIONS
    assert document.title == "faq"
    inside = read("a.json", json.dumps({"shop": "Altane", "faq": FAQ, "fax": {"number": "12"}})).text
    assert inside.startswith("shop: Altane\n")
    assert inside.endswith("## fax\n\nfax.number: 12")  # not below the last question
    half = read(
        "a.json", json.dumps([{"question": "Why?", "answer": ""}, {"question": "Who?", "answer": ["a"]}])
    )
    assert half.text == "1.question: Why?\n2.question: Who?\n2.answer.1: a"


@pytest.mark.parametrize("word", ["Question", "问题"])
def test_questions_and_answers_in_a_table_become_sections(word: str) -> None:
    other = {"Question": "Answer", "问题": "答案"}[word]
    text = f'No.,{word},{other}\n1,May I bring a dog?,"Yes, on a lead."\n2,Open?,\n'
    found = read("faq.csv", text)
    first, second = (
        ("No.: 2; Question: Open?", "No.: 1") if word == "Question" else ("No.：2；问题：Open?", "No.：1")
    )
    assert found.text == f"{first}\n\n## May I bring a dog?\n\nYes, on a lead.\n\n{second}"
    assert found.title == "faq"


def test_a_table_below_a_list_of_questions_has_a_heading_of_its_own() -> None:
    table = (
        "Question,Answer\nOpen?,Yes.\nIs there parking?,No.\n\nItem,Price,Unit\nTicket,5,EUR\nCard,9,EUR\n"
    )
    found = read("faq.csv", table).text
    assert found.endswith(
        "No.\n\n## Item, Price, Unit\n\nItem: Ticket; Price: 5; Unit: EUR\nItem: Card; Price: 9; Unit: EUR"
    )
    assert read("a.csv", "Name,Title,Body\nAnn,Dr,Mercury\nBo,Mr,Mars\n").text.startswith(
        "Name: Ann; Title: Dr"
    )


@pytest.mark.parametrize("depth", [300, 989, 990, 991])
def test_a_deep_record_with_a_question_is_read_or_refused(depth: int) -> None:
    text = '{"q":"x","a":' * depth + "1" + "}" * depth
    try:
        assert read("a.json", text).text
    except errors.DamagedFile as error:
        assert "a.json" in str(error)  # noqa: PT017 - either is right


def test_lines_of_questions_and_answers_are_documents() -> None:
    lines = "\n".join(map(json.dumps, FAQ))
    found = [one for one in read_bytes("a.jsonl", lines.encode()) if isinstance(one, Document)]
    assert [(one.title, one.text) for one in found] == [
        ("Do you open on Sunday?", "No.\nOn Saturday until 4.\n\ntopic: hours"),
        ("可以退票吗？", "可以，提前三天。"),
    ]


def test_a_list_of_records_is_a_table() -> None:
    rooms = [{"room": "Hall", "seats": 40}, {"room": "Library", "seats": 12, "note": "quiet"}]
    text = "room: Hall; seats: 40\nroom: Library; seats: 12; note: quiet"
    assert read("a.json", json.dumps(rooms)).text == text
    assert read("a.json", json.dumps({"rooms": rooms})).text == f"## rooms\n\n{text}"
    both = {"branches": {"Linz": rooms, "Graz": rooms}, "admin": "Ann", "": 5, "k\n## Evil": 1}
    found = read("a.json", json.dumps(both)).text
    assert re.findall(r"^## (.*)", found, re.MULTILINE) == [
        "branches.Linz",
        "branches.Graz",
        "admin",
        "a",
        "k ## Evil",
    ]
    articles = [{"title": "Leave", "content": "x " * 30}, {"title": "Travel", "content": "y " * 30}]
    assert read("a.json", json.dumps(articles)).text.startswith("## Leave\n\nx x")
    posts = [{"title": "CEO", "content": 12, "name": "Ann"}, {"title": "CTO", "content": 9, "name": "Bo"}]
    assert read("a.json", json.dumps(posts)).text.startswith("title: CEO; content: 12; name: Ann\n")
    long = [{"room": "Hall", "story": "x" * 300}, {"room": "Library", "story": "short"}]
    assert read("a.json", json.dumps(long)).text.startswith("1.room: Hall\n1.story: xxx")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "{", "9" * 5000, "nothing"])
def test_json_that_cannot_be_parsed(text: str) -> None:
    with pytest.raises(errors.DamagedFile, match=r"a\.json: is no JSON that can be read .*mend it"):
        read("a.json", text)


def test_json_nested_as_deep_as_python_parses_is_read() -> None:
    assert read("a.json", '{"a":' * 500 + "1" + "}" * 500).text.endswith("a.a: 1")


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_half_a_surrogate_pair_is_replaced(name: str) -> None:
    document = read(name, r'{"text": "x\ud800y\ud83d\ude00", "metadata": {"k": "\udfff"}, "title": "\ud800"}')
    assert (document.text, document.title, document.metadata) == ("x\ufffdy😀", "\ufffd", {"k": "\ufffd"})


RECORDS = [
    {
        "text": "年假十五天",
        "id": "leave",
        "title": "年假",
        "source": "https://x/1",
        "metadata": {"lang": "zh"},
    },
    {"text": "only text"},
    {"text": " "},
    {"title": "no text"},
    {"text": "a", "metadata": [1]},
    {"text": "again", "source": "https://x/1"},
    {"text": "last"},
]
COMPLAINTS = [
    ("3", "empty_document", 'has an empty "text"'),
    ("4", "damaged_file", 'is not an object with a string "text"'),
    ("5", "damaged_file", 'has "metadata" that is not an object'),
]


@pytest.mark.parametrize(("name", "word"), [("d/a.json", "item"), ("d/a.jsonl", "line")])
def test_records(name: str, word: str) -> None:
    lines = json.dumps(RECORDS) if word == "item" else "\n".join(map(json.dumps, RECORDS))
    found = read_bytes("a" + name[3:], lines.encode(), name)
    documents = [item for item in found if isinstance(item, Document)]
    assert documents[0] == Document("leave", "年假", "年假十五天", "https://x/1", {"lang": "zh"})
    assert [item.source for item in documents[1:]] == [f"{name}#2", "https://x/1#6", f"{name}#7"]
    assert len({item.id for item in documents}) == len(documents)
    assert documents[1].title == "a"
    failures = [item for item in found if isinstance(item, Failure)]
    for failure, (number, code, complaint) in zip(failures, COMPLAINTS, strict=True):
        assert (failure.source, failure.code) == (f"{name}#{number}", code)
        assert failure.reason.startswith(f"{name}, {word} {number}: {complaint.format(word)}")


def test_broken_lines_are_reported_by_number_and_stop_nothing() -> None:
    data = '{"text": "年假"}\n\n{bad\n{"text": "'.encode() + b'\xff"}\r\n[1]\n{"text": "end"}'
    first, *broken, last = read_bytes("a.jsonl", data)
    assert isinstance(first, Document)
    assert isinstance(last, Document)
    assert (first.text, last.text) == ("年假", "end")
    reasons = [item.reason for item in broken if isinstance(item, Failure)]
    starts = ["3: is no JSON", "4: is not valid UTF-8", "5: is not an object"]
    assert all(r.startswith(f"a.jsonl, line {start}") for r, start in zip(reasons, starts, strict=True))


def test_limits_hold_for_all_records_together() -> None:
    with pytest.raises(errors.FileTooLarge):
        read_bytes("a.jsonl", b'{"text": "aaaa"}\n' * 3, options=ReadOptions(max_text_chars=10))


def test_reflow_keeps_the_writers_own_breaks() -> None:
    lines = ["Notice of manage-", "ment and the board", "of directors.", "Next one.", "• first", "• second"]
    assert list(reflow_pages([lines])) == [
        ("Notice of management and the board of directors.\n\nNext one.\n\n- first\n- second", False)
    ]


def test_decode_of_ascii_is_ascii() -> None:
    assert decode(b"plain") == "plain"


def test_radicals_and_ligatures_become_what_they_stand_for() -> None:
    assert (
        clean("员⼯ 部⻔ 密码⻓度 staﬀ ﬁve co\u00adoperation") == "员工 部门 密码长度 staff five cooperation"
    )


def test_a_comment_in_plain_text_is_no_heading() -> None:
    text = read(
        "a.txt", b"Setup\n\n1. File\nIt says:\n\n# by the installer\nport = 84\n\n2. Backup\nAt two.\n"
    ).text
    assert "##### 1. File" in text
    assert "##### 2. Backup" in text
    assert "\n # by the installer" in text


@pytest.mark.parametrize(
    "text",
    [
        "# of seats: 40\nRoom: Linden\n\nThe rent is 5.",
        "# of seats: 40\n\nRoom: Linden\n\n## Rent\n\nIt is 5.",
        "\n# seats: 40\n\nThe rent is 5.",
        "# 本文件由安装程序读取。\n\n租金为五百元。",
        "#hashtag\n\nThe rent is 5.",
        "# This file is read at the start.\n\nport = 8443",
        "# written by the installer\nport = 8443\nhost = linden",
        "# Gateway of Linden\n# Do not edit\n\nport = 8443",
    ],
)
def test_a_comment_or_a_column_on_top_of_plain_text_is_no_title(text: str) -> None:
    found = read("seats.txt", text.encode())
    assert found.title == ("Rent" if "## Rent" in text else "seats")
    assert found.text.strip() == text.strip().replace("\n# Do", "\n # Do")
    assert all(passage.heading in ("", "Rent") for passage in split(found, len))


@pytest.mark.parametrize("below", ["\n\nBy train.", "\nBy train.", "\n## Trains\nAny.", "\n\nspeed = 90"])
@pytest.mark.parametrize("words", ["Travel", "travel", "Trips: 3 of them", "Linden Ltd.", "差旅：2024"])
def test_a_heading_on_top_of_plain_text_is_its_title(words: str, below: str) -> None:
    assert read("a.txt", f"# {words}{below}".encode()).title == words


def test_a_comment_on_top_of_a_page_is_no_title() -> None:
    found = read("setup.html", b"<pre># install it\npip install pump</pre><p>Then start it.")
    assert found.title == "setup"


@pytest.mark.parametrize("mark", ["=", "-", "~"])
def test_underlined_lines_of_plain_text_are_headings(mark: str) -> None:
    text = read("a.txt", f"Backup\n{mark * 6}\nAt two.\n\nRestore\n{mark * 7}\nAsk Ben.\n".encode()).text
    assert [line.lstrip("#") for line in text.split("\n") if line.startswith("#")] == [" Backup", " Restore"]


def test_chinese_chapters_may_be_indented_and_spread() -> None:
    text = read(
        "a.txt",
        "差旅办法\n\n　　第一章　总　则\n\n　　第一条　甲 方：清河。\n　　第二章　标　准\n　　每天五百元。\n",
    ).text
    assert "## 第一章　总则\n" in text
    assert "## 第二章　标准\n每天五百元。" in text
    assert "第一条　甲方：清河。" in text


def test_records_with_lists_in_them_are_sections_under_their_names() -> None:
    long = " ".join(["The limit is 200 EUR per case."] * 8)
    policies = [
        {"id": 1, "title": "Travel", "owner": {"name": "Tom"}, "parts": [{"name": "Limit", "body": long}]},
        {"id": 2, "title": "Cars", "owner": {"name": "Anna"}, "parts": [{"n": 1, "m": 2}, {"n": 3, "m": 4}]},
    ]
    text = read("a.json", json.dumps(policies)).text
    assert re.sub(r"\n{2,}", "\n", text).split("\n") == [
        *("## Travel", "id: 1; owner.name: Tom", "### Limit", f"body: {long}"),
        *("## Cars", "id: 2; owner.name: Anna", "### parts", "n: 1; m: 2", "n: 3; m: 4"),
    ]


def test_objects_in_records_are_columns_of_their_table() -> None:
    pumps = [
        {"name": name, "price": {"amount": at, "tags": ["a", "b"]}} for name, at in (("B-200", 4), ("C-1", 7))
    ]
    assert read("a.json", json.dumps(pumps)).text.split("\n") == [
        "name: B-200; price.amount: 4; price.tags: a, b",
        "name: C-1; price.amount: 7; price.tags: a, b",
    ]


def test_what_a_record_says_beside_its_text_stands_below_it() -> None:
    record = {"date": "2025-05-12", "author": "Anna Li", "text": "Leaks after two weeks.", "vector": [1, 2]}
    (found,) = read_bytes("a.jsonl", json.dumps(record).encode())
    assert isinstance(found, Document)
    assert found.text == "Leaks after two weeks.\n\ndate: 2025-05-12; author: Anna Li"


def test_markup_in_values_of_json_is_left_out() -> None:
    tickets = [
        {"key": "OPS-1", "body": "<p>Down &amp; <b>out</b></p><p>3 h</p>"},
        {"key": "OPS-2", "body": "a < b"},
    ]
    assert (
        read("a.json", json.dumps(tickets)).text
        == "key: OPS-1; body: Down & out 3 h\nkey: OPS-2; body: a < b"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Parcels\n\n> 5 kg: 9 EUR\n> 10 kg: 14 EUR\n",
        "Discounts\n\n>= 20 kg: 5 %\n",
        "Try it:\n\n>>> 1 + 1\n2\n",
    ],
)
def test_signs_at_the_beginning_of_lines_are_no_quotations(text: str) -> None:
    assert read("a.txt", text).text.endswith(text.split("\n\n")[1].strip())


@pytest.mark.parametrize(
    "text", ["性别：男 女", "是 否", "甲 乙 丙 丁", "优 良 中 差", "王　伟　张　磊", "张三 李四"]
)
def test_choices_and_names_are_not_joined(text: str) -> None:
    assert read("a.txt", f"表格\n\n{text}\n").text.endswith(text)


def test_columns_of_one_character_stay_columns() -> None:
    assert read("a.csv", "班级,男,女\n一班,23,25\n二班,20,28\n").text.startswith("班级：一班；男：23；女：25")
    table = "班级    男    女\n一班    23    25\n二班    20    28\n三班    21    24\n"
    assert "男：23；女：25" in read("a.txt", table).text
