from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from finetune.portable import export_version, import_version, require_room
from finetune.registry import Registry
from index.errors import BrokenModel, InputError, NotFound, StorageFull

WEIGHTS = bytes(range(256)) * 10_000
"""2.5 MB: several pieces."""


def model(folder: Path) -> None:
    (folder / "config.json").write_text('{"a": 1}')
    (folder / "tokenizer.json").write_text('{"年": 2}', "utf-8")
    (folder / "model.safetensors").write_bytes(WEIGHTS)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    made = Registry(tmp_path / "here")
    made.publish("v1", {"base": "tiny", "stop_ids": [3], "licences": ["Apache-2.0"]}, model)
    return made


@pytest.fixture
def elsewhere(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "elsewhere")


def left(registry: Registry) -> list[str]:
    return [path.name for path in (registry.folder / "versions").glob("*")]


def test_a_version_travels_whole(registry: Registry, elsewhere: Registry, tmp_path: Path) -> None:
    out: list[tuple[int, int]] = []
    file = export_version(registry, "v1", tmp_path / "far" / "v1", lambda *told: out.append(told))
    assert file == tmp_path / "far" / "v1.zip"
    assert [path.name for path in file.parent.iterdir()] == ["v1.zip"]
    size = registry.show("v1").bytes
    assert out[-1] == (size, size)
    assert [done for done, _ in out] == sorted({done for done, _ in out})
    into: list[tuple[int, int]] = []
    version = import_version(elsewhere, file, progress=lambda *told: into.append(told))
    assert into[-1][0] == into[-1][1] > len(WEIGHTS)
    assert (version.name, version.active) == ("v1", False)
    assert dict(version.card) == dict(registry.show("v1").card)
    for path in registry.show("v1").folder.rglob("*.*"):
        name = path.relative_to(registry.show("v1").folder)
        assert (version.folder / name).read_bytes() == path.read_bytes()
    elsewhere.activate("v1")


def test_under_another_name(registry: Registry, elsewhere: Registry, tmp_path: Path) -> None:
    file = export_version(registry, "v1", tmp_path / "v1.zip")
    card = import_version(registry, file, "v2").card
    assert (card["version"], card["stop_ids"]) == ("v2", [3])
    registry.show("v2", verify=True)
    for name, says in (("v1", "there is a version v1"), ("a/b", "cannot name a version")):
        with pytest.raises(InputError, match=says):
            import_version(registry, file, name)


def test_the_same_version_gives_the_same_file(registry: Registry, tmp_path: Path) -> None:
    one, two = (export_version(registry, "v1", tmp_path / name).read_bytes() for name in ("1.zip", "2.zip"))
    assert one == two


def test_what_is_broken_is_not_exported(registry: Registry, tmp_path: Path) -> None:
    (registry.show("v1").folder / "model.safetensors").write_bytes(b"x")
    with pytest.raises(BrokenModel, match=r"model\.safetensors"):
        export_version(registry, "v1", tmp_path / "v1.zip")
    with pytest.raises(NotFound, match="v7"):
        export_version(registry, "v7", tmp_path / "v7.zip")
    assert not list(tmp_path.glob("*.zip*"))


