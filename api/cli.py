"""The command line: a shell of Service, as HTTP is another."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from api import (
    answer_shown,
    batch,
    cli_evaluate,
    cli_feedback,
    cli_generate,
    cli_graph,
    cli_jobs,
    cli_models,
    cli_names,
    cli_train,
    console,
    schemas,
    schemas_answers,
    schemas_documents,
)
from api.options import (
    Collection,
    EmbedderName,
    Generator,
    Home,
    Json,
    ModeName,
    OnlySource,
    Out,
    TopK,
    Where,
    checked,
    only_these,
    opened,
)
from api.schemas_answers import AskRequest
from index.errors import InputError

app = typer.Typer(
    name="jujube",
    help="Answers from your own documents, with citations. Everything stays on this machine.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command()
def add(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    home: Home = None,
    collection: Collection = None,
    generator: Generator = None,
    embedder: EmbedderName = None,
    json: Json = False,
) -> None:
    """Index files and folders. The same source again replaces; the same text again is a no-op."""
    with opened(home=home, collection=collection, generator=generator, embedder=embedder) as service:
        with console.counting("indexing") as tick:
            report = service.add_paths(paths, tick)
        if json:
            console.print_json(schemas_documents.add_out(report).model_dump())
        elif report.indexed or len(report.failures) > 1:
            console.show_report(schemas_documents.add_out(report))
        if not report.indexed:
            first = report.failures[0].reason if report.failures else "there are no documents to index"
            more = f" (and {len(report.failures) - 1} more)" if len(report.failures) > 1 else ""
            raise InputError(f"nothing was indexed: {first}{more}")


@app.command()
def remove(
    sources: Annotated[list[str], typer.Argument(help="Sources, ids, or folders of sources.")],
    home: Home = None,
    collection: Collection = None,
    json: Json = False,
) -> None:
    """Remove documents and all that came from them."""
    with opened(home=home, collection=collection) as service:
        removed = service.remove(sources)
        if json:
            console.print_json({"removed": removed, "revision": service.store.revision})
        else:
            console.out.print(f"{len(removed)} removed; revision {service.store.revision}")


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    file: Annotated[
        Path | None, typer.Option(help='JSON lines {"id", "question"} instead of one question.')
    ] = None,
    out: Out = None,
    top_k: TopK = 10,
    mode: ModeName = None,
    source: OnlySource = None,
    where: Where = None,
    threshold: Annotated[float | None, typer.Option(help="Confidence from which to answer, 0 to 1.")] = None,
    decoding: Annotated[
        str | None,
        typer.Option(help="grounded: a span of a passage; free: the model writes and is checked [grounded]."),
    ] = None,
    home: Home = None,
    collection: Collection = None,
    generator: Generator = None,
    embedder: EmbedderName = None,
    json: Json = False,
) -> None:
    """Answer from the documents, with citations, or say that they do not say it."""
    with opened(home=home, collection=collection, generator=generator, embedder=embedder) as service:
        only = only_these(source and service.named(source), where)

        def asked(text: str) -> AskRequest:
            given = {"top_k": top_k, "mode": mode, "threshold": threshold, "decoding": decoding}
            return checked(AskRequest, question=text, filter=only, **given)

        def answer(text: str) -> schemas_answers.AskResponse:
            return schemas_answers.ask(service, asked(text))

        if file is not None:
            _many(file, out, "question", answer)
        elif question is not None and console.out.is_terminal and not json:
            answer_shown.show_events(schemas_answers.stream(service, asked(question)))
        else:
            _one(question, json, answer, answer_shown.show_answer)


@app.command()
def search(
    query: Annotated[str | None, typer.Argument(help="The query.")] = None,
    file: Annotated[
        Path | None, typer.Option(help='JSON lines {"id", "query"} instead of one query.')
    ] = None,
    out: Out = None,
    top_k: TopK = 10,
    mode: ModeName = None,
    source: OnlySource = None,
    where: Where = None,
    home: Home = None,
    collection: Collection = None,
    generator: Generator = None,
    embedder: EmbedderName = None,
    json: Json = False,
) -> None:
    """Find passages, without generating an answer."""
    with opened(home=home, collection=collection, generator=generator, embedder=embedder) as service:
        only = only_these(source and service.named(source), where)

        def find(text: str) -> schemas.SearchResponse:
            body = checked(schemas.SearchRequest, query=text, top_k=top_k, mode=mode, filter=only)
            return schemas.search(service, body)

        if file is None:
            _one(query, json, find, lambda found: console.show_hits(found.hits))
        else:
            _many(file, out, "query", find)


def _one(text: str | None, json: bool, work: Any, show: Any) -> None:
    if text is None:
        raise InputError("give a question, or --file with many")
    result = work(text)
    if json:
        console.print_json(result.model_dump())
    else:
        show(result)


def _many(file: Path, out: Path | None, field: str, work: Any) -> None:
    if out is None:
        raise InputError("--file needs --out: the file that the results go to")
    lines = batch.read_lines(file, field)
    with console.steps(field + "s", len(lines)) as tick:
        new = sum(1 for _ in batch.run(lines, out, field, lambda text: work(text).model_dump(), tick))
    console.say(f"{new} new, {len(lines) - new} were there already: {out}")


@app.command("list")
def list_(home: Home = None, collection: Collection = None, json: Json = False) -> None:
    """What is indexed."""
    with opened(home=home, collection=collection) as service:
        documents = [schemas_documents.summary_out(row) for row in service.store.documents()]
        if json:
            for document in documents:
                console.print_json(document.model_dump())
        else:
            console.show_documents(documents)


@app.command()
def stats(home: Home = None, collection: Collection = None, json: Json = False) -> None:
    """Counts, sizes, and what is in use."""
    with opened(home=home, collection=collection) as service:
        if json:
            console.print_json(service.stats())
        else:
            console.show_stats(service.stats())


@app.command()
def reindex(
    home: Home = None,
    collection: Collection = None,
    generator: Generator = None,
    embedder: EmbedderName = None,
    json: Json = False,
) -> None:
    """Make passages, vectors and graph anew: after changing the embedder, the extractor or the generator."""
    with opened(home=home, collection=collection, generator=generator, embedder=embedder) as service:
        with console.counting("reindexing") as tick:
            report = schemas_documents.add_out(service.reindex(tick))
        if json:
            console.print_json(report.model_dump())
        else:
            console.show_report(report)


@app.command()
def verify(home: Home = None, collection: Collection = None, json: Json = False) -> None:
    """Check the collection on disk, and that vectors, words and graph agree with it."""
    with opened(home=home, collection=collection) as service:
        problems = service.corpus.verify()
        if json:
            console.print_json({"problems": problems, "revision": service.store.revision})
        else:
            console.out.print("\n".join(problems) or "sound", markup=False)
        if problems:
            raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [JUJUBE_HOST, 127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="Port [JUJUBE_PORT, 8321].")] = None,
    home: Home = None,
    collection: Collection = None,
    generator: Generator = None,
    embedder: EmbedderName = None,
) -> None:
    """Answer over HTTP until stopped; /docs describes the routes."""
    given = {"host": host, "port": port, "home": home, "collection": collection}
    with opened(**given, generator=generator, embedder=embedder) as service:
        from api.server import run

        run(service)


@app.command()
def demo(
    home: Home = None,
    questions: Annotated[Path | None, typer.Option(help="Another file of sample questions.")] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Ask every sample question and print the score.")
    ] = False,
    json: Json = False,
) -> None:
    """Index the sample documents, start a server, ask it over HTTP, print the answers, stop."""
    with opened(home=home, collection="demo") as service:
        from api.demo import run

        run(service, questions, every=all_, json=json)


cli_evaluate.register(app)
cli_feedback.register(app)
cli_generate.register(app)
cli_graph.register(app)
cli_jobs.register(app)
cli_models.register(app)
cli_names.register(app)
cli_train.register(app)


@app.callback(invoke_without_command=True)
def _root(
    show: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if show:
        console.out.print(f"jujube {version('jujube-qa')}")
        raise typer.Exit


def main() -> None:
    """Entry point of the `jujube` command."""
    app()
