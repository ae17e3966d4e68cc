"""Engine: one collection and one generator, from a question to an answer."""

from __future__ import annotations

import time
from collections.abc import Generator as Yielding
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from index.corpus import Corpus
from index.language import language
from index.types import Fact, Hit
from rag.asked import Asked, DecomposeOptions
from rag.cite import MOST_CITATIONS, cite
from rag.context import Above, contexts, quotable
from rag.costs import Likeness
from rag.decompose import in_steps
from rag.free import FreeOptions, confidence, speak, tie
from rag.generator import Generator
from rag.ground import SILENT, GroundOptions, ground
from rag.pointing import Opinions, Pointed, chosen
from rag.polar import needs_no_generator
from rag.prompt import Included, Prompt, abstention_for, fit, fit_each
from rag.retrieve import Retrieved, RetrieveOptions, retrieve
from rag.scope import ScopeOptions, in_scope
from rag.span_reader import SpanReader
from rag.subject import subject_priors
from rag.tabular import Tables
from rag.types import Answer, Citation, Decoding, Event, Found, Sentence, Step, Text


@dataclass(frozen=True, slots=True)
class AskOptions:
    passages: int = 3
    """Passages that the generator reads."""
    pointed: int = 6
    """Passages that those are chosen from, where the span reader finds too little in the first of them."""
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
    scope: ScopeOptions | None = field(default_factory=ScopeOptions)
    """What a question's words say of a grounded answer; None: its confidence is the readers' own."""
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
    span_reader: SpanReader | None = None
    """A second opinion on what is quoted."""

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

    def stream(self, question: str, options: AskOptions | None = None) -> Yielding[Event]:
        """`Found` before anything is read, `Text` as it is certain, then the `Answer`.

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
        yield Found(tuple(found.hits), found.revision)
        begun = time.perf_counter()
        prompt, pointed = self._packed(question, found, options)
        fitted = time.perf_counter()
        silent = self._silent(found, prompt, options)
        if options.decoding == "free":
            answer = yield from _free(self.generator, prompt, options, silent)
        else:
            answer = self._grounded(found, prompt, pointed, options, silent)
            yield Text(answer.text)
        done = time.perf_counter()
        timings = {
            "retrieve": retrieved - start,
            "prompt": fitted - begun,
            "generate": done - fitted,
            "total": done - begun + retrieved - start,
        }
        yield replace(answer, facts=self._facts(found, prompt), timings=timings)

    def _packed(
        self, question: str, found: Retrieved, options: AskOptions
    ) -> tuple[Prompt, Sequence[Pointed]]:
        """The prompt, and what the span reader says of each of its passages."""
        hits, above, pointed = self._chosen(question, found, options)
        titles = [above[hit.passage.id].title for hit in hits] if options.titles else ()
        pack = fit_each if options.decoding == "grounded" and options.ground.apart else fit
        prompt = pack(self.generator, question, [hit.passage for hit in hits], options.room, titles)
        if above:
            included = tuple(quotable(part, above[part.passage.id]) for part in prompt.included)
            prompt = replace(prompt, included=included)
        if not pointed:
            return prompt, ()

        def read(ids: Sequence[int]) -> dict[int, Pointed]:
            return self._pointed(question, [hit for hit in hits if hit.passage.id in ids], above)

        return prompt, Opinions([part.passage.id for part in prompt.included], pointed, read)

    def _chosen(
        self, question: str, found: Retrieved, options: AskOptions
    ) -> tuple[list[Hit], dict[int, Above], dict[int, Pointed]]:
        """What the generator is to read, best first, what stands above it, and what was pointed at in it."""
        hits, pointing = found.hits[: options.passages], options.ground.pointing
        above = contexts(self.corpus.store, hits, found.seeds) if options.titles else {}
        pointed = self._pointed(question, hits[:1], above)
        if not pointed or next(iter(pointed.values())).best >= pointing.sure:
            return hits, above, pointed
        pointed |= self._pointed(question, hits[1:], above)
        if max(one.best for one in pointed.values()) < pointing.enough:
            more = found.hits[options.passages : options.pointed]
            above |= contexts(self.corpus.store, more, found.seeds) if options.titles else {}
            pointed |= self._pointed(question, more, above)
            hits = found.hits[: max(options.passages, options.pointed)]
        return chosen(hits, pointed)[: options.passages], above, pointed

    def _pointed(self, question: str, hits: Sequence[Hit], above: Mapping[int, Above]) -> dict[int, Pointed]:
        """What the span reader says of passages, by their ids; nothing where there is none."""
        if self.span_reader is None:
            return {}
        ids = [hit.passage.id for hit in hits]
        texts = [(above[hit.passage.id].title if above else "", hit.passage.text) for hit in hits]
        return dict(zip(ids, self.span_reader.read(question, texts), strict=True))

    def _judge(self, question: str, title: str, text: str) -> float | None:
        return self.span_reader.read(question, [(title, text)])[0].yes if self.span_reader else None

    def _asked(
        self,
        found: Retrieved,
        prompt: Prompt,
        pointed: Sequence[Pointed],
        options: AskOptions,
        least: float = 0.0,
    ) -> Asked:
        """`least`: answers of less confidence are not looked for."""
        priors = subject_priors(self.corpus.graph, found.seeds, prompt.included, found.hits, options.subject)
        likeness = self._likeness(found, prompt)
        grounded = ground(
            self.generator,
            prompt,
            options.ground,
            priors=priors,
            likeness=likeness,
            pointed=pointed,
            least=least,
        )
        return Asked(prompt.question, tuple(found.hits), prompt, grounded, pointed)

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

    def _grounded(
        self,
        found: Retrieved,
        prompt: Prompt,
        pointed: Sequence[Pointed],
        options: AskOptions,
        silent: Answer,
    ) -> Answer:
        """`silent` is the answer for "not in the documents"."""
        if options.decompose.most and needs_no_generator(prompt.question, pointed):
            unread = replace(SILENT, read=len(prompt.included))
            first = Asked(prompt.question, tuple(found.hits), prompt, unread, pointed, unread=True)
        else:
            first = self._asked(found, prompt, pointed, options)

        def ask(question: str, least: float = 0.0) -> Asked:
            found = retrieve(self.corpus, question, options.retrieve)
            return self._asked(found, *self._packed(question, found, options), options, least)

        skim = partial(ask, least=options.decompose.least)
        tables, steps = Tables(self.corpus.store), options.decompose
        known = self.corpus.graph.__contains__
        end = in_steps(first, ask, known, steps, tables.answer, tables.lead, self._judge, skim)
        sure = in_scope(self.corpus, first, end, options.scope)
        answer = replace(silent, confidence=sure, included=first.read)
        if not end.text or sure < options.ground.least(self.generator):
            return answer
        told = [(step, _cited(step)) for step in end.steps]
        citations = dict.fromkeys(one for _, cited in reversed(told) for one in cited)
        answer = replace(answer, text=end.text, abstained=False, citations=tuple(citations)[:MOST_CITATIONS])
        if [step.question for step in end.steps] == [first.question]:
            return replace(answer, included=end.steps[0].read)
        read: dict[tuple[int, int, int], Included] = {}
        for part in (part for step in (first, *end.steps) for part in step.read):
            read.setdefault((part.passage.id, part.start, part.end), part)
        had = {part.passage for part in read.values()}
        missing = dict.fromkeys(one for step in (first, *end.steps) for one in step.prompt.left_out)
        left_out = tuple(one for one in missing if one not in had)
        ways = tuple(Step(step.question, step.text, step.confidence, cited) for step, cited in told)
        return replace(answer, included=tuple(read.values()), left_out=left_out, steps=ways)

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

    def _facts(self, found: Retrieved, prompt: Prompt) -> tuple[Fact, ...]:
        ids = [part.passage.id for part in prompt.included]
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
