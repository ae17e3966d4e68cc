"""Rows of cells to text: a line a row, each value under its column's name."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, zip_longest
from statistics import median

from index.errors import DamagedFile
from index.sections import section, section_columns
from index.text import CJK, one_line, width

_NUMBER = re.compile(r"^[-+(]?[\d.,:/%¥$€£ -]*\d[\d.,:/%)年月日 -]*$")
_AMOUNT = re.compile(r"[-+±~≈<>≤≥约]*[ ]?[¥$€£]?[ ]?\d")
_TIME = re.compile(r"(?:19|20)\d\d(?:[-/.年 ]?Q?\d{1,2}月?|年)?|\d{1,2}月份?")
_LABELS = re.compile(
    "(?:测试|检测|检验|技术|主要|性能|收费)?(?:项目|参数|指标)(?:名称)?|(?:参数|技术)?规格|类别|属性|特性|名称|内容|"
    "(?:technical )?(?:items?|parameters?|property|properties|features?|specifications?|data)",
    re.IGNORECASE,
)
"""What stands above labels."""
_SEP = re.compile(r"\"?sep=([,;|:\t])\"?[ ]*(?:\r?\n|\Z)", re.IGNORECASE)
_QUOTED = re.compile(r'(?:^|(?<=[,;\t|]))"(?:[^"]|"")*"', re.MULTILINE)
"""A cell in quotes: what stands in it parts no cells."""
_LONGEST_NAME = 80
"""Characters of a table's name."""
_SEEN = 200
"""Rows that are looked at where a sample will do."""


