"""Chinese questions from sentences: what is asked for is replaced where it stands, as Chinese asks.

"公司于2019年成立" -> "公司是哪一年成立的？". Chinese leaves out what was just named, so a clause without a
subject of its own takes the one before it, or the title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from finetune.asking import Asked
from finetune.asking_zh import Clause, of_causes, of_clause
from finetune.phrases_zh import NAMES, NOUNS, is_phrase
from index.extract_zh import load_words
from index.language import CJK, has_cjk
from index.word_facts import Word

_ASIDE = re.compile(r"[（(][^（）()]*[)）]|\*+|`+")
_ITEM = re.compile(
    r"^(?:[-•–·]\s*|第[一二三四五六七八九十百]+[条章节]\s*|[（(]?[一二三四五六七八九十]+[）)、.．]\s*|\d{1,2}[.、．)）]\s*)"
)
_NO_SENTENCE = re.compile('[“"「]|[:：].*[;；].*[:：]|^[^，。；：:]{1,14}[:：]')
"""Quotations, rows of tables, a label and its value."""
_BORDER = frozenset("，,；;：:。！？!?")
_OPENERS = re.compile(
    "^(?:但是?|而且?|并且?|同时|此外|另外|因此|所以|也|还|不过|然而|随后|之后|后来|于是|最终|最后|接着|从而|以及|又|则|即|"
    "其后|此后|目前|现在|当时|或者?|否则)(?=.)[，,]?"
)
_CONDITION = re.compile(
    "^(?:如果|若|如|当|凡|对于|除)|(?:时|后|前|的话|以上|以下|以内|之日起|情况下|过程中|期间|中)$|的$"
)
_RELATIONAL = re.compile(
    "^(?:总|全)?(?:部|面积|人口|海拔|长|长度|高度|宽度|重量|深度|产量|产值|首都|省会|首府|校长|厂长|董事长|总经理|经理|作者|导演|主席|会长|"
    "父亲|母亲|妻子|丈夫|儿子|女儿|成员|简称|英文名|原名|本名|主编|编剧|主演|总部|创始人|负责人|院长|队长|主教练|体长|身高|体重|"
    "全线|全站|全书|全片|全村|全镇|全县|特点|特征|目的|主题|定价|价格|学名|别名|雕像)$"
)
_STANDS_FOR = re.compile(
    "^(?:他|她|它|该(?:片|剧|书|校|游戏|专辑|电影|小说|作品|公司|组织|机构|曲|镇|县|市|站|岛|寺|学校|乐队|物种))(?=[^的们])"
)


class Chinese:
    """Reads the sentences of one text in order; `topic` is what they are about where they name nothing."""

    def __init__(self, topic: str) -> None:
        """Raises UnknownModel: LAC is not installed."""
        self._words = load_words()
        self._topic = topic

    def questions(self, sentence: str) -> Iterator[Asked]:
        """Questions that a sentence answers."""
        plain = _ITEM.sub("", _ASIDE.sub("", sentence)).strip()
        if not has_cjk(plain) or _NO_SENTENCE.search(plain):
            return
        clauses = self._clauses(plain)
        for clause in clauses:
            cause = clause.words and clause.words[0].text in ("由于", "因为", "因")
            if not clause.is_condition and not cause and clause.subject and len(clause.subject) <= 24:
                yield from of_clause(clause)
        yield from of_causes(clauses)

    def _clauses(self, text: str) -> list[Clause]:
        found: list[Clause] = []
        subject, condition, named = self._topic, "", False
        for start, end in _spans(text):
            opener = _OPENERS.match(text[start:end])
            begin = start + (opener.end() if opener else 0)
            words = tuple(
                Word(w.text, w.tag, w.start + begin, w.end + begin) for w in self._words(text[begin:end])
            )
            plain = text[begin:end]
            is_condition = _CONDITION.search(plain) is not None
            person = self._person(plain, found)
            own, bearer, first, after = self._subject(text, words, subject, person)
            if named and re.search(f"(?:的|一[个座种部位家名所])[{CJK}]{{1,8}}$", plain):
                own, after, plain = "", begin, f"是{plain}"  # 涞滩镇，中国重庆市的一个镇
            about = own or (condition and " ") or subject
            opens = next((w for w in words if w.tag != "TIME"), None)
            if not own and opens is not None and opens.tag in (*NAMES, "n") and not plain.startswith("是"):
                about = ""  # it begins with a name that is no subject
            if not own and _STANDS_FOR.match(plain):
                about = ""
            if plain.startswith(("以", "来", "而")) or (opener and opener[0].startswith("否则")):
                about = ""
            lead = text[words[0].start : first].rstrip("，, ") if words else ""
            found.append(
                Clause(
                    text,
                    end,
                    words,
                    lead,
                    about,
                    bool(own),
                    after,
                    condition,
                    is_condition,
                    plain.startswith("是") and not text.startswith("是", begin),
                )
            )
            named = (
                not found[:-1]
                and bool(words)
                and is_phrase(words)
                and words[-1].tag in NOUNS
                and len(plain) < 15
            )
            subject = plain if named else bearer if own else subject
            condition = f"{condition}{plain}，" if is_condition and len(plain) < 25 else ""
        return found

    def _person(self, said: str, before: Sequence[Clause]) -> str:
        """Whom a pronoun that begins a clause means: the only person named before it, else the topic."""
        named = {w.text for clause in before for w in clause.words if w.tag == "PER"}
        return named.pop() if len(named) == 1 and said.startswith(("他", "她")) else self._topic

    def _subject(
        self, text: str, words: Sequence[Word], before: str, meant: str
    ) -> tuple[str, str, int, int]:
        """(the subject, what the next clause is about without one of its own, where it begins and ends).

        The subject is "" where the clause has none of its own.
        """
        if not words:
            return "", before, 0, 0
        begin, end = words[0].start, words[-1].end
        pronoun = _STANDS_FOR.match(text[begin:end])
        if pronoun:
            return meant, meant, begin, begin + pronoun.end()
        run: list[Word] = []
        for word in words:
            if word.tag == "TIME" and not run:
                continue
            if word.tag in ("v", "p", "d", "ad", "TIME") or (word.tag == "w" and word.text not in "、《》·"):
                break
            run.append(word)
        while run and run[-1].tag in ("u", "c", "f", "r"):
            run.pop()
        first = run[0].start if run else begin
        whole = (
            run and is_phrase(run) and (run[-1].tag in NOUNS or run[-1].text == "》") and run[-1].end < end
        )
        if not whole or any(w.tag != "TIME" for w in words[: words.index(run[0])]):
            return "", before, begin, begin
        name, last = text[first : run[-1].end], run[-1].end
        if _RELATIONAL.match(name):
            return (f"{before}的{name}" if before else name), before, first, last
        bearer = name
        if len(run) > 1 and _RELATIONAL.match(run[-1].text):
            bearer = text[first : run[-1].start].removesuffix("的")
        return name, ("" if re.search("[和与、]", bearer) else bearer), first, last


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Clauses between commas that stand in no brackets or titles."""
    start = depth = 0
    for i, char in enumerate(text):
        depth += (char in "《“「（(") - (char in "》”」）)")
        thousands = char in ",:" and text[i - 1 : i].isdigit() and text[i + 1 : i + 2].isdigit()
        if depth <= 0 and char in _BORDER and not thousands:
            if text[start:i].strip():
                yield start, i
            start = i + 1
    if text[start:].strip():
        yield start, len(text)
