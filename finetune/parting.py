"""What is learnt, what says when to stop, and what is only asked: split by document, none is in two."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence

from finetune.records import Part

FEWEST = 3
"""Groups below which there is nothing to split."""
_FILLED = 0.8
"""Share of what a part should hold from which it is full."""


def part_groups(
    sizes: Mapping[str, int],
    *,
    validation: float,
    heldout: float,
    seed: int = 0,
    learnt: Collection[str] = (),
    asked: Collection[str] = (),
) -> dict[str, Part]:
    """Which part each group belongs to; with fewer than `FEWEST` groups all are learnt.

    Groups are drawn at random until a part holds about its share, and one at least where its share is not 0.

    Args:
        sizes: group -> how many questions it has.
        validation, heldout: shares of all questions.
        learnt: groups that are learnt, unless nothing would be left to hold out.
        asked: groups that are held out first.
    """
    parts: dict[str, Part] = dict.fromkeys(sizes, "train")
    if len(sizes) < FEWEST:
        return parts
    order = random.Random(seed).sample(sorted(sizes), len(sizes))
    total = sum(sizes.values())
    shares: tuple[tuple[Part, float, int], ...] = (
        ("heldout", heldout, 1 + (validation > 0)),
        ("validation", validation, 1),
    )
    for part, share, left in shares:
        if share > 0:
            tiers = _tiers(order, sizes, share * total, learnt, asked if part == "heldout" else ())
            _fill(parts, part, tiers, sizes, share * total, left)
    return parts


def _tiers(
    order: Sequence[str],
    sizes: Mapping[str, int],
    wanted: float,
    learnt: Collection[str],
    asked: Collection[str],
) -> list[list[str]]:
    """The groups in the order in which they are taken, those that are to be learnt last.

    Many small groups say more than one large one: those of a third of the share go before the others.
    """
    first = [group for group in order if group in asked]
    free = [group for group in order if group not in asked and group not in learnt]
    small = [group for group in free if sizes[group] <= wanted / 3]
    large = [group for group in free if sizes[group] > wanted / 3]
    return [first, small, large, [group for group in order if group in learnt and group not in asked]]


def _fill(
    parts: dict[str, Part],
    part: Part,
    tiers: Sequence[Sequence[str]],
    sizes: Mapping[str, int],
    wanted: float,
    left: int,
) -> None:
    """Move groups into a part until it is full; `left` groups at least stay."""
    taken = 0
    for number, tier in enumerate(tiers):
        free = [group for group in tier if parts[group] == "train"]
        if number == len(tiers) - 1 and taken:
            return
        for group in free:
            if taken >= _FILLED * wanted or sum(one == "train" for one in parts.values()) <= left:
                return
            too_large = sizes[group] > 1.5 * wanted - taken
            if too_large and (taken or sizes[group] > min(sizes[g] for g in free)):
                continue
            parts[group] = part
            taken += sizes[group]
