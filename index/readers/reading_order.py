"""Boxes on a page or slide, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

_Thing = TypeVar("_Thing")
_OVERLAP = 0.1
"""Share of a box by which its neighbour may stand over it."""
_ALIKE = 0.9
"""Of the widest gap, the share that counts as much."""


class Box(NamedTuple):
    """Sides in any unit, from the left and from the top."""

    left: float
    top: float
    right: float
    bottom: float


def in_order(things: Sequence[tuple[Box, _Thing]]) -> list[_Thing]:
    """Row below row, and in a row column beside column; parted where the gaps are widest.

    After the recursive XY cut (Nagy and Seth 1984, "Hierarchical representation of optically scanned
    documents"), which parts at white space that goes through from side to side.

    >>> tiles = [(Box(0, 0, 2, 1), "Customers"), (Box(4, 0, 6, 1), "Churn"), (Box(4, 1, 6, 2), "2 %")]
    >>> in_order([*tiles, (Box(0, 1, 2, 2), "1,204")])
    ['Customers', '1,204', 'Churn', '2 %']
    """
    if len(things) < 2:
        return [thing for _, thing in things]
    rows, height = _parted(things, 1)
    columns, width = _parted(things, 0)
    parts = columns if len(columns) > 1 and (len(rows) < 2 or width > height) else rows
    if len(parts) < 2:
        return [thing for _, thing in sorted(things, key=lambda item: (item[0].top, item[0].left))]
    return [thing for part in parts for thing in in_order(part)]


def _parted(things: Sequence[tuple[Box, _Thing]], side: int) -> tuple[list[list[tuple[Box, _Thing]]], float]:
    """Groups with the widest gaps between them, and how wide these are."""
    groups: list[tuple[float, list[tuple[Box, _Thing]]]] = []  # behind the gap before each
    end = 0.0
    for item in sorted(things, key=lambda item: item[0][side]):
        first, last = item[0][side], item[0][side + 2]
        margin = _OVERLAP * (last - first)
        gap = first + margin - end
        if not groups or gap >= 0:
            groups.append((gap if groups else 0.0, []))
            end = last - margin
        groups[-1][1].append(item)
        end = max(end, last - margin)
    widest = max(gap for gap, _ in groups)
    parts: list[list[tuple[Box, _Thing]]] = [[]]
    for gap, group in groups:
        if parts[-1] and gap >= _ALIKE * widest:
            parts.append([])
        parts[-1] += group
    return parts, widest
