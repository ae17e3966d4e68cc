from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from finetune.examples import Question, qa_examples, read_questions
from index.errors import InputError
from rag.causal import CausalGenerator
from rag.prompt import UNKNOWN, encode_answer

SQUAD = {
    "data": [
        {
            "paragraphs": [
                {
                    "context": "年假15天。",
                    "qas": [
                        {"id": "a", "question": "几天？", "answers": [{"text": "15天"}, {"text": "15天"}]},
                        {"id": "b", "question": "谁？", "answers": [], "is_impossible": True},
                    ],
                }
            ]
        }
    ]
}


@pytest.mark.parametrize("packed", [False, True])
def test_squad_json(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / ("s.json.gz" if packed else "s.json")
    raw = json.dumps(SQUAD).encode()
    path.write_bytes(gzip.compress(raw) if packed else raw)
    assert read_questions(path) == [
        Question("a", "几天？", ("15天",), "年假15天。"),
        Question("b", "谁？", (), "年假15天。"),
    ]


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '{"question": "Who?", "answers": "Li", "context": "Li did."}\n\n{"id": 7, "question": "Why?"}\n'
    )
    assert read_questions(path) == [Question("1", "Who?", ("Li",), "Li did."), Question("7", "Why?", (), "")]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("q.jsonl", '{"question": "a"}\n{"q": 1}\n', "line 2"),
        ("q.json", '{"rows": []}', "not SQuAD JSON"),
        ("q.json", "nonsense", "not SQuAD JSON"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, text: str, says: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=says) as raised:
        read_questions(path)
    assert str(path) in str(raised.value)


def test_examples_hold_the_answer_or_say_unknown(tiny: CausalGenerator) -> None:
    questions = [Question(str(i), "Who?", (f"Li {i}",), f"Li {i} did it.") for i in range(40)]
    examples = list(qa_examples(questions, [["Someone else."]] * 40, tiny, without_share=0.3, seed=1))
    silent = tuple(encode_answer(tiny, UNKNOWN))
    unknown = [e for e in examples if e.completion == silent]
    assert len(examples) == 40
    assert 5 <= len(unknown) <= 20
    for example in examples:
        prompt, completion = tiny.decode(example.prompt), tiny.decode(example.completion)
        assert prompt.endswith("Question: Who?\nAnswer:")
        assert example.completion[-1] == tiny.stop_ids[0]
        known = completion.removesuffix("<|endoftext|>").strip()
        assert (known in prompt) == (example not in unknown)


def test_an_answer_that_does_not_fit_is_not_learnt(tiny: CausalGenerator) -> None:
    long = Question("1", "Who?", ("the end",), "word " * 400 + ". the end")
    assert list(qa_examples([long], [[]], tiny)) == []
