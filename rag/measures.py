"""Which measures the amounts of a text are of: a time, a price, a length. Chinese and English.

Wider than `rag.values`, which compares amounts and so must know their factors: here it is enough that 几倍
does not ask for 5元.
"""

from __future__ import annotations

import re

from index.language import fold, has_cjk
from rag.dates import MONTH
from rag.numerals import figures
from rag.values import without_codes

BARE = ""
"""The measure of a number without a known unit: it may be any."""

_UNITS = {
    "speed": r"km/h|kph|mph|knots?|m/(?:s|min)|"
    r"(?:miles?|(?:kilo)?met(?:er|re)s?) (?:per|an|1) (?:hour|second|minute)|"
    r"(?:公里|千米|米)[/每](?:小时|秒)",
    "area": r"square \w+|sq\.? ?\w+|m2|km2|hectares?|ha|acres?|平方(?:米|公里|千米)|平米|公顷|亩",
    "volume": r"[µμmc]?l|(?:milli|centi)?lit(?:er|re)s?|gallons?|pints?|cubic(?: \w+)?|m3|毫?升|立方米?|加仑",
    "percent": r"%|‰|per ?cent|percentage points?|个?百分点|成(?![本员功为立交年人果品分就长活])",
    "temperature": r"°c|°f|°|degrees?(?: celsius| fahrenheit)?|摄氏度|度(?!电)",
    "multiple": r"-?fold|倍",
    "power": r"[km]?w|(?:kilo|mega)?watts?(?![- ]?hours?)|hp|horsepower|[千兆]?瓦|匹?马力",
    "voltage": r"k?v|(?:kilo)?volts?|伏特?",
    "current": r"m?a|(?:milli)?amp(?:ere)?s?|毫?安(?![全装保检置排])培?",
    "pressure": r"bars?|[km]?pa|psi|(?:kilo|mega)?pascals?|[千兆]?帕",
    "frequency": r"[kmg]?hz|(?:kilo|mega|giga)?hertz|rpm|revolutions?|赫兹|[千兆]赫|转(?![让换移账运折])",
    "sound": r"db(?:\(a\))?|decibels?|分贝",
    "force": r"k?n|newtons?|千?牛(?![奶肉排])顿?",
    "energy": r"k?wh|k?j|(?:kilo)?joules?|(?:kilo)?watt[- ]?hours?|千瓦时|度电",
    "length": r"[mcdk]?m|(?:milli|centi|kilo)?met(?:er|re)s?|inch(?:es)?|ft|foot|feet|yards?|miles?|"
    r"[毫厘分]?米|公里|千米|英[里尺寸]|海里",
    "weight": r"[mk]?g|(?:kilo|milli)?grams?|kilos?|t|tonnes?|tons?|lbs?|ounces?|oz|[千毫]?克|公斤|吨|斤",
    "clock": r"[ap]\.?m\b\.?|o'clock|[点时](?![间期段薪位击检速评]|意见|要求)",
    "date": r"年(?=\d+月|[春夏秋冬]|初|底|末)|月(?=\d+日|[初底末中])|月份|号(?!楼|机|泵|线|门|柜|舱)",
    "time": r"(?:(?:working|business|calendar|full|consecutive|school|whole|more|to \d+) )*"
    r"(?:ms|seconds?|secs?|minutes?|mins?|h|hours?|hrs?|days?|nights?|weeks?|fortnights?|months?|years?|"
    r"decades?|centur(?:y|ies))|毫?秒钟?|分钟|分(?!之|\d*[米厘]|[支店公包区组成红部析类销数值熟])|个?小时|个?钟头|天(?![然线窗文])|"
    r"日(?![元圆本常报产均租])|个?工作日|周岁?|个?星期|个?月(?![租薪供饼费台])|年(?![费薪终级金租])|个?季度|个?世纪|岁|刻钟|夜(?!班)",
    "money": r"euros?(?! [a-z]+s\b)|dollars?|cents?|pence|yuan|rmb|eur(?! [a-z]+s\b)|usd|gbp|chf|"
    r"元(?![件素])|圆|[美欧日][元圆]|英镑|块钱?",
    "either": r"pounds?",
    "times": r"times|次",
    "people": r"people|persons?|人(?!民币|工|力|均)|名(?!额|义)|位(?!置)",
    "floor": r"(?:st|nd|rd|th)? floors?|stor(?:e?ys?|ies)|层(?![次级面])|楼",
    "count": r"个(?!$|月|小时|钟|工作|星期|季|世纪|百分)|[台套件只张家条座种项辆艘棵株]|份(?!额)|"
    r"间(?![距隔])|处(?!罚)|所(?!得)|门(?!槛)|款(?!项)|本(?!金)|"
    r"[箱瓶袋头匹瓣根]|支(?![持出付])|把(?!握)|块(?!钱)|piec\w+|copies|items?",
}
MEASURES = frozenset(_UNITS) - {"either"}
_EITHER = {
    "either": ("money", "weight"),
    "million": ("length", BARE),  # 1.4m
    "kn": ("force", "speed"),
}
_BEFORE = {
    "money": r"[€$£¥]|\b(?:rmb|cny|usd|eur|gbp|chf)",
    "percent": "百分之",
    "speed": r"[时流转航车风]速|每(?:秒|小时)(?=\d)",
}
_NUMBER = r"\d+(?:[.,:]\d+)*"
_TIMES = r"(?: ?(?:hundred|thousand|million|billion|bn|k)\b|[万亿多余几])*"
_AMOUNT = re.compile(
    rf"(?:{'|'.join(f'(?P<before_{name}>{words})' for name, words in _BEFORE.items())})? ?"
    rf"(?P<number>{_NUMBER}){_TIMES}(?:[-–~—至到] ?{_NUMBER}{_TIMES})?"
    rf"[- ]?(?P<unit>{'|'.join(f'(?P<{name}>(?:{words}))(?![a-z])' for name, words in _UNITS.items())})?"
)
_A_UNIT = re.compile(
    r"\b(?!(?:a|every|each) second [a-z])(?:an?|per|every|each|half an?|one|the whole)"
    r"(?= (?:second|minute|hour|day|night|week|month|quarter|year|"
    r"decade|century|met|mile|foot|inch|kilo|gram|ton|pound|lit|euro|dollar|per ?cent|square|third)s?)"
)
_AND_HALF = re.compile(r"(?<=\d) and a half\b")
_HALF = re.compile("半(?=个?[月小星年天日]|[吨公米])|每(?=个?[天周月年季小日])|[当全](?=[天日年])")
_CLOCK = re.compile(r"^\d{1,2}:\d\d$")
_FRACTION = re.compile(r"\d+分之\d+|\b\d+/\d+\b")
_MONTH = rf"(?:{MONTH}(?<!\bmay)|\bmay(?=,? \d)|(?<=\d )may\b)"
"""May is a month beside a number only."""
_DAY = re.compile(
    rf"(?:\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? )?{_MONTH}\.?(?: \d{{1,2}}(?:st|nd|rd|th)?\b)?"
    r"(?:,? (?:1\d|20)\d\d\b)?"
)
_BESIDES = re.compile(
    r"\b(?:about|around|approximately|roughly|nearly|almost|at|in|on|by|least|most|up|to|and|or|from|between|"
    r"than|within|after|before|per|an?|the|only|just|each|every|since|until|of|"
    r"th|st|nd|rd)\b|"
    r"大?约|左右|以内|之内|至少|至多|最[多少]|[每至到为共近多余仅起前后内满于自止]|[上下]午|[早晚]上|凌晨|中午"
)


