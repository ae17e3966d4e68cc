"""Reader of HTML: bytes -> `Draft`, its text the light Markdown of `index.text`."""

from __future__ import annotations

import re

from index.readers.formats import Draft
from index.readers.html_blocks import Blocks
from index.readers.html_frame import main_part, panel_names
from index.text import decode, one_line, stack


def read_html(data: bytes) -> Draft:
    """A page without its frame (menus, banners, footers), under its title."""
    from selectolax.lexbor import LexborHTMLParser

    declared = re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", data[:4096], re.IGNORECASE)
    tree = LexborHTMLParser(decode(data, declared[1].decode() if declared else ""))
    heading = tree.css_first("title")
    title = one_line(heading.text()) if heading else ""
    if tree.body is None:
        return Draft("", title)
    names = panel_names(tree.body)
    part = main_part(tree.body)
    above = "" if part.css_first("h1") else f"# {title}" if title else ""
    text = stack(Blocks(above, names).of(part))
    return Draft(f"{above}\n\n{text}" if above and text else text, title)
