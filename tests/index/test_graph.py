"""The graph as it lies in the store: every edge with its words, no more read than is asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from index.corpus import Corpus
from index.graph import KnowledgeGraph
from index.rows import TITLE
from index.store import Store
from index.types import Document, Fact

Make = Callable[..., Document]
Open = Callable[..., Corpus]

PAGES = [
    ("Acme", "[Acme Pumps] =employs= [Li Ming]. [Acme Pumps] pays."),
    ("", "[Li Ming] =lives in= [杭州]."),
    ("", "[杭州] holds the [Linhai Plant]. Nothing."),
    ("", "[B-200]."),
    ("", "Nothing."),
]


@pytest.fixture
def corpus(store: Store, make_marked: Open, make_document: Make) -> Corpus:
    made = make_marked(store)
    made.add([make_document(text, f"{n}.md", title) for n, (title, text) in enumerate(PAGES, 1)])
    return made


@pytest.fixture
def graph(corpus: Corpus) -> KnowledgeGraph:
    return corpus.graph


def test_entities_are_found_by_key_by_words_and_by_the_beginning_of_a_word(graph: KnowledgeGraph) -> None:
    keys = {"acme", "acme pumps", "li ming", "杭州", "linhai plant", "b-200"}
    ids = graph.ids([*keys, "nobody", "Acme"])
    assert set(ids) == keys
    assert graph.keys([*ids.values(), 999]) == {number: key for key, number in ids.items()}
    assert (len(graph), "杭州" in graph, "Acme" in graph) == (6, True, False)
    assert graph.entities_with("ACME") == ["acme", "acme pumps"]  # the shortest first
    assert graph.entities_with("ACME", 1) in (["acme"], ["acme pumps"])
    assert graph.entities_with("pumps acme") == ["acme pumps"]
    assert graph.entities_with("plan") == graph.entities_with("?!") == graph.entities_with("") == []
    assert graph.entities_with("plan", prefix=True) == ["linhai plant"]
    assert graph.find("The Acme") == ["acme"]
    assert graph.find("plant") == ["linhai plant"]
    assert graph.find("zebra") == []


@pytest.mark.parametrize("name", ['"', 'a" OR "b', "NEAR(", "a*", "-b", "terms:", "\0", "🌳"])
def test_no_name_is_a_command(graph: KnowledgeGraph, name: str) -> None:
    assert graph.entities_with(name, prefix=True) in ([], ["acme", "acme pumps"], ["b-200"])
    assert name not in graph


def test_passages_are_read_up_to_a_limit(corpus: Corpus, make_document: Make) -> None:
    graph = corpus.graph
    corpus.add([make_document("[Acme]. [Acme].", f"more/{n}") for n in range(20)])
    acme = graph.ids(["acme"])["acme"]
    assert graph.passages_of("acme") == [1, *range(6, 26)]  # a title is a mention, too; each passage once
    assert graph.passages_of("acme", 3) == [1, 6, 7]
    assert graph.passages_naming([acme, 999], 2) == {acme: [1, 6], 999: []}
    assert graph.passages_naming([acme], 2, title=True) == {acme: [1]}
    assert graph.sentences_naming([acme], 3) == {acme: [(1, TITLE), (6, 0), (6, 1)]}
    assert graph.passages_of("nobody") == []


def test_a_pack_says_where_and_how_often_each_entity_stands(graph: KnowledgeGraph) -> None:
    ids = graph.ids(["acme", "acme pumps", "li ming"])
    packs = graph.packs([1, 4, 5, 99])
    assert sorted(packs) == [1, 4, 5]
    assert packs[1].tolist() == sorted(
        [
            [ids["acme"], TITLE, 2],  # a title counts twice
            [ids["acme pumps"], 0, 1],
            [ids["acme pumps"], 1, 1],
            [ids["li ming"], 0, 1],
        ]
    )
    assert packs[5].shape == (0, 3)


def test_a_passage_brings_its_sentences_with_their_vectors(corpus: Corpus) -> None:
    for _ in range(2):  # read, then remembered
        sentences = corpus.graph.sentences([3, 99])
        assert list(sentences) == [3]
        assert sentences[3].spans.tolist() == [[0, 30], [31, 39]]
        expected = corpus.embedder.embed_passages(["[杭州] holds the [Linhai Plant].", "Nothing."])
        assert sentences[3].first + sentences[3].vectors.shape[1] <= 48
        for row, whole in zip(sentences[3].vectors, expected, strict=True):
            part = whole[sentences[3].first :][: len(row)]
            assert row == pytest.approx(part, abs=1e-3)


def test_facts_are_found_by_passage_and_by_entity(graph: KnowledgeGraph) -> None:
    employs = Fact("acme pumps", "employs", "li ming", 1, 0, 32)
    lives = Fact("li ming", "lives in", "杭州", 2, 0, 25)
    assert graph.facts([2, 1], ["li ming"]) == [lives, employs]  # in the order of the passages
    assert graph.facts([1, 2], ["杭州"]) == [lives]
    assert graph.facts([1, 2], []) == graph.facts([], ["li ming"]) == graph.facts([3], ["杭州"]) == []
    assert graph.facts_of("li ming") == [employs, lives]
    assert graph.facts_of("li ming", 1) == [employs]
    assert graph.facts_of("nobody") == []


def test_a_fact_said_twice_names_both_places(corpus: Corpus, make_document: Make) -> None:
    corpus.add([make_document("[A1] =is in= [B2]. So [A1] =is in= [B2].")])
    assert [(fact.start, fact.end) for fact in corpus.graph.facts([6], ["a1"])] == [(0, 17), (22, 39)]
    assert len(corpus.graph.facts_of("a1")) == 2


def test_other_names_lead_both_ways(corpus: Corpus, make_document: Make) -> None:
    corpus.add([make_document("[Acme Pumps] aka [AP]. [AP] is old."), make_document("[AP] sells.", "b")])
    graph = corpus.graph
    assert graph.aliases("ap") == ["acme pumps"]
    assert graph.aliases("acme pumps") == ["ap"]
    assert graph.aliases("li ming") == graph.aliases("nobody") == graph.partners([]) == []


def test_a_removed_document_takes_what_is_its_own_and_nothing_else(corpus: Corpus) -> None:
    store, graph = corpus.store, corpus.graph
    graph.packs(range(6)), graph.sentences(range(6))  # what is remembered must not come back
    store.remove(store.document_ids("2.md"))
    assert graph.facts([1, 2, 3], ["li ming", "杭州"]) == [Fact("acme pumps", "employs", "li ming", 1, 0, 32)]
    assert graph.passages_of("li ming") == [1]
    assert graph.passages_of("杭州") == [3]
    store.remove(store.document_ids("3.md"))
    assert "杭州" not in graph
    assert "linhai plant" not in graph
    assert graph.entities_with("plant") == graph.passages_of("linhai plant") == graph.facts_of("杭州") == []
    store.remove(store.document_ids())
    assert (len(graph), graph.entities_with("acme"), graph.facts_of("acme pumps")) == (0, [], [])
    assert store.counts() == dict.fromkeys(store.counts(), 0)


def test_an_empty_graph_can_be_asked(store: Store) -> None:
    graph = KnowledgeGraph(store)
    assert (len(graph), graph.ids(["acme"]), graph.keys([1]), graph.find("acme")) == (0, {}, {}, [])
    assert (graph.packs([1]), graph.sentences([1]), graph.facts([1], ["acme"])) == ({}, {}, [])
    assert (graph.passages_of("acme"), graph.facts_of("acme"), graph.aliases("acme")) == ([], [], [])


TEXT = """# 枣园科技
枣园科技的水泵型号是B-200，说明书是《水泵手册》。 The valve V-77 fits it.

