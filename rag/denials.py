"""Whether a sentence says what a question states, or denies it: clause by clause. Chinese and English.

A negation counts in the clauses that hold what the question states, and there only if it stands before that.
Where that does not settle it, nothing is decided.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from index.language import FUNCTION_WORDS, fold, has_cjk, index_terms, search_terms

_THAT = r"that (?:is|are|was|were|has|have|had|does|do|did|can(?:not)?|may|must|shall|should|will|would|need)"
"""Of a thing, not of what is said to be so: orders that are signed."""
_CLAUSE = re.compile(
    r"(?<!\d)[,:]|[,:](?!\d)|[;，；：]|"
    r"\s(?=(?:but|and(?! \d)|if|unless|whether|provided|because|although|while|whereas|which|who|whose)\b)|"
    rf"\s(?={_THAT}\b)|"
    r"(?=但|而(?!且)|并且|而且|(?<!而)(?<!并)且)",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"[(（][^()（）]*[)）]")
_HARMLESS = re.compile(
    r"\bno\.? ?(?=\d)|\bnot only\b|\b(?:no|not) (?:later|more|less|fewer|longer|earlier) than\b|"
    "无(?:理由|条件|偿|论|线|锡|菌|尘|人机|缝|铅)|"
    "不(?:另|超过|少于|低于|多于|高于|晚于|早于|迟于|限|论|管|仅|但|同|断|久|锈|少(?!于)|过(?=，|是))|未来|非常|非洲",
    re.IGNORECASE,
)
"""An order number, a limit, a way of speaking: they deny nothing."""
FORBIDS = re.compile(
    r"\b(?:forb[aio]d\w*|prohibit\w*|ban(?:s|ned)?|disallow\w*|refus\w*|impossible)\b|禁止|严禁|谢绝|拒绝|请勿|勿|莫",
    re.IGNORECASE,
)
NOT = re.compile(
    r"\b(?:not|no|never|neither|nor|none|nowhere|cannot|\w+n[’']t|unable|unless|excluded|excludes?)\b|"
    rf"不|没有|没|未|无|除外|非|{FORBIDS.pattern}",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"\b(?P<mark>without)\b|\b(?:except(?: for)?|excluding|instead of|rather than|other than)\b", re.I
)
"""What follows is denied; what stands before it is not."""
_SAME = re.compile(r"\bneither\b(.*?)\bnor\b", re.IGNORECASE)
_INVERTED = re.compile(r"^\w+n[’']t\b", re.IGNORECASE)
_PARTICLES_ZH = frozenset("不 没 没有 未".split())  # noqa: SIM905 - as in index/language.py
_SUPPOSED = re.compile(
    r"^\s*(?:if|whether|unless|provided|in case)\b|"
    "^(?:如果|如(?![下图何期实此上今])|若(?!干)|倘|假如|假设|要是|万一)|[是能可]否",
    re.IGNORECASE,
)
_RELATIVE = re.compile(rf"^\s*(?:which|who|whose|{_THAT})\b", re.IGNORECASE)
_ALSO = re.compile(r"even\b|not even\b|including\b|包括|甚至", re.IGNORECASE)
_ALSO_FORBIDDEN = re.compile(rf"also\b|也|{_ALSO.pattern}", re.IGNORECASE)
"""It goes on with what was denied before."""
_LISTED = re.compile(r"(?:(?:and|all|the|our) )*(?!we\b|you\b|it\b|they\b)[\w-]+(?: [\w-]+)?", re.IGNORECASE)
_DOUBTS = re.compile(
    r"\b(?:rarely|seldom|hardly|barely|scarcely|(?:plans?|planned|intends?) to|used to|formerly|previously|"
    r"outside|probably|perhaps|possibly|(?:was|were)\b.*\b(?:until|till))\b|"
    r"^(?:before that|until then)\b(?! \w+\W*$)|^(?:之前|以前|过去)(?!的)|此前|原先|曾|为止|"
    r"很少|偶尔|几乎|计划|拟(?=[^定])|也许|或许",
    re.IGNORECASE,
)
"""Neither a yes nor a no of what is so now."""
_BESIDES = re.compile("除(?!外).{1,20}?外")
_PREDICATES = frozenset("allow permit possibl requir need necessari accept oblig cover includ have".split())  # noqa: SIM905
"""Stems that a negation may stand before without denying another thing."""


_OPENS = frozenset("but also only yet however".split())  # noqa: SIM905
_UNCLEAR = re.compile(r"not|no|never|neither|none|cannot|unless|\w+n[’']t", re.IGNORECASE)
"""In an English question: whether "Is it not open?" is answered by yes or by no, people do not agree."""


def windows(sentence: str, stated: Collection[str]) -> list[list[str]]:
    """The fewest clauses in a row that hold what the sentence holds of what is stated; all such rows.

    >>> windows("The plant is open on Saturdays, but not on Sundays.", {"plant", "open", "saturdai"})
    [['The plant is open on Saturdays']]
    """
    sentence = _ASIDE.sub(lambda m: m[0] if _held(m[0], stated) else " ", sentence)
    parts = [part.strip() for part in _CLAUSE.split(sentence) if part.strip()]
    held = [_held(part, stated) for part in parts]
    every = set().union(*held)
    for length in range(1, len(parts) + 1):
        rows = range(len(parts) - length + 1)
        found = [parts[at : at + length] for at in rows if set().union(*held[at : at + length]) == every]
        if found:
            return found
    return []


def denied(window: Sequence[str], question: str, stated: Collection[str]) -> bool | None:
    """Whether clauses deny what a question states, rather than say it; None: they leave it open.

    >>> denied(["No plant is open"], "Is the plant open?", {"plant", "open"})
    True
    """
    held = [_held(clause, stated) for clause in window]
    if not any(held[at] and not _SUPPOSED.search(clause) for at, clause in enumerate(window)):
        return None
    if any(_BESIDES.search(clause) for clause in window) or not _whole(window, question, stated):
        return None
    asked = [mark for mark, *_ in _marks(_INVERTED.sub(" ", question))]
    if not has_cjk(question) and any(_UNCLEAR.fullmatch(mark) for mark in asked):
        return None
    found: list[tuple[int, str, str, str]] = []
    for at, clause in enumerate(window):
        for mark, before, after in _marks(clause):
            if mark in asked:
                asked.remove(mark)
            elif not _LESS.fullmatch(mark) or _held(after, stated):
                found.append((at, mark, before, after))
    if len(found) > 1 or len(asked) > 1:
        return None
    if not asked:
        return _denies(found[0], window, held, stated) if found else False
    if not found:
        return True if asked[0] in _PARTICLES_ZH or FORBIDS.fullmatch(asked[0]) else None
    same = FORBIDS.fullmatch(asked[0]) or {asked[0], found[0][1]} <= _PARTICLES_ZH
    return False if same else None


def _whole(window: Sequence[str], question: str, stated: Collection[str]) -> bool:
    """Whether clauses that only together hold what is stated say it as one, and without doubt.

    "Closed on Saturdays and open on Mondays" does not: the second clause has something of its own.
    """
    if any(_DOUBTS.search(clause) for clause in window) and not _DOUBTS.search(question):
        return False
    if any(_RELATIVE.search(clause) for clause in window[1:]):
        return False
    for at, clause in enumerate(window[1:], 1):
        listed = all(
            _LISTED.fullmatch(before) for before in window[:at]
        )  # pumps, meters and valves are covered
        own = set(_telling(clause)) - {*stated, *_OPENS}
        if own and not listed and re.match(r"and\b", clause, re.IGNORECASE):
            return False
    return True


def _marks(text: str) -> Iterator[tuple[str, str, str]]:
    """Each negation of a text, with what stands before it and after it."""
    text = _SAME.sub(r"neither\1or", _HARMLESS.sub(" ", text))
    for match in [*NOT.finditer(text), *_LESS.finditer(text)]:
        yield fold(match.group()), text[: match.start()], text[match.end() :]


def _denies(
    found: tuple[int, str, str, str],
    window: Sequence[str],
    held: Sequence[Collection[str]],
    stated: Collection[str],
) -> bool | None:
    """Whether the only negation of a window denies what it holds."""
    at, mark, before, after = found
    if mark == "unless" or (mark == "without" and _held(before, stated)):
        return None
    goes_on = _ALSO_FORBIDDEN if FORBIDS.fullmatch(mark) else _ALSO
    if any(not goes_on.match(clause) for clause in window[at + 1 :]):
        return None
    everything = set().union(*held)
    rest = set(_telling(f"{before} {after}")) - _OPENS <= set(stated)  # "but not on Sundays"
    if at and not rest and 2 * len(held[at]) < len(everything):
        return None
    if (
        FORBIDS.fullmatch(mark)
        or _LESS.fullmatch(mark)
        or mark in ("除外", "excluded", "exclude", "excludes")
    ):
        return True
    return True if _stands_before(after, stated) else None


def _stands_before(after: str, stated: Collection[str]) -> bool:
    """Whether what follows a negation is what is stated, or all that is left of the clause."""
    if has_cjk(after):
        rest = fold(after).strip(" 。！!.")
        places = [at for at in (rest.find(term) for term in stated) if at >= 0]
        return min(places) <= 3 if places else len(rest) <= 4
    terms = _telling(after)
    return len(terms) <= 1 or not _PREDICATES.union(stated).isdisjoint(terms[:2])


def _held(text: str, stated: Collection[str]) -> set[str]:
    return set(stated).intersection(index_terms(text))


def _telling(text: str) -> list[str]:
    return index_terms(" ".join(term for term in search_terms(text) if term not in FUNCTION_WORDS))
