"""Question -> hits: the vector index, the full text and the graph each rank passages; the ranks are fused."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from index.corpus import Corpus
from index.errors import QuestionError
from index.graph import Bridge, KnowledgeGraph, WalkOptions
from index.language import entity_key, fold, has_cjk
from index.types import Hit

Mode = Literal["hybrid", "vector", "text", "graph"]
MODES: tuple[Mode, ...] = ("graph", "hybrid", "vector", "text")

_POOL = 200
"""Passages that each voice may propose."""
LONGEST_QUERY = 20_000
"""Characters; a longer query is a mistake, not a question."""

_WORD = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*")
_LONGEST_NAME_WORDS = 8
_LONGEST_NAME_CHARS = 16
_COMMON = frozenset(
    """a an and are as at be by can did do does for from had has have how in is it its of on or so than that
    the their then there these they this those to was were what when where which who whom whose why will with
    would year name first last many much other""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class RetrieveOptions:
    top_k: int = 10
    """Hits to return."""
    mode: Mode = "graph"
    """"graph": all three voices; "hybrid": vectors and text; "vector", "text": one voice."""
    vector_weight: float = 0.45
    """Share of the vectors beside the text in the hybrid score."""
    hybrid_weight: float = 1.5
    """Weight of the hybrid score beside the graph's (1)."""
    walk: WalkOptions = field(default_factory=WalkOptions)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found, and how the graph came to it."""

    hits: list[Hit]
    seeds: dict[str, float]
    """Entities of the question and how surely each is meant, 0 to 1."""
    bridges: dict[str, Bridge]
    revision: int


def retrieve(corpus: Corpus, query: str, options: RetrieveOptions | None = None) -> Retrieved:
    """Find passages for a question.

    Raises:
        QuestionError: the query is empty or longer than LONGEST_QUERY characters.
    """
    options = options or RetrieveOptions()
    query = checked_query(query)
    question = corpus.embedder.embed_queries([query if options.mode != "text" else ""])[0]
    with corpus.views() as views:
        revision = views.revision
        voices: dict[str, list[tuple[int, float]]] = {}
        bridges: dict[str, Bridge] = {}
        seeds: dict[str, float] = {}
        if options.mode != "text":
            ids, scores = views.vectors.search(question, _POOL)
            voices["vector"] = list(zip(ids.tolist(), scores.tolist(), strict=True))
        if options.mode != "vector":
            voices["text"] = corpus.store.search_text(query, _POOL)
        fused = fuse_hybrid(voices, options.vector_weight)
        if options.mode == "graph":
            seeds = link_entities(query, views.graph)
            walk = views.graph.walk(seeds, question, sorted(fused.items(), key=lambda x: -x[1]), options.walk)
            bridges = walk.bridges
            if walk.passages:
                voices["graph"] = walk.passages
                ranks = min_max([(i, flattened(rank)) for i, rank in walk.passages], floor=0.0)
                keys = dict.fromkeys([*ranks, *fused])
                fused = {
                    k: (ranks.get(k, 0.0) + options.hybrid_weight * fused.get(k, 0.0))
                    / (1 + options.hybrid_weight)
                    for k in keys
                }
    best = sorted(fused.items(), key=lambda item: (-item[1], item[0]))[: options.top_k]
    found = corpus.store.passages([i for i, _ in best])
    # A voice "found" a passage when it ranks it among as many as are asked for.
    tops = {voice: {i for i, _ in ranked[: max(options.top_k, 10)]} for voice, ranked in voices.items()}
    hits = [
        Hit(passage, score, tuple(v for v, top in tops.items() if i in top), source, title)
        for i, score in best
        if i in found
        for passage, source, title in [found[i]]
    ]
    return Retrieved(hits, seeds, bridges, revision)


def flattened(rank: float) -> float:
    """PageRank on a logarithmic scale: it falls off so steeply that one passage would drown the rest.

    Beside the plain rank this raised HotpotQA-100 R@2 from .615 to .700 and hit@1 of single-passage
    questions (squad1.1/dev-part) from .580 to .773 (docs/log.md).
    """
    return math.log1p(1000 * rank)


def checked_query(query: str) -> str:
    """Strip a query and refuse what cannot be one."""
    query = query.replace("\0", " ").strip()
    if not query:
        raise QuestionError("the question is empty: ask something")
    if len(query) > LONGEST_QUERY:
        raise QuestionError(
            f"the question has {len(query):,} characters; at most {LONGEST_QUERY:,} can be searched for"
        )
    return query


def min_max(ranked: Sequence[tuple[int, float]], floor: float | None = None) -> dict[int, float]:
    """Scores moved to 0..1, the best 1; the worst of the list is 0 unless `floor` says what 0 is.

    >>> min_max([(7, 3.0), (8, 2.0), (9, 1.0)])
    {7: 1.0, 8: 0.5, 9: 0.0}
    """
    if not ranked:
        return {}
    low = min(score for _, score in ranked) if floor is None else floor
    high = max(score for _, score in ranked)
    return {i: (score - low) / (high - low) if high > low else 1.0 for i, score in ranked}


def fuse_hybrid(voices: Mapping[str, Sequence[tuple[int, float]]], vector_weight: float) -> dict[int, float]:
    """Weighted sum of the min-max scores of "vector" and "text"; one voice alone keeps its own."""
    vector, text = min_max(voices.get("vector", ())), min_max(voices.get("text", ()), floor=0.0)
    if not vector or not text:
        return vector or text
    return {
        i: vector_weight * vector.get(i, 0.0) + (1 - vector_weight) * text.get(i, 0.0)
        for i in dict.fromkeys([*vector, *text])
    }


def link_entities(question: str, graph: KnowledgeGraph) -> dict[str, float]:
    """Entities that a question names, with how surely each is meant (0 to 1).

    The longest stretches of the question that are entities of the graph, then, for capitalised words that
    are in none of them, the entities that hold the word.
    """
    seeds: dict[str, float] = {}
    taken: list[tuple[int, int]] = []
    for start, end in _candidates(question):
        if any(start < b and a < end for a, b in taken):
            continue
        key = entity_key(question[start:end])
        if key in graph and key not in _COMMON:
            seeds[key] = 1.0
            taken.append((start, end))
    for match in _WORD.finditer(question):
        word = match.group()
        if any(match.start() < b and a < match.end() for a, b in taken) or has_cjk(word):
            continue
        if (word[0].isupper() or word[0].isdigit()) and fold(word) not in _COMMON:
            seeds |= {e: s for e, s in _partial(word, question, graph) if e not in seeds}
    return seeds


def _candidates(question: str) -> Iterator[tuple[int, int]]:
    """Stretches of a question that may be a name, longest first."""
    words = [m.span() for m in _WORD.finditer(question)]
    spans = {
        (words[i][0], words[j][1])
        for i in range(len(words))
        for j in range(i, min(i + _LONGEST_NAME_WORDS, len(words)))
        if j > i or _may_name(question[slice(*words[i])])
    }
    if has_cjk(question):
        limit = min(len(question), 400)
        spans |= {
            (i, j)
            for i in range(limit)
            for j in range(i + 2, min(i + _LONGEST_NAME_CHARS, limit) + 1)
            if has_cjk(question[i:j]) and not question[i:j].isspace()
        }
    return iter(sorted(spans, key=lambda s: (s[0] - s[1], s[0])))


def _may_name(word: str) -> bool:
    return fold(word) not in _COMMON and (len(word) > 2 or not word.islower())


def _partial(word: str, question: str, graph: KnowledgeGraph) -> list[tuple[str, float]]:
    """Entities that hold `word`, weighed by how much of their name the question holds."""
    asked = {fold(w) for w in _WORD.findall(question)}
    near = [
        (entity, sum(part in asked for part in parts) / len(parts))
        for entity in sorted(graph.entities_with(fold(word)))[:500]
        for parts in [entity.split()]
    ]
    return [(e, 0.6 * share) for e, share in sorted(near, key=lambda x: -x[1])[:3] if share >= 0.5]
