"""Chinese facts: names of one sentence and the words between them, read by tags and order.

Chinese says who did what by order: subject, prepositions with place and time, verb, object. The patterns are
those of ReVerb (Fader et al. 2011) turned to Chinese: a verb or a role noun between two names relates them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.extraction import LONGEST_NAME
from index.language import entity_key
from index.types import Fact

_AND = frozenset(
    "、 和 与 及 以及 跟 并 或 ，和 兼 暨 /".split()  # noqa: SIM905 - one word after another is easier to read
)
_IS = frozenset({"是", "为", "即", "系", "就是", "叫", "名叫", "乃"})
_BEFORE_VERB = frozenset(
    "于 在 从 由 被 给 向 对 自 因 以 与 跟 把 将 为 当 至 到 随 经 凭 按 据".split()  # noqa: SIM905 - one word after another is easier to read
)
_BREAK = frozenset("，。；！？,;!?:：")
_CLOSE = frozenset("》”’」』）)】\"' ·")
_MARKS = frozenset("《》“”‘’「」『』（）()【】\"' ·、，。；：！？,;:")
_REACH = 12
"""Words between two names that one fact may span."""
_LONGEST = 8
"""Words of a relation."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word with LAC's tag, or a name (tag NAME)."""

    text: str
    tag: str
    start: int
    end: int
    entity: str = ""
    kind: str = ""


def word_facts(words: Sequence[Word], topic: str, start: int, end: int) -> list[Fact]:
    """The facts of one sentence; `start` and `end` are its offsets."""
    key = entity_key(topic)
    about = key if 1 < len(key) <= LONGEST_NAME else ""
    facts: dict[Fact, None] = {}
    names = [i for i, word in enumerate(words) if word.tag == "NAME"]
    if not names:
        return []
    for subject, relation, target in _said(words, names, about):
        if relation and subject and target and subject != target:
            facts.setdefault(Fact(subject, relation, target, 0, start, end))
    return list(facts)


def _said(words: Sequence[Word], names: list[int], topic: str) -> Iterator[tuple[str, str, str]]:
    subject = topic
    if _leads(words, names[0]):
        subject = words[names[0]].entity
    elif topic:
        yield from _first_clause(words, names[0], topic)
    last: tuple[str, str, bool] | None = None  # (subject, relation, turned) that a list goes on with
    for i, j in pairwise(names):
        right = words[j]
        between = words[i + 1 : j]
        bare = [w for w in between if w.text.strip() and w.text not in _MARKS]
        if _coordinate(between):
            if last is not None:
                other, relation, turned = last
                yield (right.entity, relation, other) if turned else (other, relation, right.entity)
            continue
        last = None
        if len(bare) > _REACH:
            subject = right.entity if _opens(words, j) and right.kind not in ("DATE", "PLACE") else subject
            continue
        found = _relation(words, i, j, bare, subject)
        if found is not None:
            yield found
            last = (found[0], found[1], False) if found[2] == right.entity else (found[2], found[1], True)
        if _opens(words, j) and right.kind != "DATE" and not (subject and right.kind == "PLACE"):
            subject = right.entity


def _coordinate(between: Sequence[Word]) -> bool:
    """Whether only a sign of a list stands between two names."""
    text = [w.text for w in between if w.text not in _CLOSE and w.text not in "《“‘「『（("]
    return bool(text) and len(text) <= 2 and all(word in _AND for word in text)


def _leads(words: Sequence[Word], i: int) -> bool:
    """Whether the first name of a sentence is its subject: not a date, no preposition before it."""
    before = [w for w in words[:i] if w.text not in _MARKS]
    return words[i].kind != "DATE" and not (before and before[-1].text in _BEFORE_VERB) and len(before) < 6


def _opens(words: Sequence[Word], i: int) -> bool:
    """Whether a name opens a clause: a break stands before it and a verb or a noun after it."""
    before = next(
        (w.text for w in reversed(words[:i]) if w.text not in _CLOSE and w.text not in "《“‘「『"), "，"
    )
    after = words[i + 1].text if i + 1 < len(words) else ""
    return before[-1:] in _BREAK and after not in _AND


def _first_clause(words: Sequence[Word], first: int, topic: str) -> Iterator[tuple[str, str, str]]:
    """A sentence without a subject of its own speaks of the topic."""
    before = [w for w in words[:first] if w.text not in _MARKS]
    relation = _text(before)
    if 0 < len(before) <= 5 and any(w.tag.startswith("v") or w.text in _BEFORE_VERB for w in before):
        yield topic, relation, words[first].entity


