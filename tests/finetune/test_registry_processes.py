"""Two processes at once, and a disk that fills: versions are whole or not there."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from finetune.registry import Registry


def model(folder: Path) -> None:
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (folder / name).write_text("{}")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")


ON_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from safetensors.numpy import save_file
from finetune.registry import Registry
from index.errors import JujubeError

def write(folder):
    save_file({"weight": np.zeros(100_000, np.float32)}, folder / "model.safetensors")

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    Registry(Path(sys.argv[1])).publish("v1", {}, write)
except JujubeError as error:
    print(f"{error.code}: {error}")
"""
"""A limit on the size of a file stands for the disk: what writes gets an error at the same place."""


def test_a_disk_that_fills_while_the_weights_are_written(registry: Registry) -> None:
    command = [sys.executable, "-c", ON_A_FULL_DISK, str(registry.folder)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    assert said.startswith("storage_full: version v1 cannot be written")
    assert "jujube models prune" in said
    assert list((registry.folder / "versions").iterdir()) == []


RACE = """
import sys
from pathlib import Path
from finetune.registry import Registry
from index.errors import InputError

def model(folder):
    for name, text in (("config.json", "{}"), ("tokenizer.json", "{}"), ("model.safetensors", mine)):
        (folder / name).write_text(text)

registry, mine, won = Registry(Path(sys.argv[1])), sys.argv[2], 0
print("ready", flush=True)
sys.stdin.readline()
for n in range(25):
    try:
        registry.publish(f"shared-{n}", {"by": mine}, model)
        won += 1
    except InputError:
        pass
    registry.activate(f"shared-{n}")
    registry.activate(mine)
    registry.active()
print(won)
"""


def test_two_processes_publish_and_activate_at_once(registry: Registry) -> None:
    for name in ("a", "b"):
        registry.publish(name, {}, model)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(registry.folder), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b")
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    wins = [int(child.communicate(timeout=120)[0]) for child in children]
    assert sum(wins) == 25  # each name is one process's alone
    for version in registry.versions():
        registry.show(version.name, verify=True)
        if version.name.startswith("shared"):
            assert (version.folder / "model.safetensors").read_text() == version.card["by"]
    found = registry.active()
    assert found is not None
    assert found.name in ("a", "b")
    names = (registry.folder / "active").read_text().split()
    assert all(one != two for one, two in pairwise(names))
    assert not [p for p in registry.folder.rglob("*") if p.name.startswith((".making", ".active"))]
