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

    These are the embedded reader's. Fitted on 604 questions (half the articles of SQuAD dev-part and CMRC
    dev; a third of the questions without their passage; right is F1 of .5 or more). On the other half,
    English / Chinese: AUROC .902 / .892 for "is right", .964 / .909 for "has an answer", Brier score .123 /
    .136. More features (log-probability, agreement, first token, length) gained nothing. docs/log.md,
    2026-11-23.
    """

    bias: float = -1.435
    slope: float = 0.535
    threshold: float = 0.3
    """An answer is given from this confidence on, where nothing else is set.

    At .3 (same measurement): of questions with an answer 96 % / 83 % are answered, of questions without one
    13 % / 12 %; best for both together.
    """

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

        >>> [round(Calibration().confidence(odds), 2) for odds in (-3, 0, 3, 6)]
        [0.05, 0.19, 0.54, 0.86]
        """
        total = self.bias + self.slope * odds
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, total))))
