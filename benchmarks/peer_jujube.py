"""Jujube's side of peers.py: a task (JSON, see peers.py) on stdin, a report on stdout, one line of JSON.

The passages come ready-made, so no generator is loaded to count their tokens; everything else is the product:
MiniLM, entities and facts, full text, graph, commit, all three voices of retrieval.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from index.corpus import Corpus
from index.embed import load_embedder
from index.extract import load_extractor
from index.store import Store
from index.types import Document
from rag.engine import AskOptions, Engine
from rag.generator import load_generator
from rag.ground import GroundOptions
from rag.retrieve import RetrieveOptions, retrieve


def main() -> None:
    task = json.load(sys.stdin)
    documents = [Document(p["id"], p["title"], p["text"], p["id"]) for p in task["passages"]]
    with tempfile.TemporaryDirectory() as home:
        store = Store(Path(home) / "peers.db")
        embedder, extractor = load_embedder("minilm"), load_extractor(processes=2)
        corpus = Corpus(store, embedder, extractor, lambda text: 1)  # short enough: never cut
        embedder.embed_passages(["Warm."])
        extractor.extract(["Warm up."] * 128)  # starts its processes
        begin, spent = time.perf_counter(), processor_seconds()
        corpus.add(documents)
        corpus.refresh()
        seconds, spent = time.perf_counter() - begin, processor_seconds() - spent
        extractor.close()  # as they end by themselves when nothing is indexed for a while
        runs = {} if "model" in task else {m: asked(corpus, task, m) for m in ("graph", "hybrid", "vector")}
        answers = answered(corpus, task) if "model" in task else {}
        size = sum(file.stat().st_size for file in Path(home).rglob("*") if file.is_file())
        store.close()
    versions = {name: version(name) for name in ("jujube-qa", "torch", "transformers")}
    report = {"index_seconds": seconds, "index_cpu": spent, "bytes": size, "runs": runs, "versions": versions}
    report |= answers
    print(json.dumps(report))


def processor_seconds() -> float:
    """Of this process and its children, those that still run included."""
    living = (child.cpu_times() for child in psutil.Process().children(recursive=True))
    return sum(os.times()[:4]) + float(sum(times.user + times.system for times in living))


def answered(corpus: Corpus, task: dict[str, Any]) -> dict[str, Any]:
    """Answer every question, below any confidence too; texts and seconds."""
    engine = Engine(corpus, load_generator(task["model"], cache=Path(task["model"]).parent))
    options = AskOptions(passages=task["limit"], ground=GroundOptions(threshold=0.0))
    answers: list[str] = []
    seconds: list[float] = []
    for text in [*task["questions"][: task["warm"]], *task["questions"]]:
        begin = time.perf_counter()
        answers.append(engine.ask(text, options).text)
        seconds.append(time.perf_counter() - begin)
    return {"answers": answers[task["warm"] :], "seconds": seconds[task["warm"] :]}


def asked(corpus: Corpus, task: dict[str, Any], mode: Any) -> dict[str, Any]:
    """Ask every question; ids of passages, best first, and seconds."""
    options = RetrieveOptions(top_k=task["limit"], mode=mode)
    ranked: list[list[str]] = []
    seconds: list[float] = []
    for text in [*task["questions"][: task["warm"]], *task["questions"]]:
        begin = time.perf_counter()
        hits = retrieve(corpus, text, options).hits
        seconds.append(time.perf_counter() - begin)
        ranked.append([hit.passage.document_id for hit in hits])
    return {"ranked": ranked[task["warm"] :], "seconds": seconds[task["warm"] :]}


if __name__ == "__main__":
    main()
