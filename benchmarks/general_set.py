"""Choose the general questions that ship with Jujube: a fixed draw from SQuAD 1.1 dev and CMRC 2018 dev.

Of SQuAD only articles that the shipped reader has not learnt (`common.LEARNT`).

    python benchmarks/general_set.py DATA finetune/general

DATA holds squad1.1/dev-part.json.gz and cmrc2018/dev.json.gz, both SQuAD JSON.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common import articles

SEED = 20261126
ANSWERED, OTHER = 45, 15
"""Questions with their passage, and with a passage of another subject, in each language."""
SETS = {"en": ("squad1.1/dev-part.json.gz", 200, 700, 60), "zh": ("cmrc2018/dev.json.gz", 100, 350, 25)}
"""Language -> file, characters of a passage at least and at most, of an answer at most."""

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    for name, (file, least, most, answer) in SETS.items():
        rows = chosen(articles(arguments.data / file, "second"), least, most, answer)
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (arguments.out / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        print(name, len(rows), "questions,", sum(not row["answers"] for row in rows), "without an answer")


def chosen(articles: list[Row], least: int, most: int, answer: int) -> list[Row]:
    """One question an article as far as they reach, then another of each; in random order."""
    draw = random.Random(SEED)
    articles = draw.sample(articles, len(articles))
    by_id: dict[str, tuple[str, Row]] = {}
    for _ in range(2 * (ANSWERED + OTHER)):
        if len(by_id) >= 2 * (ANSWERED + OTHER):
            break
        for title, row in candidates(articles, least, most, answer, draw):
            by_id.setdefault(row["id"], (title, row))
    own = list(by_id.values())
    answered, rest = own[:ANSWERED], own[ANSWERED:]
    rows = [row for _, row in answered]
    while len(rows) < ANSWERED + OTHER:
        title, row = rest.pop(0)
        other, passage = draw.choice([(t, r["passage"]) for t, r in own])
        said = [a for a in row["answers"] if a.casefold() in passage.casefold()]
        if other != title and not said and row["id"] not in {one["id"] for one in rows}:
            rows.append({**row, "id": f"{row['id']}-other", "answers": [], "passage": passage})
    return draw.sample(rows, len(rows))


def candidates(
    articles: list[Row], least: int, most: int, answer: int, draw: random.Random
) -> Iterator[tuple[str, Row]]:
    """(article, a question of it with its passage)."""
    for article in articles:
        found = []
        for paragraph in article["paragraphs"]:
            passage = paragraph["context"].strip()
            if least <= len(passage) <= most:
                for qa in paragraph["qas"]:
                    answers = list(dict.fromkeys(a["text"].strip() for a in qa["answers"]))
                    if all(0 < len(a) <= answer and a in passage for a in answers):
                        row = {"id": qa["id"], "question": qa["question"].strip(), "answers": answers}
                        found.append(row | {"passage": passage})
        if found:
            yield str(article.get("title") or article.get("id")), draw.choice(found)


if __name__ == "__main__":
    main()
