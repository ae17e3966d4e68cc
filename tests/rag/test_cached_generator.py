"""Models that keep their keys and values where they are told, beside torch on the same tiny models: the same
numbers, texts, limits, in ONNX Runtime and with packed weights."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import cached_reading
from rag.cached_generator import CachedGenerator
from rag.causal import CausalGenerator
from rag.decoding import GenerateOptions
from rag.generator import load_generator

PROMPT = "Acme Pumps was founded in 2009 by"
ZH = "枣园科技有限公司成立于2009年，总部位于杭州市西湖区"
SAFE = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@pytest.fixture(scope="module", params=["onnx", "packed"])
def runtime(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def load(folder: Path, runtime: str, **more: Any) -> CachedGenerator:
    found = load_generator(folder, runtime=runtime, dtype="float32", threads=1, **more)
    assert isinstance(found, CachedGenerator), found.runtime
    return found


@pytest.fixture(scope="module")
def cached(model_folder: Path, runtime: str) -> CachedGenerator:
    return load(model_folder, runtime)


@settings(max_examples=15, **SAFE)
@given(st.data())
def test_prompts_and_trees_read_as_in_torch(
    cached: CachedGenerator, generator: CausalGenerator, data: st.DataObject
) -> None:
    tokens = st.integers(1, 419)
    prompts = data.draw(st.lists(st.lists(tokens, min_size=1, max_size=60), min_size=1, max_size=4))
    then = data.draw(st.lists(tokens, max_size=5))
    readings = [one.read(*prompts, then=then) for one in (cached, generator)]
    np.testing.assert_allclose(readings[0].first, readings[1].first, atol=1e-3)
    np.testing.assert_allclose(readings[0].then, readings[1].then, atol=1e-3)
    nodes = len(prompts) * len(then)
    for _ in range(3):
        new = data.draw(st.lists(tokens, min_size=1, max_size=8))
        parents = [data.draw(st.integers(-len(prompts), at - 1)) for at in range(nodes, nodes + len(new))]
        rows = [reading.extend(new, parents) for reading in readings]
        np.testing.assert_allclose(rows[0], rows[1], atol=1e-3)
        nodes = data.draw(st.integers(0, nodes + len(new)))
        for reading in readings:
            reading.forget(nodes)


def test_more_nodes_than_there_was_room_for(cached: CachedGenerator, generator: CausalGenerator) -> None:
    ids = cached.encode(PROMPT)
    many = [at % 400 + 1 for at in range(300)]
    rows = []
    for one in (cached, generator):
        reading = one.read(ids)
        reading.extend(many, [-1] * 300)
        rows.append(reading.extend([5, 6], [299, 0]))
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-3)


@pytest.mark.parametrize("prompt", [PROMPT, ZH, LONG := (PROMPT + ZH) * 2])
def test_greedy_texts_are_those_of_transformers(
    cached: CachedGenerator, generator: CausalGenerator, prompt: str
) -> None:
    ids = cached.encode(prompt)
    with torch.inference_mode():
        whole = generator.model.generate(
            torch.tensor([ids]), max_new_tokens=80, do_sample=False, pad_token_id=0
        )
    new = [token for token in whole[0, len(ids) :].tolist() if token not in cached.stop_ids]
    options = GenerateOptions(max_length=80)
    for one in (cached, generator):
        assert [step[0] for step in one._steps(ids, options)] == new
    assert cached.generate(ids, options) == [cached.decode(new)] == ["".join(cached.stream(ids, options))]


def test_window_limits(cached: CachedGenerator) -> None:
    assert cached.window == 256
    endless = CachedGenerator(cached.model, cached.tokenizer, version="t", window=256, stop_ids=[])
    for options in (GenerateOptions(max_length=99), GenerateOptions(max_length=99, temperature=1.0)):
        assert len(list(endless._steps([7] * 250, options))) == 6
    for wrong in ([], [7] * 256):
        with pytest.raises(ValueError, match="takes 1 to 255"):
            cached.read(wrong)


def test_what_was_read_before_is_read_no_more_and_changes_nothing(model_folder: Path, runtime: str) -> None:
    keeping, plain = load(model_folder, runtime), load(model_folder, runtime, prefix_mib=0)
    passage = keeping.encode("Passage 1: " + (PROMPT + ZH))
    questions = [keeping.encode(f"\nQuestion: {text}\nAnswer:") for text in ("Who?", "谁？", "Where is it?")]
    for question in questions:
        ids = passage + question
        ours, reference = keeping.read(ids, questions[0]), plain.read(ids, questions[0])
        np.testing.assert_allclose(ours.first, reference.first, atol=1e-4)
        rows = [one.extend([3, 4, 5], [-1, 0, -2]) for one in (ours, reference)]
        np.testing.assert_allclose(rows[0], rows[1], atol=1e-4)
        same, _ = keeping.prefixes.longest(ids)
        assert len(passage) <= same < len(ids)
    assert plain.prefixes.bytes == 0 < keeping.prefixes.bytes


def test_long_prompts_are_read_piece_by_piece(
    cached: CachedGenerator, generator: CausalGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached_reading, "_TOGETHER", 50)
    for size in (49, 50, 51, 199, 200, 255):
        ids = [(at * 7 + size) % 419 + 1 for at in range(size)]
        np.testing.assert_allclose(cached.read(ids).first, generator.read(ids).first, atol=1e-3)


def test_threads_get_what_one_gets(model_folder: Path, runtime: str) -> None:
    shared = load(model_folder, runtime)
    prompts = [shared.encode(f"Passage 1: {text} {PROMPT}") for text in (PROMPT * 2, ZH * 2, "Li Ming " * 20)]
    expected = [shared.read(ids).extend([1, 2, 3], [-1, 0, 0]) for ids in prompts]
    wrong: list[Any] = []

    def ask(number: int) -> None:
        for turn in range(8):
            at = (number + turn) % len(prompts)
            rows = shared.read(prompts[at]).extend([1, 2, 3], [-1, 0, 0])
            if not np.allclose(rows, expected[at], atol=1e-3):
                wrong.append((at, rows))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_another_architecture_runs_in_torch_and_says_so(
    model_folder: Path, runtime: str, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(model_folder, tmp_path / "copy"))
    config = json.loads((folder / "config.json").read_text())
    config["activation_function" if config["model_type"] == "gpt2" else "hidden_act"] = "relu"
    (folder / "config.json").write_text(json.dumps(config))
    found = load_generator(folder, runtime=runtime)
    assert isinstance(found, CausalGenerator)
    assert f"not {runtime}: " in found.runtime
    assert "'relu'" in found.runtime
