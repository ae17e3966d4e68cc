"""Question -> the entities of the graph that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from itertools import islice

from index.graph import KnowledgeGraph
from index.language import FUNCTION_WORDS, entity_key, fold, has_cjk

_WORD = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*")
_LONGEST_NAME_WORDS = 8
_LONGEST_NAME_CHARS = 16
_LONGEST_CHINESE = 400
"""Characters of a question in which Chinese names are looked for."""
_MOST_WORDS = 200
"""Words of a question in which names are looked for: what is longer is a text, and would take seconds."""
_COMMON = FUNCTION_WORDS | frozenset("year name first last many much other".split())  # noqa: SIM905
_PARTLY = 0.6
"""What a seed is worth whose name the question holds only in part, times the part that it holds."""


def link_entities(question: str, graph: KnowledgeGraph) -> dict[str, float]:
    """Entities that a question names, with how surely each is meant (0 to 1).

    The longest stretches of the question that are entities of the graph, then, for capitalised words that
    are in none of them, the entities that hold the word.
    """
    spans = list(_candidates(question))
    keys = {span: entity_key(question[slice(*span)]) for span in spans}
    known = graph.ids({key for key in keys.values() if key and key not in _COMMON})
    seeds: dict[str, float] = {}
    taken: list[tuple[int, int]] = []
    for start, end in spans:
        if keys[start, end] in known and not any(start < b and a < end for a, b in taken):
            seeds[keys[start, end]] = 1.0
            taken.append((start, end))
    asked = {fold(w) for w in _WORD.findall(question)}
    looked_up: set[str] = set()
    for match in islice(_WORD.finditer(question), _MOST_WORDS):
        word = match.group()
        if any(match.start() < b and a < match.end() for a, b in taken) or has_cjk(word):
            continue
        if (word[0].isupper() or word[0].isdigit()) and fold(word) not in _COMMON | looked_up:
            looked_up.add(fold(word))
            seeds |= {e: s for e, s in _partial(word, asked, graph) if e not in seeds}
    return seeds


def _candidates(question: str) -> Iterator[tuple[int, int]]:
    """Stretches of a question that may be a name, longest first."""
    words = [m.span() for m in islice(_WORD.finditer(question), _MOST_WORDS)]
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
