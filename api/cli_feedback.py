"""`jujube feedback`: what was wrong or right with an answer, learnt first by the next training."""

from __future__ import annotations

from typing import Annotated

import typer

from api import console
from api.options import Collection, Home, Json, checked, opened
from api.schemas_finetune import FeedbackIn, feedback_out
from index.errors import InputError
from index.feedback import Feedback

feedback = typer.Typer(
    help="Say which answers were right or wrong; the next training learns it first.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(feedback, name="feedback")


@feedback.command()
def add(
    question: Annotated[str, typer.Argument(help="The question that was asked.")],
    wrong: Annotated[bool, typer.Option("--wrong", help="The answer was wrong.")] = False,
    right: Annotated[bool, typer.Option("--right", help="The answer was right.")] = False,
    answer: Annotated[str | None, typer.Option(help="What is right to say, in the document's words.")] = None,
    silence: Annotated[
        bool, typer.Option("--silence", help="The documents do not say it: silence is right.")
    ] = False,
    given: Annotated[str, typer.Option(help="The answer that was given.")] = "",
    document: Annotated[str, typer.Option(help="Id or source of the document that says it.")] = "",
    passage: Annotated[str, typer.Option(help="The words that say it.")] = "",
    home: Home = None,
    collection: Collection = None,
    json: Json = False,
) -> None:
    """Keep what you say of an answer: --wrong with --answer, or --right."""
    with opened(home=home, collection=collection) as service:
        if wrong == right:
            raise InputError("say --wrong, with --answer and what is right, or --right")
        if silence and answer is not None:
            raise InputError("--silence says that there is no answer: leave out --answer, or --silence")
        where = service.store.document_ids(service.named(document)) if document else []
        body = checked(
            FeedbackIn,
            question=question,
            verdict="wrong" if wrong else "right",
            answer=given,
            right_answer="" if silence else answer,
            document_id=where[0] if where else "",
            passage=passage,
        )
        kept = feedback_out(Feedback(service.store).add(body.remark()))
        if json:
            console.print_json(kept.model_dump())
        else:
            console.out.print(f"kept as {kept.id}", markup=False)
            if wrong and answer is None and not silence:
                console.say("without --answer or --silence nothing can be learnt from it")


@feedback.command("list")
def list_(home: Home = None, collection: Collection = None, json: Json = False) -> None:
    """What was said of answers, the latest first."""
    with opened(home=home, collection=collection) as service:
        kept = [feedback_out(remark) for remark in Feedback(service.store).list()]
        if json:
            for one in kept:
                console.print_json(one.model_dump())
            return
        rows = [
            (
                str(one.id),
                one.verdict,
                console.one_line(one.question),
                console.one_line(_right(one.right_answer)),
            )
            for one in kept
        ]
        console.show_table(("", "verdict", "question", "right"), rows)


@feedback.command()
def remove(
    number: Annotated[int, typer.Argument(help="`jujube feedback list` shows it.")],
    home: Home = None,
    collection: Collection = None,
    json: Json = False,
) -> None:
    """Forget what was said."""
    with opened(home=home, collection=collection) as service:
        Feedback(service.store).remove(number)
        if json:
            console.print_json({"removed": number})
        else:
            console.out.print(f"{number} removed")


def _right(answer: str | None) -> str:
    """
    >>> _right(None), _right(""), _right("25 days")
    ('-', '(silence)', '25 days')
    """
    return "-" if answer is None else answer or "(silence)"
