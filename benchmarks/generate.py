"""How fast is a model read and continued? `transformers.generate` in fp32 beside ours, in turn, in one run.

    python benchmarks/generate.py [--models reader,gpt2-medium] [--rounds 3] [--home .jujube]

A prompt of 700 tokens and 16 new ones, greedy, the end token ignored; then one pass a token without
guesses, for which the share of the memory bandwidth is told. Each way runs in a process of its own
(peak memory); "gpt2-medium" is its real shape with random weights. Ours keeps no prefixes here. With
`--threads 1` the seconds are the processor's, which other work on the machine changes little.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from common import machine, peak_gib, say

ADAPTER = Path(__file__).parents[1] / "rag" / "adapters" / "reader-smollm2-135m-lora"
PROMPT, NEW, LONG = 700, 16, 48
Clock = Callable[[], float]
WAYS = ("transformers", "packed", "torch", "onnx", "onnx-int8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", default="reader,gpt2-medium")
    parser.add_argument("--ways", default="transformers,packed,onnx,onnx-int8", help=", ".join(WAYS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--home", type=Path, default=Path(".jujube"))
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="for all ways")
    parser.add_argument("--one", nargs=2, metavar=("FOLDER", "WAY"), help="measure one way, print JSON")
    arguments = parser.parse_args()
    if arguments.one:
        print(
            json.dumps(measure(Path(arguments.one[0]), arguments.one[1], arguments.home, arguments.threads))
        )
        return
    print(machine())
    for name in arguments.models.split(","):
        folder = prepare(name, arguments.home)
        ways = arguments.ways.split(",")
        found: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
        for way in ways:  # converted once; what follows is a later start
            if way.startswith("onnx"):
                alone(folder, way, arguments)
        for turn in range(arguments.rounds):
            for way in ways:
                found[way].append(alone(folder, way, arguments))
                say(f"{name}, round {turn + 1}, {way}: {found[way][-1]}")
        show(name, found)


def alone(folder: Path, way: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """`measure` in a process of its own."""
    command = [sys.executable, __file__, "--home", str(arguments.home), "--one", str(folder), way]
    command += ["--threads", str(arguments.threads)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, check=True, env={**os.environ, "HF_HUB_OFFLINE": "1"}
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def prepare(name: str, home: Path) -> Path:
    """The model's folder; made if it is not there."""
    cache = home / "models"
    if name == "reader":
        from rag.generator import embedded_folder

        return embedded_folder(cache, ADAPTER)
    folder = cache / "gpt2-medium-random"
    if not (folder / "tokenizer.json").is_file():
        import torch
        from tokenizers import Tokenizer, models, pre_tokenizers
        from transformers import GPT2Config, GPT2LMHeadModel

        torch.manual_seed(0)
        shape = {"n_embd": 1024, "n_layer": 24, "n_head": 16, "eos_token_id": 50256}
        GPT2LMHeadModel(GPT2Config(**shape)).save_pretrained(folder)
        letters = {letter: at for at, letter in enumerate(pre_tokenizers.ByteLevel.alphabet())}
        Tokenizer(models.BPE(vocab=letters, merges=[])).save(str(folder / "tokenizer.json"))
    return folder


def measure(folder: Path, way: str, home: Path, threads: int) -> dict[str, Any]:
    """Seconds, passes a second, GiB."""
    ids = np.random.default_rng(0).integers(10, 40_000, PROMPT).tolist()
    clock = time.process_time if threads == 1 else time.perf_counter
    begin = clock()
    measured = with_transformers if way == "transformers" else with_ours
    found = measured(folder, way, ids, home, threads, clock)
    found["start"] = found.pop("loaded") - begin
    found["gib"] = peak_gib()
    found["gb_a_second"] = bandwidth(threads)
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in found.items()}


