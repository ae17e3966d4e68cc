"""How an answer looks on a terminal: its sources at once, its text as it comes, then what it stands on."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from api import console
from api.schemas_answers import AskResponse, CitationOut, FoundOut, TextOut
from api.schemas_generate import GenerateResponse

_NEAREST = 3


def show_events(events: Iterable[BaseModel]) -> None:
    """A streamed answer, or a streamed text."""
    for event in events:
        if isinstance(event, FoundOut):
            show_found(event)
        elif isinstance(event, TextOut):
            console.out.print(console.printable(event.text), end="", style="bold", markup=False)
        elif isinstance(event, GenerateResponse):
            console.out.print()
        elif isinstance(event, AskResponse):
            console.out.print()
            _show_grounds(event)


def show_found(found: FoundOut) -> None:
    """The sources of the nearest passages."""
    near = dict.fromkeys(hit.source for hit in found.hits[:_NEAREST])
    if near:
        console.out.print(f"reading {', '.join(near)}", style="dim", markup=False)


def show_answer(answer: AskResponse) -> None:
    """The answer, then where it comes from, with the answer's words in bold."""
    style = "yellow" if answer.abstained else "bold green"
    console.out.print(console.printable(answer.answer), style=style, markup=False)
    _show_grounds(answer)


def _show_grounds(answer: AskResponse) -> None:
    sure = "supported" if answer.decoding == "free" and not answer.abstained else "confidence"
    console.out.print(f"{sure} {answer.confidence:.2f}, {answer.timings['total']:.2f} s", style="dim")
    _show_unread(answer)
    _show_unsupported(answer)
    for step in answer.steps:
        told = f"  {step.question} {step.answer} ({step.confidence:.2f})"
        console.out.print(console.printable(told), style="dim", markup=False)
    for number, citation in enumerate(answer.citations, 1):
        _show_citation(number, citation)
    if not answer.hits:
        console.say("there is nothing to answer from yet: `jujube add FOLDER` indexes documents")
    elif answer.abstained:
        console.out.print("  the nearest passages:", style="dim")
        for hit in answer.hits[:_NEAREST]:
            text = console.one_line(hit.text)[:160]
            console.out.print(f"  - {hit.source}: {text}", style="dim", markup=False)


def _show_unread(answer: AskResponse) -> None:
    """What of the passages did not fit the model's window."""
    sources = {hit.passage_id: hit.source for hit in answer.hits}
    for part in answer.included:
        if part.trimmed:
            source = sources.get(part.passage_id, "another document")
            console.say(f"only the beginning of a passage of {source} fits the model's window")
    for passage in answer.left_out:
        source = sources.get(passage, "another document")
        console.say(f"a passage of {source} does not fit the model's window and is not read")


def _show_unsupported(answer: AskResponse) -> None:
    marked = [sentence.text for sentence in answer.sentences if not sentence.supported]
    for text in marked:
        console.out.print(
            f"  [?] not in the passages: {console.one_line(text)}", style="yellow", markup=False
        )
    if marked and not answer.citations:
        console.out.print(
            "  nothing of this answer is in the passages: do not rely on it", style="bold yellow"
        )


def _show_citation(number: int, citation: CitationOut) -> None:
    place = citation.source + (f", page {citation.page}" if citation.page else "")
    console.out.print(f"  [{number}] {place}", style="cyan", markup=False)
    first, last = citation.answer_start - citation.start, citation.answer_end - citation.start
    console.out.print("      ", end="")
    console.out.print(console.one_line(citation.text[:first]), end="", markup=False)
    console.out.print(console.one_line(citation.text[first:last]), end="", style="bold", markup=False)
    console.out.print(console.one_line(citation.text[last:]), markup=False)
