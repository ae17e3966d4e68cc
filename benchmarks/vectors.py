"""Which kind of vector index, and from how many vectors on? Exact search beside what FAISS offers.

    python benchmarks/vectors.py [--vectors 100000] [--kinds flat,sq8,...] [--own]

Made-up vectors that lie as real ones do: topics of unequal size, documents within topics, passages within
documents. At 5,000 vectors inverted lists find as much of them as of those of 5,000 real sentences (recall
at 10 and 100 with one list in eight read: .999 and .929, real .978 and .893, once; no script of that was
kept). One thread. `--own` measures
Jujube's VectorIndex instead.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from common import machine, say

from index.pooling import Vectors, unit_rows
from index.vectors import VectorIndex

DIM = 896
QUESTIONS = 100
REMOVED = 10
PER_DOCUMENT = 10


def made_up_vectors(count: int, questions: int, seed: int = 0) -> tuple[Vectors, Vectors]:
    """(count, DIM) passages and (questions, DIM) questions, float32, rows of length 1."""
    draw = np.random.default_rng(seed)
    spread = (np.arange(1, DIM + 1) ** -0.25).astype(np.float32)
    spread /= np.linalg.norm(spread)

    def cloud(n: int, scale: float) -> Vectors:
        return draw.standard_normal((n, DIM), np.float32) * (spread * np.float32(scale))

    everything = cloud(1, 0.32)
    topics = cloud(max(20, count // 250), 0.4)
    documents = count // PER_DOCUMENT + 1
    sizes = draw.pareto(1.2, len(topics)) + 0.2
    own = topics[draw.choice(len(topics), documents, p=sizes / sizes.sum())] + cloud(documents, 0.5)
    passages = np.empty((count, DIM), np.float32)
    for first in range(0, count, 50_000):
        part = np.arange(first, min(first + 50_000, count))
        passages[part] = unit_rows(everything + own[part // PER_DOCUMENT] + cloud(len(part), 0.68))
    asked = passages[draw.choice(count, questions, replace=False)]
    return passages, unit_rows(0.6 * asked + cloud(questions, 0.8))


def kinds(lists: int) -> dict[str, Callable[[], Any]]:
    """Name -> a new index of that kind. `lists`: cells of the inverted files."""
    dot = faiss.METRIC_INNER_PRODUCT
    scalar = faiss.ScalarQuantizer

    def cells(quantizer: int) -> Any:
        return faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(DIM), DIM, lists, quantizer, dot)

    return {
        "flat": lambda: faiss.IndexFlatIP(DIM),
        "fp16": lambda: faiss.IndexScalarQuantizer(DIM, scalar.QT_fp16, dot),
        "sq8": lambda: faiss.IndexScalarQuantizer(DIM, scalar.QT_8bit, dot),
        "ivf-flat": lambda: faiss.IndexIVFFlat(faiss.IndexFlatIP(DIM), DIM, lists, dot),
        "ivf-fp16": lambda: cells(scalar.QT_fp16),
        "ivf-sq8": lambda: cells(scalar.QT_8bit),
        "ivf-pq112": lambda: faiss.IndexIVFPQ(faiss.IndexFlatIP(DIM), DIM, lists, 112, 8, dot),
        "hnsw32": lambda: faiss.IndexHNSWFlat(DIM, 32, dot),
    }


def built(make: Callable[[], Any], passages: Vectors, sample: int) -> tuple[Any, float]:
    """An index trained on a sample and filled, and the seconds that took."""
    begin = time.perf_counter()
    made = make()
    if hasattr(made, "cp"):
        made.cp.niter, made.cp.max_points_per_centroid, made.cp.min_points_per_centroid = 6, 40, 1
    if not made.is_trained:
        chosen = np.random.default_rng(1).choice(len(passages), min(sample, len(passages)), replace=False)
        made.train(passages[chosen])
    for first in range(0, len(passages), 20_000):
        made.add(passages[first : first + 20_000])
    return made, time.perf_counter() - begin


def measured(search: Callable[[Vectors, int], Any], questions: Vectors, exact: Any) -> str:
    """Median milliseconds a question, recall at 10 and at 100 against exact search."""
    seconds, found = [], []
    for question in questions:
        begin = time.perf_counter()
        found.append(search(question, 100))
        seconds.append(time.perf_counter() - begin)
    recalls = [
        np.mean([len(set(a[:k]) & set(b[:k])) / k for a, b in zip(found, exact, strict=True)])
        for k in (10, 100)
    ]
    return f"{statistics.median(seconds) * 1e3:8.2f} {recalls[0]:6.3f} {recalls[1]:6.3f}"


def megabytes(made: Any) -> float:
    with tempfile.NamedTemporaryFile() as file:
        faiss.write_index(made, file.name)
        return Path(file.name).stat().st_size / 1e6


def removal(made: Any, count: int) -> str:
    """Milliseconds to remove ten vectors."""
    ids = np.random.default_rng(2).choice(count, REMOVED, replace=False)
    begin = time.perf_counter()
    try:
        made.remove_ids(faiss.IDSelectorBatch(ids))
    except RuntimeError:
        return "     none"
    return f"{(time.perf_counter() - begin) * 1e3:9.1f}"


def compare(names: list[str], passages: Vectors, questions: Vectors, lists: int) -> None:
    flat, seconds = built(lambda: faiss.IndexFlatIP(DIM), passages, 0)
    exact = [flat.search(question[None], 100)[1][0] for question in questions]
    print(
        f"{'kind':10} {'probe':>5} {'ms':>8} {'@10':>6} {'@100':>6} {'build s':>8} {'MB':>7} {'remove ms':>9}"
    )
    for name in names:
        made = flat
        if name != "flat":
            made, seconds = built(kinds(lists)[name], passages, 40 * lists)
        some = [lists // 16, lists // 8, lists // 4] if name.startswith("ivf") else [0]
        widths = [64, 256] if name.startswith("hnsw") else some
        for width in widths:
            if name.startswith("ivf"):
                made.nprobe = width
            elif name.startswith("hnsw"):
                made.hnsw.efSearch = width
            row = measured(lambda q, k, m=made: m.search(q[None], k)[1][0], questions, exact)
            print(f"{name:10} {width or '':>5} {row}", end=" ", flush=True)
            if width == widths[-1]:
                print(f"{seconds:8.1f} {megabytes(made):7.0f} {removal(made, len(passages))}", flush=True)
            else:
                print(flush=True)


def own(passages: Vectors, questions: Vectors) -> None:
    """Jujube's VectorIndex: the same measures, and what one document costs."""
    flat, _ = built(lambda: faiss.IndexFlatIP(DIM), passages, 0)
    exact = [flat.search(question[None], 100)[1][0] for question in questions]
    del flat
    vectors = VectorIndex(DIM)
    slowest, begin = 0.0, time.perf_counter()
    for first in range(0, len(passages), 1000):
        start = time.perf_counter()
        ids = np.arange(first, min(first + 1000, len(passages)))
        vectors.add(ids, passages[ids])
        slowest = max(slowest, time.perf_counter() - start)
    filled = time.perf_counter() - begin
    vectors.settle()
    print(f"filled in {filled:.1f} s, settled after {time.perf_counter() - begin:.1f} s; ", end="")
    print(f"slowest 1,000 vectors {slowest * 1e3:.0f} ms; {vectors.describe()}")
    print(f"{'ms':>8} {'@10':>6} {'@100':>6}")
    print(measured(lambda q, k: vectors.search(q, k)[0], questions, exact))
    some = np.sort(np.random.default_rng(3).choice(len(passages), len(passages) // 100, replace=False))
    among = [some[np.argsort(-(passages[some] @ question))] for question in questions]
    print(measured(lambda q, k: vectors.search(q, k, among=some)[0], questions, among), "among 1 %")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vectors"
        for name, act in {
            "remove 10": lambda: vectors.remove(np.arange(REMOVED)),
            "add 10": lambda: vectors.add(np.arange(REMOVED), passages[:REMOVED]),
            "save": lambda: vectors.save(file, 1),
            "load": lambda: VectorIndex.load(file, DIM),
        }.items():
            begin = time.perf_counter()
            act()
            print(f"{name:10} {(time.perf_counter() - begin) * 1e3:8.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--vectors", type=int, default=100_000)
    parser.add_argument("--kinds", default=",".join(kinds(1)))
    parser.add_argument(
        "--lists", type=int, default=0, help="default: 2 times the square root of the vectors"
    )
    parser.add_argument("--own", action="store_true")
    arguments = parser.parse_args()
    faiss.omp_set_num_threads(1)
    print(machine())
    passages, questions = made_up_vectors(arguments.vectors, QUESTIONS)
    near = passages[:5000] @ passages[:5000].T
    say(f"cosines: any {near[0:5000:7, 3:5000:11].mean():.2f}, one document {near[0, 1:9].mean():.2f}")
    if arguments.own:
        own(passages, questions)
    else:
        lists = arguments.lists or int(2 * arguments.vectors**0.5)
        compare(arguments.kinds.split(","), passages, questions, lists)


if __name__ == "__main__":
    main()
