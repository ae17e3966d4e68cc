"""`jujube generate`: plain text after a prompt, without any document."""

from __future__ import annotations

from typing import Annotated

import typer

from api import answer_shown, console, schemas_generate
from api.options import Generator, Home, Json, checked, opened


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(generate)


def generate(
    prompt: Annotated[str, typer.Argument(help="The text to go on from.")],
    max_length: Annotated[
        int | None, typer.Option(help="New tokens at most, in what the model's window leaves [128].")
    ] = None,
    num_return_sequences: Annotated[int | None, typer.Option(help="Texts, 1 to 16 [1].")] = None,
    temperature: Annotated[
        float | None, typer.Option(help="0: the likeliest token each time; up to 10: drawn [0].")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Draw from the likeliest tokens that have this probability [1].")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same texts.")] = None,
    stop: Annotated[
        list[str] | None,
        typer.Option(help="A phrase before which a text ends; may be given several times."),
    ] = None,
    home: Home = None,
    generator: Generator = None,
    json: Json = False,
) -> None:
    """Write on from a prompt with the language model alone: nothing is looked up, nothing is checked."""
    with opened(home=home, generator=generator) as service:
        body = checked(
            schemas_generate.GenerateRequest,
            prompt=prompt,
            max_length=max_length,
            num_return_sequences=num_return_sequences,
            temperature=temperature,
            top_p=top_p,
            seed=seed,
            stop=stop,
        )
        if json:
            console.print_json(schemas_generate.generate(service, body).model_dump())
        elif body.num_return_sequences == 1:
            answer_shown.show_events(schemas_generate.stream(service, body))
        else:
            for number, text in enumerate(schemas_generate.generate(service, body).texts, 1):
                console.out.print(f"[{number}] {console.printable(text)}", markup=False)
