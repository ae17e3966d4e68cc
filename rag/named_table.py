"""A table with where it stands, and how much of a question it accounts for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

from index.language import FUNCTION_WORDS, asked_terms, entity_key, fold, has_cjk, index_terms
from index.readers.headers import is_label
from rag.columns import bare, likeness
from rag.compare import whole
from rag.scales import MEASURE_ZH, SCALE_WORDS_ZH, comparative, superlative
from rag.sheets import SEEN, Sheet, SheetRow, column_values, is_number
from rag.values import Value

PEOPLE = frozenset(index_terms("people person employee staff member colleague worker"))
_MOST_THINGS = 8
"""Columns that may each be a thing."""
_ALIKE = 0.8
_BEYOND = re.compile(
    r"\b(?:not|no|never|without|outside|except|excluding|other than|apart from|besides|neither|nor|total|"
    r"average|mean|sum|combined|difference|how many more|increase[ds]?|change[ds]?|last year|previous|"
    r"between|by|until|quarter|per|each|monthly|weekly|daily|hourly|if|unless)\b|n['’]t\b"
    r"|除|不|没|非(?!常)|未|以外|之外|总额|总和|平均|涨|增[加长]|减少|变化|去年|上年|前年|[第一二三四本上下\d]*季度|上半年|下半年"
    r"|每[月年天周日小]|多几|之间|比.{1,8}[多少高低]"
)
"""What a table's rows do not say, unless its title or a column has the word."""
PERSON = re.compile("name|姓名|员工|人员|职工", re.IGNORECASE)
IN_CHARGE = re.compile("lead|keeper|driver|handler|contact|责任人|负责人|保管人|管理员", re.IGNORECASE)
"""Columns of people, and of those who answer for a thing."""
_WHO = re.compile(r"\bwho(?:se)?\b|谁|哪一?位|哪一?名", re.IGNORECASE)
_BY_NUMBER = re.compile(
    r"\b(?:which|what|the) (?:\w+ )?(?:number|no|code)\b|哪一?[单批]|哪个?(?:编|单|批)号", re.IGNORECASE
)
_HEAD = re.compile(
    r"\b(?:which|what)\s+(?:of (?:the|our|these|those|your|my)\s+)?"
    r"(?!(?:is|are|was|were|has|have|had|of|one|costs?)\b)(?P<noun>[a-z-]+)",
    re.IGNORECASE,
)
_HEAD_ZH = re.compile(
    rf"哪一?{MEASURE_ZH}(?P<noun>[^的最更，,？?是有]{{1,6}}?)(?=[的最更，,？?是有]|购|入|成|单|价|重)"
)
_CALLED_ZH = re.compile("(?P<noun>[^的，,。？?最]{2,6}?)(?:是|叫)(?:谁|哪|什么)")
_BEFORE_ZH = re.compile("(?:的|里|中|，|,|^)(?P<noun>[^的里中，,是、和与跟]{1,3})(?:里面?|当中|中)?哪")
_GENERIC_ZH = re.compile(
    "请问|告诉我|多少钱|全公司|(?:我们|本)?公司|我们?|咱们?|厂里|单位|这一?[类些家个]|里面?|当中|其中|之中|目前|现在"
    f"|哪一?(?:{MEASURE_ZH}|些)?|谁|什么|[多几]少?(?:{MEASURE_ZH}|[人件])?|一共|总共|共?有"
    f"|[最更比较]+(?:{SCALE_WORDS_ZH})|(?:{SCALE_WORDS_ZH})[的吗呢]?$"
    "|状态的?|还(?=有)"
    "|员工|的人|人员|人|类(?![别型])|年(?!龄)|以[后前上下内]|之[后前]|买|购[买入置]?|入职|职工|同事|产品|东西"
    "|是|的|了|吗|呢|给|卖|在|中|和|与|跟|比|、|还是|相比|两[个家款种台]"
)
"""What questions for numbers and comparisons are made of, besides what they are about."""
_GENERIC = frozenset(
    index_terms(
        "all altogether among any are based been bought both buy company cost costs currently "
        "different does each earn earned earns employees entries ever firm fewest give got handle "
        "handles have here hired items join joined joining kind kinds least less list many members "
        "month months more most much now one ones our overall paid pay pays people per persons please pls "
        "located product products rows sell show situated sold staff stand started tell than there thing "
        "things total type types us we weigh weighs which with work workers works worth year years you "
        "colleagues"
    )
)


