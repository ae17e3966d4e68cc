"""Markdown as people write it -> the light Markdown of `index.text`."""

from __future__ import annotations

import re

from index.readers.flow import unwrap
from index.readers.tables import table_lines

_CODE_OR_TABLE = re.compile(
    r"^ *(?P<fence>`{3,}|~{3,})[^`\n]*\n(?:(?! *(?P=fence)).*\n)* *(?P=fence)[`~]* *$"
    r"|^(?=.*\|)(?P<names>.*)\n *(?P<rule>\|?(?: *:?-+:? *\|)+(?: *:?-+:?)?) *$(?P<rows>(?:\n(?=.*\|).*)*)",
    re.MULTILINE,
)
"""A fence that never closes is none: what stands below it is more likely text than code."""

_COMMENT = re.compile(
    r"#[ ]+(?:(?:of|per)[ ]|[a-z][^:\n]*:[ ]*\d|.*\n#(?!#)|.*\n[\w.-]+[ ]*=(?!=)"
    r"|.*(?:(?<![A-Z])(?<!\bInc)(?<!\bLtd)(?<!\bCo)(?<!\bCorp)\.|[。;；,，])[ ]*$)",
    re.MULTILINE,
)
"""At the top of a text: a column, a line above another one or above a setting, a sentence."""


def lighten(text: str) -> str:
    """Underlined headings become `#` headings, wrapped paragraphs flow, rows of tables name their columns."""
    parts: list[str] = []
    end = 0
    for found in _CODE_OR_TABLE.finditer(text):
        parts += [
            _prose(text[end : found.start()]),
            as_code(found.group()) if found["fence"] else _table(found),
        ]
        end = found.end()
    return "".join([*parts, _prose(text[end:])])


def as_code(text: str) -> str:
    """Code in which no line begins with `#`: a comment would be taken for a heading."""
    return re.sub("^#", " #", text, flags=re.MULTILINE)


def _prose(text: str) -> str:
    return unwrap(underlined(text))


def underlined(text: str) -> str:
    """Headings that are underlined, with `#` before them instead."""
    for mark, underline in (("#", "=+"), ("##", "-{2,}"), ("###", "~{2,}")):
        heading = rf"(?:(?<=\n\n)|\A)(?![-#>|\s])(.*\S)[ ]*\n{underline}[ ]*$"
        text = re.sub(heading, rf"{mark} \1", text, flags=re.MULTILINE)
    return text


def is_marked(text: str) -> bool:
    """Whether lines of plain text that begin with `#` are headings: comments of code know one level.

    >>> is_marked("# Notes\\n\\nAll is well."), is_marked("Look:\\n\\n# by the installer\\nport = 8443")
    (True, False)
    """
    return re.search(r"\A#[ ].+\n[ ]*\n|^##+[ ]+\w", text, re.MULTILINE) is not None


def own_headings(text: str) -> str:
    """Plain text in which only headings begin with `#`, not comments of code and columns: `# of seats`.

    >>> own_headings("# Travel\\nBy train.\\n# of trips: 3"), own_headings("# of trips: 3\\n\\nBy train.")
    ('# Travel\\nBy train.\\n # of trips: 3', ' # of trips: 3\\n\\nBy train.')
    """
    text = f" {text}" if _COMMENT.match(text) else text
    if is_marked(text):
        return text
    first, end, rest = text.partition("\n")
    return first + end + as_code(rest)


def _table(found: re.Match[str]) -> str:
    names = _cells(found["names"])
    if len(names) != len(_cells(found["rule"])):
        return found.group()
    rows = [_cells(row) for row in found["rows"].split("\n")[1:]]
    lines = table_lines(rows, names if any(names) else ())
    return "\n".join(lines or table_lines([names], ()))


def _cells(row: str) -> list[str]:
    inner = re.sub(r"(?<!\\)\|$", "", row.strip().removeprefix("|"))
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]
