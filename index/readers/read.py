"""Files to documents. `read_paths` stops at nothing; `read_file` and `read_bytes` read one file and raise."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from index import errors
from index.errors import DamagedFile, FileTooLarge, OutsidePath, ReadError
from index.readers import excel, formats, html, mail, pdf, slides, word
from index.readers.formats import Draft
from index.readers.records import Failure, Found, as_document, read_json, read_jsonl

Reader = Callable[[bytes, str], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    max_file_bytes: int = 100 * 2**20
    """Size of one file as it lies on disk."""
    max_unpacked_bytes: int = 256 * 2**20
    """Size of all that a .docx, .pptx or .xlsx holds, unpacked."""
    max_unpacked_ratio: int = 200
    """Unpacked to packed size, where there is more than 16 MiB to unpack: beyond it, a zip bomb."""
    max_text_chars: int = 20_000_000
    """Characters of text in one file."""
    follow_links: bool = False
    """Whether links that lead out of a given folder are followed; those within it need not be."""


def walk(paths: Iterable[str | Path], options: ReadOptions = ReadOptions()) -> Iterator[Path | Failure]:
    """The files at `paths`, folders with all below them, in the order of `paths` and then of names.

    Each file comes once, however many ways lead to it. Hidden files and folders are passed over unless
    they are named themselves; what has no reader, or cannot be reached, comes as a `Failure`.
    """
    seen: set[str] = set()
    for given in map(Path, paths):
        root = os.path.realpath(given)
        todo = [given]
        while todo:
            path = todo.pop()
            try:
                with _named(source_of(path)):
                    if not _is_new(path, root, seen, options):
                        continue
                    if path.is_dir():
                        names = sorted(os.listdir(path), reverse=True)
                        todo += [path / name for name in names if not name.startswith((".", "~$"))]
                        continue
                    _suffix(path.name)
                yield path
            except errors.JujubeError as error:
                yield Failure(source_of(path), error.code, str(error))


def _is_new(path: Path, root: str, seen: set[str], options: ReadOptions) -> bool:
    """Whether to read `path`, met under `root`; a link that stays within is not read, its target is."""
    real = os.path.realpath(path, strict=True)
    if real != root and path.is_symlink():
        inside = Path(real).is_relative_to(root)
        if not inside and not options.follow_links:
            raise OutsidePath(f"is a link that leads outside the folder, to {real}; add that path itself")
        if inside:
            return False
    new = real not in seen
    seen.add(real)
    return new


def source_of(path: Path) -> str:
    """The name of a local file as a source: its path as given, normalised, with forward slashes."""
    return os.fsencode(Path(os.path.normpath(path)).as_posix()).decode("utf-8", "backslashreplace")


@contextmanager
def _named(source: str) -> Iterator[None]:
    """Errors leave with the name of the file in front."""
    try:
        yield
    except errors.InputError as error:
        raise type(error)(f"{source}: {error}") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise errors.NotFound(f"{source}: there is no such file or folder; check the path") from error
    except OSError as error:
        raise ReadError(f"{source}: cannot be opened ({error.strerror}); check its permissions") from error


def read_paths(paths: Iterable[str | Path], options: ReadOptions = ReadOptions()) -> Iterator[Found]:
    """All documents at `paths`; what cannot be read comes as a `Failure` and stops nothing."""
    for found in walk(paths, options):
        if isinstance(found, Failure):
            yield found
            continue
        try:
            yield from read_file(found, "", options)
        except errors.JujubeError as error:
            yield Failure(source_of(found), error.code, str(error))


def read_file(path: str | Path, source: str = "", options: ReadOptions = ReadOptions()) -> list[Found]:
    """The documents of one local file, and what is wrong with single records of it.

    Raises:
        NotFound: there is no such file.
        ReadError: in the subclass that says why; the message begins with `source` (default: the path).
    """
    path = Path(path)
    source = source or source_of(path)
    with _named(source):
        _suffix(path.name)
        size = path.stat().st_size
        if not path.is_file():
            raise errors.UnsupportedFile("is not a regular file; give a file, or a folder to `read_paths`")
        _refuse_large(size, options.max_file_bytes)
        data = path.read_bytes()
    return read_bytes(path.name, data, source, options)


def read_bytes(name: str, data: bytes, source: str = "", options: ReadOptions = ReadOptions()) -> list[Found]:
    """As `read_file`, of a file that was uploaded under `name`.

    Raises:
        OutsidePath: `name` climbs out of its folder; mere folders before the last `/` are ignored.
    """
    source = source or re.split(r"[/\\]", name)[-1]
    with _named(source):
        suffix = _suffix(name)
        _refuse_large(len(data), options.max_file_bytes)
        if not data:
            raise errors.EmptyDocument("is empty (0 bytes); there is nothing to index in it")
        if suffix in (".docx", ".pptx", ".xlsx"):
            _refuse_bombs(data, options)
        found = list(READERS[suffix](data, source))
        length = sum(len(item.text) for item in found if not isinstance(item, Failure))
        if length > options.max_text_chars:
            raise FileTooLarge(f"holds {length:,} characters, limit {options.max_text_chars:,}; split it up")
        if not found:
            raise errors.EmptyDocument("has no records in it; there is nothing to index")
    return found


def _suffix(name: str) -> str:
    parts = re.split(r"[/\\]", name)
    if ".." in parts or parts[-1] in ("", ".") or "\0" in name:
        raise OutsidePath(f"the name {name!r} is not that of a file in this folder; give a plain file name")
    suffix = PurePosixPath(parts[-1]).suffix.lower()
    if suffix not in READERS:
        raise errors.UnsupportedFile(f"no reader for {suffix!r} files; convert it to {' '.join(READERS)}")
    return suffix


def _refuse_large(size: int, limit: int, what: str = "is") -> None:
    if size > limit:
        raise FileTooLarge(f"{what} {size / 2**20:,.1f} MiB, limit {limit / 2**20:,.1f} MiB; split it up")


def _refuse_bombs(data: bytes, options: ReadOptions) -> None:
    """Judge a zip container by its table of contents; no entry gives more than it says there."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise errors.EncryptedFile("needs a password; save a copy without one")
        raise DamagedFile("is in the Office format of before 2007; save it as .docx, .pptx or .xlsx")
    with formats.reading("Office file"):
        size = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(data)).infolist())
    limit = max(16 * 2**20, options.max_unpacked_ratio * len(data))
    _refuse_large(size, min(limit, options.max_unpacked_bytes), "unpacks to")


def _whole(read: Callable[[bytes], Draft]) -> Reader:
    """The reader of a format of which one file is one document."""
    return lambda data, source: [as_document(read(data), source)]


READERS: dict[str, Reader] = {
    ".txt": _whole(formats.read_text),
    ".md": _whole(formats.read_markdown),
    ".markdown": _whole(formats.read_markdown),
    ".html": _whole(html.read_html),
    ".htm": _whole(html.read_html),
    ".pdf": _whole(pdf.read_pdf),
    ".docx": _whole(word.read_docx),
    ".pptx": _whole(slides.read_pptx),
    ".xlsx": excel.read_xlsx,
    ".csv": _whole(formats.read_csv),
    ".tsv": _whole(formats.read_csv),
    ".eml": lambda data, source: mail.read_mail(data, source, read_bytes),
    ".json": read_json,
    ".jsonl": read_jsonl,
}
"""Suffix in small letters -> the function that reads such a file: (bytes, source) -> what is in it."""
