from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import LlamaConfig, LlamaForCausalLM

from finetune.examples import Example
from finetune.loss import example_losses, mean_loss, token_losses
from finetune.pack import Row, in_order, learnable, pack, to_tensors
from index.errors import InputError
from rag.causal import CausalGenerator


def some(*lengths: int, seed: int = 0) -> list[tuple[int, ...]]:
    """Random tokens, so many each."""
    draw = torch.Generator().manual_seed(seed)
    return [tuple(torch.randint(1, 300, (length,), generator=draw).tolist()) for length in lengths]


def examples() -> list[Example]:
    """Two passages with three and two questions, one alone, two texts."""
    a, b, *rest = some(20, 13, 5, 7, 9, 3, 6, 30, 2, 9)
    return [
        Example(a + rest[0], (5, 6, 0), 20),
        Example(b + rest[1], (7, 0), 13),
        Example(a + rest[2], (0,), 20),
        Example(a, (8, 9, 0), 20),
        Example(b + rest[3], (11, 0), 13),
        Example(rest[4], (3, 0)),
        Example((), rest[5]),
        Example((), rest[6]),
    ]


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """In float32 on every processor: bfloat16, where it is quicker, rounds more than a mistake shows."""
    monkeypatch.setattr("finetune.loss.computes_in_bfloat16", lambda device: False)


@pytest.fixture
def llama() -> Any:
    torch.manual_seed(1)
    config = LlamaConfig(
        hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, vocab_size=300, max_position_embeddings=256, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    return LlamaForCausalLM(config).eval()


def alone(model: Any, example: Example) -> float:
    """An example's loss as plain transformers has it, without packing."""
    ids = torch.tensor([[*example.prompt, *example.completion]])
    labels = ids.clone()
    labels[:, : len(example.prompt)] = -100
    with torch.no_grad():
        mean: float = model(input_ids=ids, labels=labels).loss.item()
    return mean * (len(example.completion) - (not example.prompt))


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
@pytest.mark.parametrize("length", [34, 64, 256])
@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize("micro_batch", [1, 3])
def test_packed_losses_are_those_of_examples_alone(
    tiny: CausalGenerator, llama: Any, kind: str, length: int, share: bool, micro_batch: int
) -> None:
    model = tiny.model if kind == "gpt2" else llama
    assert model.config._attn_implementation == "sdpa"
    expected = [alone(model, example) for example in examples()]
    rows = pack(examples(), length, share)
    sums = torch.zeros(len(expected))
    for first in range(0, len(rows), micro_batch):
        batch = to_tensors(rows[first : first + micro_batch], length, micro_batch)
        assert batch.ids.shape == (micro_batch, length)
        with torch.no_grad():
            sums.index_add_(0, batch.owners, token_losses(model, batch))
    assert sums.tolist() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_packed_gradients_are_those_of_padded_rows(tiny: CausalGenerator, llama: Any, kind: str) -> None:
    model = tiny.model if kind == "gpt2" else llama
    found = []
    for rows in ([pack(examples(), 256)], [pack([one], 256) for one in examples()]):
        model.zero_grad()
        for part in rows:
            torch.autograd.backward(token_losses(model, to_tensors(part)).sum())
        found.append({name: weight.grad.clone() for name, weight in model.named_parameters()})
    for name, gradient in found[0].items():
        torch.testing.assert_close(gradient, found[1][name], rtol=1e-3, atol=1e-4, msg=name)


def test_a_leak_between_examples_would_be_seen(tiny: CausalGenerator) -> None:
    """The comparison above can fail: without the mask, it does."""
    batch = to_tensors(pack(examples(), 256))
    assert batch.sees is not None
    batch = replace(batch, forest=torch.zeros_like(batch.forest))
    sums = torch.zeros(len(examples()))
    with torch.no_grad():
        sums.index_add_(0, batch.owners, token_losses(tiny.model, batch))
    expected = [alone(tiny.model, example) for example in examples()]
    assert sums.tolist() != pytest.approx(expected, abs=1e-3)


def test_the_head_is_computed_at_completions_only(tiny: CausalGenerator) -> None:
    seen: list[torch.Size] = []
    tiny.model.lm_head.register_forward_hook(lambda _, __, out: seen.append(out.shape))
    example_losses(tiny.model, examples(), 256)
    learnt = sum(len(one.completion) - (not one.prompt) for one in examples())
    assert [tuple(shape) for shape in seen] == [(learnt, 300)]


def test_a_shared_passage_is_read_once() -> None:
    apart = sum(len(row.ids) for row in pack(examples(), 256, share=False))
    together = sum(len(row.ids) for row in pack(examples(), 256))
    assert apart - together == 2 * 20 + 13


def test_losses_of_one_passage_with_its_questions_need_no_more_than_a_causal_mask_alone() -> None:
    batch = to_tensors(pack([examples()[5]], 256))
    assert batch.sees is None
    assert batch.positions is None


lengths = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 12), st.integers(1, 5)), min_size=1, max_size=20
)


