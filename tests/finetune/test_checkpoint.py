from __future__ import annotations

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from finetune.base import load_base
from finetune.checkpoint import room_needed
from finetune.examples import Example
from finetune.train import Step, TrainOptions, Validation, prepare, train
from index.errors import InputError, StorageFull
from rag.causal import CausalGenerator

OPTIONS = TrainOptions(
    method="full", learning_rate=1e-3, epochs=5, batch=4, checkpoint_every=3, validate_every=4, patience=0
)
"""20 steps of 16 examples, with the tiny model's own dropout."""


def data(count: int = 16) -> list[Example]:
    draw = torch.Generator().manual_seed(1)

    def some(length: int) -> tuple[int, ...]:
        return tuple(torch.randint(1, 300, (length,), generator=draw).tolist())

    passages = [some(20) for _ in range(4)]
    return [Example((*passages[n % 4], *some(6)), (*some(3), 0), 20) for n in range(count)]


def run(folder: Path, checkpoints: Path | None, options: TrainOptions = OPTIONS, until: int = 0) -> list[Any]:
    """What a fresh process would do, up to so many steps; then it is left alone, as by a kill."""
    told: list[Any] = []
    model = prepare(load_base(folder, "cpu").model, options)
    for one in train(model, data(), options, validation=data(3), checkpoints=checkpoints):
        told.append(one)
        if isinstance(one, Step) and one.number == until:
            break
    return told


def facts(told: list[Any]) -> list[tuple[Any, ...]]:
    """All that must be equal: not the time."""
    return [
        (one.number, one.of, one.loss, one.learning_rate, one.tokens, one.computed) if isinstance(one, Step)
        else (one.step, one.loss, one.best)
        for one in told
    ]  # fmt: skip


@pytest.fixture
def folder(tiny: CausalGenerator, tmp_path: Path) -> Path:
    """Of the tiny model, on disk."""
    return tmp_path / "tiny"


@pytest.mark.parametrize("method", ["full", "lora", "frozen"])
def test_a_training_that_was_cut_off_goes_on_as_if_it_had_not_been(
    folder: Path, tmp_path: Path, method: Any
) -> None:
    options = replace(OPTIONS, method=method, last_layers=1)
    whole = facts(run(folder, None, options))
    first = facts(run(folder, tmp_path / "c", options, until=7))
    second = facts(run(folder, tmp_path / "c", options))
    assert len([one for one in whole if len(one) == 6]) == 20
    assert first == whole[: len(first)]
    assert second[0][0] == 7  # from the checkpoint of step 6
    assert second == whole[-len(second) :]  # bit for bit


SCRIPT = """
    import sys
    from pathlib import Path
    import torch
    torch.set_num_threads(1)
    sys.path[:0] = [{root!r}, {here!r}]
    from test_checkpoint import OPTIONS, data
    from finetune.base import load_base
    from finetune.train import Step, prepare, train
    model = prepare(load_base(Path({folder!r}), "cpu").model, OPTIONS)
    for one in train(model, data(), OPTIONS, validation=data(3), checkpoints=Path({checkpoints!r})):
        if isinstance(one, Step):
            print(one.number, one.loss.hex(), flush=True)
"""


def lines(told: list[Any]) -> list[str]:
    return [f"{one.number} {one.loss.hex()}\n" for one in told if isinstance(one, Step)]


def test_a_process_killed_at_step_seven_ends_with_the_same_weights(folder: Path, tmp_path: Path) -> None:
    """SIGKILL, which no program can answer; what another process then goes on with is on the disk alone."""
    values = {
        "root": str(Path(__file__).parents[2]),
        "here": str(Path(__file__).parent),
        "folder": str(folder),
    }
    script = textwrap.dedent(SCRIPT).format(**values, checkpoints=str(tmp_path / "c"))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        killed: list[str] = []
        for line in process.stdout:
            killed.append(line)
            if line.startswith("7 "):
                os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums over another number of threads end in another last bit
    try:
        whole = lines(run(folder, None))
        resumed = lines(run(folder, tmp_path / "c"))
    finally:
        torch.set_num_threads(threads)
    assert killed == whole[: len(killed)]
    assert 7 <= int(resumed[0].split()[0]) <= len(killed) + 1
    assert resumed == whole[-len(resumed) :]


