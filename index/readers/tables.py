"""Rows of cells to text: a line a row, each value under its column's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, takewhile, zip_longest
from statistics import median

from index.readers.cells import SEEN, Table, column, count_filled, filled_columns, kinds, masked
from index.readers.forms import form_rows, is_sheet_form, is_wide_form, may_be_form
from index.readers.headers import TIME, Headed, headed
from index.readers.sections import section, section_columns
from index.text import CJK, one_line, width

_LONGEST_NAME = 80
"""Characters of a table's name."""
_WIDEST_TITLE = 60
"""Columns of text of what stands above some rows of a table; more is a note."""
_ENDS = tuple(".。;；!！")
_ORDINAL = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[)）、.．]?")
_HEADING = re.compile(r"^(#{1,6})[ \t]")


def sheet_blocks(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The tables of a sheet: blank rows part them, one-cell rows on top of one are its caption.

    A header holds for the tables below it until the next one, if they are like its own.
    """
    header: Sequence[str] = ()
    own: Table = ()
    below = False
    for filled, group in groupby(([one_line(cell) for cell in row] for row in rows), key=any):
        table: Table = list(group) if filled else []
        captions, table = _captions(table)
        if below and table:  # what follows a list of questions does not belong to the last of them
            below = False
            first = captions[:1] or [", ".join(filter(None, table[0]))]
            captions = [f"## {first[0][:_LONGEST_NAME]}", *captions[1:]]
        yield from captions
        found = _named(table, is_sheet_form)
        if found:
            if found.above:
                yield "\n".join(_title_lines(found.above))
            header, own = found.names, found.rows
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


def _named(table: Table, is_form: Callable[[Table], bool]) -> Headed | None:
    """A table by its header, unless it is a form, or might be one: a false name is worse than none."""
    found = headed(table)
    if found is None or found.above or section_columns(found.rows, found.names):
        return found
    return None if is_form(table) or may_be_form(table) else found


def _goes_on(table: Table, header: Sequence[str], own: Table) -> bool:
    """Whether `table` may stand under the header of the table `own`: it is no note, and no small table.

    Of two columns, the right one has to be of the same kind, and not begin with a year above numbers.
    """
    here, named = filled_columns(table), filled_columns([header])
    if len(here) > 2:
        return set(here) <= set(named)
    if len(here) < 2 or here != named:
        return False
    values = column(table, here[1])
    these, known = kinds(values), kinds(column(own, here[1]))
    year = len(values) > 1 and TIME.fullmatch(values[0]) and not any(map(TIME.fullmatch, values[1:]))
    return not year and (not known or these <= known)


def _captions(table: Table) -> tuple[list[str], Table]:
    """The rows of one cell on top of a table of more columns, and the others."""
    wide = any(count_filled(row) > 1 for row in table)
    above = [*takewhile(lambda row: wide and count_filled(row) == 1, table)]
    return [_plain("".join(row)) for row in above], table[len(above) :]


def _title_lines(rows: Table) -> list[str]:
    """Rows above a header: labels, each with its value beside it, or words that stand alone."""
    return [
        _form_line([(row[i], row[i + 1]) for i in range(0, len(row), 2)])
        if len(row) % 2 == 0 and all(_is_label(label) for label in row[::2])
        else _row_line([], row)
        for row in map(_beside, rows)
    ]


def _beside(row: Sequence[str]) -> list[str]:
    """The cells of a row without the empty ones around them."""
    filled = [i for i, cell in enumerate(row) if cell]
    return list(row[filled[0] : filled[-1] + 1])


def table_lines(rows: Iterable[Sequence[str]], header: Sequence[str] | None = None) -> list[str]:
    """One line a row, `Column: value; Column: value`, in Chinese `栏：值；栏：值`.

    Without `header`, rows of one cell on top are captions, and first rows that read like a header are
    taken for it; else two columns are labels and their values, and more stand alone, unless they are a form.
    A name that spans columns stands in the first of them, the others are empty.

    >>> table_lines([["Name", "Days"], ["Li", "15"], ["Wu", ""]])
    ['Name: Li; Days: 15', 'Name: Wu']
    >>> table_lines([["Staff", "2023", ""], ["", "Men", "Women"], ["Plant", "5", "7"]])
    ['Staff: Plant; 2023 Men: 5; 2023 Women: 7']
    >>> table_lines([["Weight", "84 kg"], ["Motor", "4 kW"]])
    ['Weight: 84 kg', 'Motor: 4 kW']
    >>> table_lines([["张三", "15", "销售"], ["李四", "10", "销售"]])
    ['张三；15；销售', '李四；10；销售']
    """
    table: Table = [cells for cells in ([one_line(cell) for cell in row] for row in rows) if any(cells)]
    above: list[str] = []
    if header is None:
        above, table = _captions(table)
        if found := _named(table, is_wide_form):
            above += _title_lines(found.above)
            header, table = found.names, found.rows
    names = [one_line(name) for name in header or ()]
    if any(names):
        return above + _named_lines(names, table)
    if len(filled_columns(table)) == 2:
        return above + [_pair_line(*pair) for row in form_rows(table) for pair in row]
    if is_wide_form(table):
        return above + [_form_line(row) for row in form_rows(table)]
    return above + [_row_line([], cells) for cells in table]


def _named_lines(names: list[str], table: Table) -> list[str]:
    """Rows under a header; what stands alone in one of them is a note, or the title of those below it.

    A title announces the rows that follow with a colon, so that it stands in one passage with the first.
    """
    rows = [cells for cells in table if cells != names or len(names) == 1]
    alone = _alone(rows, count_filled(names)) if len(rows) > 1 and count_filled(names) > 2 else []
    titles = [
        at
        for at, words in enumerate(alone[:-1])
        if words and not alone[at + 1] and width(words) <= _WIDEST_TITLE and not words.endswith(_ENDS)
    ]
    for at in titles if len(titles) > 1 else ():
        alone[at] = f"{alone[at].rstrip(':：')}{'：' if CJK.search(alone[at]) else ':'}"
    both = zip_longest(rows, alone, fillvalue="")
    return [_plain(words) if words else _row_line(names, row) for row, words in both]


def _alone(rows: Table, columns: int) -> list[str]:
    """What each row says that says it in its first cell alone; "" for those that are rows of the table.

    A thing of which nothing is said is none of these: it has a code like the others, or they lack cells, too.
    """
    words = [_only(row) for row in rows]
    others = [row for row, alone in zip(rows, words, strict=True) if not alone]
    first = [row[0] for row in others[:SEEN] if row[0]]
    codes = {masked(cell) for cell in first if any(map(str.isdigit, cell))}
    full = median(map(count_filled, others[:SEEN] or [[]])) >= columns - (columns > 4)
    widest = max(map(width, first), default=0)
    return [
        alone
        if masked(alone) not in codes and (full or alone.endswith(_ENDS) or width(alone) > 2 * widest)
        else ""
        for alone in words
    ]


def _only(row: Sequence[str]) -> str:
    """The words of a row whose first cell says all: "Pumps"; or an ordinal and a title: 一、, 办公费."""
    filled = [cell for cell in row if cell]
    if not row[0] or len(filled) > 2 or (len(filled) == 2 and not _ORDINAL.fullmatch(row[0])):
        return ""
    return "".join(filled) if row[0][-1] in "、.．)）" else "、".join(filled)


def _pair_line(left: str, right: str) -> str:
    """A label and its value; what is no label (a number, a sentence) stands alone."""
    return _row_line([left], [right]) if right and _is_label(left) else _row_line([], [left, right])


def _form_line(pairs: Sequence[tuple[str, str]]) -> str:
    """The labels and values of a row of a form: 姓名：王小明；性别：男."""
    labelled = [(label, value) if label and value else ("", label or value) for label, value in pairs]
    return _row_line([label for label, _ in labelled], [value for _, value in labelled])


def _is_label(words: str) -> bool:
    return len(words) <= 40 and any(map(str.isalpha, words))


def _row_line(names: Sequence[str], cells: Sequence[str]) -> str:
    chinese = any(map(CJK.search, names if any(names) else cells))
    colon, semicolon = ("：", "；") if chinese else (": ", "; ")
    labels = [f"{name.rstrip(':：')}{colon}" if name else "" for name in names]
    pairs = zip_longest(labels, cells, fillvalue="")
    return _plain(semicolon.join(label + cell for label, cell in pairs if cell))


def _plain(line: str) -> str:
    """A line that is no heading, even if it begins with "# of seats": with a no-break space."""
    return _HEADING.sub("\\1\u00a0", line)
