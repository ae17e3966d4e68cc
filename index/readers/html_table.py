"""Tables of HTML -> lines, each value under its column's name."""

from __future__ import annotations

import re
from collections import Counter
from itertools import takewhile
from typing import Any

from index.readers.forms import is_form
from index.readers.headers import joined_names
from index.readers.html_text import flat
from index.readers.tables import table_lines

_MOST_SPANNED = 50_000
"""Cells that spans may add to a table: a small file must not grow huge."""
_LONGEST_CELL = 300
"""Characters of a cell with a list in it, where nothing says that the table holds data."""
_INSIDE = "table, h1, h2, h3, ul, ol, dl, pre"
"""What makes a table likely to lay out a page."""


def holds_data(table: Any) -> bool:
    """Whether a table is one of data, and does not lay out a page.

    With lists or whole tables in its cells, it says so itself by a caption or names of columns or rows, or
    there are, of plain lists, several rows of the same number of short cells.
    """
    if not any(child.css_first(_INSIDE) for child in table.iter()):
        return True
    rows = _own_rows(table)
    cells = [node for row in rows for node in row]
    tags = {node.tag for node in cells}
    if len(tags) == 2 or any(child.tag in ("caption", "thead") for child in table.iter()):
        return True
    if any(child.css_first("table, h1, h2, h3, pre") for child in table.iter()):
        return False
    lengths = Counter(len(row) for row in rows if len(row) > 1)
    return max(lengths.values(), default=0) > 1 and all(len(node.text()) <= _LONGEST_CELL for node in cells)


def html_table(table: Any) -> str:
    rows = _html_rows(table)
    texts = [[text for text, _ in row] for row in rows]
    titles = len([*takewhile(lambda row: sum(map(bool, row)) == 1, texts)])
    above = [[node.text()] for node in table.css("caption")] + texts[:titles]
    if pairs := _pairs(rows[titles:]):
        return "\n".join(table_lines(above) + [line for pair in pairs for line in table_lines([pair], [])])
    heads = [*takewhile(lambda row: all(head for text, head in row if text), rows[titles:])]
    header: list[str] | None = None  # where no `th` tells, the words do
    body = titles
    if heads and titles + len(heads) < len(rows):
        header = joined_names(texts[titles : titles + len(heads)])
        body += len(heads)
    elif titles < len(rows) and (rows[titles][0][1] or is_form(texts[titles:])):
        header = []  # a `th` that stands first is the label of its row
    return "\n".join(table_lines(above) + table_lines(texts[body:], header))


def _pairs(rows: list[list[tuple[str, bool]]]) -> list[list[str]]:
    """Labels and values of a form whose rows hold several of them: `th`, `td`, `th`, `td`; else nothing."""
    filled = [[cell for cell in row if cell[0]] for row in rows]
    heads = [[head for _, head in row] for row in filled]
    if not any(len(row) > 3 for row in heads) or any(row != [True, False] * (len(row) // 2) for row in heads):
        return []
    return [[row[at][0], row[at + 1][0]] for row in filled for at in range(0, len(row), 2)]


def _html_rows(table: Any) -> list[list[tuple[str, bool]]]:
    """Each cell's text and whether it is a `th`; one that spans rows stands in each, columns in the first."""
    trs = _own_rows(table)
    grid: list[dict[int, tuple[str, bool]]] = [{} for _ in trs]
    room = _MOST_SPANNED
    for at, tr in enumerate(trs):
        column = 0
        for node in tr:
            while column in grid[at]:
                column += 1
            text, head = flat(node), node.tag == "th"
            width, height = _span(node, "colspan"), _span(node, "rowspan")
            room -= width * height - 1
            width, height = (width, height) if room > 0 else (1, 1)
            for row in grid[at : at + height]:
                row[column] = (text, head)
                row.update({column + i: ("", head) for i in range(1, width)})
            column += width
    return [[row.get(i, ("", False)) for i in range(max(row) + 1)] for row in grid if row]


def _own_rows(table: Any) -> list[list[Any]]:
    """The cells of each row, without those of tables in them."""
    parts = [part for part in table.iter() if part.tag in ("thead", "tbody", "tfoot", "tr")]
    rows = [row for part in parts for row in ([part] if part.tag == "tr" else part.iter()) if row.tag == "tr"]
    return [[cell for cell in row.iter() if cell.tag in ("td", "th")] for row in rows]


def _span(node: Any, name: str) -> int:
    """How many columns or rows a cell takes, as a browser reads it."""
    given = re.match(r"\d{1,4}", node.attributes.get(name) or "")
    return min(max(int(given[0]), 1), 100) if given else 1