def test_another_kind_of_archive_is_not_written(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a \.zip file, not to .*v1\.tar"):
        export_version(registry, "v1", tmp_path / "v1.tar")


Change = Callable[[dict[str, Any]], None]


def changed(file: Path, target: Path, change: Change, card: Change | None = None) -> Path:
    """The archive with other members: name -> bytes, or (zip entry, bytes)."""
    with zipfile.ZipFile(file) as archive:
        members: dict[str, Any] = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    if card is not None:
        values = json.loads(members["card.json"])
        card(values)
        members["card.json"] = json.dumps(values).encode()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(*content) if isinstance(content, tuple) else archive.writestr(name, content)
    return target


def put(name: str, content: bytes = b"{}") -> Change:
    def change(members: dict[str, Any]) -> None:
        members[name] = content

    return change


def put_linked(members: dict[str, Any]) -> None:
    entry = zipfile.ZipInfo("config.json")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    members["config.json"] = (entry, b"/etc/hostname")


def name_in_card(name: str) -> Change:
    def change(card: dict[str, Any]) -> None:
        card["sha256"][name] = "0"

    return change


@pytest.mark.parametrize(
    ("change", "card", "says"),
    [
        (put("../evil.json"), name_in_card("../evil.json"), "'../evil.json' leads outside"),
        (put("general/../../evil.json"), None, "leads outside"),
        (put("/etc/evil.json"), None, "'/etc/evil.json' leads outside"),
        (put("./evil.json"), None, "leads outside"),
        (put("a//evil.json"), None, "leads outside"),
        (put("C:\\evil.json"), None, "no name that every system"),
        (put("a\\..\\evil.json"), None, "no name that every system"),
        (put_linked, None, "'config.json' is no plain file"),
        (put("more/"), None, "is no plain file"),
        (put("pytorch_model.bin"), name_in_card("pytorch_model.bin"), "pickled files can run code"),
        (put("modelling.py"), name_in_card("modelling.py"), "no part of a model"),
        (put("extra.json"), None, "extra.json is in one alone"),
        (lambda members: members.pop("tokenizer.json"), None, "tokenizer.json is in one alone"),
        (put("model.safetensors", b"others"), None, "model.safetensors is damaged or was changed"),
        (put("tokenizer.json", b"[]"), None, "tokenizer.json is damaged or was changed"),
        (put("card.json", b"{"), None, "no exported version"),
        (put("card.json", b"[]"), None, "no JSON object"),
        (lambda members: members.pop("card.json"), None, "no exported version"),
        (lambda members: None, lambda card: card.pop("sha256"), "names no sha256"),
        (lambda members: None, lambda card: card.update(sha256={"config.json": "0"}), "names no weights"),
    ],
)
def test_what_is_no_sound_version_leaves_nothing(
    registry: Registry, elsewhere: Registry, tmp_path: Path, change: Change, card: Change | None, says: str
) -> None:
    file = export_version(registry, "v1", tmp_path / "v1.zip")
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    evil = changed(file, tmp_path / "evil.zip", change, card)
    with pytest.raises(BrokenModel, match=says) as raised:
        import_version(elsewhere, evil)
    assert "evil.zip" in str(raised.value)
    assert left(elsewhere) == []
    evil.unlink()
    shutil.rmtree(elsewhere.folder, ignore_errors=True)
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before


def test_two_members_of_one_name_are_refused(registry: Registry, elsewhere: Registry, tmp_path: Path) -> None:
    file = export_version(registry, "v1", tmp_path / "v1.zip")
    with warnings.catch_warnings(), zipfile.ZipFile(file, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("config.json", "{}")
    with pytest.raises(BrokenModel, match=r"'config\.json' is in it twice"):
        import_version(elsewhere, file)


@pytest.mark.parametrize("keep", [0, 10, 100_000, -30])
def test_a_file_that_was_cut_off(registry: Registry, elsewhere: Registry, tmp_path: Path, keep: int) -> None:
    file = export_version(registry, "v1", tmp_path / "v1.zip")
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(BrokenModel, match="no exported version, or damaged"):
        import_version(elsewhere, file)
    assert left(elsewhere) == []


def test_a_file_that_is_not_there(elsewhere: Registry, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no file .*v9\.zip"):
        import_version(elsewhere, tmp_path / "v9.zip")


def test_a_member_whose_bytes_were_flipped(registry: Registry, elsewhere: Registry, tmp_path: Path) -> None:
    file = export_version(registry, "v1", tmp_path / "v1.zip")
    raw = bytearray(file.read_bytes())
    raw[raw.index(WEIGHTS[:1000]) + 2_000_000] ^= 1
    file.write_bytes(raw)
    with pytest.raises(BrokenModel, match="damaged"):
        import_version(elsewhere, file)
    assert left(elsewhere) == []


def test_room_is_asked_for_before_anything_is_written(tmp_path: Path) -> None:
    require_room(tmp_path / "not" / "yet", 1)
    with pytest.raises(StorageFull, match=r"MB are needed on the disk of .*yet and .* MB are free"):
        require_room(tmp_path / "not" / "yet", 1 << 60)
    assert list(tmp_path.iterdir()) == []


ON_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from finetune.portable import export_version, import_version
from finetune.registry import Registry
from index.errors import StorageFull

here, file, there = map(Path, sys.argv[1:])
export_version(Registry(here), "v1", file)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
for work in (
    lambda: export_version(Registry(here), "v1", file.with_name("other.zip")),
    lambda: import_version(Registry(there), file),
):
    try:
        work()
    except StorageFull as error:
        print(error)
"""


def test_a_disk_that_fills_leaves_nothing_half(
    registry: Registry, elsewhere: Registry, tmp_path: Path
) -> None:
    given = [str(registry.folder), str(tmp_path / "v1.zip"), str(elsewhere.folder)]
    command = [sys.executable, "-c", ON_A_FULL_DISK, *given]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    first, second = said.splitlines()
    assert first.startswith(f"cannot write {tmp_path / 'other.zip'}: File too large.")
    assert second.startswith("version v1 cannot be written to")
    assert left(elsewhere) == []
    assert [path.name for path in tmp_path.glob("*.zip*")] == ["v1.zip"]
