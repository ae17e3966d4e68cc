"""What type of answer a question asks for. Chinese and English.

The reader knows words better than questions: asked how many days, it may say how many euros, if that is what
the passage says in the question's words. Questions of no plain type (which, what, 哪个) ask for any. (Of the
accepted answers of SQuAD 1.1, CMRC, DRCD and handbooks these rules call 0 to .2 % plainly and .1 to 1 %
at least probably of another type, docs/log.md, 2026-11-26.)
"""

from __future__ import annotations

import re
from collections.abc import Callable

from index.language import fold, has_cjk
from rag.answer_types import (
    ALL,
    COUNTED,
    HEADS,
    HEAT,
    LENGTH,
    MONEY,
    PERCENT,
    SPEED,
    TIME,
    WAY,
    WHO,
    AnswerType,
    amount,
    no_amount,
    value,
)
from rag.measures import unit_of


def _any(text: str) -> str:
    """One of the words of a text."""
    return f"(?:{'|'.join(text.split())})"


_NOUNS: tuple[tuple[str, str, AnswerType], ...] = (
    (
        "prices? costs? fees? charges? fares? salary wages? fines? deposits? rents? budgets? surcharges? "
        r"turnover revenue (?:order\s)?value allowances?",
        "(?<![评报询比议定])价格? (?<![花消浪免])费用? 押金 租金 [定订]金 罚款 工资 薪[资水] 奖金 补[贴助] "
        "违约金 预算 金额 限额",
        amount(MONEY, "multiple"),
    ),
    ("weight mass", "重量 [净总毛自]重 载重", amount(frozenset({"weight"}), "percent")),
    ("lengths? distances?", "长度 距离 [全总]长", amount(LENGTH | TIME, "multiple")),
    (
        "heights? widths? depths? diameters? thickness clearances? wingspan",
        "[高宽深]度 [直口内外管]径 厚度 间距 水深 身高",
        amount(LENGTH, "floor"),
    ),
    ("temperatures?", "(?<![保加恒测升降体])温度?", amount(HEAT)),
    (
        r"durations? deadline (?:lead|delivery)\stime (?:notice|retention|warranty|trial|probation\w*|"
        r"cancellation|payment)\speriod",
        "[工交货限刑]期 期限 时[长间] [保质试租][修质保用赁]期 有效期",
        amount(TIME, "percent"),
    ),
    ("lifetimes? lifespan", "寿命 年限 周期", amount(TIME, "times", "length", "count", "percent")),
    ("speed", "速度 [时转流]速", amount(SPEED, "length", "volume")),
    (r"wind\s(?:speed\s)?limit wind\sspeed", "风速", amount(SPEED)),
    ("voltage", "电压", amount(frozenset({"voltage"}))),
    ("percentage proportion", "比例 占比 百分比", amount(PERCENT, "clock", "volume", "weight")),  # 1:10
    (
        r"area(?=\sof\s(?!responsib|applica|expert|use\b|law|work|activ|operat|study|research|interest|concern))",
        "面积",
        amount(frozenset({"area"})),
    ),
    ("age", "年龄 年纪", amount(TIME)),
    ("pressure", "压力 扬程", value(frozenset({"pressure", "length", "force", "weight", "percent"}))),
    (r"(?:rated\s)?power power\sconsumption", "功率", value(frozenset({"power", "energy", "percent"}))),
    (r"flow\srate flow", "流量", value(frozenset({"volume", "speed", "weight", "people", "percent"}))),
    (r"(?:noise|sound)\s(?:\w+\s)?level", "噪[音声]", value(frozenset({"sound", "percent"}))),
    ("current", "电流", value(frozenset({"current", "percent", "multiple"}))),
    (
        r"(?:(?:phone|mobile|telephone|fax|extension|contact)\s)numbers? (?:phone\s|(?<=['’]s\s))extension",
        "(?!)",
        amount(frozenset()),
    ),
    (r"account\snumber", "账号 编号 密码 邮编", value(frozenset())),
    (r"interest\srate discounts? rebate", "[利税费]率 折扣", value(MONEY, "times")),
)
_IS_EN = (
    r"(?:what|how (?:much|high))(?:'s| is| was| are| were| will be) (?:the |its |their |our |your )?"
    r"(?:[\w'’-]+ ){0,3}?"
)
_GOES_ON_EN = r"of|for|per|when|if|in|on|to|at|between|that|during|from|by|with|under|charged|paid|set"
_STRANDED = re.compile(r"\b(?:for|by|with|in|on|of|to|from|into|about|against)(?:, \w+)?\W*$")
"""What is the deposit for?"""
_IS_ZH = (
    "(?:标准|[上下]限|限额|要求)?(?:一般|通常|应该?|要|各)?(?:是|为|有|达|不[得能]?超过)?"
    "(?:多少(?!个?[天月年日人家次门时小])|多[大高]|多长(?!时间)|几(?=[元块毛万千百斤克吨米厘度成折]))"
)
_NAMED = tuple(
    (rf"{_IS_EN}{_any(english)}(?= (?:{_GOES_ON_EN})\b| ?\?|$)", f"{_any(chinese)}{_IS_ZH}", told)
    for english, chinese, told in _NOUNS
)

