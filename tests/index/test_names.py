"""A company's own names: how the file is read, where names stand in a text, conflicts, speed."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import BadNames
from index.extract import extract_passages, load_extractor
from index.extraction import LONGEST_NAME
from index.language import entity_key
from index.names import Names, parsed_names, read_names
from index.types import Passage

OURS = Names(
    (
        ("Flow Meter Pro", "FMP", "流量计"),
        ("B-200",),
        ("B-200-X",),
        ("枣林仪器有限公司", "枣林仪器", "枣林"),
        ("Zaolin Pumps", "Zaolin"),
        ("Zaolin Valves", "Zaolin"),
        ("บริษัทไทย",),
        ("한국기계",),
    )
)


def found(text: str, names: Names = OURS) -> list[tuple[str, str]]:
    mentions = names.mentions(text)
    assert all(text[m.start : m.end] == m.text for m in mentions)
    return [(m.entity, m.text) for m in mentions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the FLOW  METER\nPRO's seal", [("flow meter pro", "FLOW  METER\nPRO")]),
        ("an fmp, FMPs, xFMP, FMP.", [("flow meter pro", "fmp"), ("flow meter pro", "FMP")]),
        ("B-200 or B-200-X, B-200-Y, AB-200, B-200.5", [("b-200", "B-200"), ("b-200-x", "B-200-X")]),
        ("Ｂ－２００型水泵", [("b-200", "Ｂ－２００")]),
        ("棗林儀器有限公司和枣林的流量计", [
            ("枣林仪器有限公司", "棗林儀器有限公司"),
            ("枣林仪器有限公司", "枣林"),
            ("flow meter pro", "流量计"),
        ]),
        ("Zaolin sells.", [("zaolin pumps", "Zaolin"), ("zaolin valves", "Zaolin")]),
        ("ที่บริษัทไทยขาย 한국기계는", [("บริษัทไทย", "บริษัทไทย"), ("한국기계", "한국기계")]),
        ("flow meter", []),
        ("", []),
    ],
)  # fmt: skip
def test_where_names_stand(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_decomposed_accents_match() -> None:
    assert found("at Cafe\u0301 Zao", Names((("Café Zao",),))) == [("café zao", "Cafe\u0301 Zao")]


def test_conflicts_aliases_and_named() -> None:
    assert OURS.conflicts == [("zaolin", ("zaolin pumps", "zaolin valves"))]
    assert ("fmp", "flow meter pro") in OURS.aliases()
    assert all(alias != key for alias, key in OURS.aliases())
    assert OURS.named("枣林") == ("枣林仪器有限公司",)
    assert OURS.named("nobody") == ()
    assert not Names()
    assert Names().mentions("Zaolin") == []


CSV = """Name,Alias
# ours

