"""The column of a table that says what a question measures things by: for cheap the price, for 重 重量."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from index.language import fold, has_cjk, index_terms
from rag.scales import Scale
from rag.values import Value

_OF_PEOPLE = re.compile(r"\bwho\b|employee|staff|谁|员工|职工|同事", re.IGNORECASE)

Words = tuple[str, str]
"""English words and Chinese parts (a pattern) of columns' names."""
_DATES: Words = (
    "year date since start founded opened built bought purchased joined hired commissioned introduced entry",
    "年|日期|时间|入职",
)
_COLUMNS: Mapping[str, Words] = {
    "heavy light 重 轻": ("weight mass", "重"),
    "expensive dear cheap 贵 便宜 省 省钱": ("price cost fee rate charge rent fare", "价|费|金额|租金"),
    "long short 长 短": ("length duration long", "长|时间|期|天数"),
    "high tall low 高 低 矮": ("height high", "高"),
    "large big great small 大 小": ("size area capacity volume space", "面积|容量|容积|大小|尺寸|体积"),
    "fast slow 快 慢": ("speed time", "速|时间|用时"),
    "deep 深 浅": ("depth", "深"),
    "wide narrow 宽 窄": ("width", "宽"),
    "thick 厚 薄": ("thickness", "厚"),
    "loud noisy quiet 吵 安静": ("noise sound loudness", "噪|声"),
    "warm hot cold 热": ("temperature", "温"),
    "strong powerful 强": ("power strength abv alcohol", "功率|强|酒精"),
    "worth": ("value worth amount fee price revenue", "额|价"),
    "wage": ("wage salary pay earnings", "工资|薪"),
    "old early first new late last young recently recent 早 先 旧 老 久 年长 晚 后 新 年轻": _DATES,
}
_USUAL = {word: columns for words, columns in _COLUMNS.items() for word in words.split()}
"""Adjective -> columns that say how much of it something is."""
_LATER: Words = (
    "last next end expiry expires due until review inspected inspection service delivery",
    "最近|下次|到期|截止|检修|交付|止",
)
"""Columns of dates that say nothing of how old something is."""
_END: Words = ("end ends ended expiry expires until due finish", "到期|截止|止|结束|期满")
ENDS = re.compile(
    r"\b(?:expire[sd]?|end(?:s|ed)?|runs? out|ran out|finish(?:es|ed)?|due)\b|到期|截止|结束|期满",
    re.IGNORECASE,
)
"""Words for which the date of an end is asked."""
_BIRTH: Words = ("born birth hatched", "出生|生日")
_AGE: Words = ("age", "年龄")
_AGED = frozenset(("old", "young", "老", "年长", "年轻"))
"""Adjectives of what was born, and of what was made; an age is larger where a year is smaller."""
_OF_THINGS = frozenset(("expensive", "cheap", "dear", "heavy", "powerful"))
"""Adjectives of things: the most expensive item is none by its item number."""
_SPEED = frozenset(("fast", "slow", "快", "慢"))
_HALF = 0.5
_HALF_ZH = 0.49
"""Likeness above which a phrase names a column."""


def column_of(
    scale: Scale, columns: Mapping[str, Sequence[Value | None]], question: str
) -> tuple[str, bool, bool] | None:
    """The column that says it, whether its larger value is meant, and whether the question names it.

    Args:
        columns: the values of each, as far as they can be compared.
    """
    known = {name: [one for one in values if one is not None] for name, values in columns.items()}
    usable = [name for name, own in known.items() if len(own) > 1 and 10 * len(own) >= 7 * len(columns[name])]
    found = _by_name(scale.phrase, usable, question)
    if found and scale.word in _OF_THINGS and not is_usual(found[0][2], scale.word):
        found = [] if _by_habit(scale.word, usable, known, question) else found
    if found:
        name = _first(found)
        turned = scale.word in _SPEED and name is not None and known[name][0].measure == "time"
        return (name, scale.largest != turned, True) if name is not None else None
    aged = [name for name in usable if scale.word in _AGED and _is_one_of(name, _AGE)]
    if aged:
        return aged[0], not scale.largest, False
    name = _first(_by_habit(scale.word, usable, known, question))
    if name is None:
        return None
    turned = scale.word in _SPEED and known[name][0].measure == "time"
    return name, scale.largest != turned, False


