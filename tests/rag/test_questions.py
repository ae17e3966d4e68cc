"""Questions made from a collection: what is right is known, they are no copies, a seed repeats them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import pytest

from index.corpus import Corpus
from index.language import language, search_terms, sentences
from index.types import Document
from rag.needs import Need, Question, holds, plain
from rag.phrases import KEPT, Sentence, content, kept
from rag.questions import make_questions

TEXTS = {
    "pumps.md": "The B-200 pump was shown in Ghent in 2019 beside the older A-80 pump of the firm. "
    "Its motor gives 15 kW and runs for 9000 hours before the first service.",
    "service.md": "# Service\n\nThe B-200 needs a new shaft seal every 24 months, and fitters "
    "order the kit SK-235.",
    "seals.csv": "Part: SK-235; Price: 380 RMB; Supplier: Hengquan Seals\n"
    "Part: SK-118; Price: 90 RMB; Supplier: Hengquan Seals",
    "suppliers.csv": "Supplier: Hengquan Seals; City: Ningbo; Rating: A",
    "水泵.md": "枣林仪器的B-350水泵2021年在临海工厂装配完成，配有C-8控制器和两个备用水封。",
    "控制器.md": "C-8控制器每年应当由工程师检查一次，更换电池需要大约40分钟的时间。",
    "零件.csv": "零件：CP-F10；价格：120元；供应商：恒泉密封",
    "供应商.csv": "供应商：恒泉密封；城市：宁波；评级：甲",
}


@pytest.fixture
def filled(corpus: Corpus, make_document: Callable[..., Document]) -> Corpus:
    corpus.add([make_document(text, source, source.partition(".")[0]) for source, text in TEXTS.items()])
    return corpus


def right(corpus: Corpus, question: Question) -> list[set[str]]:
    """For each need, the documents that a passage which meets it comes from."""
    ids = corpus.store.document_ids()
    passages = corpus.store.passages(range(1, 100)).values()
    assert len(ids) == len(TEXTS)
    return [{source for p, source, _ in passages if need.met_by(p)} for need in question.needs]


def test_a_seed_repeats_its_questions(filled: Corpus) -> None:
    made = make_questions(filled.store, 20, seed=3)
    assert made == make_questions(filled.store, 20, seed=3)
    assert made != make_questions(filled.store, 20, seed=4)
    assert len(make_questions(filled.store, 2)) == 2
    assert len({question.id for question in made}) == len(made)


@pytest.mark.parametrize("seed", range(4))
def test_every_need_is_met_by_a_passage_of_the_collection(filled: Corpus, seed: int) -> None:
    made = make_questions(filled.store, 20, seed)
    assert {language(question.text) for question in made} == {"en", "zh"}
    for question in made:
        found = right(filled, question)
        assert all(found), question
        assert len(found) == (2 if question.kind == "two passages" else 1)


@pytest.mark.parametrize("seed", range(4))
def test_two_passages_are_two_and_what_joins_them_is_not_said(filled: Corpus, seed: int) -> None:
    made = [q for q in make_questions(filled.store, 20, seed) if q.kind == "two passages"]
    assert {language(question.text) for question in made} == {"en", "zh"}
    for question in made:
        first, second = right(filled, question)
        assert not first & second
        joins = [
            n for n in ("B-200", "SK-235", "C-8", "Hengquan Seals", "恒泉密封") if shared(n, question.needs)
        ]
        assert joins
        assert not any(holds(plain(question.text), plain(name)) for name in joins), question.text


def shared(name: str, needs: Iterable[Need]) -> bool:
    return all(holds(need.words[0], plain(name)) for need in needs)


def test_a_fact_asks_for_its_object(filled: Corpus) -> None:
    made = {q.text: q for seed in range(8) for q in make_questions(filled.store, 20, seed)}
    assert made["What is the Price of SK-235?"].answer == "380 RMB"
    assert made["恒泉密封的城市是什么？"].answer == "宁波"


def test_two_facts_in_a_row_make_one_question(filled: Corpus) -> None:
    made = {q.text: q for seed in range(8) for q in make_questions(filled.store, 20, seed)}
    joined = made["What is the City of the Supplier of SK-235?"]
    assert (joined.kind, joined.answer) == ("two passages", "Ningbo")
    assert right(filled, joined) == [{"seals.csv"}, {"suppliers.csv"}]
    assert made["CP-F10的供应商，城市是什么？"].answer == "宁波"


SENTENCES = [
    Sentence(
        "The B-200 pump was shown in Ghent in 2019 beside the older A-80 pump.", "en", ((4, 9), (28, 33))
    ),
    Sentence("C-8控制器每年应当由工程师检查一次，更换电池需要大约40分钟的时间。", "zh", ((0, 3),)),
]


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("seed", range(20))
def test_only_a_share_of_the_content_is_kept_and_never_the_target(sentence: Sentence, seed: int) -> None:
    hidden = content(sentence)[seed % 2]
    words = kept(sentence, Random(seed), [hidden])
    every = [term for a, b in content(sentence) for term in search_terms(sentence.text[a:b])]
    asked = [term for word in words for term in search_terms(word)]
    assert 0 < len(asked) <= KEPT * len(every)
    assert sentence.text[slice(*hidden)] not in words
    assert all(word in sentence.text for word in words)


def test_a_question_is_no_sentence_of_its_passage(filled: Corpus) -> None:
    said = {plain(text[a:b]) for text in TEXTS.values() for a, b in sentences(text)}
    for question in make_questions(filled.store, 20):
        assert not any(plain(question.text) in sentence for sentence in said)


@pytest.mark.parametrize("texts", [[], ["没有"], ["no"], ["🎉🎉🎉"], ["#" * 50], ["a: b; c: d"], ["。" * 40]])
def test_poor_collections_give_few_questions_or_none(
    corpus: Corpus, make_document: Callable[..., Document], texts: Any
) -> None:
    corpus.add([make_document(text, f"{i}.md", "t") for i, text in enumerate(texts)])
    assert len(make_questions(corpus.store)) <= 1
