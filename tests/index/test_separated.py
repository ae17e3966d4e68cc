"""At which mark CSV files are cut."""

from __future__ import annotations

import pytest

from index.readers.separated import csv_blocks


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (
            "Artikel;Preis;Maß\nPumpe;1.212,50;1,20\nRohr, rund;3,90;0,15\n",
            "Artikel: Pumpe; Preis: 1.212,50; Maß: 1,20",
        ),
        ("Pumpe;1,20;3,40\nRohr;3,90;0,15\n", "Pumpe; 1,20; 3,40"),
        (
            "id;note;reply\n1;Where, when, and how?;Online, or by mail.\n2;What, then?;Fire.\n",
            "id: 1; note: Where, when, and how?; reply: Online, or by mail.",
        ),
        (
            "code,plant,note\nN1,Iris,sun; cut back\nN2,Rosa,shade; dark\n",
            "code: N1; plant: Iris; note: sun; cut back",
        ),
        ("a,b\n1,x;y;z\n2,x;y;z\n", "a: 1; b: x;y;z"),
    ],
)
def test_the_mark_that_most_lines_have_as_often_parts_the_cells(text: str, first: str) -> None:
    assert next(csv_blocks(text)).split("\n")[0] == first
