"""The graph on the command line, over HTTP and as a page in a real browser."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import networkx as nx
import pytest

from api import graph_html
from api.schemas_graph import GraphOut, PathOut
from api.service import Service

Command = Callable[..., Any]
CHROMIUM = shutil.which("chromium")

STRANGE = "<script>document.title='attacked'</script>"
TABLE = f"""# Pumps

Model: B-200; Plant: Linhai; Note: {STRANGE}
Model: C-8; Plant: Linhai; Note: </script><!-- 😀 שלום
型号：V-77；产地：临海

The F-10 meter fits the B-200.
"""


@pytest.fixture
def pumps(tmp_path: Path, jujube: Command) -> Path:
    """A collection of one document."""
    file = tmp_path / "pumps.md"
    file.write_text(TABLE, "utf-8")
    assert jujube("add", file).status == 0
    return file


def test_an_entity_for_a_person(jujube: Command, pumps: Path) -> None:
    shown = jujube("graph", "b-200")
    assert (shown.status, shown.err) == (0, "")
    lines = shown.out.splitlines()
    assert lines[0] == "B-200 (product, in 1 passage)"
    facts = lines[lines.index("facts (1)") + 1 :]
    assert facts[:4] == [
        "  Plant -> Linhai",
        f"  Note -> {STRANGE}",
        f'    "Model: B-200; Plant: Linhai; Note: {STRANGE}"',
        f"    {pumps}",
    ]
    assert "  F-10 (product), 1 together" in lines


def test_a_way_for_a_person(jujube: Command, pumps: Path) -> None:
    shown = jujube("graph", "--path", "F-10", "Linhai")
    first, words, place = shown.out.splitlines()
    assert first == "1. F-10 and Linhai are named together"
    assert words.startswith('   "Model: C-8; Plant: Linhai; Note: </script><!-- 😀 שלום')
    assert words.endswith('The F-10 meter fits the B-200."')
    assert place == f"   {pumps}"
    assert shown.status == 0
    same = jujube("graph", "--path", "B-200", "b-200")
    assert same.out == "B-200: both names mean the same entity\n"


def test_http_and_the_command_line_say_the_same(
    jujube: Command, pumps: Path, service: Service, serving: Any
) -> None:
    with serving(service) as http:
        sent = http.get("/v1/graph", params={"entity": ["B-200", "V-77"], "hops": 2, "limit": 50})
        assert sent.status_code == 200
        assert jujube("graph", "B-200", "V-77", "--hops", 2, "--limit", 50, "--json").json == sent.json()
        assert GraphOut.model_validate(sent.json()).entities == ["e:b-200", "e:v-77"]
        way = http.get("/v1/graph/path", params={"from": "F-10", "to": "V-77"})
        assert jujube("graph", "--path", "F-10", "V-77", "--json").json == way.json()
        [step] = PathOut.model_validate(way.json()).steps
        document = http.get(f"/v1/documents/{step.document_id}").json()["text"]
        assert document[step.start : step.end] == step.words


def test_a_name_that_is_not_there(jujube: Command, pumps: Path, service: Service, serving: Any) -> None:
    shown = jujube("graph", "B-20")
    assert (shown.status, shown.out) == (1, "")
    assert shown.err == "error: no entity 'B-20' in this collection; the nearest: B-200\n"
    with serving(service) as http:
        for path, query in (("/v1/graph", {"entity": "B-20"}), ("/v1/graph.html", {"entity": "B-20"}),
                            ("/v1/graph/path", {"from": "C-8", "to": "B-20"})):  # fmt: skip
            answer = http.get(path, params=query)
            assert answer.status_code == 404
            assert answer.json()["error"]["code"] == "not_found"
            assert answer.json()["error"]["message"].endswith("the nearest: B-200")
    assert jujube("graph", "linh").err.endswith("the nearest: Linhai\n")
    for nonsense in ("???", '"', "😀😀", "x" * 900, "' OR 1=1"):
        assert "no entity" in jujube("graph", nonsense).err


def test_a_name_is_meant_whatever_stands_between_its_letters(jujube: Command, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "《MA-B200-EN》 is the manual of the B-200. The F-10 and the F 10.", "utf-8"
    )
    jujube("add", tmp_path / "a.md")
    for written in ("B200", "b 200", "B.200", "B_200"):
        assert jujube("graph", written, "--json").json["entities"] == ["e:b-200"], written


def test_a_name_that_holds_only_some_words_is_meant_when_no_other_does(
    jujube: Command, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text("See 《Blue Pump Manual》 and 《Red Pump Manual》.", "utf-8")
    jujube("add", tmp_path / "a.md")
    assert jujube("graph", "manual blue", "--json").json["entities"] == ["e:blue pump manual"]
    assert "the nearest: Red Pump Manual, Blue Pump Manual" in jujube("graph", "pump manual").err


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({}, "query.entity"),
        ({"entity": ""}, "query.entity.0"),
        ({"entity": "B-200", "hops": 99}, "query.hops"),
        ({"entity": "B-200", "hops": -1}, "query.hops"),
        ({"entity": "B-200", "limit": 0}, "query.limit"),
        ({"entity": "B-200", "limit": "many"}, "query.limit"),
    ],
)
def test_what_http_refuses(http: httpx.Client, query: dict[str, Any], place: str) -> None:
    answer = http.get("/v1/graph", params=query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
    assert answer.json()["error"]["message"].startswith(place)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "name an entity"),
        (("B-200", "--hops", 99), "hops: Input should be less than or equal to 6"),
        (("B-200", "--limit", 0), "limit: Input should be greater than or equal to 1"),
        (("B-200", "--path", "B-200", "C-8"), "--path takes two entities"),
        (("--export", "a.png"), "cannot write a.png: name it .graphml, .json or .html"),
        (("B-200",), "the collection is empty"),
        (("--export", "a.html"), "the collection is empty"),
    ],
)
def test_what_the_command_line_refuses(jujube: Command, arguments: tuple[object, ...], reason: str) -> None:
    shown = jujube("graph", *arguments)
    assert (shown.status, shown.out) == (1, "")
    assert reason in shown.err


def test_nothing_joins_two_names(jujube: Command, pumps: Path, tmp_path: Path) -> None:
    (tmp_path / "z.md").write_text("《Zebra》", "utf-8")
    jujube("add", tmp_path / "z.md")
    shown = jujube("graph", "--path", "B-200", "zebra")
    assert (shown.status, shown.out) == (1, "")
    assert "nothing joins 'B-200' and 'zebra'" in shown.err


def test_no_hop_is_the_entity_and_where_it_stands(jujube: Command, pumps: Path) -> None:
    found = jujube("graph", "B-200", "--hops", 0, "--json").json
    assert [node["id"] for node in found["nodes"]] == ["e:b-200", "p:1"]


def test_the_limit_is_told(jujube: Command, pumps: Path) -> None:
    shown = jujube("graph", "B-200", "--limit", 3)
    assert re.fullmatch(r"within reach, but over the limit: \d+ names; --limit .*\n", shown.err)


# -- exports -----------------------------------------------------------------------------------------------


def test_exports_read_back(jujube: Command, pumps: Path, tmp_path: Path) -> None:
    whole = jujube("graph", "--export", tmp_path / "out" / "all.graphml", "--json").json
    graphml = nx.read_graphml(tmp_path / "out" / "all.graphml", force_multigraph=True)
    assert (graphml.order(), graphml.size()) == (len(whole["nodes"]), len(whole["edges"]))
    assert {d.get("relation") for _, _, d in graphml.edges(data=True)} >= {"Plant", "产地"}
    assert jujube("graph", "B-200", "--export", tmp_path / "b.json").out == ""
    data = json.loads((tmp_path / "b.json").read_text("utf-8"))
    assert "e:b-200" in nx.node_link_graph(data, edges="edges")
    jujube("graph", "--path", "B-200", "C-8", "--export", tmp_path / "p.json")
    assert len(json.loads((tmp_path / "p.json").read_text("utf-8"))["graph"]["steps"]) > 0
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["b.json", "p.json", "pumps.md"]


def test_an_export_that_cannot_be_written_leaves_what_was_there(
    jujube: Command, pumps: Path, tmp_path: Path
) -> None:
    (tmp_path / "folder.json").mkdir()
    shown = jujube("graph", "B-200", "--export", tmp_path / "folder.json")
    assert shown.status == 1
    assert f"cannot write {tmp_path / 'folder.json'}" in shown.err
    assert "cannot write" in jujube("graph", "B-200", "--export", pumps / "a.json").err
    assert not list(tmp_path.glob("*.part"))


class Page(HTMLParser):
    """The scripts of a page, as a browser cuts them, and every address that it would load from."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.loads: list[str] = []
        self._open = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag == "script"
        if self._open:
            self.scripts.append((dict(attrs), ""))
        self.loads += [str(value) for name, value in attrs if name in ("src", "href", "action")]

    def handle_data(self, data: str) -> None:
        if self._open:
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        self._open = False


