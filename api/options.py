"""What the commands share: their options, and a Service for the length of one command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from api import console
from api.service import Service
from api.settings import Settings
from index.errors import InputError, JujubeError

Model = TypeVar("Model", bound=BaseModel)

Home = Annotated[Path | None, typer.Option(help="Folder where everything lives [JUJUBE_HOME, ~/.jujube].")]
Collection = Annotated[str | None, typer.Option(help="Name of the collection [JUJUBE_COLLECTION, default].")]
Generator = Annotated[
    str | None, typer.Option(help="embedded, openai-community/gpt2-medium, a hub id, a folder.")
]
EmbedderName = Annotated[
    str | None, typer.Option("--embedder", help="embedded, minilm, use, a hub id, a folder.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
TopK = Annotated[int, typer.Option(help="Hits to return, 1 to 100.")]
ModeName = Annotated[
    str | None,
    typer.Option("--mode", help="graph (all three voices), hybrid, vector, text [the collection's own]."),
]
OnlySource = Annotated[
    str | None, typer.Option("--source", help="Only documents with this source or id, or in this folder.")
]
Where = Annotated[
    list[str] | None,
    typer.Option(help="Only documents whose metadata has FIELD=VALUE; may be given several times."),
]
Out = Annotated[Path | None, typer.Option(help="Where --file writes its results; continued if it exists.")]


def checked(kind: type[Model], **given: Any) -> Model:
    """Settings, or a request as HTTP takes it, from options; those that were not given keep their default."""
    try:
        return kind(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        value = repr(first["input"])
        shown = value if len(value) < 80 else f"{value[:77]}..."
        raise InputError(f"{'.'.join(map(str, first['loc']))}: {first['msg']} (got {shown})") from error


@contextmanager
def opened(**given: Any) -> Iterator[Service]:
    """A Service for one command; its errors become one line and exit status 1."""
    console.quieten()
    try:
        service = Service(checked(Settings, **given), console.say)
        try:
            yield service
        finally:
            service.close()
    except JujubeError as error:
        console.problem(str(error))
        raise typer.Exit(1) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        console.problem(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        console.problem("stopped; what was committed is kept, run the command again to go on")
        raise typer.Exit(130) from error


def only_these(source: str | None, where: list[str] | None) -> dict[str, Any]:
    """--source and --where as a request's filter. A value is read as JSON if it can be: 3, true, "3"."""
    metadata: dict[str, Any] = {}
    for condition in where or ():
        name, sign, value = condition.partition("=")
        if not sign or not name.strip():
            raise InputError(f"--where takes FIELD=VALUE, not {condition!r}")
        try:
            metadata[name.strip()] = json.loads(value)
        except json.JSONDecodeError:
            metadata[name.strip()] = value
    return {"source": source, "metadata": metadata}
