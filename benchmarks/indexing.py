"""How fast is a collection indexed, everything included, and where does the time go?

    python benchmarks/indexing.py [--passages 6000]

Passages of about 70 words with names; embedding, entities and facts, full text, graph, commit.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import machine, made_up, peak_gib, say

from api.service import Service
from api.settings import Settings


def timed(owner: Any, name: str, spent: dict[str, float], step: str) -> None:
    """Replace a method by one that adds its wall time to `spent[step]`."""
    inner: Callable[..., Any] = getattr(owner, name)

    def outer(*args: Any, **kwargs: Any) -> Any:
        begin = time.perf_counter()
        try:
            return inner(*args, **kwargs)
        finally:
            spent[step] = spent.get(step, 0.0) + time.perf_counter() - begin

    setattr(owner, name, outer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=6000)
    parser.add_argument("--models", type=Path, default=Path(".jujube"), help="home whose models are used")
    arguments = parser.parse_args()
    documents = list(made_up(arguments.passages))
    with tempfile.TemporaryDirectory() as home:
        models = (arguments.models / "models").resolve()
        models.mkdir(parents=True, exist_ok=True)
        (Path(home) / "models").symlink_to(models)
        service = Service(Settings(home=Path(home)))
        corpus = service.corpus
        service.generator.encode("warm")
        corpus.embedder.embed_sentences(["Warm."], [[(0, 5)]])
        corpus._extractor.extract(["Warm up."])
        spent: dict[str, float] = {}
        timed(corpus.embedder, "embed_sentences", spent, "embed passages and sentences")
        timed(corpus._extractor, "extract", spent, "entities and facts")
        timed(corpus.store, "commit", spent, "full text, rows, commit")
        begin = time.perf_counter()
        report = corpus.add(documents, lambda _, done: say(f"{done} passages"))
        total = time.perf_counter() - begin
        refresh = time.perf_counter()
        corpus.refresh()
        spent["vector index and graph"] = time.perf_counter() - refresh
        total += spent["vector index and graph"]
        words = sum(len(d.text.split()) for d in documents) / len(documents)
        print(machine())
        rate = report.passages / total
        print(f"{report.passages} passages of {words:.0f} words: {total:.1f} s, {rate:.1f} passages/s")
        print("  wall seconds of each step (embedding and extracting run side by side)")
        for step, seconds in sorted(spent.items(), key=lambda item: -item[1]):
            print(f"  {step:30} {seconds:7.1f} s  {seconds / total:5.1%}")
        on_disk = service.stats()["bytes"] / report.passages / 1024
        print(f"peak memory {peak_gib():.2f} GiB; {on_disk:.1f} KiB on disk a passage")
        service.close()


if __name__ == "__main__":
    main()
