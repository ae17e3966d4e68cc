"""Comparatives and what they compare: heavier is about a weight, and more of it. English and Chinese."""

from __future__ import annotations

import re

Measured = tuple[tuple[str, ...], bool]
"""Questions for the value, `{}` for the name (the surest answer counts); whether more of it is meant."""

_EN: dict[str, Measured] = {
    root: ((*questions,), largest)
    for roots, questions, largest in (
        ("old", ("When was {} born?", "When was {} founded?", "When was {} built?"), False),
        ("young", ("When was {} born?", "When was {} founded?"), True),
        ("new", ("When was {} made?", "When was {} released?"), True),
        ("early", ("When was {} founded?", "When was {} born?"), False),
        ("late", ("When was {} founded?", "When was {} born?"), True),
        ("heavy", ("What is the weight of {}?",), True),
        ("light", ("What is the weight of {}?",), False),
        ("long", ("How long is {}?",), True),
        ("short", ("How long is {}?",), False),
        ("high tall", ("How high is {}?",), True),
        ("low", ("How high is {}?",), False),
        ("large big great", ("How large is {}?",), True),
        ("small", ("How large is {}?",), False),
        ("expensive dear", ("What is the price of {}?",), True),
        ("cheap", ("What is the price of {}?",), False),
        ("fast", ("How fast is {}?",), True),
        ("slow", ("How fast is {}?",), False),
        ("deep", ("How deep is {}?",), True),
        ("wide", ("How wide is {}?",), True),
        ("narrow", ("How wide is {}?",), False),
        ("thick", ("How thick is {}?",), True),
        ("loud noisy", ("How loud is {}?", "What is the noise level of {}?"), True),
        ("quiet", ("How loud is {}?", "What is the noise level of {}?"), False),
        ("warm hot", ("What is the temperature of {}?",), True),
        ("cold", ("What is the temperature of {}?",), False),
        ("strong powerful", ("What is the power of {}?",), True),
    )
    for root in roots.split()
}
_IRREGULAR = {"first": "early", "last": "late"}
_UNDER = r"(?:at|in|on|for|to|per|after|during|with|when|from|under)\b"
"""What begins a phrase that says where, when or for whom two things are compared."""
_NOUN = (
    rf"(?!{_UNDER}|(?:is|are|was|were|than)\b)[a-z]+"
    r"(?: (?!(?:per|in|at|on|for|from|to|by|of|with|during|since|than|or)\b)[a-z]+)?"
    r"(?: per [a-z]+)?"
)
_WORD = re.compile(
    rf"\b(?P<more>more|less|fewer|most|least) (?P<noun>{_NOUN})"
    r"|\bcosts? (?P<costs>more|less)\b|\bweighs? (?P<weighs>more|less)\b"
    r"|\b(?P<word>[a-z]{2,}(?:er|est)|first|last)\b"
)
_VERB = re.compile(
    r"\b(?:was|were|is|are|did|does|has|have)(?: [a-z]+)?? "
    r"(?P<verb>[a-z]+ed|born|built|made|won|begun|sold|held)\b"
)

_HAPPENS = re.compile(
    r"\b(?P<verb>open|start|leave|depart|arrive|expire|end|begin|stop|close|finish)(?:e?s)?\b"
)
"""What does so earlier or later, as a rule."""

_ZH: dict[str, tuple[str, bool]] = {
    word: (noun, largest)
    for noun, more, less in (
        ("重量", "重", "轻"),
        ("长度", "长", "短"),
        ("高度", "高", "低 矮"),
        ("大小", "大", "小"),
        ("价格", "贵", "便宜"),
        ("速度", "快", "慢"),
        ("深度", "深", "浅"),
        ("数量", "多", "少"),
        ("时间", "晚 后 新", "早 先 老"),
        ("出生日期", "年轻", "年长"),
    )
    for words, largest in ((more, True), (less, False))
    for word in words.split()
}
_COMPARES = re.compile(
    r"\b(?:than|more|less|most|least|first|last)\b|"
    "更|比(?!例|赛|如|亚|特|萨|喻|重|率)|最|较|首(?=先|个|位|家|批|次)|[早晚先高低大小多少长短快慢重轻]于",
    re.IGNORECASE,
)
_SUPERLATIVE = re.compile(r"\b[a-z]{2,}est\b")
_WORDS_ZH = "|".join(sorted(_ZH, key=len, reverse=True))
_VERBS_ZH = (
    "成立|出生|建成|投产|投用|投运|启用|发布|上市|发售|开业|开张|开馆|开放|开通|通车|创立|创办|创建|设立|建立|"
    "开始|完成|竣工|完工|启动|生产|出版|签订|签署|生效|实施|施行|入职|退休|去世|搬迁|购?买|购入|购置|采购|出厂|"
    "开门|关门|下班|上班|打烊|到期|发车"
)
HEAD_ZH = rf"(?:(?:{_VERBS_ZH})得?)?[更要还]?(?:{_WORDS_ZH})"
"""What may stand after 比 and a name."""
_WHEN_ZH = re.compile(
    rf"(?:更|最|较)?[早先晚后]被?(?P<verb>[^的？?]{{2,6}})的?$"
    rf"|(?P<before>{_VERBS_ZH})[得的]?(?:时间)?[更最较]?[早晚]$"
)
_HOW_ZH = re.compile(
    rf"(?P<noun>(?:最[低高大小长短](?=[^，,]{{2}})|[^更最比较的，,]){{2,10}}?)?(?:更加?|最|比较|要|较|还)?(?P<word>{_WORDS_ZH})[些的]?$"
)


