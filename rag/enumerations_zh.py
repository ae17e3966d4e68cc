"""Chinese enumerations: where A、B和C begins and ends in a sentence, and what it names.

No spaces and no capitals show where a name ends, and characters that end one elsewhere stand in names: 华为,
美的, 李四. Where that is not sure, the enumeration is left as it was.
"""

from __future__ import annotations

import re

from index.language import CJK, fold, has_cjk

_BETWEEN = "、|以及|及其|(?<=[^一共饱温])和(?!平)|(?<=[^参])与|(?<=[^以普涉埃])及|或者?"
_MARK = r"[，,。；;：:？?！!\n（()）]"
_CHARACTER = r"[^、，,。；;：:？?！!\n（()）]"
_NAME = rf"(?:《[^《》\n]{{1,40}}》|“[^“”\n]{{1,40}}”|「[^「」\n]{{1,40}}」|{_CHARACTER})"
_STOP = (
    rf"(?<![平高初中上])等(?!{_BETWEEN})|组成|构成|成为|称为|作为|位于|坐落|分别|双方|共[同有计\d一二两三四五六七八九十]"
    r"|[两二三四五六七八九十](?=[种个家项款类条处座所门名位人台大者地市省县级色国])"
    # What any of these joins to a name has to follow; before a mark or the next name it ends the name itself.
    rf"|(?:[于在是为均将被由对的之]|(?<![成首])都)(?!{_BETWEEN}|{_MARK}|等|$)"
)
"""What may follow the last name of an enumeration."""
_NEXT = re.compile(
    rf"(?:{_BETWEEN})(?P<item>{_NAME}{{1,24}}?)(?:(?={_BETWEEN}|{_MARK}|$)|(?P<stop>(?={_STOP})))"
)
_LEFT = re.compile(rf"(?P<item>{_CHARACTER}{{1,24}})(?:{_BETWEEN})$")
_VERB = re.compile(
    "包括|包含|分为|分成|具有|拥有|含有|设有|成为|称为|来自|需要|"
    "(?:提供|生产|经营|销售|支持|负责)(?!人$|人员|[部科处室线额量])|"
    "(?<!自)由|(?<![所国私])有|是|(?<!行)为|对|(?<![存现内外])在|于|从|把|将"
)
_QUOTED = re.compile("(?:《[^《》]+》|“[^“”]+”|「[^「」]+」)$")
_IN_TITLE = re.compile("《[^》\n]*$")
_BRACKETS = re.compile(r"《[^《》\n]*》|（[^（）\n]*）|\([^()\n]*\)|“[^“”\n]*”|「[^「」\n]*」|\"[^\"\n]*\"")
_COMMA = re.compile(r"\s*(?:[、；;\n]|[，,](?!(?<=\d[，,])\d{3}(?!\d)))\s*")
_JOINTS = tuple(
    re.compile(rf"\s*(?:{joint})\s*")
    for joint in ("以及|及其|(?<=[^一共饱温])和(?!平)", "(?<=[^以普涉埃])及", "(?<=[^参])与", "或者?")
)
"""The surest first: 和 joins things, 与 the parts of a name, too."""
_UNIT = re.compile("(?:委员会|中心|学院|公司|[部处科室局系])$")
"""How names of two activities end that one unit has: 研发与创新部."""


def whole(text: str, start: int, end: int) -> tuple[int, int]:
    """The enumeration of which `text[start:end]` is an item or some, item by item to both sides.

    >>> text = "客户包括中兴、华为和美的。"
    >>> a, b = whole(text, 7, 9); text[a:b]
    '中兴、华为和美的'
    """
    plain = _plain(text)
    if _IN_TITLE.search(plain[:start]):
        return start, end
    right = _right(plain, start, end)
    return (start, end) if right is None else (_left(plain, start), right)


def names(enumeration: str) -> list[str]:
    """The things that an enumeration names; itself alone where what belongs together is not sure.

    >>> names("销售部、研发与创新部和质检部"), names("研发与创新部")
    (['销售部', '研发与创新部', '质检部'], ['研发与创新部'])
    """
    *others, last = split(_COMMA, enumeration) or [""]
    parts = next((found for joint in _JOINTS if len(found := split(joint, last)) > 1), [last])
    if _one_unit(parts, others):
        parts = [last]
    found = [*others, *parts]
    for number, name in enumerate(others):  # 和 stands before the last: before another it hides a grouping
        halves = split(_JOINTS[0], name)
        if len(halves) > 1 and not _one_unit(halves, found[:number] + found[number + 1 :]):
            return [enumeration]
    return [name for name in found if name]


def split(border: re.Pattern[str], text: str) -> list[str]:
    """What stands between the borders of a text; those within brackets and titles are none."""
    plain = _BRACKETS.sub(lambda match: "□" * len(match.group()), _plain(text))
    found = list(border.finditer(plain))
    starts, ends = [0, *(match.end() for match in found)], [*(match.start() for match in found), len(text)]
    parts = (text[start:end] for start, end in zip(starts, ends, strict=True))
    return [part for part in parts if part.strip(" .。")]


def _plain(text: str) -> str:
    """Simplified, for the patterns above; offsets have to stay."""
    plain = fold(text)
    return plain if len(plain) == len(text) else text


def _right(text: str, start: int, end: int) -> int | None:
    """The end of the last item; None where nobody can say what is an item.

    华 in 华为公司 is none, 铁 in 铜和铁的价格 is one: a single character before a stop is taken for a name
    only beside others.
    """
    single = len(re.split(_BETWEEN, text[start:end])[-1]) == 1
    while match := _NEXT.match(text, end):
        item = match["item"]
        if len(item) == 1 and match["stop"] is not None and has_cjk(item) and not single:
            return None
        single, end = len(item) == 1, match.end()
    return end


def _left(text: str, start: int) -> int:
    """The beginning of the first item."""
    while match := _LEFT.search(text[max(0, start - 30) : start]):
        item = match["item"]
        cuts = [verb.end() for verb in _VERB.finditer(item) if re.search(f"[{CJK}\\w]", item[verb.end() :])]
        quoted = _QUOTED.search(item)
        cut = quoted.start() if quoted else max(cuts, default=0)
        if not re.search(f"[{CJK}\\w]", item[cut:]):
            break
        start -= len(match.group()) - cut
        if cut:
            break
    return start


def _one_unit(parts: list[str], others: list[str]) -> bool:
    """Whether the parts around a joint are one name, 研发与创新部, and not two that share their end.

    Of 销售、生产和质检部 none but the last has it; of 销售部、研发与创新部 the others have it, too.
    """
    unit = _UNIT.search(_plain(parts[-1]))
    if len(parts) < 2 or unit is None or any(_plain(part).endswith(unit.group()) for part in parts[:-1]):
        return False
    return not others or any(_plain(other).endswith(unit.group()) for other in others)
