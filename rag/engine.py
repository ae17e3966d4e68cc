"""Engine: one collection and one generator, from a question to an answer."""

from __future__ import annotations

import time
from collections.abc import Generator as Yielding
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from index.corpus import Corpus
from index.language import language
from index.types import Fact, Hit, Passage
from rag.asked import Asked, DecomposeOptions
from rag.context import contexts, quotable
from rag.costs import Likeness
from rag.decompose import in_steps
from rag.free import FreeOptions, confidence, speak, tie
from rag.generator import Generator
from rag.ground import GroundOptions, Place, ground
from rag.prompt import Included, Prompt, abstention_for, fit, fit_each
from rag.retrieve import Retrieved, RetrieveOptions, retrieve
from rag.subject import subject_priors
from rag.types import Answer, Citation, Decoding, Event, Found, Sentence, Step, Text

_MOST_CITATIONS = 3


@dataclass(frozen=True, slots=True)
class AskOptions:
    passages: int = 3
    """Passages that the generator reads."""
    titles: bool = True
    """Whether it reads each under its document's title and its headings."""
    retrieve: RetrieveOptions = field(default_factory=RetrieveOptions)
    decoding: Decoding = "grounded"
    """"grounded": the answer is a span of what was read; "free": the model writes and is then checked."""
    ground: GroundOptions = field(default_factory=GroundOptions)
    subject: float = 1.2
    """Natural log units that a passage loses when it names nothing that the question names."""
    decompose: DecomposeOptions = field(default_factory=DecomposeOptions)
    """When a grounded question is taken apart."""
    free: FreeOptions = field(default_factory=FreeOptions)

    @property
    def room(self) -> int:
        """Tokens that are kept for the answer."""
        return self.free.room if self.decoding == "free" else self.ground.room


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
        *_, answer = self.stream(question, options)
        assert isinstance(answer, Answer)
        return answer

    def stream(self, question: str, options: AskOptions | None = None) -> Iterator[Event]:
        """`Found` before the generator starts, `Text` as it is certain, then the `Answer`.

        A grounded answer is certain only when all is read: it is one `Text`. A free one comes in
        whole characters as it is written. Joined, the texts are `Answer.text`.

        Raises:
            QuestionError: as `ask`; before the first event.
        """
        options = options or AskOptions()
        fit(self.generator, question, (), options.room)  # too long a question is told before all else
        start = time.perf_counter()
        found = retrieve(self.corpus, question, options.retrieve)
        retrieved = time.perf_counter()
        passages = [hit.passage for hit in found.hits[: options.passages]]
        prompt = self._packed(question, found, options)
        fitted = time.perf_counter()
        yield Found(tuple(found.hits), prompt.included, prompt.left_out, found.revision)
        begun = time.perf_counter()
        silent = self._silent(found, prompt, options)
        if options.decoding == "free":
            answer = yield from _free(self.generator, prompt, options, silent)
        else:
            answer = self._grounded(found, prompt, options, silent)
            yield Text(answer.text)
        done = time.perf_counter()
        timings = {
            "retrieve": retrieved - start,
            "prompt": fitted - retrieved,
            "generate": done - begun,
            "total": done - begun + fitted - start,
        }
        yield replace(answer, facts=self._facts(found, passages), timings=timings)

    def _packed(self, question: str, found: Retrieved, options: AskOptions) -> Prompt:
        hits = found.hits[: options.passages]
        above = contexts(self.corpus.store, hits, found.seeds) if options.titles else {}
        titles = [above[hit.passage.id].title for hit in hits] if options.titles else ()
        pack = fit_each if options.decoding == "grounded" and options.ground.apart else fit
        prompt = pack(self.generator, question, [hit.passage for hit in hits], options.room, titles)
        if not above:
            return prompt
        included = tuple(quotable(part, above[part.passage.id]) for part in prompt.included)
        return replace(prompt, included=included)

    def _asked(self, found: Retrieved, prompt: Prompt, options: AskOptions) -> Asked:
        priors = subject_priors(self.corpus.graph, found.seeds, prompt.included, found.hits, options.subject)
        likeness = self._likeness(found, prompt)
        grounded = ground(self.generator, prompt, options.ground, priors=priors, likeness=likeness)
        return Asked(prompt.question, tuple(found.hits), prompt, grounded)

    def _likeness(self, found: Retrieved, prompt: Prompt) -> list[Likeness]:
        """Of the sentences of the passages, as they were indexed, to the question as it was embedded.

        Across languages inner products are lower throughout (`index.embed.BilingualEmbedder`): of passages in
        another language than the question's nothing is known.
        """
        asked_in = language(prompt.question)
        indexed = self.corpus.graph.sentences([part.passage.id for part in prompt.included])
        likeness: list[Likeness] = []
        for part in prompt.included:
            own = indexed.get(part.passage.id)
            if own is None or language(part.passage.text) != asked_in:
                likeness.append(())
                continue
            asked = found.vector[own.first : own.first + own.vectors.shape[1]]
            alike = (own.vectors.astype(np.float32) @ asked).tolist()
            likeness.append([(a, b, one) for (a, b), one in zip(own.spans.tolist(), alike, strict=True)])
        return likeness

    def _grounded(self, found: Retrieved, prompt: Prompt, options: AskOptions, silent: Answer) -> Answer:
        """`silent` is the answer for "not in the documents"."""
        first = self._asked(found, prompt, options)

        def ask(question: str) -> Asked:
            found = retrieve(self.corpus, question, options.retrieve)
            return self._asked(found, self._packed(question, found, options), options)

        end = in_steps(first, ask, self.corpus.graph.__contains__, options.decompose)
        answer = replace(silent, confidence=end.confidence, included=first.read)
        if not end.text or end.confidence < options.ground.least(self.generator):
            return answer
        told = [(step, _cited(step)) for step in end.steps]
        citations = dict.fromkeys(one for _, cited in reversed(told) for one in cited)
        answer = replace(answer, text=end.text, abstained=False, citations=tuple(citations)[:_MOST_CITATIONS])
        if [step.question for step in end.steps] == [first.question]:
            return replace(answer, included=end.steps[0].read)
        read: dict[tuple[int, int, int], Included] = {}
        for part in (part for step in (first, *end.steps) for part in step.read):
            read.setdefault((part.passage.id, part.start, part.end), part)
        had = {part.passage for part in read.values()}
        missing = dict.fromkeys(one for step in (first, *end.steps) for one in step.prompt.left_out)
        left_out = tuple(one for one in missing if one not in had)
        steps = tuple(Step(step.question, step.text, step.confidence, cited) for step, cited in told)
        return replace(answer, included=tuple(read.values()), left_out=left_out, steps=steps)

    def _silent(self, found: Retrieved, prompt: Prompt, options: AskOptions) -> Answer:
        return Answer(
            text=abstention_for(prompt.question),
            abstained=True,
            confidence=0.0,
            citations=(),
            hits=tuple(found.hits),
            facts=(),
            model_version=self.generator.version,
            revision=found.revision,
            decoding=options.decoding,
            included=prompt.included,
            left_out=prompt.left_out,
        )

    def _facts(self, found: Retrieved, passages: Sequence[Passage]) -> tuple[Fact, ...]:
        ids = [passage.id for passage in passages]
        return tuple(self.corpus.graph.facts(ids, [*found.seeds, *found.bridges]))