def sheet_blocks(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The tables of a sheet: blank rows part them, one-cell rows on top of one are its caption.

    A header holds for the tables below it until the next one, if they are like its own.
    """
    header: Sequence[str] = ()
    own: Sequence[Sequence[str]] = ()
    below = False
    for filled, group in groupby(([one_line(cell) for cell in row] for row in rows), key=any):
        table = list(group) if filled else []
        captions = _captions(table)
        if below and table:  # what follows a list of questions does not belong to the last of them
            below = False
            first = captions[:1] or [", ".join(filter(None, table[0]))]
            captions = [f"## {first[0][:_LONGEST_NAME]}", *captions[1:]]
        yield from captions
        if looks_like_header(table):
            header, *own = table
            sections = _sections(own, header)
            below = bool(sections)
            yield from sections or ["\n".join(table_lines(own, header))]
        else:
            yield "\n".join(table_lines(table, header if _goes_on(table, header, own) else ()))


def _sections(rows: Sequence[Sequence[str]], header: Sequence[str]) -> list[str]:
    """Of a table of questions and answers, a section for each, behind the rows that lack one of them."""
    places = section_columns(rows, header)
    if places is None:
        return []
    lines: list[str] = []
    sections: list[str] = []
    for row in rows:
        cells = [*row, *[""] * (len(header) - len(row))]
        heading, text = (cells[at] for at in places)
        rest = [cell if at not in places else "" for at, cell in enumerate(cells)]
        if own := section(heading, text, "\n".join(table_lines([rest], header))):
            sections.append(own)
        else:
            lines += table_lines([cells], header)
    return ["\n".join(lines), *sections]


def _goes_on(table: Sequence[Sequence[str]], header: Sequence[str], own: Sequence[Sequence[str]]) -> bool:
    """Whether `table` may stand under the header of the table `own`: it is no note, and no small table.

    Of two columns, the right one has to be of the same kind, and not begin with a year above numbers.
    """
    here, named = _filled(table), _filled([header])
    if len(here) > 2:
        return set(here) <= set(named)
    if len(here) < 2 or here != named:
        return False
    values = _column(table, here[1])
    these, known = kinds(values), kinds(_column(own, here[1]))
    year = len(values) > 1 and _TIME.fullmatch(values[0]) and not any(map(_TIME.fullmatch, values[1:]))
    return not year and (not known or these <= known)


def kinds(values: Iterable[str]) -> set[bool]:
    """Whether there are amounts and other words; a short word ("none", "待定") may stand for an amount."""
    amounts = ((bool(_AMOUNT.match(value)), value) for value in values)
    return {amount for amount, value in amounts if amount or width(value) > 4}


def _captions(table: list[list[str]]) -> list[str]:
    """Takes the rows of one cell from the top of a table of more columns."""
    above: list[str] = []
    wide = any(len(row) - row.count("") > 1 for row in table)
    while wide and len(table[0]) - table[0].count("") == 1:
        above.append("".join(table.pop(0)))
    return above


def table_lines(rows: Iterable[Sequence[str]], header: Sequence[str] | None = None) -> list[str]:
    """One line a row, `Column: value; Column: value`, in Chinese `栏：值；栏：值`.

    Without `header`, rows of one cell on top are captions, and a first row that reads like a header is
    taken for it; else two columns are labels and their values, and more stand alone.

    >>> table_lines([["Name", "Days"], ["Li", "15"], ["Wu", ""]])
    ['Name: Li; Days: 15', 'Name: Wu']
    >>> table_lines([["Weight", "84 kg"], ["Motor", "4 kW"]])
    ['Weight: 84 kg', 'Motor: 4 kW']
    >>> table_lines([["张三", "15", "销售"], ["李四", "10", "销售"]])
    ['张三；15；销售', '李四；10；销售']
    """
    table = [cells for cells in ([one_line(cell) for cell in row] for row in rows) if any(cells)]
    above = _captions(table) if header is None else []
    if header is None and looks_like_header(table):
        header, *table = table
    names = [one_line(name) for name in header or ()]
    if not names and len(filled := _filled(table)) == 2:
        padded = ([*row, *[""] * filled[-1]] for row in table)
        return above + [_pair_line(row[filled[0]], row[filled[1]]) for row in padded]
    return above + [_row_line(names, cells) for cells in table if cells != names or len(names) == 1]


def looks_like_header(table: Sequence[Sequence[str]]) -> bool:
    """Whether the first of at least two rows names columns: distinct words that no row below repeats."""
    if len(table) < 2 or max(map(len, table)) < 2:
        return False
    first = table[0]
    below = [row for row in table if row != first]  # a header may stand again at the top of each page
    names = [name for name in first if name]
    times = _named_by_time(first, below)
    words = not any(len(name) > 80 or (_NUMBER.match(name) and name not in times) for name in names)
    most = len(names) * 2 > max(map(len, table))
    repeated = any(name and name == cell for row in below for name, cell in zip(first, row, strict=False))
    good = words and most and not repeated and bool(below) and len(set(names)) == len(names)
    # Above labels, 1060 型 or 12 V is a thing of which the rows tell, and no value.
    labels = len(names) > 1 and (is_label(first[0]) or (not first[0] and len(first) > 2))
    return good and (
        labels or not _holds_values([cell if cell not in times else "" for cell in first], below)
    )


def is_label(name: str) -> bool:
    """Whether a column with this name holds the names of properties."""
    return _LABELS.fullmatch(name) is not None


def is_form(table: Sequence[Sequence[str]]) -> bool:
    """Whether a table of two columns that marks no header is labels and values, for all that its words tell.

    Under a header, one of the columns would hold amounts of one kind. A header that is taken for a
    label is a lost line; a label that is taken for a header makes a false statement of each row.
    """
    filled = _filled(table)
    pairs = [row for row in table[:_SEEN] if row.count("") == len(row) - 2]
    columns = ([row[i] for row in pairs[1:]] for i in filled if len(pairs) > 1)
    return len(filled) == 2 and not any(
        all(map(_AMOUNT.match, column)) and len({_kind_of_amount(cell) for cell in column}) == 1
        for column in columns
    )


def _kind_of_amount(cell: str) -> str:
    """`1,320 RMB` and `30 RMB` are of one kind, `30 days` and `2024-05-01` are not."""
    return _masked(re.sub(r"(?<=\d)[.,](?=\d)|[\s+-](?=\d)", "", cell)).rstrip("s")


def _holds_values(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the first row gives values beside its first cell: amounts, or codes like those below it.

    A name of a column may hold digits, too: `Price 2024`, `B-200` above what is said of the B-200.
    """
    pair = len(_filled([first, *below])) == 2
    for i, cell in enumerate(first):
        if i and re.search(r"\d", re.sub(r"[(（].*?[)）]", "", cell)):
            column = _column(below, i)
            alike = _masked(cell) in map(_masked, column)
            if _AMOUNT.match(cell) or alike or (pair and not all(map(_NUMBER.match, column))):
                return True
    return False


def _named_by_time(first: Sequence[str], below: Sequence[Sequence[str]]) -> set[str]:
    """The years or months in the first row, if they name columns: two at least, and not above others."""
    times = {i: cell for i, cell in enumerate(first) if i and _TIME.fullmatch(cell)}
    values = [cell for i in times for cell in _column(below, i)]
    named = len(set(times.values())) > 1 and not all(map(_TIME.fullmatch, values))
    return set(times.values()) if named else set()


def _column(rows: Sequence[Sequence[str]], i: int) -> list[str]:
    return [row[i] for row in rows[:_SEEN] if i < len(row) and row[i]]


def _masked(cell: str) -> str:
    return re.sub(r"\d+", "0", cell)


def _filled(table: Sequence[Sequence[str]]) -> list[int]:
    """The columns in which anything stands."""
    return sorted({i for row in table for i, cell in enumerate(row) if cell})


def _pair_line(left: str, right: str) -> str:
    """A label and its value; what is no label (a number, a sentence) stands alone."""
    label = right and len(left) <= 40 and any(map(str.isalpha, left))
    return _row_line([left], [right]) if label else _row_line([], [left, right])


def _row_line(names: Sequence[str], cells: Sequence[str]) -> str:
    colon, semicolon = ("：", "；") if any(map(CJK.search, names or cells)) else (": ", "; ")
    labels = [f"{name.rstrip(':：')}{colon}" if name else "" for name in names]
    pairs = zip_longest(labels, cells, fillvalue="")
    return semicolon.join(label + cell for label, cell in pairs if cell)


def csv_blocks(text: str) -> Iterator[str]:
    """The tables of a CSV file, cut where Excel's `sep=` says, or at the mark that most first lines have."""
    named = _SEP.match(text)
    text = text[named.end() :] if named else text
    head = _QUOTED.sub("", text[: 1 << 15]).splitlines()[:20]
    counts = {mark: [line.count(mark) for line in head if line] or [0] for mark in ",;\t|"}
    likely = max(counts, key=lambda mark: (median(counts[mark]), min(counts[mark])))
    delimiter = named[1] if named else likely
    rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        yield from sheet_blocks(rows)
    except csv.Error as error:
        where = f"near line {rows.line_num} ({error})"
        raise DamagedFile(f"has a quote that never closes {where}; mend it") from error
