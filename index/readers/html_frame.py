"""What a saved web page holds beside its text: menus, banners, footers, what is hidden, buttons."""

from __future__ import annotations

import re
from typing import Any

from index.text import one_line

_NO_TEXT = "script, style, noscript, template, iframe, select, object, video, audio, canvas, del, s, strike"
_FRAME = "nav, footer, [role=navigation], [role=search], [role=contentinfo], [role=menubar]"
_DIALOG = "[role=dialog], [role=alertdialog]"
_NAMED = ", ".join(
    f"[{attribute}*={word} i]"
    for attribute in ("class", "id")
    for word in ("cookie", "consent", "breadcrumb", "footer", "navbar", "skip", "navigation")
)
_NAME = re.compile(
    r"(?:.*cookie.*(?:banner|bar|notice|consent|popup|modal|dialog|message)|(?:gdpr|cookie)-?consent.*"
    r"|(?:.*[-_])?breadcrumbs?|(?:(?:site|page|main|global)[-_]?)?footer|navbar|skip(?:[-_]?(?:link|nav|to).*)?"
    r"|(?:site|main|page|top|mobile)[-_]?navigation)",
    re.IGNORECASE,
)
"""Usual classes and ids of a page's frame."""
_ASKS = re.compile(r"cookie|consent|subscribe|newsletter|sign up|log ?in|接受|同意|订阅|登录", re.IGNORECASE)
"""What dialogs that are no text want."""
_ASIDE = (
    "aside, header, [role=complementary], [role=banner], [role=menu], .sidebar, .toc, .pagination, .share"
)
"""What is frame if it is made of links; else it may be a note, or the head of an article."""
_ICONS = ", ".join(f"{tag}[aria-hidden=true]:not([title]):not([aria-label])" for tag in ("span", "i"))
_HIDDEN = f"[hidden], [style*=display i], [style*=visibility i], {_ICONS}"
_UNSEEN = re.compile(r"display:\s*none|visibility:\s*hidden", re.IGNORECASE)
_PANEL = re.compile(r"tab|accordion|collaps|toggle|panel|faq|answer|content", re.IGNORECASE)
"""Classes of what is shown by a click."""
_TITLED = ("h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt")
_OPENERS = (*_TITLED, "button", "a")
_WORTH = 0.66
"""Share of the text outside links that makes an element the page's main part."""


def main_part(body: Any) -> Any:
    """Takes the frame out of a page.

    Returns:
        The one `main` or `article` that holds most of the text, or else `body`.
    """
    _drop(body.css(_NO_TEXT))
    _drop(body.css("sup:has(a[href*='#'])"))  # numbers of footnotes
    _drop([sup for sup in body.css("a[href*='#'] > sup") if sup.parent.text().strip() == sup.text().strip()])
    links = body.css(", ".join(f"{title} a" for title in _TITLED))
    _drop([a for a in links if re.fullmatch(r"\s*[^\w\s]\s*", a.text())])  # signs that link to a heading
    length = len(body.text())
    hidden = [node for node in body.css(_HIDDEN) if _is_hidden(node, body)]
    _drop([node for node in hidden if 2 * len(node.text()) <= length])
    _drop(body.css(_FRAME))
    named = [node for node in body.css(f"{_NAMED}, {_DIALOG}") if _is_named(node)]
    _drop([node for node in named if 2 * len(node.text()) <= length])
    beside = [node for node in body.css(_ASIDE) if not (node.css_first("h1") or _heads(node))]
    _drop([node for node in beside if 3 * _linked(node) >= _length(node)])
    _drop([node for node in body.css("button") if not (is_title(node) or _is_opener(node))])
    worth = _WORTH * (_length(body) - _linked(body))
    for kind in ("main, [role=main]", "article"):
        found = body.css(kind)
        if len(found) == 1 and _length(found[0]) - _linked(found[0]) >= worth:
            return found[0]
    return body


def is_title(button: Any) -> bool:
    """Whether a button stands in a heading, and is most of its words."""
    node = button.parent
    for _ in range(3):
        if node is None or node.tag in _TITLED:
            break
        node = node.parent
    return node is not None and node.tag in _TITLED and 2 * _length(button) >= _length(node)


def panel_names(body: Any) -> dict[int, str]:
    """The names of tabs, by the `mem_id` of what each shows; takes out the tabs that are so known."""
    tabs, panels = body.css("[role=tab]"), body.css("[role=tabpanel]")
    by_id = {node.attributes["id"]: node for node in tabs if node.attributes.get("id")}
    in_order = tabs if len(tabs) == len(panels) else [None] * len(panels)
    named = [
        (panel, by_id.get(panel.attributes.get("aria-labelledby"), tab))
        for panel, tab in zip(panels, in_order, strict=True)
    ]
    told = {panel.mem_id: one_line(tab.text()) for panel, tab in named if tab is not None}
    if told and len(told) == len(panels):
        _drop([tab for tab in tabs if not is_title(tab)])
    return told


def _heads(node: Any) -> bool:
    """Whether a node is the head of an article: its title may be a link."""
    return node.tag == "header" and node.css_first("h2, h3, h4, h5, h6") is not None


def _drop(nodes: list[Any]) -> None:
    """Takes out nodes that stand in the order of the page, those inside others before them."""
    for node in reversed(nodes):
        node.decompose()


def _is_named(node: Any) -> bool:
    """Whether the role or a class of a node is that of a frame."""
    dialog = "dialog" in (node.attributes.get("role") or "") and _ASKS.search(node.text()) is not None
    return node.tag not in ("main", "article") and (dialog or any(map(_NAME.fullmatch, _names(node))))


def _is_hidden(node: Any, body: Any) -> bool:
    """Whether nobody sees a node; what a click opens is no such thing."""
    given = node.attributes
    if "hidden" not in given and not _UNSEEN.search(given.get("style") or "") and "aria-hidden" not in given:
        return False
    if given.get("role") in ("tabpanel", "region") or _PANEL.search(" ".join(_names(node))):
        return False
    name = given.get("id") or ""
    if re.fullmatch(r"[\w-]+", name):
        to = (f'[{key}="{name}"]' for key in ("aria-controls", "data-target", "data-bs-target"))
        shown = (f'[{key}="#{name}"]' for key in ("href", "data-target", "data-bs-target"))
        if body.css_first(", ".join([*to, *shown])):
            return False
    before = node.prev
    while before is not None and not before.is_element_node:
        before = before.prev
    if before is None or node.tag in ("span", "i", "td", "th"):
        return True
    asks = before.text().strip().endswith(("?", "？"))
    return not (asks or before.tag in _OPENERS or before.css_first(", ".join(_OPENERS)))


def _is_opener(button: Any) -> bool:
    """Whether a button is the title of what it opens."""
    given = button.attributes
    words = button.text().strip()
    if words.endswith(("?", "？")) and len(words) > 5:
        return True
    toggled = given.get("data-bs-toggle") or given.get("data-toggle") or "collapse"
    opens = given.keys() & {"aria-expanded", "aria-controls", "data-bs-toggle", "data-toggle"}
    tab = given.get("role") == "tab"
    return bool(words) and (tab or (bool(opens) and toggled == "collapse" and "aria-haspopup" not in given))


def _names(node: Any) -> list[str]:
    return f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}".split()


def _length(node: Any) -> int:
    return len("".join(node.text().split()))


def _linked(node: Any) -> int:
    """Characters of the links in a node."""
    return sum(map(_length, node.css("a:not([href^='tel:']):not([href^='mailto:'])")))
