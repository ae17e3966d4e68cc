"""JSON of any shape -> lines of text: tables, sections of records, values behind their keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from index.readers.sections import section, section_columns
from index.readers.tables import table_lines
from index.text import one_line

_LONGEST_CELL = 200
"""Characters of a value that stands in a row with others."""
_LONGEST_NAME = 120
_DEEPEST = 3
"""Objects in objects whose values stand in the row of the outermost."""
_NAMES = ("name", "title", "label", "headline", "subject", "summary", "名称", "姓名", "标题", "主题")
_NESTED = frozenset(("title", "headline", "subject", "summary", "标题", "主题"))
"""Those that name a record also from an object within it: `fields.summary`, but no `status.name`."""
_CODES = ("key", "code", "id", "编号")


@dataclass(frozen=True, slots=True)
class _Part:
    path: str
    item: Any
    level: int = 2
    """Of the heading that what is in it may get."""
    listed: bool = False
    """Whether it is one of a list."""


def json_lines(value: Any, name: str = "") -> Iterator[str]:
    """Every value on a line of its own behind its key, `office.rooms.2: Library`.

    A list of records is a table under its key, a record of a question and its answer a section, and so is a
    record with a name that is too deep for a table; what follows one of these stands under its own key again.

    Args:
        name: the heading of what has no key.
    """
    todo = [_Part("", value)]
    under: str | None = None
    while todo:
        part = todo.pop()
        path, item, level = part.path, part.item, part.level
        if section_ := _section(item):
            under = ""
            yield f"\n{section_}\n"
        elif rows := _rows(item):
            if path or under is not None:
                under = ""
                yield f"\n{'#' * level} {_named(path, name)}\n"
            yield from table_lines(rows[1:], rows[0])
        elif part.listed and (own := _name(item)):
            under = ""
            yield f"\n{'#' * level} {own}\n"
            cells, rest = _flat(item)
            yield from record_line({key: cell for key, cell in cells.items() if cell != own})
            todo += [_Part(key, inner, min(level + 1, 6)) for key, inner in reversed(rest.items())]
        elif isinstance(item, dict | list):
            listed = isinstance(item, list)
            pairs = list(item.items() if isinstance(item, dict) else enumerate(item, 1))
            todo += [
                _Part(f"{path}.{key}" if path else str(key), inner, level, listed)
                for key, inner in reversed(pairs)
            ]
        else:
            top = path.partition(".")[0]
            if under is not None and under != (top or name):
                under = top or name
                yield f"\n{'#' * level} {_named(top, name)}\n"
            yield from table_lines([[scalar(item)]], [path])


def record_line(values: Mapping[str, Any]) -> list[str]:
    """The short values of a record in one row, long ones each in a paragraph; no lists or objects."""
    cells = {key: scalar(value) for key, value in values.items() if not isinstance(value, dict | list)}
    short = {key: cell for key, cell in cells.items() if len(cell) <= _LONGEST_CELL and "\n" not in cell}
    long = (f"\n{key}: {cell}" for key, cell in cells.items() if key not in short)
    return [*(table_lines([list(short.values())], list(short)) if any(short.values()) else ()), *long]


def scalar(value: Any) -> str:
    """A value as text; markup of a web page in it is left out."""
    if isinstance(value, str):
        return _unmarked(value) if _MARKUP.search(value) else value
    return "" if value is None else json.dumps(value)


_MARKUP = re.compile(r"</?(?:p|div|ul|ol|li|br|h[1-6]|table|span|strong|em|b|i|a)\b[^<>]*>", re.IGNORECASE)


def _unmarked(text: str) -> str:
    from selectolax.lexbor import LexborHTMLParser

    parted = re.sub(r"(?i)(?=<(?:p|div|ul|ol|li|br|h[1-6]|tr)\b)", "\n", text)
    lines = (LexborHTMLParser(parted).text() or "").split("\n")
    return "\n".join(filter(None, map(one_line, lines)))


def _named(path: str, name: str) -> str:
    """A key as a heading; the name instead of a number or nothing."""
    words = one_line(path).lstrip("# ")
    return words if any(map(str.isalpha, words)) else name


def _name(item: Any) -> str:
    """What a record with other fields is called; "" for none."""
    if not isinstance(item, dict) or len(item) < 2:
        return ""
    cells, _ = _flat(item)
    words = {key: one_line(scalar(cell)) for key, cell in cells.items()}
    inner = {key.rpartition(".")[2].lower(): key for key in reversed(words) if "." in key}
    own = {key.lower(): key for key in reversed(words)}
    keys = (
        *(own[name] for name in _NAMES if name in own),
        *(inner[name] for name in _NAMES if name in inner and name in _NESTED),
        *(own[name] for name in _CODES if name in own),
    )
    found = (words[key].lstrip("# ") for key in keys)
    return next((one for one in found if len(one) <= _LONGEST_NAME and any(map(str.isalpha, one))), "")


def _flat(record: Mapping[str, Any], deep: int = 1) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of a record and of objects in it, and what is a list of objects or deeper."""
    cells: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict) and deep < _DEEPEST:
            inner, others = _flat(value, deep + 1)
            cells |= {f"{key}.{name}": cell for name, cell in inner.items()}
            rest |= {f"{key}.{name}": other for name, other in others.items()}
        elif isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
            cells[key] = ", ".join(map(scalar, value))
        elif isinstance(value, dict | list):
            rest[key] = value
        else:
            cells[key] = value
    return cells, rest


def _section(item: Any) -> str:
    """Of a record that is a question and its answer, or a title and its text, with other fields; else ""."""
    if not isinstance(item, dict) or any(isinstance(value, dict | list) for value in item.values()):
        return ""
    names, cells = list(item), [scalar(value) for value in item.values()]
    places = section_columns([cells], names)
    if places is None:
        return ""
    heading, text = (cells[at] for at in places)
    rest = [cell if at not in places else "" for at, cell in enumerate(cells)]
    return section(heading, text, "\n".join(table_lines([rest], names)))


def _rows(item: Any) -> list[list[str]]:
    """Names and cells of a list of records that share their names and hold short values; else none."""
    records = item if isinstance(item, list) and len(item) > 1 else []
    if not records or not all(isinstance(record, dict) and len(record) > 1 for record in records):
        return []
    flat = list(map(_flat, records))
    if any(rest for _, rest in flat):
        return []
    cells = [own for own, _ in flat]
    names = list(dict.fromkeys(name for own in cells for name in own))
    if any(len(scalar(value)) > _LONGEST_CELL for own in cells for value in own.values()):
        return []
    rows = [[scalar(own.get(name)) for name in names] for own in cells]
    if section_columns(rows, names) or sum(map(len, cells)) * 2 < len(names) * len(cells):
        return []
    return [names, *rows]
