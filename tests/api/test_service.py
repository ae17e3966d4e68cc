"""The service itself: parts are loaded once and only when needed; settings reach them."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from api.once import Once
from api.report import AddReport, unless_alone
from api.service import Service
from api.settings import Settings
from index.errors import EncryptedFile, InputError, Overloaded, StorageFull
from index.readers.read import Failure


def test_a_part_is_loaded_once_for_all_threads() -> None:
    loads: list[int] = []

    def load() -> object:
        loads.append(1)
        time.sleep(0.05)
        return object()

    part = Once(load)
    with ThreadPoolExecutor(8) as pool:
        assert len({id(one) for one in pool.map(lambda _: part(), range(8))}) == 1
    assert len(loads) == 1
    assert len(part.drop()) == 1
    assert part.drop() == []
    part()
    assert len(loads) == 2


def test_a_part_that_could_not_be_loaded_is_tried_again() -> None:
    answers: list[Any] = [ValueError("not yet"), 7]

    def load() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return int(answer)

    part = Once(load)
    with pytest.raises(ValueError, match="not yet"):
        part()
    assert part() == part() == 7


def test_all_ways_in_at_once_do_not_wait_for_each_other(service: Service) -> None:
    """Searching loads the corpus, asking the corpus and the generator, adding all while it splits."""
    ways = [
        lambda: service.search("leave"),
        lambda: service.ask("How many?"),
        lambda: service.generator,
        lambda: service.warm(),
        lambda: service.stats(),
    ]
    with ThreadPoolExecutor(10) as pool:
        results = [done.result(timeout=60) for done in [pool.submit(way) for way in ways * 2]]
    assert results[2] is results[7] is service.generator
    assert results[4]["documents"] == results[9]["documents"]


def test_nothing_is_loaded_to_say_that_nothing_can_be_read(tmp_path: Path) -> None:
    service = Service(Settings(home=tmp_path, embedder="no-such-embedder", generator="no-such-model"))
    report = service.add_paths([tmp_path / "nothing.md"])
    assert [failure.code for failure in report.failures] == ["not_found"]
    assert service.add_paths([]) == AddReport()
    service.close()


def test_one_failure_alone_is_raised_as_what_it_was() -> None:
    report = AddReport(failures=[Failure("a.pdf", "encrypted_file", "a.pdf: needs a password")])
    with pytest.raises(EncryptedFile, match="needs a password"):
        unless_alone(1, report)
    assert unless_alone(2, report) is report
    report.unchanged = 1
    assert unless_alone(1, report) is report
    with pytest.raises(InputError, match="odd"):
        unless_alone(1, AddReport(failures=[Failure("a", "no such code", "odd")]))


def test_slots_bound_what_computes_and_the_queue_what_waits(settings: Settings) -> None:
    service = Service(settings.model_copy(update={"slots": 2, "queue": 1}))
    inside, go = threading.Semaphore(0), threading.Event()
    computing: set[int] = set()
    most = 0

    def compute() -> None:
        nonlocal most
        with service.slots.one():
            computing.add(threading.get_ident())
            most = max(most, len(computing))
            inside.release()
            go.wait(10)
            computing.remove(threading.get_ident())

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(compute) for _ in range(3)]
        inside.acquire()
        inside.acquire()
        while service.slots.taken < 3:
            time.sleep(0.01)
        with pytest.raises(Overloaded, match="3 questions"), service.slots.one():
            pass
        go.set()
        for one in running:
            one.result()
    assert most == 2
    assert service.slots.taken == 0


def test_threads_are_set(settings: Settings) -> None:
    before = torch.get_num_threads()
    try:
        service = Service(settings.model_copy(update={"threads": 1}))
        assert service.generator.window == 1024
        assert torch.get_num_threads() == 1
        assert service.stats()["threads"] == 1
    finally:
        torch.set_num_threads(before)
        service.close()


def test_a_model_that_cannot_be_written_is_an_error_to_act_on(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    said: list[str] = []
    with pytest.raises(StorageFull, match="--home"):
        _ = Service(Settings(home=tmp_path), said.append).generator


def test_after_closing_it_opens_again(service: Service) -> None:
    assert service.store.revision == 0
    service.close()
    assert service.store.revision == 0


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUJUBE_HOME", "~/some where")
    monkeypatch.setenv("JUJUBE_PORT", "9000")
    monkeypatch.setenv("JUJUBE_SOMETHING_ELSE", "1")
    settings = Settings(collection="papers")
    assert settings.home == Path.home() / "some where"
    assert settings.store_path == settings.home / "collections" / "papers.db"
    assert settings.models_path == settings.home / "models"
    assert settings.port == 9000
    with pytest.raises(ValidationError):
        settings.port = 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", 0), ("port", 65536), ("slots", 0), ("queue", -1), ("threshold", 1.1), ("passages", 0)],
)
def test_settings_out_of_range(name: str, value: float) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings(**{name: value})
