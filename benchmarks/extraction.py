"""How many related pairs of entities are found with no language model, and how fast?

    python benchmarks/extraction.py DATA [--documents 500] [--sentences 4000] [--passages 2000] [--links]

DATA holds re-docred/dev.json.gz (English documents) and duie/train.json.gz (Chinese sentences). A pair is two
entities that some relation joins, in either order. An extracted entity is a gold one when its key, or the
key of one of its mentions as written, is the key of any of the gold entity's names. Two precisions: of all
pairs, and of the pairs between two gold entities (the sets name only some 50 to 100 relations and only some
kinds of entities, so a true pair can count as wrong in the first).
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common import machine, made_up, say

from index.extract import Extraction, Extractor, extract_passages, load_extractor
from index.language import entity_key
from index.types import Passage

Pair = frozenset[int]


@dataclass
class Gold:
    """One text and what people found in it."""

    title: str
    text: str
    names: list[set[str]] = field(default_factory=list)
    """The keys of each entity's names."""
    pairs: set[Pair] = field(default_factory=set)


def load(path: Path) -> Any:
    return (
        [json.loads(line) for line in gzip.open(path, "rt")]
        if "duie" in str(path)
        else json.load(gzip.open(path, "rt"))
    )


def joined(tokens: Sequence[str]) -> str:
    """Words with the spaces that a person would write."""
    text = re.sub(r'" (.*?) "', r'"\1"', " ".join(tokens))
    text = re.sub(r" ([,.;:!?)\]%]|'s\b|n't\b|'(?= ))", r"\1", text)
    return re.sub(r"([(\[]) | (?=-) ?|(?<=-) ", lambda m: m.group(1) or "", text)


def re_docred(path: Path, count: int) -> list[Gold]:
    found = []
    for document in load(path)[:count]:
        names = [{entity_key(joined(m["name"].split())) for m in entity} for entity in document["vertexSet"]]
        pairs = {frozenset({label["h"], label["t"]}) for label in document["labels"]}
        text = " ".join(joined(sentence) for sentence in document["sents"])
        found.append(Gold(document["title"], text, names, {pair for pair in pairs if len(pair) == 2}))
    return found


def duie(path: Path, count: int) -> list[Gold]:
    found = []
    for row in load(path)[:count]:
        gold = Gold("", row["text"])
        numbers: dict[str, int] = {}
        for said in row["spo_list"]:
            ends = [entity_key(name) for name in (said["subject"], said["object"]["@value"])]
            gold.pairs.add(frozenset(numbers.setdefault(end, len(numbers)) for end in ends))
        gold.names = [{name} for name in numbers]
        gold.pairs = {pair for pair in gold.pairs if len(pair) == 2}
        found.append(gold)
    return found


@dataclass
class Score:
    """Counts over many texts."""

    gold_entities: int = 0
    found_entities: int = 0
    entities: int = 0
    gold: int = 0
    right: int = 0
    pairs: int = 0
    judged: int = 0
    """Pairs found between two gold entities."""

    def add(self, gold: Gold, own: Extraction) -> None:
        spellings: dict[str, set[str]] = {}
        for mention in own.mentions:
            spellings.setdefault(mention.entity, set()).update({mention.entity, entity_key(mention.text)})
        of = {
            entity: {i for i, names in enumerate(gold.names) if names & keys}
            for entity, keys in spellings.items()
        }
        # A value of a table and the words of a definition are no entities, and no pair of entities.
        found = {frozenset(ends) for f in own.facts if (ends := {f.subject, f.object}) <= spellings.keys()}
        known: set[Pair] = set()
        for subject, target in (tuple(pair) for pair in found if len(pair) == 2):
            known |= {frozenset({a, b}) for a in of[subject] for b in of[target] if a != b}
        self.gold_entities += len(gold.names)
        self.found_entities += len(set().union(*of.values()))
        self.entities += len(spellings)
        self.gold += len(gold.pairs)
        self.right += len(gold.pairs & known)
        self.judged += len(known)
        self.pairs += len(found)

    def row(self, name: str, texts: int) -> str:
        recall, precision = self.right / self.gold, self.right / max(1, self.pairs)
        strict = 2 * recall * precision / max(1e-9, recall + precision)
        judged = self.right / max(1, self.judged)
        kind = 2 * recall * judged / max(1e-9, recall + judged)
        return (
            f"| {name} | {self.found_entities / self.gold_entities:.3f} | {self.entities / texts:.1f} "
            f"| {self.pairs / texts:.1f} | {precision:.3f} / {judged:.3f} | {recall:.3f} "
            f"| {strict:.3f} / {kind:.3f} |"
        )


