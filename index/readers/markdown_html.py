"""HTML that stands in Markdown -> Markdown, or nothing: comments and tags are no text."""

from __future__ import annotations

import re
from html import unescape

from index.readers.html_blocks import fragment_text
from index.text import ITEM, RAISED

_TAGS = (
    "a|abbr|b|big|blockquote|br|center|cite|code|dd|del|details|dfn|div|dl|dt|em|figcaption|figure|font|h[1-6]"
    "|hr|i|img|ins|kbd|li|mark|nobr|ol|p|picture|pre|q|s|samp|section|small|source|span|strike|strong|sub"
    "|summary|sup|t(?:able|body|foot|head|[dhrt])|u|ul|wbr"
)
_GIVEN = r"(?:\s+(?:compact|hidden|noshade|nowrap|open|reversed)?|\s[^<>=]*=[^<>]*)?"
"""Attributes of a tag; `a <b and b> c` compares."""
_TAG = rf"</?(?:{_TAGS}){_GIVEN}/?>"
_INLINE = (
    r"(?P<code>(?<!`)(?P<tick>`+)(?!`)(?:[^\n]|\n(?![ ]*(?:\n|[-*+>|#]|\d+[.)])))*?(?<!`)(?P=tick)(?!`))"
    rf"|\\(?P<escaped>{_TAG})"
    rf"|(?P<gone><!--(?:(?!<!--)[\s\S])*?-->\n?|<(?P<del>del|s|strike){_GIVEN}>"
    r"(?:(?!<(?P=del)\b)(?:[^\n]|\n(?![ ]*\n)))*?</(?P=del)>)"
    rf"|<sup{_GIVEN}>[ ]*(?:<a\b[^<>]*>)?(?P<raised>[0-9+−-]+)(?:</a>)?[ ]*</sup>"
    rf"|(?P<tag>{_TAG}|<var>(?=[^<>\n]*</var>)|</var>)"
    r"|(?P<entity>&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});)"
)
_SHOWN = re.compile(_INLINE, re.IGNORECASE)
_PARTS = re.compile(
    r"(?P<fenced>^[ ]*(?P<fence>`{3,}|~{3,})[^`\n]*\n(?:(?![ ]*(?P=fence)).*\n)*[ ]*(?P=fence)[`~]*[ ]*$)"
    r"|^(?P<heading>#{1,6})[ ].*"
    rf"|(?P<block>^[ ]{{0,3}}<(?P<kind>table|ul|ol|dl|h[1-6]|pre)\b(?:(?!<(?P=kind)\b)[\s\S])*?</(?P=kind)>)"
    r"|<summary>(?P<summary>(?:(?!<summary>)[\s\S])*?)</summary>|(?P<end></details>)"
    rf"|(?P<item><li>[ ]*)|{_INLINE}",
    re.MULTILINE | re.IGNORECASE,
)
"""What is code stays, tags that are no HTML as well: `<name>` may be what a reader is to fill in."""
_ONE_LINE = re.compile(rf"[ ]*[>#]|.*\||.*<t[dh]\b|{ITEM.pattern.replace('^', '[ ]*', 1)}", re.IGNORECASE)
"""A line that has to stay one: a row, an item, a quotation."""
_NEAR = 500
"""Characters in which a line ends, or is a paragraph."""


def without_html(text: str) -> str:
    r"""Markdown in which tables and lists of HTML are light Markdown, and what `<details>` holds a section.

    >>> without_html("Up to <!-- draft -->20&nbsp;MB.\n<table><tr><th>Env<th>URL<tr><td>prod<td>p.io</table>")
    'Up to 20 MB.\n\nEnv: prod; URL: p.io\n'
    """
    told: list[str] = []
    end = 0
    heading = ""  # that of the section which `<details>` interrupts
    inside = False
    for found in _PARTS.finditer(text):
        told.append(text[end : found.start()])
        end = found.end()
        if found["fenced"]:
            told.append(found[0])
        elif found["heading"]:
            told.append(_plain(found[0]))
            heading = heading if inside else told[-1]
        elif found["block"]:
            told.append(f"\n{fragment_text(found[0])}\n")
        elif found["summary"] is not None:
            inside = bool(heading)
            mark = "#" * min(heading.find(" ") + 1, 6) + " " if inside else ""
            told.append(f"\n{mark}{fragment_text(found['summary'])}\n\n")
        elif found["end"] and inside:
            inside = False
            following = text[end : end + 200].lstrip()
            told.append(f"\n{heading}\n\n" if following and not following.startswith(("#", "<det")) else "")
        elif found["item"]:
            told.append("- ")
        elif found["tag"] and found["tag"][:3].lower() == "<br":
            told.append(_line_end(text, *found.span()))
        else:
            told.append(_shown(found))
    return "".join([*told, text[end:]])


def _plain(line: str) -> str:
    return _SHOWN.sub(_shown, line)


def _shown(found: re.Match[str]) -> str:
    """What a browser shows of it; a bar stays escaped, for it would part the cells of a table."""
    if found["code"] or found["escaped"]:
        return found["code"] or found["escaped"]
    if found["raised"]:
        return found["raised"].translate(RAISED)
    if found["entity"]:
        return unescape(found["entity"]).replace("\xa0", " ") if found["entity"] != "&#124;" else "\\|"
    return " " if (found["tag"] or "")[:3].lower() == "<br" else ""


def _line_end(text: str, start: int, end: int) -> str:
    """What `<br>` stands for: the end of a line that the writer ended, where the line need not stay one."""
    before = text[max(0, start - _NEAR) : start].rpartition("\n")[2]
    after = text[end : end + _NEAR].partition("\n")
    if not before.strip() or after[0].lstrip()[:1].islower() or _ONE_LINE.match(before + after[0]):
        return " "
    return "  " if after[1] and not after[0].strip() else "  \n"
