"""An exam of the user's own: questions that are never learnt, by which the version is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from finetune.cleaning import Tally, same_key
from finetune.domain_text import explained
from finetune.own import placed, read_own
from finetune.records import DataSet, Record
from index.corpus import Corpus
from index.errors import InputError


def with_exam(data: DataSet, files: Sequence[Path], corpus: Corpus, folder: Path) -> DataSet:
    """A data set, written to `folder`, that holds out the questions of `files` and nothing else.

    They are asked over the collection; those about a text that it does not hold, beside that text. What is
    learnt loses the questions that are asked there word for word.

    Args:
        files: as `rag.question_rows` reads them.

    Raises:
        InputError: a file cannot be read, none of its questions can be asked, or nothing is left to learn.
        StorageFull: it cannot be written.
    """
    tally = Tally()
    own = [
        replace(one, id=f"{n}-{one.id}" if n else one.id, kind="given")
        for n, path in enumerate(files)
        for one in read_own(path, tally)
    ]
    asked = [one.record for one in placed(own, corpus if corpus.store.passage_count() else None, tally)]
    named = ", ".join(map(str, files))
    if not asked:
        raise InputError(f"no question of the exam ({named}) can be asked{explained(tally.dropped())}")
    keys = {same_key(one.question) for one in asked}

    def learnt(records: Sequence[Record]) -> tuple[Record, ...]:
        kept = []
        for one in records:
            if one.question and same_key(one.question) in keys:
                tally.drop("a question of the exam", one.question)
            else:
                kept.append(one)
        return tuple(kept)

    train, validation = learnt(data.train), learnt(data.validation)
    if not train:
        raise InputError(f"every question that could be learnt is one of the exam ({named}): give others")
    made = {**data.made, "exam": len(asked)}
    dropped = (*data.dropped, *tally.dropped())
    found = replace(
        data,
        folder=folder,
        train=train,
        validation=validation,
        heldout=tuple(asked),
        dropped=dropped,
        made=made,
    )
    found.write()
    return found
