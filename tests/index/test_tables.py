"""Which rows name columns, and what is written where none does."""

from __future__ import annotations

from index.tables import table_lines


def test_a_table_of_numbers_alone_has_no_header() -> None:
    assert table_lines([["1", "2"], ["3", ""]]) == ["1; 2", "3"]
