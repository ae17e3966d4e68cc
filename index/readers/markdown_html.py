"""HTML that stands in Markdown -> Markdown, or nothing: comments and tags are no text."""

from __future__ import annotations

import re
from html import unescape

from index.readers.html_blocks import fragment_text
from index.text import RAISED

_TAGS = (
    "a|abbr|b|big|br|center|cite|code|dd|details|div|dl|dt|em|figcaption|figure|font|h[1-6]|hr|i|img|ins|kbd|li"
    "|mark|ol|p|picture|section|small|source|span|strong|sub|summary|sup|t(?:able|body|head|[dhr])|u|ul"
)
_PARTS = re.compile(
    r"(?P<code>^[ ]*(?P<fence>`{3,}|~{3,})[^`\n]*\n(?:(?![ ]*(?P=fence)).*\n)*[ ]*(?P=fence)[`~]*[ ]*$"
    r"|(?<!`)(?P<tick>`+)(?!`)[^\n]*?(?<!`)(?P=tick)(?!`))"
    r"|^(?P<heading>#{1,6})[ ].*"
    r"|(?P<gone><!--(?:(?!<!--)[\s\S])*?-->\n?|<(?P<del>del|s|strike)>[^<>]*</(?P=del)>)"
    r"|(?P<block>^[ ]{0,3}<(?P<kind>table|ul|ol|dl|h[1-6])\b(?:(?!<(?P=kind)\b)[\s\S])*?</(?P=kind)>)"
    r"|<summary>(?P<summary>(?:(?!<summary>)[\s\S])*?)</summary>|(?P<end></details>)"
    rf"|(?P<item><li>[ ]*)|(?P<tag></?(?:{_TAGS})(?:\s[^<>]*)?/?>)"
    r"|(?P<entity>&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});)",
    re.MULTILINE | re.IGNORECASE,
)
"""What is code stays, tags that are no HTML as well: `<name>` may be what a reader is to fill in."""


def without_html(text: str) -> str:
    r"""Markdown in which tables and lists of HTML are light Markdown, and what `<details>` holds a section.

    >>> without_html("Up to <!-- draft -->20&nbsp;MB.\n<table><tr><th>Env<th>URL<tr><td>prod<td>p.io</table>")
    'Up to 20 MB.\n\nEnv: prod; URL: p.io\n'
    """
    text = _raised(text)
    told: list[str] = []
    end = 0
    heading = ""  # that of the section which `<details>` interrupts
    inside = False
    for found in _PARTS.finditer(text):
        told.append(text[end : found.start()])
        end = found.end()
        if found["code"]:
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
        elif found["tag"]:
            told.append(" " if found["tag"][:3].lower() == "<br" else "")
        elif found["entity"]:
            told.append(_plain(found[0]))
    return "".join([*told, text[end:]])


def _raised(text: str) -> str:
    return re.sub(
        r"<sup>([0-9+-]+)</sup>", lambda found: found[1].translate(RAISED), text, flags=re.IGNORECASE
    )


def _plain(text: str) -> str:
    """Text without tags and entities; a bar stays escaped, for it would part the cells of a table."""
    words = re.sub(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", "", text, flags=re.IGNORECASE)
    return unescape(words).replace("\xa0", " ") if words != "&#124;" else "\\|"
