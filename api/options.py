"""What the commands share: their options, a Service for the length of one command, files they write."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from api import console
from api.service import Service
from api.settings import Settings
from index.errors import InputError, JujubeError, StorageFull

Model = TypeVar("Model", bound=BaseModel)

Home = Annotated[Path | None, typer.Option(help="Folder where everything lives [JUJUBE_HOME, ~/.jujube].")]
Collection = Annotated[str | None, typer.Option(help="Name of the collection [JUJUBE_COLLECTION, default].")]
Generator = Annotated[
    str | None, typer.Option(help="embedded, openai-community/gpt2-medium, a hub id, a folder.")
]
EmbedderName = Annotated[
    str | None, typer.Option("--embedder", help="e5-minilm, minilm, use, embedded, a hub id, a folder.")
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
    typer.Option(
        help="Only documents whose metadata has FIELD=VALUE; may be given several times. 3 is a number, "
        "'\"3\"' a text."
    ),
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
    """--source and --where as a request's filter."""
    metadata: dict[str, Any] = {}
    for condition in where or ():
        name, sign, value = condition.partition("=")
        if not sign or not name.strip():
            raise InputError(f"--where takes FIELD=VALUE, not {condition!r}")
        metadata[name.strip()] = _plain_value(value)
    return {"source": source, "metadata": metadata}


def _plain_value(text: str) -> str | int | float | bool | None:
    """A value of --where: 3, true, null and "3" as JSON has them, all else as it is written."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, float) and not isfinite(value):
        return text  # Infinity and NaN are no JSON
    return value if value is None or isinstance(value, str | int | float) else text


def write_whole(file: Path, content: bytes, option: str) -> None:
    """Write a file, with its folders; an earlier one is replaced whole or stays as it was.

    Args:
        option: of the command, by which another file can be named.

    Raises:
        StorageFull: it cannot be written.
    """
    beside = file.parent / f"{file.name}.part"
    try:
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(content)
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise StorageFull(f"cannot write {file}: {error.strerror}. Name another with {option}") from error
