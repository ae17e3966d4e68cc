from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.causal import CausalGenerator
from rag.decoding import BROKEN, GenerateOptions, whole_characters

PROMPT = "Acme Pumps was founded in 2009 by"


def full_pass(generator: CausalGenerator, ids: list[int]) -> Any:
    """(tokens, vocabulary) log-probabilities without any cache: the reference."""
    with torch.inference_mode():
        return torch.log_softmax(generator.model(torch.tensor([ids])).logits[0].float(), -1).numpy()


def test_reading_trees_equals_full_passes(generator: CausalGenerator) -> None:
    one, two = generator.encode(PROMPT), generator.encode("李明 sells")
    reading = generator.read(one, two)
    for row, ids in zip(reading.first, (one, two), strict=True):
        np.testing.assert_allclose(row, full_pass(generator, ids)[-1], atol=1e-4)
    rows = [*reading.extend([5, 9, 7, 8, 6], [-1, -2, 0, 1, -1]), *reading.extend([3, 4], [2, 2])]
    branches = [[*one, 5], [*two, 9], [*one, 5, 7], [*two, 9, 8], [*one, 6], [*one, 5, 7, 3], [*one, 5, 7, 4]]
    for row, branch in zip(rows, branches, strict=True):
        np.testing.assert_allclose(row, full_pass(generator, branch)[-1], atol=1e-4)


@pytest.mark.parametrize("texts", [[PROMPT], [PROMPT, "李明 sells"]])
def test_a_phrase_is_read_with_the_prompts(generator: CausalGenerator, texts: list[str]) -> None:
    prompts = [generator.encode(text) for text in texts]
    reading = generator.read(*prompts, then=[5, 9, 7])
    for ids, first, rows in zip(prompts, reading.first, reading.then, strict=True):
        expected = full_pass(generator, [*ids, 5, 9, 7])[len(ids) - 1 :]
        np.testing.assert_allclose([first, *rows], expected, atol=1e-4)
    last = prompts[-1]
    row = reading.extend([8], [3 * len(prompts) - 2])[0]  # behind the phrase's second token
    np.testing.assert_allclose(row, full_pass(generator, [*last, 5, 9, 8])[-1], atol=1e-4)


def test_greedy_takes_the_likeliest_token_each_time(generator: CausalGenerator) -> None:
    ids = generator.encode(PROMPT)
    expected: list[int] = []
    for _ in range(12):
        token = int(full_pass(generator, ids + expected)[-1].argmax())
        if token in generator.stop_ids:
            break
        expected.append(token)
    assert generator.generate(ids, GenerateOptions(max_length=12)) == [generator.decode(expected)]


@pytest.mark.parametrize("seed", range(8))
def test_streaming_equals_one_shot(generator: CausalGenerator, seed: int) -> None:
    options = GenerateOptions(max_length=40, temperature=1.5, seed=seed)
    ids = generator.encode(PROMPT)
    pieces = list(generator.stream(ids, options))
    assert "".join(pieces) == generator.generate(ids, options)[0]
    assert len(pieces) > 1


def test_any_stop_token_ends_the_text(generator: CausalGenerator) -> None:
    ids = generator.encode(PROMPT)
    with torch.inference_mode():
        free = generator.model.generate(
            torch.tensor([ids]), max_new_tokens=6, do_sample=False, eos_token_id=None, pad_token_id=0
        )
    new: list[int] = free[0, len(ids) :].tolist()
    stopping = CausalGenerator(
        generator.model, generator.tokenizer, version="t", window=256, stop_ids=[400, new[3]]
    )
    assert stopping.generate(ids) == [generator.decode(new[: new.index(new[3])])]


def test_several_texts_and_seeds(generator: CausalGenerator) -> None:
    ids = generator.encode(PROMPT)
    options = GenerateOptions(max_length=10, num_return_sequences=3, temperature=1.0, top_p=0.9, seed=3)
    texts = generator.generate(ids, options)
    assert len(texts) == 3
    assert len(set(texts)) > 1
    assert texts == generator.generate(ids, options)


def test_top_p_near_zero_is_greedy(generator: CausalGenerator) -> None:
    ids = generator.encode(PROMPT)
    narrow = GenerateOptions(max_length=10, temperature=1.0, top_p=1e-6, seed=1)
    assert generator.generate(ids, narrow) == generator.generate(ids, GenerateOptions(max_length=10))


def test_the_window_is_never_exceeded(generator: CausalGenerator) -> None:
    endless = CausalGenerator(generator.model, generator.tokenizer, version="t", window=256, stop_ids=[])
    ids = [7] * 250
    assert len(list(endless._steps(ids, GenerateOptions(max_length=99)))) == 6
    for wrong in ([], [7] * 256):
        with pytest.raises(ValueError, match="takes 1 to 255"):
            endless.generate(wrong)


@pytest.mark.parametrize(
    "wrong", [{"max_length": 0}, {"num_return_sequences": 0}, {"temperature": -1.0}, {"top_p": 0.0}]
)
def test_options_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        GenerateOptions(**wrong)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=20))
def test_encoding_is_lossless_and_ends_count_characters(generator: CausalGenerator, text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    [tokens] = generator.tokenise([text])
    assert generator.decode(tokens.ids) == text
    assert tokens.ids == generator.encode(text)
    for count, end in enumerate(tokens.ends, start=1):
        if end >= 0:
            assert generator.decode(tokens.ids[:count]) == text[:end]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 419), max_size=30))
def test_pieces_join_to_the_decoded_whole(generator: CausalGenerator, ids: list[int]) -> None:
    """Also for ids that are no valid UTF-8."""
    pieces = list(whole_characters(ids, generator.decode))
    assert "".join(pieces) == generator.decode(ids)
    assert not any(piece.endswith(BROKEN) for piece in pieces[:-1])
