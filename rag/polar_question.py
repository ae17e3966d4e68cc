"""Which questions want yes or no, and whether one denies something itself. Chinese and English."""

from __future__ import annotations

import re

from index.language import CJK, has_cjk, sentences, simplified
from rag.denials import NOT

_POLAR = re.compile(
    r"^(?:(?:and|but|so|ok|okay|hi|hello|hey|sorry|please|also|just|um)\b[,:]? )*"
    r"(?:is|are|was|were|am|does|has|have|had|can|could|will|would|do|did|may|might|must|"
    r"shall|should|isn't|aren't|wasn't|weren't|don't|doesn't|didn't|hasn't|haven't|can't|won't|any chance)\b"
    r"(?!.*\bor\b)",
    re.IGNORECASE,
)
_AT_THE_END = re.compile(
    r"(?:[,:;—–]|\s[-–])\s(?:(?:is|are|am|was|were|does|did|isn't|aren't|doesn't)(?! not\b)|"
    r"(?!(?:can|could|may|might) i (?:have|get|know|ask|see)\b)"
    r"(?:can|could|may|might|must|shall|should|will|would|do|has|have) "
    r"(?=(?:the|it|they|he|she|i|we|you|your|there|this|that|my|our)\b))(?!.*[,:;—–])"
    r"|(?:[,;—–]|\s[-–])\s(?:(?:is )?(?:that|it|this) )?"
    r"(?:ok|okay|fine|all right|alright|allowed|possible|right|correct|true)\s*\?*$",
    re.IGNORECASE,
)
"""Got a headache, is it fine? Behind what somebody tells first: a verb with its subject, no order."""
_THING = "(?:number|address|e-?mail|list|copy|name|phone|contact|link|idea|detail|date)s?"
_WISH = re.compile(
    r"\b(?:can|could|will|would|do|did) (?:you|anyone|anybody|someone|somebody) (?:please |kindly |also )?"
    r"(?:tell|give|(?:send|let|get) (?:me|us)|show|explain|list|help|provide|name|describe|say|remind|"
    r"recommend|advise|suggest|find|summari[sz]e|write|translate|point|check|look|know|remember|recall|mean|"
    rf"have (?:the|an?|any|some) (?:[\w-]+ ){{0,3}}{_THING})\b"
    rf"|\b(?:can|could|may|might) i (?:please )?(?:have|get|know|ask|see) (?:[\w-]+ ){{1,5}}?{_THING}\b",
    re.IGNORECASE,
)
"""Do you know its price? wants the price."""
_ASKS = re.compile(r"\b(?:what|which|who|whom|whose|when|where|why|how)\b", re.IGNORECASE)
_TELLS = re.compile(
    r"\b(?:tells?|told|knows?|known|asks?|says?|said|explain\w*|shows?|shown|finds?|found|reminds?|clear|written|see|"
    r"check\w*|learn\w*|described?|advised?|idea|clue|remember\w*|understand\w*|understood|decided?|determined?|"
    r"specif\w+|stated?|lists?|listed|mention\w*|wonder\w*|sure|depends?|reads?|look\w*|hear|guess|about|of|on|to|"
    r"just|exactly)\W+$",
    re.IGNORECASE,
)
"""Is it known who leads the plant? wants the name, if it is."""
_INVERTED = re.compile(
    r"\w+ (?:much|many|long|far|often|old|big|large|soon|is|are|was|were|do|does|did|can|could|will|would|"
    r"should|must|has|have|to)\b",
    re.IGNORECASE,
)
"""Is it open, and when does it close? What follows is a question of its own where its verb comes first."""
_OR_NOT_ZH = re.compile(f"([{CJK}])[不没]\\1|(?P<whether>[是能可])否")
"""送不送货, 有没有, 能否: both ways are asked, and 不 denies nothing."""
_SURELY_ZH = re.compile(
    "(?:不[用要会能算收]|不需要|可以|应该|没有?|[是能会该算行了得])[^，,。？?]*吧[？?]*$|(?:可以|没事|行|对)吧[？?]*$"
)
"""带一米一的孩子不用买票吧: asked to be confirmed ..."""
_TELL_ZH = re.compile("[说讲列查发写把请帮]|介绍|解释|告诉|总结|[给看]我|[网酒]吧|推荐")
"""... not 说一下不能报销的费用吧."""
_POLAR_ZH = re.compile("(?:[吗嘛么不]|了没有?)\\s*[？?]*$|吗(?=[，,。；;])|" + _OR_NOT_ZH.pattern)
_BY_TONE_ZH = re.compile("(?:去行|可以|[就也还都][^，,。？?]{1,14})[^，,。？?]{0,12}[？?]+$")
"""补卡我去办就行？ Asked by the tone alone."""
_MEASURED_ZH = re.compile("多[久长大高远重快]|几|第一步|头一步|啥|[哪咋]")
_NOT_AT_THE_END = re.compile("(?:不|(?<=了)没有?)\\s*[？?]*$")
_ASKS_ZH = re.compile("什么|谁|哪|多少|(?<![这那前后头好十上下近多过隔])几[个年月天]|怎|为何|如何")
_OURSELVES = re.compile(
    r"\b(?:in|at|of|with|from|to) (?:the|your|our|this) (?:company|firm|co-?op(?:erative)?|business|group)\b",
    re.IGNORECASE,
)
"""Whose documents they are, they need not say."""
_OF_A_THING = re.compile(
    r"\b(?:who|that|which|whose) (?:\w+ ){0,2}?(?:no|not|never|\w+n[’']t)\b"
    rf"|(?:没有?|未|不)[^，,。？?的]{{1,8}}的(?=[{CJK}])",
    re.IGNORECASE,
)
"""中午没卖完的菜, members who have not paid: what a thing is told of by denies nothing of it."""


