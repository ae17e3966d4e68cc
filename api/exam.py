"""Ask every question of an exam, keep each answer on disk before the next is asked, and mark them all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from api import batch
from api.service import Service
from index.errors import InputError, QuestionError
from rag.answer_scores import Given, Marked, is_true, mark
from rag.expected import Expected
from rag.types import Answer

HITS = 5
"""Hits that are kept of each question."""
_EXCERPT = 600
"""Characters of a hit that are kept."""


@dataclass(frozen=True, slots=True)
class Told:
    """A marked answer, with its line of the file: what it cites and found."""

    marked: Marked
    line: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What answers depend on; those that were given under another are not continued."""

    revision: int
    model: str
    mode: str
    passages: int
    titles: bool
    span_reader: str


def asked_of(service: Service) -> Asked:
    """How the service would be asked now; loads the generator."""
    own = service.settings
    version, second = service.generator.version, own.span_reader
    return Asked(service.store.revision, version, service.mode, own.passages, own.titles, second)


def ask_all(
    service: Service, questions: Sequence[Expected], out: Path, tick: Callable[[], None] = lambda: None
) -> list[Told]:
    """Ask what `out` does not hold yet, so that the best candidate is always given; mark all.

    Args:
        out: JSON lines; made, or continued.
        tick: called for each question, asked now or before.

    Raises:
        InputError: `out` holds something else, or answers of another collection, model or question; or the
            collection changed meanwhile.
        StorageFull: `out` cannot be written.
    """
    asked = asked_of(service)
    batch.done_ids(out, "question")
    earlier = _lines(out)
    _require_same(out, earlier, asked, {expected.id: expected.text for expected in questions})
    if any(expected.id not in earlier for expected in questions):
        service.warm()  # what is loaded at first use is no question's cost
    lines: list[batch.Line] = [{"id": expected.id, "question": expected.text} for expected in questions]
    for line in batch.run(lines, out, "question", lambda text: _work(service, text, asked), tick):
        if line["asked"] != asdict(asked):
            raise InputError(
                f"the collection changed while it was asked ({_apart(line['asked'], asked)}): "
                "ask again when nothing is added, with another --out"
            )
    found = _lines(out)
    return [_told(expected, found[expected.id]) for expected in questions]


def _lines(out: Path) -> dict[str, batch.Line]:
    """id -> line; of an id that stands there twice, the first."""
    found: dict[str, batch.Line] = {}
    if out.is_file():
        for raw in out.read_text("utf-8").split("\n"):
            if raw:
                line = json.loads(raw)
                found.setdefault(str(line["id"]), line)
    return found


def _require_same(
    out: Path, earlier: Mapping[str, batch.Line], asked: Asked, questions: Mapping[str, str]
) -> None:
    for identity, line in earlier.items():
        if not isinstance(then := line.get("asked"), dict):
            wrong = "was written by another command"
        elif line["question"] != questions.get(identity, line["question"]):
            wrong = f"holds answers to other questions ({identity!r} is another there)"
        elif then != asdict(asked):
            wrong = f"holds answers that were given otherwise ({_apart(then, asked)})"
        else:
            continue
        raise InputError(f"{out} {wrong}: name another file with --out")


def _apart(then: Mapping[str, Any], now: Asked) -> str:
    """
    >>> then = {"revision": 3, "model": "a", "mode": "graph", "passages": 3, "titles": True}
    >>> _apart(then, Asked(3, "a", "graph", 3, True, "embedded"))
    'span_reader None there, embedded now'
    """
    return ", ".join(
        f"{name} {then.get(name)} there, {value} now"
        for name, value in asdict(now).items()
        if then.get(name) != value
    )


def _work(service: Service, question: str, asked: Asked) -> batch.Line:
    try:
        answer = service.ask(question, threshold=0.0)
    except QuestionError as error:  # too long for the window: no answer is what a user gets, too
        return {"question": question, "answer": "", "abstained": True, "confidence": 0.0, "citations": [],
                "hits": [], "seconds": 0.0, "problem": str(error), "asked": asdict(asked)}  # fmt: skip
    store = service.store
    return {
        "question": question,
        "answer": answer.text,
        "abstained": answer.abstained,
        "confidence": answer.confidence,
        "citations": [asdict(one) | {"true": is_true(store, one)} for one in answer.citations],
        "hits": _hits(answer),
        "seconds": round(answer.timings["total"], 4),
        "problem": "",
        "asked": asdict(asked) | {"revision": answer.revision, "model": answer.model_version},
    }


def _hits(answer: Answer) -> list[dict[str, str]]:
    return [
        {
            "document_id": hit.passage.document_id,
            "source": hit.source,
            "title": hit.title,
            "text": hit.passage.text[:_EXCERPT],
        }
        for hit in answer.hits[:HITS]
    ]


def _told(expected: Expected, line: batch.Line) -> Told:
    given = Given(
        text=line["answer"],
        confidence=line["confidence"],
        silent=line["abstained"],
        citations=len(line["citations"]),
        true_citations=sum(one["true"] for one in line["citations"]),
        documents=tuple(hit["document_id"] for hit in line["hits"]),
        seconds=line["seconds"],
    )
    return Told(mark(expected, given), line)