Ranked = list[tuple[float, float, str]]
"""Columns, the best first: how well they fit, and how much of them the question names."""


def _by_name(phrase: str, names: Sequence[str], question: str) -> Ranked:
    """Columns that a phrase names."""
    said = fold(phrase)
    ranked = [
        (likeness(said, name) + said.endswith(fold(name)) / 10, likeness(question, name), name)
        for name in names
    ]
    ranked += [(1.0, likeness(question, name), name) for name in names if said and _unit(name) == said]
    return sorted((one for one in ranked if one[0] > (_HALF_ZH if has_cjk(one[2]) else _HALF)), reverse=True)


def _by_habit(word: str, names: Sequence[str], known: Mapping[str, Sequence[Value]], question: str) -> Ranked:
    """Columns where one looks for what is heavy, cheap or old."""
    if word not in _USUAL:
        return []
    born = word in _AGED and any(_is_one_of(name, _BIRTH) for name in names)
    if word in _AGED and not born and _OF_PEOPLE.search(question):
        return []  # that somebody began earlier does not make him older
    words = _BIRTH if born else _USUAL[word]
    weighs = words == _USUAL["heavy"]
    dated = words == _DATES
    fit = [
        name
        for name in names
        if _is_one_of(name, words)
        or (weighs and known[name][0].measure == "weight")
        or (dated and known[name][0].measure == "date")
    ]
    if word in ("long", "short", "长", "短"):
        fit = [name for name in fit if known[name][0].measure != "date"]
    if dated and ENDS.search(question):
        fit = [name for name in fit if _is_one_of(name, _END)]
        return sorted(((1.0, likeness(question, name), name) for name in fit), reverse=True)
    begun = [name for name in fit if not _is_one_of(name, _LATER)]
    return sorted(((1.0, likeness(question, name), name) for name in begun or fit), reverse=True)


def _first(ranked: Ranked) -> str | None:
    """The best; None where the second is as good."""
    if not ranked or (len(ranked) > 1 and ranked[0][:2] == ranked[1][:2]):
        return None
    return ranked[0][2]


def likeness(words: str, name: str) -> float:
    """How much some words and a column's name have in common, 0 to 1."""
    name = bare(name)
    words = fold(words)
    if has_cjk(name):
        parts = (
            name[at : at + size] for size in range(len(name), 0, -1) for at in range(len(name) - size + 1)
        )
        common = len(next((part for part in parts if part in words), ""))
        return common / min(len(name), max(len(words), 1)) if common > 1 or len(name) == 1 else 0.0
    own, said = set(index_terms(name)), set(index_terms(bare(words)))
    shared = sum(any(_same(one, other) for other in said) for one in own)
    return shared / min(len(own), len(said)) if own and said else 0.0


def _unit(name: str) -> str:
    """Of a column of people, 剧院式(人), the 人."""
    found = re.search(r"[（(]([^）)]+)[）)]\s*$", fold(name))
    return found[1] if found is not None else ""


def is_usual(name: str, word: str) -> bool:
    """Whether a column is where one looks for what is `word`: the price of what is expensive."""
    return _is_one_of(name, _USUAL[word])


def is_end(name: str) -> bool:
    """Whether a column says when something ends."""
    return _is_one_of(name, _END)


def _same(one: str, other: str) -> bool:
    """Whether two stems are of one word: mile, mileag."""
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) > 3 and long.startswith(short) and len(long) - len(short) < 4)


def _is_one_of(name: str, words: Words) -> bool:
    """Whether a column's name has one of some English words, or of some Chinese parts."""
    english, parts = words
    return bool(set(index_terms(bare(name))) & set(index_terms(english)) or re.search(parts, fold(name)))


def bare(name: str) -> str:
    """A column's name, folded, without a unit in brackets; underscores and slashes are spaces.

    >>> bare("annual_salary (GBP)"), bare("单价（元）"), bare("(kg)")
    ('annual salary', '单价', '(kg)')
    """
    plain = fold(re.sub(r"[_/.-]", " ", name))
    return re.sub(r"[（(\[].*?[）)\]]", " ", plain).strip() or plain
