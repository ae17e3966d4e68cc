from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest

from finetune.evaluate import Scores
from finetune.gate import Rule, judge, paired

PLAIN = Scores(100, 100, citations=80, citations_true=1.0)


def scored(score: float, points: Mapping[str, float] | None = None, **more: object) -> Scores:
    return replace(PLAIN, exact_at=score - 0.05, f1_at=score + 0.05, points=points or {}, **more)  # type: ignore[arg-type]


def shifted(count: int, gained: int, lost: int) -> tuple[Scores, Scores]:
    """`count` questions, of which some are gained and some lost, the others as before."""
    right = [n >= gained and (n < gained + lost or n % 2 == 0) for n in range(count)]
    now = [n < gained or (n >= gained + lost and n % 2 == 0) for n in range(count)]
    found = []
    for values in (right, now):
        points = {str(n): float(value) for n, value in enumerate(values)}
        share = sum(points.values()) / count
        found.append(Scores(count, count, exact_at=share, f1_at=share, points=points))
    return found[0], found[1]


def verdict(before: tuple[float, float], after: tuple[float, float], rule: Rule | None = None) -> bool:
    sets = [{"domain": scored(a), "general": scored(b)} for a, b in (before, after)]
    return judge(sets[0], sets[1], rule).better


def test_better_is_a_domain_that_gains_and_nothing_forgotten() -> None:
    assert verdict((0.40, 0.60), (0.41, 0.59))
    assert not verdict((0.40, 0.60), (0.409, 0.60))
    assert not verdict((0.40, 0.60), (0.50, 0.589))
    assert not verdict((0.40, 0.60), (0.38, 0.65))
    assert verdict((0.40, 0.60), (0.50, 0.56), Rule(loss=0.05))
    assert not verdict((0.40, 0.60), (0.44, 0.60), Rule(gain=0.05))


def test_the_reasons_say_the_numbers() -> None:
    before = {"domain": scored(0.412), "general": scored(0.7)}
    after = {"domain": scored(0.52), "general": scored(0.65, citations_true=0.975)}
    found = judge(before, after)
    assert found.better is False
    assert found.reasons == (
        "On the domain's 100 questions the score rose from 41.2 to 52.0, +10.8 points; at least +1.0 was "
        "asked for.",
        "On the general set's 100 questions the score fell from 70.0 to 65.0, -5.0 points; at most 1.0 may "
        "be lost: it has forgotten too much.",
        "80 of 80 citations of the domain set are true.",
        "78 of 80 citations of the general set are true; before, 100.0 % were.",
    )
    assert (
        judge(before, before)
        .reasons[0]
        .endswith("stayed at 41.2, +0.0 points; at least +1.0 was asked for, so it is not better.")
    )


def test_a_false_citation_is_enough_to_refuse() -> None:
    good = {"domain": scored(0.4), "general": scored(0.6)}
    bad = {"domain": scored(0.5, citations_true=79 / 80), "general": scored(0.6)}
    assert not judge(good, bad).better
    assert judge(bad | {"domain": scored(0.3, citations_true=0.9)}, bad).better


@pytest.mark.parametrize(
    ("count", "gained", "lost", "kept"),
    [
        (120, 0, 1, True),  # under one point
        (120, 8, 11, True),  # 2.5 points, but these questions do not show it
        (1000, 20, 45, False),  # 2.5 points, and these do
        (120, 20, 26, False),  # 5 points: too much, shown or not
    ],
)
def test_a_fall_counts_when_it_is_shown(count: int, gained: int, lost: int, kept: bool) -> None:
    before, after = shifted(count, gained, lost)
    found = judge({"domain": scored(0.4), "general": before}, {"domain": scored(0.5), "general": after})
    assert found.better is kept
    change = paired(before, after)
    assert change is not None
    assert change.mean == pytest.approx((gained - lost) / count)
    assert f"(95 % interval {100 * change.low:+.1f} to {100 * change.high:+.1f})" in found.reasons[1]
    assert ("forgotten" in found.reasons[1]) is not kept


def test_only_questions_that_both_were_asked_are_paired() -> None:
    first = Scores(2, points={"a": 0.0, "b": 1.0})
    second = Scores(2, points={"b": 1.0, "c": 1.0})
    found = paired(first, second)
    assert found is not None
    assert found.mean == 0.0
    assert paired(first, Scores(0)) is None


def test_a_handful_of_questions_decides_nothing() -> None:
    before = {"domain": replace(scored(0.2), questions=8)}
    after = {"domain": replace(scored(0.9), questions=8)}
    found = judge(before, after)
    assert not found.better
    assert "8 questions are too few to tell, it takes 20" in found.reasons[0]
    assert judge(before, after, Rule(questions=8)).better


@pytest.mark.parametrize(("after", "better"), [(19.6, True), (19.7, False), (25.0, False)])
def test_text_is_judged_by_its_perplexity(after: float, better: bool) -> None:
    general = scored(0.6)
    sets = [{"domain": Scores(0, perplexity=p), "general": general} for p in (20.0, after)]
    found = judge(sets[0], sets[1])
    assert found.better is better
    assert f"from 20.00 to {after:.2f}" in found.reasons[0]
    assert not judge(sets[0], sets[1] | {"general": scored(0.5)}).better
    by_text = Rule(measure="perplexity")
    asked = [{"domain": replace(scored(0.4), perplexity=p)} for p in (20.0, after)]
    assert judge(asked[0], asked[1], by_text).better is better
    assert not judge(asked[0], asked[1]).better  # the answers stayed as they were


def test_nothing_to_compare_on_is_not_better() -> None:
    found = judge({"domain": Scores(0)}, {"domain": Scores(0)})
    assert not found.better
    assert "no held-out question and no held-out text" in found.reasons[0]


def test_sets_have_to_be_the_same() -> None:
    with pytest.raises(ValueError, match="general"):
        judge({"domain": PLAIN}, {"domain": PLAIN, "general": PLAIN})
    with pytest.raises(ValueError, match="domain"):
        judge({"general": PLAIN}, {"general": PLAIN})


def test_noise_alone_is_rarely_taken_for_forgetting() -> None:
    """Of versions as good as the one before on 120 questions, one in ten of which flips either way."""
    draw, refused = random.Random(0), 0
    for _ in range(60):
        gained, lost = (sum(draw.random() < 0.05 for _ in range(120)) for _ in range(2))
        before, after = shifted(120, gained, lost)
        sets = ({"domain": scored(0.4), "general": before}, {"domain": scored(0.5), "general": after})
        refused += not judge(*sets).better
    assert refused <= 15
