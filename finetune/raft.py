"""A data set from the collection itself: questions made from its passages, the user's own first.

Each stands beside the passage that answers it, and beside passages that Jujube finds for it and that do not
(RAFT, arXiv 2403.10131).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from finetune.cleaning import Tally, same_key
from finetune.domain_text import explained, written
from finetune.making import Made, made_from, unambiguous
from finetune.negatives import hard_negatives
from finetune.own import OwnQuestion, Placed, placed
from finetune.parting import FEWEST, part_groups
from finetune.qa import Progress, beside
from finetune.records import DataSet, Part, Record
from finetune.titles import titles_of, with_titles
from index.browse import passage_ids
from index.corpus import Corpus
from index.errors import InputError
from index.store import Store
from rag.sources import read_sources

_A_TURN = 2
"""Questions of one passage that are taken before the next document's turn."""
_SPARE = 1.15
"""More questions than are wanted: some turn out to have two answers."""
_ROWS = 0.4
"""Share of questions that cells of tables may give: they are many, and alike."""
_ENOUGH_OWN = 20
"""Questions of the user's own from which some are held out; fewer are all learnt."""


@dataclass(frozen=True, slots=True)
class RaftOptions:
    questions: int = 400
    """At most; the user's own count, and all of them are taken."""
    negatives: int = 1
    """Passages beside each question that do not answer it."""
    without: float = 0.12
    """Share of the questions that are learnt without the passage that answers them."""
    validation: float = 0.1
    heldout: float = 0.15
    seed: int = 0


def make_raft(
    corpus: Corpus,
    folder: Path,
    options: RaftOptions | None = None,
    corrections: Sequence[OwnQuestion] = (),
    progress: Progress | None = None,
) -> DataSet:
    """A data set of questions to a collection, written to `folder`; the same ones for the same options.

    Args:
        corrections: the user's own questions and corrections.
        progress: told after each question that was made, and after each whose negatives were found; of the
            sum of both, about.

    Raises:
        InputError: the collection is empty, or no question could be made of it; says what was dropped.
        UnknownModel: a model that reads the collection's language is not installed.
        StorageFull: the data cannot be written.
    """
    options = options or RaftOptions()
    say = progress or (lambda done, of: None)
    tally = Tally()
    store = corpus.store
    if not store.passage_count():
        raise InputError("the collection is empty: add documents before you train on them")
    own = placed(corrections, corpus, tally)
    wanted = max(0, options.questions - len(own))
    made = _made(store, own, wanted, options.seed, tally, lambda done: say(done, 2 * options.questions))
    found = [*own, *made]
    if not any(one.record.answer for one in found):
        raise InputError(
            f"no question could be made of {store.passage_count()} passages: their sentences say too little. "
            "Add documents with whole sentences or tables, or give questions of your own"
            f"{explained(tally.dropped())}"
        )
    parts, notes = _parts(found, options)
    records = _records(corpus, found, parts, options, lambda n: say(len(found) + n, 2 * len(found)))
    about = {"recipe": "raft", "questions": len(found), "documents": len({o.record.source for o in found})}
    return written(folder, records, tally, notes, {**about, "options": asdict(options)})


def _made(
    store: Store, own: Sequence[Placed], wanted: int, seed: int, tally: Tally, say: Callable[[int], None]
) -> list[Placed]:
    """Questions made from the passages, spread over the documents, none that a user asked."""
    asked = {same_key(one.record.question) for one in own}
    found: list[Made] = []
    rows = 0
    for one in _in_turn(store, random.Random(seed)) if wanted else ():
        rows += one.row
        if same_key(one.question) not in asked and not (one.row and rows > _ROWS * wanted):
            found.append(one)
            say(min(len(found), wanted))
        if len(found) >= _SPARE * wanted + 1:
            break
    chosen = unambiguous(found, tally)[:wanted]
    return [
        Placed(
            Record(
                f"{one.kind}-{one.passage.id}-{n}",
                one.question,
                (one.passage.text,),
                one.answer,
                one.kind,
                one.passage.document_id,
                one.language,
            ),
            one.passage,
        )
        for n, one in enumerate(chosen)
    ]


