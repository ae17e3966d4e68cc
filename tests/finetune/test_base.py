from __future__ import annotations

import json
import resource
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from finetune.base import load_base, save_model
from finetune.examples import Example
from finetune.train import TrainOptions, prepare, train
from index.errors import BrokenModel, StorageFull, UnknownModel
from rag.causal import CausalGenerator
from rag.decoding import GenerateOptions
from rag.generator import load_generator


@pytest.fixture
def folder(tiny: CausalGenerator, tmp_path: Path) -> Path:
    """Of the tiny model, on disk."""
    return tmp_path / "tiny"


def test_a_base_is_loaded_in_float32(folder: Path) -> None:
    found = load_base(folder)
    assert found.model.dtype == torch.float32
    assert (found.window, found.stop_ids) == (256, (0,))


def test_a_folder_that_is_not_there_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel, match=r"no base model in .*nowhere"):
        load_base(tmp_path / "nowhere")


def test_a_base_without_a_tokenizer_is_broken(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    with pytest.raises(BrokenModel, match="has no tokenizer"):
        load_base(folder)


def test_pickled_weights_are_refused(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(BrokenModel, match=r"pytorch_model\.bin: pickled files can run code"):
        load_base(folder)


def trained(tiny: CausalGenerator, method: Any) -> tuple[Any, Example]:
    example = Example(tuple(tiny.encode("Question: 几棵树？\nAnswer:")), (*tiny.encode(" 两棵。"), 0))
    rate = 3e-3 if method == "full" else 1e-2
    options = TrainOptions(method=method, learning_rate=rate, epochs=40, batch=1, last_layers=1, rank=4)
    model = prepare(tiny.model, options)
    list(train(model, [example], options))
    return model, example


@pytest.mark.parametrize("method", ["lora", "frozen", "full"])
@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_what_was_trained_answers_the_same_once_saved(
    tiny: CausalGenerator, tmp_path: Path, method: str, dtype: str
) -> None:
    start = tiny.model.lm_head.weight.clone()
    model, example = trained(tiny, method)
    save_model(tiny, model, tmp_path / "saved", dtype)
    again = load_generator(tmp_path / "saved", device="cpu", dtype="float32")
    said = tiny.generate(example.prompt, GenerateOptions(max_length=20))
    assert said == [" 两棵。"]
    assert again.generate(example.prompt, GenerateOptions(max_length=20)) == said
    assert again.stop_ids == tiny.stop_ids
    assert again.encode("Answer: 枣树") == tiny.encode("Answer: 枣树")
    weights = load_file(tmp_path / "saved" / "model.safetensors")
    assert {str(one.dtype) for one in weights.values()} == {f"torch.{dtype}"}
    assert not [name for name in weights if "lora" in name]
    assert tiny.model.dtype == torch.float32  # it can be trained further
    assert torch.equal(start, tiny.model.lm_head.weight) == (method != "full")


def test_only_the_four_files_are_written_and_none_is_pickled(tiny: CausalGenerator, tmp_path: Path) -> None:
    model, _ = trained(tiny, "lora")
    tiny.stop_ids = (0, 5)
    save_model(tiny, model, tmp_path / "saved")
    assert sorted(path.name for path in (tmp_path / "saved").iterdir()) == [
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
    ]
    assert json.loads((tmp_path / "saved" / "generation_config.json").read_text())["eos_token_id"] == [0, 5]
    assert load_base(tmp_path / "saved").stop_ids == (0, 5)


def test_a_full_disk_is_said(tiny: CausalGenerator, tmp_path: Path) -> None:
    """A limit on the size of files stands for it: writing fails where the disk would."""
    model, _ = trained(tiny, "lora")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(StorageFull, match=r"cannot be written to .*saved"):
            save_model(tiny, model, tmp_path / "saved")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_weights_that_are_no_numbers_are_not_saved(tiny: CausalGenerator, tmp_path: Path) -> None:
    with torch.no_grad():
        tiny.model.transformer.ln_f.bias[0] = float("nan")
    with pytest.raises(BrokenModel, match=r"not numbers.*ln_f"):
        save_model(tiny, tiny.model, tmp_path / "saved")
    assert not (tmp_path / "saved").exists()
