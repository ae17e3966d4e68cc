"""Paths, limits and names: what is found, in which order, and how the rest is reported."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from index import errors
from index.readers.read import READERS, ReadOptions, read_bytes, read_file, read_paths, source_of, walk
from index.readers.records import Failure
from index.types import Document, document_id_for


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "docs"
    for name in (
        "b.md",
        "a.txt",
        "sub/c.txt",
        "sub/deep/年假.TXT",
        ".hidden.txt",
        ".git/d.txt",
        "~$lock.docx",
    ):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"text of {name}", encoding="utf-8")
    return root


def outcome(found: Path | Failure, root: Path) -> str:
    if isinstance(found, Failure):
        return f"{Path(found.source).relative_to(root).as_posix()}: {found.code}"
    return found.relative_to(root).as_posix()


def outcomes(root: Path, *paths: Path, options: ReadOptions | None = None) -> list[str]:
    return [outcome(found, root) for found in walk(paths or [root], options or ReadOptions())]


def test_a_folder_is_walked_in_the_order_of_names_without_hidden_files(folder: Path) -> None:
    assert outcomes(folder) == ["a.txt", "b.md", "sub/c.txt", "sub/deep/年假.TXT"]


def test_each_file_comes_once_however_often_it_is_named(folder: Path) -> None:
    assert outcomes(folder, folder / "b.md", folder, folder / "sub" / ".." / "a.txt") == [
        *("b.md", "a.txt", "sub/c.txt", "sub/deep/年假.TXT")
    ]


def test_a_hidden_file_is_read_when_it_is_named_itself(folder: Path) -> None:
    assert outcomes(folder, folder / ".hidden.txt") == [".hidden.txt"]


def test_what_has_no_reader_is_reported_and_stops_nothing(folder: Path) -> None:
    (folder / "a.exe").write_bytes(b"MZ")
    (folder / "notes").write_text("no ending")
    os.mkfifo(folder / "pipe.txt")
    assert outcomes(folder)[:4] == ["a.exe: unsupported_file", "a.txt", "b.md", "notes: unsupported_file"]
    found = list(read_paths([folder]))
    assert sum(isinstance(item, Document) for item in found) == 4
    pipe = next(item for item in found if item.source.endswith("pipe.txt"))
    assert isinstance(pipe, Failure)
    assert "not a regular file" in pipe.reason


def test_a_missing_file_and_a_broken_link_are_reported(folder: Path) -> None:
    (folder / "gone.txt").symlink_to(folder / "nowhere.txt")
    missing = folder / "missing.txt"
    found = [
        item
        for item in read_paths([missing, folder, folder / "a.txt" / "b.txt"])
        if isinstance(item, Failure)
    ]
    assert [item.code for item in found] == ["not_found"] * 3
    assert found[0].reason == f"{missing}: there is no such file or folder; check the path"


def test_links_are_followed_outside_only_on_demand(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (outside / "back").symlink_to(outside)
    (folder / "link").symlink_to(outside)
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    assert {"link: outside_path", "link.txt: outside_path"} < set(outcomes(folder))
    followed = outcomes(folder, options=ReadOptions(follow_links=True))
    assert sum(name.startswith("link") for name in followed) == 1  # the same file, by whichever way is first


@pytest.mark.parametrize("follow", [False, True])
def test_loops_end(folder: Path, follow: bool) -> None:
    (folder / "sub" / "loop").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    found = outcomes(folder, options=ReadOptions(follow_links=follow))
    assert found == ["a.txt", "b.md", "self: unreadable_document", "sub/c.txt", "sub/deep/年假.TXT"]


def test_a_folder_given_as_a_link_is_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(folder)
    assert outcomes(tmp_path, tmp_path / "alias")[0] == "alias/a.txt"


def test_a_folder_that_may_not_be_opened_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> list[str]:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "listdir", refuse)
    (found,) = walk([folder])
    assert isinstance(found, Failure)
    assert found.reason == f"{folder}: cannot be opened (Permission denied); check its permissions"


def test_sources_are_the_paths_as_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    sources = [item.source for item in read_paths(["docs/sub", "./docs//a.txt"])]
    assert sources == ["docs/sub/c.txt", "docs/sub/deep/年假.TXT", "docs/a.txt"]
    (document,) = read_file("docs/a.txt")
    assert document == Document(document_id_for("docs/a.txt"), "a", "text of a.txt", "docs/a.txt")


def test_a_file_name_that_is_not_utf8_gives_a_source_that_is() -> None:
    source = source_of(Path(os.fsdecode(b"docs/caf\xe9.txt")))
    assert source == r"docs/caf\xe9.txt"


def test_uploads_and_files_are_read_alike(folder: Path) -> None:
    file = folder / "sub" / "deep" / "年假.TXT"
    assert read_bytes("年假.TXT", file.read_bytes(), source_of(file)) == read_file(file)
    assert read_bytes("年假.TXT", b"x")[0].source == "年假.TXT"


@pytest.mark.parametrize("name", ["../a.txt", "a/../../b.txt", r"..\a.txt", "", "a/", ".", "..", "a\0.txt"])
def test_an_upload_name_that_climbs_is_refused(name: str) -> None:
    with pytest.raises(errors.OutsidePath, match="plain file name"):
        read_bytes(name, b"text")


@pytest.mark.parametrize("name", ["folder/a.txt", r"C:\fakepath\a.txt", "/etc/a.txt"])
def test_folders_in_an_upload_name_are_dropped(name: str) -> None:
    assert read_bytes(name, b"text")[0].source == "a.txt"


@pytest.mark.parametrize("name", ["a.doc", "a.exe", "a", ".txt"])
def test_unsupported_names_list_what_is_supported(name: str) -> None:
    with pytest.raises(errors.UnsupportedFile, match=rf"(?s){name}: .*\.docx.*\.jsonl"):
        read_bytes(name, b"text")


@pytest.mark.parametrize("suffix", READERS)
def test_an_empty_file_is_empty_whatever_its_kind(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"empty{suffix}"
    file.touch()
    with pytest.raises(errors.EmptyDocument, match=rf"empty{suffix}: is empty \(0 bytes\)"):
        read_file(file)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".csv", ".jsonl"])
def test_white_space_is_nothing_to_index(suffix: str) -> None:
    with pytest.raises(errors.EmptyDocument, match=f"^blank{suffix}: .*nothing to index"):
        read_bytes(f"blank{suffix}", " \n\t\r\n　\n".encode())


def test_a_200_mb_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.txt"
    with file.open("wb") as stream:
        stream.truncate(200_000_000)
    with pytest.raises(errors.FileTooLarge, match=r"huge\.txt: is 190\.7 MiB, limit 100\.0 MiB; split it up"):
        read_file(file)


def test_too_much_text_is_refused() -> None:
    with pytest.raises(errors.FileTooLarge, match=r"a\.txt: holds 11 characters, limit 10; split"):
        read_bytes("a.txt", b"hello world", options=ReadOptions(max_text_chars=10))


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(suffix: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bomb:
        bomb.writestr("word/document.xml", bytes(32 * 2**20))
    with pytest.raises(errors.FileTooLarge, match=rf"bomb{suffix}: unpacks to 32\.0 MiB, limit 16\.0 MiB"):
        read_bytes(f"bomb{suffix}", packed.getvalue())
    limited = ReadOptions(max_unpacked_bytes=2**20, max_unpacked_ratio=10**6)
    with pytest.raises(errors.FileTooLarge, match=r"limit 1\.0 MiB"):
        read_bytes(f"bomb{suffix}", packed.getvalue(), options=limited)


def test_read_paths_turns_every_error_into_a_failure(tmp_path: Path) -> None:
    for name, data in {
        "a.pdf": b"%PDF",
        "b.docx": b"PK",
        "c.txt": b"",
        "d.json": b"{",
        "e.txt": b"fine",
    }.items():
        (tmp_path / name).write_bytes(data)
    *failures, document = read_paths([tmp_path])
    assert isinstance(document, Document)
    codes = [failure.code for failure in failures if isinstance(failure, Failure)]
    assert codes == ["damaged_file", "damaged_file", "empty_document", "damaged_file"]
    assert all(failure.reason.startswith(failure.source + ": ") for failure in failures)
