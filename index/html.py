"""Reader of HTML: bytes -> `Draft`, its text the light Markdown of `index.text`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile, zip_longest
from typing import Any

from index.formats import Draft
from index.markdown import as_code
from index.tables import is_form, table_lines
from index.text import block, clean, decode, one_line, stack

_DROPPED = "script, style, noscript, template, svg, iframe, nav, footer, button, select, [role=navigation]"
_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|d[dlt]|details|div|fieldset|figcaption|figure|form|h[1-6]|header"
    "|hr|li|main|ol|p|pre|section|summary|table|td|th|tr|ul"
)
_MARKS = {"li": "- "} | {f"h{level}": "#" * level + " " for level in range(1, 7)}
_BR = "\x1e"
_MOST_SPANNED = 50_000
"""Cells that spans may add to a table: a small file must not grow huge."""


def read_html(data: bytes) -> Draft:
    from selectolax.lexbor import LexborHTMLParser

    declared = re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", data[:4096], re.IGNORECASE)
    tree = LexborHTMLParser(decode(data, declared[1].decode() if declared else ""))
    heading = tree.css_first("title")
    title = one_line(heading.text()) if heading else ""
    for node in tree.css(_DROPPED):
        node.decompose()
    text = stack(_html_blocks(tree.body)) if tree.body else ""
    return Draft(f"# {title}\n\n{text}" if title and text and not tree.css_first("h1") else text, title)


def _html_blocks(body: Any) -> Iterator[str]:
    inline: list[str] = []
    mark = ""
    for node, closing in _html_walk(body):
        if node.is_text_node:
            inline.append(node.text_content or "")
        elif node.tag == "br":
            inline.append(_BR)
        elif _BLOCKS.fullmatch(node.tag):
            if text := block("".join(inline).split(_BR), mark):
                yield text
                mark = ""
            inline.clear()
            if node.tag in _MARKS:
                mark = "" if closing else _MARKS[node.tag]
            elif _is_whole(node):
                yield as_code(clean(node.text()).strip("\n")) if node.tag == "pre" else _html_table(node)


def _html_walk(body: Any) -> Iterator[tuple[Any, bool]]:
    """Every node on entering and (True) on leaving it, without recursion: pages can be nested deeply."""
    todo = [(body, False)]
    while todo:
        node, closing = todo.pop()
        yield node, closing
        if not (closing or node.is_text_node or _is_whole(node)):
            todo.append((node, True))
            todo.extend((child, False) for child in reversed([*node.iter(include_text=True)]))


def _is_whole(node: Any) -> bool:
    """Read in one piece: a table of data (not one that lays out a page), or preformatted text."""
    if node.tag == "table":
        return not any(child.css_first("table, h1, h2, h3, ul, ol, pre") for child in node.iter())
    return bool(node.tag == "pre")


def _html_table(table: Any) -> str:
    rows = _html_rows(table)
    texts = [[text for text, _ in row] for row in rows]
    titles = len([*takewhile(lambda row: sum(map(bool, row)) == 1, texts)])
    heads = [*takewhile(lambda row: all(head for text, head in row if text), rows[titles:])]
    header: list[str] | None = None  # where no `th` tells, the words do
    body = titles
    if heads and titles + len(heads) < len(rows):
        header = _html_header(texts[titles : titles + len(heads)])
        body += len(heads)
    elif titles < len(rows) and (rows[titles][0][1] or is_form(texts[titles:])):
        header = []  # a `th` that stands first is the label of its row
    above = [[node.text()] for node in table.css("caption")] + texts[:titles]
    return "\n".join(table_lines(above) + table_lines(texts[body:], header))


def _html_header(heads: list[list[str]]) -> list[str]:
    """Rows of names, one below the other, as one: `Staff 2023` where `Staff` spans `2022` and `2023`."""
    for row in heads[:-1]:
        for i in range(1, len(row)):
            row[i] = row[i] or row[i - 1]
    columns = zip_longest(*heads, fillvalue="")
    return [" ".join(dict.fromkeys(filter(None, column))) for column in columns]


def _html_rows(table: Any) -> list[list[tuple[str, bool]]]:
    """Each cell's text and whether it is a `th`; one that spans rows stands in each, columns in the first."""
    trs = table.css("tr")
    grid: list[dict[int, tuple[str, bool]]] = [{} for _ in trs]
    room = _MOST_SPANNED
    for at, tr in enumerate(trs):
        column = 0
        for node in tr.css("th, td"):
            while column in grid[at]:
                column += 1
            text, head = one_line(node.text(separator=" ")), node.tag == "th"
            width, height = _span(node, "colspan"), _span(node, "rowspan")
            room -= width * height - 1
            width, height = (width, height) if room > 0 else (1, 1)
            for row in grid[at : at + height]:
                row[column] = (text, head)
                row.update({column + i: ("", head) for i in range(1, width)})
            column += width
    return [[row.get(i, ("", False)) for i in range(max(row) + 1)] for row in grid if row]


def _span(node: Any, name: str) -> int:
    """How many columns or rows a cell takes, as a browser reads it."""
    given = re.match(r"\d{1,4}", node.attributes.get(name) or "")
    return min(max(int(given[0]), 1), 100) if given else 1
