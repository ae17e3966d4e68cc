"""Side by side with another system: same passages, same MiniLM, two cores, in turn in one run.

    python benchmarks/peers.py retrieval DATA... [--passages 500] [--sample 50] [--json OUT]
    python benchmarks/peers.py answers FILE [--passages 300] [--sample 60] [--json OUT]

DATA: sets as sets.py reads them, for instance HotpotQA and MuSiQue; FILE: SQuAD JSON. The peer is txtai with
its graph, in an environment that this script makes once below the temporary folder (the package index is
needed for it). Each system indexes and answers each set in a process of its own that is bound to the same two
cores. Jujube counts with its default (all three voices). Of txtai's retrieval the best number of each row
counts, whichever of its settings (graph approximate or not) and ways of asking (vectors, hybrid, graph) gives
it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common import machine, say
from peer_process import environment, run
from peers_answers import compare_answers
from sets import RetrievalSet, load, sample, unique

from rag.metrics import recall_at_k

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
    answers = commands.add_parser("answers", help="questions answered from three passages by the same model")
    answers.set_defaults(run=compare_answers)
    answers.add_argument("file", type=Path, help="SQuAD JSON, .gz too")
    answers.add_argument("--passages", type=int, default=300)
    answers.add_argument("--sample", type=int, default=60, help="questions")
    for command in (retrieval, answers):
        command.add_argument(
            "--venv", type=Path, default=Path(tempfile.gettempdir()) / "jujube-peer-txtai", help="the peer's"
        )
        command.add_argument("--json", type=Path, help="the table and all reports")
    arguments = parser.parse_args()
    arguments.run(arguments)


# -- one system on one set -----------------------------------------------------------------------------


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