@dataclass(frozen=True)
class NamedTable:
    """A table and whose it is."""

    document_id: str
    title: str
    sheet: Sheet
    document: str = ""
    """Its document's text, folded."""

    @cached_property
    def turned(self) -> NamedTable:
        """The same with its things for rows, where its rows are properties."""
        sheet = self.sheet.turned() if _is_turned(self.sheet) else None
        return self if sheet is None else NamedTable(self.document_id, self.title, sheet, self.document)

    @cached_property
    def text(self) -> str:
        """All that it says and stands below, folded."""
        rows = self.sheet.rows
        names = (row.name.text for row in rows)
        cells = (cell.text for row in rows for cell in row.cells.values())
        columns = (re.sub(r"[_/]", " ", name) for name in self.sheet.columns)
        title = re.sub(r"[_/-]", " ", self.title)
        return fold("\n".join([self.title, title, self.sheet.above, *columns, *names, *cells]))

    @cached_property
    def words(self) -> frozenset[str]:
        """The terms of that."""
        return frozenset(index_terms(self.text))

    @property
    def of_people(self) -> bool:
        """Whether a column names persons."""
        return any(map(PERSON.search, self.sheet.columns))

    def explained(self, question: str) -> float:
        """The share of a question's words that the table, its headings or a measure account for."""
        if has_cjk(question):
            return self._explained_zh(fold(question))
        terms = [
            term for term in asked_terms(question) if term and term not in _GENERIC and not _measures(term)
        ]
        return sum(term in self.words for term in terms) / len(terms) if terms else 1.0

    def _explained_zh(self, plain: str) -> float:
        """Of characters, those that stand in the table with a neighbour of theirs."""
        rest = _GENERIC_ZH.sub("\n", plain)
        total = sum(map(str.isalnum, rest))
        pieces = re.findall(r"\w+", rest)
        left = sum(len(piece) - in_pieces(piece, self.text) for piece in pieces)
        return 1 - left / total if total else 1.0

    def tells_of(self, phrase: str) -> bool:
        """Whether it has the words of a phrase."""
        if has_cjk(phrase):
            return self._explained_zh(fold(phrase)) > 0.5
        return all(term in self.words or term in _GENERIC for term in index_terms(phrase))

    def says_all(self, question: str, rest: str) -> bool:
        """Whether it can say all that is asked: no sums, no "not", no unknown name or number.

        Names, and what stands before "department", have to stand in its document; numbers, years above all,
        in its title or its columns' names: of another year its cells and its document may tell in passing.

        Args:
            rest: the folded question without what it says of the rows, and without the names of rows.
        """
        around = f"{self.document}\n{self.text}"
        above = fold("\n".join([self.title, self.sheet.above, *self.sheet.columns]))
        if any(match.group() not in above for match in _BEYOND.finditer(rest)):
            return False
        numbers = re.findall(r"(?<![\w.,-])\d+(?:[.,]\d+)*", rest)
        if any(not re.search(rf"(?<![\d.,]){re.escape(one)}(?!\d)", above) for one in numbers):
            return False
        names = map(fold, re.findall(r"(?<=[a-z,;:] )[A-Z][\w-]+", question))
        columns = {term for name in self.sheet.columns for term in index_terms(bare(name))}
        pairs = re.findall(r"\b([a-z-]{3,})(?= ([a-z]+))", rest)
        kinds = [word for word, noun in pairs if columns.intersection(index_terms(noun))]
        words = [
            *(name for name in names if name in rest),
            *(word for word in kinds if word not in FUNCTION_WORDS),
        ]
        return all(
            word in around or _GENERIC.issuperset(index_terms(word)) or _measures(word) for word in words
        )

    def is_called_in(self, question: str) -> bool:
        """Whether a question names the table by what stands right above it: in the equipment register."""
        name = fold(self.sheet.above.rsplit("\n", 1)[-1]).strip()
        words = len(name) > 2 if has_cjk(name) else " " in name
        return words and re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", fold(question)) is not None

    def has_such(self, question: str) -> bool:
        """Whether "which drones" may be answered from it: only if it tells of drones."""
        if has_cjk(question):
            before = _BEFORE_ZH.search(fold(question))
            return before is None or all(one in self.text for one in before["noun"])
        head = _HEAD.search(question)
        return head is None or self.tells_of(head["noun"])

    def asked_column(self, question: str, but: str = "") -> str | None:
        """The column of words that "which country" or "who" asks for."""
        chinese = has_cjk(question)
        head = (chinese and _CALLED_ZH.search(question)) or (_HEAD_ZH if chinese else _HEAD).search(question)
        noun = head["noun"] if head else ""
        people = bool(set(index_terms(noun)) & PEOPLE)
        others = [name for name in self.sheet.columns if name != but]
        if _BY_NUMBER.search(question):
            number = next((name for name in others if is_number(name) and likeness(question, name) > 0), None)
            if number is not None:
                return number
        words = [name for name in others if not is_number(name) and self.holds_words(name)]
        ranked = sorted(((likeness(noun, name), -at) for at, name in enumerate(words)), reverse=True)
        if noun and ranked and ranked[0][0] > 0 and not people:
            return words[-ranked[0][1]]
        if not people and not asks_who(question):
            return None
        return next((name for kind in (PERSON, IN_CHARGE) for name in words if kind.search(name)), None)

    def holds_words(self, column: str) -> bool:
        """Whether most of its cells have a letter."""
        cells = [row.cells[column].text for row in self.sheet.rows[:SEEN] if column in row.cells]
        return sum(any(map(str.isalpha, cell)) for cell in cells) * 2 > len(cells)


