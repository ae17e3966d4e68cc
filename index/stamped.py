"""Files that say what they hold: content, then a stamp of JSON with a checksum. Written whole or not."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_MARK = b"jujube01"
_BLOCK = 1 << 20


def write_stamped(path: Path, header: Mapping[str, Any], write: Callable[[str], Any]) -> None:
    """Write a file beside `path`, stamp it and move it there.

    Args:
        header: goes into the stamp.
        write: called with the name of the file to write the content to.

    Raises:
        OSError: the disk is full, or the folder is not there; `path` is as it was.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with draft.open("wb"):
            pass  # a missing folder is an OSError here, whatever `write` would raise
        write(str(draft))
        stamp = json.dumps({**header, "size": draft.stat().st_size, "checksum": _checksum(draft)}).encode()
        with draft.open("ab") as file:
            file.write(stamp + len(stamp).to_bytes(8, "little") + _MARK)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_stamped(path: Path) -> dict[str, Any] | None:
    """The header; None when the file is missing, damaged or not one of ours. Reads all of it once."""
    try:
        with path.open("rb") as file:
            whole = file.seek(0, os.SEEK_END)
            end = whole - len(_MARK) - 8
            file.seek(max(end, 0))
            tail = file.read()
            length = int.from_bytes(tail[:8], "little")
            if tail[8:] != _MARK or length > end:
                return None
            file.seek(end - length)
            header: Any = json.loads(file.read(length))
        if header["size"] != end - length or header["checksum"] != _checksum(path, header["size"]):
            return None
        return dict(header)
    except (OSError, ValueError, KeyError, TypeError):  # missing, or bytes that are no stamp
        return None


def _checksum(path: Path, size: int | None = None) -> int:
    """CRC-32 of the first `size` bytes."""
    value, left = 0, path.stat().st_size if size is None else size
    with path.open("rb") as file:
        while left > 0 and (block := file.read(min(_BLOCK, left))):
            value, left = zlib.crc32(block, value), left - len(block)
    return value
