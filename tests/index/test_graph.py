"""The graph: PageRank against a dense solve, deltas against building anew, removal, and the walk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.corpus import Corpus
from index.embed import unit_rows
from index.graph import Bridge, KnowledgeGraph, WalkOptions
from index.rows import Delta
from index.store import Store
from index.types import Document, Fact

DIM = 16
NAMES = ["acme", "li ming", "杭州", "b-200", "linhai plant", "枣园"]


@dataclass(frozen=True)
class Page:
    """A passage of sentences ten characters long, each with the entities it names."""

    sentences: Sequence[Sequence[str]]
    titles: Sequence[str] = ()
    facts: Sequence[tuple[str, str, str]] = field(default=())


def row(passage_id: int, number: int) -> np.ndarray:
    return unit_rows(np.random.default_rng([passage_id, number]).standard_normal((1, DIM)))[0]


def delta(revision: int, pages: dict[int, Page], removed: Sequence[int] = ()) -> Delta:
    """What the store would tell of these passages."""
    places = [(i, 10 * n, 10 * n + 10) for i, page in pages.items() for n in range(len(page.sentences))]
    return Delta(
        revision=revision,
        removed=np.array(removed, np.int64),
        passages=np.array(list(pages), np.int64),
        vectors=np.array([row(i, 99) for i in pages], np.float32).reshape(-1, DIM),
        sentences=places,
        sentence_vectors=np.array([row(i, at // 10) for i, at, _ in places], np.float32).reshape(-1, DIM),
        mentions=[
            *((i, name, "TITLE", 0, 0) for i, page in pages.items() for name in page.titles),
            *(
                (i, name, "OTHER", 10 * n + at, 10 * n + at + 2)
                for i, page in pages.items()
                for n, names in enumerate(page.sentences)
                for at, name in enumerate(names)
            ),
        ],
        facts=[(i, s, r, o, 0, 10) for i, page in pages.items() for s, r, o in page.facts],
    )


def built(pages: dict[int, Page]) -> KnowledgeGraph:
    graph = KnowledgeGraph()
    graph.apply(delta(1, pages))
    return graph


def state(graph: KnowledgeGraph, known: dict[int, Page]) -> object:
    """All that can be asked of a graph."""
    names = [name for name in NAMES if name in graph]
    return (
        {(a, b, key): data for a, b, key, data in graph.network.edges(keys=True, data=True)},
        len(graph),
        {name: (graph.frequency(name), sorted(graph.passages_of(name))) for name in names},
        {word: graph.entities_with(word) for name in NAMES for word in name.split()},
        sorted(map(str, graph.facts(known, NAMES))),
    )


SENTENCES = st.lists(st.lists(st.sampled_from(NAMES), max_size=3), min_size=1, max_size=3)
PAGES = st.builds(
    lambda sentences, titles: Page(
        sentences,
        titles,
        [(names[0], "sells", names[-1]) for names in sentences if len(names) > 1 and names[0] != names[-1]],
    ),
    SENTENCES,
    st.lists(st.sampled_from(NAMES), max_size=1),
)
STEPS = st.lists(st.tuples(st.lists(PAGES, max_size=3), st.sets(st.integers(1, 12), max_size=3)), max_size=6)


@settings(max_examples=60)
@given(STEPS)
def test_a_graph_that_followed_equals_one_built_anew(steps: list[tuple[list[Page], set[int]]]) -> None:
    graph = KnowledgeGraph()
    held: dict[int, Page] = {}
    used = 0
    for revision, (new, removed) in enumerate(steps, 1):
        gone = [i for i in removed if i <= used]
        pages = {used + n: page for n, page in enumerate(new, 1)}
        used += len(new)
        graph.apply(delta(revision, pages, gone))
        held = {i: page for i, page in (held | pages).items() if i not in gone}
        fresh = built(held)
        assert state(graph, held) == state(fresh, held)
        assert graph.edges() == fresh.edges()
        assert set(graph.network) == set(fresh.network)
    fresh = built(held)
    for name in NAMES:
        ours, theirs = (g.walk({name: 1.0}, row(0, 0), [], WalkOptions()) for g in (graph, fresh))
        assert dict(ours.passages) == pytest.approx(dict(theirs.passages), rel=1e-4)
        assert {replace(b, score=0) for b in ours.bridges.values()} == {
            replace(b, score=0) for b in theirs.bridges.values()
        }


def solve(graph: KnowledgeGraph, restart: dict[object, float], damping: float) -> dict[object, float]:
    """Personalised PageRank as one dense system: r = (1 - d) p + d F r."""
    nodes = list(graph.network)
    place = {node: i for i, node in enumerate(nodes)}
    weights = np.zeros((len(nodes), len(nodes)))
    for passage, entity, count in graph.network.edges(data="count"):
        if count:
            total = sum(c for _, _, c in graph.network.out_edges(passage, data="count") if c)
            weights[place[passage], place[entity]] = weights[place[entity], place[passage]] = count / total
    flow = np.zeros_like(weights)
    for i, out in enumerate(weights.sum(axis=1)):
        if out:
            flow[:, i] = weights[i] / out
    p = np.zeros(len(nodes))
    for node, weight in restart.items():
        p[place[node]] = weight
    ranks = np.linalg.solve(np.eye(len(nodes)) - damping * flow, (1 - damping) * p / p.sum())
    return dict(zip(nodes, ranks.tolist(), strict=True))


EXAMPLE = {
    1: Page([["acme", "li ming"], ["acme"]], ["acme"]),
    2: Page([["li ming", "杭州"]], facts=[("li ming", "lives in", "杭州")]),
    3: Page([["杭州", "linhai plant"], []]),
    4: Page([["b-200"]]),
    5: Page([[]]),
}
ONLY_SEEDS = WalkOptions(rounds=0, iterations=200)


@pytest.mark.parametrize("damping", [0.5, 0.7, 0.85])
def test_pagerank_equals_the_dense_solution(damping: float) -> None:
    graph = built(EXAMPLE)
    options = WalkOptions(rounds=0, damping=damping, iterations=200)
    walk = graph.walk({"acme": 1.0, "杭州": 0.5}, row(0, 0), [(5, 0.8), (2, 0.4)], options)
    restart = {"acme": 1.0 / 1, "杭州": 0.5 / 2, 5: 0.05 * 0.8, 2: 0.05 * 0.4}
    expected = solve(graph, restart, damping)
    ranked = sorted((i for i in EXAMPLE if expected[i] > 0), key=lambda i: -expected[i])
    assert [i for i, _ in walk.passages] == ranked
    assert dict(walk.passages) == pytest.approx({i: expected[i] for i in ranked}, rel=1e-9)


def test_the_usual_number_of_iterations_is_near_enough() -> None:
    walks = [
        dict(built(EXAMPLE).walk({"acme": 1.0}, row(0, 0), [(5, 0.8)], options).passages)
        for options in (WalkOptions(rounds=0), ONLY_SEEDS)
    ]
    assert walks[0] == pytest.approx(walks[1], abs=1e-3)


def test_pagerank_agrees_with_networkx_on_a_graph_without_dead_ends() -> None:
    graph = built({i: page for i, page in EXAMPLE.items() if i < 4})
    simple = nx.Graph()
    for passage, entity, count in graph.network.edges(data="count"):
        if count:
            total = sum(c for _, _, c in graph.network.out_edges(passage, data="count") if c)
            simple.add_edge(passage, entity, weight=count / total)
    ranks = nx.pagerank(simple, 0.7, {"acme": 1.0}, tol=1e-12, weight="weight")
    walk = graph.walk({"acme": 1.0}, row(0, 0), [], ONLY_SEEDS)
    assert dict(walk.passages) == pytest.approx({i: ranks[i] for i in (1, 2, 3)}, abs=1e-8)


def test_a_removed_passage_takes_what_is_its_own_and_nothing_else() -> None:
    graph = built(EXAMPLE)
    assert graph.facts([2], ["杭州"]) == [Fact("li ming", "lives in", "杭州", 2, 0, 10)]
    graph.apply(delta(2, {}, [2]))
    assert graph.facts([1, 2, 3], NAMES) == []
    assert graph.passages_of("li ming") == [1]
    assert graph.passages_of("杭州") == [3]
    graph.apply(delta(3, {}, [3]))
    assert "杭州" not in graph
    assert "linhai plant" not in graph
    assert graph.entities_with("plant") == set()
    assert graph.passages_of("linhai plant") == []
    assert graph.frequency("linhai plant") == 0
    assert {"acme", "li ming", "b-200"} == {name for name in NAMES if name in graph}
    graph.apply(delta(4, {}, [1, 4, 5]))
    assert (len(graph), graph.edges(), list(graph.network)) == (0, set(), [])


def test_removing_what_is_not_there_changes_nothing() -> None:
    graph = built(EXAMPLE)
    before = state(graph, EXAMPLE)
    graph.apply(delta(2, {}, [77]))
    assert state(graph, EXAMPLE) == before


def test_an_empty_graph_can_be_asked() -> None:
    graph = KnowledgeGraph()
    assert graph.walk({"acme": 1.0}, row(0, 0), [], WalkOptions()).passages == []
    assert (graph.frequency("acme"), graph.passages_of("acme"), graph.facts([1], ["acme"])) == (0, [], [])
    assert graph.entities_with("acme") == set()


def test_the_walk_reaches_a_passage_two_hops_away_through_a_shared_sentence() -> None:
    graph = built(EXAMPLE)
    question = row(2, 0)  # as if the question were passage 2's sentence about li ming and 杭州
    walk = graph.walk({"li ming": 1.0}, question, [], WalkOptions())
    bridge = walk.bridges["杭州"]
    assert (bridge.by, bridge.passage_id, bridge.start, bridge.end) == ("li ming", 2, 0, 10)
    assert bridge.score == pytest.approx(1, abs=1e-5)
    assert walk.bridges["li ming"] == Bridge("li ming", "")
    scores = dict(walk.passages)
    assert scores[3] > 0.05  # names 杭州, and nothing that the question names
    assert 4 not in scores
    alone = dict(graph.walk({"li ming": 1.0}, question, [], WalkOptions(rounds=0)).passages)
    assert scores[3] > 1.5 * alone[3]


def test_the_walk_needs_a_seed_that_is_in_the_graph() -> None:
    walk = built(EXAMPLE).walk({"nobody": 1.0}, row(2, 0), [(1, 1.0)], WalkOptions())
    assert (walk.passages, walk.bridges) == ([], {})


def test_activation_stops_below_the_threshold() -> None:
    graph = built(EXAMPLE)
    question = row(2, 0)
    assert set(graph.walk({"li ming": 1.0}, question, [], WalkOptions(threshold=1.01)).bridges) == {"li ming"}
    assert set(graph.walk({"li ming": 0.1}, question, [], WalkOptions()).bridges) == {"li ming"}


def test_a_title_is_tied_to_every_sentence_below_it_and_counts_twice() -> None:
    graph = built({1: Page([["b-200"], ["杭州"]], ["acme"])})
    walk = graph.walk({"acme": 1.0}, row(1, 1), [], WalkOptions(threshold=-1.0))
    assert {entity: bridge.by for entity, bridge in walk.bridges.items()} == {
        "acme": "",
        "b-200": "acme",
        "杭州": "acme",
    }
    assert graph.network.edges[1, "acme", "mention"]["count"] == 2
    assert graph.network.edges[1, "b-200", "mention"]["count"] == 1


NUMBER_ROW = Page([[]], facts=[("b-200", "Founded", "2009")])
"""A table row: its value is the object of a fact, and no mention."""


def test_a_fact_stays_when_another_passage_that_names_its_object_goes() -> None:
    graph = built({1: Page([["2009"]]), 2: NUMBER_ROW})
    graph.apply(delta(2, {}, [1]))
    assert graph.edges() == built({2: NUMBER_ROW}).edges()
    assert graph.facts([2], ["b-200"]) == [Fact("b-200", "Founded", "2009", 2, 0, 10)]


def test_the_ends_of_a_removed_fact_go_with_it() -> None:
    graph = built({1: Page([["acme"]]), 2: NUMBER_ROW})
    graph.apply(delta(2, {}, [2]))
    assert set(graph.network) == {1, "acme"}


def test_a_fact_said_twice_names_both_places() -> None:
    graph = KnowledgeGraph()
    twice = delta(1, {1: Page([["acme", "杭州"], ["acme", "杭州"]])})
    twice.facts.extend([(1, "acme", "is in", "杭州", 0, 10), (1, "acme", "is in", "杭州", 10, 20)])
    graph.apply(twice)
    assert [(fact.start, fact.end) for fact in graph.facts([1], ["acme"])] == [(0, 10), (10, 20)]


def test_replacing_a_document_for_ever_does_not_grow_the_sentences() -> None:
    graph = KnowledgeGraph()
    for i in range(1, 500):
        graph.apply(delta(i, {i: EXAMPLE[1]}, [i - 1]))
    assert len(graph._sentences.places) < 300


TEXT = """# 枣园科技
枣园科技的水泵型号是B-200，说明书是《水泵手册》。 The valve V-77 fits it.

