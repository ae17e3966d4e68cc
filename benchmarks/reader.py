"""Train the embedded reader further: both languages, a passage at a time, and silence where it says nothing.

    python benchmarks/reader.py train FILE[@half][=PASSAGES]... --out FOLDER [--minutes 60] [--layers 12]
    python benchmarks/reader.py show FILE...

Examples are what the product asks: a passage as `index.split` cuts it, a question, its answer. "I don't
know." is right for questions to other passages of the same document, those that share most words with it, and
for questions that were changed so that nothing answers them: another name, number or opposite in them (the
kinds of SQuAD 2.0, Rajpurkar et al. 2018). The adapter that ships is trained on in place of a new one.

`FILE@half` is a development set of SQuAD 2.0 of which only the articles in `common.LEARNT` are learnt; in it
people wrote the questions that nothing answers. Two cores of 2017 read some 105 tokens a second so
(docs/log.md, 2026-11-26).
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from common import Half, articles, say

from finetune.examples import Example
from index.language import asked_terms, has_cjk, index_terms
from index.split import SplitOptions, split
from index.types import Document
from rag.generator import Generator
from rag.prompt import UNKNOWN, encode_answer, encode_passage, encode_question

_BOTH_WAYS = """
first last, largest smallest, highest lowest, most least, before after, north south, east west, male female,
northern southern, eastern western, more less, early late, increase decrease, begin end, began ended, old new,
oldest newest, best worst, majority minority, minimum maximum, won lost, public private, inside outside,
above below, 最大 最小, 最高 最低, 最早 最晚, 第一 最后, 之前 之后, 东 西, 南 北, 上升 下降, 增加 减少,
开始 结束, 进入 离开, 成立 解散, 出生 去世, 支持 反对, 男 女, 最多 最少, 主要 次要"""
_DENIED = {word: f"{word} not" for word in ("is", "was", "are", "were", "did", "does", "do", "can")}
_PAIRS = [(pair.split()[0], pair.split()[1]) for pair in _BOTH_WAYS.split(",")]
OPPOSITES = dict(_PAIRS) | {b: a for a, b in _PAIRS} | _DENIED | {"可以": "不可以"}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b(?:[A-Z][\w'-]+(?: (?:of |the )?[A-Z][\w'-]+)*)")


@dataclass(frozen=True, slots=True)
class Text:
    """A passage with the questions that it answers, and others that it does not."""

    title: str
    passage: str
    answered: tuple[tuple[str, str], ...]
    unanswered: tuple[str, ...]


def texts(path: Path, draw: random.Random, count: Callable[[str], int], half: Half = "") -> Iterator[Text]:
    """The passages of a SQuAD file in random order of its articles."""
    data = articles(path, half)
    draw.shuffle(data)
    options = SplitOptions()
    names: list[str] = []
    for number, article in enumerate(data):
        title = str(article.get("title", "")).replace("_", " ")
        found: list[Text] = []
        for place, paragraph in enumerate(article["paragraphs"]):
            document = Document(f"{number}-{place}", title, paragraph["context"], f"{number}-{place}")
            cut = [(part.start, part.end, part.text) for part in split(document, count, options)]
            if not cut:
                continue
            bags = [Counter(index_terms(text)) for _, _, text in cut]
            answered: list[list[tuple[str, str]]] = [[] for _ in cut]
            unanswered: list[list[str]] = [[] for _ in cut]
            for qa in paragraph["qas"]:
                question = qa["question"].strip()
                if qa.get("is_impossible"):
                    terms = asked_terms(question)
                    near = max(range(len(cut)), key=lambda at: sum(term in bags[at] for term in terms))
                    unanswered[near].append(question)
                elif (at := _part_of(qa["answers"], paragraph["context"], cut)) is not None:
                    answered[at[0]].append((question, at[1]))
            found += [
                Text(title, text, tuple(own), tuple(others))
                for (_, _, text), own, others in zip(cut, answered, unanswered, strict=True)
            ]
        names = (names + _NAME.findall(" ".join(text.passage for text in found)))[-4000:]
        yield from _with_unanswered(found, names, draw)


def _part_of(
    answers: Sequence[dict[str, Any]], text: str, cut: Sequence[tuple[int, int, str]]
) -> tuple[int, str] | None:
    """Which part of a paragraph an answer stands in whole, and the answer: what most people gave."""
    if not answers:
        return None
    said = Counter(one["text"].strip() for one in answers).most_common(1)[0][0]
    start = next(one["answer_start"] for one in answers if one["text"].strip() == said)
    if text[start : start + len(said)] != said:
        if text.count(said) != 1:
            return None  # the file's offset is wrong, and its words do not say where
        start = text.find(said)
    whole = (at for at, (a, b, _) in enumerate(cut) if a <= start and start + len(said) <= b)
    return next(((at, said) for at in whole if said), None)


def _with_unanswered(found: Sequence[Text], names: Sequence[str], draw: random.Random) -> Iterator[Text]:
    """The texts with questions to their neighbours, and, where no person wrote any, changed ones."""
    bags = [Counter(index_terms(text.passage)) for text in found]
    near: dict[int, list[tuple[int, str]]] = {}
    for at, text in enumerate(found):
        for question, answer in text.answered:
            terms = asked_terms(question)
            others = [
                (sum(term in bag for term in terms), other)
                for other, bag in enumerate(bags)
                if other != at and answer not in found[other].passage
            ]
            if others:
                shared, other = max(others)
                near.setdefault(other, []).append((shared, question))
    for at, text in enumerate(found):
        own = draw.sample(text.answered, min(len(text.answered), 6))
        by_people = draw.sample(text.unanswered, min(len(text.unanswered), max(2, len(own))))
        unanswered = [question for _, question in sorted(near.get(at, []), reverse=True)[:2]]
        if by_people:
            unanswered = [*by_people, *unanswered[:1]]
        else:
            changed = [new for q, _ in own if (new := changed_question(q, text.passage, names, draw))]
            unanswered += draw.sample(changed, min(len(changed), 2 if own else 0))
            unanswered = unanswered[: max(2, len(own))]
        if own or unanswered:
            yield Text(text.title, text.passage, tuple(own), tuple(dict.fromkeys(unanswered)))


def across(found: Sequence[Text], draw: random.Random, share: float = 0.2) -> list[Text]:
    """The texts, with some questions beside the passage of another document that is most like them.

    As retrieval finds it: the manual of another model, the rule of another office. Its title tells.
    """
    bags = [frozenset(index_terms(f"{text.title} {text.passage}")) for text in found]
    holders: dict[str, list[int]] = {}
    for at, bag in enumerate(bags):
        for term in bag:
            holders.setdefault(term, []).append(at)
    more: dict[int, list[str]] = {}
    for text in found:
        for question, answer in text.answered:
            if draw.random() > share:
                continue
            worth: Counter[int] = Counter()
            for term in asked_terms(question):
                for at in holders.get(term, ()):
                    worth[at] += 1 / len(holders[term])  # a rare word says more
            near = (at for at, _ in worth.most_common(20) if found[at].title != text.title)
            other = next((at for at in near if answer not in found[at].passage), None)
            if other is not None and len(more.setdefault(other, [])) < 2:
                more[other].append(question)
    return [
        replace(text, unanswered=tuple(dict.fromkeys([*text.unanswered, *more.get(at, ())])))
        for at, text in enumerate(found)
    ]


def changed_question(question: str, text: str, names: Sequence[str], draw: random.Random) -> str | None:
    """A question like `question` that `text` does not answer; None where no rule makes one."""
    made: list[str] = []
    for match in _NUMBER.finditer(question):
        digits = "".join(draw.choice("123456789") if mark.isdigit() else mark for mark in match.group())
        if len(digits) == 4 and digits.isdigit() and match.group()[:1] in "12":
            digits = str(int(match.group()) + draw.choice([-40, -17, -9, -3, 4, 8, 15]))
        if digits not in text:
            made.append(question[: match.start()] + digits + question[match.end() :])
    for match in _NAME.finditer(question):
        other = draw.choice(names) if names else ""
        if other and other not in text and other not in question:
            made.append(question[: match.start()] + other + question[match.end() :])
    words = list(
        re.finditer("|".join(map(re.escape, OPPOSITES)) if has_cjk(question) else r"[a-z]+", question)
    )
    for match in words:
        other = OPPOSITES.get(match.group(), "")
        rare = other.endswith(" not")
        if other and (not rare or draw.random() < 0.25) and match.start():
            made.append(question[: match.start()] + other + question[match.end() :])
    return draw.choice(made) if made else None


def examples(
    generator: Generator, found: Sequence[Text], titled: float, draw: random.Random
) -> Iterator[Example]:
    """Those of some passages; of a passage they share its tokens. A share `titled` of them has its title."""
    for text in found:
        title = text.title if draw.random() < titled else ""
        shared = encode_passage(generator, 1, text.passage, title)
        asked = [*text.answered, *((question, UNKNOWN) for question in text.unanswered)]
        for question, answer in asked:
            prompt = [*shared, *encode_question(generator, question)]
            yield Example(tuple(prompt), tuple(encode_answer(generator, answer)), len(shared))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["train", "show"])
    parser.add_argument("files", nargs="+", metavar="FILE[@half][=PASSAGES]")
    parser.add_argument("--out", type=Path, default=Path("reader"))
    parser.add_argument("--adapter", type=Path, default=None, help="To go on from; default: the shipped one.")
    parser.add_argument("--home", type=Path, default=Path(".jujube"))
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--layers", type=int, default=0, help="Only the last so many layers; 0: all.")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--titled", type=float, default=0.7, help="Share of passages that show their title.")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    draw = random.Random(given.seed)
    from api.loading import load_counter_of
    from api.settings import Settings

    count = load_counter_of(Settings(home=given.home), say)
    found: list[Text] = []
    for named in given.files:
        name, _, more = named.partition("=")
        path, _, half = name.partition("@")
        some = islice(texts(Path(path), draw, count, "first" if half else ""), int(more) if more else None)
        found += across(list(some), draw)
    draw.shuffle(found)
    answered, unanswered = sum(len(t.answered) for t in found), sum(len(t.unanswered) for t in found)
    say(f"{len(found)} passages, {answered} answered and {unanswered} unanswered questions")
    if given.command == "show":
        for text in found[:12]:
            words = text.passage[:200].replace("\n", " ")
            print(text.title, words, *text.answered, *text.unanswered, "", sep="\n  ")
        return
    train_on(found, given)


def train_on(found: Sequence[Text], given: argparse.Namespace) -> None:
    """The shipped adapter, trained on; saved each ten minutes and at the end."""
    import torch
    from peft import PeftModel
    from peft.tuners.lora import LoraLayer

    from api.loading import ADAPTER
    from finetune.train import Step, TrainOptions, train
    from rag import causal
    from rag.causal import CausalGenerator
    from rag.embedded import _gguf

    base, tokenizer = causal.read_gguf(_gguf())
    tokenizer = getattr(tokenizer, "backend_tokenizer", tokenizer)
    model = PeftModel.from_pretrained(base.float(), str(given.adapter or ADAPTER), is_trainable=True).float()
    if given.layers:
        keep = model.config.num_hidden_layers - given.layers
        for name, weight in model.named_parameters():
            layer = re.search(r"layers\.(\d+)\.", name)
            weight.requires_grad_(weight.requires_grad and layer is not None and int(layer[1]) >= keep)
        for name, module in model.named_modules():
            layer = re.search(r"layers\.(\d+)\.", name)
            if isinstance(module, LoraLayer) and layer and int(layer[1]) < keep:
                module.merge()  # read as one matrix: what is not trained need not be apart
    generator = CausalGenerator(model, tokenizer, version="reader", window=2048, stop_ids=[1, 2])
    made = list(examples(generator, found, given.titled, random.Random(given.seed)))
    say(f"{len(made)} examples; {sum(w.numel() for w in model.parameters() if w.requires_grad)} weights")
    options = TrainOptions(
        learning_rate=given.rate, batch=given.batch, seconds=given.minutes * 60, epochs=1.0, seed=given.seed,
        warmup=0.03,
    )  # fmt: skip
    saved = time.monotonic()
    losses: list[float] = []
    for told in train(model, made, options):
        if not isinstance(told, Step):
            continue
        losses.append(told.loss)
        if told.number % 5 == 0 or told.number < 5:
            recent = losses[-10:]
            say(
                f"step {told.number} of {told.of}, loss {sum(recent) / len(recent):.3f}, "
                f"{told.tokens_per_second:.0f} tokens/s ({told.computed / told.seconds:.0f} computed)"
            )
        if time.monotonic() - saved > 600:
            model.save_pretrained(given.out / "latest")
            saved = time.monotonic()
    model = model.to(torch.bfloat16)
    model.save_pretrained(given.out)
    say(f"saved to {given.out}")


if __name__ == "__main__":
    sys.exit(main())
