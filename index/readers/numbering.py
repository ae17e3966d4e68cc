"""The numbers that Word writes before paragraphs: they stand in no text but follow from lists and levels.

Source: ECMA-376-1, 17.9 (numbering definitions) and 17.18.59 (the formats of numbers).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from index.readers.word_text import NAMES, W

_ROMAN = dict(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        "m cm d cd c xc l xl x ix v iv i".split(),  # noqa: SIM905
        strict=True,
    )
)
_STEP = 720
"""Twentieths of a point by which each level is indented where nothing is said."""
_MOST_LETTERS = 780
"""Word goes no further: a to z, aa to zz, up to thirty of each."""
_CHINESE = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class _Level:
    format: str
    text: str
    """`%1.%2` stands for the numbers of the first two levels."""
    start: int
    legal: bool
    """All its numbers are Arabic."""
    restart: int
    """It begins anew after a number of this level, counted from 1, or of one above it; 0: never."""
    style: str
    """The paragraphs' style that is numbered at this level."""
    indent: int
    """Of its paragraphs, in twentieths of a point."""


@dataclass(frozen=True, slots=True)
class _List:
    family: str
    """Lists of one family count on together."""
    levels: Mapping[int, _Level]
    anew: frozenset[int]
    """Levels at which it does not count on but begins anew."""


@dataclass(slots=True)
class Numbering:
    """The lists of a document by their `numId`, and how far they have counted."""

    lists: Mapping[str, _List]
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)
    _of_styles: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    """The list and the level that a style gives."""

    def mark(self, paragraph: Any, styles: Mapping[str, Any]) -> tuple[str, int] | None:
        """What Word writes before the next paragraph, "3.2" or "-" for a bullet, and how far it is indented,
        in twentieths of a point; None where it is in no list.

        Args:
            styles: by their ids the paragraph's style and those that it is based on, the nearest first.
        """
        found = self._place(paragraph, styles)
        if found is None:
            return None
        number, at = found
        own = self.lists.get(number)
        level = own.levels.get(at) if own is not None else None
        if own is None or level is None or level.format == "bullet":
            return "-", _indent(paragraph, styles) or (
                level.indent if level is not None else _STEP * (at + 1)
            )
        counts = self._counts.setdefault(own.family, {})
        if number not in self._begun:
            self._begun.add(number)
            for begins in own.anew:
                counts.pop(begins, None)
        counts[at] = counts.get(at, level.start - 1) + 1
        for deeper in [one for one in counts if one > at]:
            if deeper not in own.levels or at < own.levels[deeper].restart:
                del counts[deeper]

        def written(match: re.Match[str]) -> str:
            shown = int(match[1]) - 1
            whose = own.levels.get(shown, level)
            return numeral(counts.get(shown, whose.start), "decimal" if level.legal else whose.format)

        return re.sub("%([1-9])", written, level.text).strip(), _indent(paragraph, styles) or level.indent

    def _place(self, paragraph: Any, styles: Mapping[str, Any]) -> tuple[str, int] | None:
        """The list and the level of a paragraph: its own, or else its style's."""
        number, level = _number_and_level(paragraph)
        nearest = next(iter(styles), "")
        if nearest not in self._of_styles:  # cells of a long table are of one style
            own = list(map(_number_and_level, styles.values()))
            self._of_styles[nearest] = tuple(
                next(filter(None, values), None) for values in zip(*own, strict=True)
            )
        by_style = self._of_styles[nearest] or (None, None)
        number, level = number or by_style[0], level or by_style[1]
        if number is None or number == "0":  # 0: in none, whatever the style says
            return None
        if number not in self.lists:
            return number, 0
        if level is None:
            levels = {one.style: at for at, one in self.lists[number].levels.items() if one.style}
            level = next((str(levels[style]) for style in styles if style in levels), "0")
        return number, _int(level)