def english(head: str) -> Measured | None:
    """What the words around a comparative ask about each of two things; None if there is no comparative.

    >>> english("has the longer warranty"), english("was founded first")
    ((('What is the warranty of {}?',), True), (('When was {} founded?',), False))
    """
    head = head.lower()
    for words in _WORD.finditer(head):
        rest = head[words.end() :]
        if words["costs"]:
            return _under(_EN["expensive" if words["costs"] == "more" else "cheap"], rest)
        if words["weighs"]:
            return _under(_EN["heavy" if words["weighs"] == "more" else "light"], rest)
        if words["more"]:
            return _more(words["more"], words["noun"])
        root = root_of(words["word"])
        if root is None:
            continue
        questions, largest = _EN[root]
        verb = _VERB.search(head)
        noun = re.match(rf"\s*(?:the )?({_NOUN})", rest)
        if root in ("early", "late") and not verb and (happens := _HAPPENS.search(head)):
            return _under(((f"When does {{}} {happens['verb']}?",), largest), rest)
        if root in ("early", "late"):
            return ((f"When was {{}} {verb['verb']}?",) if verb else questions), largest
        if noun:
            return _under(((f"What is the {noun[1]} of {{}}?",), largest), rest[noun.end() :])
        return _under(_EN[root], rest)
    return None


def _under(asked: Measured, rest: str) -> Measured:
    """With the phrase that says under what the two are compared: "cheaper to rent", "more per night"."""
    questions, largest = asked
    under = re.match(rf"\s*({_UNDER} [^{{}}?:]+?)[\s,:]*$", rest)
    return (tuple(f"{ask[:-1]} {under[1]}?" for ask in questions) if under else questions), largest


def compares(text: str) -> bool:
    """Whether something in a text is more or less than another.

    >>> compares("The Aldra is older than the Brannoch."), compares("Primo Oro; Polyphenols: 310 mg/kg")
    (True, False)
    >>> compares("比B-200轻20公斤。"), compares("清水池6000立方米。")
    (True, False)
    """
    superlatives = _SUPERLATIVE.findall(text.lower())
    return _COMPARES.search(text) is not None or any(root_of(word) for word in superlatives)


def _more(word: str, noun: str) -> Measured:
    larger = word in ("more", "most")
    adjective = noun.split()[0]
    if adjective in _EN:
        questions, largest = _EN[adjective]
        return questions, largest == larger
    many = "many" if adjective.endswith("s") else "much"
    return (f"How {many} {noun} does {{}} have?", f"What is the {noun} of {{}}?"), larger


def root_of(word: str) -> str | None:
    """Of a comparative or superlative, the adjective: heavier -> heavy."""
    stem = re.sub("(?:er|est)$", "", word)
    for root in (_IRREGULAR.get(word, stem), f"{stem}e", re.sub("i$", "y", stem), stem[:-1]):
        if root in _EN:
            return root
    return None


def chinese(head: str) -> Measured | None:
    """As `english`.

    >>> chinese("更重"), chinese("保修期更长"), chinese("先投产")[0]
    ((('{}的重量是多少？',), True), (('{}的保修期是多少？',), True), ('{}是什么时候投产的？',))
    """
    when = _WHEN_ZH.search(head)
    if when:
        return (f"{{}}是什么时候{when['verb'] or when['before']}的？",), re.search("[晚后]", head) is not None
    how = _HOW_ZH.search(head)
    if how is None:
        return None
    noun, largest = _ZH[how["word"]]
    more = () if how["noun"] or noun != "长度" else ("{}有多长时间？",)  # of a road, or of a leave
    return (f"{{}}的{how['noun'] or noun}是多少？", *more), largest
