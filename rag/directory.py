"""What a directory has of people: asked for by one word, kept below another, and never a person's name.

Who asks for somebody's e-mail address wants the cell below "Mail"; and "Agnes Rookhope" is no answer to that,
however surely a passage gives it, but half of the way to one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.language import fold, has_cjk
from rag.columns import bare
from rag.somebody import told_before


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that a directory has of somebody: patterns, all of folded text."""

    english: str
    """How questions call it."""
    chinese: str
    column: str
    """How columns are called, without marks."""
    surely: str
    """How English questions call it that can mean nothing else."""
    surely_zh: str
    holds: str = (
        r"\d|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|double|triple)\b|[零一二三四五六七八九]"
    )
    """What each of its values has."""


DETAILS = (
    Detail(
        "(?:work |company )?e-?mail(?: address(?:es)?)?",
        "(?:电子)?(?:邮箱|邮件)(?:地址)?|电邮",
        "(?:work |contact )?e ?mail(?: address)?|mail|(?:公司|工作|电子)?(?:邮箱|邮件)(?:地址)?|电邮",
        "e-?mail address",
        "邮箱(?:地址)?|邮件地址|电邮",
        r"@|\(at\)|\bat\b",
    ),
    Detail(
        r"(?:(?:tele)?phone |internal )?extension(?: numbers?)?|ext\.?|internal (?:(?:tele)?phone )?numbers?",
        "(?:内线)?分机号?码?|内线(?:电话|号码?)?",
        "(?:tel(?:ephone)? |phone )?ext(?:ension)?(?: no| number)?|(?:内线)?分机号?码?|内线(?:电话|号码?)?",
        "(?:phone )?extension(?: number)?",
        "分机号?码?",
    ),
    Detail(
        "(?:company |work )?(?:mobile|cell)(?: ?phone)?(?: numbers?)?",
        "手机号码?|手机|移动电话",
        "mob|(?:mobile|cell)(?: ?phone)?(?: no| number)?|手机号?码?|移动电话",
        "(?:mobile|cell)(?: ?phone)? number",
        "手机号码?",
    ),
    Detail("(?!)", "(?:手机)?短号", "(?:手机)?短号", "(?!)", "(?:手机)?短号"),
    Detail(
        r"(?:employee|staff|personnel|payroll) (?:numbers?|no\.?|id)",
        "工号|(?:员工|职工|人员)(?:编号|号)",
        "(?:emp(?:loyee)?|staff|personnel|payroll) ?(?:no|nr|number|id|#)|工号|(?:员工|职工|人员)(?:编号|号)",
        r"(?:employee|staff|personnel|payroll) (?:number|no\.?|id)",
        "工号|(?:员工|职工)编号",
    ),
)
_OFFICES = (
    "manager|director|head|officer|lead(?:er)?|chair|chair(?:man|woman|person)|deputy|secretary|supervisor|foreman|"
    "captain|custodian|keeper|president|warden|engineer|assistant|clerk|coordinator|instructor"
)
_ROLE = re.compile(
    rf"\b(?:{_OFFICES}|team|department|office|board|committee|desk)s?\b"
    r"|(?:经理|主任|主管|总监|组长|队长|部长|厂长|院长|校长|科长|处长|店长|站长|所长|班长|董事长?|总裁|副总|秘书|"
    r"专员|[安管文保检调会]员|会计|出纳|工程师|负责人|部门?|科|处|办公室|中心|小组|委员会|总)$",
    re.IGNORECASE,
)
_OPENS = (
    r"^(?:please )?(?:(?:(?:on|at|under) )?(?:which|what)(?:['’]s| is)?|(?:i|we) (?:need|want|would like)"
    r"|(?:give|tell|send) (?:me|us)) (?:the )?"
)
_OF_SOMEBODY = (
    r" (?:of|for) (?:[A-Z]|whoever |"
    rf"(?i:(?:the |our )?(?:[a-z-]+ ){{0,3}}?(?:person|man|woman|colleague|{_OFFICES})\b))"
    r"| (?:has|have|does|do|can|could|should|must) "
)
_ASKED_ZH = "(?:是|为)?(?:多少|什么|几号)[呀啊呢？?]*$"
_OTHERWISE_ZH = re.compile("谁|哪|什么|怎|如何|为何|几|多少|能|可以|是否|多久|(?:[我你]们?|公司)的?$")
_DIALLED = re.compile(
    r" (?:do|can|could|would|should|shall|must|may) (?:i|we|you|one) "
    r"(?:dial|ring|reach|call|contact|phone|get hold of|get through to)\b(?: for)?",
    re.IGNORECASE,
)
_BY_NAME = re.compile(
    r"\bby name\b|\bname of the [a-z -]{3,30} (?:who|that|whose|responsible|in charge)\b|"
    r"\b(?:his|her|their) (?:full )?names?\b|\bname of the person\b|\bfull name\b|"
    r"\bi (?:need|want) (?:a|the) name\b"
    r"|(?:[说要给报写]出?|告诉我)(?:我?[他她])?的?(?:名字|姓名)|(?:名字|姓名)(?:就行|即可|是)|(?:人|同事|领导|老师)叫什么"
)
_NAME = re.compile(r"(?:[A-Z][\w'’.-]*(?: |$)){2,}|[\u3400-\u9fff]{2,4}")


