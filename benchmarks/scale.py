"""How does cost grow from 1,000 to 1,000,000 passages?

    python benchmarks/scale.py [--sizes 1000,10000,100000,1000000] [--home .jujube] [--plot PNG_OR_SVG]

Made-up passages with names that recur as in real text (synthetic.py), written through the product's own
`Store.commit` with entities, facts, full text and vectors; the vectors are scattered around those of real
embeddings, so that a million can be had without embedding a million. Each size is a file in --home, made from
the next smaller one, continued if it was left unfinished; a size that was measured is not measured again
unless --again says so. Every size is measured in a process of its own.

The graph's share of a question is the time of mode "graph" less that of mode "hybrid", question by question;
question vectors are made beforehand. With --cpu these times are the processor's, all threads together: on a
machine with other work they hold still, and on an idle one they are the wall's for all but vector search.
What is measured with the models: one document added until it is found, and the 95th percentile of whole
searches while another process indexes, beside the usual one.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from common import machine, made_up, peak_gib, say
from synthetic import Base, Known, asked, batches

from index.corpus import BATCH_PASSAGES, Corpus
from index.embed import PROBE, load_embedder
from index.extract import PatternExtractor, load_extractor
from index.store import Store
from index.types import Document
from rag.retrieve import Mode, RetrieveOptions, retrieve

BASE = 400
"""Passages that are embedded; all others are scattered around them."""
QUESTIONS = 60
BESIDE = 12.0
"""Seconds of searches while another process indexes."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000", help="passages, ascending")
    parser.add_argument("--home", type=Path, default=Path(".jujube"))
    parser.add_argument("--plot", type=Path, help="PNG or SVG")
    parser.add_argument("--again", action="store_true", help="measure sizes that were measured")
    parser.add_argument(
        "--fresh", action="store_true", help="make the collections anew, after a change of schema"
    )
    parser.add_argument("--cpu", action="store_true", help="processor's time for the voices and for writing")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)  # one size, in this process
    parser.add_argument("--beside", type=Path, help=argparse.SUPPRESS)  # index into it until killed
    arguments = parser.parse_args()
    if arguments.beside:
        return index_beside(arguments.beside)
    folder = arguments.home / "scale"
    if arguments.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    if arguments.one:
        return measure_one(folder, arguments.one, arguments.cpu)
    sizes = [int(size) for size in arguments.sizes.split(",")]
    for size in sizes:
        if arguments.again or not (folder / f"{size}.json").exists():
            command = [sys.executable, __file__, "--home", str(arguments.home), "--one", str(size)]
            subprocess.run([*command, *(["--cpu"] if arguments.cpu else [])], check=True)
    rows = [json.loads((folder / f"{size}.json").read_text("utf-8")) for size in sizes]
    print(machine())
    show(rows)
    if arguments.plot:
        plot(rows, arguments.plot)
    return None


# -- collections ---------------------------------------------------------------------------------------


def kept(folder: Path, size: int) -> tuple[Base, Known]:
    """Vectors of BASE passages, and of the questions about a collection of this size."""
    base_file, asked_file = folder / "base.npz", folder / f"asked-{size}.npz"
    if not base_file.exists():
        say(f"embedding {BASE} passages")
        base = Base.embed(load_embedder(), BASE)
        np.savez(base_file, passages=base.passages, sentences=base.sentences)
    if not asked_file.exists():
        texts = [PROBE, "", *asked(QUESTIONS, size)]
        np.savez(asked_file, texts=np.array(texts), rows=load_embedder().embed_queries(texts))
    loaded, questions = np.load(base_file), np.load(asked_file)
    known = Known(dict(zip(questions["texts"].tolist(), questions["rows"], strict=True)))
    return Base(loaded["passages"], loaded["sentences"]), known


