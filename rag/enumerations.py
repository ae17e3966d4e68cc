"""Questions that ask for several things: their answer is the whole enumeration, not its first item."""

from __future__ import annotations

import re
from typing import Any

from index.errors import UnknownModel
from index.extract_en import load_parser
from index.language import fold, has_cjk, sentences
from rag.enumerations_zh import names, split, whole

LONGEST = 400
"""Characters in an enumeration at most."""

_CLAUSE = (
    r"(?:that|who|whom|whose|which|what|where|when|while|why|how|whether|if|because|once|until|after|before|"
    r"is|was|does|did|has|I|you|we|they|he|she|it)\b"
)
"""What no noun phrase at the head of a question has in it: what stands behind, says nothing of its number."""
_WORD = rf"(?:(?!{_CLAUSE})[\w'’&/-]+,? )"
_PLURAL = rf"(?!{_CLAUSE})(?:\w{{3,}}(?<![sui])s|people|children|men|women|criteria|these|those)\b(?!['’])"
_AUXILIARY = r"(?:do|does|did|have|had|can|could|will|would|shall|should|may|might|must)\b"
_PAST = (
    r"(?:\w{2,}ed\b(?=\s*\??$| (?:the|an?|its?|their|his|her|in|at|on|to|by|for|from|with|as|of|during|"
    r"after|before|since|between|\w+ly)\b)|(?:made|sold|built|went|came|won|took|gave|held|led|began|became|"
    r"got|left|lost|paid|ran|sent|wrote|grew|bought|brought|kept|met|found)\b)"
)
_PRESENT = (
    "(?:weigh|contain|include|require|belong|apply|sell|make|come|go|take|get|meet|produce|exceed|become|"
    "exist|remain|depend|consist|differ|pass|provide|allow|deliver|serve|give|bring)"
)
"""Verbs that are no nouns: a word before them that ends in s is their subject, not itself a verb."""
_SEVERAL = re.compile(
    r"^(?:tell me )?(?:(?:and|so|in|at|on|of|from|to|for|with|by) )?(?:"
    r"who (?:else |all )?(?:are|were|have)\b"
    r"|(?:what|which) (?:(?:else|all) )?(?:do|have)\b"
    rf"|(?:what|which) {_WORD}{{,6}}(?:are|were)\b"
    rf"|(?:what|which) {_WORD}{{,3}}{_PLURAL} (?:(?:(?!and ){_WORD}){{,5}}{_AUXILIARY}|{_PAST}|{_PRESENT}\b)"
    rf"|which {_PLURAL} (?:need|cost|use|work|run|last|support|offer|fit|cover|lead|hold)\b)"
    r"|^(?:name|list|give(?: me| us)?|tell (?:me|us)) (?:(?:all|each|every)\b(?! about)|"
    rf"(?:(?!(?:of|in|for|at|on|to|by|from|with|about)\b){_WORD}){{,4}}{_PLURAL})"
    r"|^list (?:the|your|our|any)\b",
    re.IGNORECASE,
)
"""Not by any word that ends in s: "Which department approves invoices?" asks for one."""
_SEVERAL_ZH = re.compile("哪些|哪几|哪[两二三四五六七八九十]|有什么|分别|列出|列举|包括什么|包含什么")
_BULLET = re.compile(
    r"^[ \t]*(?P<mark>[-*•·–]|\(?\d{1,2}[.)、）](?!\d)|[①-⑳])[ \t]*(?P<item>\S.*?)[ \t]*$", re.MULTILINE
)
_BETWEEN = re.compile(r"\s*(?:(?:;|\n|,(?!(?<=\d,)\d{3}(?!\d)))\s*(?:and\b|or\b)?|\b(?:and|or)\b)\s*")
"""What stands between English items; the comma of 1,200 does not."""


