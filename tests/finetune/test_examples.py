from __future__ import annotations

from dataclasses import replace

import pytest

from finetune.examples import to_examples
from finetune.records import Record
from index.errors import InputError
from rag.causal import CausalGenerator
from rag.prompt import UNKNOWN, encode_answer, encode_passage, encode_question

PASSAGE = "年假15天。病假照发工资。"


def asked(answer: str = "15天", passage: str = PASSAGE, **more: str) -> Record:
    kind = "given" if answer else "negative"
    return Record(more.get("id", "q"), more.get("question", "年假几天？"), (passage,), answer, kind)  # type: ignore[arg-type]


def test_a_question_is_asked_as_it_will_be_and_ends_with_the_end_token(tiny: CausalGenerator) -> None:
    (example,) = to_examples(tiny, [asked()]).examples
    passage, question = encode_passage(tiny, 1, PASSAGE), encode_question(tiny, "年假几天？")
    assert example.prompt == (*passage, *question)
    assert example.shared == len(passage)
    assert example.completion == tuple(encode_answer(tiny, "15天"))
    assert example.completion[-1] == tiny.stop_ids[0]


def test_a_passage_is_learnt_under_its_title(tiny: CausalGenerator) -> None:
    (example,) = to_examples(tiny, [replace(asked(), titles=("假期 > 年假",))]).examples
    passage = encode_passage(tiny, 1, PASSAGE, "假期 > 年假")
    assert example.prompt == (*passage, *encode_question(tiny, "年假几天？"))
    assert example.shared == len(passage)


def test_an_answer_may_stand_in_the_title(tiny: CausalGenerator) -> None:
    record = replace(asked(answer="3.2版"), titles=("说明 > 3.2版",))
    assert to_examples(tiny, [record]).examples
    with pytest.raises(InputError, match="no record can be learnt"):
        to_examples(tiny, [replace(record, titles=())])


def test_where_the_passage_does_not_answer_silence_is_learnt(tiny: CausalGenerator) -> None:
    (example,) = to_examples(tiny, [asked(answer="")]).examples
    assert example.completion == tuple(encode_answer(tiny, UNKNOWN))


def test_questions_of_one_passage_share_its_tokens(tiny: CausalGenerator) -> None:
    first, second = to_examples(tiny, [asked(), asked(answer="", id="n", question="谁发工资？")]).examples
    assert first.shared == second.shared > 0
    assert first.prompt[: first.shared] == second.prompt[: second.shared]
    assert first.prompt != second.prompt


def test_a_long_passage_loses_sentences_at_its_end_and_what_is_shared_follows(tiny: CausalGenerator) -> None:
    long = "The answer is Li. " + "Nothing else is said here at all. " * 12
    (example,) = to_examples(tiny, [asked("Li", long, question="Who?")]).examples
    kept = tiny.decode(example.prompt[: example.shared])
    assert kept.startswith("Passage 1: The answer is Li.")
    assert len(kept) < len(long)
    assert kept.endswith("at all.\n")


def test_an_answer_that_does_not_fit_is_left_out_and_told(tiny: CausalGenerator) -> None:
    lost = asked("the end", "A word. " * 100 + "This is the end.", question="What is this?")
    found = to_examples(tiny, [lost, asked()])
    assert len(found.examples) == 1
    (told,) = found.left_out
    assert (told.count, told.examples) == (1, ("What is this?",))
    with pytest.raises(InputError, match="no record can be learnt with a window of 256 tokens"):
        to_examples(tiny, [lost])


def test_a_question_that_is_too_long_is_left_out(tiny: CausalGenerator) -> None:
    found = to_examples(tiny, [asked(question="why " * 200), asked()])
    assert len(found.examples) == 1
    assert "tokens" in found.left_out[0].reason


def test_texts_fill_windows_and_none_is_mixed_with_another(tiny: CausalGenerator) -> None:
    one = Record("a", "", ("All work and no play makes Jack a dull boy. " * 12,), "", "text")
    two = Record("b", "", ("我家门前有两棵树，一棵是枣树，另一棵也是枣树。",), "", "text")
    examples = to_examples(tiny, [one, two], window=64).examples
    assert all(e.prompt == () and e.shared == 0 for e in examples)
    ends = [i for i, e in enumerate(examples) if e.completion[-1] == tiny.stop_ids[0]]
    assert len(ends) == 2
    assert ends[1] == len(examples) - 1
    assert {len(e.completion) for i, e in enumerate(examples) if i not in ends} == {64}
    texts = [tiny.encode(r.passages[0]) for r in (one, two)]
    got = (
        [t for e in examples[: ends[0] + 1] for t in e.completion],
        [t for e in examples[ends[0] + 1 :] for t in e.completion],
    )
    assert got == tuple([*ids, tiny.stop_ids[0]] for ids in texts)


def test_no_window_holds_one_token_of_which_nothing_is_learnt(tiny: CausalGenerator) -> None:
    text = "tree " * 20
    size = len(tiny.encode(text))
    examples = to_examples(tiny, [Record("a", "", (text,), "", "text")], window=size).examples
    assert [len(e.completion) for e in examples] == [size]


def test_no_records_are_no_examples(tiny: CausalGenerator) -> None:
    assert to_examples(tiny, []).examples == ()
