"""Another version takes over while questions go on: none fails, none is mixed, and the old one is freed."""

from __future__ import annotations

import gc
import shutil
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
from transformers import GPT2LMHeadModel

from api import loading, swap
from api.service import Service
from api.settings import Settings
from finetune.registry import Registry, Version
from index.errors import BrokenModel, UnknownModel
from rag.decoding import GenerateOptions

Until = Callable[..., None]
PROMPT = "Staff have"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, tiny_model: Path) -> None:
    """The pointer is looked at often, and what is embedded is the tiny model."""
    monkeypatch.setattr(swap, "_EVERY_SECONDS", 0.01)
    load = loading.load_generator
    monkeypatch.setattr(
        loading, "load_generator", lambda name, **how: load(tiny_model if name == "embedded" else name, **how)
    )
    monkeypatch.setattr(loading, "load_counter", lambda *_, **__: len)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "home" / "models")


@pytest.fixture
def publish(registry: Registry, tiny_model: Path) -> Callable[[str], Version]:
    """Versions of the tiny model, each with weights of its own, which writes on in its own way."""

    def make(name: str) -> Version:
        def write(folder: Path) -> None:
            shutil.copytree(tiny_model, folder, dirs_exist_ok=True)
            torch.manual_seed(sum(name.encode()))
            model = GPT2LMHeadModel.from_pretrained(tiny_model)
            with torch.no_grad():
                for weight in model.parameters():
                    weight.add_(0.3 * torch.randn_like(weight))
            model.save_pretrained(folder)

        return registry.publish(name, {"stop_ids": [0], "window": 1024}, write)

    return make


@pytest.fixture
def following(tmp_path: Path) -> Iterator[Service]:
    said: list[str] = []
    made = Service(Settings(home=tmp_path / "home", extractor="patterns", threads=1), said.append)
    made.said = said  # type: ignore[attr-defined]
    yield made
    made.close()


def written(service: Service) -> tuple[str, str]:
    """(version, what it writes on)."""
    generator = service.generator
    (text,) = service.generate(PROMPT, GenerateOptions(max_length=12), (), generator)
    return generator.version, text


def test_the_active_version_answers_and_the_next_takes_over(
    following: Service, registry: Registry, publish: Callable[[str], Version], until: Until
) -> None:
    publish("v1")
    publish("v2")
    registry.activate("v1")
    assert following.stats()["version"] == "v1"  # before anything is loaded
    assert written(following)[0] == following.stats()["version"] == "v1"
    registry.activate("v2")
    until(lambda: written(following)[0] == "v2")
    assert following.stats()["loading"] is None
    registry.roll_back()
    until(lambda: written(following)[0] == "v1")
    registry.roll_back()  # to what was there before any version
    until(lambda: written(following)[0] not in ("v1", "v2"))
    assert following.stats()["refused"] is None


def test_without_a_question_the_next_one_is_noticed_too(
    following: Service, registry: Registry, publish: Callable[[str], Version], until: Until
) -> None:
    publish("v1")
    assert following.generator.version != "v1"
    registry.activate("v1")
    until(lambda: (following.look(), following.stats()["version"] == "v1")[1])


def test_the_old_one_is_freed_when_its_last_question_has_ended(
    following: Service, registry: Registry, publish: Callable[[str], Version], until: Until
) -> None:
    for name in ("v1", "v2"):
        publish(name)
    registry.activate("v1")
    old = weakref.ref(following.generator)
    pieces = following.stream_text(PROMPT, GenerateOptions(max_length=40))
    first = next(pieces)
    registry.activate("v2")
    until(lambda: following.generator.version == "v2")
    kept = old()
    assert kept is not None
    (whole,) = kept.generate(kept.encode(PROMPT), GenerateOptions(max_length=40))
    assert first + "".join(pieces) == whole  # the question that had begun ends with the model it began with
    del kept, pieces
    gc.collect()
    assert old() is None


def test_a_version_that_cannot_be_loaded_leaves_the_old_one(
    following: Service, registry: Registry, publish: Callable[[str], Version], until: Until
) -> None:
    publish("v1")
    broken = publish("v2")
    registry.activate("v1")
    assert written(following)[0] == "v1"
    registry.activate("v2")
    file = broken.folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    until(lambda: (written(following), following.stats()["refused"])[1])
    assert following.stats()["version"] == written(following)[0] == "v1"
    assert following.stats()["refused"].startswith("v2: ")
    said = [line for line in following.said if "v2" in line]  # type: ignore[attr-defined]
    assert len(said) == 1
    for _ in range(5):  # and it is not tried again and again
        time.sleep(0.05)
        written(following)
    assert [line for line in following.said if "v2" in line] == said  # type: ignore[attr-defined]
    publish("v3")
    registry.activate("v3")
    until(lambda: written(following)[0] == "v3")
    assert following.stats()["refused"] is None