_LIKE_AMOUNT = re.compile(
    r"\b(?:"
    + "|".join(
        r"""adult age ages agree\w* all always annual\w* any arrangement as asap autumn before between birth
        birthday boil\w* centur\w+ children christmas cold couple cost daily \w*dates? dawn daylight
        \w*days? death decades? depend\w* double[ds]? dozens? during dusk dynasty each easter end enough
        eras? every evenings? few first following forever free frozen full half halves high hours? hundreds?
        immediate\w* included indefinite\w* january june? july? last later life lifetime long low lukewarm
        majority many may medium millions? minutes? monthly months? mornings? most never next nights?
        \w*night nil no nobody none noon not nothing once overnight pair per period permanent\w* possible
        prompt\w* quarters? rates? receipt reign request room same season\w* several short since single
        slow\w* soon spring stock summer terms? thirds? thousands? thrice till \w*time triple[ds]? twice
        unlimited until upon walking warm wars? weeks? when\w* whole winter within without year\w* zero
        one-\w+ two-\w+ \w+fold \w+ly""".split()  # noqa: SIM905 - a list of a hundred quoted words is no easier to read
    )
    + r")\b|\b(?:jan|feb|mar|apr|aug|sep|oct|nov|dec|dn ?\d|m\d)|"
    "[半全都无没免几数多双两第每单独零年月日天周时点早晚夜午春夏秋冬前后期际季初末底代朝世战即立随次当节若终永长直至首亚翻倍满未尽快马暑寒假节现待]|"
    "[唐宋元明清汉秦隋魏晋]|以来|之间|如果|不[限收设需]|结束|为止|面议|实际|不[予等详足]|[适少大微足]量|[另协]议|成本|原价|[按据凭依遵视见]"
)


