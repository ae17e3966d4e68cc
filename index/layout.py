"""What a text's layout says: rows of tables, `Weight: 12 kg` below a heading, definition sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from index.extraction import LONGEST_NAME, Source
from index.language import entity_key, sentences
from index.types import Fact, Mention

Found = tuple[list[Mention], list[Fact]]
Row = tuple[int, str, list[tuple[str, tuple[int, int]]]]
"""Where a row begins, its line, and (column, where in the line the cell stands)."""

_LINES = re.compile(r"[^\n]+")
_RULE = re.compile(r"\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?)?")
"""Below the header of a table in Markdown."""

_PAIR = re.compile(r"([^\s:：;；][^:：;；\n]{0,79})[:：]\s*([^;；\n]{1,80}?)\s*(?:[;；]|$)")
_LABEL = re.compile(r"[ \t]*([^\s:：;；][^:：;；\n]{0,79}?)\s*[;；]")
"""What a row is about, in a table whose first column has no name."""
_LINE = re.compile(
    r"[ \t]*(?:[-*•·][ \t]+)?([^\s:：|#][^:：|.。?!]{0,39})[:：][ \t]*([^\s:：|/][^:：|]{0,119})$"
)
_IS_A = re.compile(
    r"(?P<subject>[A-Z][^.,;:!?()\n]{1,60}?)(?: \([^()\n]{1,60}\))?,? (?:is|are|was|were) an? "
    r"(?P<object>[^.,;:!?()\n]{2,90})"
)
_CUT = re.compile(
    r" (?:that|which|who|whose|where|when|in|on|at|by|from|for|with|and|to|as|located|based|published|"
    r"released|founded|established|produced|directed|written|developed|situated|known|born|used|made|called|named|owned)\b.*"
)
_IS_A_ZH = re.compile(
    r"(?P<subject>[^，。；：！？\s（）()、]{2,24})(?:[（(][^（）()\n]{1,40}[）)])?[，,]?\s{0,3}(?:是|为|指|即)"
    r"(?:一[种个款家位部名座所条项类本首只台])(?P<object>[^，。；：！？\n]{2,40})"
)


def rows(source: Source) -> Found:
    """Rows of a table: the first name is what the row is about, each column after it says something of it.

    They stand as the readers write them (`Model: B-200; Plant: Linhai`), or as a table of Markdown.
    """
    mentions: list[Mention] = []
    facts: list[Fact] = []
    for at, line, cells in (*pairs(source.text), *_markdown(source.text)):
        while len(cells) > 2 and not any(map(str.isalpha, line[slice(*cells[0][1])])):
            cells = cells[1:]  # the number of the row, or its date
        first, *rest = [
            (column, Mention(entity_key(line[a:b]), "OTHER", line[a:b], at + a, at + b))
            for column, (a, b) in cells
        ]
        _say(first[1], rest, (at, at + len(line)), mentions, facts)
    return mentions, facts


def pairs(text: str) -> Iterator[Row]:
    """Lines of two pairs or more: `Model: B-200; Plant: Linhai`; what stands before them is their label."""
    if ":" not in text and "：" not in text:
        return
    for line in _LINES.finditer(text):
        cells = [(m.group(1).strip(), m.span(2)) for m in _PAIR.finditer(line.group())]
        if len(cells) > 1:
            label = _LABEL.match(line.group())
            yield line.start(), line.group(), [*([("", label.span(1))] if label else []), *cells]


def _markdown(text: str) -> Iterator[Row]:
    """The rows below `| Model | Plant |` and its rule `|---|---|`, as long as they follow one another."""
    if "|" not in text:
        return
    columns: list[str] = []
    before, end = "", -1
    for line in _LINES.finditer(text):
        row, follows = line.group(), line.start() == end + 1
        if follows and _RULE.fullmatch(row.strip()):
            columns = [before[a:b] for a, b in _cells(before)]
        elif follows and columns and "|" in row:
            cells = [
                (c, (a, b)) for c, (a, b) in zip(columns, _cells(row), strict=False) if b - a <= LONGEST_NAME
            ]
            if len(cells) > 1:
                yield line.start(), row, cells
        else:
            columns = []
        before, end = row, line.end()


def _cells(row: str) -> list[tuple[int, int]]:
    """Where the cells of `| a | b |` stand, empty ones too, without the spaces around them."""
    borders = [-1, *(i for i, char in enumerate(row) if char == "|"), len(row)]
    spans = [(a + 1, b) for a, b in pairwise(borders)]
    if not row[: spans[0][1]].strip():
        spans = spans[1:]
    if spans and not row[spans[-1][0] :].strip():
        spans = spans[:-1]
    found = []
    for a, b in spans:
        cell = row[a:b]
        start = a + len(cell) - len(cell.lstrip())
        found.append((start, max(start, a + len(cell.rstrip()))))
    return found


def _say(
    subject: Mention,
    rest: list[tuple[str, Mention]],
    place: tuple[int, int],
    mentions: list[Mention],
    facts: list[Fact],
) -> None:
    if not any(c.isalpha() for c in subject.entity):
        return
    mentions.append(subject)
    for column, value in rest:
        if value.entity and value.entity != subject.entity:
            mentions += [value] if any(c.isalpha() for c in value.entity) else []
            facts.append(Fact(subject.entity, column, value.entity, 0, *place))


def lines(source: Source) -> Found:
    """`Weight: 12 kg` on a line of its own: a fact about the topic (the heading or title above it)."""
    mentions: list[Mention] = []
    facts: list[Fact] = []
    topic = entity_key(source.topic)
    if not 1 < len(topic) <= LONGEST_NAME or (":" not in source.text and "：" not in source.text):
        return mentions, facts
    for line in _LINES.finditer(source.text):
        match = _LINE.match(line.group()) if len(line.group()) < 180 else None
        if match is None or ";" in line.group() or "；" in line.group():
            continue
        key, text = match.group(1).strip(), match.group(2).strip()
        value = entity_key(text)
        if not value or len(key.split()) > 5 or len(value) > LONGEST_NAME or value == topic:
            continue
        start = line.start() + match.start(2)
        if _is_name(text):
            mentions.append(Mention(value, "OTHER", text, start, start + len(text)))
        facts.append(Fact(topic, key, value, 0, *line.span()))
    return mentions, facts


def _is_name(value: str) -> bool:
    """Whether a value may be a name: short, and not written like a sentence or an amount."""
    short = len(value.split()) <= 5 and len(value) <= 40 and value[-1] not in ".!?。！？"
    return short and not value[0].isdigit() and (value[0].isupper() or value[0] >= "\u3400")


def definitions(source: Source) -> Found:
    """`X is a ...`, `X是一种…`: what X is, up to the words that only tell more of it."""
    facts: list[Fact] = []
    text = source.text
    if not re.search(r" (?:is|are|was|were) an? |[是为指即]一", text):
        return [], facts
    for start, end in sentences(text):
        english = _IS_A.match(text, start, end)
        match = english or _IS_A_ZH.match(text, start, end)
        if match is None:
            continue
        words = match.group("object")
        words = _CUT.sub("", words) if english else words
        subject, target = entity_key(match.group("subject")), entity_key(words)
        if english and subject in _NO_SUBJECTS:
            continue
        if english and subject in _PRONOUNS:
            subject = entity_key(source.topic)
        if subject and target and len(subject.split()) <= 8 and len(target) <= LONGEST_NAME:
            facts.append(Fact(subject, "is" if english else "是", target, 0, start, end))
    return [], facts


_PRONOUNS = {"he", "she", "it", "this", "they"}
"""They stand for the topic."""
_NO_SUBJECTS = {"there", "here", "that", "these", "those", "what", "one"}
"""What follows them is said of nothing that was named: "There is a fee"."""