def asks_for_several(question: str) -> bool:
    """Whether more than one thing is asked for.

    >>> asks_for_several("Which colours are on the flag?"), asks_for_several("Which department sells pumps?")
    (True, False)
    >>> asks_for_several("公司生产哪些产品？"), asks_for_several("哪个产品最重？")
    (True, False)
    """
    if has_cjk(question):
        return _SEVERAL_ZH.search(fold(question)) is not None
    return _SEVERAL.search(question.strip()) is not None


def whole_list(text: str, start: int, end: int) -> tuple[int, int]:
    """The enumeration of which `text[start:end]` is an item or some; itself where it is none.

    >>> text = "公司生产水泵、流量计和控制器，销往各地。"
    >>> a, b = whole_list(text, 4, 6); text[a:b]
    '水泵、流量计和控制器'
    """
    finds = [_bullets]
    if _is_chinese(text[max(0, start - 1) : end + 1]):  # of A-80和B-200 only what joins the two is Chinese
        finds.append(whole)
    if not has_cjk(text[start:end]):
        finds.append(_english)
    for find in finds:
        first, last = find(text, start, end)
        if (first, last) != (start, end) and last - first <= LONGEST:
            return first, last
    return start, end


def items(enumeration: str) -> list[str]:
    """The things that a whole list names.

    >>> items("pumps, flow meters and controllers"), items("水泵、流量计和控制器")
    (['pumps', 'flow meters', 'controllers'], ['水泵', '流量计', '控制器'])
    """
    marked = [match["item"] for match in _BULLET.finditer(enumeration)]
    if len(marked) > 1:
        first = enumeration[: next(_BULLET.finditer(enumeration)).start()].strip()
        return [first, *marked] if first else marked
    return names(enumeration) if _is_chinese(enumeration) else split(_BETWEEN, enumeration)


def _is_chinese(text: str) -> bool:
    return has_cjk(text) or "、" in text


def _bullets(text: str, start: int, end: int) -> tuple[int, int]:
    """All items of a list, one a line, when most of one of them was the answer."""
    run: list[re.Match[str]] = []
    for item in _BULLET.finditer(text):
        if run and text[run[-1].end() : item.start()].strip("\n"):
            if run[0].start("item") <= start < run[-1].end():
                break
            run = []
        run.append(item)
    own = next((item for item in run if item.start("item") <= start and end <= item.end()), None)
    if own is None or len(run) < 2 or end - start < _least(own["item"]):
        return start, end
    return run[0].start("item"), run[-1].end("item")


def _least(item: str) -> float:
    """Characters of an item that an answer has at least: of a clause, which tells of things, nearly all."""
    return (0.9 if item[-1] in "。." else 0.5) * len(item)


def _english(text: str, start: int, end: int) -> tuple[int, int]:
    """The words that are joined with the answer's in the sentence's parse."""
    if not re.match(r",? ?(?:and|or|,)? ", text[end:]) and not re.search(r"(?:,|\band|\bor) $", text[:start]):
        return start, end
    begin, stop = next(((a, b) for a, b in sentences(text) if a <= start < b), (0, 0))
    try:
        doc = load_parser()(text[begin:stop])
    except UnknownModel:  # an installation without spaCy's model leaves every answer as it is
        return start, end
    own = doc.char_span(start - begin, end - begin, alignment_mode="expand")
    if own is None:
        return start, end
    group = sorted({own.root, *own.root.conjuncts}, key=lambda token: token.i)
    if len(group) < 2 or any(token.pos_ in ("VERB", "AUX") for token in group):
        return start, end
    first = min(own.start, group[0].left_edge.i)
    last = max(own.end - 1, _right(group[-1]))
    return begin + doc[first].idx, begin + doc[last].idx + len(doc[last])


def _right(word: Any) -> int:
    """The last token that belongs to the last item: without clauses that tell more about it."""
    last: int = word.i
    for child in word.rights:
        if child.dep_ in ("prep", "compound", "nummod", "amod", "poss", "case") or child.ent_iob_ == "I":
            last = max(last, child.right_edge.i)
        elif child.dep_ != "punct":
            break
    return last