HEAD = (
    "| set | entities found | entities a text | pairs a text | precision, all / between gold entities "
    "| recall | F1, all / between gold entities |\n|---|---|---|---|---|---|---|"
)


def extractions(extractor: Extractor, titled: Iterable[tuple[str, str]]) -> list[Extraction]:
    """Each (title, text) as a document of one passage."""
    passages = [(title, Passage(0, str(i), text, 0, len(text))) for i, (title, text) in enumerate(titled)]
    return extract_passages(extractor, passages)


def scored(extractor: Extractor, name: str, texts: list[Gold]) -> str:
    score = Score()
    for gold, own in zip(texts, extractions(extractor, ((g.title, g.text) for g in texts)), strict=True):
        score.add(gold, own)
    return score.row(name, len(texts))


def speeds(count: int) -> None:
    """Passages a second of 77 English words with one process and with two, models loaded."""
    texts = [(d.title, d.text) for d in made_up(count)]
    for processes in (1, 2):
        extractor = load_extractor("embedded") if processes == 1 else load_extractor("embedded", processes=2)
        extractions(extractor, texts[:200])
        begin = time.perf_counter()
        extractions(extractor, texts)
        print(f"| {processes} | {count / (time.perf_counter() - begin):.0f} |")
        getattr(extractor, "close", lambda: None)()


def links(extractor: Extractor, name: str, path: Path) -> str:
    """Titles of other passages that stand in a passage, word for word: how many are entities there?"""
    rows = (
        [{"title": t, "text": "".join(s)} for t, s in load(path).items()]
        if "hotpot" in str(path)
        else load(path)
    )
    titles = {row["title"].split(" (")[0] for row in rows if len(row["title"]) > 3}
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(titles, key=len, reverse=True))) + r")\b")
    stand = found = mentions = 0
    for row, own in zip(rows, extractions(extractor, ((r["title"], r["text"]) for r in rows)), strict=True):
        keys = {m.entity for m in own.mentions} | {entity_key(m.text) for m in own.mentions}
        other = {entity_key(t) for t in pattern.findall(row["text"])} - {entity_key(row["title"])}
        stand, found, mentions = (
            stand + len(other),
            found + len(other & keys),
            mentions + len({m.entity for m in own.mentions}),
        )
    return f"| {name} | {found / max(1, stand):.3f} of {stand} | {mentions / len(rows):.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--sentences", type=int, default=4000)
    parser.add_argument("--passages", type=int, default=2000)
    parser.add_argument("--links", action="store_true", help="also: are titles in other passages entities?")
    arguments = parser.parse_args()
    extractor = load_extractor("embedded")
    print(machine())
    print(HEAD)
    if arguments.documents:
        say("Re-DocRED")
        texts = re_docred(arguments.data / "re-docred/dev.json.gz", arguments.documents)
        print(scored(extractor, "Re-DocRED dev", texts), flush=True)
    if arguments.sentences:
        say("DuIE")
        texts = duie(arguments.data / "duie/train.json.gz", arguments.sentences)
        print(scored(extractor, "DuIE train", texts), flush=True)
    if arguments.links:
        print("\n| set | titles of other passages that are entities | entities a passage |\n|---|---|---|")
        for name in ("hotpotqa-100", "musique-100"):
            path = next((arguments.data / name).glob("*corpus.json.gz"))
            print(links(extractor, name, path), flush=True)
    if arguments.passages:
        print("\n| processes | passages/s |\n|---|---|")
        speeds(arguments.passages)


if __name__ == "__main__":
    main()