def with_transformers(
    folder: Path, _: str, ids: list[int], __: Path, threads: int, clock: Clock
) -> dict[str, Any]:
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(threads)
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    loaded = clock()
    row = torch.tensor([ids])
    mask = torch.ones_like(row)

    def write(new: int) -> float:
        begin = clock()
        with torch.inference_mode():
            model.generate(
                row,
                attention_mask=mask,
                max_new_tokens=new,
                min_new_tokens=new,
                do_sample=False,
                pad_token_id=0,
            )
        return clock() - begin

    write(1)
    whole = write(NEW)
    passes = (LONG - 1) / (write(LONG) - write(1))
    size = weight_bytes(folder, 4)
    return {"loaded": loaded, "whole": whole, "passes": passes, "bytes": size, "runtime": "torch, float32"}


def with_ours(
    folder: Path, way: str, ids: list[int], home: Path, threads: int, clock: Clock
) -> dict[str, Any]:
    from rag.generator import load_generator
    from rag.steps import likeliest

    generator: Any = load_generator(folder, cache=home / "models", runtime=way, threads=threads, prefix_mib=0)
    loaded = clock()
    generator.read(ids[:64])
    begin = clock()
    new = list(likeliest(generator.read(ids), ids, NEW, ()))
    whole = clock() - begin
    reading = generator.read(ids)
    begin = clock()
    for at in range(LONG):
        reading.extend([new[at % NEW]], [at - 1])
    passes = LONG / (clock() - begin)
    each = 1 + 4 / 32 if "int8" in generator.runtime else 2 if "bfloat16" in generator.runtime else 4
    size = weight_bytes(folder, each)
    return {"loaded": loaded, "whole": whole, "passes": passes, "bytes": size, "runtime": generator.runtime}


def weight_bytes(folder: Path, each: float) -> int:
    """Bytes of weights that one token goes through, `each` apiece (the embedding is the head, too)."""
    from safetensors import safe_open

    count = 0
    for path in folder.glob("*.safetensors"):
        opened: Any = safe_open(path, framework="np")
        count += sum(int(np.prod(opened.get_slice(name).get_shape())) for name in opened.keys())  # noqa: SIM118
    return int(count * each)


def bandwidth(threads: int) -> float:
    """GB/s that so many threads read from memory: the best of some tries at reading, and at copying."""
    rows = np.ones((threads, 8192, 1 << 13), np.float32)  # 256 MiB a thread
    copies, vector = np.ones_like(rows), np.ones(1 << 13, np.float32)
    best = 0.0
    for turn in range(8):
        read = turn % 2 == 0
        work = [
            threading.Thread(target=np.dot, args=(part, vector))
            if read
            else threading.Thread(target=np.copyto, args=(copy, part))
            for part, copy in zip(rows, copies, strict=True)
        ]
        begin = time.perf_counter()
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
        best = max(best, (1 if read else 2) * rows.nbytes / (time.perf_counter() - begin) / 1e9)
    return best


def show(name: str, found: dict[str, list[dict[str, Any]]]) -> None:
    """The best of each way's rounds: what else runs on the machine only makes it slower."""
    limit = max(one["gb_a_second"] for rounds in found.values() for one in rounds)
    print(f"\n### {name}: memory read at {limit:.1f} GB/s\n")
    print(f"| | {PROMPT} + {NEW} tokens, s | passes/s | share of bandwidth | start, s | peak GiB |")
    print("|---|---|---|---|---|---|")
    for way, rounds in found.items():
        whole = min(one["whole"] for one in rounds)
        passes = max(one["passes"] for one in rounds)
        share = passes * rounds[0]["bytes"] / 1e9 / limit
        start, gib = min(one["start"] for one in rounds), max(one["gib"] for one in rounds)
        cells = [f"{whole:.2f}", f"{passes:.1f}", f"{share:.0%}", f"{start:.1f}", f"{gib:.2f}"]
        print(f"| {way} ({rounds[0]['runtime']}) | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
