"""What a span reader's word does to the answers of a generator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from index.types import Hit, Passage
from rag.calibration import Calibration
from rag.causal import CausalGenerator
from rag.ground import GroundOptions, ground
from rag.pointing import LEAST, Joint, Opinions, Pointed, PointingOptions, chosen, in_passage
from rag.prompt import Included, Line, Prompt, fit_each

TEXT = "Acme sells 308 pumps a year. Li Ming leads it."
ALWAYS = GroundOptions(threshold=0.0, room=32, longest=40, sure=1.0)


def pointed(text: str, start: int, end: int, *, above: str = "", odds: float = 6.0) -> Pointed:
    """A reader that gives each character a token and is sure of one span."""
    starts = np.arange(len(above) + len(text))
    begins, closes = (np.full(len(starts), -8.0, np.float32) for _ in range(2))
    begins[len(above) + start] = closes[len(above) + end - 1] = odds / 2
    return Pointed.of(above, starts, starts + 1, begins, closes)


def passage(number: int, text: str) -> Passage:
    return Passage(number, f"d{number}", text, 0, len(text))


def packed(generator: CausalGenerator, *texts: str) -> Prompt:
    return fit_each(generator, "Who?", [passage(at, text) for at, text in enumerate(texts, 1)], 32)


def test_a_span_has_the_odds_of_its_ends() -> None:
    one = pointed(TEXT, 29, 36, above="Acme > Staff\n")
    assert TEXT[29:36] == "Li Ming"
    assert one.best == one.odds(29, 36) == 6.0
    assert one.odds(29, 31) == pytest.approx(-5.0)
    assert one.odds(0, 4) == LEAST  # -16 is cut off there
    assert one.odds(-13, -9) == LEAST
    assert one.odds(len(TEXT), len(TEXT) + 3) == LEAST  # not read
    assert one.odds(-40, -30) == LEAST


def test_spans_far_below_the_best_one_are_left_out_and_what_was_not_read_is_kept() -> None:
    one = pointed(TEXT, 29, 36, above="Acme\n")
    assert one.near(29, {31, 36}, margin=8.0) == {36}
    assert one.near(29, {31, 36}, margin=12.0) == {31, 36}
    assert one.near(0, {4, 36}, margin=8.0) == set()
    beyond = len(TEXT) + 5
    assert one.near(29, {31, 36, beyond}, margin=8.0) == {36, beyond}
    assert one.near(beyond, {beyond + 4}, margin=8.0) == {beyond + 4}


def test_the_best_span_does_not_end_before_it_begins() -> None:
    starts = np.arange(3)
    begins, closes = np.array([-9, -9, 4], np.float32), np.array([5, -9, -1], np.float32)
    assert Pointed.of("", starts, starts + 1, begins, closes).best == 3.0


def test_a_passage_without_tokens_has_no_span() -> None:
    none, nothing = np.zeros(0, np.int64), np.zeros(0, np.float32)
    empty = Pointed.of("", none, none, nothing, nothing)
    assert empty.best == empty.odds(0, 1) == LEAST


def test_a_span_in_a_heading_lies_in_what_was_read_above() -> None:
    part = Included(passage(1, TEXT), 0, len(TEXT), "Acme > 2.4", (Line("2.4", 90),))
    start = part.quotable.index("2.4")
    place = in_passage(part, start, start + 3)
    assert pointed(TEXT, -4, -1, above="Acme > 2.4\n").odds(*place) == 6.0


def test_a_line_that_was_not_read_above_has_the_least_odds() -> None:
    part = Included(passage(1, TEXT), 0, len(TEXT), "Acme", (Line("2.4", 90),))
    place = in_passage(part, len(TEXT) + 1, len(TEXT) + 4)
    assert pointed(TEXT, 0, 4, above="Acme\n").odds(*place) == LEAST


def test_what_is_pointed_at_is_answered(generator: CausalGenerator) -> None:
    prompt = packed(generator, TEXT)
    options = replace(ALWAYS, pointing=PointingOptions(own=1.0, pointed=20.0))
    for start, end in [(29, 36), (11, 14), (0, 4)]:
        found = ground(generator, prompt, options, pointed=[pointed(TEXT, start, end)])
        assert found.candidates[0].text == TEXT[start:end]


def test_the_passage_that_was_pointed_at_wins(generator: CausalGenerator) -> None:
    other = "Li Ming is a singer. He was born in 1970."
    prompt = packed(generator, TEXT, other)
    sure, unsure = pointed(other, 0, 7), pointed(TEXT, 29, 36, odds=-6.0)
    options = replace(ALWAYS, pointing=PointingOptions(own=1.0, pointed=20.0))
    found = ground(generator, prompt, options, pointed=[unsure, sure])
    assert found.candidates[0].places[0].passage == 1
    assert found.candidates[0].text == "Li Ming"


def test_nobody_s_word_changes_nothing(generator: CausalGenerator) -> None:
    prompt = packed(generator, TEXT)
    alone = ground(generator, prompt, ALWAYS)
    worthless = replace(ALWAYS, pointing=PointingOptions(own=1.0, pointed=0.0, bias=0.0, margin=99.0))
    beside = ground(generator, prompt, worthless, pointed=[pointed(TEXT, 0, 4)])
    assert beside.candidates == alone.candidates
    assert beside.confidence == pytest.approx(alone.confidence)


@pytest.mark.parametrize("calibration", [Calibration(), Calibration(bias=1.0, slope=0.2)])
def test_the_joint_confidence_is_the_logistic_of_both(calibration: Calibration) -> None:
    options = PointingOptions(own=0.7, pointed=0.5, bias=-0.3)
    part, one = Included(passage(1, TEXT), 0, len(TEXT)), pointed(TEXT, 29, 36)
    joint = Joint([part], [one], calibration, options)
    (prior,), cost = joint.priors([-1.0], range(1)), joint.cost(lambda *place: 0.25)
    for start, end in [(29, 36), (29, 31)]:
        generators = 2.5 - 1.0 - 0.25
        odds = joint.odds(2.5 + prior - cost(0, start, end))
        logit = calibration.bias + calibration.slope * generators
        total = options.bias + options.own * logit + options.pointed * one.odds(start, end)
        assert calibration.confidence(odds) == pytest.approx(1 / (1 + math.exp(-total)))
        assert joint.found(joint.odds(1.5)) == pytest.approx(1.5)


def test_a_cost_is_never_negative() -> None:
    part, one = Included(passage(1, TEXT), 0, len(TEXT)), pointed(TEXT, 29, 36)
    cost = Joint([part], [one], Calibration(), PointingOptions()).cost(lambda *place: 0.0)
    assert (
        min(cost(0, start, end) for start in range(len(TEXT)) for end in range(start + 1, len(TEXT))) == 0.0
    )


def test_passages_are_read_in_the_order_of_what_was_pointed_at() -> None:
    hits = [Hit(passage(at, TEXT), 1.0, (), f"{at}.md", str(at)) for at in range(3)]
    at = {
        0: pointed(TEXT, 0, 4, odds=-2.0),
        1: pointed(TEXT, 0, 4, odds=4.0),
        2: pointed(TEXT, 0, 4, odds=4.0),
    }
    assert [hit.passage.id for hit in chosen(hits, at)] == [1, 2, 0]
    assert [hit.passage.id for hit in chosen(hits, at, rank=10.0)] == [0, 1, 2]


def test_what_is_missing_is_read_once_and_when_it_is_wanted() -> None:
    asked: list[list[int]] = []
    all_of_them = {at: pointed(TEXT, 0, 4, odds=float(at)) for at in range(3)}

    def read(ids: Sequence[int]) -> dict[int, Pointed]:
        asked.append(list(ids))
        return {one: all_of_them[one] for one in ids}

    opinions = Opinions([2, 0, 1], {2: all_of_them[2]}, read)
    assert len(opinions) == 3
    assert (opinions[0], asked) == (all_of_them[2], [])
    assert (opinions[2], opinions[1]) == (all_of_them[1], all_of_them[0])
    assert opinions[:2] == [all_of_them[2], all_of_them[0]]
    assert asked == [[0, 1]]
    assert not Opinions([], {}, read)
