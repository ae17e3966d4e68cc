from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from finetune.registry import SHIPPED, Registry
from index.errors import BrokenModel, InputError, NotFound, StorageFull
from rag.card import read_card, write_card
from rag.causal import CausalGenerator
from rag.generator import load_generator


def model(folder: Path, weights: bytes = b"w") -> None:
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(weights)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")


def publish(registry: Registry, *names: str) -> None:
    for name in names:
        registry.publish(name, {"base": "tiny"}, model)


def active(registry: Registry) -> str | None:
    found = registry.active()
    return found.name if found else None


def test_publish_activate_roll_back(registry: Registry) -> None:
    assert active(registry) is None
    publish(registry, "v1", "v2")
    registry.activate("v1")
    registry.activate("v2")
    registry.activate("v2")
    assert [(v.name, v.active) for v in registry.versions()] == [("v1", False), ("v2", True)]
    assert registry.before() == "v1"
    back = registry.roll_back()
    assert back is not None
    assert (back.name, back.active, active(registry)) == ("v1", True, "v1")
    assert registry.before() is None
    assert registry.roll_back() is None  # the base model, which answered before the first version
    assert active(registry) is None
    with pytest.raises(NotFound, match="nothing was active before"):
        registry.roll_back()


def test_nothing_to_roll_back(registry: Registry) -> None:
    with pytest.raises(NotFound, match="nothing was active before"):
        registry.roll_back()


def test_the_card_says_what_the_version_is(registry: Registry) -> None:
    card = registry.publish("v1", {"base": "tiny", "seed": 7, "stop_ids": [0]}, model).card
    assert (card["version"], card["base"], card["seed"], card["stop_ids"]) == ("v1", "tiny", 7, [0])
    assert card["made"][:2] == "20"
    assert card["sha256"].keys() == {
        "config.json", "model.safetensors", "tokenizer.json",
        "general/LICENSE.md", "general/en.jsonl", "general/zh.jsonl",
    }  # fmt: skip
    assert card["sha256"]["model.safetensors"] == (
        "50e721e49c013f00c62cf59f2163542a9d8df02464efeb615d31051b0fddc326"  # of "w", as sha256sum has it
    )


def test_the_general_questions_are_inherited(registry: Registry) -> None:
    publish(registry, "v1")
    first = registry.show("v1").folder / "general" / "en.jsonl"
    assert first.read_bytes() == (SHIPPED / "en.jsonl").read_bytes()
    first.write_text("{}\n")  # as if an older release had shipped others
    child = registry.publish("v2", {"parent": "v1"}, model)
    assert (child.folder / "general" / "en.jsonl").read_text() == "{}\n"
    orphan = registry.publish("v3", {"parent": "../../elsewhere"}, model)
    assert (orphan.folder / "general" / "en.jsonl").read_bytes() == (SHIPPED / "en.jsonl").read_bytes()


def test_a_version_never_changes_and_is_whole_or_not_there(registry: Registry) -> None:
    publish(registry, "v1")
    with pytest.raises(InputError, match="versions never change"):
        registry.publish("v1", {}, model)

    def broken(folder: Path) -> None:
        model(folder)
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageFull, match=r"v3 cannot be written.*No space left"):
        registry.publish("v3", {}, broken)
    assert [p.name for p in (registry.folder / "versions").iterdir()] == ["v1"]


def _left_out(name: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        model(folder)
        (folder / name).unlink()

    return write


def _added(name: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        model(folder)
        (folder / name).write_bytes(b"x")

    return write


def _linked(folder: Path) -> None:
    model(folder)
    (folder / "more.json").symlink_to("/etc/hostname")


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (_left_out("model.safetensors"), "no weights"),
        (_left_out("tokenizer.json"), "no tokenizer"),
        (_left_out("config.json"), "no config.json"),
        (_added("pytorch_model.bin"), "pytorch_model.bin is refused: pickled"),
        (_added("training.PT"), "training.PT is refused: pickled"),
        (_added("modelling.py"), "modelling.py is no part of a model"),
        (_linked, "more.json is a link"),
    ],
)
def test_what_is_no_safe_model_is_not_published(
    registry: Registry, write: Callable[[Path], None], says: str
) -> None:
    with pytest.raises(BrokenModel, match=says):
        registry.publish("v1", {}, write)
    assert registry.versions() == []
    assert list((registry.folder / "versions").iterdir()) == []


