"""What the benchmarks share: the machine in words, data sets, memory, a line of results."""

from __future__ import annotations

import gzip
import json
import os
import platform
import re
import resource
import statistics
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

from index.types import Document

LEARNT = frozenset(
    [
        "1973_oil_crisis",
        "Black_Death",
        "Computational_complexity_theory",
        "Ctenophora",
        "European_Union_law",
        "French_and_Indian_War",
        "Geology",
        "Huguenot",
        "Imperialism",
        "Islamism",
        "Normans",
        "Packet_switching",
        "Prime_number",
        "Rhine",
        "Sky_(United_Kingdom)",
        "Steam_engine",
        "Victoria_(Australia)",
        "Yuan_dynasty",
    ]
)
"""Articles of SQuAD's development sets that the shipped reader has learnt: every other one of dev-v2-part."""
Half = Literal["", "first", "second"]
"""Of a development set: the articles in `LEARNT`, the others; "": all."""


def machine() -> str:
    """Processor, cores, memory, date."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    flags = next((line for line in lines if line.startswith("flags")), "")
    special = [flag for flag in ("avx2", "avx512_bf16", "amx_bf16") if flag in flags]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    name = names[0] if names else platform.machine()
    return f"{name} x {os.cpu_count()} ({', '.join(special)}), {memory:.0f} GiB, {date.today()}"


def peak_gib() -> float:
    """Peak resident memory of this process, GiB; what a parent held before it was started does not count."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage hands the parent's peak down
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 2**20  # type: ignore[index]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def percentiles(seconds: Sequence[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    return f"{statistics.median(ordered) * 1e3:.0f} / {ordered[int(0.95 * (len(ordered) - 1))] * 1e3:.0f} ms"


def articles(path: Path, half: Half = "") -> list[dict[str, Any]]:
    """Those of a SQuAD JSON file (.gz too), whole or one half."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    found: list[dict[str, Any]] = json.loads(raw)["data"]
    return [one for one in found if not half or (one.get("title") in LEARNT) == (half == "first")]


def squad(path: Path, half: Half = "") -> tuple[list[Document], list[dict[str, Any]]]:
    """Paragraphs and questions of a SQuAD JSON file (.gz too); a question names its document."""
    documents: list[Document] = []
    questions: list[dict[str, Any]] = []
    for article in articles(path, half):
        for paragraph in article["paragraphs"]:
            name = f"p{len(documents)}"
            documents.append(Document(name, article.get("title", name), paragraph["context"], name))
            for qa in paragraph["qas"]:
                answers = [] if qa.get("is_impossible") else [a["text"] for a in qa["answers"]]
                questions.append(
                    {"id": qa["id"], "question": qa["question"], "answers": answers, "document": name}
                )
    return documents, questions


def made_up(count: int, words: int = 70, seed: int = 0) -> Iterator[Document]:
    """Documents of one passage about made-up people, firms and places; names recur with a long tail."""
    import random

    draw = random.Random(seed)
    syllables = [first + second for first in "bdfgklmnrstv" for second in "aeio"]

    def name(parts: int) -> str:
        return "".join(draw.choice(syllables) for _ in range(parts)).title()

    people = [f"{name(2)} {name(3)}" for _ in range(max(50, count // 3))]
    firms = [
        f"{name(3)} {draw.choice(('Ltd', 'Works', 'Systems', 'Labs'))}" for _ in range(max(30, count // 10))
    ]
    towns = [name(3) for _ in range(max(20, count // 20))]
    forms = (
        "{p} joined {f} in {y} and moved to {t}.",
        "The plant of {f} in {t} makes {n} valves a year.",
        "In {y} {f} bought a supplier from {p} for {n} thousand euros.",
        "{p} reports to {q}, who leads the office in {t}.",
        "Customers in {t} complained about the delivery of {y}, and {p} answered them.",
        "A new line for pump housings was opened by {f} after long talks with {q}.",
    )

    def skewed(items: list[str]) -> str:
        return items[
            min(int(draw.paretovariate(0.8)) - 1, len(items) - 1)
            if draw.random() < 0.5
            else draw.randrange(len(items))
        ]

    for i in range(count):
        sentences: list[str] = []
        while sum(len(s.split()) for s in sentences) < words:
            sentences.append(
                draw.choice(forms).format(
                    p=skewed(people), q=skewed(people), f=skewed(firms), t=skewed(towns),
                    y=draw.randint(1950, 2025), n=draw.randint(2, 900),
                )
            )  # fmt: skip
        yield Document(f"d{i}", f"{skewed(firms)} note {i}", " ".join(sentences), f"d{i}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