_LEAD = (
    r"^(?:.*[,;:] ?)?(?:and |so |then |exactly )?(?:(?:in|on|at|by|to|for|from|since|until|with|of|about|"
    r"within|after|before|under|over|up) )*"
)
_THEN = (
    r"(?= (?:is|are|was|were|does|do|did|must|may|might|can|could|should|will|would|has|have|had|of|in|on|"
    r"after|before|from|at)\b|\W*$)"
)
"""Behind a noun that is asked for: not in "what time zone"."""
_WHY_ZH = (
    "(?<![称名作更改设])(?:为什么|为何)(?![？?值数级档价类样等规颜单地]*$)|(?:^|[是，,。：]|因)为(?:什么|何)|为啥|因何|什么(?:原因|缘故)|"
    "(?:原因|理由)(?:是|为|有)(?!.*[几多])|干嘛"
)
_WHY = re.compile(rf"{_LEAD}why\b|{_WHY_ZH}")
_DOES = "is|are|am|was|were|do|does|did|will|would|can|could|must|may|should|has|have|had|to|more|less|extra"
_TYPES_EN: tuple[tuple[str, AnswerType], ...] = (
    (r"\bhow long\b(?! ago)", amount(TIME | LENGTH)),
    (r"\bhow (?:old|soon|quickly|late|early|long ago)\b", amount(TIME)),
    (
        r"\bhow (?:far|tall|deep|wide|thick)\b",
        amount(LENGTH, "time", "multiple", "floor", "percent", "temperature"),
    ),
    (r"\bhow heavy\b|\b(?:how much|what) (?:do|does|did) [^?]* weigh\W*$", amount(frozenset({"weight"}))),
    (r"\bhow fast\b", amount(SPEED, "time", "volume")),
    (r"\bhow often\b", amount(TIME, "times", "frequency", "percent", "length")),
    (
        rf"\bhow much (?=(?:{_DOES})\b)(?:\w+ ){{0,6}}?(?:costs?|pay|paid|charged?|fined?|earn\w*|worth)\b",
        amount(MONEY),
    ),
    (r"\bwhat (?:do|does|did|will|would) [^?]*\b(?:cost|pay)\b", value(MONEY)),
    (r"\bhow (?:hot|cold|warm)\b", amount(HEAT)),
    (r"\bhow loud\b", value(frozenset({"sound", "percent", "times"}))),
    (
        r"\bwhat (?:percentage|percent|per ?cent|(?:proportion|share|fraction)"
        r"(?! (?:price|class|capital|index|option|certificate)))\b",
        amount(PERCENT, "clock"),
    ),
    (
        _LEAD + rf"(?:what|which) (?:time|hour|year|month|day|date|week|century|decade)s?{_THEN}",
        amount(TIME),
    ),
    (_LEAD + r"(?:what|which) temperature\b", value(HEAT)),
    (
        _LEAD + r"when (?:must|may|should|can|could|need|do (?:i|we|you) (?:need|have)|"
        r"(?:is|are) .*\b(?:required|needed|necessary|allowed|permitted|free|charged|mandatory)\W*$|"
        r"does .*\b(?:apply|lapse|end|stop|sound|trip)\b)",
        no_amount(*(ALL - {"money", "weight", "area", "people", "count"})),
    ),  # on which condition
    (_LEAD + r"when (?!.*\bwh(?:o|at|ich|ere|y)\b)", amount(TIME, "temperature", "pressure")),
    (r"\bhow (?:many|much)\b", amount(ALL)),
    (_LEAD + r"(?:who|whom)\b", WHO),
    (_LEAD + r"why\b", no_amount()),
    (_LEAD + r"where\b", no_amount(*(ALL - TIME))),
    (
        r"^how (?:do|does|did|can|could|should|must|may) "
        r"(?!.*\b(?:cost|pay|charge|change|price|rise|fall|grow|develop|increase|decrease|vary|cook|bake|boil|set|cut|space)\w*)",
        WAY,
    ),
)
_TYPES_ZH: tuple[tuple[str, AnswerType], ...] = (
    ("(?:电话|手机|短号|分机|传真)号?码?(?:是|为)?多少号?[？?]*$", amount(frozenset())),
    ("[每相]?隔多久|多久(?:之|以)?[后内]", amount(TIME)),
    ("多久|多长时间|多少时间|多长的时间", amount(TIME, "length", "times")),
    ("多少钱|几块钱|(?:卖|罚|赔|交|付)多少(?=[？?]|$)", amount(MONEY, "multiple")),
    ("百分之[几多]|几成|百分比|多大比例", amount(PERCENT)),
    (
        "(?<![许很最])多[长远]的?(?:距离|路)|(?<![许很最])多[远深宽厚](?!的时候|[圳入程带限])",
        amount(LENGTH, "time", "floor"),
    ),
    ("(?<![许很最])多重(?=[？?的才以]|$)(?!的时候)", amount(frozenset({"weight"}))),
    ("多快(?!的时候)", amount(SPEED, "time")),
    (
        "(?<![哪这那提出])几点(?![建意注原内]|要[求点])|几时|什么钟点|(?:[什啥]么?|甚么)时[候间刻]|"
        "(?<![任如几])何[时年月日](?!何)|哪一?[年天日月]|几[月号](?=[^a-z\u4e00-\u9fff]|$|开|前|发|放|到|交|之|能|可)|"
        "(?:周|星期|礼拜)几|哪个(?:月|季度|世纪|年代|时间)",
        amount(TIME),
    ),
    ("多频繁|多久一次|(?<![这那好前上])几次", amount(TIME, "times", "frequency")),
    ("谁|何人|什么人|哪一?位", WHO),
    (_WHY_ZH, no_amount()),
    (
        "(?:怎么|怎样|如何)(?![样办])(?!.{0,3}[收算计补付交罚赔定卖发变吃服用扣奖报提分评打减折涨降调加兑配稀设联拨选转呼投浇])",
        WAY,
    ),
    ("哪里|哪儿|什么地方|何处|在哪(?![些个一种])", no_amount(*(ALL - TIME))),
)
_EVERY_ZH = re.compile("(?:无论|不论|不管|任何|只要)[^，,]*?[都也均，,]")
"""Asks nothing: no matter how much it cost."""
_ASKS_MORE_ZH = re.compile("什么|谁|怎|如何|为何|哪|多少|多[大长高久]|几[^乎何率]|吗[？?]*$")
"""What follows is what is asked: 金额多少以上需要谁批."""
_ASKS_TWO = re.compile(
    r"\b(?:when|where|who|why|how|what) (?:and|or) (?:when|where|who|why|how|what|by)\b|\bwhat happen"
)
_UNIT_EN = re.compile(r"\bhow (?P<ask>many|much) (?P<rest>(?P<one>\w+)(?: (?P<after>.*))?)")
_UNIT_ZH = re.compile("(?P<ask>多少|(?<![好十茶这那哪近过没前])几(?![率内何乎丁]))(?P<rest>.*)")
_ANY_UNIT_ZH = re.compile(
    "个?[寸尺丈里公两毛晚宿期平方万千百十兆折a-z]|.{0,5}[费金税薪租价额率币息库距奖利隔幅款股]"
)
_ASKS_BEFORE_ZH = re.compile("什么|怎|如何|哪[里儿个些]")


