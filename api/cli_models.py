"""`jujube models`: the versions that were trained here, which of them answers, carrying them elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api import console, schemas_models
from api.options import Home, Json, opened
from finetune.portable import export_version, import_version
from finetune.registry import Registry, Version
from index.errors import InputError

models = typer.Typer(
    help="Versions of the model: list, show, activate, roll back, prune, export, import.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(help="Of the version; `jujube models list` shows them.")]
_SETS = ("domain", "general")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(models, name="models")


@models.command("list")
def list_(home: Home = None, json: Json = False) -> None:
    """The versions, oldest first; * marks the one that answers."""
    with opened(home=home) as service:
        found = schemas_models.versions_out(Registry(service.settings.models_path))
        if json:
            console.print_json(found.model_dump())
            return
        if not found.versions:
            console.say("no versions yet: `jujube train` makes them; the base model answers")
            return
        rows = [
            (
                "*" if one.active else "",
                one.name,
                one.made[:16].replace("T", " "),
                _recipe(one.card),
                str(one.card.get("parent") or one.card.get("base") or ""),
                *(_score(one.card, name) for name in _SETS),
                f"{one.bytes / 1e6:,.0f}",
            )
            for one in found.versions
        ]
        console.show_table(("", "version", "made", "recipe", "from", *_SETS, "MB"), rows, (*_SETS, "MB"))
        for one in found.versions:
            if "broken" in one.card:
                console.say(f"{one.name}: {one.card['broken']}")
        if found.active is None:
            console.say("none is active: the base model answers")


@models.command()
def show(
    name: Name,
    verify: Annotated[bool, typer.Option("--verify", help="Read every file and compare its sha256.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """A version's card: base, parent, recipe, data, scores, stop tokens, licences, sha256 of its files."""
    with opened(home=home) as service:
        version = Registry(service.settings.models_path).show(name, verify=verify)
        if json:
            console.print_json(schemas_models.version_out(version).model_dump())
            return
        shown = {"version": version.name, "active": "yes" if version.active else "no", "bytes": version.bytes}
        for key, value in _lines({**shown, "folder": str(version.folder), **version.card}):
            console.out.print(f"{key:24} {console.one_line(value)}", markup=False)
        if verify:
            console.say("every file is what the card says")


@models.command()
def activate(name: Name, home: Home = None, json: Json = False) -> None:
    """Answer with a version from now on; a running server follows, and no question is lost."""
    with opened(home=home) as service:
        _say(Registry(service.settings.models_path).activate(name), json)


@models.command("roll-back")
def roll_back(home: Home = None, json: Json = False) -> None:
    """Answer again with what answered before: a version, or the base model."""
    with opened(home=home) as service:
        done = schemas_models.roll_back(Registry(service.settings.models_path))
        if json:
            console.print_json(done.model_dump())
        else:
            console.out.print(f"{done.active or 'the base model'} answers from now on", markup=False)


@models.command()
def prune(
    keep: Annotated[int, typer.Option(min=0, help="How many of the newest to keep.")] = 5,
    home: Home = None,
    json: Json = False,
) -> None:
    """Remove old versions, never the active one nor the one that a roll back returns to."""
    with opened(home=home) as service:
        pruned = Registry(service.settings.models_path).prune(keep)
        if json:
            console.print_json({"removed": list(pruned.names), "bytes": pruned.bytes})
            return
        for name in pruned.names:
            console.out.print(name, markup=False)
        console.say(f"{len(pruned.names)} versions removed, {pruned.bytes / 1e6:,.1f} MB freed")


@models.command("export")
def export_(
    name: Name,
    file: Annotated[
        Path | None, typer.Argument(help="A .zip file; an earlier one is replaced [NAME.zip].")
    ] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Write a version to one file, to carry to another machine."""
    with opened(home=home) as service:
        registry = Registry(service.settings.models_path)
        with console.copying("exporting") as tick:
            written = export_version(registry, name, file or Path(f"{name}.zip"), tick)
        if json:
            console.print_json({"file": str(written), "bytes": written.stat().st_size})
        else:
            console.out.print(f"{written} ({written.stat().st_size / 1e6:,.1f} MB)", markup=False)


@models.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="That `jujube models export` wrote.")],
    name: Annotated[str | None, typer.Option(help="What to call it here [as it was called].")] = None,
    activate: Annotated[bool, typer.Option("--activate", help="Answer with it from now on.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Take a version from a file; whole or not at all, and only if it is what its card says."""
    with opened(home=home) as service:
        if name == "":
            raise InputError("--name is empty: leave it out to keep the name that the version had")
        registry = Registry(service.settings.models_path)
        with console.copying("importing") as tick:
            version = import_version(registry, file, name or "", tick)
        if activate:
            version = registry.activate(version.name)
        if not json and not activate:
            console.out.print(
                f"{version.name} is here; `jujube models activate {version.name}` has it answer", markup=False
            )
        else:
            _say(version, json)


def _say(version: Version, json: bool) -> None:
    if json:
        console.print_json(schemas_models.version_out(version).model_dump())
    else:
        console.out.print(f"{version.name} answers from now on", markup=False)


def _recipe(card: dict[str, Any]) -> str:
    recipe = card.get("recipe", "")
    return str(recipe.get("recipe", "") if isinstance(recipe, dict) else recipe)


def _score(card: dict[str, Any], name: str) -> str:
    score = schemas_models.score_of(card, name)
    return "-" if score is None else f"{100 * score:.1f}"


def _lines(values: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """A card as lines; what is inside another value has that one's name before its own.

    >>> _lines({"seed": 0, "recipe": {"rank": 8}, "stop_ids": [1, 2]})
    [('seed', '0'), ('recipe.rank', '8'), ('stop_ids', '1, 2')]
    """
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            found += _lines(value, f"{prefix}{name}.")
        else:
            words = ", ".join(map(_word, value)) if isinstance(value, list) else _word(value)
            found.append((f"{prefix}{name}", words))
    return found


def _word(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
