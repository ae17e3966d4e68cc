"""ONNX Runtime and torch on the same tiny models: the same numbers, texts, limits; what falls back."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from index.errors import BrokenModel, InputError
from rag import onnx_model
from rag.causal import CausalGenerator
from rag.decoding import GenerateOptions
from rag.generator import load_generator
from rag.onnx_decoder import pack
from rag.onnx_generator import OnnxGenerator
from rag.onnx_weights import Unsupported, read_shape

PROMPT = "Acme Pumps was founded in 2009 by"
ZH = "枣园科技有限公司成立于2009年，总部位于杭州市西湖区"
SAFE = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


def load(folder: Path, **more: Any) -> OnnxGenerator:
    found = load_generator(folder, **{"runtime": "onnx", "threads": 1, **more})
    assert isinstance(found, OnnxGenerator), found.runtime
    return found


@pytest.fixture(scope="module")
def onnx(model_folder: Path) -> OnnxGenerator:
    return load(model_folder)


@pytest.fixture
def folder(model_folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(model_folder, tmp_path / "copy"))


@settings(max_examples=15, **SAFE)
@given(st.data())
def test_prompts_and_trees_read_as_in_torch(
    onnx: OnnxGenerator, generator: CausalGenerator, data: st.DataObject
) -> None:
    tokens = st.integers(1, 419)
    prompts = data.draw(st.lists(st.lists(tokens, min_size=1, max_size=60), min_size=1, max_size=4))
    readings = [one.read(*prompts) for one in (onnx, generator)]
    np.testing.assert_allclose(readings[0].first, readings[1].first, atol=1e-3)
    nodes = 0
    for _ in range(3):
        new = data.draw(st.lists(tokens, min_size=1, max_size=8))
        parents = [data.draw(st.integers(-len(prompts), at - 1)) for at in range(nodes, nodes + len(new))]
        rows = [reading.extend(new, parents) for reading in readings]
        np.testing.assert_allclose(rows[0], rows[1], atol=1e-3)
        nodes = data.draw(st.integers(0, nodes + len(new)))
        for reading in readings:
            reading.forget(nodes)


def test_more_nodes_than_there_was_room_for(onnx: OnnxGenerator, generator: CausalGenerator) -> None:
    ids = onnx.encode(PROMPT)
    many = [at % 400 + 1 for at in range(300)]
    rows = []
    for one in (onnx, generator):
        reading = one.read(ids)
        reading.extend(many, [-1] * 300)
        rows.append(reading.extend([5, 6], [299, 0]))
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-3)


@pytest.mark.parametrize("prompt", [PROMPT, ZH, LONG := (PROMPT + ZH) * 2])
def test_greedy_texts_are_those_of_transformers(
    onnx: OnnxGenerator, generator: CausalGenerator, prompt: str
) -> None:
    ids = onnx.encode(prompt)
    with torch.inference_mode():
        whole = generator.model.generate(
            torch.tensor([ids]), max_new_tokens=80, do_sample=False, pad_token_id=0
        )
    new = [token for token in whole[0, len(ids) :].tolist() if token not in onnx.stop_ids]
    options = GenerateOptions(max_length=80)
    for one in (onnx, generator):
        assert [step[0] for step in one._steps(ids, options)] == new
    assert onnx.generate(ids, options) == [onnx.decode(new)] == ["".join(onnx.stream(ids, options))]


def test_window_limits(onnx: OnnxGenerator) -> None:
    assert onnx.window == 256
    endless = OnnxGenerator(onnx.model, onnx.tokenizer, version="t", window=256, stop_ids=[])
    for options in (GenerateOptions(max_length=99), GenerateOptions(max_length=99, temperature=1.0)):
        assert len(list(endless._steps([7] * 250, options))) == 6
    for wrong in ([], [7] * 256):
        with pytest.raises(ValueError, match="takes 1 to 255"):
            onnx.read(wrong)


def test_what_was_read_before_is_read_no_more_and_changes_nothing(model_folder: Path) -> None:
    keeping, plain = load(model_folder), load(model_folder, prefix_mib=0)
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
    onnx: OnnxGenerator, generator: CausalGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_model, "_TOGETHER", 50)
    for size in (49, 50, 51, 199, 200, 255):
        ids = [(at * 7 + size) % 419 + 1 for at in range(size)]
        np.testing.assert_allclose(onnx.read(ids).first, generator.read(ids).first, atol=1e-3)


def test_threads_get_what_one_gets(model_folder: Path) -> None:
    shared = load(model_folder)
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


def test_eight_bits_are_near(model_folder: Path, generator: CausalGenerator) -> None:
    """Few tokens and many go through different sessions with the same weights."""
    packed = load(model_folder, runtime="onnx-int8")
    assert "int8" in packed.runtime
    for size in (5, 90):
        ids = [at * 7 % 419 + 1 for at in range(size)]
        ours, reference = packed.read(ids).first, generator.read(ids).first
        assert np.corrcoef(ours[0], reference[0])[0, 1] > 0.99


def test_packed_weights_unpack_to_what_they_were() -> None:
    rows = np.random.default_rng(0).normal(size=(6, 64)).astype(np.float32)
    rows[2, :32] = 0
    numbers, scales = pack(rows)
    unpacked = (numbers.astype(np.float32) - 128) * scales.reshape(6, 2, 1)
    np.testing.assert_allclose(unpacked.reshape(6, 64), rows, atol=np.abs(rows).max() / 250)


# What cannot be run in ONNX Runtime.


def test_another_architecture_runs_in_torch_and_says_so(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["activation_function" if config["model_type"] == "gpt2" else "hidden_act"] = "relu"
    (folder / "config.json").write_text(json.dumps(config))
    found = load_generator(folder, runtime="onnx")
    assert isinstance(found, CausalGenerator)
    assert "torch" in found.runtime
    assert "'relu'" in found.runtime


def test_without_onnxruntime_torch_runs(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    found = load_generator(model_folder, runtime="onnx")
    assert isinstance(found, CausalGenerator)
    assert "onnxruntime" in found.runtime


def test_a_cache_that_cannot_be_written_is_no_obstacle(model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    found = load_generator(model_folder, runtime="onnx", cache=tmp_path / "file")
    assert isinstance(found, CausalGenerator)
    assert "not onnx" in found.runtime


@pytest.mark.parametrize("kind", ["bert", None])
def test_unknown_types_are_named(kind: str | None) -> None:
    with pytest.raises(Unsupported, match=repr(kind)):
        read_shape({"model_type": kind})


def test_small_heads_run_in_torch() -> None:
    config = {"model_type": "gpt2", "n_head": 4, "n_embd": 32, "n_layer": 1, "vocab_size": 9}
    with pytest.raises(Unsupported, match="heads of 8"):
        read_shape(config)


def test_positions_that_are_scaled_run_in_torch() -> None:
    config = {"model_type": "llama", "rope_parameters": {"rope_type": "llama3"}}
    with pytest.raises(Unsupported, match="llama3"):
        read_shape(config)


def test_an_unknown_runtime_lists_the_known(model_folder: Path) -> None:
    with pytest.raises(InputError, match="auto, torch, onnx, onnx-int8"):
        load_generator(model_folder, runtime="tpu")


def test_weights_of_another_shape_are_a_broken_model(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if "mlp" in name and name.endswith("weight"))
    weights[name] = weights[name][:-1].clone()
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(BrokenModel, match="cannot be loaded"):
        load_generator(folder, runtime="onnx")


def test_an_end_token_that_only_the_architecture_knows(folder: Path) -> None:
    for name in ("config.json", "generation_config.json"):
        config = json.loads((folder / name).read_text())
        config.pop("eos_token_id", None)
        (folder / name).write_text(json.dumps(config))
    found = load_generator(folder, runtime="onnx")
    assert isinstance(found, CausalGenerator)
    assert found.stop_ids
