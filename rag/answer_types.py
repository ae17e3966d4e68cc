"""What type of answer a question asks for, and which answers are of another one. Chinese and English.

The reader knows words better than questions: asked how many days, it may say how many euros, if that is what
the passage says in the question's words. Only what is plainly of another type is told: 5元 for 几倍, a length
for why, no number for how many. (.5 to 1.7 % of the accepted answers of SQuAD 1.1, CMRC, DRCD and handbooks
are told so, docs/log.md, 2026-11-26.)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from index.language import fold, has_cjk
from rag.measures import BARE, is_amount, measures


@dataclass(frozen=True, slots=True)
class Expected:
    """What a question asks for."""

    measures: frozenset[str] = frozenset()
    """Of one of these an amount is wanted; empty: of any."""
    number: bool = True
    """Whether an amount is wanted at all; if not, an amount and nothing else is no answer."""
    otherwise: re.Pattern[str] | None = None
    """Words that do as well as an amount: of how long, "lifetime"; None: half, none, several."""

    def fits(self, answer: str) -> bool:
        """Whether an answer may be of the type.

        >>> days = expected("How many days may a shipment wait?")
        >>> [days.fits(text) for text in ("30", "thirty days", "a week", "EUR 30", "in the yard")]
        [True, True, True, False, False]
        >>> why = expected("洗碗机背后为什么不能紧贴墙放？")
        >>> why.fits("10厘米"), why.fits("以便拆卸排汽罩")
        (False, True)
        """
        if not self.number:
            return not is_amount(answer)
        if found := measures(answer):
            return not self.measures or BARE in found or not found.isdisjoint(self.measures)
        if not self.measures and re.search(r"\d", answer):
            return True  # a number is asked for, and the number of a form or a type is one
        return (self.otherwise or _QUANTITY).search(fold(answer)) is not None


def _any(text: str) -> str:
    """One of the words of a text."""
    return f"(?:{'|'.join(text.split())})"


def _whole(text: str) -> str:
    return rf"\b{_any(text)}\b"


_QUANTITY = re.compile(
    _whole(
        r"""half halves quarters? thirds? double[ds]? triple[ds]? one-\w+ two-\w+ twice once all none no not
        nothing several few many most majority any unlimited free both every each single pair couple dozens?
        hundreds? thousands? millions? zero an? per varies depends"""
    )
    + "|[半全都无没免几数多双两第每单独零]|不[限收设需]"
)
_LASTING = re.compile(
    _whole(
        r"""half lifetime life permanent\w* indefinite\w* forever until till overnight all immediate\w* always
        never no unlimited an? per every dozens? hundreds? same next end before after during long \w+ly"""
    )
    + "|[半全终永长直至当立随无不次每数几前后]|结束|为止"
)
_WHEN = re.compile(
    _whole(
        r"""today tomorrow yesterday mornings? evenings? noon midday nights? midnight afternoons? dawn dusk
        spring summer autumn fall winter centur\w+ decades? years? months? weeks? days? hours? minutes?
        quarters? before after during when\w* once until till upon soon immediate\w* always never easter
        christmas holidays? end beginning start following next last later \w*time every each at on by in if
        since \w+ly wars? eras? ages period dynasty reign birthday daylight birth death june? july?"""
    )
    + r"|\b(?:jan|feb|mar|apr|may|aug|sep|oct|nov|dec)|(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    "[年月日天周时点早晚夜午春夏秋冬前后期际季初末底代朝世战即立随每次当节若唐宋元明清汉秦隋魏晋]|"
    "以来|之间|如果"
)
_CLOCK = re.compile(
    _whole(r"noon midday midnight dawn dusk sunrise sunset before after when\w* any all")
    + "|[点时午夜晨晚早前后]"
)

_TIME = frozenset({"time", "clock", "date"})
_LENGTH, _WEIGHT, _PERCENT = frozenset({"length"}), frozenset({"weight"}), frozenset({"percent"})
_SPEED, _HEAT = frozenset({"speed", "frequency"}), frozenset({"temperature"})
_MONEY = frozenset({"money", "percent"})
"""A deposit may be a share of the price."""
_HEADS = frozenset({"people", "count"})
_COUNTED = _HEADS | {"times", "floor", "multiple"}

_NOUNS: tuple[tuple[str, str, frozenset[str]], ...] = (
    (
        "prices? costs? fees? charges? fares? salary wages? fines? deposits? rents? budgets? surcharges? "
        "turnover revenue",
        "价格? 费用? [售单造]价 押金 租金 [定订]金 罚款 工资 薪[资水] 奖金 补[贴助] 收费 违约金 预算 "
        "金额 起点 门槛",
        _MONEY,
    ),
    ("weight mass", "重量 [净总毛自]重 载重", _WEIGHT),
    (
        "lengths? heights? widths? depths? distances? diameters? thickness clearances? wingspan",
        "[长高宽深]度 距离 [直口内外管]径 厚度 间距 水深 身高 [全总]长",
        _LENGTH,
    ),
    ("temperatures?", "温度?", _HEAT),
    (
        r"durations? lifetimes? lifespan (?:lead|delivery)\stime deadline (?:notice|retention)\speriod",
        "[工交货学限周刑假]期 期限 周期 时[长间] 寿命 年限 [保质][修质]期 有效期",
        _TIME,
    ),
    ("speed", "速度 [时转流]速", _SPEED),
    ("voltage", "电压", frozenset({"voltage"})),
    ("percentage proportion", "比例 占比 百分比", _PERCENT),
    (r"areas?(?=\sof)", "面积", frozenset({"area"})),
    ("age", "年龄 年纪", _TIME),
)
_IS_EN = r"what(?:'s| is| was| are| were| will be) (?:the |its |their |our |your )?(?:[\w-]+ ){0,3}?"
_GOES_ON_EN = r"of|for|per|when|if|in|on|to|at|between|that|during|from|by|with|under|charged|paid|set"
_IS_ZH = (
    "(?:标准|[上下]限|限额|要求)?(?:一般|通常|应该?|要|各)?(?:是|为|有|达|不得?超过)?(?:多少|多[大高长少]|几)"
)
_NAMED = tuple(
    (
        rf"{_IS_EN}{_any(english)}(?= (?:{_GOES_ON_EN})\b| ?\?|$)",
        f"{_any(chinese)}{_IS_ZH}",
        wanted,
    )
    for english, chinese, wanted in _NOUNS
)

_LEAD = (
    r"^(?:.*[,;:] ?)?(?:and |so |then |exactly )?(?:(?:in|on|at|by|to|for|from|since|until|with|of|about|"
    r"within|after|before|under|over|up) )*"
)
_WHY_ZH = (
    "(?<![称名作更改])(?:为什么|为何)(?![？?]*$)|(?:^|[是，,。：]|因)为(?:什么|何)|为啥|因何|什么(?:原因|缘故)|"
    "(?:原因|理由)(?:是|为|有)|干嘛"
)
_WHY = re.compile(rf"{_LEAD}why\b|{_WHY_ZH}")
_NUMBER, _NO_NUMBER = Expected(), Expected(number=False)
_TYPES_EN: tuple[tuple[str, Expected], ...] = (
    (r"\bhow long\b(?! ago)", Expected(_TIME | _LENGTH, otherwise=_LASTING)),
    (r"\bhow (?:old|soon|quickly|late|early|long ago)\b", Expected(_TIME, otherwise=_WHEN)),
    (r"\bhow (?:far|tall|deep|wide|thick)\b", Expected(_LENGTH | {"time", "multiple"})),
    (r"\bhow heavy\b|\bhow much (?:do|does|did) [^?]* weigh\b", Expected(_WEIGHT)),
    (r"\bhow fast\b", Expected(_SPEED | {"time"})),
    (r"\bhow often\b", Expected(_TIME | {"times", "frequency"}, otherwise=_LASTING)),
    (
        r"\bhow much (?!time\b)(?:\w+ ){0,6}?(?:costs?|pay|paid|charged?|fined?|earn\w*|worth)\b",
        Expected(_MONEY),
    ),
    (r"\bhow (?:hot|cold|warm)\b", Expected(_HEAT)),
    (r"\bwhat (?:percentage|percent|per ?cent|proportion|share|fraction)\b", Expected(_PERCENT)),
    (_LEAD + r"(?:what|which) (?:time|hour)\b", Expected(_TIME, otherwise=_CLOCK)),
    (
        _LEAD + r"(?:what|which) (?:year|month|day|date|week|century|decade)\b",
        Expected(_TIME, otherwise=_WHEN),
    ),
    (_LEAD + r"when (?!.*\bwh(?:o|at|ich|ere|y)\b)", Expected(_TIME, otherwise=_WHEN)),
    (r"\bhow (?:many|much)\b", _NUMBER),
    (_LEAD + r"(?:who|whom|why)\b", _NO_NUMBER),
    (
        r"^how (?:do|does|did|can|could|should|must|may) "
        r"(?!.*\b(?:cost|pay|charge|change|price|rise|fall|grow)\w*)",
        _NO_NUMBER,
    ),
)
_TYPES_ZH: tuple[tuple[str, Expected], ...] = (
    ("多久|多长时间|多少时间|多长的时间", Expected(_TIME, otherwise=_LASTING)),
    ("多少钱|几块钱|(?:卖|罚|赔|交|付)多少(?=[？?]|$)", Expected(_MONEY)),
    ("百分之[几多]|几成|百分比|多大比例", Expected(_PERCENT)),
    ("多[长远]的?(?:距离|路)|多[远深宽厚](?!的时候)", Expected(_LENGTH | {"time"})),
    ("多重(?!的时候)", Expected(_WEIGHT)),
    ("多快(?!的时候)", Expected(_SPEED | {"time"})),
    ("几点|几时|什么钟点", Expected(_TIME, otherwise=_CLOCK)),
    (
        "[什啥]么?时[候间刻]|何[时年月日]|哪一?[年天日月]|几[月号](?![线楼门机泵])|哪个(?:月|季度|世纪|年代|时间)",
        Expected(_TIME, otherwise=_WHEN),
    ),
    ("多频繁|多久一次|几次", Expected(_TIME | {"times", "frequency"})),
    (f"谁|何人|什么人|哪一?位|{_WHY_ZH}", _NO_NUMBER),
    ("(?:怎么|怎样|如何)(?![样办])(?!.{0,2}[收算计补付交罚赔定卖发变吃服用])", _NO_NUMBER),
)
_ASKS_TWO = re.compile(
    r"\b(?:when|where|who|why|how|what) (?:and|or) (?:when|where|who|why|how|what|by)\b|\bwhat happen"
)
_UNIT_EN = re.compile(r"\bhow (?P<ask>many|much) (?P<one>\w+)(?: (?P<two>\w+))?")
_UNIT_ZH = re.compile("(?P<ask>多少|(?<![好十])几)个?(?P<unit>[^的了在有是]{0,4})")
_ASKS_ELSE_ZH = re.compile("[哪那][几里儿]|几乎|几何|什么|怎|如何")


def expected(question: str) -> Expected | None:
    """The type of answer that a question asks for; None where it may be of any.

    >>> expected("How long is the warranty?").measures == {"time", "clock", "date", "length"}
    True
    >>> expected("按定价的几倍赔？").measures, expected("D220多重？").measures, expected("What does it do?")
    (frozenset({'multiple'}), frozenset({'weight'}), None)
    """
    plain = fold(question).strip()
    return _chinese(plain) if has_cjk(plain) else _english(plain)


def misfit(question: str) -> Callable[[str], bool]:
    """Whether an answer is plainly of another type than the question asks for.

    >>> wrong = misfit("Who signs the order?")
    >>> wrong("15 working days"), wrong("the head of department")
    (True, False)
    """
    told = expected(question)
    return (lambda answer: False) if told is None else (lambda answer: not told.fits(answer))


def asks_why(question: str) -> bool:
    """Whether a question asks for a reason.

    >>> asks_why("Why did she resign?"), asks_why("分店为什么关了门？")
    (True, True)
    >>> asks_why("Who knows why?"), asks_why("七星石又称为什么？")
    (False, False)
    """
    return _WHY.search(fold(question).strip()) is not None


def _english(plain: str) -> Expected | None:
    if _ASKS_TWO.search(plain):
        return None
    for pattern, _, wanted in _NAMED:
        if re.search(pattern, plain):
            return Expected(wanted, otherwise=_LASTING if wanted == _TIME else None)
    told = next((told for pattern, told in _TYPES_EN if re.search(pattern, plain)), None)
    unit = _UNIT_EN.search(plain) if told == _NUMBER else None
    return told if unit is None else _counted([unit["one"], unit["two"] or ""], many=unit["ask"] == "many")


def _chinese(plain: str) -> Expected | None:
    for _, pattern, wanted in _NAMED:
        if re.search(pattern, plain):
            return Expected(wanted, otherwise=_LASTING if wanted == _TIME else None)
    for pattern, told in _TYPES_ZH:
        if re.search(pattern, plain):
            return told
    asked = _UNIT_ZH.search(plain)
    if asked is None or _ASKS_ELSE_ZH.search(plain):
        return None
    unit = asked["unit"]
    return _counted([unit[:size] for size in range(len(unit), 0, -1)], many=asked["ask"] == "几")


def _counted(units: list[str], many: bool) -> Expected:
    """What is asked for by the unit of its number: the first of `units` that is known."""
    for unit in units:
        if unit in ("", "a", "of", "in"):  # how much of a surplus
            continue
        found = measures(f"2{unit}" if has_cjk(unit) else f"2 {unit}") - {BARE, "date"}
        if found:
            return Expected(_HEADS if found <= _HEADS else _TIME if found == {"time"} else found)
    return Expected(_COUNTED) if many else _NUMBER