def test_a_broken_version_at_the_start_leaves_the_base_unless_a_version_was_asked_for(
    following: Service, registry: Registry, publish: Callable[[str], Version]
) -> None:
    broken = publish("v1")
    registry.activate("v1")
    (broken.folder / "model.safetensors").write_bytes(b"no weights")
    assert written(following)[0] != "v1"
    assert following.stats()["refused"].startswith("v1: ")
    only = Service(following.settings.model_copy(update={"generator": "active"}))
    with pytest.raises(BrokenModel):
        _ = only.generator
    only.close()


def test_a_generator_that_was_named_is_not_swapped(
    following: Service, registry: Registry, publish: Callable[[str], Version], tiny_model: Path
) -> None:
    publish("v1")
    registry.activate("v1")
    named = Service(following.settings.model_copy(update={"generator": str(tiny_model)}))
    assert named.generator.version == tiny_model.name
    named.look()
    time.sleep(0.1)
    assert named.generator.version == tiny_model.name
    assert named.stats()["version"] is None
    named.close()


def test_a_version_is_needed_where_it_is_asked_for(following: Service) -> None:
    only = Service(following.settings.model_copy(update={"generator": "active"}))
    with pytest.raises(UnknownModel, match="no version is active"):
        _ = only.generator
    only.close()


def test_many_users_while_versions_come_and_go(
    following: Service,
    registry: Registry,
    publish: Callable[[str], Version],
    serving: Any,
    documents: Path,
) -> None:
    """16 users for as long as six swaps take: no error, and each answer is its version's own."""
    following.add_paths([documents])
    texts = {}
    for name in ("v1", "v2", "v3"):
        version = publish(name)
        generator = loading.load_generator_of(following.settings, print, version.folder)
        (texts[name],) = generator.generate(generator.encode(PROMPT), GenerateOptions(max_length=12))
    assert len(set(texts.values())) == 3
    registry.activate("v1")
    over = threading.Event()
    seen: list[tuple[str, str, float]] = []
    asked: list[tuple[int, str]] = []
    with serving(following, warm=True) as http:
        while http.get("/readyz").status_code != 200:
            time.sleep(0.05)

        def user(number: int) -> None:
            while not over.is_set():
                begin = time.monotonic()
                if number % 2:
                    body = {"prompt": PROMPT, "max_length": 12}
                    said = http.post("/v1/generate", json=body).json()
                    seen.append((said["model_version"], said["texts"][0], time.monotonic() - begin))
                else:
                    body = {"question": "How many days of leave?", "threshold": 0}
                    response = http.post("/v1/ask", json=body)
                    asked.append((response.status_code, response.json()["model_version"]))

        with ThreadPoolExecutor(16) as pool:
            users = [pool.submit(user, number) for number in range(16)]
            try:
                for name in ("v2", "v3", "v1", "v2", "v3", "v1"):
                    registry.activate(name)
                    end = time.monotonic() + 60
                    while http.get("/v1/stats").json()["version"] != name:
                        assert time.monotonic() < end
                        time.sleep(0.02)
                    # Each must have answered in both ways before it leaves, however slow the machine is.
                    read, told = len(seen), len(asked)
                    while name not in {one[0] for one in seen[read:]} & {one[1] for one in asked[told:]}:
                        assert time.monotonic() < end, f"{name} is active and does not answer"
                        time.sleep(0.02)
            finally:
                over.set()
            for one in users:
                one.result()
    assert {version for version, _, _ in seen} == {"v1", "v2", "v3"} == {version for _, version in asked}
    assert all(text == texts[version] for version, text, _ in seen)
    assert {status for status, _ in asked} == {200}


def test_stats_over_http_say_which_version_answers(
    following: Service, registry: Registry, publish: Callable[[str], Version], serving: Any
) -> None:
    publish("v1")
    registry.activate("v1")
    with serving(following) as http:
        found: httpx.Response = http.get("/v1/stats")
        assert [found.json()[key] for key in ("version", "loading", "refused")] == ["v1", None, None]
