"""What the command line shows: progress, tables, answers. The only file that prints."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from api import schemas, schemas_documents

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

_EVERY_SECONDS = 2.0
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def quieten() -> None:
    """Keep what libraries say to their developers from the user. Telemetry is off, too: documents and
    questions are nobody else's business.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TQDM_DISABLE", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    wait_briefly()
    logging.getLogger().setLevel(logging.ERROR)
    for reader in ("pypdf", "pdfminer"):
        logging.getLogger(reader).setLevel(logging.CRITICAL)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def wait_briefly() -> None:
    """How long threads spin that wait for work: to be said before any library has made some.

    Their own default takes the cores from whatever else runs, and one more thread that asks makes all of
    them sleep at once. On Linux some 10 microseconds, which bridges what lies between two products:
    with nothing else running as quick as the default, 1.4 times as quick as sleeping; beside a busy
    process 1.3 times slower than that, where the default is twice as slow (docs/log.md, 2026-11-27).
    """
    if "OMP_WAIT_POLICY" in os.environ or "GOMP_SPINCOUNT" in os.environ:
        return  # somebody knows better
    if sys.platform != "linux":  # no such number in other systems' OpenMP
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
        return
    os.environ["OMP_WAIT_POLICY"] = "ACTIVE"  # so that the number holds for any count of threads
    os.environ["GOMP_SPINCOUNT"] = "1000"


def print_json(value: Any) -> None:
    """One line of JSON on standard output; lone surrogates cannot break it."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n")


def say(text: str) -> None:
    """A line for a person, on standard error, so that output can be piped."""
    err.print(text, markup=False)


def problem(text: str) -> None:
    err.print("[bold red]error:[/] ", end="")
    err.print(" ".join(text.splitlines()), markup=False)


@contextmanager
def counting(label: str) -> Iterator[Callable[[int, int], None]]:
    """Progress of indexing: `tick(documents, passages)`. A live line in a terminal, plain lines otherwise."""
    if not err.is_terminal:
        yield _plain(lambda d, p, rate: f"{label}: {d} documents, {p} passages ({rate:.1f} passages/s)")
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(label, total=None)
        begin = time.monotonic()

        def tick(documents: int, passages: int) -> None:
            rate = passages / max(time.monotonic() - begin, 1e-9)
            text = f"{label}: {documents} documents, {passages} passages, {rate:.1f} passages/s"
            progress.update(task, description=text)

        yield tick


@contextmanager
def steps(label: str, total: int) -> Iterator[Callable[[], None]]:
    """Progress over a known number of steps: `tick()`."""
    if not err.is_terminal:
        plain = _plain(lambda done, _, rate: f"{label}: {done} of {total} ({rate:.1f} a second)")
        done = 0

        def line() -> None:
            nonlocal done
            done += 1
            plain(done, done)

        yield line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err) as progress:
        task = progress.add_task(label, total=total)
        yield lambda: progress.update(task, advance=1)


@contextmanager
def copying(label: str) -> Iterator[Callable[[int, int], None]]:
    """Progress over bytes: `tick(done, total)`."""
    if not err.is_terminal:
        yield _plain(lambda done, total, _: f"{label}: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB")
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _plain(text: Callable[[int, int, float], str]) -> Callable[[int, int], None]:
    begin = last = time.monotonic()

    def tick(first: int, second: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _EVERY_SECONDS:
            last = now
            say(text(first, second, second / (now - begin)))

    return tick


def show_report(report: schemas_documents.AddResponse) -> None:
    for failure in report.failures:
        err.print("[yellow]skipped[/] ", end="")
        err.print(f"{failure.source} ({failure.code}): {failure.reason}", markup=False)
    out.print(
        f"{report.added} added, {report.replaced} replaced, {report.unchanged} unchanged, "
        f"{len(report.failures)} skipped; {report.passages} passages; revision {report.revision}"
    )


def show_hits(hits: list[schemas.HitOut]) -> None:
    if not hits:
        say("nothing found")
    for number, hit in enumerate(hits, 1):
        place = hit.source + (f", page {hit.page}" if hit.page else "")
        heading = f" > {hit.heading}" if hit.heading else ""
        out.print(
            f"{number:2} {hit.score:.3f} {place}{heading} ({', '.join(hit.found_by)})",
            style="cyan",
            markup=False,
        )
        out.print(f"   {one_line(hit.text)[:300]}", markup=False)
        if len(hit.path) > 1:
            way = " > ".join(step.entity for step in hit.path)
            out.print(f"   the graph's way: {way}", style="dim", markup=False)
        if hit.duplicate_of is not None:
            out.print("   says the same as a hit above", style="dim", markup=False)


def show_documents(documents: list[schemas_documents.DocumentSummary]) -> None:
    """A table in a terminal; otherwise a line a document, its parts divided by tabs."""
    rows = [(d.source, d.title, str(d.characters), str(d.passages), d.added_at[:16]) for d in documents]
    if not out.is_terminal:
        for row in rows:
            print("\t".join(row).encode("utf-8", "replace").decode())
        return
    table = Table("source", "title", box=None)
    for name in ("characters", "passages", "added"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    out.print(table)


def show_table(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> None:
    """A table in a terminal, the columns of `right` flush right; otherwise a line a row, divided by tabs."""
    if not out.is_terminal:
        for row in rows:
            print("\t".join(row).encode("utf-8", "replace").decode())
        return
    table = Table(box=None)
    for name in headings:
        table.add_column(name, justify="right" if name in right else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    out.print(table)


def show_stats(stats: dict[str, Any]) -> None:
    for key, value in stats.items():
        shown = f"{value:,}" if isinstance(value, int) else "-" if value is None else value
        out.print(f"{key:12} {shown}", markup=False)


def show_scores(rows: Sequence[Sequence[str]], width: int = 8) -> None:
    """Rows of a name and numbers in columns; the first row names the columns, a name alone is a line."""
    left = max(len(row[0]) for row in rows if any(row[1:]))
    for row in rows:
        numbers = "".join(f"{cell:>{width}}" for cell in row[1:]).rstrip()
        out.print(f"{row[0]:<{left + 4}}{numbers}".rstrip(), style=None if numbers else "dim", markup=False)


def printable(text: str) -> str:
    """Without control characters: text of a document or a model cannot steer the terminal.

    >>> printable("a\\x1b[31mb\\n")
    'a\ufffd[31mb\\n'
    """
    return _CONTROLS.sub("\ufffd", text)


def one_line(text: str) -> str:
    return printable(" ".join(text.split("\n")))