Flow Meter Pro, FMP ,
"Chen, Li & Co",CLC
flow meter pro,流量计，FMP
枣林仪器,枣林
"""
PARSED = Names((("Flow Meter Pro", "FMP", "流量计"), ("Chen, Li & Co", "CLC"), ("枣林仪器", "枣林")))


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_in_any_usual_charset(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(CSV.encode(charset))
    names = read_names(path)
    assert names == PARSED
    assert Names.from_json(names.to_json()) == names


def test_windows_lines_and_no_header() -> None:
    assert parsed_names(CSV.removeprefix("Name,Alias\n").replace("\n", "\r\n")) == PARSED


def test_empty_cells_are_no_names() -> None:
    names = parsed_names('枣林泵厂,,ZL\n"",,\nLinhai Works, ,LW\n')
    assert names.rows == (("枣林泵厂", "ZL"), ("Linhai Works", "LW"))
    assert names.conflicts == []


def test_the_longest_name_that_a_file_may_hold_is_found() -> None:
    name = "枣林水泵" * 20
    assert len(name) == LONGEST_NAME
    assert found(f"甲方是{name}。", parsed_names(name)) == [(name, name)]


def test_bad_rows_are_named_with_their_lines() -> None:
    with pytest.raises(BadNames) as caught:
        parsed_names(f"ok\n,alias\n...,x\nfine,🌳\n{'x' * 99}\n", "our.csv")
    message = str(caught.value)
    assert message.startswith("our.csv: line 2: no name")
    for part in ("line 3: '...'", "line 4: '🌳'", "line 5: 'xxx"):
        assert part in message


def test_an_open_quotation_mark_and_a_binary_file(tmp_path: Path) -> None:
    with pytest.raises(BadNames, match="quotation mark"):
        parsed_names('a\n"b\nc\nd\n')
    path = tmp_path / "names.csv"
    path.write_bytes(b"\xff\xff\xff\x00\x81")
    with pytest.raises(BadNames, match="UTF-8"):
        read_names(path)
    with pytest.raises(BadNames, match="cannot be read"):
        read_names(tmp_path)


@pytest.mark.parametrize("stored", ["{", "{}", "[[]]", "[[1]]", '["a"]'])
def test_what_is_not_stored_names(stored: str) -> None:
    with pytest.raises(BadNames):
        Names.from_json(stored)


@given(st.lists(st.text(alphabet="aB-2 枣林é.", min_size=1, max_size=6), max_size=8), st.text(max_size=40))
def test_any_names_in_any_text(rows: list[str], text: str) -> None:
    names = Names(tuple((row,) for row in rows if any(c.isalnum() for c in entity_key(row))))
    end = 0
    for mention in names.mentions(text + "".join(rows)):
        assert end <= mention.start < mention.end
        assert (text + "".join(rows))[mention.start : mention.end] == mention.text
        end = mention.end
    for row in names.rows:
        assert found(row[0], names)


def test_fifty_thousand_names_are_read_fast() -> None:
    draw = random.Random(0)
    words = ["".join(draw.choices("abcdefghij", k=4)) for _ in range(3_000)]
    zh = [chr(0x4E00 + i) for i in range(2_000)]
    rows = [(" ".join(draw.choices(words, k=draw.randint(1, 4))),) for _ in range(25_000)]
    rows += [("".join(draw.choices(zh, k=draw.randint(2, 8))),) for _ in range(25_000)]
    names = Names(tuple(rows))
    text = (
        " ".join(draw.choices(words, k=70))
        + "".join(draw.choices(zh, k=150))
        + rows[0][0]
        + "，"
        + rows[-1][0]
    )
    names.mentions(text)
    began = time.process_time()
    for _ in range(20):
        assert {entity_key(rows[0][0]), entity_key(rows[-1][0])} <= {m.entity for m in names.mentions(text)}
    assert (time.process_time() - began) / 20 < 0.02


def test_own_names_win_over_patterns_and_give_facts_and_titles() -> None:
    text = "Model: B-200; Maker: Zaolin Works\nFlow Meter Pro Max is a pump."
    passage = Passage(0, "d", text, 5, 5 + len(text), heading="FMP")
    got = extract_passages(load_extractor("patterns"), [("枣林", passage)], OURS)[0]
    assert [(m.entity, m.text, m.start - 5) for m in got.mentions] == [
        ("枣林仪器有限公司", "枣林", 0),
        ("flow meter pro", "FMP", 0),
        ("b-200", "B-200", 7),
        ("zaolin pumps", "Zaolin", 21),
        ("zaolin valves", "Zaolin", 21),
        ("flow meter pro", "Flow Meter Pro", 34),
    ]


def test_facts_of_tables_lines_and_definitions_are_said_of_our_own_names() -> None:
    text = "Maker: 枣林\nModel: FMP; Price: 5\nFMP is a device that measures."
    passage = Passage(0, "d", text, 0, len(text))
    got = extract_passages(load_extractor("patterns"), [("FMP", passage)], OURS)[0]
    assert {(f.subject, f.relation, f.object) for f in got.facts} == {
        ("flow meter pro", "Maker", "枣林仪器有限公司"),
        ("flow meter pro", "Price", "5"),
        ("flow meter pro", "is", "device"),
    }
