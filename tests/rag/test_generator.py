from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from index.errors import BrokenModel, UnknownModel
from rag import embedded, runtime
from rag.causal import CausalGenerator
from rag.generator import load_generator


@pytest.fixture
def folder(model_folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(model_folder, tmp_path / "copy"))


def test_a_folder_without_card_says_what_its_files_say(
    generator: CausalGenerator, model_folder: Path
) -> None:
    assert generator.stop_ids == (0,)
    assert generator.window == 256
    assert generator.version == model_folder.name


def test_the_card_decides(folder: Path) -> None:
    (folder / "card.json").write_text(json.dumps({"stop_ids": [5, 6], "window": 99, "version": "v7"}))
    found = load_generator(folder)
    assert (found.stop_ids, found.window, found.version) == ((5, 6), 99, "v7")


def test_a_card_cannot_widen_the_window(folder: Path) -> None:
    (folder / "card.json").write_text(json.dumps({"window": 4096}))
    assert load_generator(folder).window == 256


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_number_format(model_folder: Path, dtype: str) -> None:
    found = load_generator(model_folder, device="cpu", dtype=dtype)
    assert isinstance(found, CausalGenerator)
    assert found.model.dtype == getattr(torch, dtype)
    assert found.read([1, 2, 3]).first.shape == (1, 420)


def test_bfloat16_where_the_processor_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert runtime.computes_in_bfloat16("cuda:0")
    for flags, expected in (("sse avx512_bf16", True), ("amx_bf16", True), ("sse avx2", False)):
        monkeypatch.setattr(Path, "read_text", lambda *_, flags=flags: flags)
        assert runtime.computes_in_bfloat16("cpu") is expected
        assert runtime.choose("auto") == ("packed" if expected else "onnx")
        assert runtime.choose("auto", "cpu") == "torch"


def test_vocabulary_and_merges_do_for_a_tokenizer(
    folder: Path, generator: CausalGenerator, request: pytest.FixtureRequest
) -> None:
    if "llama" in request.node.name:
        pytest.skip("only GPT-2 comes so")
    data = json.loads((folder / "tokenizer.json").read_text())["model"]
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.json").write_text(json.dumps(data["vocab"]))
    merges = "\n".join(" ".join(pair) for pair in data["merges"])
    (folder / "merges.txt").write_text("#version: 0.2\n" + merges + "\n")
    assert load_generator(folder).encode("Li Ming 李明") == generator.encode("Li Ming 李明")


@pytest.mark.parametrize("part", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_missing_part_is_named(folder: Path, part: str) -> None:
    (folder / part).unlink()
    with pytest.raises(BrokenModel, match=r"config\.json|no weights|no tokenizer"):
        load_generator(folder)


@pytest.mark.parametrize("part", ["config.json", "model.safetensors", "tokenizer.json", "card.json"])
def test_a_damaged_part_is_a_broken_model(folder: Path, part: str) -> None:
    (folder / part).write_bytes(b"{ broken")
    with pytest.raises(BrokenModel, match=str(folder)):
        load_generator(folder)


def test_half_a_weights_file_is_a_broken_model(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(BrokenModel, match="cannot be loaded"):
        load_generator(folder)


def test_pickled_weights_are_refused(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(BrokenModel, match=r"pytorch_model\.bin.*refused"):
        load_generator(folder)


@pytest.mark.parametrize("name", ["no-such-model", "nobody/no-such-model", "./nowhere", "a/b/c", "/x"])
def test_an_unknown_name_lists_what_can_be_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UnknownModel, match=r'"embedded".*Hugging Face id'):
        load_generator(name)


def test_a_model_in_the_hub_cache_needs_no_network(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    commit = "0123456789abcdef0123456789abcdef01234567"
    (tmp_path / "models--some--tiny" / "refs").mkdir(parents=True)
    (tmp_path / "models--some--tiny" / "refs" / "main").write_text(commit)
    shutil.copytree(model_folder, tmp_path / "models--some--tiny" / "snapshots" / commit)
    found = load_generator("some/tiny")
    assert found.version == "some/tiny@01234567"
    assert found.window == 256


def test_another_models_tokenizer_is_refused(folder: Path) -> None:
    data = json.loads((folder / "tokenizer.json").read_text())
    data["model"]["vocab"] |= {f"extra{number}": 420 + number for number in range(9)}
    (folder / "tokenizer.json").write_text(json.dumps(data))
    with pytest.raises(BrokenModel, match="more tokens than the model"):
        load_generator(folder)


# The embedded model: made once, and again when damaged.


@pytest.fixture
def made(model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every folder that was made; the tiny model stands in for the real weights."""
    calls: list[Path] = []

    def merge(_weights: Path, _adapter: Path, target: Path) -> None:
        calls.append(target)
        shutil.copytree(model_folder, target, dirs_exist_ok=True)

    monkeypatch.setattr(embedded, "merge", merge)
    monkeypatch.setattr(embedded, "_gguf", lambda: tmp_path / "base.gguf")
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_model.safetensors").write_bytes(b"adapter one")
    return calls


def test_made_once(made: list[Path], tmp_path: Path) -> None:
    for _ in range(2):
        found = load_generator("embedded", cache=tmp_path / "cache", adapter=tmp_path / "adapter")
    assert len(made) == 1
    assert found.stop_ids == (1, 2)
    assert found.version.startswith("reader-smollm2-135m@")
    assert len([path for path in (tmp_path / "cache").iterdir() if path.name != "onnx"]) == 1


@pytest.mark.parametrize("part", ["card.json", "model.safetensors", "tokenizer.json", "config.json"])
def test_a_damaged_cache_is_made_again(made: list[Path], tmp_path: Path, part: str) -> None:
    folder = embedded.folder(tmp_path / "cache", tmp_path / "adapter")
    (folder / part).write_bytes(b"half") if part in ("card.json", "model.safetensors") else (
        folder / part
    ).unlink()
    assert embedded.folder(tmp_path / "cache", tmp_path / "adapter") == folder
    assert len(made) == 2
    assert load_generator(folder).stop_ids == (1, 2)


def test_another_adapter_is_another_folder(made: list[Path], tmp_path: Path) -> None:
    one = embedded.folder(tmp_path / "cache", tmp_path / "adapter")
    (tmp_path / "adapter" / "adapter_model.safetensors").write_bytes(b"adapter two")
    assert embedded.folder(tmp_path / "cache", tmp_path / "adapter") != one
    assert len(made) == 2


def test_a_failure_leaves_nothing_behind(
    made: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Path) -> None:
        raise BrokenModel("no room")

    monkeypatch.setattr(embedded, "merge", fail)
    with pytest.raises(BrokenModel, match="no room"):
        embedded.folder(tmp_path / "cache", tmp_path / "adapter")
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_the_embedded_model_lacks_is_named(
    tmp_path: Path, made: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BrokenModel, match="cache folder and the reader adapter"):
        load_generator("embedded")
    with pytest.raises(BrokenModel, match="no reader adapter"):
        load_generator("embedded", cache=tmp_path, adapter=tmp_path / "none")
    monkeypatch.undo()
    monkeypatch.setattr(embedded, "PACKAGE", "no_such_package")
    with pytest.raises(UnknownModel, match="pip install"):
        load_generator("embedded", cache=tmp_path, adapter=tmp_path / "adapter")