def build(folder: Path, size: int, cpu: bool) -> None:
    """Write the collection of a size, or what is missing of it; seconds spent go to a file beside it."""
    path = folder / f"{size}.db"
    smaller = [int(p.stem) for p in folder.glob("*.db") if int(p.stem) < size]
    if not path.exists() and smaller:
        shutil.copy(folder / f"{max(smaller)}.db", path)
    base, known = kept(folder, size)
    with_vectors = Corpus(Store(path), known, PatternExtractor(), len)  # only for its fingerprint check
    store = with_vectors.store
    first, seconds = store.counts()["passages"], 0.0
    for numbers in batches(first, size, BATCH_PASSAGES):
        prepared = base.prepared(numbers)
        begin = clock(cpu)
        store.commit(prepared, with_vectors._fingerprint)
        seconds += clock(cpu) - begin
        if numbers.start % (BATCH_PASSAGES * 40) < BATCH_PASSAGES:
            say(f"{numbers.stop} of {size}: {(numbers.stop - first) / seconds:.0f} passages/s written")
    store.close()
    if size > first:
        rate = {"written": size - first, "seconds": seconds, "peak_gib": peak_gib()}
        (folder / f"build-{size}.json").write_text(json.dumps(rate))


# -- measuring -----------------------------------------------------------------------------------------


def settle(corpus: Corpus) -> None:
    """Wait until the vector index has finished what it does beside its use."""
    with corpus.views() as views:
        views.vectors.settle()


def clock(cpu: bool) -> float:
    """Seconds: this process's on all processors, or the wall's."""
    return time.process_time() if cpu else time.perf_counter()


def measure_one(folder: Path, size: int, cpu: bool) -> None:
    """Build in a child, so that its memory does not count; then measure in this process."""
    done = folder / f"build-{size}.json"
    command = f"import scale, pathlib; scale.build(pathlib.Path({str(folder)!r}), {size}, {cpu})"
    subprocess.run([sys.executable, "-c", command], check=True, cwd=Path(__file__).parent)
    path = folder / f"{size}.db"
    store = Store(path)
    row: dict[str, Any] = {"passages": store.counts()["passages"], "bytes": path.stat().st_size}
    if done.exists():
        built = json.loads(done.read_text())
        row["written_a_second"] = built["written"] / built["seconds"]
    _, known = kept(folder, size)
    before = peak_gib()
    begin = time.perf_counter()
    corpus = Corpus(store, known, PatternExtractor(), len)
    corpus.refresh()
    row["views_seconds"] = time.perf_counter() - begin
    settle(corpus)
    row |= voices(corpus, asked(QUESTIONS, size), cpu)
    row["peak_gib"] = peak_gib() - before
    row |= changes(store, folder, size)
    store.close()
    (folder / f"{size}.json").write_text(json.dumps(row), "utf-8")
    say(json.dumps(row))


def timed(corpus: Corpus, text: str, mode: Mode, cpu: bool = False) -> float:
    """Milliseconds of one search."""
    begin = clock(cpu)
    retrieve(corpus, text, RetrieveOptions(mode=mode))
    return (clock(cpu) - begin) * 1e3


def voices(corpus: Corpus, questions: Sequence[str], cpu: bool) -> dict[str, float]:
    """Milliseconds of a question in each mode, and the graph's share; median and 95th percentile."""
    modes: tuple[Mode, ...] = ("vector", "text", "hybrid", "graph")
    for text in questions[:5]:
        timed(corpus, text, "graph")
    times = [{mode: timed(corpus, text, mode, cpu) for mode in modes} for text in questions]
    columns = {mode: [one[mode] for one in times] for mode in ("vector", "text")}
    columns["graph"] = [max(0.0, one["graph"] - one["hybrid"]) for one in times]
    row = {name: statistics.median(values) for name, values in columns.items()}
    return row | {f"{name}95": high(values) for name, values in columns.items()}


