"""What a page of HTML holds and does not show: comments, alternative words, and elements styled away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ingest.loaders.base import Block, one_line
from ingest.suspicion import examine

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Style = Mapping[str, str]

_LABELS = ("alt", "title", "aria-label", "aria-description", "placeholder", "data-tooltip", "summary")
_SAYING_META = ("description", "og:description", "twitter:description", "abstract", "dc.description")
_UNPRINTED = ("script", "style", "head", "svg", "iframe", "nav", "title")
_DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;{}]+)")
_RULE = re.compile(r"([^{}@/]{1,200})\{([^{}]{0,2000})\}")
_CSS_COMMENT = re.compile(r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/")
# A selector that means the same wherever it stands; others would need the whole machinery of a browser.
_SELECTOR = re.compile(r"[.#]?[\w-]+")
_NOTHING = re.compile(r"0*(?:\.0*)?(?:px|pt|em|rem|%)?")
_TINY = re.compile(r"(?:[0-2](?:\.\d+)?(?:px|pt)|0?\.[0-2]\d*(?:em|rem)|\d(?:\.\d+)?%)")
_FAR_AWAY = re.compile(r"-\d{3,}(?:\.\d+)?(?:px|pt|em|rem|%|vw|vh)?")
_WHITE = re.compile(
    r"#f{3,4}|#[ef]{6}(?:ff)?|#f[a-f]f[a-f]f[a-f]|white|snow|ivory|rgba?\((?:\s*25[0-5]\s*,?){3}.*\)"
    r"|transparent|rgba\(.*,\s*0(?:\.0+)?\s*\)"
)
_MOVED = ("left", "top", "right", "text-indent", "margin-left", "margin-top")
_SIZES = ("width", "height", "max-height", "max-width")
_MOST = 500
_LEAST = 8


def conceal(tree: HtmlElement) -> list[Block]:
    """Take out of a page what it does not show, and tell what that was, each with how it is hidden."""
    found = [*_comments(tree), *_labels(tree)]
    rules = _rules(tree)
    around = ""
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.tag in (*_UNPRINTED, "html", "body"):
            continue
        way, certain = _way(element, rules)
        if not way or element.getparent() is None:
            continue
        text = one_line(element.text_content())
        around = around or tree.text_content()
        if text and (certain or any(examine([text], around))):
            found.append(Block(text, hidden=way))
        if certain or (found and found[-1].text == text):
            element.drop_tree()
    return found[:_MOST]


def comments(source: str) -> Iterator[Block]:
    """The comments of a text that may be no page at all."""
    for part in source.split("<!--")[1:]:
        text = one_line(part.partition("-->")[0])
        if len(text) >= _LEAST:
            yield Block(text, hidden="comment")


def _comments(tree: HtmlElement) -> Iterator[Block]:
    from lxml.etree import Comment

    for element in tree.iter(Comment):
        if len(text := one_line(element.text or "")) >= _LEAST:
            yield Block(text, hidden="comment")


def _labels(tree: HtmlElement) -> Iterator[Block]:
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        said = [element.get(name) or "" for name in _LABELS]
        if (
            element.tag == "meta"
            and (element.get("name") or element.get("property") or "").lower() in _SAYING_META
        ):
            said.append(element.get("content") or "")
        if element.tag == "input" and element.get("type") == "hidden":
            said.append(element.get("value") or "")
        if element.tag in ("noscript", "template"):
            said.append(element.text_content())
        yield from (Block(text, hidden="label") for one in said if len(text := one_line(one)) >= _LEAST)


def _rules(tree: HtmlElement) -> dict[str, dict[str, str]]:
    """Simple selectors (`p`, `.note`, `#x`) of the page's own style sheets -> what they set."""
    rules: dict[str, dict[str, str]] = {}
    for sheet in tree.iter("style"):
        text = _CSS_COMMENT.sub("", sheet.text or "")
        for names, body in _RULE.findall(text):
            for name in names.split(","):
                if _SELECTOR.fullmatch(name.strip()):
                    rules.setdefault(name.strip().lower(), {}).update(_declared(body))
    return rules


def _declared(text: str) -> dict[str, str]:
    pairs = _DECLARATION.findall(text.lower().replace("!important", ""))
    return {name: value.strip() for name, value in pairs}


def _styles(element: Any, rules: Mapping[str, Style]) -> tuple[dict[str, str], dict[str, str]]:
    """What the element says itself, and what the style sheets say of it."""
    own = _declared(element.get("style") or "")
    names = [
        element.tag,
        *(f".{name}" for name in (element.get("class") or "").split()),
        f"#{element.get('id')}",
    ]
    by_sheet: dict[str, str] = {}
    for name in names if rules else ():
        by_sheet.update(rules.get(name.lower(), {}))
    if element.tag == "font" and element.get("color"):
        own.setdefault("color", (element.get("color") or "").lower().strip())
    return own, by_sheet


def _way(element: Any, rules: Mapping[str, Style]) -> tuple[str, bool]:
    """How an element is hidden, "" if it is not, and whether that is certain.

    What a click may bring to light (a style sheet's `display: none`), and what is meant for those who listen
    to a page (moved out of it), is not.
    """
    if element.get("hidden") is not None:
        return "mark", True
    own, by_sheet = _styles(element, rules)
    both = {**by_sheet, **own}
    if not both:
        return "", False
    if both.get("display") == "none" or both.get("visibility") in ("hidden", "collapse"):
        return "mark", own.get("display") == "none" or own.get("visibility") in ("hidden", "collapse")
    if _NOTHING.fullmatch(both.get("opacity", "1")):
        return "mark", False
    size = both.get("font-size", "")
    if size and (_NOTHING.fullmatch(size) or _TINY.fullmatch(size)) and not _resized(element, rules):
        return "size", True
    if any(_FAR_AWAY.fullmatch(both.get(name, "")) for name in _MOVED):
        return "place", False
    if "hidden" in both.get("overflow", "") and any(
        both.get(name, "") in ("0", "0px", "1px") for name in _SIZES
    ):
        return "place", False
    if _WHITE.fullmatch(both.get("color", "")):
        return "colour", _on_white(element, rules)
    return ("colour", True) if both.get("color") and both.get("color") == _background(both) else ("", False)


def _resized(element: Any, rules: Mapping[str, Style]) -> bool:
    """Whether what is in it has a size of its own, as where blanks between boxes are taken away."""
    return any(
        "font-size" in {**by_sheet, **own}
        for child in element.iterdescendants()
        if isinstance(child.tag, str)
        for own, by_sheet in [_styles(child, rules)]
    )


def _background(style: Style) -> str:
    return style.get("background-color") or style.get("background") or ""


def _on_white(element: Any, rules: Mapping[str, Style]) -> bool:
    """Whether nothing around it is said to have another colour than white, and no other file could say so."""
    node = element
    while node is not None:
        if isinstance(node.tag, str):
            own, by_sheet = _styles(node, rules)
            background = (
                _background({**by_sheet, **own}) or node.get("bgcolor") or node.get("background") or ""
            )
            if background:
                return bool(_WHITE.fullmatch(background))
            if node.get("class") and node.get("class") != "" and not rules:
                return False
        node = node.getparent()
    return not element.getroottree().xpath("//link[contains(@rel, 'stylesheet')]")
