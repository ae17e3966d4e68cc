"""A company's own names and aliases: they win over what the models find.

A file of rows `name,alias,alias,...`; a line that begins with # is a comment, a header line is optional.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from index.errors import BadNames
from index.extraction import LONGEST_NAME
from index.language import entity_key, fold
from index.types import Mention

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003134f"
)
"""Scripts that write no space between words, or none before a particle: each character is a token."""
_TOKEN = re.compile(rf"[{_UNSPACED}]|(?:[^\W{_UNSPACED}]|[\u0300-\u036f])+|[^\w\s]")
_HEADERS = {"name", "names", "entity", "canonical", "名称", "名字", "实体", "正式名称", "全称"}
_ONE = (1,)

Row = tuple[str, ...]


@dataclass(frozen=True)
class Names:
    """Names, each with its aliases, as written. Equal rows make equal values."""

    rows: tuple[Row, ...] = ()
    """(name, alias, alias, ...): each name stands once."""

    def __bool__(self) -> bool:
        return bool(self.rows)

    def mentions(self, text: str) -> list[Mention]:
        """Where a name or alias stands in `text`, in order of place; the longest one, and no two overlap.

        English matches whole words only and in any case. An alias of two names gives two mentions.
        """
        if not self.rows:
            return []
        tokens = [(_folded(m.group()), m.start(), m.end()) for m in _TOKEN.finditer(text)]
        found: list[Mention] = []
        at = 0
        while at < len(tokens):
            size, keys = self._longest(text, tokens, at)
            start, end = tokens[at][1], tokens[at + max(size, 1) - 1][2]
            found += [Mention(key, "OTHER", text[start:end], start, end) for key in keys]
            at += max(size, 1)
        return found

    def _longest(self, text: str, tokens: list[tuple[str, int, int]], at: int) -> tuple[int, tuple[str, ...]]:
        """(tokens, keys) of the longest name at token `at`; (0, ()) where none begins."""
        second = tokens[at + 1][0] if at + 1 < len(tokens) else ""
        for size in self._sizes.get((tokens[at][0], second), _ONE):
            last = at + size - 1
            if last < len(tokens):
                keys = self._keys.get(tuple(token for token, _, _ in tokens[at : last + 1]))
                if keys and _whole(text, tokens[at][1], tokens[last][2]):
                    return size, keys
        return 0, ()

    def named(self, key: str) -> tuple[str, ...]:
        """The keys of the names that `key` (a name or alias, folded) stands for; empty for none."""
        return self._named.get(key, ())

    def aliases(self) -> list[tuple[str, str]]:
        """(alias's key, name's key), sorted, where they differ."""
        pairs = {(alias, key) for alias, keys in self._named.items() for key in keys if alias != key}
        return sorted(pairs)

    @property
    def conflicts(self) -> list[tuple[str, tuple[str, ...]]]:
        """(alias's key, keys of the names it stands for), sorted, for aliases of two names or more."""
        return sorted((alias, keys) for alias, keys in self._named.items() if len(keys) > 1)

    @cached_property
    def _named(self) -> Mapping[str, tuple[str, ...]]:
        named: dict[str, dict[str, None]] = {}
        for name, *others in self.rows:
            for written in (name, *others):
                named.setdefault(entity_key(written), {})[entity_key(name)] = None
        return {alias: tuple(keys) for alias, keys in named.items()}

    @cached_property
    def _keys(self) -> Mapping[Row, tuple[str, ...]]:
        found: dict[Row, dict[str, None]] = {}
        for name, *others in self.rows:
            for written in (name, *others):
                found.setdefault(_tokens(written), {})[entity_key(name)] = None
        return {tokens: tuple(keys) for tokens, keys in found.items() if tokens}

    @cached_property
    def _sizes(self) -> Mapping[tuple[str, str], tuple[int, ...]]:
        """First two tokens -> how long the names are that begin with them, longest first, and always one."""
        sizes: dict[tuple[str, str], set[int]] = {}
        for tokens in self._keys:
            if len(tokens) > 1:
                sizes.setdefault((tokens[0], tokens[1]), {1}).add(len(tokens))
        return {pair: tuple(sorted(own, reverse=True)) for pair, own in sizes.items()}

    def to_json(self) -> str:
        """For the store; `from_json` gives an equal value."""
        return json.dumps(self.rows, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Names:
        """Raises BadNames for what `to_json` did not write."""
        try:
            rows = json.loads(text)
        except ValueError as error:
            raise BadNames(f"the stored names are no JSON: {error}") from error
        if not isinstance(rows, list) or not all(
            isinstance(row, list) and row and all(isinstance(cell, str) for cell in row) for row in rows
        ):
            raise BadNames("the stored names are no list of rows of text")
        return cls(tuple(tuple(row) for row in rows))


def read_names(path: Path) -> Names:
    """Names from a CSV file in UTF-8, UTF-16 or GB18030.

    Raises:
        BadNames: it cannot be read, or rows hold no name; the message has their line numbers.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadNames(f"{path}: cannot be read: {error.strerror or error}") from error
    return parsed_names(_decoded(raw, path), str(path))


def parsed_names(text: str, source: str = "names") -> Names:
    """Names from the text of a CSV file; `source` is what error messages call it. Raises BadNames."""
    merged: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    for number, (line, row) in enumerate(_rows(text, source)):
        if number == 0 and row[0].casefold() in _HEADERS:
            continue
        problem = _problem(row)
        if problem:
            problems.append(f"line {line}: {problem}")
            continue
        own = merged.setdefault(entity_key(row[0]), {})
        for written in filter(None, row):
            own.setdefault(fold(written), written)
    if problems:
        shown = "; ".join(problems[:10]) + (f"; and {len(problems) - 10} more" if len(problems) > 10 else "")
        raise BadNames(f"{source}: {shown}. A row is name,alias,alias,... with letters or digits in each")
    return Names(tuple(tuple(own.values()) for own in merged.values()))


def _rows(text: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells without empty ones at the end) of each row that is no comment and not blank."""
    reader = csv.reader(io.StringIO(text.replace("，", ",").replace("\0", "\ufffd")), skipinitialspace=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells and not cells[0].startswith("#"):
                yield reader.line_num, cells
    except csv.Error as error:
        raise BadNames(f"{source}: line {reader.line_num}: {error}") from error


def _problem(row: list[str]) -> str:
    """What is wrong with a row, or ""."""
    if not row[0]:
        return "no name before the first comma"
    for cell in (cell for cell in row if cell):
        key = entity_key(cell)
        if not any(c.isalnum() for c in key):
            return f"{cell!r} has no letter or digit"
        if "\ufffd" in cell or any("\ud800" <= c <= "\udfff" for c in cell):
            return "characters that cannot be read: save the file as UTF-8"
        if len(key) > LONGEST_NAME:
            return f"{cell[:30]!r}... is longer than {LONGEST_NAME} characters"
        if "\n" in cell:
            return "a name goes over two lines: is a quotation mark missing?"
    return ""


def _decoded(raw: bytes, path: Path) -> str:
    for charset in ("utf-8-sig", *(["utf-16"] if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else []), "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    raise BadNames(f"{path}: neither UTF-8 nor GB18030: save it as UTF-8")


@lru_cache(maxsize=65_536)
def _folded(token: str) -> str:
    return fold(token)


def _tokens(name: str) -> Row:
    return tuple(_folded(token) for token in _TOKEN.findall(name))


def _whole(text: str, start: int, end: int) -> bool:
    """Whether a code is not cut out of a longer one: B-200 does not stand in B-200-X."""
    if not any(char.isdigit() for char in text[start:end]):
        return True
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return not (
        (len(before) == 2 and before[1] == "-" and before[0].isalnum())
        or (len(after) == 2 and after[0] in "-." and after[1].isdigit())
        or (len(after) == 2 and after[0] == "-" and after[1].isalnum())
    )
