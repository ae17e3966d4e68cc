"""Worker processes: the same extractions as in this process, clear errors, no process left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from index import workers as workers_module
from index.errors import BadNames, WorkerFailed
from index.extract import Extraction, Extractor, PatternExtractor, load_extractor
from index.types import Mention
from index.workers import SMALL, WorkerExtractor

TEXTS = [f"The Acme{i} Works sells B-{i} to IBM{'!' * (i % 7)}" for i in range(3 * SMALL)]


class Trouble(PatternExtractor):
    """Does what the first word of a text says."""

    def extract(
        self, texts: Sequence[str], topics: Sequence[str] = (), given: Sequence[Sequence[Mention]] = ()
    ) -> list[Extraction]:
        if "raise" in texts:
            raise ZeroDivisionError("in a worker")
        if "ours" in texts:
            raise BadNames("told so")
        if "die" in texts:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().extract(texts, topics, given)


def test_workers_give_what_one_process_gives() -> None:
    own = Mention("acme0", "OTHER", "Acme0", 4, 9)
    given = [[own], *([] for _ in TEXTS[1:])]
    topics = [f"Topic {i}" for i in range(len(TEXTS))]
    expected = PatternExtractor().extract(TEXTS, topics, given)
    with WorkerExtractor(PatternExtractor) as workers:
        assert workers.extract(TEXTS[: SMALL - 1]) == PatternExtractor().extract(TEXTS[: SMALL - 1])
        assert workers._pool is None  # small batches start no process
        assert workers.extract(TEXTS, topics, given) == expected
        pool = workers._pool
        assert pool is not None
        processes = list(pool._processes.values())
        assert workers.extract(TEXTS, topics, given) == expected
        assert list(pool._processes.values()) == processes
    assert not any(process.is_alive() for process in processes)


def test_an_error_in_a_worker_is_an_error_here_and_the_next_batch_is_read() -> None:
    with WorkerExtractor(Trouble) as workers:
        with pytest.raises(WorkerFailed, match="in a worker"):
            workers.extract([*TEXTS, "raise"])
        with pytest.raises(BadNames, match="told so"):
            workers.extract([*TEXTS, "ours"])
        assert len(workers.extract(TEXTS)) == len(TEXTS)
        with pytest.raises(WorkerFailed, match="ended from outside"):
            workers.extract([*TEXTS, "die"])
        assert workers.extract(TEXTS) == PatternExtractor().extract(TEXTS)


def test_threads_share_the_workers() -> None:
    expected = PatternExtractor().extract(TEXTS)
    results: list[list[Extraction]] = []
    with WorkerExtractor(PatternExtractor) as workers:
        threads = [threading.Thread(target=lambda: results.append(workers.extract(TEXTS))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == [expected] * 3


def test_closing_twice_and_using_it_again() -> None:
    workers = WorkerExtractor(PatternExtractor)
    workers.close()
    assert len(workers.extract(TEXTS)) == len(TEXTS)
    workers.close()
    workers.close()


def test_the_models_in_workers_say_the_same(extractor: Extractor) -> None:
    texts = ["Steve Jobs founded Apple in Cupertino.", "鲁迅写了《秋夜》。"] * SMALL
    workers = load_extractor("embedded", processes=2)
    assert isinstance(workers, WorkerExtractor)
    with workers:
        assert workers.extract(texts) == extractor.extract(texts)


def test_idle_workers_end_and_start_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "IDLE_SECONDS", 1.0)
    with WorkerExtractor(PatternExtractor) as workers:
        expected = workers.extract(TEXTS)
        pool = workers._pool
        assert pool is not None
        pids = list(pool._processes)
        assert gone(pids)
        assert workers._pool is None
        assert workers.extract(TEXTS) == expected


def test_workers_do_not_import_the_program_again(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "print('imported', flush=True)\n"
        "from index.extract import PatternExtractor\n"
        "from index.workers import WorkerExtractor\n"
        "if __name__ == '__main__':\n"
        "    with WorkerExtractor(PatternExtractor) as workers:\n"
        "        print(len(workers.extract(['The B-200 pump.'] * 200)), __file__.endswith('program.py'))\n"
    )
    root = Path(workers_module.__file__).parents[1]
    run = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, check=True, cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
    )  # fmt: skip
    assert run.stdout.splitlines() == ["imported", "200 True"]


def test_workers_end_with_a_program_that_was_killed(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import time\n"
        "from index.extract import PatternExtractor\n"
        "from index.workers import WorkerExtractor\n"
        "if __name__ == '__main__':\n"
        "    workers = WorkerExtractor(PatternExtractor)\n"
        "    workers.extract(['The B-200 pump.'] * 200)\n"
        "    print(*(process.pid for process in workers._pool._processes.values()), flush=True)\n"
        "    time.sleep(60)\n"
    )
    root = Path(workers_module.__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": str(root)}
    with subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, text=True, cwd=root, env=environment
    ) as run:
        assert run.stdout is not None
        pids = [int(pid) for pid in run.stdout.readline().split()]
        assert len(pids) == 2
        run.kill()
    assert gone(pids)


def gone(pids: Sequence[int]) -> bool:
    """Whether these processes end. Not by joining them: the pool's own thread does, and only one can."""
    until = time.monotonic() + 20
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.1)
    return not any(alive(pid) for pid in pids)


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not yet buried does not."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
