"""How sure an answer is: odds to a confidence. It belongs to a generator, whose card may bring its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from index.errors import BrokenModel


@dataclass(frozen=True, slots=True)
class Calibration:
    """The probability that an answer is right is logistic(bias + slope x odds).

    These are the embedded reader's. Fitted on 449 questions (articles of SQuAD 2.0 dev that it has not
    learnt, `benchmarks/handbooks/watched.json`, CMRC trial; a third without an answer; right is F1 of .5
    or more): Brier score .170. Sixteen more features (log-probability, silence, margin to the next, scores of
    the retrieval, likeness, length, ...) gained nothing, cross-validated (docs/log.md, 2026-11-26).
    """

    bias: float = -0.088
    slope: float = 0.538
    threshold: float = 0.45
    """An answer is given from this confidence on, where nothing else is set.

    At .4, of the same questions: of the company documents' that nothing answers, all written to mislead, 16 %
    are answered, and of those with an answer 55 of the 70 % whose best answer is right are given; of SQuAD
    2.0's 41 %, and 78 of 84 %. At .5 it is 11 % and 50, 30 % and 74.
    """

    @property
    def least_odds(self) -> float:
        """The odds from which an answer is given, natural log units.

        Where a model chooses between answer and silence itself, they are added to silence's score: below 0
        for a reader that falls silent easily.

        >>> round(Calibration(bias=0.0, slope=0.5, threshold=0.5).least_odds, 6)
        0.0
        """
        return self.odds(self.threshold)

    def odds(self, confidence: float) -> float:
        """Those from which an answer has this confidence, natural log units.

        >>> round(Calibration(bias=0.0, slope=0.5).odds(Calibration(bias=0.0, slope=0.5).confidence(1.25)), 6)
        1.25
        """
        held = min(max(confidence, 1e-6), 1 - 1e-6)
        return (math.log(held / (1 - held)) - self.bias) / self.slope

    @classmethod
    def of(cls, card: Mapping[str, Any]) -> Self:
        """That of a model's card; the embedded reader's where it has none.

        Raises:
            BrokenModel: it is not three numbers.
        """
        given = card.get("calibration")
        if given is None:
            return cls()
        try:
            found = cls(**{name: float(value) for name, value in given.items()})
        except (AttributeError, TypeError, ValueError) as error:
            raise BrokenModel(
                'the "calibration" of the model\'s card.json should be {"bias": .., "slope": .., '
                f'"threshold": ..}}, not {given!r}'
            ) from error
        if not (math.isfinite(found.bias) and math.isfinite(found.slope) and 0 <= found.threshold <= 1):
            raise BrokenModel(f'the "calibration" of the model\'s card.json has no usable numbers: {given!r}')
        return found

    def confidence(self, odds: float) -> float:
        """0 to 1.

        >>> [round(Calibration().confidence(odds), 2) for odds in (-6, -3, 0, 3)]
        [0.04, 0.15, 0.48, 0.82]
        """
        total = self.bias + self.slope * odds
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, total))))
