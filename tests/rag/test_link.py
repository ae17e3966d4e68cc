"""Entities of a question: the longest names in it, whole or in part, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from index.corpus import Corpus
from index.graph import KnowledgeGraph
from index.names import Names
from index.store import Store
from index.types import Document
from index.vocabulary import store_names
from rag.link import link_entities

MakeDocument = Callable[..., Document]

NAMES = [
    *("Acme", "Acme Pumps", "Acme Pumps Europe", "Maria Lopez", "Maria Santos", "B-200", "R&D", "O'Neill"),
    *("Bank of Linhai", "year", "first", "the first year", "WHO", "it", "Ab", "2009", "Café Müller"),
    *("临海", "临海工厂", "陈光", "水泵", "《水泵手册》", "B200型水泵", "Привет", "🌳🌳"),
]


@pytest.fixture
def graph(store: Store, make_marked: Callable[..., Corpus], make_document: MakeDocument) -> KnowledgeGraph:
    corpus = make_marked(store)
    corpus.add([make_document(f"[{name}].", f"{n}.md") for n, name in enumerate(NAMES)])
    return corpus.graph


QUESTIONS: Mapping[str, dict[str, float]] = {
    "Where is the b-200 made?": {"b-200": 1.0},
    "Who leads acme pumps?": {"acme pumps": 1.0},
    "Is ACME PUMPS EUROPE part of Acme?": {"acme pumps europe": 1.0, "acme": 1.0},
    "What is Acme Pumps’ turnover, and Acme's?": {"acme pumps": 1.0, "acme": 1.0},
    "Ｗｈｏ ｍａｄｅ ｔｈｅ Ｂ－２００？": {"b-200": 1.0},
    "Who runs R&D for O'Neill at the café müller?": {"r&d": 1.0, "o'neill": 1.0, "café müller": 1.0},
    "谁领导临海工厂？": {"临海工厂": 1.0},
    "誰領導臨海工廠？": {"临海工厂": 1.0},
    "临海的水泵是陈光做的吗？": {"临海": 1.0, "水泵": 1.0, "陈光": 1.0},
    "Who is 陈光 of the Bank of Linhai?": {"陈光": 1.0, "bank of linhai": 1.0},
    "《水泵手册》说什么？": {"水泵手册": 1.0},
    "B-200水泵运行时的噪声是多少？": {"b-200": 1.0, "水泵": 1.0},
    "陈光2009年在WHO吗？": {"陈光": 1.0, "2009": 1.0},
    "新型b-200和Acme Pumps的区别": {"b-200": 1.0, "acme pumps": 1.0},
    "XB-200水泵和B-2009水泵": {"水泵": 1.0},
    "Кто сказал ПРИВЕТ?": {"привет": 1.0},
    "What was built in 2009?": {"2009": 1.0},
    "what is it?": {},
    "In which year was it first?": {},
    "who is who": {},
    "": {},
    "?!，。🌳": {},
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_names_in_a_question(graph: KnowledgeGraph, question: str) -> None:
    assert link_entities(question, graph) == QUESTIONS[question]


def test_part_of_a_name_means_it_in_part(graph: KnowledgeGraph) -> None:
    """Half of the name: .6 times a half."""
    assert link_entities("Where does Lopez work?", graph) == pytest.approx({"maria lopez": 0.3})
    both = link_entities("Where does Maria work?", graph)
    assert both == pytest.approx({"maria lopez": 0.3, "maria santos": 0.3})
    assert link_entities("Where does lopez work?", graph) == {}  # no capital letter: a word like any other
    assert link_entities("What does Europe buy?", graph) == {}  # a third of "acme pumps europe"
    assert link_entities("Pumps of Europe", graph)["acme pumps europe"] == pytest.approx(0.6 * 2 / 3)


def test_a_whole_name_takes_its_words_with_it(graph: KnowledgeGraph) -> None:
    assert link_entities("Did Maria Lopez leave?", graph) == {"maria lopez": 1.0}
    mixed = link_entities("Did Maria Lopez meet Santos?", graph)
    assert mixed == pytest.approx({"maria lopez": 1.0, "maria santos": 0.6})  # "Maria" stands there, too


def test_a_word_in_very_many_names_brings_no_more_than_three(
    store: Store, make_marked: Callable[..., Corpus], make_document: MakeDocument
) -> None:
    corpus = make_marked(store)
    corpus.add(
        [
            make_document(" ".join(f"[Plant {i}]." for i in range(n, n + 20)), f"{n}")
            for n in range(0, 800, 20)
        ]
    )
    assert len(corpus.graph) == 800
    seeds = link_entities("Which Plant is the oldest?", corpus.graph)
    assert 0 < len(seeds) <= 3
    assert set(seeds.values()) == {0.3}
    assert link_entities("Is Plant 777 the oldest?", corpus.graph) == {"plant 777": 1.0}


@pytest.mark.parametrize(
    "question",
    ["x" * 3000 + "年" * 3000, "A " * 5000, '" OR "', "a" * 20_000, "\0", "「」" * 500, "A1 " * 3000],
)
def test_no_question_is_too_much(graph: KnowledgeGraph, question: str) -> None:
    assert link_entities(question, graph) == {}


def test_a_long_chinese_text_is_looked_at_no_further_than_its_beginning(
    graph: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it is cut by commas."""
    asked: list[str] = []
    beginning = graph.beginning
    monkeypatch.setattr(graph, "beginning", lambda text, limit: asked.append(text) or beginning(text, limit))
    assert link_entities("，".join(["年月日时分秒年月日时"] * 180), graph) == {}
    assert 0 < len(asked) <= 400


# -- names that are written otherwise ------------------------------------------------------------------


def test_a_slip_of_the_pen_means_the_name_in_part(graph: KnowledgeGraph) -> None:
    seeds = link_entities("Who is Marai Lopez, and who is Maria Lopes?", graph)
    assert 0 < seeds["maria lopez"] < 1
    assert link_entities("Who leads Oneal?", graph) == {}  # too short: another name, for all we know


def test_a_chinese_name_is_known_by_its_beginning(
    store: Store, make_marked: Callable[..., Corpus], make_document: MakeDocument
) -> None:
    corpus = make_marked(store)
    corpus.add([make_document("[枣林仪器有限公司]。[枣林仪器有限公司杭州第二分公司]。", "a.md")])
    seeds = link_entities("枣林仪器公司成立于哪一年？", corpus.graph)
    assert list(seeds) == ["枣林仪器有限公司"]  # of the longer one less than half
    assert 0 < seeds["枣林仪器有限公司"] < 1


def test_the_company_s_own_list_says_what_a_name_means(graph: KnowledgeGraph) -> None:
    assert "b-200" not in link_entities("Who sells the Blue Heron?", graph)
    store_names(graph.store, Names((("B-200", "Blue Heron", "蓝鹭"),)))
    assert link_entities("Who sells the Blue Heron?", graph)["b-200"] == 1.0
    assert link_entities("蓝鹭多少钱？", graph) == {"b-200": 1.0}
    store_names(graph.store, Names())
    assert "b-200" not in link_entities("Who sells the Blue Heron?", graph)
