"""Whether a version is better, by a stated rule, and why, in words with numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from finetune.evaluate import Scores
from rag.verdict import FEWEST, Difference, difference

DOMAIN = "domain"
"""Name of the questions that a version is to be better at; every other set is one that it may not forget."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a version is better than the one before. Shares are 0 to 1: .01 is one point.

    A set's score is the mean of exact match and F1 over all its questions, answered from the version's own
    threshold on; silence counts 1 where nothing answers the question and 0 where something does.
    """

    measure: Literal["answers", "perplexity"] = "answers"
    """What the domain is judged by. Without questions of the domain it is perplexity in any case."""
    gain: float = 0.01
    """By how much the domain's score has to rise at least."""
    loss: float = 0.01
    """How much another set's score may fall. A fall by more counts when it is shown (the 95 % interval of the
    paired difference, by bootstrap over questions, lies below 0), or when it is more than `most`."""
    most: float = 0.03
    """How much another set's score may fall at most, whether it is shown or not."""
    perplexity: float = 0.02
    """Share by which the domain's perplexity has to fall at least, where that is what counts."""
    questions: int = FEWEST
    """Questions of the domain below which nothing is decided, and the version is not better."""


@dataclass(frozen=True, slots=True)
class Verdict:
    better: bool
    reasons: tuple[str, ...]
    """Sentences, one for each thing that was looked at."""


def judge(before: Mapping[str, Scores], after: Mapping[str, Scores], rule: Rule | None = None) -> Verdict:
    """Compare scores on the same questions: of what answers now, and of what was trained.

    Args:
        before, after: by name of the set: `DOMAIN`, and those that may not be forgotten.

    Raises:
        ValueError: one has a set that the other has not, or there is no domain.
    """
    rule = rule or Rule()
    if before.keys() != after.keys() or DOMAIN not in after:
        raise ValueError(f"scores of {sorted(before)} before and {sorted(after)} after; both need {DOMAIN!r}")
    found = [_gained(before[DOMAIN], after[DOMAIN], rule)]
    found += [_kept(name, before[name], after[name], rule) for name in after if name != DOMAIN]
    found += [_true(name, before[name], after[name]) for name in after if after[name].citations]
    return Verdict(all(good for good, _ in found), tuple(text for _, text in found))


def paired(before: Scores, after: Scores) -> Difference | None:
    """The change of the score question by question, with its 95 % interval; None: they share no questions."""
    ids = [one for one in after.points if one in before.points]
    return difference([after.points[i] for i in ids], [before.points[i] for i in ids]) if ids else None


def _gained(before: Scores, after: Scores, rule: Rule) -> tuple[bool, str]:
    if rule.measure == "perplexity" or not after.questions:
        return _perplexity(before, after, rule)
    rise = after.score - before.score
    told = f"On the domain's {after.questions} questions the score {_moved(before, after)}"
    told += _shown(before, after)
    asked = f"at least {100 * rule.gain:+.1f} was asked for"
    if after.questions < rule.questions:
        return (
            False,
            f"{told}; but {after.questions} questions are too few to tell, it takes {rule.questions}.",
        )
    good = _reaches(rise, rule.gain)
    return good, f"{told}; {asked}{'' if good else ', so it is not better'}."


def _perplexity(before: Scores, after: Scores, rule: Rule) -> tuple[bool, str]:
    if before.perplexity is None or after.perplexity is None:
        return False, "There is no held-out question and no held-out text of the domain to compare on."
    fall = 1 - after.perplexity / before.perplexity
    good = _reaches(fall, rule.perplexity)
    return good, (
        f"On the domain's held-out text the perplexity went from {before.perplexity:,.2f} to "
        f"{after.perplexity:,.2f}, {abs(100 * fall):.1f} % {'less' if fall >= 0 else 'more'}; at least "
        f"{100 * rule.perplexity:.1f} % less was asked for{'' if good else ', so it is not better'}."
    )


def _kept(name: str, before: Scores, after: Scores, rule: Rule) -> tuple[bool, str]:
    told = f"On the {name} set's {after.questions} questions the score {_moved(before, after)}"
    told += _shown(before, after)
    fall, found = before.score - after.score, paired(before, after)
    allowed = f"at most {100 * rule.loss:.1f} may be lost"
    if _reaches(rule.loss, fall):
        return True, f"{told}; {allowed}."
    if not _reaches(rule.most, fall):
        return False, f"{told}; {allowed}: it has forgotten too much."
    if found is not None and found.high >= 0:
        return True, (
            f"{told}; {allowed}, and these questions do not show that so much is lost (up to "
            f"{100 * rule.most:.1f} that counts)."
        )
    return False, f"{told}; {allowed}: it has forgotten too much."


def _true(name: str, before: Scores, after: Scores) -> tuple[bool, str]:
    now, then = after.citations_true or 0.0, before.citations_true
    good = _reaches(now, 1.0 if then is None else then)
    told = f"{round(now * after.citations)} of {after.citations} citations of the {name} set are true"
    return good, told + ("." if good else f"; before, {100 * (1.0 if then is None else then):.1f} % were.")


def _moved(before: Scores, after: Scores) -> str:
    change = 100 * (after.score - before.score)
    if abs(change) < 0.05:
        return f"stayed at {100 * after.score:.1f}, +0.0 points"
    went = "rose" if change > 0 else "fell"
    return f"{went} from {100 * before.score:.1f} to {100 * after.score:.1f}, {change:+.1f} points"


def _shown(before: Scores, after: Scores) -> str:
    found = paired(before, after)
    return "" if found is None else f" (95 % interval {100 * found.low:+.1f} to {100 * found.high:+.1f})"


def _reaches(value: float, least: float) -> bool:
    """Rounding of sums does not decide.

    >>> _reaches(0.3 - 0.29, 0.01)
    True
    """
    return value >= least - 1e-9