## Prices
型号：V-77；产地：杭州
Model: B-200; Plant: Linhai; Price: 308
These prices hold until the end of the year, whatever anybody else may say about them."""


def test_every_edge_names_a_passage_and_the_words_that_say_so(
    store: Store, corpus: Corpus, make_document: Callable[..., Document]
) -> None:
    document = make_document(TEXT, title="Catalogue")
    corpus.add([document])
    with corpus.views() as views:
        network = views.graph.network
        mentioned, said = set(), set()
        for source, target, data in network.edges(data=True):
            if isinstance(source, int):
                passage = store.passages([source])[source][0]
                for start, end in data["spans"]:
                    words = document.text[start:end]
                    mentioned.add((target, words))
                    assert passage.start <= start <= end <= passage.end
            else:
                passage = store.passages([data["passage_id"]])[data["passage_id"]][0]
                assert passage.start <= data["start"] < data["end"] <= passage.end
                words = document.text[data["start"] : data["end"]]
                assert source in words.casefold()
                assert target in words.casefold()
                assert data["relation"] in words
                said.add((source, data["relation"], target))
    assert mentioned == {
        *(("catalogue", ""), ("枣园科技", ""), ("prices", "")),  # titles stand outside the passage
        *(("b-200", "B-200"), ("v-77", "V-77"), ("水泵手册", "水泵手册")),
        *(("linhai", "Linhai"), ("杭州", "杭州")),
    }
    assert said == {("b-200", "Plant", "linhai"), ("b-200", "Price", "308"), ("v-77", "产地", "杭州")}