def _in_turn(store: Store, draw: random.Random) -> Iterator[Made]:
    """Some questions of a passage of each document, then of each one's next passage; then what is left."""
    waiting: dict[str, list[int]] = defaultdict(list)
    for passage_id, document_id in _owners(store):
        waiting[document_id].append(passage_id)
    order = draw.sample(sorted(waiting), len(waiting))
    for document_id in order:
        draw.shuffle(waiting[document_id])
    left: list[Made] = []
    while any(waiting.values()):
        for document_id in order:
            # Passages that give no question do not cost a document its turn.
            while waiting[document_id]:
                made = [q for s in read_sources(store, [waiting[document_id].pop()]) for q in made_from(s)]
                if made:
                    made = _varied(draw.sample(made, len(made)))
                    yield from made[:_A_TURN]
                    left += made[_A_TURN:]
                    break
    yield from draw.sample(left, len(left))


def _owners(store: Store) -> list[tuple[int, str]]:
    ids = passage_ids(store)
    size = 500
    return [
        (i, passage.document_id)
        for first in range(0, len(ids), size)
        for i, (passage, _, _) in store.passages(ids[first : first + size]).items()
    ]


def _varied(made: Sequence[Made]) -> list[Made]:
    """Of each kind one first, then of each kind another."""
    by_kind: dict[str, list[Made]] = defaultdict(list)
    for one in made:
        by_kind[one.kind].append(one)
    longest = max(map(len, by_kind.values()))
    return [row[n] for n in range(longest) for row in by_kind.values() if n < len(row)]


def _parts(found: Sequence[Placed], options: RaftOptions) -> tuple[list[Part], list[str]]:
    """The part of each question."""
    notes: list[str] = []
    names = [one.record.source or one.record.id for one in found]
    if len(set(names)) < FEWEST:
        documents = len(set(names))
        names = [one.record.passages[0] if one.record.passages else one.record.question for one in found]
        notes.append(
            f"{documents} document{'s' * (documents > 1)} only: split inside, by passage, so what is held "
            "out resembles what is learnt"
        )
    sizes = dict.fromkeys(names, 0)
    for name in names:
        sizes[name] += 1
    own = [name for name, one in zip(names, found, strict=True) if one.record.kind in ("given", "correction")]
    many = len(own) >= _ENOUGH_OWN
    parts = part_groups(
        sizes,
        validation=options.validation,
        heldout=options.heldout,
        seed=options.seed,
        learnt=() if many else set(own),
        asked=set(own) if many else (),
    )
    if len(sizes) < FEWEST:
        notes = [f"only {len(sizes)} passages give questions: nothing can be held out. Add documents"]
    if own and not many and any(parts[name] != "train" for name in own):
        notes.append("some of your own questions are held out: every document has one")
    return [parts[name] for name in names], notes


def _records(
    corpus: Corpus,
    found: Sequence[Placed],
    parts: Sequence[Part],
    options: RaftOptions,
    say: Callable[[int], None],
) -> dict[Part, list[Record]]:
    """Positives and negatives; what is held out is never read in training, not even as a negative."""
    draw = random.Random(options.seed)
    kept_out = {one.record.source for one, part in zip(found, parts, strict=True) if part == "heldout"}
    learnt = {one.record.source for one, part in zip(found, parts, strict=True) if part == "train"}
    closed = kept_out - learnt
    hidden = {
        p for one, part in zip(found, parts, strict=True) if part == "heldout" for p in one.record.passages
    }
    records: dict[Part, list[Record]] = {"train": [], "validation": [], "heldout": []}
    read = [one.passage for one in found if one.passage is not None]
    for n, (one, part) in enumerate(zip(found, parts, strict=True), 1):
        record = one.record
        if part == "heldout":
            records[part].append(record)
        else:
            answers = [record.answer, *record.also] if record.answer else []
            count = options.negatives if record.answer else max(1, options.negatives)
            near = hard_negatives(
                corpus, record.question, answers, one.passage, count + 2, lambda i: i not in closed
            )
            read += near
            texts = [p.text for p in near if p.text not in hidden and p.text not in record.passages][:count]
            made = record.kind not in ("given", "correction")
            records[part] += beside(record, texts, made and draw.random() < options.without)
        say(n)
    return with_titles(records, titles_of(corpus.store, read))
