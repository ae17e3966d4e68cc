"""Bytes to clean text, and text to the light Markdown that every reader writes: `## Heading` on a line
of its own, a blank line between paragraphs, a line for each list item and table row.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from itertools import islice

from charset_normalizer import from_bytes

from index.errors import DamagedFile, EmptyDocument

CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like UTF-16's, so it stands before it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HIGH = bytes(range(0x80, 0x100))
_CONTROL = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1a\x1b")) + b"\x7f"
_LATIN_1 = re.compile(r"iso[-_]?8859[-_]1|latin-?1|(?:us-)?ascii", re.IGNORECASE)
_SAMPLE = 1 << 16  # bytes looked at where the whole file need not be
_ADVICE = "save the file again as UTF-8"


def decode(data: bytes, declared: str = "") -> str:
    """Text in whatever charset it came: a byte-order mark, UTF-8, `declared`, GB18030, Big5 or cp1252.

    Raises:
        DamagedFile: binary, or text in no charset that fits; names the byte offset.
        EmptyDocument: no bytes at all.
    """
    if not data:
        raise EmptyDocument("is empty (0 bytes); there is nothing to index in it")
    charset, skip = next(((name, len(bom)) for bom, name in _BOMS if data.startswith(bom)), ("utf-8", 0))
    if not skip:
        refuse_binary(data)
    try:
        return data[skip:].decode(charset)
    except UnicodeDecodeError as error:
        older = "" if skip else _older_charset(data, declared)
        if not older:
            raise DamagedFile(
                f"is not valid {charset} at byte {error.start + skip}, and no older charset fits "
                f"(GB18030, Big5, Latin-1); {_ADVICE}"
            ) from error
        return data.decode(older)


def refuse_binary(data: bytes) -> None:
    """Raises `DamagedFile` for bytes of which more than one in a hundred is a control character."""
    head = data[:_SAMPLE]
    controls = len(head) - len(head.translate(None, _CONTROL))
    if controls * 100 > len(head):
        raise DamagedFile(
            "looks like binary, not text; give it the ending of its real format, "
            f"or, if it is UTF-16 without a byte-order mark, {_ADVICE}"
        )


def _older_charset(data: bytes, declared: str) -> str:
    """The charset of text that is not UTF-8; "" when it is damaged UTF-8, or nothing fits.

    What tells Chinese from Latin: an accented letter and the ASCII letter after it are also valid
    GB18030, but never one of the 6,763 common characters of GB2312, of which Chinese is made.
    """
    # Browsers read what calls itself Latin-1 as cp1252, so there are pages with its € and “ ”.
    for charset in ("cp1252", declared) if _LATIN_1.fullmatch(declared) else (declared,):
        if charset and _fits(data, charset):
            return charset
    high = len(data) - len(data.translate(None, _HIGH))
    invalid = len(data) - len(data.decode("utf-8", "ignore").encode("utf-8"))
    if invalid * 2 < high:
        return ""
    common = _gb2312_share(data)
    if common >= 0.6:
        return "gb18030"
    if common < 0.2 and high < 0.4 * len(data) and _fits(data, "cp1252"):
        return "cp1252"
    candidates = [charset for charset in ("gb18030", "big5", "cp1252") if _fits(data, charset)]
    best = (
        from_bytes(data[:_SAMPLE], cp_isolation=candidates, enable_fallback=False).best()
        if candidates
        else None
    )
    if best is None or (best.encoding == "gb18030" and common < 0.2):
        return ""
    return best.encoding


def _fits(data: bytes, charset: str) -> bool:
    try:
        data.decode(charset).encode("utf-8")
    except (UnicodeError, LookupError):
        return False
    return True


def _gb2312_share(data: bytes) -> float:
    """Share of GB2312 among the non-ASCII characters that `data` gives as GB18030; 0 if it gives none."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return 0.0
    wide = [*islice((char for char in text if char > "\x7f"), _SAMPLE)]
    return len("".join(wide).encode("gb2312", "ignore")) / (2 * len(wide)) if wide else 0.0


