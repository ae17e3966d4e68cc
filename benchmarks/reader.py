"""Examples to train the embedded reader on: a passage at a time, both languages, and silence.

    python benchmarks/reader.py show FILE[+QUESTIONS][@WHICH][=PASSAGES]...
    python benchmarks/reader.py write FILE[+QUESTIONS][@WHICH][=PASSAGES]... --out EXAMPLES.npz [--asked]
    python benchmarks/reader_train.py EXAMPLES.npz... --out FOLDER

FILE is in SQuAD's JSON (.gz too); `FILE@half` is a development set of which only the articles in
`common.LEARNT` are learnt, `FILE@simplified` one in traditional characters, to be read in simplified ones;
FILE+QUESTIONS asks its texts what another file holds.
Examples are what the product asks: a passage as `index.split` cuts it, most under its title, a question, its
answer or "I don't know." (benchmarks/reader_texts.py says where those come from). `--asked` turns them round:
passage and answer are given, the question is what to say.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from common import say
from reader_files import write_examples
from reader_texts import Text, across, as_typed, texts

from api.loading import load_counter_of, load_generator_of
from api.settings import Settings
from finetune.examples import Example
from rag.generator import Generator
from rag.prompt import UNKNOWN, encode_answer, encode_passage, encode_question


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["show", "write"])
    parser.add_argument("files", nargs="+", metavar="FILE[+QUESTIONS][@WHICH][=PASSAGES]")
    parser.add_argument("--out", type=Path, default=Path("examples.npz"))
    parser.add_argument("--home", type=Path, default=Path(".jujube"))
    parser.add_argument("--titled", type=float, default=0.7, help="Share of passages that show their title.")
    parser.add_argument(
        "--asked", action="store_true", help="Questions to answers, not answers to questions."
    )
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.out.suffix != ".npz":
        parser.error(f"--out {given.out}: the file's name has to end in .npz")
    draw = random.Random(given.seed)
    settings = Settings(home=given.home)
    count = load_counter_of(settings, say)
    found: list[Text] = []
    for named in given.files:
        name, _, more = named.partition("=")
        name, _, which = name.partition("@")
        path, _, asked = name.partition("+")
        if which not in ("", "half", "simplified"):
            parser.error(f"{named}: after @ comes half or simplified")
        found_there = texts(Path(path), draw, count, which, Path(asked) if asked else None)
        some = islice(found_there, int(more) if more else None)
        found += across(list(some), draw)
    draw.shuffle(found)
    answered, unanswered = sum(len(t.answered) for t in found), sum(len(t.unanswered) for t in found)
    say(f"{len(found)} passages, {answered} answered and {unanswered} unanswered questions")
    if given.command == "show":
        for text in found[:12]:
            words = text.passage[:200].replace("\n", " ")
            print(text.title, words, *text.answered, *text.unanswered, "", sep="\n  ")
        return
    generator = load_generator_of(settings, say)
    make = asking if given.asked else reading
    write_examples(given.out, list(make(generator, found, given.titled, draw)))
    say(f"written to {given.out} ({given.out.stat().st_size / 2**20:.1f} MiB)")


def reading(
    generator: Generator, found: Sequence[Text], titled: float, draw: random.Random
) -> Iterator[Example]:
    """Answers to questions; of a passage they share its tokens. A share `titled` of them has its title."""
    for text in found:
        shared = encode_passage(generator, 1, text.passage, text.title if draw.random() < titled else "")
        asked = [*text.answered, *((question, UNKNOWN) for question in text.unanswered)]
        for question, answer in asked:
            prompt = [*shared, *encode_question(generator, as_typed(question, draw))]
            yield Example(tuple(prompt), tuple(encode_answer(generator, answer)), len(shared))


def asking(
    generator: Generator, found: Sequence[Text], titled: float, draw: random.Random
) -> Iterator[Example]:
    """Questions to answers."""
    for text in found:
        shared = encode_passage(generator, 1, text.passage, text.title if draw.random() < titled else "")
        for question, answer in text.answered:
            prompt = [*shared, *generator.encode(f"Answer: {answer}\nQuestion:")]
            yield Example(tuple(prompt), tuple(encode_answer(generator, question)), len(shared))


if __name__ == "__main__":
    sys.exit(main())