def asks_yes_or_no(question: str) -> bool:
    """Whether yes or no answers a question.

    >>> asks_yes_or_no("Is the B-200 made in Linhai?"), asks_yes_or_no("Is it red or blue?")
    (True, False)
    >>> asks_yes_or_no("周六送货吗？"), asks_yes_or_no("周六几点送货？")
    (True, False)
    >>> asks_yes_or_no("I lost my badge. Is one free? Thanks."), asks_yes_or_no("It is. What is it?")
    (True, False)
    >>> asks_yes_or_no("If I lose it, is a new one free?"), asks_yes_or_no("孩子不用买票吧")
    (True, True)
    >>> asks_yes_or_no("Is it free when it breaks?"), asks_yes_or_no("Do you know when it breaks?")
    (True, False)
    """
    text = simplified(asked_last(question)).strip()
    if has_cjk(text):
        surely = _SURELY_ZH.search(text) is not None and _TELL_ZH.search(text) is None
        toned = (surely or _BY_TONE_ZH.search(text) is not None) and _MEASURED_ZH.search(text) is None
        return (toned or _POLAR_ZH.search(text) is not None) and _ASKS_ZH.search(text) is None
    if _WISH.search(text):
        return False
    told = None if re.search(r"\bor\b", text) else _AT_THE_END.search(text)
    if _POLAR.search(text):
        begin = 0
    elif told is not None and _only_tells_when(text[: told.start()]):
        begin = told.start()
    else:
        return False
    return not any(_asked(text, match) for match in _ASKS.finditer(text, begin))


def _only_tells_when(text: str) -> bool:
    """Whether what stands before a question asks nothing itself: When I am ill, do I have to call?"""
    words = [match.start() for match in _ASKS.finditer(text)]
    return not words or (
        words == [0] and re.match("(?:when|where) ", text, re.I) is not None and _INVERTED.match(text) is None
    )


def _asked(text: str, word: re.Match[str]) -> bool:
    """Whether a question word asks, and does not only begin a clause about something."""
    before, after = text[: word.start()], text[word.start() :]
    if _TELLS.search(before) or not before.strip() or re.fullmatch(r"\w+\W*", after):
        return True
    begins = re.search(r"(?:[,;:–—-]|\band|\bbut)\W*$", before) is not None
    return begins and _INVERTED.match(after) is not None


def asked_last(question: str) -> str:
    """The last sentence that asks: what is said around it is why somebody asks, or thanks."""
    text = question.strip()
    said = [text[slice(*span)] for span in sentences(text)]
    asked = [one for one in said if one.rstrip().endswith(("?", "？"))]
    return (asked or said or [question])[-1]


def plain(question: str) -> str:
    """In simplified characters, and without the ways to ask in Chinese that hold a 不 or a 否.

    >>> plain("周六送不送貨？"), plain("能否退货？"), plain("合同是否需要盖章？"), plain("周六送货不")
    ('周六送货？', '能退货？', '合同需要盖章？', '周六送货？')
    """
    kept = {"是": "", "可": "可以"}
    question = _NOT_AT_THE_END.sub("？", _OURSELVES.sub("", question))
    return _OR_NOT_ZH.sub(lambda m: m[1] or kept.get(m["whether"], m["whether"]), simplified(question))


def denies(question: str) -> bool:
    """Whether what is asked holds a negation: its yes and its no are easily taken for each other.

    >>> denies("Are dogs not allowed?"), denies("Can members who have not paid vote?")
    (True, False)
    >>> denies("剩菜不能打包吗？"), denies("没卖完的菜能打包吗？")
    (True, False)
    """
    return NOT.search(_OF_A_THING.sub(" ", plain(asked_last(question)))) is not None
