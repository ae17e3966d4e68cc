"""Files that were sent to be learnt from: kept below one folder, each whole or not at all."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from index.errors import InputError, NotFound, StorageFull

PURPOSE = "fine-tune"
COPIES = ".files"
"""Folder beside the jobs' own: files that were sent, as they were when a job was made."""
_ID = re.compile(r"file-[0-9a-f]{12}")
_CARD = "file.json"
_CONTENT = "content"
_ENDING = re.compile(r"(?:\.[A-Za-z0-9]{1,8}){1,2}$")
"""What tells a file's kind, and is kept of its name."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    id: str
    bytes: int
    created_at: int
    """Seconds since 1970."""
    filename: str
    """As whoever sent it calls it; never a path here."""
    purpose: str


@contextmanager
def copies_below(jobs: Path) -> Iterator[Path]:
    """A folder's name for the copies of one job, below the folder of all jobs.

    Where the block does not end well, because the job is refused, what was copied is gone again.
    """
    folder = jobs / COPIES / secrets.token_hex(6)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


class Files:
    """The files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, filename: str, content: BinaryIO, purpose: str) -> StoredFile:
        """Keep a file.

        Raises:
            InputError: it is empty, or for another purpose than to learn from.
            StorageFull: no room.
        """
        if purpose != PURPOSE:
            raise InputError(f'purpose {purpose!r}: files are kept to learn from, with purpose "{PURPOSE}"')
        file_id = f"file-{secrets.token_hex(6)}"
        work = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(dir=self._folder, prefix=".making-"))
            kept = work / _kept(filename)
            with kept.open("wb") as file:
                shutil.copyfileobj(content, file)
            size = kept.stat().st_size
            if not size:
                raise InputError(f"{filename} is empty: there is nothing to learn in it")
            name = filename.replace("\\", "/").rpartition("/")[2] or "upload.jsonl"
            stored = StoredFile(file_id, size, int(time.time()), name, purpose)
            (work / _CARD).write_text(json.dumps(asdict(stored), ensure_ascii=False), "utf-8")
            os.replace(work, self._folder / file_id)
            return stored
        except OSError as error:
            raise StorageFull(
                f"cannot write to {self._folder}: {error.strerror}. Free some space, or use --home"
            ) from error
        finally:
            if work is not None:
                shutil.rmtree(work, ignore_errors=True)

    def list(self) -> list[StoredFile]:
        """The latest first."""
        ids = [path.name for path in self._folder.glob("file-*") if (path / _CARD).is_file()]
        return sorted((self.show(one) for one in ids), key=lambda file: (file.created_at, file.id))[::-1]

    def show(self, file_id: str) -> StoredFile:
        """Raises: NotFound."""
        try:
            return StoredFile(**json.loads((self._place(file_id) / _CARD).read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise NotFound(f"no file {file_id!r}: GET /v1/files shows what there is") from error

    def content(self, file_id: str) -> Path:
        """Where its bytes are. Raises: NotFound."""
        return self._place(file_id) / _kept(self.show(file_id).filename)

    def remove(self, file_id: str) -> None:
        """Raises: NotFound. A job that has begun keeps its own copy."""
        self.show(file_id)
        shutil.rmtree(self._place(file_id), ignore_errors=True)

    def _place(self, file_id: str) -> Path:
        if not _ID.fullmatch(file_id):
            raise NotFound(f"no file {file_id!r}: GET /v1/files shows what there is")
        return self._folder / file_id


def _kept(filename: str) -> str:
    """
    >>> _kept("../问答 2.csv.gz"), _kept("questions")
    ('content.csv.gz', 'content')
    """
    ending = _ENDING.search(filename)
    return _CONTENT + (ending[0] if ending else "")
