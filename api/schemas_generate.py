"""Plain text generation over HTTP and in `--json`: no documents, only the model."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from api.schemas_answers import TextOut
from api.service import Service
from rag.decoding import GenerateOptions

MOST_TOKENS = 4096
MOST_SEQUENCES = 16
_LEAST_TEMPERATURE = 0.01
"""Below it, logits divided by it are no numbers any more."""


class GenerateRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"prompt": "The pump station in Hangzhou", "max_length": 16},
                {"prompt": "Once", "max_length": 8, "num_return_sequences": 2, "temperature": 0.8, "seed": 1},
            ]
        },
    )
    prompt: Annotated[str, Field(max_length=200_000, description="The text to go on from.")]
    max_length: Annotated[
        int, Field(ge=1, le=MOST_TOKENS, description="New tokens at most, in what the window leaves.")
    ] = 128
    temperature: Annotated[
        float,
        Field(
            ge=0, le=10, allow_inf_nan=False, description="0: the likeliest token each time; 0.01 or more."
        ),
    ] = 0.0
    top_p: Annotated[
        float, Field(gt=0, le=1, description="Draw from the likeliest tokens that have this probability.")
    ] = 1.0
    num_return_sequences: Annotated[
        int, Field(ge=1, le=MOST_SEQUENCES, description="Texts; more than one needs a temperature above 0.")
    ] = 1
    seed: Annotated[
        int | None, Field(ge=0, lt=2**63, description="The same seed gives the same texts; unset: new ones.")
    ] = None
    stop: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=1000)]],
        Field(max_length=16, description="Phrases before which a text ends."),
    ] = []
    stream: Annotated[
        bool, Field(description="Answer as text/event-stream: text, result. For one sequence.")
    ] = False

    @field_validator("temperature")
    @classmethod
    def _not_tiny(cls, temperature: float) -> float:
        if 0 < temperature < _LEAST_TEMPERATURE:
            raise PydanticCustomError("temperature", "should be 0, or 0.01 or more")
        return temperature

    @field_validator("num_return_sequences")
    @classmethod
    def _drawn(cls, count: int, info: ValidationInfo) -> int:
        if count > 1 and info.data.get("temperature") == 0:
            raise PydanticCustomError(
                "equal_sequences", "more than one text needs a temperature above 0: else all are equal"
            )
        return count

    @field_validator("stream")
    @classmethod
    def _one(cls, stream: bool, info: ValidationInfo) -> bool:
        if stream and info.data.get("num_return_sequences", 1) > 1:
            raise PydanticCustomError("one_stream", "only one text can be streamed: ask for one, or without")
        return stream

    def options(self) -> GenerateOptions:
        return GenerateOptions(
            max_length=self.max_length,
            num_return_sequences=self.num_return_sequences,
            temperature=self.temperature,
            top_p=self.top_p,
            seed=self.seed,
        )


class GenerateResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"texts": [" was built in 1998."], "model_version": "gpt2@607a30d7"}]}
    )
    texts: Annotated[list[str], Field(description="Only new text: the prompt is not repeated.")]
    model_version: str


def generate(service: Service, body: GenerateRequest) -> GenerateResponse:
    """What both shells do with a prompt."""
    generator = service.generator
    texts = service.generate(body.prompt, body.options(), body.stop, generator)
    return GenerateResponse(texts=texts, model_version=generator.version)


def stream(service: Service, body: GenerateRequest) -> Generator[TextOut | GenerateResponse]:
    """The same for one text, piece by piece, and the whole last."""
    generator = service.generator
    written = []
    for piece in service.stream_text(body.prompt, body.options(), body.stop, generator):
        written.append(piece)
        yield TextOut(text=piece)
    yield GenerateResponse(texts=["".join(written)], model_version=generator.version)