def asked_type(question: str) -> AnswerType | None:
    """The type of answer that a question asks for; None where it may be of any.

    >>> sorted(asked_type("How heavy is the pump?").measures), asked_type("What does it do?")
    (['', 'weight'], None)
    >>> sorted(asked_type("按定价的几倍赔？").measures)
    ['', 'multiple']
    """
    plain = fold(question).strip()
    return _chinese(plain) if has_cjk(plain) else _english(plain)


def misfit(question: str) -> Callable[[str], float]:
    """How plainly an answer is of another type than the question asks for, as `AnswerType.misfit`.

    >>> wrong = misfit("Who signs the order?")
    >>> wrong("15 working days"), wrong("the head of department")
    (1.0, 0.0)
    """
    told = asked_type(question)
    return (lambda answer: 0.0) if told is None else told.misfit


def asks_why(question: str) -> bool:
    """Whether a question asks for a reason.

    >>> asks_why("Why did she resign?"), asks_why("分店为什么关了门？")
    (True, True)
    >>> asks_why("Who knows why?"), asks_why("七星石又称为什么？")
    (False, False)
    """
    return _WHY.search(fold(question).strip()) is not None


def _english(plain: str) -> AnswerType | None:
    if _ASKS_TWO.search(plain):
        return None
    if not _STRANDED.search(plain):
        for pattern, _, told in _NAMED:
            if re.search(pattern, plain):
                return told
    found = next((told for pattern, told in _TYPES_EN if re.search(pattern, plain)), None)
    unit = _UNIT_EN.search(plain) if found == amount(ALL) else None
    if unit is None:
        return found
    return _counted([unit["rest"], unit["after"] or ""], many=unit["ask"] == "many")


