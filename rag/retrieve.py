"""Question -> hits: the vector index, the full text and the graph each rank passages; the ranks are fused."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from index.corpus import Corpus
from index.errors import QuestionError
from index.prepare import passage_head
from index.rows import TITLE
from index.types import Bridge, Filter, Hit
from index.walk import NOWHERE, Walk, WalkOptions, walk
from rag.link import link_entities
from rag.rerank import Reranker, reranked
from rag.select import Selected, Selection, SelectOptions
from rag.wording import WordingOptions, held

Mode = Literal["hybrid", "vector", "text", "graph"]
MODES: tuple[Mode, ...] = ("graph", "hybrid", "vector", "text")

_POOL = 200
"""Passages that each voice may propose."""
LONGEST_QUERY = 20_000
"""Characters; a longer query is a mistake, not a question."""

Voices = dict[str, list[tuple[int, float]]]


@dataclass(frozen=True, slots=True)
class RetrieveOptions:
    top_k: int = 10
    """Hits to return."""
    only: Filter = Filter()  # noqa: RUF009 - frozen
    """Which documents may be found; by default all."""
    mode: Mode = "graph"
    """"graph": all three voices; "hybrid": vectors and text; "vector", "text": one voice."""
    vector_weight: float = 0.45
    """Share of the vectors beside the text in the hybrid score."""
    hybrid_weight: float = 1.5
    """Weight of the hybrid score beside the graph's (1)."""
    walk: WalkOptions = field(default_factory=WalkOptions)
    reranker: Reranker | None = None
    """A model that looks at the best again, before they are chosen; None: no such model."""
    reranked: int = 20
    """Passages that it looks at."""
    rerank_weight: float = 0.7
    """Its share beside the voices', 0 to 1."""
    select: SelectOptions = field(default_factory=SelectOptions)
    """How the best are put in order in mode "graph"."""
    wording: WordingOptions | None = field(default_factory=WordingOptions)
    """What the voices are worth for a question in other words than the passages'; None: always the same."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found, and how the graph came to it."""

    hits: list[Hit]
    seeds: dict[str, float]
    """Entities of the question and how surely each is meant, 0 to 1."""
    bridges: dict[str, Bridge]
    revision: int
    vector: NDArray[np.float32] = field(repr=False, compare=False)
    """(dim,) The question's; zeros in mode "text"."""


def retrieve(corpus: Corpus, query: str, options: RetrieveOptions | None = None) -> Retrieved:
    """Find passages for a question.

    Raises:
        QuestionError: the query is empty or longer than LONGEST_QUERY characters.
    """
    options = options or RetrieveOptions()
    query = checked_query(query)
    question = np.zeros(corpus.embedder.dim, np.float32)
    if options.mode != "text":
        question = corpus.embedder.embed_queries([query])[0]
    with corpus.store.snapshot():
        voices: Voices = {}
        with corpus.views() as views:  # the first to read: the views are of the snapshot's revision
            revision = corpus.store.revision
            among = corpus.store.passage_ids(options.only) if options.only else None
            within = None if among is None else np.fromiter(sorted(among), np.int64, len(among))
            if options.mode != "text":
                ids, scores = views.vectors.search(question, _POOL, within)
                voices["vector"] = list(zip(ids.tolist(), scores.tolist(), strict=True))
        if options.mode != "vector":
            voices["text"] = corpus.text.search(query, _POOL, among)
        seeds = link_entities(query, corpus.graph) if options.mode == "graph" else {}
        if options.wording and options.mode in ("graph", "hybrid"):
            share = held(corpus, query, voices["text"], seeds)
            options = _as_worded(options, options.wording.distance(share))
        ranked = best_first(fuse_hybrid(voices, options.vector_weight))
        steps = NOWHERE
        if options.mode == "graph":
            steps = walk(corpus.graph, seeds, question, list(ranked.items()), options.walk, among)
            if steps.passages:
                voices["graph"] = steps.passages
                ranked = best_first(fuse_graph(steps.passages, ranked, options.hybrid_weight))
        if options.reranker:
            ranked = _look_again(corpus, query, ranked, options, options.reranker)
        if options.mode == "graph" and options.select.pool:
            named = [steps.ids[seed] for seed in seeds if seed in steps.ids]
            order = Selection(corpus, query, ranked, named, options.select, among).choose()
        else:
            order = [Selected(i, score) for i, score in ranked.items()]
        hits = _hits(corpus, order[: options.top_k], voices, steps, options.top_k)
    return Retrieved(hits, seeds, steps.bridges, revision, question)


def _as_worded(options: RetrieveOptions, distance: float) -> RetrieveOptions:
    """The weights for a question whose words are so far from the passages', 0 to 1."""
    far = options.wording
    if far is None or not distance:
        return options

    def between(near: float, other: float) -> float:
        return near + distance * (other - near)

    return replace(
        options,
        vector_weight=between(options.vector_weight, max(options.vector_weight, far.vector_weight)),
        hybrid_weight=between(options.hybrid_weight, max(options.hybrid_weight, far.hybrid_weight)),
    )


