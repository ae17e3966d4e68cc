"""What Word shows of a paragraph: its runs, symbols, boxes to tick and notes, but nothing that is hidden.

Source: ECMA-376-1, 17.3 (paragraphs and runs), 17.11 (notes), 17.16 (form fields).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from index.text import CJK, RAISED, one_line

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
NAMES = {"w": W.strip("{}")}
_SPACES = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FIELDS = ("sym", "checkBox", "ddList", "footnoteReference", "endnoteReference")
_SHOWN = (_MATH, *(W + name for name in ("t", *_SPACES, *_FIELDS)))
_TICKS = {0xFE: "☑", 0xFD: "☒", 0xA8: "☐", 0x6F: "☐", 0xFC: "✓", 0xFB: "✗", 0xE0: "→", 0xA7: "•"}
_TICKS_2 = {0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "☐", 0x50: "✓", 0x4F: "✗"}
_SIGNS = {0xB0: "°", 0xB1: "±", 0xB4: "×", 0xB8: "÷", 0xA3: "≤", 0xB3: "≥", 0xB7: "•", 0xAE: "→"}
_GREEK = {0x61: "α", 0x62: "β", 0x6D: "μ", 0x57: "Ω", 0x44: "Δ"}
_SYMBOLS = {"wingdings": _TICKS, "wingdings 2": _TICKS_2, "symbol": _SIGNS | _GREEK}
"""Font -> the low byte of a character of it -> what it looks like."""
_LONGEST_NOTE = 160
"""Characters of a note that stands in brackets where it belongs."""


@dataclass(slots=True)
class WordText:
    """Texts of a document's paragraphs."""

    notes: Mapping[tuple[str, str], str]
    """Kind ("footnote", "endnote") and number -> text."""
    long_notes: list[str] = field(default_factory=list)
    """Those met since they were last taken, which are too long for brackets."""

    def of(self, paragraph: Any) -> str:
        """The text of a paragraph with its line ends; that of text boxes in it is their own."""
        shown = [node for node in paragraph.iter(*_SHOWN) if _is_shown(node, paragraph)]
        return "".join(map(self._written, shown))

    def _written(self, node: Any) -> str:
        name = node.tag.removeprefix(W)
        if name == _MATH:
            return node.text or ""
        if name == "t":
            return _raised(node)
        if name == "sym":
            font, code = (node.get(W + "font") or "").lower(), _hex(node.get(W + "char") or "")
            return _SYMBOLS.get(font, {}).get(code & 0xFF, "")
        if name == "checkBox":
            state = node.find("w:checked", NAMES)
            state = node.find("w:default", NAMES) if state is None else state
            return "☐" if state is None or not is_on(state) else "☑"
        if name == "ddList":
            entries = node.findall("w:listEntry", NAMES)
            result = node.find("w:result", NAMES)
            number = (result.get(W + "val") or "") if result is not None else "0"
            at = int(number) if number.isdecimal() else 0
            return (entries[at].get(W + "val") or "") if at < len(entries) else ""
        if name.endswith("Reference"):
            note = self.notes.get((name.removesuffix("Reference"), node.get(W + "id") or ""), "")
            if len(note) > _LONGEST_NOTE:
                self.long_notes.append(note)
                return ""
            return note and (f"（{note.rstrip('。')}）" if CJK.search(note) else f" ({note.rstrip('.')})")
        return _SPACES[name]


def read_notes(document: Any) -> dict[tuple[str, str], str]:
    """The foot- and endnotes of a document of python-docx."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import parse_xml

    found = {}
    for kind, relation in (
        ("footnote", RELATIONSHIP_TYPE.FOOTNOTES),
        ("endnote", RELATIONSHIP_TYPE.ENDNOTES),
    ):
        try:
            root = parse_xml(document.part.part_related_by(relation).blob)
        except KeyError:
            continue
        plain = WordText({})
        for note in root.findall(f"w:{kind}", NAMES):
            if note.get(W + "type") in (None, "normal"):
                words = one_line(" ".join(map(plain.of, note.iter(W + "p"))))
                found[kind, note.get(W + "id") or ""] = words
    return found


def _is_shown(node: Any, paragraph: Any) -> bool:
    """Whether a reader sees it in this paragraph: not deleted, hidden, struck through or a placeholder."""
    for above in node.iterancestors():
        if above is paragraph:
            return True
        name = above.tag.removeprefix(W)
        if name in ("p", "moveFrom", "del", "rt", FALLBACK):
            return False
        if name == "r":
            properties = above.find("w:rPr", NAMES)
            hidden = () if properties is None else properties.iter(W + "vanish", W + "strike", W + "dstrike")
            if any(map(is_on, hidden)):
                return False
        if name == "sdt" and above.find("w:sdtPr/w:showingPlcHdr", NAMES) is not None:
            return False
    return False


def _hex(number: str) -> int:
    return int(number, 16) if re.fullmatch("[0-9A-Fa-f]{1,6}", number) else 0


def is_on(switch: Any) -> bool:
    """Whether an element such as `w:b` turns on what it names."""
    return switch.get(W + "val") not in ("0", "false", "off", "none")


def _raised(node: Any) -> str:
    """A run's text; raised digits as such: 10⁶ is not 106."""
    text = node.text or ""
    raised = node.getparent().find("w:rPr/w:vertAlign", NAMES)
    if raised is None or raised.get(W + "val") != "superscript" or text.strip("0123456789+- "):
        return str(text)
    return str(text).translate(RAISED)
