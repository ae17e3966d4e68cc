"""Does `jujube train raft`, from the index alone, help with people's questions that it has never seen?

    python benchmarks/raft.py FILE... [--paragraphs 110] [--questions 120] [--home .jujube] [more]

Paragraphs of each set (SQuAD JSON) are indexed without their questions, and questions are made of the index
and learnt. People's questions to those paragraphs are its exam (`--exam`): asked before and after, over the
collection, never learnt. `more` is handed to `jujube train raft` (`--epochs`, `--minutes`, `--threads`, ...).
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from answers import JUJUBE, collection, line, write
from common import machine, squad


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--paragraphs", type=int, default=0, help="of each file; 0: all")
    parser.add_argument("--questions", type=int, default=120, help="of each file's exam")
    parser.add_argument("--answered", action="store_true", help="only questions that have an answer")
    parser.add_argument("--half", choices=["first", "second"], default="", help="of each file, as answers.py")
    parser.add_argument("--made", type=int, default=1200, help="questions made at most")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--home", type=Path, default=Path(".jujube"))
    arguments, more = parser.parse_known_args()
    work = arguments.home / "bench"
    work.mkdir(parents=True, exist_ok=True)
    texts, exam = work / "raft.jsonl", work / "raft.questions.jsonl"
    documents, questions = drawn(arguments)
    write(texts, documents)
    write(exam, questions)
    common = ["--home", str(arguments.home), "--collection", "bench-raft"]
    print(machine(), f"{len(documents)} paragraphs, {len(questions)} questions", flush=True)
    subprocess.run([*JUJUBE, "add", str(texts), *common, "--json"], check=True)
    train = ["train", "raft", "--questions", str(arguments.made), "--exam", str(exam)]
    sys.exit(subprocess.run([*JUJUBE, *train, *common, *more], check=False).returncode)


def drawn(arguments: argparse.Namespace) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Paragraphs as `jujube add` reads them, and questions to them as `--exam` does; the same each time."""
    documents: list[dict[str, Any]] = []
    questions: list[dict[str, Any]] = []
    for file in arguments.files:
        draw = random.Random(arguments.seed)
        found, asked = squad(file, arguments.half if "squad" in str(file) else "")
        count = min(arguments.paragraphs or len(found), len(found))
        name = collection(file, 0.0)
        kept = {document.id: document for document in draw.sample(found, count)}
        documents += [
            {"id": f"{name}-{d.id}", "title": d.title, "text": d.text, "source": f"{name}-{d.id}"}
            for d in kept.values()
        ]
        fit = [q for q in asked if q["document"] in kept and (q["answers"] or not arguments.answered)]
        for question in draw.sample(fit, min(arguments.questions, len(fit))):
            questions.append(line({**question, "document": f"{name}-{question['document']}"}, set()))
    return documents, questions


if __name__ == "__main__":
    main()
