"""The report of `jujube evaluate --retrieval`: one HTML file that needs no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api import plots
from api.options import write_whole
from index.errors import InputError
from index.store import Store
from rag.assess import COMPARED, DEPTH, Assessment, Found, Result
from rag.hops import TWO_PASSAGES
from rag.needs import Question
from rag.retrieve import Mode

_SHOWN = 12
"""Questions that are shown in full."""
_HITS = 5
"""Hits of each mode that are shown for one question."""
_STEPS = 5
"""Steps of the graph that are shown for one question."""
_EXCERPT = 240
"""Characters of a passage that are shown."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a report was made of."""

    collection: str
    at: str
    """Date and time, with the offset of the time zone."""
    questions: str
    """Where the questions come from."""
    made_up: bool
    """Whether Jujube made them itself."""
    embedder: str
    mode: Mode
    """Of the collection, after the evaluation."""
    counts: Mapping[str, int]
    unanswerable: int
    unknown: tuple[str, ...]


def write_report(path: Path, found: Assessment, made: Made, store: Store) -> None:
    """Write the page; an earlier one is replaced whole.

    Raises:
        StorageFull: it cannot be written.
    """
    write_whole(path, render(found, made, store).encode("utf-8", "replace"), "--report")


def render(found: Assessment, made: Made, store: Store) -> str:
    """The page. All that comes from documents and questions is escaped by the template engine."""
    drawn, missing = _drawn(found)
    page = template("retrieval.html").render(
        made=made,
        verdict=found.verdict(),
        apart=found.difference(),
        revision=found.revision,
        questions=len(found.results),
        two=len(found.of(TWO_PASSAGES)),
        depth=DEPTH,
        colours=plots.COLOURS,
        kinds=[_kind(found, kind) for kind in _kinds(found)],
        plots=drawn,
        missing=missing,
        read=found.read,
        recall={mode: found.scores(mode).recall[found.read] for mode in COMPARED},
        wins=sum(gain > 0 for gain in found.gains()),
        losses=sum(gain < 0 for gain in found.gains()),
        cases=[_case(result, found.read, store) for result in most_apart(found)],
    )
    return str(page)


@cache
def template(name: str) -> Any:
    """A page of templates/; it escapes all that is put into it."""
    environment = Environment(
        loader=PackageLoader("api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["share"] = lambda value: "" if value is None else f"{100 * value:.1f}"
    environment.filters["signed"] = signed
    return environment.get_template(name)


def signed(share: float) -> str:
    """A difference in hundredths, with its sign.

    >>> signed(0.07), signed(-0.0251), signed(-0.0)
    ('+7.0', '−2.5', '0.0')
    """
    text = f"{100 * share:+.1f}".replace("-", "−")
    return "0.0" if text[1:] == "0.0" else text


def _drawn(found: Assessment) -> tuple[list[Markup], str]:
    """The plots; without matplotlib none, and what to install."""
    seconds: dict[str, list[float]] = {
        mode: [1000 * result.found[mode].seconds for result in found.results] for mode in COMPARED
    }
    try:
        drawn = [
            plots.recall_curves({mode: found.scores(mode).recall for mode in COMPARED}),
            plots.gains(found.gains(), found.read),
            plots.latencies(seconds),
        ]
    except InputError as error:
        return [], str(error)
    return [Markup(svg) for svg in drawn], ""


def _kinds(found: Assessment) -> list[str | None]:
    kinds = found.kinds()
    return [None, *kinds] if len(kinds) > 1 else [None]


def _kind(found: Assessment, kind: str | None) -> dict[str, Any]:
    scores = {mode: found.scores(mode, kind) for mode in COMPARED}
    columns: list[list[float | None]] = [
        [s.recall[2], s.recall[5], s.recall[DEPTH], s.hit1, s.mrr, s.both] for s in scores.values()
    ]
    best = [max((v for v in column if v is not None), default=None) for column in zip(*columns, strict=True)]
    rows = [
        {"mode": mode, "values": values, "milliseconds": scores[mode].milliseconds}
        for mode, values in zip(COMPARED, columns, strict=True)
    ]
    count = len(found.of(kind))
    return {
        "name": kind or "all",
        "count": count,
        "rows": rows,
        "best": best,
        "apart": found.difference(kind),
    }


def most_apart(found: Assessment) -> list[Result]:
    """The questions where graph and hybrid differ most, at most `_SHOWN`; none that they answer alike."""

    def apart(result: Result) -> tuple[float, float]:
        reciprocal = [1 / result.found[mode].first for mode in ("graph", "hybrid")]
        return abs(result.gain(found.read)), abs(reciprocal[0] - reciprocal[1])

    return [r for r in sorted(found.results, key=apart, reverse=True)[:_SHOWN] if any(apart(r))]


def _case(result: Result, read: int, store: Store) -> dict[str, Any]:
    question = result.question
    ranks = [
        {"mode": mode, "ranks": [rank or f"> {DEPTH}" for rank in result.found[mode].ranks]}
        for mode in COMPARED
    ]
    return {
        "question": question,
        "gain": result.gain(read),
        "ranks": ranks,
        "found": {mode: _hits(question, result.found[mode]) for mode in ("graph", "hybrid")},
        "seeds": list(result.found["graph"].retrieved.seeds),
        "steps": _steps(result.found["graph"], store),
    }


def _hits(question: Question, found: Found) -> list[dict[str, Any]]:
    return [
        {
            "hit": hit,
            "right": any(need.met_by(hit.passage) for need in question.needs),
            "text": excerpt(hit.passage.text),
        }
        for hit in found.hits[:_HITS]
    ]


def excerpt(text: str, length: int = _EXCERPT) -> str:
    """The beginning of a text on one line.

    >>> excerpt("one\\ntwo three", 8)
    'one two …'
    """
    line = " ".join(text.split())
    return line if len(line) <= length else line[:length].rstrip() + " …"


def _steps(found: Found, store: Store) -> list[dict[str, str]]:
    """The steps between entities that led to the first hits, each with the words that it went by."""
    bridges = [bridge for hit in found.hits[:_HITS] for bridge in hit.path if bridge.by]
    taken = list(dict.fromkeys(bridges))[:_STEPS]
    passages = store.passages([bridge.passage_id for bridge in taken])
    steps: list[dict[str, str]] = []
    for bridge in taken:
        said = ""
        if bridge.passage_id in passages:
            passage = passages[bridge.passage_id][0]
            said = excerpt(passage.text[bridge.start - passage.start : bridge.end - passage.start])
        steps.append({"by": bridge.by, "entity": bridge.entity, "said": said})
    return steps
