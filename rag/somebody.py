"""People of whom a question tells what they do, or have, in place of a name.

"Which extension has the person who orders the filters?" asks who orders the filters, and then for that one's
extension. What is told in sentences before helps to find the person, and is left out of what is asked of him.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Described:
    """A thing or a person of a question that is described, not named."""

    thing: str
    """The description."""
    ask: str
    """The question for its name."""
    before: str
    after: str
    """The question around it."""

    def named(self, name: str) -> str:
        """The question with a name in place of the description."""
        return f"{self.before}{name}{self.after}"


_ONE = "(?:person|man|woman|colleague|employee|staff member|member of staff|team member)"
_AT_END = re.compile(
    rf"(?<=\w )(?P<whole>the {_ONE} (?:(?:who|that) (?P<does>[^,?]+?)"
    r"|with (?P<has>(?:the|an?) (?:[\w-]+ )?[\w-]+)"
    r"|(?P<is>(?:responsible for|in charge of) [^,?]+?))|whoever (?P<ever>[^,?.]+?))"
    r"(?=(?:(?:,| [-–—]) (?:which|what)\b[^?]*)?\s*[?.]*\s*$)",
    re.IGNORECASE,
)
"""At the end of a question no name need stand in the description."""
_APART = re.compile(
    rf"(?P<whole>\bthe {_ONE}) (?P<verb>(?!who\b|that\b|with\b|in\b)[a-z]+(?: (?:in|on|at|for))?) "
    r"(?:who (?P<does>[^,?]+?)|(?P<whose>whose [^,?]+?))(?=\s*\?*\s*$)",
    re.IGNORECASE,
)
"""The question's verb between: On which days does the colleague work who ordered the filters?"""
_BEFORE = re.compile(
    r"(?P<told>.*[.!?;] +)?[^.!?;]*?"
    r"(?:\bwho (?P<does>[^.!?;]+?)"
    r"|(?P<from>[^.!?;]*?)\b(?:somebody|someone)(?P<owns>['’]s)?\b(?P<to>[^.!?;]*?))"
    rf"(?:[.!?;] *| +[–—-] +)(?P<second>[^.!?;]*?)(?P<whole>\bthat {_ONE})(?P<rest>[^.!?;]*\?*\s*)$",
    re.IGNORECASE,
)
"""In the sentence before: ... says who has to be told. What is that person's extension?"""
_LONGEST = 400
"""Characters of a question."""
ASKED_ITSELF = re.compile(
    r"(?:.*[.!?;:–—] )?\W*(?:(?:who|what|which)(?: (?:is|was|are|were)|['’]s)"
    r"|(?:please )?(?:(?:i|we) (?:need|want|would like)|(?:give|tell|send|show) me))\W*$",
    re.IGNORECASE,
)
"""What stands before a thing that is all that the question asks for."""
_SENTENCES = re.compile(r".*[.!?;] +(?=\S)|.* [–—-] +(?=\S)")


def somebody(question: str) -> Iterator[Described]:
    """Of an English question; of a long one nothing, for the patterns take a power of its length."""
    if len(question) > _LONGEST:
        return
    if match := _BEFORE.match(question):
        told = match["told"] or ""
        if match["does"]:
            ask = f"{told}Who {match['does']}?"
        else:
            who = "whose" if match["owns"] else "whom" if match["from"].strip() else "who"
            ask = f"{told}{_begun(match['from'] + who + match['to'])}?"
        yield Described(match["whole"], ask, _begun(match["second"]), match["rest"])
    elif match := _APART.search(question):
        told = told_before(question[: match.start()])
        ask = f"Who {match['does']}?" if match["does"] else f"{_begun(match['whose'])}?"
        before, after = question[len(told) : match.start()], f" {match['verb']}{question[match.end() :]}"
        yield Described(match["whole"], f"{told}{ask}", before, after)
    elif (match := _AT_END.search(question)) and not ASKED_ITSELF.match(question[: match.start()]):
        told = told_before(question[: match.start()])
        does = (
            match["does"] or match["ever"] or (f"has {match['has']}" if match["has"] else f"is {match['is']}")
        )
        before, after = question[len(told) : match.start()], question[match.end() :]
        yield Described(match["whole"], f"{told}Who {does}?", before, after)


