"""What an answer loses for its type, its sentence, and for no reason given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.types import Passage
from rag.causal import CausalGenerator
from rag.costs import CostOptions, Likeness, costs
from rag.ground import GroundOptions, ground
from rag.prompt import Included, fit
from rag.search import SearchOptions

TEXT = "The hall is aired for 10 minutes, because fumes collect. It is painted by Li Ming."
PASSAGE = Passage(1, "d", TEXT, 50, 50 + len(TEXT))
PART = Included(PASSAGE, 50, 50 + len(TEXT))
SENTENCES: Likeness = [(50, 107, 0.6), (108, 133, 0.4)]


def lost(question: str, answer: str, likeness: tuple[Likeness, ...] = (SENTENCES,)) -> float:
    at = TEXT.index(answer)
    return costs(question, [PART], likeness, CostOptions())(0, at, at + len(answer))


def test_the_sentence_most_like_the_question_loses_nothing() -> None:
    assert lost("What is aired?", "The hall") == 0
    assert lost("What is painted?", "It") == pytest.approx(8 * 0.2)
    assert lost("What is painted?", "It", ()) == 0


def test_a_span_over_two_sentences_counts_as_the_better() -> None:
    assert lost("What is painted?", "collect. It is painted") == 0


def test_another_type_and_no_reason_add_up() -> None:
    assert lost("Why is the hall aired?", "fumes collect") == 0
    assert lost("Why is the hall aired?", "The hall") == 1.5
    assert lost("Why is the hall aired?", "aired for 10 minutes") == 1.5
    assert lost("Who paints the hall?", "10 minutes", ()) == 4
    assert lost("Why is it painted by Li Ming?", "10 minutes") == 4


def test_a_passage_without_known_sentences_loses_nothing_for_them() -> None:
    other = Included(Passage(2, "e", TEXT, 0, len(TEXT)), 0, len(TEXT))
    cost = costs("What is aired?", [PART, other], (SENTENCES, ()), CostOptions())
    assert cost(1, 0, 8) == 0


def test_the_name_of_a_column_loses_something() -> None:
    text = "Plate: A1; Driver: Xu; Mon: free\nPlate: A2; Driver: Tan; Mon: busy\nNote: Driver"
    part = Included(Passage(3, "t", text, 0, len(text)), 0, len(text))
    cost = costs("Who or what?", [part], (), CostOptions())
    lost = {text[a:b]: cost(0, a, b) for a, b in ((0, 5), (11, 17), (19, 21), (23, 26))}
    assert lost == {"Plate": 2.5, "Driver": 2.5, "Xu": 0, "Mon": 0}
    assert cost(0, text.rindex("Driver"), len(text)) == 0


WORDS = st.lists(st.sampled_from(TEXT.replace(".", " .").split()), min_size=3, max_size=14).map(" ".join)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WORDS, st.sampled_from(["Why is it aired?", "How long is it aired?", "Who paints it?"]))
def test_the_best_after_all_costs_is_found(generator: CausalGenerator, text: str, question: str) -> None:
    """As the best of all spans, each weighed by itself."""
    passage = Passage(1, "d", text, 0, len(text))
    prompt = fit(generator, question, [passage], answer_room=64)
    likeness: list[Likeness] = [
        [
            (at, at + 5, float(like))
            for at, like in zip(range(0, len(text), 5), np.linspace(0, 1, 40), strict=False)
        ]
    ]
    free = CostOptions(0, 0, 0, 0)

    def options(given: CostOptions, margin: float) -> GroundOptions:
        search = SearchOptions(passes=10_000, margin=margin)
        return GroundOptions(
            longest=30, agreement=0.0, repeats=0.0, candidates=10_000, costs=given, search=search
        )

    every = ground(generator, prompt, options(free, 1e9), likeness=likeness).candidates
    cost = costs(question, prompt.included, likeness, CostOptions())
    best = max(
        one.odds - min(cost(place.passage, place.start, place.end) for place in one.places) for one in every
    )
    found = ground(generator, prompt, options(CostOptions(), 0.0), likeness=likeness).candidates[0]
    assert found.odds == pytest.approx(best, abs=1e-3)


def test_a_number_of_whatever_is_held_to_its_clause() -> None:
    text = "机电类专业须修满176学分，服务类专业须修满168学分。"
    part = Included(Passage(1, "d", text, 0, len(text)), 0, len(text))
    cost = costs("机电类专业要修满多少学分？", [part], (), CostOptions())
    other, own = text.index("168学分"), text.index("176学分")
    assert cost(0, other, other + 5) - cost(0, own, own + 5) == 2.5


def test_a_value_that_has_changed_is_none_in_another_text_either() -> None:
    texts = ("重修费由每学分80元降为每学分55元。", "重修费按每学分80元收取。")
    parts = [Included(Passage(at, "d", text, 0, len(text)), 0, len(text)) for at, text in enumerate(texts)]
    cost = costs("重修费每学分多少元？", parts, (), CostOptions())
    at = texts[1].index("80元")
    assert cost(1, at, at + 3) == 5
    assert cost(0, texts[0].index("55元"), texts[0].index("55元") + 3) == 0


def test_what_has_changed_for_some_holds_for_others() -> None:
    texts = ("员工停车费由每小时5元调整为每小时6元。", "访客停车费每小时5元。")
    parts = [Included(Passage(at, "d", text, 0, len(text)), 0, len(text)) for at, text in enumerate(texts)]
    cost = costs("访客停车费每小时多少元？", parts, (), CostOptions())
    at = texts[1].index("5元")
    assert cost(1, at, at + 2) == 0
