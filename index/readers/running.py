"""The heads and the feet of pages, which say the same on each of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, product

from index.readers.printed import Line

_MARGIN = 0.1
"""Of the height of a page, at its top and at its foot."""


def without_running_lines(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Pages without the head and the foot, of two lines at most, that stand on more than half of them.

    They would cut every sentence that goes on over the page. What they say stays once, as a paragraph: the
    first head, the last foot, unless it is a mere number.
    """
    bodies = [_trimmed(page) for page in _without_placed(pages)]
    kept: list[tuple[int, int, str]] = []
    for edge in (0, -1, 0, -1):
        # A page of one line says something with it, even if the others say the same.
        forms = [_forms(body[edge], at) if len(body) > 1 else set() for at, body in enumerate(bodies)]
        often = Counter(chain.from_iterable(forms))
        least = max(3, sum(map(bool, bodies)) // 2 + 1)
        running = [at for at, own in enumerate(forms) if any(often[form] >= least for form in own)]
        lines = [(at, edge, bodies[at].pop(edge)) for at in running]
        if lines and re.search(r"[^\W\d_]", lines[edge][2]):
            kept.append(lines[edge])
        bodies = [_trimmed(body) for body in bodies]
    for at, edge, line in reversed(kept):
        bodies[at] = [line, "", *bodies[at]] if edge == 0 else [*bodies[at], "", line]
    return bodies


def _trimmed(page: Sequence[str]) -> list[str]:
    filled = [at for at, line in enumerate(page) if line]
    return list(page[filled[0] : filled[-1] + 1]) if filled else []


def _forms(line: str, at: int) -> set[str]:
    """What the same line says on other pages: any of its small numbers may be one that counts the pages."""
    words = re.split(r"(?<!\d)(\d{1,3})(?!\d)", line)
    if len(words) > 9:
        return {line}
    choices = [(word, f"page {int(word) - at:+}") if i % 2 else (word,) for i, word in enumerate(words)]
    return {"\0".join(form) for form in product(*choices)}


def _without_placed(pages: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """The same by their places, in whatever order they are drawn; two pages of two are enough then."""
    filled = sum(any(page) for page in pages)
    least = max(2, filled // 2 + 1)
    edges = [[_edge(line) for line in page] for page in pages]
    often: Counter[tuple[int, str]] = Counter()
    for at, page in enumerate(pages):
        own = zip(edges[at], page, strict=True)
        often.update({(edge, form) for edge, line in own if edge for form in _forms(line, at)})
    told: dict[int, list[tuple[int, str]]] = {1: [], -1: []}
    bodies: list[list[str]] = []
    for at, page in enumerate(pages):
        bodies.append([])
        for edge, line in zip(edges[at], page, strict=True):
            if edge and any(often[edge, form] >= least for form in _forms(line, at)):
                told[edge].append((at, line))
            else:
                bodies[-1].append(line)
    first = min((at for at, _ in told[1]), default=0)
    last = max((at for at, _ in told[-1]), default=0)
    heads = [line for at, line in told[1] if at == first and _says(line)]
    feet = [line for at, line in told[-1] if at == last and _says(line)]
    for at, body in enumerate(bodies):
        above = [part for line in heads for part in (str(line), "")] if at == first else []
        below = [part for line in feet for part in ("", str(line))] if at == last else []
        yield [*above, *body, *below]


def _edge(line: str) -> int:
    """1 at the top of its page, -1 at the foot, else 0."""
    if not isinstance(line, Line):
        return 0
    return (line.place.height < _MARGIN) - (line.place.height > 1 - _MARGIN)


def _says(line: str) -> bool:
    """Whether it is more than a number."""
    return re.search(r"[^\W\d_]", line) is not None
