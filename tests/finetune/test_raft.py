from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from finetune.cleaning import Tally
from finetune.domain_text import TextOptions, documents_of, make_text
from finetune.negatives import Nearest, hard_negatives
from finetune.own import OwnQuestion, from_remarks, placed, read_own
from finetune.parting import part_groups
from finetune.qa import QaOptions, beside, make_qa
from finetune.raft import RaftOptions, make_raft
from finetune.records import DataSet, Record
from index.corpus import Corpus
from index.errors import InputError
from index.feedback import Feedback, Remark
from index.types import Document
from rag.expected import read_expected
from rag.needs import plain

TOWNS = ["Linhai", "Qinghe", "Mingze", "Wenling", "Suzhou", "Hefei", "Wuxi", "Ningbo"]
PUMPS = ["A-80", "B-200", "B-350", "C-8", "D-12", "E-40", "F-10", "F-30"]


def english(n: int) -> str:
    town, pump = TOWNS[n], PUMPS[n]
    return (
        f"The {town} plant opened in March 20{n + 10}. The {pump} is assembled at the {town} plant by "
        f"{n + 20} fitters.\n\n## Care\n\nThe {pump} needs new seals every {n + 2} years. "
        f"The {pump} is stored in Hall {n + 3}."
    )


def chinese(n: int) -> str:
    return (
        f"第{n}水泵厂于200{n}年成立，厂长是陈光。第{n}水泵厂共有{n + 20}名员工。\n\n"
        f"## 产品\n\n第{n}水泵厂主要生产B-{n}00水泵，每年生产{n + 30}台。"
    )


@pytest.fixture
def filled(corpus: Corpus) -> Corpus:
    """Sixteen documents, half of them Chinese."""
    corpus.add(
        [Document(f"en{n}", f"{TOWNS[n]} plant", english(n), f"en{n}.md") for n in range(8)]
        + [Document(f"zh{n}", f"第{n}水泵厂", chinese(n), f"zh{n}.md") for n in range(8)]
    )
    return corpus


def documents(records: tuple[Record, ...]) -> set[str]:
    return {record.source for record in records}


def positives(records: tuple[Record, ...]) -> list[Record]:
    return [record for record in records if record.answer]


# -- raft ----------------------------------------------------------------------------------------------


def test_raft_makes_questions_of_both_languages_split_by_document(filled: Corpus, tmp_path: Path) -> None:
    done: list[tuple[int, int]] = []
    data = make_raft(
        filled, tmp_path / "d", RaftOptions(questions=80), progress=lambda a, b: done.append((a, b))
    )
    assert DataSet.read(tmp_path / "d") == data
    assert {r.language for r in data.train} == {"en", "zh"}
    parts = [documents(part) for part in (data.train, data.validation, data.heldout)]
    assert all(parts)
    assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]
    assert done[-1][0] == done[-1][1]
    assert [a for a, _ in done] == sorted(a for a, _ in done)
    counts = data.counts()
    asked = sum(count for part in counts.values() for kind, count in part.items() if kind != "negative")
    assert 40 < asked <= 80
    assert "negative" not in counts["heldout"]


def test_every_answer_stands_in_its_passage_and_in_no_negative_of_it(filled: Corpus, tmp_path: Path) -> None:
    data = make_raft(filled, tmp_path / "d", RaftOptions(questions=80, negatives=2, without=0.0))
    answers = {r.id: r for r in positives((*data.train, *data.validation))}
    negatives = [r for r in (*data.train, *data.validation) if r.kind == "negative"]
    assert len(negatives) > len(answers)
    for record in answers.values():
        assert record.answer in record.passages[0]
    for record in negatives:
        asked = answers[record.id.rsplit("-no", 1)[0]]
        assert record.question == asked.question
        assert record.passages != asked.passages
        assert plain(asked.answer) not in plain(record.passages[0])


def test_passages_stand_under_the_titles_that_they_are_asked_with(filled: Corpus, tmp_path: Path) -> None:
    data = make_raft(filled, tmp_path / "d", RaftOptions(questions=80, negatives=2))
    titles = {i: filled.store.document(i).title for i in filled.store.document_ids()}
    texts = {i: filled.store.document(i).text for i in filled.store.document_ids()}
    for record in (*data.train, *data.validation, *data.heldout):
        owners = {titles[i] for i, text in texts.items() if record.passages[0] in text}
        assert len(record.titles) == 1
        assert record.titles[0].split(" > ")[0] in owners


