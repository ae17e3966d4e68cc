"""Slots: who computes when, and with how many threads."""

from __future__ import annotations

import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import torch

from api.slots import Slot, Slots
from index.errors import Overloaded


class Line:
    """Questions that come one after the other and leave when they are told."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.began: list[str] = []
        self.threads: dict[str, int] = {}
        self._leave: dict[str, threading.Event] = {}
        self._left: dict[str, threading.Thread] = {}

    def come(self, *names: str) -> None:
        for name in names:
            taken, self._leave[name] = self.slots.taken, threading.Event()
            self._left[name] = threading.Thread(target=self._ask, args=(name,))
            self._left[name].start()
            while self.slots.taken == taken:
                pass

    def _ask(self, name: str) -> None:
        with self.slots.one() as slot:
            self.threads[name] = slot.threads
            self.began.append(name)
            self._leave[name].wait(10)

    def leave(self, *names: str) -> None:
        for name in names:
            self._leave[name].set()
        for name in names:
            self._left[name].join(10)

    def computing(self, count: int) -> dict[str, int]:
        """Once so many have begun: the threads of all that have."""
        while len(self.began) < count:
            pass
        return dict(self.threads)


def test_one_alone_has_all_threads_and_those_that_wait_share_them_in_their_order() -> None:
    line = Line(Slots(None, queue=9, threads=4))
    line.come("a", "b", "c", "d", "e", "f", "g")
    assert line.computing(1) == {"a": 4}
    line.leave("a")
    assert line.computing(5) == {"a": 4, "b": 1, "c": 1, "d": 1, "e": 1}
    line.leave("b", "c", "d", "e")
    line.computing(7)
    assert line.began[0] == "a"
    assert set(line.began[1:5]) == set("bcde")  # all four begin at once
    line.leave("f", "g")
    assert line.slots.taken == 0
    line.come("h")
    assert line.computing(8)["h"] == 4


def test_two_that_wait_have_half_of_the_threads_each() -> None:
    line = Line(Slots(None, queue=9, threads=4))
    line.come("a", "b", "c")
    line.leave("a")
    assert line.computing(3) == {"a": 4, "b": 2, "c": 2}
    line.come("d")
    line.leave("b")
    assert line.computing(4)["d"] == 2
    line.leave("c", "d")


@pytest.mark.parametrize(("slots", "threads", "each"), [(2, 4, 2), (3, 4, 1), (2, 1, 1), (1, 4, 4)])
def test_slots_that_are_set_are_always_there(slots: int, threads: int, each: int) -> None:
    line = Line(Slots(slots, queue=1, threads=threads))
    names = [str(number) for number in range(slots)]
    line.come(*names)
    assert line.computing(slots) == dict.fromkeys(names, each)
    line.come("waits")
    assert len(line.began) == slots
    with pytest.raises(Overloaded, match=f"{slots + 1} questions"), line.slots.one():
        pass
    line.leave(*names, "waits")
    assert (line.slots.taken, line.began[-1]) == (0, "waits")


def test_who_is_interrupted_while_waiting_takes_nothing_along(monkeypatch: pytest.MonkeyPatch) -> None:
    slots = Slots(None, queue=9, threads=2)

    def interrupted(self: threading.Event, timeout: float | None = None) -> bool:
        raise KeyboardInterrupt

    with slots.one():
        with monkeypatch.context() as patched:
            patched.setattr(threading.Event, "wait", interrupted)
            with pytest.raises(KeyboardInterrupt), slots.one():
                pass
        assert slots.taken == 1
    with slots.one() as slot:
        assert slot.threads == 2


def test_each_step_computes_with_the_slot_s_threads_in_whichever_thread_it_runs() -> None:
    before, closed = torch.get_num_threads(), []

    def numbers() -> Generator[int]:
        try:
            while True:
                yield torch.get_num_threads()
        finally:
            closed.append(torch.get_num_threads())

    slot = Slot()
    slot.threads = before + 1
    events = slot.steps(numbers())
    assert next(events) == before + 1
    assert torch.get_num_threads() == before
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(next, events).result() == before + 1
        assert pool.submit(torch.get_num_threads).result() == before
    events.close()
    assert closed
    assert list(slot.steps(number for number in (1, 2))) == [1, 2]


def test_two_at_once_compute_with_a_number_of_their_own() -> None:
    both = threading.Barrier(2, timeout=10)

    def compute(threads: int) -> set[int]:
        slot, told = Slot(), set()
        slot.threads = threads
        with ExitStack() as stack:
            both.wait()
            stack.enter_context(slot.computing())
            for _ in range(20):
                both.wait()
                torch.ones(512, 512) @ torch.ones(512, 512)
                told.add(torch.get_num_threads())
        return told

    with ThreadPoolExecutor(2) as pool:
        told = [pool.submit(compute, threads) for threads in (1, 2)]
    assert [one.result() for one in told] == [{1}, {2}]
