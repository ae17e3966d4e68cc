from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from index.errors import BrokenModel
from rag import converted
from rag.cached_generator import CachedGenerator
from rag.generator import Generator, load_generator


@pytest.fixture
def folder(model_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_folder, tmp_path / "tiny"))


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every folder that was written."""
    calls: list[Path] = []
    write = converted._write

    def counted(work: Path, *args: object, **more: object) -> None:
        calls.append(work)
        write(work, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(converted, "_write", counted)
    return calls


def load(folder: Path, cache: Path | None) -> Generator:
    found = load_generator(folder, runtime="onnx", cache=cache, threads=1)
    assert isinstance(found, CachedGenerator), found.runtime
    return found


def test_made_once_and_read_the_same_again(folder: Path, tmp_path: Path, writes: list[Path]) -> None:
    first, second = (load(folder, tmp_path / "cache").read([1, 2, 3]).first for _ in range(2))
    assert (first == second).all()
    assert len(writes) == 1
    assert [path.suffix for path in (tmp_path / "cache" / "onnx").iterdir()] == [""]  # nothing half-made


@pytest.mark.parametrize("part", ["model.onnx", "weights.bin", "card.json"])
@pytest.mark.parametrize("damage", ["gone", "shorter", "other bytes"])
def test_a_damaged_part_is_made_again(
    folder: Path, tmp_path: Path, writes: list[Path], part: str, damage: str
) -> None:
    expected = load(folder, tmp_path / "cache").read([1, 2, 3]).first
    if (part, damage) == ("weights.bin", "other bytes"):
        pytest.skip("weights are not read through at each start")
    [place] = (tmp_path / "cache" / "onnx").iterdir()
    file = place / part
    content = file.read_bytes()
    file.unlink()
    if damage != "gone":
        file.write_bytes(content[:-9] if damage == "shorter" else bytes(255 - one for one in content))
    assert (load(folder, tmp_path / "cache").read([1, 2, 3]).first == expected).all()
    assert len(writes) == 2
    assert len(list((tmp_path / "cache" / "onnx").iterdir())) == 1


def test_other_weights_are_another_folder_and_the_old_one_goes(
    folder: Path, tmp_path: Path, writes: list[Path]
) -> None:
    cache = tmp_path / "cache"
    load(folder, cache)
    os.utime(folder / "model.safetensors", ns=(1, 1))
    load(folder, cache)
    assert len(writes) == 2
    assert len(list((cache / "onnx").iterdir())) == 1


def test_a_failure_leaves_nothing_behind(folder: Path, tmp_path: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(BrokenModel, match="cannot be loaded"):
        load(folder, tmp_path / "cache")
    assert list((tmp_path / "cache" / "onnx").iterdir()) == []


def test_without_a_cache_nothing_is_kept(folder: Path, tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    assert load(folder, None).read([1, 2]).first.shape == (1, 420)
    assert set(tmp_path.rglob("*")) == before
