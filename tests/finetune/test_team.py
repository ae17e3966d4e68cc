from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from finetune.ahead import ahead
from finetune.examples import Example
from finetune.loss import _head_at, groups_of, token_losses
from finetune.methods import compile_layers
from finetune.options import Step, TrainOptions
from finetune.pack import pack
from finetune.team import Team
from finetune.train import prepare, train
from rag.causal import CausalGenerator

OPTIONS = TrainOptions(
    method="full", learning_rate=1e-3, epochs=2, batch=5, row=32, dropout=0.0, micro_batch=1
)


def data() -> list[Example]:
    """Of such a size that a batch has several rows, and the last batch fewer than there are processes."""
    draw = torch.Generator().manual_seed(1)
    return [Example(tuple(torch.randint(1, 300, (20,), generator=draw).tolist()), (n, 0)) for n in range(11)]


SCRIPT = """
    import sys
    from pathlib import Path
    sys.path[:0] = [{root!r}, {here!r}]
    from test_team import OPTIONS, data
    from finetune.base import load_base
    from finetune.train import Step, prepare, train
    model = prepare(load_base(Path({folder!r})).model, OPTIONS)
    for one in train(model, data(), OPTIONS, validation=data()[:2], checkpoints=Path({folder!r}) / "c"):
        print(*(one.number, one.computed, one.loss) if isinstance(one, Step) else ("validation", one.loss))
"""


def test_two_processes_train_as_one_does(tiny: CausalGenerator, tmp_path: Path) -> None:
    """On the processor, where they talk over sockets as cards do over their own wires."""
    folder = tmp_path / "tiny"
    values = {
        "root": str(Path(__file__).parents[2]),
        "here": str(Path(__file__).parent),
        "folder": str(folder),
    }
    script = textwrap.dedent(SCRIPT).format(**values)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    common = {
        "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": "1",
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env={**os.environ, **common, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    first, second = (process.communicate(timeout=240)[0] for process in processes)
    assert [process.returncode for process in processes] == [0, 0]
    assert first == second  # each knows what all did
    told = list(train(prepare(tiny.model, OPTIONS), data(), OPTIONS, validation=data()[:2]))
    alone = [
        (one.number, one.computed, one.loss) if isinstance(one, Step) else ("validation", one.loss)
        for one in told
    ]
    together = [line.split() for line in first.splitlines()]
    assert len(together) == len(alone) == 6 + 2
    for line, expected in zip(together, alone, strict=True):
        assert line[:-1] == [str(value) for value in expected[:-1]]
        assert float(line[-1]) == pytest.approx(expected[-1], rel=1e-4)
    assert [path.name for path in (folder / "c").iterdir()] == ["step-00000006"]


def test_a_process_alone_is_its_own_team() -> None:
    team = Team(cpu=True)
    weight = torch.ones(2, requires_grad=True)
    weight.grad = torch.full((2,), 3.0)
    assert team.first
    assert team.own([1, 2, 3]) == [1, 2, 3]
    numbers = torch.tensor([0.5, 5.0])
    team.add_up([weight], numbers)
    assert numbers.tolist() == [0.5, 5.0]
    assert weight.grad.tolist() == [3.0, 3.0]
    assert team.agree(0.3, 1) == [0.3, 1]


def test_a_compiled_model_has_the_same_losses(tiny: CausalGenerator) -> None:
    """Compiled without a compiler ("eager"): what is traced is what a graphics card would run."""
    model = prepare(tiny.model, replace(OPTIONS, method="lora"))
    rows = [batch for part in (data(), data()[:1]) for batch in groups_of(pack(part, 64), model, 2, 64)]
    plain = [token_losses(model, batch).detach() for batch in rows]
    compile_layers(model, backend="eager")
    torch._dynamo.utils.counters.clear()
    for batch, expected in zip(rows, plain, strict=True):
        assert batch.ids.shape == (2, 64)
        torch.testing.assert_close(token_losses(model, batch).detach(), expected)
    # with a mask and without, each for the first layer and for all others
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 4


@pytest.mark.parametrize("bias", [False, True])
def test_words_that_a_head_has_meanwhile_change_nothing(bias: bool) -> None:
    """A head of 50 words as one of 64: same scores and gradients, and it is the same head afterwards."""
    head = torch.nn.Linear(8, 50, bias=bias)
    hidden, at = torch.randn(2, 5, 8), torch.tensor([9, 0, 4])
    expected = head(hidden.flatten(0, 1)[at])
    wanted = torch.autograd.grad(expected.square().sum(), list(head.parameters()))
    with _head_at(head, at, 14):
        found = head(hidden)
    assert found.shape == (3, 64)
    torch.testing.assert_close(found[:, :50], expected)
    given = torch.autograd.grad(found[:, :50].square().sum(), list(head.parameters()))
    torch.testing.assert_close(given, wanted)
    assert head(hidden).shape == (2, 5, 50)


def test_what_a_thread_makes_ahead_comes_in_order_and_its_errors_come_here() -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(3):
            made.append(number)
            yield number
        raise ValueError("no more")

    found = ahead(numbers())
    assert next(found) == 0
    assert next(found) == 1
    assert next(found) == 2
    with pytest.raises(ValueError, match="no more"):
        next(found)
    assert made == [0, 1, 2]
