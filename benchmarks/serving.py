"""What do people who ask notice of a training, and of versions that take over?

    python benchmarks/serving.py [--users 16] [--seconds 60] [--home .jujube-bench]

1. One user asks the sample documents, again and again: alone, then while a training runs (a job that is begun
   over HTTP). 95th percentiles, and their ratio.
2. Users ask at once, half for answers, half for plain text, while versions are activated in turn. Errors,
   texts that are not their version's own, and seconds an answer before, while one loads, and after.

The server is a process of its own; the versions are the embedded model with its last layer changed a little.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import torch
from common import machine, percentiles, say
from safetensors.torch import load_file, save_file

from api.demo import EXAMPLES, serving
from api.loading import ADAPTER, load_generator_of
from api.service import Service
from api.settings import Settings
from finetune.registry import Registry
from rag.card import read_card
from rag.decoding import GenerateOptions
from rag.generator import embedded_folder

PROMPT = "The pump is"
LENGTH = 24
NAMES = ("swap-1", "swap-2")


@dataclass(frozen=True)
class Answered:
    begun: float
    """time.monotonic() when it was asked, and below when it was there."""
    ended: float
    status: int
    version: str
    text: str | None
    """What was written; None for an answer to a question."""

    @property
    def seconds(self) -> float:
        return self.ended - self.begun


def questions() -> Iterator[str]:
    """The sample questions, without end."""
    lines = (EXAMPLES / "questions.jsonl").read_text("utf-8").splitlines()
    return itertools.cycle([json.loads(line)["question"] for line in lines])


def prepare(settings: Settings) -> dict[str, str]:
    """Sample documents and two versions in the home; returns what each version writes."""
    service = Service(settings, say)
    service.add_paths([EXAMPLES / "documents"])
    service.close()
    registry = Registry(settings.models_path)
    base = embedded_folder(settings.models_path, ADAPTER)
    texts = {}
    for seed, name in enumerate(NAMES):

        def write(folder: Path, seed: int = seed) -> None:
            shutil.copytree(base, folder, dirs_exist_ok=True)
            weights = load_file(folder / "model.safetensors")
            draw = torch.Generator().manual_seed(seed)
            last = max(int(key.split(".")[2]) for key in weights if ".layers." in key)
            for key, weight in weights.items():
                if f".layers.{last}." in key and weight.dim() == 2:
                    noise = torch.randn(weight.shape, generator=draw) * weight.float().std() * 0.3
                    weights[key] = (weight.float() + noise).to(weight.dtype)
            save_file(weights, folder / "model.safetensors", {"format": "pt"})

        if name not in {version.name for version in registry.versions()}:
            registry.publish(name, dict(read_card(base)), write)
        generator = load_generator_of(settings, say, registry.show(name).folder)
        (texts[name],) = generator.generate(generator.encode(PROMPT), GenerateOptions(max_length=LENGTH))
    if len(set(texts.values())) < len(texts):
        raise SystemExit("the versions write the same: nothing could be told from their texts")
    return texts


def ask(http: httpx.Client, question: str) -> Answered:
    begun = time.monotonic()
    response = http.post("/v1/ask", json={"question": question})
    version = response.json().get("model_version", "") if response.status_code == 200 else ""
    return Answered(begun, time.monotonic(), response.status_code, version, None)


def write(http: httpx.Client) -> Answered:
    begun = time.monotonic()
    response = http.post("/v1/generate", json={"prompt": PROMPT, "max_length": LENGTH})
    body = response.json() if response.status_code == 200 else {"model_version": "", "texts": [None]}
    return Answered(begun, time.monotonic(), response.status_code, body["model_version"], body["texts"][0])


def for_a_while(http: httpx.Client, seconds: float) -> list[float]:
    asked, end, times = questions(), time.monotonic() + seconds, []
    while time.monotonic() < end:
        answer = ask(http, next(asked))
        if answer.status != 200:
            raise SystemExit(f"a question was answered with {answer.status}")
        times.append(answer.seconds)
    return times


@contextmanager
def training(http: httpx.Client) -> Iterator[None]:
    """A job that is past its exam and trains; cancelled at the end."""
    body = {"recipe": "text", "train": {"epochs": 50}}
    job = http.post("/v1/finetune/jobs", json=body).raise_for_status().json()
    url = f"/v1/finetune/jobs/{job['id']}"
    try:
        while (now := http.get(url).json())["progress"].get("stage") != "training":
            if now["status"] not in ("queued", "running"):
                raise SystemExit(f"the training ended as {now['status']}: {now['error']}")
            time.sleep(1)
        yield
        if http.get(url).json()["status"] != "running":
            raise SystemExit("the training ended before the questions did")
    finally:
        http.post(f"{url}/cancel")


def beside_a_training(http: httpx.Client, seconds: float) -> None:
    for_a_while(http, 20)
    alone = for_a_while(http, seconds)
    say("a training begins; its exam comes first")
    with training(http):
        busy = for_a_while(http, seconds)
    print("seconds a question, median / 95th percentile")
    print(f"  alone             {percentiles(alone)} ({len(alone)} questions)")
    print(f"  beside a training {percentiles(busy)} ({len(busy)} questions)")
    print(f"  95th percentile, ratio {_p95(busy) / _p95(alone):.2f}")


def while_versions_change(http: httpx.Client, registry: Registry, users: int, texts: dict[str, str]) -> None:
    over = threading.Event()
    seen: list[Answered] = []

    def user(number: int) -> None:
        asked = itertools.islice(questions(), number, None)
        while not over.is_set():
            seen.append(write(http) if number % 2 else ask(http, next(asked)))

    moved: list[tuple[float, float]] = []
    with ThreadPoolExecutor(users) as pool:
        running = [pool.submit(user, number) for number in range(users)]
        time.sleep(20)
        for name in (*NAMES, *NAMES):
            begun = time.monotonic()
            registry.activate(name)
            while not any(one.version == name and one.begun > begun for one in list(seen)):
                time.sleep(0.05)
            moved.append(
                (begun, min(one.ended for one in list(seen) if one.version == name and one.begun > begun))
            )
            say(f"{name} answers after {moved[-1][1] - begun:.1f} s")
            time.sleep(15)
        over.set()
        for one in running:
            one.result()
    mixed = [one for one in seen if one.text is not None and one.text != texts.get(one.version, one.text)]
    during = [one for one in seen if any(one.begun < end and one.ended > begun for begun, end in moved)]
    calm = [one for one in seen if one not in during]
    print(f"{len(seen)} answers to {users} users over {len(moved)} swaps")
    print(f"  by status {dict(Counter(one.status for one in seen))}")
    print(f"  by version {dict(Counter(one.version for one in seen))}")
    print(f"  texts that are not their version's own: {len(mixed)}")
    for kind, wanted in (("answers", True), ("texts", False)):
        for when, some in (("calm", calm), ("a version loads", during)):
            times = [one.seconds for one in some if (one.text is None) is wanted]
            print(f"  {kind}, {when:16} {percentiles(times)} ({len(times)})")


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--users", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=60, help="each of the two measurements of part 1")
    parser.add_argument("--home", type=Path, default=Path(".jujube-bench"), help="kept for the next run")
    parser.add_argument("--only", choices=("training", "swap"))
    arguments = parser.parse_args()
    settings = Settings(home=arguments.home)
    texts = prepare(settings)
    print(machine())
    limits: dict[str, Any] = {"timeout": 300, "trust_env": False, "limits": httpx.Limits(max_connections=64)}
    with serving(arguments.home, "default") as url, httpx.Client(base_url=url, **limits) as http:
        if arguments.only != "swap":
            beside_a_training(http, arguments.seconds)
        if arguments.only != "training":
            while_versions_change(http, Registry(settings.models_path), arguments.users, texts)


if __name__ == "__main__":
    main()