def _chinese(plain: str) -> AnswerType | None:
    plain = _EVERY_ZH.sub("", plain)
    patterns = [(pattern, told) for _, pattern, told in _NAMED]
    for pattern, told in (*_TYPES_ZH[:3], *patterns, *_TYPES_ZH[3:]):
        match = re.search(pattern, plain)
        if match is not None:
            return None if _ASKS_MORE_ZH.search(plain, match.end()) else told
    asked = _UNIT_ZH.search(plain)
    if asked is None or _ASKS_BEFORE_ZH.search(plain[: asked.start()]) or asked["rest"].startswith("号"):
        return None
    if _ANY_UNIT_ZH.match(asked["rest"]) or _ASKS_MORE_ZH.search(asked["rest"]):
        return amount(ALL)
    return _counted([asked["rest"]], many=asked["ask"] == "几")


def _counted(behind: list[str], many: bool) -> AnswerType:
    """What is asked for by the unit of its number: the first that begins one of these texts."""
    for text in behind:
        found = unit_of(text) if not re.match(r"(?:a|of|in)\b", text) else None  # how much of a surplus
        if found:
            if found <= HEADS:
                return amount(HEADS, "percent")
            return amount(TIME if found == {"time"} else found)
    return amount(COUNTED if many else ALL)