def is_half_way(question: str, answer: str) -> bool:
    """Whether an answer has nothing of the kind that is asked for: a name for an e-mail address.

    Only where nothing else can be meant: "which e-mail is sent" and 工号是什么 may be answered by words.

    >>> is_half_way("What is the e-mail address of the keeper?", "Agnes Rookhope")
    True
    >>> is_half_way("What do I do if I forget my staff number?", "HR tells it")
    False
    """
    asks = _asks_for_zh if has_cjk(question) else _asks_for
    question = question.strip()
    question = question.removeprefix(told_before(question))
    wanted = next((one for one in DETAILS if answer and asks(question, one)), None)
    return wanted is not None and not re.search(wanted.holds, fold(answer))


def _asks_for(question: str, detail: Detail) -> bool:
    """Whether an English question surely asks for one."""
    told = re.match(rf"{_OPENS}(?:{detail.surely})", question, re.IGNORECASE)
    if told is not None:
        return re.match(_OF_SOMEBODY, question[told.end() :]) is not None
    return (
        re.match(rf"(?:what|which)(?:['’]s| is) .+['’]s? (?:{detail.surely})\W*$", question, re.I) is not None
    )


def _asks_for_zh(question: str, detail: Detail) -> bool:
    told = re.search(rf"(?:{detail.surely_zh}){_ASKED_ZH}", question)
    before = question[: told.start()] if told is not None else ""
    return len(before) > 1 and _OTHERWISE_ZH.search(before) is None


def as_called(question: str, columns: Sequence[str]) -> str:
    """A question for a detail, in the words of a table's columns.

    >>> as_called("Which extension do I dial for Naoko Ishii?", ["Name", "Ext.", "Mobile"])
    'Which Ext. Naoko Ishii?'
    """
    plain = fold(question)
    for one in DETAILS:
        own = [name for name in columns if re.fullmatch(one.column, bare(name).strip())]
        pattern = one.chinese if has_cjk(question) else rf"\b(?:{one.english})(?!\w)"
        asked = list(re.finditer(pattern, question, re.IGNORECASE))
        if len(own) != 1 or not asked:
            continue
        told = asked[-1] if has_cjk(question) else asked[0]
        before, after = question[: told.start()], question[told.end() :]
        name = re.sub(r"[_/\\]", " ", own[0])
        if re.search(rf"(?<![a-z]){re.escape(bare(name))}(?![a-z])", plain):
            name = told.group()
        return " ".join(f"{before}{name}{_DIALLED.sub('', after, count=1)}".split())
    return question


def names_wanted(question: str, answer: str) -> str | None:
    """The question for whose office it is, where a question wants a name and the answer is an office.

    >>> names_wanted("Who, by name, signs that off?", "the Retail Manager")
    'Who is the Retail Manager?'
    >>> names_wanted("Who signs that off?", "the Retail Manager")
    """
    if not answer or not _BY_NAME.search(fold(question)) or not _ROLE.search(answer):
        return None
    office = re.sub(r" (?:at|of|in|for) .*", "", answer)
    words = [word for word in office.split() if word[0].isupper() and not _ROLE.search(word)]
    if len(words) > 1 and not has_cjk(answer):
        return None  # Team Leader Graham Pell
    return f"{answer}是谁？" if has_cjk(answer) else f"Who is {answer}?"


def is_an_office(text: str) -> bool:
    """Whether it tells somebody's office: the fleet coordinator."""
    return _ROLE.search(text) is not None


def is_a_name(text: str) -> bool:
    """Whether it may be a person's name and is no office.

    >>> [is_a_name(one) for one in ("Graham Pell", "the Retail Manager", "韩梅", "客服部经理")]
    [True, False, True, False]
    """
    return _NAME.fullmatch(text.strip()) is not None and not is_an_office(text)
