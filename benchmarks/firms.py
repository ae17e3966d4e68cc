"""Folders as companies keep them: which questions are answered rightly, wrongly, and not at all.

    python benchmarks/firms.py                       # all of benchmarks/firms
    python benchmarks/firms.py marina-en care-zh --out answers.jsonl

Each folder is a collection of its own, indexed as `jujube add FOLDER` does, and each question is asked once.
Right is an exact match with one of the answers that the questions' writer gave (up to case, articles and
punctuation), and silence where he gave none; a longer phrase that says the same counts as wrong.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from common import machine, say

from api.service import Service
from api.settings import Settings
from rag.metrics import exact_match

FIRMS = Path(__file__).parent / "firms"
VERDICTS = ("right", "wrong", "silent")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="FOLDER", help="of benchmarks/firms; none: all")
    parser.add_argument(
        "--home", type=Path, default=Path(".jujube"), help="kept: a second run indexes nothing"
    )
    parser.add_argument("--out", type=Path, help="a line of JSON for each answer")
    given = parser.parse_args()
    say(machine())
    names = given.names or sorted(one.name for one in FIRMS.iterdir() if one.is_dir())
    rows: list[dict[str, Any]] = []
    for name in names:
        begun = time.monotonic()
        own = asked(name, given.home)
        rows += own
        say(f"{name}: {counts(own)}, {time.monotonic() - begun:.0f} s")
        if given.out:
            given.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    print(f"{len(rows)} questions: {' / '.join(VERDICTS)}")
    for kind in sorted({row["kind"] for row in rows}):
        print(f"  {kind:15} {counts([row for row in rows if row['kind'] == kind])}")
    print(f"  {'all':15} {counts(rows)}")


def asked(name: str, home: Path) -> list[dict[str, Any]]:
    """The questions of one folder with what was answered."""
    service = Service(Settings(home=home, collection=f"bench-{name}"))
    if not service.store.counts()["documents"]:
        service.add_paths([FIRMS / name / "docs"])
    rows = []
    for number, line in enumerate((FIRMS / name / "questions.jsonl").read_text("utf-8").splitlines(), 1):
        question = json.loads(line)
        answer = service.ask(question["question"])
        rows.append(
            {
                "folder": name,
                "id": question.get("id", number),
                "kind": question["kind"],
                "question": question["question"],
                "answers": question["answers"],
                "verdict": verdict(answer.text, answer.abstained, question["answers"]),
                "answer": answer.text,
                "confidence": round(answer.confidence, 3),
            }
        )
    service.close()
    return rows


def verdict(text: str, abstained: bool, answers: list[str]) -> str:
    if abstained:
        return "silent" if answers else "right"
    return "right" if answers and exact_match(text, answers) else "wrong"


def counts(rows: list[dict[str, Any]]) -> str:
    found = Counter(row["verdict"] for row in rows)
    return " / ".join(str(found[one]) for one in VERDICTS)


if __name__ == "__main__":
    main()