def test_a_training_that_is_over_is_not_done_again(folder: Path, tmp_path: Path) -> None:
    model = prepare(load_base(folder, "cpu").model, OPTIONS)
    told = list(train(model, data(), OPTIONS, validation=data(3), checkpoints=tmp_path / "c"))
    again = prepare(load_base(folder, "cpu").model, OPTIONS)
    assert list(train(again, data(), OPTIONS, validation=data(3), checkpoints=tmp_path / "c")) == []
    assert any(isinstance(one, Validation) for one in told)
    for name, weight in again.state_dict().items():
        assert torch.equal(weight, model.state_dict()[name])


def test_a_stop_makes_a_checkpoint_to_go_on_from(folder: Path, tmp_path: Path) -> None:
    model = prepare(load_base(folder, "cpu").model, OPTIONS)
    asked = iter([False] * 4 + [True])
    list(train(model, data(), OPTIONS, checkpoints=tmp_path / "c", stop=lambda: next(asked)))
    again = prepare(load_base(folder, "cpu").model, OPTIONS)
    first = next(train(again, data(), OPTIONS, checkpoints=tmp_path / "c"))
    assert isinstance(first, Step)
    assert first.number == 6


def test_the_last_two_are_kept_whole_without_pickles(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "c", until=11)
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == ["step-00000006", "step-00000009"]
    files = {path.name for path in (tmp_path / "c" / "step-00000009").iterdir()}
    assert files == {"weights.safetensors", "optimiser.safetensors", "best.safetensors", "state.json"}
    size = sum(path.stat().st_size for path in (tmp_path / "c").rglob("*") if path.is_file())
    model = prepare(load_base(folder, "cpu").model, OPTIONS)
    assert size < room_needed(model) < 2 * size


@pytest.mark.parametrize("other", ["options", "data", "base"])
def test_checkpoints_of_another_training_are_refused(folder: Path, tmp_path: Path, other: str) -> None:
    run(folder, tmp_path / "c", until=4)
    options = replace(OPTIONS, learning_rate=2e-3) if other == "options" else OPTIONS
    model = prepare(load_base(folder, "cpu").model, options)
    if other == "base":
        with torch.no_grad():
            model.lm_head.weight[0, 0] += 1
    examples = data()[::-1] if other == "data" else data()
    with pytest.raises(InputError, match="checkpoints of another training"):
        next(train(model, examples, options, validation=data(3), checkpoints=tmp_path / "c"))


def test_how_often_checkpoints_are_made_may_change(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "c", until=4)
    assert run(folder, tmp_path / "c", replace(OPTIONS, checkpoint_every=1), until=4)[0].number == 4


def test_a_damaged_checkpoint_is_passed_over(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "c", until=7)
    weights = tmp_path / "c" / "step-00000006" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    (tmp_path / "c" / ".writing-cut-off").mkdir()
    told = run(folder, tmp_path / "c")
    assert told[0].number == 4
    assert facts(told)[-5:] == facts(run(folder, None))[-5:]
    assert not (tmp_path / "c" / ".writing-cut-off").exists()


@pytest.mark.parametrize("how", ["writing", "moving"])
def test_a_full_disk_leaves_the_checkpoint_before_whole(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Writing fails at a limit on the size of files; the move fails as it does without room for a name."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def no_room(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    whole = facts(run(folder, None))
    model = prepare(load_base(folder, "cpu").model, OPTIONS)
    told = train(model, data(), OPTIONS, validation=data(3), checkpoints=tmp_path / "c")
    while next(told) and not (tmp_path / "c" / "step-00000003").exists():
        pass
    try:
        if how == "moving":
            monkeypatch.setattr(os, "replace", no_room)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
        with pytest.raises(StorageFull, match=r"checkpoint of step 6.*free some space") as raised:
            list(told)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        monkeypatch.undo()
    assert (how == "moving") == ("no room left" in str(raised.value))
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["step-00000003"]
    state = json.loads((tmp_path / "c" / "step-00000003" / "state.json").read_text())
    assert state["step"] == 3
    again = facts(run(folder, tmp_path / "c"))
    assert again[0][0] == 4
    assert again == whole[-len(again) :]