def measures(text: str) -> frozenset[str]:
    """The measures of all amounts of a text; `BARE` for numbers whose unit is not known or missing.

    >>> sorted(measures("12万元, within 30 working days")), sorted(measures("at 14:30"))
    (['money', 'time'], ['clock'])
    >>> measures("the B-200"), sorted(measures("RMB 4,000")), sorted(measures("a year"))
    (frozenset(), ['money'], ['time'])
    """
    plain = _plain(text)
    rest = _DAY.sub(" ", plain)
    found = {_measure(match) for match in _AMOUNT.finditer(rest)}
    found |= {"percent"} if _FRACTION.search(rest) else set()
    found |= {"date"} if rest != plain else set()
    return frozenset(part for one in found for part in _EITHER.get(one, (one,)))


def unit_of(text: str) -> frozenset[str]:
    """The measures of the unit that a folded text begins with; empty for none that is known.

    >>> sorted(unit_of("天能到货")), sorted(unit_of("metres per second")), unit_of("成本"), unit_of("of it")
    (['time'], ['speed'], frozenset(), frozenset())
    """
    match = _AMOUNT.match(f"2{text}" if has_cjk(text[:1]) else f"2 {text}")
    found = _measure(match) if match else BARE
    return frozenset(_EITHER.get(found, (found,))) - {BARE, "date"}


def is_amount(text: str) -> bool:
    """Whether a text is an amount or a date and says nothing else.

    >>> [is_amount(text) for text in ("10厘米", "within 7 days", "3 May 2024")]
    [True, True, True]
    >>> [is_amount(text) for text in ("因房租过高", "4号泵", "B-200")]
    [False, False, False]
    """
    rest = _BESIDES.sub(" ", _AMOUNT.sub(" ", _DAY.sub(" ", _plain(text))))
    return bool(measures(text)) and re.search(r"\w", rest) is None


def like_amount(text: str) -> bool:
    """Whether a word of a text answers how many, how long or when as well as a number would.

    >>> [like_amount(text) for text in ("on Friday", "lifetime", "若干", "in the yard", "杭州")]
    [True, True, True, False, False]
    """
    return _LIKE_AMOUNT.search(fold(text)) is not None


def _plain(text: str) -> str:
    """Folded, with figures for number words; the numbers of codes are none."""
    plain = _A_UNIT.sub("1", _AND_HALF.sub(".5", figures(fold(without_codes(text)))))
    return figures(_HALF.sub("1", plain)) if has_cjk(plain) else plain


def _measure(match: re.Match[str]) -> str:
    for name in _BEFORE:
        if match[f"before_{name}"]:
            return name
    if match["unit"] == "m" and match[0].endswith(f"{match['number'][-1]}m"):
        return "million"
    if match["unit"] == "kn":
        return "kn"
    if match["unit"] is None:
        return "clock" if _CLOCK.match(match["number"]) else BARE
    name = next(name for name in _UNITS if match[name] is not None)
    return "date" if name == "time" and match["unit"] == "年" and len(match["number"]) == 4 else name
