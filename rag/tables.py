"""Rows of a table that a question is not about: its answer does not stand in them.

A small reader sees `Model: B-350; Weight: 124 kg` below `Model: B-200; Weight: 58 kg` and takes one for the
other. Which row is meant, the question's own words tell.
"""

from __future__ import annotations

import re

from index.language import asked_terms, index_terms

_ROW = re.compile(r"^(?=[^\n]*(?:[:：][^\n;；]*[;；][^\n:：]*[:：]|\|[^\n|]+\|))[^\n]+$", re.MULTILINE)
"""A line of two labelled values at least, as the readers write tables, or of two cells of Markdown."""

Span = tuple[int, int]


def other_rows(text: str, question: str) -> list[Span]:
    """Rows of `text` that hold fewer of the words that tell its rows apart than another row does.

    >>> text = "Model: B-200; Weight: 58 kg\\nModel: B-350; Weight: 124 kg"
    >>> [text[a:b] for a, b in other_rows(text, "What is the weight of the B-200?")]
    ['Model: B-350; Weight: 124 kg']
    >>> other_rows(text, "Which model is the heaviest?")
    []
    """
    rows = [match.span() for match in _ROW.finditer(text)]
    if len(rows) < 2:
        return []
    asked = set(asked_terms(question))
    held = [asked & set(index_terms(text[a:b])) for a, b in rows]
    telling = set[str]().union(*held) - held[0].intersection(*held)
    most = max(len(one & telling) for one in held)
    return [row for row, one in zip(rows, held, strict=True) if len(one & telling) < most]
