"""What comes of questions that want yes or no: the word, the sentence that decides them, or silence.

    H=benchmarks/handbooks
    python benchmarks/yes_no.py $H/held-back.json+$H/yes-no-asked-held-back.json \\
        $H/held-back-3.json+$H/yes-no-asked-held-back.json

FILE+QUESTIONS: texts in SQuAD's JSON, and questions to them in another file, by the name of their text. All
texts are in one collection; a sentence is right that holds what decides the question, or is part of it.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from common import articles, machine, say
from reader_texts import asked_of

from api.service import Service
from api.settings import Settings
from index.types import Document
from rag.polar_question import asks_yes_or_no
from rag.yesno import word_for


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="FILE+QUESTIONS")
    parser.add_argument(
        "--home", type=Path, default=Path(".jujube"), help="kept: a second run indexes nothing"
    )
    given = parser.parse_args()
    say(machine())
    documents, asked = [], []
    for name in given.files:
        path, _, questions = name.partition("+")
        data = articles(Path(path))
        for at, article in enumerate(data):
            name = f"{Path(path).stem}-{at}"
            text = "\n\n".join(paragraph["context"] for paragraph in article["paragraphs"])
            documents.append(Document(name, article["title"], text, name))
        for article in asked_of(data, json.loads(Path(questions).read_text("utf-8"))["texts"]):
            asked += [qa for paragraph in article["paragraphs"] for qa in paragraph["qas"]]
    service = Service(Settings(home=given.home, collection="bench-yes-no"))
    service.corpus.add(documents)
    known, found = 0, Counter[str]()
    for at, qa in enumerate(asked, 1):
        known += asks_yes_or_no(qa["question"])
        found[outcome(service, qa)] += 1
        if at % 20 == 0:
            say(f"{at} of {len(asked)} questions")
    service.close()
    answered = sum("says" in qa for qa in asked)
    print(f"{len(asked)} questions, {known} known to want yes or no, {answered} of them decided by a text")
    for name, count in sorted(found.items()):
        print(f"  {count:4} {name}")


def outcome(service: Service, qa: dict[str, Any]) -> str:
    """In words: what was answered, and whether it is right."""
    answer = service.ask(qa["question"])
    kind = "not decided: " if "says" not in qa else "decided: "
    if answer.abstained:
        return kind + "silent"
    words = {word_for(says, qa["question"]): says for says in ("yes", "no")}  # type: ignore[arg-type]
    if answer.text in words:
        right = words[answer.text] == qa.get("says")
        return f"{kind}{words[answer.text]}, {'right' if right else 'wrong'}"
    evidence = qa["answers"][0]["text"] if qa["answers"] else ""
    holds = evidence and (evidence in answer.text or answer.text in evidence)
    return f"{kind}a sentence{', the right one' if holds else ', another one' if evidence else ''}"


if __name__ == "__main__":
    main()
