"""How well are documents found? One collection a set, one set of defaults for all of them.

    python benchmarks/retrieval.py PATH... [--sample 500] [--ablations] [--mode-own minilm] [--json OUT]

PATH: a set in the BEIR layout, a multi-hop set (HotpotQA, 2WikiMultihop, MuSiQue) or SQuAD JSON, see sets.py.
All passages of a set go into one collection below --home: indexed once, found there by the next run. Every
question is asked with Jujube's own retrieval; several passages of one document count once, where the first
stands. After a change of the code that indexes, say --fresh.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from common import machine, say
from opencc import OpenCC
from sets import Question, RetrievalSet, load, sample, unique

from api.service import Service
from api.settings import Settings
from index.corpus import Corpus
from index.embed import load_embedder
from index.prepare import passage_head
from rag.metrics import ndcg, recall_at_k
from rag.retrieve import MODES, RetrieveOptions, retrieve

DEPTH = 50
"""Passages asked for where documents have several, so that ten documents are among them."""
WARM = 3
"""Questions asked before the clock runs."""
COLUMNS = ("R@2", "R@5", "R@10", "hit@1", "hit@3", "all@5", "nDCG@10", "MRR")


class Asked(NamedTuple):
    question: Question
    ranked: list[str]
    """Ids of documents, best first."""
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    parser.add_argument("--sample", type=int, default=0, help="questions to ask; 0: all")
    parser.add_argument(
        "--documents", type=int, default=0, help="documents to keep (never fewer than answer); 0: all"
    )
    parser.add_argument("--modes", default="text,vector,hybrid,graph", help="which, in this order")
    parser.add_argument(
        "--embedder", default="auto", help="the collection's: e5-minilm, minilm, use, embedded, a folder"
    )
    parser.add_argument("--mode-own", nargs="?", const="minilm", metavar="EMBEDDER",
                        help="one row more: this embedder's vectors alone (minilm)")  # fmt: skip
    parser.add_argument("--ablations", action="store_true", help="rows with one step of the recipe left out")
    parser.add_argument("--simplified", action="store_true", help="ask in simplified Chinese")
    parser.add_argument("--home", type=Path, default=Path(".jujube"))
    parser.add_argument("--fresh", action="store_true", help="index again")
    parser.add_argument("--json", type=Path, help="scores, and each question's first ten documents")
    arguments = parser.parse_args()
    unknown = set(arguments.modes.split(",")) - set(MODES)
    if unknown:
        parser.error(f"unknown modes {sorted(unknown)}: choose from {', '.join(MODES)}")
    print(machine())
    reports = []
    for path in arguments.paths:
        reports.append(measure(path, arguments))
        if arguments.json:  # after each set: a run that is stopped keeps what it has
            report = {"machine": machine(), "sets": reports}
            arguments.json.write_text(json.dumps(report, ensure_ascii=False, indent=1), "utf-8")


def measure(path: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Index one set if need be, ask its questions in every mode, print the table."""
    chosen = sample(load(path), arguments.sample, arguments.documents)
    if arguments.simplified:
        convert = OpenCC("t2s").convert
        chosen = replace(chosen, questions=[replace(q, text=convert(q.text)) for q in chosen.questions])
    service = opened(chosen, arguments)
    try:
        seconds = index(service.corpus, chosen)
        passages = service.store.counts()["passages"]
        depth = 10 if passages <= len(chosen.documents) else DEPTH
        report: dict[str, Any] = {
            "name": chosen.name, "documents": len(chosen.documents), "passages": passages,
            "questions": len(chosen.questions), "skipped": chosen.skipped,
            "embedder": service.corpus.embedder.name,
            "indexed_passages_a_second": passages / seconds if seconds else None, "rows": {}, "ranked": {},
        }  # fmt: skip
        print_head(report, arguments.simplified)
        if arguments.mode_own:
            own = own_vectors(service.corpus, arguments.mode_own, arguments.home / "bench", chosen.slug)
            add_row(report, f"{arguments.mode_own} alone", chosen.questions, own)
        for name, options in variants(arguments.modes.split(","), arguments.ablations).items():
            search = product_search(service.corpus, replace(options, top_k=depth))
            add_row(report, name, chosen.questions, search)
    finally:
        service.close()
    return report


def opened(chosen: RetrievalSet, arguments: argparse.Namespace) -> Service:
    """The set's collection; one of its own for each embedder."""
    own = "" if arguments.embedder == "auto" else f"-{Path(arguments.embedder).name[:12]}"
    settings = Settings(
        home=arguments.home, collection=f"{chosen.slug}{own}", embedder=arguments.embedder
    )  # fmt: skip
    if arguments.fresh:
        for file in settings.store_path.parent.glob(f"{settings.store_path.stem}.*"):
            if file.is_file():
                file.unlink()
    return Service(settings)


def index(corpus: Corpus, chosen: RetrievalSet) -> float:
    """Add what is not there yet. Returns the seconds it took; 0 when there was nothing to do."""
    begin = shown = time.perf_counter()

    def progress(documents: int, passages: int) -> None:
        nonlocal shown
        now = time.perf_counter()
        if now - shown > 5:
            shown = now
            rate = passages / (now - begin)
            say(f"{chosen.name}: {documents} of {len(chosen.documents)} documents, {rate:.1f} passages/s")

    added = corpus.add(chosen.documents, progress)
    if not added.passages:
        return 0.0
    seconds = time.perf_counter() - begin
    rate = added.passages / seconds
    say(f"{chosen.name}: {added.passages} passages in {seconds:.0f} s, {rate:.1f} passages/s")
    return seconds


