"""Engine: one collection and one generator, from a question to an answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from index.corpus import Corpus
from index.language import sentences
from index.types import Fact, Hit, Passage
from rag.generator import Generator
from rag.ground import Grounded, GroundOptions, Place, ground
from rag.prompt import Included, abstention_for, fit, fit_each
from rag.retrieve import Retrieved, RetrieveOptions, retrieve
from rag.types import Answer, Citation

_MOST_CITATIONS = 3


@dataclass(frozen=True, slots=True)
class AskOptions:
    passages: int = 3
    """Passages that the generator reads."""
    retrieve: RetrieveOptions = field(default_factory=RetrieveOptions)
    ground: GroundOptions = field(default_factory=GroundOptions)


@dataclass(frozen=True, slots=True)
class Engine:
    """Immutable: a question in flight keeps the generator that it started with."""

    corpus: Corpus
    generator: Generator

    def search(self, query: str, options: RetrieveOptions | None = None) -> Retrieved:
        """Passages for a query, best first."""
        return retrieve(self.corpus, query, options)

    def ask(self, question: str, options: AskOptions | None = None) -> Answer:
        """Answer from the documents, with citations, or say that they do not say it.

        Raises:
            QuestionError: empty, or too long for the generator's window.
        """
        options = options or AskOptions()
        start = time.perf_counter()
        found = retrieve(self.corpus, question, options.retrieve)
        retrieved = time.perf_counter()
        passages = [hit.passage for hit in found.hits[: options.passages]]
        pack = fit_each if options.ground.apart else fit
        prompt = pack(self.generator, question, passages, options.ground.room)
        fitted = time.perf_counter()
        grounded = ground(self.generator, prompt, options.ground) if prompt.included else None
        done = time.perf_counter()
        timings = {
            "retrieve": retrieved - start,
            "prompt": fitted - retrieved,
            "generate": done - fitted,
            "total": done - start,
        }
        answer = self._abstention(question, found, grounded)
        if grounded and not grounded.abstained:
            best = grounded.candidates[0]
            citations = cite(best.places, prompt.included, found.hits)
            answer = replace(answer, text=best.text, abstained=False, citations=citations)
        return replace(answer, facts=self._facts(found, passages), timings=timings)

    def _abstention(self, question: str, found: Retrieved, grounded: Grounded | None) -> Answer:
        return Answer(
            text=abstention_for(question),
            abstained=True,
            confidence=grounded.confidence if grounded else 0.0,
            citations=(),
            hits=tuple(found.hits),
            facts=(),
            model_version=self.generator.version,
            revision=found.revision,
        )

    def _facts(self, found: Retrieved, passages: Sequence[Passage]) -> tuple[Fact, ...]:
        ids = [passage.id for passage in passages]
        return tuple(self.corpus.graph.facts(ids, [*found.seeds, *found.bridges]))


def cite(places: Sequence[Place], included: Sequence[Included], hits: Sequence[Hit]) -> tuple[Citation, ...]:
    """The sentences that hold an answer, best first, at most one a passage.

    Each citation is a true span: `document.text[start:end] == text`, and
    `document.text[answer_start:answer_end]` is the answer.
    """
    sources = {hit.passage.id: hit.source for hit in hits}
    cited: dict[int, Citation] = {}
    for place in places:
        part = included[place.passage]
        passage = part.passage
        if passage.id in cited or len(cited) == _MOST_CITATIONS:
            continue
        first, last = place.start - passage.start, place.end - passage.start
        around = [(a, b) for a, b in sentences(passage.text) if a < last and first < b]
        begin, end = min(first, around[0][0]), max(last, around[-1][1])
        cited[passage.id] = Citation(
            document_id=passage.document_id,
            source=sources[passage.id],
            passage_id=passage.id,
            start=passage.start + begin,
            end=passage.start + end,
            text=passage.text[begin:end],
            answer_start=place.start,
            answer_end=place.end,
            page=passage.page,
        )
    return tuple(cited.values())
