"""Free text until a phrase: what is held back, what is cut, and what cannot be continued."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import QuestionError
from rag.causal import CausalGenerator
from rag.decoding import GenerateOptions
from rag.write import checked_prompt, until, write, write_all

LETTERS = st.text("ab\n", max_size=12)


@given(st.lists(LETTERS, max_size=6), st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3))
def test_pieces_end_where_the_first_stop_is_complete(pieces: list[str], stops: list[str]) -> None:
    whole = "".join(pieces)
    # Letter by letter, as a reader would see it: the text ends as soon as a stop is whole.
    for end in range(len(whole) + 1):
        found = [whole[:end].find(stop) for stop in stops if stop in whole[:end]]
        if found:
            whole = whole[: min(found)]
            break
    single = list(until([mark for piece in pieces for mark in piece], stops))
    assert "".join(single) == whole
    assert all(single)


@given(st.lists(LETTERS, max_size=6))
def test_without_stops_nothing_is_held_back(pieces: list[str]) -> None:
    assert list(until(pieces, [])) == [piece for piece in pieces if piece]


def test_what_is_written_is_what_generate_gives(generator: CausalGenerator) -> None:
    ids = checked_prompt(generator, "Acme Pumps 水泵").ids
    options = GenerateOptions(max_length=24)
    (whole,) = generator.generate(ids, options)
    assert "".join(write(generator, ids, options)) == whole
    assert write_all(generator, ids, options) == [whole]
    stop = whole[5:7]
    assert write_all(generator, ids, options, [stop]) == [whole[: whole.index(stop)]]


def test_each_of_several_texts_ends_at_a_stop(generator: CausalGenerator) -> None:
    ids = checked_prompt(generator, "Acme").ids
    options = GenerateOptions(max_length=24, num_return_sequences=3, temperature=1.0, seed=3)
    texts = generator.generate(ids, options)
    stop = texts[1][4:6]
    assert write_all(generator, ids, options, [stop]) == [text.partition(stop)[0] for text in texts]


def test_prompts_that_cannot_be_continued(generator: CausalGenerator) -> None:
    with pytest.raises(QuestionError, match="empty"):
        checked_prompt(generator, "")
    with pytest.raises(QuestionError, match=f"at most {generator.window - 1} fit"):
        checked_prompt(generator, "字" * 5000)
    most = "Acme"
    while len(generator.encode(most)) < generator.window - 1:
        most += "."
    checked = checked_prompt(generator, most)
    assert (len(checked.ids), checked.room) == (generator.window - 1, 1)
    assert checked_prompt(generator, "half a character: \ud800").room > 1
