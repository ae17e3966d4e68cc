"""Packed weights in bfloat16 beside transformers in float32; what torch runs in their place."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from index.errors import BrokenModel
from rag import runtime
from rag.cached_generator import CachedGenerator
from rag.causal import CausalGenerator
from rag.generator import load_generator
from rag.packed_model import PackedModel


@pytest.fixture
def folder(model_folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(model_folder, tmp_path / "copy"))


def test_bfloat16_is_as_near_to_float32_as_that_of_transformers(
    model_folder: Path, generator: CausalGenerator
) -> None:
    packed = load_generator(model_folder, runtime="packed", threads=1)
    assert "packed weights in torch, bfloat16" in packed.runtime
    plain = load_generator(model_folder, runtime="torch", dtype="bfloat16")
    off: dict[str, list[float]] = {"packed": [], "plain": []}
    for size in range(3, 200, 10):
        ids = [(at * 7 + size) % 419 + 1 for at in range(size)]
        for name, one in (("packed", packed), ("plain", plain)):
            off[name].append(np.abs(one.read(ids).first - generator.read(ids).first).mean())
    assert np.mean(off["packed"]) < 1.5 * np.mean(off["plain"])


def test_a_processor_with_bfloat16_gets_packed_weights(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "has_graphics_card", lambda: False)
    for quick, expected in ((True, "packed"), (False, "onnx")):
        monkeypatch.setattr(runtime, "computes_in_bfloat16", lambda _, quick=quick: quick)
        found = load_generator(model_folder)
        assert isinstance(found, CachedGenerator)
        assert expected in found.runtime


@pytest.mark.parametrize("lacks", ["oneDNN", "its operators"])
def test_a_torch_without_onednn_says_so(
    model_folder: Path, lacks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lacks == "oneDNN":
        monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    else:
        monkeypatch.setattr("index.packed._OPERATORS", ("of_another_version",))
    found = load_generator(model_folder, runtime="packed")
    assert isinstance(found, CausalGenerator)
    assert "oneDNN" in found.runtime


def test_a_missing_weight_is_named_and_not_made_up(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if "mlp" in name and name.endswith("weight"))
    del weights[name]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    for named in ("packed", "torch", "onnx"):
        with pytest.raises(BrokenModel, match=re.escape(name)):
            load_generator(folder, runtime=named)


@pytest.mark.parametrize("part", ["mlp", "attn", "ln_f", "norm.weight", "embed", "wte"])
def test_weights_of_another_shape_are_a_broken_model(folder: Path, part: str) -> None:
    weights = load_file(folder / "model.safetensors")
    name = next((name for name in weights if part in name and name.endswith("weight")), None)
    if name is None:
        pytest.skip("the other architecture's name")
    weights[name] = weights[name][:-1].clone()
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(BrokenModel, match="cannot be loaded"):
        load_generator(folder, runtime="packed")


def test_weights_that_are_cut_short_are_a_broken_model(folder: Path) -> None:
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BrokenModel, match="cannot be loaded"):
        load_generator(folder, runtime="packed")


def test_positions_behind_the_first_rotations(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of a long window works its rotations out as it needs them."""
    monkeypatch.setattr("rag.packed_model._ROWS", 8)
    few = load_generator(model_folder, runtime="packed", dtype="float32", prefix_mib=0)
    assert isinstance(few, CachedGenerator)
    assert isinstance(few.model, PackedModel)
    monkeypatch.undo()
    many = load_generator(model_folder, runtime="packed", dtype="float32", prefix_mib=0)
    for size in (5, 30, 200):
        ids = [at * 7 % 419 + 1 for at in range(size)]
        np.testing.assert_array_equal(few.read(ids).first, many.read(ids).first)
