from __future__ import annotations

from pathlib import Path

import pytest

from finetune.registry import Registry
from index.errors import BrokenModel, NotFound


def weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"w")


def test_publish_activate_roll_back(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    assert registry.active() is None
    registry.publish("v1", {"base": "tiny"}, weights)
    registry.publish("v2", {"base": "tiny"}, weights)
    registry.activate("v1")
    registry.activate("v2")
    assert [(v.name, v.active) for v in registry.versions()] == [("v1", False), ("v2", True)]
    assert registry.roll_back().name == "v1"
    active = registry.active()
    assert active is not None
    assert active.card == {"base": "tiny", "version": "v1"}
    with pytest.raises(NotFound, match="no version was active before"):
        registry.roll_back()


def test_a_version_never_changes_and_is_whole_or_not_there(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.publish("v1", {}, weights)
    with pytest.raises(BrokenModel, match="versions never change"):
        registry.publish("v1", {}, weights)
    with pytest.raises(BrokenModel, match="without"):
        registry.publish("v2", {}, lambda folder: None)

    def broken(folder: Path) -> None:
        weights(folder)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        registry.publish("v3", {}, broken)
    assert [v.name for v in registry.versions()] == ["v1"]
    assert [p.name for p in (tmp_path / "versions").iterdir()] == ["v1"]


def test_activating_what_is_not_there_moves_nothing(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.publish("v1", {}, weights)
    registry.activate("v1")
    with pytest.raises(NotFound, match="v1"):
        registry.activate("v9")
    active = registry.active()
    assert active is not None
    assert active.name == "v1"


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a/b", "a b"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BrokenModel, match="cannot name a version"):
        Registry(tmp_path).publish(name, {}, weights)
