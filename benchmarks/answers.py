"""How good are the answers on a set in SQuAD JSON, all its passages in one collection?

    python benchmarks/answers.py FILE [--sample 500] [--without 0.33] [--half second] [--home .jujube] [more]

Runs the product as a user would: `jujube add`, then `jujube evaluate --questions`, which `more` is handed to
(`--precision`, `--plot`, ...). With `--without`, so many of the paragraphs are kept out of the collection,
and nothing answers their questions: for abstention, where a data set has no unanswerable questions.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from common import machine, say, squad

JUJUBE = [sys.executable, "-c", "from api.cli import main; main()"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--sample", type=int, default=500, help="questions; 0: all")
    parser.add_argument(
        "--without", type=float, default=0.0, help="share of the paragraphs to keep out, 0 to 1"
    )
    parser.add_argument(
        "--half",
        choices=["first", "second"],
        default="",
        help="first: what the reader has learnt; second: the rest",
    )
    parser.add_argument("--home", type=Path, default=Path(".jujube"))
    parser.add_argument("--out", type=Path, default=None, help="where the answers are kept")
    arguments, more = parser.parse_known_args()
    name = collection(arguments.file, arguments.without, arguments.half)
    work = arguments.home / "bench"
    work.mkdir(parents=True, exist_ok=True)
    documents, questions = squad(arguments.file, arguments.half)
    out_of_it = kept_out([document.id for document in documents], arguments.without)
    texts, asked = work / f"{name}.jsonl", work / f"{name}.questions.jsonl"
    write(
        texts,
        (
            {"id": d.id, "title": d.title, "text": d.text, "source": d.id}
            for d in documents
            if d.id not in out_of_it
        ),
    )
    write(asked, (line(question, out_of_it) for question in questions))
    common = ["--home", str(arguments.home), "--collection", name]
    begin = time.perf_counter()
    report = subprocess.run(
        [*JUJUBE, "add", str(texts), *common, "--json"], stdout=subprocess.PIPE, check=True
    )
    say(f"{report.stdout.decode().strip()} in {time.perf_counter() - begin:.0f} s")
    out = arguments.out or work / f"{name}.answers.jsonl"
    sample = ["--sample", str(arguments.sample)] if arguments.sample else []
    print(machine(), flush=True)
    ran = subprocess.run(
        [*JUJUBE, "evaluate", "--questions", str(asked), "--out", str(out), *sample, *common, *more],
        check=False,
    )
    sys.exit(ran.returncode)


def collection(file: Path, without: float, half: str = "") -> str:
    """The name of the set's collection.

    >>> collection(Path("squad1.1/dev-part.json.gz"), 0.33)
    'bench-squad1-1-dev-part-without-33'
    """
    name = re.sub(r"[^A-Za-z0-9]+", "-", f"{file.absolute().parent.name}-{file.name.split('.')[0]}")
    return f"bench-{name}{half and '-' + half}" + (f"-without-{100 * without:.0f}" if without else "")


def kept_out(ids: list[str], share: float) -> set[str]:
    """The same ones each time."""
    return set(random.Random(0).sample(ids, round(share * len(ids))))


def line(question: dict[str, Any], out_of_it: set[str]) -> dict[str, Any]:
    """A question as `jujube evaluate` reads it."""
    if question["document"] in out_of_it:
        return {"id": question["id"], "question": question["question"], "answers": []}
    return {
        "id": question["id"],
        "question": question["question"],
        "answers": question["answers"],
        "documents": [question["document"]],
    }


def write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


if __name__ == "__main__":
    main()