def test_the_page_runs_its_own_scripts_and_no_other(
    jujube: Command, pumps: Path, service: Service, serving: Any
) -> None:
    with serving(service) as http:
        answer = http.get("/v1/graph.html", params={"entity": "B-200"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(answer.text)
    data, *scripts = page.scripts
    assert data[0] == {"type": "application/json", "id": "data"}
    names = {node.get("name") for node in json.loads(data[1])["nodes"]}
    assert {"B-200", STRANGE, "</script><!-- 😀 שלום"} <= names
    assert len(scripts) == 3
    policy = re.search(r"script-src ([^;]+);", answer.text)
    assert policy is not None
    assert policy[1].split() == [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for _, text in scripts
    ]
    assert page.loads == []
    assert STRANGE not in answer.text


def test_the_library_comes_with_its_licence() -> None:
    folder = Path(graph_html.__file__).parent / "static"
    version = re.search(r'version="(\d+\.\d+\.\d+)"', (folder / "cytoscape.min.js").read_text("utf-8"))
    decision = next((Path(__file__).parents[2] / "docs" / "decisions").glob("0009-*.md")).read_text("utf-8")
    assert version is not None
    assert f"cytoscape {version[1]}" in decision
    assert "Permission is hereby granted" in (folder / "cytoscape.LICENSE").read_text("utf-8")


PROBE = """<script>
window.addEventListener("load", () => setTimeout(() => {
  const box = document.getElementById("search");
  box.value = "linh";
  box.dispatchEvent(new Event("input"));
  const offered = document.getElementById("found").innerText;
  box.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter"}));
  const chosen = document.getElementById("panel").innerText;
  const line = drawing.edges(".fact").filter((edge) => edge.data("target") === "e:linhai")[0];
  line.emit("tap");
  const words = document.getElementById("panel").innerText;
  const places = drawing.nodes().map((node) => node.position());
  const seen = {ready: document.body.dataset.ready, title: document.title, offered, chosen, words,
    nodes: drawing.nodes().length, apart: new Set(places.map((p) => p.x + "," + p.y)).size};
  document.body.replaceChildren();
  document.body.textContent = "SEEN" + JSON.stringify(seen) + "SEEN";
}, 300));
</script>"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
def test_the_page_in_a_browser(jujube: Command, pumps: Path, tmp_path: Path) -> None:
    jujube("graph", "B-200", "--export", tmp_path / "b.html")
    page = (tmp_path / "b.html").read_text("utf-8")
    # The probe is a script of the test's own: its hash joins those that the policy lets run.
    own = base64.b64encode(hashlib.sha256(PROBE[8:-9].encode()).digest()).decode()
    probed = page.replace("script-src ", f"script-src 'sha256-{own}' ").replace("</body>", PROBE + "</body>")
    (tmp_path / "probed.html").write_text(probed, "utf-8")
    out = subprocess.run(
        [
            *(
                str(CHROMIUM),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
            ),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            *(f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=20000", "--lang=en-GB"),
            *("--dump-dom", (tmp_path / "probed.html").as_uri()),
        ],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    ).stdout
    found = re.search(r"SEEN(.*)SEEN", out, re.DOTALL)
    assert found is not None, out[-2000:]
    seen = json.loads(html.unescape(found[1]))
    assert seen["ready"] == "yes"
    assert seen["title"] == "default: the graph"  # and not what the document's script would make it
    assert "Linhai" in seen["offered"]
    assert "Plant" in seen["chosen"]
    assert f"Model: B-200; Plant: Linhai; Note: {STRANGE}" in seen["words"]
    assert seen["nodes"] == seen["apart"] == len(json.loads(Page(page).scripts[0][1])["nodes"])