def _relation(
    words: Sequence[Word], i: int, j: int, bare: Sequence[Word], subject: str
) -> tuple[str, str, str] | None:
    """What is said between the names at `i` and `j`, as (subject, relation, object)."""
    left, right = words[i], words[j]
    breaks = any(w.text in _BREAK for w in words[i + 1 : j])
    verbs = [w for w in bare if w.tag.startswith("v") and w.tag != "vn"]
    if not bare:
        return None
    if right.kind == "PLACE" and _follows(words, j, ("人", "籍", "籍人")) and subject:
        return subject, "人", right.entity  # 陈维涵，中国辽宁人
    if not breaks and len(bare) == 1 and bare[0].text == "的":
        owns = left.kind in ("PERSON", "ORG") and right.kind in ("PERSON", "WORK", "PRODUCT", "ORG")
        return (left.entity, "的", right.entity) if owns else None  # 司马迁的《史记》
    if not breaks and bare[-1].text == "的" and len(bare) > 1 and verbs:
        return left.entity, _text(bare[:-1]), right.entity  # 吴宇森导演的《辣手神探》
    if not breaks and (role := _role(bare)):
        return left.entity, role, right.entity  # 《…》的作者是… / 《…》作者… / …的父亲…
    if not breaks and bare[0].text in ("由", "被") and left.kind != "DATE":
        after = _text(_following_verb(words, j))
        return (left.entity, bare[0].text + after, right.entity) if after else None
    if not verbs and bare[-1].text in _BEFORE_VERB:
        if breaks:
            return None
        after = _text(_following_verb(words, j))  # 于2002年在杭州成立: the verb stands after place and time
        return (_actor(words, i, subject), after + bare[-1].text, right.entity) if after else None
    tail = _after_break(words[i + 1 : j]) if breaks else bare
    if breaks and subject and (role := _role(tail)):
        return subject, role, right.entity  # ，妻子赵志萱 / ，导演理查德·凯利
    if len(tail) > _LONGEST or not verbs:
        return None
    actor = subject if breaks and subject else _actor(words, i, subject)
    return actor, _text(tail) or verbs[-1].text, right.entity


def _actor(words: Sequence[Word], i: int, subject: str) -> str:
    """Who does it: the name at `i`, unless that is the place or time at which the subject does it."""
    circumstance = words[i].kind in ("DATE", "PLACE") or _after_preposition(words, i)
    return subject if subject and circumstance else words[i].entity


def _follows(words: Sequence[Word], j: int, texts: tuple[str, ...]) -> bool:
    return j + 1 < len(words) and words[j + 1].text in texts


def _role(bare: Sequence[Word]) -> str:
    """A role noun with 的 before it, or 是 after it, or alone between two names: its words."""
    kept = [w for w in bare if w.text not in ("的", "之")]
    if kept and kept[-1].text in _IS:
        kept = kept[:-1]
    kept = [w for w in kept if w.text not in _MARKS]
    if (
        kept
        and len(kept) <= 2
        and all(w.tag in ("n", "vn", "nz", "v") for w in kept)
        and kept[-1].tag in ("n", "vn")
    ):
        return _text(kept)
    return ""


def _following_verb(words: Sequence[Word], j: int) -> Sequence[Word]:
    """The verb after the name at `j`, over more places, times and members of a list; before a break."""
    for k in range(j + 1, min(j + 12, len(words))):
        word = words[k]
        if word.text in _BREAK:
            break
        if word.tag in ("v", "vn") and word.text not in _BEFORE_VERB:
            return [word]
    return []


def _after_preposition(words: Sequence[Word], i: int) -> bool:
    before = [w for w in words[:i] if w.text not in "《“‘「『"]
    return bool(before) and before[-1].text in _BEFORE_VERB


def _after_break(between: Sequence[Word]) -> list[Word]:
    """The words after the last break, without marks."""
    last = max((k for k, w in enumerate(between) if w.text in _BREAK), default=-1)
    return [w for w in between[last + 1 :] if w.text.strip() and w.text not in _MARKS]


def _text(words: Sequence[Word]) -> str:
    """The words without marks, particles and adverbs of time."""
    kept = [w.text for w in words if w.tag not in ("w", "u", "xc") and w.text not in _MARKS]
    return "".join(kept)[:24]
