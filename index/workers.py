"""An extractor spread over worker processes: two cores read twice as many passages."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType

from index.errors import JujubeError, WorkerFailed
from index.extraction import Extraction, Extractor, Source, sources
from index.types import Mention

IDLE_SECONDS = 30.0
"""How long workers wait for the next batch: starting them anew costs some seconds of both cores."""
SMALL = 64
"""Texts; a smaller batch is read here, for a process costs a second and more to start."""
_TASK = 32
"""Texts a task: small enough that both workers end together, large enough for the models' batches."""
_DEAD = (
    "a worker process that extracts names was ended from outside (out of memory?): add the documents again"
)

_extractor: Extractor | None = None
"""In a worker: its own extractor."""


class WorkerExtractor:
    """Reads batches of `SMALL` texts or more in worker processes, smaller ones in this process.

    The workers start with the first large batch, and end with `close`, with this process, or when they had
    nothing to do for IDLE_SECONDS. Safe for threads.
    """

    def __init__(self, make: Callable[[], Extractor], processes: int = 2) -> None:
        """`make` must be importable: it is called in each worker, and here when first needed."""
        self._make = make
        self.processes = processes
        self._pool: ProcessPoolExecutor | None = None
        self._busy = 0
        self._idle: threading.Timer | None = None
        self._lock = threading.Lock()

    @cached_property
    def _own(self) -> Extractor:
        return self._make()

    def extract(
        self, texts: Sequence[str], topics: Sequence[str] = (), given: Sequence[Sequence[Mention]] = ()
    ) -> list[Extraction]:
        """As every extractor. Raises WorkerFailed when a worker ends or fails."""
        if len(texts) < SMALL:
            return self._own.extract(texts, topics, given)
        items = sources(texts, topics, given)
        # Long texts first and short ones to fill in: the workers end together.
        order = sorted(range(len(items)), key=lambda i: -len(items[i].text))
        tasks = [order[i : i + _TASK] for i in range(0, len(order), _TASK)]
        pool = self._started()
        waiting: list[Future[list[Extraction]]] = []
        try:
            waiting = [pool.submit(_read, [items[i] for i in task]) for task in tasks]
            answers = [future.result() for future in waiting]
        except BrokenProcessPool as error:
            self._discard(pool)
            raise WorkerFailed(_DEAD) from error
        except JujubeError:
            raise
        except Exception as error:
            raise WorkerFailed(
                f"extracting names failed in a worker process: {error!r}. Please report it; JUJUBE_EXTRACTOR="
                "patterns indexes without these models"
            ) from error
        finally:
            for future in waiting:
                future.cancel()
            self._done()
        found = [Extraction()] * len(items)
        for task, answer in zip(tasks, answers, strict=True):
            for i, extraction in zip(task, answer, strict=True):
                found[i] = extraction
        return found

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._idle:
                self._idle.cancel()
                self._idle = None
            if self._pool is None:
                # spawn: a fork would copy the locks of this process's threads in whatever state they are.
                self._pool = ProcessPoolExecutor(
                    self.processes, multiprocessing.get_context("spawn"), _start, (self._make,)
                )
                with _no_main_module():
                    for _ in range(self.processes):  # each task starts one, as no worker is idle yet
                        self._pool.submit(_ready)
            self._busy += 1
            return self._pool

    def _done(self) -> None:
        """Workers that nobody needs for a while end: they hold the models' memory."""
        with self._lock:
            self._busy -= 1
            if not self._busy and self._pool:
                self._idle = threading.Timer(IDLE_SECONDS, self._end_if_idle)
                self._idle.daemon = True
                self._idle.start()

    def _end_if_idle(self) -> None:
        with self._lock:
            if self._busy or not self._pool:
                return
            pool, self._pool = self._pool, None
        pool.shutdown(wait=True)

    def _discard(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
        pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """End the workers. The extractor may be used again: they start anew."""
        with self._lock:
            pool, self._pool = self._pool, None
            if self._idle:
                self._idle.cancel()
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> WorkerExtractor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def _no_main_module() -> Iterator[None]:
    """A spawned process imports the program's main module again, and all that it imports, unless there is no
    such file. What the workers need is named by `make`."""
    main = sys.modules["__main__"]
    kept = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    main.__spec__ = None
    if "__file__" in kept:
        del main.__file__
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(main, name, value)


def _ready() -> None:
    """The first task: a worker is there."""


def _end_with_parent() -> None:
    """In a worker: the program was killed, and nobody will ever tell its workers to end."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _start(make: Callable[[], Extractor]) -> None:
    global _extractor
    # thinc, below spaCy, imports torch where it is installed, and our models do not use it: 200 MB a worker.
    sys.modules.setdefault("torch", None)  # type: ignore[arg-type]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _extractor = make()


def _read(items: Sequence[Source]) -> list[Extraction]:
    assert _extractor is not None
    return _extractor.extract(
        [item.text for item in items], [item.topic for item in items], [item.given for item in items]
    )