@given(lengths, st.integers(24, 60), st.booleans())
@settings(max_examples=80, deadline=None)
def test_every_target_is_in_one_row_once_after_its_own_words(
    drawn: list[tuple[int, int, int]], length: int, share: bool
) -> None:
    passages = [(), (1, 2, 3, 4), (5, 6, 7, 8, 9, 10, 11)]
    packed = [
        Example(
            (*passages[which], *range(100 * n, 100 * n + tail)),
            tuple(range(100 * n + 50, 100 * n + 50 + end)),
            len(passages[which]),
        )
        for n, (which, tail, end) in enumerate(drawn, 1)
    ]
    found: Counter[tuple[int, int]] = Counter()
    for row in pack(packed, length, share):
        assert 0 <= len(row.ids) <= length
        for at, target, owner in zip(row.at, row.targets, row.owners, strict=True):
            assert [*words_before(row, at), target] == read(packed[owner])[: row.positions[at] + 2]
            found[owner, target] += 1
    learnt = [(n, t) for n, e in enumerate(packed) for t in (e.completion if e.prompt else e.completion[1:])]
    assert found == Counter(learnt)


def words_before(row: Row, at: int) -> list[int]:
    """What a token sees, itself too, in the order of positions."""
    sees = [
        k for k in range(at + 1) if row.trees[k] == row.trees[at] and row.branches[k] in (0, row.branches[at])
    ]
    assert [row.positions[k] for k in sees] == list(range(len(sees)))
    return [row.ids[k] for k in sees]


def read(example: Example) -> list[int]:
    return [*example.prompt, *example.completion]


def test_a_long_text_is_cut_into_full_windows_that_lose_no_token() -> None:
    (text,) = some(100)
    found, length = learnable([Example((), text)], 32, 256)
    assert length == 32
    assert [len(one.completion) for one in found] == [33, 33, 33, 4]
    assert [token for one in found for token in one.completion[1:]] == list(text[1:])
    assert all(len(row.ids) <= 32 for row in pack(found, 32))
    assert [len(row.ids) for row in pack(found, 32)][:3] == [32, 32, 32]


def test_mean_loss_is_that_of_all_tokens_alone(tiny: CausalGenerator) -> None:
    expected = sum(alone(tiny.model, one) for one in examples())
    learnt = sum(len(one.completion) - (not one.prompt) for one in examples())
    tiny.model.train()
    assert mean_loss(tiny.model, examples(), 256) == pytest.approx(expected / learnt, rel=1e-4)
    assert tiny.model.training  # as it was


@pytest.mark.parametrize(
    ("given_", "row", "says"),
    [
        ([Example((1, 2), ())], 0, "1 of 1 examples have no answer to learn"),
        ([], 0, "no example has an answer"),
        ([Example((), (1,))], 0, "no example has an answer"),
        (
            [Example((1,) * 300, (2,)), Example((1,), (2,))],
            0,
            "1 of 2 examples do not fit 256 tokens.*has 301",
        ),
        ([Example((1,) * 60, (2,))], 32, "do not fit 32 tokens"),
    ],
)
def test_what_cannot_be_learnt_is_an_error(given_: list[Example], row: int, says: str) -> None:
    with pytest.raises(InputError, match=says):
        learnable(given_, row, 256)


def test_rows_are_as_long_as_the_data_asks_for() -> None:
    short, long, text = Example((1,) * 5, (2,)), Example((1,) * 700, (2,)), Example((), (1,) * 5000)
    assert learnable([short], 0, 2048)[1] == 512
    assert learnable([short, long], 0, 2048)[1] == 704
    assert learnable([short, text], 0, 2048)[1] == 1024
    assert learnable([short, text], 0, 256)[1] == 256
    assert learnable([short], 4096, 2048)[1] == 2048


def test_an_order_keeps_a_passage_together_and_changes_with_the_seed() -> None:
    passages = [(n,) * 4 for n in range(10)]
    many = [Example((*passages[n % 10], n), (1,), 4) for n in range(60)]
    order = in_order(many, 3, seed=1)
    assert sorted(order) == list(range(60))
    assert order == in_order(many, 3, seed=1) != in_order(many, 3, seed=2)
    for first in range(0, 60, 3):
        assert len({many[i].prompt[:4] for i in order[first : first + 3]}) == 1
    apart = in_order(many, 3, seed=1, share=False)
    assert any(len({many[i].prompt[:4] for i in apart[f : f + 3]}) > 1 for f in range(0, 60, 3))
