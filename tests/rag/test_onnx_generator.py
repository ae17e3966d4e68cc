"""What is of ONNX Runtime alone: 8-bit weights, what it cannot run and torch runs in its place."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from index.errors import BrokenModel, InputError
from rag.cached_generator import CachedGenerator
from rag.causal import CausalGenerator
from rag.generator import load_generator
from rag.onnx_decoder import pack
from rag.weights import Unsupported, read_shape


@pytest.fixture
def folder(model_folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(model_folder, tmp_path / "copy"))


def test_eight_bits_are_near(model_folder: Path, generator: CausalGenerator) -> None:
    """Few tokens and many go through different sessions with the same weights."""
    packed = load_generator(model_folder, runtime="onnx-int8", threads=1)
    assert isinstance(packed, CachedGenerator)
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
    with pytest.raises(InputError, match="auto, packed, torch, onnx, onnx-int8"):
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
