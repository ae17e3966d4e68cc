"""English names by their spelling alone: capitalised phrases, CamelCase, all capitals, quoted names.

They find the product names that no model was trained on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from index.extraction import LONGEST_NAME
from index.language import entity_key
from index.types import Mention

_TOKEN = re.compile(r"[^\W_](?:[\w&+]|['’.-](?=\w))*|&")
_INSIDE = frozenset(
    [
        "of",
        "the",
        "for",
        "de",
        "la",
        "le",
        "du",
        "del",
        "di",
        "da",
        "van",
        "von",
        "der",
        "den",
        "el",
        "al",
        "bin",
        "ibn",
        "y",
        "e",
        "&",
        "on",
    ]
)
"""Words that may stand inside a name, at most two in a row."""
_NO_START = frozenset(
    """a an the this that these those he she it they we you i his her its their our my your in on at by for
    from to of with without as if when while where after before during since until under over between and
    or but so yet not no all some many most both each every other another such there here what which who
    whom whose why how then thus also although though because however moreover meanwhile today once one two
    three four five six seven eight nine ten first second last new is are was were be been has have had do
    does did can could will would may might must shall should let see note only even just more less much few
    several according due despite through within across among about against like unlike early late mr mrs
    ms dr prof sir customers following january february march april june july august september october
    november december monday tuesday wednesday thursday friday saturday sunday
    """.split()  # noqa: SIM905 - a list of quoted words is no easier to read
)
"""Words that are capitalised for their place, not for being a name."""
_CAMEL = re.compile(r"[A-Z]?[a-z]+[A-Z]\w*|[A-Z]{2,}[a-z]+[A-Z]\w*")
_ABBREVIATION = re.compile(r"[A-Z][A-Z0-9&-]{1,9}s?")
_NO_ABBREVIATION = frozenset(
    [
        "OK",
        "AM",
        "PM",
        "AD",
        "BC",
        "CE",
        "II",
        "III",
        "IV",
        "VI",
        "VII",
        "VIII",
        "IX",
        "XI",
        "XII",
        "THE",
        "AND",
        "NOT",
        "FOR",
    ]
)
_QUOTED = re.compile(r"[\"“]([^\"“”\n]{2,60})[\"”]")
_ENDS = re.compile(r"[.!?:;\n•|]")


def capitalised(text: str) -> Iterator[Mention]:
    """Names in `text` by spelling, in order, without overlaps; each is an OTHER."""
    run: list[re.Match[str]] = []
    end = -1
    if _loud(text):
        return
    for token in _TOKEN.finditer(text):
        gap = text[end : token.start()] if end >= 0 else "\n"
        if run and gap not in (" ", "-"):
            yield from _name(text, run)
            run = []
        first = end < 0 or bool(_ENDS.search(gap))
        word = token.group()
        if (word[0].isupper() or _CAMEL.fullmatch(word)) and not (first and word.casefold() in _NO_START):
            run.append(token)
            if word[-2:] in ("'s", "’s"):  # what follows is another name: Microsoft's GitHub
                yield from _name(text, run)
                run = []
        elif run and _loose(run) < 2 and (word in _INSIDE or _numbers(word, run)):
            run.append(token)
        elif run:
            yield from _name(text, run)
            run = []
        end = token.end()
    yield from _name(text, run)


def _numbers(word: str, run: list[re.Match[str]]) -> bool:
    """Whether a number belongs to the name before it: Apollo 11."""
    return word.isdecimal() and len(word) < 5 and not _loose(run) and not run[-1].group()[0].isdigit()


def _loose(run: list[re.Match[str]]) -> int:
    """How many words at the run's end only may stand inside a name."""
    words = (token.group() for token in reversed(run))
    return sum(1 for _ in takewhile(lambda word: word in _INSIDE, words))


def _name(text: str, run: list[re.Match[str]]) -> Iterator[Mention]:
    last = len(run) - _loose(run)
    first = next((i for i in range(last) if run[i].group().casefold() not in _NO_START), last)
    run = run[first:last]
    if not run or (len(run) == 1 and not _single(run[0].group().removesuffix("'s").removesuffix("’s"))):
        return
    start, end = run[0].start(), run[-1].end()
    end -= 2 if text[end - 2 : end] in ("'s", "’s") else 0
    key = entity_key(text[start:end])
    if 1 < len(key) <= LONGEST_NAME:
        yield Mention(key, "OTHER", text[start:end], start, end)


def _single(word: str) -> bool:
    """Whether one word is a name by its spelling: CamelCase, or an abbreviation."""
    if _CAMEL.fullmatch(word):
        return True
    return _ABBREVIATION.fullmatch(word) is not None and word not in _NO_ABBREVIATION


def _loud(text: str) -> bool:
    """Whether capitals say nothing here: most letters are capitals."""
    small = sum(map(str.islower, text))
    return sum(map(str.isupper, text)) > small


def quoted(text: str) -> Iterator[Mention]:
    """Names in quotation marks: capitalised English of up to eight words, or up to 14 Chinese characters."""
    for match in _QUOTED.finditer(text):
        name = match.group(1)
        words = name.split()
        chinese = name[0] >= "\u3400"
        if name != name.strip() or name[-1] in ".,!?。，！？；;" or re.search(r"[，。！？；]", name):
            continue
        if (chinese and len(name) > 14) or (not chinese and not (name[0].isupper() and len(words) <= 8)):
            continue
        key = entity_key(name)
        if len(key) > 1 and any(c.isalpha() for c in key):
            yield Mention(key, "OTHER", name, *match.span(1))