def _look_again(
    corpus: Corpus, query: str, ranked: Mapping[int, float], options: RetrieveOptions, reranker: Reranker
) -> dict[int, float]:
    best = list(ranked)[: options.reranked]
    found = corpus.store.passages(best)
    there = [i for i in best if i in found]
    texts = [passage_head(found[i][2], found[i][0]) + found[i][0].text for i in there]
    scores = dict(zip(there, reranker.score(query, texts), strict=True))
    return reranked(ranked, scores, options.rerank_weight)


def _hits(corpus: Corpus, order: Sequence[Selected], voices: Voices, steps: Walk, top_k: int) -> list[Hit]:
    found = corpus.store.passages([one.passage_id for one in order])
    # A voice "found" a passage when it ranks it among as many as are asked for.
    tops = {voice: {i for i, _ in ranked[: max(top_k, 10)]} for voice, ranked in voices.items()}
    ties = corpus.graph.keys({one.through for one in order if one.through})
    hits = []
    for one in order:
        if one.passage_id in found:
            passage, source, title = found[one.passage_id]
            voice = [v for v, top in tops.items() if one.passage_id in top]
            if one.through and "graph" not in voice:
                voice.append("graph")
            path = _path(one, steps) or _tie(corpus, one, ties)
            hits.append(Hit(passage, one.score, tuple(voice), source, title, path, one.duplicate_of))
    return hits


def _path(one: Selected, steps: Walk) -> tuple[Bridge, ...]:
    """From an entity of the question to one that the passage names, over the sentences that name two."""
    pack = steps.packs.get(one.passage_id)
    named = {} if pack is None else {int(e): int(at) for e, at, _ in pack}
    reached = [
        (named[e] == TITLE, steps.bridges[key].score, key) for key, e in steps.ids.items() if e in named
    ]
    path: list[Bridge] = []
    key = max(reached)[2] if reached else ""
    while key in steps.bridges and steps.bridges[key] not in path:
        path.append(steps.bridges[key])
        key = path[-1].by
    return tuple(reversed(path))


def _tie(corpus: Corpus, one: Selected, ties: Mapping[int, str]) -> tuple[Bridge, ...]:
    """What ties a passage to one before it, and the sentence of either that names it."""
    for i in (one.tied_to, one.passage_id) if one.through in ties else ():
        pack, sentences = corpus.graph.packs([i]).get(i), corpus.graph.sentences([i]).get(i)
        if pack is not None and sentences is not None:
            rows = pack[(pack[:, 0] == one.through) & (pack[:, 1] != TITLE), 1]
            if len(rows):
                start, end = sentences.spans[rows[0]].tolist()
                return (Bridge(ties[one.through], "", i, start, end),)
    return ()


def best_first(scores: Mapping[int, float]) -> dict[int, float]:
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))


def flattened(rank: float) -> float:
    """PageRank on a logarithmic scale: it falls off so steeply that one passage would drown the rest.

    Beside the plain rank this raised HotpotQA-100 R@2 from .615 to .700 and hit@1 of single-passage
    questions (squad1.1/dev-part) from .580 to .773 (docs/log.md).
    """
    return math.log1p(1000 * rank)


def fuse_graph(
    walked: Sequence[tuple[int, float]], hybrid: Mapping[int, float], hybrid_weight: float
) -> dict[int, float]:
    """The graph's flattened ranks, 0 to 1, and the hybrid scores, averaged by weight."""
    ranks = min_max([(i, flattened(rank)) for i, rank in walked], floor=0.0)
    return {
        i: (ranks.get(i, 0.0) + hybrid_weight * hybrid.get(i, 0.0)) / (1 + hybrid_weight)
        for i in dict.fromkeys([*ranks, *hybrid])
    }


def checked_query(query: str) -> str:
    """Strip a query and refuse what cannot be one."""
    query = query.replace("\0", " ").strip()
    if not query:
        raise QuestionError("the question is empty: ask something")
    if len(query) > LONGEST_QUERY:
        raise QuestionError(
            f"the question has {len(query):,} characters, and at most {LONGEST_QUERY:,} can be searched for: "
            "ask a shorter one"
        )
    return query


def min_max(ranked: Iterable[tuple[int, float]], floor: float | None = None) -> dict[int, float]:
    """Scores moved to 0..1, the best 1; the worst of the list is 0 unless `floor` says what 0 is.

    >>> min_max([(7, 3.0), (8, 2.0), (9, 1.0)])
    {7: 1.0, 8: 0.5, 9: 0.0}
    """
    ranked = list(ranked)
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
