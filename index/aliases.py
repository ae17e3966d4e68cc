"""Other names that a text introduces: "Long Name (LN)", 全称（以下简称“简称”）, "formerly ...", 又称."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from index.extraction import LONGEST_NAME
from index.language import entity_key, has_cjk
from index.types import Alias, Mention

_BRACKET = re.compile(r"[(（]([^()（）\n]{2,60})[)）]")
_ZH_WORDS = "简称为?|又称为?|又名|也称为?|亦称为?|别名|原名|曾用名|旧称|俗称|本名|艺名|笔名"
_ZH_SAYS = re.compile(
    rf"^[ \u3000]?(?:以下|下文|下|后文|文中)?"
    rf"(?:{_ZH_WORDS}|统称为?|下?称为?|简写为?|英文简称|英文缩写|缩写为?|英文名|外文名|全称)[:：]?[ \u3000]?"
)
_ZH_OPEN = re.compile(
    rf"[，,、]?[ \u3000]?(?:(?:以下)?(?:{_ZH_WORDS}|下称|原称))[:：]?[ \u3000]?"
    r"[“\"《「]?([^，。；、！？“”\"《》「」()（）\s]{2,24})[”\"》」]?"
)
_EN_SAYS = re.compile(
    r"[,(]? ?(?:(?:also|formerly|previously|originally|commonly|better|now|then|later) )?"
    r"(?:known as|(?P<was>formerly)|abbreviated(?: as| to)?|referred to as|aka|a\.k\.a\.|short for"
    r"|(?<=also )called|(?<=formerly )called|(?:hereinafter|hereafter)(?: referred to as| called)?"
    r"|(?:(?<=, )|(?<=\()|(?<=later )|(?<=now )|(?<=then ))renamed)"
    r"[ :,]+(?:simply |just |the )?[\"“'‘]?"
)
_NAME_WORD = r"[A-Z0-9](?:[\w&+'’-]|\.(?=\w))*"
_NAME = re.compile(rf"{_NAME_WORD}(?: (?:of|the|and|for|de|&|{_NAME_WORD})){{0,7}}")
_EN_PREFIX = re.compile(
    r"^(?:also|or|aka|a\.k\.a\.|abbreviated(?: as)?|formerly|previously|originally|called|now|"
    r"(?:also |better |formerly )?known as|hereinafter|hereafter|the|short|later|referred to as)\b[ :,]*",
    re.IGNORECASE,
)
_DEFINED = re.compile(r"(?:the |an? )?[\"“]([A-Z][\w&’' -]{1,40})[\"”]")
"""As contracts say it: Linhai Valves Ltd. (the "Seller")."""
_SHORT = re.compile(r"[A-Za-z0-9][\w&/.+-]{0,14}(?: [\w&/.+-]{1,14})?")


def introduced(text: str, mentions: Sequence[Mention]) -> Iterator[Alias]:
    """The other names that `text` introduces, in order of place.

    The entity is the name that stands before the words that say so, where such a name was found.
    """
    ends = {m.end: m for m in sorted(mentions, key=lambda m: m.end - m.start)}
    seen: set[tuple[str, str]] = set()
    for alias in (*_bracketed(text, ends), *_chinese(text, ends), *_said(text, ends, mentions)):
        if alias.alias != alias.entity and (alias.alias, alias.entity) not in seen:
            seen.add((alias.alias, alias.entity))
            yield alias


def _bracketed(text: str, ends: dict[int, Mention]) -> Iterator[Alias]:
    for match in _BRACKET.finditer(text):
        inside = match.group(1)
        before = text[: match.start()].rstrip()[-200:]
        says = _ZH_SAYS.match(inside)
        if says:
            long = _before(text, match.start(), ends) or _tail(before)
            name = inside[says.end() :].strip("“”\"'《》「」 ")
            yield from _alias(name, long, match.span())
            continue
        short = _EN_PREFIX.sub("", inside.split(";")[0].split(",")[0].strip()).strip("\"“”'‘’ ")
        if long := long_form(short, before):
            yield from _alias(short, entity_key(long), match.span())
        elif defined := _DEFINED.fullmatch(inside):
            yield from _alias(defined.group(1), _before(text, match.start(), ends), match.span())
        elif (
            not has_cjk(before[-1:])
            and _looks_short(before.split(" ")[-1])
            and long_form(before.split(" ")[-1], inside) == inside
        ):
            start = match.start() - len(before.split(" ")[-1]) - 1
            yield from _alias(before.split(" ")[-1], entity_key(inside), (max(0, start), match.end()))
        elif (
            has_cjk(before[-1:])
            and not has_cjk(inside)
            and inside[0].isupper()
            and _before(text, match.start(), ends)
        ):
            if len(inside.split()) <= 6 and not re.search(r"\d{3}|[,，;；]", inside):
                yield from _alias(inside, _before(text, match.start(), ends), match.span())
        elif (
            has_cjk(inside)
            and len(inside) <= 12
            and not re.search(r"[，。、；：\d“”]", inside)
            and before[-1:].isalpha()
        ):
            long = _before(text, match.start(), ends)
            if long and not has_cjk(before[-1:]):
                yield from _alias(inside, long, match.span())


def asides(text: str) -> list[tuple[int, int]]:
    """Where brackets stand that only give another name: （以下简称“枣林”）."""
    return [match.span() for match in _BRACKET.finditer(text) if _ZH_SAYS.match(match.group(1))]


def _before(text: str, at: int, ends: dict[int, Mention]) -> str:
    """The key of the mention that ends just before `at`, closing marks aside."""
    mention = _mention_before(text, at, ends)
    return mention.entity if mention else ""


def _mention_before(text: str, at: int, ends: dict[int, Mention]) -> Mention | None:
    while at > 0 and text[at - 1] in " 》”\"」'’":
        if at in ends:
            break
        at -= 1
    return ends.get(at)


def _tail(before: str) -> str:
    """The Chinese words before a bracket, back to the last mark, where no model named them."""
    match = re.search(r"[^，。；：、！？“”《》()（）\s]{4,30}$", before)
    return entity_key(match.group()) if match else ""


def _alias(name: str, entity: str, place: tuple[int, int]) -> Iterator[Alias]:
    key = entity_key(name)
    if 1 < len(key) <= LONGEST_NAME and entity and len(entity) <= LONGEST_NAME and key != entity:
        yield Alias(key, entity, *place)


def _chinese(text: str, ends: dict[int, Mention]) -> Iterator[Alias]:
    """X，简称Y / X又名Y outside brackets."""
    for match in _ZH_OPEN.finditer(text) if has_cjk(text) else ():
        if entity := _before(text, match.start(), ends):
            yield from _alias(match.group(1), entity, match.span())


def _said(text: str, ends: dict[int, Mention], mentions: Sequence[Mention]) -> Iterator[Alias]:
    """X, also known as Y: Y is a mention that begins there, else the capitalised words there."""
    starts = {m.start: m for m in sorted(mentions, key=lambda m: m.end - m.start)}
    for match in _EN_SAYS.finditer(text):
        owner = _mention_before(text, match.start(), ends) or _mention_before(text, match.start() - 1, ends)
        name = _NAME.match(text, match.end())
        if owner is None or (match["was"] and owner.kind == "PERSON"):
            continue  # "Jane Doe, formerly Google": what a person was is no name of hers
        if name:
            mention = starts.get(match.end())
            end = mention.end if mention and mention.end > name.end() else name.end()
            yield from _alias(text[match.end() : end].rstrip(".,'’"), owner.entity, (match.start(), end))


def _looks_short(word: str) -> bool:
    letters = sum(map(str.isalpha, word))
    return 2 <= len(word) <= 10 and letters >= 2 and sum(map(str.isupper, word)) * 2 > letters


def long_form(short: str, before: str) -> str:
    """The words at the end of `before` that `short` abbreviates, or "".

    Schwartz and Hearst (2003), A simple algorithm for identifying abbreviation definitions in biomedical
    text: each letter of the short form stands, from the right, in the long form; the first one begins a word.

    >>> long_form("CIA", "He joined the Central Intelligence Agency")
    'Central Intelligence Agency'
    """
    if not _SHORT.fullmatch(short) or not _looks_short(short.replace(" ", "")):
        return ""
    words = before.split(" ")[-min(len(short) + 5, 2 * len(short)) :]
    window = " ".join(words)
    at = len(window) - 1
    for i, char in islice(_reversed_letters(short), 60):
        while at >= 0 and (window[at].casefold() != char or (i == 0 and at > 0 and window[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return ""
        at -= 1
    long = window[at + 1 :]
    return long if len(long) > len(short) + 2 and len(long.split()) > 1 and long[0].isupper() else ""


def _reversed_letters(short: str) -> Iterator[tuple[int, str]]:
    letters = [char.casefold() for char in short if char.isalnum()]
    yield from reversed(list(enumerate(letters)))