def test_what_is_held_out_is_never_read_in_training(filled: Corpus, tmp_path: Path) -> None:
    data = make_raft(filled, tmp_path / "d", RaftOptions(questions=80))
    hidden = [filled.store.document(i).text for i in documents(data.heldout)]
    for record in (*data.train, *data.validation):
        assert not any(record.passages[0] in text for text in hidden)


def test_a_share_is_learnt_without_its_passage(filled: Corpus, tmp_path: Path) -> None:
    shares = {}
    for without in (0.0, 0.5):
        options = RaftOptions(questions=80, without=without)
        data = make_raft(filled, tmp_path / str(without), options)
        asked = {r.question for r in data.train}
        shares[without] = 1 - len({r.question for r in positives(data.train)}) / len(asked)
    assert shares[0.0] == 0
    assert 0.3 < shares[0.5] < 0.7


def test_the_same_collection_and_seed_give_the_same_data(filled: Corpus, tmp_path: Path) -> None:
    first, second, third = (
        make_raft(filled, tmp_path / str(n), RaftOptions(questions=30, seed=n // 2)) for n in range(3)
    )
    assert first.hash == second.hash != third.hash


def test_a_user_s_own_questions_go_in_first(filled: Corpus, tmp_path: Path) -> None:
    own = [
        OwnQuestion("1", "When was the Linhai plant opened?", ("march 2010",), "correction"),
        OwnQuestion("2", "谁管理第3水泵厂？", ("陈光",), "given", ("zh3",)),
        OwnQuestion("3", "Who is the mayor of Linhai?", (), "correction"),
        OwnQuestion("4", "How tall is the tower?", ("100 m",), "given"),
    ]
    data = make_raft(filled, tmp_path / "d", RaftOptions(questions=20, without=1.0), own)
    found = {r.question: r for r in data.train if r.kind in ("given", "correction")}
    assert found["When was the Linhai plant opened?"].answer == "March 2010", "as the passage writes it"
    assert found["谁管理第3水泵厂？"].source == "zh3"
    silent = [r for r in data.train if r.question == "Who is the mayor of Linhai?"]
    assert silent
    assert all(r.answer == "" for r in silent)
    assert ("its answer stands in no passage that was found", 1) in [
        (d.reason, d.count) for d in data.dropped
    ]
    assert sum(data.counts()["heldout"].values()) > 0


def test_an_answer_in_a_heading_is_learnt(filled: Corpus, tmp_path: Path) -> None:
    filled.add([Document("v", "", "# Notes\n\n## Version 2.4\n\nSupport for MQTT came.", "notes.md")])
    own = [OwnQuestion("1", "Which version has MQTT?", ("version 2.4",), "correction")]
    data = make_raft(filled, tmp_path / "d", RaftOptions(questions=20, without=0.0), own)
    (found,) = [r for r in data.train if r.kind == "correction" and r.answer]
    assert (found.answer, found.passages) == ("Version 2.4", ("Support for MQTT came.",))
    assert found.titles == ("Notes > Version 2.4",)
    assert DataSet.read(tmp_path / "d").train == data.train


def test_with_many_of_their_own_questions_some_are_held_out(filled: Corpus, tmp_path: Path) -> None:
    own = [
        OwnQuestion(
            f"{n}-{m}", f"{ask} the {TOWNS[n]} plant {m}?", (f"March 20{n + 10}",), "given", (f"en{n}",)
        )
        for n in range(8)
        for m, ask in enumerate(["When was", "In which month was", "What is the date of"])
    ]
    data = make_raft(filled, tmp_path / "d", RaftOptions(questions=40), own)
    assert data.counts()["heldout"]["given"] >= 3
    assert data.counts()["train"]["given"] >= 10


def test_heldout_can_be_asked_over_the_collection(filled: Corpus, tmp_path: Path) -> None:
    data = make_raft(filled, tmp_path / "d", RaftOptions(questions=60))
    exam = read_expected(tmp_path / "d" / "heldout.jsonl", filled.store)
    assert len(exam.questions) == len(data.heldout) > 3
    assert exam.unknown == []
    assert all(len(one.documents) == 1 and one.answers for one in exam.questions)


def test_one_document_is_split_inside_and_it_is_said(corpus: Corpus, tmp_path: Path) -> None:
    text = "\n\n".join(f"## Plant {n}\n\n{english(n).split('##')[0]}" for n in range(8))
    corpus.add([Document("one", "Plants", text, "one.md")])
    data = make_raft(corpus, tmp_path / "d", RaftOptions(questions=40))
    assert any("split inside" in note for note in data.notes)
    assert data.heldout
    learnt = {r.passages for r in data.train}
    assert not learnt & {r.passages for r in data.heldout}


@pytest.mark.parametrize(
    ("texts", "says"),
    [([], "the collection is empty"), (["So it goes. And so on.", "好的。"], "no question could be made")],
)
def test_nothing_to_ask_is_an_error(corpus: Corpus, tmp_path: Path, texts: list[str], says: str) -> None:
    corpus.add([Document(str(n), "x", text, f"{n}.md") for n, text in enumerate(texts)])
    with pytest.raises(InputError, match=says):
        make_raft(corpus, tmp_path / "d")
    assert not (tmp_path / "d").exists()


def test_what_the_progress_raises_ends_the_work_and_leaves_nothing(filled: Corpus, tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done > 5:
            raise Stop

    with pytest.raises(Stop):
        make_raft(filled, tmp_path / "d", progress=stop)
    assert list(tmp_path.glob("d*")) == []


# -- what it is made of --------------------------------------------------------------------------------


def test_negatives_are_found_passages_that_do_not_answer(filled: Corpus) -> None:
    def passage_of(document: str) -> Any:
        (one,) = (
            p
            for p, *_ in filled.store.passages(range(99)).values()
            if p.document_id == document and "opened" in p.text
        )
        return one

    right = passage_of("en1")
    found = hard_negatives(filled, "When did the Qinghe plant open?", ["March 2011"], right, 3)
    assert len(found) == 3
    assert all(p.id != right.id and "March 2011" not in p.text for p in found)
    assert "plant" in found[0].text, "hard: they are about the same"
    shut = hard_negatives(
        filled, "When did the Qinghe plant open?", ["March 2011"], right, 9, lambda i: i != "en2"
    )
    assert all(p.document_id != "en2" for p in shut)


def test_passages_of_a_file_are_found_by_their_words() -> None:
    texts = [english(n) for n in range(8)] + [chinese(n) for n in range(8)]
    near = Nearest(texts)
    assert near.find("When did the Wenling plant open?", 1) == [3]
    assert near.find("第5水泵厂主要生产什么？", 1) == [13]
    assert near.find("zzz", 3) == []


def test_parts_hold_their_shares_and_no_group_is_in_two() -> None:
    sizes = {f"d{n}": 5 + n % 7 for n in range(60)}
    parts = part_groups(sizes, validation=0.1, heldout=0.2, seed=1)
    total = sum(sizes.values())
    share = {p: sum(sizes[g] for g in sizes if parts[g] == p) / total for p in ("heldout", "validation")}
    assert 0.14 < share["heldout"] < 0.26
    assert 0.06 < share["validation"] < 0.15
    assert parts != part_groups(sizes, validation=0.1, heldout=0.2, seed=2)


def test_few_groups_are_split_so_that_something_is_left_to_learn() -> None:
    assert set(part_groups({"a": 1, "b": 1}, validation=0.1, heldout=0.1).values()) == {"train"}
    three = part_groups({"a": 90, "b": 3, "c": 2}, validation=0.1, heldout=0.1)
    assert three["a"] == "train"
    assert sorted(three.values()) == ["heldout", "train", "validation"]
    kept = part_groups(dict.fromkeys("abcdef", 5), validation=0.1, heldout=0.2, learnt={"a", "b", "c", "d"})
    assert [kept[g] for g in "abcd"] == ["train"] * 4
    asked = part_groups(dict.fromkeys("abcdef", 5), validation=0.1, heldout=0.2, asked={"e"})
    assert asked["e"] == "heldout"


def test_remarks_become_questions_as_far_as_they_say_what_is_right(filled: Corpus) -> None:
    feedback = Feedback(filled.store)
    for remark in (
        Remark("年假几天？", "10天", "wrong", "15天"),
        Remark("Who leads it?", "Li", "right"),
        Remark("Who is the mayor?", "Li", "wrong", ""),
        Remark("What is it?", "x", "wrong"),
        Remark("年假几天", "10天", "right"),
    ):
        feedback.add(remark)
    found = {one.question: (one.answers, one.kind) for one in from_remarks(feedback.list())}
    assert found == {
        "年假几天": (("10天",), "given"),
        "Who is the mayor?": ((), "correction"),
        "Who leads it?": (("Li",), "given"),
    }, "of one question the latest word"


def test_a_question_brings_its_passage_or_has_it_found(filled: Corpus) -> None:
    own = [
        OwnQuestion("1", "When?", ("２０１２",), passage="It  was\x00 in 2012."),
        OwnQuestion("2", "When did the Suzhou plant open?", ("March 2014",)),
        OwnQuestion("2b", "when did the Suzhou plant open", ("March 2014",)),
    ]
    tally = Tally()
    first, second = placed(own, filled, tally)
    assert (first.record.answer, first.record.passages) == ("2012", ("It was in 2012.",))
    assert second.passage is not None
    assert second.record.source == second.passage.document_id == "en4"
    assert [(d.reason, d.count) for d in tally.dropped()] == [("a question that is there already", 1)]


def test_beside_leaves_the_right_passage_out_only_where_another_stands() -> None:
    record = Record("q", "Who?", ("Li did.",), "Li", "cloze")
    assert [r.kind for r in beside(record, ["x"], without=False)] == ["cloze", "negative"]
    assert [r.kind for r in beside(record, ["x"], without=True)] == ["negative"]
    assert [r.kind for r in beside(record, [], without=True)] == ["cloze"]


# -- qa ------------------------------------------------------------------------------------------------

OPENED = [f"March 20{n + 10}" if n < 4 else f"200{n}年" for n in range(8)]
ASKED = [f"When did plant {n} open?" if n < 4 else f"第{n}水泵厂是哪一年成立的？" for n in range(8)]
SQUAD = {
    "data": [
        {
            "title": f"town {n}",
            "paragraphs": [
                {
                    "context": english(n) if n < 4 else chinese(n),
                    "qas": [
                        {"id": f"{n}a", "question": ASKED[n], "answers": [{"text": OPENED[n]}]},
                        {"id": f"{n}b", "question": f"Who, {n}?", "answers": [], "is_impossible": True},
                    ],
                }
            ],
        }
        for n in range(8)
    ]
}  # fmt: skip


def test_qa_from_squad(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps(SQUAD), "utf-8")
    data = make_qa(tmp_path / "d", [path], QaOptions(without=0.0))
    assert documents(data.train) | documents(data.validation) | documents(data.heldout) == {
        f"town {n}" for n in range(8)
    }
    assert not documents(data.train) & documents(data.heldout)
    assert {r.kind for r in data.train} == {"given", "negative"}
    assert any(r.answer == "" and r.kind == "given" for r in data.train), "unanswerable ones are learnt"
    for record in positives(data.train):
        others = [r for r in data.train if r.kind == "negative" and r.question == record.question]
        assert len(others) == 1
        assert record.answer not in others[0].passages[0]
        assert record.titles == (record.source,)
        assert others[0].titles[0].startswith("town ")
        assert others[0].titles != record.titles


def test_qa_from_json_lines_and_csv(tmp_path: Path) -> None:
    lines, table = tmp_path / "q.jsonl", tmp_path / "q.csv"
    rows = [
        {"question": f"年假几天，{n}？", "answers": [f"{n}天"], "context": f"{n}号厂年假{n}天。"}
        for n in range(6)
    ]
    lines.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    with table.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "answers", "context"])
        writer.writerows([[r["question"], " | ".join(r["answers"]), r["context"]] for r in rows])
    first, second = (make_qa(tmp_path / name, [path]) for name, path in (("a", lines), ("b", table)))
    assert first.counts() == second.counts()
    assert {r.answer for r in (*first.train, *first.heldout) if r.answer} <= {f"{n}天" for n in range(6)}
    assert any("split by passage" in note for note in first.notes)


def test_qa_finds_passages_in_the_collection(filled: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    rows = [
        {"question": f"When did the {TOWNS[n]} plant open?", "answers": [f"March 20{n + 10}"]}
        for n in range(8)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = make_qa(tmp_path / "d", [path], QaOptions(), filled)
    assert documents(data.train) | documents(data.validation) | documents(data.heldout) == {
        f"en{n}" for n in range(8)
    }
    for record in (*positives(data.train), *positives(data.heldout)):
        assert record.titles[0].startswith(filled.store.document(record.source).title)
    with pytest.raises(InputError, match=r"8 x no passage|its answer is not in its passage"):
        make_qa(tmp_path / "e", [path])


ROW = {"question": "Who?", "answers": ["He"], "context": "He did."}


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "q.jsonl"),
        ([{**ROW, "answers": ["Li"]}] * 3, "1 x its answer is not in its passage"),
        ([{**ROW, "context": "\ufffd\ufffd\ufffd did"}], "wrong charset"),
        ([{"question": "Who?"}], r'1 x no "answers".*q.jsonl, line 1'),
        ([{"answers": ["Li"]}], r'1 x no "question".*q.jsonl, line 1'),
        ([{**ROW, "answers": []}], "no question with an answer is left of 1"),
    ],
)  # fmt: skip
def test_qa_without_anything_to_learn_is_an_error(tmp_path: Path, rows: list[Any], says: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    with pytest.raises(InputError, match=says):
        make_qa(tmp_path / "d", [path])
    assert not (tmp_path / "d").exists()


def test_one_question_and_all_duplicates_are_learnt_and_nothing_is_held_out(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    row = {"question": "年假几天？", "answers": ["15天"], "context": "年假１５天，即15天。"}
    path.write_text((json.dumps(row) + "\n") * 5)
    data = make_qa(tmp_path / "d", [path])
    assert data.counts() == {"train": {"given": 1}, "validation": {}, "heldout": {}}
    assert any("nothing can be held out" in note for note in data.notes)
    assert [(d.reason, d.count) for d in data.dropped] == [("a question that is there already", 4)]


# -- text ----------------------------------------------------------------------------------------------


def test_texts_of_a_collection_are_cleaned_and_split(filled: Corpus, tmp_path: Path) -> None:
    broken = Document("bad", "bad", "caf\u00c3\u00a9 " * 20, "bad.md")
    again = Document("again", "again", english(0), "again.md")
    data = make_text(tmp_path / "d", [*documents_of(filled.store), again, broken])
    kept = [r for part in (data.train, data.validation, data.heldout) for r in part]
    assert {r.kind for r in kept} == {"text"}
    assert sorted(r.source for r in kept) == sorted(f"{t}{n}" for t in ("en", "zh") for n in range(8))
    assert data.validation
    assert data.heldout
    assert {d.reason: d.count for d in data.dropped} == {
        "characters of a wrong charset": 1,
        "a text that is there already": 1,
    }


def test_texts_of_files(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(4):
        (folder / f"{n}.txt").write_text(chinese(n), "utf-8")
    (folder / "b.pdf").write_bytes(b"%PDF-broken")
    data = make_text(tmp_path / "d", [folder], TextOptions(seed=3))
    assert sum(sum(kinds.values()) for kinds in data.counts().values()) == 4
    assert [d.reason for d in data.dropped] == ["a file that cannot be read"]


def test_one_sentence_is_learnt_and_nothing_is_held_out(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("我家门前有两棵树，一棵是枣树，另一棵也是枣树。", "utf-8")
    data = make_text(tmp_path / "d", [tmp_path / "a.txt"])
    assert len(data.train) == 1
    assert not data.validation
    assert not data.heldout
    assert any("only 1 text" in note for note in data.notes)


def test_one_long_text_is_split_inside(tmp_path: Path) -> None:
    text = "\n\n".join(f"Paragraph {n} speaks of the number {n * n}." for n in range(60))
    (tmp_path / "a.txt").write_text(text)
    data = make_text(tmp_path / "d", [tmp_path / "a.txt"])
    assert data.heldout
    assert data.validation
    joined = [
        p
        for part in (data.train, data.validation, data.heldout)
        for r in part
        for p in r.passages[0].split("\n\n")
    ]
    assert sorted(joined) == sorted(text.split("\n\n"))


def test_no_text_is_an_error_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("ok")
    with pytest.raises(InputError, match=r"no text to learn from is left of 1 sources \(1 x too short"):
        make_text(tmp_path / "d", [tmp_path / "a.txt"])


def test_own_questions_are_read_from_files_as_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "Who?", "answer": "Li", "document": "a.md", "passage": "Li did."}\n')
    (one,) = read_own(path)
    assert one == OwnQuestion("line 1", "Who?", ("Li",), "given", ("a.md",), "Li did.")