def high(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[int(0.95 * (len(values) - 1))]


def changes(store: Store, folder: Path, size: int) -> dict[str, float]:
    """With the models: one document added until found, removed; searches while another process indexes."""
    corpus = Corpus(store, load_embedder(), load_extractor(), len)
    corpus.refresh()
    settle(corpus)
    warm, new = islice(made_up(2, seed=size), 2)
    corpus.add([Document("warm", warm.title, warm.text, "warm")])
    retrieve(corpus, "Who is the head of Warmia?")
    begin = time.perf_counter()
    corpus.add([Document("new", "The Quagmire Ledger", new.text, "new")])
    found = retrieve(corpus, "The Quagmire Ledger").hits
    row = {"added_seconds": time.perf_counter() - begin}
    if not any(hit.passage.document_id == "new" for hit in found):
        raise SystemExit("the document that was added is not found")
    begin = time.perf_counter()
    store.remove(["new"])
    corpus.refresh()
    row["removed_seconds"] = time.perf_counter() - begin
    questions = asked(QUESTIONS, size)
    usual = high([timed(corpus, text, "graph") for text in questions])
    row |= {"usual95": usual, "beside95": high(list(searches_beside(corpus, store.path, questions)))}
    store.remove([i for i in store.document_ids("beside") if i.startswith("beside")] + ["warm"])
    return row


def searches_beside(corpus: Corpus, path: Path, questions: Sequence[str]) -> Iterator[float]:
    """Milliseconds of searches while a child indexes into the same collection."""
    child = subprocess.Popen([sys.executable, __file__, "--beside", str(path)], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        child.stdout.readline()  # its models are loaded
        until = time.perf_counter() + BESIDE
        while time.perf_counter() < until and child.poll() is None:
            for text in questions:
                yield timed(corpus, text, "graph")
    finally:
        child.terminate()
        child.wait()


def index_beside(path: Path) -> None:
    """Add documents until killed, in commits of BATCH_PASSAGES as any indexing."""
    corpus = Corpus(Store(path), load_embedder(), load_extractor(), len)
    documents = (
        Document(f"beside{i}", d.title, d.text, f"beside/{i}") for i, d in enumerate(made_up(100_000, seed=7))
    )
    corpus.add(islice(documents, 1))
    print("ready", flush=True)
    corpus.add(documents)


# -- what comes out ------------------------------------------------------------------------------------


def show(rows: Sequence[dict[str, Any]]) -> None:
    cells: dict[str, Any] = {
        "passages": lambda r: f"{r['passages']:,}",
        "vector search, ms (95th)": lambda r: f"{r['vector']:.1f} ({r['vector95']:.1f})",
        "text search, ms (95th)": lambda r: f"{r['text']:.1f} ({r['text95']:.1f})",
        "the graph's share, ms (95th)": lambda r: f"{r['graph']:.1f} ({r['graph95']:.1f})",
        "written without embedding, passages/s": lambda r: f"{r.get('written_a_second', 0):.0f}",
        "disk, GiB a million": lambda r: f"{r['bytes'] / r['passages'] * 1e6 / 2**30:.2f}",
        "memory that a collection adds to an asking process, GiB": lambda r: f"{r['peak_gib']:.2f}",
        "views loaded, s": lambda r: f"{r['views_seconds']:.1f}",
        "one document added until found, s": lambda r: f"{r['added_seconds']:.2f}",
        "one document removed, s": lambda r: f"{r['removed_seconds']:.2f}",
        "whole search, 95th, ms": lambda r: f"{r['usual95']:.0f}",
        "the same while another process indexes": lambda r: f"{r['beside95']:.0f}",
    }
    for i, (name, cell) in enumerate(cells.items()):
        print(f"| {name} | {' | '.join(cell(row) for row in rows)} |")
        if not i:
            print("|---" * (len(rows) + 1) + "|")


def plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Milliseconds over passages, both logarithmic: medians, and up to the 95th percentile."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    sizes = [row["passages"] for row in rows]
    for key, name in (("vector", "vector search"), ("text", "full text"), ("graph", "the graph's share")):
        median = [max(row[key], 0.01) for row in rows]
        (line,) = axes.plot(sizes, median, marker="o", label=name)
        axes.fill_between(
            sizes, median, [row[f"{key}95"] for row in rows], color=line.get_color(), alpha=0.15
        )
    limits = [(10_000, 10), (100_000, 50), (1_000_000, 200)]
    axes.plot(*zip(*limits, strict=True), "kx", label="the graph may take")
    axes.set(xscale="log", yscale="log", xlabel="passages", ylabel="ms a question (to the 95th percentile)")
    axes.grid(alpha=0.3)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
