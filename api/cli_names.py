"""`jujube names`: a company's own names and aliases, which win over what the models find."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api import console
from api.options import Collection, Home, Json, opened
from api.service import Service
from index.errors import InputError
from index.names import Names, read_names
from index.vocabulary import documents_touched, store_names, stored_names


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(names)


def names(
    file: Annotated[
        Path | None, typer.Argument(help="CSV, a row a name: name,alias,alias... It replaces the last one.")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Forget the names.")] = False,
    home: Home = None,
    collection: Collection = None,
    json: Json = False,
) -> None:
    """Names and aliases of your own, which win over the models. Without FILE: show them."""
    with opened(home=home, collection=collection) as service:
        if file and clear:
            raise InputError("either a file or --clear")
        if file or clear:
            own = read_names(file) if file else Names()
            changed: dict[str, Any] = {"indexed_again": use_names(service, own)}
        else:
            own, changed = stored_names(service.store), {}
        shown = {
            "names": [list(row) for row in own.rows],
            "conflicts": [{"alias": alias, "names": list(keys)} for alias, keys in own.conflicts],
            "revision": service.store.revision,
        }
        if json:
            console.print_json(shown | changed)
        elif changed:
            _warn(own)
            total = service.store.counts()["documents"]
            aliases = sum(len(row) - 1 for row in own.rows)
            console.out.print(
                f"{len(own.rows)} names, {aliases} aliases; {changed['indexed_again']} of {total} documents "
                f"indexed again; revision {service.store.revision}"
            )
        else:
            _show(own)


def use_names(service: Service, names: Names) -> int:
    """Keep names with the collection and index the documents again that they touch. Returns how many.

    When it is stopped half way, the old names stay, and the same command does it again.
    """
    touched = list(documents_touched(service.store, stored_names(service.store), names))
    done = 0
    if touched:  # else no model need be loaded
        with console.counting("indexing again") as tick:
            done = service.corpus.renew(touched, names, tick).replaced
    store_names(service.store, names)
    return done


def _show(own: Names) -> None:
    if not own:
        console.say("no names of your own: `jujube names FILE.csv` takes rows of name,alias,alias")
    for name, *aliases in own.rows:
        console.out.print(name + (f": {', '.join(aliases)}" if aliases else ""), markup=False)
    _warn(own)


def _warn(own: Names) -> None:
    for alias, keys in own.conflicts:
        console.say(
            f"{alias!r} stands for {len(keys)} names, and a mention counts for each: {', '.join(keys)}"
        )
