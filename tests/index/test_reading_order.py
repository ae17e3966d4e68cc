"""Boxes in the order in which they are read."""

from __future__ import annotations

from index.readers.reading_order import Box, in_order


def order(*boxes: tuple[float, float, float, float]) -> list[int]:
    """The numbers of boxes, given from the last that is read to the first."""
    return in_order([(Box(*sides), number) for number, sides in reversed(list(enumerate(boxes)))])


def test_nothing_and_one() -> None:
    assert order() == []
    assert order((0, 0, 1, 1)) == [0]


def test_a_line_across_stands_above_columns() -> None:
    assert order((0, 0, 9, 1), (0, 2, 4, 3), (0, 3, 4, 4), (5, 2, 9, 3), (5, 3, 9, 4)) == [0, 1, 2, 3, 4]


def test_rows_where_they_are_further_apart_than_columns() -> None:
    assert order((0, 0, 4, 1), (4.1, 0, 9, 1), (0, 2, 4, 3), (4.1, 2, 9, 3)) == [0, 1, 2, 3]


def test_boxes_that_touch_a_little_are_parted() -> None:
    assert order((0, 0, 4, 1.05), (0, 1, 4, 2.05), (0, 2, 4, 3)) == [0, 1, 2]


def test_boxes_one_upon_another_go_by_their_tops() -> None:
    assert order((0, 0, 9, 9), (1, 1, 8, 8), (2, 2, 7, 7)) == [0, 1, 2]


def test_many_boxes() -> None:
    stairs = [(float(at), float(at), at + 3.0, at + 3.0) for at in range(3000)]
    assert order(*stairs) == list(range(3000))
