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


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that a directory has of somebody."""

    english: str
    """How questions call it: patterns, folded."""
    chinese: str
    column: str
    """How columns are called, without marks."""
    holds: str = r"\d"
    """What each of its values has."""


_LONGER = (
    r"(?:\w+ ){0,3}?(?:contract|agreement|lease|deadline|warranty|loan|period|term|stay|building|licen[cs]e|"
    r"membership|subscription|policy|repayment|payment|time)"
)
"""What an extension makes longer."""
DETAILS = (
    Detail(
        "e-?mail(?: address(?:es)?)?",
        "(?:电子)?(?:邮箱|邮件)(?:地址)?|电邮",
        "(?:work )?e ?mail(?: address)?|mail|(?:公司|工作|电子)?(?:邮箱|邮件)(?:地址)?|电邮",
        "@",
    ),
    Detail(
        f"(?:(?:tele)?phone |internal )?extension(?: numbers?)?(?! (?:of|to|for) {_LONGER})|"
        "internal (?:(?:tele)?phone )?numbers?",
        "(?:内线)?分机号?码?|内线(?:电话|号码?)?",
        "(?:tel(?:ephone)? |phone )?ext(?:ension)?(?: no| number)?|(?:内线)?分机号?码?|内线(?:电话|号码?)?",
    ),
    Detail(
        "(?:mobile|cell)(?: ?phone)?(?: numbers?)?",
        "手机号码?|手机|移动电话",
        "(?:mobile|cell)(?: ?phone)?(?: no| number)?|手机号?码?|移动电话",
    ),
    Detail("(?!)", "(?:手机)?短号", "(?:手机)?短号"),
    Detail(
        "(?:employee|staff|personnel|payroll) (?:numbers?|no\\.?|id)",
        "工号|(?:员工|职工|人员)(?:编号|号)",
        "(?:emp(?:loyee)?|staff|personnel|payroll) (?:no|nr|number|id)|工号|(?:员工|职工|人员)(?:编号|号)",
    ),
)
_OPENS = (
    "^(?:please )?(?:(?:on|at|under|to|by) )?(?:which|what)(?:['’]s| is| are)? "
    "(?:(?:the|his|her|their|our|your) )?"
)
_GOES_ON = (
    r"(?= (?:of|for|do|does|did|can|could|should|shall|must|may|is|are|has|have|was|belongs?|reaches)\b|\W*$)"
)
_ENDS_ZH = "(?:地址|号码?)?(?:是|为)?(?:多少|什么|哪个|几)?号?[呀啊呢？?]*$"
_DIALLED = re.compile(
    r"\b(?:(?:do|can|could|should|shall|must|may) (?:i|we|you|one) )?"
    r"(?:dial|ring|reach|call|contact|phone|get hold of|get through to|write to)\b(?: for)?"
)
_BY_NAME = re.compile(
    r"\bby name\b|\b(?:his|her|their) (?:full )?names?\b|\bname of the person\b|"
    r"\bi (?:need|want) (?:a|the) name\b"
    r"|(?:[说要给报]|告诉我)(?:我?[他她])?的?(?:名字|姓名)|(?:名字|姓名)(?:就行|即可|是)|叫什么(?:名字)?"
)
_ROLE = re.compile(
    r"\b(?:manager|director|head|officer|lead(?:er)?|chair\w*|deputy|secretary|supervisor|foreman|captain|"
    r"custodian|keeper|president|warden|engineer|assistant|clerk|coordinator|team|department|office|board|"
    r"committee|desk)\b"
    r"|(?:经理|主任|主管|总监|组长|队长|部长|厂长|院长|校长|科长|处长|店长|站长|所长|班长|董事长?|总裁|副总|秘书|"
    r"专员|[安管文保检调会]员|会计|出纳|工程师|负责人|部门?|科|处|办公室|中心|小组|委员会|总)$",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:[A-Z][\w'’.-]*(?: |$)){2,}|[\u3400-\u9fff]{2,4}")


def detail_asked(question: str) -> Detail | None:
    """What a question asks for that a directory has of somebody.

    >>> [detail_asked(one) is not None for one in (
    ...     "Which extension do I dial for the keeper?", "What do I do if I forget my staff number?",
    ...     "负责补配恒温毯的人手机号是多少？", "手机能带进车间吗？")]
    [True, False, True, False]
    """
    plain = fold(question).strip()
    for one in DETAILS:
        chinese = rf"(?:{one.chinese}){_ENDS_ZH}"
        english = rf"{_OPENS}(?:{one.english}){_GOES_ON}"
        if re.search(chinese if has_cjk(question) else english, plain):
            return one
    return None


def is_half_way(question: str, answer: str) -> bool:
    """Whether an answer has nothing of the kind that is asked for: a name for an e-mail address.

    >>> is_half_way("What is the e-mail address of the keeper?", "Agnes Rookhope")
    True
    """
    wanted = detail_asked(question)
    return wanted is not None and bool(answer) and not re.search(wanted.holds, answer)


def as_called(question: str, columns: Sequence[str]) -> str:
    """A question for a detail, in the words of a table's columns.

    >>> as_called("Which extension do I dial for Naoko Ishii?", ["Name", "Ext.", "Mobile"])
    'Which Ext. Naoko Ishii?'
    """
    wanted = detail_asked(question)
    own = [name for name in columns if wanted and re.fullmatch(wanted.column, bare(name).strip())]
    if wanted is None or len(own) != 1:
        return question
    pattern = wanted.chinese if has_cjk(question) else rf"\b(?:{wanted.english})(?!\w)"
    name = re.sub(r"[_/\\]", " ", own[0])
    called = re.sub(pattern, name, question, count=1, flags=re.IGNORECASE)
    return " ".join(re.sub(_DIALLED.pattern, " ", called, flags=re.IGNORECASE).split())


def names_wanted(question: str, answer: str) -> str | None:
    """The question for whose office it is, where a question wants a name and the answer is an office.

    >>> names_wanted("Who, by name, signs that off?", "the Retail Manager")
    'Who is the Retail Manager?'
    >>> names_wanted("Who signs that off?", "the Retail Manager")
    """
    if not answer or not _BY_NAME.search(fold(question)) or not _ROLE.search(answer):
        return None
    return f"{answer}是谁？" if has_cjk(answer) else f"Who is {answer}?"


def is_a_name(text: str) -> bool:
    """Whether it may be a person's name and is no office.

    >>> [is_a_name(one) for one in ("Graham Pell", "the Retail Manager", "韩梅", "客服部经理")]
    [True, False, True, False]
    """
    return _NAME.fullmatch(text.strip()) is not None and not _ROLE.search(text)