def read_numbering(document: Any) -> Numbering:
    """The lists of a document of python-docx."""
    from docx.opc.constants import RELATIONSHIP_TYPE

    try:
        root = document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element
    except KeyError:
        return Numbering({})
    families = {_value(one, ".", "abstractNumId"): one for one in root.findall("./w:abstractNum", NAMES)}
    by_style = {_value(one, "./w:styleLink"): one for one in families.values()}
    lists = {}
    for num in root.findall("./w:num", NAMES):
        family = _value(num, "./w:abstractNumId") or ""
        defined = families.get(family)
        if defined is None:
            continue
        if link := _value(defined, "./w:numStyleLink"):
            defined = by_style.get(link, defined)
        levels = dict(map(_level, defined.findall("./w:lvl", NAMES)))
        anew = set()
        for over in num.findall("./w:lvlOverride", NAMES):
            at = _int(_value(over, ".", "ilvl"))
            levels.update(map(_level, over.findall("./w:lvl", NAMES)))
            start = _value(over, "./w:startOverride")
            if start is not None and at in levels:
                levels[at] = replace(levels[at], start=_int(start))
                anew.add(at)
        lists[_value(num, ".", "numId") or ""] = _List(family, levels, frozenset(anew))
    return Numbering(lists)


def _indent(paragraph: Any, styles: Mapping[str, Any]) -> int:
    """What a paragraph or its styles say themselves; 0 for nothing."""
    return next(filter(None, map(_own_indent, (paragraph, *styles.values()))), 0)


def _own_indent(element: Any) -> int:
    found = _value(element, "./w:pPr/w:ind", "left") or _value(element, "./w:pPr/w:ind", "start") or "0"
    return _int(found)


def _int(number: str | None) -> int:
    """A number as Word can have written it; 0 for anything else."""
    return int(number) if number and number.isdecimal() and len(number) < 10 else 0


def _number_and_level(element: Any) -> tuple[str | None, str | None]:
    """What a paragraph or a style says of them itself."""
    own = element.find("./w:pPr/w:numPr", NAMES)
    return (None, None) if own is None else (_value(own, "./w:numId"), _value(own, "./w:ilvl"))


def _level(element: Any) -> tuple[int, _Level]:
    at = _int(_value(element, ".", "ilvl"))
    restart = _value(element, "./w:lvlRestart")
    level = _Level(
        _value(element, "./w:numFmt") or "decimal",
        _value(element, "./w:lvlText") or "",
        _int(_value(element, "./w:start")),
        bool(element.findall("./w:isLgl", NAMES)),
        at if restart is None else _int(restart),
        _value(element, "./w:pStyle") or "",
        _own_indent(element) or _STEP * (at + 1),
    )
    return at, level


def _value(element: Any, path: str, name: str = "val") -> str | None:
    """An attribute of the element at a path."""
    found = element.find(path, NAMES)
    return found.get(W + name) if found is not None else None


def numeral(number: int, style: str) -> str:
    """A number as Word writes it in a format of ST_NumberFormat; Arabic in those that are not known.

    >>> [numeral(14, style) for style in ("decimal", "lowerRoman", "upperLetter", "chineseCounting")]
    ['14', 'xiv', 'N', '十四']
    """
    if style == "none" or number < 0:
        return ""
    if style.endswith("Letter") and 0 < number <= _MOST_LETTERS:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters if style.startswith("lower") else letters.upper()
    if style.endswith("Roman") and 0 < number < 4000:
        roman = ""
        for value, sign in _ROMAN.items():
            roman += sign * (number // value)
            number %= value
        return roman if style.startswith("lower") else roman.upper()
    if style.startswith(("chinese", "ideographDigital", "japaneseCounting", "taiwanese")) and number < 100:
        tens, ones = divmod(number, 10)
        return (
            ("" if tens < 2 else _CHINESE[tens])
            + "十" * bool(tens)
            + (_CHINESE[ones] if ones or not tens else "")
        )
    return f"{number:02}" if style == "decimalZero" else str(number)
