"""What a question measures things by: "the highest survival", "costs the least", 单价最低."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from index.language import has_cjk, simplified
from rag.comparatives import root_of


@dataclass(frozen=True, slots=True)
class Scale:
    phrase: str
    """Words that may name the column; "" for none."""
    word: str
    """The adjective, as "heavy" or 贵; "" for none."""
    largest: bool
    """Whether the larger value is meant; an earlier date is the smaller one."""
    said: str = ""
    """The English words that say so, but for the phrase."""


_STOP = (
    r"(?=\s+(?:among|and|are|at|by|did|do|does|for|from|had|has|have|in|is|of|on|or|per|than|that|to|was|we|were|"
    r"which|who|with)\b|[,?.:;]|$)"
)
"""What ends a phrase."""
_SUPERLATIVE = re.compile(
    rf"\b(?P<word>most|least|fewest|first|last|[a-z]+est)\b(?:\s+(?P<phrase>[^,?.:;]*?){_STOP})?",
    re.IGNORECASE,
)
_COMPARATIVE = re.compile(
    rf"\b(?P<word>more|less|fewer|[a-z]+er)\b(?:\s+(?P<phrase>[^,?.:;]*?){_STOP})?", re.IGNORECASE
)
_FUNCTION = re.compile(r"^(?:among|at|for|in|of|on|over|per|than|to|under)\b.*")
_LEFT_OUT = frozenset(("at most", "at least"))
VERBS: Mapping[str, str] = {
    "cost": "expensive",
    "charge": "expensive",
    "pay": "expensive",
    "weigh": "heavy",
    "last": "long",
    "earn": "wage",
    "paid": "wage",
    "worth": "worth",
}
"""Verb -> the word for what it measures."""
_VERB = re.compile(rf"\b(?P<verb>{'|'.join(VERBS)})s?\b", re.IGNORECASE)
_SINCE = re.compile(
    r"\b(?:work(?:s|ed|ing)?|been|serv(?:ed?|ing)|employed|stayed|with us|with the (?:firm|company)|member|"
    r"joined|hired|started)\b|入职|司龄|工龄|工作|任职|加入",
    re.IGNORECASE,
)
"""Longer than another: since an earlier date."""
_DOWN = frozenset(
    (
        "cheap",
        "cold",
        "early",
        "few",
        "first",
        "light",
        "low",
        "narrow",
        "old",
        "quiet",
        "short",
        "slow",
        "small",
    )
)
"""Adjectives that mean the smaller value."""
_ADJECTIVES = frozenset(
    (
        "cheap",
        "expensive",
        "powerful",
        "recent",
        "recently",
        "noisy",
        "quiet",
        "narrow",
        "dear",
        "deep",
        "heavy",
    )
)
"""Those that are compared by more and most."""
_LITTLE = frozenset(("least", "fewest", "less", "fewer"))

_SMALLEST_ZH = "低|便宜|轻|短|小|慢|浅|少|早|先|旧|老|久|年长|窄|薄|安静|矮|省钱?"
_LARGEST_ZH = "高|贵|重|长|大|快|深|多|晚|后|新|年轻|宽|厚|吵|强|热"
SCALE_WORDS_ZH = f"{_SMALLEST_ZH}|{_LARGEST_ZH}"
MEASURE_ZH = "[个款种台家位项间条类座处艘辆名块单起批笔只本所栋层户组次]"
_ZH = re.compile(
    r"(?P<phrase>[^，,。？?\s里中内是]{0,12}?)(?:的?(?:最|更加?|比较)|得[最更]?)"
    rf"(?P<word>{SCALE_WORDS_ZH})"
)
_BARE_ZH = re.compile(
    rf"哪一?{MEASURE_ZH}(?P<phrase>[^，,。？?\s]{{0,8}}?)(?P<word>{SCALE_WORDS_ZH})[些的一点呢]*[？?]*$"
)
"""哪个贵？ where two are named."""
_FIRST_ZH = re.compile(
    rf"(?:谁|哪一?{MEASURE_ZH})更?(?P<word>先|早|后|晚)(?P<phrase>[^，,。？?]{{0,6}}?)的?[？?]*$"
)
_DONE_ZH = re.compile("(?P<verb>[^的是，,。？?]{2,4})的")
"""最晚入职的: what was done then."""
_ASKED_ZH = re.compile(f"^.*(?:哪一?{MEASURE_ZH}?|哪些|谁|的|上|[、和与跟]|全?公司|全厂|我们|咱们)")


def superlative(question: str) -> Scale | None:
    """
    >>> superlative("Which species had the highest survival?")
    Scale(phrase='survival', word='high', largest=True, said='highest')
    >>> superlative("哪一款参考单价最低？"), superlative("Which pump costs the least?").word
    (Scale(phrase='参考单价', word='低', largest=False, said=''), 'expensive')
    >>> superlative("Who leads the plant?")
    """
    return _chinese(question) if has_cjk(question) else _english(question, _SUPERLATIVE)


def comparative(question: str) -> Scale | None:
    """
    >>> comparative("Which cabinet is quieter, the SD-200 or the SD-450?")
    Scale(phrase='', word='quiet', largest=False, said='quieter')
    """
    if not has_cjk(question):
        return _english(question, _COMPARATIVE)
    found = _chinese(question)
    if found is not None:
        return found
    plain = simplified(question)
    match = _BARE_ZH.search(plain) or _FIRST_ZH.search(plain)
    return (
        Scale(_ASKED_ZH.sub("", match["phrase"]), match["word"], _is_largest(match["word"]))
        if match
        else None
    )


def _english(question: str, pattern: re.Pattern[str]) -> Scale | None:
    for match in pattern.finditer(question):
        word, phrase = match["word"].lower(), _FUNCTION.sub("", (match["phrase"] or "").strip().lower())
        if question[max(0, match.start() - 3) : match.end("word")].lower() in _LEFT_OUT:
            continue
        if word in _LITTLE or word in ("most", "more"):
            found = _much(phrase, question, word)
        else:
            found = _adjective(phrase, question, word)
        if found is not None:
            return found
    return None


def _much(phrase: str, question: str, word: str) -> Scale | None:
    """Most expensive; costs the least; the fewest miles."""
    adjective, _, rest = phrase.partition(" ")
    if adjective in _ADJECTIVES:
        return Scale(rest, adjective, (adjective not in _DOWN) != (word in _LITTLE), f"{word} {adjective}")
    verb = _VERB.search(question)
    if not phrase and verb is None:
        return None
    measured = VERBS[verb["verb"].lower()] if verb is not None and not phrase else ""
    return Scale(phrase, measured, word not in _LITTLE, word)


def _adjective(phrase: str, question: str, word: str) -> Scale | None:
    root = root_of(word)
    if root in ("long", "short") and _SINCE.search(question):
        return Scale("", "early" if root == "long" else "late", root == "short", word)
    return Scale(phrase, root, root not in _DOWN, word) if root is not None else None


def _chinese(question: str) -> Scale | None:
    plain = simplified(question)
    match = _ZH.search(plain)
    if match is None:
        return None
    word, phrase = match["word"], _ASKED_ZH.sub("", match["phrase"])
    if not phrase and (done := _DONE_ZH.match(plain, match.end())):
        phrase = done["verb"]
    if word in ("长", "久") and _SINCE.search(plain):
        return Scale("", "早", largest=False)
    return Scale(phrase, word, _is_largest(word))


def _is_largest(word: str) -> bool:
    return re.fullmatch(_LARGEST_ZH, word) is not None
