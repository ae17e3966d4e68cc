"""English phrases for made questions: what asks for a noun, and which phrases are times, places, amounts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

_UNITS = frozenset(
    """metre metres meter meters centimetre centimetres centimeter centimeters millimetre millimetres mm cm
    m km kilometre kilometres kilometer kilometers mile miles foot feet inch inches yard yards kg g
    kilogram kilograms gram grams tonne tonnes ton tons pound pounds litre litres liter liters
    percent per cent degrees degree bar volts watts kw hp m² m³ km2 m2 acres hectares dollars euros
    yuan °c""".split()  # noqa: SIM905
)
ROLES = frozenset(
    """president chairman chairwoman chair director manager founder head leader mayor minister king queen
    emperor author composer producer editor governor secretary ceo engineer captain coach owner
    inventor architect commander chancellor bishop pope principal dean""".split()  # noqa: SIM905
)
_PERIODS = frozenset(
    """second seconds minute minutes hour hours day days week weeks month months year years decade decades
    century centuries""".split()  # noqa: SIM905
)
_POINT = re.compile(
    r"\b(?:1[0-9]{3}|20[0-9]{2})\b|\b(?:january|february|march|april|may|june|july|august|september|october|"
    r"november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b|\bcentury\b|"
    r"\d ?(?:[ap]m|[ap]\.m)|\b\d{1,2}:\d{2}\b|\b(?:BC|AD|BCE)\b",
    re.IGNORECASE,
)
_PLACES = ("GPE", "LOC", "FAC")
_SITES = frozenset(["headquarters", "workshop", "warehouse", "office", "factory", "plant", "building"])
_SORTS = frozenset(
    """company university college school plant city country state river island team league band album film
    book song game war battle party church museum bank agency organization organisation station
    hospital airport festival award magazine newspaper network channel theory law act treaty
    language street region province county village town district mountain lake sea office ministry
    department committee council court pump meter controller""".split()  # noqa: SIM905
)
"""Nouns that tell which sort a name is of: "which plant"."""
_CURRENCIES = frozenset(["rmb", "usd", "eur", "gbp", "cny", "hkd", "jpy"])
_NO_NAMES = ("DATE", "TIME", "CARDINAL", "ORDINAL", "PERCENT", "MONEY", "QUANTITY")


def joined(tokens: Iterable[Any]) -> str:
    """Tokens as they stand in the text, a space for what was left out; a sentence's first is small."""
    text, last = "", None
    for token in tokens:
        apart = last is not None and (last.i + 1 != token.i or last.whitespace_)
        text += (" " if apart else "") + _small(token)
        last = token
    return re.sub(r"\s+([,.;:])", r"\1", text).strip(" ,;:")


def _small(token: Any) -> str:
    word: str = token.text
    if token.i or word == "I" or (not word[1:].islower() and len(word) > 1):
        return word
    name = token.pos_ == "PROPN" or (
        token.ent_type_ not in ("", *_NO_NAMES) and token.pos_ not in ("DET", "ADP")
    )
    return word if name else word[0].lower() + word[1:]


def verbatim(tokens: Sequence[Any]) -> str:
    """The text from the first of some tokens to the last."""
    if not tokens:
        return ""
    first, last = tokens[0], tokens[-1]
    text: str = first.doc.text[first.idx : last.idx + len(last)]
    return text


def after_comma(token: Any) -> bool:
    """Whether what a token heads is set off by a comma or a dash."""
    first = min(t.i for t in token.subtree)
    return bool(first) and token.doc[first - 1].text in (",", "-", "–", "—", ";", ":", "(")


def noun_phrase(noun: Any, relative: bool = True) -> list[Any]:
    """A noun with what belongs to it, in one piece: without what is set off by commas.

    Args:
        relative: with a clause about it, too.
    """
    out: set[int] = set()
    for child in noun.subtree:
        if child.i == noun.i:
            continue
        aside = (
            child.dep_ in ("relcl", "acl", "appos", "prep", "advcl", "parataxis", "amod") and child.i > noun.i
        )
        clause = child.dep_ in ("relcl", "acl", "advcl") and not relative
        if (aside and after_comma(child)) or clause or child.dep_ == "parataxis":
            out |= {t.i for t in child.subtree}
    kept = [t for t in noun.subtree if t.i not in out]
    at = next(n for n, t in enumerate(kept) if t.i == noun.i)
    first = last = at
    while first and kept[first - 1].i == kept[first].i - 1:
        first -= 1
    while last + 1 < len(kept) and kept[last + 1].i == kept[last].i + 1:
        last += 1
    kept = kept[first : last + 1]
    while len(kept) > 1 and loose(kept[-1]):
        kept.pop()
    while len(kept) > 1 and kept[0].is_punct:
        kept.pop(0)
    return kept


def loose(token: Any) -> bool:
    """Whether nothing may end with a token: a mark, "and"."""
    return (token.is_punct and token.text not in ("%", ")")) or token.pos_ == "CCONJ"


def amount(noun: Any) -> list[Any]:
    """The tokens of a noun's number: 412 of "412 employees"; none where it has none, or a vague one."""
    number = next((c for c in noun.children if c.dep_ == "nummod" and c.i < noun.i), None)
    if number is None or not number.like_num or noun.tag_ not in ("NNS", "NNPS"):
        return []  # one of a kind is not counted: an 1882 map
    if any(c.tag_ in ("JJS", "RBS") for c in noun.children):
        return []
    tokens = [t for t in number.subtree if t.dep_ in ("nummod", "compound", "punct") or t.i == number.i]
    whole = all(a.i + 1 == b.i for a, b in pairwise(tokens)) and len(tokens) == len(list(number.subtree))
    glued = tokens[0].i and not noun.doc[tokens[0].i - 1].whitespace_
    return tokens if whole and not glued and tokens[-1].i < noun.i else []


def is_time(noun: Any) -> bool:
    """Whether a noun names a point in time."""
    return noun.ent_type_ in ("DATE", "TIME") and _POINT.search(joined(noun.subtree)) is not None


def whole_time(noun: Any) -> str:
    """A time as it is written, its year after a comma, too."""
    ent = next((e for e in noun.doc.ents if e.start <= noun.i < e.end), None)
    return verbatim(noun_phrase(noun) if ent is None else [t for t in ent if t.i or t.pos_ != "ADP"])


def is_unit(noun: Any) -> bool:
    """Whether a noun is a measure, of which nobody asks how many."""
    return noun.lower_.rstrip(".") in _UNITS


def is_duration(noun: Any) -> bool:
    """Whether a noun is a length of time."""
    return noun.lower_ in _PERIODS


def is_place(noun: Any) -> bool:
    return noun.ent_type_ in _PLACES or noun.lower_ in _SITES


def is_named(tokens: Iterable[Any]) -> bool:
    """Whether a name or a code stands among some tokens."""
    return any(
        t.pos_ == "PROPN" or (any(map(str.isdigit, t.text)) and any(map(str.isalpha, t.text))) for t in tokens
    )


def what(noun: Any) -> str:
    """The words that ask for a noun: "Who", "What", "Which plant"; "" where nothing asks for it well."""
    kind, word = noun.ent_type_, noun.lower_
    if kind == "PERSON":
        return "" if any(c.lower_ == "the" for c in noun.children) else "Who"
    if noun.pos_ not in ("NOUN", "PROPN") or kind in _NO_NAMES or word in _CURRENCIES:
        return ""
    compound = any(c.pos_ == "PROPN" for c in noun.children if c.dep_ == "compound")
    if word in _SORTS and (noun.pos_ == "PROPN" or compound):
        return f"Which {word}"
    return "What"
