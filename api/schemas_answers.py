"""A question and its answer over HTTP and in `--json`, whole or event by event."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import asdict
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas import FactOut, FilterIn, HitOut, ModeIn, Question, TopK, fact_out, hit_out
from api.service import Service
from rag.prompt import Included
from rag.types import Answer, Decoding, Event, Found, Sentence, Step, Text


class AskRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"question": "Who leads the plant where the B-200 is assembled?"},
                {"question": "年假有多少天？"},
            ]
        },
    )
    question: Question
    top_k: TopK = 10
    mode: ModeIn = None
    filter: FilterIn = FilterIn()
    threshold: Annotated[
        float | None, Field(ge=0, le=1, description="Confidence from which a grounded answer is given.")
    ] = None
    decoding: Annotated[
        Decoding,
        Field(
            description="grounded: the answer is a span of a passage. free: the model writes, and each "
            "sentence is tied to the passages that say it, or marked."
        ),
    ] = "grounded"
    stream: Annotated[bool, Field(description="Answer as text/event-stream: hits, text, answer.")] = False


_CITATION: JsonDict = {
    "document_id": "0f3c1d2e4b5a6978",
    "source": "handbook/leave.pdf",
    "passage_id": 12,
    "start": 210,
    "end": 238,
    "text": "Staff have 25 days of leave.",
    "answer_start": 221,
    "answer_end": 228,
    "page": 3,
}
_ANSWER: JsonDict = {
    "answer": "25 days",
    "abstained": False,
    "confidence": 0.93,
    "citations": [_CITATION],
    "hits": [],
    "facts": [],
    "model_version": "reader-smollm2-135m@1fdb78bf",
    "revision": 7,
    "timings": {"retrieve": 0.03, "prompt": 0.002, "generate": 0.4, "total": 0.43},
    "decoding": "grounded",
    "included": [{"passage_id": 12, "start": 0, "end": 640, "trimmed": False}],
    "left_out": [],
    "sentences": [],
    "steps": [],
}


class CitationOut(BaseModel):
    """`document.text[start:end] == text`; `document.text[answer_start:answer_end]` is the answer, or that of
    one of its `steps`."""

    document_id: str
    source: str
    passage_id: int
    start: int
    end: int
    text: str
    answer_start: int
    answer_end: int
    page: int | None


class IncludedOut(BaseModel):
    """What the generator read of a passage: `document.text[start:end]`."""

    passage_id: int
    start: int
    end: int
    trimmed: Annotated[bool, Field(description="It is not the whole passage: the window ended.")]


class SentenceOut(BaseModel):
    """A sentence of a free answer."""

    text: str
    supported: Annotated[bool, Field(description="The passages that were read say it.")]
    support: Annotated[float, Field(description="Share of its telling words that they hold, 0 to 1.")]
    citations: list[CitationOut]


class StepOut(BaseModel):
    """A question that was asked on the way to the answer."""

    question: str
    answer: str
    confidence: float
    citations: list[CitationOut]


class FoundOut(BaseModel):
    """What was found, before anything is read: the event `hits`."""

    hits: list[HitOut]
    revision: int


class TextOut(BaseModel):
    """A part of the answer that will not change any more: the event `text`."""

    text: str


class AskResponse(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_ANSWER]})
    answer: str
    abstained: bool
    confidence: float
    citations: list[CitationOut]
    hits: list[HitOut]
    facts: list[FactOut]
    model_version: str
    revision: int
    timings: Annotated[dict[str, float], Field(description="Seconds: retrieve, prompt, generate, total.")]
    decoding: Decoding
    included: Annotated[list[IncludedOut], Field(description="What the generator read.")]
    left_out: Annotated[list[int], Field(description="Passages that did not fit its window at all.")]
    sentences: Annotated[list[SentenceOut], Field(description="Of a free answer; else empty.")]
    steps: Annotated[
        list[StepOut],
        Field(description="The questions that led to an answer from several passages; else empty."),
    ]


def included_out(part: Included) -> IncludedOut:
    return IncludedOut(passage_id=part.passage.id, start=part.start, end=part.end, trimmed=part.trimmed)


def sentence_out(sentence: Sentence) -> SentenceOut:
    return SentenceOut(**asdict(sentence) | {"support": round(sentence.support, 4)})


def step_out(step: Step) -> StepOut:
    return StepOut(
        question=step.question,
        answer=step.text,
        confidence=round(step.confidence, 4),
        citations=[CitationOut(**asdict(citation)) for citation in step.citations],
    )


def answer_out(answer: Answer) -> AskResponse:
    return AskResponse(
        answer=answer.text,
        abstained=answer.abstained,
        confidence=round(answer.confidence, 4),
        citations=[CitationOut(**asdict(citation)) for citation in answer.citations],
        hits=[hit_out(hit) for hit in answer.hits],
        facts=[fact_out(fact) for fact in answer.facts],
        model_version=answer.model_version,
        revision=answer.revision,
        timings={step: round(seconds, 4) for step, seconds in answer.timings.items()},
        decoding=answer.decoding,
        included=[included_out(part) for part in answer.included],
        left_out=[passage.id for passage in answer.left_out],
        sentences=[sentence_out(sentence) for sentence in answer.sentences],
        steps=[step_out(step) for step in answer.steps],
    )


def event_out(event: Event) -> FoundOut | TextOut | AskResponse:
    match event:
        case Answer():
            return answer_out(event)
        case Text():
            return TextOut(text=event.text)
        case Found():
            return FoundOut(hits=[hit_out(hit) for hit in event.hits], revision=event.revision)


def stream(service: Service, body: AskRequest) -> Generator[FoundOut | TextOut | AskResponse]:
    """What both shells do with a question: hits, text as it is certain, and the answer last."""
    events = service.stream(
        body.question,
        top_k=body.top_k,
        mode=body.mode,
        only=body.filter.filter(),
        threshold=body.threshold,
        decoding=body.decoding,
    )
    with closing(events):
        yield from map(event_out, events)


def ask(service: Service, body: AskRequest) -> AskResponse:
    """The answer alone."""
    *_, answer = stream(service, body)
    assert isinstance(answer, AskResponse)
    return answer