_RADICALS = str.maketrans(
    "⺁⺄⺈⺊⺌⺍⺓⺜⺝⺟⺠⺧⺩⺫⺬⺮⺶⺷⺽⻁⻄⻅⻆⻇⻉⻊⻋⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻞⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
    "厂乙刀卜小小幺日月母民牛王目示竹羊羊臼虎西见角角贝足车長長长门雨青韦页风飞食食马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
)
"""Radicals that fonts of PDFs give for the characters that they look like; those of Kangxi by NFKC."""
_LOOK_ALIKE = re.compile("[\u2f00-\u2fd5\ufb00-\ufb06]+")
"""Kangxi radicals, and ligatures (ﬁ)."""
RAISED = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
"""Digits as they stand above the line: 10⁶ is not 106."""
_BREAKS = str.maketrans({"\r": "\n", "\v": "\n", "\f": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"})
_UNSEEN = (0x200B, 0x2060, 0xFEFF)
"""Between letters: nothing."""
_SOFT_HYPHEN = re.compile("\u00ad(?![\n]|\\Z)")
"""One at the end of a line parts a word there."""
_DROPPED = {code: None for code in (*range(0x20), *range(0x7F, 0xA0), *_UNSEEN) if code != 0x0A}
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    r"""The one form text has from here on: `\n` line ends, no control characters, Unicode NFC.

    Ligatures and radicals that stand for letters and characters become these (ﬁ, ⻔). Nothing else is
    erased: full-width forms, Chinese punctuation and emoji stay as they are.

    >>> clean("ＡＢＣ，1\x002\r\n\t年假👩‍💻")
    'ＡＢＣ，12\n    年假👩‍💻'
    """
    text = text.replace("\r\n", "\n").translate(_BREAKS).replace("\t", "    ").translate(_DROPPED)
    text = unicodedata.normalize("NFC", _SURROGATE.sub("\ufffd", text)).translate(_RADICALS)
    text = _LOOK_ALIKE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return _SOFT_HYPHEN.sub("", text)


_HEADING = re.compile(r"^#{1,6}[ ]+(?=\S)(.*)", re.MULTILINE)
ITEM = re.compile(
    r"^(?:[-*–•●▪■◦·][ ]|[•●▪■◦]|\(?\d{1,3}[.)][ ]|\d{1,3}、|[（(]?[一二三四五六七八九十]+[、）)]"
    r"|\((?:[a-z]|[ivx]{1,4})\)[ ]|[a-z]\)[ ])"
)
_HAN = "[\u3400-\u9fff]"
_ONE = rf"(?<![^\s：:；;，,|])(?<!(?<!{_HAN}){_HAN}[ \u3000]){_HAN}"
_SPREAD = re.compile(
    rf"{_ONE}(?:[ \u3000]+{_HAN}){{1,5}}(?=[ \u3000]*[：:])"
    rf"|{_ONE}(?:(?: |\u3000{{1,2}}){_HAN}){{1,2}}(?=[ \u3000]*(?:[；;|]|$))",
    re.MULTILINE,
)
"""Single characters with blanks between them: up to six before a colon, three that end a line or a cell."""
_CHOICES = frozenset(
    f"{one}{blank}{other}" for one, other in ("男女", "是否", "有无", "对错") for blank in " \u3000"
)
"""Things to choose from; no words."""


def first_heading(text: str) -> str:
    """The words of the first `# Heading` line, or ""."""
    words = found[1].rstrip() if (found := _HEADING.search(text)) else ""
    bare = words.rstrip("#")
    return bare.rstrip() if bare.endswith(" ") else words


def one_line(text: str) -> str:
    """White space runs become one space; a line break between two Chinese characters, nothing.

    >>> one_line("年假为\\n 十五天  per\\nyear")
    '年假为十五天 per year'
    """
    lines = [" ".join(line.split()) for line in clean(text).split("\n")]
    joined = ""
    for line in filter(None, lines):
        joined += _gap(joined, line) + line if joined else line
    return unspread(joined)


def unspread(text: str) -> str:
    """Chinese words that blanks draw out to the width of others, whole again.

    >>> unspread("甲 方：清河泵业"), unspread("第一章　总　则"), unspread("张三 李四")
    ('甲方：清河泵业', '第一章　总则', '张三 李四')
    """
    return _SPREAD.sub(
        lambda found: found[0] if found[0] in _CHOICES else re.sub("[ \u3000]", "", found[0]), text
    )


def block(lines: Iterable[str], mark: str = "") -> str:
    """A paragraph of several lines, or with a `mark` ("## ", "- ") a heading or list item of one line."""
    text = (" " if mark else "\n").join(filter(None, map(one_line, lines)))
    return mark + text if text else ""


def _gap(left: str, right: str) -> str:
    return "" if CJK.match(left[-1]) and CJK.match(right[0]) else " "


def join_broken(left: str, right: str) -> str:
    """Two lines of one paragraph as flowing text; a word cut by a hyphen is made whole.

    >>> join_broken("the manage-", "ment of"), join_broken("十五", "天"), join_broken("to", "plan")
    ('the management of', '十五天', 'to plan')
    """
    cut = re.search(r"\w[-\u00ad\u2010]$", left)
    if cut and right[0].islower():
        return left[:-1] + right
    return left + _gap(left, right) + right


def width(text: str) -> int:
    """Columns that `text` takes: a Chinese character counts two."""
    return len(text) + len(CJK.findall(text))


def stack(blocks: Iterable[str]) -> str:
    """Blocks parted by blank lines, neighbouring list items by line ends only."""
    text = ""
    item = False
    for block in filter(None, blocks):
        was, item = item, bool(ITEM.match(block.lstrip(" ")))
        text += ("\n" if was and item else "\n\n") * bool(text) + block
    return text
