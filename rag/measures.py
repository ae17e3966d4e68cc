"""Which measures the amounts of a text are of: a time, a price, a length. Chinese and English.

Wider than `rag.values`, which compares amounts and so must know their factors: here it is enough that 几倍
does not ask for 5元.
"""

from __future__ import annotations

import re

from index.language import fold, has_cjk
from rag.numerals import figures
from rag.values import without_codes

BARE = ""
"""The measure of a number without a known unit: it may be any."""

_UNITS = {
    "speed": r"km/h|kph|mph|knots?|m/s|(?:miles|kilomet(?:er|re)s) (?:per|an) hour|"
    r"(?:公里|千米|米)[/每](?:小时|秒)",
    "area": r"square \w+|sq\.? ?\w+|m2|km2|hectares?|ha|acres?|平方(?:米|公里|千米)|平米|公顷|亩",
    "volume": r"ml|cl|l|lit(?:er|re)s?|gallons?|pints?|cubic \w+|m3|毫?升|立方米?|加仑",
    "percent": r"%|‰|per ?cent|percentage points?|个?百分点|成(?![本员功为立交年人果])",
    "temperature": r"°c|°f|°|degrees?(?: celsius| fahrenheit)?|摄氏度|度(?!电)",
    "multiple": r"-?fold|倍",
    "power": r"[km]?w|(?:kilo|mega)?watts?|hp|horsepower|[千兆]?瓦|匹?马力",
    "voltage": r"k?v|volts?|伏特?",
    "current": r"m?a|amps?|amperes?|毫?安培?",
    "pressure": r"bars?|[km]?pa|psi|[千兆]?帕",
    "frequency": r"[kmg]?hz|rpm|赫兹|千赫|兆赫|转/分|转",
    "sound": r"db(?:\(a\))?|decibels?|分贝",
    "force": r"k?n|newtons?|千?牛顿?",
    "energy": r"k?wh|k?j|千瓦时|度电",
    "length": r"[mcdk]?m|(?:milli|centi|kilo)?met(?:er|re)s?|inch(?:es)?|ft|foot|feet|yards?|miles?|"
    r"[毫厘分]?米|公里|千米|英[里尺寸]|海里",
    "weight": r"[mk]?g|(?:kilo)?grams?|kilos?|t|tonnes?|tons?|lbs?|ounces?|oz|[千毫]?克|公斤|吨|斤",
    "clock": r"[ap]\.?m\b\.?|o'clock|[点时](?!间|期)",
    "date": r"年(?=\d+月|[春夏秋冬]|初|底|末)|月(?=\d+日|[初底末中])|月份|号(?!楼|机|泵|线|门|柜|舱)",
    "time": r"(?:(?:working|business|calendar|full|consecutive|school|whole|more|to \d+) )*"
    r"(?:ms|seconds?|secs?|minutes?|mins?|h|hours?|hrs?|days?|nights?|weeks?|fortnights?|months?|years?|"
    r"decades?|centur(?:y|ies))|毫?秒钟?|分钟|分(?!之|\d*[米厘])|个?小时|个?钟头|天|"
    r"日(?![元圆本常报])|个?工作日|周岁?|个?星期|个?月|年|个?季度|个?世纪|岁|刻钟|夜(?!班)",
    "money": r"euros?|dollars?|cents?|pence|yuan|rmb|eur|usd|gbp|chf|[元圆]|[美欧日][元圆]|英镑|块钱?|角",
    "either": r"pounds?",
    "times": r"times|次",
    "people": r"people|persons?|人|名|位",
    "floor": r"(?:st|nd|rd|th)? floors?|stor(?:e?ys?|ies)|[层楼]",
    "count": r"个(?!月|小时|钟|工作|星期|季|世纪|百分)|[台套件份只张间家条处座所门款种项辆艘本棵株]|"
    r"[箱瓶袋头匹瓣支把根]|块(?!钱)|piec\w+|copies|items?",
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
    r"\b(?:an?|per|every|each|half an?|one|the whole)(?= (?:second|minute|hour|day|night|week|month|quarter|"
    r"year|decade|century|met|mile|foot|inch|kilo|gram|ton|pound|lit|euro|dollar|per ?cent|square|third)s?)"
)
_AND_HALF = re.compile(r"(?<=\d) and a half\b")
_HALF = re.compile("半(?=个?[月小星年天日]|[吨公米])|每(?=个?[天周月年季小日])|[当全](?=[天日年])")
_CLOCK = re.compile(r"^\d{1,2}:\d\d$")
_FRACTION = re.compile(r"\d+分之\d+|\b\d+/\d+\b")
_MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)"
    r"(?:uary|ruary|ch|il|e|y|ust|tember|ober|ember)?\b"
)
_BESIDES = re.compile(
    r"\b(?:about|around|approximately|roughly|nearly|almost|at|in|on|by|least|most|up|to|and|or|from|between|"
    r"over|more|less|fewer|under|than|within|after|before|per|an?|the|only|just|each|every|since|until|of|"
    r"th|st|nd|rd)\b|"
    r"大?约|左右|以[内上下]|之内|超过|不超?过?|至少|至多|最[多少]|[每至到为共近多余仅起前后内满]"
)


def measures(text: str) -> frozenset[str]:
    """The measures of all amounts of a text; `BARE` for numbers whose unit is not known or missing.

    >>> sorted(measures("12万元, within 30 working days")), sorted(measures("at 14:30"))
    (['money', 'time'], ['clock'])
    >>> measures("the B-200"), sorted(measures("RMB 4,000")), sorted(measures("a year"))
    (frozenset(), ['money'], ['time'])
    """
    plain = _plain(text)
    found = {_measure(match) for match in _AMOUNT.finditer(plain)}
    found |= {"percent"} if _FRACTION.search(plain) else set()
    found |= {"date"} if _MONTH.search(plain) else set()
    return frozenset(part for one in found for part in (("money", "weight") if one == "either" else (one,)))


def is_amount(text: str) -> bool:
    """Whether a text is an amount or a date and says nothing else.

    >>> [is_amount(text) for text in ("10厘米", "within 7 days", "3 May 2024")]
    [True, True, True]
    >>> [is_amount(text) for text in ("因房租过高", "4号泵", "B-200")]
    [False, False, False]
    """
    rest = _BESIDES.sub(" ", _MONTH.sub(" ", _AMOUNT.sub(" ", _plain(text))))
    return bool(measures(text)) and re.search(r"\w", rest) is None


def _plain(text: str) -> str:
    """Folded, with figures for number words; the numbers of codes are none."""
    plain = _A_UNIT.sub("1", _AND_HALF.sub(".5", figures(fold(without_codes(text)))))
    return figures(_HALF.sub("1", plain)) if has_cjk(plain) else plain


def _measure(match: re.Match[str]) -> str:
    for name in _BEFORE:
        if match[f"before_{name}"]:
            return name
    if match["unit"] is None:
        return "clock" if _CLOCK.match(match["number"]) else BARE
    name = next(name for name in _UNITS if match[name] is not None)
    return "date" if name == "time" and match["unit"] == "年" and len(match["number"]) == 4 else name
