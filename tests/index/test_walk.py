"""The walk: PageRank against a dense solve and networkx, activation over sentences, and what bounds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.corpus import Corpus
from index.pooling import Vectors
from index.store import Store
from index.transitions import Transitions
from index.types import Bridge, Document
from index.walk import NOWHERE, Walk, WalkOptions, walk

Make = Callable[..., Document]
Open = Callable[..., Corpus]

EXAMPLE = [
    ("Acme", "[Acme] and [Li Ming]. [Acme] pays."),
    ("", "[Li Ming] lives in [杭州]."),
    ("", "[杭州] holds the [Linhai Plant]. Nothing."),
    ("", "[B-200]."),
    ("", "Nothing."),
]
DIM = 1024  # so wide that hardly two words share a column: the cosine of other sentences is near 0
ONLY_SEEDS = WalkOptions(rounds=0, iterations=200)


@pytest.fixture
def build(
    store: Store, make_marked: Open, make_document: Make
) -> Callable[[Sequence[tuple[str, str]]], Corpus]:
    """[(title, text)] -> a collection whose passages have the numbers 1, 2, ..."""

    def made(pages: Sequence[tuple[str, str]]) -> Corpus:
        corpus = make_marked(store, DIM)
        corpus.add([make_document(text, f"{n}.md", title) for n, (title, text) in enumerate(pages, 1)])
        assert sorted(store.passages(range(1, len(pages) + 2))) == list(range(1, len(pages) + 1))
        return corpus

    return made


def question(corpus: Corpus, text: str) -> Vectors:
    """The vector of a question in just these words."""
    return corpus.embedder.embed_queries([text])[0]


def walked(corpus: Corpus, seeds: Mapping[str, float], text: str = "zebra", **more: object) -> Walk:
    return walk(corpus.graph, seeds, question(corpus, text), (), WalkOptions(**more))  # type: ignore[arg-type]


# -- PageRank ------------------------------------------------------------------------------------------


def edges(corpus: Corpus) -> dict[tuple[object, object], float]:
    """(passage, entity) -> weight: the entity's share of the passage's mentions, titles counted twice."""
    found: dict[tuple[object, object], float] = {}
    with corpus.store.read() as db:
        for passage, entity, kind in db.execute("SELECT passage_id, entity, kind FROM named_mentions"):
            found[passage, entity] = found.get((passage, entity), 0.0) + (2 if kind == "TITLE" else 1)
    totals = {p: sum(n for (q, _), n in found.items() if q == p) for p, _ in found}
    return {(p, e): n / totals[p] for (p, e), n in found.items()}


def solve(corpus: Corpus, restart: Mapping[object, float], damping: float) -> dict[object, float]:
    """Personalised PageRank as one dense system: r = (1 - d) p + d F r."""
    weight = edges(corpus)
    nodes = sorted({*(n for pair in weight for n in pair), *restart}, key=str)
    place = {node: i for i, node in enumerate(nodes)}
    weights = np.zeros((len(nodes), len(nodes)))
    for (passage, entity), share in weight.items():
        weights[place[passage], place[entity]] = weights[place[entity], place[passage]] = share
    flow = np.zeros_like(weights)
    for i, out in enumerate(weights.sum(axis=1)):
        if out:
            flow[:, i] = weights[i] / out
    p = np.zeros(len(nodes))
    for node, part in restart.items():
        p[place[node]] = part
    ranks = np.linalg.solve(np.eye(len(nodes)) - damping * flow, (1 - damping) * p / p.sum())
    return dict(zip(nodes, ranks.tolist(), strict=True))


@pytest.mark.parametrize("damping", [0.5, 0.7, 0.85])
def test_pagerank_equals_the_dense_solution(build: Callable[..., Corpus], damping: float) -> None:
    corpus = build(EXAMPLE)
    options = WalkOptions(rounds=0, damping=damping, iterations=200)
    prior = [(5, 0.8), (2, 0.4), (3, 0.0)]
    found = walk(corpus.graph, {"acme": 1.0, "杭州": 0.5}, question(corpus, "zebra"), prior, options)
    # An entity's weight is shared by the passages that name it. Only what is touched is ranked: not page 4.
    restart = {"acme": 1.0 / 1, "杭州": 0.5 / 2, 5: 0.05 * 0.8, 2: 0.05 * 0.4}
    expected = solve(corpus, restart, damping)
    ranked = sorted((i for i in range(1, 6) if expected[i] > 0), key=lambda i: -expected[i])
    assert [i for i, _ in found.passages] == ranked == [i for i in ranked if i != 4]
    assert dict(found.passages) == pytest.approx({i: expected[i] for i in ranked}, rel=1e-9)


def test_the_usual_number_of_iterations_is_near_enough(build: Callable[..., Corpus]) -> None:
    corpus = build(EXAMPLE)
    walks = [dict(walked(corpus, {"acme": 1.0}, rounds=0, iterations=n).passages) for n in (20, 200)]
    assert walks[0] == pytest.approx(walks[1], abs=1e-3)


def test_pagerank_agrees_with_networkx_on_a_graph_without_dead_ends(build: Callable[..., Corpus]) -> None:
    corpus = build(EXAMPLE[:3])
    simple = nx.Graph()
    simple.add_weighted_edges_from((p, e, share) for (p, e), share in edges(corpus).items())
    ranks = nx.pagerank(simple, 0.7, {"acme": 1.0}, tol=1e-12, weight="weight")
    found = walk(
        corpus.graph, {"acme": 1.0}, question(corpus, "zebra"), [(1, 0.0), (2, 0.0), (3, 0.0)], ONLY_SEEDS
    )
    assert dict(found.passages) == pytest.approx({i: ranks[i] for i in (1, 2, 3)}, abs=1e-8)


PACKS = st.dictionaries(
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(1, 9), st.integers(-1, 3), st.integers(1, 5)), max_size=6),
    max_size=8,
)


@settings(max_examples=60)
@given(PACKS, st.dictionaries(st.integers(0, 12), st.floats(0.1, 1), max_size=4))
def test_rank_is_a_share_of_one_and_stays_where_it_can_flow(
    packs: dict[int, list[tuple[int, int, int]]], weights: dict[int, float]
) -> None:
    made = {i: np.array(rows, np.int32).reshape(-1, 3) for i, rows in packs.items()}
    transitions = Transitions(made)
    assert transitions.passages.tolist() == sorted(packs)
    ranks = transitions.pagerank(weights, weights, 0.7, 100)
    named = {e for rows in packs.values() for e, _, _ in rows}
    assert len(ranks) == transitions.size == len(packs) + len(named)
    assert (ranks >= 0).all()
    if any(w in packs or w in named for w in weights):
        lonely = any(w in packs and not packs[w] for w in weights)
        assert ranks.sum() <= 1 + 1e-9
        assert ranks.sum() == pytest.approx(1) or lonely  # a dead end loses what flows into it
    else:
        assert not ranks.any()


# -- activation ----------------------------------------------------------------------------------------


def test_the_walk_reaches_a_passage_two_hops_away_through_a_shared_sentence(
    build: Callable[..., Corpus],
) -> None:
    corpus = build(EXAMPLE)
    asked = "[Li Ming] lives in [杭州]."  # as if the question were page 2's sentence
    found = walked(corpus, {"li ming": 1.0}, asked)
    bridge = found.bridges["杭州"]
    assert (bridge.by, bridge.passage_id, bridge.start, bridge.end) == ("li ming", 2, 0, len(asked))
    assert bridge.score == pytest.approx(1, abs=1e-3)
    assert found.bridges["li ming"] == Bridge("li ming", "")
    assert found.ids == corpus.graph.ids(found.bridges)
    scores = dict(found.passages)
    assert scores[3] > 0.05  # names 杭州, and nothing that the question names
    assert 4 not in scores
    alone = walk(
        corpus.graph, {"li ming": 1.0}, question(corpus, asked), [(i, 0.0) for i in scores], ONLY_SEEDS
    )
    assert scores[3] > 1.5 * dict(alone.passages).get(3, 0.0)


def test_the_walk_crosses_as_many_sentences_as_it_has_rounds(build: Callable[..., Corpus]) -> None:
    corpus = build([("", f"[N{i}] is near [N{i + 1}].") for i in range(6)])
    for rounds in range(5):
        found = walked(corpus, {"n0": 1.0}, "is near N", rounds=rounds)
        assert set(found.bridges) == {f"n{i}" for i in range(rounds + 1)}
        scores = [found.bridges[f"n{i}"].score for i in range(rounds + 1)]
        assert scores == sorted(scores, reverse=True)


def test_the_walk_needs_a_seed_that_is_in_the_graph(build: Callable[..., Corpus]) -> None:
    corpus = build(EXAMPLE)
    assert walked(corpus, {"nobody": 1.0}) is walked(corpus, {}) is NOWHERE


def test_activation_stops_below_the_threshold(build: Callable[..., Corpus]) -> None:
    corpus = build(EXAMPLE)
    asked = "[Li Ming] lives in [杭州]."
    assert set(walked(corpus, {"li ming": 1.0}, asked, threshold=1.01).bridges) == {"li ming"}
    assert set(walked(corpus, {"li ming": 0.1}, asked).bridges) == {"li ming"}
    assert set(walked(corpus, {"li ming": 1.0}, "zebra").bridges) == {"li ming"}


def test_a_title_is_tied_to_every_sentence_below_it(build: Callable[..., Corpus]) -> None:
    corpus = build([("Acme", "[B-200] runs. [杭州] is far.")])
    found = walked(corpus, {"acme": 1.0}, threshold=-1.0)
    assert {e: (b.by, b.start) for e, b in found.bridges.items()} == {
        "acme": ("", 0),
        "b-200": ("acme", 0),
        "杭州": ("acme", 14),
    }
    back = walked(corpus, {"杭州": 1.0}, threshold=-1.0)
    assert back.bridges["acme"].by == "杭州"
    assert back.bridges["b-200"].by == "acme"


def test_the_nearest_sentences_are_crossed_first(build: Callable[..., Corpus]) -> None:
    corpus = build([("", f"[Acme] likes colour{i} of [P{i}].") for i in range(6)])
    asked = "Which likes colour3 of colour3 of colour5?"
    for count, expected in ((1, {"p3"}), (2, {"p3", "p5"})):
        found = walked(corpus, {"acme": 1.0}, asked, rounds=1, sentences=count)
        assert set(found.bridges) - {"acme"} == expected


def test_another_name_is_active_too_and_says_which_words_introduce_it(build: Callable[..., Corpus]) -> None:
    corpus = build(
        [("", "So [Acme Pumps] aka [AP]. Old."), ("", "[AP] is large."), ("", "[Acme Pumps] sells.")]
    )
    for seed, other in (("ap", "acme pumps"), ("acme pumps", "ap")):
        found = walked(corpus, {seed: 0.5}, rounds=0)
        assert found.bridges[other] == Bridge(other, seed, 1, 3, 24, 0.5 * 0.9)
        assert found.bridges[seed] == Bridge(seed, "", score=0.5)
        assert {i for i, _ in found.passages} == {1, 2, 3}
    alone = walked(corpus, {"ap": 0.5}, rounds=0, alias_weight=0.0)
    assert set(alone.bridges) == {"ap"}


def test_each_step_of_the_way_is_true(build: Callable[..., Corpus]) -> None:
    """The words of each bridge name both ends, or stand below a title or heading that is one of them."""
    corpus = build([*EXAMPLE, ("Bees", "[Bees] aka [Apis]. [Apis] like [杭州]. # Hives\n[Apis] build.")])
    found = walked(corpus, {"acme": 1.0, "bees": 0.9}, "[Li Ming] lives in [杭州]", threshold=0.01)
    assert len(found.bridges) > 4
    for bridge in found.bridges.values():
        if not bridge.by:
            assert (bridge.passage_id, bridge.start, bridge.end) == (0, 0, 0)
            continue
        passage, _, _ = corpus.store.passages([bridge.passage_id])[bridge.passage_id]
        assert passage.start <= bridge.start < bridge.end <= passage.end
        with corpus.store.read() as db:
            named = db.execute(
                "SELECT entity, text, start, end, kind FROM named_mentions WHERE passage_id = ?",
                (passage.id,),
            ).fetchall()
        words = {e for e, _, a, b, kind in named if kind == "TITLE" or bridge.start <= a < b <= bridge.end}
        text = corpus.store.document(passage.document_id).text[bridge.start : bridge.end]
        assert {bridge.entity, bridge.by} <= words or "aka" in text


# -- what bounds it ------------------------------------------------------------------------------------


def test_an_entity_in_every_passage_brings_no_more_than_its_share(build: Callable[..., Corpus]) -> None:
    corpus = build([("", f"[Acme] has item{i} [P{i}].") for i in range(60)])
    prior = [(50, 1.0), (40, 0.5)]
    found = walk(corpus.graph, {"acme": 1.0}, question(corpus, "zebra"), prior, WalkOptions(hub=8, rounds=0))
    brought = {i for i, _ in found.passages}
    assert brought == {50, 40, 1, 2, 3, 4, 5, 6}  # what the others found, then the oldest
    assert found.passages[0][0] == 50


def test_a_crowd_of_entities_is_followed_where_it_is_surest(build: Callable[..., Corpus]) -> None:
    names = " ".join(f"[Name{i}]" for i in range(20))
    corpus = build([("", f"[Acme] knows {names}."), *(("", f"[Name{i}] sees [Far{i}].") for i in range(20))])
    found = walked(corpus, {"acme": 1.0}, f"[Acme] knows {names} sees", frontier=5, threshold=0.01)
    reached = {e for e in found.bridges if e.startswith("far")}
    assert 0 < len(reached) <= 10


def test_only_the_passages_that_may_be_seen_count(build: Callable[..., Corpus]) -> None:
    corpus = build([*EXAMPLE, ("", "[Li Ming] aka [Lee]."), ("", "[Lee] swims.")])
    asked = question(corpus, "[Li Ming] lives in [杭州].")
    for among in (frozenset({1, 3, 5, 7}), frozenset({2}), frozenset()):
        found = walk(corpus.graph, {"li ming": 1.0}, asked, [], WalkOptions(), among)
        assert {i for i, _ in found.passages} <= among
        assert {b.passage_id for b in found.bridges.values()} <= {0, *among}
    assert "lee" not in found.bridges
    whole = walk(corpus.graph, {"li ming": 1.0}, asked, [], WalkOptions(), frozenset(range(1, 8)))
    assert "lee" in whole.bridges
    assert whole.passages == walk(corpus.graph, {"li ming": 1.0}, asked, [], WalkOptions()).passages


def test_a_walk_is_the_same_every_time(build: Callable[..., Corpus]) -> None:
    corpus = build([*EXAMPLE, *(("", f"[Acme] has [P{i}] and [Q{i}].") for i in range(20))])
    one, two = (walked(corpus, {"acme": 1.0, "li ming": 0.5}, "has P3", threshold=0.0) for _ in range(2))
    assert one.passages == two.passages
    assert one.bridges == two.bridges
    order = walk(
        corpus.graph,
        {"li ming": 0.5, "acme": 1.0},
        question(corpus, "has P3"),
        (),
        replace(WalkOptions(), threshold=0.0),
    )
    assert order.passages == one.passages
