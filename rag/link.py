"""Question -> the entities of the graph that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from difflib import SequenceMatcher
from itertools import islice
from os.path import commonprefix

from index.graph import KnowledgeGraph
from index.language import CJK, FUNCTION_WORDS, entity_key, fold, has_cjk

_WORD = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*")
_LATIN_WORD = re.compile(rf"[^\W_{CJK}]+(?:[-'’.&][^\W_{CJK}]+)*")
"""Chinese stands beside it with no space: B-200 in B-200水泵."""
_LONGEST_NAME_WORDS = 8
_LONGEST_NAME_CHARS = 16
_LONGEST_CHINESE = 400
"""Characters of a question in which Chinese names are looked for."""
_MOST_WORDS = 200
"""Words of a question in which names are looked for: what is longer is a text, and would take seconds."""
_COMMON = FUNCTION_WORDS | frozenset("year name first last many much other".split())  # noqa: SIM905
_BEGINNING = 4
"""Characters that a name which is written otherwise must begin with all the same."""
_SHORTEST_SLIP = 6
"""Characters; one that differs in a shorter name makes it another name."""
_NEAR = 0.85
"""Share of two names that is the same from which one is taken for the other (Ratcliff and Obershelp 1988)."""
_PARTLY = 0.6
"""What a seed is worth whose name the question holds only in part, times the part that it holds."""


def link_entities(question: str, graph: KnowledgeGraph) -> dict[str, float]:
    """Entities that a question names, with how surely each is meant (0 to 1).

    The longest stretches of the question that are entities of the graph, or that the company's own list of
    names says stand for one. Then, for what looks like a name and is in none of them: the entities that hold
    the word, or else those that are written nearly so.
    """
    spans = list(_candidates(question))
    keys = {span: entity_key(question[slice(*span)]) for span in spans}
    wanted = {key for key in keys.values() if key and key not in _COMMON}
    listed = graph.listed(wanted)
    known = graph.ids({*wanted, *(name for names in listed.values() for name in names)})
    seeds: dict[str, float] = {}
    taken: list[tuple[int, int]] = []
    for start, end in spans:
        key = keys[start, end]
        meant = [name for name in (key, *listed.get(key, ())) if name in known]
        if meant and not any(start < b and a < end for a, b in taken):
            seeds |= dict.fromkeys(meant, 1.0)
            taken.append((start, end))
    for entity, score in _unsure(question, taken, graph):
        seeds.setdefault(entity, score)
    return seeds


def _unsure(
    question: str, taken: Sequence[tuple[int, int]], graph: KnowledgeGraph
) -> Iterator[tuple[str, float]]:
    """Entities that words outside of `taken` may mean."""
    asked = {fold(w) for w in _WORD.findall(question)}
    looked_up: set[str] = set()
    for match in islice(_WORD.finditer(question), _MOST_WORDS):
        word = match.group()
        if has_cjk(word):
            for start, end in _free(match.span(), taken):
                yield from _begun(fold(question[start : min(end, _LONGEST_CHINESE)]), graph)
        elif any(match.start() < b and a < match.end() for a, b in taken):
            continue
        elif (word[0].isupper() or word[0].isdigit()) and fold(word) not in _COMMON | looked_up:
            looked_up.add(fold(word))
            yield from _partial(word, asked, graph) or _nearly(fold(question[match.start() :]), graph)


def _free(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts of a stretch that `taken` leaves."""
    at, end = span
    for a, b in sorted(taken):
        if a < end and at < b:
            yield at, a
            at = b
    yield at, end


def _begun(text: str, graph: KnowledgeGraph) -> Iterator[tuple[str, float]]:
    """Chinese entities of which `text` holds the beginning: 枣林仪器公司 for 枣林仪器有限公司."""
    inside = {at for word in _LATIN_WORD.finditer(text) for at in range(word.start() + 1, word.end())}
    for at in range(len(text) - _BEGINNING + 1):
        if at in inside:
            continue
        for key in graph.beginning(text[at : at + _BEGINNING], 3):
            same = len(commonprefix([key, text[at:]]))  # noqa: RUF071 - characters are meant
            if at + same not in inside and same / len(key) >= 0.5:
                yield key, _PARTLY * same / len(key)


def _nearly(text: str, graph: KnowledgeGraph) -> list[tuple[str, float]]:
    """The entity that is written nearly as `text` begins: for slips of the pen."""
    near: list[tuple[float, str]] = []
    for key in graph.beginning(text[:_BEGINNING], 200):
        pair = SequenceMatcher(None, key, text[: len(key)])
        # quick_ratio is an upper bound and ten times as fast.
        if len(key) >= _SHORTEST_SLIP and pair.quick_ratio() >= _NEAR:
            near.append((pair.ratio(), key))
    best, key = max(near, default=(0.0, ""))
    return [(key, _PARTLY * best)] if best >= _NEAR else []


def _candidates(question: str) -> Iterator[tuple[int, int]]:
    """Stretches of a question that may be a name, longest first."""
    pattern = _LATIN_WORD if has_cjk(question) else _WORD
    words = [m.span() for m in islice(pattern.finditer(question), _MOST_WORDS)]
    spans = {
        (words[i][0], words[j][1])
        for i in range(len(words))
        for j in range(i, min(i + _LONGEST_NAME_WORDS, len(words)))
        if j > i or _may_name(question[slice(*words[i])])
    }
    if has_cjk(question):
        limit = min(len(question), _LONGEST_CHINESE)
        spans |= {
            (i, j)
            for i in range(limit)
            for j in range(i + 2, min(i + _LONGEST_NAME_CHARS, limit) + 1)
            if has_cjk(question[i:j]) and not question[i:j].isspace()
        }
    return iter(sorted(spans, key=lambda s: (s[0] - s[1], s[0])))


def _may_name(word: str) -> bool:
    return fold(word) not in _COMMON and (len(word) > 2 or not word.islower())


def _partial(word: str, asked: Set[str], graph: KnowledgeGraph) -> list[tuple[str, float]]:
    """Entities that hold `word`, weighed by how much of their name is among the words that are asked."""
    near = [
        (entity, sum(part in asked for part in parts) / len(parts))
        for entity in graph.entities_with(word)
        for parts in [entity.split()]
    ]
    return [
        (e, _PARTLY * share) for e, share in sorted(near, key=lambda x: (-x[1], x[0]))[:3] if share >= 0.5
    ]
