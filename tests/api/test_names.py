"""`jujube names`: a list of one's own takes effect at once, on the documents that it touches and no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.service import Service
from index.names import parsed_names
from index.vocabulary import documents_touched, stored_names

Command = Callable[..., Any]

CSV = "name,alias\nRiver Works,RW,河厂\nGreen Lake Plant,绿湖厂,RW\n"


@pytest.fixture
def letters(tmp_path: Path, jujube: Command) -> Path:
    """A collection of three documents; two of them hold a name of CSV."""
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "a.md").write_text("we met at the rw about the B-200.", "utf-8")
    (folder / "b.md").write_text("我们在綠湖廠见面，讨论B-200。", "utf-8")
    (folder / "c.md").write_text("crw and rwx are about the B-200.", "utf-8")
    assert jujube("add", folder).status == 0
    return folder


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    file = tmp_path / "names.csv"
    file.write_text(CSV, "utf-8")
    return file


def passages(jujube: Command) -> dict[str, int]:
    """Source -> id of its passage: another one when it was indexed again."""
    return {hit["source"][-4:]: hit["passage_id"] for hit in jujube("search", "B-200", "--json").json["hits"]}


def test_names_come_change_and_go(jujube: Command, letters: Path, csv: Path) -> None:
    before = passages(jujube)
    assert jujube("graph", "绿湖厂").status == 1
    loaded = jujube("names", csv)
    assert loaded.out == "2 names, 4 aliases; 2 of 3 documents indexed again; revision 2\n"
    assert (
        "'rw' stands for 2 names, and a mention counts for each: river works, green lake plant" in loaded.err
    )
    after = passages(jujube)
    assert {name for name in after if after[name] != before[name]} == {"a.md", "b.md"}
    found = jujube("graph", "绿湖厂", "--hops", 0, "--json").json
    assert [node["id"] for node in found["nodes"] if node["type"] == "entity"] == ["e:green lake plant"]
    mentions = {(edge["source"], edge["words"]) for edge in found["edges"]}
    assert mentions == {(f"p:{after['a.md']}", "rw"), (f"p:{after['b.md']}", "綠湖廠")}
    csv.write_text(CSV.replace(",绿湖厂,RW", ",绿湖厂"), "utf-8")
    assert jujube("names", csv, "--json").json["indexed_again"] == 1  # only RW means something else now
    assert jujube("graph", "green lake plant", "--json").json["nodes"][0]["passages"] == 1
    assert jujube("names", csv, "--json").json["indexed_again"] == 0
    assert jujube("names", "--clear", "--json").json["indexed_again"] == 2
    assert jujube("graph", "绿湖厂").status == 1
    assert jujube("verify", "--json").json["problems"] == []


def test_what_is_added_later_is_read_with_the_names(jujube: Command, csv: Path, tmp_path: Path) -> None:
    assert jujube("names", csv).out == "2 names, 4 aliases; 0 of 0 documents indexed again; revision 0\n"
    (tmp_path / "d.md").write_text("The river works are closed.", "utf-8")
    jujube("add", tmp_path / "d.md")
    assert jujube("graph", "河厂", "--json").json["entities"] == ["e:river works"]
    assert jujube("reindex").status == 0
    assert jujube("graph", "河厂", "--json").json["entities"] == ["e:river works"]


def test_names_are_shown(jujube: Command, csv: Path) -> None:
    assert jujube("names").err.startswith("no names of your own")
    jujube("names", csv)
    shown = jujube("names")
    assert shown.out == "River Works: RW, 河厂\nGreen Lake Plant: 绿湖厂, RW\n"
    assert shown.err.startswith("'rw' stands for 2 names")
    assert jujube("names", "--json").json == {
        "names": [["River Works", "RW", "河厂"], ["Green Lake Plant", "绿湖厂", "RW"]],
        "conflicts": [{"alias": "rw", "names": ["river works", "green lake plant"]}],
        "revision": 0,
    }


def test_a_list_that_cannot_be_read_changes_nothing(jujube: Command, csv: Path, tmp_path: Path) -> None:
    jujube("names", csv)
    (tmp_path / "bad.csv").write_text("Works,ok\n,alias of nothing\n", "utf-8")
    shown = jujube("names", tmp_path / "bad.csv")
    assert (shown.status, shown.out) == (1, "")
    assert "line 2: no name before the first comma" in shown.err
    assert jujube("names", tmp_path / "missing.csv").status == 1
    assert jujube("names", csv, "--clear").err == "error: either a file or --clear\n"
    assert len(jujube("names", "--json").json["names"]) == 2


def test_the_old_names_stay_when_it_is_stopped_half_way(
    jujube: Command, letters: Path, csv: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("index.corpus.prepare", stopped)
        assert jujube("names", csv).status == 130
    assert not stored_names(service.store)
    assert jujube("names", csv, "--json").json["indexed_again"] == 2


def test_a_document_is_touched_by_its_title_and_by_what_a_name_meant(
    jujube: Command, service: Service, tmp_path: Path
) -> None:
    (tmp_path / "t.jsonl").write_text('{"title": "Ｒ Ｗ news", "text": "nothing", "source": "t"}', "utf-8")
    jujube("add", tmp_path / "t.jsonl")
    old, new = parsed_names("River Works,R W"), parsed_names("Rain Water,r w\nRiver Works")
    assert len(list(documents_touched(service.store, old, new))) == 1
    assert list(documents_touched(service.store, old, old)) == []
    assert list(documents_touched(service.store, old, parsed_names("River Works,r w\nOther"))) == []
