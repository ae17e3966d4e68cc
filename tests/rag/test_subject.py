"""Whether a passage is about what the question is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from index.corpus import Corpus
from index.types import Document, Hit, Passage
from rag.prompt import Included
from rag.subject import subject_priors

Make = Callable[..., Document]


@pytest.fixture
def included(corpus: Corpus, make_document: Make) -> list[Included]:
    corpus.add(
        [
            make_document("It weighs 58 kg.", "a.md", "B-200"),
            make_document("It weighs 124 kg.", "b.md", "B-350"),
            make_document("Nothing is named here.", "c.md"),
        ]
    )
    passages: list[Passage] = [row[0] for row in corpus.store.passages(range(1, 4)).values()]
    return [Included(one, one.start, one.end) for one in passages]


def test_a_passage_loses_for_what_it_does_not_name(corpus: Corpus, included: list[Included]) -> None:
    priors = subject_priors(corpus.graph, {"b-200": 1.0}, included, [], 1.2)
    assert priors == [0.0, -1.2, -1.2]
    both = subject_priors(corpus.graph, {"b-350": 1.0, "b-200": 1.0}, included, [], 3.0)
    assert both == [-1.5, -1.5, -3.0]


def test_only_what_is_surely_meant_counts(corpus: Corpus, included: list[Included]) -> None:
    for seeds in ({}, {"b-200": 0.8}, {"not here": 1.0}):
        assert subject_priors(corpus.graph, seeds, included, [], 1.2) == [0.0, 0.0, 0.0]
    assert subject_priors(corpus.graph, {"b-200": 1.0}, [], [], 1.2) == []
    assert subject_priors(corpus.graph, {"b-200": 1.0}, included, [], 0.0) == [0.0, 0.0, 0.0]


def test_a_name_within_a_longer_one_or_in_a_title_counts(corpus: Corpus, included: list[Included]) -> None:
    """Zaolin Instruments Co., Ltd. is Zaolin Instruments; a B-2000 is no B-200."""
    first, _, last = included
    longer = replace(last.passage, text="The B-200 Co., Ltd. makes it.", id=98)
    other = replace(last.passage, text="The B-2000 is heavier.", id=99)
    parts = [Included(one, one.start, one.end) for one in (longer, other, first.passage)]
    assert subject_priors(corpus.graph, {"b-200": 1.0}, parts, [], 1.0) == [0.0, -1.0, 0.0]
    hits = [Hit(other, 1.0, (), title="B-200 manual")]
    assert subject_priors(corpus.graph, {"b-200": 1.0}, parts, hits, 1.0) == [0.0, 0.0, 0.0]
