"""A retraining from beginning to end: data, scores, training, scores, the gate, a version.

It works in a folder of its own and can be killed at any moment: asked again with the same folder it goes on
where it was. The disk is all that it shares with what answers questions meanwhile.

    data/           the data set           before.jsonl, after.jsonl   what was answered
    checkpoints/    of the training        candidate/                  what was trained, until it is published
    progress.json   what was decided, and how long each stage took
    training.jsonl  steps and validations  outcome.json                how it ended
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from finetune.align import aligned
from finetune.base import load_base, save_model
from finetune.conclude import Conclusion, card_of, copy_of, outcome_of, rule_for
from finetune.dataset import make_data
from finetune.evaluate import Scores, card_scores
from finetune.exam import GENERAL, Calibrate, Told, ask, calibrated, load
from finetune.examples import Example, to_examples
from finetune.gate import judge
from finetune.general import general_questions
from finetune.journal import Journal, peak_memory
from finetune.outcome import Trial, write_outcome
from finetune.plan import Event, Plan
from finetune.recalled import place_of, recall, remember
from finetune.records import DataSet
from finetune.registry import Registry, Version
from finetune.train import Step, TrainOptions, prepare, train
from finetune.tune import best, search
from index.corpus import Corpus
from rag.answer_scores import Marked
from rag.calibration import Calibration
from rag.card import CARD, read_card, write_card
from rag.generator import Generator as LanguageModel

Stop = Callable[[], bool]
_INHERITED: tuple[str, ...] = ("stop_ids", "window", "prompt", "licences", "calibration")
"""What a version's card takes over from its base's."""


class _Stopped(Exception):
    """Somebody asked to stop; all that was done is on disk."""


def retrain(
    plan: Plan,
    *,
    folder: Path,
    corpus: Corpus,
    registry: Registry,
    base: Path,
    stop: Stop = lambda: False,
) -> Iterator[Event]:
    """Run a plan in `folder`, or go on with it.

    Args:
        base: folder of the model that is trained further.
        stop: asked often; what was done stays for the next time.

    Yields:
        What happens; the last event is the "outcome", whose data has "status" ("published", "not_better",
        "stopped"), "version" and "reasons".

    Raises:
        InputError: nothing can be learnt from the data, or the loss is no number; says what to do.
        BrokenModel: the base cannot be used.
        StorageFull: no room.
    """
    work = _Retraining(plan, folder, corpus, registry, base, stop)
    try:
        yield from work.run()
    except _Stopped:
        data: dict[str, Any] = {"status": "stopped", "version": None, "reasons": []}
        yield Event("outcome", "stopped; started again it goes on from here", data)


class _Retraining:
    def __init__(
        self, plan: Plan, folder: Path, corpus: Corpus, registry: Registry, base: Path, stop: Stop
    ) -> None:
        self._folder = folder
        self._corpus = corpus
        self._registry = registry
        self._base = base
        self._stop = stop
        folder.mkdir(parents=True, exist_ok=True)
        self._journal = Journal(folder)
        name = plan.name or self._journal.decided("name", _name(plan))
        self._plan = replace(plan, name=name)
        self._parent = _version_of(base, registry)
        self._warnings: list[str] = []

    def run(self) -> Iterator[Event]:
        if not (self._folder / "candidate" / CARD).is_file():
            self._registry.require_free(self._plan.name)
        data: DataSet = yield from self._data()
        generator = load(self._base, self._registry.folder)
        questions, file = general_questions(self._parent), self._folder / "before.jsonl"
        known = place_of(self._registry.folder, self._base, generator.runtime, questions)
        new = recall(known, file)
        before = yield from self._score("before", "scores before", generator, data)
        if new:
            remember(known, file, GENERAL)
        del generator  # its memory is needed for training
        candidate = self._folder / "candidate"
        if not (candidate / CARD).is_file():
            yield from self._train(data, candidate)
        generator = load(candidate, self._folder)
        fitted = yield from calibrated(
            generator, self._corpus, data, self._folder / "validation.jsonl", self._checked
        )
        current = generator.calibration

        def calibrate(asked: Sequence[Marked]) -> Calibration:
            return fitted or aligned(before.general, asked, current)

        after = yield from self._score("after", "scores after", generator, data, calibrate)
        del generator
        yield from self._judge(data, before, after, candidate)

    # -- stages ----------------------------------------------------------------------------------------

    def _data(self) -> Generator[Event, None, DataSet]:
        with self._journal.stage("data"):
            yield Event("stage", "data")
            data: DataSet = yield from make_data(
                self._plan, self._folder / "data", self._corpus, self._checked
            )
        counts = data.counts()
        told = ", ".join(f"{sum(kinds.values())} {part}" for part, kinds in counts.items())
        yield Event("stage", f"data: {told} ({self._folder / 'data'})", {"counts": counts})
        for note in data.notes:
            yield self._warned(note)
        return data

    def _score(
        self,
        name: str,
        title: str,
        generator: LanguageModel,
        data: DataSet,
        calibrate: Calibrate | None = None,
    ) -> Generator[Event, None, Told]:
        with self._journal.stage(title):
            yield Event("stage", title)
            questions = general_questions(self._parent)
            told = yield from ask(
                generator,
                self._corpus,
                data,
                questions,
                self._folder / f"{name}.jsonl",
                self._checked,
                calibrate,
            )
        message = "; ".join(f"{key}: {_in_words(scores)}" for key, scores in told.scores.items())
        yield Event("scores", f"{title}: {message}", {"when": name, "scores": card_scores(told.scores)})
        return told

    def _train(self, data: DataSet, target: Path) -> Iterator[Event]:
        generator = load_base(self._base)
        learnt = to_examples(generator, data.train, self._plan.train.row)
        held = to_examples(generator, data.validation, self._plan.train.row) if data.validation else None
        for one in learnt.left_out:
            yield self._warned(f"{one.count} records are not learnt: {one.reason}")
        validation = held.examples if held else ()
        options = self._plan.train
        if self._plan.seconds:
            options = replace(options, seconds=self._plan.seconds)
        if self._plan.search_seconds:
            options = yield from self._search(generator.model, learnt.examples, validation, options)
        with self._journal.stage("training"):
            yield Event("stage", "training", {"examples": len(learnt.examples), "options": asdict(options)})
            model = prepare(generator.model, options)
            for told in train(
                model,
                learnt.examples,
                options,
                validation=validation,
                checkpoints=self._folder / "checkpoints",
                stop=self._stop,
            ):
                self._journal.trained(told)
                yield _step_event(told)
        self._checked()
        self._journal.decide("memory", max(peak_memory(), self._journal.get("memory", 0)))
        shutil.rmtree(target, ignore_errors=True)
        save_model(generator, model, target)
        own = read_card(self._base)
        kept: dict[str, Any] = {key: own[key] for key in _INHERITED if key in own}
        card = {"stop_ids": list(generator.stop_ids), "window": generator.window, **kept}
        write_card(target, {**card, "version": self._plan.name})

    def _search(
        self, model: Any, examples: Sequence[Example], validation: Sequence[Example], options: TrainOptions
    ) -> Generator[Event, None, TrainOptions]:
        decided = self._journal.get("options")
        if decided:
            return TrainOptions(**decided)
        with self._journal.stage("search"):
            yield Event("stage", "search for hyper-parameters")
            trials = []
            for trial in search(
                model, examples, validation, options, seconds=self._plan.search_seconds, stop=self._stop
            ):
                trials.append(trial)
                told = asdict(trial.options)
                changed = {k: v for k, v in told.items() if v != asdict(options)[k]}
                shown = ", ".join(f"{k} {v:g}" for k, v in changed.items()) or "as given"
                yield Event("step", f"trial {trial.number}: {shown}: loss {trial.loss:.3f}", {"trial": told})
        self._checked()
        found = replace(best(trials), seconds=options.seconds)
        tried = [Trial({**asdict(t.options)}, None if t.pruned else t.loss, t.seconds) for t in trials]
        self._journal.decide("trials", [asdict(one) for one in tried])
        self._journal.decide("options", asdict(found))
        return found

    def _judge(self, data: DataSet, before: Told, after: Told, candidate: Path) -> Iterator[Event]:
        rule = rule_for(self._plan, data)
        verdict = judge(before.scores, after.scores, rule)
        end = Conclusion(self._plan, data, before, after, verdict, self._parent, self._base)
        version: Version | None = None
        if verdict.better:
            version = self._published(card_of(end, read_card(candidate)), candidate)
            if self._plan.activate:
                # What its runtime needs is made here, so that a server's swap only has to open it.
                load(version.folder, self._registry.folder)
                version = self._registry.activate(version.name)
        outcome = outcome_of(end, version, self._journal, self._warnings)
        write_outcome(self._folder / "outcome.json", outcome)
        shutil.rmtree(candidate, ignore_errors=True)
        shutil.rmtree(self._folder / "onnx", ignore_errors=True)
        said = f"published as {version.name}" if version else "not better: nothing was published"
        status = "published" if version else "not_better"
        told = {"status": status, "version": version and version.name, "reasons": list(verdict.reasons)}
        yield Event("outcome", said, told)

    def _published(self, card: dict[str, Any], candidate: Path) -> Version:
        """The version; a kill may have come between its last moment and ours."""
        there = {one.name: one for one in self._registry.versions()}.get(self._plan.name)
        if there and all(there.card.get(key) == card[key] for key in ("data", "recipe")):
            return there
        return self._registry.publish(self._plan.name, card, copy_of(candidate))

    # -- small things ----------------------------------------------------------------------------------

    def _checked(self) -> None:
        """Raises _Stopped when that was asked for."""
        if self._stop():
            raise _Stopped

    def _warned(self, text: str) -> Event:
        self._warnings.append(text)
        return Event("warning", text)


def _name(plan: Plan) -> str:
    return f"{plan.recipe}-{datetime.now(UTC):%Y%m%d-%H%M%S}"


def _version_of(base: Path, registry: Registry) -> Version | None:
    """The version whose folder `base` is; None: a base of another sort."""
    return next((one for one in registry.versions() if one.folder.resolve() == base.resolve()), None)


def _step_event(told: Any) -> Event:
    if isinstance(told, Step):
        message = f"step {told.number} of {told.of}: loss {told.loss:.3f}"
        more = {"tokens_per_second": told.tokens_per_second, "seconds_left": told.seconds_left}
        return Event("step", message, {**asdict(told), **more})
    best_ = ", the best so far" if told.best else ""
    return Event(
        "validation", f"validation after step {told.step}: loss {told.loss:.3f}{best_}", asdict(told)
    )


def _in_words(scores: Scores) -> str:
    if not scores.questions:
        return f"perplexity {scores.perplexity:,.2f}" if scores.perplexity is not None else "nothing held out"
    return (
        f"{scores.questions} questions, exact match {scores.exact_at:.1%}, F1 {scores.f1_at:.1%}, "
        f"answered {scores.answered:.1%}"
    )
