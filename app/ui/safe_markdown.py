"""Markdown from a model to HTML that can do no harm.

Whatever writes the answer may have been told by a hostile document what to write. So there is no HTML,
no image and no link that can be followed: an image shows its description, a link its text and its
address in letters. Marks `[n]` become links to what they cite.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_NUMBERS = r"(\d{1,3}(?:\s*,\s*\d{1,3})*)"
MARK = re.compile(rf"\[{_NUMBERS}\]")
_WIDE_MARK = re.compile(f"【{_NUMBERS}】")

# A sign of no script, which stands for a note in the text that is parsed.
_PLACE = "\ue000"
_NOTE = re.compile(rf"\[{_PLACE}(\d+)\]")

# Letters that turn the reading direction of what follows can make an address look like another one.
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")


@dataclass(frozen=True, slots=True)
class Mark:
    """Where `[n]` leads.

    Attributes:
        href: address of the viewer; empty: the mark is shown and leads nowhere (yet).
        title: what hovering shows.
    """

    href: str = ""
    title: str = ""


def safe_markdown(text: str, marks: Mapping[int, Mark] | None = None, notes: Sequence[str] = ()) -> str:
    """HTML of `text`; its `[n]` with n in `marks` become chips, others stay as they are written.

    Args:
        notes: HTML of our own making that stands where `note(i)` was put into the text.
    """
    clean = _WIDE_MARK.sub(r"[\1]", _DIRECTION.sub("", text))
    return str(_parser().render(clean, {"marks": marks or {}, "notes": notes}))


def note(i: int) -> str:
    """What holds the place of a note; see `without_places` for texts of others."""
    return f"[{_PLACE}{i}]"


def without_places(text: str) -> str:
    """A text that can hold no place of a note but those that are put into it."""
    return text.replace(_PLACE, "")


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # an empty chat has nothing to render

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    parser.enable(["table", "strikethrough"]).disable(["reference", "html_block", "html_inline", "entity"])
    parser.inline.ruler.before("link", "mark", _read_mark)
    parser.inline.ruler.before("link", "note", _read_note)
    for name, rule in _RULES.items():
        parser.add_render_rule(name, rule)
    return parser


def _read_mark(state: StateInline, silent: bool) -> bool:
    match = MARK.match(state.src, state.pos)
    known: Mapping[int, Mark] = state.env["marks"]
    numbers = [int(number) for number in match[1].split(",")] if match else []
    if not match or not all(number in known for number in numbers):
        return False
    if not silent:
        state.pending = state.pending.rstrip(" ")  # the chip keeps its own distance
        for number in numbers:
            token = state.push("mark", "", 0)
            token.meta = {"n": number, "mark": known[number]}
    state.pos = match.end()
    return True


def _read_note(state: StateInline, silent: bool) -> bool:
    match = _NOTE.match(state.src, state.pos)
    if not match or int(match[1]) >= len(state.env["notes"]):
        return False
    if not silent:
        state.push("note", "", 0).meta = {"html": state.env["notes"][int(match[1])]}
    state.pos = match.end()
    return True


def chip(n: int, mark: Mark) -> str:
    """The small raised number that stands for a source."""
    title = f' title="{escape(mark.title)}"' if mark.title else ""
    if not mark.href:
        return f'<sup class="d-mark"{title}>{n}</sup>'
    link = f'<a href="{escape(mark.href)}"{title} target="_blank" rel="noopener">{n}</a>'
    return f'<sup class="d-mark">{link}</sup>'


# -- how tokens are written; the signatures are markdown-it's ------------------------------------------


def _render_mark(_: Any, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    return chip(tokens[i].meta["n"], tokens[i].meta["mark"])


def _render_note(_: Any, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    return str(tokens[i].meta["html"])


def _render_image(_: Any, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    return f'<span class="d-link">{escape(tokens[i].content)} ({_address(tokens[i], "src")})</span>'


def _open_link(_: Any, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    return '<span class="d-link">'


def _close_link(_: Any, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    opening = max(j for j in range(i) if tokens[j].type == "link_open")  # links do not nest
    shown = "".join(token.content for token in tokens[opening + 1 : i])
    address = _address(tokens[opening], "href")
    return "</span>" if escape(shown) == address else f" ({address})</span>"


def _address(token: Token, attribute: str) -> str:
    return escape(str(token.attrGet(attribute) or ""))


def _render_code(_: Any, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    return f"<pre><code>{escape(tokens[i].content)}</code></pre>\n"


_RULES = {
    "mark": _render_mark,
    "note": _render_note,
    "image": _render_image,
    "link_open": _open_link,
    "link_close": _close_link,
    "fence": _render_code,
    "code_block": _render_code,
}