# -- what is asked -------------------------------------------------------------------------------------

Search = Callable[[str], list[str]]


def product_search(corpus: Corpus, options: RetrieveOptions) -> Search:
    """Jujube's own retrieval -> ids of the passages' documents."""
    return lambda text: [hit.passage.document_id for hit in retrieve(corpus, text, options).hits]


def variants(modes: Sequence[str], with_ablations: bool) -> dict[str, RetrieveOptions]:
    """Name of a row -> its options."""
    rows = {mode: RetrieveOptions(mode=mode) for mode in modes}  # type: ignore[arg-type]
    return rows | (ablations() if with_ablations else {})


def ablations() -> dict[str, RetrieveOptions]:
    """The default with one step left out, each by fields of the options: a new step is a line here."""
    whole = RetrieveOptions()
    select, steps = whole.select, whole.walk
    return {
        "- choosing together": replace(whole, select=replace(select, pool=0)),
        "- ties between passages": replace(whole, select=replace(select, link=0.0, reach=0.0)),
        "- coverage of the question": replace(whole, select=replace(select, coverage=0.0)),
        "- sentence bridging": replace(whole, walk=replace(steps, rounds=0)),
        "- other names": replace(whole, walk=replace(steps, alias_weight=0.0)),
        "- passages as seeds": replace(whole, walk=replace(steps, passage_weight=0.0)),
        "- vectors in the hybrid": replace(whole, vector_weight=0.0),
        "- text in the hybrid": replace(whole, vector_weight=1.0),
        "- weights by wording": replace(whole, wording=None),
        "- hybrid beside the graph": replace(whole, hybrid_weight=0.0),
    }


def own_vectors(corpus: Corpus, name: str, folder: Path, slug: str) -> Search:
    """One embedder's vectors over the same passages, compared exactly; kept for the next run."""
    with corpus.views() as views:
        ids, revision = views.vectors.ids().tolist(), views.revision
    found = corpus.store.passages(ids)
    owners = [found[i][0].document_id for i in ids]
    embedder = load_embedder(name)
    file = folder / f"{slug}-{revision}-{Path(name).name}.npy"
    if not file.exists():
        say(f"embedding {len(ids)} passages with {name}")
        texts = [passage_head(found[i][2], found[i][0]) + found[i][0].text for i in ids]
        folder.mkdir(parents=True, exist_ok=True)
        np.save(file, embedder.embed_passages(texts))
    vectors = np.load(file)

    def search(text: str) -> list[str]:
        order = np.argsort(-(vectors @ embedder.embed_queries([text])[0]))
        return [owners[i] for i in order[:DEPTH].tolist()]

    return search


def ask(questions: Sequence[Question], search: Search) -> list[Asked]:
    for question in questions[:WARM]:
        search(question.text)
    asked: list[Asked] = []
    for question in questions:
        begin = time.perf_counter()
        found = search(question.text)
        asked.append(Asked(question, unique(found), time.perf_counter() - begin))
    return asked


# -- what comes out ------------------------------------------------------------------------------------


def scores(asked: Sequence[Asked]) -> dict[str, float]:
    """Means over the questions, and the milliseconds of one at the median and the 95th percentile."""
    rows = [dict(zip(COLUMNS, _scores(one), strict=True)) for one in asked]
    times = sorted(one.seconds * 1e3 for one in asked)
    means = {column: statistics.fmean(row[column] for row in rows) for column in COLUMNS}
    return means | {"ms": statistics.median(times), "ms95": times[int(0.95 * (len(times) - 1))]}


def _scores(one: Asked) -> list[float]:
    relevant, ranked = one.question.relevant, one.ranked
    recalls = [recall_at_k(ranked, list(relevant), k) for k in (2, 5, 10)]
    hits = [float(any(name in relevant for name in ranked[:k])) for k in (1, 3)]
    every = float(set(relevant) <= set(ranked[:5]))
    gain = ndcg(ranked, lambda name: relevant.get(name, 0.0), list(relevant.values()), 10)
    first = next((i for i, name in enumerate(ranked[:10], 1) if name in relevant), 0)
    return [*recalls, *hits, every, gain, 1 / first if first else 0.0]


def add_row(report: dict[str, Any], name: str, questions: Sequence[Question], search: Search) -> None:
    """Ask in one way; print the row and put it into the report."""
    asked = ask(questions, search)
    row = scores(asked)
    report["rows"][name] = {key: round(value, 4) for key, value in row.items()}
    report["ranked"][name] = {one.question.id: one.ranked[:10] for one in asked}
    report.setdefault("relevant", {q.id: {"text": q.text, "relevant": dict(q.relevant)} for q in questions})
    cells = " | ".join(f"{row[column]:.3f}".replace("0.", ".", 1) for column in COLUMNS)
    print(f"| {name:27} | {cells} | {row['ms']:.0f} / {row['ms95']:.0f} |", flush=True)


def print_head(report: dict[str, Any], simplified: bool) -> None:
    asked = "asked in simplified Chinese" if simplified else "questions"
    skipped = f" ({report['skipped']} left out: no document answers them)" if report["skipped"] else ""
    print(
        f"\n{report['name']}: {report['documents']} documents, {report['passages']} passages, "
        f"{report['questions']} {asked}{skipped}, embedder {report['embedder']}\n"
    )
    print(f"| {'':27} | {' | '.join(COLUMNS)} | ms, 95th |")
    print("|---" * (len(COLUMNS) + 2) + "|")


if __name__ == "__main__":
    main()