def _free(
    generator: Generator, prompt: Prompt, options: AskOptions, silent: Answer
) -> Yielding[Text, None, Answer]:
    """As `_grounded`, sentence by sentence compared with what was read once all is written."""
    written = ""
    for piece in speak(generator, prompt, options.free) if prompt.included else ():
        written += piece
        yield Text(piece)
    if not written:
        yield Text(silent.text)
        return silent
    tied = tie(written, prompt.question, prompt.included, options.free)
    told = tuple(
        Sentence(
            one.text,
            one.supported,
            one.support,
            tuple(part for place in one.places for part in cite([place], prompt.included, silent.hits)),
        )
        for one in tied
    )
    citations = tuple(dict.fromkeys(part for sentence in told for part in sentence.citations))
    return replace(
        silent,
        text=written,
        abstained=False,
        confidence=confidence(tied),
        citations=citations,
        sentences=told,
    )


def _cited(step: Asked) -> tuple[Citation, ...]:
    return cite(step.best.places, step.prompt.included, step.hits) if step.best else ()


def cite(places: Sequence[Place], included: Sequence[Included], hits: Sequence[Hit]) -> tuple[Citation, ...]:
    """The sentences or headings that hold an answer, best first, at most one a passage.

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
        start, text, page = _said(part, place)
        if any(
            (passage.document_id, start, text) == (c.document_id, c.start, c.text) for c in cited.values()
        ):
            continue
        cited[passage.id] = Citation(
            document_id=passage.document_id,
            source=sources[passage.id],
            passage_id=passage.id,
            start=start,
            end=start + len(text),
            text=text,
            answer_start=place.start,
            answer_end=place.end,
            page=page,
        )
    return tuple(cited.values())


def _said(part: Included, place: Place) -> tuple[int, str, int | None]:
    """The sentences that a place is in, or the heading: where in the document they begin, and their page."""
    passage = part.passage
    if line := part.line_at(place.start, place.end):
        return line.start, line.text, line.page
    around = part.sentences_around(place.start, place.end)
    begin, end = min(place.start, around[0][0]), max(place.end, around[-1][1])
    return begin, passage.text[begin - passage.start : end - passage.start], passage.page
