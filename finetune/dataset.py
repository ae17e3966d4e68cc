"""The data set of a plan: one that is given, or one that its recipe makes, told about while it is made."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from time import monotonic

from finetune.domain_text import documents_of, make_text
from finetune.own import from_remarks, read_own
from finetune.own_exam import with_exam
from finetune.plan import Event, Plan
from finetune.qa import Progress, QaOptions, make_qa
from finetune.raft import RaftOptions, make_raft
from finetune.records import DataSet
from index.corpus import Corpus
from index.errors import InputError
from index.feedback import Feedback

_TELL_SECONDS = 1.0


def make_data(
    plan: Plan, folder: Path, corpus: Corpus, check: Callable[[], None]
) -> Generator[Event, None, DataSet]:
    """The data set in `folder`, made there unless it is whole already.

    Args:
        check: called often; what it raises ends the work, and nothing half-made stays.

    Raises:
        InputError: there is nothing to make it of; a given one cannot be read.
        StorageFull: it cannot be written.
    """
    if plan.exam and plan.recipe == "text":
        raise InputError("an exam is of questions with answers: for recipes qa and raft")
    if folder.exists():
        return DataSet.read(folder)
    if not plan.exam:
        return (yield from _drawn(plan, folder, corpus, check))
    work = folder.with_name(f".making-{folder.name}")
    shutil.rmtree(work, ignore_errors=True)  # of a run that was killed, perhaps for another plan
    try:
        data = yield from _drawn(plan, work, corpus, check)
        return with_exam(data, [Path(file) for file in plan.exam], corpus, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _drawn(
    plan: Plan, folder: Path, corpus: Corpus, check: Callable[[], None]
) -> Generator[Event, None, DataSet]:
    """Without the plan's exam."""
    if plan.data:
        replace(DataSet.read(Path(plan.data)), folder=folder).write()
        return DataSet.read(folder)
    return (yield from _told(lambda progress: _made(plan, folder, corpus, progress), check))


def _made(plan: Plan, folder: Path, corpus: Corpus, progress: Progress) -> DataSet:
    files = [Path(file) for file in plan.files]
    if plan.recipe == "text":
        if not files and not corpus.store.passage_count():
            raise InputError("the collection is empty: add documents, or name files to learn from")
        return make_text(folder, files or list(documents_of(corpus.store)))
    if plan.recipe == "qa":
        own = corpus if corpus.store.passage_count() else None
        qa = QaOptions(seed=plan.train.seed)
        return make_qa(folder, files, replace(qa, heldout=0.0) if plan.exam else qa, own, progress)
    given = [one for file in files for one in read_own(file)]
    # Their words are looked for in the collection: what was removed from it is not learnt any more.
    remarks = from_remarks(Feedback(corpus.store).list())
    there = [one for one in remarks if all(map(corpus.store.document_ids, one.documents))]
    asked = [*given, *(replace(one, passage="") for one in there)]
    raft = RaftOptions(questions=plan.questions, seed=plan.train.seed)
    return make_raft(corpus, folder, replace(raft, heldout=0.0) if plan.exam else raft, asked, progress)


def _told(work: Callable[[Progress], DataSet], check: Callable[[], None]) -> Generator[Event, None, DataSet]:
    """Run `work` in a thread of its own, and tell how far it is about once a second."""
    made: Queue[DataSet | BaseException | tuple[int, int]] = Queue()
    ended: list[BaseException] = []

    def progress(done: int, of: int) -> None:
        if ended:
            raise ended[0]
        made.put((done, of))

    def run() -> None:
        try:
            made.put(work(progress))
        except BaseException as error:  # noqa: BLE001 - raised again below, in the thread that asked
            made.put(error)

    thread = Thread(target=run, name="data", daemon=True)
    thread.start()
    told = monotonic()
    while True:
        try:
            check()
        except BaseException as error:
            ended.append(error)
            thread.join()
            raise
        try:
            found = made.get(timeout=0.2)
        except Empty:
            continue
        if isinstance(found, DataSet):
            return found
        if isinstance(found, BaseException):
            raise found
        if monotonic() - told > _TELL_SECONDS:
            told = monotonic()
            yield Event("stage", "data", {"done": found[0], "of": found[1]})
