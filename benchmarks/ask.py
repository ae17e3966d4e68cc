"""How long does an answer take over a collection of 10,000 passages, step by step?

    python benchmarks/ask.py [--passages 10000] [--questions 100]

The collection: made-up notes, and with --squad FILE the paragraphs and questions of that set among them.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

from common import machine, made_up, peak_gib, percentiles, say, squad

from api.console import wait_briefly
from api.service import Service
from api.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--squad", type=Path, help="SQuAD JSON, .gz too")
    parser.add_argument(
        "--home", type=Path, default=Path(".jujube"), help="kept: a second run indexes nothing"
    )
    arguments = parser.parse_args()
    wait_briefly()  # as the command line does
    service = Service(Settings(home=arguments.home, collection=f"bench-ask-{arguments.passages}"))
    documents, asked = squad(arguments.squad) if arguments.squad else ([], [])
    texts = [line["question"] for line in asked]
    if not texts:
        texts = [f"What did {d.text.split()[1]} do in {d.text.split()[-1]}?" for d in made_up(500, seed=1)]
    missing = max(0, arguments.passages - service.store.counts()["passages"])
    if missing:
        say(f"indexing {missing} passages")
        documents += list(made_up(max(0, arguments.passages - len(documents))))
        service.corpus.add(documents, lambda _, done: say(f"{done} passages"))
    begin = time.perf_counter()
    service.warm()
    print(machine())
    print(f"views and models loaded in {time.perf_counter() - begin:.1f} s")
    random.Random(0).shuffle(texts)
    for text in texts[:5]:
        service.ask(text)
    answers = [service.ask(text) for text in texts[5 : 5 + arguments.questions]]
    passages = service.store.counts()["passages"]
    print(f"{len(answers)} questions over {passages} passages, median / 95th percentile")
    for step in answers[0].timings:
        print(f"  {step:10} {percentiles([answer.timings[step] for answer in answers])}")
    print(f"peak memory {peak_gib():.2f} GiB")
    service.close()


if __name__ == "__main__":
    main()
