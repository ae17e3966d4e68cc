"""Files of questions with answers -> a data set: each beside its passage, and some that do not answer."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from finetune.cleaning import CleanOptions, Tally, fault
from finetune.domain_text import explained, written
from finetune.negatives import Nearest, hard_negatives, says
from finetune.own import OwnQuestion, Placed, placed, read_own
from finetune.parting import FEWEST, part_groups
from finetune.records import DataSet, Part, Record
from finetune.titles import titles_of, with_titles
from index.corpus import Corpus
from index.errors import InputError
from rag.prompt import title_of

Progress = Callable[[int, int], None]
"""Takes how many are done, and of how many."""
_QUESTION = CleanOptions(shortest=2, longest=2_000)
_PASSAGE = CleanOptions(shortest=2, longest=100_000)


@dataclass(frozen=True, slots=True)
class QaOptions:
    negatives: int = 1
    """Passages beside each question that do not answer it."""
    without: float = 0.12
    """Share of the questions that are learnt without the passage that answers them."""
    validation: float = 0.1
    heldout: float = 0.15
    seed: int = 0


def make_qa(
    folder: Path,
    files: Sequence[Path],
    options: QaOptions | None = None,
    corpus: Corpus | None = None,
    progress: Progress | None = None,
) -> DataSet:
    """A data set of the questions of `files`, written to `folder`.

    Args:
        files: SQuAD JSON, JSON lines or CSV, as `rag.question_rows` reads them; a row's "context" is the
            passage that answers it.
        corpus: where questions without one are answered, and where passages that do not answer come from;
            None: from the other passages of the files.

    Raises:
        InputError: a file cannot be read, or nothing is left to learn; says what was dropped and why.
        StorageFull: it cannot be written.
    """
    options = options or QaOptions()
    tally = Tally()
    questions = [
        replace(one, id=f"{n}-{one.id}" if n else one.id)
        for n, path in enumerate(files)
        for one in read_own(path, tally)
    ]
    if not questions:
        given = ", ".join(map(str, files)) or "no file"
        raise InputError(f"no question with its answers in {given}: give a few{explained(tally.dropped())}")
    found = [
        one for one in placed(_whole(questions, tally), corpus, tally) if _has_passage(one, corpus, tally)
    ]
    if not any(one.record.answer for one in found):
        raise InputError(
            f"no question with an answer is left of {len(questions)}{explained(tally.dropped())}"
        )
    parts, notes = _parts(found, options)
    records = _records(found, parts, options, corpus, progress)
    made = {"recipe": "qa", "questions": len(found), **asdict(options)}
    return written(folder, records, tally, notes, made)


def _whole(questions: Sequence[OwnQuestion], tally: Tally) -> list[OwnQuestion]:
    """Those whose words are not broken."""
    kept = []
    for one in questions:
        reason = fault(one.question, _QUESTION) or (one.passage and fault(one.passage, _PASSAGE))
        if reason and reason != "hardly any letters":
            tally.drop(reason, one.question)
        else:
            kept.append(one)
    return kept


def _has_passage(one: Placed, corpus: Corpus | None, tally: Tally) -> bool:
    if one.record.passages or corpus is not None:
        return True
    tally.drop("no passage to read it with", one.record.question)
    return False


def _parts(found: Sequence[Placed], options: QaOptions) -> tuple[dict[int, Part], list[str]]:
    """The part of each question: by document, else by passage, else all are learnt."""
    by_document = [one.record.source for one in found]
    by_passage = [one.record.passages[0] if one.record.passages else one.record.question for one in found]
    notes = []
    names = by_document
    if len(set(by_document)) < FEWEST or not all(by_document):
        names = by_passage
        notes.append("fewer than three documents are named: split by passage")
    sizes = dict(Counter(names))
    parts = part_groups(sizes, validation=options.validation, heldout=options.heldout, seed=options.seed)
    if len(sizes) < FEWEST:
        what = f"only {len(found)} of the questions can be used, about {len(sizes)} of the passages"
        notes = [
            f"{what}: nothing can be held out, so nothing will say whether the model got better. Give more"
        ]
    return {n: parts[name] for n, name in enumerate(names)}, notes


def _records(
    found: Sequence[Placed],
    parts: dict[int, Part],
    options: QaOptions,
    corpus: Corpus | None,
    progress: Progress | None,
) -> dict[Part, list[Record]]:
    draw = random.Random(options.seed)
    records: dict[Part, list[Record]] = {"train": [], "validation": [], "heldout": []}
    near = {
        part: Nearest(
            list(
                dict.fromkeys(
                    t for n, one in enumerate(found) if parts[n] == part for t in one.record.passages
                )
            )
        )
        for part in records
    }
    titles = _titles(found, corpus)
    for n, one in enumerate(found):
        part = parts[n]
        if part == "heldout":
            records[part].append(one.record)
        else:
            count = max(1, options.negatives) if not one.record.passages else options.negatives
            others = _others(one, count, near[part], corpus, titles)
            records[part] += beside(one.record, others, draw.random() < options.without)
        if progress:
            progress(n + 1, len(found))
    return with_titles(records, titles)


def _titles(found: Sequence[Placed], corpus: Corpus | None) -> dict[str, str]:
    """text -> title, of the passages that answer."""
    told = {text: title_of(one.title) for one in found if one.title for text in one.record.passages}
    inside = [one.passage for one in found if one.passage is not None]
    return told | (titles_of(corpus.store, inside) if corpus else {})


def _others(
    one: Placed, count: int, near: Nearest, corpus: Corpus | None, titles: dict[str, str]
) -> list[str]:
    """Passages that do not answer; what is found of them in the collection gets its title in `titles`."""
    record = one.record
    answers = [record.answer, *record.also] if record.answer else []
    if corpus is not None:
        found = hard_negatives(corpus, record.question, answers, one.passage, count + 1)
        titles |= titles_of(corpus.store, found)
        return [p.text for p in found if p.text not in record.passages][:count]
    rows = near.find(record.question, 6 * count + 1)
    texts = [near.passages[row] for row in rows]
    return [text for text in texts if text not in record.passages and not says(text, answers)][:count]


def beside(record: Record, others: Sequence[str], without: bool) -> list[Record]:
    """A question beside the passage that answers it and beside each of those that do not.

    Args:
        without: leave the right passage out, so that silence is learnt for it alone; nothing is left out
            where there is no other passage.
    """
    negatives = [
        Record(f"{record.id}-no{n}", record.question, (text,), "", "negative", record.source, record.language)
        for n, text in enumerate(others, 1)
    ]
    if not record.passages or (without and negatives and record.answer):
        return negatives
    return [record, *negatives]
