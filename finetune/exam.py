"""The questions that a model is asked before and after its training, kept as they are answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

import torch
from pydantic import TypeAdapter, ValidationError

from finetune.align import under
from finetune.evaluate import Scores, fit_calibration, perplexity, score_questions, scores_of
from finetune.examples import to_examples
from finetune.gate import DOMAIN
from finetune.general import GeneralQuestion, read_beside, score_general
from finetune.outcome import Written
from finetune.plan import Event
from finetune.records import DataSet, Record
from index.corpus import Corpus
from index.errors import QuestionError
from index.language import sentences
from rag.answer_scores import Given, Marked, mark
from rag.calibration import Calibration
from rag.decoding import GenerateOptions
from rag.engine import Engine
from rag.expected import Expected
from rag.generator import Generator as LanguageModel
from rag.generator import load_generator
from rag.write import checked_prompt, write_all

GENERAL = "general"
_ENOUGH = 40
"""Questions of people, not of rules, from which a calibration is fitted."""
_TELL_SECONDS = 1.0
_PROMPTS = 4
_PROMPT_CHARACTERS = 60
_GIVEN = TypeAdapter(Given)


@dataclass(frozen=True, slots=True)
class Told:
    """What a model said."""

    scores: dict[str, Scores]
    """By set: `DOMAIN`, and the general one."""
    rows: tuple[Marked, ...]
    """The domain's questions, answered."""
    written: tuple[Written, ...]
    """How it writes on; "after" is empty."""
    threshold: float
    general: tuple[Marked, ...]
    """The general questions, under the calibration that the model came with."""
    calibration: Calibration
    """Under which the scores are."""


Calibrate = Callable[[Sequence[Marked]], Calibration]
"""The general questions, answered -> how sure the model's odds are."""


def load(folder: Path, cache: Path) -> LanguageModel:
    """The model as it answers, with as many threads as training has."""
    return load_generator(folder, cache=cache, threads=torch.get_num_threads())


def ask(
    generator: LanguageModel,
    corpus: Corpus,
    data: DataSet,
    general: Sequence[GeneralQuestion],
    file: Path,
    check: Callable[[], None],
    calibrate: Calibrate | None = None,
) -> Generator[Event, None, Told]:
    """Ask the general questions, and then what is held out.

    Args:
        calibrate: says how sure the model is from then on; None: as its card does.
        file: JSON lines of what was answered already, which is not asked again.
        check: called before each question; what it raises ends the work.
    """
    domain = [_expected(record) for record in data.heldout if record.kind != "text"]
    kept, by_id = _Kept(file), {one.id: one for one in general}
    of = len(domain) + len(general)
    told, done = monotonic(), 0
    asked: list[Marked] = []
    answered: list[Marked] = []
    for name, rows, questions, answer in (
        (
            GENERAL,
            asked,
            [Expected(one.id, one.text, one.answers) for one in general],
            lambda left: score_general(generator, [by_id[one.id] for one in left]),
        ),
        (DOMAIN, answered, domain, lambda left: _asked(generator, corpus, data.heldout, left)),
    ):
        if name == DOMAIN and calibrate is not None:
            own, generator.calibration = generator.calibration, calibrate(asked)
            asked_under = under(asked, own, generator.calibration)
        elif name == DOMAIN:
            asked_under = asked
        for row in kept.answered(name, questions, answer):
            check()
            rows.append(row)
            done += 1
            if monotonic() - told > _TELL_SECONDS:
                told = monotonic()
                yield Event("stage", f"questions: {name}", {"done": done, "of": of})
    threshold = generator.calibration.threshold
    texts = [record for record in data.heldout if record.kind == "text"]
    examples = to_examples(generator, texts).examples if texts else ()
    measured = perplexity(generator, examples) if examples else None
    scores = {
        DOMAIN: scores_of(answered, threshold, measured),
        GENERAL: scores_of(asked_under, threshold),
    }
    written = tuple(_written(generator, data))
    return Told(scores, tuple(answered), written, threshold, tuple(asked), generator.calibration)


def calibrated(
    generator: LanguageModel, corpus: Corpus, data: DataSet, file: Path, check: Callable[[], None]
) -> Generator[Event, None, Calibration | None]:
    """How sure the model's odds are, by validation questions that people asked; None: too few of them.

    Questions made by rules are easier than people's, and would make it too sure of itself.
    """
    asked = [record for record in data.validation if record.kind in ("given", "correction")]
    if len(asked) < _ENOUGH:
        return None
    questions = [_expected(record) for record in asked]
    rows, told = [], monotonic()
    for row in _Kept(file).answered(DOMAIN, questions, lambda left: _asked(generator, corpus, asked, left)):
        check()
        rows.append(row)
        if monotonic() - told > _TELL_SECONDS:
            told = monotonic()
            yield Event("stage", "calibration", {"done": len(rows), "of": len(asked)})
    return fit_calibration(rows, generator.calibration)


def _asked(
    generator: LanguageModel, corpus: Corpus, records: Sequence[Record], left: Sequence[Expected]
) -> Iterator[Marked]:
    """Each question put to the collection; beside its own text where the collection does not hold that."""
    engine, by_id = Engine(corpus, generator), {record.id: record for record in records}
    for one in left:
        record = by_id[one.id]
        if record.passages and not corpus.store.document_ids(record.source):
            try:
                title = record.titles[0] if record.titles else ""
                yield read_beside(generator, one, record.passages[0], title=title)
            except QuestionError:  # too long for the window
                yield mark(one, Given("", 0.0, silent=True))
        else:
            yield from score_questions(engine, [one])


class _Kept:
    """Answers in a file of JSON lines."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._given: dict[tuple[str, str], Given] = {}
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        for line in lines:
            try:
                row = json.loads(line)
                self._given[row["set"], row["id"]] = _GIVEN.validate_python(row["given"])
            except (ValueError, KeyError, TypeError, ValidationError):  # a kill cut it off
                continue
        if lines:
            file.write_text("".join(self._line(*key, given) for key, given in self._given.items()), "utf-8")

    def answered(
        self, name: str, questions: list[Expected], answer: Callable[[list[Expected]], Iterator[Marked]]
    ) -> Iterator[Marked]:
        """All of them, those that are not in the file answered now, in their order."""
        fresh = answer([one for one in questions if (name, one.id) not in self._given])
        for one in questions:
            given = self._given.get((name, one.id))
            if given is not None:
                yield mark(one, given)
                continue
            row = next(fresh)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(self._line(name, one.id, row.given))
            yield row

    @staticmethod
    def _line(name: str, id_: str, given: Given) -> str:
        return json.dumps({"set": name, "id": id_, "given": asdict(given)}, ensure_ascii=True) + "\n"


def _expected(record: Record) -> Expected:
    answers = (record.answer, *record.also) if record.answer else ()
    documents = frozenset({record.source}) if record.source else frozenset[str]()
    return Expected(record.id, record.question, answers, documents, record.kind)


def _written(generator: LanguageModel, data: DataSet) -> Iterator[Written]:
    """How the model goes on from the beginnings of some texts, held out and learnt."""
    texts = [record.passages[0] for record in (*data.heldout, *data.train) if record.kind == "text"]
    for text in texts[:_PROMPTS]:
        first = next((text[a:b] for a, b in sentences(text)), "")
        prompt = first[: min(_PROMPT_CHARACTERS, max(1, len(first) // 2))]
        try:
            ids = checked_prompt(generator, prompt).ids
        except QuestionError:
            continue
        yield Written(prompt, write_all(generator, ids, GenerateOptions(max_length=48))[0], "")
