"""How good are the answers on a set in SQuAD JSON, all its passages in one collection?

    python benchmarks/answers.py FILE [--sample 500] [--home .jujube]

Runs the product as a user would: `jujube add` and `jujube ask --file`; a random sample, seed 0.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from pathlib import Path

from common import machine, say, squad

from rag.metrics import exact_match, token_f1

JUJUBE = [sys.executable, "-c", "from api.cli import main; main()"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--sample", type=int, default=500, help="questions; 0: all")
    parser.add_argument("--home", type=Path, default=Path(".jujube"))
    parser.add_argument("--out", type=Path, default=None, help="where the answers are kept")
    parser.add_argument("--errors", type=int, default=0, help="wrong answers to print")
    arguments = parser.parse_args()
    name = "bench-" + arguments.file.parent.name.replace(".", "-") + "-" + arguments.file.name.split(".")[0]
    work = arguments.home / "bench"
    work.mkdir(parents=True, exist_ok=True)
    documents, questions = squad(arguments.file)
    common = ["--home", str(arguments.home), "--collection", name]
    texts = work / f"{name}.jsonl"
    texts.write_text("".join(
        json.dumps({"id": d.id, "title": d.title, "text": d.text, "source": d.id}) + "\n" for d in documents
    ))  # fmt: skip
    begin = time.perf_counter()
    report = subprocess.run(
        [*JUJUBE, "add", str(texts), *common, "--json"], stdout=subprocess.PIPE, check=True
    )
    say(f"{report.stdout.decode().strip()} in {time.perf_counter() - begin:.0f} s")
    random.Random(0).shuffle(questions)
    questions = questions[: arguments.sample or None]
    asked, out = work / f"{name}.questions.jsonl", arguments.out or work / f"{name}.answers.jsonl"
    asked.write_text(
        "".join(json.dumps({"id": q["id"], "question": q["question"]}) + "\n" for q in questions)
    )
    subprocess.run([*JUJUBE, "ask", "--file", str(asked), "--out", str(out), *common], check=True)
    answers = {line["id"]: line for line in map(json.loads, out.read_text("utf-8").splitlines())}
    print(machine())
    show(documents, [(q, answers[q["id"]]) for q in questions], arguments.errors)


def show(documents: list, pairs: list, errors: int) -> None:  # type: ignore[type-arg]
    texts = {d.id: d.text for d in documents}
    exact = [0.0 if a["abstained"] else exact_match(a["answer"], q["answers"]) for q, a in pairs]
    f1 = [0.0 if a["abstained"] else token_f1(a["answer"], q["answers"]) for q, a in pairs]
    count = len(pairs)
    print(f"{len(documents)} documents, {count} questions")
    print(f"  exact match {sum(exact) / count:.1%}   F1 {sum(f1) / count:.1%}")
    print(f"  not answered {sum(a['abstained'] for _, a in pairs) / count:.1%}")
    for k in (1, 3):
        found = sum(q["document"] in [h["document_id"] for h in a["hits"][:k]] for q, a in pairs)
        print(f"  right document among the first {k}: {found / count:.1%}")
    true = all(
        texts[c["document_id"]][c["start"] : c["end"]] == c["text"] for _, a in pairs for c in a["citations"]
    )
    print(f"  every citation a true span: {true}")
    totals = sorted(a["timings"]["total"] for _, a in pairs)
    median, high = totals[count // 2], totals[int(count * 0.95)]
    print(f"  seconds a question: median {median:.2f}, 95th percentile {high:.2f}")
    wrong = [(q, a) for (q, a), e in zip(pairs, exact, strict=True) if not e]
    for q, a in wrong[:errors]:
        print(f"  - {q['question']} | expected {q['answers'][:3]} | {a['answer']} ({a['confidence']:.2f})")


if __name__ == "__main__":
    main()
