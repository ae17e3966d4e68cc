"""Questions put to documents that are about something else: what is answered all the same.

    python benchmarks/unrelated.py ask                           # the folders of benchmarks/firms
    H=benchmarks/handbooks
    python benchmarks/unrelated.py write $H/learnt.json $H/next.json --out UNRELATED.npz

ask: each folder is asked twenty questions of other folders in its language, six of them for yes or no, and
ten of `handbooks/out-of-scope-held-back.json`. What is answered is printed, to be read: a few are answered by
the folder, too.
write: examples for span_reader_train.py. Documents of FILE (SQuAD's JSON), forty at a time, are a collection;
what retrieval finds there for questions to the others, and for `handbooks/out-of-scope.json`, answers none.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from common import articles, machine, say
from firms import FIRMS
from reader_texts import as_typed
from span_reader_batches import Example, write_examples
from span_reader_examples import LONGEST
from tokenizers import Tokenizer

from api.service import Service
from api.settings import Settings
from index.e5 import SHARED
from index.language import asked_terms, index_terms, language
from index.types import Document
from rag.context import contexts
from rag.yesno import asks_yes_or_no

HANDBOOKS = Path(__file__).parent / "handbooks"
_TOGETHER = 40
"""Documents of a collection."""
_ASKED = 12
"""Questions for each of its documents; a third of them are in no document's scope."""
_READ = 2
"""Passages for each question."""
_ALIKE = 0.5
"""Share of a question's terms from which on a passage may well answer it."""


class Asked(NamedTuple):
    question: str
    of: str
    """The folder that answers it, or nothing."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    ask = commands.add_parser("ask", help="what is answered")
    ask.add_argument("names", nargs="*", metavar="FOLDER", help="of benchmarks/firms; none: all")
    ask.add_argument("--out", type=Path, help="a line of JSON for each question")
    written = commands.add_parser("write", help="examples that have no answer")
    written.add_argument("files", nargs="+", type=Path, metavar="FILE")
    written.add_argument("--out", type=Path, default=Path("unrelated.npz"))
    for command in (ask, written):
        command.add_argument("--home", type=Path, default=Path(".jujube"), help="kept, with what is indexed")
        command.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    say(machine())
    {"ask": asked, "write": to_file}[given.command](given)


def asked(given: argparse.Namespace) -> None:
    draw = random.Random(given.seed)
    names = sorted(one.name for one in FIRMS.iterdir() if one.is_dir())
    questions = {name: _questions(FIRMS / name / "questions.jsonl") for name in names}
    held_back = json.loads((HANDBOOKS / "out-of-scope-held-back.json").read_text("utf-8"))
    answered = total = 0
    rows = []
    for name in names:
        spoken = name.rsplit("-", 1)[1]
        others = [
            Asked(one, of)
            for of, own in questions.items()
            if of != name and of.endswith(spoken)
            for one in own
        ]
        polar = [one for one in others if asks_yes_or_no(one.question)]
        rest = [one for one in others if not asks_yes_or_no(one.question)]
        foreign = [Asked(one, "") for one in draw.sample(held_back[spoken], 10)]
        drawn = [*draw.sample(rest, 14), *draw.sample(polar, 6), *foreign]
        if given.names and name not in given.names:
            continue
        service = Service(Settings(home=given.home, collection=f"bench-{name}"))
        if not service.store.counts()["documents"]:
            service.add_paths([FIRMS / name / "docs"])
        for question, of in drawn:
            found = service.ask(question)
            total += 1
            rows.append({"folder": name, "of": of, "question": question, "confidence": found.confidence})
            rows[-1]["answer"] = None if found.abstained else found.text
            if not found.abstained:
                answered += 1
                cited = found.citations[0].text if found.citations else ""
                print(f"{name} <- {of}: {question}\n    {found.text} ({found.confidence:.2f}): {cited}")
        service.close()
        say(f"{name}: {answered} of {total} so far are answered")
    print(f"{total} questions to documents about something else, {answered} answered")
    if given.out:
        given.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def _questions(file: Path) -> list[str]:
    return [json.loads(line)["question"] for line in file.read_text("utf-8").splitlines()]


def to_file(given: argparse.Namespace) -> None:
    draw = random.Random(given.seed)
    data = [article for file in given.files for article in articles(file)]
    out_of_scope = json.loads((HANDBOOKS / "out-of-scope.json").read_text("utf-8"))
    pieces = Tokenizer.from_file(str(SHARED / "tokenizer.json"))
    pieces.enable_truncation(LONGEST, strategy="only_second")
    found: list[Example] = []
    for spoken in ("en", "zh"):
        own = [one for one in data if (language(one["paragraphs"][0]["context"]) == "zh") == (spoken == "zh")]
        draw.shuffle(own)
        for at in range(0, len(own), _TOGETHER):
            here = own[at : at + _TOGETHER]
            apart = [
                qa["question"]
                for one in (*own[:at], *own[at + _TOGETHER :])
                for paragraph in one["paragraphs"]
                for qa in paragraph["qas"]
            ]
            most = min(len(here) * _ASKED * 2 // 3, len(apart))
            foreign = draw.sample(out_of_scope[spoken], min(most // 2, len(out_of_scope[spoken])))
            put = [as_typed(one.strip(), draw) for one in (*draw.sample(apart, most), *foreign)]
            put = [one for one in put if one.strip()]
            service = Service(Settings(home=given.home, collection=f"unrelated-{given.seed}-{spoken}-{at}"))
            service.corpus.add(_documents(here, at))
            pairs = [pair for one in put for pair in _beside(service, one, draw)]
            service.close()
            for encoded in pieces.encode_batch(pairs):
                text = [place for place, which in enumerate(encoded.sequence_ids) if which == 1]
                if text:
                    found.append(Example(encoded.ids, text[0], text[-1], 0, 0))
            say(f"{spoken}: {at + len(here)} of {len(own)} documents, {len(found)} examples")
    write_examples(given.out, found)
    say(f"{len(found)} examples written to {given.out} ({given.out.stat().st_size / 2**20:.1f} MiB)")


def _documents(own: list[dict[str, object]], first: int) -> Iterator[Document]:
    for at, article in enumerate(own, first):
        text = "\n\n".join(paragraph["context"] for paragraph in article["paragraphs"])  # type: ignore[attr-defined]
        yield Document(f"d{at}", str(article["title"]), text, f"d{at}")


def _beside(service: Service, question: str, draw: random.Random) -> Iterator[tuple[str, str]]:
    """The question beside each of the passages that are found for it, seven of ten under their title."""
    terms = set(asked_terms(question))
    found = service.search(question, top_k=_READ)
    above = contexts(service.store, found.hits, found.seeds)
    for hit in found.hits:
        title = above[hit.passage.id].title
        held = terms & set(index_terms(f"{title} {hit.passage.text}"))
        if terms and len(held) >= _ALIKE * len(terms):
            continue
        yield question, f"{title}\n{hit.passage.text}" if title and draw.random() < 0.7 else hit.passage.text


if __name__ == "__main__":
    sys.exit(main())
