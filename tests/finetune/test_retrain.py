"""A retraining from data to version, with a tiny real GPT-2 over a real collection."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from finetune.conclude import rule_for
from finetune.dataset import make_data
from finetune.outcome import Outcome, read_outcome
from finetune.plan import Event, Plan
from finetune.records import DataSet, Record
from finetune.registry import Registry
from finetune.retrain import retrain
from finetune.train import TrainOptions
from index.corpus import Corpus
from index.errors import InputError
from index.feedback import Feedback, Remark
from index.types import Document
from rag.causal import CausalGenerator
from rag.generator import load_generator

MakeDocument = Callable[..., Document]
TRAIN = TrainOptions(method="full", learning_rate=3e-3, epochs=12, batch=4, patience=0)
PEOPLE = [
    "Ann Lee",
    "Bob Ray",
    "Cy Young",
    "Di Wu",
    "Ed Fox",
    "Flo Kim",
    "Gus Orr",
    "Hal Pym",
    "Ida Roe",
    "Jo Abt",
]
GENERAL = [
    {"id": "g1", "question": "Who is it?", "answers": ["Max"], "passage": "It is Max."},
    {"id": "g2", "question": "谁？", "answers": [], "passage": "今天下雨。"},
]


@pytest.fixture
def registry(tmp_path: Path, tiny: CausalGenerator) -> Registry:
    """With a version "base": the tiny model, and two general questions of its own."""
    found = Registry(tmp_path / "models")

    def write(target: Path) -> None:
        tiny.model.save_pretrained(target)
        tiny.tokenizer.save(str(target / "tokenizer.json"))
        (target / "general").mkdir()
        lines = [json.dumps(line, ensure_ascii=False) + "\n" for line in GENERAL]
        (target / "general" / "own.jsonl").write_text("".join(lines), "utf-8")

    found.publish("base", {"stop_ids": [0], "calibration": {"threshold": 1.0}}, write)
    return found


@pytest.fixture
def filled(corpus: Corpus, make_document: MakeDocument) -> Corpus:
    corpus.add(
        [
            make_document(f"{name} leads plant {n}. The plant has {n + 20} workers.", f"{n}.md", f"Plant {n}")
            for n, name in enumerate(PEOPLE)
        ]
    )
    return corpus


def run(plan: Plan, folder: Path, corpus: Corpus, registry: Registry, **more: Any) -> list[Event]:
    base = registry.show("base").folder
    return list(retrain(plan, folder=folder, corpus=corpus, registry=registry, base=base, **more))


def outcome(folder: Path) -> Outcome:
    return read_outcome(folder / "outcome.json")


def questions(folder: Path, count: int = 10) -> Path:
    lines = [
        {"question": f"Who leads plant {n}?", "answers": [name], "context": f"{name} leads plant {n}."}
        for n, name in enumerate(PEOPLE[:count])
    ]
    path = folder / "questions.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def test_text_makes_a_version_that_writes_like_it(filled: Corpus, registry: Registry, tmp_path: Path) -> None:
    events = run(Plan("text", name="taught", train=TRAIN, activate=True), tmp_path / "job", filled, registry)
    assert events[-1].data == {
        "status": "published",
        "version": "taught",
        "reasons": list(outcome(tmp_path / "job").verdict.reasons),  # type: ignore[union-attr]
    }
    kinds = {event.kind for event in events}
    assert kinds >= {"stage", "step", "scores", "outcome"}
    told = outcome(tmp_path / "job")
    assert told.status == "succeeded"
    assert told.active
    assert told.parent == "base"
    before, after = told.before["domain"].perplexity, told.after["domain"].perplexity
    assert before is not None
    assert after is not None
    assert after < before / 3
    assert [step.number for step in told.steps] == list(range(1, len(told.steps) + 1))
    assert told.steps[-1].loss < told.steps[0].loss
    assert all(one.before != one.after for one in told.written)
    version = registry.active()
    assert version is not None
    assert version.card["parent"] == "base"
    assert version.card["recipe"]["recipe"] == "text"
    assert version.card["data"] == told.data_hash
    assert (version.folder / "general" / "own.jsonl").read_text("utf-8") == (
        registry.show("base").folder / "general" / "own.jsonl"
    ).read_text("utf-8")
    registry.show("taught", verify=True)
    assert load_generator(version.folder).stop_ids == (0,)
    assert not (tmp_path / "job" / "candidate").exists()


def test_what_is_not_better_is_not_published(filled: Corpus, registry: Registry, tmp_path: Path) -> None:
    small = replace(TRAIN, learning_rate=1e-9, epochs=1)
    events = run(Plan("text", name="same", train=small), tmp_path / "job", filled, registry)
    assert events[-1].data["status"] == "not_better"
    assert "less was asked for" in events[-1].data["reasons"][0]
    assert [one.name for one in registry.versions()] == ["base"]
    assert outcome(tmp_path / "job").status == "not_better"


def test_the_next_training_from_the_same_model_asks_the_general_questions_once(
    filled: Corpus, registry: Registry, tmp_path: Path
) -> None:
    small = replace(TRAIN, learning_rate=1e-9, epochs=1)
    asked = []
    for name in ("first", "second"):
        run(
            Plan("qa", files=(str(questions(tmp_path)),), name=name, train=small),
            tmp_path / name,
            filled,
            registry,
        )
        lines = (tmp_path / name / "before.jsonl").read_text("utf-8").splitlines()
        asked.append([line for line in lines if json.loads(line)["set"] == "general"])
    assert len(asked[0]) == len(GENERAL)
    assert asked[0] == asked[1]  # with the seconds that they took


def test_stopped_it_goes_on_to_the_same_end(filled: Corpus, registry: Registry, tmp_path: Path) -> None:
    plan = Plan("text", name="whole", train=TRAIN)
    run(plan, tmp_path / "whole", filled, registry)
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked >= 9

    folder, plan = tmp_path / "broken", replace(plan, name="broken")
    stops = 0
    while run(plan, folder, filled, registry, stop=stop)[-1].data["status"] == "stopped":
        stops, asked = stops + 1, 0
        assert stops < 40
    assert stops > 1
    whole, broken = outcome(tmp_path / "whole"), outcome(folder)
    assert [step.loss for step in whole.steps] == [step.loss for step in broken.steps]
    assert whole.after["domain"].perplexity == broken.after["domain"].perplexity
    weights = [
        (registry.show(name).folder / "model.safetensors").read_bytes() for name in ("whole", "broken")
    ]
    assert weights[0] == weights[1]


def test_questions_with_their_answers(filled: Corpus, registry: Registry, tmp_path: Path) -> None:
    plan = Plan("qa", name="asked", files=(str(questions(tmp_path)),), train=replace(TRAIN, epochs=2))
    events = run(plan, tmp_path / "job", filled, registry)
    told = outcome(tmp_path / "job")
    assert told.counts["heldout"] >= 1
    assert told.before.keys() == told.after.keys() == {"domain", "general"}
    assert told.before["domain"].questions == told.counts["heldout"]
    assert told.answers
    assert events[-1].data["status"] == "not_better"  # a handful of questions tells nothing
    assert "too few" in events[-1].data["reasons"][0]


def test_questions_about_texts_that_are_not_in_the_collection_are_asked_with_their_texts(
    corpus: Corpus, registry: Registry, tmp_path: Path
) -> None:
    small = replace(TRAIN, learning_rate=1e-9, epochs=1)
    run(Plan("qa", files=(str(questions(tmp_path)),), train=small), tmp_path / "job", corpus, registry)
    lines = map(json.loads, (tmp_path / "job" / "before.jsonl").read_text("utf-8").splitlines())
    given = [line["given"] for line in lines if line["set"] == "domain"]
    assert given
    for one in given:  # some words of "Ann Lee leads plant 0.", and where they stand
        assert one["text"]
        assert one["true_citations"] == one["citations"] >= 1


@pytest.mark.parametrize("recipe", ["qa", "raft"])
def test_an_exam_of_my_own_is_never_learnt_and_judges_the_version(
    filled: Corpus, registry: Registry, tmp_path: Path, recipe: Any
) -> None:
    file, exam = questions(tmp_path), tmp_path / "exam.jsonl"
    lines = [
        {"question": "Who leads plant 3?", "answers": ["Di Wu"], "documents": ["3.md"]},
        {"question": "Who leads the plant at the harbour?", "answers": ["Zoe"], "context": "Zoe leads it."},
        {"question": "How old is plant 4?", "answers": []},
        {"question": "Who leads plant 5?", "answers": ["Nobody of this name"]},
    ]
    exam.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    plan = Plan(recipe, files=(str(file),), exam=(str(exam),), train=replace(TRAIN, epochs=1), name="judged")
    run(plan, tmp_path / "job", filled, registry)
    data = DataSet.read(tmp_path / "job" / "data")
    assert [record.question for record in data.heldout] == [line["question"] for line in lines[:3]]
    learnt = {record.question for record in (*data.train, *data.validation)}
    assert "Who leads plant 4?" in learnt
    assert "Who leads plant 3?" not in learnt
    reasons = {one.reason: one.count for one in data.dropped}
    assert reasons["its answer stands in no passage that was found"] == 1
    assert reasons["a question of the exam"] >= 1
    assert outcome(tmp_path / "job").before["domain"].questions == 3
    assert not (tmp_path / "job" / ".making-data").exists()


def test_an_exam_takes_the_place_of_what_prepared_data_held_out(
    filled: Corpus, registry: Registry, tmp_path: Path
) -> None:
    exam = tmp_path / "exam.jsonl"
    exam.write_text(json.dumps({"question": "Who leads plant 3?", "answers": ["Di Wu"]}), "utf-8")
    deque(make_data(Plan("raft"), tmp_path / "given", filled, lambda: None), maxlen=0)
    given = DataSet.read(tmp_path / "given")
    plan = Plan("raft", data=str(tmp_path / "given"), exam=(str(exam),))
    deque(make_data(plan, tmp_path / "data", filled, lambda: None), maxlen=0)
    assert [one.question for one in DataSet.read(tmp_path / "data").heldout] == ["Who leads plant 3?"]
    assert DataSet.read(tmp_path / "given").hash == given.hash


def test_a_folder_beside_the_data_is_nobody_s_to_remove(filled: Corpus, tmp_path: Path) -> None:
    exam, mine = tmp_path / "exam.jsonl", tmp_path / "data-drawn" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine", "utf-8")
    plan = Plan("raft", exam=(str(exam),))
    exam.write_text(json.dumps({"question": "Who?", "answers": ["Nobody of this name"]}), "utf-8")
    with pytest.raises(InputError, match="no question of the exam"):
        deque(make_data(plan, tmp_path / "data", filled, lambda: None), maxlen=0)
    before = {one.name for one in tmp_path.iterdir()}
    assert not {"data", ".making-data"} & before
    exam.write_text(json.dumps({"question": "Who leads plant 3?", "answers": ["Di Wu"]}), "utf-8")
    deque(make_data(plan, tmp_path / "data", filled, lambda: None), maxlen=0)
    assert mine.read_text("utf-8") == "mine"
    assert {one.name for one in tmp_path.iterdir()} == before | {"data"}


@pytest.mark.parametrize(
    ("recipe", "line", "message"),
    [
        ("text", {"question": "Who?", "answers": ["Max"]}, "qa and raft"),
        ("qa", {"question": "Who?", "answers": ["Nobody of this name"]}, "no question of the exam"),
        ("qa", {"question": "Who?"}, "no question of the exam"),
    ],
)
def test_an_exam_that_cannot_be_asked(
    filled: Corpus, registry: Registry, tmp_path: Path, recipe: Any, line: Any, message: str
) -> None:
    exam = tmp_path / "exam.jsonl"
    exam.write_text(json.dumps(line), "utf-8")
    plan = Plan(recipe, files=(str(questions(tmp_path)),), exam=(str(exam),), train=TRAIN)
    with pytest.raises(InputError, match=message):
        run(plan, tmp_path / "job", filled, registry)
    assert not (tmp_path / "job" / "data").exists()


@pytest.mark.parametrize(
    ("recipe", "kind", "most"), [("raft", "cloze", 0.01), ("raft", "given", 0.03), ("text", "text", 0.03)]
)
def test_questions_that_were_made_allow_less_forgetting(recipe: Any, kind: Any, most: float) -> None:
    answer = "" if kind == "text" else "Max"
    record = Record("1", "" if kind == "text" else "Who is it?", ("It is Max.",), answer, kind)
    assert rule_for(Plan(recipe), DataSet(Path(), (record,), (), (record,))).most == most


def test_all_questions_in_the_exam(filled: Corpus, registry: Registry, tmp_path: Path) -> None:
    file = str(questions(tmp_path))
    with pytest.raises(InputError, match="every question that could be learnt"):
        run(Plan("qa", files=(file,), exam=(file,), train=TRAIN), tmp_path / "job", filled, registry)


def test_data_may_be_made_before_and_edited(filled: Corpus, registry: Registry, tmp_path: Path) -> None:
    plan = Plan("text", name="first", train=replace(TRAIN, epochs=1))
    run(plan, tmp_path / "job", filled, registry)
    data = tmp_path / "job" / "data"
    kept = (data / "train.jsonl").read_text("utf-8").splitlines()[:2]
    (data / "train.jsonl").write_text("\n".join(kept) + "\n", "utf-8")
    again = replace(plan, name="second", data=str(data))
    run(again, tmp_path / "again", filled, registry)
    assert outcome(tmp_path / "again").counts["train"] == 2
    assert outcome(tmp_path / "again").data_hash != outcome(tmp_path / "job").data_hash


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "empty"),
        (['{"question": "Who?", "answers": ["Zoe"], "context": "Nobody is named."}'] * 3, "answer"),
        (["not json"], "line 1"),
    ],
)
def test_data_that_teaches_nothing_is_named(
    corpus: Corpus, registry: Registry, tmp_path: Path, lines: list[str], message: str
) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    plan = Plan("qa", files=(str(path),), train=TRAIN)
    with pytest.raises(InputError, match=message):
        run(plan, tmp_path / "job", corpus, registry)
    assert not (tmp_path / "job" / "data").exists()


@pytest.mark.parametrize("recipe", ["text", "raft"])
def test_an_empty_collection(corpus: Corpus, registry: Registry, tmp_path: Path, recipe: Any) -> None:
    with pytest.raises(InputError, match="empty"):
        run(Plan(recipe, train=TRAIN), tmp_path / "job", corpus, registry)


def test_a_name_that_is_taken_is_told_first(filled: Corpus, registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="base"):
        run(Plan("text", name="base", train=TRAIN), tmp_path / "job", filled, registry)
    assert not (tmp_path / "job" / "data").exists()


def test_a_correction_is_learnt_as_long_as_its_document_is_there(filled: Corpus, tmp_path: Path) -> None:
    store = filled.store
    ids = {name: store.document_ids(f"{n}.md")[0] for n, name in enumerate(PEOPLE)}
    for name in ("Ann Lee", "Bob Ray"):
        words = store.document(ids[name]).text
        Feedback(store).add(Remark(f"Is {name} there?", "No", "wrong", name, ids[name], words))
    store.remove([ids["Bob Ray"]])
    deque(make_data(Plan("raft", questions=4), tmp_path / "data", filled, lambda: None), maxlen=0)
    data = DataSet.read(tmp_path / "data")
    text = " ".join(
        " ".join(one.passages) + one.answer for one in (*data.train, *data.validation, *data.heldout)
    )
    assert "Ann Lee" in text
    assert "Bob Ray" not in text


def test_a_search_of_hyper_parameters_comes_first(filled: Corpus, registry: Registry, tmp_path: Path) -> None:
    plan = Plan("text", name="found", train=replace(TRAIN, epochs=1), search_seconds=6)
    run(plan, tmp_path / "job", filled, registry)
    told = outcome(tmp_path / "job")
    assert told.trials
    assert told.plan["train"]["learning_rate"] in [one.options["learning_rate"] for one in told.trials]