def asks_who(question: str) -> bool:
    """Whether somebody is asked for."""
    return _WHO.search(question) is not None


def mentioned(question: str, rows: Sequence[SheetRow]) -> list[SheetRow]:
    """Rows whose names the question names."""
    plain = fold(question)
    names = [fold(row.name.text).strip() for row in rows]
    found = [at for at in range(len(rows)) if _is_named(at, plain, rows, names)]
    several = {names[at] for at in found}
    longer = [one for one in several if any(other != one and other in one for other in several)]
    # The L7 of "L7 Pro" is none of its own.
    rest = reduce(lambda text, name: text.replace(name, " "), longer, plain)
    return [rows[at] for at in found if names[at] in longer or not longer or _is_named(at, rest, rows, names)]


def _is_named(at: int, plain: str, rows: Sequence[SheetRow], names: Sequence[str]) -> bool:
    """Whether a folded text names a row: by name, by a code in it, or by a last name that is its alone."""
    row, name = rows[at], names[at]
    if len(name) < 2:  # "band B", below "Band"
        labels = [bare(label) for label, cell in row.cells.items() if cell == row.name and label]
        return any(re.search(rf"\b{re.escape(label)} {re.escape(name)}\b", plain) for label in labels)
    if has_cjk(name) and not re.search("[a-z0-9]", name):
        return name in plain
    key = entity_key(name) or name
    if key in plain and re.search(whole(key), plain):
        return True
    parts = re.findall(r"[a-z]*\d[\w-]*", name)
    if not has_cjk(name) and len(words := name.split()) > 1 and len(words[-1]) > 3:
        parts.append(words[-1])
    parts = [part for part in parts if part in plain and re.search(whole(part), plain)]
    return any(_is_alone(part, at, names) for part in parts)


def _is_alone(part: str, at: int, names: Sequence[str]) -> bool:
    """Whether no other name has a part of one."""
    others = (one for other, one in enumerate(names) if other != at and part in one)
    return not any(re.search(whole(part), one) for one in others)


def values_of(rows: Sequence[SheetRow], columns: Sequence[str]) -> dict[str, list[Value | None]]:
    """The values of some rows by columns, as far as their cells have one."""
    return {name: column_values(rows, name) for name in columns}


def _is_turned(sheet: Sheet) -> bool:
    """Whether its rows are properties: the values of a row are of one kind, and those of a column are not."""
    label, *things = sheet.columns
    if not 2 <= len(things) <= _MOST_THINGS:
        return False
    columns = list(values_of(sheet.rows[:SEEN], things).values())
    down, across = _alike(columns), _alike(list(zip(*columns, strict=True)))
    return across >= down if not label or is_label(label) else across >= _ALIKE and down < 1 - _ALIKE


def _alike(groups: Sequence[Sequence[Value | None]]) -> float:
    """The share of groups whose values, two at least, have one measure."""
    known = [{one.measure for one in group if one} for group in groups if sum(map(bool, group)) > 1]
    return sum(len(measures) == 1 for measures in known) / len(known) if known else 0.0


def _measures(term: str) -> bool:
    return superlative(f"{term}?") is not None or comparative(f"{term}?") is not None


def in_pieces(word: str, text: str) -> int:
    """How many characters of a Chinese word stand in a text, two or more beside each other at a time.

    The longest piece that stands there is taken first, from the left.

    >>> in_pieces("夜间送货费", "夜间费用和送货时间"), in_pieces("水泵", "水和泵")
    (4, 0)
    """
    at = held = 0
    while at < len(word):
        sizes = range(len(word) - at, 1, -1)
        size = next((size for size in sizes if word[at : at + size] in text), 0)
        held += size
        at += size or 1
    return held
