"""The graph as networkx graphs, against collections small enough to be drawn by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import network
from index.corpus import Corpus
from index.extract import Extraction
from index.graph import KnowledgeGraph
from index.language import entity_key
from index.neighbours import nearest_keys
from index.store import Store
from index.types import Alias, Document, Fact, Mention

Add = Callable[..., Document]
Graph = KnowledgeGraph


class Marked:
    """An extractor of texts in which the names are marked.

    `[Acme]` is a mention, `[Acme] {makes} [B-200]` a fact, `[Acme Corporation] {=} [Acme]` another name.
    """

    def extract(
        self, texts: Sequence[str], topics: Sequence[str] = (), given: Sequence[Sequence[Mention]] = ()
    ) -> list[Extraction]:
        return [self._extract(text) for text in texts]

    def _extract(self, text: str) -> Extraction:
        names = [*re.finditer(r"\[([^\]]+)\]", text)]
        facts: list[Fact] = []
        aliases: list[Alias] = []
        for one, other in pairwise(names):
            said = re.fullmatch(r" \{(.+)\} ", text[one.end() : other.start()])
            ends = entity_key(one[1]), entity_key(other[1])
            if said and said[1] == "=":
                aliases.append(Alias(ends[1], ends[0], one.start(), other.end()))
            elif said:
                facts.append(Fact(ends[0], said[1], ends[1], 0, one.start(), other.end()))
        mentions = tuple(Mention(entity_key(m[1]), "ORG", m[1], m.start(1), m.end(1)) for m in names)
        return Extraction(mentions, tuple(facts), tuple(aliases))


@pytest.fixture
def graph(store: Store) -> Graph:
    return KnowledgeGraph(store)


@pytest.fixture
def add(store: Store, make_embedder: type, make_document: Callable[..., Document]) -> Add:
    corpus = Corpus(store, make_embedder(), Marked(), lambda text: len(text.split()))

    def added(text: str, source: str = "a.md", title: str = "") -> Document:
        document = make_document(text, source, title)
        corpus.add([document])
        return document

    return added


def edges(made: nx.MultiDiGraph, kind: str) -> Iterator[tuple[str, str, dict[str, object]]]:
    return ((u, v, data) for u, v, data in made.edges(data=True) if data["type"] == kind)


def entities(made: nx.MultiDiGraph) -> dict[str, int]:
    """key -> steps."""
    return {d["key"]: d["steps"] for _, d in made.nodes(data=True) if d["type"] == "entity"}


TEXT = "The [Acme] plant. [Acme] {makes} [B-200] in 杭州. It is [Acme] {=} [AC] there."


def test_the_part_around_an_entity_value_by_value(graph: Graph, add: Add) -> None:
    document = add(TEXT, "dir/a.md", "Works")
    made = network.around(graph, ["acme"])
    entity = {"type": "entity", "steps": 1, "kind": "ORG", "passages": 1}
    assert dict(made.nodes(data=True)) == {
        "e:acme": entity | {"key": "acme", "name": "Acme", "steps": 0},
        "e:b-200": entity | {"key": "b-200", "name": "B-200"},
        "e:ac": entity | {"key": "ac", "name": "AC", "steps": 0, "passages": 0},  # mentions are Acme's
        "e:works": entity | {"key": "works", "name": "Works", "kind": "TITLE"},
        "p:1": {
            "type": "passage",
            "steps": 1,
            "passage_id": 1,
            "document_id": document.id,
            "source": "dir/a.md",
            "title": "Works",
            "heading": "",
            "page": None,
            "start": 0,
            "end": len(TEXT),
            "words": TEXT,
        },
    }
    [(subject, target, fact)] = edges(made, "fact")
    assert (subject, target, fact["relation"], fact["words"]) == (
        "e:acme",
        "e:b-200",
        "makes",
        "[Acme] {makes} [B-200]",
    )
    assert (fact["passage_id"], fact["document_id"], fact["place"]) == (1, document.id, "dir/a.md")
    [(alias, entity, said)] = edges(made, "alias")
    assert (alias, entity, said["words"]) == ("e:ac", "e:acme", "[Acme] {=} [AC]")
    mentions = sorted((d["start"], v, d["words"]) for _, v, d in edges(made, "mention"))
    assert mentions == [
        (0, "e:works", "Works"),
        (5, "e:acme", "Acme"),
        (19, "e:acme", "Acme"),
        (34, "e:b-200", "B-200"),
        (55, "e:acme", "Acme"),
        (66, "e:acme", "AC"),
    ]
    assert made.graph == {
        "revision": 1,
        "entities": ["e:acme"],
        "left_out": {"entities": 0, "passages": 0, "facts": 0},
    }


def test_every_edge_names_the_words_that_say_so(graph: Graph, add: Add) -> None:
    texts = {d.id: d.text for d in (add(TEXT, "a.md"), add("[B-200] {为} [杭州]。\n\n" + TEXT, "b.md"))}
    said = [*network.whole(graph).edges(data=True)]
    assert len(said) == 17
    for _, _, data in said:
        assert texts[data["document_id"]][data["start"] : data["end"]] == data["words"]


@pytest.mark.parametrize(
    ("hops", "found"),
    [
        (0, {"a1": 0}),
        (1, {"a1": 0, "b1": 1}),
        (2, {"a1": 0, "b1": 1, "c1": 2, "d1": 2}),
        (3, {"a1": 0, "b1": 1, "c1": 2, "d1": 2}),
        (99, {"a1": 0, "b1": 1, "c1": 2, "d1": 2}),
    ],
)
def test_a_hop_is_a_fact_or_a_shared_passage_and_another_name_is_none(
    graph: Graph, add: Add, hops: int, found: dict[str, int]
) -> None:
    for number, text in enumerate(["[A1] {is by} [B1].", "[B1] and [C1].", "[C1] {=} [D1]."]):
        add(text, f"{number}.md")
    made = network.around(graph, ["a1"], hops)
    assert entities(made) == found
    assert sum(d["type"] == "passage" for _, d in made.nodes(data=True)) == max(hops, 1) if hops < 4 else 3


@pytest.mark.parametrize("limit", [1, 2, 7, 20])
def test_an_entity_in_every_passage_stays_within_the_limit(graph: Graph, add: Add, limit: int) -> None:
    for number in range(30):
        add(f"[Hub] and [N{number}].", f"{number}.md")
    add("[Hub] {makes} [B-200].", "z.md")
    made = network.around(graph, ["hub"], 1, limit)
    kinds = [d["type"] for _, d in made.nodes(data=True)]
    assert len(kinds) == limit
    assert made.graph["left_out"]["passages"] == 31 - kinds.count("passage")
    assert made.nodes["e:hub"]["passages"] == 31
    if limit > 2:  # what says something of it comes first
        assert ("e:hub", "e:b-200") in made.edges()
    seen = len(entities(made)) - 1 + made.graph["left_out"]["entities"]
    assert seen >= kinds.count("passage")  # each passage names one more


def test_many_facts_between_two_entities_are_counted_not_drawn(graph: Graph, add: Add) -> None:
    add(" ".join(f"[A] {{r{i}}} [B]." for i in range(60)))
    made = network.around(graph, ["a"], 1, 4)
    assert sum(1 for _ in edges(made, "fact")) == 40
    assert made.graph["left_out"]["facts"] == 20


def test_the_whole_and_its_outline(graph: Graph, add: Add) -> None:
    add("[A] {r} [B]. [A] {s} [C].", "a.md")
    add("[A] and [D].", "b.md")
    assert set(entities(network.whole(graph))) == {"a", "b", "c", "d"}
    outline = network.whole(graph, 3)
    assert (len(outline), set(entities(outline))) == (3, {"a", "b"})
    assert outline.graph["left_out"] == {"entities": 2, "passages": 1, "facts": 0}


def test_an_empty_collection(graph: Graph) -> None:
    assert len(network.whole(graph)) == len(network.around(graph, ["a"])) == 0
    assert network.path(graph, "a", "b") is None
    assert nx.read_graphml(BytesIO(network.graphml(network.whole(graph)))).order() == 0


# -- ways ------------------------------------------------------------------------------------------------


def told(made: nx.MultiDiGraph) -> list[tuple[str, str, str, str]]:
    return [(s["source"][2:], s["by"], s["relation"], s["target"][2:]) for s in made.graph["steps"]]


def test_a_way_over_a_fact_a_sentence_and_another_name(graph: Graph, add: Add) -> None:
    for number, text in enumerate(["[B1] {is by} [A1].", "Both [B1] and [C1]. Else.", "[C1] {=} [D1]."]):
        add(text, f"{number}.md")
    made = network.path(graph, "a1", "d1")
    assert told(made) == [
        ("a1", "fact", "is by", "b1"),
        ("b1", "passage", "", "c1"),
        ("c1", "alias", "", "d1"),
    ]
    steps = made.graph["steps"]
    assert [step["words"] for step in steps] == ["[B1] {is by} [A1]", "Both [B1] and [C1].", "[C1] {=} [D1]"]
    assert [step["backwards"] for step in steps] == [True, False, True]
    assert [step["place"] for step in steps] == ["0.md", "1.md", "2.md"]
    assert entities(made) == {"a1": 0, "b1": 1, "c1": 2, "d1": 3}


def test_of_two_ways_as_long_the_one_that_is_said_and_not_around_the_hub(graph: Graph, add: Add) -> None:
    add("[A1] is here. [Hub] is there. And [E1].", "a.md")
    add("[A1] with [Mid]. [Mid] {r} [E1].", "b.md")
    for number in range(20):
        add(f"[Hub] and [N{number}].", f"{number}.md")
    assert told(network.path(graph, "n1", "a1")) == [
        ("n1", "passage", "", "hub"),
        ("hub", "passage", "", "a1"),
    ]
    add("[A1] is far. Very far. [F1] is near.", "c.md")
    add("[F1] so far. [Mid2].", "d.md")
    add("[A1] with [G1].", "e.md")
    add("[G1] with [Mid2].", "f.md")
    assert [step[3] for step in told(network.path(graph, "a1", "mid2"))] == ["g1", "mid2"]


def test_a_step_within_a_passage_is_told_by_the_sentences_from_one_name_to_the_other(
    graph: Graph, add: Add
) -> None:
    text = "First. [A1] is here. Then this. [B1] is there. Last."
    add(text, title="T1")
    [step] = network.path(graph, "a1", "b1").graph["steps"]
    assert step["words"] == "[A1] is here. Then this. [B1] is there."
    [step] = network.path(graph, "t1", "b1").graph["steps"]
    assert step["words"] == "[B1] is there."


def test_no_way_and_no_way_within_what_may_be_read(graph: Graph, add: Add) -> None:
    for number in range(12):
        add(f"[X{number}] and [X{number + 1}].", f"{number}.md")
    add("[Y1] alone.", "y.md")
    assert network.path(graph, "x0", "y1") is None
    assert network.path(graph, "x0", "nobody") is None
    assert len(network.path(graph, "x0", "x12").graph["steps"]) == 12
    assert network.path(graph, "x0", "x12", limit=4) is None
    assert network.path(graph, "x0", "x0").graph["steps"] == []


def test_two_hubs_are_joined_however_many_passages_name_them(graph: Graph, add: Add) -> None:
    for number in range(220):
        add(f"[H1] and [A{number}].\n\n[H2] and [B{number}].", f"{number}.md")
    add("[H1] with [H2].", "z.md")
    assert told(network.path(graph, "h1", "h2")) == [("h1", "passage", "", "h2")]


@settings(max_examples=40)
@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=3), min_size=1, max_size=12))
def test_a_way_has_as_few_steps_as_networkx_finds_in_the_whole(
    tmp_path_factory: pytest.TempPathFactory, make_embedder: type, passages: list[list[int]]
) -> None:
    store = Store(tmp_path_factory.mktemp("ways") / "a.sqlite")
    corpus = Corpus(store, make_embedder(), Marked(), lambda text: len(text.split()))
    corpus.add(
        Document(f"{i}", "", " ".join(f"[N{n}]" for n in names), f"{i}") for i, names in enumerate(passages)
    )
    graph = KnowledgeGraph(store)
    both_ways = nx.Graph(network.whole(graph))
    for other in range(1, 10):
        made = network.path(graph, "n0", f"n{other}")
        known = {"e:n0", f"e:n{other}"} <= set(both_ways)
        if known and nx.has_path(both_ways, "e:n0", f"e:n{other}"):
            # Two edges of the whole, to a passage and on, are one step.
            assert 2 * len(made.graph["steps"]) == nx.shortest_path_length(both_ways, "e:n0", f"e:n{other}")
        else:
            assert made is None
    store.close()


# -- exports and names -------------------------------------------------------------------------------------


STRANGE = 'He said "[O\'Neil & Söhne]" {<script>alert(1)</script>} [😀 شركة] \ufffe [<!-- ]'


def test_graphml_reads_back_as_it_was(graph: Graph, add: Add, tmp_path: Path) -> None:
    add(TEXT)
    add('[Söhne & "Co"] {<b>} [😀 شركة \ufffe].', "b.md")
    made = network.around(graph, ["acme", 'söhne & "co'], 2)
    file = tmp_path / "a.graphml"
    file.write_bytes(network.graphml(made))
    back = nx.read_graphml(file, force_multigraph=True)
    assert back.order() == made.order()
    assert back.size() == made.size()
    assert {d.get("relation") for _, _, d in back.edges(data=True)} == {None, "makes", "<b>"}
    names = {d.get("name") for _, d in back.nodes(data=True)}
    assert {"Acme", 'Söhne & "Co"', "😀 شركة \ufffd"} <= names  # XML has no U+FFFE
    assert json.loads(back.graph["left_out"]) == made.graph["left_out"]


def test_node_link_data_reads_back_as_it_was(graph: Graph, add: Add) -> None:
    add(TEXT)
    add(STRANGE, "b.md")
    made = network.whole(graph)
    data = json.loads(json.dumps(network.node_link(made)))
    back = nx.node_link_graph(data, edges="edges")
    assert nx.utils.graphs_equal(back, made)


def test_names_that_are_nearly_right(graph: Graph, add: Add, store: Store) -> None:
    add("[Lin Yue] and [Linhai Plant] and [Zaolin Instruments] and [林悦] and [清河工厂].")
    with store.read() as db:
        assert nearest_keys(db, "Lin Yeu", 2) == ["lin yue", "linhai plant"]
        assert nearest_keys(db, "zaolin instrument", 1) == ["zaolin instruments"]
        assert nearest_keys(db, "清河厂", 1) == ["清河工厂"]
        assert nearest_keys(db, "王悦", 1) == ["林悦"]
        assert nearest_keys(db, "???", 5) == nearest_keys(db, "", 5) == []
        assert nearest_keys(db, 'x" *', 5) == []
