"""Pure functions on text that every part shares: language, folding, search terms, sentence borders.

Folding never erases a script: Chinese, Cyrillic, emoji and digits all survive it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from opencc import OpenCC

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_CJK_RUN = re.compile(f"[{CJK}]+")
_CJK_CHAR = re.compile(f"[{CJK}]")
_WORD = re.compile(r"\w+")
_LETTER = re.compile(r"[^\W\d_]")

_ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof st jr sr inc ltd co corp vs etc no fig al e.g i.e cf dept approx est vol ed gen
    col lt capt sgt rev hon u.s u.k u.n a.m p.m ph.d jan feb mar apr jun jul aug sep sept oct nov dec
    """.split()  # noqa: SIM905 - a list of fifty quoted words is no easier to read
)
_MARKS = " \t\"'`“”‘’《》「」『』【】<>,.;:，。；：、"
_BORDER = re.compile(r"""[。！？!?…]+[”’"'」』）)\]]*|(?<!\.)\.+[”’"')\]]*(?=\s|$)|\n+""")


@cache
def _simplifier() -> Any:
    return OpenCC("t2s")


def language(text: str) -> str:
    """ "zh" when at least a fifth of the letters are Chinese characters, else "en".

    >>> language("枣林仪器 makes pumps"), language("Zaolin (枣林) makes pumps and flow meters")
    ('zh', 'en')
    """
    letters = len(_LETTER.findall(text))
    return "zh" if letters and len(_CJK_CHAR.findall(text)) >= 0.2 * letters else "en"


def has_cjk(text: str) -> bool:
    """Whether any Chinese character stands in `text`."""
    return _CJK_CHAR.search(text) is not None


def fold(text: str) -> str:
    """One form for comparing: NFKC (full-width to half-width), lower case, traditional to simplified.

    >>> fold("Ｂ－２００　臺灣")
    'b-200 台湾'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return str(_simplifier().convert(folded)) if has_cjk(folded) else folded


def search_terms(text: str) -> list[str]:
    """The terms under which full text is indexed and asked: words, and pairs of Chinese characters.

    Pairs need no dictionary and found the right CMRC paragraph first more often than a dictionary's
    words (.958 against .953, docs/log.md).

    >>> search_terms("B-200 型水泵")
    ['b', '200', '型水', '水泵']
    """
    terms: list[str] = []
    for word in _WORD.findall(fold(text)):
        end = 0
        for run in _CJK_RUN.finditer(word):
            terms += [word[end : run.start()]] if run.start() > end else []
            chars = run.group()
            terms += [chars[i : i + 2] for i in range(len(chars) - 1)] or [chars]
            end = run.end()
        terms += [word[end:]] if end < len(word) else []
    return terms


def entity_key(name: str) -> str:
    """The key under which all spellings of one name meet.

    Folded, without a closing bracket, a leading article, quotation marks or a possessive.

    >>> entity_key("The Linhai Plant's"), entity_key("Mercury (planet)"), entity_key("《红楼梦》")
    ('linhai plant', 'mercury', '红楼梦')
    """
    key = re.sub(r"\s+", " ", fold(name)).strip(_MARKS)
    key = re.sub(r"(?<=\S)\s*\([^()]*\)$", "", key).strip(_MARKS)
    key = re.sub(r"['’]s?$", "", key)
    return re.sub(r"^(?:the|an?)\s+(?=\S)", "", key).strip(_MARKS)


def sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Sentence spans of `text[start:end]` in order, as offsets into `text`, without surrounding white space.

    >>> s = "Dr. Li left. 他走了。Bye"
    >>> [s[a:b] for a, b in sentences(s)]
    ['Dr. Li left.', '他走了。', 'Bye']
    """
    end = len(text) if end is None else end
    spans: list[tuple[int, int]] = []
    begin = start
    for border in _BORDER.finditer(text, start, end):
        if _inside_sentence(text, begin, border.start(), border.group()):
            continue
        _append_stripped(spans, text, begin, border.end())
        begin = border.end()
    _append_stripped(spans, text, begin, end)
    return spans


def _inside_sentence(text: str, begin: int, at: int, border: str) -> bool:
    """Whether the full stop at `at` ends an abbreviation, an initial or a list number, not a sentence."""
    if not border.startswith(".") or len(border) > 1:
        return False
    last = text[max(begin, at - 12) : at].rsplit(None, 1)
    if not last:
        return True
    word = last[-1].lstrip("(\"'“").casefold()
    return (
        word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()) or (word.isdigit() and at - begin <= 3)
    )


def _append_stripped(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if start < end:
        spans.append((start, end))