def test_activating_what_is_not_there_moves_nothing(registry: Registry) -> None:
    publish(registry, "v1")
    registry.activate("v1")
    for name in ("v9", "../v1", ""):
        with pytest.raises(NotFound, match="there are v1"):
            registry.activate(name)
    assert active(registry) == "v1"


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("model.safetensors", b"x", "model.safetensors is not the file that the card was written for"),
        ("tokenizer.json", b"[]", "tokenizer.json is not the file"),
        ("tokenizer.json", None, "no tokenizer"),
        ("general/zh.jsonl", None, "has no general/zh.jsonl"),
        ("notes.txt", b"x", "notes.txt is not named by the card"),
        ("optimizer.pkl", b"x", "optimizer.pkl is refused: pickled"),
        ("card.json", None, "has no card.json"),
        ("card.json", b"[", "card.json cannot be read"),
        ("card.json", b"{}", "names no sha256"),
        ("card.json", b'{"sha256": {"config.json": "x"}}', "names no weights"),
    ],
)
def test_a_version_that_is_not_what_its_card_says_is_refused(
    registry: Registry, file: str, content: bytes | None, says: str
) -> None:
    publish(registry, "v1", "v2")
    registry.activate("v1")
    path = registry.show("v2").folder / file
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    for refused in (lambda: registry.show("v2", verify=True), lambda: registry.activate("v2")):
        with pytest.raises(BrokenModel, match=says):
            refused()
    assert active(registry) == "v1"
    assert "v1" in [version.name for version in registry.versions()]


def test_rolling_back_to_a_damaged_version_moves_nothing(registry: Registry) -> None:
    publish(registry, "v1", "v2")
    registry.activate("v1")
    registry.activate("v2")
    (registry.show("v1").folder / "model.safetensors").write_bytes(b"x")
    with pytest.raises(BrokenModel, match=r"model\.safetensors"):
        registry.roll_back()
    assert active(registry) == "v2"


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a/b", "a b", "-", "n" * 101])
def test_a_name_that_is_no_file_name_is_refused(registry: Registry, name: str) -> None:
    with pytest.raises(InputError, match="cannot name a version"):
        registry.publish(name, {}, model)


def test_prune_keeps_the_newest_the_active_one_and_the_one_before(registry: Registry) -> None:
    publish(registry, "v1", "v2", "v3", "v4", "v5", "v6")
    registry.activate("v2")
    registry.activate("v3")
    onnx = registry.folder / "onnx"
    for name in ("v1-int8-0123456789ab", "v1-float32-0123456789ab", "v11-int8-0123456789ab"):
        (onnx / name).mkdir(parents=True)
        (onnx / name / "weights.bin").write_bytes(b"1" * 1000)
    size = sum(registry.show(name).bytes for name in ("v1", "v4", "v5")) + 2000
    assert registry.prune(7).names == registry.prune(6).names == ()
    pruned = registry.prune(1)
    assert pruned.names == ("v1", "v4", "v5")
    assert pruned.bytes == size
    assert [version.name for version in registry.versions()] == ["v2", "v3", "v6"]
    assert [folder.name for folder in onnx.iterdir()] == ["v11-int8-0123456789ab"]
    assert registry.prune(0).names == ("v6",)
    assert registry.prune(0) == type(pruned)((), 0)
    assert sorted(p.name for p in (registry.folder / "versions").iterdir()) == ["v2", "v3"]
    with pytest.raises(InputError, match="-1"):
        registry.prune(-1)


def test_rolling_back_to_what_was_pruned_says_so(registry: Registry) -> None:
    publish(registry, "v1", "v2", "v3")
    for name in ("v1", "v2", "v3"):
        registry.activate(name)
    assert registry.prune(0).names == ("v1",)
    registry.roll_back()
    with pytest.raises(NotFound, match="'v1', which was active before, has been removed"):
        registry.roll_back()
    assert active(registry) == "v2"


def test_what_a_killed_process_left_is_removed_after_a_day(registry: Registry) -> None:
    publish(registry, "v1")
    old, new = (registry.folder / "versions" / name for name in (".making-old", ".making-new"))
    for folder in (old, new):
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(b"x" * 100)
    os.utime(old, (time.time() - 25 * 3600,) * 2)
    assert registry.prune(9).bytes == 100
    assert (old.exists(), new.exists()) == (False, True)
    assert [version.name for version in registry.versions()] == ["v1"]


def test_a_published_model_loads_with_its_tokenizer_and_stop_tokens(
    registry: Registry, tiny: CausalGenerator
) -> None:
    def write(folder: Path) -> None:
        tiny.model.save_pretrained(folder)
        tiny.tokenizer.save(str(folder / "tokenizer.json"))

    version = registry.publish("mine", {"stop_ids": [5, 0], "window": 128}, write)
    registry.activate("mine")
    loaded = load_generator(version.folder, device="cpu", dtype="float32")
    assert (loaded.version, loaded.stop_ids, loaded.window) == ("mine", (5, 0), 128)
    assert loaded.encode("枣树 tree") == tiny.encode("枣树 tree")


def test_a_pointer_to_nothing_is_told(registry: Registry) -> None:
    publish(registry, "v1")
    (registry.folder / "active").write_text("gone\n")
    with pytest.raises(NotFound, match="'gone'"):
        registry.active()


def test_a_broken_card_does_not_hide_the_others(registry: Registry) -> None:
    publish(registry, "v1", "v2")
    (registry.show("v1").folder / "card.json").write_text("[]")
    found = {version.name: version.card for version in registry.versions()}
    assert "should hold a JSON object" in found["v1"]["broken"]
    assert found["v2"]["base"] == "tiny"
    card = read_card(registry.show("v2").folder)
    write_card(registry.show("v2").folder, {**card, "note": "年"})
    assert json.loads((registry.show("v2").folder / "card.json").read_text("utf-8"))["note"] == "年"