## Prices
型号：V-77；产地：杭州
Model: B-200; Plant: Linhai; Price: 308
These prices hold until the end of the year, whatever anybody else may say about them."""


def test_every_edge_names_a_passage_and_the_words_that_say_so(
    store: Store, make_corpus: Open, make_document: Make
) -> None:
    document = make_document(TEXT, title="Catalogue")
    make_corpus(store).add([document])
    mentioned, said = set(), set()
    with store.read() as db:
        mentions = db.execute("SELECT passage_id, entity, kind, text, start, end FROM named_mentions")
        for passage_id, entity, kind, text, start, end in mentions.fetchall():
            passage = store.passages([passage_id])[passage_id][0]
            words = document.text[start:end]
            assert passage.start <= start <= end <= passage.end
            assert kind == "TITLE" or words == text
            mentioned.add((entity, words))
        facts = db.execute("SELECT passage_id, subject, relation, object, start, end FROM named_facts")
        for passage_id, subject, relation, target, start, end in facts.fetchall():
            passage = store.passages([passage_id])[passage_id][0]
            assert passage.start <= start < end <= passage.end
            words = document.text[start:end]
            assert subject in words.casefold()
            assert target in words.casefold()
            assert relation in words
            said.add((subject, relation, target))
    assert mentioned >= {
        *(("catalogue", ""), ("枣园科技", ""), ("prices", "")),  # titles stand outside the passage
        *(("b-200", "B-200"), ("v-77", "V-77"), ("水泵手册", "水泵手册")),
        *(("linhai", "Linhai"), ("杭州", "杭州")),
    }
    assert said >= {("b-200", "Plant", "linhai"), ("b-200", "Price", "308"), ("v-77", "产地", "杭州")}
