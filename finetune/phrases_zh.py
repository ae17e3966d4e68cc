"""Chinese phrases that a question may ask for, each with what asks for it in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from index.language import CJK
from index.word_facts import Word

NAMES = frozenset(["PER", "LOC", "ORG", "nz", "nw", "nr", "ns", "nt"])
NOUNS = NAMES | {"n", "vn", "an"}
_INSIDE = NOUNS | {"m", "q", "a", "f", "xc"}
"""Tags that a noun phrase is made of; 的 and 和 join them."""
_JOIN = frozenset(["的", "、", "和", "与", "及", "以及", "·", "-", "《", "》", "“", "”"])

_UNITS = (
    "平方公里|平方千米|平方厘米|平方米|立方米|公里|千米|厘米|毫米|公斤|千克|毫克|个月|个工作日|工作日|个小时|小时|分钟|美元|"
    "欧元|港元|日元|英镑|人民币|公顷|海里|英里|英尺|人次|分贝|摄氏度|千瓦时|千瓦|兆瓦|毫升|架次|世纪|席位|百分点|"
    "度|米|克|吨|升|元|秒|天|周|年|岁|名|位|人|个|家|座|台|条|辆|件|份|张|本|部|篇|所|间|层|种|类|项|届|场|枚|只|匹|"
    "棵|艘|架|套|支|把|根|株|站|集|章|卷|票|分|次|倍|亩|席|户|口|尊|幅|首|段|级|期|%|％|℃|°C"
)
_NUMBER = re.compile(
    r"(?<![\d.第·\-—～~A-Za-z至到.])(?P<n>\d[\d,]*(?:\.\d+)?|[一二三四五六七八九十百千两〇零半]{1,8})(?P<big>[百千万亿]{0,3})"
    rf"(?P<odd>[余多几]?)(?P<unit>{_UNITS})(?P<half>半?)(?![\d—～~\-至到代级以间]|[月日]|份(?!额))"
)
_DATE = re.compile(
    r"(?<![\d,.])(?:公元前?)?(?:\d{3,4}|[一二三四五六七八九〇零]{4})年(?:\d{1,2}月)?(?:\d{1,2}[日号])?|\d{1,2}月\d{1,2}[日号]"
)
_NO_POINT = re.compile("^(?:间|至|到|—|-|～|~|代|度|间|年间|前后|以来|起至|版|款|的|赛季)")
_LOOSE = re.compile("^(?:约|每|近|满|逾|前|后|最近|头|达|共|在|于)+$")
_SPAN = re.compile("(?:[约近达满共有为了过逾足后内前长期存时限]|不少于|超过)$")
_YEAR = re.compile(r"^(?:\d{4}|[一二三四五六七八九〇零]{4})年$")
_WHERE = frozenset(
    [
        "在",
        "于",
        "位于",
        "设在",
        "来自",
        "坐落于",
        "设于",
        "地处",
        "迁至",
        "迁往",
        "前往",
        "出生于",
        "生于",
        "至",
    ]
)
_BY = frozenset(
    ["由", "被", "是", "为", "即", "与", "和", "给", "向", "对", "于", "受", "经", "任", "师从", "嫁给"]
)
_BODIES = {
    "大学": "哪所大学", "学院": "哪所学院", "中学": "哪所中学", "小学": "哪所小学", "公司": "哪家公司",
    "集团": "哪家集团", "医院": "哪家医院", "银行": "哪家银行", "工厂": "哪家工厂",
    "出版社": "哪家出版社", "电视台": "哪家电视台", "俱乐部": "哪家俱乐部", "球队": "哪支球队",
    "乐队": "哪支乐队", "委员会": "哪个委员会", "协会": "哪个协会", "研究所": "哪个研究所",
    "电子": "哪家公司",
}  # fmt: skip
_WORKS = {
    "电影": "哪部电影", "影片": "哪部影片", "小说": "哪部小说", "电视剧": "哪部电视剧",
    "专辑": "哪张专辑", "单曲": "哪首单曲", "歌曲": "哪首歌曲", "游戏": "哪款游戏", "杂志": "哪本杂志",
    "报纸": "哪份报纸", "书": "哪本书", "动画": "哪部动画", "漫画": "哪部漫画",
}  # fmt: skip
_POSTS = frozenset(["担任", "出任", "兼任", "就任"])
_NO_OBJECT = re.compile(
    "[是为]$|^[不没无]|^(?:有|成为|在|到|使|让|令|开始|进行|可以|应当|能够?|会|得到?|等|称为?|属于|具有|予以|加以|受到|发生|出现|"
    "存在|例如|如|像|可|应|须|需要?|必须|严禁|达到?|超过|低于|高于|位于|来自|直到|经过|通过|根据)$"
)
_MODAL = re.compile("^(?:开始|可以?|应当?|必须|需要?|能够?|会|要|希望|决定|得|不得|负责|主要|继续)$")
Sort = Literal["date", "number", "person", "place", "body", "work", "thing"]


@dataclass(frozen=True, slots=True)
class Target:
    """`text[start:end]` answers; `ask` stands in place of `text[first:last]` in the question."""

    start: int
    end: int
    ask: str
    sort: Sort
    first: int
    last: int


def targets(text: str, words: Sequence[Word], subject_end: int) -> Iterator[Target]:
    """What may be asked for in a clause of `text`, whose words these are.

    Args:
        subject_end: where the words for its subject end.
    """
    if not words:
        return
    start, end = words[0].start, words[-1].end
    yield from _dates(text, start, end)
    yield from _numbers(text, words, subject_end)
    yield from _names(text, words, end)
    yield from _objects(text, words, subject_end)


def _dates(text: str, start: int, end: int) -> Iterator[Target]:
    for match in _DATE.finditer(text, start, end):
        a, b = match.span()
        if (
            text[b:end] == "起"
            or _NO_POINT.match(text[b:end])
            or text[a - 1 : a] in ("至", "到", "-", "—", "～", "~", "、", "和")
        ):
            continue
        yield Target(a, b, "哪一年" if _YEAR.match(match[0]) else "什么时候", "date", a, b)


def _numbers(text: str, words: Sequence[Word], subject_end: int) -> Iterator[Target]:
    start, end = words[0].start, words[-1].end
    dates = [match.span() for match in _DATE.finditer(text, start, end)]
    for match in _NUMBER.finditer(text, start, end):
        a, b = match.span()
        unit, number = match["unit"], match["n"]
        point = any(a < y and x < b for x, y in dates) or (unit == "年" and len(number) > 3)
        if point or number in ("一", "半") or (number == "1" and unit in "个名位种") or unit == "世纪":
            continue
        if any(
            w.tag == "TIME" and w.start < a < w.end and not _LOOSE.match(w.text[: a - w.start]) for w in words
        ):
            continue  # 崇祯七年
        if unit in "年层" and re.search(rf"[{CJK}]$", text[start:a]) and not _SPAN.search(text[start:a]):
            continue  # 开平三年, 地下二层
        if re.match("[、和至到]", text[b:end]) or text[a - 1 : a] == "等" or "分别" in text[start:end]:
            continue
        before = next((w for w in words if w.end == a), None)
        if (
            before
            and before.tag in NOUNS
            and before.end != subject_end
            and not re.search(r"[长高深宽重积度值额约]$", before.text)
        ):
            continue  # 采购、质量和研发三个部门
        if text[b : b + 1] in ("大", "等", "号", "之", "文", "院") or text[a - 1 : a] in (
            "第",
            "每",
            "、",
            "/",
            "：",
        ):
            continue
        ask = "百分之多少" if unit in ("%", "％") else f"多少{'摄氏度' if unit in ('℃', '°C') else unit}"
        yield Target(a, b, ask, "number", a, b)


def _names(text: str, words: Sequence[Word], end: int) -> Iterator[Target]:
    for i, word in enumerate(words):
        before = words[i - 1] if i else None
        free = before is None or before.tag in ("v", "p", "w") or before.text in _BY
        if word.tag == "PER":
            last = _list_end(words, i)
            after = words[last + 1] if last + 1 < len(words) else None
            listed = before is not None and before.text in ("、", "和", "与", "及")
            verb = any(w.tag in ("v", "p", "vd") or w.text in _BY for w in (*words[:i], *words[last + 1 :]))
            named = (
                after is None or after.tag != "v" or not re.match("..{0,3}的", text[words[last].end : end])
            )
            if (
                free
                and not listed
                and verb
                and (named or before is None)
                and (after is None or after.tag in ("v", "p", "d", "ad", "w", "vd"))
                and len(word.text) > 1
            ):
                span = word.start, words[last].end
                yield Target(*span, "谁", "person", *span)
        elif word.tag in ("LOC", "ORG") and before is not None:
            last = _run_end(words, i)
            whole = words[last].end == end or words[last + 1].tag in ("v", "w", "d")
            span = word.start, words[last].end
            name = text[slice(*span)]
            body = next((ask for suffix, ask in _BODIES.items() if name.endswith(suffix)), "")
            if any(w.text in ("和", "与") for w in words[i:last]):
                body = re.sub("^哪.", "哪些", body)
            if not whole or len(name) > 25 or before.text in ("和", "与", "、", "及"):
                continue
            if body and (before.text in _WHERE or before.text in _BY or before.tag == "v"):
                yield Target(*span, body, "body", *span)
            elif word.tag == "LOC" and before.text in _WHERE and span[1] == end:
                yield Target(*span, "哪里", "place", *span)
        elif word.tag == "nw" and i > 1 and words[i - 1].text == "《" and i + 1 < len(words):
            sort, close = words[i - 2], words[i + 1]
            if sort.text in _WORKS and close.text == "》":
                yield Target(words[i - 1].start, close.end, _WORKS[sort.text], "work", sort.start, close.end)


def _list_end(words: Sequence[Word], i: int) -> int:
    """The last of the persons that one list names."""
    while (
        i + 2 < len(words)
        and words[i + 1].text in ("、", "和", "与", "及", "以及")
        and words[i + 2].tag == "PER"
    ):
        i += 2
    return i


def _run_end(words: Sequence[Word], i: int) -> int:
    """The last word of the noun phrase that begins with a name, in one piece."""
    while i + 1 < len(words) and (words[i + 1].tag in _INSIDE or words[i + 1].text in ("·", "与", "和")):
        i += 1
    while words[i].text in ("与", "和"):
        i -= 1
    return i


def _objects(text: str, words: Sequence[Word], subject_end: int) -> Iterator[Target]:
    """The noun phrase that ends a clause after its verb: 主要生产水泵、流量计."""
    verbs = [i for i, word in enumerate(words) if word.tag == "v"]
    if not verbs:
        return
    at = verbs[-1]
    rest = words[at + 1 :]
    verb = words[at]
    before = words[at - 1] if at else None
    # 参加灭火器使用培训: a verb after its object's noun is a part of the object.
    nested = before is not None and before.tag in NOUNS and before.end != subject_end
    chained = before is not None and before.tag == "v" and not _MODAL.match(before.text)
    inner = sum(w.tag == "v" for w in words) > 1 and any(w.text == "的" for w in rest)
    if chained or inner or (before is not None and before.text in ("最", "更")):
        return
    if len(verb.text) < 2 or _NO_OBJECT.search(verb.text) or not rest or nested:
        return
    if (before and before.text in ("不", "不是", "没有", "以", "来")) or (
        len(rest) == 1 and rest[0].tag in ("vn", "an")
    ):
        return
    if not is_phrase(rest) or rest[0].tag in ("m", "q") or rest[-1].tag in NAMES - {"nz", "nw"}:
        return
    span = rest[0].start, rest[-1].end
    if 2 <= span[1] - span[0] <= 25 and re.search(f"[{CJK}A-Za-z]{{2}}", text[slice(*span)]):
        yield Target(*span, "什么职务" if verb.text in _POSTS else "什么", "thing", *span)


def is_phrase(words: Sequence[Word]) -> bool:
    """Whether words are one noun phrase or a list of them."""
    inside = all(w.tag in _INSIDE or w.text in _JOIN or w.tag == "TIME" for w in words)
    return (
        bool(words)
        and inside
        and words[-1].tag in NOUNS | {"w", "xc"}
        and words[0].text not in ("的", "、", "和", "与")
    )
