"""A part of the graph as one HTML page that needs no other file and no network."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_SCRIPTS = ("cytoscape.min.js", "graph_panel.js", "graph_drawing.js")
_ESCAPED = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def render(data: Mapping[str, Any], collection: str) -> str:
    """The page of a graph's node-link data (index/network.py).

    Nothing from documents is run: their words are data in a block of JSON that no tag can end, the page
    writes them as text, and its policy lets the browser run these scripts and no other.
    """
    scripts = [_static(name) for name in _SCRIPTS]
    return str(
        _template().render(
            collection=collection,
            data=Markup(embedded({**data, "collection": collection})),
            style=Markup(_static("graph.css")),
            scripts=[Markup(script) for script in scripts],
            hashes=Markup(" ".join(f"'sha256-{_hash(script)}'" for script in scripts)),
        )
    )


def embedded(data: Any) -> str:
    r"""JSON that may stand inside a script element, whatever it holds.

    >>> embedded({"a": "</script><!--"})
    '{"a": "\\u003c/script\\u003e\\u003c!--"}'
    """
    text = json.dumps(data, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode().translate(_ESCAPED)


def _hash(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode()


@cache
def _static(name: str) -> str:
    return files("api").joinpath("static", name).read_text("utf-8")


@cache
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("api"), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template("graph.html")
