"""Pure functions on text that every part shares: language, folding, search terms, sentence borders.

Folding never erases a script: Chinese, Cyrillic, emoji and digits all survive it.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache, lru_cache
from typing import Any

import Stemmer
from opencc import OpenCC

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_CJK_RUN = re.compile(f"[{CJK}]+")
_CJK_CHAR = re.compile(f"[{CJK}]")
_WORD = re.compile(r"\w+")
_LOCAL = threading.local()
_LETTER = re.compile(r"[^\W\d_]")

_ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof st jr sr inc ltd co corp vs etc no fig al e.g i.e cf dept approx est vol ed gen
    col lt capt sgt rev hon u.s u.k u.n a.m p.m ph.d jan feb mar apr jun jul aug sep sept oct nov dec
    """.split()  # noqa: SIM905 - a list of fifty quoted words is no easier to read
)
FUNCTION_WORDS = frozenset(
    """a an and are as at be been by can could did do does for from had has have he her his how i in is it its
    me my of on or our she should so than that the their them then there these they this those to us was we
    were what when where which who whom whose why will with would you your""".split()  # noqa: SIM905
)
_ASKING = re.compile(
    "为什么|什么|多少|哪[些个一里家位种年天]|哪儿|怎么样?|怎样|如何|为何|是否|吗|呢|多[久长大高远]|谁"
)
"""Chinese words that ask: a passage that answers does not hold them."""
_MARKS = " \t\"'`“”‘’《》「」『』【】<>,.;:，。；：、"
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLURAL = re.compile(r"(?<![^\s(])((?=[A-Z0-9-]*[A-Z])[A-Z0-9-]{2,})s$", re.ASCII)
_BORDER = re.compile(r"""[。！？!?…]+[”’"'」』）)\]]*|(?<!\.)\.+[”’"')\]]*(?=\s|$)|\n+""")


@cache
def _simplifier() -> Any:
    return OpenCC("t2s")


def _stemmer() -> Any:
    """One a thread: a stemmer keeps a cache of its own that threads would break."""
    stemmer = getattr(_LOCAL, "stemmer", None)
    if stemmer is None:
        stemmer = _LOCAL.stemmer = Stemmer.Stemmer("porter")
    return stemmer


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


def simplified(text: str) -> str:
    """Traditional characters as simplified ones, at the same offsets: unchanged if the length would differ.

    >>> simplified("本公司週日沒有送貨服務"), simplified("B-200")
    ('本公司周日没有送货服务', 'B-200')
    """
    plain = str(_simplifier().convert(text)) if has_cjk(text) else text
    return plain if len(plain) == len(text) else text


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


def index_terms(text: str) -> list[str]:
    """`search_terms`, English words reduced to their stems (Porter 1980): how full text is stored.

    >>> index_terms("Running pumps 水泵厂")
    ['run', 'pump', '水泵', '泵厂']
    """
    return list(_stemmer().stemWords(search_terms(text)))


def asked_terms(question: str) -> list[str]:
    """The terms of a question that say what it is about: without function words, unless there are no others.

    >>> asked_terms("Who makes the pumps?"), asked_terms("Who?"), asked_terms("水泵厂在哪里？")
    (['make', 'pump'], ['who'], ['水泵', '泵厂', '厂在'])
    """
    terms = dict.fromkeys(search_terms(_ASKING.sub(" ", question)) or search_terms(question))
    telling = [term for term in terms if term not in FUNCTION_WORDS]
    return list(dict.fromkeys(_stemmer().stemWords(telling or list(terms))))


@lru_cache(maxsize=32_768)
def entity_key(name: str) -> str:
    """The key under which all spellings of one name meet.

    Folded, without a closing bracket, a leading article, quotation marks, a possessive, or the small plural s
    of a code or an abbreviation. Other plurals stay: no rule tells "flow meters" from "Rolling Stones"
    (index/resolve.py joins those that one document writes both ways).

    >>> entity_key("The Linhai Plant's"), entity_key("Mercury (planet)"), entity_key("《红楼梦》")
    ('linhai plant', 'mercury', '红楼梦')
    >>> entity_key("B-200s"), entity_key("PLCs"), entity_key("B-200S"), entity_key("the 1990s")
    ('b-200', 'plc', 'b-200s', '1990s')
    """
    name = _SURROGATE.sub("\ufffd", name)
    name = _PLURAL.sub(r"\1", name) if name[-1:] == "s" else name
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