def told_before(words: str) -> str:
    """The whole sentences that words begin with.

    >>> told_before("A customer wants £400 back. What is the extension of ")
    'A customer wants £400 back. '
    """
    match = _SENTENCES.match(words)
    return match.group() if match is not None else ""


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


ASKS_ZH = "谁|什么|哪|多少|几|怎|何|吗|呢"
_OF_PEOPLE_ZH = "手机|电话|座机|邮箱|邮件|电邮|分机|短号|工号|微信|联系|办公|工位|房间|入职"
_OFFICE_ZH = "师|手|经理|主任|代表|教练|秘书|主席|总裁|董事"
_ROLE_ZH = re.compile(
    rf"(?P<whole>[^，。？?的]{{2,30}}(?:员|长|人|者|{_OFFICE_ZH}))的[\u4e00-\u9fff]{{2,8}}(?:是|为|有|在)"
    r"|(?P<such>[^，。？?的]{2,30}(?:的[^，。？?的]{1,6})?"
    rf"(?:(?<![人会成职店])员|长|(?<![工客])人|{_OFFICE_ZH}))"
    rf"的?(?=(?:平时|现在)?(?:在哪[里儿]?办公|(?:{_OF_PEOPLE_ZH}){{1,2}}(?:号码?|码|地址|前缀)?"
    r"(?:是|为|多少|几号|[？?]*$)))"
)
"""By what he is: 清河工厂安全员的分机号."""
_ON_ONE_ZH = rf"(?=[，,]?的?(?:{_OF_PEOPLE_ZH}|[在坐]哪|坐在|哪年|哪一年))"
_ANYBODY_ZH = "[那这][位个](?:人|员工|同事|领导|老师|主任|经理|师傅|负责人|医生|护士)?"
_DUTY_ZH = "负责|分管|受理|审批|审核|批准|接待|签发|牵头|主持|起草|编写|编制|跟进|对接|保管|主管|带队|主讲"
_DOES_ZH = re.compile(
    rf"(?P<whole>(?<![不没未由被])(?P<does>(?:{_DUTY_ZH})[^，。？?和]{{2,30}}?)的"
    rf"(?:{_ANYBODY_ZH}|人|同事|领导|老师)){_ON_ONE_ZH}"
    rf"|(?<![^，,。？?])(?P<so>(?P<did>[^，,。？?我你您咱]{{4,40}})的{_ANYBODY_ZH}){_ON_ONE_ZH}"
)
"""By what he does: 负责退库的人邮箱是什么, 会上报告渗水的那位，分机是多少."""
_OF_IT_ZH = re.compile(
    rf"^(?P<told>[^，,。？?]{{3,40}})[，,](?P<whole>(?P<does>{_DUTY_ZH}|管理|维护)它的(?:那位)?(?:人|同事)){_ON_ONE_ZH}"
)
"""By what he does with the thing told of before: 磨边机要报修，负责它的人分机是多少."""


def somebody_zh(question: str) -> Iterator[Described]:
    """By what he does; of a Chinese question."""
    if match := _OF_IT_ZH.match(question):
        yield _described_zh(question, match, "whole", f"{match['told']}，谁{match['does']}？")
    elif match := _DOES_ZH.search(question):
        which = "whole" if match["whole"] else "so"
        if not re.search(ASKS_ZH, match[which]):
            ask = f"谁{match['does']}？" if match["does"] else f"{match['did']}的是谁？"
            yield _described_zh(question, match, which, ask)


def office_zh(question: str) -> Iterator[Described]:
    """By what he is; of a Chinese question."""
    match = _ROLE_ZH.search(question)
    which = "whole" if match and match["whole"] else "such"
    if match and not re.search(f"{ASKS_ZH}|和|普通", match[which]):
        start, end = match.span(which)
        yield Described(match[which], f"{match[which]}是谁？", question[:start], question[end:])


def _described_zh(question: str, match: re.Match[str], which: str, ask: str) -> Described:
    """What stands before the one is told of him, where it is a clause of its own."""
    start, end = match.span(which)
    before = "" if "told" in match.re.groupindex else question[:start]
    return Described(match[which], ask, before, question[end:].lstrip("，,"))
